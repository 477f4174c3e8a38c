//! The policy file (TOML) and its checks.

use crate::policy::units::Unit;
use crate::policy::{Archives, Attached, Isolation, Policy, Route, Secrets, Texts, secrets};
use mugai_core::{Animation, Family, Host, Lang, Limits, Links, Params, Treatment, Treatments};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What is wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// Not TOML, an unknown key, or a key of another type; in the TOML reader's words.
    Syntax(String),
    /// A value that is not accepted.
    Value {
        /// The key, with its path in the file.
        key: String,
        /// The value.
        value: String,
        /// What would be accepted.
        accepted: String,
    },
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(message) => write!(f, "policy: {}", message.trim_end()),
            Self::Value {
                key,
                value,
                accepted,
            } => {
                write!(
                    f,
                    "policy: {key} = {value:?} is not accepted; accepted: {accepted}"
                )
            }
        }
    }
}

impl std::error::Error for PolicyError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPolicy {
    name: String,
    isolation: Option<String>,
    #[serde(default)]
    route: Vec<RawRoute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRoute {
    from: String,
    to: String,
    /// Looked at by hand: what is wrong with it is told without it.
    passwords: Option<toml::Value>,
    password_file: Option<String>,
    #[serde(default)]
    treat: BTreeMap<String, String>,
    #[serde(default)]
    settings: RawSettings,
    #[serde(default)]
    limits: RawLimits,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSettings {
    lang: Option<String>,
    links: Option<String>,
    animation: Option<String>,
    dpi: Option<i64>,
    text_layer: Option<bool>,
    embedded: Option<String>,
    comments: Option<String>,
    archives: Option<String>,
    authserv_id: Option<String>,
    contact: Option<String>,
    notice: Option<String>,
    attached_mails: Option<String>,
    passwords_in_mail: Option<bool>,
    encrypt_again: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    #[serde(default)]
    part: BTreeMap<String, Quantity>,
    #[serde(default)]
    job: BTreeMap<String, Quantity>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Quantity {
    Whole(i64),
    Float(f64),
    Text(String),
}

impl Quantity {
    /// The quantity as it is written with units; `5e8` is a float for TOML and a whole number for us.
    fn text(&self) -> String {
        match self {
            Self::Whole(number) => number.to_string(),
            Self::Float(number) => format!("{number}"),
            Self::Text(text) => text.clone(),
        }
    }
}

fn wrong(
    key: impl Into<String>,
    value: impl Into<String>,
    accepted: impl Into<String>,
) -> PolicyError {
    PolicyError::Value {
        key: key.into(),
        value: value.into(),
        accepted: accepted.into(),
    }
}

pub(super) fn parse(text: &str) -> Result<Policy, PolicyError> {
    let raw: RawPolicy = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    let isolation = match raw.isolation.as_deref() {
        None | Some("worker") => Isolation::Worker,
        Some("worker-in-group") => Isolation::InGroups,
        Some("worker-without-landlock") => Isolation::WithoutLandlock,
        Some("in-process") => Isolation::InProcess,
        Some(other) => {
            let accepted = "worker, worker-in-group, worker-without-landlock, in-process";
            return Err(wrong("isolation", other, accepted));
        }
    };
    if !word(&raw.name) {
        return Err(wrong("name", raw.name, "1 to 64 letters, digits, - and _"));
    }
    let routes = raw
        .route
        .iter()
        .enumerate()
        .map(|(n, raw)| route(n, raw))
        .collect::<Result<Vec<_>, _>>()?;
    for (n, route) in routes.iter().enumerate() {
        let mut earlier = routes.iter().take(n);
        if earlier.any(|other| (&other.from, &other.to) == (&route.from, &route.to)) {
            let zones = format!("{} -> {}", route.from, route.to);
            return Err(wrong("route", zones, "one route between two zones"));
        }
    }
    let mut policy = Policy {
        name: raw.name,
        isolation,
        routes,
        hash: String::new(),
    };
    policy.hash = blake3::hash(canonical(&policy).as_bytes())
        .to_hex()
        .to_string();
    Ok(policy)
}

/// What the reader of TOML says, which shows the line; of a file with passwords only where it is.
fn syntax(text: &str, error: &toml::de::Error) -> PolicyError {
    if !text.to_ascii_lowercase().contains("passw") {
        return PolicyError::Syntax(error.to_string());
    }
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(1, |before| before.matches('\n').count().saturating_add(1));
    PolicyError::Syntax(format!("line {line} is not understood"))
}

/// Zones and policies have names that can stand in logs and headers.
fn word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn route(number: usize, raw: &RawRoute) -> Result<Route, PolicyError> {
    let at = |key: &str| format!("route[{number}].{key}");
    for (key, zone) in [("from", &raw.from), ("to", &raw.to)] {
        if !word(zone) {
            return Err(wrong(at(key), zone, "1 to 64 letters, digits, - and _"));
        }
    }
    let mut treatments = Treatments::nothing();
    for (key, value) in &raw.treat {
        let (family, treatment) = treatment(&at("treat"), key, value)?;
        treatments = treatments.with(family, treatment);
    }
    let (job, deadline) = limits(&at("limits.job"), &raw.limits.job, JOB, Some(DEADLINE_MS))?;
    let (part, _) = limits(&at("limits.part"), &raw.limits.part, PART, None)?;
    let archives = archives(&at("settings"), &raw.settings)?;
    let secrets = Secrets {
        passwords: secrets::passwords(
            &format!("route[{number}]"),
            raw.passwords.as_ref(),
            raw.password_file.as_deref(),
        )?,
        in_mail: raw.settings.passwords_in_mail.unwrap_or_default(),
        again: raw.settings.encrypt_again.unwrap_or_default(),
    };
    if secrets.again && archives != Archives::Zip {
        let key = at("settings.encrypt_again");
        return Err(wrong(key, "true", "false, or archives = \"zip\""));
    }
    Ok(Route {
        from: raw.from.clone(),
        to: raw.to.clone(),
        treatments,
        params: params(&at("settings"), &raw.settings)?,
        archives,
        authserv: authserv(&at("settings"), &raw.settings)?,
        texts: Texts::read(
            &at("settings"),
            raw.settings.contact.as_deref(),
            raw.settings.notice.as_deref(),
        )?,
        attached: attached(&at("settings"), &raw.settings)?,
        secrets,
        part,
        job,
        deadline: Duration::from_millis(deadline.unwrap_or(DEADLINE_MS)),
    })
}

/// What can be done with a family today; the rest of the house's treatments come with their readers.
pub(super) const fn available(family: Family) -> &'static [Treatment] {
    match family {
        Family::Mail | Family::Text | Family::Html | Family::Container => {
            &[Treatment::Text, Treatment::Withhold]
        }
        Family::Csv => &[Treatment::Text, Treatment::Rebuild, Treatment::Withhold],
        Family::Image => &[Treatment::Flatten, Treatment::Withhold],
        Family::Pdf => &[
            Treatment::Flatten,
            Treatment::Redraw,
            Treatment::Text,
            Treatment::Withhold,
        ],
        Family::Word | Family::Sheet | Family::Slides | Family::Office => &[
            Treatment::Rebuild,
            Treatment::Flatten,
            Treatment::Text,
            Treatment::Withhold,
        ],
        Family::Archive => &[Treatment::Rebuild, Treatment::Withhold],
        Family::Active | Family::Other => &[Treatment::Withhold],
    }
}

fn treatment(at: &str, key: &str, value: &str) -> Result<(Family, Treatment), PolicyError> {
    let codes = |list: &mut dyn Iterator<Item = &'static str>| list.collect::<Vec<_>>().join(", ");
    let family = Family::ALL
        .into_iter()
        .find(|f| f.code() == key)
        .ok_or_else(|| wrong(at, key, codes(&mut Family::ALL.iter().map(|f| f.code()))))?;
    let treatment = available(family)
        .iter()
        .find(|t| t.code() == value)
        .ok_or_else(|| {
            let accepted = codes(&mut available(family).iter().map(|t| t.code()));
            wrong(format!("{at}.{key}"), value, accepted)
        })?;
    Ok((family, *treatment))
}

fn params(at: &str, raw: &RawSettings) -> Result<Params, PolicyError> {
    let mut params = Params::default();
    if let Some(lang) = &raw.lang {
        params.lang = match lang.as_str() {
            "ja" => Lang::Ja,
            "en" => Lang::En,
            other => return Err(wrong(format!("{at}.lang"), other, "ja, en")),
        };
    }
    if let Some(links) = &raw.links {
        params.links = Links::ALL
            .into_iter()
            .find(|way| way.code() == links)
            .ok_or_else(|| wrong(format!("{at}.links"), links, "defang, drop, keep"))?;
    }
    if let Some(animation) = &raw.animation {
        params.animation = match animation.as_str() {
            "first" => Animation::First,
            "all" => Animation::All,
            other => return Err(wrong(format!("{at}.animation"), other, "first, all")),
        };
    }
    if let Some(dpi) = raw.dpi {
        params.dpi = u16::try_from(dpi)
            .ok()
            .filter(|dpi| (72..=600).contains(dpi))
            .ok_or_else(|| wrong(format!("{at}.dpi"), dpi.to_string(), "72 to 600"))?;
    }
    if let Some(text_layer) = raw.text_layer {
        params.text_layer = text_layer;
    }
    if let Some(embedded) = &raw.embedded {
        params.embedded = match embedded.as_str() {
            "drop" => false,
            "beside" => true,
            other => return Err(wrong(format!("{at}.embedded"), other, "drop, beside")),
        };
    }
    if let Some(comments) = &raw.comments {
        params.comments = match comments.as_str() {
            "drop" => false,
            "text" => true,
            other => return Err(wrong(format!("{at}.comments"), other, "drop, text")),
        };
    }
    Ok(params)
}

fn archives(at: &str, raw: &RawSettings) -> Result<Archives, PolicyError> {
    match raw.archives.as_deref() {
        None | Some("zip") => Ok(Archives::Zip),
        Some("parts") => Ok(Archives::Parts),
        Some(other) => Err(wrong(format!("{at}.archives"), other, "zip, parts")),
    }
}

fn authserv(at: &str, raw: &RawSettings) -> Result<Option<Host>, PolicyError> {
    let Some(name) = &raw.authserv_id else {
        return Ok(None);
    };
    let accepted = "the name of a host, as it stands in Authentication-Results";
    match Host::parse(name) {
        Some(host) => Ok(Some(host)),
        None => Err(wrong(format!("{at}.authserv_id"), name, accepted)),
    }
}

fn attached(at: &str, raw: &RawSettings) -> Result<Attached, PolicyError> {
    match raw.attached_mails.as_deref() {
        None | Some("text") => Ok(Attached::Text),
        Some("mail") => Ok(Attached::Mail),
        Some(other) => Err(wrong(format!("{at}.attached_mails"), other, "text, mail")),
    }
}

/// What a part and a job may cost where the file does not say.
const PART: Limits = Limits {
    bytes: 64 << 20,
    pixels: 1_000_000_000,
    parts: 2_000,
    depth: 5,
    steps: 500_000_000,
};
const JOB: Limits = Limits {
    bytes: 512 << 20,
    pixels: 2_000_000_000,
    parts: 5_000,
    depth: 5,
    steps: 2_000_000_000,
};
const DEADLINE_MS: u64 = 120_000;
/// Time-outs over a day are a mistake of units.
const MAX_DEADLINE_MS: u64 = 86_400_000;

fn limits(
    at: &str,
    raw: &BTreeMap<String, Quantity>,
    default: Limits,
    deadline: Option<u64>,
) -> Result<(Limits, Option<u64>), PolicyError> {
    let mut limits = default;
    let mut deadline = deadline;
    for (key, quantity) in raw {
        let (slot, unit) = match (key.as_str(), &mut deadline) {
            ("bytes", _) => (&mut limits.bytes, Unit::Bytes),
            ("pixels", _) => (&mut limits.pixels, Unit::Pixels),
            ("parts", _) => (&mut limits.parts, Unit::Count),
            ("depth", _) => (&mut limits.depth, Unit::Count),
            ("steps", _) => (&mut limits.steps, Unit::Count),
            ("deadline", Some(deadline)) => (deadline, Unit::Time),
            _ => {
                return Err(wrong(
                    at,
                    key,
                    "bytes, pixels, parts, depth, steps; for a job also deadline",
                ));
            }
        };
        let text = quantity.text();
        let in_range = |value: &u64| unit != Unit::Time || (1..=MAX_DEADLINE_MS).contains(value);
        *slot = unit
            .parse(&text)
            .filter(in_range)
            .ok_or_else(|| wrong(format!("{at}.{key}"), text, unit.accepted()))?;
    }
    Ok((limits, deadline))
}

/// The BLAKE3 of what a policy says, in hex.
pub(super) fn hash(policy: &Policy) -> String {
    blake3::hash(canonical(policy).as_bytes())
        .to_hex()
        .to_string()
}

/// A text that is equal for policies that say the same, whatever their files look like.
fn canonical(policy: &Policy) -> String {
    let routes: String = policy.routes.iter().map(ToString::to_string).collect();
    let isolation = policy.isolation.code();
    format!("{}\n{isolation}\n{routes}", policy.name)
}
