//! Fields of running text ([MS-DOC] 2.8.25, RTF 1.9.1 "Fields"): a code that says what to do, and the
//! result of the last time. The result is told, the code never.

mod eq;
pub(super) mod form;
mod sign;

use super::html::target;
use super::symbols::Symbols;
use mugai_core::markup::instruction;
use mugai_core::{Cx, FindingCode, Links, Refusal};

/// How deep fields may lie in each other.
const MAX_DEPTH: usize = 64;
/// How much of a code is looked at, in bytes.
const MAX_CODE: usize = 2048;
/// The longest result that may be an address, in bytes.
const MAX_SAID: usize = 2_500;

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
    /// The result says something.
    filled: bool,
    /// What the result says, as far as it could be an address.
    said: String,
}

impl Field {
    fn fill(&mut self, text: &str) {
        self.filled |= !text.is_empty();
        if self.said.len() < MAX_SAID {
            self.said.push_str(text);
        }
    }
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

    /// A letter is told, which is part of the result of the innermost field.
    pub(super) fn fill(&mut self, letter: char) {
        if let Some(field) = self.open.last_mut() {
            field.fill(letter.encode_utf8(&mut [0; 4]));
        }
    }

    /// The innermost field ends. What is seen of it otherwise comes back, where its result says nothing: `form`, or what
    /// its code shows by itself. Formulas and symbols are drawn by their codes, and programs leave their results empty. Of a
    /// link it is where it leads, in brackets, if its result does not say that.
    pub(super) fn end(&mut self, form: Option<String>, cx: &mut Cx<'_>) -> Option<String> {
        let field = self.open.pop()?;
        judge(&field.code, cx);
        let bare = !(field.told && field.filled) && self.shows();
        let shown = bare.then(|| form.or_else(|| shown(&field.code))).flatten();
        let leads =
            (field.told && field.filled && self.shows() && cx.params().links != Links::Drop)
                .then(|| target::behind(&field.said, &address(&field.code)?))
                .flatten();
        if let Some(outer) = self.open.last_mut() {
            outer.fill(&field.said);
            outer.filled |= field.filled || shown.is_some();
        }
        shown.or(leads)
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
    let name = name.split('\\').next().unwrap_or_default();
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

/// The address that a link leads to, by its instruction: `HYPERLINK "https://…"`.
pub(super) fn address(instruction: &str) -> Option<String> {
    let rest = instruction.trim_start();
    let (code, rest) = rest.split_at_checked("HYPERLINK".len())?;
    if !code.eq_ignore_ascii_case("HYPERLINK") {
        return None;
    }
    let blank = |c: char| c.is_whitespace();
    let mut rest = rest.trim_start();
    loop {
        let (word, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(blank).unwrap_or((rest, "")),
        };
        let switch = if rest.starts_with('"') {
            None
        } else {
            word.strip_prefix('\\')
        };
        let Some(switch) = switch else {
            return (!word.is_empty()).then(|| word.to_owned());
        };
        rest = behind.trim_start();
        // words to show, a frame, a place
        if matches!(switch, "o" | "O" | "t" | "T" | "l" | "L") {
            let argument = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"'),
                None => rest.split_once(blank),
            };
            rest = argument.map_or("", |(_, behind)| behind).trim_start();
        }
        if rest.is_empty() {
            return None;
        }
    }
}

/// What is seen of a code without a result.
pub(super) fn shown(code: &str) -> Option<String> {
    let code = code.trim_start();
    let name = code.split([' ', '\t', '\\', '\u{a0}']).next()?;
    let rest = code.get(name.len()..)?;
    match name.to_ascii_uppercase().as_str() {
        "EQ" => Some(eq::shown(rest)),
        "SYMBOL" => sign::shown(rest).map(String::from),
        _ => None,
    }
}

/// What a letter of a font of symbols shows; `None` for other fonts.
pub(super) fn by_font(font: &str, letter: char) -> Option<char> {
    let symbols = Symbols::named(font);
    (symbols != Symbols::None).then(|| symbols.letter(letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    #[test]
    fn formulas_and_symbols_are_seen_and_nothing_else_of_a_code() {
        for (code, want) in [
            (
                r#"EQ \* jc2 \* "Font:ＭＳ 明朝" \* hps10 \o\ad(\s\up 9(むがい),無害)"#,
                Some("無害（むがい）"),
            ),
            (r"eq \o\ac(○,印)", Some("㊞")),
            (r"EQ \f(1,2)", Some("1/2")),
            (r"EQ\f(1,2)", Some("1/2")),
            (r#"SYMBOL 183 \f "Symbol" \s 10"#, Some("•")),
            ("DDEAUTO c:\\\\cmd.exe", None),
            ("EQUAL", None),
            ("", None),
        ] {
            assert_eq!(shown(code).as_deref(), want, "{code}");
        }
    }

    #[test]
    fn addresses_of_links() {
        for (code, want) in [
            (r#" HYPERLINK "http://a.jp/" "#, Some("http://a.jp/")),
            (r"hyperlink http://a.jp/ \h", Some("http://a.jp/")),
            (
                r#"HYPERLINK \o "a tip" "http://a.jp/""#,
                Some("http://a.jp/"),
            ),
            (r#"HYPERLINK \l "top" \h"#, None),
            (r#"HYPERLINK "http://a.jp/" \l "top""#, Some("http://a.jp/")),
            ("HYPERLINK", None),
            (r"HYPERLINK ", None),
            (r"HYPERLINK \o", None),
            ("PAGE http://a.jp", None),
        ] {
            assert_eq!(address(code).as_deref(), want, "{code}");
        }
    }

    #[test]
    fn a_result_is_told_instead_of_a_code_if_it_says_something() {
        let ended = |say: bool| {
            let field = |cx: &mut Cx<'_>| {
                let mut fields = Fields::default();
                fields.begin().unwrap();
                r"EQ \f(1,2)".chars().for_each(|c| fields.code(c));
                fields.separate();
                if say {
                    fields.fill('x');
                }
                fields.end(None, cx)
            };
            taped(Treatments::nothing(), Hints::default(), field).0
        };
        assert_eq!(ended(false).as_deref(), Some("1/2"));
        assert_eq!(ended(true), None);
    }
}
