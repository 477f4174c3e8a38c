//! A message that is nothing but a signature with its content inside (S/MIME, RFC 8551 section 3.5.2): what was
//! signed is its body.

use crate::job::Job;
use crate::job::part::State;
use mugai_core::Kind;
use mugai_emit::Harmless;

/// Whether message `index` is what such a message says.
pub(super) fn is_inside(job: &Job<'_>, index: usize) -> bool {
    let parent = |index: usize| job.parts.get(index).and_then(|part| part.parent);
    let Some(signature) = parent(index) else {
        return false;
    };
    let is_cms = job
        .parts
        .get(signature)
        .is_some_and(|part| part.kind == Some(Kind::Cms));
    let outer = parent(signature).and_then(|outer| job.parts.get(outer));
    is_cms
        && outer.is_some_and(|outer| {
            matches!(outer.state, State::Mail(_)) && outer.children == [signature]
        })
}

/// Keeps the body of message `index` for the one around it.
pub(super) fn tell(job: &mut Job<'_>, index: usize, body: Option<Harmless>) {
    if let Some(part) = job.parts.get_mut(index) {
        let length = body.as_ref().map_or(0, |body| body.as_str().len());
        part.bytes_out = u64::try_from(length).unwrap_or(u64::MAX);
        part.told = body;
        part.state = State::Shown;
    }
}

/// What was kept for message `index`.
pub(super) fn told(job: &mut Job<'_>, index: usize) -> Option<Harmless> {
    let [signature] = job.parts.get(index)?.children.as_slice() else {
        return None;
    };
    let [inner] = job.parts.get(*signature)?.children.as_slice() else {
        return None;
    };
    let inner = *inner;
    job.parts.get_mut(inner)?.told.take()
}
