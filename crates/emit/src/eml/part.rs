//! Bodies and attachments (RFC 2045, 2046, 2183, 2231).

use super::{Attachment, base64, words};
use crate::text::Harmless;
use mugai_core::{Refusal, Target};

/// The longest ASCII name that is written as it is.
const MAX_PLAIN_NAME: usize = 60;
/// The longest percent-encoded name that fits into one line behind `filename*=UTF-8''`.
const MAX_ONE_SECTION: usize = 50;

/// The rest of the header of a message, or all of that of a part, and its text.
pub(super) fn body(text: &Harmless, out: &mut Vec<u8>) {
    out.extend_from_slice(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    );
    base64::text_lines(text.closed(), out);
}

/// The rest of the header of a message, and all of its parts.
pub(super) fn multipart(
    boundary: &str,
    text: &Harmless,
    attachments: &[Attachment<'_>],
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    out.extend_from_slice(
        format!("Content-Type: multipart/mixed;\r\n boundary=\"{boundary}\"\r\n\r\n").as_bytes(),
    );
    out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
    body(text, out);
    for one in attachments {
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        attachment(one, out)?;
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(())
}

fn attachment(attachment: &Attachment<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let name = attachment.name;
    let extension = name.split_extension().1.unwrap_or_default();
    if !extension.eq_ignore_ascii_case(attachment.target.extension()) {
        return Err(Refusal::internal("eml: extension is not the target's"));
    }
    if attachment.content.is_empty() {
        return Err(Refusal::internal("eml: empty attachment"));
    }
    let (named, filed) = parameters(name.as_str());
    let header = format!(
        "Content-Type: {};\r\n {named}\r\nContent-Disposition: attachment;\r\n {filed}\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
        content_type(attachment.target)
    );
    out.extend_from_slice(header.as_bytes());
    base64::lines(&attachment.content.load()?, out);
    Ok(())
}

/// The media type of an attachment.
///
/// CSV says what it is and not `text/plain`, in which its byte order mark would be a stray
/// invisible character. Messages go as bytes: `message/*` must not be base64 (RFC 2046 section
/// 5.2.1), and unencoded they would put one message's boundaries into another's body.
const fn content_type(target: Target) -> &'static str {
    match target {
        Target::Txt => "text/plain; charset=utf-8",
        Target::Csv => "text/csv; charset=utf-8",
        Target::Eml | Target::Mbox => "application/octet-stream",
        other @ (Target::Png
        | Target::Jpeg
        | Target::Pdf
        | Target::Docx
        | Target::Xlsx
        | Target::Pptx
        | Target::Zip
        | Target::Odt
        | Target::Ods
        | Target::Odp) => other.media_type(),
    }
}

/// The same name as `name=` and as `filename=`: both plain, or the one as encoded words (what old
/// clients read) and the other as RFC 2231 says.
fn parameters(name: &str) -> (String, String) {
    if name.is_ascii() && name.len() <= MAX_PLAIN_NAME {
        return (format!("name=\"{name}\""), format!("filename=\"{name}\""));
    }
    let named = format!("name=\"{}\"", words::encode(name).join("\r\n "));
    let sections = words::sections(name);
    let filed = match sections.as_slice() {
        [one] if one.len() <= MAX_ONE_SECTION => format!("filename*=UTF-8''{one}"),
        many => many
            .iter()
            .enumerate()
            .map(|(number, section)| {
                let charset = if number == 0 { "UTF-8''" } else { "" };
                format!("filename*{number}*={charset}{section}")
            })
            .collect::<Vec<_>>()
            .join(";\r\n "),
    };
    (named, filed)
}
