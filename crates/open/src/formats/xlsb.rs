//! Binary workbooks of Excel 2007 and later ([MS-XLSB]): an Open Packaging ZIP with parts of records.
//!
//! Read by the path of relationships as other packages are; of the parts only the workbook, its strings,
//! its formats, its sheets of cells, and the drawings of these, which are those of other workbooks.

mod beside;
mod looks;
mod page;
mod parts;
mod records;
#[cfg(test)]
mod tests;
mod theme;

use crate::formats::book::{Book, Sheet};
use crate::formats::xls;
use crate::formats::zip::Archive;
use crate::reader::{Format, Sniff, Spec};
pub(super) use looks::PALETTE;
use mugai_core::{Cx, Family, FindingCode, Kind, Refusal, Remark, Treatment};
use parts::{Relation, relations};
use std::collections::BTreeSet;
use theme::Theme;

/// The reader of xlsb.
#[derive(Debug)]
pub(super) struct Xlsb;

impl Format for Xlsb {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::Xlsb,
            reference: "[MS-XLSB]",
            treatments: &[Treatment::Text, Treatment::Rebuild],
        }
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if head.starts_with(b"PK\x03\x04") {
            Sniff::Perhaps
        } else {
            Sniff::No
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let archive = Archive::read(input, cx)?;
        let root = relations(&archive, "_rels/.rels", cx)?;
        note(&root, cx);
        let main = one(&root, "officeDocument")?
            .ok_or(Refusal::malformed("xlsb: no main part"))?
            .target("")?;
        let (folder, file) = main.rsplit_once('/').unwrap_or(("", main.as_str()));
        let list = relations(&archive, &format!("{folder}/_rels/{file}.rels"), cx)?;
        note(&list, cx);
        let mut read = |relation: &Relation| -> Result<Vec<u8>, Refusal> {
            let path = relation.target(folder)?;
            archive
                .content(&path, cx)?
                .ok_or(Refusal::malformed("xlsb: a part that is not there"))
        };
        let styles = one(&list, "styles")?.map(&mut read).transpose()?;
        let strings = one(&list, "sharedStrings")?.map(&mut read).transpose()?;
        let theme = one(&list, "theme")?.map(&mut read).transpose()?;
        let theme = theme.map_or(Ok(Theme::default()), |bytes| Theme::read(&bytes, cx))?;
        let looks = looks::read(styles.as_deref().unwrap_or_default(), &theme, cx)?;
        let strings = records::strings(strings.as_deref().unwrap_or_default(), cx)?;
        let workbook = archive
            .content(&main, cx)?
            .ok_or(Refusal::malformed("xlsb: no workbook"))?;
        let workbook = records::workbook(&workbook, cx)?;
        let mut book = Book {
            formats: looks.codes,
            fonts: looks.fonts,
            fills: looks.fills,
            borders: looks.borders,
            looks: looks.cells,
            date1904: workbook.date1904,
            standard: workbook.standard,
            ..Book::default()
        };
        let mut seen = BTreeSet::new();
        let mut paths = Vec::new();
        for entry in workbook.sheets {
            let relation = list.iter().find(|relation| relation.id == entry.relation);
            let Some(relation) = relation.filter(|relation| relation.is("worksheet")) else {
                // sheets of macros and charts, noted with their relationships
                continue;
            };
            let path = relation.target(folder)?;
            if !seen.insert(path.clone()) {
                return Err(Refusal::Ambiguous(Remark::fixed(
                    "xlsb: two sheets in one part",
                )));
            }
            cx.note_times(FindingCode::OfficeHidden, u32::from(entry.hidden));
            let content = archive
                .content(&path, cx)?
                .ok_or(Refusal::malformed("xlsb: a sheet that is not there"))?;
            let (inner, name) = path.rsplit_once('/').unwrap_or(("", path.as_str()));
            let behind = relations(&archive, &format!("{inner}/_rels/{name}.rels"), cx)?;
            note(&behind, cx);
            let mut sheet: Sheet = records::sheet(&content, &strings, &book.looks, cx)?;
            cx.line(&entry.name).as_str().clone_into(&mut sheet.name);
            sheet.hidden = entry.hidden;
            book.sheets.push(sheet);
            let drawing = one(&behind, "drawing")?;
            let drawing = drawing.map(|drawing| drawing.target(inner)).transpose()?;
            paths.push((path, drawing));
        }
        let theme = one(&list, "theme")?;
        let theme = theme.map(|theme| theme.target(folder)).transpose()?;
        beside::read(archive, &paths, theme, &mut book, cx)?;
        xls::finish(book, Family::Sheet, cx)
    }
}

/// The only relation of a type.
fn one<'a>(list: &'a [Relation], kind: &str) -> Result<Option<&'a Relation>, Refusal> {
    let mut found = list.iter().filter(|relation| relation.is(kind));
    match (found.next(), found.next()) {
        (one, None) => Ok(one),
        _ => Err(Refusal::Ambiguous(Remark::fixed(
            "xlsb: two parts of one use",
        ))),
    }
}

/// Notes what is left behind, by the types of the relationships that lead to it.
fn note(list: &[Relation], cx: &mut Cx<'_>) {
    for relation in list {
        let code = match relation.kind.rsplit('/').next().unwrap_or_default() {
            "vbaProject" | "xlMacrosheet" | "xlIntlMacrosheet" | "attachedToolbars" => {
                FindingCode::OfficeMacro
            }
            "hyperlink" => FindingCode::OfficeLink,
            _ if relation.external => FindingCode::OfficeExternal,
            "externalLink" | "externalLinkPath" => FindingCode::OfficeExternal,
            "oleObject" | "package" => FindingCode::OfficeEmbedded,
            "control" | "ctrlProp" | "activeXControlBinary" => FindingCode::OfficeControl,
            "comments" | "threadedComment" => FindingCode::OfficeComment,
            "connections" | "queryTable" | "customXml" => FindingCode::OfficeCustomXml,
            "core-properties" | "extended-properties" | "custom-properties" | "thumbnail" => {
                FindingCode::OfficeMetadata
            }
            "officeDocument" | "worksheet" | "styles" | "sharedStrings" | "theme" | "drawing" => {
                continue;
            }
            _ => FindingCode::OfficePart,
        };
        cx.note(code);
    }
}
