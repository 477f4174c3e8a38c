//! Names of pages (ISO 32000-2, 12.4.2).

use super::{MAX_NAMES, STEPS, catalog};
use crate::formats::numeral;
use hayro_syntax::Pdf as Document;
use hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, String as PdfString};
use mugai_core::contents::{MAX_LABEL, MAX_LABELS};
use mugai_core::{Cx, Line, Refusal, Resource};
use std::collections::{BTreeMap, HashSet};

/// How pages from one on are counted.
#[derive(Default)]
struct Range {
    prefix: String,
    style: Style,
    start: u32,
}

#[derive(Clone, Copy, Default)]
enum Style {
    /// Not at all: only the prefix is said.
    #[default]
    None,
    Decimal,
    Roman {
        capital: bool,
    },
    Letters {
        capital: bool,
    },
}

/// The names of `pages` pages; none where they are counted from 1.
pub(super) fn of(document: &Document, pages: usize, cx: &mut Cx<'_>) -> Result<Vec<Line>, Refusal> {
    let Some(root) = catalog(document).and_then(|catalog| catalog.get::<Dict<'_>>(b"PageLabels"))
    else {
        return Ok(Vec::new());
    };
    let ranges = ranges(root, cx)?;
    if ranges.is_empty() || pages > MAX_LABELS {
        return Ok(Vec::new());
    }
    cx.charge_len(Resource::Steps, pages)?;
    let mut labels = Vec::new();
    let mut is_plain = true;
    for page in (0u32..).take(pages) {
        let raw = match ranges.range(..=page).next_back() {
            Some((first, range)) => range.label(page.saturating_sub(*first)),
            None => page.saturating_add(1).to_string(),
        };
        let short: String = raw.chars().take(MAX_LABEL).collect();
        let label = cx.line(&short);
        is_plain &= label.as_str() == page.saturating_add(1).to_string();
        labels.push(label);
    }
    if is_plain {
        labels.clear();
    }
    Ok(labels)
}

fn ranges(root: Dict<'_>, cx: &Cx<'_>) -> Result<BTreeMap<u32, Range>, Refusal> {
    let mut ranges = BTreeMap::new();
    let mut waiting = vec![root];
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    while let Some(node) = waiting.pop() {
        cx.charge(Resource::Steps, STEPS)?;
        if node.obj_id().is_some_and(|id| !seen.insert(id)) || ranges.len() > MAX_NAMES {
            continue;
        }
        if let Some(kids) = node.get::<Array<'_>>(b"Kids") {
            for kid in kids.iter::<Dict<'_>>() {
                cx.charge(Resource::Steps, STEPS)?;
                waiting.push(kid);
            }
        }
        if let Some(pairs) = node.get::<Array<'_>>(b"Nums") {
            let mut pairs = pairs.iter::<Object<'_>>();
            while let (Some(number), Some(value)) = (pairs.next(), pairs.next()) {
                cx.charge(Resource::Steps, STEPS)?;
                if let (Object::Number(number), Object::Dict(dict)) = (number, value)
                    && let Ok(first) =
                        u32::try_from(crate::formats::pdf::text::place::whole(number.as_f64()))
                {
                    ranges.insert(first, Range::of(&dict));
                }
            }
        }
    }
    Ok(ranges)
}

impl Range {
    fn of(dict: &Dict<'_>) -> Self {
        let prefix = dict
            .get::<PdfString<'_>>(b"P")
            .map_or_else(String::new, |text| {
                crate::formats::pdf::text::strings::text_string(text.as_bytes())
            });
        let style = match dict.get::<Name<'_>>(b"S").as_ref().map(AsRef::as_ref) {
            Some(b"D") => Style::Decimal,
            Some(b"R") => Style::Roman { capital: true },
            Some(b"r") => Style::Roman { capital: false },
            Some(b"A") => Style::Letters { capital: true },
            Some(b"a") => Style::Letters { capital: false },
            _ => Style::None,
        };
        Self {
            prefix,
            style,
            start: dict.get::<u32>(b"St").unwrap_or(1),
        }
    }

    fn label(&self, index: u32) -> String {
        let number = self.start.saturating_add(index);
        let cased = |text: String, capital: bool| {
            if capital { text.to_uppercase() } else { text }
        };
        let said = match self.style {
            Style::None => String::new(),
            Style::Decimal => number.to_string(),
            Style::Roman { capital } => cased(roman(number), capital),
            Style::Letters { capital } => cased(letters(number), capital),
        };
        format!("{}{said}", self.prefix)
    }
}

fn roman(number: u32) -> String {
    let said = numeral::roman(number).map(|said| said.to_ascii_lowercase());
    said.unwrap_or_else(|| number.to_string())
}

/// a to z, then aa to zz and so on.
fn letters(number: u32) -> String {
    let index = number.saturating_sub(1);
    let times = usize::try_from(index.div_euclid(26)).unwrap_or(0);
    let letter = u8::try_from(index.rem_euclid(26)).unwrap_or(0);
    let letter = char::from(b'a'.saturating_add(letter));
    letter
        .to_string()
        .repeat(times.min(MAX_LABEL).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_in_four_ways() {
        assert_eq!(
            ["i", "iv", "xl", "mcmxcix"],
            [1, 4, 40, 1999].map(roman).as_slice()
        );
        assert_eq!(
            ["a", "z", "aa", "bb"],
            [1, 26, 27, 28].map(letters).as_slice()
        );
        let range = Range {
            prefix: "A-".to_owned(),
            style: Style::Roman { capital: true },
            start: 3,
        };
        assert_eq!(range.label(1), "A-IV");
    }
}
