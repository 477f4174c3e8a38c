//! Bookmarks, names of pages and links: text and places of the document, in their one spelling.

use super::PageFacts;
use super::walker::{Cursor, next_id};
use crate::text;
use mugai_core::Violation;

/// The furthest place on a page, in points.
const MAX_POINTS: i64 = 14_400;
/// The most characters of a bookmark, what is made harmless in it included.
const MAX_TITLE: usize = 1_200;
/// The most characters of the name of a page.
const MAX_LABEL: usize = 160;
/// The longest address, in bytes: each parenthesis of 2,000 may have become three.
const MAX_ADDRESS: usize = 6_000;
/// The deepest bookmark.
const MAX_LEVELS: usize = 32;

/// A link of a page.
pub(super) struct Link {
    /// Where it leads.
    pub(super) to: To,
    /// Where it stands in the file.
    at: usize,
}

/// Where a link leads.
pub(super) enum To {
    /// Object number of a page.
    Page(u32),
    /// A page or a mail address.
    Address(String),
}

/// The bookmarks.
#[derive(Default)]
pub(super) struct Ways {
    /// Object number of their root, where there are any.
    pub(super) root: Option<u32>,
    /// Object numbers of all of them, and of the pages that they lead to.
    pub(super) entries: Vec<(u32, Option<u32>)>,
}

/// Reads the links of a page, if it has any.
pub(super) fn links(cursor: &mut Cursor<'_>) -> Result<Vec<Link>, Violation> {
    let mut links = Vec::new();
    if !cursor.skips(b"/Annots[") {
        return Ok(links);
    }
    while !cursor.skips(b"]") {
        let at = cursor.at;
        let bad = || Violation::at("pdf: link", at);
        cursor.expect(b"<</Type/Annot/Subtype/Link/Rect[")?;
        let sides = cursor.list(0..=MAX_POINTS)?;
        let [left, bottom, right, top] = *sides.as_array::<4>().ok_or_else(bad)?;
        if left >= right || bottom > top {
            return Err(bad());
        }
        cursor.expect(b"/Border[0 0 0]")?;
        let to = if cursor.skips(b"/A<</S/URI/URI(") {
            let address = cursor.until(b")")?.strip_suffix(b")");
            let address = address.and_then(|text| std::str::from_utf8(text).ok());
            let address = address.filter(|text| is_address(text)).ok_or_else(bad)?;
            cursor.expect(b">>")?;
            To::Address(address.to_owned())
        } else {
            To::Page(destination(cursor)?)
        };
        cursor.expect(b">>")?;
        links.push(Link { to, at });
    }
    if links.is_empty() {
        return Err(cursor.bad("pdf: no links"));
    }
    Ok(links)
}

/// `/Dest[12 0 R/XYZ null 500 null]`: the number of the page.
fn destination(cursor: &mut Cursor<'_>) -> Result<u32, Violation> {
    cursor.expect(b"/Dest[")?;
    let page = cursor.number(u32::MAX)?;
    cursor.expect(b" 0 R/XYZ null ")?;
    cursor.whole(0..=MAX_POINTS)?;
    cursor.expect(b" null]")?;
    Ok(page)
}

/// Checks that links lead to pages.
pub(super) fn check_links(pages: &[PageFacts<'_>]) -> Result<(), Violation> {
    let mut links = pages.iter().flat_map(|page| &page.links);
    match links.find(|link| matches!(link.to, To::Page(page) if !is_page(pages, page))) {
        Some(link) => Err(Violation::at("pdf: a link to no page", link.at)),
        None => Ok(()),
    }
}

/// Whether `address` is a page, with nothing before its host, or one mail address: `https://a.jp/b`,
/// `mailto:a@b.jp`.
fn is_address(address: &str) -> bool {
    let is_known = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%".contains(&b);
    if address.len() > MAX_ADDRESS || !address.bytes().all(is_known) {
        return false;
    }
    if let Some(mail) = address.strip_prefix("mailto:") {
        let (name, domain) = mail.split_once('@').unwrap_or_default();
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
        return [name, domain]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(is_plain));
    }
    let mut schemes = ["https://", "http://"].iter();
    let Some(rest) = schemes.find_map(|scheme| address.strip_prefix(scheme)) else {
        return false;
    };
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = place.split_once(':').unwrap_or((place, "80"));
    let is_host = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
    !host.split('.').any(str::is_empty)
        && host.bytes().all(is_host)
        && port.parse::<u16>().is_ok()
        && port.bytes().all(|b| b.is_ascii_digit())
}

fn is_page(pages: &[PageFacts<'_>], id: u32) -> bool {
    pages.binary_search_by_key(&id, |page| page.id).is_ok()
}

/// One bookmark, as far as it is not given by the others.
struct Entry {
    parent: u32,
    digits: String,
    to: Option<(u32, String)>,
    start: usize,
    end: usize,
}

/// Reads the bookmarks, if there are any.
pub(super) fn read(
    cursor: &mut Cursor<'_>,
    pages: &[PageFacts<'_>],
    offsets: &mut Vec<usize>,
) -> Result<Ways, Violation> {
    let root = next_id(offsets);
    let root_at = cursor.at;
    if !cursor.skips(format!("{root} 0 obj\n<</Type/Outlines").as_bytes()) {
        return Ok(Ways::default());
    }
    offsets.push(root_at);
    cursor.until(b"endobj\n")?;
    let root_end = cursor.at;
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let id = next_id(offsets);
        let start = cursor.at;
        if !cursor.skips(format!("{id} 0 obj\n<</Title<FEFF").as_bytes()) {
            break;
        }
        offsets.push(start);
        entries.push(entry(cursor, pages, start)?);
    }
    // what is left of each is given by the parents, and is spelled again
    let ids: Vec<u32> = (root.saturating_add(1)..).take(entries.len()).collect();
    let family = Family::of(root, &ids, &entries).ok_or(cursor.bad("pdf: order of bookmarks"))?;
    let spelled = format!(
        "{root} 0 obj\n<</Type/Outlines{}/Count {}>>\nendobj\n",
        family.ends(root),
        family.count(root)
    );
    cursor.compare(root_at..root_end, &spelled)?;
    for (id, entry) in ids.iter().zip(&entries) {
        let count = family.count(*id);
        let folded = if count > 0 {
            format!("{}/Count -{count}", family.ends(*id))
        } else {
            String::new()
        };
        let to = entry.to.as_ref().map_or("", |(_, said)| said);
        let spelled = format!(
            "{id} 0 obj\n<</Title<FEFF{}>/Parent {} 0 R{}{folded}{to}>>\nendobj\n",
            entry.digits,
            entry.parent,
            family.beside(*id, entry.parent),
        );
        cursor.compare(entry.start..entry.end, &spelled)?;
    }
    let leads = entries.iter().map(|entry| entry.to.as_ref().map(|to| to.0));
    Ok(Ways {
        root: Some(root),
        entries: ids.iter().copied().zip(leads).collect(),
    })
}

/// Reads a bookmark behind the beginning of its title.
fn entry(
    cursor: &mut Cursor<'_>,
    pages: &[PageFacts<'_>],
    start: usize,
) -> Result<Entry, Violation> {
    let bad = || Violation::at("pdf: bookmark", start);
    let (digits, title) = hexadecimal(cursor).ok_or_else(bad)?;
    let is_long = title.chars().count() > MAX_TITLE;
    if title.is_empty() || is_long || !text::is_clean_line(&title) || !text::is_harmless(&title) {
        return Err(bad());
    }
    cursor.expect(b"/Parent ")?;
    let parent = cursor.number(u32::MAX)?;
    let rest_at = cursor.at;
    let rest = cursor.until(b"endobj\n")?;
    let rest = std::str::from_utf8(rest).map_err(|_| bad())?;
    let to = match rest.find("/Dest[") {
        None => None,
        Some(place) => {
            let end = cursor.at;
            cursor.at = rest_at.saturating_add(place);
            let begin = cursor.at;
            let page = destination(cursor)?;
            let said = cursor.text(begin..cursor.at)?;
            cursor.at = end;
            if !is_page(pages, page) {
                return Err(bad());
            }
            Some((page, said))
        }
    };
    Ok(Entry {
        parent,
        digits,
        to,
        start,
        end: cursor.at,
    })
}

/// Digits up to `>`, which is passed, and the text that they spell in UTF-16.
fn hexadecimal(cursor: &mut Cursor<'_>) -> Option<(String, String)> {
    let digits = cursor.until(b">").ok()?;
    let digits = std::str::from_utf8(digits).ok()?.strip_suffix('>')?;
    let (chunks, rest) = digits.as_bytes().as_chunks::<4>();
    let units = chunks
        .iter()
        .map(|chunk| super::outlines::unit(std::str::from_utf8(chunk).ok()?))
        .collect::<Option<Vec<u16>>>()?;
    let text = String::from_utf16(&units).ok()?;
    rest.is_empty().then_some((digits.to_owned(), text))
}

/// Who stands below whom.
struct Family {
    /// The children of the root and of each bookmark, in their order.
    children: std::collections::BTreeMap<u32, Vec<u32>>,
}

impl Family {
    /// `None` unless each bookmark stands right behind its parent or what is below that.
    fn of(root: u32, ids: &[u32], entries: &[Entry]) -> Option<Self> {
        let mut children: std::collections::BTreeMap<u32, Vec<u32>> =
            std::collections::BTreeMap::new();
        let mut above = vec![root];
        for (id, entry) in ids.iter().zip(entries) {
            while above.last().is_some_and(|last| *last != entry.parent) {
                above.pop();
            }
            // nobody is left where the parent is not above
            above.last()?;
            children.entry(entry.parent).or_default().push(*id);
            above.push(*id);
            if above.len() > MAX_LEVELS.saturating_add(1) {
                return None;
            }
        }
        (!ids.is_empty()).then_some(Self { children })
    }

    fn below(&self, id: u32) -> &[u32] {
        self.children.get(&id).map_or(&[], Vec::as_slice)
    }

    fn count(&self, id: u32) -> usize {
        self.below(id).len()
    }

    fn ends(&self, id: u32) -> String {
        match self.below(id) {
            [] => String::new(),
            [only] => format!("/First {only} 0 R/Last {only} 0 R"),
            [first, .., last] => format!("/First {first} 0 R/Last {last} 0 R"),
        }
    }

    fn beside(&self, id: u32, parent: u32) -> String {
        let all = self.below(parent);
        let place = all.binary_search(&id).unwrap_or(usize::MAX);
        let before = place.checked_sub(1).and_then(|place| all.get(place));
        let next = place.checked_add(1).and_then(|place| all.get(place));
        let say = |key: &str, id: Option<&u32>| {
            id.map_or_else(String::new, |id| format!("/{key} {id} 0 R"))
        };
        [say("Prev", before), say("Next", next)].concat()
    }
}

/// Reads the names of `pages` pages, if they have any.
pub(super) fn labels(cursor: &mut Cursor<'_>, pages: usize) -> Result<bool, Violation> {
    if !cursor.skips(b"/PageLabels<</Nums[") {
        return Ok(false);
    }
    for index in 0..pages {
        cursor.line(&format!("{index}<</P<FEFF"))?;
        let bad = cursor.bad("pdf: name of a page");
        let Some((_, label)) = hexadecimal(cursor) else {
            return Err(bad);
        };
        let is_clean = label.is_empty() || text::is_clean_line(&label);
        if !is_clean || label.chars().count() > MAX_LABEL || !text::is_harmless(&label) {
            return Err(bad);
        }
        cursor.expect(b">>")?;
    }
    cursor.expect(b"]>>")?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_mail_addresses_only() {
        for good in [
            "https://a.jp",
            "http://a.jp:8080/b?c#d",
            "https://a.jp/%E9",
            "mailto:a.b+c@d.jp",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "https://a@b.jp/",
            "https://A.jp/",
            "https://a..jp/",
            "https://a.jp:/",
            "https://a.jp:1x/",
            "https://a.jp/(",
            "https://a.jp/\\",
            "https://a.jp/ ",
            "HTTPS://a.jp",
            "ftp://a.jp/",
            "file:///c",
            "//a.jp",
            "javascript:x",
            "mailto:",
            "mailto:a",
            "mailto:a@b.jp?subject=x",
            "mailto:a@b@c",
            "mailto:a@b,c@d",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
