//! Mails: trees of parts in the encodings and spellings that programs write (RFC 2045 to 2047, 2231).

use super::{Forged, noise, some, word_of};
use arbitrary::{Result, Unstructured};
use data_encoding::BASE64;
use std::fmt::Write;

/// What a part without parts holds, once it is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// A text in UTF-8.
    Text(String),
    /// Any bytes.
    File(Vec<u8>),
}

const SUBTYPES: [&str; 5] = ["mixed", "alternative", "related", "report", "unheard-of"];
/// The deepest tree.
const DEPTH: u8 = 4;

/// A mail, and its leaves in their order.
///
/// # Errors
/// When `source` ends early.
pub fn mail(source: &mut Unstructured<'_>) -> Result<Forged<Vec<Leaf>>> {
    let mut mail = String::from("From: =?utf-8?B?5biC5b255omA?= <a@city.example.lg.jp>\r\n");
    for _ in 0..source.int_in_range(0..=3u8)? {
        let name = source.choose(&["To", "Cc", "Subject", "X-Mailer", "Received", "Date"])?;
        let _ = write!(mail, "{name}: {}", word_of(source)?);
        mail.push_str(source.choose(&["\r\n", "\r\n folded\r\n", "; a=b\r\n"])?);
    }
    mail.push_str("MIME-Version: 1.0\r\n");
    let mut leaves = Vec::new();
    part(source, &mut mail, &mut leaves, DEPTH, &mut 0)?;
    Forged::of(mail.into_bytes(), leaves, source)
}

fn part(
    source: &mut Unstructured<'_>,
    mail: &mut String,
    leaves: &mut Vec<Leaf>,
    depth: u8,
    number: &mut u32,
) -> Result<()> {
    if depth == 0 || source.ratio(2u8, 3u8)? {
        return leaf(source, mail, leaves);
    }
    let subtype = source.choose(&SUBTYPES)?;
    *number = number.saturating_add(1);
    let boundary = match source.int_in_range(0..=2u8)? {
        0 => format!("=_b{number}"),
        1 => format!("----=_Part {number} '()+_,-./:=?"),
        _ => format!("b{number}").repeat(12),
    };
    let _ = write!(
        mail,
        "Content-Type: multipart/{subtype};\r\n boundary=\"{boundary}\"\r\n\r\n"
    );
    for _ in 0..source.int_in_range(1..=4u8)? {
        let _ = write!(mail, "--{boundary}\r\n");
        part(source, mail, leaves, depth.saturating_sub(1), number)?;
        mail.push_str("\r\n");
    }
    let _ = write!(mail, "--{boundary}--\r\n");
    Ok(())
}

fn leaf(source: &mut Unstructured<'_>, mail: &mut String, leaves: &mut Vec<Leaf>) -> Result<()> {
    let leaf = if source.arbitrary()? {
        Leaf::Text(some(source, 6, word_of)?.join(" "))
    } else {
        Leaf::File(noise(source, 90)?)
    };
    let media = match leaf {
        Leaf::Text(_) => {
            source.choose(&["text/plain; charset=utf-8", "text/html; charset=\"UTF-8\""])?
        }
        Leaf::File(_) => {
            source.choose(&["application/octet-stream", "application/pdf", "image/png"])?
        }
    };
    let _ = write!(mail, "Content-Type: {media}\r\n");
    if source.arbitrary()? {
        let name = word_of(source)?;
        let disposition = match source.int_in_range(0..=2u8)? {
            0 => format!("attachment; filename=\"{name}.bin\""),
            1 => format!("inline;\r\n filename*=utf-8''{}", percent(&name)),
            _ => format!(
                "attachment; filename*0=\"a\"; filename*1*=''{}",
                percent(&name)
            ),
        };
        let _ = write!(mail, "Content-Disposition: {disposition}\r\n");
    }
    let content = match &leaf {
        Leaf::Text(text) => text.as_bytes(),
        Leaf::File(bytes) => bytes,
    };
    if source.arbitrary()? {
        mail.push_str("Content-Transfer-Encoding: base64\r\n\r\n");
        for line in BASE64.encode(content).as_bytes().chunks(76) {
            mail.push_str(&String::from_utf8_lossy(line));
            mail.push_str("\r\n");
        }
        mail.truncate(mail.trim_end().len());
    } else {
        mail.push_str("Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        for line in content.chunks(24) {
            mail.extend(line.iter().map(|byte| format!("={byte:02X}")));
            mail.push_str("=\r\n");
        }
        mail.truncate(mail.len().saturating_sub(3));
    }
    leaves.push(leaf);
    Ok(())
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "%{byte:02X}");
        all
    })
}
