//! Fields of running text ([MS-DOC] 2.8.25, RTF 1.9.1 "Fields"): a code that says what to do, and the
//! result of the last time. The result is told, the code never.

use super::metafile::symbols;
use mugai_core::markup::instruction;
use mugai_core::{Cx, FindingCode, Refusal};

/// How deep fields may lie in each other.
const MAX_DEPTH: usize = 64;
/// How much of a code is looked at, in bytes.
const MAX_CODE: usize = 2048;

/// The fields that are open at a place in the text.
#[derive(Debug, Default)]
pub(super) struct Fields {
    open: Vec<Field>,
}

#[derive(Debug, Default)]
struct Field {
    code: String,
    /// The result has begun.
    told: bool,
}

impl Fields {
    /// A field begins, with its code.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for more than 64 in each other.
    pub(super) fn begin(&mut self) -> Result<(), Refusal> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Refusal::malformed("fields: nested too deep"));
        }
        self.open.push(Field::default());
        Ok(())
    }

    /// The code of the innermost field ends, its result begins.
    pub(super) fn separate(&mut self) {
        if let Some(field) = self.open.last_mut() {
            field.told = true;
        }
    }

    /// The innermost field ends. What its code shows by itself comes back, where it has no result.
    pub(super) fn end(&mut self, cx: &mut Cx<'_>) -> Option<String> {
        let field = self.open.pop()?;
        judge(&field.code, cx);
        let bare = !field.told && self.shows();
        bare.then(|| shown(&field.code)).flatten()
    }

    /// Whether text here is text of the document, and no part of a code.
    pub(super) fn shows(&self) -> bool {
        self.open.iter().all(|field| field.told)
    }

    /// Text of a code: it goes to the innermost field that is still being told what to do.
    pub(super) fn code(&mut self, text: char) {
        if let Some(field) = self.open.iter_mut().rev().find(|field| !field.told)
            && field.code.len() < MAX_CODE
        {
            field.code.push(text);
        }
    }
}

/// Notes what a code would have done.
fn judge(code: &str, cx: &mut Cx<'_>) {
    let name = code.split_ascii_whitespace().next().unwrap_or_default();
    if name.eq_ignore_ascii_case("HYPERLINK") {
        cx.note(FindingCode::OfficeLink);
    } else if instruction(code).is_none() && !is_looks(name) {
        cx.note(FindingCode::OfficeField);
    }
}

/// Codes that are themselves what is seen.
fn is_looks(name: &str) -> bool {
    ["EQ", "SYMBOL", "XE", "TC"]
        .iter()
        .any(|of| name.eq_ignore_ascii_case(of))
}

/// What is seen of a code without a result: readings and rings around letters, which are written as formulas,
/// and letters by their number. `EQ \* jc2 \* hps10 \o\ad(\s\up 9(かな),漢字)`, `SYMBOL 183 \f "Symbol"`
/// (ECMA-376 part 1, sections 17.16.5.17 and 17.16.5.62; `\o` of EQ as the programs have it).
pub(super) fn shown(code: &str) -> Option<String> {
    let code = code.trim_start();
    let (name, rest) = code.split_at_checked(code.find(|c: char| !c.is_ascii_alphabetic())?)?;
    if name.eq_ignore_ascii_case("EQ") {
        equation(rest)
    } else if name.eq_ignore_ascii_case("SYMBOL") {
        symbol(rest).map(String::from)
    } else {
        None
    }
}

/// Letters over each other: the last one, with a reading that is raised over it in brackets behind it.
fn equation(rest: &str) -> Option<String> {
    let at = rest.to_ascii_lowercase().find("\\o")?;
    let (_, inside) = rest.get(at..)?.split_once('(')?;
    let mut parts = vec![String::new()];
    let mut depth = 0u32;
    let mut raised = None;
    for c in inside.chars() {
        match c {
            '(' => {
                depth = depth.saturating_add(1);
                raised = Some(String::new());
            }
            ')' if depth == 0 => break,
            ')' => depth = depth.saturating_sub(1),
            ',' | ';' if depth == 0 => parts.push(String::new()),
            c if depth > 0 => raised.get_or_insert_default().push(c),
            c => parts.last_mut()?.push(c),
        }
    }
    let base = parts.pop().filter(|base| !base.contains('\\'))?;
    Some(match raised {
        Some(reading) if !parts.is_empty() => format!("{base}（{reading}）"),
        _ if parts
            .iter()
            .any(|ring| ring.trim() == "○" || ring.trim() == "◯") =>
        {
            ringed(base)
        }
        _ => base,
    })
}

/// Letters in a ring, where there is one letter that is that; else the letters.
fn ringed(base: String) -> String {
    const RINGED: [(&str, char); 20] = [
        ("印", '㊞'),
        ("秘", '㊙'),
        ("注", '㊟'),
        ("上", '㊤'),
        ("中", '㊥'),
        ("下", '㊦'),
        ("左", '㊧'),
        ("右", '㊨'),
        ("優", '㊝'),
        ("適", '㊜'),
        ("休", '㊡'),
        ("写", '㊢'),
        ("正", '㊣'),
        ("医", '㊩'),
        ("学", '㊫'),
        ("監", '㊬'),
        ("企", '㊭'),
        ("資", '㊮'),
        ("協", '㊯'),
        ("夜", '㊰'),
    ];
    let text = base.trim();
    let number = || {
        let from = |first: u32, number: u32| char::from_u32(first.checked_add(number)?);
        match text.parse::<u32>().ok()? {
            0 => Some('⓪'),
            number @ 1..=20 => from(0x245f, number),
            number @ 21..=35 => from(0x323c, number),
            number @ 36..=50 => from(0x328d, number),
            _ => None,
        }
    };
    let found = RINGED.iter().find(|(of, _)| *of == text).map(|(_, c)| *c);
    found.or_else(number).map_or(base, String::from)
}

/// A letter by its number: in a font of symbols what that shows, else of Windows' or of all letters.
fn symbol(rest: &str) -> Option<char> {
    let mut words = rest.split_ascii_whitespace();
    let number = words.next()?.trim_matches('"');
    let hex = number.strip_prefix("0x").or(number.strip_prefix("0X"));
    let code = match hex {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    let lower = rest.to_ascii_lowercase();
    let font = lower
        .split_once("\\f")
        .map_or("", |(_, font)| font.trim_start());
    let font = match font.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => font.split_ascii_whitespace().next().unwrap_or_default(),
    };
    let found = match by_font(font, char::from_u32(code)?) {
        Some(shown) => shown,
        None if lower.contains("\\u") || code > 0xff => char::from_u32(code)?,
        None => {
            let byte = [u8::try_from(code).ok()?];
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
            text.chars().next()?
        }
    };
    (!found.is_control()).then_some(found)
}

/// What a letter of a font of symbols shows; `None` for other fonts.
pub(super) fn by_font(font: &str, letter: char) -> Option<char> {
    let lower = font.to_lowercase();
    match lower.trim() {
        "symbol" | "mt symbol" | "mt extra" => Some(symbols::greek(letter)),
        "wingdings" | "wingdings 2" | "wingdings 3" | "webdings" => Some(symbols::dings(letter)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_and_rings_are_seen_and_nothing_else_of_a_code() {
        for (code, want) in [
            (
                r#"EQ \* jc2 \* "Font:ＭＳ 明朝" \* hps10 \o\ad(\s\up 9(むがい),無害)"#,
                Some("無害（むがい）"),
            ),
            (r"eq \o\ac(○,印)", Some("㊞")),
            (r"eq \o\ac(○,21)", Some("㉑")),
            (r"eq \o\ac(○,外)", Some("外")),
            (r"SYMBOL 183 \f Symbol \s 12", Some("•")),
            ("SYMBOL 252 \\f \"Wingdings\"", Some("✓")),
            (r"SYMBOL 0x3042 \u", Some("あ")),
            (r"SYMBOL 128", Some("€")),
            (r"SYMBOL 7", None),
            (r"SYMBOL", None),
            (r"EQ \f(1,2)", None),
            (r"EQ \o(", Some("")),
            ("DDEAUTO c:\\\\cmd.exe", None),
            ("", None),
        ] {
            assert_eq!(shown(code).as_deref(), want, "{code}");
        }
    }
}
