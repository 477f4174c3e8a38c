//! A header, checked: who sends what where, under which rules.

use crate::caller;
use crate::gate::Visit;
use crate::policies::Policies;
use mugai_core::{Line, Password, SafeName};
use mugai_engine::Policy;
use mugai_proto::v1::Header;
use std::sync::Arc;
use std::time::Instant;
use tonic::Status;

/// The longest texts that a header may have, in bytes.
const MOST_NAME: usize = 4096;
const MOST_WORD: usize = 128;
const MOST_ADDRESS: usize = 320;
const MOST_RECIPIENTS: usize = 1000;

/// What a header amounts to.
#[derive(Debug)]
pub(crate) struct Docket {
    /// What the file is called, made safe.
    pub(crate) name: Option<SafeName>,
    /// The same for the report.
    pub(crate) label: String,
    /// The rules.
    pub(crate) policy: Arc<Policy>,
    /// The zones.
    pub(crate) from: String,
    pub(crate) to: String,
    /// Words of the caller that are fit for logs.
    pub(crate) queue_id: String,
    pub(crate) key: String,
    /// What is tried on encrypted parts.
    pub(crate) passwords: Vec<Password>,
    /// The size that was announced; 0 for none.
    pub(crate) expected: u64,
    /// When the time of the policy, or the caller's, is over.
    pub(crate) until: Instant,
    /// When the caller's time is over.
    pub(crate) patience: Option<Instant>,
}

impl Docket {
    /// Checks a header.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, `PERMISSION_DENIED`, `NOT_FOUND`.
    pub(crate) fn of(
        header: Option<Header>,
        policies: &Policies,
        visit: &Visit,
    ) -> Result<Self, Status> {
        let header = header.ok_or_else(|| wrong("header: is missing"))?;
        let envelope = header
            .envelope
            .ok_or_else(|| wrong("header.envelope: is missing"))?;
        if header.name.len() > MOST_NAME {
            return Err(wrong("header.name: is too long"));
        }
        let many = envelope.recipients.len() > MOST_RECIPIENTS;
        let mut addresses = envelope.recipients.iter().chain([&envelope.sender]);
        if many || addresses.any(|address| address.len() > MOST_ADDRESS) {
            return Err(wrong(
                "header.envelope: too many recipients, or too long an address",
            ));
        }
        if !is_word(&envelope.queue_id) || !is_word(&header.idempotency_key) {
            return Err(wrong(
                "queue_id, idempotency_key: at most 128 letters, digits and . _ : -",
            ));
        }
        let (from, to) = (envelope.from_zone, envelope.to_zone);
        caller::may(&visit.caller, &from, &to)?;
        let policy = policies
            .named(&header.policy)
            .ok_or_else(|| Status::not_found("header.policy: there is no policy of this name"))?;
        let route = policy
            .route(&from, &to)
            .ok_or_else(|| Status::not_found("the policy has no route between these zones"))?;
        let over = Instant::now().checked_add(route.deadline);
        let over = over.ok_or_else(|| Status::internal("the deadline is out of range"))?;
        let (name, _) = SafeName::clean(&header.name);
        Ok(Self {
            label: label(&header.name),
            name,
            from,
            to,
            queue_id: envelope.queue_id,
            key: header.idempotency_key,
            passwords: passwords(header.passwords)?,
            expected: header.expected_bytes,
            until: visit.until.map_or(over, |until| until.min(over)),
            patience: visit.until,
            policy,
        })
    }
}

/// The passwords, each of which is tried on each encrypted part.
fn passwords(given: Vec<String>) -> Result<Vec<Password>, Status> {
    if given.len() > Password::MAX_COUNT {
        return Err(wrong("header.passwords: too many"));
    }
    given
        .into_iter()
        .map(|text| Password::new(text).ok_or_else(|| wrong("header.passwords: 1 to 1024 bytes")))
        .collect()
}

/// The name as it stands in the report.
fn label(name: &str) -> String {
    let (line, _) = Line::clean(name);
    if line.as_str().is_empty() {
        "unnamed".to_owned()
    } else {
        line.as_str().to_owned()
    }
}

/// Whether a text is made of characters that are harmless in any log.
pub(crate) fn is_word(text: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    text.len() <= MOST_WORD && text.bytes().all(harmless)
}

fn wrong(what: &str) -> Status {
    Status::invalid_argument(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cannot_break_a_log() {
        for (text, good) in [
            ("", true),
            ("4XkQ2z-1:a_b.c", true),
            ("a b", false),
            ("a\nb", false),
            ("表", false),
            ("<", false),
        ] {
            assert_eq!(is_word(text), good, "{text:?}");
        }
        assert!(is_word(&"a".repeat(MOST_WORD)));
        assert!(!is_word(&"a".repeat(MOST_WORD + 1)));
    }
}
