//! What a checker in another process is asked, in bytes: both halves of it are here.

use crate::known::Known;
use crate::{GONE, Mark, archive};
use mugai_core::places::whole;
use mugai_core::wire::{Reader, put_u32, put_u64};
use mugai_core::{Places, Refusal, Target, Violation};

const PROFILE: u8 = 1;
const ARCHIVE: u8 = 2;
const CLOSED: u8 = 3;

/// A question that makes no sense: a mistake of ours.
const STRANGE: Violation = Violation::of("verifier: a question that is none");

/// Whether a draft is inside of the profile of `target`, of which the files of `marks` are known.
pub(crate) fn profile(target: Target, marks: &[Mark]) -> Vec<u8> {
    let mut out = vec![PROFILE, tag(target)];
    put_marks(&mut out, marks);
    out
}

/// Whether a draft is an archive of the files of `marks`.
pub(crate) fn archive(marks: &[Mark]) -> Vec<u8> {
    let mut out = vec![ARCHIVE];
    put_marks(&mut out, marks);
    out
}

/// Whether a draft is an archive of `plain` bytes, and its closed form behind it.
pub(crate) fn closed(plain: usize) -> Vec<u8> {
    let mut out = vec![CLOSED];
    put_u64(&mut out, u64::try_from(plain).unwrap_or(u64::MAX));
    out
}

fn put_marks(out: &mut Vec<u8>, marks: &[Mark]) {
    put_u32(out, u32::try_from(marks.len()).unwrap_or(u32::MAX));
    for mark in marks {
        out.push(tag(mark.target));
        put_u64(out, u64::try_from(mark.length).unwrap_or(u64::MAX));
        out.extend_from_slice(mark.hash.as_bytes());
    }
}

/// The place of a target in the list of all.
fn tag(target: Target) -> u8 {
    let place = Target::ALL.iter().position(|known| *known == target);
    place
        .and_then(|at| u8::try_from(at).ok())
        .unwrap_or(u8::MAX)
}

fn target(tag: u8) -> Result<Target, Violation> {
    Target::ALL.get(usize::from(tag)).copied().ok_or(STRANGE)
}

fn marks(reader: &mut Reader<'_>) -> Result<Vec<Mark>, Violation> {
    let strange = |_: Refusal| STRANGE;
    let count = reader.u32().map_err(strange)?;
    let mut marks = Vec::new();
    for _ in 0..count {
        let target = target(reader.u8().map_err(strange)?)?;
        let length = reader.u64().map_err(strange)?;
        let hash = reader.take(blake3::OUT_LEN).map_err(strange)?;
        marks.push(Mark {
            target,
            length: usize::try_from(length).map_err(|_| STRANGE)?,
            hash: blake3::Hash::from_slice(hash).map_err(|_| STRANGE)?,
        });
    }
    Ok(marks)
}

/// Answers a question about a draft, in one thread: the half of the checker that is confined.
///
/// # Errors
/// The rule that the draft breaks, and where.
pub fn answer(question: &[u8], mut draft: &[u8]) -> Result<(), Violation> {
    answer_from(question, &mut draft)
}

/// The same for a draft that is not here: of an archive of files that were accepted before, one is here at a time.
///
/// # Errors
/// As [`answer`]; also where a place of the draft cannot be had.
pub fn answer_from(question: &[u8], draft: &mut dyn Places) -> Result<(), Violation> {
    let strange = |_: Refusal| STRANGE;
    let mut reader = Reader::new(question);
    match reader.u8().map_err(strange)? {
        PROFILE => {
            let target = target(reader.u8().map_err(strange)?)?;
            let marks = marks(&mut reader)?;
            reader.end().map_err(strange)?;
            crate::inside(target, draft, Known::marks(&marks))
        }
        ARCHIVE => {
            let marks = marks(&mut reader)?;
            reader.end().map_err(strange)?;
            archive::of_marks(draft, &marks)
        }
        CLOSED => {
            let plain = reader.u64().map_err(strange)?;
            reader.end().map_err(strange)?;
            let plain = usize::try_from(plain).map_err(|_| STRANGE)?;
            let draft = whole(draft).ok_or(GONE)?;
            let (plain, closed) = draft.split_at_checked(plain).ok_or(STRANGE)?;
            archive::seal::check(plain, closed)
        }
        _ => Err(STRANGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify;
    use mugai_core::Draft;

    /// Bytes of a mark: its target, its length and its hash.
    const MARK: usize = 1 + 8 + blake3::OUT_LEN;

    fn text() -> Mark {
        let file = verify(Draft::new(Target::Txt, b"seen\n".to_vec()), &[]);
        Mark::of(&file.expect("a text")).expect("in memory")
    }

    #[test]
    fn a_question_says_the_same_there_as_here() {
        for (target, bytes) in [
            (Target::Txt, &b"good\n"[..]),
            (Target::Txt, b"bad\0"),
            (Target::Png, b"good\n"),
            (Target::Pdf, b"%PDF-1.7\n"),
            (Target::Zip, b"PK\x05\x06"),
        ] {
            let here = crate::check(target, bytes, &[]);
            assert_eq!(answer(&profile(target, &[text()]), bytes), here);
        }
    }

    #[test]
    fn a_question_that_is_not_whole_accepts_nothing() {
        let whole = profile(Target::Txt, &[text(), text()]);
        assert_eq!(whole.len(), 6 + 2 * MARK);
        assert_eq!(answer(&whole, b"good\n"), Ok(()));
        for cut in 0..whole.len() {
            let part = whole.get(..cut).unwrap_or_default();
            assert_eq!(answer(part, b"good\n"), Err(STRANGE), "{cut}");
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert_eq!(answer(&longer, b"good\n"), Err(STRANGE));
        assert_eq!(answer(&[9], b"good\n"), Err(STRANGE));
        assert_eq!(answer(&[PROFILE, 200, 0, 0, 0, 0], b"good\n"), Err(STRANGE));
        assert_eq!(answer(&closed(6), b"good\n"), Err(STRANGE));
    }
}
