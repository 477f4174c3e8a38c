//! Numbers and bullets of paragraphs of shapes (ECMA-376 part 1, sections 21.1.2.4 and 20.1.10.61).
//!
//! A number belongs to a run of paragraphs of one level and one scheme; deeper levels do not end the run, others do.

use crate::formats::numbers::bullet;
use crate::formats::numeral::{BLACK_CIRCLE, numeral};
use crate::formats::symbols::Symbols;
use mugai_core::Markup;
use mugai_core::markup::Event;
use mugai_core::markup::vocabulary::Element;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Levels of paragraphs.
const LEVELS: usize = 9;

/// What stands before a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Nothing,
    Letter(char),
    Number { scheme: Scheme, start: u32 },
}

/// How a number looks: the name of the format of its letters, and what stands around them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scheme {
    format: &'static str,
    before: &'static str,
    behind: &'static str,
}

/// What is said of it in one place; what is not said there is said elsewhere.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    kind: Option<Kind>,
    font: Option<Symbols>,
}

/// Looks of levels.
type Style = BTreeMap<usize, Said>;

/// The looks of the placeholders of a layout, by their numbers and by what they are for.
#[derive(Debug, Default)]
pub(super) struct Layout(BTreeMap<String, Rc<Style>>);

/// What is said of the paragraph that is open, and how far those before it are counted.
#[derive(Debug, Default)]
pub(super) struct Bullets {
    /// The place of the shape in its layout, and the look that it has there.
    place: String,
    layout: Rc<Style>,
    /// Of the shape itself.
    style: Style,
    own: Said,
    level: usize,
    /// The level of the shape whose look is being told; `None` for that of the paragraph.
    of: Option<usize>,
    counts: [Option<(Scheme, u32, u32)>; LEVELS],
}

impl Layout {
    /// Of a part with a layout of slides.
    pub(super) fn read(part: &Markup) -> Self {
        let mut layout = Self::default();
        let mut bullets = Bullets::default();
        let mut open: Vec<Element> = Vec::new();
        for event in part.events() {
            match event {
                Event::Open(element) => {
                    bullets.begin(element, &Self::default());
                    open.push(element);
                }
                Event::Attribute(attribute, value) => {
                    if let Some(element) = open.last() {
                        bullets.attribute(*element, attribute.local(), value);
                    }
                }
                Event::Close => {
                    if open.pop().is_some_and(|e| e.local() == "lstStyle") {
                        let style = std::mem::take(&mut bullets.style);
                        layout.0.insert(bullets.place.clone(), Rc::new(style));
                    }
                }
                Event::Text(_) | Event::Reference(..) | Event::Link(..) => {}
            }
        }
        layout
    }
}

impl Bullets {
    /// An element begins; a shape that names a place of the `layout` has the looks of that.
    pub(super) fn begin(&mut self, element: Element, layout: &Layout) {
        if is_of_texts(element) {
            return;
        }
        match element.local() {
            "nvSpPr" => self.place.clear(),
            "txBody" | "rich" | "txPr" => {
                let of = layout.0.get(&self.place).filter(|_| !self.place.is_empty());
                self.layout = of.cloned().unwrap_or_default();
                self.style.clear();
                self.of = None;
                self.counts = Default::default();
            }
            "p" => {
                self.own = Said::default();
                self.level = 0;
                self.of = None;
            }
            "pPr" => self.of = None,
            "buNone" | "buBlip" => self.said().kind = Some(Kind::Nothing),
            "buAutoNum" => {
                self.said().kind = Some(Kind::Number {
                    scheme: Scheme::named(""),
                    start: 1,
                });
            }
            local => {
                let level = local
                    .strip_prefix("lvl")
                    .and_then(|l| l.strip_suffix("pPr"));
                let level = level.and_then(|level| level.parse::<usize>().ok());
                if let Some(level) = level.and_then(|level| level.checked_sub(1)) {
                    self.of = Some(level);
                }
            }
        }
    }

    /// An attribute of an element.
    pub(super) fn attribute(&mut self, element: Element, name: &str, value: &str) {
        if is_of_texts(element) {
            return;
        }
        match (element.local(), name) {
            // the number of a place counts before what it is for
            ("ph", "idx") => value.clone_into(&mut self.place),
            ("ph", "type") if self.place.is_empty() => value.clone_into(&mut self.place),
            ("pPr", "lvl") => self.level = value.parse().unwrap_or(0),
            ("buChar", "char") => self.said().kind = value.chars().next().map(Kind::Letter),
            ("buFont", "typeface") => {
                self.said().font = Some(Symbols::named(value));
            }
            ("buAutoNum", "type") => {
                if let Some(Kind::Number { scheme, .. }) = &mut self.said().kind {
                    *scheme = Scheme::named(value);
                }
            }
            ("buAutoNum", "startAt") => {
                if let Some(Kind::Number { start, .. }) = &mut self.said().kind {
                    *start = value.parse().unwrap_or(1);
                }
            }
            _ => {}
        }
    }

    fn said(&mut self) -> &mut Said {
        match self.of {
            Some(level) => self.style.entry(level).or_default(),
            None => &mut self.own,
        }
    }

    /// What stands before the paragraph that ends, which is counted. Empty paragraphs have no numbers.
    pub(super) fn next(&mut self) -> Option<String> {
        let style = self.style.get(&self.level);
        let layout = self.layout.get(&self.level);
        let kind = self.own.kind.or_else(|| style?.kind);
        // bullets that the whole presentation has say nothing
        let numbers = |kind: &Kind| matches!(kind, Kind::Number { .. });
        let kind = kind.or_else(|| layout?.kind.filter(numbers));
        let kind = kind.unwrap_or(Kind::Nothing);
        let font = self.own.font.or_else(|| style?.font);
        for count in self.counts.iter_mut().skip(self.level.saturating_add(1)) {
            *count = None;
        }
        let count = self.counts.get_mut(self.level)?;
        match kind {
            Kind::Nothing => {
                *count = None;
                None
            }
            Kind::Letter(letter) => {
                *count = None;
                Some(bullet(letter, font.unwrap_or(Symbols::None)).to_string())
            }
            Kind::Number { scheme, start } => {
                let number = match count {
                    Some((of, from, number)) if *of == scheme && *from == start => {
                        number.saturating_add(1)
                    }
                    _ => start,
                };
                *count = Some((scheme, start, number));
                Some(scheme.shown(number))
            }
        }
    }
}

/// Whether an element is one of texts, which are most of a document and have no such bullets.
fn is_of_texts(element: Element) -> bool {
    element.word().starts_with("w:")
}

impl Scheme {
    /// By its name.
    fn named(name: &str) -> Self {
        const AROUND: [(&str, &str, &str); 6] = [
            ("ParenBoth", "(", ")"),
            ("ParenR", "", ")"),
            ("DbPeriod", "", "．"),
            ("Period", "", "."),
            ("Minus", "", " -"),
            ("Plain", "", ""),
        ];
        let found = AROUND
            .iter()
            .find_map(|(end, before, behind)| Some((name.strip_suffix(end)?, *before, *behind)));
        let (letters, before, behind) = found.unwrap_or((name, "", "."));
        let format = match letters {
            "alphaLc" => "lowerLetter",
            "alphaUc" => "upperLetter",
            "romanLc" => "lowerRoman",
            "romanUc" => "upperRoman",
            "circleNumDb" | "circleNumWdWhite" => "decimalEnclosedCircle",
            "circleNumWdBlack" => BLACK_CIRCLE,
            "arabicDb" => "decimalFullWidth",
            "arabic" if behind == "．" => "decimalFullWidth",
            "ea1Chs" | "ea1Cht" | "ea1JpnChs" | "ea1JpnKor" => "japaneseCounting",
            // numbers of other scripts by digits
            _ => "decimal",
        };
        Self {
            format,
            before,
            behind,
        }
    }

    fn shown(self, number: u32) -> String {
        format!(
            "{}{}{}",
            self.before,
            numeral(number, self.format),
            self.behind
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_their_schemes_say() {
        for (number, scheme, want) in [
            (1, "arabicPeriod", "1."),
            (2, "arabicParenBoth", "(2)"),
            (3, "arabicPlain", "3"),
            (3, "arabicDbPlain", "３"),
            (3, "arabicDbPeriod", "３．"),
            (4, "alphaLcParenR", "d)"),
            (4, "romanUcPeriod", "IV."),
            (5, "circleNumDbPlain", "⑤"),
            (11, "circleNumWdBlackPlain", "⓫"),
            (2, "circleNumWdWhitePlain", "②"),
            (12, "ea1JpnKorPlain", "十二"),
            (1, "ea1JpnKorPeriod", "一."),
            (1, "ea1JpnChsDbPeriod", "一．"),
            (7, "thaiNumPeriod", "7."),
            (7, "", "7."),
        ] {
            assert_eq!(
                Scheme::named(scheme).shown(number),
                want,
                "{number} {scheme}"
            );
        }
    }
}
