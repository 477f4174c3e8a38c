//! Times of calendars (RFC 5545 section 3.3.5), as people read them.

/// Hours that Japan is ahead of UTC.
const JAPAN: u32 = 9;

/// `20260301T090000Z` as `2026-03-01 09:00 UTC`, in Japanese as the time of Japan; whatever else as it is.
pub(super) fn shown(value: &str, zone: Option<&str>, japanese: bool) -> String {
    let value = value.trim();
    let Some(time) = Time::parse(value) else {
        return value.to_owned();
    };
    let zone = zone.map(|zone| format!(" ({zone})")).unwrap_or_default();
    match (time.clock, value.ends_with('Z')) {
        (None, _) => time.date(),
        (Some(_), false) => format!("{}{zone}", time.text()),
        (Some(_), true) if japanese => format!("{} (日本時間)", time.later(JAPAN).text()),
        (Some(_), true) => format!("{} UTC", time.text()),
    }
}

/// `PT1H30M` (RFC 5545 section 3.3.6) as `1時間30分`; whatever else as it is.
pub(super) fn length(value: &str, japanese: bool) -> String {
    let value = value.trim();
    parts_of_length(value, japanese).unwrap_or_else(|| value.to_owned())
}

fn parts_of_length(value: &str, japanese: bool) -> Option<String> {
    const DAYS: [(char, &str, &str); 2] = [('W', "週間", "wk"), ('D', "日", "d")];
    const CLOCK: [(char, &str, &str); 3] =
        [('H', "時間", "h"), ('M', "分", "min"), ('S', "秒", "s")];
    let rest = value.strip_prefix('+').unwrap_or(value).strip_prefix('P')?;
    let (days, clock) = rest.split_once('T').unwrap_or((rest, ""));
    let mut told = Vec::new();
    for (mut rest, units) in [(days, DAYS.as_slice()), (clock, CLOCK.as_slice())] {
        let mut units = units.iter();
        while !rest.is_empty() {
            let (number, behind) = rest.split_once(|c: char| !c.is_ascii_digit())?;
            let letter = rest.get(number.len()..)?.chars().next()?;
            rest = behind;
            // each unit once, the larger before the smaller
            let (_, ja, en) = units.find(|(unit, _, _)| *unit == letter)?;
            let number: u32 = number.parse().ok()?;
            if number > 0 {
                told.push(if japanese {
                    format!("{number}{ja}")
                } else {
                    format!("{number} {en}")
                });
            }
        }
    }
    let between = if japanese { "" } else { " " };
    (!told.is_empty()).then(|| told.join(between))
}

/// Whether a value is a date without a time.
pub(super) fn is_day(value: &str) -> bool {
    Time::parse(value.trim()).is_some_and(|time| time.clock.is_none())
}

/// The day before a date, as [`shown`]; whatever else as it is.
pub(super) fn day_before(value: &str) -> String {
    let value = value.trim();
    Time::parse(value).map_or_else(|| value.to_owned(), |time| time.earlier().date())
}

#[derive(Clone, Copy)]
struct Time {
    year: u32,
    month: u32,
    day: u32,
    clock: Option<(u32, u32)>,
}

impl Time {
    fn parse(value: &str) -> Option<Self> {
        let number = |from: usize, to: usize| {
            let digits = value.get(from..to)?;
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse::<u32>().ok()).flatten()
        };
        let clock = match value.get(8..9) {
            Some("T") => Some((number(9, 11)?, number(11, 13)?)),
            Some(_) => return None,
            None => None,
        };
        let time = Self {
            year: number(0, 4)?,
            month: number(4, 6)?,
            day: number(6, 8)?,
            clock,
        };
        let fits = (1..=12).contains(&time.month) && (1..=time.days()).contains(&time.day);
        let on_clock = clock.is_none_or(|(hour, minute)| hour < 24 && minute < 60);
        (fits && on_clock).then_some(time)
    }

    /// The days of its month.
    fn days(self) -> u32 {
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if self.is_leap() => 29,
            2 => 28,
            _ => 31,
        }
    }

    fn is_leap(self) -> bool {
        let every = |years: u32| self.year.is_multiple_of(years);
        every(4) && (!every(100) || every(400))
    }

    fn later(mut self, hours: u32) -> Self {
        let Some((hour, minute)) = self.clock else {
            return self;
        };
        let sum = hour.saturating_add(hours);
        self.clock = Some((sum % 24, minute));
        if sum >= 24 {
            self.day = self.day.saturating_add(1);
            if self.day > self.days() {
                (self.day, self.month) = (1, self.month.saturating_add(1));
            }
            if self.month > 12 {
                (self.month, self.year) = (1, self.year.saturating_add(1));
            }
        }
        self
    }

    /// A day earlier.
    fn earlier(mut self) -> Self {
        self.day = self.day.saturating_sub(1);
        if self.day == 0 {
            self.month = self.month.saturating_sub(1);
            if self.month == 0 {
                (self.year, self.month) = (self.year.saturating_sub(1), 12);
            }
            self.day = self.days();
        }
        self
    }

    fn date(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn text(self) -> String {
        let clock = self
            .clock
            .map(|(hour, minute)| format!(" {hour:02}:{minute:02}"));
        self.date() + &clock.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_words() {
        for (value, ja, en) in [
            ("PT1H30M", "1時間30分", "1 h 30 min"),
            ("P1DT0H45S", "1日45秒", "1 d 45 s"),
            ("+P2W", "2週間", "2 wk"),
            ("PT0S", "PT0S", "PT0S"),
            ("PT30M1H", "PT30M1H", "PT30M1H"),
            ("PTM", "PTM", "PTM"),
            ("P1H", "P1H", "P1H"),
            ("PT99999999999H", "PT99999999999H", "PT99999999999H"),
            ("-PT5M", "-PT5M", "-PT5M"),
            ("PT5", "PT5", "PT5"),
            ("soon", "soon", "soon"),
        ] {
            assert_eq!(length(value, true), ja);
            assert_eq!(length(value, false), en);
        }
    }

    #[test]
    fn the_day_before() {
        for (value, want) in [
            ("20260302", "2026-03-01"),
            ("20260301", "2026-02-28"),
            ("20240301", "2024-02-29"),
            ("20260101", "2025-12-31"),
            ("tomorrow", "tomorrow"),
        ] {
            assert_eq!(day_before(value), want);
        }
        assert!(is_day("20260301") && !is_day("20260301T090000") && !is_day("x"));
    }
}
