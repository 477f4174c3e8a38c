//! Which places of a large part no reader looks at.
//!
//! The content of a large file in a ZIP file stands there packed, and is unpacked by the worker that opens it: of the
//! archive itself only headers and directory are read. Whoever opens the archive need not have the rest.
//!
//! Nothing depends on the answer being right. What is left out are zeros to the reader; if a header stood there, it
//! finds none, and refuses the archive.

use mugai_core::{Assignment, Places};
use std::ops::Range;

/// The smallest content that is left out, in bytes: below, to ask for what stands around it takes longer.
const LARGE: usize = 64 << 10;
/// The largest directory that is looked through, in bytes.
const MAX_DIRECTORY: usize = 16 << 20;
/// What is read in any case, at the beginning, for marks of formats; in bytes.
const HEAD: usize = 64 << 10;
/// The same at the end: the end record, its comment, and what may follow.
const TAIL: usize = 128 << 10;
const END: usize = 22;
const CENTRAL: usize = 46;
const LOCAL: usize = 30;

/// The places of a part that [`open`](crate::open) does not look at, in their order and apart; none unless it is a
/// ZIP file that is no document.
pub fn unread(assignment: &Assignment, part: &mut dyn Places) -> Vec<Range<usize>> {
    // what comes packed is unpacked as a whole
    if assignment.hints.packed.is_some() {
        return Vec::new();
    }
    contents(part).unwrap_or_default()
}

/// The contents of large files; `None` for anything that is not plain.
fn contents(part: &mut dyn Places) -> Option<Vec<Range<usize>>> {
    let length = part.length();
    let from = length.checked_sub(TAIL)?;
    let mut mark = [0; 4];
    part.read(0, &mut mark)?;
    if mark != *b"PK\x03\x04" {
        return None;
    }
    let mut tail = vec![0; TAIL];
    part.read(from, &mut tail)?;
    let end = memchr::memmem::rfind(&tail, b"PK\x05\x06")?;
    let record = tail.get(end..end.checked_add(END)?)?;
    let (size, start) = (u32_at(record, 12)?, u32_at(record, 16)?);
    let stop = start.checked_add(size)?;
    if size > MAX_DIRECTORY || stop > from.checked_add(end)? {
        return None;
    }
    let mut directory = vec![0; size];
    part.read(start, &mut directory)?;
    let mut rest = directory.as_slice();
    let (mut places, mut sum) = (Vec::new(), 0usize);
    while rest.starts_with(b"PK\x01\x02") {
        let packed = u32_at(rest, 20)?;
        let [name, extra, comment] = [u16_at(rest, 28)?, u16_at(rest, 30)?, u16_at(rest, 32)?];
        let (header, behind) = rest.split_at_checked(CENTRAL)?;
        let (name, behind) = behind.split_at_checked(name)?;
        if is_of_document(name) {
            return None;
        }
        // a length that stands elsewhere is longer than the file
        if (LARGE..length).contains(&packed) {
            // contents that are apart are together no longer than the file, and each of them costs a question
            sum = sum.checked_add(packed).filter(|sum| *sum <= length)?;
            places.extend(content(part, u32_at(header, 42)?, packed, start.min(from)));
        }
        rest = behind.get(extra.checked_add(comment)?..)?;
    }
    places.sort_by_key(|place| place.start);
    let apart = places
        .iter()
        .zip(places.iter().skip(1))
        .all(|(one, next)| one.end <= next.start);
    apart.then_some(places)
}

/// Where the content behind the header at `local` lies, as far as it may be left out.
fn content(
    part: &mut dyn Places,
    local: usize,
    packed: usize,
    stop: usize,
) -> Option<Range<usize>> {
    let mut header = [0; LOCAL];
    part.read(local, &mut header)?;
    let lengths = u16_at(&header, 26)?.checked_add(u16_at(&header, 28)?)?;
    let start = local.checked_add(LOCAL)?.checked_add(lengths)?;
    let end = start.checked_add(packed)?.min(stop);
    let start = start.max(HEAD);
    (start < end).then_some(start..end)
}

/// Whether documents have files of this name: their content tells of what kind they are.
fn is_of_document(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    name == b"mimetype" || name == b"[content_types].xml" || name.starts_with(b"meta-inf")
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(usize::from(u16::from_le_bytes(*bytes)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Budget, Cx, Family, Finding, Hints, Kind, Limits, NoFonts, Params, Piece};
    use mugai_core::{Refusal, Sink, Treatment, Treatments};
    use proptest::prelude::*;

    /// A ZIP file of stored files, by their names and lengths; each is of bytes of its own.
    fn zip(files: &[(&str, usize)]) -> Vec<u8> {
        let (mut out, mut directory) = (Vec::new(), Vec::new());
        for (name, length) in files {
            let length = u32::try_from(*length).unwrap().to_le_bytes();
            let at = u32::try_from(out.len()).unwrap().to_le_bytes();
            let name_length = u16::try_from(name.len()).unwrap().to_le_bytes();
            let shared = [
                &[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0, 0, 0, 0, 0][..],
                &length,
                &length,
                &name_length,
                &[0, 0],
            ]
            .concat();
            directory.extend(
                [
                    b"PK\x01\x02\x14\0",
                    &shared[..],
                    &[0; 10],
                    &at,
                    name.as_bytes(),
                ]
                .concat(),
            );
            out.extend([b"PK\x03\x04", &shared[..], name.as_bytes()].concat());
            let fill = u8::try_from(files.len()).unwrap() | 0x80;
            out.extend(std::iter::repeat_n(
                fill,
                usize::try_from(u32::from_le_bytes(length)).unwrap(),
            ));
        }
        let count = u16::try_from(files.len()).unwrap().to_le_bytes();
        let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
        let start = u32::try_from(out.len()).unwrap().to_le_bytes();
        out.extend(directory);
        out.extend(
            [
                b"PK\x05\x06\0\0\0\0",
                &count[..],
                &count,
                &size,
                &start,
                &[0, 0],
            ]
            .concat(),
        );
        out
    }

    #[test]
    fn contents_of_large_files_are_left_out_and_headers_are_not() {
        let all = zip(&[("a.txt", 300_000), ("b.txt", 10), ("c.txt", 500_000)]);
        let places = contents(&mut all.as_slice()).unwrap();
        // the first begins with what is read in any case, the last ends with it
        let [a, c] = &places[..] else {
            panic!("{places:?}")
        };
        assert_eq!(*a, HEAD..35 + 300_000);
        assert_eq!(*c, 300_035 + 35 + 10 + 35..all.len() - TAIL);
        let blank = blanked(&all, &places);
        assert_eq!(contents(&mut blank.as_slice()), Some(places));
    }

    /// Counts how often it is asked.
    struct Asked<'a>(&'a [u8], usize);

    impl Places for Asked<'_> {
        fn length(&self) -> usize {
            self.0.len()
        }

        fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()> {
            self.1 = self.1.saturating_add(1);
            self.0.read(at, into)
        }
    }

    #[test]
    fn a_directory_of_contents_in_one_place_asks_for_few_of_them() {
        let all = zip(&[("a.txt", 300_000)]);
        let at = memchr::memmem::find(&all, b"PK\x01\x02").unwrap();
        let end = memchr::memmem::find(&all, b"PK\x05\x06").unwrap();
        let directory = all[at..end].repeat(5_000);
        let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
        let mut tail = all[end..].to_vec();
        tail.splice(12..16, size);
        let file = [&all[..at], &directory, &tail].concat();
        let mut asked = Asked(&file, 0);
        assert_eq!(contents(&mut asked), None);
        assert!(asked.1 < 20, "{}", asked.1);
    }

    #[test]
    fn documents_and_what_is_no_zip_file_are_read_whole() {
        for name in ["[Content_Types].xml", "mimetype", "META-INF/manifest.xml"] {
            let all = zip(&[("a.txt", 300_000), (name, 10)]);
            assert_eq!(contents(&mut all.as_slice()), None, "{name}");
        }
        assert_eq!(contents(&mut &vec![b'P'; 1 << 20][..]), None);
        assert_eq!(contents(&mut &b"PK\x03\x04"[..]), None);
    }

    fn blanked(all: &[u8], places: &[Range<usize>]) -> Vec<u8> {
        let mut blank = all.to_vec();
        for place in places {
            blank[place.clone()].fill(0);
        }
        blank
    }

    /// What a reader makes of bytes.
    fn told(input: &[u8]) -> Vec<String> {
        struct Told(Vec<String>);
        impl Sink for Told {
            fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
                self.0.push(format!("{kind:?}"));
                Ok(())
            }
            fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
                if let Piece::Child(child) = piece {
                    // its content is taken from where it stands, not from the reader
                    let told = (&child.name, &child.hints, child.content.len());
                    self.0.push(format!("{told:?}"));
                }
                Ok(())
            }
            fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
                self.0.push(format!("{finding:?}"));
                Ok(())
            }
        }
        let limits = Limits {
            bytes: 1 << 30,
            pixels: 0,
            parts: 100,
            depth: 5,
            steps: 1 << 30,
        };
        let assignment = archives(limits);
        let budget = Budget::new(limits);
        let mut sink = Told(Vec::new());
        let result = crate::open(
            input,
            &mut Cx::new(&assignment, &budget, &NoFonts, &mut sink),
        );
        if let Err(refusal) = result {
            return vec![refusal.code().to_owned()];
        }
        sink.0
    }

    fn archives(limits: Limits) -> Assignment {
        Assignment {
            hints: Hints::default(),
            treatments: Treatments::nothing().with(Family::Archive, Treatment::Rebuild),
            limits,
            params: Params::default(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Whatever is changed: without these places the reader says the same, or refuses.
        #[test]
        fn a_reader_says_the_same_without_them(
            lengths in proptest::collection::vec(prop_oneof![0usize..100, 60_000usize..300_000], 1..6),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 0..4),
        ) {
            let names: Vec<String> = (0..lengths.len()).map(|at| format!("{at}.txt")).collect();
            let files: Vec<(&str, usize)> = names.iter().map(String::as_str).zip(lengths).collect();
            let mut all = zip(&files);
            for (place, byte, late) in changes {
                // most of what matters stands at the end
                let from = if late { all.len().saturating_sub(400) } else { 0 };
                let rest = all.len().saturating_sub(from);
                let at = from.saturating_add(place.index(rest));
                all[at] = byte;
            }
            let places = contents(&mut all.as_slice()).unwrap_or_default();
            let blank = told(&blanked(&all, &places));
            prop_assert!(blank == told(&all) || matches!(&blank[..], [code] if code == "ambiguous" || code == "malformed"));
        }
    }
}
