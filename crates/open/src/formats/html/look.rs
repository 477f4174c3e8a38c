//! What an element looks like, as far as it decides whether its text can be seen.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of more than a hundred element names a match names those that it is about"
)]

use super::boxes::Display;
use super::color::{self, Color, Rgb};
use super::lists;
use super::names::{Attr, Name};
use super::numbering::Bullet;
use super::style::{self, Delta, FontSize};
use super::tokens::Attrs;
use crate::formats::symbols::Symbols;

/// The computed look of an element.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent properties, each inherited by its own rule"
)]
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Nothing of the element is shown, whatever its children say.
    gone: bool,
    /// The element is dropped by name and counted by another finding.
    muted: bool,
    /// `visibility`: inherited, children may say otherwise.
    invisible: bool,
    /// `font-size`: inherited, children may say otherwise; pictures do not mind.
    tiny: bool,
    /// Colour of text; `None` where it is not known.
    ink: Option<Rgb>,
    /// Nearest ground colour; `None` where it is not known.
    paper: Option<Rgb>,
    /// Text is of no colour at all.
    clear_ink: bool,
    /// White space counts.
    pre: bool,
    /// A paragraph without space above it.
    tight: bool,
    /// A line is drawn along a side of the box.
    ruled: bool,
    /// Which box the element makes, where that is stated.
    display: Option<Display>,
    /// What stands in front of list items.
    bullet: Bullet,
    /// Text is struck out, and so is all around the element.
    struck: bool,
    struck_around: bool,
    /// Letters are those of a font of symbols.
    symbols: Symbols,
}

impl Look {
    /// Black on white.
    pub(super) const ROOT: Self = Self {
        gone: false,
        muted: false,
        invisible: false,
        tiny: false,
        ink: Some(color::BLACK),
        paper: Some(color::WHITE),
        clear_ink: false,
        pre: false,
        tight: false,
        ruled: false,
        display: None,
        bullet: Bullet::Dot,
        struck: false,
        struck_around: false,
        symbols: Symbols::None,
    };

    /// Whether text directly in the element can be seen.
    pub(super) fn shows_text(&self) -> bool {
        let blended = match (self.ink, self.paper) {
            (Some(ink), Some(paper)) => color::blends(ink, paper),
            _ => false,
        };
        self.shows_box() && !self.tiny && !self.clear_ink && !blended
    }

    /// Whether the element takes part in the page: pictures and line breaks do without text.
    pub(super) const fn shows_box(&self) -> bool {
        !(self.gone || self.muted || self.invisible)
    }

    /// Whether text is struck out.
    pub(super) const fn is_struck(&self) -> bool {
        self.struck
    }

    /// The font of symbols that letters are of.
    pub(super) const fn symbols(&self) -> Symbols {
        self.symbols
    }

    /// Whether the element was dropped by name.
    pub(super) const fn is_muted(&self) -> bool {
        self.muted
    }

    /// Whether white space counts.
    pub(super) const fn is_pre(&self) -> bool {
        self.pre
    }

    /// Whether the block has no space above it.
    pub(super) const fn is_tight(&self) -> bool {
        self.tight
    }

    /// Whether a line is drawn along a side of the box.
    pub(super) const fn is_ruled(&self) -> bool {
        self.ruled
    }

    /// How many line breaks surround an element of this look that has `usual` ones by its name.
    pub(super) fn breaks(&self, usual: u8) -> u8 {
        match self.display {
            Some(Display::Block | Display::Item) => usual.max(1),
            Some(Display::Inline) => 0,
            Some(Display::None | Display::Other) | None => usual,
        }
    }

    /// Whether the element stands in the line.
    pub(super) fn is_inline(&self) -> bool {
        self.display == Some(Display::Inline)
    }

    /// What stands in front of a list item of this look.
    pub(super) const fn bullet(&self) -> Bullet {
        match self.display {
            None | Some(Display::Item) => self.bullet,
            Some(Display::None | Display::Block | Display::Inline | Display::Other) => Bullet::None,
        }
    }

    /// The look of a child element before any of its declarations.
    pub(super) fn child(&self, name: Name) -> Self {
        let mut look = *self;
        look.tight = false;
        look.ruled = false;
        look.display = None;
        look.bullet = Bullet::of_element(name).unwrap_or(look.bullet);
        look.muted |= name.is_dropped() || matches!(name, Name::Title | Name::Rp);
        look.gone |= matches!(name, Name::Template | Name::Noframes);
        // a line through text goes through all that is in it
        look.struck_around = self.struck;
        look.struck |= matches!(name, Name::Del | Name::S | Name::Strike);
        look.pre |= matches!(
            name,
            Name::Pre | Name::Listing | Name::Xmp | Name::Plaintext | Name::Textarea
        );
        look
    }

    /// Applies the declarations for an element.
    pub(super) fn apply(&mut self, delta: &Delta, name: Name) {
        // boxes of tables grow with their content, whatever size is stated
        let table_box = matches!(name, Name::Table | Name::Tr | Name::Td | Name::Th);
        let no_room = delta.has_no_room() && !table_box;
        self.gone |= delta.hides() || no_room;
        if let Some(invisible) = delta.invisible {
            self.invisible = invisible;
        }
        match delta.font {
            Some(FontSize::Tiny) => self.tiny = true,
            Some(FontSize::Readable) => self.tiny = false,
            Some(FontSize::Relative) | None => {}
        }
        if let Some(ink) = delta.ink {
            self.paint(ink);
        }
        match (delta.picture, delta.paper) {
            // a picture lies on the colour, whichever was stated first
            (Some(true), _) => self.paper = None,
            (_, Some(paper)) => self.ground(paper),
            (_, None) => {}
        }
        if let Some(bullet) = delta.bullet {
            self.bullet = bullet;
        }
        self.ruled |= delta.ruled == Some(true);
        self.display = delta.display;
        if let Some(pre) = delta.pre {
            self.pre = pre;
        }
        self.tight |= delta.tight == Some(true);
        if let Some(struck) = delta.struck {
            self.struck = struck || self.struck_around;
        }
        if let Some(symbols) = delta.symbols {
            self.symbols = symbols;
        }
    }

    /// Makes text readable again: a table in a page without a document type has the size of the page
    /// (Quirks Mode standard section 3.4).
    pub(super) const fn set_readable(&mut self) {
        self.tiny = false;
    }

    /// Takes the space above the block away.
    pub(super) const fn set_tight(&mut self) {
        self.tight = true;
    }

    fn paint(&mut self, color: Color) {
        self.clear_ink = match color {
            Color::Transparent => true,
            Color::Inherit => self.clear_ink,
            Color::Known(_) | Color::Unknown => false,
        };
        match color {
            Color::Known(rgb) => self.ink = Some(rgb),
            Color::Unknown => self.ink = None,
            Color::Transparent | Color::Inherit => {}
        }
    }

    fn ground(&mut self, color: Color) {
        match color {
            Color::Known(rgb) => self.paper = Some(rgb),
            Color::Unknown => self.paper = None,
            Color::Transparent | Color::Inherit => {}
        }
    }
}

/// What the attributes that set a look without CSS say: any rule is stronger (HTML standard section
/// 15.2, "presentational hints").
pub(super) fn hints(name: Name, attrs: &Attrs) -> Delta {
    let mut delta = Delta::default();
    if attrs.has(Attr::Hidden) || (name == Name::Dialog && !attrs.has(Attr::Open)) {
        delta.display = Some(Display::None);
    }
    if name == Name::A && attrs.has(Attr::Href) {
        // `link=` of the page and `a:link` decide, neither of which is followed
        delta.ink = Some(Color::Unknown);
    }
    delta.paper = attrs.get(Attr::Bgcolor).map(color::attribute);
    let ground = attrs.get(Attr::Background).unwrap_or("");
    delta.picture = (!ground.trim().is_empty()).then_some(true);
    let ink = match name {
        Name::Font => attrs.get(Attr::Color),
        Name::Body => attrs.get(Attr::Text),
        _ => None,
    };
    if name == Name::Font {
        delta.symbols = attrs.get(Attr::Face).map(style::symbols);
    }
    delta.ink = ink.map(color::attribute).or(delta.ink);
    // `3`, `+1`, `-2` (HTML standard section 2.3.11, "rules for parsing a legacy font size"): each that
    // can be stated can be read
    if name == Name::Font && attrs.get(Attr::Size).and_then(lists::integer).is_some() {
        delta.font = Some(FontSize::Readable);
    }
    if name == Name::Li || name.is_list() {
        delta.bullet = attrs
            .get(Attr::Type)
            .map(str::trim)
            .and_then(Bullet::of_attribute);
    }
    delta
}
