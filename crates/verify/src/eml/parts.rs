//! Bodies and attachments: one form of each.

use super::base64::Content;
use super::lines::Lines;
use super::{base64, file_name, words};
use crate::Verified;
use crate::known::Known;
use mugai_core::{Target, Violation};

const BASE64: &str = "Content-Transfer-Encoding: base64";
const BODY: &str = "Content-Type: text/plain; charset=utf-8";

/// The decoded contents of a message.
pub(super) struct Parts<'a> {
    /// The body, with CRLF; it has been checked as a text.
    pub(super) body: Content<'a>,
    /// The attachments.
    pub(super) files: Vec<File<'a>>,
}

/// A decoded attachment.
pub(super) struct File<'a> {
    /// Its name.
    pub(super) name: String,
    /// What its type and its extension say that it is.
    pub(super) target: Target,
    /// Its contents.
    pub(super) content: Content<'a>,
}

/// A message that is its body.
pub(super) fn single<'a>(lines: &mut Lines<'_>) -> Result<Parts<'a>, Violation> {
    let body = base64::body(lines)?;
    lines.end()?;
    Ok(Parts {
        body,
        files: Vec::new(),
    })
}

/// A body and at least one attachment; nothing before, between and after them. The attachments are
/// compared with the known files first.
pub(super) fn multipart<'a>(
    lines: &mut Lines<'_>,
    boundary: &str,
    known: Known<'a>,
) -> Result<Parts<'a>, Violation> {
    let delimiter = format!("--{boundary}");
    let close = format!("--{boundary}--");
    lines.expect(&delimiter, "eml: first boundary")?;
    lines.expect(BODY, "eml: header of the body")?;
    lines.expect(BASE64, "eml: header of the body")?;
    lines.expect("", "eml: header of the body")?;
    let body = base64::body(lines)?;
    let mut files = Vec::new();
    while lines.peek()? == Some(delimiter.as_str()) {
        lines.next()?;
        files.push(file(lines, known.from(files.len()))?);
    }
    lines.expect(&close, "eml: boundary")?;
    if files.is_empty() {
        return Err(lines.wrong("eml: multipart without attachments"));
    }
    lines.end()?;
    Ok(Parts { body, files })
}

fn file<'a>(
    lines: &mut Lines<'_>,
    known: impl Iterator<Item = &'a Verified>,
) -> Result<File<'a>, Violation> {
    let wrong = lines.wrong("eml: header of an attachment");
    let kind = lines
        .need()?
        .strip_prefix("Content-Type: ")
        .and_then(|kind| kind.strip_suffix(';'))
        .ok_or_else(|| wrong.clone())?;
    let (name, encoded) = name_parameter(lines)?;
    lines.expect("Content-Disposition: attachment;", "eml: disposition")?;
    if file_name_parameter(lines, encoded)? != name {
        return Err(lines.wrong("eml: names of an attachment differ"));
    }
    lines.expect(BASE64, "eml: header of an attachment")?;
    lines.expect("", "eml: header of an attachment")?;
    let target = target(kind, &name).ok_or(wrong)?;
    if !file_name::is_safe(&name) {
        return Err(lines.wrong("eml: file name"));
    }
    // one that is in a file is read here like one that nobody knows
    let equal = known
        .filter(|known| known.target() == target)
        .filter_map(|known| known.content().here())
        .find(|known| base64::is_known(lines, known));
    let content = match equal {
        Some(known) => Content::Known(known),
        None => Content::Whole(base64::whole(lines)?),
    };
    Ok(File {
        name,
        target,
        content,
    })
}

/// ` name="…"`, over several lines where it is in encoded words; and whether it is.
fn name_parameter(lines: &mut Lines<'_>) -> Result<(String, bool), Violation> {
    let wrong = lines.wrong("eml: name of an attachment");
    let first = lines.need()?.strip_prefix(" name=\"");
    let mut value = first.ok_or_else(|| wrong.clone())?.to_owned();
    while !value.ends_with('"') {
        // a fold is one blank, which the line brings along
        value.push_str(lines.need()?);
    }
    value.pop();
    if value.starts_with("=?") {
        let name = words::decode(value.split(' ')).ok_or(wrong)?;
        return Ok((name, true));
    }
    if is_plain_name(&value) {
        Ok((value, false))
    } else {
        Err(wrong)
    }
}

/// ` filename="…"`, or ` filename*=UTF-8''…` in one or more sections.
fn file_name_parameter(lines: &mut Lines<'_>, extended: bool) -> Result<String, Violation> {
    let wrong = lines.wrong("eml: file name of an attachment");
    let first = lines.need()?;
    if !extended {
        return first
            .strip_prefix(" filename=\"")
            .and_then(|name| name.strip_suffix('"'))
            .filter(|name| is_plain_name(name))
            .map(str::to_owned)
            .ok_or(wrong);
    }
    if let Some(whole) = first.strip_prefix(" filename*=UTF-8''") {
        return words::percent(whole).ok_or(wrong);
    }
    let mut name = String::new();
    let mut line = first;
    for number in 0u32.. {
        let charset = if number == 0 { "UTF-8''" } else { "" };
        let section = line
            .strip_prefix(format!(" filename*{number}*={charset}").as_str())
            .ok_or_else(|| wrong.clone())?;
        let (section, more) = match section.strip_suffix(';') {
            Some(section) => (section, true),
            None => (section, false),
        };
        let text = words::percent(section).filter(|text| !text.is_empty());
        name.push_str(&text.ok_or_else(|| wrong.clone())?);
        // one section alone is written in the short form
        if !more && number > 0 {
            return Ok(name);
        }
        if !more {
            break;
        }
        line = lines.need()?;
    }
    Err(wrong)
}

/// ASCII short enough for one line, without anything to escape.
fn is_plain_name(name: &str) -> bool {
    name.len() <= 60 && !name.contains(['"', '\\'])
}

/// What an attachment is: its type has to fit its extension.
fn target(kind: &str, name: &str) -> Option<Target> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    match (kind, extension.as_str()) {
        ("text/plain; charset=utf-8", "txt") => Some(Target::Txt),
        ("text/csv; charset=utf-8", "csv") => Some(Target::Csv),
        ("image/png", "png") => Some(Target::Png),
        ("image/jpeg", "jpg") => Some(Target::Jpeg),
        ("application/pdf", "pdf") => Some(Target::Pdf),
        ("application/zip", "zip") => Some(Target::Zip),
        (_, "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp") => Target::ALL
            .iter()
            .copied()
            .find(|target| target.extension() == extension && target.media_type() == kind),
        ("application/octet-stream", "eml") => Some(Target::Eml),
        ("application/octet-stream", "mbox") => Some(Target::Mbox),
        _ => None,
    }
}
