//! Style declarations, as far as they decide what can be seen.

use super::boxes::{self, Display};
use super::color::{self, Color};
use super::numbering::Bullet;
use crate::formats::symbols::Symbols;

/// Longest property name that we know, in bytes.
const NAME_MAX: usize = 24;
/// A side of this length or less has no room for text.
const THIN_PX: f32 = 1.0;
/// Text of this size or smaller cannot be read: a point, and a little for rounding.
const TINY_PX: f32 = 1.4;
/// Indents and offsets beyond this lead off the screen.
const FAR_PX: f32 = -400.0;
/// From here on a margin is no layout any more.
const OUT_PX: f32 = -2_000.0;

macro_rules! delta {
    ($($(#[$doc:meta])* $field:ident: $kind:ty,)*) => {
        /// What a set of declarations says; `None` where it says nothing.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub(super) struct Delta { $($(#[$doc])* pub(super) $field: Option<$kind>,)* }
        impl Delta {
            /// Lets `later` decide wherever it says something.
            pub(super) fn merge(&mut self, later: &Self) {
                $(if later.$field.is_some() { self.$field = later.$field; })*
            }
        }
    };
}

delta! {
    /// Which box the element makes.
    display: Display,
    /// `visibility: hidden` or `collapse`.
    invisible: bool,
    /// `opacity: 0`.
    clear: bool,
    /// The size of the font.
    font: FontSize,
    /// The colour of text.
    ink: Color,
    /// The colour of the ground.
    paper: Color,
    /// A picture or gradient lies on the ground.
    picture: bool,
    /// `overflow` is not `visible`.
    clipped: bool,
    /// Width of at most a pixel.
    thin: bool,
    /// Height of at most a pixel.
    flat: bool,
    /// Maximal height of at most a pixel.
    max_flat: bool,
    /// Minimal height of more than a pixel.
    tall: bool,
    /// Minimal width of more than a pixel.
    wide: bool,
    /// `position: absolute` or `fixed`.
    absolute: bool,
    /// Far to the left of or above its place.
    off: bool,
    /// `text-indent` far to the left.
    outdented: bool,
    /// `clip` to nothing.
    clip: bool,
    /// `clip-path` that leaves nothing.
    cut: bool,
    /// A line is drawn along a side.
    ruled: bool,
    /// What stands in front of list items.
    bullet: Bullet,
    /// White space counts.
    pre: bool,
    /// No space above the block.
    tight: bool,
    /// Text is struck out.
    struck: bool,
    /// Letters are those of a font of symbols, or of none.
    symbols: Symbols,
}

/// A font size, as far as it can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FontSize {
    /// At most a pixel.
    Tiny,
    /// Readable.
    Readable,
    /// As around the element, or a multiple of it.
    Relative,
}

/// Declarations with and without `!important` (CSS Cascade 4 section 6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Declared {
    /// Without.
    pub(super) normal: Delta,
    /// With.
    pub(super) important: Delta,
    /// Something would be fetched.
    pub(super) remote: bool,
}

impl Delta {
    /// Whether an element with these declarations is taken out with all that is in it.
    pub(super) fn hides(&self) -> bool {
        let yes = |flag: Option<bool>| flag == Some(true);
        self.display == Some(Display::None)
            || yes(self.clear)
            || yes(self.cut)
            || (yes(self.absolute) && (yes(self.off) || yes(self.clip)))
            || yes(self.outdented)
    }

    /// Whether the box of the element has no room for text and cuts it off.
    pub(super) fn has_no_room(&self) -> bool {
        let yes = |flag: Option<bool>| flag == Some(true);
        let flat = (yes(self.flat) || yes(self.max_flat)) && !yes(self.tall);
        let thin = yes(self.thin) && !yes(self.wide);
        yes(self.clipped) && (flat || thin)
    }
}

/// Reads the declarations of a `style` attribute or of a rule.
pub(super) fn parse(block: &str) -> Declared {
    let mut declared = Declared::default();
    let mut rest = block;
    while !rest.is_empty() {
        let (declaration, tail) = split_declaration(rest);
        rest = tail;
        if let Some((name, value)) = declaration.split_once(':') {
            declare(name, value, &mut declared);
        }
    }
    declared
}

/// Splits behind the next `;` that stands in no string and no parenthesis.
fn split_declaration(block: &str) -> (&str, &str) {
    let mut quote = None;
    let mut open = false;
    for (at, byte) in block.bytes().enumerate() {
        match (quote, byte) {
            (Some(q), b) if b == q => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'(') => open = true,
            (None, b')') => open = false,
            (None, b';') if !open => {
                let (head, tail) = block.split_at_checked(at).unwrap_or((block, ""));
                return (head, tail.get(1..).unwrap_or(""));
            }
            _ => {}
        }
    }
    (block, "")
}

fn declare(name: &str, value: &str, declared: &mut Declared) {
    let unescaped;
    let (name, value) = if name.contains(['\\', '/']) || value.contains('\\') {
        unescaped = (unescape(name), unescape(value));
        (unescaped.0.as_str(), unescaped.1.as_str())
    } else {
        (name, value)
    };
    let mut lower = [0u8; NAME_MAX];
    let Some(name) = lowered(name.trim(), &mut lower) else {
        return;
    };
    let (value, important) = match value.rsplit_once('!') {
        Some((value, word)) if word.trim().eq_ignore_ascii_case("important") => (value, true),
        _ => (value, false),
    };
    let value = value.trim();
    if value.contains("//") && value.contains('(') {
        declared.remote = true;
    }
    let delta = if important {
        &mut declared.important
    } else {
        &mut declared.normal
    };
    set(delta, name, value);
}

fn lowered<'b>(name: &str, buffer: &'b mut [u8; NAME_MAX]) -> Option<&'b [u8]> {
    let slot = buffer.get_mut(..name.len())?;
    slot.copy_from_slice(name.as_bytes());
    slot.make_ascii_lowercase();
    Some(slot)
}

fn set(delta: &mut Delta, name: &[u8], value: &str) {
    let is = |word: &str| value.eq_ignore_ascii_case(word);
    match name {
        b"display" => delta.display = Some(boxes::display(value)),
        b"visibility" if !is("inherit") => {
            delta.invisible = Some(is("hidden") || is("collapse"));
        }
        b"opacity" => delta.clear = Some(color::share(value).is_some_and(|s| s <= color::FAINT)),
        b"font-size" => delta.font = Some(font_size(value)),
        b"font" => {
            delta.font = shorthand_size(value).or(delta.font);
            delta.symbols = Some(symbols(value));
        }
        b"font-family" => delta.symbols = Some(symbols(value)),
        b"text-decoration" | b"text-decoration-line" => {
            let mut lines = value.split_ascii_whitespace();
            delta.struck = Some(lines.any(|line| line.eq_ignore_ascii_case("line-through")));
        }
        b"color" => delta.ink = Some(color::css(value)),
        b"background-color" => delta.paper = Some(color::css(value)),
        b"background" => {
            let (paper, picture) = color::background(value);
            (delta.paper, delta.picture) = (Some(paper), Some(picture));
        }
        b"background-image" => {
            delta.picture = Some(!(is("none") || is("initial") || is("unset")));
        }
        b"overflow" | b"overflow-x" | b"overflow-y" => delta.clipped = Some(!is("visible")),
        b"width" => delta.thin = Some(no_room(value)),
        b"height" => delta.flat = Some(no_room(value)),
        b"max-height" => delta.max_flat = Some(no_room(value)),
        b"min-height" => delta.tall = Some(is_room(value)),
        b"min-width" => delta.wide = Some(is_room(value)),
        b"position" => delta.absolute = Some(is("absolute") || is("fixed")),
        b"left" | b"top" if is_far(value) => delta.off = Some(true),
        // a negative margin moves a box that is not positioned, too; half of its width does so for pages that
        // stand in the middle (`left:50%`), and all of it for columns
        b"margin-left" | b"margin-top" if is_out(value) => {
            delta.off = Some(true);
            delta.outdented = Some(true);
        }
        b"margin-top" => delta.tight = Some(at_most_a_pixel(value)),
        b"margin" => {
            let top = value.split_ascii_whitespace().next().unwrap_or("");
            delta.tight = Some(at_most_a_pixel(top));
        }
        b"text-indent" => delta.outdented = Some(is_far(value)),
        b"clip" => delta.clip = Some(boxes::clips_all(value)),
        b"clip-path" | b"-webkit-clip-path" => delta.cut = Some(boxes::cuts_all(value)),
        b"list-style" | b"list-style-type" => delta.bullet = Bullet::of_css(value).or(delta.bullet),
        _ if name.starts_with(b"border") => delta.ruled = boxes::ruled(name, value).or(delta.ruled),
        b"white-space" => delta.pre = Some(is("break-spaces") || is_pre(value)),
        _ => {}
    }
}

fn is_pre(value: &str) -> bool {
    value
        .get(..3)
        .is_some_and(|head| head.eq_ignore_ascii_case("pre"))
}

/// A number and its unit.
pub(super) fn number(value: &str) -> Option<(f32, &str)> {
    let value = value.trim();
    let end = value
        .bytes()
        .position(|b| !(b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+')))
        .unwrap_or(value.len());
    let (digits, unit) = value.split_at_checked(end)?;
    Some((digits.parse().ok()?, unit.trim()))
}

/// A length in pixels; relative units count as 16 pixels, `%` as hundredths of that.
pub(super) fn pixels(value: &str) -> Option<f32> {
    let (n, unit) = number(value)?;
    let factor = match unit {
        "" | "px" | "PX" | "Px" => 1.0,
        "%" => 0.16,
        _ if unit.eq_ignore_ascii_case("pt") => 4.0 / 3.0,
        _ if unit.eq_ignore_ascii_case("in") => 96.0,
        _ if unit.eq_ignore_ascii_case("cm") => 37.8,
        _ if unit.eq_ignore_ascii_case("mm") => 3.78,
        _ => 16.0,
    };
    Some(n * factor)
}

pub(super) fn at_most_a_pixel(value: &str) -> bool {
    pixels(value).is_some_and(|px| px <= THIN_PX)
}

/// A side of a box of at most a pixel. A share is one of a box around it, and of none mostly: the old
/// `height: 1%` makes no box small.
fn no_room(value: &str) -> bool {
    match number(value) {
        Some((n, "%")) => n <= 0.0,
        _ => at_most_a_pixel(value),
    }
}

fn is_room(value: &str) -> bool {
    !matches!(number(value), Some((_, "%"))) && pixels(value).is_some_and(|px| px > THIN_PX)
}

fn is_far(value: &str) -> bool {
    pixels(value).is_some_and(|px| px <= FAR_PX)
}

/// Whether a margin takes a box out of what is seen: hiders write thousands, and pages in the middle some hundreds.
fn is_out(value: &str) -> bool {
    pixels(value).is_some_and(|px| px <= OUT_PX)
}

fn font_size(value: &str) -> FontSize {
    match (pixels(value), number(value)) {
        (Some(px), _) if px <= TINY_PX => FontSize::Tiny,
        (Some(_), Some((_, unit))) => {
            if unit == "%" || unit.eq_ignore_ascii_case("em") || unit.eq_ignore_ascii_case("ex") {
                FontSize::Relative
            } else {
                FontSize::Readable
            }
        }
        _ => match value.to_ascii_lowercase().as_str() {
            "inherit" | "smaller" | "larger" | "unset" => FontSize::Relative,
            _ => FontSize::Readable,
        },
    }
}

/// What the first font of a list is, which may stand behind its size.
pub(super) fn symbols(value: &str) -> Symbols {
    let first = value.split(',').next().unwrap_or(value);
    let mut rest = first.trim();
    loop {
        let found = Symbols::named(rest.trim_matches(['"', '\'']));
        if found != Symbols::None {
            return found;
        }
        match rest.split_once(|c: char| c.is_ascii_whitespace()) {
            Some((_, behind)) => rest = behind.trim_start(),
            None => return Symbols::None,
        }
    }
}

/// The size in `font: bold 0/0 Arial`: the first word that is a number with a unit, or zero.
fn shorthand_size(value: &str) -> Option<FontSize> {
    value.split_ascii_whitespace().find_map(|word| {
        let size = word.split('/').next().unwrap_or(word);
        let (n, unit) = number(size)?;
        // a bare number is a weight
        (!unit.is_empty() || n <= TINY_PX).then(|| font_size(size))
    })
}

/// Undoes CSS escapes (CSS Syntax 3 section 4.3.7) and takes comments out.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '/' && chars.peek() == Some(&'*') {
            chars.next();
            let mut star = false;
            for c in chars.by_ref() {
                if star && c == '/' {
                    break;
                }
                star = c == '*';
            }
            continue;
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        let mut code = 0u32;
        let mut digits = 0u8;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(16)) {
            if digits == 6 {
                break;
            }
            chars.next();
            code = code.saturating_mul(16).saturating_add(digit);
            digits = digits.saturating_add(1);
        }
        if digits == 0 {
            out.extend(chars.next());
        } else {
            chars.next_if(char::is_ascii_whitespace);
            out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hides(style: &str) -> bool {
        let declared = parse(style);
        let mut delta = declared.normal;
        delta.merge(&declared.important);
        delta.hides() || delta.has_no_room()
    }

    #[test]
    fn declarations_that_hide_and_that_do_not() {
        for (style, want) in [
            ("display:none", true),
            ("DISPLAY : NONE !important", true),
            ("display:none; display:block", false),
            ("display:none !important; display:block", true),
            ("dis\\70 lay:none", true),
            ("display:/**/none", false),
            ("d/**/isplay:none", true),
            ("background:url(\"a;display:none\")", false),
            ("content:';display:none;'", false),
            ("opacity:0", true),
            ("opacity: 0.0", true),
            ("opacity:.9", false),
            ("opacity:2%", true),
            ("opacity:.02", true),
            ("opacity:80%", false),
            ("clip-path:inset(50%)", true),
            ("clip-path:inset(0 50%)", true),
            ("clip-path:inset(100% 0 0 0)", true),
            ("clip-path:inset(0 0 99% 1%)", false),
            ("clip-path:inset(10px round 5px)", false),
            ("clip-path:circle(0)", true),
            ("clip-path:circle(50% at 0 0)", false),
            ("clip-path:polygon(0 0, 0 0, 0 0)", true),
            ("clip-path:polygon(0 0, 100% 0, 50% 100%)", false),
            ("clip-path:none", false),
            ("clip-path:inset(50%); clip-path:none", false),
            ("max-height:0;overflow:hidden", true),
            ("max-height:0px", false),
            ("height:0;overflow:hidden", true),
            ("width:1px;overflow:hidden", true),
            ("height:100%;overflow:hidden", false),
            ("max-width:0;overflow:hidden", false),
            ("text-indent:-9999px", true),
            ("text-indent:-1em", false),
            ("position:absolute;left:-9999px", true),
            ("position:absolute;left:10px", false),
            ("position:absolute;clip:rect(0 0 0 0)", true),
            ("margin-left:-9999px", true),
            ("position:absolute;left:50%;margin-left:-480px", false),
            ("margin-top:-420px", false),
            ("mso-hide:all", false),
            ("height:1%;overflow:hidden", false),
            ("height:0%;overflow:hidden", true),
            ("max-height:1%;overflow:hidden", false),
            ("width:5%;overflow:hidden", false),
            ("height:0;min-height:20px;overflow:hidden", false),
            ("max-height:0;min-height:2em;overflow:hidden", false),
            ("height:0;min-height:0;overflow:hidden", true),
            ("height:0;min-height:1%;overflow:hidden", true),
            ("height:0;min-width:20px;overflow:hidden", true),
            ("width:0;min-width:20px;overflow:hidden", false),
            ("", false),
            (";;:;x", false),
            ("あ:い;display:none", true),
        ] {
            assert_eq!(hides(style), want, "{style}");
        }
    }

    #[test]
    fn font_sizes() {
        for (style, want) in [
            ("font-size:0", FontSize::Tiny),
            ("font-size:1px", FontSize::Tiny),
            ("font-size:0.5pt", FontSize::Tiny),
            ("font-size:1pt", FontSize::Tiny),
            ("font-size:2px", FontSize::Readable),
            ("font-size:INHERIT", FontSize::Relative),
            ("font-size:14px", FontSize::Readable),
            ("font-size:small", FontSize::Readable),
            ("font-size:120%", FontSize::Relative),
            ("font-size:1em", FontSize::Relative),
            ("font-size:0em", FontSize::Tiny),
            ("font:0/0 a", FontSize::Tiny),
            ("font:bold 12px/1.5 Arial", FontSize::Readable),
            ("font:700 12px Arial", FontSize::Readable),
        ] {
            assert_eq!(parse(style).normal.font, Some(want), "{style}");
        }
    }
}
