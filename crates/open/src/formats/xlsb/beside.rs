//! What a binary workbook has in common with others: drawings with their pictures and charts, and the theme that these
//! take colours from. They are parts of Office Open XML, and told by its filter.

use crate::formats::book::Book;
use crate::formats::ooxml::filter::Pictures;
use crate::formats::ooxml::package::Package;
use crate::formats::ooxml::{self, described, vml};
use crate::formats::zip::Archive;
use mugai_core::{Cx, Family, Refusal, Treatment};

/// Reads the drawings of the sheets of `book`; `sheets` are their paths and those of their drawings.
///
/// # Errors
/// Those of documents of Office Open XML.
pub(super) fn read(
    archive: Archive<'_>,
    sheets: &[(String, Option<String>)],
    theme: Option<String>,
    book: &mut Book,
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    // behind the workbook, its looks and its sheets
    let first = u32::try_from(book.sheets.len().saturating_add(2)).unwrap_or(u32::MAX);
    let mut named: Vec<(&str, String)> = Vec::new();
    for (_, drawing) in sheets {
        named.extend(drawing.iter().map(|path| ("drawing", path.clone())));
    }
    if !named.is_empty() {
        named.extend(theme.iter().map(|path| ("theme", path.clone())));
    }
    let package = Package::beside(archive, &named, first, cx)?;
    let mut pictures = Pictures::default();
    let mut parts = ooxml::beside(&package, &mut pictures, cx)?;
    for (sheet, (path, drawing)) in book.sheets.iter_mut().zip(sheets) {
        sheet.drawing = drawing.as_ref().and_then(|path| package.number_of(path));
        let relations = package.relations_of(&path.to_lowercase(), cx)?;
        let shapes = vml::shapes(&package, &relations, cx)?;
        if shapes.is_empty() {
            continue;
        }
        let place = sheet.drawing.and_then(|number| number.checked_sub(first));
        let place = place.and_then(|place| usize::try_from(place).ok());
        if let Some(part) = place.and_then(|place| parts.get_mut(place)) {
            *part = vml::with(Some(part), &shapes, &mut pictures)?;
        } else {
            let number = u32::try_from(parts.len()).unwrap_or(u32::MAX);
            sheet.drawing = Some(first.saturating_add(number));
            parts.push(vml::with(None, &shapes, &mut pictures)?);
        }
    }
    book.beside.parts = parts;
    book.beside.theme = theme.and_then(|path| package.number_of(&path));
    let is_put = cx.assignment().treatments.of(Family::Sheet) == Treatment::Rebuild;
    let mut metafiles = if is_put {
        described::describe(&package, &mut book.beside.parts, &pictures, cx)?
    } else {
        described::Metafiles::new()
    };
    for (place, path) in pictures.into_paths().into_iter().enumerate() {
        if !is_put && !ooxml::is_metafile(&path) {
            continue;
        }
        let content = match metafiles.remove(&place) {
            Some(content) => content,
            None => package.content(&path, cx)?.unwrap_or_default(),
        };
        book.beside.pictures.push((path, content));
    }
    Ok(())
}
