//! Days of the Gregorian calendar.

/// Year, month and day of a day counted from 1970-01-01, Gregorian calendar.
///
/// Years are counted from March, so that the leap day comes last: then month lengths repeat in
/// groups of five months and 153 days, and a cycle of 400 years has 146,097 days. Good for all seconds that an
/// `i64` counts; of a day far beyond those it tells some date.
#[must_use]
pub fn civil(days: i64) -> (i64, i64, i64) {
    // from 0000-03-01
    let days = days.saturating_add(719_468);
    let (cycle, in_cycle) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leap_days = in_cycle
        .div_euclid(1_460)
        .saturating_sub(in_cycle.div_euclid(36_524))
        .saturating_add(in_cycle.div_euclid(146_096));
    let year_of_cycle = in_cycle.saturating_sub(leap_days).div_euclid(365);
    let days_before = year_of_cycle
        .saturating_mul(365)
        .saturating_add(year_of_cycle.div_euclid(4))
        .saturating_sub(year_of_cycle.div_euclid(100));
    let in_year = in_cycle.saturating_sub(days_before);
    let from_march = in_year.saturating_mul(5).saturating_add(2).div_euclid(153);
    let days_of_months = from_march
        .saturating_mul(153)
        .saturating_add(2)
        .div_euclid(5);
    let day = in_year.saturating_sub(days_of_months).saturating_add(1);
    let month = if from_march < 10 {
        from_march.saturating_add(3)
    } else {
        from_march.saturating_sub(9)
    };
    let year = year_of_cycle
        .saturating_add(cycle.saturating_mul(400))
        .saturating_add(i64::from(month <= 2));
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts days one by one over eight centuries, as a calendar on paper does.
    #[test]
    fn every_day_follows_the_one_before_it() {
        let (mut year, mut month, mut day) = (1970i64, 1i64, 1i64);
        for days in 0..292_194 {
            assert_eq!(civil(days), (year, month, day));
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 => 28 + i64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }
}
