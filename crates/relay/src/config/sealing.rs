//! How new mails are sealed.

use super::ConfigError;
use serde::Deserialize;
use std::path::PathBuf;

/// Header fields that are signed where the configuration names none: all that a new mail can have.
const ALL: [&str; 17] = [
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "list-id",
    "auto-submitted",
    "precedence",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "x-mugai-auth",
    "x-mugai-result",
];

/// Fields that mail servers write anew on the way, and those of seals themselves (RFC 8617, section 4.1.2;
/// RFC 6376, section 5.4.1).
const NEVER: [&str; 6] = [
    "arc-authentication-results",
    "arc-message-signature",
    "arc-seal",
    "authentication-results",
    "received",
    "return-path",
];

/// What seals are made with (RFC 8617).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealing {
    /// Who seals: the domain below which the public key is found, in small letters.
    pub domain: String,
    /// The name of the key there.
    pub selector: String,
    /// The private key, PEM: RSA of 2048 to 4096 bits (PKCS #1 or #8), or Ed25519 (PKCS #8).
    pub key: PathBuf,
    /// The server whose results are sealed.
    pub server: String,
    /// The fields that are signed, in small letters; From is among them.
    pub headers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSealing {
    domain: String,
    selector: String,
    key: PathBuf,
    authserv_id: Option<String>,
    headers: Option<Vec<String>>,
}

impl RawSealing {
    pub(super) fn checked(self) -> Result<Sealing, ConfigError> {
        let domain = host("arc.domain", &self.domain)?;
        if !domain.contains('.') {
            let problem = format!("{domain:?} is not a whole domain");
            return Err(ConfigError::Value("arc.domain", problem));
        }
        let server = self
            .authserv_id
            .map(|name| host("arc.authserv_id", &name))
            .transpose()?;
        Ok(Sealing {
            server: server.unwrap_or_else(|| domain.clone()),
            domain,
            selector: host("arc.selector", &self.selector)?,
            key: self.key,
            headers: headers(self.headers)?,
        })
    }
}

/// Labels of letters, digits, hyphens and underscores.
fn host(key: &'static str, name: &str) -> Result<String, ConfigError> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(good);
    if name.len() <= 253 && name.split('.').all(label) {
        Ok(name.to_ascii_lowercase())
    } else {
        let problem = format!("{name:?} is not a name of the domain name system");
        Err(ConfigError::Value(key, problem))
    }
}

fn headers(given: Option<Vec<String>>) -> Result<Vec<String>, ConfigError> {
    let wrong = |problem: String| Err(ConfigError::Value("arc.headers", problem));
    let Some(given) = given else {
        return Ok(ALL.map(str::to_owned).to_vec());
    };
    let mut names: Vec<String> = Vec::with_capacity(given.len());
    for name in given {
        let name = name.to_ascii_lowercase();
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !(1..=64).contains(&name.len()) || !name.bytes().all(good) {
            return wrong(format!("{name:?} is not the name of a header field"));
        }
        if NEVER.contains(&name.as_str()) {
            return wrong(format!("{name:?} changes on the way and is never signed"));
        }
        if names.contains(&name) {
            return wrong(format!("{name:?} is there twice"));
        }
        names.push(name);
    }
    if names.len() > 50 || !names.iter().any(|name| name == "from") {
        return wrong("at most 50 names, \"from\" among them".to_owned());
    }
    Ok(names)
}
