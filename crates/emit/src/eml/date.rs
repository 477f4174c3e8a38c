//! Dates as RFC 5322 section 3.3 writes them.

use mugai_core::{Date, civil};

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// The last second of the year 9999.
const LAST_SECOND: i64 = 253_402_300_799;

/// `Mon, 02 Jan 2006 15:04:05 +0900`. A local time that falls out of the years 1970 to 9999 is
/// written in UTC, which cannot.
pub(super) fn rfc5322(date: Date) -> String {
    let shift = i64::from(date.offset_minutes()).saturating_mul(60);
    let local = date.unix_seconds().saturating_add(shift);
    let (seconds, offset) = if (0..=LAST_SECOND).contains(&local) {
        (local, date.offset_minutes())
    } else {
        (date.unix_seconds(), 0)
    };
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    // 1970-01-01 was a Thursday
    let weekday = days.saturating_add(4).rem_euclid(7);
    let sign = if offset < 0 { '-' } else { '+' };
    let zone = offset.unsigned_abs();
    format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} {sign}{:02}{:02}",
        name(&DAYS, weekday),
        name(&MONTHS, month.saturating_sub(1)),
        time.div_euclid(3_600),
        time.rem_euclid(3_600).div_euclid(60),
        time.rem_euclid(60),
        zone.div_euclid(60),
        zone.rem_euclid(60),
    )
}

fn name(names: &[&'static str], index: i64) -> &'static str {
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    names.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        for (seconds, offset, want) in [
            (0, 0, "Thu, 01 Jan 1970 00:00:00 +0000"),
            (0, -60, "Thu, 01 Jan 1970 00:00:00 +0000"),
            (951_782_400, 540, "Tue, 29 Feb 2000 09:00:00 +0900"),
            (1_709_164_799, 0, "Wed, 28 Feb 2024 23:59:59 +0000"),
            (4_107_542_400, 0, "Mon, 01 Mar 2100 00:00:00 +0000"),
            (1_136_214_245, -210, "Mon, 02 Jan 2006 11:34:05 -0330"),
            (LAST_SECOND, 540, "Fri, 31 Dec 9999 23:59:59 +0000"),
        ] {
            assert_eq!(rfc5322(Date::new(seconds, offset).unwrap()), want);
        }
    }
}
