//! Lists of mailboxes (RFC 5322 section 3.4), obsolete and broken ones included.

use crate::formats::mail::words::{self, Rule, WordFinder};
use mugai_core::message::{MAX_MAILBOXES, MAX_MAILBOXES_BYTES};
use mugai_core::{AddrSpec, Cx, FindingCode, Mailbox, Refusal, Resource};

/// The longest name that is carried, in characters.
const MAX_NAME: usize = 500;

/// Reads a Unicode value whose encoded-words are still encoded: the list is taken apart first, so
/// that no word can bring an address of its own. Groups are flattened. What holds no valid address
/// becomes a name alone, noted; so is what is too much for one header, which is left out.
///
/// # Errors
/// [`Refusal::Overrun`]
pub(super) fn parse(value: &str, cx: &mut Cx<'_>) -> Result<Vec<Mailbox>, Refusal> {
    cx.charge_len(Resource::Steps, value.len())?;
    let mut mailboxes = Vec::new();
    let mut room = 0usize;
    let mut tokens = Tokens::new(value);
    let mut entry = Entry::default();
    loop {
        let token = tokens.next();
        let last = token.is_none();
        let ends = matches!(token, None | Some(Token::End));
        match token {
            Some(Token::Quoted(text)) => entry.quoted(&text),
            Some(Token::Angle(text)) => entry.angle = Some(entry.angle.unwrap_or(text)),
            Some(Token::Comment(text)) => entry.comment.push_str(&text),
            Some(Token::Text(text)) => entry.text(text),
            // the name of a group
            Some(Token::Colon) => entry = Entry::default(),
            Some(Token::End) | None => {}
        }
        if ends {
            let found = std::mem::take(&mut entry).mailbox(cx)?;
            room = room.saturating_add(found.as_ref().map_or(0, Mailbox::room));
            let is_too_much = mailboxes.len() >= MAX_MAILBOXES || room > MAX_MAILBOXES_BYTES;
            if is_too_much && found.is_some() {
                cx.note(FindingCode::TextTruncated);
                return Ok(mailboxes);
            }
            mailboxes.extend(found);
            if last {
                return Ok(mailboxes);
            }
        }
    }
}

/// What stands between two commas.
#[derive(Default)]
struct Entry {
    /// Words and quoted strings, without the quotes: the name, if an address follows.
    name: String,
    /// The same with its quotes: the address, if none follows.
    bare: String,
    angle: Option<String>,
    comment: String,
}

impl Entry {
    fn quoted(&mut self, text: &str) {
        self.name.push_str(text);
        self.bare.push('"');
        self.bare.push_str(text);
        self.bare.push('"');
    }

    fn text(&mut self, text: &str) {
        self.name.push_str(text);
        self.bare.push_str(text);
    }

    fn mailbox(mut self, cx: &mut Cx<'_>) -> Result<Option<Mailbox>, Refusal> {
        let Some(angle) = self.angle.take() else {
            return self.without_angle(cx);
        };
        let name = if self.name.trim().is_empty() {
            &self.comment
        } else {
            &self.name
        };
        let address = AddrSpec::parse(addr_spec(&angle)).ok();
        if address.is_none() && !angle.trim().is_empty() {
            cx.note(FindingCode::MailAddressInvalid);
        }
        let shown = if name.trim().is_empty() && address.is_none() {
            &angle
        } else {
            name
        };
        mailbox(shown, address, cx)
    }

    /// `address`, `address (name)`, or a name and nothing else.
    fn without_angle(self, cx: &mut Cx<'_>) -> Result<Option<Mailbox>, Refusal> {
        let bare = self.bare.trim();
        if bare.is_empty() {
            return Ok(None);
        }
        if let Ok(address) = AddrSpec::parse(addr_spec(bare)) {
            return mailbox(&self.comment, Some(address), cx);
        }
        // `name address` without brackets
        let last = bare.rsplit_once(|c: char| c.is_whitespace());
        if let Some((name, Ok(address))) = last.map(|(name, word)| (name, AddrSpec::parse(word))) {
            return mailbox(name, Some(address), cx);
        }
        cx.note(FindingCode::MailAddressInvalid);
        mailbox(&self.name, None, cx)
    }
}

fn mailbox(
    name: &str,
    address: Option<AddrSpec>,
    cx: &mut Cx<'_>,
) -> Result<Option<Mailbox>, Refusal> {
    let name = words::decode(name, cx)?;
    let name: String = if name.chars().nth(MAX_NAME).is_some() {
        cx.note(FindingCode::TextTruncated);
        name.chars().take(MAX_NAME).collect()
    } else {
        name
    };
    let line = cx.line(&name);
    Ok(Mailbox::new(Some(line), address))
}

/// The address in angle brackets: without a route (RFC 5322 section 4.4) and without `mailto:`.
fn addr_spec(angle: &str) -> &str {
    let angle = angle.trim();
    let angle = match angle.split_at_checked(7) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto:") => rest,
        _ => angle,
    };
    match angle.strip_prefix('@').and_then(|r| r.split_once(':')) {
        Some((_, behind_route)) => behind_route.trim(),
        None => angle,
    }
}

enum Token<'a> {
    /// Anything without a meaning of its own; encoded-words are kept in one piece.
    Text(&'a str),
    /// A quoted string, its quotes and backslashes undone.
    Quoted(String),
    /// What stands in angle brackets, comments taken out.
    Angle(String),
    /// What stands in parentheses.
    Comment(String),
    Colon,
    /// A comma or semicolon.
    End,
}

struct Tokens<'a> {
    value: &'a str,
    at: usize,
    /// No quote that stands from here on is closed: quotes are nothing but characters.
    unclosed: bool,
    /// The same of parentheses.
    open: bool,
    words: WordFinder<'a>,
}

impl<'a> Tokens<'a> {
    const fn new(value: &'a str) -> Self {
        Self {
            value,
            at: 0,
            unclosed: false,
            open: false,
            words: WordFinder::new(value, Rule::Structured),
        }
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.value.get(self.at..).unwrap_or_default();
        let first = rest.chars().next()?;
        let inside = rest.get(first.len_utf8()..).unwrap_or_default();
        match first {
            '"' => Some(self.quoted(inside)),
            '<' => Some(Token::Angle(self.angle(inside))),
            '(' => Some(self.comment(inside)),
            ',' | ';' => {
                self.at = self.at.saturating_add(1);
                Some(Token::End)
            }
            // the end of a group's name, or of `mailto`
            ':' => {
                self.at = self.at.saturating_add(1);
                Some(Token::Colon)
            }
            _ => Some(Token::Text(self.text())),
        }
    }

    /// Text up to the next character with a meaning; a comma inside an encoded-word has none.
    fn text(&mut self) -> &'a str {
        let start = self.at;
        loop {
            let rest = self.value.get(self.at..).unwrap_or_default();
            if rest.starts_with("=?")
                && let Some(end) = self.words.end_at(self.at)
            {
                self.at = end;
                continue;
            }
            let Some(c) = rest.chars().next() else {
                break;
            };
            if matches!(c, '"' | '<' | '(' | ',' | ';' | ':') {
                break;
            }
            self.at = self.at.saturating_add(c.len_utf8());
        }
        self.value.get(start..self.at).unwrap_or_default()
    }

    fn quoted(&mut self, inside: &'a str) -> Token<'a> {
        let mut out = String::new();
        let mut chars = inside.chars();
        while let Some(c) = chars.next().filter(|_| !self.unclosed) {
            match c {
                '\\' => out.extend(chars.next()),
                '"' => {
                    self.at = self.value.len().saturating_sub(chars.as_str().len());
                    return Token::Quoted(out);
                }
                c => out.push(c),
            }
        }
        self.unclosed = true;
        self.at = self.at.saturating_add(1);
        Token::Text("")
    }

    /// Up to the closing bracket that stands neither in quotes nor in a comment.
    fn angle(&mut self, inside: &str) -> String {
        let mut out = String::new();
        let mut chars = inside.chars();
        let mut quoted = false;
        let mut depth = 0u32;
        while let Some(c) = chars.next() {
            match c {
                '\\' if quoted => out.extend(chars.next()),
                '"' if depth == 0 => {
                    quoted = !quoted;
                    out.push(c);
                }
                '(' if !quoted => depth = depth.saturating_add(1),
                ')' if !quoted && depth > 0 => depth = depth.saturating_sub(1),
                '>' if !quoted && depth == 0 => break,
                _ if depth == 0 => out.push(c),
                _ => {}
            }
        }
        self.at = self.value.len().saturating_sub(chars.as_str().len());
        out
    }

    /// A comment, or a parenthesis that nothing closes.
    fn comment(&mut self, inside: &str) -> Token<'a> {
        let mut out = String::new();
        let mut chars = inside.chars();
        let mut depth = 1u32;
        while let Some(c) = chars.next().filter(|_| !self.open) {
            match c {
                '\\' => out.extend(chars.next()),
                '(' => depth = depth.saturating_add(1),
                ')' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        self.at = self.value.len().saturating_sub(chars.as_str().len());
                        return Token::Comment(out);
                    }
                }
                c => out.push(c),
            }
        }
        self.open = true;
        self.at = self.at.saturating_add(1);
        Token::Text("(")
    }
}
