//! Office documents of ours (`docs/profiles/ooxml.md`): a ZIP file of one form, content types and
//! relationships that say the same about every part, XML of one form in the closed vocabulary, and
//! a second look for what must not be in any document, whatever the vocabulary says.

mod deny;
mod extension;
pub(crate) mod markup;
mod parts;
pub(crate) mod xml;
pub(crate) mod zip;

use crate::known::Known;
use markup::Leads;
use mugai_core::{Target, Violation};
use parts::Row;
use std::collections::{BTreeMap, BTreeSet};
use xml::Token;
use zip::File;

const TYPES: &str = "[Content_Types].xml";
const PREFIX: &str = "application/vnd.openxmlformats-officedocument.";
const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
/// The type of the relationship that leads to properties.
const PROPERTIES: &str = "extended-properties";
/// The only properties that a document of ours may have, and where.
const APP: &str = "docProps/app.xml";
const APPLICATION: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"><Application>Microsoft Excel</Application></Properties>";
const APPLICATION_2007: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"><Application>Microsoft Excel</Application><AppVersion>12.0000</AppVersion></Properties>";
/// The type of the relationship of a workbook that leads to metadata of cells; the only ones that it may have, and where.
const METADATA: &str = "sheetMetadata";
const CELLS: &str = "xl/metadata.xml";
const DYNAMIC: &[u8] = br#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<metadata xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"><metadataTypes count="1"><metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" merge="1" splitFirst="1" rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" cellMeta="1"/></metadataTypes><futureMetadata name="XLDAPR" count="1"><bk><extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}"><xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata><cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>"#;
/// The type of a relationship that leads to a page or a mail address.
const LINK: &str = "hyperlink";
const DEFAULTS: [(&str, &str); 4] = [
    ("jpg", "image/jpeg"),
    ("png", "image/png"),
    (
        "rels",
        "application/vnd.openxmlformats-package.relationships+xml",
    ),
    ("xml", "application/xml"),
];

pub(super) fn check(target: Target, bytes: &[u8], known: Known<'_>) -> Result<(), Violation> {
    let files = zip::read(bytes, &zip::DOCUMENT)?;
    let by_name: BTreeMap<&str, &File<'_>> = files.iter().map(|file| (file.name, file)).collect();
    let first = files
        .first()
        .filter(|file| file.name == TYPES)
        .ok_or(Violation::of("ooxml: content types first"))?;
    let typed = types(&first.content)?;
    let folder = parts::folder(target).ok_or(Violation::of("ooxml: no such target"))?;
    let mut reached: BTreeSet<String> = BTreeSet::from([TYPES.to_owned()]);
    let mut queue: Vec<(String, Option<&'static Row>)> = vec![(String::new(), None)];
    let mut main = 0usize;
    while let Some((path, row)) = queue.pop() {
        let relations = relations_of(&path, &by_name, &mut reached)?;
        if let Some(row) = row {
            let file = by_name
                .get(path.as_str())
                .ok_or(Violation::of("ooxml: a part is missing"))?;
            markup::check(&file.content, row.root(), Leads::Relations(&relations))?;
        }
        for (kind, target_path) in relations.values() {
            // where it may lead was looked at when it was read
            if kind == LINK {
                continue;
            }
            if path.is_empty() && kind == PROPERTIES {
                let named = target_path == APP && typed.get(APP).is_some_and(|of| of == kind);
                if !named || !properties(target, &by_name) || !reached.insert(APP.to_owned()) {
                    return Err(Violation::of("ooxml: other properties than ours"));
                }
                continue;
            }
            let full = resolve(&path, target_path)?;
            if row.is_some_and(Row::is_main) && kind == METADATA {
                let typed = typed.get(&full).map(String::as_str);
                metadata(target, &full, typed, by_name.get(CELLS))?;
                reached.insert(full);
                continue;
            }
            if !full.starts_with(folder) || !by_name.contains_key(full.as_str()) {
                return Err(Violation::of("ooxml: a relationship to nothing"));
            }
            if kind == "image" {
                if !full.get(folder.len()..).is_some_and(is_picture) {
                    return Err(Violation::of("ooxml: a picture in another place"));
                }
                reached.insert(full);
                continue;
            }
            let content = typed
                .get(&full)
                .ok_or(Violation::of("ooxml: a part without a content type"))?;
            let row = parts::find(target, kind, content)
                .ok_or(Violation::of("ooxml: a relationship of another type"))?;
            if path.is_empty() {
                main = main.saturating_add(1);
            }
            if path.is_empty() != row.is_main() {
                return Err(Violation::of("ooxml: main part"));
            }
            if reached.insert(full.clone()) {
                queue.push((full, Some(row)));
            }
        }
    }
    if main != 1 || reached.len() != files.len() || !typed.keys().all(|path| reached.contains(path))
    {
        return Err(Violation::of("ooxml: a file that nothing leads to"));
    }
    files.iter().try_for_each(|file| picture(file, known))
}

/// The relationships of the part at `path`, by their identifiers; those of the package have to be there.
fn relations_of(
    path: &str,
    by_name: &BTreeMap<&str, &File<'_>>,
    reached: &mut BTreeSet<String>,
) -> Result<BTreeMap<String, (String, String)>, Violation> {
    let rels = rels_path(path);
    match by_name.get(rels.as_str()) {
        Some(file) => {
            reached.insert(rels);
            relations(&file.content)
        }
        None if path.is_empty() => Err(Violation::of("ooxml: no relationships of the package")),
        None => Ok(BTreeMap::new()),
    }
}

/// Whether the properties are the only ones that we write, in a spreadsheet.
fn properties(target: Target, by_name: &BTreeMap<&str, &File<'_>>) -> bool {
    let own = by_name
        .get(APP)
        .is_some_and(|file| *file.content == *APPLICATION || *file.content == *APPLICATION_2007);
    target == Target::Xlsx && own
}

/// Metadata of cells are the only ones that we write, in a spreadsheet.
fn metadata(
    target: Target,
    path: &str,
    typed: Option<&str>,
    file: Option<&&File<'_>>,
) -> Result<(), Violation> {
    let named = path == CELLS && typed == Some("spreadsheetml.sheetMetadata");
    let ours = file.is_some_and(|file| *file.content == *DYNAMIC);
    if target == Target::Xlsx && named && ours {
        Ok(())
    } else {
        Err(Violation::of("ooxml: other metadata than ours"))
    }
}

/// Whether a path below the folder of the document is that of a picture: anything else is a part, and read as one.
fn is_picture(path: &str) -> bool {
    let number = path
        .strip_prefix("media/image")
        .and_then(|rest| rest.strip_suffix(".png").or(rest.strip_suffix(".jpg")));
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Pictures pass the checkers of pictures, or passed them before. What is XML by its name was read as a part, as
/// relationships or as the list of types, or nothing leads to it.
pub(crate) fn picture(file: &File<'_>, known: Known<'_>) -> Result<(), Violation> {
    let content = &file.content;
    let inner = match file.name.rsplit_once('.') {
        Some((_, "png")) if known.is_accepted(Target::Png, content) => Ok(()),
        Some((_, "png")) => crate::png::check(content),
        Some((_, "jpg")) if known.is_accepted(Target::Jpeg, content) => Ok(()),
        Some((_, "jpg")) => crate::jpeg::check(content),
        Some((_, "xml" | "rels")) => Ok(()),
        _ => Err(Violation::of("ooxml: a file of another kind")),
    };
    // the place is one in the picture
    inner.map_err(|violation| Violation {
        offset: None,
        ..violation
    })
}

fn rels_path(path: &str) -> String {
    let (folder, file) = path
        .rsplit_once('/')
        .map_or((String::new(), path), |(f, file)| (format!("{f}/"), file));
    format!("{folder}_rels/{file}.rels")
}

/// The path that a target means, in the one form that we write: parts lie in the folder of the document, or one folder
/// below that, from where they go up once and down again.
fn resolve(path: &str, target: &str) -> Result<String, Violation> {
    let other = || Violation::of("ooxml: a target of another form");
    let (folder, below) = path.split_once('/').unwrap_or(("", path));
    let inner = match below.split('/').count() {
        1 => target,
        2 => target.strip_prefix("../").ok_or_else(other)?,
        _ => return Err(other()),
    };
    let is_plain = |step: &str| !matches!(step, "" | "." | "..");
    if !inner.split('/').all(is_plain) {
        return Err(other());
    }
    Ok(if folder.is_empty() {
        inner.to_owned()
    } else {
        format!("{folder}/{inner}")
    })
}

/// Content types of parts by path, without what all of them share.
fn types(content: &[u8]) -> Result<BTreeMap<String, String>, Violation> {
    let wrong = || Violation::of("ooxml: content types");
    let mut tokens = xml::Tokens::new(content)?;
    let mut defaults = DEFAULTS.iter();
    let mut typed = BTreeMap::new();
    expect_root(
        &mut tokens,
        "Types",
        "http://schemas.openxmlformats.org/package/2006/content-types",
    )?;
    loop {
        match tokens.next()?.ok_or_else(wrong)? {
            Token::Empty("Default", attributes) => {
                let (extension, kind) = defaults.next().ok_or_else(wrong)?;
                if attributes
                    != [
                        ("Extension", (*extension).into()),
                        ("ContentType", (*kind).into()),
                    ]
                {
                    return Err(wrong());
                }
            }
            Token::Empty("Override", attributes) => {
                let [("PartName", path), ("ContentType", kind)] = attributes.as_slice() else {
                    return Err(wrong());
                };
                let kind = kind
                    .strip_prefix(PREFIX)
                    .and_then(|k| k.strip_suffix("+xml"))
                    .ok_or_else(wrong)?;
                let path = path.strip_prefix('/').ok_or_else(wrong)?;
                if typed.insert(path.to_owned(), kind.to_owned()).is_some() {
                    return Err(wrong());
                }
            }
            Token::End("Types") if defaults.next().is_none() && tokens.next()?.is_none() => {
                return Ok(typed);
            }
            Token::Start(..) | Token::Empty(..) | Token::End(_) | Token::Text(_) => {
                return Err(wrong());
            }
        }
    }
}

/// Relationships by identifier: the last word of their type, and their target.
fn relations(content: &[u8]) -> Result<BTreeMap<String, (String, String)>, Violation> {
    let wrong = || Violation::of("ooxml: relationships");
    let mut tokens = xml::Tokens::new(content)?;
    let mut all = BTreeMap::new();
    expect_root(
        &mut tokens,
        "Relationships",
        "http://schemas.openxmlformats.org/package/2006/relationships",
    )?;
    loop {
        match tokens.next()?.ok_or_else(wrong)? {
            Token::Empty("Relationship", attributes) => {
                // with a mode it leads outside, and is a link; without one a link leads to a place in here
                let ([("Id", id), ("Type", kind), ("Target", target)]
                | [
                    ("Id", id),
                    ("Type", kind),
                    ("Target", target),
                    ("TargetMode", _),
                ]) = attributes.as_slice()
                else {
                    return Err(wrong());
                };
                let outside = attributes.get(3).map(|(_, mode)| mode.as_ref());
                let kind = kind.strip_prefix(RELATION).ok_or_else(wrong)?;
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.');
                let number = all.len().saturating_add(1);
                let leads = match outside {
                    Some("External") => kind == LINK && deny::is_address(target),
                    Some(_) => false,
                    None if kind == LINK => deny::is_place(target),
                    None => target.chars().all(plain),
                };
                if !leads || *id != format!("rId{number}") {
                    return Err(wrong());
                }
                all.insert(id.to_string(), (kind.to_owned(), target.to_string()));
            }
            Token::End("Relationships") if tokens.next()?.is_none() && !all.is_empty() => {
                return Ok(all);
            }
            Token::Start(..) | Token::Empty(..) | Token::End(_) | Token::Text(_) => {
                return Err(wrong());
            }
        }
    }
}

fn expect_root(tokens: &mut xml::Tokens<'_>, name: &str, space: &str) -> Result<(), Violation> {
    match tokens.next()? {
        Some(Token::Start(root, attributes))
            if root == name && attributes == [("xmlns", space.into())] =>
        {
            Ok(())
        }
        _ => Err(Violation::of("ooxml: root element")),
    }
}

#[cfg(test)]
mod tests;
