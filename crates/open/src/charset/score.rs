//! How plausible bytes are as a text of each 8-bit charset.
//!
//! Points are per character and come from what Japanese texts are made of: most of their
//! characters are kana, punctuation and level-1 kanji. Weights are small integers so that the sums
//! of a long text do not overflow and every case can be followed by hand.

use super::convert::sjis_row;

/// How bytes read as one charset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Score {
    pub(super) points: i64,
    /// Bytes and cells that are no characters.
    pub(super) errors: u32,
    /// Characters other than ASCII.
    pub(super) cells: u32,
    /// Of these, kana and punctuation of two bytes.
    pub(super) kana: u32,
}

impl Score {
    /// Without an error, and with better characters than rare ones on the average.
    pub(super) fn is_plausible(&self) -> bool {
        self.errors == 0 && self.cells > 0 && self.points >= i64::from(self.cells)
    }

    /// Without an error, and with more of ordinary characters than of rare ones.
    pub(super) fn is_ordinary(&self) -> bool {
        let points = self.points.saturating_mul(2);
        self.errors == 0 && self.cells > 0 && points >= i64::from(self.cells).saturating_mul(3)
    }

    const fn add(&mut self, points: i64) {
        self.points = self.points.saturating_add(points);
        self.cells = self.cells.saturating_add(1);
    }

    const fn error(&mut self, points: i64) {
        self.add(points);
        self.errors = self.errors.saturating_add(1);
    }

    /// A character of JIS X 0208 with NEC and IBM extensions, by row and cell.
    fn kanji(&mut self, row: u8, cell: u8) {
        match (row, cell) {
            (1, _) => self.kana(2),
            (4, 1..=83) | (5, 1..=86) => self.kana(3),
            (16..=47, _) => self.add(2),
            (3 | 13, _) => self.add(1),
            (2 | 6..=8 | 48..=84 | 89..=92, _) => self.add(0),
            _ => self.error(-6),
        }
    }

    const fn kana(&mut self, points: i64) {
        self.add(points);
        self.kana = self.kana.saturating_add(1);
    }
}

/// Reads `bytes` as CP932.
pub(super) fn sjis(bytes: &[u8]) -> Score {
    let mut score = Score::default();
    let mut rest = bytes;
    let mut last_half = 0u8;
    while let [first, tail @ ..] = rest {
        let half = std::mem::take(&mut last_half);
        let mut used = 1;
        match *first {
            0..=0x7f => {}
            0xa1..=0xdf => {
                half_width(*first, half, &mut score);
                last_half = *first;
            }
            lead @ (0x81..=0x9f | 0xe0..=0xfc) => match tail.first().copied() {
                Some(trail @ (0x40..=0x7e | 0x80..=0xfc)) => {
                    used = 2;
                    match (sjis_row(lead, trail), lead) {
                        (Some((row, cell)), _) => score.kanji(row, cell),
                        (None, 0xf0..=0xf9) => score.add(-2),
                        (None, 0xfa | 0xfb) => score.add(0),
                        (None, 0xfc) if trail <= 0x4b => score.add(0),
                        (None, _) => score.error(-6),
                    }
                }
                _ => score.error(-10),
            },
            0x80 | 0xa0 | 0xfd..=0xff => score.error(-10),
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    score
}

/// Half-width kana are rare on their own; a voicing mark behind a kana that can bear it speaks for them.
const fn half_width(byte: u8, before: u8, score: &mut Score) {
    let voiced = match byte {
        0xde => matches!(before, 0xb3 | 0xb6..=0xc4 | 0xca..=0xce),
        0xdf => matches!(before, 0xca..=0xce),
        _ => false,
    };
    let points = match byte {
        _ if voiced => 4,
        0xde | 0xdf => -3,
        0xb0 | 0xdd if before >= 0xb1 => 1,
        _ if before == 0 => -1,
        _ => 0,
    };
    score.add(points);
}

/// Reads `bytes` as EUC-JP.
pub(super) fn euc(bytes: &[u8]) -> Score {
    let mut score = Score::default();
    let mut rest = bytes;
    let mut half_before = false;
    while !rest.is_empty() {
        let half = matches!(*rest, [0x8e, 0xa1..=0xdf, ..]);
        let used = match *rest {
            [0..=0x7f, ..] => 1,
            [0x8e, 0xa1..=0xdf, ..] => {
                // one is rare, but what looks like several hardly is anything else
                score.add(if half_before { 4 } else { -1 });
                2
            }
            [0x8f, 0xa1..=0xfe, 0xa1..=0xfe, ..] => {
                score.add(-1);
                3
            }
            [a @ 0xa1..=0xfe, b @ 0xa1..=0xfe, ..] => {
                score.kanji(a.saturating_sub(0xa0), b.saturating_sub(0xa0));
                2
            }
            _ => {
                score.error(-10);
                1
            }
        };
        half_before = half;
        rest = rest.get(used..).unwrap_or_default();
    }
    score
}

/// Whether bytes from the half-width range are EUC-JP after all: at least half of it kana.
pub(super) fn is_kana_rich_euc(bytes: &[u8]) -> bool {
    let score = euc(bytes);
    score.errors == 0 && score.kana.saturating_mul(2) >= score.cells && score.cells > 1
}

/// Reads `bytes` as windows-1252, in which no byte is an error; what Western texts do not have
/// counts as one.
pub(super) fn latin(bytes: &[u8]) -> Score {
    let mut score = Score::default();
    let mut before = b' ';
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let after = rest.peek().copied().unwrap_or(b' ');
        let crowd = if before >= 0x80 { 2 } else { 0 };
        let in_word = before.is_ascii_alphabetic() || after.is_ascii_alphabetic();
        match byte {
            0..=0x7f => {}
            0x81 | 0x8d | 0x8f | 0x90 | 0x9d => score.error(-10),
            0xd7 | 0xf7 => score.add(-1),
            // no small letter stands before a capital
            0xe0..=0xff if after.is_ascii_uppercase() => score.add(0),
            0x92 if before.is_ascii_alphabetic() && after.is_ascii_alphabetic() => score.add(4),
            0x8a | 0x8c | 0x8e | 0x9a | 0x9c | 0x9e if in_word => score.add(1),
            0xa1 | 0xbf if after.is_ascii_alphabetic() && crowd == 0 => score.add(1),
            0xc0..=0xff if in_word => score.add(3_i64.saturating_sub(crowd)),
            0xc0..=0xff => score.add(1_i64.saturating_sub(crowd)),
            0x85 | 0x91..=0x97 | 0xa0 | 0xa3 | 0xa7 | 0xa9 | 0xab | 0xae | 0xb0 | 0xb7 | 0xbb => {
                score.add(1_i64.saturating_sub(crowd));
            }
            _ => score.add((-1_i64).saturating_sub(crowd)),
        }
        before = byte;
    }
    score
}

/// Reads `bytes` as UTF-8: cells are well-formed sequences, errors ill-formed ones. A character
/// that is cut off by the end of the text is neither. Two-byte sequences, which pairs of half-width
/// kana look like, too, count a quarter.
pub(super) fn utf8(bytes: &[u8]) -> Score {
    let mut score = Score::default();
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                count_wide(text.as_bytes(), &mut score);
                return score;
            }
            Err(error) => {
                let (good, bad) = rest
                    .split_at_checked(error.valid_up_to())
                    .unwrap_or((rest, &[]));
                count_wide(good, &mut score);
                let Some(length) = error.error_len() else {
                    return score;
                };
                score.error(-10);
                rest = bad.get(length..).unwrap_or_default();
            }
        }
    }
}

fn count_wide(utf8: &[u8], score: &mut Score) {
    let pairs = utf8.iter().filter(|b| matches!(b, 0xc0..=0xdf)).count();
    let longer = utf8.iter().filter(|b| **b >= 0xe0).count();
    let cells = longer.saturating_add(pairs / 4);
    score.cells = score
        .cells
        .saturating_add(u32::try_from(cells).unwrap_or(u32::MAX));
}
