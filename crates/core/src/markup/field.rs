//! Instructions of fields (ECMA-376 part 1, section 17.16.5): those that number, count and refer
//! within the document. Those that load, link, ask, run or quote are none.

/// The fields that stay live.
const FIELDS: [&str; 10] = [
    "PAGE",
    "NUMPAGES",
    "SECTION",
    "SECTIONPAGES",
    "PAGEREF",
    "REF",
    "NOTEREF",
    "SEQ",
    "STYLEREF",
    "TOC",
];

/// The longest instruction, in bytes.
const MAX_LEN: usize = 512;

/// The instruction as we write it, if it is one of those that stay live: words parted by one blank.
#[must_use]
pub fn instruction(raw: &str) -> Option<String> {
    if raw.len() > MAX_LEN {
        return None;
    }
    let mut words = raw.split_ascii_whitespace();
    let code = words.next()?.to_ascii_uppercase();
    if code == "HYPERLINK" {
        return local_link(words);
    }
    FIELDS.contains(&code.as_str()).then_some(())?;
    let mut out = code;
    for word in words {
        // bookmarks, names of styles, switches and their quoted arguments
        let known =
            |c: char| c.is_alphanumeric() || "_-\\\"*#,;.()'・".contains(c) || is_japanese(c);
        // two backslashes begin the name of a host
        if !word.chars().all(known) || word.contains("\\\\") {
            return None;
        }
        out.push(' ');
        out.push_str(word);
    }
    Some(out)
}

/// Brackets, marks and wide signs in the names of styles and labels.
fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{303f}' | '\u{ff01}'..='\u{ff60}')
}

/// A link to a place in the same text: `HYPERLINK \l "name"`, with or without `\h`, and nothing else but a tip, which
/// goes.
fn local_link<'w>(mut words: impl Iterator<Item = &'w str>) -> Option<String> {
    let mut out = "HYPERLINK".to_owned();
    let (mut switch, mut name) = (false, false);
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("\\o") {
            let tip = words.next()?.strip_prefix('"')?;
            let mut ends = tip.ends_with('"');
            while !ends {
                ends = words.next()?.ends_with('"');
            }
            continue;
        }
        let place = word
            .strip_prefix('"')
            .and_then(|word| word.strip_suffix('"'))
            .unwrap_or(word);
        let known = |c: char| c.is_alphanumeric() || c == '_';
        out.push(' ');
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "\\l" if !switch => switch = true,
            "\\h" => {}
            _ if switch && !name && !place.is_empty() && place.chars().all(known) => {
                name = true;
                out.push_str(word);
                continue;
            }
            _ => return None,
        }
        // switches by their own spelling
        out.push_str(&lower);
    }
    (switch && name).then_some(out)
}
