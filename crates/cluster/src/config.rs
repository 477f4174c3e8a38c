//! The configuration: a TOML file, and the environment above it.

pub use mugai_engine::settings::ConfigError;
use mugai_engine::settings::Variables;
use serde::Deserialize;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A whole configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The queue.
    pub queue: Queue,
    /// The store.
    pub store: Store,
    /// An address at which a node serves its metrics, over plain HTTP.
    pub metrics: Option<SocketAddr>,
}

/// Where jobs wait.
#[derive(Clone, Debug)]
pub struct Queue {
    /// `nats://host:port` or `tls://host:port`; several are parted by commas.
    pub url: Vec<String>,
    /// How names of streams and subjects begin.
    pub name: String,
    /// Copies that the servers keep of each message.
    pub replicas: usize,
    /// A file with credentials (JWT and seed).
    pub credentials: Option<PathBuf>,
    /// A user with a password.
    pub user: Option<(String, Secret)>,
    /// A token.
    pub token: Option<Secret>,
    /// The authorities of the servers (PEM).
    pub ca: Option<PathBuf>,
    /// Our certificate and its private key (PEM).
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// How often a job may fail before it is a dead letter.
    pub tries: u32,
    /// How often a job may be given out, with those times of which nobody told how they ended.
    pub deliveries: u32,
    /// How long a job is a node's without a sign of life.
    pub ack_wait: Duration,
    /// How long the servers know a message again that is sent twice.
    pub duplicates: Duration,
    /// How long a job rests after its first, second, … failure; the last holds for all further ones.
    pub backoff: Vec<Duration>,
}

/// Where files and results lie.
#[derive(Clone, Debug)]
pub struct Store {
    /// Where.
    pub place: Place,
    /// Whether it can be asked to write only what is not there.
    pub conditional: bool,
}

/// A place for objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder, of this machine or of a network file system.
    Folder(PathBuf),
    /// A bucket of an S3-compatible store.
    Bucket(Bucket),
    /// Nothing but memory: for tests.
    Memory,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// How names of objects begin.
    pub prefix: String,
    /// `https://host`, or `http://host` where it is said so; none is Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// The authorities of the endpoint (PEM).
    pub ca: Option<PathBuf>,
    /// Access key and secret key. Without them they come from where they customarily do: the environment
    /// (`AWS_…`), or the machine.
    pub keys: Option<(String, Secret)>,
}

/// A text that is not shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// How the environment says them.
const VARIABLES: Variables = Variables {
    prefix: "MUGAI_BATCH__",
    texts: &["user", "password", "token", "access_key", "secret_key"],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    queue: RawQueue,
    store: RawStore,
    #[serde(default)]
    listen: RawListen,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawListen {
    metrics: Option<SocketAddr>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQueue {
    url: String,
    name: Option<String>,
    replicas: Option<usize>,
    credentials: Option<PathBuf>,
    user: Option<String>,
    password: Option<Secret>,
    token: Option<Secret>,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    tries: Option<u32>,
    deliveries: Option<u32>,
    ack_wait: Option<u64>,
    backoff: Option<Vec<u64>>,
    duplicates: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStore {
    url: String,
    endpoint: Option<String>,
    region: Option<String>,
    ca: Option<PathBuf>,
    access_key: Option<String>,
    secret_key: Option<Secret>,
    conditional: Option<bool>,
}

fn wrong<T>(key: &'static str, problem: impl fmt::Display) -> Result<T, ConfigError> {
    Err(ConfigError::Value(key, problem.to_string()))
}

impl Config {
    /// Reads a configuration. `environment` is laid over the file: `MUGAI_BATCH__QUEUE__URL=…` is
    /// `queue.url`.
    ///
    /// # Errors
    /// [`ConfigError`] names the key and what is wrong with it.
    pub fn parse(
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let syntax = |error: toml::de::Error| ConfigError::Syntax(error.message().to_owned());
        // what shows the line may show a secret
        let whole = |error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count().saturating_add(1));
            ConfigError::Syntax(format!("line {line}: {}", error.message()))
        };
        let mut table: toml::Table = toml::from_str(text).map_err(whole)?;
        VARIABLES.lay_over(&mut table, environment)?;
        let raw: Raw = table.try_into().map_err(syntax)?;
        Ok(Self {
            queue: queue(raw.queue)?,
            store: store(raw.store)?,
            metrics: raw.listen.metrics,
        })
    }
}

fn queue(raw: RawQueue) -> Result<Queue, ConfigError> {
    let url: Vec<String> = raw
        .url
        .split(',')
        .map(|url| url.trim().to_owned())
        .collect();
    let known = |url: &String| {
        let host = url.strip_prefix("nats://").or(url.strip_prefix("tls://"));
        host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
    };
    if !url.iter().all(known) {
        return wrong(
            "queue.url",
            "nats://host:port or tls://host:port, and no password in it",
        );
    }
    let name = raw.name.unwrap_or_else(|| "mugai".to_owned());
    if !is_word(&name) {
        return wrong("queue.name", "letters, digits and - _ only");
    }
    let user = match (raw.user, raw.password) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            return wrong("queue.password", "user and password belong together");
        }
    };
    let certificate = match (raw.certificate, raw.key) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            return wrong("queue.key", "certificate and key belong together");
        }
    };
    let tries = raw.tries.unwrap_or(5);
    let deliveries = raw.deliveries.unwrap_or_else(|| tries.saturating_mul(4));
    if tries == 0 || deliveries < tries {
        return wrong("queue.tries", "at least 1, and at most queue.deliveries");
    }
    let ack_wait = raw.ack_wait.unwrap_or(30);
    if !(1..=3600).contains(&ack_wait) {
        return wrong("queue.ack_wait", "1 to 3600 seconds");
    }
    let duplicates = raw.duplicates.unwrap_or(120);
    if !(1..=86_400).contains(&duplicates) {
        return wrong("queue.duplicates", "1 to 86400 seconds");
    }
    let backoff = raw.backoff.unwrap_or_else(|| vec![1, 10, 60, 300]);
    if backoff.is_empty() || backoff.iter().any(|seconds| *seconds > 86_400) {
        return wrong(
            "queue.backoff",
            "at least one number of seconds, each at most 86400",
        );
    }
    Ok(Queue {
        url,
        name,
        replicas: raw.replicas.unwrap_or(1),
        credentials: raw.credentials,
        user,
        token: raw.token,
        ca: raw.ca,
        certificate,
        tries,
        deliveries,
        ack_wait: Duration::from_secs(ack_wait),
        duplicates: Duration::from_secs(duplicates),
        backoff: backoff.into_iter().map(Duration::from_secs).collect(),
    })
}

fn store(raw: RawStore) -> Result<Store, ConfigError> {
    let conditional = raw.conditional.unwrap_or(true);
    let place = if let Some(path) = raw.url.strip_prefix("file://") {
        if !path.starts_with('/') {
            return wrong("store.url", "file:// and a path from the root");
        }
        Place::Folder(PathBuf::from(path))
    } else if let Some(rest) = raw.url.strip_prefix("s3://") {
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            return wrong("store.url", "s3:// and the name of a bucket");
        }
        let known = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        if raw.endpoint.as_ref().is_some_and(|url| !known(url)) {
            return wrong("store.endpoint", "https://host, or http://host");
        }
        let keys = match (raw.access_key, raw.secret_key) {
            (Some(access), Some(secret)) => Some((access, secret)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => {
                return wrong(
                    "store.secret_key",
                    "access_key and secret_key belong together",
                );
            }
        };
        Place::Bucket(Bucket {
            name: name.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: raw.endpoint,
            region: raw.region.unwrap_or_else(|| "us-east-1".to_owned()),
            ca: raw.ca,
            keys,
        })
    } else if raw.url == "memory://" {
        Place::Memory
    } else {
        return wrong("store.url", "s3://bucket/prefix or file:///path");
    };
    Ok(Store { place, conditional })
}

/// Whether a name fits into names of streams, subjects and objects.
pub(crate) fn is_word(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !name.is_empty() && name.len() <= 64 && name.bytes().all(fits)
}

#[cfg(test)]
mod tests;
