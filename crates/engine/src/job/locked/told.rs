//! Which message tells which passwords.

use crate::job::part::{Part, State};
use crate::job::{Job, guess};
use mugai_core::{Kind, Password, Role};
use std::collections::BTreeMap;
use std::time::Instant;

/// Passwords that are told in texts of a job, by the message that tells them.
pub(super) struct Told(BTreeMap<usize, Vec<Password>>);

impl Told {
    /// Searches the texts of a job, if its policy says so, as long as there is time.
    pub(super) fn by(job: &Job<'_>) -> Self {
        let mut told: BTreeMap<usize, Vec<Password>> = BTreeMap::new();
        let searches = job.route.is_some_and(|route| route.secrets.in_mail);
        for (index, part) in job.parts.iter().enumerate().filter(|_| searches) {
            let Some(text) = text(job, part) else {
                continue;
            };
            if Instant::now() >= job.deadline || job.order.patience.is_cancelled() {
                break;
            }
            let found = guess::in_text(text);
            if !found.is_empty() {
                let message = messages(job, index).next().unwrap_or(0);
                told.entry(message).or_default().extend(found);
            }
        }
        Self(told)
    }

    /// All of them as they concern a part: those of its own message first, then of those around it, then of its
    /// neighbours, a message that came later before one that came earlier.
    pub(super) fn near(&self, job: &Job<'_>, index: usize) -> impl Iterator<Item = &Password> {
        let around: Vec<usize> = messages(job, index).collect();
        let own = around.first().copied().unwrap_or(0);
        let mut all: Vec<(&usize, &Vec<Password>)> = self.0.iter().collect();
        all.sort_by_key(|(message, _)| {
            let level = around.iter().position(|outer| outer == *message);
            let level = level.unwrap_or(around.len());
            (level, message.abs_diff(own), **message < own)
        });
        all.into_iter().flat_map(|(_, passwords)| passwords)
    }
}

/// The text of a part that its message says: a body, the text of a winmail.dat, a subject.
fn text<'j>(job: &'j Job<'_>, part: &'j Part) -> Option<&'j str> {
    let outer = part.parent.and_then(|parent| job.parts.get(parent));
    let is_tnef = outer.is_some_and(|outer| outer.kind == Some(Kind::Tnef));
    if let State::Mail(envelope) = &part.state {
        return envelope.subject.as_ref().map(mugai_core::Line::as_str);
    }
    let is_said = matches!(part.role, Role::Body { .. }) || is_tnef;
    if let State::Text(text) = &part.state
        && is_said
    {
        return Some(text);
    }
    None
}

/// The messages that a part lies in, the innermost first; a message lies in itself.
fn messages(job: &Job<'_>, index: usize) -> impl Iterator<Item = usize> {
    let outer = |index: &usize| job.parts.get(*index).and_then(|part| part.parent);
    std::iter::successors(Some(index), outer).filter(|index| {
        let part = job.parts.get(*index);
        part.is_some_and(|part| matches!(part.state, State::Mail(_)))
    })
}
