//! The header of a message: known names in a known order, each value by its own grammar.

use super::address::{self, Mailbox};
use super::date;
use super::lines::Lines;
use super::words;
use crate::text;
use mugai_core::Violation;

/// The longest line, unless a single token is longer.
const MAX_LINE: usize = 76;

/// The longest field, in bytes, its folds as one blank each: with them Postfix cuts it at 60,000. What is
/// written ends at 56,000 with its folds.
const MAX_FIELD: usize = 58_000;

/// Every header, in order, and whether a message must have it.
const ORDER: [(&str, bool); 17] = [
    ("From", true),
    ("To", false),
    ("Cc", false),
    ("Reply-To", false),
    ("Subject", false),
    ("Date", false),
    ("Message-ID", false),
    ("In-Reply-To", false),
    ("References", false),
    ("List-Id", false),
    ("Auto-Submitted", false),
    ("Precedence", false),
    ("X-Mugai-Auth", false),
    ("MIME-Version", true),
    ("X-Mugai-Result", true),
    ("Content-Type", true),
    ("Content-Transfer-Encoding", false),
];

/// What the header says.
pub(super) struct Header {
    /// The authors.
    pub(super) from: Vec<Mailbox>,
    /// The subject, decoded.
    pub(super) subject: Option<String>,
    /// The boundary, where there are attachments.
    pub(super) boundary: Option<String>,
}

struct Field<'a> {
    name: &'a str,
    /// Unfolded: one blank for each fold.
    value: String,
    at: usize,
}

/// Reads the header and the blank line behind it.
pub(super) fn read(lines: &mut Lines<'_>) -> Result<Header, Violation> {
    let fields = fields(lines)?;
    let mut expected = ORDER.iter();
    for field in &fields {
        let skipped = |(name, must): &&(&str, bool)| *name == field.name || *must;
        if expected
            .find(skipped)
            .is_none_or(|(name, _)| *name != field.name)
        {
            return Err(Violation::at(
                "eml: header unknown or out of place",
                field.at,
            ));
        }
        let end = field.name.len().saturating_add(2);
        if field.value.len().saturating_add(end) > MAX_FIELD {
            return Err(Violation::at("eml: header too long", field.at));
        }
        if !has_grammar(field) {
            return Err(Violation::at("eml: header value", field.at));
        }
    }
    if expected.any(|(_, must)| *must) {
        return Err(lines.wrong("eml: header missing"));
    }
    let value = |name: &str| {
        fields
            .iter()
            .find(|f| f.name == name)
            .map(|f| f.value.as_str())
    };
    let missing = || lines.wrong("eml: header missing");
    let id = value("X-Mugai-Result")
        .and_then(stamp)
        .ok_or_else(missing)?;
    let boundary = format!("=_{id}");
    let multipart = format!("multipart/mixed; boundary=\"{boundary}\"");
    let boundary = match (value("Content-Type"), value("Content-Transfer-Encoding")) {
        (Some("text/plain; charset=utf-8"), Some("base64")) => None,
        (Some(kind), None) if kind == multipart => Some(boundary),
        _ => return Err(lines.wrong("eml: content type")),
    };
    Ok(Header {
        from: value("From").and_then(address::list).ok_or_else(missing)?,
        subject: value("Subject").and_then(words::value),
        boundary,
    })
}

/// Unfolds the fields up to the blank line.
fn fields<'a>(lines: &mut Lines<'a>) -> Result<Vec<Field<'a>>, Violation> {
    let mut fields: Vec<Field<'a>> = Vec::new();
    loop {
        let at = lines.at();
        let line = lines.need()?;
        if line.is_empty() {
            return Ok(fields);
        }
        let folded = line.strip_prefix(' ');
        let (name, value) = match folded {
            Some(more) => ("", more),
            None => line
                .split_once(": ")
                .ok_or(Violation::at("eml: header line", at))?,
        };
        let edges = value.is_empty() || value.starts_with(' ') || value.ends_with(' ');
        let too_long = line.len() > MAX_LINE && value.contains(' ');
        if edges || too_long || value.contains("  ") {
            return Err(Violation::at("eml: header line", at));
        }
        match (folded, fields.last_mut()) {
            (Some(_), Some(field)) => {
                field.value.push(' ');
                field.value.push_str(value);
            }
            (Some(_), None) => return Err(Violation::at("eml: header line", at)),
            (None, _) => fields.push(Field {
                name,
                value: value.to_owned(),
                at,
            }),
        }
    }
}

fn has_grammar(field: &Field<'_>) -> bool {
    let value = field.value.as_str();
    match field.name {
        "From" | "To" | "Cc" | "Reply-To" => address::list(value).is_some(),
        "Subject" => words::value(value).is_some_and(|subject| text::is_harmless(&subject)),
        "List-Id" => words::value(value).is_some(),
        "Date" => date::is_valid(value),
        "Message-ID" => is_id(value),
        "In-Reply-To" | "References" => {
            value.split(' ').all(is_id) && value.split(' ').count() <= 20
        }
        "Auto-Submitted" => matches!(
            value,
            "no" | "auto-generated" | "auto-replied" | "auto-notified"
        ),
        "Precedence" => matches!(value, "bulk" | "list" | "junk"),
        "X-Mugai-Auth" => is_auth(value),
        "MIME-Version" => value == "1.0",
        "X-Mugai-Result" => stamp(value).is_some(),
        // these two depend on the stamp
        "Content-Type" | "Content-Transfer-Encoding" => true,
        _ => false,
    }
}

/// `<left@right>` of characters that stand for nothing else.
fn is_id(value: &str) -> bool {
    let Some(id) = value.strip_prefix('<').and_then(|v| v.strip_suffix('>')) else {
        return false;
    };
    let sides = id
        .split_once('@')
        .is_some_and(|(l, r)| !l.is_empty() && !r.is_empty() && !r.contains('@'));
    let open = id
        .bytes()
        .all(|b| b.is_ascii_graphic() && !b"<>\"(),;\\".contains(&b));
    sides && open && id.len() <= 250 && !id.contains("=?")
}

/// `v1; method=verdict domain; …`, each method once and in this order, the domain where there is one.
fn is_auth(value: &str) -> bool {
    let Some(rest) = value.strip_prefix("v1; ") else {
        return false;
    };
    let mut methods = ["dmarc", "dkim", "spf", "arc"].iter();
    let verdicts = [
        "none",
        "pass",
        "fail",
        "softfail",
        "neutral",
        "policy",
        "temperror",
        "permerror",
    ];
    rest.split("; ").all(|statement| {
        let (result, domain) = statement.split_once(' ').unwrap_or((statement, "-"));
        let Some((method, verdict)) = result.split_once('=') else {
            return false;
        };
        let host = (1..=253).contains(&domain.len())
            && domain
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'));
        methods.any(|known| *known == method) && verdicts.contains(&verdict) && host
    })
}

/// What can become of a mail, and what letters of our own are.
const VERDICTS: [&str; 5] = [
    "sanitised",
    "partly_withheld",
    "withheld",
    "digest",
    "check",
];

/// The id of `v1; id=…; verdict=…`.
fn stamp(value: &str) -> Option<&str> {
    let (id, verdict) = value.strip_prefix("v1; id=")?.split_once("; verdict=")?;
    let id_ok = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    (id_ok && VERDICTS.contains(&verdict)).then_some(id)
}
