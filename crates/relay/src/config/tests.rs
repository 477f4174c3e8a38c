use super::*;
use crate::smtp::path::Path;

const LEAST: &str = r#"
[listen]
smtp = "127.0.0.1:10026"
[next]
address = "127.0.0.1:10027"
[state]
folder = "/var/lib/mugai"
[notice]
from = "mugai@city.example.jp"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Vec::new())
}

#[test]
fn little_has_to_be_said() {
    let config = parse(LEAST).unwrap();
    assert_eq!(config.limits.message, 150 << 20);
    assert_eq!(config.remembered, Duration::from_hours(7 * 24));
    assert_eq!(
        config.policies.keys().collect::<Vec<_>>(),
        ["municipal-lgwan"]
    );
    let environment = [("MUGAI_RELAY__LIMITS__JOBS".to_owned(), "3".to_owned())];
    assert_eq!(Config::parse(LEAST, environment).unwrap().limits.jobs, 3);
}

#[test]
fn seals_need_a_name_and_a_key() {
    let sealed =
        "[arc]\ndomain = \"City.Example\"\nselector = \"s1\"\nkey = \"/etc/mugai/arc.pem\"\n";
    let sealing = parse(&format!("{LEAST}{sealed}")).unwrap().sealing.unwrap();
    assert_eq!(sealing.domain, "city.example");
    assert_eq!(sealing.server, "city.example");
    assert!(sealing.headers.contains(&"from".to_owned()));
    let some = format!("{LEAST}{sealed}headers = [\"From\", \"Subject\"]\n");
    let sealing = parse(&some).unwrap().sealing.unwrap();
    assert_eq!(sealing.headers, ["from", "subject"]);
    assert_eq!(parse(LEAST).unwrap().sealing, None);
}

#[test]
fn what_cannot_be_is_named() {
    for (change, key) in [
        ("[limits]\nmessage = \"1 GiB\"", "limits.memory"),
        ("[limits]\njobs = 0", "limits"),
        ("[limits]\nidle = \"5\"", "limits.idle"),
        ("[default]\npolicy = \"none\"", "policies"),
        ("[[recipient]]\naddress = \"city\"", "recipient.address"),
        ("[[recipient]]\naddress = \"a b@city\"", "recipient.address"),
        ("[service]\naddress = \"http://x\"", "service"),
        ("[service]\naddress = \"https://x:1\"", "service"),
        (
            "[arc]\ndomain = \"city\"\nselector = \"a\"\nkey = \"/k\"",
            "arc.domain",
        ),
        (
            "[arc]\ndomain = \"c.jp\"\nselector = \"a b\"\nkey = \"/k\"",
            "arc.selector",
        ),
        (
            "[arc]\ndomain = \"c.jp\"\nselector = \"a\"\nkey = \"/k\"\nauthserv_id = \"x;y\"",
            "arc.authserv_id",
        ),
        (
            "[arc]\ndomain = \"c.jp\"\nselector = \"a\"\nkey = \"/k\"\nheaders = [\"to\"]",
            "arc.headers",
        ),
        (
            "[arc]\ndomain = \"c.jp\"\nselector = \"a\"\nkey = \"/k\"\nheaders = [\"from\", \"ARC-Seal\"]",
            "arc.headers",
        ),
        (
            "[service]\naddress = \"/run/x\"\n[policies]\na = \"strict\"",
            "policies",
        ),
    ] {
        match parse(&format!("{LEAST}{change}\n")).unwrap_err() {
            ConfigError::Value(found, _) => assert_eq!(found, key, "{change}"),
            ConfigError::Syntax(problem) => panic!("{change}: {problem}"),
        }
    }
    for (from, to, key) in [
        ("127.0.0.1:10026", "0.0.0.0:10026", "listen.peers"),
        ("127.0.0.1:10027", "127.0.0.1:10026", "next.address"),
        ("mugai@city.example.jp", "mugai", "notice.from"),
        ("smtp = \"127.0.0.1:10026\"", "", "listen"),
    ] {
        match parse(&LEAST.replace(from, to)).unwrap_err() {
            ConfigError::Value(found, _) => assert_eq!(found, key, "{to}"),
            ConfigError::Syntax(problem) => panic!("{to}: {problem}"),
        }
    }
    assert!(matches!(parse("listen = 1"), Err(ConfigError::Syntax(_))));
}

#[test]
fn the_first_rule_that_fits_counts() {
    let text = format!(
        "{LEAST}
[[recipient]]
address = \"Mayor@city.example.jp\"
policy = \"strict\"
[[recipient]]
address = \"@city.example.jp\"
policy = \"text-only\"
[[recipient]]
address = \"@.example.jp\"
to = \"branch\"
"
    );
    let config = parse(&text).unwrap();
    for (address, policy, to) in [
        ("mayor@CITY.example.jp", "strict", "lgwan"),
        ("mayor+list@city.example.jp", "strict", "lgwan"),
        ("\"mayor\"@city.example.jp", "strict", "lgwan"),
        ("other@city.example.jp", "text-only", "lgwan"),
        ("+mayor@city.example.jp", "text-only", "lgwan"),
        ("a@ward.example.jp", "municipal-lgwan", "branch"),
        ("a@b.ward.example.jp", "municipal-lgwan", "branch"),
        ("a@example.jp", "municipal-lgwan", "lgwan"),
        ("a@notexample.jp", "municipal-lgwan", "lgwan"),
        ("postmaster", "municipal-lgwan", "lgwan"),
    ] {
        let (path, _) = Path::read(&format!("<{address}>")).unwrap();
        let rule = config.recipients.rule(&path);
        assert_eq!(
            (rule.policy.as_str(), rule.to.as_str()),
            (policy, to),
            "{address}"
        );
    }
}
