//! Fields of forms (ECMA-376 part 1, section 17.16): boxes to tick and lists to choose from say what was chosen
//! in the data beside their mark, and nowhere in the text.

use crate::formats::ooxml::xml;
use mugai_core::Refusal;
use quick_xml::events::BytesStart;

/// The most entries of a list, as the program has it.
const MAX_ENTRIES: usize = 25;

/// What the data of one field say.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// The box as it is, and as it was made.
    checked: Option<bool>,
    default: Option<String>,
    /// The number of the entry that was chosen.
    result: Option<usize>,
    entries: Vec<String>,
}

impl Form {
    /// An element within the mark of a field.
    pub(super) fn element(&mut self, name: &str, start: &BytesStart<'_>) -> Result<(), Refusal> {
        if !matches!(name, "checked" | "default" | "result" | "listEntry") {
            return Ok(());
        }
        let attributes = xml::attributes(start)?;
        let value = attributes
            .iter()
            .find(|(key, _)| xml::split(key).1 == "val");
        let value = value.map(|(_, value)| value.as_ref());
        match name {
            "checked" => self.checked = Some(is_on(value)),
            "default" => self.default = value.map(str::to_owned),
            "result" => self.result = value.and_then(|value| value.parse().ok()),
            _ if self.entries.len() < MAX_ENTRIES => {
                self.entries.push(value.unwrap_or_default().to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    /// What a field shows, by its code; `None` for those that show their result.
    pub(super) fn shown(&self, code: &str) -> Option<String> {
        let name = code.split_ascii_whitespace().next()?;
        if name.eq_ignore_ascii_case("FORMCHECKBOX") {
            let made = self
                .default
                .as_deref()
                .is_some_and(|made| is_on(Some(made)));
            let ticked = self.checked.unwrap_or(made);
            return Some(if ticked { "☒" } else { "☐" }.to_owned());
        }
        if name.eq_ignore_ascii_case("FORMDROPDOWN") {
            let made = self.default.as_deref().and_then(|made| made.parse().ok());
            let chosen = self.result.or(made).unwrap_or(0);
            return self.entries.get(chosen).cloned();
        }
        None
    }
}

/// Whether a property is on, which it is without a value, too.
fn is_on(value: Option<&str>) -> bool {
    !matches!(value, Some("0" | "false" | "off"))
}
