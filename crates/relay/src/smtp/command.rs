//! Commands, read strictly: one form each, and nothing that is not understood is passed on.

use crate::smtp::path::Path;

/// Attributes of XFORWARD that are passed on, with their values as they came.
const FORWARDED: [&str; 7] = ["NAME", "ADDR", "PORT", "PROTO", "HELO", "IDENT", "SOURCE"];

/// A parameter of MAIL or RCPT: its keyword in capital letters, and its value.
pub(crate) type Parameter = (String, Option<String>);

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// HELO, EHLO or LHLO.
    Hello(Greeting),
    /// MAIL FROM.
    Mail(Path, Vec<Parameter>),
    /// RCPT TO.
    Recipient(Path, Vec<Parameter>),
    /// DATA.
    Data,
    /// BDAT with the size of its chunk, and whether it is the last (RFC 3030).
    Chunk(u64, bool),
    /// XFORWARD: what the mail server knows of the client (Postfix, `XFORWARD_README`).
    Forward(Vec<(String, String)>),
    /// RSET.
    Reset,
    /// NOOP.
    Nothing,
    /// QUIT.
    Quit,
}

/// How a client says hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Greeting {
    Helo,
    Ehlo,
    Lhlo,
}

impl Command {
    /// Reads a line without its CRLF.
    ///
    /// # Errors
    /// What is wrong with it, for the reply: words of ours alone.
    pub(crate) fn read(line: &[u8]) -> Result<Self, &'static str> {
        let line = std::str::from_utf8(line).map_err(|_| "not UTF-8")?;
        if line.chars().any(char::is_control) {
            return Err("a control character");
        }
        let line = line.trim_end_matches(' ');
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let verb = verb.to_ascii_uppercase();
        let alone = |command: Self| {
            if rest.is_empty() {
                Ok(command)
            } else {
                Err("no parameter is taken")
            }
        };
        match verb.as_str() {
            "HELO" => Ok(Self::Hello(Greeting::Helo)),
            "EHLO" => Ok(Self::Hello(Greeting::Ehlo)),
            "LHLO" => Ok(Self::Hello(Greeting::Lhlo)),
            "MAIL" => {
                let (path, parameters) = envelope(rest, "FROM:", MAIL)?;
                Ok(Self::Mail(path, parameters))
            }
            "RCPT" => {
                let (path, parameters) = envelope(rest, "TO:", RCPT)?;
                if path.is_empty() {
                    return Err("a recipient without an address");
                }
                Ok(Self::Recipient(path, parameters))
            }
            "DATA" => alone(Self::Data),
            "BDAT" => chunk(rest),
            "XFORWARD" => forward(rest),
            "RSET" => alone(Self::Reset),
            "NOOP" => Ok(Self::Nothing),
            "QUIT" => alone(Self::Quit),
            _ => Err("not a command of ours"),
        }
    }
}

/// What may be said of a sender: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), RET and ENVID
/// (RFC 3461).
const MAIL: &[&str] = &["SIZE", "BODY", "SMTPUTF8", "RET", "ENVID"];
/// What may be said of a recipient (RFC 3461).
const RCPT: &[&str] = &["NOTIFY", "ORCPT"];

fn envelope(
    text: &str,
    word: &str,
    known: &[&str],
) -> Result<(Path, Vec<Parameter>), &'static str> {
    let head = text.get(..word.len()).unwrap_or_default();
    if !head.eq_ignore_ascii_case(word) {
        return Err("FROM: or TO: is missing");
    }
    // a space there is against the letter of the standard, and common
    let path = text.get(word.len()..).unwrap_or_default();
    let path = path.strip_prefix(' ').unwrap_or(path);
    let (path, rest) = Path::read(path).ok_or("not an address in angle brackets")?;
    let mut parameters: Vec<Parameter> = Vec::new();
    for word in words(rest)? {
        let (keyword, value) = match word.split_once('=') {
            Some((keyword, value)) => (keyword, Some(value)),
            None => (word, None),
        };
        let keyword = keyword.to_ascii_uppercase();
        if !known.contains(&keyword.as_str()) {
            return Err("a parameter that is not known");
        }
        if parameters.iter().any(|(other, _)| *other == keyword) {
            return Err("a parameter twice");
        }
        if value.is_some_and(|value| value.is_empty() || value.contains('=')) {
            return Err("a parameter without a value");
        }
        parameters.push((keyword, value.map(str::to_owned)));
    }
    Ok((path, parameters))
}

/// Words, each behind one space at least.
fn words(text: &str) -> Result<impl Iterator<Item = &str>, &'static str> {
    if !text.is_empty() && !text.starts_with(' ') {
        return Err("no space behind the address");
    }
    Ok(text.split(' ').filter(|word| !word.is_empty()))
}

fn chunk(text: &str) -> Result<Command, &'static str> {
    let (size, last) = match text.split_once(' ') {
        Some((size, last)) if last.eq_ignore_ascii_case("LAST") => (size, true),
        Some(_) => return Err("BDAT size [LAST]"),
        None => (text, false),
    };
    if size.is_empty() || size.len() > 18 || !size.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("BDAT size [LAST]");
    }
    let size = size.parse().map_err(|_| "BDAT size [LAST]")?;
    Ok(Command::Chunk(size, last))
}

fn forward(text: &str) -> Result<Command, &'static str> {
    let mut all = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let (name, value) = word.split_once('=').ok_or("an attribute without a value")?;
        let name = name.to_ascii_uppercase();
        if !FORWARDED.contains(&name.as_str()) || value.is_empty() || value.len() > 255 {
            return Err("an attribute that is not known, or too long");
        }
        all.push((name, value.to_owned()));
    }
    Ok(Command::Forward(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path::read(text).expect("a path").0
    }

    #[test]
    fn commands_as_mail_servers_send_them() {
        let some = |text: &str| Some(text.to_owned());
        for (line, command) in [
            ("EHLO gw.city.example", Command::Hello(Greeting::Ehlo)),
            ("lhlo x", Command::Hello(Greeting::Lhlo)),
            ("MAIL FROM:<>", Command::Mail(path("<>"), vec![])),
            (
                "MAIL FROM:<a@b.jp> SIZE=10 BODY=8BITMIME SMTPUTF8",
                Command::Mail(
                    path("<a@b.jp>"),
                    vec![
                        ("SIZE".to_owned(), some("10")),
                        ("BODY".to_owned(), some("8BITMIME")),
                        ("SMTPUTF8".to_owned(), None),
                    ],
                ),
            ),
            (
                "RCPT TO:<c@d.jp> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;c@d.jp",
                Command::Recipient(
                    path("<c@d.jp>"),
                    vec![
                        ("NOTIFY".to_owned(), some("SUCCESS,FAILURE")),
                        ("ORCPT".to_owned(), some("rfc822;c@d.jp")),
                    ],
                ),
            ),
            (
                "rcpt to: <c@d.jp>",
                Command::Recipient(path("<c@d.jp>"), vec![]),
            ),
            ("DATA", Command::Data),
            ("BDAT 100", Command::Chunk(100, false)),
            ("BDAT 0 LAST", Command::Chunk(0, true)),
            (
                "XFORWARD NAME=x.example ADDR=192.0.2.1 IDENT=4XkQ2z",
                Command::Forward(vec![
                    ("NAME".to_owned(), "x.example".to_owned()),
                    ("ADDR".to_owned(), "192.0.2.1".to_owned()),
                    ("IDENT".to_owned(), "4XkQ2z".to_owned()),
                ]),
            ),
            ("RSET", Command::Reset),
            ("NOOP", Command::Nothing),
            ("QUIT", Command::Quit),
        ] {
            assert_eq!(Command::read(line.as_bytes()), Ok(command), "{line}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for line in [
            "",
            "HELP",
            "MAIL <a@b.jp>",
            "MAIL FROM:a@b.jp",
            "MAIL FROM:<a@b.jp>SIZE=1",
            "MAIL FROM:<a@b.jp> X=1",
            "MAIL FROM:<a@b.jp> SIZE=",
            "MAIL FROM:<a@b.jp> SIZE=1 SIZE=2",
            "MAIL FROM:<a@b.jp> ENVID=a=b",
            "MAIL FROM:<a@b.jp>\rRCPT TO:<c@d.jp>",
            "RCPT TO:<>",
            "RCPT TO:<a@b.jp> ORCPT=rfc822;a\u{7}",
            "DATA x",
            "BDAT",
            "BDAT -1",
            "BDAT 1 FIRST",
            "BDAT 9999999999999999999",
            "XFORWARD NAME",
            "XFORWARD EVIL=1",
            "QUIT now",
        ] {
            assert!(Command::read(line.as_bytes()).is_err(), "{line:?}");
        }
        assert!(Command::read(b"MAIL FROM:<\xff@b.jp>").is_err());
    }
}
