//! Font files that workers may read: opened before the confinement, read when a reader asks.

use crate::arena::read_at;
use mugai_core::Fonts;
use mugai_core::cx::{FontFace, FontNeed};
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
    /// Where the file is. Relative paths are relative to the working directory of the pool.
    pub path: PathBuf,
}

impl FontFile {
    /// The command line argument for a worker: `--font=cjk-serif-bold:INDEX:PATH`.
    pub(crate) fn to_argument(&self) -> OsString {
        let FontNeed { cjk, serif, bold } = self.need;
        let mut argument = PREFIX.to_vec();
        argument.extend_from_slice(if cjk { b"cjk" } else { b"latin" });
        argument.extend_from_slice(if serif { b"-serif" } else { b"-sans" });
        argument.extend_from_slice(if bold { b"-bold:" } else { b"-regular:" });
        argument.extend_from_slice(self.index.to_string().as_bytes());
        argument.push(b':');
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
        let mut either = |yes: &str, no: &str| match words.next() {
            Some(word) if word == yes => Some(true),
            Some(word) if word == no => Some(false),
            _ => None,
        };
        let need = FontNeed {
            cjk: either("cjk", "latin")?,
            serif: either("serif", "sans")?,
            bold: either("bold", "regular")?,
        };
        words.next().is_none().then_some(Self { need, index, path })
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

impl Fonts for KeptFonts {
    fn find(&self, need: FontNeed) -> Option<FontFace> {
        // a CJK face can show Latin text, never the other way round
        let usable = self.faces.iter().filter(|f| f.need.cjk || !need.cjk);
        let face = usable.min_by_key(|f| distance(f.need, need))?;
        let bytes = self.files.get(face.file)?.bytes()?;
        Some((bytes, face.index))
    }
}

/// How badly a face fits: the script weighs more than serifs, these more than the weight.
fn distance(face: FontNeed, need: FontNeed) -> u8 {
    let miss = |a: bool, b: bool, weight: u8| if a == b { 0 } else { weight };
    miss(face.cjk, need.cjk, 4)
        .saturating_add(miss(face.serif, need.serif, 2))
        .saturating_add(miss(face.bold, need.bold, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(cjk: bool, serif: bool, bold: bool) -> FontNeed {
        FontNeed { cjk, serif, bold }
    }

    #[test]
    fn arguments_come_back_and_others_are_left_alone() {
        for cjk in [false, true] {
            for (serif, bold) in [(false, false), (false, true), (true, false), (true, true)] {
                let font = FontFile {
                    need: need(cjk, serif, bold),
                    index: 7,
                    path: PathBuf::from("/a b/明朝:1.ttc"),
                };
                assert_eq!(
                    FontFile::from_argument(&font.to_argument()).as_ref(),
                    Some(&font)
                );
            }
        }
        for other in [
            "worker",
            "--font=",
            "--font=cjk-sans-bold:x:/a",
            "--font=cjk-sans:0:/a",
            "--font=cjk-sans-bold-more:0:/a",
            "--font=cjk-sans-bold:0",
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
        let manifest = |name: &str| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
        let font = |need, index, name: &str| FontFile {
            need,
            index,
            path: manifest(name),
        };
        let fonts = KeptFonts::open(&[
            font(need(false, false, false), 0, "Cargo.toml"),
            font(need(true, false, false), 3, "src/lib.rs"),
            font(need(true, true, false), 4, "src/lib.rs"),
            font(need(true, true, true), 5, "no such file"),
        ]);
        assert_eq!((fonts.len(), fonts.files.len()), (3, 2));
        let index = |n| fonts.find(n).map(|(_, index)| index);
        assert_eq!(index(need(true, true, true)), Some(4));
        assert_eq!(index(need(true, false, true)), Some(3));
        assert_eq!(index(need(false, false, true)), Some(0));
        let (bytes, _) = fonts.find(need(true, false, false)).unwrap();
        let want = std::fs::read(manifest("src/lib.rs")).unwrap();
        assert_eq!((*bytes).as_ref(), want);
        assert!(
            KeptFonts::open(&[])
                .find(need(false, false, false))
                .is_none()
        );
    }
}
