//! The closed vocabulary of office documents, made of the schemas of ECMA-376 minus the cut lists.
//!
//! Each line of the table is one element: its name, what text it holds, and its attributes with the
//! type of their values. Elements and attributes that are cut are not in it, so no index means them.

mod cuts;
mod schema;

use crate::Outcome;
use schema::{Holds, Schemas};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// Where the table lies.
const TABLE: &str = "crates/core/src/markup/vocabulary.txt";

/// What [MS-ODRAWXML] adds to the schemas: shapes, groups and canvases in texts.
const EXTENSIONS: [&str; 3] = [
    include_str!("vocabulary/shape.xsd"),
    include_str!("vocabulary/group.xsd"),
    include_str!("vocabulary/canvas.xsd"),
];

/// The namespaces that are in the table, with the prefixes that we write.
const NAMESPACES: [(&str, &str); 20] = [
    (
        "w",
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        "x",
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    ),
    (
        "p",
        "http://schemas.openxmlformats.org/presentationml/2006/main",
    ),
    (
        "r",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    ("a", "http://schemas.openxmlformats.org/drawingml/2006/main"),
    (
        "pic",
        "http://schemas.openxmlformats.org/drawingml/2006/picture",
    ),
    (
        "wp",
        "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    ),
    (
        "xdr",
        "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
    ),
    (
        "c",
        "http://schemas.openxmlformats.org/drawingml/2006/chart",
    ),
    (
        "cdr",
        "http://schemas.openxmlformats.org/drawingml/2006/chartDrawing",
    ),
    (
        "dgm",
        "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    ),
    (
        "lc",
        "http://schemas.openxmlformats.org/drawingml/2006/lockedCanvas",
    ),
    (
        "m",
        "http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
    ("v", "urn:schemas-microsoft-com:vml"),
    ("o", "urn:schemas-microsoft-com:office:office"),
    ("w10", "urn:schemas-microsoft-com:office:word"),
    (
        "wps",
        "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    ),
    (
        "wpg",
        "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
    ),
    (
        "wpc",
        "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas",
    ),
    ("xml", "http://www.w3.org/XML/1998/namespace"),
];

/// Writes the table anew from the schemas in `folder`.
pub(crate) fn write(root: &Path, folder: Option<&str>) -> Outcome {
    let folder = folder.ok_or("vocabulary: which folder are the schemas in?")?;
    let mut schemas = Schemas::default();
    for extension in EXTENSIONS {
        schemas.add(extension)?;
    }
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .map_err(|e| format!("{folder}: {e}"))?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "xsd"))
        .collect();
    files.sort();
    for file in files {
        let text =
            std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        schemas
            .add(&text)
            .map_err(|e| format!("{}: {e}", file.display()))?;
    }
    std::fs::write(root.join(TABLE), table(&schemas)).map_err(|e| format!("{TABLE}: {e}"))
}

fn prefix(uri: &str) -> Option<&'static str> {
    let found = NAMESPACES.iter().find(|(_, of)| *of == uri);
    found.map(|(prefix, _)| *prefix)
}

fn table(schemas: &Schemas) -> String {
    let mut out = String::new();
    for (prefix, uri) in NAMESPACES {
        // writing to a string cannot fail
        let _ = writeln!(out, "@{prefix} {uri}");
    }
    let mut elements: BTreeMap<String, (Holds, BTreeMap<String, char>)> = BTreeMap::new();
    for (uri, name, shape) in schemas.elements() {
        let Some(prefix) = prefix(&uri) else { continue };
        let name = format!("{prefix}:{name}");
        if cuts::element(&name) {
            continue;
        }
        let entry = elements.entry(name.clone()).or_default();
        entry.0 = entry.0.max(cuts::text(&name).unwrap_or(shape.text));
        for (space, attribute, kind) in shape.attributes {
            let attribute = match space.as_deref().map(self::prefix) {
                None => attribute,
                Some(Some(prefix)) => format!("{prefix}:{attribute}"),
                Some(None) => continue,
            };
            if cuts::attribute(&name, &attribute) {
                continue;
            }
            let kind = cuts::value(&name, &attribute).unwrap_or(kind);
            let slot = entry.1.entry(attribute).or_insert(kind);
            if *slot != kind {
                *slot = 't';
            }
        }
    }
    // sheets use it without a word about it in their schema
    if let Some((_, attributes)) = elements.get_mut("x:t") {
        attributes.insert("xml:space".to_owned(), 'v');
    }
    for (name, (text, attributes)) in elements {
        let _ = write!(out, "{name} {}", text.letter());
        for (attribute, kind) in attributes {
            let _ = write!(out, " {attribute}={kind}");
        }
        out.push('\n');
    }
    out
}
