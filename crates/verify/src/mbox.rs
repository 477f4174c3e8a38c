//! The profile of a mailbox: one fixed separator line, messages of ours with LF line ends.

use crate::eml;
use crate::known::Known;
use mugai_core::{Target, Violation};

const SEPARATOR: &[u8] = b"From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n";

/// Checks a mailbox that lies `depth` messages deep. Messages that were accepted before are not checked again: what is
/// closed in them nobody can look into.
pub(crate) fn nested(bytes: &[u8], known: Known<'_>, depth: u32) -> Result<(), Violation> {
    let mut rest = bytes;
    let mut place = 0usize;
    loop {
        let at = bytes.len().saturating_sub(rest.len());
        let message = rest
            .strip_prefix(SEPARATOR)
            .ok_or(Violation::at("mbox: separator line", at))?;
        let mut length = 0usize;
        let mut crlf = Vec::new();
        let lines = message.split_inclusive(|b| *b == b'\n');
        for line in lines.take_while(|line| !line.starts_with(b"From ")) {
            length = length.saturating_add(line.len());
            let text = line
                .strip_suffix(b"\n")
                .ok_or(Violation::at("mbox: last line without end", at))?;
            crlf.extend_from_slice(text);
            crlf.extend_from_slice(b"\r\n");
        }
        // the blank line that belongs to the separator
        let own = crlf
            .strip_suffix(b"\r\n")
            .filter(|own| own.ends_with(b"\r\n"))
            .ok_or(Violation::at("mbox: no blank line at the end", at))?;
        let is_known = known
            .from(place)
            .any(|known| known.target() == Target::Eml && known.content().equals(own) == Ok(true));
        if !is_known && !known.is_marked(Target::Eml, own) {
            eml::nested(own, known, depth).map_err(|violation| Violation {
                rule: violation.rule,
                offset: Violation::at("mbox: message", at).offset,
            })?;
        }
        place = place.saturating_add(1);
        rest = message.get(length..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(());
        }
    }
}
