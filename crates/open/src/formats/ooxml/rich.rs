//! Pictures in cells ([MS-XLSX] 2.3.8, 2.6.240 and on): the value of such a cell is an error for programs that do not know
//! them, and says by its number in a list of lists which picture it is. They become pictures over their cells.

mod size;

use super::package::{Package, Relations, Target};
use super::xml;
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Builder, Event};
use mugai_core::{Cx, Family, FindingCode, Markup, Refusal, Resource, Treatment};
use quick_xml::events::Event as Xml;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The most pictures in cells of one workbook, and the most values that the lists may have.
const MAX_PICTURES: usize = 2_000;
const MAX_VALUES: usize = 1 << 20;
/// The last words of the types of the relationships that lead to the lists.
const METADATA: &str = "sheetMetadata";
const VALUES: &str = "rdRichValue";
const STRUCTURES: &str = "rdRichValueStructure";
const LOCAL: &str = "richValueRel";
const WEB: &str = "rdRichValueWebImage";

/// What a value of a cell is a picture by: the field with its number in the list of pictures of the workbook, or of those
/// that came from pages.
const KEYS: [(&str, &str); 2] = [
    ("_rvRel:LocalImageIdentifier", LOCAL),
    ("WebImageIdentifier", WEB),
];

/// What the lists of a workbook say, and what was taken of it.
#[derive(Default)]
pub(super) struct Rich {
    /// The pictures of values, by their number from 0; `None` for values that are none.
    values: Vec<Option<String>>,
    /// How many cells were pictures.
    count: usize,
    /// How wide and high pictures are that were looked at.
    sizes: BTreeMap<String, Option<(u64, u64)>>,
}

/// A field of a value that names a picture: its place, and the list of pictures that its number is of.
type Field = (usize, &'static str);

impl Rich {
    /// Reads the lists of a workbook. Where they do not fit together there are no pictures.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for XML that is broken, [`Refusal::Overrun`].
    pub(super) fn read(package: &Package<'_>, cx: &mut Cx<'_>) -> Result<Self, Refusal> {
        let Some(book) = package.parts().first() else {
            return Ok(Self::default());
        };
        let of = |kind: &str| path(&book.relations, kind);
        let (Some(metadata), Some(values), Some(structures)) =
            (of(METADATA), of(VALUES), of(STRUCTURES))
        else {
            return Ok(Self::default());
        };
        let fields = fields(&text(package, structures, cx)?, cx)?;
        let mut local = Vec::new();
        let mut web = Vec::new();
        if let Some(path) = of(LOCAL) {
            local = pictures(package, path, "rel", cx)?;
        }
        if let Some(path) = of(WEB) {
            web = pictures(package, path, "blip", cx)?;
        }
        let values = self::values(&text(package, values, cx)?, &fields, cx)?;
        let numbers = numbers(&text(package, metadata, cx)?, cx)?;
        let mut all = Vec::new();
        for number in numbers {
            let value = number.and_then(|number| values.get(number).copied().flatten());
            let picture = value.and_then(|(list, number)| {
                let list = if list == LOCAL { &local } else { &web };
                list.get(number).cloned().flatten()
            });
            let length = picture.as_ref().map_or(0, String::len);
            cx.charge_len(Resource::Bytes, length.saturating_add(24))?;
            all.push(picture);
        }
        Ok(Self {
            values: all,
            ..Self::default()
        })
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }

    /// The cells of a sheet that are pictures: column, row, and the path of the picture.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(super) fn cells(
        &mut self,
        package: &Package<'_>,
        path: &str,
        cx: &mut Cx<'_>,
    ) -> Result<Vec<Cell>, Refusal> {
        let mut cells = Vec::new();
        let text = text(package, path, cx)?;
        // most sheets have none
        if !text.contains("vm") {
            return Ok(cells);
        }
        let treatments = &cx.assignment().treatments;
        let is_text = treatments.of(Family::Sheet) == Treatment::Text;
        let mut grid = size::Grid::new();
        let mut reader = xml::reader(&text);
        while let Some(event) = xml::next(&mut reader)? {
            let (Xml::Start(start) | Xml::Empty(start)) = event else {
                continue;
            };
            if xml::split(start.name().0).1 != "c" {
                grid.begin(&start)?;
                continue;
            }
            let attributes = xml::attributes(&start)?;
            // numbers of values are counted from 1
            let number = get(&attributes, "vm").and_then(|vm| vm.parse::<usize>().ok());
            let picture =
                number.and_then(|number| self.values.get(number.checked_sub(1)?)?.as_ref());
            let place = get(&attributes, "r").and_then(place);
            if let (Some((column, row)), Some(picture)) = (place, picture) {
                if self.count >= MAX_PICTURES {
                    cx.note(FindingCode::OfficePart);
                    continue;
                }
                self.count = self.count.saturating_add(1);
                cx.charge_len(Resource::Bytes, picture.len().saturating_add(96))?;
                // wide columns are looked for one after the other
                cx.charge(Resource::Steps, 1_024)?;
                let own = match self.sizes.get(picture) {
                    Some(own) => *own,
                    // texts have no pictures, which would be paid for
                    None if is_text => None,
                    None => {
                        let content = package.content(picture, cx)?.unwrap_or_default();
                        let own = size::of_picture(&content);
                        self.sizes.insert(picture.clone(), own);
                        own
                    }
                };
                cells.push(Cell {
                    column,
                    row,
                    within: size::within(grid.cell(column), own),
                    picture: picture.clone(),
                });
            }
        }
        Ok(cells)
    }
}

/// A cell that is a picture.
pub(super) struct Cell {
    pub(super) column: u64,
    pub(super) row: u64,
    /// Left, top, right and bottom of the picture in the cell, in pixels.
    pub(super) within: [u64; 4],
    pub(super) picture: String,
}

/// A sheet in which these cells have no value: what stood there is an error, which the picture lies over.
///
/// # Errors
/// [`Refusal::Internal`]
pub(super) fn without_values(sheet: &Markup, cells: &[Cell]) -> Result<Markup, Refusal> {
    let places: BTreeSet<(u64, u64)> = cells.iter().map(|cell| (cell.column, cell.row)).collect();
    let mut out = Builder::new(sheet.kind());
    for number in sheet.needs() {
        out.need(*number);
    }
    let mut open: Vec<Element> = Vec::new();
    // whether the cell that is open is one of them, and how deep in its value the reader is
    let (mut here, mut inside) = (false, 0usize);
    for event in sheet.events() {
        match event {
            Event::Open(element) => {
                here &= !element.is("x:c");
                let value = ["x:v", "x:f", "x:is"].iter().any(|name| element.is(name));
                if inside > 0 || (here && value) {
                    inside = inside.saturating_add(1);
                }
                open.push(element);
            }
            Event::Attribute(attribute, value) if open.last().is_some_and(|e| e.is("x:c")) => {
                match attribute.local() {
                    "r" => here = place(value).is_some_and(|place| places.contains(&place)),
                    "t" if here => continue,
                    _ => {}
                }
            }
            Event::Close => {
                open.pop();
                if inside > 0 {
                    inside = inside.saturating_sub(1);
                    continue;
                }
            }
            Event::Attribute(..) | Event::Reference(..) | Event::Link(..) | Event::Text(_) => {}
        }
        if inside == 0 {
            out.push(event)?;
        }
    }
    out.finish()
}

fn path<'r>(relations: &'r Relations, kind: &str) -> Option<&'r str> {
    let found = relations
        .values()
        .find(|relation| relation.kind.rsplit('/').next() == Some(kind))?;
    match &found.target {
        Target::Inside(path) => Some(path),
        Target::Outside(_) => None,
    }
}

fn text(package: &Package<'_>, path: &str, cx: &Cx<'_>) -> Result<String, Refusal> {
    let bytes = package.content(path, cx)?.unwrap_or_default();
    if bytes.is_empty() {
        return Ok(String::new());
    }
    Ok(xml::decode(&bytes, cx)?.into_owned())
}

fn get<'v>(attributes: &'v [(&str, Cow<'_, str>)], name: &str) -> Option<&'v str> {
    let found = attributes.iter().find(|(key, _)| xml::split(key).1 == name);
    found.map(|(_, value)| value.as_ref())
}

/// The fields of values by their structures: which of them names a picture.
fn fields(text: &str, cx: &Cx<'_>) -> Result<Vec<Option<Field>>, Refusal> {
    let mut all: Vec<Option<Field>> = Vec::new();
    let mut place = 0usize;
    let mut reader = xml::reader(text);
    while let Some(event) = xml::next(&mut reader)? {
        let (Xml::Start(start) | Xml::Empty(start)) = event else {
            continue;
        };
        cx.charge(Resource::Bytes, 32)?;
        match xml::split(start.name().0).1 {
            "s" => {
                place = 0;
                all.push(None);
            }
            "k" => {
                let attributes = xml::attributes(&start)?;
                let name = get(&attributes, "n").unwrap_or_default();
                let list = KEYS.iter().find(|(key, _)| *key == name);
                if let (Some((_, list)), Some(field)) = (list, all.last_mut()) {
                    *field = Some((place, *list));
                }
                place = place.saturating_add(1);
            }
            _ => {}
        }
    }
    Ok(all)
}

/// The values: for those that are pictures the list and the number there.
fn values(
    text: &str,
    fields: &[Option<Field>],
    cx: &Cx<'_>,
) -> Result<Vec<Option<(&'static str, usize)>>, Refusal> {
    let mut all = Vec::new();
    let (mut field, mut place, mut said) = (None, 0usize, String::new());
    let mut reader = xml::reader(text);
    while let Some(event) = xml::next(&mut reader)? {
        match event {
            Xml::Start(start) | Xml::Empty(start)
                if xml::split(start.name().0).1 == "rv" && all.len() < MAX_VALUES =>
            {
                cx.charge(Resource::Bytes, 32)?;
                let attributes = xml::attributes(&start)?;
                let structure = get(&attributes, "s").and_then(|s| s.parse::<usize>().ok());
                field = structure.and_then(|s| fields.get(s).copied().flatten());
                place = 0;
                all.push(None);
            }
            // a value of nothing has a place, too
            Xml::Empty(start) if xml::split(start.name().0).1 == "v" => {
                place = place.saturating_add(1);
            }
            Xml::Start(_) => said.clear(),
            Xml::Text(run) => said.push_str(&run.xml10_content()),
            Xml::End(end) if xml::split(end.name().0).1 == "v" => {
                if let (Some((at, list)), Some(value)) = (field, all.last_mut())
                    && at == place
                {
                    *value = said.trim().parse().ok().map(|number| (list, number));
                }
                place = place.saturating_add(1);
            }
            Xml::Empty(_)
            | Xml::End(_)
            | Xml::CData(_)
            | Xml::GeneralRef(_)
            | Xml::Comment(_)
            | Xml::PI(_)
            | Xml::Decl(_)
            | Xml::DocType(_)
            | Xml::Eof => {}
        }
    }
    Ok(all)
}

/// The pictures of a list, which elements of a name refer to.
fn pictures(
    package: &Package<'_>,
    list: &str,
    name: &str,
    cx: &mut Cx<'_>,
) -> Result<Vec<Option<String>>, Refusal> {
    let relations = package.relations_of(list, cx)?;
    let text = text(package, list, cx)?;
    let mut all = Vec::new();
    let mut reader = xml::reader(&text);
    while let Some(event) = xml::next(&mut reader)? {
        let (Xml::Start(start) | Xml::Empty(start)) = event else {
            continue;
        };
        let local = xml::split(start.name().0).1;
        // one without a picture has a number, too
        if local == "webImageSrd" || local == "rel" {
            cx.charge(Resource::Bytes, 64)?;
            all.push(None);
        }
        if local != name {
            continue;
        }
        let attributes = xml::attributes(&start)?;
        let relation = get(&attributes, "id").and_then(|id| relations.get(id));
        let relation = relation.filter(|relation| relation.kind == "image");
        if let (Some(Target::Inside(path)), Some(slot)) =
            (relation.map(|relation| &relation.target), all.last_mut())
            && package.has(path)
        {
            cx.charge_len(Resource::Bytes, path.len())?;
            *slot = Some(path.clone());
        }
    }
    Ok(all)
}

/// What the numbers of cells mean, from the first on: the number of a value.
fn numbers(text: &str, cx: &Cx<'_>) -> Result<Vec<Option<usize>>, Refusal> {
    // kinds of metadata are counted from 1
    let (mut kinds, mut rich) = (0usize, None);
    let (mut in_future, mut in_values) = (false, false);
    let mut future: Vec<Option<usize>> = Vec::new();
    let mut all: Vec<Option<(usize, usize)>> = Vec::new();
    let mut reader = xml::reader(text);
    while let Some(event) = xml::next(&mut reader)? {
        let (Xml::Start(start) | Xml::Empty(start)) = event else {
            continue;
        };
        let attributes = xml::attributes(&start)?;
        let is_rich = get(&attributes, "name") == Some("XLRICHVALUE");
        let number = |name: &str| get(&attributes, name).and_then(|n| n.parse::<usize>().ok());
        cx.charge(Resource::Steps, 4)?;
        match xml::split(start.name().0).1 {
            "metadataType" => {
                kinds = kinds.saturating_add(1);
                if is_rich {
                    rich = Some(kinds);
                }
            }
            "futureMetadata" => (in_future, in_values) = (is_rich, false),
            "cellMetadata" => (in_future, in_values) = (false, false),
            "valueMetadata" => (in_future, in_values) = (false, true),
            "bk" => {
                cx.charge(Resource::Bytes, 32)?;
                if in_future {
                    future.push(None);
                } else if in_values {
                    all.push(None);
                }
            }
            "rvb" if in_future => {
                if let Some(slot) = future.last_mut() {
                    *slot = number("i");
                }
            }
            "rc" if in_values => {
                if let (Some(slot), Some(kind)) = (all.last_mut(), number("t")) {
                    *slot = slot.or(number("v").map(|value| (kind, value)));
                }
            }
            _ => {}
        }
    }
    let meant = all.into_iter().map(|of| {
        let (kind, value) = of?;
        future
            .get(value)
            .copied()
            .flatten()
            .filter(|_| Some(kind) == rich)
    });
    Ok(meant.collect())
}

/// The column and the row of a cell, from 0: 28 and 6 for `AC7`. `None` for what is no cell of a sheet.
pub(super) fn place(cell: &str) -> Option<(u64, u64)> {
    let letters = cell.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, row) = cell.split_at_checked(letters)?;
    let column = letters.bytes().try_fold(0u64, |sum, byte| {
        let digit = u64::from(byte.to_ascii_uppercase().checked_sub(b'A')?).checked_add(1)?;
        sum.checked_mul(26)?.checked_add(digit)
    })?;
    let row = row.parse::<u64>().ok()?.checked_sub(1)?;
    let column = column.checked_sub(1)?;
    (column < 16_384 && row < 1_048_576).then_some((column, row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_where_their_names_say() {
        for (cell, want) in [
            ("A1", Some((0, 0))),
            ("AC7", Some((28, 6))),
            ("xfd1048576", Some((16_383, 1_048_575))),
            ("XFE1", None),
            ("A1048577", None),
            ("A0", None),
            ("7", None),
            ("A", None),
            ("AAAAAAAAAAAAAAAAAAAA1", None),
        ] {
            assert_eq!(place(cell), want, "{cell}");
        }
    }
}
