//! Files that are also something else.

use super::zip;
use mugai_core::{Family, Kind};

/// How much of a file's end is searched for the end record of a ZIP file.
pub(super) const TAIL: usize = zip::MAX_COMMENT + 22;
/// Where readers of PDF and browsers look for their marks.
const FRONT: usize = 1024;

/// Tags that make a browser take a picture for a page.
const TAGS: [&[u8]; 8] = [
    b"<html", b"<script", b"<body", b"<iframe", b"<svg", b"<?php", b"<img", b"<head",
];

/// Whether `input`, which is of `kind`, is a file of another kind, too.
pub(super) fn is_polyglot(input: &[u8], kind: Kind) -> bool {
    let front = input.get(..FRONT).unwrap_or(input);
    let pdf =
        kind != Kind::Pdf && is_binary(kind) && memchr::memmem::find(front, b"%PDF-").is_some();
    let page = kind.family() == Family::Image && has_tags(front);
    pdf || page || has_zip(input, kind)
}

/// A PDF with something before its header, which readers of PDF do not mind: the header begins a
/// line, has a version, and the file ends as a PDF does.
pub(super) fn is_late_pdf(input: &[u8]) -> bool {
    let front = input.get(..FRONT).unwrap_or(input);
    let back = input
        .get(input.len().saturating_sub(FRONT)..)
        .unwrap_or(input);
    let header = memchr::memmem::find_iter(front, b"%PDF-").any(|at| {
        let version = at
            .checked_add(5)
            .and_then(|next| front.get(next))
            .is_some_and(u8::is_ascii_digit);
        let before = at.checked_sub(1).and_then(|b| front.get(b));
        version && !before.is_some_and(u8::is_ascii_graphic)
    });
    let ends = [&b"%%EOF"[..], b"startxref"]
        .iter()
        .any(|mark| memchr::memmem::find(back, mark).is_some());
    header && ends
}

/// Formats in which text of another format has no business.
fn is_binary(kind: Kind) -> bool {
    matches!(kind.family(), Family::Image | Family::Archive) || kind == Kind::Executable
}

fn has_tags(front: &[u8]) -> bool {
    let lower = front.to_ascii_lowercase();
    TAGS.iter()
        .any(|tag| memchr::memmem::find(&lower, tag).is_some())
}

/// Whether a reader of ZIP files, who begins at the end, would take the file for one. Containers
/// that hold their files as they are may well end with a ZIP file, and need more proof: that the
/// end record reaches exactly to the end.
fn has_zip(input: &[u8], kind: Kind) -> bool {
    use Kind::{Cab, Iso, Lha, Odf, Ole2, Opc, Rar, SevenZip, Sheet, Slides, Tar, Word, Xlsb, Zip};
    use Kind::{Doc, Jtd, Msg, OpenSheet, OpenSlides, OpenText, Ppt, Xls};
    let package = matches!(kind, Zip | Word | Sheet | Slides | Odf | Opc | Xlsb);
    if package || matches!(kind, OpenText | OpenSheet | OpenSlides) {
        return false;
    }
    let ole = matches!(kind, Ole2 | Doc | Xls | Ppt | Jtd | Msg);
    let stores = ole || matches!(kind, Tar | Iso | Lha | Rar | SevenZip | Cab | Kind::Tnef);
    zip::end_record(input).is_some_and(|(end, _)| !stores || reaches_end(input, end))
}

fn reaches_end(input: &[u8], end_record: usize) -> bool {
    let comment = end_record
        .checked_add(20)
        .and_then(|at| input.get(at..))
        .and_then(|rest| rest.first_chunk::<2>())
        .map_or(0, |bytes| usize::from(u16::from_le_bytes(*bytes)));
    end_record.saturating_add(22).saturating_add(comment) == input.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_zip_file_by_itself_is_not_one_besides() {
        // a directory of one entry, which is of 46 bytes, and the end record
        let mut end = b"PK\x01\x02".to_vec();
        end.resize(46, 0);
        end.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2e\0\0\0\0\0\0\0\0\0");
        let behind = |kind| {
            let file = [b"head of a file ".as_slice(), &end].concat();
            has_zip(&file, kind)
        };
        for kind in [
            Kind::Zip,
            Kind::Word,
            Kind::Sheet,
            Kind::Slides,
            Kind::OpenText,
            Kind::OpenSheet,
            Kind::OpenSlides,
            Kind::Odf,
            Kind::Xlsb,
        ] {
            assert!(!behind(kind), "{kind:?}");
        }
        for kind in [Kind::Png, Kind::Pdf, Kind::Rtf, Kind::Doc, Kind::Tar] {
            assert!(behind(kind), "{kind:?}");
        }
    }
}
