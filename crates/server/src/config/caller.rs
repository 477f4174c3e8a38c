//! Who may call.

use super::ConfigError;
use serde::Deserialize;
use std::collections::BTreeSet;

/// One caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerRule {
    /// What it is called in logs.
    pub name: String,
    /// How it is recognised.
    pub identity: Identity,
    /// The pairs of zones that it may use.
    pub pairs: BTreeSet<Pair>,
    /// Whether it may have the policies read again.
    pub admin: bool,
}

/// How a caller is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The user that its process runs as, as the kernel tells it over a Unix socket.
    Uid(u32),
    /// A DNS name that its client certificate is valid for.
    Certificate(String),
}

/// An ordered pair of zones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Where files come from.
    pub from: String,
    /// Where they go to.
    pub to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCaller {
    name: String,
    uid: Option<u32>,
    certificate: Option<String>,
    #[serde(default)]
    zones: Vec<Pair>,
    #[serde(default)]
    admin: bool,
}

/// Checks all callers: each has one identity, no two have the same, and their names fit into logs.
pub(super) fn checked(raw: Vec<RawCaller>) -> Result<Vec<CallerRule>, ConfigError> {
    let wrong = |problem: String| ConfigError::Value("caller", problem);
    let mut callers: Vec<CallerRule> = Vec::new();
    for raw in raw {
        let name = raw.name;
        if !crate::docket::is_word(&name) || name.is_empty() {
            return Err(wrong(format!(
                "name {name:?}: letters, digits and . _ : - only"
            )));
        }
        let identity = match (raw.uid, raw.certificate) {
            (Some(uid), None) => Identity::Uid(uid),
            (None, Some(certificate))
                if rustls_pki_types::DnsName::try_from(certificate.as_str()).is_ok() =>
            {
                Identity::Certificate(certificate.to_ascii_lowercase())
            }
            (None, Some(certificate)) => {
                return Err(wrong(format!("{name}: {certificate:?} is no DNS name")));
            }
            (Some(_), Some(_)) | (None, None) => {
                return Err(wrong(format!("{name}: either uid or certificate is due")));
            }
        };
        if callers
            .iter()
            .any(|other| other.identity == identity || other.name == name)
        {
            return Err(wrong(format!(
                "{name}: a caller of this name or identity is there already"
            )));
        }
        callers.push(CallerRule {
            name,
            identity,
            pairs: raw.zones.into_iter().collect(),
            admin: raw.admin,
        });
    }
    if callers.is_empty() {
        return Err(wrong("nobody may call".to_owned()));
    }
    Ok(callers)
}
