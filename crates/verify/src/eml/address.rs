//! Address lists.

use super::words;
use crate::text;

/// One mailbox of a header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mailbox {
    /// The display name, decoded.
    pub(super) name: Option<String>,
    /// The address as it is written.
    pub(super) address: String,
}

/// Reads `mailbox, mailbox`; `None` for anything that we do not write.
pub(super) fn list(value: &str) -> Option<Vec<Mailbox>> {
    let mut mailboxes = Vec::new();
    let mut rest = value;
    loop {
        let (mailbox, after) = mailbox(rest)?;
        mailboxes.push(mailbox);
        if after.is_empty() {
            return Some(mailboxes);
        }
        rest = after.strip_prefix(", ")?;
    }
}

/// `address`, `<"local"@domain>`, `"name" <address>` or `=?…?= <address>`.
fn mailbox(rest: &str) -> Option<(Mailbox, &str)> {
    if rest.starts_with("=?") {
        let (phrase, after) = rest.split_once(" <")?;
        let name = words::decode(phrase.split(' '))?;
        return named(name, after);
    }
    if let Some((quoted, after)) = rest.strip_prefix('"').and_then(|r| r.split_once('"'))
        && let Some(after) = after.strip_prefix(" <")
    {
        let simple = |b: u8| b.is_ascii_alphanumeric() || b" .'_-&+/!#*".contains(&b);
        let name = words::plain(quoted).filter(|q| q.bytes().all(simple))?;
        return named(name.to_owned(), after);
    }
    // an address in quotes is the only one in brackets without a name
    let (address, after) = match rest.strip_prefix('<') {
        Some(bracketed) => bracketed.split_once('>')?,
        None => rest.split_at_checked(rest.find(',').unwrap_or(rest.len()))?,
    };
    if rest.starts_with('<') != address.starts_with('"') {
        return None;
    }
    let mailbox = Mailbox {
        name: None,
        address: is_address(address).then(|| address.to_owned())?,
    };
    Some((mailbox, after))
}

/// What follows ` <`.
fn named(name: String, rest: &str) -> Option<(Mailbox, &str)> {
    let (address, after) = rest.split_once('>')?;
    let fine = text::is_clean_line(&name) && is_address(address);
    let mailbox = Mailbox {
        name: Some(name),
        address: address.to_owned(),
    };
    fine.then_some((mailbox, after))
}

/// `local@domain` in ASCII, of at most 128 and 255 characters; the local part in quotes exactly where its
/// dots ask for them.
fn is_address(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let inner = local.strip_prefix('"').and_then(|l| l.strip_suffix('"'));
    let bare = inner.unwrap_or(local);
    let odd_dots = bare.split('.').any(str::is_empty);
    let atoms = bare
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
    let labels = domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    });
    (1..=128).contains(&bare.len())
        && atoms
        && !bare.contains("=?")
        && odd_dots == inner.is_some()
        && labels
        && domain.len() <= 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_pass() {
        for (value, count) in [
            ("a@b.jp", 1),
            ("<\"a..b.\"@docomo.ne.jp>, c@d", 2),
            (
                "\"A. B\" <a@b.jp>, =?UTF-8?B?44GC?= =?UTF-8?B?44GC?= <c@d>",
                2,
            ),
        ] {
            assert_eq!(list(value).map(|l| l.len()), Some(count), "{value}");
        }
    }

    #[test]
    fn lists_that_do_not_pass() {
        for value in [
            "",
            "a",
            "a@",
            "@b",
            "a@b,c@d",
            "a@b, ",
            "a@b;",
            "<a@b>",
            "A <a@b>",
            "\"A\"<a@b>",
            "\"A\" <a@b> x",
            "\"A\\\" <a@b>",
            "\"A@x\" <a@b>",
            "\"a.b\"@c",
            "a..b@c",
            "\"a..b\"@c",
            "a@b..c",
            "=?UTF-8?B?YQ==?=@b",
            "=?UTF-8?B?YQ==?= a@b",
            "=?UTF-8?B?YQ0K?= <a@b>",
            "group: a@b;",
            "(x) a@b",
            "a@b>, Bcc: <c@d",
        ] {
            assert!(list(value).is_none(), "{value}");
        }
    }
}
