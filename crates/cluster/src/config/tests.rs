use super::*;

const GOOD: &str = "[queue]\nurl = \"nats://q:4222\"\n[store]\nurl = \"s3://bucket/a/b/\"\n";

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = environment
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Config::parse(text, environment)
}

#[test]
fn little_has_to_be_said() {
    let config = read(GOOD, &[]).unwrap();
    assert_eq!(config.queue.tries, 5);
    assert_eq!(config.queue.name, "mugai");
    let Place::Bucket(bucket) = config.store.place else {
        panic!("a bucket");
    };
    assert_eq!(
        (bucket.name.as_str(), bucket.prefix.as_str()),
        ("bucket", "a/b")
    );
    assert!(config.store.conditional && bucket.keys.is_none());
}

#[test]
fn secrets_come_from_the_environment_and_are_not_shown() {
    let config = read(
        GOOD,
        &[
            ("MUGAI_BATCH__QUEUE__USER", "u"),
            ("MUGAI_BATCH__QUEUE__PASSWORD", "123456"),
            ("MUGAI_BATCH__QUEUE__TRIES", "2"),
            ("MUGAI_BATCH__STORE__ACCESS_KEY", "id"),
            ("MUGAI_BATCH__STORE__SECRET_KEY", "hush"),
        ],
    )
    .unwrap();
    assert_eq!(config.queue.tries, 2);
    assert_eq!(
        config
            .queue
            .user
            .as_ref()
            .map(|(_, password)| password.0.as_str()),
        Some("123456")
    );
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("hush") && !shown.contains("123456"),
        "{shown}"
    );
    let Place::Bucket(bucket) = config.store.place else {
        panic!("a bucket");
    };
    assert_eq!(bucket.keys.map(|(access, _)| access), Some("id".to_owned()));
    let half = read(GOOD, &[("MUGAI_BATCH__STORE__ACCESS_KEY", "x")]);
    assert!(half.is_err());
}

#[test]
fn what_is_wrong_is_named() {
    let queue = |more: &str| GOOD.replace("[store]", &format!("{more}\n[store]"));
    for (text, key) in [
        (GOOD.replace("nats://q:4222", "q:4222"), "queue.url"),
        (GOOD.replace("nats://q", "nats://u:p@q"), "queue.url"),
        (GOOD.replace("s3://bucket/a/b/", "s3://"), "store.url"),
        (
            GOOD.replace("s3://bucket/a/b/", "file://relative"),
            "store.url",
        ),
        (GOOD.replace("s3://bucket/a/b/", "ftp://x"), "store.url"),
        (format!("{GOOD}endpoint = \"x\""), "store.endpoint"),
        (format!("{GOOD}access_key = \"x\""), "store.secret_key"),
        (queue("name = \"a.b\""), "queue.name"),
        (queue("user = \"a\""), "queue.password"),
        (queue("key = \"a\""), "queue.key"),
        (queue("tries = 0"), "queue.tries"),
        (queue("tries = 5\ndeliveries = 4"), "queue.tries"),
        (queue("ack_wait = 0"), "queue.ack_wait"),
        (queue("backoff = []"), "queue.backoff"),
        (queue("duplicates = 0"), "queue.duplicates"),
    ] {
        match read(&text, &[]) {
            Err(ConfigError::Value(found, _)) => assert_eq!(found, key, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(matches!(
        read("nonsense = 1", &[]),
        Err(ConfigError::Syntax(_))
    ));
    assert!(matches!(
        read(&queue("nonsense = 1"), &[]),
        Err(ConfigError::Syntax(_))
    ));
}
