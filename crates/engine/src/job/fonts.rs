//! The fonts that a document asks for, by their names: those of its letters, of its styles and of its theme.

use mugai_core::markup::Event;
use mugai_core::markup::vocabulary::Element;
use mugai_core::{Hints, Line, Markup};
use std::collections::BTreeSet;

/// The longest name that is taken, in bytes: those of fonts have 31 letters in most formats.
const MAX_NAME: usize = 128;

/// The names, each once, in their order, at most [`Hints::MAX_FONTS`]; those of letters that have the font of a theme are
/// not names.
pub(super) fn asked(parts: &[Markup]) -> Vec<Line> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for part in parts {
        add(part, &mut names);
        if names.len() >= Hints::MAX_FONTS {
            break;
        }
    }
    let lines = names.into_iter().map(|name| Line::clean(name).0);
    lines.filter(|line| !line.is_empty()).collect()
}

/// Adds the names of a part, as far as there may be more.
fn add<'p>(part: &'p Markup, names: &mut BTreeSet<&'p str>) {
    let mut open: Vec<Element> = Vec::new();
    for event in part.events() {
        match event {
            Event::Open(element) => open.push(element),
            Event::Close => {
                open.pop();
            }
            Event::Attribute(attribute, value) => {
                let is_name = open
                    .last()
                    .is_some_and(|element| names_font(element.word(), attribute.local()));
                if !is_name {
                    continue;
                }
                let value = value.trim().trim_matches('\'');
                let fits = !value.is_empty() && value.len() <= MAX_NAME;
                if fits && !value.starts_with('+') {
                    if names.len() >= Hints::MAX_FONTS {
                        return;
                    }
                    names.insert(value);
                }
            }
            Event::Text(_) | Event::Reference(..) | Event::Link(..) => {}
        }
    }
}

fn names_font(element: &str, attribute: &str) -> bool {
    match element {
        "w:rFonts" => matches!(attribute, "ascii" | "hAnsi" | "eastAsia" | "cs"),
        "a:latin" | "a:ea" | "a:cs" | "a:sym" => attribute == "typeface",
        "x:name" | "x:rFont" => attribute == "val",
        "style:font-face" => attribute == "font-family",
        "style:text-properties" => {
            matches!(
                attribute,
                "font-family" | "font-family-asian" | "font-family-complex"
            )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::markup::vocabulary::Attribute;
    use mugai_core::markup::{Builder, PartKind};

    /// Strings in cells whose letters have these fonts.
    fn cells(fonts: impl Iterator<Item = String>) -> Markup {
        let mut out = Builder::new(PartKind::Worksheet);
        let open = ["x:worksheet", "x:sheetData", "x:row", "x:c", "x:is"];
        for name in open {
            out.push(Event::Open(Element::named(name).unwrap()))
                .unwrap();
        }
        let val = Attribute::find(None, "val").unwrap();
        for font in fonts {
            for name in ["x:r", "x:rPr", "x:rFont"] {
                out.push(Event::Open(Element::named(name).unwrap()))
                    .unwrap();
            }
            out.push(Event::Attribute(val, &font)).unwrap();
            for _ in 0..3 {
                out.push(Event::Close).unwrap();
            }
        }
        for _ in open {
            out.push(Event::Close).unwrap();
        }
        out.finish().unwrap()
    }

    #[test]
    fn names_are_each_asked_for_once_and_no_more_than_may_be_said() {
        let few = ["'ＭＳ 明朝'", "ＭＳ 明朝", " Arial ", "+mn-ea", ""].map(String::from);
        let names: Vec<String> = asked(&[cells(few.into_iter())])
            .iter()
            .map(|line| line.as_str().to_owned())
            .collect();
        assert_eq!(names, ["Arial", "ＭＳ 明朝"]);
        let many = (0..300).map(|n| format!("font {n}"));
        let again = [cells(many), cells(["last".to_owned()].into_iter())];
        assert_eq!(asked(&again).len(), Hints::MAX_FONTS);
    }
}
