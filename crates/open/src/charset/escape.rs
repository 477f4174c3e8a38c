//! Escape sequences of ISO-2022-JP and its relatives (ISO/IEC 2022, RFC 1468, 1554, 2237).

pub(super) const ESC: u8 = 0x1b;
pub(super) const SHIFT_OUT: u8 = 0x0e;
pub(super) const SHIFT_IN: u8 = 0x0f;

/// The set that plain bytes are characters of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// ASCII, JIS X 0201 Roman (whose yen sign and overline CP50221 reads as `\` and `~`), and
    /// the Swedish set that some old mailers name by mistake.
    Single,
    /// JIS X 0201 half-width katakana in seven bits.
    Kana,
    /// JIS X 0208 with NEC and IBM rows.
    X0208,
    /// JIS X 0212.
    X0212,
    /// JIS X 0213 plane 1.
    X0213,
    /// JIS X 0213 plane 2, of which CP932 has nothing.
    X0213Plane2,
    /// The user-defined rows of CP932 (ISO-2022-JP-MS), whose characters nobody else knows.
    UserDefined,
    /// GB 2312 (ISO-2022-JP-2).
    Gb2312,
    /// KS X 1001 (ISO-2022-JP-2).
    Ksx1001,
}

/// What an escape sequence asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// Another set for plain bytes.
    Designate(Set),
    /// A set that is reached by shifts only, or an announcement: nothing to do.
    Nothing,
    /// Emoji of `SoftBank` up to a shift in, one byte each.
    Emoji,
    /// The set of single shifts: Latin-1 or Greek.
    SingleShiftSet { greek: bool },
    /// The next byte is of that set.
    SingleShift,
    /// The text ends within the sequence.
    Cut,
    /// No sequence that we know.
    Unknown,
}

/// Reads the sequence behind an ESC; tells how many bytes it has, the ESC not counted.
pub(super) const fn parse(behind: &[u8]) -> (Escape, usize) {
    use Escape::{
        Cut, Designate, Emoji, Nothing, SingleShift, SingleShiftSet as ShiftSet, Unknown,
    };
    match behind {
        [b'(', b'B' | b'J' | b'H' | b'A', ..] => (Designate(Set::Single), 2),
        [b'(', b'I', ..] => (Designate(Set::Kana), 2),
        [b')', b'I' | b'B' | b'J', ..] | [b'&', b'@', ..] => (Nothing, 2),
        [b'$', b'@' | b'B', ..] => (Designate(Set::X0208), 2),
        [b'$', b'A', ..] => (Designate(Set::Gb2312), 2),
        [b'$', b'(', b'@' | b'B', ..] => (Designate(Set::X0208), 3),
        [b'$', b'(', b'A', ..] => (Designate(Set::Gb2312), 3),
        [b'$', b'(', b'C', ..] => (Designate(Set::Ksx1001), 3),
        [b'$', b'(', b'D', ..] => (Designate(Set::X0212), 3),
        [b'$', b'(', b'O' | b'Q', ..] => (Designate(Set::X0213), 3),
        [b'$', b'(', b'P', ..] => (Designate(Set::X0213Plane2), 3),
        [b'$', b'(', b'?', ..] => (Designate(Set::UserDefined), 3),
        [b'$', b')' | b'*', b'A'..=b'Z', ..] => (Nothing, 3),
        [b'$', b'E' | b'F' | b'G' | b'O' | b'P' | b'Q', ..] => (Emoji, 2),
        // NEC's own shifts into and out of kanji
        [b'K', ..] => (Designate(Set::X0208), 1),
        [b'H', ..] => (Designate(Set::Single), 1),
        [b'.', b'A', ..] => (ShiftSet { greek: false }, 2),
        [b'.', b'F', ..] => (ShiftSet { greek: true }, 2),
        [b'N', ..] => (SingleShift, 1),
        [] => (Cut, 0),
        [b'(' | b')' | b'$' | b'&' | b'.'] => (Cut, 1),
        [b'$', b'(' | b')' | b'*'] => (Cut, 2),
        _ => (Unknown, 0),
    }
}

/// Whether a sequence occurs that only a Japanese text has: a switch to kanji or kana.
pub(super) fn is_jis(bytes: &[u8]) -> bool {
    memchr::memchr_iter(ESC, bytes).any(|at| {
        let behind = at.checked_add(1).and_then(|next| bytes.get(next..));
        matches!(
            behind.unwrap_or_default(),
            [b'$', b'@' | b'B', ..]
                | [
                    b'$',
                    b'(',
                    b'@' | b'B' | b'D' | b'O' | b'P' | b'Q' | b'?',
                    ..
                ]
                | [b'(', b'I', ..]
        )
    })
}
