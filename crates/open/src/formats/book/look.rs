//! How cells look: fonts, fills, lines, alignments, as numbers and names of closed lists.

use super::markup::Scribe;
use super::{Book, Code};
use mugai_core::Refusal;
use mugai_core::markup::scrub;

/// The number of the first format that has none of its own.
const FIRST_FORMAT: usize = 164;

/// Kinds of lines, patterns and alignments by their numbers ([MS-XLSB] 2.5.11, 2.4.697, 2.4.847).
const LINES: [&str; 14] = [
    "none",
    "thin",
    "medium",
    "dashed",
    "dotted",
    "thick",
    "double",
    "hair",
    "mediumDashed",
    "dashDot",
    "mediumDashDot",
    "dashDotDot",
    "mediumDashDotDot",
    "slantDashDot",
];
const PATTERNS: [&str; 19] = [
    "none",
    "solid",
    "mediumGray",
    "darkGray",
    "lightGray",
    "darkHorizontal",
    "darkVertical",
    "darkDown",
    "darkUp",
    "darkGrid",
    "darkTrellis",
    "lightHorizontal",
    "lightVertical",
    "lightDown",
    "lightUp",
    "lightGrid",
    "lightTrellis",
    "gray125",
    "gray0625",
];
const HORIZONTAL: [&str; 8] = [
    "general",
    "left",
    "center",
    "right",
    "fill",
    "justify",
    "centerContinuous",
    "distributed",
];
const VERTICAL: [&str; 5] = ["top", "center", "bottom", "justify", "distributed"];

fn named<'a>(list: &[&'a str], number: u8) -> &'a str {
    let found = list.get(usize::from(number));
    found.or(list.first()).copied().unwrap_or_default()
}

/// A colour, and how far it is moved towards black (-1) or white (1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::formats) struct Color {
    /// Red, green and blue.
    pub(in crate::formats) rgb: [u8; 3],
    pub(in crate::formats) tint: f64,
}

/// A font, told by its name and not brought along.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::formats) struct Font {
    pub(in crate::formats) name: String,
    pub(in crate::formats) points: f64,
    pub(in crate::formats) bold: bool,
    pub(in crate::formats) italic: bool,
    pub(in crate::formats) strike: bool,
    /// 1 and 2 for one line and two, 0x21 and 0x22 as in accounts.
    pub(in crate::formats) underline: u8,
    /// 1 above the line, 2 below it.
    pub(in crate::formats) script: u8,
    pub(in crate::formats) color: Option<Color>,
    /// What to take in its place: 1 with serifs, 2 without, 3 of one width, 4 as by hand, 5 for show.
    pub(in crate::formats) family: u8,
}

/// What is behind a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::formats) struct Fill {
    pub(in crate::formats) pattern: u8,
    pub(in crate::formats) front: Option<Color>,
    pub(in crate::formats) back: Option<Color>,
}

/// A line at a cell's side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::formats) struct Line {
    pub(in crate::formats) kind: u8,
    pub(in crate::formats) color: Option<Color>,
}

/// The lines of a cell: left, right, top, bottom, across.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::formats) struct Border {
    pub(in crate::formats) lines: [Line; 5],
    pub(in crate::formats) down: bool,
    pub(in crate::formats) up: bool,
}

/// How a cell looks: places in the lists of its book.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::formats) struct Look {
    pub(in crate::formats) format: usize,
    pub(in crate::formats) font: usize,
    pub(in crate::formats) fill: usize,
    pub(in crate::formats) border: usize,
    pub(in crate::formats) horizontal: u8,
    pub(in crate::formats) vertical: u8,
    /// In degrees, 91 to 180 downwards, 255 for letters above each other.
    pub(in crate::formats) rotation: u8,
    pub(in crate::formats) indent: u8,
    pub(in crate::formats) wrap: bool,
    pub(in crate::formats) shrink: bool,
}

impl Look {
    /// The look of a cell of which only the format is known.
    pub(in crate::formats) const fn of(format: usize) -> Self {
        Self {
            format,
            font: 0,
            fill: 0,
            border: 0,
            horizontal: 0,
            vertical: 2,
            rotation: 0,
            indent: 0,
            wrap: false,
            shrink: false,
        }
    }

    /// Whether an empty cell of this look is seen.
    pub(in crate::formats) const fn is_seen(&self) -> bool {
        self.fill > 0 || self.border > 0
    }
}

/// The part that says how cells look.
pub(super) fn write(book: &Book, scribe: &mut Scribe) -> Result<(), Refusal> {
    let codes: Vec<Option<String>> = book
        .formats
        .iter()
        .map(|code| code.known().map(|raw| scrub(raw).0.into_owned()))
        .collect();
    formats(&codes, scribe)?;
    fonts(&book.fonts, scribe)?;
    fills(&book.fills, scribe)?;
    borders(&book.borders, scribe)?;
    scribe.open("x:cellStyleXfs", &[("count", "1")])?;
    let plain = ["numFmtId", "fontId", "fillId", "borderId"].map(|name| (name, "0"));
    scribe.leaf("x:xf", &plain)?;
    scribe.close()?;
    let all: Vec<Look> = if book.looks.is_empty() {
        (0..codes.len().max(1)).map(Look::of).collect()
    } else {
        book.looks.clone()
    };
    scribe.open("x:cellXfs", &[("count", &all.len().to_string())])?;
    for look in &all {
        one(look, book, &codes, scribe)?;
    }
    scribe.close()?;
    // without the style of all cells, programs take a font of their own for it
    scribe.open("x:cellStyles", &[("count", "1")])?;
    let normal = [("name", "Normal"), ("xfId", "0"), ("builtinId", "0")];
    scribe.leaf("x:cellStyle", &normal)?;
    scribe.close()
}

fn formats(codes: &[Option<String>], scribe: &mut Scribe) -> Result<(), Refusal> {
    let custom = codes.iter().flatten().count();
    if custom == 0 {
        return Ok(());
    }
    scribe.open("x:numFmts", &[("count", &custom.to_string())])?;
    for (number, code) in codes.iter().enumerate() {
        if let Some(code) = code {
            let id = number.saturating_add(FIRST_FORMAT).to_string();
            scribe.leaf("x:numFmt", &[("numFmtId", &id), ("formatCode", code)])?;
        }
    }
    scribe.close()
}

fn color(name: &str, color: Option<Color>, scribe: &mut Scribe) -> Result<(), Refusal> {
    let Some(Color {
        rgb: [r, g, b],
        tint,
    }) = color
    else {
        return Ok(());
    };
    let value = format!("FF{r:02X}{g:02X}{b:02X}");
    if tint == 0.0 {
        return scribe.leaf(name, &[("rgb", &value)]);
    }
    let tint = format!("{:.4}", tint.clamp(-1.0, 1.0));
    scribe.leaf(name, &[("rgb", &value), ("tint", &tint)])
}

fn fonts(fonts: &[Font], scribe: &mut Scribe) -> Result<(), Refusal> {
    let plain = [Font {
        points: 11.0,
        ..Font::default()
    }];
    let fonts = if fonts.is_empty() { &plain } else { fonts };
    scribe.open("x:fonts", &[("count", &fonts.len().to_string())])?;
    for font in fonts {
        scribe.open("x:font", &[])?;
        for (name, is) in [
            ("x:b", font.bold),
            ("x:i", font.italic),
            ("x:strike", font.strike),
        ] {
            if is {
                scribe.leaf(name, &[])?;
            }
        }
        match font.underline {
            1 => scribe.leaf("x:u", &[])?,
            2 => scribe.leaf("x:u", &[("val", "double")])?,
            0x21 => scribe.leaf("x:u", &[("val", "singleAccounting")])?,
            0x22 => scribe.leaf("x:u", &[("val", "doubleAccounting")])?,
            _ => {}
        }
        match font.script {
            1 => scribe.leaf("x:vertAlign", &[("val", "superscript")])?,
            2 => scribe.leaf("x:vertAlign", &[("val", "subscript")])?,
            _ => {}
        }
        let known = (1.0..=409.0).contains(&font.points);
        let points = if known { font.points } else { 11.0 };
        scribe.leaf("x:sz", &[("val", &points.to_string())])?;
        color("x:color", font.color, scribe)?;
        let name = scrub(&font.name).0;
        if !name.is_empty() {
            scribe.leaf("x:name", &[("val", &name)])?;
        }
        if (1..=5).contains(&font.family) {
            scribe.leaf("x:family", &[("val", &font.family.to_string())])?;
        }
        scribe.close()?;
    }
    scribe.close()
}

fn fills(fills: &[Fill], scribe: &mut Scribe) -> Result<(), Refusal> {
    // the first two are what programs take them for, whatever they say
    let fixed = [0, 17].map(|pattern| Fill {
        pattern,
        ..Fill::default()
    });
    let all = fixed.iter().chain(fills.iter().skip(2));
    let count = fills.len().max(2).to_string();
    scribe.open("x:fills", &[("count", &count)])?;
    for fill in all {
        scribe.open("x:fill", &[])?;
        let pattern = named(&PATTERNS, fill.pattern);
        scribe.open("x:patternFill", &[("patternType", pattern)])?;
        color("x:fgColor", fill.front, scribe)?;
        color("x:bgColor", fill.back, scribe)?;
        scribe.close()?;
        scribe.close()?;
    }
    scribe.close()
}

fn borders(borders: &[Border], scribe: &mut Scribe) -> Result<(), Refusal> {
    let plain = [Border::default()];
    let borders = if borders.is_empty() { &plain } else { borders };
    scribe.open("x:borders", &[("count", &borders.len().to_string())])?;
    for border in borders {
        let mut attributes = Vec::new();
        if border.up {
            attributes.push(("diagonalUp", "1"));
        }
        if border.down {
            attributes.push(("diagonalDown", "1"));
        }
        scribe.open("x:border", &attributes)?;
        let names = ["x:left", "x:right", "x:top", "x:bottom", "x:diagonal"];
        for (name, line) in names.into_iter().zip(&border.lines) {
            if line.kind == 0 {
                continue;
            }
            scribe.open(name, &[("style", named(&LINES, line.kind))])?;
            color("x:color", line.color, scribe)?;
            scribe.close()?;
        }
        scribe.close()?;
    }
    scribe.close()
}

fn one(
    look: &Look,
    book: &Book,
    codes: &[Option<String>],
    scribe: &mut Scribe,
) -> Result<(), Refusal> {
    let place = |place: usize, count: usize| if place < count { place } else { 0 }.to_string();
    let format = match codes.get(look.format) {
        Some(Some(_)) => look.format.saturating_add(FIRST_FORMAT),
        _ => 0,
    };
    let (format, font) = (format.to_string(), place(look.font, book.fonts.len()));
    let fill = place(look.fill, book.fills.len());
    let border = place(look.border, book.borders.len());
    let aligned = Look {
        format: 0,
        font: 0,
        fill: 0,
        border: 0,
        ..*look
    } != Look::of(0);
    let mut attributes = vec![
        ("numFmtId", format.as_str()),
        ("fontId", font.as_str()),
        ("fillId", fill.as_str()),
        ("borderId", border.as_str()),
        ("xfId", "0"),
    ];
    for (name, is) in [
        ("applyNumberFormat", format != "0"),
        ("applyFont", font != "0"),
        ("applyFill", fill != "0"),
        ("applyBorder", border != "0"),
        ("applyAlignment", aligned),
    ] {
        if is {
            attributes.push((name, "1"));
        }
    }
    scribe.open("x:xf", &attributes)?;
    if aligned {
        let rotation = look.rotation.to_string();
        let indent = look.indent.to_string();
        let mut attributes = vec![
            ("horizontal", named(&HORIZONTAL, look.horizontal)),
            ("vertical", named(&VERTICAL, look.vertical)),
        ];
        if look.rotation <= 180 || look.rotation == 255 {
            attributes.push(("textRotation", &rotation));
        }
        attributes.push(("indent", &indent));
        if look.wrap {
            attributes.push(("wrapText", "1"));
        }
        if look.shrink {
            attributes.push(("shrinkToFit", "1"));
        }
        scribe.leaf("x:alignment", &attributes)?;
    }
    scribe.close()
}

impl Book {
    /// How a cell's number is shown.
    pub(super) fn code(&self, look: usize) -> Option<&Code> {
        if self.looks.is_empty() {
            return self.formats.get(look);
        }
        self.formats.get(self.looks.get(look)?.format)
    }

    /// Whether there is such a look, other than that of all cells.
    pub(super) fn has(&self, look: usize) -> bool {
        let count = if self.looks.is_empty() {
            self.formats.len()
        } else {
            self.looks.len()
        };
        look > 0 && look < count
    }
}
