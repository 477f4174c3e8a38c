//! Lines of content (RFC 5545 section 3.1, RFC 6350 section 3.3).

use mugai_core::civil;
use std::fmt::Write as _;

/// How far the clocks of Japan are ahead, in seconds.
pub(in super::super) const JAPAN: i64 = 32_400;
pub(super) const DAY: i64 = 86_400;
const HALF_A_DAY: i64 = 43_200;
/// What stands for no time ([MS-OXOCAL] section 2.2.1.5): the first of January 4501.
const NEVER: (i64, i64, i64) = (4501, 1, 1);

/// A time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Moment {
    /// Seconds since 1970, in UTC.
    Utc(i64),
    /// Year, month, day, hour, minute and second somewhere.
    Local([u16; 6]),
}

/// Lines, none of them folded.
pub(super) struct Lines(String);

/// A day that people may mean.
fn day_of(seconds: i64) -> Option<(i64, i64, i64)> {
    let day = civil(seconds.div_euclid(DAY));
    ((1..=9999).contains(&day.0) && day != NEVER).then_some(day)
}

impl Lines {
    pub(super) fn begin(component: &str) -> Self {
        Self(format!("BEGIN:{component}\r\n"))
    }

    pub(super) fn end(mut self, component: &str) -> String {
        self.plain("END", component);
        self.0
    }

    pub(super) fn plain(&mut self, field: &str, value: &str) {
        // writing to a string cannot fail
        let _ = write!(self.0, "{field}:{value}\r\n");
    }

    /// A value in which nothing can be taken for another line.
    pub(super) fn text(&mut self, field: &str, value: Option<String>) {
        if let Some(value) = value {
            self.parts(field, &[value]);
        }
    }

    /// A value of several parts; none where all are empty.
    pub(super) fn parts(&mut self, field: &str, values: &[String]) {
        if values.iter().all(|value| value.trim().is_empty()) {
            return;
        }
        self.0.push_str(field);
        self.0.push(':');
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                self.0.push(';');
            }
            self.escaped(value.trim());
        }
        self.0.push_str("\r\n");
    }

    /// RFC 5545 section 3.3.11.
    fn escaped(&mut self, value: &str) {
        let mut chars = value.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' if chars.peek() == Some(&'\n') => {}
                '\n' | '\r' => self.0.push_str("\\n"),
                '\\' | ',' | ';' => self.0.extend(['\\', c]),
                _ => self.0.push(c),
            }
        }
    }

    /// A time, unless it is none that people mean.
    pub(super) fn time(&mut self, field: &str, time: Moment) {
        let _ = match time {
            Moment::Utc(seconds) => {
                let Some((year, month, day)) = day_of(seconds) else {
                    return;
                };
                let of_day = seconds.rem_euclid(DAY);
                let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
                write!(
                    self.0,
                    "{field}:{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z\r\n"
                )
            }
            Moment::Local([year, month, day, hour, minute, second]) => write!(
                self.0,
                "{field}:{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}\r\n"
            ),
        };
    }

    /// The day whose midnight a time is; daylight saving time may put it off by hours.
    pub(super) fn day(&mut self, field: &str, time: Moment) {
        let day = match time {
            Moment::Utc(seconds) => day_of(seconds.saturating_add(HALF_A_DAY)),
            Moment::Local([year, month, day, ..]) => Some((year.into(), month.into(), day.into())),
        };
        if let Some((year, month, day)) = day {
            let _ = write!(self.0, "{field};VALUE=DATE:{year:04}{month:02}{day:02}\r\n");
        }
    }

    /// Somebody, whose name stands in quotation marks (RFC 5545 section 3.2).
    pub(super) fn person(
        &mut self,
        field: &str,
        answer: Option<&str>,
        [name, address]: [Option<String>; 2],
    ) {
        let safe = |c: char| if c == '"' || c.is_control() { ' ' } else { c };
        let name = name.map(|name| name.chars().map(safe).collect::<String>());
        let address = address.filter(|address| address.bytes().all(|b| b.is_ascii_graphic()));
        if name.is_none() && address.is_none() {
            return;
        }
        self.0.push_str(field);
        if let Some(answer) = answer {
            let _ = write!(self.0, ";PARTSTAT={answer}");
        }
        let _ = match (name, address) {
            (Some(name), Some(address)) => {
                write!(self.0, ";CN=\"{name}\":mailto:{address}\r\n")
            }
            (name, address) => {
                let who = address.or(name).unwrap_or_default();
                write!(self.0, ":{who}\r\n")
            }
        };
    }
}
