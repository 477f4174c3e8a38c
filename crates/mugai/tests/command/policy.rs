//! `mugai policy`.

use crate::world::World;

#[test]
fn presets_are_shown_with_all_they_say() {
    let world = World::new();
    let said = world.run(&["policy", "show"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for word in [
        "municipal-lgwan",
        "hash",
        "internet -> lgwan",
        "flatten",
        "deadline",
    ] {
        assert!(said.out.contains(word), "{word} in {}", said.out);
    }
    assert_ne!(said.out, world.run(&["policy", "show", "strict"]).out);
    assert_eq!(world.run(&["policy", "show", "no-such"]).code, 2);
}

#[test]
fn checking_tells_the_key_and_what_is_accepted() {
    let world = World::new();
    let presets = ["policy", "check", "municipal-lgwan", "strict", "text-only"];
    assert_eq!(world.run(&presets).code, 0);
    for (text, words) in [
        ("name = \"x\"\nnonsense = 1\n", "nonsense"),
        (
            "name = \"x\"\n[[route]]\nfrom = \"a\"\nto = \"b\"\n[route.treat]\npdf = \"pass\"\n",
            "flatten, redraw, text, withhold",
        ),
        (
            "name = \"x\"\n[[route]]\nfrom = \"a\"\nto = \"b\"\n[route.limits]\npart = { bytes = \"64\" }\n",
            "MiB",
        ),
    ] {
        world.file("p.toml", text.as_bytes());
        let said = world.run(&["policy", "check", "p.toml"]);
        assert_eq!(said.code, 2);
        assert!(said.err.contains(words), "{words} in {}", said.err);
    }
}

#[test]
fn explaining_names_kind_treatment_and_rule() {
    let world = World::new();
    world.case("png/good", "lie.txt");
    world.case("other/executable", "a.exe");
    let said = world.run(&["policy", "explain", "lie.txt", "a.exe"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for words in [
        "png (image/png)",
        "treat.image = flatten",
        "executable (",
        "withhold",
    ] {
        assert!(said.out.contains(words), "{words} in {}", said.out);
    }
    let nowhere = world.run(&["policy", "explain", "a.exe", "--to", "nowhere"]);
    assert!(nowhere.out.contains("no route"), "{}", nowhere.out);
}
