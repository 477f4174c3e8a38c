//! Puts the opened parts together again, from the last to the first: children before parents.

use crate::job::beside::Accepted;
use crate::job::part::{Deliverable, Part, State};
use crate::job::{Job, archive, compose, names, office};
use crate::notice;
use crate::policy::{Attached, Texts};
use mugai_core::{Draft, Family, FindingCode, Kind, Opener, Refusal, Role, SafeName, Target};
use mugai_verify::Verified;

/// Assembles the whole job; what is left is what goes out for the root.
pub(super) fn all(job: &mut Job<'_>, opener: &dyn Opener) -> Vec<Deliverable> {
    for index in (0..job.parts.len()).rev() {
        let result = one(job, index, opener);
        if let Err(refusal) = result {
            withhold(job, index, &refusal);
        }
    }
    let Some(root) = job.parts.first_mut() else {
        return Vec::new();
    };
    std::mem::take(&mut root.out)
}

/// What cannot be assembled is withheld, with the texts that waited to be told in it.
fn withhold(job: &mut Job<'_>, index: usize, refusal: &Refusal) {
    let children = job
        .parts
        .get(index)
        .map(|part| part.children.clone())
        .unwrap_or_default();
    for child in children {
        if let Some(child) = job.parts.get_mut(child)
            && !matches!(child.state, State::Withheld(_))
            && (matches!(child.state, State::Text(_) | State::Shown)
                || matches!(child.role, Role::Picture | Role::Member))
        {
            child.state = State::Withheld(refusal.clone());
        }
    }
    if let Some(part) = job.parts.get_mut(index) {
        part.state = State::Withheld(refusal.clone());
        part.out.clear();
    }
    announce(job, index);
}

/// Whether part `index` is told in the body of the message that it came in.
fn in_body(job: &Job<'_>, index: usize) -> bool {
    job.parts.get(index).is_some_and(|part| {
        let mail = part
            .parent
            .and_then(|p| job.parts.get(p))
            .is_some_and(|p| matches!(p.state, State::Mail(_)));
        // an invitation among the forms of the body says what they do not
        let invitation = part.kind == Some(Kind::Calendar) && matches!(part.state, State::Text(_));
        mail && matches!(part.role, Role::Body { .. }) && !invitation
    })
}

fn one(job: &mut Job<'_>, index: usize, opener: &dyn Opener) -> Result<(), Refusal> {
    let in_body = in_body(job, index);
    let Some(part) = job.parts.get_mut(index) else {
        return Ok(());
    };
    if part.role == Role::Picture {
        // it waits for its document
        let settled = matches!(
            part.state,
            State::File(_) | State::Withheld(_) | State::Removed
        );
        return settled
            .then_some(())
            .ok_or(Refusal::internal("job: a picture that is none"));
    }
    match &part.state {
        // bodies wait for their message, together with the files that were in them
        State::Text(_) | State::Withheld(_) if in_body => {
            adopt_files(job, index);
            Ok(())
        }
        State::Text(_) => {
            let State::Text(text) = std::mem::replace(&mut part.state, State::Removed) else {
                return Ok(());
            };
            part.title = names::title_of_entry(part.kind, &text);
            let (file, defanged) = text_file(text)?;
            compose::note(&mut part.findings, defanged);
            part.state = State::File(file.kept_in(&job.spool)?);
            deliver(job, index);
            Ok(())
        }
        State::File(_) => {
            deliver(job, index);
            Ok(())
        }
        State::Withheld(_) => {
            announce(job, index);
            Ok(())
        }
        State::Office(_) => office::document(job, index, opener),
        State::Mail(_) => compose::message(job, index),
        State::Mailbox => compose::mailbox(job, index),
        State::Archive => archive::pack(job, index),
        State::Waiting(_) => Err(Refusal::internal("job: a part was never opened")),
        State::Packed | State::Shown | State::Removed => {
            adopt_files(job, index);
            Ok(())
        }
    }
}

/// A text as a file that passed its checker.
pub(super) fn text_file(text: String) -> Result<(Verified, mugai_emit::Defanged), Refusal> {
    let (text, defanged) = mugai_emit::text(text);
    let draft = Draft::new(Target::Txt, text.into_bytes());
    let file = mugai_verify::verify(draft, &[]).map_err(Refusal::Unverified)?;
    Ok((file, defanged))
}

/// Puts the file of part `index` before those of its children.
pub(super) fn deliver(job: &mut Job<'_>, index: usize) {
    let lang = job.lang();
    if let Some(part) = job.parts.get_mut(index)
        && let State::File(file) = &part.state
    {
        let unnamed = names::Unnamed::of(part, lang);
        let name = names::made(
            part.name.as_ref(),
            file.target(),
            &unnamed,
            &mut part.findings,
        );
        let file = file.clone();
        place(job, index, name, file);
    }
    adopt_files(job, index);
}

/// Notes what part `index` became.
pub(super) fn place(job: &mut Job<'_>, index: usize, name: SafeName, made: impl Into<Accepted>) {
    let Accepted { file, digests } = made.into();
    if let Some(part) = job.parts.get_mut(index) {
        part.bytes_out = u64::try_from(file.len()).unwrap_or(u64::MAX);
        part.out.push(Deliverable {
            part: index,
            name,
            file,
            digests,
        });
    }
}

/// Takes over the files of the children of part `index`.
pub(super) fn adopt_files(job: &mut Job<'_>, index: usize) {
    let children = job
        .parts
        .get(index)
        .map(|part| part.children.clone())
        .unwrap_or_default();
    for child in children {
        let files = job
            .parts
            .get_mut(child)
            .map(|c| std::mem::take(&mut c.out))
            .unwrap_or_default();
        if let Some(part) = job.parts.get_mut(index) {
            part.out.extend(files);
        }
    }
}

/// Puts a notice in the place of withheld part `index`. A notice that does not pass its own checker
/// is left out; the report and the footer name the part all the same.
fn announce(job: &mut Job<'_>, index: usize) {
    let lang = job.lang();
    let ticket = job.id.clone();
    let Some(part) = job.parts.get_mut(index) else {
        return;
    };
    let State::Withheld(refusal) = &part.state else {
        return;
    };
    let shown = part.name.as_ref().map_or("-", SafeName::as_str);
    let notice = notice::Notice {
        ticket: &ticket,
        path: &part.path.to_string(),
        name: shown,
        kind: part.kind,
        refusal,
    };
    let none = Texts::default();
    let texts = job.route.map_or(&none, |route| &route.texts);
    let text = notice::withheld(lang, texts, &notice);
    let name = names::notice(part.name.as_ref(), &names::Unnamed::of(part, lang));
    if let Ok((file, _)) = text_file(text) {
        place(job, index, name, file);
    }
}

/// Whether a mailbox becomes one: the root, and a file of an archive.
pub(super) fn is_mailbox(part: &Part) -> bool {
    part.parent.is_none() || part.role == Role::Member
}

/// Whether a message becomes a message of its own: the root, files of an archive, and the messages of
/// a mailbox that stays one. A message inside a message is told as a text beside it, unless the policy
/// keeps it.
pub(super) fn stands_alone(job: &Job<'_>, index: usize) -> bool {
    let parent = job.parts.get(index).and_then(|part| part.parent);
    match parent.and_then(|parent| job.parts.get(parent)) {
        None => true,
        Some(parent) => {
            let kept = job
                .route
                .is_some_and(|route| route.attached == Attached::Mail);
            kept && matches!(parent.kind, Some(Kind::Mail | Kind::Msg))
                || parent
                    .kind
                    .is_some_and(|kind| kind.family() == Family::Archive)
                || matches!(parent.kind, Some(Kind::Mbox | Kind::Msg)) && is_mailbox(parent)
        }
    }
}

/// Counts a removed alternative.
pub(super) fn remove_alternative(job: &mut Job<'_>, index: usize) {
    if let Some(part) = job.parts.get_mut(index) {
        part.state = State::Removed;
        part.findings.add(FindingCode::MimeAlternative, 1);
    }
}
