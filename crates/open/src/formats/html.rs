//! HTML (WHATWG HTML, living standard), told again as plain text.
//!
//! Bytes become characters by their charset, characters become tokens, and one renderer writes
//! text: what a reader of the page would have seen, with links as numbers and unclickable targets,
//! pictures as marks, and everything hidden, active or remote left out and counted.
//!
//! # Limitations
//! No CSS layout: style rules count only as far as they hide text, and only simple selectors do.
//! Media queries other than `all` and `screen` are left out. Formatting elements that are open when
//! a block ends are not opened again.

mod ahead;
mod boxes;
mod color;
mod doctype;
mod flow;
mod foreign;
mod links;
mod lists;
mod look;
mod names;
mod nesting;
mod numbering;
mod pictures;
mod prescan;
mod render;
mod sheet;
mod stack;
mod style;
mod tables;
pub(super) mod target;
mod tokens;

#[cfg(test)]
mod tests;

use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, Kind, Refusal, Resource, Token, Treatment};
use render::Renderer;
use sheet::Sheet;

/// The reader of HTML.
#[derive(Debug)]
pub(super) struct Html;

static SPEC: Spec = Spec {
    kind: Kind::Html,
    reference: "WHATWG HTML, living standard",
    treatments: &[Treatment::Text],
};

/// Whether a page says its charset by itself, or need not say it.
pub(super) fn tells_charset(input: &[u8]) -> bool {
    std::str::from_utf8(input).is_ok()
        || prescan::charset(input).is_some_and(|label| !crate::charset::is_wide(label))
}

impl Format for Html {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn sniff(&self, head: &[u8]) -> Sniff {
        if prescan::looks_like_html(head) {
            Sniff::Perhaps
        } else {
            Sniff::No
        }
    }

    fn open(&self, input: &[u8], cx: &mut Cx<'_>) -> Result<(), Refusal> {
        cx.charge_len(Resource::Bytes, input.len())?;
        cx.charge_len(Resource::Steps, (input.len() / 8).saturating_add(1))?;
        let declared = cx.hints().charset.as_ref().map(Token::as_str);
        let label = match declared {
            Some(label) => Some(label),
            // a page whose label can be read is in no UTF-16 (HTML standard section 13.2.3.2, "prescan")
            None => prescan::charset(input).filter(|label| !crate::charset::is_wide(label)),
        };
        let decoded = crate::charset::decode(input, label);
        crate::charset::note(&decoded, cx);
        let sheet = Sheet::gather(&decoded.text, cx)?;
        cx.charge_len(Resource::Steps, decoded.text.len() / 16)?;
        let reversed = lists::reversed(&decoded.text);
        let renderer = Renderer::new(cx, sheet, reversed);
        tokens::read(&decoded.text, renderer)?.finish()
    }
}
