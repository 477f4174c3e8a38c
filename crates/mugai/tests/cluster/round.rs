//! What many machines make of files is what one makes of them.

use crate::world::World;
use mugai_testkit::corpus::Place;
use std::os::unix::fs::{PermissionsExt, symlink};

/// Inputs of all kinds that the cases have, in folders, with the same content twice, the same name
/// twice, outputs that would have one name, and what is no file at all.
fn inputs(world: &World) {
    let root = mugai_testkit::corpus::root();
    for kind in ["mail", "plain", "png", "pdf"] {
        for folder in mugai_testkit::corpus::files(&root.join(kind)).expect("cases") {
            let name = folder
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let case = Place {
                name: folder.to_string_lossy().into_owned(),
                folder,
            };
            let (bytes, _) = case.input().expect("the recipe is good");
            if bytes.len() < 1 << 20 {
                let extension = if kind == "mail" { "eml" } else { kind };
                world.file(&format!("in/{kind}/{name}.{extension}"), &bytes);
            }
        }
    }
    world.file("in/same/a.txt", b"one text\n");
    world.file("in/same/b.txt", b"one text\n");
    world.file("in/other/a.txt", b"one text\n");
    world.file("in/stem/a.txt", b"one\n");
    world.file("in/stem/a.html", b"<p>two</p>\n");
    world.file("in/stem/A.TXT", b"three\n");
    world.file("in/empty", b"");
    symlink("/etc/passwd", world.path("in/link")).expect("a link");
}

#[test]
fn a_batch_comes_to_what_one_machine_makes() {
    for world in [World::s3(""), World::folder("")].into_iter().flatten() {
        inputs(&world);
        let local = world.local(&["in"]);
        assert!(local.len() > 50, "{}", local.len());
        world.good("submit", &["--batch", "one", "in"]);
        let (code, status) = world.json("status", &["--batch", "one"]);
        assert_eq!((code, &status["done"]), (Some(130), &0.into()), "{status}");
        let nodes = [world.node(&["--once"]), world.node(&["--once"])];
        for node in nodes {
            let said = node.end();
            assert!(matches!(said.code, Some(0 | 1)), "{said:?}");
        }
        let (code, status) = world.json("status", &["--batch", "one"]);
        assert_eq!((code, &status["open"]), (Some(1), &0.into()), "{status}");
        assert_eq!(status["forbidden"], 1, "{status}");
        assert!(
            status["withheld"].as_u64().expect("a number") > 0,
            "{status}"
        );
        world.good("fetch", &["--batch", "one", "-o", "out"]);
        assert!(world.tree("out") == local, "another tree");
        // again: nothing is done twice, and nothing is spoilt
        let said = world.good("fetch", &["--batch", "one", "-o", "out"]);
        assert!(
            said.out
                .contains(&format!("({} of them before)", status["done"])),
            "{said:?}"
        );
        assert!(world.tree("out") == local, "another tree");
        let (_, done) = world.json("reconcile", &[]);
        for none in ["sent", "purged", "extra"] {
            assert_eq!(done[none], 0, "{done}");
        }
        assert_eq!(done["queue"]["messages"], 0, "{done}");
    }
}

#[test]
fn a_batch_is_submitted_as_often_as_one_likes_and_never_replaced() {
    let Some(world) = World::folder("") else {
        return;
    };
    world.file("in/a.txt", b"a\n");
    for _ in 0..2 {
        world.good("submit", &["--batch", "one", "in"]);
    }
    world.file("in/a.txt", b"b\n");
    let said = world.batch("submit", &["--batch", "one", "in"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("name another one"), "{said:?}");
    assert_eq!(world.batch("status", &["--batch", "none"]).code, Some(2));
    world.good("work", &["--once"]);
    assert_eq!(world.objects("results"), 1);
    // a file that cannot be read is part of the batch, and of its report
    world.file("in/locked.txt", b"x\n");
    let none = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(world.path("in/locked.txt"), none).expect("ours");
    if std::fs::read(world.path("in/locked.txt")).is_err() {
        let said = world.batch("submit", &["--batch", "two", "in"]);
        assert_eq!(said.code, Some(4), "{said:?}");
    }
}

#[test]
fn a_node_that_is_asked_to_stop_gives_back_what_it_has() {
    // nobody waits for time to give out again what the first node had
    let Some(world) = World::folder("ack_wait = 3600") else {
        return;
    };
    for number in 0..400 {
        world.file(
            &format!("in/{number}.txt"),
            format!("number {number}\n").as_bytes(),
        );
    }
    world.good("submit", &["--batch", "one", "in"]);
    let node = world.node(&[]);
    while world.objects("results") == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let said = node.stop();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(world.objects("results") < 400, "too fast to be stopped");
    world.good("work", &["--once"]);
    let (code, status) = world.json("status", &[]);
    assert_eq!(
        (code, &status["sanitised"]),
        (Some(0), &400.into()),
        "{status}"
    );
    assert_eq!(status["queue"]["messages"], 0, "{status}");
}
