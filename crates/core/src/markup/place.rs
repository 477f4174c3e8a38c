//! Where elements may stand of which that matters: extensions of sheets ([MS-XLSX] 2.3.1, 2.6.8), of which each holds
//! one thing, boxes to be ticked, formulas, and the body of an open document (ODF 1.3 part 3, 3.3), of which there is one.

use super::PartKind;
use super::vocabulary::Element;
use std::sync::LazyLock;

/// The names of the only extensions that are told: what they stand in, what they are called, and what they hold.
const EXTENSIONS: [(&str, &str, &str); 3] = [
    (
        "x:worksheet",
        "{78C0D931-6437-407d-A8EE-F0AAD7539E65}",
        "x14:conditionalFormattings",
    ),
    (
        "x:worksheet",
        "{05C60535-1F16-4fd2-B633-F4F36F0B64E0}",
        "x14:sparklineGroups",
    ),
    (
        "x:cfRule",
        "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}",
        "x14:id",
    ),
];

/// The name of the extension that may stand in an element, as everybody writes it: the one that holds this, or the first
/// there is.
#[must_use]
pub fn extension(within: Element, holds: Option<Element>) -> Option<&'static str> {
    let all = || EXTENSIONS.iter().filter(|(name, ..)| within.is(name));
    let found = all().find(|(.., name)| holds.is_some_and(|element| element.is(name)));
    found.or_else(|| all().next()).map(|(_, uri, _)| *uri)
}

/// Whether an extension of this name may stand in an element.
#[must_use]
pub fn is_extension(within: Element, uri: &str) -> bool {
    let mut all = EXTENSIONS.iter();
    all.any(|(name, own, _)| within.is(name) && uri.eq_ignore_ascii_case(own))
}

/// What matters about an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    /// Extensions, and one of them.
    List,
    Extension,
    /// What extensions of a sheet hold, and one of a rule.
    Formats,
    Identifier,
    /// What stands in those, and among it the look of cells, which is that of the standard.
    Newer,
    Look,
    /// What such a look is made of (ECMA-376-1, 18.8.14).
    OfLook,
    /// A box to be ticked, and what it looks like ([MS-DOCX] 2.6.1.2).
    Box,
    Tick,
    Body,
    /// Of a formula, which holds nothing else and stands nowhere else (MathML 3, chapter 3).
    Math,
}

impl Class {
    fn named(word: &str) -> Self {
        match word {
            "x:extLst" => Self::List,
            "x:ext" => Self::Extension,
            "x14:conditionalFormattings" | "x14:sparklineGroups" => Self::Formats,
            "x14:id" => Self::Identifier,
            "x14:dxf" => Self::Look,
            "w14:checkbox" => Self::Box,
            word if word.starts_with("w14:") => Self::Tick,
            "x:font" | "x:numFmt" | "x:fill" | "x:alignment" | "x:border" | "x:protection" => {
                Self::OfLook
            }
            "office:text" | "office:spreadsheet" | "office:presentation" | "office:chart" => {
                Self::Body
            }
            word if word.starts_with("math:") => Self::Math,
            word if word.starts_with("x14:") || word.starts_with("xm:") => Self::Newer,
            _ => Self::Plain,
        }
    }

    fn of(element: Element) -> Self {
        /// By index: what begins and ends elements asks for each of them.
        static ALL: LazyLock<Vec<Class>> = LazyLock::new(|| {
            let elements = (0..=u16::MAX).map_while(Element::from_index);
            elements
                .map(|element| Class::named(element.word()))
                .collect()
        });
        let class = ALL.get(usize::from(element.index()));
        class.copied().unwrap_or(Self::Plain)
    }

    const fn is_newer(self) -> bool {
        matches!(
            self,
            Self::Formats | Self::Identifier | Self::Newer | Self::Look
        )
    }
}

/// Whether an element may stand here, as far as extensions are about it; `around` tells the elements that are open
/// around it, the innermost as 0.
pub fn belongs(element: Element, around: impl Fn(usize) -> Option<Element>) -> bool {
    let parent = around(0).map_or(Class::Plain, Class::of);
    let is = |place: usize, name: &str| around(place).is_some_and(|element| element.is(name));
    match (Class::of(element), parent) {
        (Class::Math, Class::Math) => true,
        // the root of its part
        (Class::Math, _) => around(0).is_none(),
        (_, Class::Math) => false,
        (Class::List, _) => around(0).is_some_and(|within| extension(within, None).is_some()),
        (Class::Extension, parent) => parent == Class::List,
        (Class::Box, _) => is(0, "w:sdtPr"),
        (Class::Tick, parent) => parent == Class::Box,
        (Class::Formats, Class::Extension) => is(2, "x:worksheet"),
        (Class::Identifier, Class::Extension) => is(2, "x:cfRule"),
        (Class::Formats | Class::Identifier, _)
        | (_, Class::List | Class::Extension | Class::Box | Class::Tick) => false,
        (class, parent) if class.is_newer() => parent.is_newer(),
        (class, parent) if parent.is_newer() => parent == Class::Look && class == Class::OfLook,
        _ => true,
    }
}

/// Whether an element is the body of a document; `None` where it is that of another kind.
pub(super) fn body(element: Element, kind: PartKind) -> Option<bool> {
    if Class::of(element) != Class::Body {
        return Some(false);
    }
    let own = [
        (PartKind::OpenText, "office:text"),
        (PartKind::OpenSheet, "office:spreadsheet"),
        (PartKind::OpenSlides, "office:presentation"),
        (PartKind::OpenChart, "office:chart"),
    ];
    let (_, own) = own.iter().find(|(of, _)| *of == kind)?;
    element.is(own).then_some(true)
}
