//! What the environment says above the file.

use super::ConfigError;
use toml::{Table, Value};

/// How the names of our variables begin.
const PREFIX: &str = "MUGAI_BATCH__";

/// Puts every variable of ours in its place: `MUGAI_BATCH__STORE__SECRET_KEY` is `store.secret_key`. A
/// value that is a whole number or a truth value in TOML is one; anything else is a text.
pub(super) fn lay_over(
    table: &mut Table,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    let mut ours: Vec<(String, String)> = environment
        .into_iter()
        .filter_map(|(name, text)| {
            let path = name.strip_prefix(PREFIX)?;
            Some((path.to_ascii_lowercase(), text))
        })
        .collect();
    ours.sort();
    for (path, text) in ours {
        let place: Vec<&str> = path.split("__").collect();
        let is_text = place.last().is_some_and(|key| TEXTS.contains(key));
        let value = if is_text {
            Value::String(text)
        } else {
            value(&text)
        };
        if !put(table, &place, value) {
            let problem = format!(
                "{PREFIX}{}: there is no such place",
                path.to_ascii_uppercase()
            );
            return Err(ConfigError::Value("environment", problem));
        }
    }
    Ok(())
}

/// What is a text whatever it looks like.
const TEXTS: [&str; 5] = ["user", "password", "token", "access_key", "secret_key"];

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
