//! The border between the two halves of the checker: a question and a draft on the way in, a word on the way out.

use crate::oracle::mutate::{changed, sample};
use mugai_core::{Draft, Places, Refusal, Remark, Spooled, Target, Violation};
use mugai_verify::{Elsewhere, Judge, Mark, Verified, answer, answer_from, verify};
use std::sync::LazyLock;

/// The number of the order that answers are given to.
const SEQUENCE: u32 = 7;

/// Files that were accepted before: those that an archive and a message of ours hold.
static KNOWN: LazyLock<Vec<Verified>> = LazyLock::new(|| {
    let known = [Target::Txt, Target::Png].map(sample);
    known
        .into_iter()
        .flat_map(|file| verify(file, &[]))
        .collect()
});

/// Reads `data` as messages of the control socket.
///
/// # Panics
/// When something that is not exactly a message is taken for one.
pub fn verifier_messages(data: &[u8]) {
    mugai_isolate::oracle::messages(data);
}

/// Has a verifier say `data` (a length, its message, and what is in its answer arena).
///
/// # Panics
/// When anything but the one plain yes accepts a draft, or the refusal has words that ours cannot have.
pub fn verifier_answer(data: &[u8]) {
    let Some((length, rest)) = data.split_first() else {
        return;
    };
    let (message, window) = rest.split_at(usize::from(*length).min(rest.len()));
    match mugai_isolate::oracle::answer(SEQUENCE, message, window) {
        Err(Refusal::Unverified(violation)) => is_sayable(&violation),
        Ok(()) | Err(Refusal::Lost(_)) => {}
        Err(other) => panic!("{other}"),
    }
}

/// Puts a question about a draft, as the first byte says: any question (two bytes of length, the question, the draft);
/// whether a changed file of ours is inside of its profile, is an archive of files that are known, or is the closed form
/// of another.
///
/// # Panics
/// When the answer is another one the second time, where the draft is handed out in pieces, or on this side of the
/// border; or when it has words that ours cannot have.
pub fn verifier_question(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let mode = mode & 3;
    if mode == 0 {
        if let Some((length, rest)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes(*length));
            let (question, draft) = rest.split_at(length.min(rest.len()));
            // what it comes to is its own affair; that it comes to the same is not
            drop(asked(question, draft));
        }
        return;
    }
    let Some((target, original, bytes)) = changed(rest) else {
        return;
    };
    let draft = Draft::new(target, bytes);
    let known: Vec<&Verified> = KNOWN.iter().collect();
    let (there, here) = (Judge::new(&There), Judge::new(&Nobody));
    match mode {
        1 => {
            same(
                &there.verify(draft.clone(), &known),
                &here.verify(draft.clone(), &known),
            );
            let alone = verify(draft.clone(), &[]).map(drop);
            assert_eq!(
                there.confined(&draft),
                alone.map_err(Refusal::Unverified),
                "alone"
            );
            let nobody = here.confined(&draft);
            assert!(
                matches!(nobody, Err(Refusal::Internal(_))),
                "nobody was asked"
            );
        }
        2 => {
            let marks: Result<Vec<Mark>, Refusal> =
                known.iter().map(|file| Mark::of(file)).collect();
            let Ok(marks) = marks else { return };
            same(
                &there.verify_archive(draft.clone(), &marks),
                &here.verify_archive(draft, &marks),
            );
        }
        _ => {
            let Ok(plain) = verify(Draft::new(target, original), &[]) else {
                return;
            };
            same(
                &there.verify_closed(&plain, draft.clone()),
                &here.verify_closed(&plain, draft),
            );
        }
    }
}

/// Two halves of a judge: one with a border between them, one without.
fn same(there: &Result<Verified, Refusal>, here: &Result<Verified, Refusal>) {
    assert_eq!(there, here, "across the border and on this side");
}

/// A verifier without a process around it.
struct There;

impl Elsewhere for There {
    fn ask(&self, question: &[u8], draft: &[&Spooled]) -> Option<Result<(), Refusal>> {
        let mut whole = Vec::new();
        for piece in draft {
            whole.extend_from_slice(&piece.load().ok()?);
        }
        Some(asked(question, &whole).map_err(Refusal::Unverified))
    }
}

/// No verifier.
struct Nobody;

impl Elsewhere for Nobody {
    fn ask(&self, _: &[u8], _: &[&Spooled]) -> Option<Result<(), Refusal>> {
        None
    }
}

/// What a verifier answers, however the draft gets there.
fn asked(question: &[u8], draft: &[u8]) -> Result<(), Violation> {
    let told = answer(question, draft);
    assert_eq!(told, answer(question, draft), "the second time");
    let pieces = answer_from(question, &mut Pieces(draft));
    assert_eq!(told, pieces, "handed out in pieces");
    if let Err(violation) = &told {
        is_sayable(violation);
    }
    told
}

fn is_sayable(violation: &Violation) {
    let rule = violation.rule.as_str();
    assert!(Remark::parse(rule).is_some(), "a rule that cannot be said");
}

/// A draft that is not here as a whole.
struct Pieces<'a>(&'a [u8]);

impl Places for Pieces<'_> {
    fn length(&self) -> usize {
        self.0.len()
    }

    fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()> {
        self.0.read(at, into)
    }
}
