//! What the environment says above the file.

use super::ConfigError;
use toml::{Table, Value};

/// How the names of our variables begin.
const PREFIX: &str = "MUGAI_SERVE__";

/// Puts every variable of ours in its place: `MUGAI_SERVE__LISTEN__UNIX` is `listen.unix`. A value
/// that is a whole number or a truth value in TOML is one; anything else is a text.
pub(super) fn lay_over(
    table: &mut Table,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    let mut ours: Vec<(String, String)> = environment
        .into_iter()
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    ours.sort();
    for (name, text) in ours {
        let path = name.trim_start_matches(PREFIX).to_ascii_lowercase();
        let path: Vec<&str> = path.split("__").collect();
        if !put(table, &path, value(&text)) {
            let problem = format!("{name}: there is no such place");
            return Err(ConfigError::Value("environment", problem));
        }
    }
    Ok(())
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
