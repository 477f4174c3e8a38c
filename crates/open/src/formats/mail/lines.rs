//! Line ends that a conversion on the way has ruined.

use memchr::{memchr, memmem};
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use std::borrow::Cow;

/// The message with line ends that can be read, if it has none: CR alone everywhere, as old systems
/// wrote them, or CR CR LF, which comes of a text that was converted twice. RFC 5322 section 2.3
/// knows neither, and read as they stand they leave one line, or a header that never ends.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn mended<'a>(input: &'a [u8], cx: &mut Cx<'_>) -> Result<Cow<'a, [u8]>, Refusal> {
    // an ordinary message is looked at up to its first line end
    let first = memchr(b'\n', input);
    let alone = first.is_none() && memchr(b'\r', input).is_some();
    let line = input.get(..first.unwrap_or_default()).unwrap_or_default();
    if !alone && !line.ends_with(b"\r\r") {
        return Ok(Cow::Borrowed(input));
    }
    cx.charge_len(Resource::Bytes, input.len())?;
    cx.charge_len(Resource::Steps, input.len() / 8)?;
    cx.note(FindingCode::MailHeaderMalformed);
    if alone {
        let lines = input.iter().map(|&b| if b == b'\r' { b'\n' } else { b });
        return Ok(Cow::Owned(lines.collect()));
    }
    let mut out = Vec::new();
    let mut rest = input;
    while let Some(at) = memmem::find(rest, b"\r\r\n") {
        let (line, behind) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(line);
        rest = behind.get(1..).unwrap_or_default();
        // the CR that is left and its LF go with the next line
        let (end, behind) = rest.split_at_checked(2).unwrap_or((rest, &[]));
        out.extend_from_slice(end);
        rest = behind;
    }
    out.extend_from_slice(rest);
    Ok(Cow::Owned(out))
}
