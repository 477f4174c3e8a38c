//! Dates: one form, and a weekday that is right.

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [(&str, u32); 12] = [
    ("Jan", 31),
    ("Feb", 29),
    ("Mar", 31),
    ("Apr", 30),
    ("May", 31),
    ("Jun", 30),
    ("Jul", 31),
    ("Aug", 31),
    ("Sep", 30),
    ("Oct", 31),
    ("Nov", 30),
    ("Dec", 31),
];

/// Whether `value` is `Mon, 02 Jan 2006 15:04:05 +0900`, years 1970 to 9999.
pub(super) fn is_valid(value: &str) -> bool {
    let mut fields = value.split(' ');
    let (Some(weekday), Some(day), Some(month), Some(year), Some(time), Some(zone), None) = (
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
        fields.next(),
    ) else {
        return false;
    };
    let (Some(day), Some(year)) = (digits(day, 2), digits(year, 4)) else {
        return false;
    };
    let Some(index) = MONTHS.iter().position(|(name, _)| *name == month) else {
        return false;
    };
    let longest = MONTHS.get(index).map_or(0, |(_, days)| *days);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    (1970..=9999).contains(&year)
        && (1..=longest).contains(&day)
        && (index != 1 || day < 29 || leap)
        && weekday_of(year, index, day).is_some_and(|name| weekday.strip_suffix(',') == Some(name))
        && is_time(time)
        && is_zone(zone)
}

/// The weekday by Gauss: days since an imagined Sunday, months taken from their lengths.
fn weekday_of(year: u32, month_index: usize, day: u32) -> Option<&'static str> {
    let before = year.checked_sub(1)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let months: u32 = MONTHS.iter().take(month_index).map(|(_, days)| days).sum();
    // the table gives February its leap day
    let too_many = u32::from(month_index > 1 && !leap);
    let days = before
        .checked_mul(365)?
        .checked_add(before / 4)?
        .checked_sub(before / 100)?
        .checked_add(before / 400)?
        .checked_add(months)?
        .checked_sub(too_many)?
        .checked_add(day)?;
    DAYS.get(usize::try_from(days % 7).ok()?).copied()
}

fn is_time(time: &str) -> bool {
    let fields: Vec<_> = time.split(':').map(|field| digits(field, 2)).collect();
    matches!(
        fields.as_slice(),
        [Some(0..=23), Some(0..=59), Some(0..=59)]
    )
}

/// Hours up to 16.
fn is_zone(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix(['+', '-']).and_then(|z| digits(z, 4)) else {
        return false;
    };
    offset <= 1600 && offset % 100 < 60 && zone != "-0000"
}

fn digits(text: &str, length: usize) -> Option<u32> {
    let fits = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for good in [
            "Thu, 01 Jan 1970 00:00:00 +0000",
            "Tue, 29 Feb 2000 09:00:00 +0900",
            "Mon, 01 Mar 2100 00:00:00 -0330",
            "Fri, 31 Dec 9999 23:59:59 +1600",
        ] {
            assert!(is_valid(good), "{good}");
        }
        for bad in [
            "Fri, 01 Jan 1970 00:00:00 +0000",
            "Thu, 1 Jan 1970 00:00:00 +0000",
            "Thu, 01 Jan 1970 00:00:00",
            "Thu, 01 Jan 1970 24:00:00 +0000",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Thu, 01 Jan 1970 00:00:00 +1660",
            "Thu, 01 Jan 1970 00:00:00 +1700",
            "Thu, 01 Jan 1970 00:00:00 -0000",
            "Wed, 01 Jan 1969 00:00:00 +0000",
            "Mon, 29 Feb 2100 00:00:00 +0000",
            "Thu,  01 Jan 1970 00:00:00 +0000",
            "Thu, 00 Jan 1970 00:00:00 +0000",
            "Thu, 01 Jan 1970 00:00:00 +0000 x",
            "",
        ] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
