//! Metadata of cells that say of a formula that its results take as many cells as they need ([MS-XLSX] 2.3.8; ECMA-376
//! part 1, section 18.9). Programs show a formula without them as one of an array, and know no `A1#`. Nothing else that
//! metadata say is told.

use super::xml;
use mugai_core::{Cx, Refusal, Resource};
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeSet;

/// The name of this kind of metadata.
const NAME: &str = "XLDAPR";
/// The most cell metadata of a workbook that are looked at: programs write one.
const MAX_CELLS: usize = 10_000;

/// What the metadata of a workbook say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dynamic {
    /// The numbers of those that are told, from 1, as cells have them.
    numbers: BTreeSet<u32>,
    /// Whether there are others.
    pub(super) others: bool,
}

impl Dynamic {
    /// Of metadata that cannot be read.
    pub(super) const fn unread() -> Self {
        Self {
            numbers: BTreeSet::new(),
            others: true,
        }
    }

    /// Whether the metadata of this number are told.
    pub(super) fn has(&self, number: &str) -> bool {
        let number = number.trim().parse();
        number.is_ok_and(|number| self.numbers.contains(&number))
    }

    /// Reads the part of metadata.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for XML that is broken.
    pub(super) fn read(bytes: &[u8], cx: &Cx<'_>) -> Result<Self, Refusal> {
        let text = xml::decode(bytes, cx)?;
        let mut reader = xml::reader(&text);
        let mut scan = Scan::default();
        while let Some(event) = xml::next(&mut reader)? {
            match event {
                Event::Start(start) => {
                    cx.charge(Resource::Steps, 8)?;
                    scan.begin(&start)?;
                    let list = xml::split(start.name().0).1;
                    match list {
                        "futureMetadata" => scan.list = List::Future,
                        "cellMetadata" => scan.list = List::Cells,
                        "valueMetadata" => scan.list = List::Values,
                        _ => {}
                    }
                }
                Event::Empty(start) => {
                    cx.charge(Resource::Steps, 8)?;
                    scan.begin(&start)?;
                }
                Event::End(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::GeneralRef(_)
                | Event::Comment(_)
                | Event::PI(_)
                | Event::Decl(_)
                | Event::DocType(_)
                | Event::Eof => {}
            }
        }
        Ok(scan.told())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum List {
    #[default]
    None,
    /// What a kind of metadata of its own says.
    Future,
    /// Which of them cells have, and values.
    Cells,
    Values,
}

#[derive(Debug, Default)]
struct Scan {
    list: List,
    /// Kinds of metadata by their order, and which of them is ours.
    kinds: u32,
    ours: Option<u32>,
    /// Whether the list is that of our kind, how many entries of it were begun, and which say so.
    own: bool,
    entries: u32,
    dynamic: BTreeSet<u32>,
    /// Of each that cells may have: kind and entry.
    cells: Vec<Option<(u32, u32)>>,
    others: bool,
}

impl Scan {
    fn begin(&mut self, start: &BytesStart<'_>) -> Result<(), Refusal> {
        let all = xml::attributes(start)?;
        let get = |name: &str| {
            let found = all.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.as_ref())
        };
        let number = |name: &str| get(name).and_then(|value| value.parse::<u32>().ok());
        match (xml::split(start.name().0).1, self.list) {
            ("metadataType", _) => {
                self.kinds = self.kinds.saturating_add(1);
                if get("name") == Some(NAME) {
                    self.ours = Some(self.kinds);
                } else {
                    self.others = true;
                }
            }
            ("futureMetadata", _) => {
                self.own = get("name") == Some(NAME);
                self.entries = 0;
            }
            ("bk", List::Future) => self.entries = self.entries.saturating_add(1),
            ("dynamicArrayProperties", List::Future) if self.own => {
                if matches!(get("fDynamic"), Some("1" | "true")) {
                    self.dynamic.extend(self.entries.checked_sub(1));
                }
            }
            ("bk", List::Cells) if self.cells.len() < MAX_CELLS => self.cells.push(None),
            ("rc", List::Cells) => {
                if let Some(last) = self.cells.last_mut() {
                    *last = number("t").zip(number("v"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn told(self) -> Dynamic {
        let is_told = |said: &Option<(u32, u32)>| {
            said.is_some_and(|(kind, entry)| {
                Some(kind) == self.ours && self.dynamic.contains(&entry)
            })
        };
        let numbered = (1u32..).zip(&self.cells);
        Dynamic {
            numbers: numbered
                .filter(|(_, said)| is_told(said))
                .map(|(number, _)| number)
                .collect(),
            others: self.others,
        }
    }
}
