//! PDF files: pages of operators, with what may hang on them.

use super::{Forged, some, word_of};
use crate::oracle::CANARY_TEXT;
use crate::pdf::PdfFile;
use arbitrary::{Result, Unstructured};
use std::fmt::Write;

/// What a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheets {
    /// How many pages.
    pub count: usize,
}

/// Operators that are drawn one behind the other; each leaves the state of the page as it was.
const OPERATORS: [&str; 14] = [
    "q 1 0 0 rg 10 10 50 30 re f Q",
    "q 0 0 1 RG 3 w 5 5 m 90 40 l 10 60 20 30 40 40 c S Q",
    "q 10 10 40 40 re W n 0 1 0 rg 0 0 99 99 re f Q",
    "q .5 .2 .1 .3 40 20 cm /X Do Q",
    "q 40 0 0 30 5 5 cm /I Do Q",
    "BT /F 12 Tf 10 50 Td (Stadt) Tj ET",
    "BT /F 9 Tf 3 Tr 10 20 Td (unseen KEY) Tj ET",
    "/Span << /ActualText (KEY) >> BDC EMC",
    "q [3 2] 1 d 0 0 m 99 99 l S Q",
    "q /G gs 0 0 20 20 re f Q",
    "BI /W 2 /H 2 /CS /G /BPC 8 ID abcd EI",
    "q 0 0 0 0 k 1 1 m h f* Q",
    "q 1000000 0 0 1000000 0 0 cm 0 0 1 1 re f Q",
    "/Sh sh",
];
/// Entries of pages that no page needs.
const HANGING: [&str; 6] = [
    "",
    "/AA << /O << /S /JavaScript /JS (KEY) >> >>",
    "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (KEY) >> >>]",
    "/Rotate 90",
    "/CropBox [10 10 90 60]",
    "/UserUnit 2 /Metadata 9 0 R",
];

/// A file, and how many pages it has.
///
/// # Errors
/// When `source` ends early.
pub fn pdf(source: &mut Unstructured<'_>) -> Result<Forged<Sheets>> {
    let mut file = PdfFile::new();
    let font = file.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    let form = file.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 9 9]",
        b"1 0 1 rg 0 0 9 9 re f",
    );
    let picture = file.stream(
        "/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceRGB /BitsPerComponent 8",
        b"abcdefghijkl",
    );
    let resources = format!(
        "/Resources << /Font << /F {font} 0 R >> /XObject << /X {form} 0 R /I {picture} 0 R >> /ExtGState << /G << /ca .5 /BM /Multiply >> >> /Shading << /Sh << /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 9 9] /Function << /FunctionType 2 /Domain [0 1] /C0 [0] /C1 [1] /N 1 >> >> >> >>"
    );
    let pages = some(source, 5, |source| {
        let mut content = String::new();
        for _ in 0..source.int_in_range(0..=6u8)? {
            let _ = writeln!(
                content,
                "{}",
                source.choose(&OPERATORS)?.replace("KEY", CANARY_TEXT)
            );
        }
        let (width, height) = (
            source.int_in_range(20..=300u16)?,
            source.int_in_range(20..=200u16)?,
        );
        let hanging = source.choose(&HANGING)?.replace("KEY", CANARY_TEXT);
        let box_ = format!("/MediaBox [0 0 {width} {height}]");
        Ok((format!("{box_} {resources} {hanging}"), content))
    })?;
    for (dict, content) in &pages {
        file.page(dict, content);
    }
    let title = word_of(source)?;
    let file = file
        .with_catalog(&format!(
            "/OpenAction << /S /JavaScript /JS ({CANARY_TEXT}) >>"
        ))
        .with_trailer(&format!("/Info << /Title ({title}) >>"));
    let count = pages.len();
    Forged::of(file.bytes(), Sheets { count }, source)
}
