//! The profile of messages, line by line, and then a second opinion of a mail library.

mod address;
mod base64;
mod date;
mod file_name;
mod header;
mod lines;
mod opinion;
mod parts;
mod words;

use crate::{Verified, mbox, text};
use lines::Lines;
use mugai_core::{Target, Violation};

/// How deep messages may lie in each other as attachments.
const MAX_DEPTH: u32 = 16;

/// Checks a message. Attachments that equal one of `known` are not checked again.
pub(crate) fn check(bytes: &[u8], known: &[&Verified]) -> Result<(), Violation> {
    nested(bytes, known, 0)
}

/// Checks a message that lies `depth` messages deep.
pub(crate) fn nested(bytes: &[u8], known: &[&Verified], depth: u32) -> Result<(), Violation> {
    if depth > MAX_DEPTH {
        return Err(Violation::of("eml: messages nested too deep"));
    }
    let mut lines = Lines::new(bytes);
    let header = header::read(&mut lines)?;
    let mut parts = match &header.boundary {
        Some(boundary) => parts::multipart(&mut lines, boundary)?,
        None => parts::single(&mut lines)?,
    };
    text::body(&parts.body.bytes).map_err(without_place)?;
    for file in &parts.files {
        if !known
            .iter()
            .any(|k| k.target() == file.target && k.bytes() == file.content.bytes)
        {
            attachment(file, known, depth).map_err(without_place)?;
        }
    }
    parts.free_large();
    opinion::compare(bytes, &header, &parts)
}

/// An offset inside of decoded contents is none in the message.
fn without_place(violation: Violation) -> Violation {
    Violation {
        offset: None,
        ..violation
    }
}

fn attachment(file: &parts::File, known: &[&Verified], depth: u32) -> Result<(), Violation> {
    let deeper = depth.saturating_add(1);
    match file.target {
        Target::Eml => nested(&file.content.bytes, known, deeper),
        Target::Mbox => mbox::nested(&file.content.bytes, known, deeper),
        other @ (Target::Txt | Target::Csv | Target::Png | Target::Jpeg | Target::Pdf) => {
            crate::check(other, &file.content.bytes, known)
        }
    }
}

#[cfg(test)]
mod tests;
