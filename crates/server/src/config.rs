//! The configuration: a TOML file, and the environment above it.

mod caller;
mod limits;
mod units;

pub use caller::{CallerRule, Identity, Pair};
pub use limits::{Limits, WEIGHT};

pub use mugai_engine::settings::ConfigError;
use mugai_engine::settings::Variables;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

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
    /// Where files wait that are too large to wait in memory.
    pub spool: PathBuf,
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

/// How the environment says them.
const VARIABLES: Variables = Variables {
    prefix: "MUGAI_SERVE__",
    texts: &[],
};

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
    limits: limits::RawLimits,
    #[serde(default)]
    spool: limits::RawSpool,
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
        VARIABLES.lay_over(&mut table, environment)?;
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
            limits: limits::limits(&raw.limits, &raw.spool)?,
            spool: raw.spool.folder(),
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

#[cfg(test)]
mod tests;
