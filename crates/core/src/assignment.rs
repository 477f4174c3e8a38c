//! What a worker is told about the part that it is to open.

use crate::budget::Limits;
use crate::kind::Family;
use crate::name::SafeName;
use crate::packed::Packed;
use crate::password::Password;
use crate::piece::{MediaType, Token};
use crate::share::Share;
use crate::text::Line;

/// What is done with a kind of part. There is no "pass".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Treatment {
    /// Left out, a notice in its place.
    Withhold,
    /// Told again as plain text (テキスト化).
    Text,
    /// Drawn as pixels (画像化).
    Flatten,
    /// Written anew in its own format, in a closed vocabulary (再構成).
    Rebuild,
    /// Drawn anew as shapes: outlines, glyphs and pictures of our own (再描画).
    Redraw,
}

impl Treatment {
    /// Every treatment, in the order of their wire tags.
    pub const ALL: [Self; 5] = [
        Self::Withhold,
        Self::Text,
        Self::Flatten,
        Self::Rebuild,
        Self::Redraw,
    ];

    /// The word in policies and reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Withhold => "withhold",
            Self::Text => "text",
            Self::Flatten => "flatten",
            Self::Rebuild => "rebuild",
            Self::Redraw => "redraw",
        }
    }
}

/// One treatment a family; families that are not named are withheld.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Treatments([Treatment; Family::ALL.len()]);

impl Treatments {
    /// Withholds everything.
    #[must_use]
    pub const fn nothing() -> Self {
        Self([Treatment::Withhold; Family::ALL.len()])
    }

    /// The same with another treatment for `family`.
    #[must_use]
    pub fn with(mut self, family: Family, treatment: Treatment) -> Self {
        for (slot, of) in self.0.iter_mut().zip(Family::ALL) {
            if of == family {
                *slot = treatment;
            }
        }
        self
    }

    /// The treatment of `family`.
    #[must_use]
    pub fn of(&self, family: Family) -> Treatment {
        self.iter()
            .find(|(of, _)| *of == family)
            .map_or(Treatment::Withhold, |(_, t)| t)
    }

    /// All families with their treatments.
    pub fn iter(&self) -> impl Iterator<Item = (Family, Treatment)> + '_ {
        Family::ALL.into_iter().zip(self.0.iter().copied())
    }
}

/// What is done with the frames of an animation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Animation {
    /// The first frame is kept, the others are reported as removed.
    First,
    /// Every frame becomes a page.
    All,
}

/// The language of what we write ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Japanese.
    Ja,
    /// English.
    En,
}

/// How links are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Links {
    /// Unclickable: `hxxps://city.example.lg.jp/`.
    Defang,
    /// Left out; only the text of the link stays.
    Drop,
    /// Live in rebuilt documents where they lead to pages and mail addresses; as [`Links::Defang`]
    /// everywhere else.
    Keep,
}

impl Links {
    /// Every way, in the order of their wire tags.
    pub const ALL: [Self; 3] = [Self::Defang, Self::Drop, Self::Keep];

    /// The word in policies.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Defang => "defang",
            Self::Drop => "drop",
            Self::Keep => "keep",
        }
    }
}

/// Settings of the readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Params {
    /// Resolution of drawn pages, in dots per inch, 72 to 600.
    pub dpi: u16,
    /// Frames of animations.
    pub animation: Animation,
    /// Language of marks in the text.
    pub lang: Lang,
    /// How links are shown.
    pub links: Links,
    /// Whether what can be read on a drawn page is laid over it, to be searched and copied.
    pub text_layer: bool,
    /// Whether files that are embedded in a PDF document become parts of their own; else they are left out.
    pub embedded: bool,
    /// Whether comments of office documents are appended to them as text; else they are left out.
    pub comments: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            dpi: 150,
            animation: Animation::First,
            lang: Lang::Ja,
            links: Links::Defang,
            text_layer: true,
            embedded: false,
            comments: false,
        }
    }
}

/// What a reader hands on of a document, beside what it tells of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HandsOn {
    /// Nothing.
    #[default]
    Nothing,
    /// The document for an office suite, where that is another one: without its password, which the suite does not
    /// have, and with fields that keep what they showed.
    Plain,
}

/// What was said about a part outside of its own bytes. All of it may be a lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent thing that is said"
)]
pub struct Hints {
    /// The declared media type.
    pub declared: Option<MediaType>,
    /// The extension of its name, in lower case, without the dot.
    pub extension: Option<Token>,
    /// The declared charset.
    pub charset: Option<Token>,
    /// `format=flowed` (RFC 3676).
    pub flowed: bool,
    /// `delsp=yes` (RFC 3676).
    pub delsp: bool,
    /// The part is (a piece of) the body of a message.
    pub body: bool,
    /// Passwords for what is encrypted, in the order in which they are tried. A part inside has none of
    /// its own: they come with the job.
    pub passwords: Vec<Password>,
    /// For HTML bodies: which `cid:` reference is which attachment.
    pub pictures: Vec<(Token, SafeName)>,
    /// For members of archives: the folders that they lie in, the outermost first.
    pub folders: Vec<SafeName>,
    /// For members of archives that come as they are packed there.
    pub packed: Option<Packed>,
    /// Which pages of a document are drawn, where several readers share them. A part inside has none of its
    /// own.
    pub share: Option<Share>,
    /// What is handed on of a document of before 2007. A part inside has none of its own.
    pub hands_on: HandsOn,
    /// The part is a picture that a document shows: what is behind it may be seen through it. A part inside is none
    /// by what its hints say.
    pub shown: bool,
    /// For pages that an office suite made of a document: the fonts that the document asks for, at most
    /// [`Self::MAX_FONTS`]. A part inside has none.
    pub fonts: Vec<Line>,
}

impl Hints {
    /// The most fonts that may be named.
    pub const MAX_FONTS: usize = 256;
}

/// The whole order for one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// What was said about the part.
    pub hints: Hints,
    /// What to do with which family.
    pub treatments: Treatments,
    /// The purse for this part.
    pub limits: Limits,
    /// Settings of the readers.
    pub params: Params,
}
