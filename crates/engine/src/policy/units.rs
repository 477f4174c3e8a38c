//! Quantities with their units: `64 MiB`, `1000 Mpx`, `120 s`, `5e8`.

/// What a quantity measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `B`, `KiB`, `MiB`, `GiB`.
    Bytes,
    /// `px`, `Mpx`.
    Pixels,
    /// `ms`, `s`, `min`, `h`; the result is in milliseconds.
    Time,
    /// No unit.
    Count,
}

impl Unit {
    /// What is accepted, for messages.
    pub const fn accepted(self) -> &'static str {
        match self {
            Self::Bytes => "a text like \"64 MiB\" (B, KiB, MiB, GiB)",
            Self::Pixels => "a text like \"1000 Mpx\" (px, Mpx)",
            Self::Time => "a text like \"120 s\" (ms, s, min, h)",
            Self::Count => "a whole number of at least 0, such as 2000 or 5e8",
        }
    }

    fn factor(self, name: &str) -> Option<u64> {
        match (self, name) {
            (Self::Bytes, "B") | (Self::Pixels, "px") | (Self::Time, "ms") | (Self::Count, "") => {
                Some(1)
            }
            (Self::Bytes, "KiB") => Some(1 << 10),
            (Self::Bytes, "MiB") => Some(1 << 20),
            (Self::Bytes, "GiB") => Some(1 << 30),
            (Self::Pixels, "Mpx") => Some(1_000_000),
            (Self::Time, "s") => Some(1_000),
            (Self::Time, "min") => Some(60_000),
            (Self::Time, "h") => Some(3_600_000),
            _ => None,
        }
    }

    /// Reads a quantity; `None` for a missing or foreign unit, a sign, a fraction or an overflow.
    pub fn parse(self, text: &str) -> Option<u64> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, rest) = text.split_at_checked(end)?;
        let number: u64 = number.parse().ok()?;
        if let Some(exponent) = rest.strip_prefix('e') {
            let exponent: u32 = exponent.parse().ok()?;
            let factor = self.factor("")?;
            return number
                .checked_mul(10u64.checked_pow(exponent)?)?
                .checked_mul(factor);
        }
        number.checked_mul(self.factor(rest.trim_start())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever copies what a page shows must not be told that it is not accepted.
    #[test]
    fn what_is_documented_is_accepted() {
        let pages = [
            include_str!("../../../../README.md"),
            include_str!("../../../../README.ja.md"),
            include_str!("../../../../docs/batch.md"),
            include_str!("../../../../docs/policy.md"),
            include_str!("../../../../docs/relay.md"),
            include_str!("../../../../docs/service.md"),
        ];
        let mut seen = 0usize;
        for quoted in pages.iter().flat_map(|page| page.split('"')) {
            let Some((number, unit)) = quoted.split_once(' ') else {
                continue;
            };
            let is_number = number.parse::<u64>().is_ok();
            if !is_number || !unit.chars().all(|c| c.is_ascii_alphabetic()) {
                continue;
            }
            let units = [Unit::Bytes, Unit::Pixels, Unit::Time];
            let accepted = units.iter().any(|unit| unit.parse(quoted).is_some());
            assert!(accepted, "{quoted:?}");
            seen = seen.saturating_add(1);
        }
        assert!(seen >= 15, "{seen} quantities");
    }

    #[test]
    fn quantities() {
        assert_eq!(Unit::Bytes.parse("64 MiB"), Some(64 << 20));
        assert_eq!(Unit::Bytes.parse("64MiB"), Some(64 << 20));
        assert_eq!(Unit::Pixels.parse("1000 Mpx"), Some(1_000_000_000));
        assert_eq!(Unit::Time.parse("2 min"), Some(120_000));
        assert_eq!(Unit::Time.parse("24 h"), Some(86_400_000));
        assert_eq!(Unit::Count.parse("2000"), Some(2000));
        assert_eq!(Unit::Count.parse("5e8"), Some(500_000_000));
        for (unit, bad) in [
            (Unit::Bytes, "64"),
            (Unit::Bytes, "64 MB"),
            (Unit::Bytes, "-1 MiB"),
            (Unit::Bytes, "99999999999999 GiB"),
            (Unit::Bytes, "1e3"),
            (Unit::Time, "120"),
            (Unit::Count, "1.5"),
            (Unit::Count, "3 parts"),
            (Unit::Count, ""),
            (Unit::Count, "1e40"),
        ] {
            assert_eq!(unit.parse(bad), None, "{bad}");
        }
    }
}
