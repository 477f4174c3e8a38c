//! Opens the next part of the queue and pays for it.

use crate::job::Job;
use crate::job::part::{Part, State};
use crate::job::sink::{Opened, PartSink};
use mugai_core::{
    Assignment, Budget, FindingCode, Kind, Limits, Loss, Opener, Refusal, Remark, Resource,
    Untrusted,
};
use std::time::Instant;

/// Opens part `index` and puts what is inside at the end of the list.
pub(super) fn part(job: &mut Job<'_>, index: usize, opener: &dyn Opener) {
    let Some(part) = job.parts.get_mut(index) else {
        return;
    };
    let State::Waiting(input) = std::mem::replace(&mut part.state, State::Removed) else {
        return;
    };
    if input.is_empty() {
        part.kind = Some(Kind::Empty);
        part.findings.add(FindingCode::FileEmpty, 1);
        if part.parent.is_none() {
            part.state = State::Withheld(Refusal::malformed("file: no bytes"));
        }
        return;
    }
    match open(job, index, &input, opener) {
        Ok(children) => adopt(job, index, children),
        Err(refusal) => settle(job, index, State::Withheld(refusal)),
    }
}

fn settle(job: &mut Job<'_>, index: usize, state: State) {
    if let Some(part) = job.parts.get_mut(index) {
        part.state = state;
    }
}

/// A detached signature says nothing once its message is rewritten: it goes without a notice.
fn is_signature(part: &Part) -> bool {
    part.hints.declared.as_ref().is_some_and(|declared| {
        matches!(
            declared.as_str(),
            "application/pkcs7-signature"
                | "application/x-pkcs7-signature"
                | "application/pgp-signature"
        )
    })
}

fn open(
    job: &mut Job<'_>,
    index: usize,
    input: &Untrusted,
    opener: &dyn Opener,
) -> Result<Vec<mugai_core::Child>, Refusal> {
    let no_route = Refusal::Forbidden(Remark::fixed("policy: no route between these zones"));
    let route = job.route.ok_or(no_route)?;
    if Instant::now() >= job.deadline {
        return Err(Refusal::Lost(Loss::Deadline));
    }
    let left = job.left;
    let part = job
        .parts
        .get_mut(index)
        .ok_or(Refusal::internal("job: no such part"))?;
    let limits = route.part.least(left);
    at_most(
        Resource::Depth,
        part.path.depth(),
        route.part.least(route.job).depth,
    )?;
    at_most(Resource::Bytes, input.len(), limits.bytes)?;
    let assignment = Assignment {
        hints: part.hints.clone(),
        treatments: route.treatments.clone(),
        limits,
        params: route.params,
    };
    let budget = Budget::new(limits);
    let mut sink = PartSink::new(&route.treatments);
    let result = opener.open(input, &assignment, &budget, &mut sink);
    part.kind = sink.kind;
    part.treatment = sink
        .kind
        .map_or(part.treatment, |k| route.treatments.of(k.family()));
    part.findings = std::mem::take(&mut sink.findings);
    part.steps = budget.spent(Resource::Steps);
    job.left = spend(left, &budget);
    match result {
        Err(_) if is_signature(part) => {
            part.state = State::Removed;
            return Ok(Vec::new());
        }
        other => other?,
    }
    let (content, children) = sink.finish()?;
    part.state = match content {
        Opened::Text(text) => State::Text(text),
        Opened::Mail(envelope) => State::Mail(envelope),
        Opened::Mailbox => State::Mailbox,
        Opened::Draft(draft) => {
            State::File(mugai_verify::verify(draft, &[]).map_err(Refusal::Unverified)?)
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
fn spend(left: Limits, budget: &Budget) -> Limits {
    let rest = |of: u64, resource: Resource| of.saturating_sub(budget.spent(resource));
    Limits {
        bytes: rest(left.bytes, Resource::Bytes),
        pixels: rest(left.pixels, Resource::Pixels),
        parts: rest(left.parts, Resource::Parts),
        depth: left.depth,
        steps: rest(left.steps, Resource::Steps),
    }
}

fn adopt(job: &mut Job<'_>, index: usize, children: Vec<mugai_core::Child>) {
    let Some(path) = job.parts.get(index).map(|part| part.path.clone()) else {
        return;
    };
    for (number, child) in (1u32..).zip(children) {
        let place = job.parts.len();
        job.parts
            .push(Part::new(path.child(number), Some(index), child));
        if let Some(parent) = job.parts.get_mut(index) {
            parent.children.push(place);
        }
    }
}
