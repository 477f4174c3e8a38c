//! `mugai inspect`.

use crate::world::World;

/// Cases of everything that holds other files.
const HOLDERS: [(&str, &str); 17] = [
    ("zip/good", "a.zip"),
    ("zip/nested", "a.zip"),
    ("7z/good", "a.7z"),
    ("rar/good", "a.rar"),
    ("lha/good", "a.lzh"),
    ("cab/good", "a.cab"),
    ("tar/good", "a.tar"),
    ("gzip/good", "a.csv.gz"),
    ("gzip/tape", "a.tar.gz"),
    ("bzip2/good", "a.csv.bz2"),
    ("xz/good", "a.csv.xz"),
    ("zstd/good", "a.csv.zst"),
    ("mail/nested", "a.eml"),
    ("mbox/good", "a.mbox"),
    ("msg/good", "a.msg"),
    ("tnef/good", "winmail.dat"),
    ("cms/good", "a.p7m"),
];

#[test]
fn every_part_of_everything_is_told_and_nothing_is_written() {
    for (case, name) in HOLDERS {
        let world = World::new();
        world.case(case, name);
        let said = world.run(&["inspect", name]);
        assert!(matches!(said.code, 0 | 1), "{case}: {}", said.err);
        let told = said.out.lines().filter(|line| {
            let place = line.trim_start().split(' ').next().unwrap_or_default();
            place == "0" || place.starts_with("0.")
        });
        // as many as the report that was approved for the case has
        let report = mugai_testkit::corpus::root().join(case).join("report.json");
        let report = std::fs::read_to_string(report).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        let parts = report["totals"]["parts"].as_u64();
        assert_eq!(
            u64::try_from(told.count()).ok(),
            parts,
            "{case}: {}",
            said.out
        );
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
    assert!(
        shown.out.contains("2 given") && !shown.out.contains("secret"),
        "{}",
        shown.out
    );
    let explained = world.run(&["policy", "explain", "--policy", "policy.toml", "a.7z"]);
    assert!(!explained.out.contains("secret") && !explained.err.contains("secret"));
    let said = world.run(&["sanitise", "--policy", "policy.toml", "a.7z", "-o", "out"]);
    assert_eq!(said.code, 0, "{} {}", said.out, said.err);
    for (name, bytes) in world.tree("out") {
        let told = bytes.windows(6).any(|window| window == b"secret");
        assert!(!told, "{name} tells the password");
    }
}
