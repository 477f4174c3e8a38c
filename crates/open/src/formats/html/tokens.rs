//! Tokens: html5gum's state machine, told straight to the [`Renderer`].
//!
//! The emitter keeps only what the renderer may ask for, in buffers that are used again for every
//! tag: nothing is allocated per tag or per attribute.

use super::doctype::Doctype;
use super::names::{Attr, Content};
use super::render::Renderer;
use html5gum::{Emitter, Error, State, Tokenizer};
use mugai_core::Refusal;
use std::convert::Infallible;

/// How much text is gathered before it is handed over, in bytes.
const TEXT_CHUNK_BYTES: usize = 64 * 1024;
/// Names beyond this length are of no element or attribute that we know.
const NAME_MAX_BYTES: usize = 32;
/// Comments are only looked at for being blank; this much is enough.
const COMMENT_MAX_BYTES: usize = 64;

/// The attributes of one tag.
#[derive(Debug, Default)]
pub(super) struct Attrs {
    present: [bool; Attr::COUNT],
    values: [Vec<u8>; Attr::COUNT],
    handler: bool,
    self_closing: bool,
    any: bool,
}

impl Attrs {
    /// The value of an attribute, character references decoded; empty where it has none.
    pub(super) fn get(&self, attr: Attr) -> Option<&str> {
        if !self.has(attr) {
            return None;
        }
        let value = self.values.get(attr.slot())?;
        std::str::from_utf8(value).ok()
    }

    /// Whether the tag has the attribute.
    pub(super) fn has(&self, attr: Attr) -> bool {
        self.any && self.present.get(attr.slot()).copied().unwrap_or(false)
    }

    /// Whether the tag has any attribute that is looked at.
    pub(super) const fn any(&self) -> bool {
        self.any
    }

    /// Whether the tag has an event handler (`on…`).
    pub(super) const fn handler(&self) -> bool {
        self.handler
    }

    /// Whether the tag ends in `/>`, which counts in SVG and `MathML` only.
    pub(super) const fn self_closing(&self) -> bool {
        self.self_closing
    }

    /// Notes that the tag ends in `/>`.
    pub(super) const fn set_self_closing(&mut self) {
        self.self_closing = true;
    }

    /// Forgets the attributes of the tag before.
    pub(super) fn clear(&mut self) {
        if self.any {
            self.present = [false; Attr::COUNT];
        }
        self.any = false;
        self.handler = false;
        self.self_closing = false;
    }

    /// Begins an attribute; `None` when its value is of no interest. The first of two counts.
    pub(super) fn begin(&mut self, name: &[u8]) -> Option<Attr> {
        let Some(attr) = Attr::of(name) else {
            self.handler |= name.starts_with(b"on") && name.len() > 2;
            return None;
        };
        let present = self.present.get_mut(attr.slot())?;
        if std::mem::replace(present, true) {
            return None;
        }
        self.any = true;
        self.values.get_mut(attr.slot())?.clear();
        Some(attr)
    }

    /// Appends to the value of an attribute that was begun.
    pub(super) fn push(&mut self, attr: Attr, value: &[u8]) {
        if let Some(slot) = self.values.get_mut(attr.slot()) {
            slot.extend_from_slice(value);
        }
    }
}

/// Reads all of `html` into `renderer`.
///
/// # Errors
/// What the renderer refuses: [`Refusal::Overrun`] above all.
pub(super) fn read<'r, 'c>(
    html: &str,
    renderer: Renderer<'r, 'c>,
) -> Result<Renderer<'r, 'c>, Refusal> {
    let mut renderer = renderer;
    let emitter = Gum {
        renderer: &mut renderer,
        failed: None,
        text: Vec::new(),
        name: Vec::new(),
        last_start: Vec::new(),
        attr_name: Vec::new(),
        attr: None,
        naming: false,
        attrs: Attrs::default(),
        end_tag: false,
        comment: Vec::new(),
        doctype: Doctype::default(),
    };
    let mut tokenizer = Tokenizer::new_with_emitter(html, emitter);
    // the only token that ever comes is a refusal
    match tokenizer.next() {
        Some(Ok(refusal)) => Err(refusal),
        Some(Err(impossible)) => never(impossible),
        None => {
            drop(tokenizer);
            Ok(renderer)
        }
    }
}

const fn never<T>(impossible: Infallible) -> T {
    match impossible {}
}

struct Gum<'g, 'r, 'c> {
    renderer: &'g mut Renderer<'r, 'c>,
    failed: Option<Refusal>,
    text: Vec<u8>,
    name: Vec<u8>,
    /// The last start tag, which alone can end raw text.
    last_start: Vec<u8>,
    attr_name: Vec<u8>,
    attr: Option<Attr>,
    naming: bool,
    attrs: Attrs,
    end_tag: bool,
    comment: Vec<u8>,
    doctype: Doctype,
}

impl Gum<'_, '_, '_> {
    fn flush_text(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let (whole, keep) = match std::str::from_utf8(&self.text) {
            Ok(whole) => (whole, 0),
            Err(error) => {
                let (valid, rest) = self.text.split_at(error.valid_up_to());
                (std::str::from_utf8(valid).unwrap_or(""), rest.len())
            }
        };
        let outcome = self.renderer.text(whole);
        self.record(outcome);
        // a character of which only the first bytes have come waits for the rest
        let done = self
            .text
            .len()
            .saturating_sub(if keep < 4 { keep } else { 0 });
        self.text.drain(..done);
    }

    fn record(&mut self, outcome: Result<(), Refusal>) {
        if let (Err(refusal), None) = (outcome, &self.failed) {
            self.failed = Some(refusal);
        }
    }

    /// Decides on the attribute whose name is complete.
    fn end_attr_name(&mut self) {
        if std::mem::take(&mut self.naming) && !self.end_tag {
            self.attr = self.attrs.begin(&self.attr_name);
        }
    }

    fn begin_tag(&mut self, end_tag: bool) {
        self.flush_text();
        self.name.clear();
        self.attrs.clear();
        self.attr = None;
        self.naming = false;
        self.end_tag = end_tag;
    }
}

fn push_capped(buffer: &mut Vec<u8>, bytes: &[u8], cap: usize) {
    let room = cap.saturating_sub(buffer.len());
    buffer.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
}

impl Emitter for Gum<'_, '_, '_> {
    type Token = Refusal;

    fn set_last_start_tag(&mut self, last: Option<&[u8]>) {
        self.last_start.clear();
        self.last_start.extend_from_slice(last.unwrap_or_default());
    }

    fn emit_eof(&mut self) {
        self.flush_text();
    }

    fn emit_error(&mut self, _: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Refusal> {
        self.failed.take()
    }

    fn emit_string(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(TEXT_CHUNK_BYTES) {
            self.text.extend_from_slice(part);
            if self.text.len() >= TEXT_CHUNK_BYTES {
                self.flush_text();
            }
        }
    }

    fn init_start_tag(&mut self) {
        self.begin_tag(false);
    }

    fn init_end_tag(&mut self) {
        self.begin_tag(true);
    }

    fn init_comment(&mut self) {
        self.flush_text();
        self.comment.clear();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.end_attr_name();
        if self.end_tag {
            let outcome = self.renderer.close(&self.name);
            self.record(outcome);
            return None;
        }
        std::mem::swap(&mut self.last_start, &mut self.name);
        match self.renderer.open(&self.last_start, &self.attrs) {
            Ok(Content::Data) => None,
            Ok(Content::RcData) => Some(State::RcData),
            Ok(Content::RawText) => Some(State::RawText),
            Ok(Content::Script) => Some(State::ScriptData),
            Ok(Content::Plain) => Some(State::PlainText),
            Err(refusal) => {
                self.record(Err(refusal));
                None
            }
        }
    }

    fn emit_current_comment(&mut self) {
        let comment = String::from_utf8_lossy(&self.comment);
        self.renderer.comment(&comment);
    }

    fn emit_current_doctype(&mut self) {
        self.renderer.doctype(&self.doctype);
    }

    fn set_self_closing(&mut self) {
        self.attrs.set_self_closing();
    }

    fn set_force_quirks(&mut self) {
        self.doctype.set_broken();
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        push_capped(&mut self.name, name, NAME_MAX_BYTES);
    }

    fn push_comment(&mut self, bytes: &[u8]) {
        push_capped(&mut self.comment, bytes, COMMENT_MAX_BYTES);
    }

    fn push_doctype_name(&mut self, name: &[u8]) {
        self.doctype.push_name(name);
    }

    fn init_doctype(&mut self) {
        self.flush_text();
        self.doctype = Doctype::default();
    }

    fn init_attribute(&mut self) {
        self.end_attr_name();
        self.attr = None;
        self.attr_name.clear();
        self.naming = true;
    }

    fn init_attribute_value(&mut self) {
        self.end_attr_name();
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        push_capped(&mut self.attr_name, name, NAME_MAX_BYTES);
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        if let Some(attr) = self.attr {
            self.attrs.push(attr, value);
        }
    }

    fn set_doctype_public_identifier(&mut self, value: &[u8]) {
        self.doctype.push_public(value);
    }

    fn set_doctype_system_identifier(&mut self, value: &[u8]) {
        self.doctype.push_system(value);
    }

    fn push_doctype_public_identifier(&mut self, value: &[u8]) {
        self.doctype.push_public(value);
    }

    fn push_doctype_system_identifier(&mut self, value: &[u8]) {
        self.doctype.push_system(value);
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.end_tag && self.name == self.last_start
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.renderer.in_foreign()
    }
}
