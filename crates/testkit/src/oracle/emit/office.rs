//! Draws parts of office documents: any tree of the vocabulary that its builder takes.

use super::draw;
use arbitrary::{Result, Unstructured};
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Builder, Event, PartKind, Place, scrub};
use mugai_core::{Draft, Target};

/// The most events of one document.
const MAX_EVENTS: usize = 60;

pub(super) fn document(target: Target, source: &mut Unstructured<'_>) -> Result<Option<Draft>> {
    let made = |kind: &PartKind| {
        let own = kind.flavour().map(mugai_core::markup::Flavour::target);
        own.or(kind.open_target()) == Some(target)
    };
    let Some(kind) = PartKind::ALL.iter().copied().find(made) else {
        return Ok(None);
    };
    let mut builder = Builder::new(kind);
    let mut open = vec![kind.root()];
    // what the builder does not take is not in the document
    let _ = builder.push(Event::Open(kind.root()));
    for _ in 0..source.int_in_range(0..=MAX_EVENTS)? {
        match source.int_in_range(0..=3u8)? {
            0 => {
                let element = Element::from_index(source.arbitrary::<u16>()? & 0xfff);
                if let Some(element) = element
                    && builder.push(Event::Open(element)).is_ok()
                {
                    open.push(element);
                }
            }
            1 => {
                let text = draw::string(source)?;
                let _ = builder.push(Event::Text(&scrub(&text).0));
            }
            2 => {
                let attributes = open.last().map(|e| e.attributes()).unwrap_or_default();
                if attributes.is_empty() {
                    continue;
                }
                let attribute = *source.choose(&attributes)?;
                let text = draw::string(source)?;
                if builder
                    .push(Event::Reference(attribute, Place::Picture(0)))
                    .is_err()
                {
                    let _ = builder.push(Event::Attribute(attribute, &scrub(&text).0));
                }
            }
            _ if open.len() > 1 && builder.push(Event::Close).is_ok() => {
                open.pop();
            }
            _ => {}
        }
    }
    for _ in open {
        let _ = builder.push(Event::Close);
    }
    let part = match builder.finish() {
        Ok(part) => part,
        Err(refusal) => panic!("{refusal}"),
    };
    let made = match kind.open_target() {
        Some(target) => mugai_emit::odf::document(target, &[part], &[None]),
        None => mugai_emit::ooxml::document(&[part], &[None]),
    };
    match made {
        Ok(draft) => Ok(Some(draft)),
        Err(refusal) => panic!("{refusal}"),
    }
}
