//! Dates (RFC 5322 section 3.3), obsolete ones (section 4.3), and what some programs write instead.

use mugai_core::Date;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Reads a date; `None` for what is none.
pub(super) fn parse(value: &str) -> Option<Date> {
    let value = without_comments(value);
    // everything that matters stands in the first few words
    let words: Vec<&str> = value
        .split([' ', '\t', ',', '\r', '\n'])
        .filter(|word| !word.is_empty())
        .take(12)
        .collect();
    let mut fields = Fields::default();
    for word in words {
        fields.take(word)?;
    }
    fields.finish()
}

/// Takes comments out, nested ones included; an open one runs to the end.
fn without_comments(value: &str) -> String {
    let mut depth = 0u32;
    let mut out = String::new();
    for c in value.chars().take(1_000) {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

/// What was found so far. Words are told apart by their shape, so their order matters only where
/// it must: the first bare number is the day, the second the year.
#[derive(Default)]
struct Fields {
    day: Option<u32>,
    month: Option<u32>,
    year: Option<i64>,
    seconds: Option<i64>,
    afternoon: Option<bool>,
    offset_minutes: Option<i16>,
}

impl Fields {
    fn take(&mut self, word: &str) -> Option<()> {
        // `GMT+0900`
        let zone = word
            .find(['+', '-'])
            .and_then(|at| word.split_at_checked(at));
        if let Some((name, offset)) = zone
            && ["GMT", "UTC", "UT"]
                .iter()
                .any(|of| name.eq_ignore_ascii_case(of))
        {
            self.offset_minutes = self.offset_minutes.or(Some(self::offset(offset)?));
            return Some(());
        }
        if word.contains(':') && self.seconds.is_none() {
            return self.iso(word).or_else(|| self.time(word));
        }
        if let Some(month) = month(word) {
            self.month = self.month.or(Some(month));
            return Some(());
        }
        if word.starts_with(['+', '-']) {
            self.offset_minutes = self.offset_minutes.or(Some(offset(word)?));
            return Some(());
        }
        if word.bytes().all(|b| b.is_ascii_digit()) {
            return self.number(word);
        }
        if word.contains(['-', '/', '.']) && word.starts_with(|c: char| c.is_ascii_digit()) {
            return self.date(word);
        }
        if self.seconds.is_some() {
            self.zone(word);
        }
        // the name of a day, or a word that says nothing
        Some(())
    }

    fn number(&mut self, word: &str) -> Option<()> {
        let number: i64 = word.parse().ok()?;
        // asctime: the year comes last, as four digits; a day has two at most
        if self.day.is_none() && word.len() <= 2 {
            self.day = u32::try_from(number).ok();
        } else if self.year.is_none() {
            self.year = full_year(word.len(), number);
            self.year?;
        }
        Some(())
    }

    /// `2024-01-31`, `2024/01/31`, `31-Jan-2024`, `31.01.2024`.
    fn date(&mut self, word: &str) -> Option<()> {
        let mut parts = word.split(['-', '/', '.']);
        let (first, middle, last) = (parts.next()?, parts.next()?, parts.next()?);
        let (year, day) = if first.len() == 4 {
            (first, last)
        } else {
            (last, first)
        };
        self.year = full_year(year.len(), year.parse().ok()?);
        self.day = day.parse().ok();
        self.month = month(middle).or_else(|| middle.parse().ok());
        Some(())
    }

    /// `2024-01-31T12:00:00+09:00`, RFC 3339.
    fn iso(&mut self, word: &str) -> Option<()> {
        let (date, time) = word.split_once(['T', 't'])?;
        if !date.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let zone = time.find(['+', '-', 'Z', 'z']).unwrap_or(time.len());
        let (time, zone) = time.split_at_checked(zone)?;
        self.date(date)?;
        self.time(time)?;
        self.zone(zone);
        if zone.starts_with(['+', '-']) {
            self.offset_minutes = Some(offset(zone)?);
        }
        Some(())
    }

    /// `12:34`, `12:34:56`, `12:34:56.789`, with a zone stuck to its end at times.
    fn time(&mut self, word: &str) -> Option<()> {
        let end = word.find(['+', '-']).unwrap_or(word.len());
        let (word, zone) = word.split_at_checked(end)?;
        if !zone.is_empty() {
            self.offset_minutes = Some(offset(zone)?);
        }
        let mut parts = word.split(':');
        let number = |text: Option<&str>, most: i64| -> Option<i64> {
            let text = text?.split('.').next()?;
            let number: i64 = text.parse().ok()?;
            (text.len() <= 2 && (0..=most).contains(&number)).then_some(number)
        };
        let hour = number(parts.next(), 24)?;
        let minute = number(parts.next(), 59)?;
        let second = match parts.next() {
            Some(text) => number(Some(text), 60)?,
            None => 0,
        };
        let seconds = hour
            .checked_mul(3600)?
            .checked_add(minute.checked_mul(60)?)?
            .checked_add(second)?;
        self.seconds = Some(seconds);
        Some(())
    }

    /// Zones by name: those of RFC 5322 section 4.3, Japan's, and `AM` and `PM`, which stand there
    /// too. A military letter means nothing (same section).
    fn zone(&mut self, word: &str) {
        let hours: i16 = match word.to_ascii_uppercase().as_str() {
            "AM" => {
                self.afternoon = Some(false);
                return;
            }
            "PM" => {
                self.afternoon = Some(true);
                return;
            }
            "UT" | "UTC" | "GMT" | "Z" => 0,
            "EDT" => -4,
            "EST" | "CDT" => -5,
            "CST" | "MDT" => -6,
            "MST" | "PDT" => -7,
            "PST" => -8,
            "JST" | "KST" => 9,
            "CET" => 1,
            "CEST" => 2,
            _ => return,
        };
        self.offset_minutes = self.offset_minutes.or(hours.checked_mul(60));
    }

    fn finish(self) -> Option<Date> {
        let year = self.year?;
        let month = self.month.filter(|m| (1..=12).contains(m))?;
        let day = self
            .day
            .filter(|d| (1..=days_of(year, month)).contains(d))?;
        let mut seconds = self.seconds.unwrap_or(0);
        let noon = 43_200;
        match self.afternoon {
            Some(true) if seconds < noon => seconds = seconds.checked_add(noon)?,
            Some(false) if (noon..noon.checked_add(3600)?).contains(&seconds) => {
                seconds = seconds.checked_sub(noon)?;
            }
            _ => {}
        }
        let offset_minutes = self.offset_minutes.unwrap_or(0);
        let unix = days_from_civil(year, month, day)?
            .checked_mul(86_400)?
            .checked_add(seconds)?
            .checked_sub(i64::from(offset_minutes).checked_mul(60)?)?;
        Date::new(unix, offset_minutes).ok()
    }
}

fn month(word: &str) -> Option<u32> {
    let start = word.get(..3)?.to_ascii_lowercase();
    let letters = word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'.');
    let index = MONTHS.iter().position(|m| letters && *m == start)?;
    u32::try_from(index).ok()?.checked_add(1)
}

/// `+0900`, `-05:30`, `+9`.
fn offset(word: &str) -> Option<i16> {
    let negative = word.starts_with('-');
    let digits: String = word
        .chars()
        .skip(1)
        .filter(|c| *c != ':')
        .take_while(char::is_ascii_digit)
        .collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i16>().ok()?, 0),
        4 => {
            let all: i16 = digits.parse().ok()?;
            (all.checked_div(100)?, all.checked_rem(100)?)
        }
        _ => return None,
    };
    let total = hours.checked_mul(60)?.checked_add(minutes)?;
    if negative {
        total.checked_neg()
    } else {
        Some(total)
    }
}

/// RFC 5322 section 4.3: two digits up to 49 are of this century, all other short years count
/// from 1900.
fn full_year(digits: usize, year: i64) -> Option<i64> {
    match digits {
        2 if year < 50 => year.checked_add(2000),
        2 | 3 => year.checked_add(1900),
        4 => Some(year),
        _ => None,
    }
}

fn days_of(year: i64, month: u32) -> u32 {
    let leap = year.checked_rem(4) == Some(0)
        && (year.checked_rem(100) != Some(0) || year.checked_rem(400) == Some(0));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01: the year is taken to start in March, so that its leap day comes last and
/// the lengths of its months follow one line.
fn days_from_civil(year: i64, month: u32, day: u32) -> Option<i64> {
    let month = i64::from(month);
    let (year, month) = if month > 2 {
        (year, month.checked_sub(3)?)
    } else {
        (year.checked_sub(1)?, month.checked_add(9)?)
    };
    let leaps = year
        .div_euclid(4)
        .checked_sub(year.div_euclid(100))?
        .checked_add(year.div_euclid(400))?;
    let of_months = month.checked_mul(153)?.checked_add(2)?.div_euclid(5);
    year.checked_mul(365)?
        .checked_add(leaps)?
        .checked_add(of_months)?
        .checked_add(i64::from(day))?
        // days from 0000-03-01 to 1970-01-01, and one since days count from 1
        .checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let noon = 1_706_670_000; // 2024-01-31 12:00:00 +0900
        for (raw, unix, zone) in [
            ("Wed, 31 Jan 2024 12:00:00 +0900", noon, 540),
            ("31 Jan 2024 12:00 +0900", noon, 540),
            ("Wed, 31 Jan 2024 12:00:00 +0900 (JST)", noon, 540),
            ("Wed, 31 Jan 2024 12:00:00 JST", noon, 540),
            ("Wed, 31 Jan 24 03:00:00 GMT", noon, 0),
            ("Wed, 31 Jan 124 03:00:00 Z", noon, 0),
            ("wed,31 january 2024 03:00:00 UT", noon, 0),
            ("Wed Jan 31 03:00:00 2024", noon, 0),
            ("Wed Jan 31 12:00:00 JST 2024", noon, 540),
            ("31-Jan-2024 03:00:00", noon, 0),
            ("2024-01-31T12:00:00+09:00", noon, 540),
            ("2024-01-31T03:00:00Z", noon, 0),
            ("2024/01/31 12:00:00 +0900", noon, 540),
            ("Wed, 31 Jan 2024 12:00:00.123 +0900", noon, 540),
            ("Wed, 31 Jan 2024 12:00:00+0900", noon, 540),
            ("Wed, 31 Jan 2024 12:00:00 GMT+0900", noon, 540),
            ("Wed Jan 31 2024 12:00:00 GMT+0900 (JST)", noon, 540),
            ("Wed, 31 Jan 2024 12:00:00 UTC+9", noon, 540),
            ("Wed, 31 Jan 2024 12:00:00 gmt+09:00", noon, 540),
            ("GMT+09:00 31 Jan 2024 12:00:00", noon, 540),
            ("Tue, 30 Jan 2024 22:00:00 EST", noon, -300),
            ("Wed, 31 Jan 2024 03:00:00 PM -0000", noon + 43_200, 0),
            ("Wed, 31 (a (b) c) Jan 2024 12:00:00 +0900", noon, 540),
            ("Thu, 1 Jan 1970 00:00:00 +0000", 0, 0),
            ("Thu, 29 Feb 2024 00:00:00 +0000", 1_709_164_800, 0),
            ("Fri, 31 Dec 9999 23:59:59 +0000", 253_402_300_799, 0),
            ("Sat, 31 Dec 2016 23:59:60 +0000", 1_483_228_800, 0),
        ] {
            let date = parse(raw).unwrap_or_else(|| panic!("{raw:?}"));
            assert_eq!(date.unix_seconds(), unix, "{raw:?}");
            assert_eq!(date.offset_minutes(), zone, "{raw:?}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for raw in [
            "",
            "yesterday",
            "Wed, 31 Jan 2024 99:00:00 +0900",
            "31 Feb 2024 00:00:00 +0000",
            "29 Feb 2023 00:00:00 +0000",
            "0 Jan 2024 00:00:00 +0000",
            "1 Jan 1969 00:00:00 +0000",
            "1 Jan 10000 00:00:00 +0000",
            "1 Jan 2024 00:00:00 +9999",
            "99999999999999999999 Jan 2024",
        ] {
            assert_eq!(parse(raw), None, "{raw:?}");
        }
    }
}
