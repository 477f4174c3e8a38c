//! Codes of number formats (ECMA-376 part 1, section 18.8.31), in pieces that are known. A code with
//! anything else in it is taken for the general one, or for a plain date.

use super::spelling;
use mugai_core::{Cx, Refusal, Resource};

/// A piece of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Literal(String),
    /// `0`, `#` or `?`.
    Digit(char),
    Point,
    /// Parts thousands, or divides by a thousand.
    Comma,
    Percent,
    /// `E+` or `E-`: whether a plus is shown.
    Exponent(bool),
    /// A letter of dates and times, and how often it stands: `y m d h s g e a`.
    Date(char, u8),
    /// `[h]`, `[m]`, `[s]`: all of the time in this unit.
    Elapsed(char, u8),
    /// `AM/PM`, `A/P`: the words for the halves of a day.
    HalfDay([&'static str; 2]),
    /// `/` between parts of a date, or above and below a fraction.
    Slash,
    /// `@`
    Text,
    General,
    /// The first year of an era is called so from here on.
    FirstYear,
    /// Words of Japan from here on.
    Japanese,
    /// What is not shown but must stay: a colour, a width.
    Silent(String),
}

/// A section, for one sign or condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) pieces: Vec<Piece>,
    /// The condition: an operator and a number.
    pub(super) condition: Option<(String, String)>,
}

/// A code that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::formats) struct Code {
    pub(super) sections: Vec<Section>,
    raw: String,
}

/// The longest code that is read, in bytes, as the programs have it.
const MAX_LEN: usize = 255;

/// Codes that have numbers of their own (ECMA-376 part 1, section 18.8.30), as a Japanese program
/// shows them.
const BUILT_IN: &[(u16, &str)] = &[
    (1, "0"),
    (2, "0.00"),
    (3, "#,##0"),
    (4, "#,##0.00"),
    (5, "\"¥\"#,##0;\"¥\"-#,##0"),
    (6, "\"¥\"#,##0;[Red]\"¥\"-#,##0"),
    (7, "\"¥\"#,##0.00;\"¥\"-#,##0.00"),
    (8, "\"¥\"#,##0.00;[Red]\"¥\"-#,##0.00"),
    (9, "0%"),
    (10, "0.00%"),
    (11, "0.00E+00"),
    (14, "yyyy/m/d"),
    (15, "d-mmm-yy"),
    (16, "d-mmm"),
    (17, "mmm-yy"),
    (18, "h:mm AM/PM"),
    (19, "h:mm:ss AM/PM"),
    (20, "h:mm"),
    (21, "h:mm:ss"),
    (22, "yyyy/m/d h:mm"),
    (27, "[$-411]ge.m.d"),
    (28, "[$-411]ggge\"年\"m\"月\"d\"日\""),
    (29, "[$-411]ggge\"年\"m\"月\"d\"日\""),
    (30, "m/d/yy"),
    (31, "yyyy\"年\"m\"月\"d\"日\""),
    (32, "h\"時\"mm\"分\""),
    (33, "h\"時\"mm\"分\"ss\"秒\""),
    (34, "yyyy\"年\"m\"月\""),
    (35, "m\"月\"d\"日\""),
    (36, "[$-411]ge.m.d"),
    (37, "#,##0;-#,##0"),
    (38, "#,##0;[Red]-#,##0"),
    (39, "#,##0.00;-#,##0.00"),
    (40, "#,##0.00;[Red]-#,##0.00"),
    (41, "#,##0;-#,##0;\"-\""),
    (42, "\"¥\"#,##0;\"¥\"-#,##0;\"-\""),
    (43, "#,##0.00;-#,##0.00;\"-\""),
    (44, "\"¥\"#,##0.00;\"¥\"-#,##0.00;\"-\""),
    (45, "mm:ss"),
    (46, "[h]:mm:ss"),
    (47, "mm:ss.0"),
    (48, "##0.0E+0"),
    (49, "@"),
    (50, "[$-411]ge.m.d"),
    (51, "[$-411]ggge\"年\"m\"月\"d\"日\""),
    (52, "yyyy\"年\"m\"月\""),
    (53, "m\"月\"d\"日\""),
    (54, "[$-411]ggge\"年\"m\"月\"d\"日\""),
    (55, "yyyy\"年\"m\"月\""),
    (56, "m\"月\"d\"日\""),
    (57, "[$-411]ge.m.d"),
    (58, "[$-411]ggge\"年\"m\"月\"d\"日\""),
];

impl Code {
    /// The code of a number that has one of its own; the general one for all others.
    pub(in crate::formats) fn built_in(number: u16) -> Self {
        let found = BUILT_IN.iter().find(|(of, _)| *of == number);
        found.map_or(Self::default(), |(_, code)| Self::parse(code))
    }

    /// Reads a code of a file: each of its letters may be a piece of its own.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(in crate::formats) fn paid(raw: &str, cx: &Cx<'_>) -> Result<Self, Refusal> {
        let letters = raw.len().min(MAX_LEN);
        cx.charge_len(
            Resource::Bytes,
            letters.saturating_mul(64).saturating_add(64),
        )?;
        Ok(Self::parse(raw))
    }

    /// Reads a code.
    pub(in crate::formats) fn parse(raw: &str) -> Self {
        if raw.len() > MAX_LEN {
            return Self::default();
        }
        let read = |raw: String| {
            let sections = sections(of_system(&raw).unwrap_or(&raw))
                .filter(|all| (1..=4).contains(&all.len()))?;
            Some(Self { sections, raw })
        };
        let bare = || read(spelling::usual(raw, true)).filter(Self::is_of_dates);
        let date = || read(spelling::of_date(raw)?.to_owned());
        read(spelling::usual(raw, false))
            .or_else(bare)
            .or_else(date)
            .unwrap_or_default()
    }

    fn is_of_dates(&self) -> bool {
        let mut pieces = self.sections.iter().flat_map(|section| &section.pieces);
        pieces.any(|piece| matches!(piece, Piece::Date(..)))
    }

    /// The section for texts: the fourth one, or the last one if it says where the text stands.
    pub(super) fn of_texts(&self) -> Option<&Section> {
        self.sections.last().filter(|last| last.has_text())
    }

    /// The sections for numbers.
    pub(super) fn of_numbers(&self) -> &[Section] {
        let all = self.sections.as_slice();
        match all.split_last() {
            Some((last, before)) if !before.is_empty() && last.has_text() => before,
            _ => all.get(..3).unwrap_or(all),
        }
    }

    /// The code as it stood, all of its pieces known; `None` for the general one.
    pub(super) fn known(&self) -> Option<&str> {
        let general = self.raw.is_empty() || self.raw.eq_ignore_ascii_case("general");
        (!general).then_some(self.raw.as_str())
    }
}

impl Section {
    /// Whether it is for texts.
    fn has_text(&self) -> bool {
        self.condition.is_none() && self.pieces.contains(&Piece::Text)
    }
}

/// The code of the long dates and times of the system, whatever else stands there, as a Japanese one has them.
fn of_system(raw: &str) -> Option<&'static str> {
    let begins = |with: &str| {
        raw.get(..with.len())
            .is_some_and(|r| r.eq_ignore_ascii_case(with))
    };
    if begins("[$-F800]") {
        Some("yyyy\"年\"m\"月\"d\"日\"")
    } else if begins("[$-F400]") {
        Some("h:mm:ss")
    } else {
        None
    }
}

fn sections(raw: &str) -> Option<Vec<Section>> {
    let mut all = Vec::new();
    let mut section = Section::default();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..)?;
        rest = match c {
            ';' => {
                all.push(std::mem::take(&mut section));
                behind
            }
            '"' => {
                let (literal, behind) = behind.split_once('"')?;
                section.pieces.push(Piece::Literal(literal.to_owned()));
                behind
            }
            '[' => {
                let (inside, behind) = behind.split_once(']')?;
                bracket(inside, &mut section)?;
                behind
            }
            '\\' | '!' => {
                let next = behind.chars().next()?;
                section.pieces.push(Piece::Literal(next.to_string()));
                behind.get(next.len_utf8()..)?
            }
            '_' => {
                let next = behind.chars().next()?;
                section.pieces.push(Piece::Literal(" ".to_owned()));
                behind.get(next.len_utf8()..)?
            }
            '*' => {
                let next = behind.chars().next()?;
                section.pieces.push(Piece::Silent(format!("*{next}")));
                behind.get(next.len_utf8()..)?
            }
            _ => plain(c, rest, &mut section)?,
        };
    }
    all.push(section);
    Some(all)
}

/// What stands without marks around it.
fn plain<'a>(c: char, rest: &'a str, section: &mut Section) -> Option<&'a str> {
    let lower: String = rest.chars().take(7).collect();
    let lower = lower.to_ascii_lowercase();
    let words = [
        ("general", Piece::General),
        ("am/pm", Piece::HalfDay(["AM", "PM"])),
        ("a/p", Piece::HalfDay(["A", "P"])),
        ("午前/午後", Piece::HalfDay(["午前", "午後"])),
        ("上午/下午", Piece::HalfDay(["上午", "下午"])),
        ("e+", Piece::Exponent(true)),
        ("e-", Piece::Exponent(false)),
    ];
    // behind anything but digits it is the year of an era
    let digits = matches!(section.pieces.last(), Some(Piece::Digit(_) | Piece::Point));
    let fits = |(word, piece): &(&str, Piece)| {
        lower.starts_with(word) && (digits || !matches!(piece, Piece::Exponent(_)))
    };
    if let Some((word, piece)) = words.into_iter().find(fits) {
        section.pieces.push(piece);
        return rest.get(word.len()..);
    }
    let piece = match c {
        '0' | '#' | '?' => Piece::Digit(c),
        '.' => Piece::Point,
        ',' => Piece::Comma,
        '%' => Piece::Percent,
        '@' => Piece::Text,
        '/' => Piece::Slash,
        'A'..='Z' | 'a'..='z' => {
            let letter = c.to_ascii_lowercase();
            if !"ymdhsgea".contains(letter) {
                return None;
            }
            let count = rest
                .chars()
                .take_while(|next| next.eq_ignore_ascii_case(&c))
                .count();
            section
                .pieces
                .push(Piece::Date(letter, u8::try_from(count).ok()?));
            return rest.get(count..);
        }
        c if c.is_control() => return None,
        c => Piece::Literal(c.to_string()),
    };
    section.pieces.push(piece);
    rest.get(c.len_utf8()..)
}

/// Whether it is known what stands in brackets.
pub(super) fn is_known_bracket(inside: &str) -> bool {
    bracket(inside, &mut Section::default()).is_some()
}

/// Colours, currencies, languages, times that go on, conditions.
fn bracket(inside: &str, section: &mut Section) -> Option<()> {
    let lower = inside.to_ascii_lowercase();
    let first = lower.chars().next()?;
    if let Some(currency) = inside.strip_prefix('$') {
        let (shown, language) = currency.split_once('-').unwrap_or((currency, ""));
        section.pieces.push(Piece::Literal(shown.to_owned()));
        let language = language.to_ascii_lowercase();
        // the number of the language stands at the end
        if language.starts_with("ja") || language.ends_with("411") {
            section.pieces.push(Piece::Japanese);
        }
        if language.ends_with("gannen") {
            section.pieces.push(Piece::FirstYear);
        }
    } else if "hms".contains(first) && lower.chars().all(|c| c == first) {
        let count = u8::try_from(lower.len()).ok()?;
        section.pieces.push(Piece::Elapsed(first, count));
    } else if "<>=".contains(first) {
        let number = lower.trim_start_matches(['<', '>', '=']);
        let operator = lower.strip_suffix(number)?;
        number.parse::<f64>().ok()?;
        section.condition = Some((operator.to_owned(), number.to_owned()));
    } else {
        let colours = [
            "black", "blue", "cyan", "green", "magenta", "red", "white", "yellow", "color",
            "dbnum", "黒", "青", "水", "緑", "紫", "赤", "白", "黄",
        ];
        colours
            .iter()
            .any(|colour| lower.starts_with(colour))
            .then(|| section.pieces.push(Piece::Silent(format!("[{inside}]"))))?;
    }
    Some(())
}
