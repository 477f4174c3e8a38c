//! Fields of running text ([MS-DOC] 2.8.25, RTF 1.9.1 "Fields"): a code that says what to do, and the
//! result of the last time. The result is told, the code never.

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

/// What is seen of a code without a result: readings and rings around letters are written as formulas,
/// `EQ \* jc2 \* hps10 \o\ad(\s\up 9(かな),漢字)`.
fn shown(code: &str) -> Option<String> {
    let code = code.trim_start();
    let rest = code.get(2..).filter(|_| {
        code.get(..2)
            .is_some_and(|name| name.eq_ignore_ascii_case("EQ"))
    })?;
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
        _ => base,
    })
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
            (r"eq \o\ac(○,印)", Some("印")),
            (r"EQ \f(1,2)", None),
            (r"EQ \o(", Some("")),
            ("DDEAUTO c:\\\\cmd.exe", None),
            ("", None),
        ] {
            assert_eq!(shown(code).as_deref(), want, "{code}");
        }
    }
}
