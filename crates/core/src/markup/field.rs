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
        let known = |c: char| c.is_alphanumeric() || "_-\\\"*#,;.".contains(c);
        // two backslashes begin the name of a host
        if !word.chars().all(known) || word.contains("\\\\") {
            return None;
        }
        out.push(' ');
        out.push_str(word);
    }
    Some(out)
}

/// A link to a place in the same text: `HYPERLINK \l "name"`, with or without `\h`, and nothing else.
fn local_link<'w>(words: impl Iterator<Item = &'w str>) -> Option<String> {
    let mut out = "HYPERLINK".to_owned();
    let (mut switch, mut name) = (false, false);
    for word in words {
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
