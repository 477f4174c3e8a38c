//! Bookmarks, names of pages, and links (ISO 32000-1, 12.3, 12.4.2, 12.5.6.5, 12.6.4.7).

use super::{File, Sheet, hundredths};
use mugai_core::contents::{Entry, Link, Spot, Way};
use mugai_core::{Contents, Line, Refusal};

use pdf_writer::{Array, Dict, Finish, Name, Null, Ref, Str};

/// Writes the bookmarks and tells the number of their root, if there are any.
pub(super) fn write(
    contents: &Contents,
    pages: &[Ref],
    sheets: &[Sheet],
    file: &mut File,
) -> Result<Option<Ref>, Refusal> {
    let entries = contents.entries();
    if entries.is_empty() {
        return Ok(None);
    }
    let root = file.id();
    let ids: Vec<Ref> = entries.iter().map(|_| file.id()).collect();
    let tree = Tree { entries, ids, root };
    let tops = tree.children(None);
    let mut dict = file.object().indirect(root).dict();
    dict.pair(Name(b"Type"), Name(b"Outlines"));
    tree.ends(&tops, &mut dict);
    dict.pair(Name(b"Count"), number(tops.len()));
    dict.finish();
    for (index, entry) in entries.iter().enumerate() {
        let mut dict = file.object().indirect(tree.id(index)).dict();
        let title = shown(&entry.title);
        let title = if title.is_empty() { "-" } else { &title };
        dict.pair(Name(b"Title"), Str(&utf16(title)));
        let parent = tree.parent(index);
        dict.pair(Name(b"Parent"), parent.map_or(root, |index| tree.id(index)));
        if let Some(before) = tree.beside(index, false) {
            dict.pair(Name(b"Prev"), tree.id(before));
        }
        if let Some(next) = tree.beside(index, true) {
            dict.pair(Name(b"Next"), tree.id(next));
        }
        let below = tree.children(Some(index));
        if !below.is_empty() {
            tree.ends(&below, &mut dict);
            // they are folded
            dict.pair(Name(b"Count"), number(below.len()).saturating_neg());
        }
        if let Some(to) = entry.to {
            destination(to, pages, sheets, &mut dict)?;
        }
        dict.finish();
    }
    Ok(Some(root))
}

struct Tree<'c> {
    entries: &'c [Entry],
    ids: Vec<Ref>,
    root: Ref,
}

impl Tree<'_> {
    fn id(&self, index: usize) -> Ref {
        self.ids.get(index).copied().unwrap_or(self.root)
    }

    fn level(&self, index: usize) -> u8 {
        self.entries.get(index).map_or(0, |entry| entry.level)
    }

    /// The entry that `index` stands below.
    fn parent(&self, index: usize) -> Option<usize> {
        let above = self.level(index).checked_sub(1)?;
        (0..index).rev().find(|other| self.level(*other) == above)
    }

    /// The next entry of the same level and parent, or the one before.
    fn beside(&self, index: usize, is_next: bool) -> Option<usize> {
        let level = self.level(index);
        let found = |other: &usize| self.level(*other) <= level;
        let other = if is_next {
            (index.saturating_add(1)..self.entries.len()).find(found)
        } else {
            (0..index).rev().find(found)
        };
        other.filter(|other| self.level(*other) == level)
    }

    /// The entries right below one, or all of the first level.
    fn children(&self, of: Option<usize>) -> Vec<usize> {
        let first = of.map_or(0, |index| index.saturating_add(1));
        let level = of.map_or(0, |index| self.level(index).saturating_add(1));
        (first..self.entries.len())
            .take_while(|index| self.level(*index) >= level)
            .filter(|index| self.level(*index) == level)
            .collect()
    }

    fn ends(&self, of: &[usize], dict: &mut Dict<'_>) {
        if let (Some(first), Some(last)) = (of.first(), of.last()) {
            dict.pair(Name(b"First"), self.id(*first))
                .pair(Name(b"Last"), self.id(*last));
        }
    }
}

fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A line with what is live in it made harmless.
fn shown(line: &Line) -> String {
    let (harmless, _) = crate::text(line.as_str().to_owned());
    let (line, _) = Line::clean(harmless.closed());
    line.as_str().to_owned()
}

/// A text string (ISO 32000-2, 7.9.2.2), always in UTF-16, so that it has one spelling.
fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_be_bytes);
    [0xFE, 0xFF].into_iter().chain(units).collect()
}

/// Writes the names of pages into the catalog.
pub(super) fn labels(
    contents: &Contents,
    pages: usize,
    catalog: &mut Dict<'_>,
) -> Result<(), Refusal> {
    let labels = contents.labels();
    if labels.is_empty() {
        return Ok(());
    }
    if labels.len() != pages {
        return Err(Refusal::malformed("pdf: names of other pages"));
    }
    let mut tree = catalog.insert(Name(b"PageLabels")).dict();
    let mut list = tree.insert(Name(b"Nums")).array();
    for (index, label) in labels.iter().enumerate() {
        list.item(number(index));
        let mut dict = list.push().dict();
        dict.pair(Name(b"P"), Str(&utf16(&shown(label))));
    }
    list.finish();
    tree.finish();
    Ok(())
}

/// Writes a link on `sheet` into its list.
pub(super) fn link(
    link: &Link,
    sheet: &Sheet,
    pages: &[Ref],
    sheets: &[Sheet],
    list: &mut Array<'_>,
) -> Result<(), Refusal> {
    let [left, top, right, bottom] = link.area;
    let mut dict = list.push().dict();
    dict.pair(Name(b"Type"), Name(b"Annot"))
        .pair(Name(b"Subtype"), Name(b"Link"));
    dict.insert(Name(b"Rect")).array().items([
        i32::from(left),
        above(sheet, bottom),
        i32::from(right),
        above(sheet, top),
    ]);
    dict.insert(Name(b"Border")).array().items([0, 0, 0]);
    match &link.to {
        Way::Spot(spot) => destination(*spot, pages, sheets, &mut dict),
        Way::Address(address) => {
            // parentheses would have two spellings in a string
            let address = address.replace('(', "%28").replace(')', "%29");
            dict.insert(Name(b"A"))
                .dict()
                .pair(Name(b"S"), Name(b"URI"))
                .pair(Name(b"URI"), Str(address.as_bytes()));
            Ok(())
        }
    }
}

/// How far from the lower edge of `sheet` something is that is `down` points from the upper one.
fn above(sheet: &Sheet, down: u16) -> i32 {
    let height = hundredths(sheet.size.1).div_euclid(100);
    let height = i32::try_from(height).unwrap_or(i32::MAX);
    height.saturating_sub(i32::from(down)).max(0)
}

fn destination(
    to: Spot,
    pages: &[Ref],
    sheets: &[Sheet],
    dict: &mut Dict<'_>,
) -> Result<(), Refusal> {
    let index = usize::try_from(to.page).unwrap_or(usize::MAX);
    let (Some(page), Some(sheet)) = (pages.get(index), sheets.get(index)) else {
        return Err(Refusal::malformed("pdf: a way to a page that is not there"));
    };
    let mut place = dict.insert(Name(b"Dest")).array();
    place.item(*page).item(Name(b"XYZ")).item(Null);
    place.item(above(sheet, to.down)).item(Null);
    place.finish();
    Ok(())
}
