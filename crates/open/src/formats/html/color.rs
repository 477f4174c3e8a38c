//! Colours, as far as they decide whether text can be seen.

/// An opaque colour: red, green, blue.
pub(super) type Rgb = [u8; 3];

pub(super) const BLACK: Rgb = [0, 0, 0];
pub(super) const WHITE: Rgb = [255, 255, 255];

/// The sum of the differences of red, green and blue up to which two colours are one to the eye.
const BLEND: u16 = 24;
/// The share of a colour or of an element up to which it cannot be seen on its ground.
pub(super) const FAINT: f32 = 0.05;

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
        return function(rest, rgb).unwrap_or(Color::Unknown);
    }
    if let Some(rest) = lower.strip_prefix("hsl") {
        return function(rest, hsl).unwrap_or(Color::Unknown);
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

/// What a `background` shorthand says: its colour, and whether a picture or gradient lies on that.
pub(super) fn background(value: &str) -> (Color, bool) {
    let lower = value.to_ascii_lowercase();
    let mut found = Color::Transparent;
    let mut picture = false;
    for word in words(&lower) {
        let function = word.split_once('(').map(|(name, _)| name);
        match css(word) {
            // that there is no picture says nothing of the colour
            Color::Transparent if word == "none" => {}
            Color::Unknown if function.is_some_and(is_picture) => picture = true,
            Color::Unknown if is_position(word) => {}
            color @ (Color::Known(_) | Color::Transparent | Color::Inherit | Color::Unknown) => {
                found = color;
            }
        }
    }
    (found, picture)
}

/// Words at white space, commas and slashes outside of parentheses.
fn words(value: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0u32;
    value
        .split(move |c: char| {
            match c {
                '(' => depth = depth.saturating_add(1),
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && (c.is_ascii_whitespace() || matches!(c, ',' | '/'))
        })
        .filter(|word| !word.is_empty())
}

/// Whether a function makes a picture (CSS Images 4).
fn is_picture(function: &str) -> bool {
    function == "url"
        || function == "element"
        || function == "cross-fade"
        || function == "src"
        || function.ends_with("gradient")
        || function.contains("image")
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
                | "space"
                | "round"
                | "border-box"
                | "padding-box"
                | "content-box"
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
    let (rgb, alpha) = match *digits.as_slice() {
        [r, g, b] => ([double(r), double(g), double(b)], 255),
        [r, g, b, a] => ([double(r), double(g), double(b)], double(a)),
        [r1, r2, g1, g2, b1, b2] => ([pair(r1, r2), pair(g1, g2), pair(b1, b2)], 255),
        [r1, r2, g1, g2, b1, b2, a1, a2] => {
            let rgb = [pair(r1, r2), pair(g1, g2), pair(b1, b2)];
            (rgb, pair(a1, a2))
        }
        _ => return None,
    };
    Some(painted(rgb, f32::from(alpha) / 255.0))
}

/// A colour of which a share of `alpha` is painted.
fn painted(rgb: Rgb, alpha: f32) -> Color {
    if alpha <= FAINT {
        Color::Transparent
    } else if alpha >= 1.0 {
        Color::Known(rgb)
    } else {
        // blended with what is below, which we do not work out
        Color::Unknown
    }
}

/// What stands in the parentheses of `rgb(…)`, `rgba(…)`, `hsl(…)` and `hsla(…)`.
fn function(rest: &str, rgb: fn([&str; 3]) -> Option<Rgb>) -> Option<Color> {
    let (_, inner) = rest.split_once('(')?;
    let inner = inner.split(')').next()?;
    let mut parts = inner
        .split([',', ' ', '/'])
        .map(str::trim)
        .filter(|p| !p.is_empty());
    let rgb = rgb([parts.next()?, parts.next()?, parts.next()?])?;
    let alpha = match parts.next() {
        None => 1.0,
        Some("none") => 0.0,
        Some(alpha) => share(alpha)?,
    };
    Some(painted(rgb, alpha))
}

/// A share as a number or in percent.
pub(super) fn share(value: &str) -> Option<f32> {
    match value.strip_suffix('%') {
        Some(percent) => Some(percent.trim().parse::<f32>().ok()? / 100.0),
        None => value.parse::<f32>().ok(),
    }
}

fn rgb([r, g, b]: [&str; 3]) -> Option<Rgb> {
    Some([channel_of(r)?, channel_of(g)?, channel_of(b)?])
}

/// Hue, saturation and lightness (CSS Color 4 section 7.1).
fn hsl([hue, saturation, lightness]: [&str; 3]) -> Option<Rgb> {
    let hue = degrees(hue)?.rem_euclid(360.0);
    let part = |word: &str| {
        let percent = word.strip_suffix('%').unwrap_or(word).parse::<f32>().ok()?;
        Some((percent / 100.0).clamp(0.0, 1.0))
    };
    let (saturation, lightness) = (part(saturation)?, part(lightness)?);
    let reach = saturation * lightness.min(1.0 - lightness);
    let channel = |n: f32| {
        let k = (n + hue / 30.0).rem_euclid(12.0);
        let value = lightness - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        nearest(value * 255.0)
    };
    Some([channel(0.0)?, channel(8.0)?, channel(4.0)?])
}

/// An angle in degrees.
fn degrees(word: &str) -> Option<f32> {
    let end = word
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(word.len());
    let (number, unit) = word.split_at_checked(end)?;
    let number = number.parse::<f32>().ok()?;
    Some(match unit {
        "turn" => number * 360.0,
        "rad" => number.to_degrees(),
        "grad" => number * 0.9,
        _ => number,
    })
}

fn channel_of(word: &str) -> Option<u8> {
    let value = match word.strip_suffix('%') {
        Some(percent) => percent.parse::<f32>().ok()? * 2.55,
        None => word.parse::<f32>().ok()?,
    };
    nearest(value)
}

/// The step of 256 that a value of 0 to 255 is nearest to.
fn nearest(value: f32) -> Option<u8> {
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
        "aliceblue" => [240, 248, 255],
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
            ("rgba(0,0,0,.02)", Color::Transparent),
            ("rgb(0 0 0 / 1%)", Color::Transparent),
            ("rgb(0 0 0 / 100%)", Color::Known(BLACK)),
            ("#00000003", Color::Transparent),
            ("#0008", Color::Unknown),
            ("hsl(0, 0%, 100%)", Color::Known(WHITE)),
            ("hsl(120deg 100% 50%)", Color::Known([0, 255, 0])),
            ("hsl(.5turn 100% 50%)", Color::Known([0, 255, 255])),
            ("hsl(210, 100%, 20%)", Color::Known([0, 51, 102])),
            ("hsl(-150, 100%, 20%)", Color::Known([0, 51, 102])),
            ("hsla(0, 0%, 0%, 0.01)", Color::Transparent),
            ("hsla(0, 0%, 0%, 0.5)", Color::Unknown),
            ("hsl(a, 0%, 0%)", Color::Unknown),
            ("hsl(nan, 0%, 0%)", Color::Unknown),
            ("transparent", Color::Transparent),
            ("inherit", Color::Inherit),
            ("var(--x)", Color::Unknown),
            ("あ", Color::Unknown),
            ("#あいう", Color::Unknown),
        ] {
            assert_eq!(css(value), want, "{value}");
        }
        assert_eq!(attribute("ffffff"), Color::Known(WHITE));
        let grounds = [
            ("#fff url(a.png)", (Color::Known(WHITE), true)),
            (
                "url('a b.png') center/cover, white",
                (Color::Known(WHITE), true),
            ),
            (
                "linear-gradient(#fff, rgb(0,0,0))",
                (Color::Transparent, true),
            ),
            ("#000 no-repeat 0 0", (Color::Known(BLACK), false)),
            ("rgb(0, 0, 0) none", (Color::Known(BLACK), false)),
            ("none", (Color::Transparent, false)),
            ("var(--x)", (Color::Unknown, false)),
        ];
        for (value, want) in grounds {
            assert_eq!(background(value), want, "{value}");
        }
    }

    #[test]
    fn near_colours_blend() {
        assert!(blends(WHITE, [250, 250, 250]));
        assert!(!blends(WHITE, [238, 238, 238]));
    }
}
