//! Days of spreadsheets: counted from the end of 1899, with a 29 February 1900 that never was
//! (ECMA-376 part 1, section 18.17.4.1), or from 1904 on.

use mugai_core::civil;

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    /// From 0, Sunday.
    pub(super) weekday: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    /// Thousandths of a second.
    pub(super) milli: i64,
}

/// The last day that spreadsheets know: 31 December 9999.
const LAST_DAY: i64 = 2_958_465;
const DAY_MS: i64 = 86_400_000;
/// From day 0 of 1900 to day 0 of 1904.
const TO_1904: i64 = 1_462;

/// The whole number of a float that has one.
pub(super) fn whole(value: f64) -> Option<i64> {
    // there is no conversion that tells when it loses something, but there are digits
    (value.abs() < 1e15).then(|| format!("{value:.0}").parse().ok())?
}

/// The moment of a number; `None` beyond the days that there are.
pub(super) fn moment(number: f64, from_1904: bool) -> Option<Moment> {
    let ms = whole((number * 86_400_000.0).round())?;
    let (mut day, ms) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
    if from_1904 {
        day = day.checked_add(TO_1904)?;
    }
    if !(0..=LAST_DAY).contains(&day) {
        return None;
    }
    let (year, month, date) = match day {
        // a day before the first one
        0 => (1900, 1, 0),
        60 => (1900, 2, 29),
        // before the day that never was, days are one later
        1..=59 => civil(day.checked_sub(25_568)?),
        _ => civil(day.checked_sub(25_569)?),
    };
    Some(Moment {
        year,
        month,
        day: date,
        weekday: day.checked_add(6)?.rem_euclid(7),
        hour: ms.checked_div(3_600_000)?,
        minute: ms.checked_div(60_000)?.rem_euclid(60),
        second: ms.checked_div(1_000)?.rem_euclid(60),
        milli: ms.rem_euclid(1_000),
    })
}

/// Eras of Japan: their first days, letters and names.
const ERAS: [((i64, i64, i64), char, &str); 5] = [
    ((2019, 5, 1), 'R', "令和"),
    ((1989, 1, 8), 'H', "平成"),
    ((1926, 12, 25), 'S', "昭和"),
    ((1912, 7, 30), 'T', "大正"),
    ((1868, 1, 25), 'M', "明治"),
];

impl Moment {
    /// Letter, name and year of the era.
    pub(super) fn era(&self) -> Option<(char, &'static str, i64)> {
        let here = (self.year, self.month, self.day);
        let found = ERAS.iter().find(|(first, ..)| *first <= here);
        found.map(|((first, ..), letter, name)| {
            let year = self.year.saturating_sub(*first).saturating_add(1);
            (*letter, *name, year)
        })
    }
}
