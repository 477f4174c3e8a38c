//! Colours, as far as they decide whether text can be seen.

/// An opaque colour: red, green, blue.
pub(super) type Rgb = [u8; 3];

pub(super) const BLACK: Rgb = [0, 0, 0];
pub(super) const WHITE: Rgb = [255, 255, 255];

/// The sum of the differences of red, green and blue up to which two colours are one to the eye.
const BLEND: u16 = 24;

/// A colour as a style states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Color {
    /// A colour that can be compared.
    Known(Rgb),
    /// Nothing is painted.
    Transparent,
    /// The same as around the element.
    Inherit,
    /// A colour, gradient or picture that we do not know.
    Unknown,
}

/// Whether text of colour `a` cannot be told from a ground of colour `b`.
pub(super) fn blends(a: Rgb, b: Rgb) -> bool {
    let difference = a.iter().zip(b).fold(0u16, |sum, (x, y)| {
        sum.saturating_add(u16::from(x.abs_diff(y)))
    });
    difference <= BLEND
}

/// Reads a CSS colour (CSS Color 4, the forms that mails use).
pub(super) fn css(value: &str) -> Color {
    let value = value.trim();
    if let Some(hex) = value.strip_prefix('#') {
        return hex_color(hex).unwrap_or(Color::Unknown);
    }
    let lower = value.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("rgb") {
        return function(rest).unwrap_or(Color::Unknown);
    }
    named(&lower)
}

/// Reads the value of a `color` or `bgcolor` attribute, in which `#` may be missing.
pub(super) fn attribute(value: &str) -> Color {
    let value = value.trim();
    match css(value) {
        Color::Unknown => hex_color(value).unwrap_or(Color::Unknown),
        known @ (Color::Known(_) | Color::Transparent | Color::Inherit) => known,
    }
}

/// The colour inside a `background` shorthand; pictures and gradients make it unknown.
pub(super) fn background(value: &str) -> Color {
    let lower = value.to_ascii_lowercase();
    if lower.contains("url(") || lower.contains("gradient") || lower.contains("image") {
        return Color::Unknown;
    }
    if lower.contains('(') {
        return css(&lower);
    }
    let mut found = Color::Transparent;
    for word in lower.split_ascii_whitespace() {
        match css(word) {
            // that there is no picture says nothing of the colour
            Color::Transparent if word == "none" => {}
            Color::Unknown if is_position(word) => {}
            color @ (Color::Known(_) | Color::Transparent | Color::Inherit | Color::Unknown) => {
                found = color;
            }
        }
    }
    found
}

/// Words of a background shorthand that are no colour.
fn is_position(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.' | '/'))
        || matches!(
            word,
            "left"
                | "right"
                | "top"
                | "bottom"
                | "center"
                | "repeat"
                | "repeat-x"
                | "repeat-y"
                | "no-repeat"
                | "scroll"
                | "fixed"
                | "local"
                | "cover"
                | "contain"
                | "auto"
        )
}

fn hex_color(hex: &str) -> Option<Color> {
    let digits: Vec<u8> = hex
        .chars()
        .take(9)
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let double = |d: u8| d.saturating_mul(17);
    let pair = |h: u8, l: u8| h.saturating_mul(16).saturating_add(l);
    match *digits.as_slice() {
        [_, _, _, 0] | [_, _, _, _, _, _, 0, 0] => Some(Color::Transparent),
        [r, g, b] | [r, g, b, 15] => Some(Color::Known([double(r), double(g), double(b)])),
        [r1, r2, g1, g2, b1, b2] | [r1, r2, g1, g2, b1, b2, 15, 15] => {
            Some(Color::Known([pair(r1, r2), pair(g1, g2), pair(b1, b2)]))
        }
        _ => None,
    }
}

/// `rgb(…)` and `rgba(…)` behind their first three letters.
fn function(rest: &str) -> Option<Color> {
    let (_, inner) = rest.split_once('(')?;
    let inner = inner.split(')').next()?;
    let mut parts = inner
        .split([',', ' ', '/'])
        .map(str::trim)
        .filter(|p| !p.is_empty());
    let mut channel = || channel_of(parts.next()?);
    let rgb = [channel()?, channel()?, channel()?];
    match parts.next() {
        None => Some(Color::Known(rgb)),
        Some(alpha) => match alpha.trim_end_matches('%').parse::<f32>().ok()? {
            zero if zero <= 0.0 => Some(Color::Transparent),
            // blended with what is below, which we do not work out
            part if part < 1.0 => Some(Color::Unknown),
            _ => Some(Color::Known(rgb)),
        },
    }
}

fn channel_of(word: &str) -> Option<u8> {
    let value = match word.strip_suffix('%') {
        Some(percent) => percent.parse::<f32>().ok()? * 2.55,
        None => word.parse::<f32>().ok()?,
    };
    let whole = value.clamp(0.0, 255.0).round();
    // 256 steps: a search is exact, and no float becomes an integer by force
    (0..=u8::MAX).find(|n| f32::from(*n) >= whole)
}

fn named(lower: &str) -> Color {
    Color::Known(match lower {
        "transparent" | "none" => return Color::Transparent,
        "inherit" | "currentcolor" | "unset" => return Color::Inherit,
        "black" | "windowtext" | "canvastext" => BLACK,
        "white" | "window" | "canvas" => WHITE,
        "snow" => [255, 250, 250],
        "ivory" => [255, 255, 240],
        "ghostwhite" => [248, 248, 255],
        "floralwhite" => [255, 250, 240],
        "mintcream" => [245, 255, 250],
        "azure" => [240, 255, 255],
        "whitesmoke" => [245, 245, 245],
        "gainsboro" => [220, 220, 220],
        "lightgray" | "lightgrey" => [211, 211, 211],
        "silver" => [192, 192, 192],
        "darkgray" | "darkgrey" => [169, 169, 169],
        "gray" | "grey" => [128, 128, 128],
        "dimgray" | "dimgrey" => [105, 105, 105],
        "red" => [255, 0, 0],
        "maroon" => [128, 0, 0],
        "yellow" => [255, 255, 0],
        "olive" => [128, 128, 0],
        "lime" => [0, 255, 0],
        "green" => [0, 128, 0],
        "aqua" | "cyan" => [0, 255, 255],
        "teal" => [0, 128, 128],
        "blue" => [0, 0, 255],
        "navy" => [0, 0, 128],
        "fuchsia" | "magenta" => [255, 0, 255],
        "purple" => [128, 0, 128],
        "orange" => [255, 165, 0],
        _ => return Color::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_mails() {
        for (value, want) in [
            ("#fff", Color::Known(WHITE)),
            ("#FEFEFE", Color::Known([254; 3])),
            ("#fffffff", Color::Unknown),
            ("#ffffff00", Color::Transparent),
            ("White", Color::Known(WHITE)),
            ("rgb(255, 255,255)", Color::Known(WHITE)),
            ("rgb(100% 100% 100%)", Color::Known(WHITE)),
            ("rgba(0,0,0,0)", Color::Transparent),
            ("rgba(0,0,0,.5)", Color::Unknown),
            ("transparent", Color::Transparent),
            ("inherit", Color::Inherit),
            ("var(--x)", Color::Unknown),
            ("あ", Color::Unknown),
            ("#あいう", Color::Unknown),
        ] {
            assert_eq!(css(value), want, "{value}");
        }
        assert_eq!(attribute("ffffff"), Color::Known(WHITE));
        assert_eq!(background("#fff url(a.png)"), Color::Unknown);
        assert_eq!(background("#000 no-repeat 0 0"), Color::Known(BLACK));
        assert_eq!(background("none"), Color::Transparent);
    }

    #[test]
    fn near_colours_blend() {
        assert!(blends(WHITE, [250, 250, 250]));
        assert!(!blends(WHITE, [238, 238, 238]));
    }
}
