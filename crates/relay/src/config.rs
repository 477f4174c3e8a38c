//! The configuration: a TOML file, and the environment above it.

mod recipients;
mod sealing;

pub use mugai_engine::settings::ConfigError;
pub use recipients::{Recipients, Rule};
pub use sealing::Sealing;

use mugai_core::Lang;
use mugai_engine::policy::units::Unit;
use mugai_engine::settings::{Variables, quantity};
use recipients::{RawRecipient, RawRule};
use sealing::RawSealing;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// A whole configuration, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where mails come in.
    pub listen: Listen,
    /// What the relay calls itself to mail servers.
    pub name: String,
    /// Where sanitised mails go.
    pub next: Next,
    /// The service that sanitises; none means this process.
    pub service: Option<Service>,
    /// Policies by name, for a process that sanitises by itself: each a preset or a file.
    pub policies: BTreeMap<String, String>,
    /// Which rules hold for which recipients.
    pub recipients: Recipients,
    /// The folder for the record and for originals.
    pub state: PathBuf,
    /// For how long deliveries are remembered.
    pub remembered: Duration,
    /// For how long originals are kept; none means not at all.
    pub held: Duration,
    /// Mails of our own.
    pub notice: Notice,
    /// How new mails are sealed; none means not at all.
    pub sealing: Option<Sealing>,
    /// What bounds the relay.
    pub limits: Limits,
    /// Whether logs are JSON.
    pub json: bool,
}

/// Where mails come in; at least one of the addresses is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// For SMTP.
    pub smtp: Option<SocketAddr>,
    /// For LMTP.
    pub lmtp: Option<SocketAddr>,
    /// For milters.
    pub milter: Option<SocketAddr>,
    /// For the page of figures, over plain HTTP.
    pub metrics: Option<SocketAddr>,
    /// Who may come from other machines.
    pub peers: Vec<IpAddr>,
}

/// The mail server that delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Its address.
    pub address: SocketAddr,
    /// How long it may take for a reply.
    pub timeout: Duration,
}

/// A service: the path of its Unix socket, or its address and what TLS needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// A Unix socket.
    Unix(PathBuf),
    /// `https://host:port`, the authorities of the service, our certificate and its key (PEM).
    Tls(String, [PathBuf; 3]),
}

/// Mails of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whom they are from.
    pub from: String,
    /// Their language.
    pub lang: Lang,
    /// What stands in them, in place of our own words.
    pub template: Option<PathBuf>,
}

/// What bounds the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory for all mails under way, in bytes; a mail takes four times its size.
    pub memory: u64,
    /// The largest mail that is opened, in bytes. A larger one is withheld.
    pub message: u64,
    /// The most connections at once.
    pub connections: usize,
    /// The most mails that are sanitised at once, by a process that does so itself.
    pub jobs: usize,
    /// How long the other side may be silent.
    pub idle: Duration,
    /// The time for sanitising one mail.
    pub deadline: Duration,
    /// How long mails under way are waited for at the end.
    pub stop: Duration,
}

/// How the environment says them.
const VARIABLES: Variables = Variables {
    prefix: "MUGAI_RELAY__",
    texts: &["name", "template"],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    listen: RawListen,
    name: Option<String>,
    next: RawNext,
    service: Option<RawService>,
    #[serde(default)]
    policies: BTreeMap<String, String>,
    #[serde(default)]
    default: RawRule,
    #[serde(default)]
    recipient: Vec<RawRecipient>,
    state: RawState,
    notice: RawNotice,
    arc: Option<RawSealing>,
    #[serde(default)]
    limits: RawLimits,
    #[serde(default)]
    log: Log,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Log {
    #[default]
    Text,
    Json,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawListen {
    smtp: Option<SocketAddr>,
    lmtp: Option<SocketAddr>,
    milter: Option<SocketAddr>,
    metrics: Option<SocketAddr>,
    #[serde(default)]
    peers: Vec<IpAddr>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNext {
    address: SocketAddr,
    timeout: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawService {
    address: String,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawState {
    folder: PathBuf,
    remembered: Option<String>,
    held: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNotice {
    from: String,
    lang: Option<String>,
    template: Option<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    memory: Option<String>,
    message: Option<String>,
    connections: Option<usize>,
    jobs: Option<usize>,
    idle: Option<String>,
    deadline: Option<String>,
    stop: Option<String>,
}

impl Config {
    /// Reads a configuration. `environment` is laid over the file: `MUGAI_RELAY__LIMITS__JOBS=4` is
    /// `limits.jobs = 4`.
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
        let listen = listen(raw.listen)?;
        if [listen.smtp, listen.lmtp, listen.milter].contains(&Some(raw.next.address)) {
            let problem = "is an address that the relay listens at: mails would go round";
            return Err(ConfigError::Value("next.address", problem.to_owned()));
        }
        let recipients = Recipients::new(raw.default, raw.recipient)?;
        Ok(Self {
            listen,
            name: name(raw.name)?,
            next: Next {
                address: raw.next.address,
                timeout: time("next.timeout", raw.next.timeout.as_deref(), 300)?,
            },
            policies: policies(raw.policies, &recipients, raw.service.is_some())?,
            recipients,
            service: raw.service.map(service).transpose()?,
            remembered: time(
                "state.remembered",
                raw.state.remembered.as_deref(),
                7 * 86_400,
            )?,
            held: time("state.held", raw.state.held.as_deref(), 30 * 86_400)?,
            state: raw.state.folder,
            notice: notice(raw.notice)?,
            sealing: raw.arc.map(RawSealing::checked).transpose()?,
            limits: limits(&raw.limits)?,
            json: raw.log == Log::Json,
        })
    }
}

/// Mails from other machines need to be asked for: whoever may send to the relay may send to everybody that
/// the mail server behind it delivers to.
fn listen(raw: RawListen) -> Result<Listen, ConfigError> {
    let all = [raw.smtp, raw.lmtp, raw.milter];
    if all.iter().all(Option::is_none) {
        let problem = "none of smtp, lmtp and milter is given".to_owned();
        return Err(ConfigError::Value("listen", problem));
    }
    let beyond = |address: &SocketAddr| !address.ip().is_loopback();
    if all.iter().flatten().any(beyond) && raw.peers.is_empty() {
        let problem = "is empty, and an address is open to other machines".to_owned();
        return Err(ConfigError::Value("listen.peers", problem));
    }
    Ok(Listen {
        smtp: raw.smtp,
        lmtp: raw.lmtp,
        milter: raw.milter,
        metrics: raw.metrics,
        peers: raw.peers,
    })
}

fn name(given: Option<String>) -> Result<String, ConfigError> {
    let name = given.unwrap_or_else(|| "localhost".to_owned());
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    if !name.is_empty() && name.len() <= 255 && name.bytes().all(good) {
        Ok(name)
    } else {
        let problem = format!("{name:?} is not the name of a host");
        Err(ConfigError::Value("name", problem))
    }
}

fn policies(
    mut given: BTreeMap<String, String>,
    recipients: &Recipients,
    service: bool,
) -> Result<BTreeMap<String, String>, ConfigError> {
    if service {
        if given.is_empty() {
            return Ok(given);
        }
        let problem = "belong to the service where there is one".to_owned();
        return Err(ConfigError::Value("policies", problem));
    }
    for rule in recipients.rules() {
        if !given.contains_key(&rule.policy) {
            if mugai_engine::Policy::preset(&rule.policy).is_none() {
                let problem = format!("{:?} is neither a preset nor among them", rule.policy);
                return Err(ConfigError::Value("policies", problem));
            }
            given.insert(rule.policy.clone(), rule.policy.clone());
        }
    }
    Ok(given)
}

fn service(raw: RawService) -> Result<Service, ConfigError> {
    let wrong = |problem: &str| Err(ConfigError::Value("service", problem.to_owned()));
    if raw.address.starts_with("https://") {
        return match (raw.ca, raw.certificate, raw.key) {
            (Some(ca), Some(certificate), Some(key)) => {
                Ok(Service::Tls(raw.address, [ca, certificate, key]))
            }
            _ => wrong("https needs ca, certificate and key"),
        };
    }
    if !raw.address.starts_with('/') || raw.ca.or(raw.certificate).or(raw.key).is_some() {
        return wrong(
            "address: the path of a Unix socket, or https://host:port with ca, certificate and key",
        );
    }
    Ok(Service::Unix(raw.address.into()))
}

fn notice(raw: RawNotice) -> Result<Notice, ConfigError> {
    if mugai_core::AddrSpec::parse(&raw.from).is_err() {
        let problem = format!("{:?} is not an address", raw.from);
        return Err(ConfigError::Value("notice.from", problem));
    }
    let lang = match raw.lang.as_deref() {
        None | Some("ja") => Lang::Ja,
        Some("en") => Lang::En,
        Some(other) => {
            let problem = format!("{other:?} is not accepted; accepted: ja, en");
            return Err(ConfigError::Value("notice.lang", problem));
        }
    };
    Ok(Notice {
        from: raw.from,
        lang,
        template: raw.template,
    })
}

fn limits(raw: &RawLimits) -> Result<Limits, ConfigError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let limits = Limits {
        memory: bytes("limits.memory", raw.memory.as_deref(), 1 << 30)?,
        message: bytes("limits.message", raw.message.as_deref(), 150 << 20)?,
        connections: raw.connections.unwrap_or(64),
        jobs: raw.jobs.unwrap_or(cores),
        idle: time("limits.idle", raw.idle.as_deref(), 300)?,
        deadline: time("limits.deadline", raw.deadline.as_deref(), 300)?,
        stop: time("limits.stop", raw.stop.as_deref(), 120)?,
    };
    if limits.connections == 0 || limits.jobs == 0 || limits.jobs > 1024 {
        let problem = "connections: at least 1; jobs: 1 to 1024".to_owned();
        return Err(ConfigError::Value("limits", problem));
    }
    if limits.message.saturating_mul(crate::receive::WEIGHT) > limits.memory {
        let problem = format!(
            "less than {} times limits.message: the largest mail would never find room",
            crate::receive::WEIGHT
        );
        return Err(ConfigError::Value("limits.memory", problem));
    }
    Ok(limits)
}

fn bytes(key: &'static str, text: Option<&str>, default: u64) -> Result<u64, ConfigError> {
    text.map_or(Ok(default), |text| quantity(key, text, Unit::Bytes))
}

fn time(key: &'static str, text: Option<&str>, default: u64) -> Result<Duration, ConfigError> {
    text.map_or(Ok(Duration::from_secs(default)), |text| {
        quantity(key, text, Unit::Time).map(Duration::from_millis)
    })
}

#[cfg(test)]
mod tests;
