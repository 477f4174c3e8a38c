//! Making text harmless to programs that look for something to click, to render or to decode.
//!
//! Mail clients turn addresses in plain text into links, webmailers have shown tags that stood in
//! plain text, and some clients decode uuencoded lines by themselves. All of these are told by a
//! few characters, and one of them is replaced by something that a person reads the same way.
//!
//! What is not touched: bare host names without `www.` (`example.com`), which some telephones make
//! links of as well, and mail addresses; a person has to be able to read both.

mod names;
mod pen;

use pen::Pen;
use std::borrow::Cow;

/// What was made harmless in a text, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Defanged {
    /// Addresses that a program would have made a link of.
    pub links: u32,
    /// Starts of something that looks like an HTML or SVG tag.
    pub markup: u32,
    /// Lines that clients decode by themselves.
    pub auto_decode: u32,
    /// Those of them that start an encrypted message of PGP.
    pub encrypted: u32,
    /// Those of them that start a text which PGP signed in place (RFC 9580 section 7).
    pub signed: u32,
}

impl Defanged {
    /// The sum of two counts.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            links: self.links.saturating_add(other.links),
            markup: self.markup.saturating_add(other.markup),
            auto_decode: self.auto_decode.saturating_add(other.auto_decode),
            encrypted: self.encrypted.saturating_add(other.encrypted),
            signed: self.signed.saturating_add(other.signed),
        }
    }
}

/// Rewrites `text` so that nothing in it is clickable, and adds to `counts` what was changed.
///
/// * `http://`, `https://`, `ftp://` become `hxxp://`, `hxxps://`, `fxp://`; any other `scheme://`
///   becomes `scheme[:]//`;
/// * schemes that work without slashes (`javascript:`, `mailto:`, `ms-…:`) become
///   `javascript[:]` where something follows at once, the end of the text included;
/// * `www.` and `ftp.` at the start of a word become `www[.]` and `ftp[.]`;
/// * the `\\` of `\\server\share` becomes `＼＼`;
/// * the `<` of a known HTML or SVG tag, a comment or a declaration becomes `＜`;
/// * lines that start a uuencoded, yEnc, `BinHex` or PGP block get `| ` in front.
///
/// Linear in the length of the text, and a second call changes nothing.
#[must_use]
pub fn defang<'a>(text: &'a str, counts: &mut Defanged) -> Cow<'a, str> {
    let mut pen = Pen::new(text);
    line_start(&mut pen, 0, counts);
    let mut at = 0usize;
    while let Some(found) = next_trigger(text, at) {
        at = found;
        match text.as_bytes().get(at) {
            Some(b':') => colon(&mut pen, at, counts),
            Some(b'.') => dot(&mut pen, at, counts),
            Some(b'\\') => backslash(&mut pen, at, counts),
            Some(b'<') => less_than(&mut pen, at, counts),
            _ => line_start(&mut pen, at.saturating_add(1), counts),
        }
        at = at.saturating_add(1);
    }
    pen.finish()
}

/// How many bytes are looked at together.
const BLOCK: usize = 32;
/// How many bytes beyond a byte tell whether it could be part of something live.
const AHEAD: usize = 3;

/// The next byte at or behind `from` that could be part of something live. Everything else is
/// skipped in blocks, which one test each tells.
fn next_trigger(text: &str, from: usize) -> Option<usize> {
    let mut rest = text.as_bytes().get(from..)?;
    while let Some(block) = rest.first_chunk::<{ BLOCK + AHEAD }>() {
        let steps = block
            .iter()
            .zip(block.iter().skip(1))
            .zip(block.iter().skip(AHEAD));
        if steps.fold(false, |any, ((byte, next), third)| {
            any | is_trigger(*byte, *next, *third)
        }) {
            break;
        }
        rest = rest.get(BLOCK..)?;
    }
    // what is not there at the end asks for nothing
    let at = |place: usize| rest.get(place).copied().unwrap_or(b'\n');
    let step = rest.iter().enumerate().position(|(place, byte)| {
        let [next, third] = [1, AHEAD].map(|ahead| at(place.saturating_add(ahead)));
        is_trigger(*byte, next, third)
    })?;
    text.len().checked_sub(rest.len())?.checked_add(step)
}

/// Line ends count where the line behind them could start an encoded block; of those that start
/// with a hyphen the third character has to be one too.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch a whole block is looked at in one step"
)]
const fn is_trigger(byte: u8, next: u8, third: u8) -> bool {
    let starts = (next == b'b')
        | (next == b'B')
        | (next == b'=')
        | (next == b'(')
        | ((next == b'-') & (third == b'-'));
    (byte == b':') | (byte == b'.') | (byte == b'\\') | (byte == b'<') | ((byte == b'\n') & starts)
}

/// `scheme:` and `scheme://`.
fn colon(pen: &mut Pen<'_>, at: usize, counts: &mut Defanged) {
    let behind = at.saturating_add(1);
    let after = pen.after(behind);
    let scheme = names::trailing_scheme(pen.before(at));
    // a blank behind the colon makes it prose ("data: 5 rows"); the end does not, because a sheet
    // goes on with its next cell there
    if names::works_without_slashes(scheme) && !after.starts_with(char::is_whitespace) {
        pen.replace(at, behind, "[:]");
        bump(&mut counts.links);
        return;
    }
    if let Some(web) = names::trailing_web(scheme) {
        // one slash or two backslashes are enough for browsers
        if after.starts_with(['/', '\\']) {
            let shown: String = web
                .chars()
                .map(|c| match c {
                    't' => 'x',
                    'T' => 'X',
                    other => other,
                })
                .collect();
            pen.replace(at.saturating_sub(web.len()), at, &shown);
            bump(&mut counts.links);
        }
    } else if after.starts_with("//")
        && scheme.bytes().any(|b| b.is_ascii_alphabetic())
        && !names::is_defanged(scheme)
    {
        pen.replace(at, behind, "[:]");
        bump(&mut counts.links);
    }
}

/// `www.` and `ftp.`, which clients complete to addresses.
fn dot(pen: &mut Pen<'_>, at: usize, counts: &mut Defanged) {
    let before = pen.before(at);
    let Some((head, label)) = before
        .len()
        .checked_sub(3)
        .and_then(|cut| before.split_at_checked(cut))
    else {
        return;
    };
    let known = label.eq_ignore_ascii_case("www") || label.eq_ignore_ascii_case("ftp");
    if !known || head.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return;
    }
    let behind = at.saturating_add(1);
    if pen.after(behind).starts_with(char::is_alphanumeric) {
        pen.replace(at, behind, "[.]");
        bump(&mut counts.links);
    }
}

/// `\\server`, but not the escaped backslash of `C:\\Users` or `a\\b`.
fn backslash(pen: &mut Pen<'_>, at: usize, counts: &mut Defanged) {
    let behind = at.saturating_add(2);
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '\\');
    if pen.after(at).starts_with(r"\\")
        && !pen.last(at).is_some_and(inside)
        && pen
            .after(behind)
            .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '?' | '.'))
    {
        pen.replace(at, behind, "＼＼");
        bump(&mut counts.links);
    }
}

/// `<script`, `</p>`, `<!--`, `<?xml`; but not `<taro@city.example.jp>` and `a < b`.
fn less_than(pen: &mut Pen<'_>, at: usize, counts: &mut Defanged) {
    let behind = at.saturating_add(1);
    if names::opens_tag(pen.after(behind)) {
        pen.replace(at, behind, "＜");
        bump(&mut counts.markup);
    }
}

/// The first line of an encoded block.
fn line_start(pen: &mut Pen<'_>, at: usize, counts: &mut Defanged) {
    let line = pen.after(at);
    if !names::starts_encoded_block(line) {
        return;
    }
    let (encrypted, signed) = names::pgp(line);
    pen.replace(at, at, "| ");
    bump(&mut counts.auto_decode);
    if encrypted {
        bump(&mut counts.encrypted);
    } else if signed {
        bump(&mut counts.signed);
    }
}

const fn bump(count: &mut u32) {
    *count = count.saturating_add(1);
}

#[cfg(test)]
pub(crate) mod tests;
