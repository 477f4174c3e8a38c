//! Fields of a text (ECMA-376 part 1, section 17.16.18). Their code is cut over runs, paragraphs and
//! wrappers at will, so that only the whole part tells which fields stay: it is walked once before.

use super::Frame;
use super::spaces::{Resolved, Spaces};
use crate::formats::field;
use crate::formats::field::form::Form;
use crate::formats::html::target;
use crate::formats::ooxml::xml;
use mugai_core::Refusal;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{PartKind, instruction};
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

mod form;

/// The most fields inside each other.
const MAX_NESTED: usize = 64;
/// The longest text that may be an address, in bytes.
const MAX_SAID: usize = 2_500;

/// A field between its beginning and its end.
struct Open {
    /// Its place among those that were decided about; none that was not.
    number: Option<usize>,
    /// Whether its marks stay.
    kept: bool,
    /// Whether its code is still being told.
    code: bool,
    /// Whether its instruction was written.
    told: bool,
}

/// The fields of one part.
#[derive(Default)]
pub(super) struct Fields {
    /// For each field in order, its instruction as we write it; `None` for one that goes.
    kept: Vec<Option<String>>,
    /// For each field in order, what stands where it was beside its result.
    behind: Vec<Option<Behind>>,
    /// Where their beginnings stand, in order: what is left out may have fields in it.
    places: Vec<usize>,
    /// The field that has just ended.
    ended: Option<usize>,
    open: Vec<Open>,
}

/// What is told where a field was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// The address of one that was a link, as it stood.
    Address(String),
    /// What one shows that has no result of its own.
    Shown(String),
}

/// A field of the first walk.
struct Seen {
    number: usize,
    code: bool,
    text: String,
    /// A field inside its code: what it will say is open.
    nested: bool,
    /// Its result has text.
    told: bool,
    /// The text of its result, as far as it could be an address.
    said: String,
    form: Form,
}

impl Fields {
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// Walks over a part and decides about all of its fields.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let mut seen = Decided::default();
        let mut open: Vec<Seen> = Vec::new();
        let mut spaces = Spaces::default();
        let mut reader = xml::reader(text);
        let (mut telling, mut saying, mut deleted) = (false, false, 0usize);
        while let Some(event) = xml::next(&mut reader)? {
            match event {
                Event::Start(start) => {
                    let name = own_name(&start, &mut spaces)?;
                    telling = name == Some("instrText");
                    saying = name == Some("t");
                    if saying {
                        // of two runs one may not be seen
                        say(&mut open, "\0");
                    }
                    if deleted > 0 || matches!(name, Some("del" | "moveFrom")) {
                        deleted = deleted.saturating_add(1);
                    } else if let Some(name) = name {
                        element(name, &start, &mut open, &mut seen)?;
                    }
                }
                Event::Empty(start) => {
                    let name = own_name(&start, &mut spaces)?;
                    spaces.pop();
                    if let (Some(name), 0) = (name, deleted) {
                        element(name, &start, &mut open, &mut seen)?;
                    }
                }
                Event::End(_) => {
                    (telling, saying) = (false, false);
                    deleted = deleted.saturating_sub(1);
                    spaces.pop();
                }
                Event::Text(run) if telling => tell(&mut open, &run.xml10_content()),
                Event::CData(run) if telling => tell(&mut open, &run.xml10_content()),
                Event::GeneralRef(name) if telling => tell(&mut open, &xml::reference(&name)?),
                Event::Text(run) if saying && deleted == 0 => say(&mut open, &run.xml10_content()),
                Event::CData(run) if saying && deleted == 0 => say(&mut open, &run.xml10_content()),
                Event::GeneralRef(name) if saying && deleted == 0 => {
                    say(&mut open, &xml::reference(&name)?);
                }
                Event::Text(_)
                | Event::CData(_)
                | Event::GeneralRef(_)
                | Event::Comment(_)
                | Event::PI(_)
                | Event::Decl(_)
                | Event::DocType(_)
                | Event::Eof => {}
            }
        }
        Ok(Self {
            kept: seen.kept,
            behind: seen.behind,
            places: seen.places,
            ..Self::default()
        })
    }

    /// Whether no field is open.
    pub(super) fn is_quiet(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether an element stands in the code of a field, where nothing is shown.
    pub(super) fn hides(&self, parent: Option<Frame>, element: Element) -> bool {
        let in_run = matches!(parent, Some(Frame::Kept(parent)) if parent.is("w:r"));
        if element.is("w:instrText") {
            return !self
                .open
                .last()
                .is_some_and(|field| field.code && !field.told && field.kept);
        }
        // letters of formulas and shapes need no run of a text
        let letters = matches!(element.local(), "t" | "sym" | "fldSimple");
        self.is_coding()
            && (letters || (in_run && !element.is("w:fldChar") && !element.is("w:rPr")))
    }

    /// Whether the code of a field is being told.
    pub(super) fn is_coding(&self) -> bool {
        self.open.iter().any(|field| field.code)
    }

    /// A field begins, parts its code from its result, or ends. Says whether the mark stays.
    pub(super) fn character(&mut self, attributes: &[(&str, Cow<'_, str>)]) -> bool {
        self.ended = None;
        let Some((place, kind)) = mark(attributes) else {
            return false;
        };
        match kind {
            "begin" => {
                let number = self.places.binary_search(&place).ok();
                let kept = number.and_then(|number| self.kept.get(number));
                let kept = kept.is_some_and(Option::is_some) && !self.is_coding();
                self.open.push(Open {
                    number,
                    kept,
                    code: true,
                    told: false,
                });
                kept
            }
            "separate" => {
                let Some(field) = self.open.last_mut() else {
                    return false;
                };
                field.code = false;
                field.kept
            }
            "end" => {
                let field = self.open.pop();
                self.ended = field.as_ref().and_then(|field| field.number);
                field.is_some_and(|field| field.kept)
            }
            _ => false,
        }
    }

    /// What stands behind the field that has just ended.
    pub(super) fn behind(&mut self) -> Option<Behind> {
        self.behind.get(self.ended.take()?)?.clone()
    }

    /// The instruction of the innermost field, once.
    pub(super) fn instruction(&mut self) -> Option<String> {
        let field = self
            .open
            .last_mut()
            .filter(|field| field.code && !field.told)?;
        field.told = true;
        self.kept.get(field.number?)?.clone()
    }
}

/// What the first walk decided, for each field in order.
#[derive(Default)]
struct Decided {
    kept: Vec<Option<String>>,
    behind: Vec<Option<Behind>>,
    places: Vec<usize>,
}

/// What a mark of a field does, and where in the text of the part that is said. Both walks go over the same text.
fn mark<'a>(attributes: &'a [(&str, Cow<'_, str>)]) -> Option<(usize, &'a str)> {
    let mut all = attributes.iter();
    let (key, kind) = all.find(|(key, _)| xml::split(key).1 == "fldCharType")?;
    Some((key.as_ptr().addr(), kind.as_ref()))
}

/// The name of an element of texts.
fn own_name<'s>(
    start: &'s BytesStart<'_>,
    spaces: &mut Spaces,
) -> Result<Option<&'s str>, Refusal> {
    let attributes = xml::attributes(start)?;
    spaces.push(&attributes)?;
    let (prefix, local) = xml::split(start.name().0);
    let own = matches!(spaces.resolve(prefix), Resolved::Known(space) if space.prefix() == "w");
    Ok(own.then_some(local))
}

fn tell(open: &mut [Seen], text: &str) {
    if let Some(field) = open.last_mut()
        && field.code
        && field.text.len() < 65_536
    {
        field.text.push_str(text);
    }
}

/// Text of the result of all fields that are open.
fn say(open: &mut [Seen], text: &str) {
    for field in open.iter_mut().filter(|field| !field.code) {
        field.told |= text != "\0";
        if text == "\0" && field.said.is_empty() {
            continue;
        }
        if field.said.len() <= MAX_SAID {
            field.said.push_str(text);
        }
    }
}

/// An element of texts: a mark of a field, or of the form that a field belongs to.
fn element(
    name: &str,
    start: &BytesStart<'_>,
    open: &mut Vec<Seen>,
    seen: &mut Decided,
) -> Result<(), Refusal> {
    if name == "fldChar" {
        return character(start, open, seen);
    }
    if let Some(field) = open.last_mut().filter(|field| field.code) {
        form::element(&mut field.form, name, start)?;
    }
    Ok(())
}

fn character(
    start: &BytesStart<'_>,
    open: &mut Vec<Seen>,
    seen: &mut Decided,
) -> Result<(), Refusal> {
    let attributes = xml::attributes(start)?;
    let Some((place, kind)) = mark(&attributes) else {
        return Ok(());
    };
    match kind {
        "begin" => {
            for outer in open.iter_mut().filter(|outer| outer.code) {
                outer.nested = true;
            }
            if open.len() >= MAX_NESTED {
                return Err(Refusal::malformed("ooxml: fields nested too deep"));
            }
            let inside = open.iter().any(|outer| outer.code);
            open.push(Seen {
                number: seen.kept.len(),
                code: true,
                text: String::new(),
                nested: inside,
                told: false,
                said: String::new(),
                form: Form::default(),
            });
            seen.kept.push(None);
            seen.behind.push(None);
            seen.places.push(place);
        }
        "separate" => {
            if let Some(field) = open.last_mut() {
                field.code = false;
            }
        }
        "end" => {
            if let Some(field) = open.pop()
                && !field.nested
                && let Some(slot) = seen.kept.get_mut(field.number)
                && let Some(behind) = seen.behind.get_mut(field.number)
            {
                *slot = instruction(&field.text);
                let shown = || {
                    let shown = field.form.shown().or_else(|| field::shown(&field.text));
                    (!field.told).then_some(shown).flatten()
                };
                *behind = match field::address(&field.text) {
                    Some(address) if target::behind(&field.said, &address).is_none() => None,
                    Some(address) => Some(Behind::Address(address)),
                    None => shown().map(Behind::Shown),
                };
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether fields may stand in parts of a kind.
pub(super) const fn may_be_in(kind: PartKind) -> bool {
    matches!(
        kind,
        PartKind::Document
            | PartKind::Header
            | PartKind::Footer
            | PartKind::Footnotes
            | PartKind::Endnotes
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_are_left_out_change_nothing_for_those_behind_them() {
        let field = |code: &str| {
            format!(
                "<w:fldChar w:fldCharType=\"begin\"/><w:instrText>{code}</w:instrText><w:fldChar w:fldCharType=\"end\"/>"
            )
        };
        let space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
        let all = ["PAGE", "DDE x", "REF a", "QUOTE 1", "SEQ b"]
            .map(field)
            .concat();
        let text = format!("<w:document xmlns:w=\"{space}\">{all}</w:document>");
        let mut fields = Fields::read(&text).unwrap();
        let mut reader = xml::reader(&text);
        let mut kept = Vec::new();
        let mut marks = 0usize;
        while let Some(event) = xml::next(&mut reader).unwrap() {
            let Event::Empty(start) = event else { continue };
            marks = marks.saturating_add(1);
            // the first field stands in what is not taken
            if marks > 2 {
                kept.push(fields.character(&xml::attributes(&start).unwrap()));
            }
        }
        let [no, yes] = [[false; 2], [true; 2]];
        assert_eq!(kept, [no, yes, no, yes].concat());
    }
}
