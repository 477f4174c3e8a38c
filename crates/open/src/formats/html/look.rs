//! What an element looks like, as far as it decides whether its text can be seen.

use super::color::{self, Color, Rgb};
use super::names::{Attr, Name};
use super::style::{Delta, FontSize};
use super::tokens::Attrs;

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

    /// The look of a child element before any of its declarations.
    pub(super) fn child(&self, name: Name) -> Self {
        let mut look = *self;
        look.tight = false;
        look.muted |= name.is_dropped() || matches!(name, Name::Title | Name::Rp);
        look.gone |= matches!(name, Name::Template | Name::Noframes);
        look.pre |= matches!(
            name,
            Name::Pre | Name::Listing | Name::Xmp | Name::Plaintext | Name::Textarea
        );
        look
    }

    /// Applies the attributes that set a look without CSS.
    pub(super) fn presentational(&mut self, name: Name, attrs: &Attrs) {
        self.gone |= attrs.has(Attr::Hidden);
        if name == Name::A && attrs.has(Attr::Href) {
            // `link=` of the page and `a:link` decide, neither of which is followed
            self.paint(Color::Unknown);
        }
        if let Some(value) = attrs.get(Attr::Bgcolor) {
            self.ground(color::attribute(value));
        }
        if attrs
            .get(Attr::Background)
            .is_some_and(|v| !v.trim().is_empty())
        {
            self.paper = None;
        }
        let ink = if name == Name::Font {
            attrs.get(Attr::Color)
        } else if name == Name::Body {
            attrs.get(Attr::Text)
        } else {
            None
        };
        if let Some(value) = ink {
            self.paint(color::attribute(value));
        }
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
        if let Some(paper) = delta.paper {
            self.ground(paper);
        }
        if let Some(pre) = delta.pre {
            self.pre = pre;
        }
        self.tight |= delta.tight == Some(true);
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
