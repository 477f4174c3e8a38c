//! Writes messages and mailboxes from their opened parts.

mod alternatives;
mod nested;
mod signed;

use crate::job::assemble::{adopt_files, is_mailbox, place, stands_alone};
use crate::job::part::{Deliverable, Part, State};
use crate::job::{Job, beside, names, verifiers};
use crate::notice::{self, Made, Summary, Withheld};
use crate::policy::Route;
use crate::report::Findings;
use mugai_core::{
    AuthMethod, AuthResult, Draft, Envelope, FindingCode, Kind, Lang, Mailbox, Refusal, SafeName,
    Target,
};
use mugai_emit::eml::{Attachment, Mail, Stamp};
use mugai_emit::{Defanged, Harmless};
use mugai_verify::Verified;
use std::collections::BTreeSet;

/// Counts what the writers made harmless.
pub(super) fn note(findings: &mut Findings, defanged: Defanged) {
    findings.add(FindingCode::TextDefanged, defanged.links);
    findings.add(FindingCode::TextMarkup, defanged.markup);
    findings.add(FindingCode::TextAutoDecode, defanged.auto_decode);
    findings.add(FindingCode::TextEncrypted, defanged.encrypted);
    findings.add(FindingCode::TextSigned, defanged.signed);
}

/// Composes message `index`: a message of its own, or a text beside the message that it came in.
pub(super) fn message(job: &mut Job<'_>, index: usize) -> Result<(), Refusal> {
    let lang = job.lang();
    let body = alternatives::body(job, index, lang)?;
    adopt_files(job, index);
    let body = body.or_else(|| signed::told(job, index));
    if signed::is_inside(job, index) {
        signed::tell(job, index, body);
        return Ok(());
    }
    let Some(part) = job.parts.get_mut(index) else {
        return Ok(());
    };
    let State::Mail(envelope) = &part.state else {
        return Ok(());
    };
    let envelope = envelope.clone();
    if !stands_alone(job, index) {
        return nested::text(job, index, lang, &envelope, body.as_ref());
    }
    let mut files = job
        .parts
        .get_mut(index)
        .map(|p| std::mem::take(&mut p.out))
        .unwrap_or_default();
    rename(job, &mut files);
    let (mut envelope, elsewhere) = without_foreign_reply(*envelope);
    let unbelieved = believed(&mut envelope, job.route);
    if let Some(part) = job.parts.get_mut(index) {
        part.findings.add(FindingCode::MailAuthResults, unbelieved);
    }
    if let Some((subject, defanged)) = envelope.subject.as_ref().map(mugai_emit::eml::subject) {
        envelope.subject = Some(subject);
        if let Some(part) = job.parts.get_mut(index) {
            note(&mut part.findings, defanged);
        }
    }
    let mut summary = summary(job, index, &files, elsewhere);
    summary.senders = senders(&envelope);
    summary.contact = job.route.and_then(|route| route.texts.contact.clone());
    let (footer, _) = mugai_emit::text(notice::footer(lang, &summary));
    let body = with_footer(body, footer);
    let withheld = !summary.withheld.is_empty();
    let draft = draft(&job.id, &envelope, &body, &files, withheld)?;
    // the checker needs room for a copy of its own
    drop(body);
    let known: Vec<&Verified> = files.iter().map(|made| &made.file).collect();
    let file = beside::accept(job, draft, &known)?;
    pack_away(job, &files);
    let is_attached = is_attached(job, index);
    let Some(part) = job.parts.get_mut(index) else {
        return Ok(());
    };
    let unnamed = names::Unnamed::of(part, lang);
    let mut name = names::made(
        part.name.as_ref(),
        Target::Eml,
        &unnamed,
        &mut part.findings,
    );
    if is_attached
        && part.name.as_ref().is_none_or(nested::says_nothing)
        && let Some(subject) = envelope.subject.as_ref().and_then(nested::titled)
    {
        name = subject.with_extension(Target::Eml.extension(), |_| false);
    }
    place(job, index, name, file);
    Ok(())
}

/// Whether a message came as an attachment of another one.
fn is_attached(job: &Job<'_>, index: usize) -> bool {
    let parent = job.parts.get(index).and_then(|part| part.parent);
    let parent = parent.and_then(|parent| job.parts.get(parent));
    parent.is_some_and(|parent| parent.kind == Some(Kind::Mail))
}

/// The message itself.
fn draft(
    id: &str,
    envelope: &Envelope,
    body: &Harmless,
    files: &[Deliverable],
    withheld: bool,
) -> Result<Draft, Refusal> {
    let verdict = if withheld {
        "partly_withheld"
    } else {
        "sanitised"
    };
    let attachments: Vec<Attachment<'_>> = files
        .iter()
        .map(|made| Attachment {
            name: &made.name,
            target: made.file.target(),
            content: made.file.content(),
        })
        .collect();
    mugai_emit::eml::message(&Mail {
        envelope,
        body,
        attachments: &attachments,
        result: Stamp::new(id, verdict)?,
    })
}

/// What our own server found out about the sender: the first result of each method.
fn senders(envelope: &Envelope) -> Vec<AuthResult> {
    let of = |method| {
        let mut all = envelope.auth.iter().flat_map(|field| &field.results);
        all.find(|result| result.method == method).cloned()
    };
    AuthMethod::ALL.into_iter().filter_map(of).collect()
}

fn with_footer(body: Option<Harmless>, footer: Harmless) -> Harmless {
    match body {
        Some(mut body) => {
            body.append(&footer);
            body
        }
        None => footer,
    }
}

/// The files are in the message now, and not needed a second time.
fn pack_away(job: &mut Job<'_>, files: &[Deliverable]) {
    for made in files {
        if let Some(part) = job.parts.get_mut(made.part)
            && matches!(part.state, State::File(_))
        {
            part.state = State::Packed;
        }
    }
}

/// Composes mailbox `index` of the messages in it.
pub(super) fn mailbox(job: &mut Job<'_>, index: usize) -> Result<(), Refusal> {
    adopt_files(job, index);
    let Some(part) = job.parts.get(index) else {
        return Ok(());
    };
    if !is_mailbox(part) {
        return Ok(());
    }
    if part.out.len() == 1 && !is_called_mailbox(part) {
        single(job, index);
        return Ok(());
    }
    // a message that is withheld leaves its notice, which a mailbox has no place for but as a message
    let lang = job.lang();
    let mut files = Vec::new();
    for made in &part.out {
        let is_withheld = job
            .parts
            .get(made.part)
            .is_some_and(|part| part.refusal().is_some());
        files.push(if made.file.target() == Target::Eml {
            made.file.clone()
        } else if is_withheld {
            let notice = String::from_utf8_lossy(&made.file.load()?).into_owned();
            wrapped_notice(job, notice, lang)?
        } else {
            // what stands where a message belongs may be any file
            wrapped_file(job, made, lang)?
        });
    }
    let messages = files.iter().map(Verified::content);
    let draft = mugai_emit::mbox::mailbox(messages, job.spool.clone())?;
    let known: Vec<&Verified> = files.iter().collect();
    let file = beside::accept(job, draft, &known)?;
    let Some(part) = job.parts.get_mut(index) else {
        return Ok(());
    };
    part.out.clear();
    let unnamed = names::Unnamed::of(part, lang);
    let name = names::made(
        part.name.as_ref(),
        Target::Mbox,
        &unnamed,
        &mut part.findings,
    );
    place(job, index, name, file);
    Ok(())
}

/// Single messages, too, are saved with the line that parts messages in a mailbox: they stay what
/// their name says, a message.
fn is_called_mailbox(part: &Part) -> bool {
    part.name
        .as_ref()
        .and_then(|name| name.split_extension().1)
        .is_some_and(|e| e.eq_ignore_ascii_case("mbox"))
}

/// Names the only message of mailbox `index` after the mailbox.
fn single(job: &mut Job<'_>, index: usize) {
    let lang = job.lang();
    let Some(part) = job.parts.get_mut(index) else {
        return;
    };
    let Some(made) = part.out.first() else { return };
    let target = made.file.target();
    let unnamed = names::Unnamed::of(part, lang);
    let name = if target == Target::Eml {
        names::made(part.name.as_ref(), target, &unnamed, &mut part.findings)
    } else {
        names::notice(part.name.as_ref(), &unnamed)
    };
    if let Some(made) = part.out.first_mut() {
        made.name = name;
    }
}

/// A message that holds nothing but the notice of a withheld one.
fn wrapped_notice(job: &Job<'_>, notice: String, lang: Lang) -> Result<Verified, Refusal> {
    let subject = match lang {
        Lang::Ja => "無害化により取り除かれたメール",
        Lang::En => "A message that was withheld",
    };
    let envelope = Envelope {
        subject: Some(mugai_core::Line::clean(subject).0),
        ..Envelope::default()
    };
    let draft = mugai_emit::eml::message(&Mail {
        envelope: &envelope,
        body: &mugai_emit::text(notice).0,
        attachments: &[],
        result: Stamp::new(&job.id, "withheld")?,
    })?;
    verifiers::of(job).judge().verify(draft, &[])
}

/// A message that holds nothing but a file which stood in the place of one.
fn wrapped_file(job: &Job<'_>, made: &Deliverable, lang: Lang) -> Result<Verified, Refusal> {
    let (subject, body) = match lang {
        Lang::Ja => (
            "メールではないファイル",
            "メールボックスの中にメールではないファイルがありました。無害化したものを添付します。\n",
        ),
        Lang::En => (
            "A file that is no message",
            "A file that is no message stood in the mailbox. What was made of it is attached.\n",
        ),
    };
    let envelope = Envelope {
        subject: Some(mugai_core::Line::clean(subject).0),
        ..Envelope::default()
    };
    let draft = mugai_emit::eml::message(&Mail {
        envelope: &envelope,
        body: &mugai_emit::text(body.to_owned()).0,
        attachments: &[Attachment {
            name: &made.name,
            target: made.file.target(),
            content: made.file.content(),
        }],
        result: Stamp::new(&job.id, "sanitised")?,
    })?;
    verifiers::of(job).judge().verify(draft, &[&made.file])
}

/// Gives the files of one message names that differ.
fn rename(job: &mut Job<'_>, files: &mut [Deliverable]) {
    let mut taken = names::Taken::default();
    for made in files {
        made.name = taken.unique(&made.name);
        if let Some(part) = job.parts.get_mut(made.part) {
            part.output = Some(made.name.to_string());
        }
    }
}

/// Answers go to the author: another address is told in the footer instead.
fn without_foreign_reply(mut envelope: Envelope) -> (Envelope, Vec<String>) {
    let authors: BTreeSet<String> = envelope
        .from
        .iter()
        .filter_map(Mailbox::address)
        .map(|a| a.to_wire().to_lowercase())
        .collect();
    let foreign: Vec<String> = envelope
        .reply_to
        .iter()
        .filter_map(|mailbox| Some((mailbox.name(), mailbox.address()?)))
        .filter(|(_, address)| !authors.contains(&address.to_wire().to_lowercase()))
        .map(|(name, address)| {
            let address = format!("{}[@]{}", address.local(), address.domain());
            match name {
                Some(name) => format!("{} <{address}>", name.as_str()),
                None => address,
            }
        })
        .collect();
    if !foreign.is_empty() || envelope.reply_to.iter().any(|m| m.address().is_none()) {
        envelope.reply_to.clear();
    }
    (envelope, foreign)
}

/// Keeps what our own server found out about the sender, and nobody else: anybody can write such fields. Gives
/// how many fields are left out.
fn believed(envelope: &mut Envelope, route: Option<&Route>) -> u32 {
    let server = route.and_then(|route| route.authserv.as_ref());
    let before = envelope.auth.len();
    envelope.auth.retain(|field| Some(&field.server) == server);
    u32::try_from(before.saturating_sub(envelope.auth.len())).unwrap_or(u32::MAX)
}

/// Message `index` and all that is in it, messages that stand alone excepted.
fn family(job: &Job<'_>, index: usize) -> Vec<usize> {
    let mut members = vec![index];
    let mut next = 0;
    while let Some(part) = members.get(next).and_then(|m| job.parts.get(*m)) {
        members.extend(&part.children);
        next = next.saturating_add(1);
    }
    members
}

fn summary(job: &Job<'_>, index: usize, files: &[Deliverable], reply_to: Vec<String>) -> Summary {
    let mut summary = Summary {
        ticket: job.id.clone(),
        reply_to,
        ..Summary::default()
    };
    let mut findings = Findings::default();
    for part in family(job, index)
        .into_iter()
        .filter_map(|member| job.parts.get(member))
    {
        // what is withheld says enough of what is in it
        let outer = part.parent.and_then(|outer| job.parts.get(outer));
        let is_told = outer.is_some_and(|outer| matches!(outer.state, State::Withheld(_)));
        // a link of HTML is told as a number and once more in the list, and both are made unclickable
        let is_html = part.findings.has(FindingCode::HtmlLink);
        for (code, count) in part.findings.iter() {
            if !(is_html && code == FindingCode::TextDefanged) {
                findings.add(code, count);
            }
        }
        let shown = part
            .name
            .as_ref()
            .map_or_else(|| part.path.to_string(), SafeName::to_string);
        if let State::Withheld(refusal) = &part.state
            && !is_told
        {
            summary.withheld.push(Withheld {
                name: shown,
                kind: part.kind,
                refusal: refusal.clone(),
            });
        }
        summary.from_html |= part.kind == Some(Kind::Html) && matches!(part.state, State::Shown);
    }
    for made in files {
        let Some(part) = job.parts.get(made.part) else {
            continue;
        };
        if matches!(part.state, State::File(_) | State::Mail(_)) {
            let was = part
                .name
                .as_ref()
                .map_or_else(|| made.name.to_string(), SafeName::to_string);
            summary.made.push(Made {
                was,
                is: made.name.to_string(),
            });
        }
    }
    summary.findings = findings.iter().collect();
    summary
}
