//! What a drawing of VML has that people see and the sheet has nowhere else.

use super::{MAX_SHAPES, xml};
use crate::formats::field::form::ticked;
use mugai_core::Refusal;
use mugai_core::markup::scrub;
use quick_xml::events::{BytesStart, Event as Xml};

/// The longest words of a field that are told, in characters.
const MAX_WORDS: usize = 1_024;

/// Something that is seen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// A picture, by its relationship, and what is around it.
    Picture(String, Around),
    /// A field of a form.
    Field(Field),
}

/// What a picture has behind and around it: colours as six digits.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Around {
    pub(super) ground: Option<String>,
    pub(super) line: Option<String>,
}

/// A field of a form as a box of words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// With its mark, if it is one to tick.
    pub(super) words: String,
    /// In hundredths of a point.
    pub(super) size: u32,
    /// Whether there is a line around it.
    pub(super) framed: bool,
    /// Whether its words stand at its top.
    pub(super) top: bool,
}

/// A shape that is being read.
#[derive(Default)]
struct Open {
    hidden: bool,
    picture: Option<String>,
    around: Around,
    kind: String,
    corners: Option<[u64; 8]>,
    words: String,
    /// In twentieths of a point.
    size: Option<u32>,
    ticked: bool,
}

/// Where text belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Nowhere,
    Anchor,
    Ticked,
    Words,
}

/// All of it, with its corners. Drawings of VML are not always well formed; what is behind the first fault is not
/// looked at.
pub(super) fn seen(text: &str) -> Result<Vec<(Seen, [u64; 8])>, Refusal> {
    let mut reader = xml::reader(text);
    let mut all = Vec::new();
    let mut open = Open::default();
    let (mut at, mut said) = (At::Nowhere, String::new());
    while let Ok(Some(event)) = xml::next_lenient(&mut reader) {
        match event {
            Xml::Start(start) => at = open.begin(&start, at)?,
            // one that is ticked may say so with nothing in it
            Xml::Empty(start) => {
                let inside = open.begin(&start, at)?;
                open.ticked |= inside == At::Ticked;
            }
            Xml::Text(run) if at == At::Words => open.say(&run.xml10_content()),
            Xml::Text(run) if at != At::Nowhere => said.push_str(&run.xml10_content()),
            Xml::GeneralRef(name) if at == At::Words => {
                // names of HTML that XML does not have are left out
                open.words
                    .push_str(&xml::reference(&name).unwrap_or_default());
            }
            Xml::End(end) => match xml::split(end.name().0).1 {
                "Anchor" => {
                    open.corners = numbers(&std::mem::take(&mut said));
                    at = At::Nowhere;
                }
                "Checked" => {
                    open.ticked = std::mem::take(&mut said).trim() != "0";
                    at = At::Nowhere;
                }
                "textbox" => at = At::Nowhere,
                "div" if at == At::Words => open.words.push('\n'),
                "shape" => all.extend(std::mem::take(&mut open).end()),
                _ => {}
            },
            Xml::Text(_)
            | Xml::CData(_)
            | Xml::GeneralRef(_)
            | Xml::Comment(_)
            | Xml::Decl(_)
            | Xml::PI(_)
            | Xml::DocType(_)
            | Xml::Eof => {}
        }
        if all.len() >= MAX_SHAPES {
            break;
        }
    }
    Ok(all)
}

impl Open {
    /// An element begins; says where text in it belongs to.
    fn begin(&mut self, start: &BytesStart<'_>, at: At) -> Result<At, Refusal> {
        let attributes = xml::attributes(start)?;
        let get = |name: &str| {
            let found = attributes.iter().find(|(key, _)| xml::split(key).1 == name);
            found.map(|(_, value)| value.as_ref())
        };
        match xml::split(start.name().0).1 {
            "shape" => {
                let style = get("style").unwrap_or_default().replace(' ', "");
                // the frames of pictures have neither unless they say so
                let has = |name: &str| matches!(get(name), Some("t" | "true" | "1"));
                let around = Around {
                    ground: has("filled").then(|| colour(get("fillcolor"), "FFFFFF")),
                    line: has("stroked").then(|| colour(get("strokecolor"), "000000")),
                };
                *self = Self {
                    hidden: style.contains("visibility:hidden"),
                    around,
                    ..Self::default()
                };
                return Ok(At::Nowhere);
            }
            "imagedata" => self.picture = get("relid").map(str::to_owned),
            "ClientData" => get("ObjectType")
                .unwrap_or_default()
                .clone_into(&mut self.kind),
            "Anchor" => return Ok(At::Anchor),
            "Checked" => return Ok(At::Ticked),
            "textbox" => return Ok(At::Words),
            "br" if at == At::Words => self.words.push('\n'),
            "font" if at == At::Words && self.size.is_none() => {
                self.size = get("size").and_then(|size| size.parse().ok());
            }
            _ => {}
        }
        Ok(at)
    }

    /// Words of a field: lines of the file are no lines of theirs.
    fn say(&mut self, text: &str) {
        for (number, line) in text.split(['\n', '\r']).enumerate() {
            let line = if number > 0 { line.trim_start() } else { line };
            let letter = |c: char| c.is_ascii_alphanumeric();
            if number > 0 && self.words.ends_with(letter) && line.starts_with(letter) {
                self.words.push(' ');
            }
            self.words.push_str(line);
        }
    }

    fn end(self) -> Option<(Seen, [u64; 8])> {
        let corners = self.corners.filter(|_| !self.hidden)?;
        if self.kind == "Pict" {
            return Some((Seen::Picture(self.picture?, self.around), corners));
        }
        let (mark, framed) = match (self.kind.as_str(), self.ticked) {
            ("Checkbox", is) => (Some(ticked(is)), false),
            ("Radio", true) => (Some('◉'), false),
            ("Radio", false) => (Some('○'), false),
            ("Label", _) => (None, false),
            ("GBox" | "Button", _) => (None, true),
            _ => return None,
        };
        let mark = mark.map(|mark| format!("{mark} ")).unwrap_or_default();
        let lines = self
            .words
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let words: Vec<&str> = lines.collect();
        let words: String = format!("{mark}{}", words.join("\n"))
            .chars()
            .take(MAX_WORDS)
            .collect();
        let words = scrub(words.trim_end()).0.into_owned();
        (!words.is_empty() || framed).then_some(())?;
        let field = Field {
            words,
            size: self.size.unwrap_or(180).clamp(120, 1_440).saturating_mul(5),
            framed,
            top: self.kind == "GBox",
        };
        Some((Seen::Field(field), corners))
    }
}

/// A colour of VML as six digits: `#ff0000 [10]`, `#f00`, or a name, of which programs use few.
fn colour(said: Option<&str>, usual: &str) -> String {
    let word = said
        .unwrap_or_default()
        .split(' ')
        .next()
        .unwrap_or_default();
    let digits = word.strip_prefix('#').unwrap_or_default();
    let digits = match digits.len() {
        _ if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => String::new(),
        3 => digits.chars().flat_map(|digit| [digit; 2]).collect(),
        6 => digits.to_owned(),
        _ => String::new(),
    };
    match word {
        _ if !digits.is_empty() => digits.to_ascii_uppercase(),
        "white" | "window" => "FFFFFF".to_owned(),
        "black" | "windowText" => "000000".to_owned(),
        _ => usual.to_owned(),
    }
}

/// Eight numbers with commas between them, none of them beyond a sheet.
fn numbers(place: &str) -> Option<[u64; 8]> {
    let mut numbers = [0; 8];
    let mut words = place.split(',');
    for number in &mut numbers {
        *number = words
            .next()?
            .trim()
            .parse()
            .ok()
            .filter(|n| *n <= 1_048_576)?;
    }
    words.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(style: &str, kind: &str, more: &str) -> String {
        format!(
            "<xml><v:shape style='{style}'><v:imagedata o:relid='rId1'/>\
             <v:textbox><div><font size='200'>は&amp;\nい</font></div></v:textbox><x:ClientData ObjectType='{kind}'>\
             <x:Anchor> 1, 2, 3, 4, 5, 6, 7, 8</x:Anchor>{more}</x:ClientData></v:shape></xml>"
        )
    }

    #[test]
    fn a_picture_is_seen_where_its_anchor_says() {
        let found = seen(&shape("", "Pict", "")).unwrap();
        let corners = [1, 2, 3, 4, 5, 6, 7, 8];
        let bare = Seen::Picture("rId1".to_owned(), Around::default());
        assert_eq!(found, [(bare, corners)]);
        let framed =
            "' filled='t' fillcolor='#fC0 [9]' stroked='t' strokecolor='windowText [64]' x='";
        let found = seen(&shape(framed, "Pict", "")).unwrap();
        let around = Around {
            ground: Some("FFCC00".to_owned()),
            line: Some("000000".to_owned()),
        };
        let framed = Seen::Picture("rId1".to_owned(), around);
        assert_eq!(found, [(framed, corners)]);
        for (said, want) in [
            (Some("#12ab9F"), "12AB9F"),
            (Some("window [65]"), "FFFFFF"),
            (Some("#12345"), "101010"),
            (Some("infoBackground"), "101010"),
            (None, "101010"),
        ] {
            assert_eq!(colour(said, "101010"), want);
        }
        let hidden = seen(&shape("visibility: hidden", "Pict", "")).unwrap();
        assert!(hidden.is_empty());
        assert!(seen(&shape("", "Note", "")).unwrap().is_empty());
        let nine = shape("", "Pict", "").replace("8<", "8, 9<");
        assert!(seen(&nine).unwrap().is_empty());
    }

    #[test]
    fn fields_say_their_words_and_whether_they_are_ticked() {
        for (kind, more, want) in [
            ("Checkbox", "<x:Checked>1</x:Checked>", Some("☑ は&い")),
            ("Checkbox", "<x:Checked/>", Some("☑ は&い")),
            ("Checkbox", "<x:Checked>0</x:Checked>", Some("☐ は&い")),
            ("Radio", "", Some("○ は&い")),
            ("Label", "", Some("は&い")),
            ("Button", "", Some("は&い")),
            ("Scroll", "", None),
        ] {
            let found = seen(&shape("", kind, more)).unwrap();
            let words = found.first().map(|(seen, _)| match seen {
                Seen::Field(field) => (field.words.as_str(), field.size),
                Seen::Picture(..) => ("", 0),
            });
            assert_eq!(words, want.map(|words| (words, 1_000)), "{kind} {more}");
        }
    }
}
