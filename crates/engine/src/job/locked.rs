//! Parts that need a password: tried again, once everything else is opened, with passwords one by one.
//!
//! Most passwords go to the worker together with the part. One by one they go where they are only found in
//! texts of the same job, and where what fits has to be known, to close the output with it again.

use crate::job::open::{adopt, conclude, converted, ready, request, settle, wait};
use crate::job::part::State;
use crate::job::{Job, guess};
use crate::policy::Secrets;
use mugai_core::{Family, Opener, Password, Refusal, Role, Untrusted};

/// How many times a job tries, over all its parts and passwords.
const MAX_TRIES: usize = 256;

fn secrets<'j>(job: &'j Job<'_>) -> Option<&'j Secrets> {
    job.route.map(|route| &route.secrets)
}

/// Those that come with the job, then those of its policy.
fn all(job: &Job<'_>) -> Vec<Password> {
    let of_policy = secrets(job).map_or(&[][..], |secrets| secrets.passwords.as_slice());
    let all = job.order.passwords.iter().chain(of_policy);
    all.take(Password::MAX_TRIED).cloned().collect()
}

/// The passwords that go with every part.
pub(super) fn given(job: &Job<'_>) -> Vec<Password> {
    if secrets(job).is_some_and(|secrets| secrets.again) {
        return Vec::new();
    }
    all(job)
}

/// Whether anything may open later what is closed now.
pub(super) fn tries_again(job: &Job<'_>) -> bool {
    secrets(job).is_some_and(|secrets| secrets.again || secrets.in_mail)
}

/// Keeps an encrypted part for later.
pub(super) fn keep(job: &mut Job<'_>, index: usize, input: Untrusted) {
    // mail that is encrypted has keys, and no password
    let kind = job.parts.get(index).and_then(|part| part.kind);
    if kind.is_none_or(|kind| kind.family() != Family::Container) {
        job.locked.push((index, input));
    }
}

/// Tries the parts that were kept; tells whether anything came of it that is to be opened.
pub(super) fn again(job: &mut Job<'_>, opener: &dyn Opener) -> bool {
    let kept = std::mem::take(&mut job.locked);
    if kept.is_empty() {
        return false;
    }
    let mut passwords = candidates(job);
    let before = job.parts.len();
    for (index, input) in kept {
        let fits = (0..passwords.len()).find(|place| {
            let password = passwords.get(*place);
            password.is_some_and(|password| try_one(job, index, &input, password, opener))
        });
        // files of one archive have one password
        if let Some(fits) = fits {
            let fits = passwords.remove(fits);
            passwords.insert(0, fits);
        }
    }
    job.parts.len() > before
}

/// What is tried one by one.
fn candidates(job: &Job<'_>) -> Vec<Password> {
    let mut passwords = Vec::new();
    let Some(secrets) = secrets(job) else {
        return passwords;
    };
    if secrets.again {
        passwords = all(job);
    }
    if secrets.in_mail {
        for part in &job.parts {
            if let (State::Text(text), Role::Body { .. }) = (&part.state, part.role) {
                guess::in_text(text, &mut passwords);
            }
            if let State::Mail(envelope) = &part.state
                && let Some(subject) = &envelope.subject
            {
                guess::in_text(subject.as_str(), &mut passwords);
            }
        }
    }
    passwords
}

/// Whether a password opens a part. It is over with the part, too, where anything but the password is
/// wrong with it.
fn try_one(
    job: &mut Job<'_>,
    index: usize,
    input: &Untrusted,
    password: &Password,
    opener: &dyn Opener,
) -> bool {
    if job.tries >= MAX_TRIES {
        return false;
    }
    job.tries = job.tries.saturating_add(1);
    wait(job, index, input.clone());
    let outcome = match ready(job, index, std::slice::from_ref(password)) {
        Ok(Some(mut part)) => {
            let result = opener.open(request(&mut part), job.patience());
            conclude(job, part, result, opener)
        }
        Ok(None) => return true,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(children) => {
            if let Some(part) = job.parts.get_mut(index) {
                part.password = Some(password.clone());
            }
            adopt(job, index, children);
            converted(job, index, opener);
            true
        }
        Err(refusal) => {
            let closed = matches!(refusal, Refusal::Encrypted(_));
            settle(job, index, State::Withheld(refusal));
            !closed
        }
    }
}
