//! What a checker is told beside the bytes: which files it has seen before, and what it may do.

use crate::{Mark, Verified};
use mugai_core::Target;

/// What is known already, and how a checker may work.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// Files that were accepted and are still here.
    pub(crate) files: &'a [&'a Verified],
    /// Files that were accepted, elsewhere or before.
    pub(crate) marks: &'a [Mark],
    /// Whether threads may be made: a confined process has one.
    pub(crate) threads: bool,
}

impl<'a> Known<'a> {
    /// Files that are here, and threads.
    pub(crate) const fn files(files: &'a [&'a Verified]) -> Self {
        Self {
            files,
            marks: &[],
            threads: true,
        }
    }

    /// Marks of files that are elsewhere, and one thread.
    pub(crate) const fn marks(marks: &'a [Mark]) -> Self {
        Self {
            files: &[],
            marks,
            threads: false,
        }
    }

    /// The files, that at `place` first: the next one is most likely the next of the known ones.
    pub(crate) fn from(self, place: usize) -> impl Iterator<Item = &'a Verified> {
        let (before, from_here) = self.files.split_at(place.min(self.files.len()));
        from_here.iter().chain(before).copied()
    }

    /// Whether the mark of a file is here. It is taken only of one that could be meant.
    pub(crate) fn is_marked(self, target: Target, content: &[u8]) -> bool {
        let mut meant = self
            .marks
            .iter()
            .filter(|mark| mark.target == target && mark.length == content.len())
            .peekable();
        if meant.peek().is_none() {
            return false;
        }
        let hash = blake3::hash(content);
        meant.any(|mark| mark.hash == hash)
    }

    /// Whether the same file was accepted as `target` before.
    pub(crate) fn is_accepted(self, target: Target, content: &[u8]) -> bool {
        let same = |file: &&Verified| {
            // one that cannot be read is checked
            file.target() == target && file.content().equals(content).unwrap_or(false)
        };
        self.files.iter().any(same) || self.is_marked(target, content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify;
    use mugai_core::Draft;

    #[test]
    fn accepted_is_only_the_same_file_of_the_same_kind() {
        let file = verify(Draft::new(Target::Txt, b"seen\n".to_vec()), &[]).expect("a text");
        let mark = Mark::of(&file).expect("in memory");
        let (files, marks) = ([&file], [mark]);
        for known in [Known::files(&files), Known::marks(&marks)] {
            assert!(known.is_accepted(Target::Txt, b"seen\n"));
            assert!(!known.is_accepted(Target::Txt, b"seem\n"));
            assert!(!known.is_accepted(Target::Txt, b"seen\n\n"));
            assert!(!known.is_accepted(Target::Png, b"seen\n"));
        }
        assert!(!Known::marks(&[]).is_accepted(Target::Txt, b"seen\n"));
    }
}
