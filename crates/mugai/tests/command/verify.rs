//! `mugai verify`.

use crate::world::World;

#[test]
fn outputs_are_inside_and_inputs_outside() {
    let world = World::new();
    for (case, name) in [
        ("mail/attachments", "a.eml"),
        ("png/metadata", "b.png"),
        ("jpeg/segments", "c.jpg"),
        ("pdf/active", "d.pdf"),
        ("csv/shift-jis", "e.csv"),
        ("text/live", "f.txt"),
    ] {
        world.case(case, name);
        assert_eq!(
            world.run(&["sanitise", name, "-o", "out"]).code,
            0,
            "{case}"
        );
        let (input, output) = (
            world.run(&["verify", name]),
            world.run(&["verify", &format!("out/{name}")]),
        );
        assert_eq!(input.code, 1, "{case}: {}", input.out);
        assert!(input.out.contains("outside our profiles"), "{}", input.out);
        assert_eq!(output.code, 0, "{case}: {}", output.out);
        assert!(output.out.contains("inside the profile"), "{}", output.out);
    }
}

#[test]
fn a_file_that_cannot_be_read_ends_with_4() {
    assert_eq!(World::new().run(&["verify", "missing.png"]).code, 4);
}
