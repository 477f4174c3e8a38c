//! Archives of ours (`docs/profiles/zip.md`): the one form of ZIP file, names that are safe on every
//! system, and nothing inside but files of the other profiles.

pub(crate) mod seal;

use crate::eml::{self, file_name};
use crate::known::Known;
use crate::ooxml::zip::{self, Entry, Form};
use crate::{Mark, mbox};
use mugai_core::{Places, Target, Violation};
use std::collections::BTreeSet;

/// How deep archives and messages lie in each other at most.
const MAX_DEPTH: u32 = 16;
/// How many folders a path has at most.
const MAX_FOLDERS: usize = 64;

/// Checks an archive that lies `depth` files deep.
pub(crate) fn nested(bytes: &[u8], known: Known<'_>, depth: u32) -> Result<(), Violation> {
    if depth > MAX_DEPTH {
        return Err(Violation::of("zip: archives nested too deep"));
    }
    walk(bytes, |place, target, file| {
        let content = file.content()?;
        let is_known = known
            .from(place)
            .any(|known| known.target() == target && known.content().here() == Some(&*content));
        if is_known || known.is_marked(target, &content) {
            return Ok(());
        }
        member(target, &content, known, depth.saturating_add(1))
    })
}

/// Checks an archive of files that were accepted before, in their order, and are not there any more.
///
/// Of a draft that is elsewhere one file is here at a time, as it is packed.
pub(crate) fn of_marks(draft: &mut dyn Places, marks: &[Mark]) -> Result<(), Violation> {
    let mut count = 0usize;
    let mut paths = Paths::default();
    zip::each_from(draft, &Form::archive(is_path), |file| {
        let (place, target) = paths.next(file.name)?;
        packed_as_ours(target, file)?;
        count = count.saturating_add(1);
        let (mut length, mut hash) = (0usize, blake3::Hasher::new());
        file.pieces(|bytes| {
            length = length.saturating_add(bytes.len());
            hash.update(bytes);
        })?;
        let hash = hash.finalize();
        let mark = Mark {
            target,
            length,
            hash,
        };
        if marks.get(place) == Some(&mark) {
            Ok(())
        } else {
            Err(Violation::of("zip: another file than was accepted"))
        }
    })?;
    paths.end()?;
    if count == marks.len() {
        Ok(())
    } else {
        Err(Violation::of("zip: fewer files than were accepted"))
    }
}

/// Texts are deflated, and what is packed already is stored.
fn packed_as_ours(target: Target, file: &Entry<'_>) -> Result<(), Violation> {
    if file.is_deflated() == is_loose(target) {
        Ok(())
    } else {
        Err(Violation::of("zip: another method than ours"))
    }
}

const fn is_loose(target: Target) -> bool {
    matches!(
        target,
        Target::Txt | Target::Csv | Target::Eml | Target::Mbox
    )
}

/// Hands over each file with its place and what its extension says that it is.
fn walk(
    bytes: &[u8],
    mut check: impl FnMut(usize, Target, &Entry<'_>) -> Result<(), Violation>,
) -> Result<(), Violation> {
    let mut paths = Paths::default();
    zip::each(bytes, &Form::archive(is_path), |file| {
        let (place, target) = paths.next(file.name)?;
        packed_as_ours(target, file)?;
        check(place, target, file)
    })?;
    paths.end()
}

/// The paths of the files of an archive.
#[derive(Default)]
struct Paths {
    /// In lower case; no two are the same.
    names: BTreeSet<String>,
}

impl Paths {
    /// The place of the next file, and what its extension says that it is.
    fn next(&mut self, name: &str) -> Result<(usize, Target), Violation> {
        let target = target(name).ok_or(Violation::of("zip: extension of a file"))?;
        let place = self.names.len();
        self.names.insert(zip::folded(name));
        Ok((place, target))
    }

    fn end(&self) -> Result<(), Violation> {
        if self.names.is_empty() {
            return Err(Violation::of("zip: no file"));
        }
        apart(&self.names)
    }
}

/// No file is the folder of another.
fn apart(names: &BTreeSet<String>) -> Result<(), Violation> {
    let is_folder = |name: &String| {
        name.match_indices('/')
            .filter_map(|(at, _)| name.get(..at))
            .any(|folder| names.contains(folder))
    };
    if names.iter().any(is_folder) {
        return Err(Violation::of("zip: a file that is a folder, too"));
    }
    Ok(())
}

fn is_path(name: &str) -> bool {
    name.split('/').count() <= MAX_FOLDERS.saturating_add(1)
        && name.split('/').all(file_name::is_safe)
}

fn target(name: &str) -> Option<Target> {
    let (_, extension) = name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    Target::ALL
        .iter()
        .copied()
        .find(|target| target.extension() == extension)
}

fn member(target: Target, content: &[u8], known: Known<'_>, depth: u32) -> Result<(), Violation> {
    match target {
        Target::Zip => nested(content, known, depth),
        Target::Eml => eml::nested(content, known, depth),
        Target::Mbox => mbox::nested(content, known, depth),
        other @ (Target::Txt
        | Target::Csv
        | Target::Png
        | Target::Jpeg
        | Target::Pdf
        | Target::Docx
        | Target::Xlsx
        | Target::Pptx
        | Target::Odt
        | Target::Ods
        | Target::Odp) => crate::here(other, content, known),
    }
}
