//! `<style>` blocks: simple rules by element, class and identifier (Selectors 4, in part).
//!
//! Media queries other than `all` and `screen` are for other devices and are left out.

use super::ahead;
use super::color::Color;
use super::names::Name;
use super::style::{self, Declared};
use memchr::memmem;
use mugai_core::{Cx, Refusal, Resource};
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

/// The most selectors that are kept.
const RULES_MAX: usize = 2_000;
/// The most rules that are tried for one element.
const MATCHES_MAX: usize = 64;

/// The rules of a page that say something about what can be seen.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    by_name: BTreeMap<Name, Vec<Rule>>,
    by_class: BTreeMap<String, Vec<Rule>>,
    by_id: BTreeMap<String, Vec<Rule>>,
    count: usize,
    remote: u32,
}

#[derive(Clone, Debug)]
struct Rule {
    /// The element that a class or identifier is bound to.
    name: Option<Name>,
    /// A second class or identifier that must be there, in lower case.
    also: Option<String>,
    declared: Declared,
}

impl Sheet {
    /// Gathers the rules of all style blocks of a page, wherever they stand: a block at the end
    /// hides what stands before it.
    ///
    /// # Errors
    /// [`Refusal::Overrun`] when the purse does not hold the price of reading them.
    pub(super) fn gather(html: &str, cx: &Cx<'_>) -> Result<Self, Refusal> {
        let mut sheet = Self::default();
        for_each_block(html, |media, css| {
            cx.charge_len(Resource::Steps, css.len())?;
            if applies(media) {
                sheet.read(css);
            }
            Ok(())
        })?;
        Ok(sheet)
    }

    /// Whether there is no rule at all.
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many rules or imports would have fetched something.
    pub(super) const fn remote(&self) -> u32 {
        self.remote
    }

    /// What the rules say about an element, the more specific ones last.
    pub(super) fn of(&self, name: Name, class: &str, id: &str) -> Declared {
        let mut sum = Declared::default();
        let class = class.to_ascii_lowercase();
        let id = id.trim().to_ascii_lowercase();
        // asked by as many rules as there are
        let words: LazyCell<BTreeSet<&str>, _> =
            LazyCell::new(|| class.split_ascii_whitespace().collect());
        let mut add = |rules: Option<&Vec<Rule>>| {
            for rule in rules.into_iter().flatten().take(MATCHES_MAX) {
                let named = rule.name.is_none_or(|of| of == name);
                let also = rule
                    .also
                    .as_ref()
                    .is_none_or(|also| words.contains(also.as_str()) || id == *also);
                if named && also {
                    sum.normal.merge(&rule.declared.normal);
                    sum.important.merge(&rule.declared.important);
                }
            }
        };
        add(self.by_name.get(&name));
        for word in class.split_ascii_whitespace().take(MATCHES_MAX) {
            add(self.by_class.get(word));
        }
        if !id.is_empty() {
            add(self.by_id.get(&id));
        }
        sum
    }

    fn read(&mut self, css: &str) {
        let css = without_comments(css);
        let mut rest = css.as_str();
        while let Some((selectors, tail)) = rest.split_once('{') {
            // what stands before the last `;` or `}` is a statement such as `@import`
            let selectors = match selectors.rsplit_once([';', '}']) {
                Some((statement, selectors)) => {
                    if statement.contains("@import") {
                        self.remote = self.remote.saturating_add(1);
                    }
                    selectors
                }
                None => selectors,
            };
            let selectors = selectors.trim().trim_start_matches("<!--").trim_start();
            if let Some(at) = selectors.strip_prefix('@') {
                rest = if is_screen(at) {
                    tail
                } else {
                    skip_block(tail)
                };
                continue;
            }
            let (block, tail) = tail.split_once('}').unwrap_or((tail, ""));
            rest = tail;
            self.add(selectors, block);
        }
        if rest.contains("@import") {
            self.remote = self.remote.saturating_add(1);
        }
    }

    fn add(&mut self, selectors: &str, block: &str) {
        let declared = style::parse(block);
        if declared.remote {
            self.remote = self.remote.saturating_add(1);
        }
        if declared.normal == style::Delta::default()
            && declared.important == style::Delta::default()
        {
            return;
        }
        for selector in selectors.split(',') {
            if self.count >= RULES_MAX {
                return;
            }
            self.add_one(selector.trim(), declared);
        }
    }

    /// Keeps the rule if the selector is `name`, `.class`, `#id` or one of these with one more.
    /// Of a selector with ancestors only the colours are kept, and as unknown ones: they must not
    /// make visible text look hidden. Lines around cells are kept as they are: they hide nothing.
    fn add_one(&mut self, selector: &str, declared: Declared) {
        let last = selector
            .rsplit([' ', '\t', '\n', '\r', '>', '+', '~'])
            .next()
            .unwrap_or("");
        let mut declared = declared;
        if last.len() != selector.len() {
            let Declared {
                normal, important, ..
            } = declared;
            let unknown = |said: bool| said.then_some(Color::Unknown);
            declared = Declared::default();
            declared.normal.paper = unknown(normal.paper.is_some() || important.paper.is_some());
            declared.normal.ink = unknown(normal.ink.is_some() || important.ink.is_some());
            declared.normal.picture = normal.picture.filter(|picture| *picture);
            declared.normal.ruled = normal.ruled.filter(|ruled| *ruled);
            if declared == Declared::default() {
                return;
            }
        }
        if last.is_empty() || last.contains([':', '[', '*', '(', '\\']) {
            return;
        }
        let lower = last.to_ascii_lowercase();
        let end = lower.find(['.', '#']).unwrap_or(lower.len());
        let (name, marks) = lower.split_at_checked(end).unwrap_or((&lower, ""));
        let name = (!name.is_empty()).then(|| Name::of(name.as_bytes()));
        let by_id = marks.starts_with('#');
        let mut words = marks.split(['.', '#']).filter(|word| !word.is_empty());
        let first = words.next();
        let also = words.next().map(str::to_owned);
        if words.next().is_some() || (name == Some(Name::Other)) {
            return;
        }
        let rule = Rule {
            name,
            also,
            declared,
        };
        match (first, name) {
            (Some(id), _) if by_id => self.by_id.entry(id.to_owned()).or_default().push(rule),
            (Some(class), _) => self
                .by_class
                .entry(class.to_owned())
                .or_default()
                .push(rule),
            (None, Some(name)) => self.by_name.entry(name).or_default().push(rule),
            (None, None) => return,
        }
        self.count = self.count.saturating_add(1);
    }
}

/// Calls `each` with the start tag and the content of every style block outside of comments.
fn for_each_block<'h>(
    html: &'h str,
    mut each: impl FnMut(&'h str, &'h str) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut rest = html;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let Some((_, tag)) = rest.split_at_checked(at) else {
            break;
        };
        rest = tag.get(1..).unwrap_or("");
        if let Some(comment) = tag.strip_prefix("<!--") {
            rest = ahead::behind_comment(comment);
        } else if is_tag(tag, "<script") {
            rest = behind(tag, b"</script");
        } else if is_tag(tag, "<style") {
            let (head, content) = tag.split_once('>').unwrap_or((tag, ""));
            let length = end_tag(content, b"</style").unwrap_or(content.len());
            let (css, tail) = content.split_at_checked(length).unwrap_or((content, ""));
            each(head, css)?;
            rest = tail;
        }
    }
    Ok(())
}

fn is_tag(text: &str, tag: &str) -> bool {
    let bytes = text.as_bytes();
    bytes
        .get(..tag.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(tag.as_bytes()))
        && bytes
            .get(tag.len())
            .is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
}

fn behind<'t>(text: &'t str, end: &[u8]) -> &'t str {
    end_tag(text, end)
        .and_then(|at| text.get(at..))
        .unwrap_or("")
}

/// Where an end tag begins, in any case of letters.
fn end_tag(text: &str, end: &[u8]) -> Option<usize> {
    memmem::find_iter(text.as_bytes(), b"</").find(|at| {
        text.as_bytes()
            .get(*at..at.saturating_add(end.len()))
            .is_some_and(|found| found.eq_ignore_ascii_case(end))
    })
}

/// Whether a style block is for the screen, by its start tag.
fn applies(tag: &str) -> bool {
    let tag = tag.to_ascii_lowercase();
    match tag.split_once("media") {
        Some((_, media)) => {
            (media.contains("all") || media.contains("screen")) && !media.contains('(')
        }
        None => true,
    }
}

fn is_screen(at: &str) -> bool {
    let lower = at.trim().to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "media all" | "media screen" | "media screen, print"
    )
}

/// What follows the block whose `{` was just read.
fn skip_block(css: &str) -> &str {
    let mut depth = 1u32;
    for (at, byte) in css.bytes().enumerate() {
        match byte {
            b'{' => depth = depth.saturating_add(1),
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return css.get(at.saturating_add(1)..).unwrap_or("");
        }
    }
    ""
}

fn without_comments(css: &str) -> String {
    let mut out = String::new();
    let mut rest = css;
    while let Some((head, comment)) = rest.split_once("/*") {
        out.push_str(head);
        rest = comment.split_once("*/").map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}
