//! Fields of forms (ECMA-376 part 1, section 17.16): what the data beside the mark of a field say was chosen.

use crate::formats::field::form::{Form, Kind};
use crate::formats::ooxml::xml;
use mugai_core::Refusal;
use quick_xml::events::BytesStart;

/// Tells a form of an element within the mark of its field.
///
/// # Errors
/// [`Refusal::Malformed`] for attributes that are none.
pub(super) fn element(form: &mut Form, name: &str, start: &BytesStart<'_>) -> Result<(), Refusal> {
    match name {
        "checkBox" => form.kind = Some(Kind::Box),
        "ddList" => form.kind = Some(Kind::List),
        "checked" | "default" | "result" | "listEntry" => {}
        _ => return Ok(()),
    }
    let attributes = xml::attributes(start)?;
    let value = attributes
        .iter()
        .find(|(key, _)| xml::split(key).1 == "val");
    let value = value.map(|(_, value)| value.as_ref());
    let number = || match form.kind? {
        Kind::Box => Some(usize::from(!matches!(value, Some("0" | "false" | "off")))),
        Kind::List => value?.parse().ok(),
    };
    match name {
        "checked" | "result" => form.result = number(),
        "default" => form.first = number().unwrap_or(0),
        "listEntry" => {
            form.choice();
            value
                .unwrap_or_default()
                .chars()
                .for_each(|c| form.letter(c));
        }
        _ => {}
    }
    Ok(())
}
