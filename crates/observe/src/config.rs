//! What the configuration says about telling.

use serde::Deserialize;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

/// What is told, and where to. The default tells nothing to anybody else, and no names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Whether logs, spans and events may have names of files.
    pub file_names: bool,
    /// A collector of spans.
    pub otlp: Option<Otlp>,
    /// A receiver of events.
    pub syslog: Option<Syslog>,
}

/// A collector of spans (OTLP over gRPC).
#[derive(Clone, Debug, PartialEq)]
pub struct Otlp {
    /// `http://host:port` or `https://host:port`.
    pub endpoint: String,
    /// For https: the authorities of the collector (PEM).
    pub ca: Option<PathBuf>,
    /// Whether a `traceparent` of the caller (W3C Trace Context) is followed.
    pub honour_parent: bool,
    /// The share of calls that is told of, 0 to 1; a followed parent decides for its own calls.
    pub share: f64,
}

/// A receiver of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syslog {
    /// Where they go.
    pub to: Target,
    /// How they are written.
    pub format: Format,
    /// Under which facility.
    pub facility: Facility,
    /// How many may wait.
    pub queue: usize,
}

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A datagram socket of this machine, as `/dev/log` is.
    Unix(PathBuf),
    /// One datagram an event (RFC 5426).
    Udp(SocketAddr),
    /// Octet counting over TCP (RFC 6587, 3.4.1).
    Tcp(SocketAddr),
}

/// How an event is written behind its syslog header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Common Event Format, version 0.
    #[default]
    Cef,
    /// One JSON object.
    Json,
}

/// A facility of RFC 5424, table 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facility(pub(crate) u8);

/// The `[observe]` table of a configuration, not yet checked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raw {
    #[serde(default)]
    file_names: bool,
    otlp: Option<RawOtlp>,
    syslog: Option<RawSyslog>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOtlp {
    endpoint: String,
    ca: Option<PathBuf>,
    #[serde(default)]
    honour_parent: bool,
    share: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSyslog {
    to: String,
    #[serde(default)]
    format: Format,
    facility: Option<String>,
    queue: Option<u32>,
}

/// What is wrong: the key, and the problem.
type Wrong = (&'static str, String);

impl Raw {
    /// Checks the table. Names of hosts are looked up.
    ///
    /// # Errors
    /// The key, and what is wrong with it.
    pub fn checked(self) -> Result<Config, Wrong> {
        Ok(Config {
            file_names: self.file_names,
            otlp: self.otlp.map(otlp).transpose()?,
            syslog: self.syslog.map(|raw| syslog(&raw)).transpose()?,
        })
    }
}

fn otlp(raw: RawOtlp) -> Result<Otlp, Wrong> {
    let https = raw.endpoint.starts_with("https://");
    let uri = tonic::transport::Endpoint::from_shared(raw.endpoint.clone());
    if uri.is_err() || !(https || raw.endpoint.starts_with("http://")) {
        let problem = format!("{:?}: http:// or https:// and a host", raw.endpoint);
        return Err(("observe.otlp.endpoint", problem));
    }
    if https != raw.ca.is_some() {
        let problem = "belongs to an https:// endpoint, and that to it".to_owned();
        return Err(("observe.otlp.ca", problem));
    }
    let share = raw.share.unwrap_or(1.0);
    if !(0.0..=1.0).contains(&share) {
        return Err(("observe.otlp.share", "0 to 1".to_owned()));
    }
    Ok(Otlp {
        endpoint: raw.endpoint,
        ca: raw.ca,
        honour_parent: raw.honour_parent,
        share,
    })
}

fn syslog(raw: &RawSyslog) -> Result<Syslog, Wrong> {
    let queue = raw.queue.unwrap_or(1024);
    if !(1..=1 << 20).contains(&queue) {
        return Err(("observe.syslog.queue", "1 to 1048576".to_owned()));
    }
    let facility = raw.facility.as_deref().unwrap_or("mail");
    let code = FACILITIES.iter().find(|(name, _)| *name == facility);
    let (_, code) = code.ok_or_else(|| {
        let names: Vec<&str> = FACILITIES.iter().map(|(name, _)| *name).collect();
        let problem = format!("{facility:?}: one of {}", names.join(", "));
        ("observe.syslog.facility", problem)
    })?;
    Ok(Syslog {
        to: target(&raw.to)?,
        format: raw.format,
        facility: Facility(*code),
        queue: usize::try_from(queue).unwrap_or(usize::MAX),
    })
}

/// The facilities that a service may speak under.
const FACILITIES: [(&str, u8); 13] = [
    ("mail", 2),
    ("daemon", 3),
    ("auth", 4),
    ("authpriv", 10),
    ("audit", 13),
    ("local0", 16),
    ("local1", 17),
    ("local2", 18),
    ("local3", 19),
    ("local4", 20),
    ("local5", 21),
    ("local6", 22),
    ("local7", 23),
];

fn target(text: &str) -> Result<Target, Wrong> {
    let wrong = |why: &str| {
        let problem = format!("{text:?}: {why}");
        Err(("observe.syslog.to", problem))
    };
    let Some((how, place)) = text.split_once(':') else {
        return wrong("unix:PATH, udp:HOST:PORT or tcp:HOST:PORT");
    };
    if how == "unix" && place.starts_with('/') {
        return Ok(Target::Unix(PathBuf::from(place)));
    }
    let address = place.to_socket_addrs().ok().and_then(|mut all| all.next());
    match (how, address) {
        ("udp", Some(address)) => Ok(Target::Udp(address)),
        ("tcp", Some(address)) => Ok(Target::Tcp(address)),
        ("udp" | "tcp", None) => wrong("no such host, or no port"),
        _ => wrong("unix:PATH, udp:HOST:PORT or tcp:HOST:PORT"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, Wrong> {
        toml::from_str::<Raw>(text).unwrap().checked()
    }

    #[test]
    fn nothing_is_told_to_others_unless_asked_for() {
        assert_eq!(read("").unwrap(), Config::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let otlp = |more: &str| format!("[otlp]\nendpoint = \"http://a:1\"\n{more}");
        let syslog = |to: &str, more: &str| format!("[syslog]\nto = \"{to}\"\n{more}");
        for (text, key) in [
            (
                "[otlp]\nendpoint = \"a:1\"".to_owned(),
                "observe.otlp.endpoint",
            ),
            (
                "[otlp]\nendpoint = \"https://a:1\"".to_owned(),
                "observe.otlp.ca",
            ),
            (otlp("ca = \"x\""), "observe.otlp.ca"),
            (otlp("share = 1.5"), "observe.otlp.share"),
            (otlp("share = nan"), "observe.otlp.share"),
            (syslog("/dev/log", ""), "observe.syslog.to"),
            (syslog("unix:log", ""), "observe.syslog.to"),
            (syslog("udp:127.0.0.1", ""), "observe.syslog.to"),
            (syslog("tls:127.0.0.1:1", ""), "observe.syslog.to"),
            (
                syslog("udp:127.0.0.1:1", "queue = 0"),
                "observe.syslog.queue",
            ),
            (
                syslog("udp:127.0.0.1:1", "facility = \"kern\""),
                "observe.syslog.facility",
            ),
        ] {
            let (found, problem) = read(&text).unwrap_err();
            assert_eq!(found, key, "{text}: {problem}");
        }
        assert!(toml::from_str::<Raw>("nonsense = 1").is_err());
    }

    #[test]
    fn targets_are_read() {
        for (text, want) in [
            ("unix:/dev/log", Target::Unix(PathBuf::from("/dev/log"))),
            (
                "udp:127.0.0.1:514",
                Target::Udp(([127, 0, 0, 1], 514).into()),
            ),
            (
                "tcp:[::1]:601",
                Target::Tcp((std::net::Ipv6Addr::LOCALHOST, 601).into()),
            ),
        ] {
            assert_eq!(target(text).unwrap(), want);
        }
    }
}
