//! Sizes and times with their units, as policies have them.

use super::ConfigError;
use mugai_engine::policy::units::Unit;
use std::time::Duration;

/// Sums and products of a few such values stay far below the end of the numbers.
const MOST: u64 = 1 << 60;

/// `64 MiB`, or the default where nothing is written.
pub(super) fn bytes(
    key: &'static str,
    text: Option<&str>,
    default: u64,
) -> Result<u64, ConfigError> {
    quantity(key, text, Unit::Bytes).map(|found| found.unwrap_or(default))
}

/// `30 s`, or the default where nothing is written.
pub(super) fn time(
    key: &'static str,
    text: Option<&str>,
    default: Duration,
) -> Result<Duration, ConfigError> {
    let found = quantity(key, text, Unit::Time)?;
    Ok(found.map_or(default, Duration::from_millis))
}

/// A quantity above 0.
fn quantity(key: &'static str, text: Option<&str>, unit: Unit) -> Result<Option<u64>, ConfigError> {
    let Some(text) = text else { return Ok(None) };
    match unit.parse(text) {
        Some(value) if (1..MOST).contains(&value) => Ok(Some(value)),
        Some(_) | None => Err(ConfigError::Value(
            key,
            format!(
                "{text:?} is not accepted; accepted: above 0, {}",
                unit.accepted()
            ),
        )),
    }
}
