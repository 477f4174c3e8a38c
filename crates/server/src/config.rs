//! The configuration: a TOML file, and the environment above it.

mod caller;
mod environment;
mod units;

pub use caller::{CallerRule, Identity, Pair};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A whole configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// A Unix socket to listen at.
    pub unix: Option<PathBuf>,
    /// An address to listen at, with TLS.
    pub tcp: Option<Tcp>,
    /// An address that serves metrics over plain HTTP.
    pub metrics: Option<SocketAddr>,
    /// Whether callers may ask which messages and services there are.
    pub reflection: bool,
    /// The name of the policy for requests that name none.
    pub policy: String,
    /// Every policy: its name, and a preset or a file.
    pub policies: BTreeMap<String, String>,
    /// Who may call, and for which pairs of zones.
    pub callers: Vec<CallerRule>,
    /// What bounds the service.
    pub limits: Limits,
    /// How logs are written.
    pub log: Log,
    /// What is told of the service, and where to.
    pub observe: mugai_observe::Config,
}

/// An address with TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// The address.
    pub address: SocketAddr,
    /// The certificate chain of the service (PEM).
    pub certificate: PathBuf,
    /// Its private key (PEM).
    pub key: PathBuf,
    /// The authorities that client certificates must come from (PEM).
    pub client_ca: PathBuf,
}

/// What bounds the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory for all files under way; a file takes [`crate::config::WEIGHT`] times its size.
    pub memory: u64,
    /// The largest file.
    pub message: u64,
    /// The most calls at once, the waiting ones included.
    pub calls: u32,
    /// The most files that are opened at once.
    pub jobs: u16,
    /// How long a caller may take for its next frame, or to take ours.
    pub idle: Duration,
    /// How long a call may take from its beginning to the first of its answer. It ends callers that
    /// send the body of a single message byte by byte.
    pub call: Duration,
    /// How long the service waits for calls under way when it is told to stop.
    pub stop: Duration,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Log {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What a file takes of the memory, in its own sizes: itself, its parts, what they became, and the
/// message that they are put together to.
pub const WEIGHT: u64 = 4;

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// Not TOML, an unknown key, or a value of another type.
    Syntax(String),
    /// A value that is not accepted, by its key.
    Value(&'static str, String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(message) => write!(f, "configuration: {}", message.trim_end()),
            Self::Value(key, problem) => write!(f, "configuration: {key}: {problem}"),
        }
    }
}

impl std::error::Error for ConfigError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    listen: RawListen,
    tls: Option<RawTls>,
    #[serde(default)]
    reflection: bool,
    #[serde(default)]
    log: Log,
    policy: Option<String>,
    #[serde(default)]
    policies: BTreeMap<String, String>,
    #[serde(default)]
    caller: Vec<caller::RawCaller>,
    #[serde(default)]
    limits: RawLimits,
    #[serde(default)]
    observe: mugai_observe::Raw,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawListen {
    unix: Option<PathBuf>,
    tcp: Option<SocketAddr>,
    metrics: Option<SocketAddr>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTls {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    memory: Option<String>,
    message: Option<String>,
    calls: Option<u32>,
    jobs: Option<u16>,
    idle: Option<String>,
    call: Option<String>,
    stop: Option<String>,
}

impl Config {
    /// Reads a configuration. `environment` is laid over the file: `MUGAI_SERVE__LIMITS__CALLS=64` is
    /// `limits.calls = 64`.
    ///
    /// # Errors
    /// [`ConfigError`] names the key and what is wrong with it.
    pub fn parse(
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let syntax = |error: toml::de::Error| ConfigError::Syntax(error.to_string());
        let mut table: toml::Table = toml::from_str(text).map_err(syntax)?;
        environment::lay_over(&mut table, environment)?;
        let raw: Raw = table.try_into().map_err(syntax)?;
        let policy = raw.policy.unwrap_or_else(|| "municipal-lgwan".to_owned());
        let mut policies = raw.policies;
        if policies.is_empty() {
            policies.insert(policy.clone(), policy.clone());
        }
        if !policies.contains_key(&policy) {
            let problem = format!("{policy:?} is not among the policies");
            return Err(ConfigError::Value("policy", problem));
        }
        if raw.listen.unix.is_none() && raw.listen.tcp.is_none() {
            let problem = "neither unix nor tcp is given".to_owned();
            return Err(ConfigError::Value("listen", problem));
        }
        Ok(Self {
            unix: raw.listen.unix,
            tcp: tcp(raw.listen.tcp, raw.tls)?,
            metrics: raw.listen.metrics,
            reflection: raw.reflection,
            policy,
            policies,
            callers: caller::checked(raw.caller)?,
            limits: limits(&raw.limits)?,
            log: raw.log,
            observe: observe(raw.observe)?,
        })
    }
}

fn observe(raw: mugai_observe::Raw) -> Result<mugai_observe::Config, ConfigError> {
    raw.checked()
        .map_err(|(key, problem)| ConfigError::Value(key, problem))
}

/// An address without TLS is refused: nobody who comes that way could be told from anybody else.
fn tcp(address: Option<SocketAddr>, tls: Option<RawTls>) -> Result<Option<Tcp>, ConfigError> {
    let without = || ConfigError::Value("tls", "listen.tcp and tls belong together".to_owned());
    match (address, tls) {
        (None, None) => Ok(None),
        (Some(address), Some(tls)) => Ok(Some(Tcp {
            address,
            certificate: tls.certificate,
            key: tls.key,
            client_ca: tls.client_ca,
        })),
        (Some(_), None) | (None, Some(_)) => Err(without()),
    }
}

fn limits(raw: &RawLimits) -> Result<Limits, ConfigError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let limits = Limits {
        memory: units::bytes("limits.memory", raw.memory.as_deref(), 1 << 30)?,
        message: units::bytes("limits.message", raw.message.as_deref(), 150 << 20)?,
        calls: raw.calls.unwrap_or(256),
        jobs: raw
            .jobs
            .unwrap_or_else(|| u16::try_from(cores).unwrap_or(u16::MAX)),
        idle: units::time("limits.idle", raw.idle.as_deref(), Duration::from_secs(30))?,
        call: units::time("limits.call", raw.call.as_deref(), Duration::from_mins(10))?,
        stop: units::time("limits.stop", raw.stop.as_deref(), Duration::from_mins(2))?,
    };
    let wrong = |key, problem: String| Err(ConfigError::Value(key, problem));
    if limits.message.saturating_mul(WEIGHT) > limits.memory {
        return wrong(
            "limits.memory",
            format!(
                "less than {WEIGHT} times limits.message: the largest file would never find room"
            ),
        );
    }
    if limits.memory > MOST_MEMORY {
        return wrong("limits.memory", "over 64 TiB".to_owned());
    }
    if limits.calls == 0 || limits.jobs == 0 || limits.jobs > 1024 {
        return wrong("limits", "calls: at least 1; jobs: 1 to 1024".to_owned());
    }
    Ok(limits)
}

/// More than this cannot be counted in the units of the admission.
const MOST_MEMORY: u64 = 64 << 40;

#[cfg(test)]
mod tests;
