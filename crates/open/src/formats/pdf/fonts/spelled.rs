//! Names of fonts in letters that the library reads.
//!
//! It asks for a substitute by the name of the font, and takes all names that are no UTF-8 for the same one: a
//! document with `ＭＳ 明朝` and `ＭＳ ゴシック` in `Shift_JIS` would get one face for both. Of simple fonts it asks for
//! one of the standard fonts, and knows Courier and Times by their names alone. So before the file is opened, such
//! names are overwritten in place, each by one of the same length; what they were is kept beside.
//!
//! Only what stands in the open is found, not names in streams; and a name means nothing to a reader but by
//! what is kept here.

use super::names;
use memchr::memmem;
use mugai_core::cx::Strokes;

/// The most names that are overwritten in one file.
const MAX_NAMES: usize = 100;

/// A name that was overwritten: what stands there now, and what it was.
type Renamed = (Vec<u8>, Vec<u8>);

/// The names that were overwritten.
#[derive(Debug, Default)]
pub(in crate::formats::pdf) struct Spelled(Vec<Renamed>);

impl Spelled {
    /// What `name` was in the file.
    pub(super) fn original<'n>(&'n self, name: &'n [u8]) -> &'n [u8] {
        let renamed = self.0.iter().find(|(now, _)| now == name);
        renamed.map_or(name, |(_, was)| was)
    }
}

/// Overwrites names of fonts in `file`.
pub(in crate::formats::pdf) fn spell(file: &mut [u8]) -> Spelled {
    let key = b"/BaseFont";
    let found: Vec<usize> = memmem::find_iter(file, key).collect();
    let mut spelled = Spelled::default();
    let mut from = 0;
    let mut depth = 0;
    for at in found {
        depth = depth_at(file, from..at, depth);
        from = at;
        if depth > 0 {
            // what a stream holds is text or a file of its own
            continue;
        }
        let Some(after) = file.get_mut(at.saturating_add(key.len())..) else {
            continue;
        };
        let blank = after.iter().take_while(|byte| byte.is_ascii_whitespace());
        let start = blank.count().saturating_add(1);
        let Some([b'/', rest @ ..]) = after.get_mut(start.saturating_sub(1)..) else {
            continue;
        };
        let length = rest.iter().take_while(|byte| is_regular(**byte)).count();
        if let Some(token) = rest.get_mut(..length) {
            rename(token, &mut spelled.0);
        }
    }
    spelled
}

/// In how many streams the end of `range` lies, where its beginning lies in `depth` ones: an attached
/// file has streams of its own.
fn depth_at(file: &[u8], range: std::ops::Range<usize>, depth: usize) -> usize {
    const KEY: &[u8] = b"stream";
    let start = range.start;
    let text = file.get(range).unwrap_or_default();
    memmem::find_iter(text, KEY).fold(depth, |depth, at| {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        let is_end = before.ends_with(b"end");
        let next = after.get(KEY.len()).or_else(|| {
            let at = start.checked_add(at)?.checked_add(KEY.len())?;
            file.get(at)
        });
        match (is_end, next) {
            (true, _) => depth.saturating_sub(1),
            (false, Some(b'\r' | b'\n')) => depth.saturating_add(1),
            (false, _) => depth,
        }
    })
}

fn rename(token: &mut [u8], known: &mut Vec<Renamed>) {
    let name = decoded(token);
    let bare = super::absent::bare(&name);
    // the mark of a subset stays: six letters that nobody escapes
    let skip = name.len().saturating_sub(bare.len());
    let Some(place) = token.get_mut(skip..) else {
        return;
    };
    let number = known.iter().position(|(_, was)| was == bare);
    if number.is_none() && known.len() >= MAX_NAMES {
        return;
    }
    let index = number.unwrap_or(known.len());
    let head = if std::str::from_utf8(bare).is_err() {
        format!("cid{index:02}")
    } else {
        match family(bare) {
            Some(word) => format!("{word}{index:02}"),
            None => return,
        }
    };
    let Some(front) = place.get_mut(..head.len()) else {
        return;
    };
    front.copy_from_slice(head.as_bytes());
    if !head.starts_with("cid") {
        // the rest says whether it is bold
        if number.is_none() {
            known.push((place.to_vec(), bare.to_vec()));
        }
        return;
    }
    // what follows a comma says whether it is bold
    let end = place.iter().rposition(|byte| *byte == b',');
    let end = end.unwrap_or(place.len()).max(head.len());
    for byte in place.iter_mut().take(end).skip(head.len()) {
        *byte = b'-';
    }
    // the same name may be longer elsewhere, in other escapes
    let now = place.to_vec();
    if !known.iter().any(|(of, _)| *of == now) {
        known.push((now, bare.to_vec()));
    }
}

/// The word by which the library knows the kind of a Latin font that it does not know by its name.
fn family(name: &[u8]) -> Option<&'static str> {
    let name = std::str::from_utf8(name).ok()?;
    let need = names::need(name, None, names::Described::default());
    let lower = name.to_ascii_lowercase();
    let is_known = super::absent::STANDARD_PARTS
        .iter()
        .any(|part| lower.contains(part));
    match need.strokes {
        Strokes::Mono if !is_known && !need.script.is_cjk() => Some("mono"),
        Strokes::Serif if !is_known && !need.script.is_cjk() => Some("serif"),
        Strokes::Mono | Strokes::Serif | Strokes::Sans => None,
    }
}

/// A name without its escapes (ISO 32000-1, 7.3.5).
fn decoded(token: &[u8]) -> Vec<u8> {
    let mut name = Vec::new();
    let mut rest = token;
    while let [first, after @ ..] = rest {
        let digits = after.first_chunk::<2>();
        let digits = digits.and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        rest = if let (b'#', Some(byte)) = (first, byte) {
            name.push(byte);
            after.get(2..).unwrap_or_default()
        } else {
            name.push(*first);
            after
        };
    }
    name
}

/// Whether a byte may stand in a name as it is (ISO 32000-1, 7.2.2).
const fn is_regular(byte: u8) -> bool {
    !matches!(
        byte,
        b'\0'
            | b'\t'
            | b'\n'
            | b'\x0c'
            | b'\r'
            | b' '
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'/'
            | b'%'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart_and_known_again() {
        let mut file = b"<< /BaseFont /#82l#82r#20#96#be#92#a9 >> << /BaseFont/#82l#82r#20#83S#83V#83b#83N /X 1 >> \
            /BaseFont /#82l#82r#20#96#be#92#a9/Y /BaseFont /ABCDEF+Consolas,Bold /BaseFont /ArialMT /BaseFont /Cambria"
            .to_vec();
        let length = file.len();
        let spelled = spell(&mut file);
        assert_eq!(file.len(), length);
        let text = String::from_utf8(file).unwrap();
        let names: Vec<&str> = text
            .split("/BaseFont")
            .skip(1)
            .filter_map(|rest| rest.trim_start().strip_prefix('/'))
            .map(|rest| rest.split([' ', '/']).next().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                "cid00------------------",
                "cid01----------------------",
                "cid00------------------",
                "ABCDEF+mono02as,Bold",
                "ArialMT",
                "serif03"
            ]
        );
        let was = |name: &str| names::shown(spelled.original(name.as_bytes()));
        assert_eq!(was("cid00------------------"), "ＭＳ 明朝");
        assert_eq!(was("cid01----------------------"), "ＭＳ ゴシック");
        assert_eq!(was("mono02as,Bold"), "Consolas,Bold");
        assert_eq!(was("serif03"), "Cambria");
        assert_eq!(was("ArialMT"), "ArialMT");
        let fonts = super::super::AbsentFonts::of(spelled);
        let shown = |name: &str, most| fonts.named(name.as_bytes(), most);
        assert_eq!(shown("ABCDEF+serif03", 128).unwrap(), "Cambria");
        assert_eq!(shown("cid00------------------", 128).unwrap(), "ＭＳ 明朝");
        assert_eq!(shown("ABCDEF+ArialMT", 7).unwrap(), "ArialMT");
        assert_eq!(shown("ABCDEF+ArialMT", 6), None);
    }

    /// Text that is shown, and files that are attached, with streams of their own.
    #[test]
    fn what_streams_hold_stays() {
        let inner = "<< /BaseFont /Consolas >> stream\nx\nendstream /BaseFont /Consolas";
        let text = format!(
            "1 0 obj << /Xstream 1 >> stream\n{inner}\nendstream << /BaseFont /Consolas >>"
        );
        let mut file = text.clone().into_bytes();
        spell(&mut file);
        let now = String::from_utf8(file).unwrap();
        assert_eq!(now.matches("/BaseFont /Consolas").count(), 2);
        assert!(now.ends_with("<< /BaseFont /mono00as >>"), "{now}");
    }

    #[test]
    fn what_is_too_short_or_broken_stays() {
        for whole in [
            &b"/BaseFont"[..],
            b"/BaseFont /",
            b"/BaseFont /\x82\xa0",
            b"/BaseFont 7 0 R",
            b"/BaseFont /#",
            b"/BaseFont/#8",
        ] {
            let mut file = whole.to_vec();
            spell(&mut file);
            assert_eq!(file, whole);
        }
    }
}
