//! Recipes: readable descriptions of test inputs, and the bytes that they stand for.
//!
//! A recipe (`make.toml`) is a list of chunks whose bytes are joined:
//!
//! ```toml
//! ext = "eml"          # what kind of file comes out
//! lines = "crlf"       # line ends of all `text` chunks; "lf" when left out
//!
//! [[chunk]]
//! text = '''
//! Subject: test
//!
//! '''
//! [[chunk]]
//! base64 = [{ case = "png/good" }]
//! ```

mod binary;
mod encode;
mod jpeg;
mod objects;
mod ole;
mod picture;
mod png;
mod tiff;
mod zip;

pub use ole::compound;
use picture::Picture;
use serde::Deserialize;
use std::fmt;
use std::path::{Path, PathBuf};

/// How deep cases may name other cases: deeper is a circle.
const MAX_DEPTH: u32 = 8;

/// The most bytes that one recipe may make: tests of limits need large inputs, not huge ones.
const MAX_BYTES: usize = 64 << 20;

/// What is wrong with a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MakeError(String);

impl MakeError {
    pub(crate) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }

    fn at(self, path: &Path) -> Self {
        Self(format!("{}: {}", path.display(), self.0))
    }
}

impl fmt::Display for MakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MakeError {}

/// Line ends of text chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Lines {
    #[default]
    Lf,
    Crlf,
}

/// A whole recipe.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    ext: String,
    #[serde(default)]
    lines: Lines,
    chunk: Vec<Chunk>,
}

/// One ingredient.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Chunk {
    /// UTF-8 text, with the line ends of the recipe.
    Text(String),
    /// Bytes in hex; blanks between them are ignored.
    Hex(String),
    /// Text in a charset, with the line ends of the recipe.
    Encode {
        charset: String,
        text: String,
    },
    /// Base64 in lines of 76 columns, the last one ended too.
    Base64(Vec<Chunk>),
    /// Base64 on one line, not ended.
    B64(Vec<Chunk>),
    /// Quoted-printable (RFC 2045 section 6.7).
    Qp(Vec<Chunk>),
    /// Every byte as `=XX`, as in encoded words (RFC 2047 section 4.2).
    Q(Vec<Chunk>),
    /// Every byte as `%XX`, as in extended parameters (RFC 2231 section 4).
    Percent(Vec<Chunk>),
    /// An encoded word of base64 (RFC 2047).
    Word {
        charset: String,
        text: String,
    },
    /// The same chunks over and over. `{n}` in a text becomes the number of the round, from 0.
    Repeat {
        count: usize,
        chunk: Vec<Chunk>,
    },
    /// All bytes of the chunks with one bit pattern over them.
    Xor {
        with: u8,
        chunk: Vec<Chunk>,
    },
    /// The first bytes of the chunks.
    Take {
        count: usize,
        chunk: Vec<Chunk>,
    },
    /// The input of another case.
    Case(String),
    /// A picture.
    Png(png::Png),
    Jpeg(jpeg::Jpeg),
    Gif(picture::Gif),
    Bmp(Picture),
    Webp(Picture),
    Tiff(tiff::Tiff),
    /// A PDF of objects that are written out.
    Pdf(objects::Objects),
    /// A ZIP file of entries that are written out.
    Zip(zip::Zip),
    /// A compound file of streams that are written out.
    Ole(ole::Ole),
    /// Bytes that stand at places.
    Places(binary::Places),
    /// A record of a binary document.
    Record(binary::Record),
    /// UTF-16, low bytes first.
    Utf16(String),
    /// Numbers of two bytes, low bytes first.
    U16(Vec<u16>),
    /// Numbers of four bytes, low bytes first.
    U32(Vec<u32>),
    /// Numbers of eight bytes with a point, low bytes first.
    F64(Vec<f64>),
}

/// The bytes of the recipe at `path`, and the extension that they should have. `root` is the
/// folder of all cases.
///
/// # Errors
/// What is wrong with the recipe, and where.
pub fn file(path: &Path, root: &Path) -> Result<(Vec<u8>, String), MakeError> {
    let kitchen = Kitchen {
        root: root.to_owned(),
        lines: Lines::Lf,
        depth: 0,
    };
    kitchen.file(path)
}

/// Where recipes are carried out.
#[derive(Debug)]
struct Kitchen {
    root: PathBuf,
    lines: Lines,
    depth: u32,
}

impl Kitchen {
    fn file(&self, path: &Path) -> Result<(Vec<u8>, String), MakeError> {
        let text = std::fs::read_to_string(path).map_err(|e| MakeError::new(e).at(path))?;
        let recipe: Recipe = toml::from_str(&text).map_err(|e| MakeError::new(e).at(path))?;
        let kitchen = Self {
            root: self.root.clone(),
            lines: recipe.lines,
            depth: self.depth,
        };
        let bytes = kitchen.all(&recipe.chunk).map_err(|e| e.at(path))?;
        Ok((bytes, recipe.ext))
    }

    fn all(&self, chunks: &[Chunk]) -> Result<Vec<u8>, MakeError> {
        let mut out = Vec::new();
        for chunk in chunks {
            self.put(chunk, &mut out)?;
            if out.len() > MAX_BYTES {
                return Err(MakeError::new("recipe: more than 64 MiB"));
            }
        }
        Ok(out)
    }

    fn put(&self, chunk: &Chunk, out: &mut Vec<u8>) -> Result<(), MakeError> {
        match chunk {
            Chunk::Text(text) => out.extend_from_slice(self.lines(text).as_bytes()),
            Chunk::Hex(hex) => out.extend(encode::hex(hex)?),
            Chunk::Encode { charset, text } => {
                out.extend(encode::charset(charset, &self.lines(text))?);
            }
            Chunk::Base64(chunks) => out.extend(encode::base64_lines(&self.all(chunks)?)),
            Chunk::B64(chunks) => out.extend(encode::base64(&self.all(chunks)?).into_bytes()),
            Chunk::Qp(chunks) => out.extend(encode::quoted_printable(&self.all(chunks)?)),
            Chunk::Q(chunks) => out.extend(encode::escaped('=', &self.all(chunks)?)),
            Chunk::Percent(chunks) => out.extend(encode::escaped('%', &self.all(chunks)?)),
            Chunk::Word { charset, text } => {
                let bytes = encode::charset(charset, text)?;
                let word = format!("=?{charset}?B?{}?=", encode::base64(&bytes));
                out.extend(word.into_bytes());
            }
            Chunk::Repeat { count, chunk } => self.repeat(*count, chunk, out)?,
            Chunk::Xor { with, chunk } => {
                out.extend(self.all(chunk)?.into_iter().map(|byte| byte ^ with));
            }
            Chunk::Take { count, chunk } => out.extend(self.all(chunk)?.into_iter().take(*count)),
            Chunk::Case(name) => out.extend(self.case(name)?),
            Chunk::Png(png) => out.extend(png.bytes(self)?),
            Chunk::Jpeg(jpeg) => out.extend(jpeg.bytes(self)?),
            Chunk::Gif(gif) => out.extend(gif.bytes()?),
            Chunk::Bmp(picture) => out.extend(picture.encoded(image::ImageFormat::Bmp)?),
            Chunk::Webp(picture) => out.extend(picture.encoded(image::ImageFormat::WebP)?),
            Chunk::Tiff(tiff) => out.extend(tiff.bytes()?),
            Chunk::Pdf(objects) => out.extend(objects.bytes(self)?),
            Chunk::Zip(zip) => out.extend(zip.bytes(self)?),
            Chunk::Ole(ole) => out.extend(ole.bytes(self)?),
            Chunk::Places(places) => out.extend(places.bytes(self)?),
            Chunk::Record(record) => out.extend(record.bytes(self)?),
            Chunk::Utf16(text) => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Chunk::U16(numbers) => out.extend(numbers.iter().flat_map(|n| n.to_le_bytes())),
            Chunk::U32(numbers) => out.extend(numbers.iter().flat_map(|n| n.to_le_bytes())),
            Chunk::F64(numbers) => out.extend(numbers.iter().flat_map(|n| n.to_le_bytes())),
        }
        Ok(())
    }

    /// Text chunks of a repetition know the number of their round; all others stay the same and
    /// are made once.
    fn repeat(&self, count: usize, chunks: &[Chunk], out: &mut Vec<u8>) -> Result<(), MakeError> {
        let made = self.all(chunks)?;
        if made.len().saturating_mul(count) > MAX_BYTES {
            return Err(MakeError::new("recipe: more than 64 MiB"));
        }
        let numbered = chunks
            .iter()
            .any(|chunk| matches!(chunk, Chunk::Text(text) if text.contains("{n}")));
        for round in 0..count {
            if !numbered {
                out.extend_from_slice(&made);
                continue;
            }
            for chunk in chunks {
                if let Chunk::Text(text) = chunk {
                    let text = text.replace("{n}", &round.to_string());
                    out.extend_from_slice(self.lines(&text).as_bytes());
                } else {
                    self.put(chunk, out)?;
                }
            }
        }
        Ok(())
    }

    fn lines(&self, text: &str) -> String {
        match self.lines {
            Lines::Lf => text.to_owned(),
            Lines::Crlf => text.replace('\n', "\r\n"),
        }
    }

    fn case(&self, name: &str) -> Result<Vec<u8>, MakeError> {
        if self.depth >= MAX_DEPTH {
            return Err(MakeError::new("recipe: cases that name each other"));
        }
        let deeper = Self {
            root: self.root.clone(),
            lines: Lines::Lf,
            depth: self.depth.saturating_add(1),
        };
        let folder = self.root.join(name);
        let recipe = folder.join("make.toml");
        if recipe.is_file() {
            return deeper.file(&recipe).map(|(bytes, _)| bytes);
        }
        crate::corpus::stored(&folder)
            .map(|(bytes, _)| bytes)
            .map_err(|e| e.at(&folder))
    }
}

#[cfg(test)]
mod tests;
