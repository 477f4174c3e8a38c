//! Writes office documents from their parts and from what became of their pictures, and has them
//! drawn where the policy asks for pages.

use crate::job::assemble::deliver;
use crate::job::part::State;
use crate::job::{Job, convert, verifiers};
use mugai_core::{Opener, Refusal, Role, Target};
use mugai_emit::ooxml::Picture;
use std::borrow::Cow;

/// Writes document `index`.
pub(super) fn document(
    job: &mut Job<'_>,
    index: usize,
    opener: &dyn Opener,
) -> Result<(), Refusal> {
    let Some(part) = job.parts.get(index) else {
        return Ok(());
    };
    let State::Office(markup) = &part.state else {
        return Ok(());
    };
    let files: Vec<_> = part
        .children
        .iter()
        .filter_map(|child| job.parts.get(*child))
        .filter(|child| child.role == Role::Picture)
        .map(|child| {
            let State::File(file) = &child.state else {
                return None;
            };
            matches!(file.target(), Target::Png | Target::Jpeg).then_some(file)
        })
        .collect();
    let pictures = files
        .iter()
        .map(|file| {
            let bytes = file.map(|file| Ok((file.target(), file.load()?)));
            bytes.transpose()
        })
        .collect::<Result<Vec<Option<(Target, Cow<'_, [u8]>)>>, Refusal>>()?;
    let pictures: Vec<Picture<'_>> = pictures
        .iter()
        .map(|picture| picture.as_ref().map(|(target, bytes)| (*target, &**bytes)))
        .collect();
    let open = markup.first().and_then(|part| part.kind().open_target());
    let draft = match open {
        Some(target) => mugai_emit::odf::document(target, markup, &pictures)?,
        None => mugai_emit::ooxml::document(markup, &pictures)?,
    };
    // they were checked by themselves, and the checker knows them again
    let known: Vec<_> = files.iter().copied().flatten().collect();
    let mut file = verifiers::of(job).judge().verify(draft, &known)?;
    if let Some(conversion) = convert::is_drawn(job, index) {
        file = convert::drawn(job, index, &file, conversion, opener)?;
    }
    let file = job.keep(file)?;
    if let Some(part) = job.parts.get_mut(index) {
        part.state = State::File(file);
    }
    deliver(job, index);
    Ok(())
}
