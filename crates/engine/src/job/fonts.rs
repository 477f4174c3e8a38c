//! The fonts that a document asks for, by their names: those of its letters, of its styles and of its theme.

use mugai_core::markup::Event;
use mugai_core::markup::vocabulary::Element;
use mugai_core::{Hints, Line, Markup};
use std::collections::BTreeSet;

/// The longest name that is taken, in bytes: those of fonts have 31 letters in most formats.
const MAX_NAME: usize = 128;

/// The names, each once, in their order; those of letters that have the font of a theme are not names.
pub(super) fn asked(parts: &[Markup]) -> Vec<Line> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for part in parts {
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
                    let value = value.trim().trim_matches('\'');
                    let fits = !value.is_empty() && value.len() <= MAX_NAME;
                    if is_name && fits && !value.starts_with('+') {
                        names.insert(value);
                    }
                }
                Event::Text(_) | Event::Reference(..) | Event::Link(..) => {}
            }
            if names.len() >= Hints::MAX_FONTS {
                break;
            }
        }
    }
    let lines = names.into_iter().map(|name| Line::clean(name).0);
    lines.filter(|line| !line.is_empty()).collect()
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
