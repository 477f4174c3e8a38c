//! Pictures of a few patterns.

use crate::make::MakeError;
use image::{Delay, DynamicImage, Frame, ImageFormat, RgbImage, RgbaImage};
use serde::Deserialize;
use std::io::Cursor;

/// What is on a picture. All patterns are told by their coordinates alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Pattern {
    /// Red grows to the right, green downwards, blue is constant.
    #[default]
    Gradient,
    /// Black and white fields of four pixels a side.
    Checker,
    /// One colour.
    Plain,
    /// A red quarter at the upper left, so that turns and mirrors show.
    Corner,
}

/// A picture without any metadata.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    #[serde(default)]
    pub(super) pattern: Pattern,
}

/// The largest side: pictures of recipes are small, those with large sides are written in hex.
const MAX_SIDE: u32 = 4_096;

impl Picture {
    /// Its pixels, red, green and blue.
    pub(super) fn pixels(&self) -> Result<RgbImage, MakeError> {
        if self.width > MAX_SIDE || self.height > MAX_SIDE {
            return Err(MakeError::new("picture: a side over 4096"));
        }
        let (width, height, pattern) = (self.width, self.height, self.pattern);
        Ok(RgbImage::from_fn(width, height, |x, y| {
            let share = |at: u32, of: u32| {
                let scaled = at.saturating_mul(255).checked_div(of.saturating_sub(1));
                u8::try_from(scaled.unwrap_or(0)).unwrap_or(255)
            };
            image::Rgb(match pattern {
                Pattern::Gradient => [share(x, width), share(y, height), 128],
                Pattern::Checker if ((x / 4) ^ (y / 4)) & 1 == 0 => [255; 3],
                Pattern::Checker => [0; 3],
                Pattern::Plain => [32, 96, 160],
                Pattern::Corner if x < width / 2 && y < height / 2 => [220, 20, 20],
                Pattern::Corner => [240; 3],
            })
        }))
    }

    /// The picture as a file.
    pub(super) fn encoded(&self, format: ImageFormat) -> Result<Vec<u8>, MakeError> {
        let mut out = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(self.pixels()?)
            .write_to(&mut out, format)
            .map_err(MakeError::new)?;
        Ok(out.into_inner())
    }
}

/// An animation whose frames are the picture in turning patterns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gif {
    width: u32,
    height: u32,
    /// How many frames there are, at least 1.
    #[serde(default = "one")]
    frames: u32,
}

const fn one() -> u32 {
    1
}

impl Gif {
    pub(super) fn bytes(&self) -> Result<Vec<u8>, MakeError> {
        let patterns = [Pattern::Corner, Pattern::Checker, Pattern::Plain];
        let mut out = Vec::new();
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut out);
        for (_, pattern) in (0..self.frames).zip(patterns.iter().cycle()) {
            let picture = Picture {
                width: self.width,
                height: self.height,
                pattern: *pattern,
            };
            let pixels: RgbaImage = DynamicImage::ImageRgb8(picture.pixels()?).into_rgba8();
            let frame = Frame::from_parts(pixels, 0, 0, Delay::from_numer_denom_ms(100, 1));
            encoder.encode_frame(frame).map_err(MakeError::new)?;
        }
        drop(encoder);
        Ok(out)
    }
}
