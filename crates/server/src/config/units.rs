//! Sizes and times with their units, as policies have them.

use super::ConfigError;
use mugai_engine::policy::units::Unit;
use mugai_engine::settings::quantity;
use std::time::Duration;

/// `64 MiB`, or the default where nothing is written.
pub(super) fn bytes(
    key: &'static str,
    text: Option<&str>,
    default: u64,
) -> Result<u64, ConfigError> {
    text.map_or(Ok(default), |text| quantity(key, text, Unit::Bytes))
}

/// `30 s`, or the default where nothing is written.
pub(super) fn time(
    key: &'static str,
    text: Option<&str>,
    default: Duration,
) -> Result<Duration, ConfigError> {
    text.map_or(Ok(default), |text| {
        quantity(key, text, Unit::Time).map(Duration::from_millis)
    })
}
