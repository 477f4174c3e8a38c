//! How many bytes a stream becomes, found without keeping them.

use super::inflate::Tolerant;
use super::lzw;
use flate2::{Decompress, FlushDecompress, Status};
use hayro_syntax::Filter;
use hayro_syntax::object::{Array, Dict, FromBytes, MaybeRef, Object, Stream};
use mugai_core::{Budget, Refusal, Resource};
use std::borrow::Cow;

/// Bytes inflated at a time.
const CHUNK: usize = 1 << 14;

/// Filters in a row that we follow: honest files have at most two.
const MAX_CHAIN: usize = 6;

/// What building the codes of one block costs, in bytes of the same work.
const TABLES: u64 = 1 << 13;

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
}

impl Coding {
    /// Whether little of it can become much.
    pub(super) const fn grows(self) -> bool {
        !matches!(self, Self::Ascii85 | Self::AsciiHex)
    }
}

/// The filters of a stream, as the library applies them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    /// What is to be measured.
    pub(super) codings: Vec<Coding>,
    /// The coding of a picture, which comes last.
    pub(super) picture: Option<Filter>,
}

impl Chain {
    /// Of `stream`, references followed as far as its document is known.
    ///
    /// # Errors
    /// [`Refusal::Unsupported`] for chains that nobody writes and that cannot be measured.
    pub(super) fn of(stream: &Stream<'_>) -> Result<Self, Refusal> {
        check_rows(stream.dict())?;
        let filters = stream.filters();
        if filters.len() > MAX_CHAIN {
            return Err(Refusal::unsupported("pdf: too many filters"));
        }
        let mut chain = Self {
            codings: Vec::new(),
            picture: None,
        };
        for (at, filter) in filters.iter().enumerate() {
            if chain.picture.is_some() {
                return Err(Refusal::unsupported("pdf: a filter after a picture's"));
            }
            let coding = match filter {
                Filter::FlateDecode => Coding::Flate,
                Filter::LzwDecode => Coding::Lzw,
                Filter::RunLengthDecode => Coding::RunLength,
                Filter::Ascii85Decode => Coding::Ascii85,
                Filter::AsciiHexDecode => Coding::AsciiHex,
                // decryption is the identity here where it comes first, and ends the chain elsewhere
                Filter::Crypt if at == 0 => continue,
                Filter::Crypt => break,
                Filter::CcittFaxDecode
                | Filter::Jbig2Decode
                | Filter::DctDecode
                | Filter::JpxDecode => {
                    chain.picture = Some(*filter);
                    continue;
                }
            };
            chain.codings.push(coding);
        }
        chain.check()
    }

    /// The last bytes of text codings depend on where a stream ends, which only the document knows:
    /// nothing that grows may be built on what has grown out of them.
    fn check(self) -> Result<Self, Refusal> {
        let from = self.codings.iter().position(|coding| !coding.grows());
        let behind = self.codings.get(from.unwrap_or(usize::MAX)..);
        let growing = behind.map_or(0, |all| all.iter().filter(|c| c.grows()).count());
        if growing > 1 {
            return Err(Refusal::unsupported("pdf: filters upon filters"));
        }
        Ok(self)
    }

    /// Of the stream that `dict` would begin, references not followed.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn of_dict(dict: &Dict<'_>) -> Result<Self, Refusal> {
        let text = [dict.data(), b"\nstream\n\nendstream"].concat();
        match Stream::from_bytes(&text) {
            Some(stream) => Self::of(&stream),
            None => Err(Refusal::unsupported("pdf: a dictionary that changes")),
        }
    }
}

/// The longest row of a predictor, in bytes.
const MAX_ROW: usize = 1 << 26;

/// Checks that no predictor (ISO 32000-2, 7.4.4.4) has rows that are longer than any honest one: the
/// library makes room for one, however little data there is.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn check_rows(dict: &Dict<'_>) -> Result<(), Refusal> {
    for params in params(dict) {
        let number = |key: &str| params.get::<u8>(key).map(usize::from);
        let columns = params.get::<usize>("Columns").unwrap_or(1);
        let bits = number("Colors")
            .unwrap_or(1)
            .saturating_mul(number("BitsPerComponent").unwrap_or(8));
        let is_used = number("Predictor").is_some_and(|predictor| predictor != 1);
        if is_used && columns.saturating_mul(bits).div_euclid(8) > MAX_ROW {
            return Err(Refusal::Overrun {
                resource: Resource::Bytes,
                limit: u64::try_from(MAX_ROW).unwrap_or(u64::MAX),
            });
        }
    }
    Ok(())
}

/// All that the filters of a stream are told, whichever of it the library takes.
pub(super) fn params<'a>(dict: &Dict<'a>) -> Vec<Dict<'a>> {
    let of = |key: &str| {
        let mut all: Vec<Dict<'a>> = dict.get::<Dict<'a>>(key).into_iter().collect();
        if let Some(list) = dict.get::<Array<'a>>(key) {
            let listed = list.iter::<Object<'a>>();
            all.extend(listed.filter_map(Object::into_dict));
        }
        all
    };
    ["DP", "DecodeParms"].into_iter().flat_map(of).collect()
}

/// Whether the filters of a stream stand elsewhere, so that they are known only with the document.
pub(super) fn is_indirect(dict: &Dict<'_>) -> bool {
    ["F", "Filter"].iter().any(|key| {
        let list = dict.get::<Array<'_>>(key);
        let is_ref = |item: MaybeRef<Object<'_>>| matches!(item, MaybeRef::Ref(_));
        dict.get_ref(key).is_some() || list.is_some_and(|list| list.raw_iter().any(is_ref))
    })
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
    /// [`Refusal::Overrun`], and [`Refusal::Unsupported`] for a filter after LZW.
    pub(super) fn measure(&mut self, data: &[u8], chain: &[Coding]) -> Result<(), Refusal> {
        self.run(data, chain, false).map(|_| ())
    }

    /// The same, and returns what comes out in the end: several things where broken data may be read
    /// in several ways, and nothing for LZW.
    ///
    /// # Errors
    /// As [`Self::measure`].
    pub(super) fn run<'d>(
        &mut self,
        data: &'d [u8],
        chain: &[Coding],
        keep: bool,
    ) -> Result<Vec<Cow<'d, [u8]>>, Refusal> {
        let mut inputs = vec![Cow::Borrowed(data)];
        for (at, coding) in chain.iter().enumerate() {
            let is_last = at.saturating_add(1) == chain.len();
            let keep = keep || !is_last;
            let mut out = Vec::new();
            for input in &inputs {
                match coding {
                    Coding::Flate => self.flate(input, keep, &mut out)?,
                    Coding::Lzw if is_last => self.lzw(input)?,
                    Coding::Lzw => return Err(Refusal::unsupported("pdf: a filter after LZW")),
                    Coding::RunLength => out.push(self.run_length(input, keep)?),
                    Coding::Ascii85 => out.push(self.ascii(input, b'~', Self::ascii_85)?),
                    Coding::AsciiHex => out.push(self.ascii(input, b'>', Self::ascii_hex)?),
                }
            }
            inputs = out.into_iter().map(Cow::Owned).collect();
        }
        Ok(inputs)
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

    /// zlib, where that fails bare deflate, and where that fails as well what can be made of it: each
    /// is what the library tries on broken data, and each may be what it goes on with.
    fn flate(&mut self, data: &[u8], keep: bool, out: &mut Vec<Vec<u8>>) -> Result<(), Refusal> {
        for has_header in [true, false] {
            let (is_whole, kept) = self.inflate(data, has_header, keep)?;
            if keep {
                out.push(kept);
            }
            if is_whole {
                return Ok(());
            }
        }
        let kept = self.tolerant(data, keep)?;
        if keep {
            out.push(kept);
        }
        Ok(())
    }

    /// Inflates to the end of the data or to its first error; whether there was none.
    fn inflate(
        &mut self,
        data: &[u8],
        has_header: bool,
        keep: bool,
    ) -> Result<(bool, Vec<u8>), Refusal> {
        let mut decoder = Decompress::new(has_header);
        let mut buffer = vec![0; CHUNK];
        let mut kept = Vec::new();
        loop {
            let (read, made) = (decoder.total_in(), decoder.total_out());
            let rest = usize::try_from(read).ok().and_then(|at| data.get(at..));
            let status =
                decoder.decompress(rest.unwrap_or_default(), &mut buffer, FlushDecompress::None);
            let new = decoder.total_out().saturating_sub(made);
            let used = decoder.total_in().saturating_sub(read);
            self.spend(new)?;
            self.work(used.saturating_add(new))?;
            if keep {
                let new = usize::try_from(new).unwrap_or(usize::MAX);
                kept.extend_from_slice(buffer.get(..new).unwrap_or_default());
            }
            match status {
                Ok(Status::StreamEnd) => return Ok((true, kept)),
                // data that is cut off is taken as far as it goes
                Ok(Status::Ok | Status::BufError) if new == 0 && used == 0 => {
                    return Ok((true, kept));
                }
                Ok(Status::Ok | Status::BufError) => {}
                Err(_) => return Ok((false, kept)),
            }
        }
    }

    fn tolerant(&mut self, data: &[u8], keep: bool) -> Result<Vec<u8>, Refusal> {
        let mut reader = Tolerant::of(data, keep);
        let mut new = 0u64;
        while let Some(step) = reader.step() {
            new = new.saturating_add(step.made);
            if step.has_tables {
                self.work(TABLES)?;
            }
            if new >= 1 << 14 {
                self.spend(new)?;
                self.work(new)?;
                new = 0;
            }
        }
        self.spend(new)?;
        self.work(new.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX)))?;
        Ok(reader.into_kept())
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

    fn run_length(&mut self, data: &[u8], keep: bool) -> Result<Vec<u8>, Refusal> {
        let mut kept = keep.then(Vec::new);
        let mut rest = data;
        while let Some((head, tail)) = rest.split_first() {
            self.work(16)?;
            let count = usize::from(*head);
            match count {
                0..=127 => {
                    let literal = tail.get(..count.saturating_add(1)).unwrap_or(tail);
                    self.spend(u64::try_from(literal.len()).unwrap_or(u64::MAX))?;
                    if let Some(kept) = &mut kept {
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
        Ok(kept.unwrap_or_default())
    }

    /// Text up to the byte that ends it.
    fn ascii(
        &mut self,
        data: &[u8],
        end: u8,
        decode: fn(&[u8]) -> Vec<u8>,
    ) -> Result<Vec<u8>, Refusal> {
        let end = memchr::memchr(end, data).unwrap_or(data.len());
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
        Ok(out)
    }

    /// Digits up to the first byte that is none.
    fn ascii_hex(body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut high = None;
        for byte in body.iter().filter(|byte| !is_white(**byte)) {
            let Some(digit) = char::from(*byte)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
            else {
                break;
            };
            match high.take() {
                None => high = Some(digit),
                Some(high) => out.push((high << 4) | digit),
            }
        }
        out.extend(high.map(|high| high << 4));
        out
    }

    /// Groups of five digits up to the first byte that is none; a `z` ends the one before.
    fn ascii_85(body: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut group = Group::default();
        for byte in body.iter().filter(|byte| !is_white(**byte)) {
            match byte {
                b'z' => {
                    group.flush(&mut out);
                    out.extend_from_slice(&[0; 4]);
                }
                b'!'..=b'u' => {
                    group.add(byte.saturating_sub(b'!'));
                    if group.count == 5 {
                        group.flush(&mut out);
                    }
                }
                _ => break,
            }
        }
        group.flush(&mut out);
        out
    }
}

/// Up to five digits of base 85 (ISO 32000-1, 7.4.3).
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    value: u32,
    count: usize,
}

impl Group {
    fn add(&mut self, digit: u8) {
        self.value = (self.value).wrapping_mul(85).wrapping_add(u32::from(digit));
        self.count = self.count.saturating_add(1);
    }

    /// The digits that are missing count as the highest one.
    fn flush(&mut self, out: &mut Vec<u8>) {
        let count = self.count;
        for _ in count..5 {
            self.add(84);
        }
        let bytes = self.value.to_be_bytes();
        out.extend(bytes.iter().take(count.saturating_sub(1)));
        *self = Self::default();
    }
}

/// White space of the library, which a vertical tab is none of.
pub(super) const fn is_white(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

#[cfg(test)]
mod tests;
