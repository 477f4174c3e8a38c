//! Lists of texts (ECMA-376 part 1, section 17.9): their levels, and the styles that name them.

use crate::formats::numbers::{Counter, LEVELS, Level, name};
use crate::formats::symbols::Symbols;
use mugai_core::Markup;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Event, PartKind};
use std::collections::BTreeMap;

/// How many styles are followed, one based on the other.
const MAX_STYLES: usize = 32;

/// A style of paragraphs.
#[derive(Clone, Debug, Default)]
struct Style {
    base: Option<String>,
    list: Option<String>,
    level: Option<usize>,
}

/// What a paragraph says of its place in a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    style: Option<String>,
    list: Option<String>,
    level: Option<usize>,
}

/// The lists of a document, and how far they are counted.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    counter: Counter,
    /// Kinds that are told by the name of a style elsewhere: their own name, and that of the style.
    links: Vec<(String, String)>,
    named: BTreeMap<String, String>,
    styles: BTreeMap<String, Style>,
    /// Lists and levels of styles, by the names of those.
    settled: BTreeMap<String, (String, Option<usize>)>,
}

impl Numbers {
    /// The lists and styles of a document.
    pub(super) fn read(parts: &[Markup]) -> Self {
        let mut numbers = Self::default();
        for part in parts {
            if part.kind() == PartKind::Numbering {
                numbers.lists(part);
            } else if part.kind() == PartKind::Styles {
                numbers.styles(part);
            }
        }
        // lists that are told by a style are those that give themselves its name
        for (kind, style) in std::mem::take(&mut numbers.links) {
            let told = numbers
                .named
                .get(&style)
                .and_then(|of| numbers.counter.kinds.get(of));
            if let Some(levels) = told.cloned() {
                numbers.counter.kinds.insert(kind, levels);
            }
        }
        numbers.settle();
        numbers
    }

    fn lists(&mut self, part: &Markup) {
        let (mut kind, mut list, mut level) = (String::new(), String::new(), 0usize);
        let mut open: Vec<Element> = Vec::new();
        for event in part.events() {
            match event {
                Event::Open(element) => {
                    // a mark without a value is one that is on
                    if element.local() == "isLgl" && level < LEVELS {
                        self.level((&kind, &list), level, &open).plain = true;
                    }
                    open.push(element);
                }
                Event::Close => {
                    open.pop();
                }
                Event::Attribute(attribute, value) => {
                    let Some(element) = open.last() else { continue };
                    match (element.local(), attribute.local()) {
                        ("abstractNum", "abstractNumId") => kind = name(value),
                        ("num", "numId") => list = name(value),
                        ("abstractNumId", "val") => {
                            let of = self.counter.lists.entry(list.clone()).or_default();
                            of.kind = name(value);
                        }
                        ("lvl" | "lvlOverride", "ilvl") => level = place(value),
                        // levels that no list has
                        _ if level >= LEVELS => {}
                        ("startOverride", "val") => {
                            let of = self.counter.lists.entry(list.clone()).or_default();
                            of.starts.insert(level, value.parse().unwrap_or(1));
                        }
                        ("numStyleLink", "val") => {
                            self.links.push((kind.clone(), name(value)));
                        }
                        ("styleLink", "val") => {
                            self.named.insert(name(value), kind.clone());
                        }
                        ("rFonts", "ascii" | "hAnsi") => {
                            self.level((&kind, &list), level, &open).font = Symbols::named(value);
                        }
                        (local, "val") => {
                            say(self.level((&kind, &list), level, &open), local, value);
                        }
                        _ => {}
                    }
                }
                Event::Text(_) | Event::Reference(..) | Event::Link(..) => {}
            }
        }
    }

    /// The level that is being told: of a kind, or what a list has in its place.
    fn level(&mut self, (kind, list): (&str, &str), level: usize, open: &[Element]) -> &mut Level {
        let levels = if open.iter().any(|e| e.local() == "lvlOverride") {
            &mut self.counter.lists.entry(list.to_owned()).or_default().own
        } else {
            self.counter.kinds.entry(kind.to_owned()).or_default()
        };
        levels.entry(level).or_default()
    }

    fn styles(&mut self, part: &Markup) {
        let mut id = String::new();
        let mut open: Vec<Element> = Vec::new();
        for event in part.events() {
            match event {
                Event::Open(element) => open.push(element),
                Event::Close => {
                    open.pop();
                }
                Event::Attribute(attribute, value) => {
                    let Some(element) = open.last() else { continue };
                    let local = element.local();
                    if local == "style" && attribute.local() == "styleId" {
                        id = name(value);
                    }
                    if attribute.local() != "val" || !open.iter().any(|e| e.local() == "style") {
                        continue;
                    }
                    let style = self.styles.entry(id.clone()).or_default();
                    match local {
                        "basedOn" => style.base = Some(name(value)),
                        "numId" => style.list = Some(name(value)),
                        "ilvl" => style.level = Some(place(value)),
                        _ => {}
                    }
                }
                Event::Text(_) | Event::Reference(..) | Event::Link(..) => {}
            }
        }
    }

    /// Each style gets the list of the styles that it is based on: paragraphs are many, and styles few.
    fn settle(&mut self) {
        let settled = self.styles.keys().filter_map(|name| {
            let (list, level) = self.inherited(name)?;
            Some((name.clone(), (list.to_owned(), level)))
        });
        self.settled = settled.collect();
        self.styles.clear();
    }

    /// The list of a style, and the level that it or the first of those before that tells.
    fn inherited(&self, name: &str) -> Option<(&str, Option<usize>)> {
        let mut level = None;
        let mut style = self.styles.get(name);
        for _ in 0..MAX_STYLES {
            let of = style?;
            level = level.or(of.level);
            if let Some(list) = &of.list {
                return Some((list, level));
            }
            style = of.base.as_ref().and_then(|base| self.styles.get(base));
        }
        None
    }

    /// What stands before the next paragraph, and counts it: by its own list, or that of its style.
    pub(super) fn next(&mut self, place: &Place) -> Option<String> {
        let of_style = || {
            let (list, level) = self.settled.get(place.style.as_ref()?)?;
            Some((list, place.level.or(*level)))
        };
        let own = place.list.as_ref().map(|list| (list, place.level));
        let (list, level) = own.or_else(of_style)?;
        // the list 0 is none
        if list == "0" {
            return None;
        }
        self.counter.next(list, level.unwrap_or(0))
    }
}

impl Place {
    /// An attribute within the properties of a paragraph.
    pub(super) fn say(&mut self, element: &str, value: &str) {
        match element {
            "pStyle" => self.style = Some(name(value)),
            "numId" => self.list = Some(name(value)),
            "ilvl" => self.level = Some(place(value)),
            _ => {}
        }
    }
}

fn place(value: &str) -> usize {
    value.parse().unwrap_or(0)
}

/// An element that says something of a level.
fn say(level: &mut Level, element: &str, value: &str) {
    match element {
        "start" => level.start = value.parse().unwrap_or(1),
        "numFmt" => value.clone_into(&mut level.format),
        "lvlText" => level.say(value),
        "isLgl" => level.plain = !matches!(value, "0" | "false" | "off"),
        "lvlRestart" => level.restart = value.parse().ok(),
        _ => {}
    }
}
