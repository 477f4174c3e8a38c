//! One line of syslog (RFC 5424) around an event.

use super::{cef, json};
use crate::config::{Facility, Format, Syslog};
use crate::events::Event;
use std::fmt::Write as _;

/// What stands at the beginning of every line.
#[derive(Debug)]
pub(super) struct Header {
    facility: Facility,
    format: Format,
    host: String,
    process: u32,
}

impl Header {
    pub(super) fn of(config: &Syslog) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            facility: config.facility,
            format: config.format,
            host: word(&host),
            process: std::process::id(),
        }
    }

    /// The whole line, without a line end.
    pub(super) fn line(&self, event: &Event) -> String {
        // at most 23 and 7: the product of a facility and 8 fits
        let priority = u16::from(self.facility.0)
            .saturating_mul(8)
            .saturating_add(u16::from(event.what.syslog_severity()));
        let at = humantime::format_rfc3339_millis(event.at);
        let mut line = String::new();
        // writing to a text cannot fail
        let _ = write!(
            line,
            "<{priority}>1 {at} {} mugai {} {} - ",
            self.host,
            self.process,
            event.what.name()
        );
        line.push_str(&match self.format {
            Format::Cef => cef::write(event),
            Format::Json => json::write(event),
        });
        line
    }
}

/// A header field: printable ASCII without spaces, at most 255 characters, `-` for nothing.
fn word(text: &str) -> String {
    let word: String = text
        .chars()
        .filter(char::is_ascii_graphic)
        .take(255)
        .collect();
    if word.is_empty() {
        "-".to_owned()
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::What;
    use std::time::{Duration, SystemTime};

    fn event() -> Event {
        let since = Duration::from_millis(1_767_225_600_123);
        let at = SystemTime::UNIX_EPOCH.checked_add(since).unwrap();
        Event {
            caller: "relay".to_owned(),
            queue_id: "4XkQ2z".to_owned(),
            id: "A1B2".to_owned(),
            policy_hash: "ab".to_owned(),
            path: "0.2".to_owned(),
            kind: "pdf",
            reason: "malformed",
            bytes: 12,
            file: Some(crate::plain("a|b=c\\d\n\r\u{202e}表.pdf")),
            ..Event::of(What::PartWithheld, at)
        }
    }

    fn header(format: Format) -> Header {
        Header {
            facility: Facility(2),
            format,
            host: word("mail 1.city\n"),
            process: 7,
        }
    }

    #[test]
    fn golden_cef() {
        assert_eq!(
            header(Format::Cef).line(&event()),
            "<20>1 2026-01-01T00:00:00.123Z mail1.city mugai 7 part_withheld - \
             CEF:0|mugai|mugai|0.1.0|1001|part_withheld|5|rt=1767225600123 suser=relay \
             externalId=4XkQ2z cs1Label=job cs1=A1B2 cs2Label=policyHash cs2=ab \
             cs3Label=part cs3=0.2 fileType=pdf fsize=12 reason=malformed cnt=1 \
             fname=a|b\\=c\\\\\\\\d\\\\u{a}\\\\u{d}\\\\u{202e}表.pdf"
        );
    }

    #[test]
    fn golden_json() {
        assert_eq!(
            header(Format::Json).line(&event()),
            "<20>1 2026-01-01T00:00:00.123Z mail1.city mugai 7 part_withheld - \
             {\"at\":\"2026-01-01T00:00:00.123Z\",\"bytes\":12,\"caller\":\"relay\",\"count\":1,\
             \"event\":1001,\"file\":\"a|b=c\\\\\\\\d\\\\u{a}\\\\u{d}\\\\u{202e}表.pdf\",\"id\":\"A1B2\",\
             \"kind\":\"pdf\",\"name\":\"part_withheld\",\"path\":\"0.2\",\"policy_hash\":\"ab\",\
             \"queue_id\":\"4XkQ2z\",\"reason\":\"malformed\",\"severity\":5}"
        );
    }

    #[test]
    fn an_event_of_the_service_has_no_empty_fields() {
        let at = SystemTime::UNIX_EPOCH;
        let event = Event::of(What::PoliciesBad, at);
        assert_eq!(
            header(Format::Cef).line(&event),
            "<19>1 1970-01-01T00:00:00.000Z mail1.city mugai 7 policies_bad - \
             CEF:0|mugai|mugai|0.1.0|1007|policies_bad|8|rt=0 cnt=1"
        );
    }

    #[test]
    fn a_host_without_a_name_is_nil() {
        assert_eq!(word(" \n"), "-");
        assert_eq!(word(&"a".repeat(300)).len(), 255);
    }
}
