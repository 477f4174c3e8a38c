//! Links: numbered in the text, listed behind it, and compared with what their text promises.

use super::target::{self, Target};
use mugai_core::Lang;
use std::collections::BTreeMap;

/// How many words of a link's text are compared with its target.
const WORDS_MAX: usize = 16;

/// Second-level domains under which others register names, for two-letter top-level domains.
const SHARED_SECOND: [&str; 24] = [
    "ac", "ad", "asn", "co", "com", "ed", "edu", "ne", "net", "go", "gob", "gouv", "gov", "gr",
    "gv", "id", "info", "lg", "ltd", "me", "mil", "or", "org", "sch",
];

/// Endings of file names that look like domains.
const FILE_ENDINGS: [&str; 26] = [
    "asp", "aspx", "bmp", "cgi", "csv", "doc", "docx", "eml", "exe", "gif", "htm", "html", "jpeg",
    "jpg", "js", "jsp", "pdf", "php", "png", "ppt", "pptx", "txt", "xls", "xlsx", "xml", "zip",
];

/// The second-level domains of Japanese prefectures, below which towns register (JPRS rules).
const PREFECTURES: [&str; 47] = [
    "aichi",
    "akita",
    "aomori",
    "chiba",
    "ehime",
    "fukui",
    "fukuoka",
    "fukushima",
    "gifu",
    "gunma",
    "hiroshima",
    "hokkaido",
    "hyogo",
    "ibaraki",
    "ishikawa",
    "iwate",
    "kagawa",
    "kagoshima",
    "kanagawa",
    "kochi",
    "kumamoto",
    "kyoto",
    "mie",
    "miyagi",
    "miyazaki",
    "nagano",
    "nagasaki",
    "nara",
    "niigata",
    "oita",
    "okayama",
    "okinawa",
    "osaka",
    "saga",
    "saitama",
    "shiga",
    "shimane",
    "shizuoka",
    "tochigi",
    "tokushima",
    "tokyo",
    "tottori",
    "toyama",
    "wakayama",
    "yamagata",
    "yamaguchi",
    "yamanashi",
];

/// The links of one page, each target once.
#[derive(Debug, Default)]
pub(super) struct Links {
    numbers: BTreeMap<String, usize>,
    listed: Vec<Listed>,
}

#[derive(Debug)]
struct Listed {
    shown: String,
    mismatch: bool,
}

impl Links {
    /// The number of a target, counted from 1; the same target has the same number.
    pub(super) fn number(&mut self, shown: String, mismatch: bool) -> usize {
        if let Some(number) = self.numbers.get(&shown) {
            if let Some(listed) = self.listed.get_mut(number.saturating_sub(1)) {
                listed.mismatch |= mismatch;
            }
            return *number;
        }
        let number = self.listed.len().saturating_add(1);
        self.numbers.insert(shown.clone(), number);
        self.listed.push(Listed { shown, mismatch });
        number
    }

    /// The lines of the list, its heading first; none when there is no link.
    pub(super) fn lines(&self, lang: Lang) -> impl Iterator<Item = String> + '_ {
        let heading = match lang {
            Lang::Ja => "リンク:",
            Lang::En => "Links:",
        };
        let heading = (!self.listed.is_empty()).then(|| heading.to_owned());
        let lines = (1usize..).zip(&self.listed).map(|(number, listed)| {
            let warning = if listed.mismatch { "⚠" } else { "" };
            format!("[{number}]{warning} {}", listed.shown)
        });
        heading.into_iter().chain(lines)
    }
}

/// Whether the text of a link names a host that is not its target's.
pub(super) fn misleads(text: &str, target: &Target) -> bool {
    let host = match target {
        Target::Web(web) if web.user => return true,
        Target::Web(web) => web.host.as_str(),
        Target::Direct { address, .. } => match address.rsplit_once('@') {
            Some((_, domain)) => domain,
            None => return false,
        },
        Target::Local | Target::Foreign => return false,
    };
    let own = registrable(host);
    text.split_whitespace()
        .take(WORDS_MAX)
        .filter_map(promised_host)
        .any(|promised| !registrable(&promised).eq_ignore_ascii_case(own))
}

/// Whether the text of a mail or telephone link is the address itself.
pub(super) fn repeats(text: &str, address: &str) -> bool {
    text.trim().eq_ignore_ascii_case(address)
}

/// The host that a word of visible text names: `https://host/…`, `www.host`, `host.jp`, `x@host`.
fn promised_host(word: &str) -> Option<String> {
    let (stated, rest) = match word.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, word),
    };
    let rest = rest.trim_start_matches(|c: char| {
        !(c.is_ascii_alphanumeric() || (stated && c.is_alphanumeric()))
    });
    let end = rest
        .find(|c: char| !(host_char(c) || c == '@' || (stated && c.is_alphanumeric())))
        .unwrap_or(rest.len());
    let place = rest.get(..end)?;
    let host = place.rsplit('@').next()?.trim_matches(['.', '-', '_']);
    let (ascii, _) = target::ascii_host(host)?;
    let (_, top) = ascii.rsplit_once('.')?;
    let is_top =
        top.starts_with("xn--") || (top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()));
    (is_top && (stated || !FILE_ENDINGS.contains(&top))).then_some(ascii)
}

const fn host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// The part of a host that one owner registers, by rule of thumb: without the public suffix list
/// two hosts of one owner may count as two, never two owners of `.jp` or `.com` as one.
fn registrable(host: &str) -> &str {
    let mut labels = host.rsplit('.');
    let (Some(top), Some(second)) = (labels.next(), labels.next()) else {
        return host;
    };
    if top.bytes().all(|b| b.is_ascii_digit()) {
        return host;
    }
    let shared = top.len() == 2 && SHARED_SECOND.contains(&second);
    let prefecture = top == "jp" && PREFECTURES.contains(&second);
    // dots in front of which the registered part begins
    let dots = if prefecture {
        3
    } else if shared {
        2
    } else {
        1
    };
    let start = host
        .rmatch_indices('.')
        .nth(dots)
        .map_or(0, |(at, _)| at.saturating_add(1));
    host.get(start..).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_mislead() {
        for (text, href, want) in [
            ("https://city.example.lg.jp", "https://evil.example/", true),
            (
                "https://city.example.lg.jp",
                "https://www.example.lg.jp/x",
                false,
            ),
            ("www.bank.co.jp", "https://bank.co.jp.evil.com", true),
            ("www.bank.co.jp", "https://login.bank.co.jp/", false),
            ("a.co.jp", "https://b.co.jp/", true),
            (
                "こちらhttps://city.lg.jp/をご覧",
                "https://evil.example/",
                true,
            ),
            ("http://例え.jp", "https://xn--r8jz45g.jp/", false),
            ("http://例え.jp", "https://evil.example/", true),
            ("info@city.lg.jp", "https://evil.example/", true),
            ("info@city.lg.jp", "mailto:info@city.lg.jp", false),
            ("info@city.lg.jp", "mailto:x@evil.example", true),
            ("資料.pdf", "https://evil.example/", false),
            ("report.pdf", "https://evil.example/", false),
            ("1.5", "https://evil.example/", false),
            ("詳しくはこちら", "https://evil.example/", false),
            ("click", "https://city.lg.jp@evil.example/", true),
            ("192.0.2.1", "https://192.0.2.1/", false),
            (
                "city.chiyoda.tokyo.jp",
                "https://city.minato.tokyo.jp/",
                true,
            ),
        ] {
            assert_eq!(misleads(text, &target::parse(href)), want, "{text} {href}");
        }
    }

    #[test]
    fn one_number_a_target() {
        let mut links = Links::default();
        assert_eq!(links.number("a".into(), false), 1);
        assert_eq!(links.number("b".into(), false), 2);
        assert_eq!(links.number("a".into(), true), 1);
        let listed: Vec<_> = links.lines(Lang::En).collect();
        assert_eq!(listed, ["Links:", "[1]⚠ a", "[2] b"]);
        assert_eq!(Links::default().lines(Lang::Ja).count(), 0);
    }
}
