//! The names of one folder, on disk where they are many.

use super::{FRONT, dots, stem};
use crate::spill::{Key, Map, Scratch, Value};
use mugai_core::SafeName;
use std::collections::BTreeSet;
use std::io;

/// The names of one folder. An input called `a.tif` owns `a.<any extension of a kind>` and
/// `a.tif.<anything>`; names are compared without case, since some file systems do.
///
/// Words are kept as digests with what they are (a [`Word`]).
#[derive(Debug)]
pub(super) struct Space {
    words: Map,
    /// Folders that are there and that no folder of the inputs was put into yet.
    folders: BTreeSet<String>,
}

/// A whole name.
const NAME: u8 = 1;
/// What stands before some dot of a whole name.
const BEFORE: u8 = 2;
/// The stem of a folder or of a file that is there: an output could come to its very name.
const STEM: u8 = 4;

/// What is known of one word.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    is: u8,
    /// How many files have it for their stem: none, one, or two for more.
    files: u8,
    /// The first of those.
    first: u64,
}

impl Word {
    fn packed(self) -> Value {
        let mut value = [0; 16];
        let (front, back) = value.split_at_mut(8);
        front.copy_from_slice(&[self.is, self.files, 0, 0, 0, 0, 0, 0]);
        back.copy_from_slice(&self.first.to_be_bytes());
        value
    }

    fn unpacked(value: Value) -> Self {
        let [is, files, _, _, _, _, _, _, first @ ..] = value;
        Self {
            is,
            files,
            first: u64::from_be_bytes(first),
        }
    }
}

/// A name with all that is known of it and of what stands before its dots.
struct Looked {
    lower: String,
    stem: String,
    /// The name first.
    words: Vec<(String, Word)>,
}

impl Looked {
    /// Whether an input of this name could have an output that is another's.
    fn clashes(&self) -> bool {
        self.words.iter().any(|(word, known)| {
            let own = if *word == self.lower {
                NAME | BEFORE
            } else {
                NAME
            };
            let stem = if *word == self.stem { STEM } else { 0 };
            known.is & (own | stem) != 0
        })
    }
}

fn key(word: &str) -> Key {
    crate::key::short(&["word".as_ref(), word.as_ref()])
}

/// Where the search for a free name like this one ended the last time.
fn numbered_key(base: &SafeName) -> Key {
    crate::key::short(&["number".as_ref(), base.as_str().as_ref()])
}

impl Space {
    pub(super) fn new(scratch: &Scratch) -> Self {
        Self {
            words: Map::new(scratch),
            folders: BTreeSet::new(),
        }
    }

    /// For the next folder.
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.folders.clear();
    }

    fn word(&self, word: &str) -> io::Result<Word> {
        let value = self.words.get(&key(word))?;
        Ok(value.map(Word::unpacked).unwrap_or_default())
    }

    fn put(&mut self, word: &str, known: Word) -> io::Result<()> {
        self.words.put(key(word), known.packed(), &mut |_| Ok(()))
    }

    fn look(&self, lower: String) -> io::Result<Looked> {
        let mut words = vec![(lower.clone(), self.word(&lower)?)];
        for before in dots(&lower) {
            words.push((before.to_owned(), self.word(before)?));
        }
        let stem = stem(&lower);
        Ok(Looked { lower, stem, words })
    }

    fn insert(&mut self, looked: Looked) -> io::Result<()> {
        for (word, known) in looked.words {
            let is = if word == looked.lower { NAME } else { BEFORE };
            if known.is & is == 0 {
                let is = known.is | is;
                self.put(&word, Word { is, ..known })?;
            }
        }
        Ok(())
    }

    /// A name for good: no output may ever be called so.
    pub(super) fn block(&mut self, name: &str) -> io::Result<()> {
        let looked = self.look(name.to_owned())?;
        let stem = looked.stem.clone();
        self.insert(looked)?;
        let known = self.word(&stem)?;
        let is = known.is | STEM;
        self.put(&stem, Word { is, ..known })
    }

    /// A folder that is there: outputs may go into it.
    pub(super) fn block_folder(&mut self, lower: String) -> io::Result<()> {
        self.block(&lower)?;
        self.folders.insert(lower);
        Ok(())
    }

    /// A name for a folder; one that is there already is the place to put more into.
    pub(super) fn folder(&mut self, base: &SafeName) -> io::Result<SafeName> {
        let begin = self.number(base)?;
        for number in begin..u32::MAX {
            let name = if number > 1 {
                base.numbered(number)
            } else {
                base.clone()
            };
            let lower = name.as_str().to_lowercase();
            if self.folders.remove(&lower) || self.word(&lower)?.is & NAME == 0 {
                self.block(&lower)?;
                self.ended_at(base, number, begin)?;
                return Ok(name);
            }
        }
        Err(io::Error::other("too many folders of one name"))
    }

    /// Names file `index` with a name that clashes with none: `base`, or with a number. `shares` sees
    /// the files whose stem turns out to be another's too.
    pub(super) fn file(
        &mut self,
        base: &SafeName,
        index: u64,
        shares: &mut dyn FnMut(u64) -> io::Result<()>,
    ) -> io::Result<SafeName> {
        let (name, looked) = self.free(base)?;
        let stem = looked.stem.clone();
        self.insert(looked)?;
        let known = self.word(&stem)?;
        if known.files == 0 {
            let one = Word {
                files: 1,
                first: index,
                ..known
            };
            self.put(&stem, one)?;
            return Ok(name);
        }
        if known.files == 1 {
            shares(known.first)?;
            self.put(&stem, Word { files: 2, ..known })?;
        }
        shares(index)?;
        Ok(name)
    }

    fn free(&mut self, base: &SafeName) -> io::Result<(SafeName, Looked)> {
        let looked = self.look(base.as_str().to_lowercase())?;
        if !looked.clashes() {
            return Ok((base.clone(), looked));
        }
        let begin = self.number(base)?.max(2);
        for number in begin..u32::MAX {
            // a.zip.withheld.txt belongs to a.zip whatever stands before its last dot
            let front = numbered_in_front(base, number);
            for name in std::iter::once(base.numbered(number)).chain(front) {
                let looked = self.look(name.as_str().to_lowercase())?;
                if !looked.clashes() {
                    self.ended_at(base, number, begin)?;
                    return Ok((name, looked));
                }
            }
        }
        Err(io::Error::other("too many files of one name"))
    }

    /// The first number that may be free: names that are taken stay so, hence nobody needs to try the
    /// lower ones again.
    fn number(&self, base: &SafeName) -> io::Result<u32> {
        let value = self.words.get(&numbered_key(base))?;
        let number = value.map_or(1, |value| Word::unpacked(value).first);
        Ok(u32::try_from(number).unwrap_or(u32::MAX))
    }

    fn ended_at(&mut self, base: &SafeName, number: u32, begin: u32) -> io::Result<()> {
        if number <= begin.max(2) {
            return Ok(());
        }
        let first = u64::from(number);
        let value = Word {
            first,
            ..Word::default()
        };
        let key = numbered_key(base);
        self.words.put(key, value.packed(), &mut |_| Ok(()))
    }
}

/// The same name with `-2`, `-3`, … before its first dot.
pub(super) fn numbered_in_front(base: &SafeName, number: u32) -> Option<SafeName> {
    let (first, rest) = base.as_str().split_once('.').unwrap_or((base.as_str(), ""));
    let first: String = first.chars().take(FRONT).collect();
    let dot = if rest.is_empty() { "" } else { "." };
    SafeName::clean(&format!("{first}-{number}{dot}{rest}")).0
}
