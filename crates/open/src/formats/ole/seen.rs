//! What lies beside the document in its compound file, and is left behind with it.

use super::{Ole, Shape};
use mugai_core::{Cx, FindingCode};

/// Names of streams and storages, in lower case, and what they are a sign of.
const SIGNS: &[(&str, FindingCode)] = &[
    ("_vba_project_cur", FindingCode::OfficeMacro),
    ("macros", FindingCode::OfficeMacro),
    ("vba", FindingCode::OfficeMacro),
    ("_vba_project", FindingCode::OfficeMacro),
    ("documentmacro", FindingCode::OfficeMacro),
    ("macrosstream", FindingCode::OfficeMacro),
    ("\u{1}ole10native", FindingCode::OfficeEmbedded),
    ("\u{3}linkinfo", FindingCode::OfficeExternal),
    ("equation native", FindingCode::OfficeEmbedded),
    ("package", FindingCode::OfficeEmbedded),
    ("\u{3}ocxname", FindingCode::OfficeControl),
    ("contents", FindingCode::OfficeControl),
    ("msodatastore", FindingCode::OfficeCustomXml),
    ("\u{5}summaryinformation", FindingCode::OfficeMetadata),
    (
        "\u{5}documentsummaryinformation",
        FindingCode::OfficeMetadata,
    ),
    ("_signatures", FindingCode::OfficeSignature),
    ("_xmlsignatures", FindingCode::OfficeSignature),
    ("encryptedpackage", FindingCode::OfficePart),
];

/// Storages of embedded documents begin with this.
const EMBEDDED: [&str; 2] = ["mbd", "\u{4}jsrv_"];

/// Notes what the directory shows. `known` are the streams that the reader reads.
pub(in crate::formats) fn note(ole: &Ole<'_>, known: &[&str], cx: &mut Cx<'_>) {
    for entry in ole.entries().iter().skip(1) {
        let name = entry.name.to_lowercase();
        // a class says which program the object is for
        let embedded = entry.shape == Shape::Storage
            && (entry.class != [0; 16] || EMBEDDED.iter().any(|of| name.starts_with(of)));
        if let Some((_, code)) = SIGNS.iter().find(|(sign, _)| *sign == name) {
            cx.note(*code);
        } else if embedded {
            cx.note(FindingCode::OfficeEmbedded);
        } else if entry.parent == Some(0) && !known.iter().any(|known| entry.is_named(known)) {
            cx.note(FindingCode::OfficePart);
        }
    }
}
