//! What the environment says above the file.

use super::ConfigError;
use toml::{Table, Value};

/// How the names of our variables begin.
const PREFIX: &str = "MUGAI_BATCH__";

/// What others call keys of ours: used where nothing else is said.
const CUSTOMARY: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "access_key"),
    ("AWS_SECRET_ACCESS_KEY", "secret_key"),
    ("AWS_SESSION_TOKEN", "session_token"),
];

/// Puts every variable of ours in its place: `MUGAI_BATCH__STORE__SECRET_KEY` is `store.secret_key`. A
/// value that is a whole number or a truth value in TOML is one; anything else is a text.
pub(super) fn lay_over(
    table: &mut Table,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    let mut ours = Vec::new();
    let mut customary = Vec::new();
    for (name, text) in environment {
        if let Some(path) = name.strip_prefix(PREFIX) {
            ours.push((path.to_ascii_lowercase(), text));
        } else if let Some((_, key)) = CUSTOMARY.iter().find(|(known, _)| *known == name) {
            customary.push((*key, text));
        }
    }
    ours.sort();
    for (path, text) in ours {
        let place: Vec<&str> = path.split("__").collect();
        let secret = matches!(
            place.last(),
            Some(&("password" | "token" | "secret_key" | "session_token" | "access_key" | "user"))
        );
        let value = if secret {
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
    let Some(store) = table.get_mut("store").and_then(Value::as_table_mut) else {
        return Ok(());
    };
    // keys that were given are a whole: half of them must not come from somewhere else
    if !store.contains_key("access_key") && !store.contains_key("secret_key") {
        for (key, text) in customary {
            store.insert(key.to_owned(), Value::String(text));
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
