//! What a case says about itself: `case.toml`.

use crate::corpus::Place;
use crate::make::MakeError;
use mugai_core::{Password, SafeName};
use mugai_engine::{Policy, policy::PRESETS};
use serde::Deserialize;

/// A case with its input.
#[derive(Debug)]
pub struct Case {
    /// What it says about itself.
    pub spec: Spec,
    /// The bytes of its input.
    pub input: Vec<u8>,
    /// What the input is called.
    pub name: SafeName,
}

/// The contents of `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What the case shows, in a sentence.
    pub about: String,
    /// Whose input it is: `ours` for everything that we made.
    pub licence: String,
    /// What the input is called; default: the case with the extension of its input.
    pub name: Option<String>,
    /// The preset that decides.
    #[serde(default = "default_policy")]
    pub policy: String,
    /// Passwords that come with the input.
    #[serde(default)]
    pub passwords: Vec<String>,
    /// Keys of the preset's route that are set differently.
    #[serde(default)]
    pub route: toml::Table,
    /// `sanitised` or `withheld`.
    pub verdict: String,
    /// The code of the refusal of a withheld input, or of one that must be among the parts.
    pub refusal: Option<String>,
    /// The kind that the input is recognised as.
    pub kind: Option<String>,
    /// Texts that must be seen in the outputs.
    #[serde(default)]
    pub shows: Vec<String>,
    /// Texts that must not be in any output.
    #[serde(default)]
    pub hides: Vec<String>,
    /// Codes of findings that must be in the report.
    #[serde(default)]
    pub findings: Vec<String>,
}

fn default_policy() -> String {
    let [(name, _), ..] = PRESETS;
    name.to_owned()
}

impl Case {
    /// Reads a case and makes its input.
    ///
    /// # Errors
    /// What is wrong with its files.
    pub fn read(place: &Place) -> Result<Self, MakeError> {
        let path = place.folder.join("case.toml");
        let text = std::fs::read_to_string(&path).map_err(MakeError::new)?;
        let spec: Spec = toml::from_str(&text)
            .map_err(|e| MakeError::new(format!("{}: {e}", path.display())))?;
        let (input, extension) = place.input()?;
        let case = place.name.rsplit('/').next().unwrap_or("case");
        let raw = spec
            .name
            .clone()
            .unwrap_or_else(|| format!("{case}.{extension}"));
        let name = SafeName::clean(&raw)
            .0
            .ok_or_else(|| MakeError::new(format!("{}: name", path.display())))?;
        Ok(Self { spec, input, name })
    }

    /// The passwords that come with the input.
    #[must_use]
    pub fn passwords(&self) -> Vec<Password> {
        let words = self.spec.passwords.iter().cloned();
        words.filter_map(Password::new).collect()
    }

    /// The rules of this case: its preset with its own keys in the first route.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn policy(&self) -> Result<Policy, MakeError> {
        let (_, text) = PRESETS
            .iter()
            .find(|(name, _)| *name == self.spec.policy)
            .ok_or_else(|| MakeError::new(format!("no preset {}", self.spec.policy)))?;
        let mut table: toml::Table = toml::from_str(text).map_err(MakeError::new)?;
        let route = table
            .get_mut("route")
            .and_then(|routes| routes.as_array_mut()?.first_mut()?.as_table_mut())
            .ok_or_else(|| MakeError::new("preset without a route"))?;
        merge(route, &self.spec.route);
        Policy::parse(&table.to_string()).map_err(MakeError::new)
    }
}

/// Sets the keys of `from` in `into`, tables key by key.
fn merge(into: &mut toml::Table, from: &toml::Table) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => merge(old, new),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_case_replace_those_of_its_preset() {
        let spec: Spec = toml::from_str(
            "about = 'a'\nlicence = 'ours'\nverdict = 'withheld'\n[route.limits.part]\nbytes = '1 KiB'\n[route.settings]\nlang = 'en'\n",
        )
        .unwrap();
        let case = Case {
            spec,
            input: Vec::new(),
            name: SafeName::clean("a").0.unwrap(),
        };
        let policy = case.policy().unwrap();
        let route = &policy.routes()[0];
        assert_eq!(route.part.bytes, 1024);
        assert_eq!(route.part.parts, 2000);
        assert_eq!(route.params.lang, mugai_core::Lang::En);
    }
}
