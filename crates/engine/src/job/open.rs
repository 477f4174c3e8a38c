//! Opens the next parts of the queue and pays for them.

use crate::job::assemble::text_file;
use crate::job::compose::note;
use crate::job::part::{Part, State};
use crate::job::sink::{Opened, PartSink};
use crate::job::{Job, archive, convert, locked, verifiers};
use crate::policy::Route;
use mugai_core::{
    Assignment, Budget, Child, Family, FindingCode, HandsOn, Hints, Kind, Limits, Loss, Opener,
    Password, Refusal, Remark, Request, Resource, Role, Treatment, Treatments, Untrusted,
};
use std::time::Instant;

/// The most parts that are opened in one go: each costs a round trip to a worker otherwise.
const GROUP_PARTS: usize = 8;
/// The largest part that is opened together with others, in bytes.
const GROUP_PART_BYTES: usize = 64 << 10;
/// Longer texts, in bytes, become files at once where they do not wait for a body.
const LONG_TEXT: usize = 64 << 10;
/// The most bytes that are opened in one go.
const GROUP_BYTES: usize = 256 << 10;

/// The longest packing of no bytes: XZ takes 32, AES of `WinZip` 28 more.
const NOTHING_PACKED: usize = 64;

/// A part that is about to be opened.
pub(super) struct Ready {
    index: usize,
    input: Untrusted,
    assignment: Assignment,
    budget: Budget,
    sink: PartSink,
}

/// Opens part `index`, and those behind it that go with it, and puts what is inside at the end of
/// the list. The next index comes back.
pub(super) fn next(job: &mut Job<'_>, index: usize, opener: &dyn Opener) -> usize {
    let mut group = Vec::new();
    let most = group_size(job, index);
    let mut end = index;
    while end < index.saturating_add(most.max(1)) {
        match ready(job, end, &locked::given(job)) {
            Ok(part) => group.extend(part),
            // what is refused on the way depends on what the parts before it leave over
            Err(_) if end > index => break,
            Err(refusal) => settle(job, end, State::Withheld(refusal)),
        }
        end = end.saturating_add(1);
    }
    let requests = group.iter_mut().map(request).collect();
    let results = opener.open_all(requests, job.patience());
    for (mut part, mut result) in group.into_iter().zip(results) {
        // A part gets what its job has left by then. Where that is less than what it was given,
        // it is opened again: how parts go together must not be seen in what comes of them.
        let index = part.index;
        if limits(job).is_ok_and(|limits| limits != part.budget.limits()) {
            wait(job, index, part.input);
            match ready(job, index, &locked::given(job)) {
                Ok(Some(again)) => part = again,
                Ok(None) => continue,
                Err(refusal) => {
                    settle(job, index, State::Withheld(refusal));
                    continue;
                }
            }
            result = opener.open(request(&mut part), job.patience());
        }
        finish(job, part, result, opener);
        archive::begin(job, index);
    }
    end
}

/// Books what came of a part. One that the office suite converted is opened once more, as what it
/// has become; one that is encrypted may be tried again later.
fn finish(job: &mut Job<'_>, part: Ready, result: Result<(), Refusal>, opener: &dyn Opener) {
    let index = part.index;
    // nobody else needs it, and what is made of it needs the room
    let kept = locked::tries_again(job).then(|| part.input.clone());
    match conclude(job, part, result, opener) {
        Ok(children) => adopt(job, index, children),
        Err(refusal @ Refusal::Encrypted(_)) => {
            settle(job, index, State::Withheld(refusal));
            if let Some(kept) = kept {
                locked::keep(job, index, kept);
            }
        }
        Err(refusal) => settle(job, index, State::Withheld(refusal)),
    }
    converted(job, index, opener);
}

/// Opens a part that was converted, as what it has become.
pub(super) fn converted(job: &mut Job<'_>, index: usize, opener: &dyn Opener) {
    let is_converted = job
        .parts
        .get(index)
        .is_some_and(|part| part.converted.is_some() && matches!(part.state, State::Waiting(_)));
    if !is_converted {
        return;
    }
    match ready(job, index, &[]) {
        Ok(Some(mut again)) => {
            let result = opener.open(request(&mut again), job.patience());
            // a second time at most: nothing is converted twice
            finish(job, again, result, opener);
        }
        Ok(None) => {}
        Err(refusal) => settle(job, index, State::Withheld(refusal)),
    }
}

pub(super) fn request(part: &mut Ready) -> Request<'_> {
    Request {
        input: &part.input,
        assignment: &part.assignment,
        budget: &part.budget,
        sink: &mut part.sink,
    }
}

/// How many parts from `index` on are small and quick enough to be opened together.
fn group_size(job: &Job<'_>, index: usize) -> usize {
    let mut bytes = 0usize;
    let parts = job.parts.iter().skip(index).take(GROUP_PARTS);
    parts
        .take_while(|part| {
            let State::Waiting(input) = &part.state else {
                return false;
            };
            bytes = bytes.saturating_add(input.len());
            input.len() <= GROUP_PART_BYTES
                && bytes <= GROUP_BYTES
                && job.route.is_some_and(|route| is_quick(part, route))
        })
        .count()
}

/// Texts are read at once, and so is everything of which only the kind is looked at. Pages that
/// are drawn take their time: they would hold up the others.
fn is_quick(part: &Part, route: &Route) -> bool {
    let text = |declared: &str| declared.starts_with("text/") || declared.starts_with("message/");
    matches!(part.role, Role::Body { .. })
        || part
            .hints
            .declared
            .as_ref()
            .is_some_and(|d| text(d.as_str()))
        || route
            .treatments
            .iter()
            .all(|(_, t)| !matches!(t, Treatment::Flatten | Treatment::Redraw))
}

pub(super) fn wait(job: &mut Job<'_>, index: usize, input: Untrusted) {
    settle(job, index, State::Waiting(input));
}

/// The purse of the next part.
pub(super) fn limits(job: &Job<'_>) -> Result<Limits, Refusal> {
    let no_route = Refusal::Forbidden(Remark::fixed("policy: no route between these zones"));
    let route = job.route.ok_or(no_route)?;
    Ok(route.part.least(job.left))
}

/// Takes part `index` out of the queue; `None` when there is nothing to open in it.
pub(super) fn ready(
    job: &mut Job<'_>,
    index: usize,
    passwords: &[Password],
) -> Result<Option<Ready>, Refusal> {
    let limits = limits(job);
    let late = Instant::now() >= job.deadline || job.order.patience.is_cancelled();
    let Some(part) = job.parts.get_mut(index) else {
        return Ok(None);
    };
    let State::Waiting(input) = &part.state else {
        return Ok(None);
    };
    if input.is_empty() || is_empty_packed(part, input.len()) {
        part.kind = Some(Kind::Empty);
        part.findings.add(FindingCode::FileEmpty, 1);
        part.state = State::Removed;
        if part.parent.is_none() {
            return Err(Refusal::malformed("file: no bytes"));
        }
        return Ok(None);
    }
    let limits = limits?;
    let Some(route) = job.route else {
        return Ok(None);
    };
    if late {
        return Err(Refusal::Lost(Loss::Deadline));
    }
    at_most(
        Resource::Depth,
        part.level,
        route.part.least(route.job).depth,
    )?;
    at_most(Resource::Bytes, input.len(), limits.bytes)?;
    let treatments = convert::told(part, &asked(part, route));
    // what was said about an old document says nothing about what it was converted into
    let mut hints = if part.converted.is_some() {
        Hints::default()
    } else {
        part.hints.clone()
    };
    hints.passwords = passwords.to_vec();
    let hands_on = convert::needs_plain(part, &asked(part, route));
    if hands_on {
        hints.hands_on = HandsOn::Plain;
    }
    let shown = part.role == Role::Picture;
    hints.shown = shown;
    let assignment = Assignment {
        hints,
        treatments: treatments.clone(),
        limits,
        params: route.params,
    };
    let State::Waiting(input) = std::mem::replace(&mut part.state, State::Removed) else {
        return Ok(None);
    };
    Ok(Some(Ready {
        index,
        input,
        assignment,
        budget: Budget::new(limits),
        sink: PartSink::new(treatments, job.spool.clone())
            .handing_on(hands_on)
            .showing(shown),
    }))
}

/// Whether a part holds nothing, but does so packed, maybe encrypted: nothing has to be opened to see it. Whatever is
/// longer than any packing of nothing says two things about itself, and is refused when it is opened.
fn is_empty_packed(part: &Part, length: usize) -> bool {
    let packed = part.hints.packed.as_ref();
    packed.is_some_and(|packed| packed.size == 0) && length <= NOTHING_PACKED
}

/// What the policy wants done with a part.
fn asked(part: &Part, route: &Route) -> Treatments {
    match part.role {
        // what stands where a picture belongs is opened as a picture or not at all
        Role::Picture => {
            Treatments::nothing().with(Family::Image, route.treatments.of(Family::Image))
        }
        Role::Body { .. } | Role::Attachment | Role::Message | Role::Member => {
            route.treatments.clone()
        }
    }
}

pub(super) fn settle(job: &mut Job<'_>, index: usize, state: State) {
    if let Some(part) = job.parts.get_mut(index) {
        part.state = state;
    }
}

/// A detached signature says nothing once its message is rewritten: it goes without a notice.
///
/// Anything can be called one: it has to be a signature, or something unknown where one belongs.
fn is_signature(part: &Part, is_in_signed: bool) -> bool {
    let is_declared = part.hints.declared.as_ref().is_some_and(|declared| {
        matches!(
            declared.as_str(),
            "application/pkcs7-signature"
                | "application/x-pkcs7-signature"
                | "application/pgp-signature"
        )
    });
    let is_named = || {
        let extension = part.name.as_ref().and_then(|name| name.split_extension().1);
        let of_signatures = ["p7s", "asc", "sig"];
        extension.is_some_and(|extension| {
            let mut all = of_signatures.iter();
            all.any(|known| extension.eq_ignore_ascii_case(known))
        })
    };
    is_declared
        && match part.kind {
            Some(Kind::Cms | Kind::Pgp) => true,
            Some(Kind::Unknown) => is_in_signed || is_named(),
            _ => false,
        }
}

/// Whether a part lies in a message that says of itself that it is signed.
fn is_in_signed(job: &Job<'_>, index: usize) -> bool {
    let outer = job.parts.get(index).and_then(|part| part.parent);
    let outer = outer.and_then(|outer| job.parts.get(outer));
    outer.is_some_and(|outer| outer.findings.has(FindingCode::MimeSigned))
}

/// Removes a signature that could not be opened, if it is one; a worker that was lost says nothing about it.
fn goes_as_signature(part: &mut Part, refusal: &Refusal, is_in_signed: bool) -> bool {
    let is_lost = refusal.is_alarm() || matches!(refusal, Refusal::Lost(_));
    let goes = !is_lost && is_signature(part, is_in_signed);
    if goes {
        // the message says it of the signatures that belong to its parts
        part.findings
            .add(FindingCode::MimeSigned, u32::from(!is_in_signed));
        part.state = State::Removed;
    }
    goes
}

/// Books what came of a part; what is inside of it comes back.
pub(super) fn conclude(
    job: &mut Job<'_>,
    ready: Ready,
    result: Result<(), Refusal>,
    opener: &dyn Opener,
) -> Result<Vec<Child>, Refusal> {
    let Ready {
        index,
        budget,
        mut sink,
        assignment,
        input,
    } = ready;
    job.left = spend(job.left, &budget);
    let verifiers = verifiers::of(job);
    let spool = job.spool.clone();
    let route = job.route;
    let is_in_signed = is_in_signed(job, index);
    let part = job
        .parts
        .get_mut(index)
        .ok_or(Refusal::internal("job: no such part"))?;
    let findings = std::mem::take(&mut sink.findings);
    part.steps = part.steps.saturating_add(budget.spent(Resource::Steps));
    let mut conversion = None;
    if part.converted.is_some() {
        convert::merge(&mut part.findings, &findings);
    } else {
        part.kind = sink.kind;
        part.findings = findings;
        if let (Some(kind), Some(route)) = (sink.kind, route) {
            let asked = asked(part, route).of(kind.family());
            conversion = convert::of_old(part, asked);
            let unasked = kind.family() == Family::Office && conversion.is_none();
            part.treatment = if unasked {
                assignment.treatments.of(kind.family())
            } else {
                asked
            };
        }
    }
    if let Err(refusal) = result {
        return if goes_as_signature(part, &refusal, is_in_signed) {
            Ok(Vec::new())
        } else {
            Err(refusal)
        };
    }
    if let Some(conversion) = conversion {
        // the suite has no passwords, and works out fields anew: it may be given something else
        let (_, plain) = sink.finish()?;
        let input = plain
            .into_iter()
            .next()
            .map_or(input, |plain| plain.content);
        convert::replace(job, index, &input, conversion, opener)?;
        return Ok(Vec::new());
    }
    // what was made of it needs the room
    drop(input);
    let (content, children) = sink.finish()?;
    part.state = match content {
        // one of many files of an archive does not wait as text
        Opened::Text(text) if part.role == Role::Member && text.len() >= LONG_TEXT => {
            let (file, defanged) = text_file(text)?;
            note(&mut part.findings, defanged);
            State::File(file.kept_in(&spool)?)
        }
        Opened::Text(text) => State::Text(text),
        Opened::Mail(envelope) => State::Mail(envelope),
        Opened::Mailbox => State::Mailbox,
        Opened::Archive => State::Archive,
        Opened::Office(parts) => State::Office(parts),
        Opened::Draft(draft) => {
            let file = verifiers.judge().verify(draft, &[])?;
            State::File(file.kept_in(&spool)?)
        }
    };
    Ok(children)
}

fn at_most(resource: Resource, amount: usize, limit: u64) -> Result<(), Refusal> {
    if u64::try_from(amount).is_ok_and(|amount| amount <= limit) {
        Ok(())
    } else {
        Err(Refusal::Overrun { resource, limit })
    }
}

/// What the job has left. Depth is a matter of place and is not used up.
pub(super) fn spend(left: Limits, budget: &Budget) -> Limits {
    let rest = |of: u64, resource: Resource| of.saturating_sub(budget.spent(resource));
    Limits {
        bytes: rest(left.bytes, Resource::Bytes),
        pixels: rest(left.pixels, Resource::Pixels),
        parts: rest(left.parts, Resource::Parts),
        depth: left.depth,
        steps: rest(left.steps, Resource::Steps),
    }
}

pub(super) fn adopt(job: &mut Job<'_>, index: usize, children: Vec<Child>) {
    let Some(part) = job.parts.get(index) else {
        return;
    };
    let (path, inner) = (part.path.clone(), archive::inner(part));
    let level = part.level;
    // The message of Outlook and what it says are one thing to whoever sent it. Once only: what is in it goes down.
    let is_one = part.kind == Some(Kind::Msg) && children.len() == 1 && !part.shares_level;
    for (number, mut child) in (1u32..).zip(children) {
        let mut takes_name = false;
        if let (None, Some((name, extension))) = (&child.name, &inner) {
            child.name = Some(name.clone());
            child.hints.extension.clone_from(extension);
            takes_name = true;
        }
        // nothing lies in a picture
        let shares_level = is_one || child.role == Role::Picture;
        let place = job.parts.len();
        let mut part = Part::new(path.child(number), Some(index), child);
        part.takes_name = takes_name;
        part.shares_level = shares_level;
        part.level = level.saturating_add(usize::from(!shares_level));
        job.parts.push(part);
        if let Some(parent) = job.parts.get_mut(index) {
            parent.children.push(place);
        }
    }
}
