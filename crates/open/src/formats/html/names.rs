//! The elements and attributes that the renderer knows; all others are [`Name::Other`] or skipped.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of more than a hundred element names a match names those that it is about"
)]

/// Words of a closed list, with the enum that stands for them.
macro_rules! words {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $kind { $(#[doc = stringify!($variant)] $variant,)* }
        impl $kind {
            /// How many there are.
            pub(super) const COUNT: usize = [$(Self::$variant,)*].len();

            fn find(word: &[u8]) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }

            /// The place in an array of [`Self::COUNT`].
            #[expect(clippy::as_conversions, reason = "the discriminant of a small fieldless enum")]
            pub(super) const fn slot(self) -> usize {
                self as usize
            }
        }
    };
}

words! {
    /// An element name, or [`Name::Other`].
    Name {
        Other = b"", A = b"a", Address = b"address", Applet = b"applet", Area = b"area",
        Article = b"article", Aside = b"aside", Audio = b"audio", B = b"b", Base = b"base",
        Basefont = b"basefont", Bgsound = b"bgsound", Big = b"big", Blockquote = b"blockquote",
        Body = b"body", Br = b"br", Button = b"button", Canvas = b"canvas", Caption = b"caption",
        Center = b"center", Code = b"code", Col = b"col", Colgroup = b"colgroup", Dd = b"dd",
        Del = b"del", Details = b"details", Dialog = b"dialog", Dir = b"dir", Div = b"div", Dl = b"dl", Dt = b"dt",
        Em = b"em", Embed = b"embed", Fieldset = b"fieldset", Figcaption = b"figcaption",
        Figure = b"figure", Font = b"font", Footer = b"footer", Form = b"form", Frame = b"frame",
        Frameset = b"frameset", H1 = b"h1", H2 = b"h2", H3 = b"h3", H4 = b"h4", H5 = b"h5", H6 = b"h6",
        Head = b"head", Header = b"header", Hgroup = b"hgroup", Hr = b"hr", Html = b"html", I = b"i",
        Iframe = b"iframe", Image = b"image", Img = b"img", Input = b"input", Keygen = b"keygen",
        Legend = b"legend", Li = b"li", Link = b"link", Listing = b"listing", Main = b"main",
        Map = b"map", Marquee = b"marquee", Math = b"math", Menu = b"menu", Meta = b"meta",
        Nav = b"nav", Nobr = b"nobr", Noembed = b"noembed", Noframes = b"noframes",
        Noscript = b"noscript", Object = b"object", Ol = b"ol", Optgroup = b"optgroup",
        Option = b"option", P = b"p", Param = b"param", Plaintext = b"plaintext", Pre = b"pre",
        Q = b"q", Rb = b"rb", Rp = b"rp", Rt = b"rt", Rtc = b"rtc", Ruby = b"ruby", S = b"s",
        Script = b"script", Search = b"search", Section = b"section", Select = b"select",
        Small = b"small", Source = b"source", Span = b"span", Strike = b"strike", Strong = b"strong",
        Style = b"style", Sub = b"sub", Summary = b"summary", Sup = b"sup", Svg = b"svg",
        Table = b"table", Tbody = b"tbody", Td = b"td", Template = b"template",
        Textarea = b"textarea", Tfoot = b"tfoot", Th = b"th", Thead = b"thead", Title = b"title",
        Tr = b"tr", Track = b"track", Tt = b"tt", U = b"u", Ul = b"ul", Var = b"var", Video = b"video",
        Wbr = b"wbr", Xmp = b"xmp",
    }
}

words! {
    /// An attribute whose value is looked at.
    Attr {
        Action = b"action", Alt = b"alt", Background = b"background", Bgcolor = b"bgcolor",
        Border = b"border", Class = b"class", Color = b"color", Colspan = b"colspan",
        Content = b"content", Face = b"face", Height = b"height", Hidden = b"hidden", Href = b"href",
        HttpEquiv = b"http-equiv", Id = b"id", Open = b"open", Reversed = b"reversed",
        Rowspan = b"rowspan", Rules = b"rules", Size = b"size", Src = b"src", Start = b"start",
        Style = b"style", Text = b"text", Type = b"type", Value = b"value", Width = b"width",
    }
}

/// What the tokenizer must read behind a start tag (HTML standard section 13.2.6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Tags, text and character references.
    Data,
    /// Text and character references up to the end tag.
    RcData,
    /// Text up to the end tag.
    RawText,
    /// Script up to its end tag.
    Script,
    /// Text up to the end of the file.
    Plain,
}

impl Attr {
    /// The attribute of a lower-case name.
    pub(super) fn of(word: &[u8]) -> Option<Self> {
        Self::find(word)
    }
}

/// What tells names that are not of the list from one another: 0 for those that are, FNV-1a of the
/// others. Two that share a key are taken for one another, which costs no more than a wrong nesting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(u32);

impl Key {
    /// That of the names of the list.
    pub(super) const KNOWN: Self = Self(0);

    /// `<foreignObject>` of SVG.
    const FOREIGN_OBJECT: Self = Self::hash(b"foreignobject");
    /// `<desc>` of SVG.
    const DESC: Self = Self::hash(b"desc");

    /// The key of an element, and of the lower-case word that names it.
    pub(super) fn of(name: Name, word: &[u8]) -> Self {
        if name == Name::Other {
            Self::hash(word)
        } else {
            Self::KNOWN
        }
    }

    const fn hash(word: &[u8]) -> Self {
        let mut hash = 0x811c_9dc5_u32;
        let mut rest = word;
        while let [byte, tail @ ..] = rest {
            let [_, _, _, low] = hash.to_be_bytes();
            let [a, b, c, _] = hash.to_be_bytes();
            hash = u32::from_be_bytes([a, b, c, low ^ *byte]).wrapping_mul(0x0100_0193);
            rest = tail;
        }
        Self(hash)
    }

    /// Whether it is that of an element of SVG in which HTML stands, besides `title`
    /// (HTML standard section 13.2.6, "HTML integration point").
    pub(super) fn integrates(self) -> bool {
        self == Self::FOREIGN_OBJECT || self == Self::DESC
    }
}

impl Name {
    /// The element of a lower-case name.
    pub(super) fn of(word: &[u8]) -> Self {
        Self::find(word).unwrap_or(Self::Other)
    }

    /// What an old misspelling means outside of SVG (HTML standard section 13.2.6.4.7).
    pub(super) const fn in_html(self) -> Self {
        match self {
            Self::Image => Self::Img,
            _ => self,
        }
    }

    /// Elements that list items are counted in.
    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::Ul | Self::Ol | Self::Dir | Self::Menu)
    }

    /// Elements that have no content and no end tag.
    pub(super) const fn is_void(self) -> bool {
        matches!(
            self,
            Self::Area
                | Self::Base
                | Self::Basefont
                | Self::Bgsound
                | Self::Br
                | Self::Col
                | Self::Embed
                | Self::Frame
                | Self::Hr
                | Self::Img
                | Self::Input
                | Self::Keygen
                | Self::Link
                | Self::Meta
                | Self::Param
                | Self::Source
                | Self::Track
                | Self::Wbr
        )
    }

    /// What follows the start tag. `noscript` is data here: mail clients run no script and show it.
    pub(super) const fn content(self) -> Content {
        match self {
            Self::Title | Self::Textarea => Content::RcData,
            Self::Style | Self::Iframe | Self::Noembed | Self::Noframes | Self::Xmp => {
                Content::RawText
            }
            Self::Script => Content::Script,
            Self::Plaintext => Content::Plain,
            _ => Content::Data,
        }
    }

    /// Elements that go away with all that is in them because they are active or not text.
    pub(super) const fn is_dropped(self) -> bool {
        matches!(
            self,
            Self::Applet
                | Self::Audio
                | Self::Canvas
                | Self::Iframe
                | Self::Math
                | Self::Noembed
                | Self::Object
                | Self::Script
                | Self::Style
                | Self::Svg
                | Self::Video
        )
    }

    /// How many line breaks surround the element: 0 inline, 1 a line of its own, 2 a paragraph.
    pub(super) const fn breaks(self) -> u8 {
        match self {
            Self::P
            | Self::H1
            | Self::H2
            | Self::H3
            | Self::H4
            | Self::H5
            | Self::H6
            | Self::Ul
            | Self::Ol
            | Self::Dir
            | Self::Menu
            | Self::Dl
            | Self::Blockquote
            | Self::Pre
            | Self::Listing
            | Self::Xmp
            | Self::Plaintext
            | Self::Fieldset
            | Self::Figure => 2,
            Self::Address
            | Self::Article
            | Self::Aside
            | Self::Body
            | Self::Caption
            | Self::Center
            | Self::Dd
            | Self::Details
            | Self::Dialog
            | Self::Div
            | Self::Dt
            | Self::Figcaption
            | Self::Footer
            | Self::Form
            | Self::Header
            | Self::Hgroup
            | Self::Html
            | Self::Legend
            | Self::Li
            | Self::Main
            | Self::Marquee
            | Self::Nav
            | Self::Noframes
            | Self::Optgroup
            | Self::Option
            | Self::Search
            | Self::Section
            | Self::Select
            | Self::Summary
            | Self::Table
            | Self::Tbody
            | Self::Textarea
            | Self::Tfoot
            | Self::Thead
            | Self::Tr => 1,
            _ => 0,
        }
    }

    /// Elements at which the search for a paragraph or an inline element stops: the parser's
    /// "special" category without those that are handled by name (HTML standard 13.2.4.2).
    pub(super) const fn is_special(self) -> bool {
        self.breaks() > 0 || self.is_scope() || matches!(self, Self::Head | Self::Button)
    }

    /// Elements that no implied or inline end tag reaches through.
    pub(super) const fn is_scope(self) -> bool {
        matches!(
            self,
            Self::Applet
                | Self::Caption
                | Self::Html
                | Self::Marquee
                | Self::Object
                | Self::Table
                | Self::Td
                | Self::Template
                | Self::Th
        )
    }

    /// Formatting elements, whose end tags may cross blocks.
    pub(super) const fn is_formatting(self) -> bool {
        matches!(
            self,
            Self::A
                | Self::B
                | Self::Big
                | Self::Code
                | Self::Em
                | Self::Font
                | Self::I
                | Self::Nobr
                | Self::S
                | Self::Small
                | Self::Strike
                | Self::Strong
                | Self::Tt
                | Self::U
        )
    }

    /// Start tags that end a paragraph which is still open (HTML standard 13.2.6.4.7).
    pub(super) const fn ends_paragraph(self) -> bool {
        match self {
            Self::Hr => true,
            Self::Body
            | Self::Caption
            | Self::Html
            | Self::Legend
            | Self::Marquee
            | Self::Noframes
            | Self::Optgroup
            | Self::Option
            | Self::Select
            | Self::Tbody
            | Self::Textarea
            | Self::Tfoot
            | Self::Thead
            | Self::Tr => false,
            _ => self.breaks() > 0,
        }
    }

    /// HTML start tags that end an open SVG or `MathML` element (HTML standard 13.2.6.5).
    pub(super) const fn leaves_foreign(self) -> bool {
        matches!(
            self,
            Self::B
                | Self::Big
                | Self::Blockquote
                | Self::Body
                | Self::Br
                | Self::Center
                | Self::Code
                | Self::Dd
                | Self::Div
                | Self::Dl
                | Self::Dt
                | Self::Em
                | Self::Embed
                | Self::H1
                | Self::H2
                | Self::H3
                | Self::H4
                | Self::H5
                | Self::H6
                | Self::Head
                | Self::Hr
                | Self::I
                | Self::Img
                | Self::Li
                | Self::Listing
                | Self::Menu
                | Self::Meta
                | Self::Nobr
                | Self::Ol
                | Self::P
                | Self::Pre
                | Self::Ruby
                | Self::S
                | Self::Small
                | Self::Span
                | Self::Strong
                | Self::Strike
                | Self::Sub
                | Self::Sup
                | Self::Table
                | Self::Tt
                | Self::U
                | Self::Ul
                | Self::Var
        )
    }
}
