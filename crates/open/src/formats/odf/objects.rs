//! Objects in a document of ODF: charts are documents of their own, which are told again like it.

use super::filter::{self, Source};
use crate::formats::comments::Comments;
use crate::formats::html::target;
use crate::formats::ooxml::filter::Pictures;
use mugai_core::markup::{PartKind, Place};
use mugai_core::{Cx, Markup, Refusal};
use std::collections::BTreeMap;

/// The charts of a document, each once, in the order in which they were first named.
pub(super) struct Objects {
    /// How many parts stand before them.
    before: u32,
    /// Whether they are looked for at all.
    wanted: bool,
    charts: Vec<Markup>,
    /// By the folder: the place of the chart in it, or that it is none.
    known: BTreeMap<String, Option<Place>>,
}

impl Objects {
    pub(super) const fn new(before: u32, wanted: bool) -> Self {
        Self {
            before,
            wanted,
            charts: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    /// The charts.
    pub(super) fn into_charts(self) -> Vec<Markup> {
        self.charts
    }

    /// Where the chart is that an object names; `None` for objects of all other kinds, and for charts
    /// that are broken.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn chart(
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
        let inner = Source {
            kind: PartKind::OpenChart,
            body: "chart",
            ..source
        };
        // a chart has neither pictures nor objects
        let nothing = &mut Self::new(0, false);
        let (pictures, comments) = (&mut Pictures::default(), &mut Comments::default());
        let told = filter::part(inner, &bytes, pictures, nothing, comments, cx);
        let place = match told {
            Ok(chart) => {
                let number = u32::try_from(self.charts.len()).unwrap_or(u32::MAX);
                self.charts.push(chart);
                Some(Place::Part(self.before.saturating_add(number)))
            }
            Err(overrun @ Refusal::Overrun { .. }) => return Err(overrun),
            Err(_) => None,
        };
        self.known.insert(folder, place);
        Ok(place)
    }
}
