//! `mugai inspect`.

use crate::world::World;

/// Cases of everything that holds other files, and how many parts each has.
const HOLDERS: [(&str, &str, usize); 17] = [
    ("zip/good", "a.zip", 3),
    ("zip/nested", "a.zip", 5),
    ("7z/good", "a.7z", 3),
    ("rar/good", "a.rar", 3),
    ("lha/good", "a.lzh", 3),
    ("cab/good", "a.cab", 3),
    ("tar/good", "a.tar", 3),
    ("gzip/good", "a.csv.gz", 2),
    ("gzip/tape", "a.tar.gz", 3),
    ("bzip2/good", "a.csv.bz2", 2),
    ("xz/good", "a.csv.xz", 2),
    ("zstd/good", "a.csv.zst", 2),
    ("mail/nested", "a.eml", 4),
    ("mbox/good", "a.mbox", 5),
    ("msg/good", "a.msg", 6),
    ("tnef/good", "winmail.dat", 4),
    ("cms/good", "a.p7m", 3),
];

#[test]
fn every_part_of_everything_is_told_and_nothing_is_written() {
    for (case, name, parts) in HOLDERS {
        let world = World::new();
        world.case(case, name);
        let said = world.run(&["inspect", name]);
        assert!(matches!(said.code, 0 | 1), "{case}: {}", said.err);
        let told = said.out.lines().filter(|line| {
            let place = line.trim_start().split(' ').next().unwrap_or_default();
            place == "0" || place.starts_with("0.")
        });
        assert_eq!(told.count(), parts, "{case}: {}", said.out);
        assert_eq!(world.list("."), [name]);
    }
}

#[test]
fn json_is_the_report() {
    let world = World::new();
    world.case("zip/good", "a.zip");
    let said = world.run(&["inspect", "--json", "a.zip"]);
    let report: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(report["schema"], "mugai.report/1");
    assert_eq!(report["parts"][0]["kind"], "zip");
}

#[test]
fn passwords_open_and_are_not_told() {
    for case in ["7z/password", "zip/password"] {
        let world = World::new();
        world.case(case, "a");
        world.file("passwords", b"wrong\nsecret\n");
        let closed = world.run(&["inspect", "a"]);
        assert!(closed.out.contains("password is needed"), "{}", closed.out);
        assert_eq!(closed.code, 1);
        for way in [
            &["inspect", "--password", "secret", "a"][..],
            &["inspect", "--password-file", "passwords", "a"],
        ] {
            let open = world.run(way);
            assert_eq!(open.code, 0, "{}", open.out);
            assert!(open.out.contains("あいさつ.txt") && open.out.contains("archive.password"));
            assert!(!open.out.contains("secret") && !open.err.contains("secret"));
        }
    }
}

#[test]
fn the_policy_has_passwords_and_shows_how_many() {
    let world = World::new();
    world.case("7z/password", "a.7z");
    let text = "name = \"x\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\npasswords = [\"other\", \"secret\"]\n\
                [route.treat]\ntext = \"text\"\narchive = \"rebuild\"\n";
    world.file("policy.toml", text.as_bytes());
    let shown = world.run(&["policy", "show", "policy.toml"]);
    assert!(shown.out.contains("2 given") && !shown.out.contains("secret"), "{}", shown.out);
    let explained = world.run(&["policy", "explain", "--policy", "policy.toml", "a.7z"]);
    assert!(!explained.out.contains("secret") && !explained.err.contains("secret"));
    let said = world.run(&["sanitise", "--policy", "policy.toml", "a.7z", "-o", "out"]);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    for (name, bytes) in world.tree("out") {
        let told = bytes.windows(6).any(|window| window == b"secret");
        assert!(!told, "{name} tells the password");
    }
}
