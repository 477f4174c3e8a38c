//! Sizes and times with their units.

use super::ConfigError;
use std::time::Duration;

/// `64 MiB`, or the default where nothing is written.
pub(super) fn bytes(
    key: &'static str,
    text: Option<&str>,
    default: u64,
) -> Result<u64, ConfigError> {
    let units = [
        ("B", 1),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ];
    let accepted = "a text like \"64 MiB\" (B, KiB, MiB, GiB)";
    quantity(key, text, &units, accepted).map(|found| found.unwrap_or(default))
}

/// `30 s`, or the default where nothing is written.
pub(super) fn time(
    key: &'static str,
    text: Option<&str>,
    default: Duration,
) -> Result<Duration, ConfigError> {
    let units = [("ms", 1), ("s", 1_000), ("min", 60_000)];
    let accepted = "a text like \"30 s\" (ms, s, min)";
    let found = quantity(key, text, &units, accepted)?;
    Ok(found.map_or(default, Duration::from_millis))
}

/// A whole number above 0 and a unit. A day in milliseconds and an exbibyte are far from the end
/// of the numbers, so that sums of a few never overflow.
fn quantity(
    key: &'static str,
    text: Option<&str>,
    units: &[(&str, u64)],
    accepted: &str,
) -> Result<Option<u64>, ConfigError> {
    let Some(text) = text else { return Ok(None) };
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let parse = || {
        let (number, unit) = text.split_at_checked(end)?;
        let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
        number
            .parse::<u64>()
            .ok()?
            .checked_mul(*factor)
            .filter(|value| (1..1 << 60).contains(value))
    };
    match parse() {
        Some(value) => Ok(Some(value)),
        None => Err(ConfigError::Value(
            key,
            format!("{text:?} is not accepted; accepted: {accepted}"),
        )),
    }
}
