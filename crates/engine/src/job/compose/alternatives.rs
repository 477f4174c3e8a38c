//! The body of a message: of each of its places the best alternative that could be read.

use crate::job::Job;
use crate::job::assemble::remove_alternative;
use crate::job::compose::note;
use crate::job::part::State;
use crate::notice;
use mugai_core::{FindingCode, Lang, Refusal, Role};
use mugai_emit::Harmless;
use std::collections::BTreeMap;

/// The places of a body, each with its alternatives, each with its parts in their order.
type Places = BTreeMap<u32, BTreeMap<u32, Vec<usize>>>;

/// Composes the body of message `index`, if it has one, and gives every body part its outcome.
pub(super) fn body(
    job: &mut Job<'_>,
    index: usize,
    lang: Lang,
) -> Result<Option<Harmless>, Refusal> {
    let mut body = None;
    for alternatives in places(job, index).into_values() {
        let chosen = choose(job, &alternatives);
        if chosen.is_some_and(|chosen| differ(job, &alternatives, chosen))
            && let Some(part) = job.parts.get_mut(index)
        {
            part.findings.add(FindingCode::MimeAlternativeDiffers, 1);
        }
        for (choice, parts) in alternatives {
            for part in parts {
                if chosen == Some(choice) {
                    show(job, part, lang, &mut body)?;
                } else if is_lost(job, part) {
                    // nobody knows what it says: it is withheld, and the job may be begun again for it
                } else {
                    remove_alternative(job, part);
                }
            }
        }
    }
    Ok(body)
}

/// Whether a part is withheld for what became of its worker, and not for what it is.
fn is_lost(job: &Job<'_>, part: usize) -> bool {
    let state = job.parts.get(part).map(|part| &part.state);
    match state {
        Some(State::Withheld(refusal)) => refusal.is_alarm() || matches!(refusal, Refusal::Lost(_)),
        _ => false,
    }
}

fn places(job: &Job<'_>, index: usize) -> Places {
    let mut places = Places::new();
    let children = job
        .parts
        .get(index)
        .map(|part| part.children.clone())
        .unwrap_or_default();
    for child in children {
        let Some(part) = job.parts.get(child) else {
            continue;
        };
        // a body that turned out to be a file of its own is an attachment
        let told = matches!(part.state, State::Text(_) | State::Withheld(_));
        if let (Role::Body { group, choice }, true) = (part.role, told) {
            places
                .entry(group)
                .or_default()
                .entry(choice)
                .or_default()
                .push(child);
        }
    }
    places
}

fn text<'j>(job: &'j Job<'_>, part: usize) -> Option<&'j str> {
    match job.parts.get(part).map(|p| &p.state) {
        Some(State::Text(text)) => Some(text),
        _ => None,
    }
}

/// The highest alternative with visible text; without one the highest that could be read; without
/// one the highest (RFC 2046 section 5.1.4: the last is the richest).
fn choose(job: &Job<'_>, alternatives: &BTreeMap<u32, Vec<usize>>) -> Option<u32> {
    let best = |fits: &dyn Fn(&str) -> bool| {
        alternatives
            .iter()
            .rev()
            .find(|(_, parts)| parts.iter().any(|part| text(job, *part).is_some_and(fits)))
            .map(|(choice, _)| *choice)
    };
    best(&|text| !text.trim().is_empty())
        .or_else(|| best(&|_| true))
        .or_else(|| alternatives.keys().next_back().copied())
}

fn show(
    job: &mut Job<'_>,
    index: usize,
    lang: Lang,
    body: &mut Option<Harmless>,
) -> Result<(), Refusal> {
    let Some(part) = job.parts.get_mut(index) else {
        return Ok(());
    };
    let told = match &mut part.state {
        State::Text(told) => {
            let (told, defanged) = mugai_emit::text(std::mem::take(told));
            note(&mut part.findings, defanged);
            part.state = State::Shown;
            told
        }
        State::Withheld(refusal) => {
            let kind = notice::kind_name(lang, part.kind);
            let reason = notice::reason(lang, refusal);
            let told = match lang {
                Lang::Ja => format!("[本文の一部を取り除きました: {kind} {reason}]"),
                Lang::En => format!("[a part of the body was withheld: {kind}, {reason}]"),
            };
            mugai_emit::text(told).0
        }
        State::Waiting(_)
        | State::File(_)
        | State::Packed
        | State::Mail(_)
        | State::Mailbox
        | State::Archive
        | State::Office(_)
        | State::Shown
        | State::Removed => return Err(Refusal::internal("job: a body part of no text")),
    };
    part.bytes_out = u64::try_from(told.as_str().len()).unwrap_or(u64::MAX);
    match body {
        Some(body) => body.append(&told),
        None => *body = Some(told),
    }
    Ok(())
}

/// Whether an alternative that is not shown says much that the shown one does not.
fn differ(job: &Job<'_>, alternatives: &BTreeMap<u32, Vec<usize>>, chosen: u32) -> bool {
    if alternatives.len() < 2 {
        return false;
    }
    let shown = alternatives
        .get(&chosen)
        .into_iter()
        .flatten()
        .filter_map(|p| text(job, *p));
    let mut seen = vec![false; SLOTS];
    for text in shown {
        shingles(text, |slot| {
            if let Some(seen) = seen.get_mut(slot) {
                *seen = true;
            }
        });
    }
    alternatives
        .iter()
        .filter(|(choice, _)| **choice != chosen)
        .any(|(_, parts)| {
            let (mut all, mut missing) = (0u32, 0u32);
            for text in parts.iter().filter_map(|p| text(job, *p)) {
                shingles(text, |slot| {
                    all = all.saturating_add(1);
                    missing =
                        missing.saturating_add(u32::from(!seen.get(slot).copied().unwrap_or(true)));
                });
            }
            all >= MIN_SHINGLES && missing > all / 3
        })
}

/// Slots for runs of three letters; enough that ordinary mails seldom collide.
const SLOTS: usize = 1 << 16;
/// Shorter texts differ by chance.
const MIN_SHINGLES: u32 = 40;

/// Calls `visit` with the slot of every run of three letters or digits.
fn shingles(text: &str, mut visit: impl FnMut(usize)) {
    let mut window = 0u64;
    let mut filled = 0u8;
    for c in text.chars().filter(|c| c.is_alphanumeric()) {
        window = ((window << 21) | u64::from(u32::from(c))) & ((1 << 63) - 1);
        filled = filled.saturating_add(1).min(3);
        if filled == 3 {
            // Fibonacci hashing: the top bits of the product are well mixed
            let slot = window.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
            visit(usize::try_from(slot).unwrap_or(0));
        }
    }
}
