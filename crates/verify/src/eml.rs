//! The profile of messages, line by line, and then a second opinion of a mail library.

mod address;
mod base64;
mod date;
pub(crate) mod file_name;
mod header;
mod lines;
mod opinion;
mod parts;
mod words;

use crate::known::Known;
use crate::mbox;
use base64::Content;
use lines::Lines;
use mugai_core::{Target, Violation};

/// How deep messages may lie in each other as attachments.
const MAX_DEPTH: u32 = 16;

/// A message of more bytes is read by the library beside us, not after us.
const LARGE: usize = 1 << 20;

/// Checks a message that lies `depth` messages deep.
pub(crate) fn nested(bytes: &[u8], known: Known<'_>, depth: u32) -> Result<(), Violation> {
    if depth > MAX_DEPTH {
        return Err(Violation::of("eml: messages nested too deep"));
    }
    if bytes.len() <= LARGE || !known.threads {
        let (header, parts) = profile(bytes, known, depth)?;
        return opinion::compare(&opinion::read(bytes)?, &header, &parts);
    }
    std::thread::scope(|scope| {
        let library = std::thread::Builder::new().spawn_scoped(scope, || opinion::read(bytes));
        let own = profile(bytes, known, depth);
        let lost = Violation::of("eml: a mail library gave up");
        let message = match library {
            Ok(library) => library.join().map_err(|_| lost)?,
            Err(_) => opinion::read(bytes),
        };
        let (header, parts) = own?;
        let message = message?;
        opinion::compare(&message, &header, &parts)
    })
}

/// Reads a message by the profile, and checks all that is in it.
fn profile<'a>(
    bytes: &[u8],
    known: Known<'a>,
    depth: u32,
) -> Result<(header::Header, parts::Parts<'a>), Violation> {
    let mut lines = Lines::new(bytes);
    let header = header::read(&mut lines)?;
    let parts = match &header.boundary {
        Some(boundary) => parts::multipart(&mut lines, boundary, known)?,
        None => parts::single(&mut lines)?,
    };
    for file in &parts.files {
        if let Content::Whole(content) = &file.content
            && !known.is_marked(file.target, content)
        {
            attachment(file.target, content, known, depth).map_err(base64::without_place)?;
        }
    }
    Ok((header, parts))
}

fn attachment(
    target: Target,
    content: &[u8],
    known: Known<'_>,
    depth: u32,
) -> Result<(), Violation> {
    let deeper = depth.saturating_add(1);
    match target {
        Target::Eml => nested(content, known, deeper),
        Target::Mbox => mbox::nested(content, known, deeper),
        Target::Zip => crate::archive::nested(content, known, deeper),
        other @ (Target::Txt
        | Target::Csv
        | Target::Png
        | Target::Jpeg
        | Target::Pdf
        | Target::Docx
        | Target::Xlsx
        | Target::Pptx
        | Target::Odt
        | Target::Ods
        | Target::Odp) => crate::here(other, content, known),
    }
}

#[cfg(test)]
mod tests;
