//! One part: names of the vocabulary only, values of their types, references that lead somewhere.

use super::xml::{Attributes, Token, Tokens};
use super::{deny, extension};
use mugai_core::Violation;
use mugai_core::markup::vocabulary::{Attribute, Element, Space, Type};
use std::collections::{BTreeMap, BTreeSet};

const MAX_DEPTH: usize = 256;

/// A field of a text that is open (ECMA-376 part 1, section 17.16.18).
struct Field {
    /// Its code is being told: whatever is text there would be joined to the instruction.
    code: bool,
    /// Whether it has its instruction, which is one text.
    told: bool,
}

/// Where the references of a part may lead.
#[derive(Clone, Copy)]
pub(crate) enum Leads<'a> {
    /// Its relationships, by their identifiers: types and targets.
    Relations(&'a BTreeMap<String, (String, String)>),
    /// The pictures of the package and its charts, by their names.
    Files(&'a BTreeSet<String>),
}

/// Checks a part whose root element is `root`.
pub(crate) fn check(content: &[u8], root: &str, leads: Leads<'_>) -> Result<(), Violation> {
    let mut tokens = Tokens::new(content)?;
    let mut part = Part {
        spaces: BTreeMap::from([("xml", None)]),
        leads,
        open: Vec::new(),
        fields: Vec::new(),
        elements: Names::new(),
        attributes: Names::new(),
    };
    let mut begun = false;
    while let Some(token) = tokens.next()? {
        let empty = matches!(token, Token::Empty(..));
        match token {
            Token::Start(name, mut attributes) | Token::Empty(name, mut attributes) => {
                if part.open.is_empty() {
                    if begun || name != root {
                        return Err(Violation::of("ooxml: root of a part"));
                    }
                    begun = true;
                    attributes = part.declare(attributes)?;
                }
                part.start(name, &attributes)?;
                if empty {
                    part.open.pop();
                }
            }
            Token::Text(text) => part.text(&text)?,
            Token::End(name) => {
                if part.open.pop().is_none_or(|(open, _)| open != name) {
                    return Err(Violation::of("xml: an end of another element"));
                }
            }
        }
    }
    if begun && part.open.is_empty() {
        Ok(())
    } else {
        Err(Violation::of("xml: elements that do not end"))
    }
}

struct Part<'a> {
    /// Prefixes as declared at the root.
    spaces: BTreeMap<&'a str, Option<Space>>,
    leads: Leads<'a>,
    open: Vec<(&'a str, Element)>,
    /// The fields that are open, the innermost last.
    fields: Vec<Field>,
    elements: Names<'a, Element>,
    /// With whether they must not be.
    attributes: Names<'a, (Attribute, bool)>,
}

/// Names that were looked up in this part. Namespaces are declared at its root only, so that a name means
/// the same everywhere; one that falls on the place of another is looked up again.
struct Names<'a, T> {
    slots: Vec<Option<(&'a str, T)>>,
}

/// How many names are kept.
const SLOTS: usize = 512;

impl<'a, T: Copy> Names<'a, T> {
    fn new() -> Self {
        Self {
            slots: vec![None; SLOTS],
        }
    }

    fn slot(name: &str) -> usize {
        let sum = name.bytes().fold(0u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u32::from(byte))
        });
        usize::try_from(sum).unwrap_or(0) & (SLOTS - 1)
    }

    fn get(
        &mut self,
        name: &'a str,
        look: impl FnOnce() -> Result<T, Violation>,
    ) -> Result<T, Violation> {
        let slot = self.slots.get_mut(Self::slot(name));
        if let Some(Some((known, means))) = &slot
            && *known == name
        {
            return Ok(*means);
        }
        let means = look()?;
        if let Some(slot) = slot {
            *slot = Some((name, means));
        }
        Ok(means)
    }
}

impl<'a> Part<'a> {
    fn declare(&mut self, attributes: Attributes<'a>) -> Result<Attributes<'a>, Violation> {
        let mut rest = Vec::new();
        for (key, value) in attributes {
            let prefix = match key.split_once(':') {
                Some(("xmlns", prefix)) => prefix,
                None if key == "xmlns" => "",
                _ => {
                    rest.push((key, value));
                    continue;
                }
            };
            let own = if prefix.is_empty() { "x" } else { prefix };
            let space = Space::all().find(|space| space.prefix() == own && space.uri() == value);
            let space = space.ok_or(Violation::of("ooxml: a namespace of another name"))?;
            if self.spaces.insert(prefix, Some(space)).is_some() {
                return Err(Violation::of("ooxml: a namespace twice"));
            }
        }
        Ok(rest)
    }

    fn start(&mut self, name: &'a str, attributes: &Attributes<'a>) -> Result<(), Violation> {
        let spaces = &self.spaces;
        let element = self.elements.get(name, || {
            let (prefix, local) = name.split_once(':').unwrap_or(("", name));
            let space = spaces.get(prefix).copied().flatten();
            let element = space.and_then(|space| Element::find(space, local));
            element.ok_or_else(|| Violation::of("ooxml: an element outside of the vocabulary"))
        })?;
        if self.open.len() >= MAX_DEPTH || deny::is_element(element) {
            return Err(Violation::of("ooxml: an element that must not be"));
        }
        let around = |place: usize| Some(self.open.iter().rev().nth(place)?.1);
        // a quick answer for nearly all: neither it nor what it stands in is special
        if extension::is_special(element) || around(0).is_some_and(extension::is_special) {
            let named = |name: &str| {
                let found = attributes.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| value.as_ref())
            };
            extension::check(element, &named, around)?;
        }
        for (place, (key, value)) in attributes.iter().enumerate() {
            // there are few of them: looking back is quicker than a set
            if attributes
                .iter()
                .take(place)
                .any(|(before, _)| before == key)
            {
                return Err(Violation::of("xml: an attribute twice"));
            }
            // the name of an extension, which was looked at
            let is_name = (*key == "uri" && element.is("x:ext"))
                || (*key == "encoding" && element.is("math:annotation"));
            if !is_name {
                self.attribute(element, key, value)?;
            }
        }
        self.open.push((name, element));
        Ok(())
    }

    fn attribute(&mut self, element: Element, key: &'a str, value: &str) -> Result<(), Violation> {
        let wrong = || Violation::of("ooxml: an attribute outside of the vocabulary");
        let spaces = &self.spaces;
        let (attribute, denied) = self.attributes.get(key, || {
            let space = match key.split_once(':') {
                Some(("xml", _)) => Space::all().find(|space| space.prefix() == "xml"),
                Some((prefix, _)) => Some(spaces.get(prefix).copied().flatten().ok_or_else(wrong)?),
                None => None,
            };
            let local = key.rsplit(':').next().unwrap_or_default();
            let attribute = Attribute::find(space, local).ok_or_else(wrong)?;
            Ok((attribute, deny::is_attribute(key)))
        })?;
        let kind = element.attribute(attribute).ok_or_else(wrong)?;
        let moves = key == "action" && kind == Type::Move;
        if denied && !moves {
            return Err(Violation::of("ooxml: an attribute that must not be"));
        }
        if kind == Type::Reference {
            return self.reference(element, value);
        }
        if key == "w:fldCharType" {
            self.field(value)?;
        } else if self.is_coding() && (key == "w:char" || kind == Type::Instruction) {
            return Err(Violation::of("ooxml: more than an instruction in a field"));
        }
        if kind == Type::Local && !value.starts_with('#') {
            return if deny::is_address(value) {
                Ok(())
            } else {
                Err(Violation::of("odf: a link that leads elsewhere"))
            };
        }
        plain(element, value)?;
        deny::value(kind, value)
    }

    fn reference(&self, element: Element, value: &str) -> Result<(), Violation> {
        let relations = match self.leads {
            Leads::Relations(relations) => relations,
            // an object is a chart or a formula, and nothing else is
            Leads::Files(files)
                if files.contains(value)
                    && value.starts_with("./") == element.is("draw:object") =>
            {
                return Ok(());
            }
            Leads::Files(_) => return Err(Violation::of("odf: a reference to nothing")),
        };
        let (to, _) = relations
            .get(value)
            .ok_or(Violation::of("ooxml: a reference to nothing"))?;
        // links lead outside or to slides, and nothing else does
        let linking = matches!(element.local(), "hyperlink" | "hlinkClick");
        let fits = match to.as_str() {
            super::LINK => linking,
            "slide" => !linking || element.is("a:hlinkClick"),
            _ => !linking,
        };
        if fits {
            Ok(())
        } else {
            Err(Violation::of("ooxml: a reference that leads elsewhere"))
        }
    }

    /// Whether the code of a field is being told.
    fn is_coding(&self) -> bool {
        self.fields.iter().any(|field| field.code)
    }

    /// A field begins, parts its code from its result, or ends.
    fn field(&mut self, kind: &str) -> Result<(), Violation> {
        let good = match kind {
            "begin" => {
                let good = !self.is_coding();
                self.fields.push(Field {
                    code: true,
                    told: false,
                });
                good
            }
            "separate" => {
                let last = self.fields.last_mut();
                last.map(|field| field.code = false).is_some()
            }
            "end" => self.fields.pop().is_some(),
            _ => false,
        };
        if good {
            Ok(())
        } else {
            Err(Violation::of("ooxml: marks of fields"))
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Violation> {
        let element = self.open.last().map(|(_, element)| *element);
        let kind = element.and_then(Element::text);
        let kind = kind.ok_or_else(|| Violation::of("ooxml: text where none belongs"))?;
        // an instruction stands in the code of a field, once, and nothing else does
        let fits = if kind == Type::Instruction {
            let last = self.fields.last_mut();
            last.is_some_and(|field| field.code && !std::mem::replace(&mut field.told, true))
        } else {
            !self.is_coding()
        };
        if !fits {
            return Err(Violation::of("ooxml: more than an instruction in a field"));
        }
        if let Some(element) = element {
            plain(element, text)?;
        }
        deny::value(kind, text)
    }
}

/// In spreadsheets text is what it says, without characters by their numbers.
fn plain(element: Element, text: &str) -> Result<(), Violation> {
    // hardly any text has one, wherever it is
    if !deny::has_number(text) {
        return Ok(());
    }
    let space = element.space().map_or("", Space::prefix);
    if matches!(space, "x" | "x14" | "xm") {
        return Err(Violation::of("ooxml: a character by its number"));
    }
    Ok(())
}
