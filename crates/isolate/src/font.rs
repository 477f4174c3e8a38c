//! Font files that workers may read: opened before the confinement, read when a reader asks.

use crate::arena::read_at;
use mugai_core::Fonts;
use mugai_core::cx::{FontFace, FontNeed, Script, Strokes};
use std::cell::OnceCell;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest font file that is read, in bytes; collections of CJK faces have some 20 MB.
const MAX_FONT_BYTES: u64 = 128 << 20;
/// How an argument begins that names a font.
const PREFIX: &[u8] = b"--font=";

/// One face of a font file, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FontFile {
    /// The text that it is good for.
    pub need: FontNeed,
    /// The index of the face in its file, 0 unless the file is a collection.
    pub index: u32,
    /// Whether the operator named it; else it was found on the machine.
    pub named: bool,
    /// Where the file is. Relative paths are relative to the working directory of the pool.
    pub path: PathBuf,
}

impl FontFile {
    /// The command line argument for a worker: `--font=japanese-serif-bold-upright-found:INDEX:PATH`.
    pub(crate) fn to_argument(&self) -> OsString {
        let FontNeed {
            script,
            strokes,
            bold,
            italic,
        } = self.need;
        let weight = if bold { "bold" } else { "regular" };
        let slant = if italic { "italic" } else { "upright" };
        let origin = if self.named { "named" } else { "found" };
        let (script, strokes) = (script.code(), strokes.code());
        let mut argument = PREFIX.to_vec();
        let role = format!(
            "{script}-{strokes}-{weight}-{slant}-{origin}:{}:",
            self.index
        );
        argument.extend_from_slice(role.as_bytes());
        argument.extend_from_slice(self.path.as_os_str().as_bytes());
        OsString::from_vec(argument)
    }

    /// Reads such an argument; `None` for any other.
    pub(crate) fn from_argument(argument: &OsString) -> Option<Self> {
        let rest = argument.as_bytes().strip_prefix(PREFIX)?;
        let mut fields = rest.splitn(3, |b| *b == b':');
        let role = std::str::from_utf8(fields.next()?).ok()?;
        let index = std::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
        let path = PathBuf::from(OsString::from_vec(fields.next()?.to_vec()));
        let mut words = role.split('-');
        let word = words.next()?;
        let script = Script::ALL.into_iter().find(|of| of.code() == word)?;
        let word = words.next()?;
        let strokes = Strokes::ALL.into_iter().find(|of| of.code() == word)?;
        let mut either = |yes: &str, no: &str| match words.next() {
            Some(word) if word == yes => Some(true),
            Some(word) if word == no => Some(false),
            _ => None,
        };
        let need = FontNeed {
            script,
            strokes,
            bold: either("bold", "regular")?,
            italic: either("italic", "upright")?,
        };
        let named = either("named", "found")?;
        words.next().is_none().then_some(Self {
            need,
            index,
            named,
            path,
        })
    }
}

type Bytes = Arc<Vec<u8>>;

/// A font file that is open, and its bytes once somebody asked for them.
struct Kept {
    path: PathBuf,
    file: File,
    length: u64,
    bytes: OnceCell<Option<Bytes>>,
}

impl Kept {
    /// Opens a file and takes its length: behind the fences neither is possible any more.
    fn open(path: &Path) -> Option<Self> {
        let file = File::open(path).ok()?;
        let metadata = file.metadata().ok()?;
        let fits = metadata.is_file() && metadata.len() <= MAX_FONT_BYTES;
        fits.then(|| Self {
            path: path.to_owned(),
            file,
            length: metadata.len(),
            bytes: OnceCell::new(),
        })
    }

    /// The bytes; `None` when the file cannot be read to its end.
    fn bytes(&self) -> Option<Bytes> {
        let read = || {
            let mut bytes = vec![0; usize::try_from(self.length).ok()?];
            read_at(&self.file, &mut bytes, 0).ok()?;
            Some(Arc::new(bytes))
        };
        self.bytes.get_or_init(read).clone()
    }
}

struct Face {
    need: FontNeed,
    index: u32,
    named: bool,
    file: usize,
}

/// The fonts of a worker.
pub(crate) struct KeptFonts {
    files: Vec<Kept>,
    faces: Vec<Face>,
}

impl KeptFonts {
    /// Opens the files; those that cannot be opened are left out. A file of several faces is
    /// opened, and later read, once.
    pub(crate) fn open(fonts: &[FontFile]) -> Self {
        let mut kept = Self {
            files: Vec::new(),
            faces: Vec::new(),
        };
        for font in fonts {
            let known = kept.files.iter().position(|file| file.path == font.path);
            let file = known.or_else(|| {
                kept.files.push(Kept::open(&font.path)?);
                kept.files.len().checked_sub(1)
            });
            if let Some(file) = file {
                kept.faces.push(Face {
                    need: font.need,
                    index: font.index,
                    named: font.named,
                    file,
                });
            }
        }
        kept
    }

    /// How many faces there are.
    pub(crate) const fn len(&self) -> usize {
        self.faces.len()
    }
}

impl KeptFonts {
    fn nearest(&self, need: FontNeed) -> Option<&Face> {
        // a Japanese face can show Chinese letters, if in forms that are unusual there; a Latin one cannot
        let usable = self
            .faces
            .iter()
            .filter(|f| f.need.script.is_cjk() == need.script.is_cjk());
        usable.min_by_key(|f| distance(f.need, need))
    }
}

impl Fonts for KeptFonts {
    fn find(&self, need: FontNeed) -> Option<FontFace> {
        let face = self.nearest(need)?;
        let bytes = self.files.get(face.file)?.bytes()?;
        Some((bytes, face.index))
    }

    fn is_named(&self, need: FontNeed) -> bool {
        self.nearest(need).is_some_and(|face| face.named)
    }
}

/// How badly a face fits: the script weighs more than the strokes, these more than weight and slant.
/// Where two fit as well, the one that was named first is taken.
fn distance(face: FontNeed, need: FontNeed) -> u8 {
    let miss = |is_met: bool, weight: u8| if is_met { 0 } else { weight };
    let script = match face.script {
        of if of == need.script => 0,
        Script::Japanese => 16,
        Script::Latin | Script::Simplified | Script::Traditional | Script::Korean => 32,
    };
    // letters of one width have no serifs more often than not
    let strokes = match (face.strokes, need.strokes) {
        (of, wanted) if of == wanted => 0,
        (Strokes::Sans, Strokes::Mono) | (Strokes::Mono, Strokes::Sans) => 4,
        _ => 8,
    };
    miss(face.bold == need.bold, 2)
        .saturating_add(miss(face.italic == need.italic, 1))
        .saturating_add(script)
        .saturating_add(strokes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(script: Script, strokes: Strokes, bold: bool) -> FontNeed {
        FontNeed {
            bold,
            ..FontNeed::regular(script, strokes)
        }
    }

    #[test]
    fn arguments_come_back_and_others_are_left_alone() {
        for script in Script::ALL {
            for strokes in Strokes::ALL {
                for (bold, italic) in [(false, false), (false, true), (true, false), (true, true)] {
                    let need = need(script, strokes, bold);
                    let font = FontFile {
                        need: FontNeed { italic, ..need },
                        index: 7,
                        named: bold != italic,
                        path: PathBuf::from("/a b/明朝:1.ttc"),
                    };
                    assert_eq!(
                        FontFile::from_argument(&font.to_argument()).as_ref(),
                        Some(&font)
                    );
                }
            }
        }
        for other in [
            "worker",
            "--font=",
            "--font=japanese-sans-bold-upright-found:x:/a",
            "--font=japanese-sans-bold:0:/a",
            "--font=elvish-sans-bold-upright-found:0:/a",
            "--font=japanese-sans-bold-upright-found-more:0:/a",
            "--font=japanese-sans-bold-upright-found:0",
        ] {
            assert_eq!(
                FontFile::from_argument(&OsString::from(other)),
                None,
                "{other}"
            );
        }
    }

    #[test]
    fn the_nearest_face_is_found_and_a_missing_file_is_left_out() {
        use Script::{Japanese, Korean, Latin, Simplified};
        use Strokes::{Mono, Sans, Serif};
        let manifest = |name: &str| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
        let font = |need, index, name: &str| FontFile {
            need,
            index,
            named: false,
            path: manifest(name),
        };
        let fonts = KeptFonts::open(&[
            font(need(Latin, Sans, false), 0, "Cargo.toml"),
            font(need(Japanese, Sans, false), 3, "src/lib.rs"),
            font(need(Japanese, Serif, false), 4, "src/lib.rs"),
            font(need(Korean, Serif, true), 6, "src/lib.rs"),
            font(need(Japanese, Serif, true), 5, "no such file"),
        ]);
        assert_eq!((fonts.len(), fonts.files.len()), (4, 2));
        let index = |n| fonts.find(n).map(|(_, index)| index);
        assert_eq!(index(need(Japanese, Serif, true)), Some(4));
        assert_eq!(index(need(Japanese, Sans, true)), Some(3));
        assert_eq!(index(need(Japanese, Mono, false)), Some(3));
        assert_eq!(index(need(Simplified, Serif, true)), Some(4));
        assert_eq!(index(need(Korean, Sans, false)), Some(6));
        assert_eq!(index(need(Latin, Serif, true)), Some(0));
        let (bytes, _) = fonts.find(need(Japanese, Sans, false)).unwrap();
        let want = std::fs::read(manifest("src/lib.rs")).unwrap();
        assert_eq!((*bytes).as_ref(), want);
        let latin = font(need(Latin, Sans, false), 0, "Cargo.toml");
        let fonts = KeptFonts::open(&[latin]);
        assert!(fonts.find(need(Japanese, Sans, false)).is_none());
    }
}
