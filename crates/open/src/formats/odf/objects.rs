//! Objects in a document of ODF: charts and formulas (MathML) are documents of their own, which are told again like it.

use super::filter::{self, Source};
use crate::formats::comments::Comments;
use crate::formats::html::target;
use crate::formats::ooxml::filter::Pictures;
use crate::formats::ooxml::xml;
use mugai_core::markup::{PartKind, Place};
use mugai_core::{Cx, Markup, Refusal};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// Where the root of an object is looked for, in bytes.
const HEAD_BYTES: usize = 8_192;

/// The charts and formulas of a document, each once, in the order in which they were first named.
pub(super) struct Objects {
    /// How many parts stand before them.
    before: u32,
    /// Whether they are looked for at all.
    wanted: bool,
    told: Vec<Markup>,
    /// By the folder: the place of what is in it, or that it is neither.
    known: BTreeMap<String, Option<Place>>,
}

impl Objects {
    pub(super) const fn new(before: u32, wanted: bool) -> Self {
        Self {
            before,
            wanted,
            told: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// The charts and formulas.
    pub(super) fn into_parts(self) -> Vec<Markup> {
        self.told
    }

    /// Where the chart or formula is that an object names; `None` for objects of all other kinds, and for what is
    /// broken.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn place(
        &mut self,
        href: &str,
        source: Source<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<Option<Place>, Refusal> {
        let path = href.strip_prefix("./").unwrap_or(href);
        let folder = target::percent_decoded(path.trim_end_matches('/')).to_ascii_lowercase();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '/');
        let path = format!("{folder}/content.xml");
        if !self.wanted || !folder.chars().all(plain) || !source.archive.has(&path) {
            return Ok(None);
        }
        if let Some(known) = self.known.get(&folder) {
            return Ok(*known);
        }
        let bytes = source.archive.content(&path, cx)?.unwrap_or_default();
        let kind = if is_formula(&bytes) {
            PartKind::OpenFormula
        } else {
            PartKind::OpenChart
        };
        let inner = Source {
            kind,
            body: "chart",
            ..source
        };
        // they have neither pictures nor objects
        let nothing = &mut Self::new(0, false);
        let (pictures, comments) = (&mut Pictures::default(), &mut Comments::default());
        let told = filter::part(inner, &bytes, pictures, nothing, comments, cx);
        let place = match told {
            // of one that says nothing the preview is shown
            Ok(part) if kind == PartKind::OpenFormula && !has_text(&part) => None,
            Ok(part) => {
                let number = u32::try_from(self.told.len()).unwrap_or(u32::MAX);
                self.told.push(part);
                // what its colours and lines are called
                let path = format!("{folder}/styles.xml");
                let styles = source.archive.beside(&path, cx)?;
                if let Some(bytes) = styles.filter(|_| kind == PartKind::OpenChart) {
                    let inner = Source {
                        kind: PartKind::OpenStyles,
                        ..inner
                    };
                    match filter::part(inner, &bytes, pictures, nothing, comments, cx) {
                        Ok(styles) => self.told.push(styles),
                        Err(overrun @ Refusal::Overrun { .. }) => return Err(overrun),
                        Err(_) => {}
                    }
                }
                Some(Place::Part(self.before.saturating_add(number)))
            }
            Err(overrun @ Refusal::Overrun { .. }) => return Err(overrun),
            Err(_) => None,
        };
        self.known.insert(folder, place);
        Ok(place)
    }
}

fn has_text(part: &Markup) -> bool {
    let mut events = part.events();
    events.any(
        |event| matches!(event, mugai_core::markup::Event::Text(text) if !text.trim().is_empty()),
    )
}

/// Whether the root of an object is that of MathML. What has none is no formula.
fn is_formula(bytes: &[u8]) -> bool {
    let text =
        String::from_utf8_lossy(bytes.get(..bytes.len().min(HEAD_BYTES)).unwrap_or_default());
    let mut reader = xml::reader(&text);
    loop {
        match xml::next_lenient(&mut reader) {
            Ok(Some(Event::Start(start) | Event::Empty(start))) => {
                return xml::split(start.name().0).1 == "math";
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return false,
        }
    }
}
