//! How many changes of a file of ours its checker lets pass, and whether these stayed inside what files of its kind
//! are for.

use crate::oracle::inner;
use crate::oracle::skeleton::is_same;
use mugai_core::Target;

/// What became of the changes of files of one target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Files that were changed.
    pub files: u64,
    /// Changes.
    pub tried: u64,
    /// Those that were accepted, for they changed pixels, text or measures and nothing else.
    pub inside: u64,
}

/// The ways in which a byte and its neighbours are changed.
const WAYS: [fn(&mut Vec<u8>, usize); 8] = [
    |bytes, at| flip(bytes, at, 1),
    |bytes, at| flip(bytes, at, 0x20),
    |bytes, at| flip(bytes, at, 0x80),
    |bytes, at| drop(bytes.splice(at..=at, [])),
    |bytes, at| drop(bytes.splice(at..at, [b' '])),
    |bytes, at| drop(bytes.splice(at..at, *b"/A<")),
    |bytes, at| {
        let end = at.saturating_add(16).min(bytes.len());
        let again: Vec<u8> = bytes.get(at..end).unwrap_or_default().to_vec();
        drop(bytes.splice(end..end, again));
    },
    |bytes, at| {
        let end = at.saturating_add(16).min(bytes.len());
        if let Some(block) = bytes.get_mut(at..end) {
            let half = block.len() / 2;
            block.rotate_left(half);
        }
    },
];

/// What stands around a place, to be read.
fn around(bytes: &[u8], at: usize) -> String {
    let end = at.saturating_add(40).min(bytes.len());
    let piece = bytes.get(at.saturating_sub(40)..end).unwrap_or_default();
    format!("{:?}", String::from_utf8_lossy(piece))
}

fn flip(bytes: &mut [u8], at: usize, bits: u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= bits;
    }
}

impl Tally {
    /// Changes an accepted file at `places` places all over it, in every way that there is.
    ///
    /// # Panics
    /// When a changed file is accepted although its skeleton is another one.
    pub fn add(&mut self, target: Target, file: &[u8], places: usize) {
        self.files = self.files.saturating_add(1);
        let step = file.len().checked_div(places).unwrap_or(1).max(1);
        for at in (0..file.len()).step_by(step) {
            for (way, change) in WAYS.iter().enumerate() {
                let mut bytes = file.to_vec();
                change(&mut bytes, at);
                if bytes == file {
                    continue;
                }
                self.tried = self.tried.saturating_add(1);
                if mugai_verify::check(target, &bytes, &[]).is_ok() {
                    let code = target.code();
                    assert!(
                        is_same(target, file, &bytes),
                        "{code}: byte {at}, way {way}"
                    );
                    self.inside = self.inside.saturating_add(1);
                }
            }
        }
    }

    /// The same inside of what has a sum of its own, which is made anew each time: entries of packages and archives,
    /// chunks of pictures. `places` are those of each.
    ///
    /// # Panics
    /// When a changed file is accepted although what was changed has something that it may not have, and when a file
    /// that was only packed again is not accepted.
    pub fn add_inner(&mut self, target: Target, file: &[u8], places: usize) {
        let code = target.code();
        for part in inner::parts(target, file) {
            let name = &part.name;
            let again = inner::with(target, file, &part, &part.content);
            let same = mugai_verify::check(target, &again, &[]);
            assert!(same.is_ok(), "{code}: {name} as it was: {same:?}");
            let own = inner::is_harmless(target, name, &part.content, &part.content);
            assert!(own, "{code}: {name} as it was");
            let step = part.content.len().checked_div(places).unwrap_or(1).max(1);
            for at in (0..part.content.len()).step_by(step) {
                for (way, change) in WAYS.iter().enumerate() {
                    let mut content = part.content.clone();
                    change(&mut content, at);
                    if content == part.content {
                        continue;
                    }
                    self.tried = self.tried.saturating_add(1);
                    let bytes = inner::with(target, file, &part, &content);
                    if mugai_verify::check(target, &bytes, &[]).is_ok() {
                        assert!(
                            inner::is_harmless(target, name, &part.content, &content),
                            "{code}: {name}, byte {at}, way {way}: {}",
                            around(&content, at)
                        );
                        self.inside = self.inside.saturating_add(1);
                    }
                }
            }
        }
    }
}
