//! Packs archives again, from what became of their files.

use crate::job::ahead::LARGE;
use crate::job::assemble::{adopt_files, place};
use crate::job::names::{self, Taken};
use crate::job::part::{Deliverable, Part, State};
use crate::job::{Job, verifiers};
use crate::policy::Archives;
use mugai_core::{Family, FindingCode, Kind, Password, Refusal, SafeName, Target, Token};
use mugai_emit::archive::{Member, Packer, Ready};
use mugai_verify::{Mark, Verified};
use std::collections::BTreeMap;
use std::num::NonZero;
use std::thread;

/// Archives of one file without a name.
const STREAMS: [Kind; 4] = [Kind::Gzip, Kind::Bzip2, Kind::Xz, Kind::Zstd];

fn is_stream(part: &Part) -> bool {
    part.kind.is_some_and(|kind| STREAMS.contains(&kind))
}

/// Whether a file has no name and place of its own, and so was compressed by itself.
const fn is_nameless(part: &Part) -> bool {
    (part.takes_name || part.name.is_none()) && part.hints.folders.is_empty()
}

/// What the file in a compressed one is called: as that is, without its extension (`a.csv.gz`).
pub(super) fn inner(part: &Part) -> Option<(SafeName, Option<Token>)> {
    let (stem, extension) = part.name.as_ref()?.split_extension();
    if part.kind == Some(Kind::Msg) {
        return Some((part.name.clone()?, None));
    }
    let kind = part.kind.filter(|kind| STREAMS.contains(kind))?;
    let own = extension.is_some_and(|extension| {
        let lower = extension.to_ascii_lowercase();
        kind.extensions().contains(&lower.as_str())
    });
    let name = SafeName::clean(if own {
        stem
    } else {
        part.name.as_ref()?.as_str()
    })
    .0?;
    let extension = name.split_extension().1;
    let extension = extension.and_then(|extension| Token::parse(&extension.to_ascii_lowercase()));
    Some((name, extension))
}

/// Begins to pack what part `index` became, if it will go into an archive as it is.
pub(super) fn begin(job: &mut Job<'_>, index: usize) {
    let plainly = job
        .route
        .is_some_and(|route| route.archives != Archives::Parts && !route.secrets.again);
    let Some(part) = job.parts.get(index).filter(|_| plainly) else {
        return;
    };
    let outer = part.parent.and_then(|parent| job.parts.get(parent));
    let is_in_archive =
        outer.is_some_and(|outer| matches!(outer.state, State::Archive) && !is_stream(outer));
    if let State::File(file) = &part.state
        && is_in_archive
    {
        job.ahead.begin(index, file, &job.spool);
    }
}

/// Packs archive `index`; a file that was compressed by itself comes out as it is called.
pub(super) fn pack(job: &mut Job<'_>, index: usize) -> Result<(), Refusal> {
    let Some(part) = job.parts.get(index) else {
        return Ok(());
    };
    if part.kind.map(Kind::family) == Some(Family::Container) {
        return unwrap(job, index);
    }
    if is_of_empty(job, index) {
        return empty(job, index);
    }
    let apart = job
        .route
        .is_some_and(|route| route.archives == Archives::Parts);
    // one with a name of its own lay on a tape, in its folders
    if let (true, [child]) = (is_stream(part), part.children.as_slice())
        && let Some(child) = job.parts.get(*child).filter(|child| is_nameless(child))
    {
        if let State::Withheld(refusal) = &child.state {
            return Err(refusal.clone());
        }
        adopt_files(job, index);
        return Ok(());
    }
    if apart {
        adopt_files(job, index);
        number(job, index);
        return Ok(());
    }
    let children = part.children.clone();
    let mut places = Places::default();
    let mut files: Vec<(Vec<SafeName>, Deliverable)> = Vec::new();
    for child in children {
        let Some(child) = job.parts.get_mut(child) else {
            continue;
        };
        places.folders(&child.hints.folders);
        let folders = child.hints.folders.clone();
        let made = std::mem::take(&mut child.out);
        files.extend(made.into_iter().map(|made| (folders.clone(), made)));
    }
    if let Some(refusal) = nothing(job, &files) {
        return Err(refusal);
    }
    let file = match closed_with(job, index) {
        Some(password) => closed(&password, &mut places, files, job)?,
        None => open(&mut places, files, job)?,
    };
    let file = job.keep(file)?;
    let lang = job.lang();
    if let Some(part) = job.parts.get_mut(index) {
        let name = part.name.as_ref().map(without_tape);
        let unnamed = names::Unnamed::of(part, lang);
        let findings = &mut part.findings;
        let name = names::made(name.as_ref(), Target::Zip, &unnamed, findings);
        part.state = State::File(file.clone());
        place(job, index, name, file);
    }
    Ok(())
}

/// Packs files, each of which goes as soon as it is packed: their memory is that of the archive.
fn open(
    places: &mut Places,
    files: Vec<(Vec<SafeName>, Deliverable)>,
    job: &mut Job<'_>,
) -> Result<Verified, Refusal> {
    let most = thread::available_parallelism().map_or(1, NonZero::get);
    let mut packer = Packer::new(job.spool.clone());
    let mut marks = Vec::new();
    let mut files = files.into_iter().peekable();
    while let Some(first) = files.next() {
        if let Some((packed, mark)) = job.ahead.take(first.1.part, &first.1.file) {
            put(&mut packer, places, &first, &packed.ready()?, job)?;
            marks.push(mark);
            continue;
        }
        let mut group = vec![first];
        while group.len() < most
            && group.iter().all(is_large)
            && let Some(file) = files.next_if(is_large)
        {
            group.push(file);
        }
        let ready = together(&group)?;
        for (file, (ready, mark)) in group.iter().zip(ready) {
            put(&mut packer, places, file, &ready, job)?;
            marks.push(mark);
        }
    }
    verifiers::of(job)
        .judge()
        .verify_archive(packer.finish()?, &marks)
}

/// Puts a file into the new archive, and notes where it is.
fn put(
    packer: &mut Packer,
    places: &mut Places,
    (folders, made): &(Vec<SafeName>, Deliverable),
    ready: &Ready<'_>,
    job: &mut Job<'_>,
) -> Result<(), Refusal> {
    let path = places.file(folders, &made.name);
    packer.put(&path, ready)?;
    if let Some(part) = job.parts.get_mut(made.part) {
        part.output = Some(path);
        if matches!(part.state, State::File(_)) {
            part.state = State::Packed;
        }
    }
    Ok(())
}

fn is_large((_, made): &(Vec<SafeName>, Deliverable)) -> bool {
    made.file.len() >= LARGE
}

/// Packs files, each on a thread of its own but the first, where threads can be had.
fn together(files: &[(Vec<SafeName>, Deliverable)]) -> Result<Vec<(Ready<'_>, Mark)>, Refusal> {
    let Some(((_, first), others)) = files.split_first() else {
        return Ok(Vec::new());
    };
    let lost = |_| Refusal::internal("archive: a file that was being packed");
    thread::scope(|scope| {
        let others: Vec<_> = others
            .iter()
            .map(|(_, made)| {
                // a thread that cannot be had is done without
                thread::Builder::new()
                    .spawn_scoped(scope, || packed(&made.file))
                    .map_err(|_| &made.file)
            })
            .collect();
        let first = packed(&first.file);
        let others = others.into_iter().map(|other| match other {
            Ok(other) => other.join().map_err(lost).flatten(),
            Err(file) => packed(file),
        });
        std::iter::once(first).chain(others).collect()
    })
}

fn packed(file: &Verified) -> Result<(Ready<'_>, Mark), Refusal> {
    let mark = Mark::of(file)?;
    Ok((Ready::of(file.target(), file.content())?, mark))
}

/// The same, closed with a password. It is checked before it is closed.
fn closed(
    password: &Password,
    places: &mut Places,
    files: Vec<(Vec<SafeName>, Deliverable)>,
    job: &mut Job<'_>,
) -> Result<Verified, Refusal> {
    let paths: Vec<String> = files
        .iter()
        .map(|(folders, made)| places.file(folders, &made.name))
        .collect();
    let members = || {
        files.iter().zip(&paths).map(|((_, made), path)| {
            Ok(Member {
                path: path.clone(),
                target: made.file.target(),
                bytes: made.file.load()?,
            })
        })
    };
    let mut packer = Packer::new(job.spool.clone());
    let mut marks = Vec::new();
    for ((_, made), path) in files.iter().zip(&paths) {
        let (ready, mark) = packed(&made.file)?;
        packer.put(path, &ready)?;
        marks.push(mark);
    }
    let verifiers = verifiers::of(job);
    let plain = verifiers.judge().verify_archive(packer.finish()?, &marks)?;
    let draft = mugai_emit::archive::sealed(members(), password, job.spool.clone())?;
    let file = verifiers.judge().verify_closed(&plain, draft)?;
    for ((_, made), path) in files.into_iter().zip(paths) {
        if let Some(part) = job.parts.get_mut(made.part) {
            part.output = Some(path);
        }
    }
    Ok(file)
}

/// What an archive is closed with again: what opened it, or the first of its files that was closed. What closed it as a
/// file of another archive closes that one again, and not both.
fn closed_with(job: &Job<'_>, index: usize) -> Option<Password> {
    if !job.route.is_some_and(|route| route.secrets.again) {
        return None;
    }
    let part = job.parts.get(index)?;
    // as a file of another archive it notes the password of that, too
    let opened = part.findings.count(FindingCode::ArchivePassword);
    let own = part
        .password
        .as_ref()
        .filter(|_| opened > u32::from(is_closed(part)));
    // a document that was closed goes out open: the archive closes it
    let of_files = part
        .children
        .iter()
        .filter_map(|child| job.parts.get(*child))
        .filter(|child| is_closed(child) || child.kind.map(Kind::family) != Some(Family::Archive));
    let mut of_files = of_files.filter_map(|child| child.password.as_ref());
    own.or_else(|| of_files.next()).cloned()
}

/// Whether a file of an archive is closed there.
fn is_closed(part: &Part) -> bool {
    let packed = part.hints.packed.as_ref();
    packed.is_some_and(|packed| packed.cipher.is_some())
}

/// Whether an archive has files, and all of them are empty.
fn is_of_empty(job: &Job<'_>, index: usize) -> bool {
    let children = job.parts.get(index).map(|part| part.children.as_slice());
    let children = children.unwrap_or_default();
    let kind = |child: &usize| job.parts.get(*child).and_then(|part| part.kind);
    !children.is_empty()
        && children
            .iter()
            .all(|child| kind(child) == Some(Kind::Empty))
}

/// Ends an archive of nothing but empty files: inside of something else it goes as an empty file does.
fn empty(job: &mut Job<'_>, index: usize) -> Result<(), Refusal> {
    if let Some(part) = job.parts.get_mut(index)
        && part.parent.is_some()
    {
        part.findings.add(FindingCode::FileEmpty, 1);
        part.state = State::Removed;
        return Ok(());
    }
    Err(Refusal::malformed("archive: all of its files are empty"))
}

/// Why an archive is withheld of which no file comes through: an archive of notices is of no use.
fn nothing(job: &Job<'_>, files: &[(Vec<SafeName>, Deliverable)]) -> Option<Refusal> {
    let mut reason = Refusal::malformed("archive: nothing came of its files");
    for (_, made) in files.iter().rev() {
        let Some(State::Withheld(refusal)) = job.parts.get(made.part).map(|part| &part.state)
        else {
            return None;
        };
        reason = refusal.clone();
    }
    Some(reason)
}

/// What was in a container of mail stands where that stood. One of nothing but properties goes.
fn unwrap(job: &mut Job<'_>, index: usize) -> Result<(), Refusal> {
    adopt_files(job, index);
    number(job, index);
    let Some(part) = job.parts.get_mut(index) else {
        return Ok(());
    };
    if part.children.is_empty() {
        if part.parent.is_none() {
            return Err(Refusal::malformed("container: nothing in it"));
        }
        part.state = State::Removed;
    }
    Ok(())
}

/// `a.tar.gz` becomes `a.zip`.
fn without_tape(name: &SafeName) -> SafeName {
    let (stem, _) = name.split_extension();
    let tape = stem
        .rsplit_once('.')
        .filter(|(_, inner)| inner.eq_ignore_ascii_case("tar"));
    tape.and_then(|(stem, _)| SafeName::clean(&format!("{stem}.tar")).0)
        .unwrap_or_else(|| name.clone())
}

/// Gives the files of archive `index`, which go out one by one, names that differ.
fn number(job: &mut Job<'_>, index: usize) {
    let Some(part) = job.parts.get_mut(index) else {
        return;
    };
    let mut taken = Taken::default();
    for made in &mut part.out {
        made.name = taken.unique(&made.name);
    }
}

/// Paths in a new archive. Folders that differ by case only are one.
#[derive(Default)]
struct Places {
    /// By the path of a folder in lower case: its path, and the names in it.
    folders: BTreeMap<String, (String, Taken)>,
}

impl Places {
    /// Folders come before files: a file gives way to a folder of its name.
    fn folders(&mut self, folders: &[SafeName]) {
        let mut key = String::new();
        for folder in folders {
            let outer = key.clone();
            key.push_str(&names::folded(folder.as_str()));
            key.push('/');
            if self.folders.contains_key(&key) {
                continue;
            }
            let (own, taken) = self.folders.entry(outer).or_default();
            let path = format!("{own}{}/", taken.unique(folder));
            self.folders.insert(key.clone(), (path, Taken::default()));
        }
    }

    fn file(&mut self, folders: &[SafeName], name: &SafeName) -> String {
        let mut key = String::new();
        for folder in folders {
            key.push_str(&names::folded(folder.as_str()));
            key.push('/');
        }
        let (path, taken) = self.folders.entry(key).or_default();
        format!("{path}{}", taken.unique(name))
    }
}
