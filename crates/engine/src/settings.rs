//! Settings of programs: a TOML file, and the environment above it.

use crate::policy::units::Unit;
use std::fmt;
use toml::{Table, Value};

/// What is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// Not TOML, an unknown key, or a value of another type.
    Syntax(String),
    /// A value that is not accepted, by its key.
    Value(&'static str, String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(message) => write!(f, "configuration: {}", message.trim_end()),
            Self::Value(key, problem) => write!(f, "configuration: {key}: {problem}"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// The largest quantity that a setting may have: sums and products of a few such values stay far below the end
/// of the numbers.
const MOST: u64 = 1 << 60;

/// A quantity above 0 with its unit, as policies have them: `64 MiB`, `30 s`; times are in milliseconds.
///
/// # Errors
/// [`ConfigError::Value`] says what would be accepted.
pub fn quantity(key: &'static str, text: &str, unit: Unit) -> Result<u64, ConfigError> {
    let good = |value: &u64| (1..MOST).contains(value);
    unit.parse(text).filter(good).ok_or_else(|| {
        let accepted = unit.accepted();
        let problem = format!("{text:?} is not accepted; accepted: above 0, {accepted}");
        ConfigError::Value(key, problem)
    })
}

/// How the environment says settings.
#[derive(Clone, Copy, Debug)]
pub struct Variables {
    /// How the names of the variables begin; two underscores part the keys behind it.
    pub prefix: &'static str,
    /// Keys whose values are texts whatever they look like.
    pub texts: &'static [&'static str],
}

impl Variables {
    /// Puts every variable in its place: with the prefix `MUGAI_SERVE__`, `MUGAI_SERVE__LISTEN__UNIX` is
    /// `listen.unix`. A value that is a whole number or a truth value in TOML is one; anything else is a
    /// text.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for a variable that has no place in the table.
    pub fn lay_over(
        self,
        table: &mut Table,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        let mut ours: Vec<(String, String)> = environment
            .into_iter()
            .filter(|(name, _)| name.starts_with(self.prefix))
            .collect();
        ours.sort();
        for (name, text) in ours {
            let path = name.strip_prefix(self.prefix).unwrap_or_default();
            let path = path.to_ascii_lowercase();
            let path: Vec<&str> = path.split("__").collect();
            let is_text = path.last().is_some_and(|key| self.texts.contains(key));
            let value = if is_text {
                Value::String(text)
            } else {
                value(&text)
            };
            if !put(table, &path, value) {
                let problem = format!("{name}: there is no such place");
                return Err(ConfigError::Value("environment", problem));
            }
        }
        Ok(())
    }
}

fn value(text: &str) -> Value {
    match text {
        "true" => Value::Boolean(true),
        "false" => Value::Boolean(false),
        _ => text
            .parse()
            .map_or_else(|_| Value::String(text.to_owned()), Value::Integer),
    }
}

fn put(table: &mut Table, path: &[&str], value: Value) -> bool {
    match path {
        [] => false,
        [last] => {
            table.insert((*last).to_owned(), value);
            true
        }
        [first, rest @ ..] => table
            .entry((*first).to_owned())
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .is_some_and(|inner| put(inner, rest, value)),
    }
}
