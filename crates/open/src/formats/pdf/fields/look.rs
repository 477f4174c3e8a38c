//! What a field looks like: its box, and its text in it, as content of a form (ISO 32000-2, 12.7.4.3).

use super::Around;
use hayro_syntax::object::{Array, Dict, Number, String as Bytes};
use mugai_core::widths::HELVETICA;
use std::fmt::Write as _;

/// How the text of a field stands in its box.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// On one line.
    Line,
    /// On as many lines as it needs.
    Multiline,
    /// Each character in a cell of its own, of so many.
    Comb(u32),
    /// One line for each option.
    List,
}

/// A field on its page.
pub(super) struct Look {
    kind: Kind,
    /// Lines of text, and whether they are chosen.
    lines: Vec<(String, bool)>,
    /// Both sides of the box, as it is read, in units of the page.
    width: f64,
    height: f64,
    /// By how many quarters the box is turned against the page, counterclockwise.
    quarters: u32,
    /// Font size in units, 0 where it is to fit.
    size: f64,
    /// An operator that sets the colour of letters.
    colour: String,
    ground: Option<String>,
    border: Option<(String, f64)>,
    /// 0 left, 1 middle, 2 right.
    side: u32,
}

/// Letters are not made smaller than that, nor larger where their size is to fit, in units.
const SMALLEST: f64 = 4.0;
const LARGEST: f64 = 24.0;
/// The size of letters on several lines where it is to fit.
const USUAL: f64 = 12.0;
/// Lines, times the size of letters.
const LEADING: f64 = 1.2;
/// How far letters reach below their line, times their size.
const BELOW: f64 = 0.22;
/// Between the border and the text, in units.
const SPACE: f64 = 2.0;

/// Standard letters.
const LATIN: &str =
    "/L << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
/// A Japanese face that the file does not bring along, by UTF-16.
const JAPANESE: &str = "/J << /Type /Font /Subtype /Type0 /BaseFont /KozGoPr6N-Regular /Encoding /UniJIS-UTF16-H \
    /DescendantFonts [ << /Type /Font /Subtype /CIDFontType0 /BaseFont /KozGoPr6N-Regular \
    /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 6 >> \
    /FontDescriptor << /Type /FontDescriptor /FontName /KozGoPr6N-Regular /Flags 4 \
    /FontBBox [ 0 -120 1000 880 ] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 740 /StemV 80 >> \
    /DW 1000 /W [ 231 389 500 ] >> ] >>";

impl Look {
    /// Reads what a field says of its box; `None` for a box without room.
    pub(super) fn of(
        around: &Around<'_>,
        form: &Dict<'_>,
        kind: Kind,
        lines: Vec<(String, bool)>,
    ) -> Option<Self> {
        let widget = around.0.first()?;
        let rect = numbers(&widget.get::<Array<'_>>(b"Rect")?);
        let [x0, y0, x1, y1] = *rect.as_slice() else {
            return None;
        };
        let (across, up) = ((x1 - x0).abs(), (y1 - y0).abs());
        let room = |side: f64| side.is_finite() && (1.0..=14_400.0).contains(&side);
        if !room(across) || !room(up) {
            return None;
        }
        let own = widget.get::<Dict<'_>>(b"MK");
        let turn = own
            .as_ref()
            .and_then(|own| own.get::<i32>(b"R"))
            .unwrap_or(0);
        let quarters = u32::try_from(turn.div_euclid(90).rem_euclid(4)).unwrap_or(0);
        let (width, height) = if quarters % 2 == 0 {
            (across, up)
        } else {
            (up, across)
        };
        let colour_of = |key: &[u8], operators| {
            let colour = own.as_ref()?.get::<Array<'_>>(key)?;
            painted(&numbers(&colour), operators)
        };
        let style = widget
            .get::<Dict<'_>>(b"BS")
            .and_then(|style| style.get::<f64>(b"W"));
        let line = style.or_else(|| {
            numbers(&widget.get::<Array<'_>>(b"Border")?)
                .get(2)
                .copied()
        });
        let line = line.unwrap_or(1.0).clamp(0.0, 12.0);
        let border = colour_of(b"BC", ["G", "RG", "K"]).filter(|_| line > 0.0);
        let words = around
            .get(|dict| dict.get::<Bytes<'_>>(b"DA"))
            .or_else(|| form.get::<Bytes<'_>>(b"DA"));
        let words = words
            .map(|words| letters(words.as_bytes()))
            .unwrap_or_default();
        if has_signs(&words) {
            return None;
        }
        let (size, colour) = appearance(&words);
        let quadding = around
            .get(|dict| dict.get::<u32>(b"Q"))
            .or_else(|| form.get::<u32>(b"Q"));
        Some(Self {
            kind,
            lines,
            width,
            height,
            quarters,
            size,
            colour,
            ground: colour_of(b"BG", ["g", "rg", "k"]),
            border: border.map(|colour| (colour, line)),
            side: quadding.unwrap_or(0),
        })
    }

    /// Box, matrix and fonts of the form.
    pub(super) fn entries(&self) -> String {
        let (width, height) = (self.width, self.height);
        let matrix = match self.quarters {
            1 => format!("0 1 -1 0 {height:.3} 0"),
            2 => format!("-1 0 0 -1 {width:.3} {height:.3}"),
            3 => format!("0 -1 1 0 0 {width:.3}"),
            _ => "1 0 0 1 0 0".to_owned(),
        };
        let is_latin =
            |(line, _): &(String, bool)| line.chars().all(|c| is_plain(c) || c.is_control());
        let japanese = if self.lines.iter().all(is_latin) {
            ""
        } else {
            JAPANESE
        };
        let fonts = format!("/Resources << /Font << {LATIN} {japanese} >> >>");
        format!("/BBox [ 0 0 {width:.3} {height:.3} ] /Matrix [ {matrix} ] {fonts}")
    }

    /// The operators that draw it, and how many lines it has no room for.
    pub(super) fn content(&self) -> (String, u32) {
        let (width, height) = (self.width, self.height);
        let mut out = String::new();
        // writing to a string cannot fail
        if let Some(ground) = &self.ground {
            let _ = write!(out, "{ground} 0 0 {width:.3} {height:.3} re f ");
        }
        if let Some((colour, line)) = &self.border {
            let half = line / 2.0;
            let (inner_width, inner_height) = ((width - line).max(0.0), (height - line).max(0.0));
            let _ = write!(
                out,
                "{colour} {line:.3} w {half:.3} {half:.3} {inner_width:.3} {inner_height:.3} re S "
            );
        }
        let edge = self.border.as_ref().map_or(0.0, |(_, line)| *line);
        let _ = write!(
            out,
            "/Tx BMC q {edge:.3} {edge:.3} {:.3} {:.3} re W n ",
            (width - 2.0 * edge).max(0.0),
            (height - 2.0 * edge).max(0.0)
        );
        let cut = match self.kind {
            Kind::Line => self.line(edge, &mut out),
            Kind::Comb(cells) => self.comb(cells, edge, &mut out),
            Kind::Multiline => self.paragraphs(edge, &mut out),
            Kind::List => self.list(edge, &mut out),
        };
        out.push_str("Q EMC");
        (out, u32::try_from(cut).unwrap_or(u32::MAX))
    }

    fn first(&self) -> &str {
        self.lines.first().map_or("", |(line, _)| line)
    }

    fn room(&self, edge: f64) -> f64 {
        (self.width - 2.0 * (edge + SPACE)).max(1.0)
    }

    /// The size of letters that are as high as the box.
    fn highest(&self, edge: f64) -> f64 {
        (self.height - 2.0 * edge).max(1.0)
    }

    /// A size that fits one line into the box.
    fn fitting(&self, edge: f64, width: f64) -> f64 {
        if self.size > 0.0 {
            return self.size.min(self.highest(edge));
        }
        let high = (self.height - 2.0 * edge) * 0.72;
        let wide = self.room(edge) / width.max(0.001);
        high.min(wide).clamp(SMALLEST, LARGEST)
    }

    /// One line; 1 where the box cuts it off.
    fn line(&self, edge: f64, out: &mut String) -> usize {
        let line: String = self
            .first()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let size = self.fitting(edge, measure(&line));
        let y = (self.height - size) / 2.0 + size * BELOW;
        self.show(&line, (size, y, edge), out);
        usize::from(measure(&line) * size > self.room(edge) + SPACE)
    }

    /// A character a cell; 1 where there are more of them than cells.
    fn comb(&self, cells: u32, edge: f64, out: &mut String) -> usize {
        let cell = self.width / f64::from(cells.min(1_000));
        let size = self
            .fitting(edge, 1.0)
            .min(if self.size > 0.0 { f64::MAX } else { cell });
        let y = (self.height - size) / 2.0 + size * BELOW;
        let mut x = 0.0;
        for c in self
            .first()
            .chars()
            .take(usize::try_from(cells.min(1_000)).unwrap_or(0))
        {
            let c = c.to_string();
            let start = x + (cell - measure(&c) * size) / 2.0;
            self.put(&c, (size, start, y), out);
            x += cell;
        }
        let all = u32::try_from(self.first().chars().count()).unwrap_or(u32::MAX);
        usize::from(all > cells)
    }

    /// As many lines as there is room for; how many are left.
    fn paragraphs(&self, edge: f64, out: &mut String) -> usize {
        let room = self.room(edge);
        let stated = if self.size > 0.0 { self.size } else { USUAL };
        let mut size = stated.min(self.highest(edge));
        let mut lines = wrap(self.first(), room / size);
        while self.size <= 0.0 && size > SMALLEST && height_of(lines.len(), size) > self.height {
            size = (size - 1.0).max(SMALLEST);
            lines = wrap(self.first(), room / size);
        }
        // a box for one line has no room above it
        let above = SPACE.min((self.height - 2.0 * edge - size).max(0.0));
        let mut y = self.height - edge - above - size * (1.0 - BELOW);
        let all = lines.len();
        for (place, line) in lines.iter().enumerate() {
            // what lies below the box cannot be seen
            if y + size / 2.0 < 0.0 {
                return all.saturating_sub(place);
            }
            self.show(line, (size, y, edge), out);
            y -= size * LEADING;
        }
        0
    }

    /// As [`Self::paragraphs`].
    fn list(&self, edge: f64, out: &mut String) -> usize {
        let size = if self.size > 0.0 { self.size } else { USUAL };
        let mut top = self.height - edge;
        for (place, (line, chosen)) in self.lines.iter().enumerate() {
            let bottom = top - size * LEADING;
            if bottom + size / 2.0 < 0.0 {
                return self.lines.len().saturating_sub(place);
            }
            if *chosen {
                let width = self.width;
                let high = size * LEADING;
                let _ = write!(
                    out,
                    "0.6 0.75 0.86 rg 0 {bottom:.3} {width:.3} {high:.3} re f "
                );
            }
            self.show(line, (size, bottom + size * BELOW, edge), out);
            top = bottom;
        }
        0
    }

    /// A line of text where the field wants it.
    fn show(&self, line: &str, (size, y, edge): (f64, f64, f64), out: &mut String) {
        let rest = self.width - 2.0 * (edge + SPACE) - measure(line) * size;
        let x = match self.side {
            1 => rest / 2.0,
            2 => rest,
            _ => 0.0,
        };
        self.put(line, (size, edge + SPACE + x.max(0.0), y), out);
    }

    /// Text in one font after the other.
    fn put(&self, text: &str, (size, x, y): (f64, f64, f64), out: &mut String) {
        let _ = write!(out, "BT {} {x:.3} {y:.3} Td ", self.colour);
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let plain = is_plain(first);
            let end = rest.find(|c| is_plain(c) != plain).unwrap_or(rest.len());
            let (run, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let font = if plain { "L" } else { "J" };
            let _ = write!(out, "/{font} {size:.3} Tf <");
            for c in run.chars() {
                if plain {
                    let _ = write!(out, "{:02X}", u32::from(c));
                } else {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let _ = write!(out, "{unit:04X}");
                    }
                }
            }
            out.push_str("> Tj ");
            rest = behind;
        }
        out.push_str("ET ");
    }
}

/// Whether the standard letters have it, at its own number.
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a1}'..='\u{ff}')
}

/// The width of a text, times its size.
fn measure(text: &str) -> f64 {
    text.chars().map(width_of).sum()
}

fn width_of(c: char) -> f64 {
    let place = u32::from(c)
        .checked_sub(0x20)
        .and_then(|place| usize::try_from(place).ok());
    match place.and_then(|place| HELVETICA.get(place)) {
        Some(width) => f64::from(*width) / 1000.0,
        None if is_plain(c) => 0.556,
        None if matches!(c, '\u{ff61}'..='\u{ff9f}') => 0.5,
        None => 1.0,
    }
}

fn height_of(lines: usize, size: f64) -> f64 {
    let lines = u32::try_from(lines).map_or(f64::MAX, f64::from);
    lines * size * LEADING + 2.0 * SPACE
}

/// Lines of at most `room`, times the size of letters: broken at blanks, else anywhere.
fn wrap(text: &str, room: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let text = text.replace("\r\n", "\n");
    for paragraph in text.split(['\n', '\r']) {
        let mut line = String::new();
        let mut width = 0.0;
        for c in paragraph
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
        {
            let own = width_of(c);
            if width + own > room && !line.is_empty() {
                let kept = line.rfind(' ').filter(|_| c.is_ascii_graphic());
                let rest = kept.map(|at| line.split_off(at)).unwrap_or_default();
                lines.push(std::mem::take(&mut line));
                rest.trim_start().clone_into(&mut line);
                width = measure(&line);
            }
            line.push(c);
            width += own;
        }
        lines.push(line);
    }
    lines
}

fn numbers(array: &Array<'_>) -> Vec<f64> {
    array
        .iter::<Number>()
        .take(8)
        .map(|number| number.as_f64())
        .collect()
}

/// An operator for a colour of one, three or four parts; none of it is nothing.
fn painted(parts: &[f64], operators: [&str; 3]) -> Option<String> {
    let [one, three, four] = operators;
    let operator = match parts.len() {
        1 => one,
        3 => three,
        4 => four,
        _ => return None,
    };
    let parts: Vec<String> = parts
        .iter()
        .map(|part| format!("{:.3}", part.clamp(0.0, 1.0)))
        .collect();
    Some(format!("{} {operator}", parts.join(" ")))
}

/// As much of a default appearance as anybody writes.
fn letters(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(1_024)
        .map(|byte| char::from(*byte))
        .collect()
}

/// Whether the font of a default appearance has signs in the place of letters.
fn has_signs(words: &str) -> bool {
    let mut names = words
        .split_ascii_whitespace()
        .filter_map(|word| word.strip_prefix('/'));
    names.any(|name| {
        let name = name.to_ascii_lowercase();
        ["zadb", "zapf", "symb", "ding", "barc", "code"]
            .iter()
            .any(|known| name.starts_with(known))
    })
}

/// The size of letters and the operator for their colour, out of a default appearance (12.7.4.3).
fn appearance(words: &str) -> (f64, String) {
    let (mut size, mut colour) = (0.0, "0 g".to_owned());
    let mut operands: Vec<&str> = Vec::new();
    for word in words.split_ascii_whitespace().take(64) {
        let parts = || {
            operands
                .iter()
                .filter_map(|word| word.parse::<f64>().ok())
                .collect::<Vec<_>>()
        };
        match word {
            "Tf" => size = parts().last().copied().unwrap_or(0.0),
            "g" | "rg" | "k" => {
                if let Some(found) = painted(&parts(), ["g", "rg", "k"]) {
                    colour = found;
                }
            }
            _ => {
                operands.push(word);
                continue;
            }
        }
        operands.clear();
    }
    let usable = size.is_finite() && size > 0.0;
    (if usable { size.clamp(1.0, 300.0) } else { 0.0 }, colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_appearance_tells_size_and_colour() {
        for (words, size, colour) in [
            ("/Helv 12 Tf 0 g", 12.0, "0.000 g"),
            ("0.2 0.4 1 rg /F1 9.5 Tf", 9.5, "0.200 0.400 1.000 rg"),
            ("/Helv 0 Tf", 0.0, "0 g"),
            ("", 0.0, "0 g"),
            ("/Helv nan Tf 1 2 rg", 0.0, "0 g"),
        ] {
            assert_eq!(appearance(words), (size, colour.to_owned()), "{words}");
        }
    }

    #[test]
    fn lines_are_broken_where_they_may_be() {
        let words = wrap("plain words here", 4.0);
        assert_eq!(words, ["plain", "words", "here"]);
        assert_eq!(wrap("一二三四五\r\n六", 3.0), ["一二三", "四五", "六"]);
        assert_eq!(wrap("", 3.0), [""]);
    }
}
