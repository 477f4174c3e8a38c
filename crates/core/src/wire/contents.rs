//! How bookmarks, names of pages and links are laid out inside a frame.

use super::codec::{
    Reader, line, list, option, put_line, put_list, put_option, put_str, put_u16, put_u32,
};
use crate::budget::Budget;
use crate::contents::{Contents, Entry, Link, MAX_ENTRIES, MAX_LABELS, Spot, Way};
use crate::piece::Piece;
use crate::refusal::Refusal;

/// What a link leads to.
const SPOT: u8 = 0;
const ADDRESS: u8 = 1;

fn put_spot(out: &mut Vec<u8>, spot: Spot) {
    put_u32(out, spot.page);
    put_u16(out, spot.down);
}

fn spot(reader: &mut Reader<'_>) -> Result<Spot, Refusal> {
    Ok(Spot {
        page: reader.u32()?,
        down: reader.u16()?,
    })
}

pub(super) fn put_link(out: &mut Vec<u8>, link: &Link) {
    for side in link.area {
        put_u16(out, side);
    }
    match &link.to {
        Way::Spot(spot) => {
            out.push(SPOT);
            put_spot(out, *spot);
        }
        Way::Address(address) => {
            out.push(ADDRESS);
            put_str(out, address);
        }
    }
}

pub(super) fn link(reader: &mut Reader<'_>) -> Result<Link, Refusal> {
    Ok(Link {
        area: [reader.u16()?, reader.u16()?, reader.u16()?, reader.u16()?],
        to: match reader.u8()? {
            SPOT => Way::Spot(spot(reader)?),
            ADDRESS => Way::Address(reader.str()?.into()),
            _ => return Err(Refusal::malformed("wire: where a link leads")),
        },
    })
}

pub(super) fn encode_contents(contents: &Contents, out: &mut Vec<u8>) {
    put_list(out, contents.entries(), |out, entry| {
        out.push(entry.level);
        put_line(out, &entry.title);
        put_option(out, entry.to.as_ref(), |out, to| put_spot(out, *to));
    });
    put_list(out, contents.labels(), put_line);
}

pub(super) fn decode_contents(reader: &mut Reader<'_>, budget: &Budget) -> Result<Piece, Refusal> {
    let entries = list(reader, MAX_ENTRIES, |reader| {
        Ok(Entry {
            level: reader.u8()?,
            title: line(reader)?,
            to: option(reader, spot)?,
        })
    })?;
    let labels = list(reader, MAX_LABELS, line)?;
    let contents = Contents::new(entries, labels, budget)?;
    Ok(Piece::Contents(Box::new(contents)))
}
