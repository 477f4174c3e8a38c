//! File names that are safe to write and to show, and the place of a part in its job.

use crate::refusal::Refusal;
use crate::text::{Line, Scrubbed};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest name in characters and in UTF-8 bytes; both leave room for a longer extension on
/// file systems that stop at 255 bytes.
const MAX_CHARS: usize = SafeName::MAX_CHARS;
const MAX_BYTES: usize = SafeName::MAX_BYTES;

/// The base names that Windows keeps for devices.
const RESERVED: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// A file name without any path, composed (NFC, cluster by cluster), at most 120 characters.
///
/// It has no separator, no character that a file system or a shell reserves (`< > : " / \ | ? *`),
/// no leading dot, no trailing dot or blank, no device name, and nothing invisible.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SafeName(String);

/// What had to be changed to make a name safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameChanges {
    /// Characters taken out, by class.
    pub scrubbed: Scrubbed,
    /// A path, reserved character or reserved word was replaced.
    pub unsafe_parts: bool,
    /// The name was cut.
    pub truncated: bool,
}

/// How often a name is made safe until nothing changes any more; one that goes on changing is none.
const ROUNDS: usize = 4;

impl SafeName {
    /// The most characters of a name.
    pub const MAX_CHARS: usize = 120;
    /// The most bytes of UTF-8 of a name.
    pub const MAX_BYTES: usize = 230;

    /// Makes a safe name of whatever a sender called a file; `None` when nothing is left.
    #[must_use]
    pub fn clean(raw: &str) -> (Option<Self>, NameChanges) {
        let (mut name, mut changes) = Self::once(raw);
        // what is taken off the front may leave a mark without its letter, which goes in its turn
        for _ in 0..ROUNDS {
            let Some(now) = &name else {
                return (name, changes);
            };
            let (again, _) = Self::once(now.as_str());
            if again.as_ref() == Some(now) {
                return (name, changes);
            }
            changes.unsafe_parts = true;
            name = again;
        }
        (None, changes)
    }

    fn once(raw: &str) -> (Option<Self>, NameChanges) {
        let mut changes = NameChanges::default();
        let (line, scrubbed) = Line::clean(raw);
        changes.scrubbed = scrubbed;
        // behind a separator at the end there is no name
        let mut folders = line.as_str().rsplit(['/', '\\']);
        let base = folders.find(|part| !trim_ends(part).is_empty());
        let base = base.unwrap_or("");
        changes.unsafe_parts |= base.len() != line.as_str().len();
        let base = strip_drive(base);
        let mut name = String::with_capacity(base.len());
        let mut blank = false;
        for c in compose(base).chars() {
            let c = if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') {
                changes.unsafe_parts = true;
                '_'
            } else {
                c
            };
            // a run of blanks pushes the real extension out of sight
            if c.is_whitespace() {
                if blank {
                    changes.unsafe_parts = true;
                    continue;
                }
                blank = true;
            } else {
                blank = false;
            }
            name.push(c);
        }
        let trimmed = trim_ends(&name);
        changes.unsafe_parts |= trimmed.len() != name.len();
        let cut = truncate(trimmed);
        changes.truncated = cut.len() != trimmed.len();
        let cut = if is_reserved(&cut) {
            changes.unsafe_parts = true;
            // cut again: a name of full length has no room for the mark
            truncate(&format!("_{trimmed}"))
        } else {
            cut
        };
        let safe = (!cut.is_empty()).then_some(Self(cut));
        (safe, changes)
    }

    /// Accepts `raw` only if [`Self::clean`] would change nothing.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it would.
    pub fn check(raw: &str) -> Result<Self, Refusal> {
        match Self::clean(raw).0 {
            Some(name) if name.0 == raw => Ok(name),
            _ => Err(Refusal::malformed("wire: unsafe file name")),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name up to its last dot, and what follows it (without the dot), if anything does.
    #[must_use]
    pub fn split_extension(&self) -> (&str, Option<&str>) {
        match self.0.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() && !extension.is_empty() => {
                (stem, Some(extension))
            }
            _ => (&self.0, None),
        }
    }

    /// The same name with another extension; a known extension is replaced, an unknown one stays
    /// part of the name. `known` tells which extensions are replaced, in lower case.
    #[must_use]
    pub fn with_extension(&self, extension: &str, known: impl Fn(&str) -> bool) -> Self {
        let (stem, old) = self.split_extension();
        let stem = match old {
            Some(old) if known(&old.to_ascii_lowercase()) => stem,
            _ => &self.0,
        };
        self.with_tail(stem, &format!(".{extension}"))
    }

    /// The same name with `-2`, `-3`, … before its extension.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let (stem, extension) = self.split_extension();
        let tail = match extension {
            Some(extension) => format!("-{number}.{extension}"),
            None => format!("-{number}"),
        };
        self.with_tail(stem, &tail)
    }

    /// `stem` cut so far that all of `tail` fits behind it: names that were cut to the same length
    /// still differ by their tails.
    fn with_tail(&self, stem: &str, tail: &str) -> Self {
        let chars = MAX_CHARS.saturating_sub(tail.chars().count());
        let bytes = MAX_BYTES.saturating_sub(tail.len());
        let raw = format!("{}{tail}", trim_ends(&cut(stem, chars, bytes)));
        Self::clean(&raw).0.unwrap_or_else(|| self.clone())
    }
}

impl fmt::Display for SafeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `C:evil.txt` names a drive on Windows.
fn strip_drive(base: &str) -> &str {
    match base.split_once(':') {
        Some((drive, rest))
            if drive.len() == 1 && drive.bytes().all(|b| b.is_ascii_alphabetic()) =>
        {
            rest
        }
        _ => base,
    }
}

/// NFC where a combining mark is: `か` + U+3099 becomes `が`, while compatibility ideographs, which
/// plain NFC would replace by other characters, stay as they are.
fn compose(raw: &str) -> String {
    if raw.is_ascii() {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let mut cluster = String::new();
    let mut marked = false;
    for c in raw.chars() {
        let mark = is_combining_mark(c)
            && !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
        if mark {
            marked = true;
        } else {
            flush(&mut out, &cluster, marked);
            cluster.clear();
            marked = false;
        }
        cluster.push(c);
    }
    flush(&mut out, &cluster, marked);
    out
}

fn flush(out: &mut String, cluster: &str, marked: bool) {
    if marked {
        out.extend(cluster.nfc());
    } else {
        out.push_str(cluster);
    }
}

fn trim_ends(name: &str) -> &str {
    let blank = |c: char| c == '.' || c.is_whitespace();
    name.trim_start_matches(blank).trim_end_matches(blank)
}

/// Cuts the stem and keeps the extension.
fn truncate(name: &str) -> String {
    if name.len() <= MAX_BYTES && name.chars().count() <= MAX_CHARS {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.chars().count() <= 10 => (stem, extension),
        _ => (name, ""),
    };
    let dot = usize::from(!extension.is_empty());
    let chars = MAX_CHARS
        .saturating_sub(extension.chars().count())
        .saturating_sub(dot);
    let bytes = MAX_BYTES
        .saturating_sub(extension.len())
        .saturating_sub(dot);
    let cut = cut(stem, chars, bytes);
    let stem = trim_ends(&cut);
    if extension.is_empty() {
        stem.to_owned()
    } else {
        format!("{stem}.{extension}")
    }
}

/// The beginning of `text` that has at most that many characters and bytes.
fn cut(text: &str, chars: usize, bytes: usize) -> String {
    let mut cut = String::new();
    for c in text.chars().take(chars) {
        if cut.len().saturating_add(c.len_utf8()) > bytes {
            break;
        }
        cut.push(c);
    }
    cut
}

/// Whether the name up to its first dot is a device on Windows: `con.txt` is one too.
fn is_reserved(name: &str) -> bool {
    let base = name
        .split('.')
        .next()
        .unwrap_or("")
        .trim_end()
        .to_ascii_uppercase();
    if RESERVED.contains(&base.as_str()) {
        return true;
    }
    ["COM", "LPT"].iter().any(|device| {
        base.strip_prefix(device).is_some_and(|n| {
            let mut chars = n.chars();
            matches!(
                (chars.next(), chars.next()),
                (Some('0'..='9' | '¹' | '²' | '³'), None)
            )
        })
    })
}

/// The place of a part in its job: `0` is the root, `0.2.1` the first part of its second part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartPath(Vec<u32>);

impl PartPath {
    /// The root of a job.
    #[must_use]
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The `number`-th part inside this one, counted from 1.
    #[must_use]
    pub fn child(&self, number: u32) -> Self {
        let mut path = self.0.clone();
        path.push(number);
        Self(path)
    }

    /// How deep this part lies; 0 for the root.
    #[must_use]
    pub const fn depth(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for PartPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0")?;
        self.0.iter().try_for_each(|n| write!(f, ".{n}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(raw: &str) -> String {
        SafeName::clean(raw).0.map(|n| n.0).unwrap_or_default()
    }

    #[test]
    fn a_device_name_of_full_length_is_safe_once_and_for_all() {
        for raw in [
            format!("CON.{}", "x".repeat(300)),
            format!("aux.{}.txt", "長".repeat(90)),
        ] {
            let name = SafeName::clean(&raw).0.unwrap();
            assert_eq!(SafeName::check(name.as_str()), Ok(name.clone()), "{name}");
        }
    }

    #[test]
    fn hostile_and_japanese_names() {
        for (raw, want) in [
            ("../../etc/passwd", "passwd"),
            ("folder/あ.txt/", "あ.txt"),
            ("a/../. /", "a"),
            ("C:\\Users\\x\\表.txt", "表.txt"),
            ("C:evil.txt", "evil.txt"),
            ("請求書\u{202e}fdp.exe", "請求書fdp.exe"),
            ("a\r\nb\0.txt", "a b.txt"),
            ("CON", "_CON"),
            ("con.txt", "_con.txt"),
            ("com1.tar.gz", "_com1.tar.gz"),
            ("COM0", "_COM0"),
            ("conin$", "_conin$"),
            ("CONOUT$.txt", "_CONOUT$.txt"),
            ("CON$", "CON$"),
            ("command.txt", "command.txt"),
            ("file. . ", "file"),
            (".htaccess", "htaccess"),
            ("か\u{3099}き.txt", "がき.txt"),
            ("神\u{fa19}.txt", "神\u{fa19}.txt"),
            ("e\u{301}.txt", "é.txt"),
            ("a<b>c?.txt", "a_b_c_.txt"),
            ("invoice.pdf                    .exe", "invoice.pdf .exe"),
            ("葛\u{e0100}.txt", "葛\u{e0100}.txt"),
            ("", ""),
            ("...", ""),
        ] {
            assert_eq!(name(raw), want, "{raw:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let cut = name(&format!("{}.docx", "表".repeat(300)));
        assert!(cut.ends_with("表.docx"));
        assert!(cut.len() <= MAX_BYTES);
        let cut = name(&format!("{}.docx", "a".repeat(300)));
        assert_eq!(cut.chars().count(), MAX_CHARS);
    }

    #[test]
    fn extensions_are_replaced_only_where_known() {
        let known = |e: &str| matches!(e, "tiff" | "exe");
        let named = |s: &str| SafeName::clean(s).0.unwrap();
        assert_eq!(
            named("scan.TIFF").with_extension("png", known).as_str(),
            "scan.png"
        );
        assert_eq!(
            named("報告1.2版").with_extension("txt", known).as_str(),
            "報告1.2版.txt"
        );
        assert_eq!(named("a.txt").numbered(2).as_str(), "a-2.txt");
    }

    #[test]
    fn the_longest_names_still_differ_by_number_and_extension() {
        for raw in ["n".repeat(300), "表".repeat(300), "n. ".repeat(100)] {
            let name = SafeName::clean(&format!("{raw}.txt")).0.unwrap();
            let tails = [
                name.numbered(2),
                name.numbered(3),
                name.with_extension("withheld.txt", |_| false),
            ];
            for (tail, ends) in tails.iter().zip(["-2.txt", "-3.txt", ".withheld.txt"]) {
                assert!(tail.as_str().ends_with(ends), "{tail}");
                assert!(tail.as_str().len() <= MAX_BYTES);
                assert!(tail.as_str().chars().count() <= MAX_CHARS);
            }
        }
    }

    #[test]
    fn paths_are_shown_with_dots() {
        assert_eq!(PartPath::root().to_string(), "0");
        assert_eq!(PartPath::root().child(2).child(1).to_string(), "0.2.1");
    }

    #[test]
    fn a_mark_without_its_letter_goes_too() {
        for (raw, name) in [
            (".\u{fe00}", None),
            (".\u{fe00}a", Some("a")),
            ("..\u{fe00}.\u{fe00}x.txt", Some("x.txt")),
        ] {
            let (clean, _) = SafeName::clean(raw);
            assert_eq!(clean.as_ref().map(SafeName::as_str), name, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_again_changes_nothing(raw in "[a-c./\\\\: \\u{202e}表\\u{3099}か<CONcon1\\u{3000}]{0,300}") {
            if let (Some(once), _) = SafeName::clean(&raw) {
                prop_assert_eq!(SafeName::check(once.as_str()), Ok(once));
            }
        }

        #[test]
        fn marks_never_stand_alone(raw in "[.a /\u{fe00}\u{3099}\u{e0100}:]{0,12}") {
            if let (Some(once), _) = SafeName::clean(&raw) {
                prop_assert_eq!(SafeName::check(once.as_str()), Ok(once));
            }
        }

        #[test]
        fn any_string_becomes_a_stable_name(raw in any::<String>()) {
            if let (Some(once), _) = SafeName::clean(&raw) {
                prop_assert_eq!(SafeName::check(once.as_str()), Ok(once));
            }
        }
    }
}
