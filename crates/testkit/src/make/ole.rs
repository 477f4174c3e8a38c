//! Compound files of streams that are written out ([MS-CFB], version 3).

use super::{Chunk, Kitchen, MakeError};
use serde::Deserialize;

const SECTOR: usize = 512;
const END: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;

/// The streams below the root. A name with a slash lies in a storage.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ole {
    stream: Vec<Stream>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    name: String,
    chunk: Vec<Chunk>,
}

impl Ole {
    pub(super) fn bytes(&self, kitchen: &Kitchen) -> Result<Vec<u8>, MakeError> {
        let mut streams = Vec::new();
        for stream in &self.stream {
            streams.push((stream.name.as_str(), kitchen.all(&stream.chunk)?));
        }
        Ok(compound(&streams))
    }
}

/// One entry of the directory.
struct Entry {
    name: String,
    shape: u8,
    child: u32,
    right: u32,
    start: u32,
    size: u32,
}

impl Entry {
    fn new(name: &str, shape: u8) -> Self {
        Self {
            name: name.to_owned(),
            shape,
            child: FREE,
            right: FREE,
            start: END,
            size: 0,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out: Vec<u8> = self
            .name
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let length = out.len().saturating_add(2);
        out.resize(64, 0);
        out.extend(u16::try_from(length).unwrap_or(0).to_le_bytes());
        out.extend([self.shape, 1]);
        for number in [FREE, self.right, self.child] {
            out.extend(number.to_le_bytes());
        }
        out.resize(116, 0);
        out.extend(self.start.to_le_bytes());
        out.extend(self.size.to_le_bytes());
        out.resize(128, 0);
        out
    }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(FREE)
}

/// Chains sectors of `unit` bytes; the number of the first one.
fn chain(bytes: &[u8], unit: usize, table: &mut Vec<u32>, data: &mut Vec<u8>) -> u32 {
    if bytes.is_empty() {
        return END;
    }
    let first = table.len();
    let count = bytes.len().div_ceil(unit);
    for next in 1..count {
        table.push(number(first.saturating_add(next)));
    }
    table.push(END);
    data.extend(bytes);
    data.resize(table.len().saturating_mul(unit), 0);
    number(first)
}

/// A compound file of streams; a name with a slash lies in a storage.
#[must_use]
pub fn compound(streams: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut entries = vec![Entry::new("Root Entry", 5)];
    // the last child of each storage, to which the next one is tied
    let mut last: Vec<Option<usize>> = vec![None];
    let (mut minis, mut mini) = (Vec::new(), Vec::new());
    let (mut table, mut data) = (Vec::new(), Vec::new());
    let add =
        |entries: &mut Vec<Entry>, last: &mut Vec<Option<usize>>, parent: usize, entry: Entry| {
            let place = entries.len();
            let before = last.get_mut(parent).and_then(|slot| slot.replace(place));
            let tied = entries.get_mut(before.unwrap_or(parent));
            if let Some(tied) = tied {
                if before.is_some() {
                    tied.right = number(place);
                } else {
                    tied.child = number(place);
                }
            }
            entries.push(entry);
            last.push(None);
            place
        };
    let mut storages: Vec<(String, usize)> = Vec::new();
    for (name, bytes) in streams {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let mut parent = 0;
        let mut path = String::new();
        for step in folder.split('/').filter(|step| !step.is_empty()) {
            path.push('/');
            path.push_str(step);
            let known = storages
                .iter()
                .find(|(of, _)| *of == path)
                .map(|(_, at)| *at);
            parent = known.unwrap_or_else(|| {
                let place = add(&mut entries, &mut last, parent, Entry::new(step, 1));
                storages.push((path.clone(), place));
                place
            });
        }
        let mut entry = Entry::new(file, 2);
        entry.size = number(bytes.len());
        entry.start = if bytes.len() < 4096 {
            chain(bytes, 64, &mut minis, &mut mini)
        } else {
            chain(bytes, SECTOR, &mut table, &mut data)
        };
        add(&mut entries, &mut last, parent, entry);
    }
    let start = chain(&mini, SECTOR, &mut table, &mut data);
    if let Some(root) = entries.first_mut() {
        root.start = start;
        root.size = number(mini.len());
    }
    let mut minis: Vec<u8> = minis.iter().flat_map(|n: &u32| n.to_le_bytes()).collect();
    // what is left of the last sector is free
    minis.resize(minis.len().next_multiple_of(SECTOR), 0xff);
    let mini_count = minis.len() / SECTOR;
    let mini_start = chain(&minis, SECTOR, &mut table, &mut data);
    let mut directory: Vec<u8> = entries.iter().flat_map(Entry::bytes).collect();
    directory.resize(directory.len().next_multiple_of(SECTOR), 0);
    let directory = chain(&directory, SECTOR, &mut table, &mut data);
    let mut tables = 1usize;
    while table.len().saturating_add(tables) > tables.saturating_mul(128) {
        tables = tables.saturating_add(1);
    }
    let first = table.len();
    table.extend(std::iter::repeat_n(0xffff_fffd, tables));
    table.resize(tables.saturating_mul(128), FREE);
    let mut out = header(tables, directory, (mini_start, mini_count), first);
    out.extend(data);
    out.extend(table.iter().flat_map(|n| n.to_le_bytes()));
    out
}

fn header(tables: usize, directory: u32, mini: (u32, usize), first: usize) -> Vec<u8> {
    let mut out = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    out.resize(24, 0);
    for field in [0x3eu16, 3, 0xfffe, 9, 6] {
        out.extend(field.to_le_bytes());
    }
    out.resize(44, 0);
    for field in [
        number(tables),
        directory,
        0,
        4096,
        mini.0,
        number(mini.1),
        END,
        0,
    ] {
        out.extend(field.to_le_bytes());
    }
    for place in 0..109usize {
        let sector = if place < tables {
            number(first.saturating_add(place))
        } else {
            FREE
        };
        out.extend(sector.to_le_bytes());
    }
    out
}
