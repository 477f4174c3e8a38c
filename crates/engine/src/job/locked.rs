//! Parts that need a password: tried again, once everything else is opened, with passwords one by one.
//!
//! Most passwords go to the worker together with the part. One by one they go where they are only found in
//! texts of the same job, and where what fits has to be known, to close the output with it again.

mod told;

use crate::job::Job;
use crate::job::open::{adopt, conclude, converted, ready, request, settle, wait};
use crate::job::part::State;
use crate::policy::Secrets;
use mugai_core::{Family, FindingCode, Opener, Password, Refusal, Role, Untrusted};
use told::Told;

/// How many guesses a job makes, over all its parts and passwords.
const MAX_GUESSES: usize = 4_096;
/// How many of them on the files of one archive, or on one other part.
const MAX_OF_ARCHIVE: usize = 256;
/// How many files of an archive are tried with all passwords in vain: the others have the same one, as a rule.
const MAX_CLOSED: usize = 4;

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
    let told = Told::by(job);
    let before = job.parts.len();
    let mut tries: Option<Tries> = None;
    for (index, input) in kept {
        let archive = archive_of(job, index);
        let mut current = tries
            .take()
            .filter(|tries| tries.archive == archive)
            .unwrap_or_else(|| Tries::new(archive, candidates(job, &told, index)));
        current.open(job, index, &input, opener);
        tries = Some(current);
    }
    job.parts.len() > before
}

/// The archive of a file; any other part stands for itself.
fn archive_of(job: &Job<'_>, index: usize) -> usize {
    let part = job
        .parts
        .get(index)
        .filter(|part| part.role == Role::Member);
    part.and_then(|part| part.parent).unwrap_or(index)
}

/// What is tried on a part one by one: what was given, and then what is told near by.
fn candidates(job: &Job<'_>, told: &Told, index: usize) -> Vec<Password> {
    let mut passwords = if secrets(job).is_some_and(|secrets| secrets.again) {
        all(job)
    } else {
        Vec::new()
    };
    let most = passwords.len().saturating_add(Password::MAX_TRIED);
    for password in told.near(job, index) {
        if passwords.len() >= most {
            break;
        }
        if !passwords.contains(password) {
            passwords.push(password.clone());
        }
    }
    passwords
}

/// What has been tried on the files of one archive.
struct Tries {
    archive: usize,
    passwords: Vec<Password>,
    /// What opened the last one: files of one archive have one password.
    fits: Option<Password>,
    /// How many guesses there were.
    guesses: usize,
    /// How many files nothing opened.
    closed: usize,
}

/// What came of a try.
enum Tried {
    /// The part is open.
    Opened,
    /// Something else than the password is wrong with it; maybe the password was seen to fit before.
    Over {
        /// Whether it was.
        fits: bool,
    },
    /// The password does not fit.
    Closed,
}

impl Tries {
    const fn new(archive: usize, passwords: Vec<Password>) -> Self {
        Self {
            archive,
            passwords,
            fits: None,
            guesses: 0,
            closed: 0,
        }
    }

    fn open(&mut self, job: &mut Job<'_>, index: usize, input: &Untrusted, opener: &dyn Opener) {
        // what opened its sibling is no guess
        if let Some(fits) = self.fits.clone()
            && !matches!(try_one(job, index, input, &fits, opener), Tried::Closed)
        {
            return;
        }
        if self.closed >= MAX_CLOSED {
            return;
        }
        for password in &self.passwords {
            if self.fits.as_ref() == Some(password) {
                continue;
            }
            if self.guesses >= MAX_OF_ARCHIVE || job.guesses >= MAX_GUESSES {
                return;
            }
            self.guesses = self.guesses.saturating_add(1);
            job.guesses = job.guesses.saturating_add(1);
            match try_one(job, index, input, password, opener) {
                Tried::Opened | Tried::Over { fits: true } => {
                    self.fits = Some(password.clone());
                    return;
                }
                Tried::Over { fits: false } => return,
                Tried::Closed => {}
            }
        }
        self.closed = self.closed.saturating_add(1);
    }
}

/// Tries one password on a part.
fn try_one(
    job: &mut Job<'_>,
    index: usize,
    input: &Untrusted,
    password: &Password,
    opener: &dyn Opener,
) -> Tried {
    wait(job, index, input.clone());
    let outcome = match ready(job, index, std::slice::from_ref(password)) {
        Ok(Some(mut part)) => {
            let result = opener.open(request(&mut part), job.patience());
            conclude(job, part, result, opener)
        }
        Ok(None) => return Tried::Over { fits: false },
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(children) => {
            if let Some(part) = job.parts.get_mut(index) {
                part.password = Some(password.clone());
            }
            adopt(job, index, children);
            converted(job, index, opener);
            Tried::Opened
        }
        Err(refusal) => {
            let closed = matches!(refusal, Refusal::Encrypted(_));
            settle(job, index, State::Withheld(refusal));
            if closed {
                return Tried::Closed;
            }
            let findings = job.parts.get(index).map(|part| &part.findings);
            let fits = findings.is_some_and(|findings| {
                findings.has(FindingCode::ArchivePassword)
                    || findings.has(FindingCode::OfficePassword)
                    || findings.has(FindingCode::PdfPassword)
            });
            Tried::Over { fits }
        }
    }
}
