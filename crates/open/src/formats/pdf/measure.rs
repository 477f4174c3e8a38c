//! How many bytes a stream becomes, found without keeping them.

use super::lzw;
use flate2::{Decompress, FlushDecompress, Status};
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object};
use mugai_core::{Budget, Refusal, Resource};

/// Bytes inflated at a time.
const CHUNK: usize = 1 << 14;

/// Filters in a row that we follow: honest files have at most two.
const MAX_CHAIN: usize = 6;

/// One step of a chain of filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// zlib (or bare deflate) data.
    Flate,
    /// LZW of variable code length, TIFF's or the early kind.
    Lzw,
    /// Runs.
    RunLength,
    /// Base 85.
    Ascii85,
    /// Hexadecimal digits.
    AsciiHex,
    /// Written where it cannot be seen from here: perhaps Flate, perhaps nothing.
    Unknown,
}

/// The filters of a stream as far as they are to be measured: picture codings end the chain.
pub(super) fn filters_of(dict: &Dict<'_>) -> Vec<Coding> {
    names_of(dict)
        .iter()
        .map_while(|name| name.as_deref().map_or(Some(Coding::Unknown), coding))
        .collect()
}

/// The names of the filters of a stream, `None` where a reference leads nowhere (yet).
pub(super) fn names_of(dict: &Dict<'_>) -> Vec<Option<Vec<u8>>> {
    // `/F` may be a file specification too, and then says nothing of filters
    for key in ["F", "Filter"] {
        match dict.get::<Object<'_>>(key) {
            Some(Object::Name(name)) => return vec![Some(name.to_vec())],
            Some(Object::Array(names)) => return of_array(&names),
            None if dict.get_ref(key).is_some() => return vec![None],
            _ => {}
        }
    }
    Vec::new()
}

fn of_array(names: &Array<'_>) -> Vec<Option<Vec<u8>>> {
    let raw = names.raw_iter().take(MAX_CHAIN.saturating_add(1));
    let name = |item| match item {
        MaybeRef::NotRef(Object::Name(name)) => Some(name.to_vec()),
        MaybeRef::NotRef(_) | MaybeRef::Ref(_) => None,
    };
    let plain = raw.map(name).collect::<Vec<_>>();
    if plain.iter().all(Option::is_some) {
        return plain;
    }
    let resolved = names.iter::<Name<'_>>().take(plain.len());
    let resolved = resolved.map(|name| Some(name.to_vec())).collect::<Vec<_>>();
    if resolved.len() == plain.len() {
        resolved
    } else {
        plain
    }
}

/// The coding of a filter name; `None` for a picture coding and for no coding at all.
fn coding(name: &[u8]) -> Option<Coding> {
    match name {
        b"FlateDecode" | b"Fl" => Some(Coding::Flate),
        b"LZWDecode" | b"LZW" => Some(Coding::Lzw),
        b"RunLengthDecode" | b"RL" => Some(Coding::RunLength),
        b"ASCII85Decode" | b"A85" => Some(Coding::Ascii85),
        b"ASCIIHexDecode" | b"AHx" => Some(Coding::AsciiHex),
        // decryption, the identity here
        b"Crypt" => Some(Coding::Unknown),
        _ => None,
    }
}

/// Counts bytes and pays for them.
pub(super) struct Meter<'a> {
    budget: &'a Budget,
    /// Bytes that were paid for in another way.
    free: u64,
    /// All bytes counted.
    pub(super) total: u64,
}

impl<'a> Meter<'a> {
    /// A meter whose first `free` bytes cost nothing.
    pub(super) const fn new(budget: &'a Budget, free: u64) -> Self {
        Self {
            budget,
            free,
            total: 0,
        }
    }

    /// Runs `data` through `chain` and pays for all that comes out of each coding.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], and [`Refusal::Unsupported`] for chains that nobody writes.
    pub(super) fn measure(&mut self, data: &[u8], chain: &[Coding]) -> Result<(), Refusal> {
        if chain.len() > MAX_CHAIN {
            return Err(Refusal::unsupported("pdf: too many filters"));
        }
        let mut owned;
        let mut input = data;
        for (at, coding) in chain.iter().enumerate() {
            let is_last = at.saturating_add(1) == chain.len();
            let mut kept = (!is_last).then(Vec::new);
            match coding {
                Coding::Flate | Coding::Unknown => self.flate(input, &mut kept)?,
                Coding::Lzw if is_last => self.lzw(input)?,
                Coding::Lzw => return Err(Refusal::unsupported("pdf: a filter after LZW")),
                Coding::RunLength => self.run_length(input, &mut kept)?,
                Coding::Ascii85 => self.ascii(input, &mut kept, Self::ascii_85)?,
                Coding::AsciiHex => self.ascii(input, &mut kept, Self::ascii_hex)?,
            }
            let out = kept.unwrap_or_default();
            if *coding == Coding::Unknown && out.is_empty() {
                // it was no Flate data: the next coding sees the same bytes
                continue;
            }
            owned = out;
            input = &owned;
        }
        Ok(())
    }

    fn spend(&mut self, count: u64) -> Result<(), Refusal> {
        self.total = self.total.saturating_add(count);
        let paid = count.saturating_sub(self.free);
        self.free = self.free.saturating_sub(count);
        self.budget.charge(Resource::Bytes, paid)
    }

    fn work(&self, bytes: u64) -> Result<(), Refusal> {
        self.budget.charge(Resource::Steps, bytes.div_ceil(16))
    }

    /// zlib, and where that fails bare deflate, with and without the two bytes of a header: each is
    /// what the library tries on broken data.
    fn flate(&mut self, data: &[u8], kept: &mut Option<Vec<u8>>) -> Result<(), Refusal> {
        if self.inflate(data, true, kept)? {
            return Ok(());
        }
        let mut ignored = None;
        self.inflate(data, false, &mut ignored)?;
        self.inflate(data.get(2..).unwrap_or_default(), false, &mut ignored)?;
        Ok(())
    }

    /// Inflates to the end of the data or to its first error; whether it came to its end.
    fn inflate(
        &mut self,
        data: &[u8],
        header: bool,
        kept: &mut Option<Vec<u8>>,
    ) -> Result<bool, Refusal> {
        let mut decoder = Decompress::new(header);
        let mut buffer = vec![0; CHUNK];
        loop {
            let (read, made) = (decoder.total_in(), decoder.total_out());
            let rest = usize::try_from(read).ok().and_then(|at| data.get(at..));
            let status =
                decoder.decompress(rest.unwrap_or_default(), &mut buffer, FlushDecompress::None);
            let new = decoder.total_out().saturating_sub(made);
            let used = decoder.total_in().saturating_sub(read);
            self.spend(new)?;
            self.work(used.saturating_add(new))?;
            if let Some(kept) = kept {
                let new = usize::try_from(new).unwrap_or(usize::MAX);
                kept.extend_from_slice(buffer.get(..new).unwrap_or_default());
            }
            match status {
                Ok(Status::StreamEnd) => return Ok(true),
                Ok(Status::Ok | Status::BufError) if new == 0 && used == 0 => return Ok(false),
                Ok(Status::Ok | Status::BufError) => {}
                Err(_) => return Ok(false),
            }
        }
    }

    /// Both kinds of LZW, as the parameter that tells them apart may stand anywhere.
    fn lzw(&mut self, data: &[u8]) -> Result<(), Refusal> {
        self.lzw_kind(lzw::Lengths::new(data, true))?;
        self.lzw_kind(lzw::Lengths::new(data, false))
    }

    fn lzw_kind(&mut self, mut lengths: lzw::Lengths<'_>) -> Result<(), Refusal> {
        let mut since = 0u64;
        while let Some(length) = lengths.next() {
            self.spend(length)?;
            since = since.saturating_add(1);
            if since.is_multiple_of(64) {
                self.work(1024)?;
            }
        }
        self.work(since.saturating_mul(16))
    }

    fn run_length(&mut self, data: &[u8], kept: &mut Option<Vec<u8>>) -> Result<(), Refusal> {
        let mut rest = data;
        while let Some((head, tail)) = rest.split_first() {
            self.work(16)?;
            let count = usize::from(*head);
            match count {
                0..=127 => {
                    let literal = tail.get(..count.saturating_add(1)).unwrap_or(tail);
                    self.spend(u64::try_from(literal.len()).unwrap_or(u64::MAX))?;
                    if let Some(kept) = kept {
                        kept.extend_from_slice(literal);
                    }
                    rest = tail.get(literal.len()..).unwrap_or_default();
                }
                128 => break,
                _ => {
                    let run = 257usize.saturating_sub(count);
                    self.spend(u64::try_from(run).unwrap_or(u64::MAX))?;
                    if let (Some(kept), Some(byte)) = (kept.as_mut(), tail.first()) {
                        kept.extend(std::iter::repeat_n(*byte, run));
                    }
                    rest = tail.get(1..).unwrap_or_default();
                }
            }
        }
        Ok(())
    }

    fn ascii(
        &mut self,
        data: &[u8],
        kept: &mut Option<Vec<u8>>,
        decode: fn(&[u8]) -> Vec<u8>,
    ) -> Result<(), Refusal> {
        let end = memchr::memchr2(b'~', b'>', data).unwrap_or(data.len());
        let body = data.get(..end).unwrap_or(data);
        // at most four bytes for one, and never more than that is made
        let most = u64::try_from(body.len())
            .unwrap_or(u64::MAX)
            .saturating_mul(4);
        self.work(most)?;
        if most > self.free.saturating_add(self.budget.left().bytes) {
            self.budget.charge(Resource::Bytes, most)?;
        }
        let out = decode(body);
        self.spend(u64::try_from(out.len()).unwrap_or(u64::MAX))?;
        if let Some(kept) = kept {
            *kept = out;
        }
        Ok(())
    }

    fn ascii_hex(body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut high = None;
        for byte in body {
            let Some(digit) = char::from(*byte)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
            else {
                continue;
            };
            match high.take() {
                None => high = Some(digit),
                Some(high) => out.push((high << 4) | digit),
            }
        }
        out.extend(high.map(|high| high << 4));
        out
    }

    fn ascii_85(body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut group = 0u32;
        let mut count = 0usize;
        for byte in body {
            match byte {
                b'z' if count == 0 => out.extend_from_slice(&[0; 4]),
                b'!'..=b'u' => {
                    let digit = u32::from(byte.saturating_sub(b'!'));
                    group = group.wrapping_mul(85).wrapping_add(digit);
                    count = count.saturating_add(1);
                    if count == 5 {
                        out.extend_from_slice(&group.to_be_bytes());
                        (group, count) = (0, 0);
                    }
                }
                _ => {}
            }
        }
        // the digits that are missing count as the highest one (ISO 32000-1, 7.4.3)
        if count > 1 {
            for _ in count..5 {
                group = group.wrapping_mul(85).wrapping_add(84);
            }
            let bytes = group.to_be_bytes();
            out.extend(bytes.iter().take(count.saturating_sub(1)));
        }
        out
    }
}

#[cfg(test)]
mod tests;
