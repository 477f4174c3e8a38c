//! Policies: presets, refusals, routes.

use super::*;
use mugai_core::{Family, Kind, Treatment};

const HEAD: &str = "name = \"x\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n";

fn error(tail: &str) -> String {
    Policy::parse(&format!("{HEAD}{tail}"))
        .unwrap_err()
        .to_string()
}

#[test]
fn every_preset_parses_and_asks_for_workers() {
    for (name, text) in PRESETS {
        let policy = Policy::parse(text).unwrap();
        assert_eq!(policy.name(), name);
        assert_eq!(policy.isolation(), Isolation::Worker);
        assert_eq!(Policy::preset(name), Some(policy));
    }
    assert_eq!(Policy::preset("none"), None);
}

#[test]
fn there_is_no_route_into_mynumber_unless_written() {
    let policy = Policy::municipal_lgwan().unwrap();
    assert!(policy.route("internet", "lgwan").is_some());
    for zone in ["internet", "lgwan"] {
        assert!(policy.route(zone, "mynumber").is_none());
    }
    let explained = Explanation::of(&policy, "lgwan", "mynumber", Kind::Plain);
    assert_eq!(explained.treatment(), Treatment::Withhold);
    let written =
        Policy::parse("name = \"y\"\n[[route]]\nfrom = \"lgwan\"\nto = \"mynumber\"\n").unwrap();
    let route = written.route("lgwan", "mynumber").unwrap();
    assert!(
        Family::ALL
            .iter()
            .all(|f| route.treatments.of(*f) == Treatment::Withhold)
    );
}

#[test]
fn a_second_route_between_the_same_zones_is_refused() {
    let two = format!(
        "{HEAD}[route.treat]\nmail = \"text\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n"
    );
    let error = Policy::parse(&two).unwrap_err().to_string();
    assert!(error.contains("internet -> lgwan"), "{error}");
}

#[test]
fn a_line_with_a_password_is_never_shown() {
    for line in [
        "password = [\"hunter2\"",
        "Passwords = hunter2",
        "passwort = hunter2\n# passwd",
    ] {
        let error = Policy::parse(&format!("{HEAD}{line}\n")).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn errors_name_key_value_and_what_is_accepted() {
    for (tail, parts) in [
        (
            "[route.treat]\npdf = \"pass\"\n",
            &[
                "route[0].treat.pdf",
                "\"pass\"",
                "flatten, redraw, text, withhold",
            ][..],
        ),
        (
            "[route.treat]\nactive = \"text\"\n",
            &["route[0].treat.active", "accepted: withhold"],
        ),
        (
            "[route.treat]\nsheets = \"text\"\n",
            &["route[0].treat", "\"sheets\"", "mail, text, csv"],
        ),
        (
            "[route.settings]\ndpi = 71\n",
            &["settings.dpi", "\"71\"", "72 to 600"],
        ),
        (
            "[route.settings]\ndpi = 601\n",
            &["settings.dpi", "72 to 600"],
        ),
        (
            "[route.settings]\nlang = \"fr\"\n",
            &["settings.lang", "ja, en"],
        ),
        (
            "[route.limits]\npart = { bytes = 64 }\n",
            &["limits.part.bytes", "\"64\"", "64 MiB"],
        ),
        (
            "[route.limits]\npart = { deadline = \"1 s\" }\n",
            &["limits.part", "deadline"],
        ),
        (
            "[route.limits]\njob = { deadline = \"0 s\" }\n",
            &["limits.job.deadline", "120 s"],
        ),
        ("unknown = 1\n", &["unknown"]),
    ] {
        let message = error(tail);
        for part in parts {
            assert!(message.contains(part), "{message} should contain {part}");
        }
    }
    assert!(
        Policy::parse("name = \"a b\"")
            .unwrap_err()
            .to_string()
            .contains("a b")
    );
    assert!(
        Policy::parse("name = \"a\"\nisolation = \"none\"")
            .unwrap_err()
            .to_string()
            .contains("worker")
    );
}

#[test]
fn limits_are_read_with_their_units() {
    let tail = "[route.limits]\npart = { bytes = \"1 KiB\", steps = 5e3, parts = 7 }\njob = { deadline = \"2 min\" }\n";
    let policy = Policy::parse(&format!("{HEAD}{tail}")).unwrap();
    let route = policy.route("internet", "lgwan").unwrap();
    assert_eq!(
        (route.part.bytes, route.part.steps, route.part.parts),
        (1024, 5000, 7)
    );
    assert_eq!(route.deadline, Duration::from_mins(2));
}

#[test]
fn the_hash_is_of_the_meaning_and_not_of_the_text() {
    let (_, text) = PRESETS[0];
    let same = Policy::parse(&format!("# a comment\n{text}")).unwrap();
    assert_eq!(same.hash(), Policy::municipal_lgwan().unwrap().hash());
    assert_ne!(same.hash(), Policy::preset("strict").unwrap().hash());
}

#[test]
fn passwords_are_counted_and_not_shown() {
    let text = format!(
        "{HEAD}passwords = [\"himitsu-1\", \"秘密\"]\n[route.settings]\npasswords_in_mail = true\n"
    );
    let policy = Policy::parse(&text).unwrap();
    let route = policy.route("internet", "lgwan").unwrap();
    assert_eq!(route.secrets.passwords.len(), 2);
    assert!(route.secrets.in_mail && !route.secrets.again);
    let shown = format!("{route} {policy:?} {:?}", policy.hash());
    assert!(shown.contains("2 given") && !shown.contains("himitsu") && !shown.contains("秘密"));
    // how many there are decides about outputs, which ones cannot be guessed from the hash
    let other = Policy::parse(&text.replace("himitsu-1", "other")).unwrap();
    assert_eq!(policy.hash(), other.hash());
    let one = Policy::parse(&text.replace("\"himitsu-1\", ", "")).unwrap();
    assert_ne!(policy.hash(), one.hash());
}

#[test]
fn what_is_wrong_with_passwords_is_told_without_them() {
    for tail in [
        "passwords = \"himitsu\"\n".to_owned(),
        "passwords = [\"himitsu\", 12345678]\n".to_owned(),
        "passwords = [\"himitsu\", \"\"]\n".to_owned(),
        format!("passwords = [\"himitsu\", {}]\n", "\"x\", ".repeat(17)),
        "passwords = [\"himitsu\n".to_owned(),
        "passwords = [\"himitsu\" \"x\"]\n".to_owned(),
        "password = \"himitsu\"\npasswords = []\n".to_owned(),
    ] {
        let error = error(&tail);
        assert!(
            !error.contains("himitsu") && !error.contains("12345678"),
            "{error}"
        );
    }
    for path in ["relative", "/dev/null", "/nowhere/at/all"] {
        let error = error(&format!("password_file = \"{path}\"\n"));
        assert!(
            error.contains("password_file") && error.contains("absolute path"),
            "{error}"
        );
    }
    let error = error("[route.settings]\narchives = \"parts\"\nencrypt_again = true\n");
    assert!(error.contains("encrypt_again"), "{error}");
}
