//! Numbers of lists and headings (ODF 1.3 part 3, sections 5.3, 16.30 to 16.34): they stand nowhere in the text.
//!
//! Lists lie in each other. Each has its numbers; those of one that goes on with another are those of that one. The first
//! paragraph of an item has the number, the others have none.

use crate::formats::numbers::{bullet, name};
use crate::formats::numeral::numeral;
use crate::formats::symbols::Symbols;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Event, PartKind};
use mugai_core::{Cx, Markup, Refusal, Resource};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Levels of a list.
const LEVELS: usize = 10;
/// The longest text before or behind a number that is told, in bytes.
const MAX_TEXT: usize = 128;
/// How many styles are followed, one based on the other.
const MAX_STYLES: usize = 32;

/// What a level shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Level {
    bullet: Option<char>,
    font: Option<Symbols>,
    /// The name of the format of its numbers; of none: there are none.
    format: &'static str,
    before: String,
    behind: String,
    /// How many levels are shown, with this one.
    levels: usize,
    start: u32,
}

/// Levels by their number, from 0.
type Style = BTreeMap<usize, Level>;

/// How far the levels of a list are counted.
type Counts = [Option<u32>; LEVELS];

/// A list that is open.
#[derive(Debug, Default)]
struct List {
    style: Rc<str>,
    id: String,
    level: usize,
    /// Whether it is one paragraph, which says itself what level it has.
    is_single: bool,
    /// Whether it goes on with the one before it, or with that of a name.
    goes_on: bool,
    goes_on_with: Option<String>,
    /// Of the item that is open: where it begins, the style of it alone, whether it has a number still.
    start: Option<u32>,
    own: Option<String>,
    waits: bool,
    /// What is counted, in the lists in it too; `None` before its first item, where its attributes are followed.
    counts: Option<Counts>,
}

/// A style of paragraphs: the one that it is based on, and the list that it names itself.
#[derive(Debug, Default)]
struct Based {
    on: Option<String>,
    list: Option<Rc<str>>,
}

/// A paragraph that is open.
#[derive(Debug, Default)]
struct Paragraph {
    style: String,
    is_heading: bool,
    bare: bool,
    level: Option<usize>,
    restarts: bool,
    start: Option<u32>,
    /// The list whose item it is in: the number of lists that are open.
    of: Option<usize>,
}

/// The lists of a document, and how far they are counted.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    styles: BTreeMap<String, Style>,
    outline: Style,
    /// The lists that styles of paragraphs name, by themselves or by those that they are based on.
    paragraphs: BTreeMap<String, Rc<str>>,
    lists: Vec<List>,
    open: Vec<Paragraph>,
    headings: Counts,
    /// By the style, and by the name: how far a list was counted.
    of_style: BTreeMap<Rc<str>, Counts>,
    of_id: BTreeMap<String, Counts>,
    /// Whether it is a presentation: programs write a list of several levels as lists behind each other there.
    is_slides: bool,
    /// The list right before, with how far it was counted.
    before: Option<(Rc<str>, Counts)>,
}

impl Numbers {
    /// The styles of a document: those that all parts share come before those of the content.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn read(
        content: &Markup,
        styles: Option<&Markup>,
        cx: &Cx<'_>,
    ) -> Result<Self, Refusal> {
        let mut numbers = Self {
            is_slides: content.kind() == PartKind::OpenSlides,
            ..Self::default()
        };
        let mut paragraphs = BTreeMap::new();
        for part in styles.into_iter().chain([content]) {
            numbers.styles(part, &mut paragraphs);
        }
        numbers.paragraphs = lists(&paragraphs, cx)?;
        Ok(numbers)
    }

    fn styles(&mut self, part: &Markup, paragraphs: &mut BTreeMap<String, Based>) {
        let mut open: Vec<Element> = Vec::new();
        let (mut style, mut place, mut outline) = (String::new(), 0usize, false);
        let mut level = Level::default();
        for event in part.events() {
            match event {
                Event::Open(element) => {
                    if element.is("text:outline-style") {
                        outline = true;
                    } else if element.is("text:list-style") {
                        outline = false;
                    } else if is_level(element) {
                        level = Level {
                            format: "none",
                            levels: 1,
                            start: 1,
                            ..Level::default()
                        };
                        place = LEVELS;
                    }
                    open.push(element);
                }
                Event::Attribute(attribute, value) => {
                    let Some(element) = open.last() else { continue };
                    let local = attribute.local();
                    if element.is("text:list-style") && local == "name" {
                        style = name(value);
                        self.styles.insert(style.clone(), Style::new());
                    } else if element.is("style:style") {
                        paragraph_style(local, value, &mut style, paragraphs);
                    } else if is_level(*element) && local == "level" {
                        place = value.parse::<usize>().unwrap_or(0).wrapping_sub(1);
                    } else if open.iter().rev().take(2).any(|e| is_level(*e)) {
                        level.say(local, value);
                    }
                }
                Event::Close => {
                    if open.pop().is_some_and(is_level) && place < LEVELS {
                        let level = std::mem::take(&mut level);
                        if outline {
                            self.outline.insert(place, level);
                        } else if let Some(style) = self.styles.get_mut(&style) {
                            style.insert(place, level);
                        }
                    }
                }
                Event::Text(_) | Event::Reference(..) | Event::Link(..) => {}
            }
        }
    }

    /// An element of the body begins in `parent`.
    pub(super) fn begin(&mut self, element: Element, parent: Option<Element>) {
        let in_item = parent.is_some_and(is_item);
        let single = parent.is_some_and(|e| e.is("text:numbered-paragraph"));
        if element.is("text:list") {
            let level = match self.lists.last() {
                Some(list) if in_item => list.level.saturating_add(1),
                _ => 0,
            };
            self.lists.push(List {
                level,
                ..List::default()
            });
        } else if element.is("text:numbered-paragraph") {
            self.lists.push(List {
                is_single: true,
                goes_on: true,
                waits: true,
                ..List::default()
            });
        } else if element.is("text:list-item") {
            self.start_list();
            if let Some(list) = self.lists.last_mut() {
                (list.start, list.own, list.waits) = (None, None, true);
            }
        } else if element.is("text:list-header") {
            self.start_list();
            if let Some(list) = self.lists.last_mut() {
                list.waits = false;
            }
        } else if is_paragraph(element) {
            if single {
                self.start_list();
            } else if !in_item {
                self.before = None;
            }
            self.open.push(Paragraph {
                is_heading: element.is("text:h"),
                of: (in_item || single).then_some(self.lists.len()),
                ..Paragraph::default()
            });
        } else if element.local() == "text-box" {
            self.before = None;
        }
    }

    /// An attribute of an element of the body.
    pub(super) fn attribute(&mut self, element: Element, attribute: &str, value: &str) {
        if element.is("text:list") {
            let Some(list) = self.lists.last_mut() else {
                return;
            };
            match attribute {
                "style-name" => list.style = name(value).into(),
                "id" => list.id = name(value),
                "continue-numbering" => list.goes_on = value == "true",
                "continue-list" => list.goes_on_with = Some(name(value)),
                _ => {}
            }
        } else if element.is("text:numbered-paragraph") {
            let Some(list) = self.lists.last_mut() else {
                return;
            };
            match attribute {
                "style-name" => list.style = name(value).into(),
                "list-id" => list.goes_on_with = Some(name(value)),
                "level" => list.level = value.parse::<usize>().unwrap_or(1).saturating_sub(1),
                _ => {}
            }
        } else if element.is("text:list-item") {
            let Some(list) = self.lists.last_mut() else {
                return;
            };
            match attribute {
                "start-value" => list.start = value.parse().ok(),
                "style-override" => list.own = Some(name(value)),
                _ => {}
            }
        } else if is_paragraph(element) {
            let Some(paragraph) = self.open.last_mut() else {
                return;
            };
            match attribute {
                "style-name" => paragraph.style = name(value),
                "is-list-header" => paragraph.bare = value == "true",
                "outline-level" => paragraph.level = value.parse::<usize>().ok(),
                "restart-numbering" => paragraph.restarts = value == "true",
                "start-value" => paragraph.start = value.parse().ok(),
                _ => {}
            }
        }
    }

    /// An element of the body ends. For a paragraph that is `shown`: what stands before it; others are not counted.
    pub(super) fn end(&mut self, element: Element, shown: bool) -> Option<String> {
        if element.is("text:list") || element.is("text:numbered-paragraph") {
            self.end_list();
            return None;
        }
        if !is_paragraph(element) {
            return None;
        }
        let paragraph = self.open.pop().filter(|_| shown)?;
        match paragraph.of {
            Some(place) => self.of_item(place, &paragraph),
            None if paragraph.is_heading => self.of_heading(&paragraph),
            None => None,
        }
    }

    /// Follows the attributes of the list that has its first item now.
    fn start_list(&mut self) {
        let Some((list, above)) = self.lists.split_last_mut() else {
            return;
        };
        if list.counts.is_some() {
            return;
        }
        let parent = above.last().filter(|_| list.level > 0 && !list.is_single);
        if list.style.is_empty()
            && let Some(parent) = parent
        {
            list.style = Rc::clone(&parent.style);
        }
        if let Some(parent) = parent {
            // below an item that has its number the list is a new one
            let continues = list.goes_on || parent.waits;
            let mut counts = parent.counts.unwrap_or_default();
            if !continues && let Some(count) = counts.get_mut(list.level) {
                *count = None;
            }
            list.counts = Some(counts);
            return;
        }
        let known = match &list.goes_on_with {
            Some(id) => self.of_id.get(id),
            None if list.goes_on => self.of_style.get(&list.style),
            None => None,
        };
        list.counts = Some(match (known, self.before.take()) {
            (Some(known), _) => *known,
            (None, Some((style, counts))) => {
                let styles = (self.styles.get(&*style), self.styles.get(&*list.style));
                carried(styles, counts)
            }
            (None, None) => Counts::default(),
        });
    }

    fn end_list(&mut self) {
        let Some(list) = self.lists.pop() else {
            return;
        };
        // one without items counted nothing
        let Some(counts) = list.counts else {
            return;
        };
        // the list around it knows how far it came
        if list.level > 0
            && !list.is_single
            && let Some(parent) = self.lists.last_mut()
        {
            parent.counts = Some(counts);
            return;
        }
        let named = Some(list.id).filter(|id| !id.is_empty());
        for id in named.into_iter().chain(list.goes_on_with) {
            self.of_id.insert(id, counts);
        }
        if self.is_slides {
            self.before = Some((Rc::clone(&list.style), counts));
        }
        self.of_style.insert(list.style, counts);
    }

    fn of_item(&mut self, place: usize, paragraph: &Paragraph) -> Option<String> {
        let list = self.lists.get_mut(place.checked_sub(1)?)?;
        if !list.waits || paragraph.bare {
            return None;
        }
        list.waits = false;
        let by_item = list.own.as_ref().and_then(|own| self.styles.get(own));
        let by_list = || self.styles.get(&*list.style);
        let by_paragraph = || self.styles.get(&**self.paragraphs.get(&paragraph.style)?);
        let outline = || paragraph.is_heading.then_some(&self.outline);
        let style = by_item.or_else(by_list).or_else(by_paragraph);
        let style = style.or_else(outline)?;
        count(
            style,
            list.level,
            list.start.take(),
            list.counts.get_or_insert_default(),
        )
    }

    fn of_heading(&mut self, paragraph: &Paragraph) -> Option<String> {
        let level = paragraph.level.unwrap_or(1).checked_sub(1)?;
        if paragraph.bare {
            return None;
        }
        // the style of a heading may say that it is in no list, or in another one
        let own = self.paragraphs.get(&paragraph.style);
        let style = match own.map(|own| &**own) {
            Some("") => return None,
            Some(own) => self.styles.get(own).unwrap_or(&self.outline),
            None => &self.outline,
        };
        let start = match (paragraph.restarts, paragraph.start) {
            (true, None) => Some(style.get(&level)?.start),
            (_, start) => start,
        };
        count(style, level, start, &mut self.headings)
    }
}

/// What an attribute says of a style of paragraphs, whose name comes first.
fn paragraph_style(
    attribute: &str,
    value: &str,
    style: &mut String,
    paragraphs: &mut BTreeMap<String, Based>,
) {
    match attribute {
        "name" => {
            *style = name(value);
            paragraphs.insert(style.clone(), Based::default());
        }
        "parent-style-name" => {
            paragraphs.entry(style.clone()).or_default().on = Some(name(value));
        }
        "list-style-name" => {
            paragraphs.entry(style.clone()).or_default().list = Some(name(value).into());
        }
        _ => {}
    }
}

/// The lists that styles of paragraphs name, by themselves or by those that they are based on: looked for once, and not
/// at each paragraph.
fn lists(
    styles: &BTreeMap<String, Based>,
    cx: &Cx<'_>,
) -> Result<BTreeMap<String, Rc<str>>, Refusal> {
    let mut all = BTreeMap::new();
    for (name, style) in styles {
        let mut of = Some(style);
        for _ in 0..=MAX_STYLES {
            let Some(style) = of else { break };
            cx.charge(Resource::Steps, 4)?;
            if let Some(list) = &style.list {
                cx.charge_len(Resource::Bytes, name.len().saturating_add(64))?;
                all.insert(name.clone(), Rc::clone(list));
                break;
            }
            of = style.on.as_ref().and_then(|on| styles.get(on));
        }
    }
    Ok(all)
}

/// What of a count goes on in the list behind it: the levels that look the same.
fn carried(styles: (Option<&Style>, Option<&Style>), mut counts: Counts) -> Counts {
    for (place, count) in counts.iter_mut().enumerate() {
        let level = |style: Option<&Style>| style.and_then(|style| style.get(&place)).cloned();
        let (old, new) = (level(styles.0), level(styles.1));
        if old != new || old.is_none_or(|level| level.bullet.is_some()) {
            *count = None;
        }
    }
    counts
}

/// Counts an item of a level, and tells its number.
fn count(style: &Style, place: usize, start: Option<u32>, counts: &mut Counts) -> Option<String> {
    let level = style.get(&place);
    let slot = counts.get_mut(place)?;
    *slot = Some(match (start, *slot) {
        (Some(start), _) => start,
        (None, Some(count)) => count.saturating_add(1),
        (None, None) => level.map_or(1, |level| level.start),
    });
    for below in counts.iter_mut().skip(place.saturating_add(1)) {
        *below = None;
    }
    let level = level?;
    if let Some(letter) = level.bullet {
        let font = level.font.unwrap_or(Symbols::None);
        let shown = bullet(letter, font);
        // fonts of symbols of other programs
        let private = matches!(shown, '\u{e000}'..='\u{f8ff}');
        return Some(if private { '•' } else { shown }.to_string());
    }
    let mut out = level.before.clone();
    let mut first = true;
    let shown = level.levels.clamp(1, LEVELS);
    for at in place.saturating_add(1).saturating_sub(shown)..=place {
        let Some(of) = style.get(&at).filter(|of| of.format != "none") else {
            continue;
        };
        if !first {
            out.push('.');
        }
        first = false;
        let number = counts.get(at).copied().flatten().unwrap_or(of.start);
        out.push_str(&numeral(number, of.format));
    }
    out.push_str(&level.behind);
    let out = out.trim();
    (!out.is_empty()).then(|| out.to_owned())
}

impl Level {
    fn say(&mut self, attribute: &str, value: &str) {
        let short = || {
            let end = value.floor_char_boundary(MAX_TEXT);
            value.get(..end).unwrap_or_default().to_owned()
        };
        match attribute {
            "bullet-char" => self.bullet = value.chars().next(),
            "num-format" => self.format = format(value),
            "num-prefix" => self.before = short(),
            "num-suffix" => self.behind = short(),
            "display-levels" => self.levels = value.parse().unwrap_or(1),
            "start-value" => self.start = value.parse().unwrap_or(1),
            "font-name" | "font-family" => {
                let name = value.trim().trim_matches('\'');
                self.font = Some(Symbols::named(name));
            }
            _ => {}
        }
    }
}

/// The name of a format as other documents have it (ODF 1.3 part 3, section 20.322). Programs write those of Asia
/// as their first three numbers, parted by commas.
fn format(value: &str) -> &'static str {
    match value.chars().next() {
        None => "none",
        // full width by this list of three, and only by it
        Some('1') if value.starts_with("1,") => "decimalFullWidth",
        Some('a') => "lowerLetter",
        Some('A') => "upperLetter",
        Some('i') => "lowerRoman",
        Some('I') => "upperRoman",
        Some('１') => "decimalFullWidth",
        Some('①') => "decimalEnclosedCircle",
        Some('一') => "japaneseCounting",
        Some('壱') => "japaneseLegal",
        Some('ア' | 'ｱ') => "aiueo",
        Some('イ' | 'ｲ') => "iroha",
        Some('甲') => "ideographTraditional",
        Some('子') => "ideographZodiac",
        Some('0') => "decimalZero",
        Some(_) => "decimal",
    }
}

fn is_level(element: Element) -> bool {
    element.is("text:list-level-style-number")
        || element.is("text:list-level-style-bullet")
        || element.is("text:list-level-style-image")
        || element.is("text:outline-level-style")
}

fn is_item(element: Element) -> bool {
    element.is("text:list-item") || element.is("text:list-header")
}

/// Whether an element is a paragraph or a heading.
pub(super) fn is_paragraph(element: Element) -> bool {
    element.is("text:p") || element.is("text:h")
}
