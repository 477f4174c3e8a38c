//! The pool of workers, with the fonts that this machine has for text whose own font is missing.

use crate::suite;
use fontdb::{Database, Family, Query, Source, Stretch, Style, Weight};
use mugai_core::cx::FontNeed;
use mugai_engine::Policy;
use mugai_isolate::{Config, FontFile, Pool};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Japanese faces that are customary on Linux, the best first.
const GOTHIC: [&str; 8] = [
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "BIZ UDGothic",
    "IPAexGothic",
    "IPAGothic",
    "TakaoGothic",
    "VL Gothic",
    "Droid Sans Fallback",
];
const MINCHO: [&str; 6] = [
    "Noto Serif CJK JP",
    "Noto Serif JP",
    "BIZ UDMincho",
    "IPAexMincho",
    "IPAMincho",
    "TakaoMincho",
];

/// Latin faces, for drawings that name a font without Japanese letters.
const SANS: [&str; 4] = ["Liberation Sans", "Arial", "DejaVu Sans", "Noto Sans"];
const SERIF: [&str; 4] = [
    "Liberation Serif",
    "Times New Roman",
    "DejaVu Serif",
    "Noto Serif",
];

/// A pool for `jobs` files at a time.
pub(crate) fn pool(
    policy: &Policy,
    from: &str,
    to: &str,
    jobs: usize,
    given: &[PathBuf],
) -> Result<Pool, String> {
    let deadline = policy
        .route(from, to)
        .map_or(Duration::from_secs(10), |route| route.deadline);
    pool_within(deadline, jobs, given)
}

/// A pool for `jobs` files at a time, each part of which may take `deadline`.
pub(crate) fn pool_within(
    deadline: Duration,
    jobs: usize,
    given: &[PathBuf],
) -> Result<Pool, String> {
    let fonts = if given.is_empty() {
        installed()
    } else {
        chosen(given)?
    };
    let config = Config {
        workers: jobs,
        deadline,
        fonts,
        converter: suite::find(deadline),
        ..Config::default()
    };
    Pool::new(config).map_err(|error| error.to_string())
}

/// The fonts of this machine.
fn installed() -> Vec<FontFile> {
    let mut database = Database::new();
    database.load_system_fonts();
    let mut fonts = Vec::new();
    for (cjk, serif, names) in [
        (true, false, &GOTHIC[..]),
        (true, true, &MINCHO[..]),
        (false, false, &SANS[..]),
        (false, true, &SERIF[..]),
    ] {
        for bold in [false, true] {
            let families: Vec<Family<'_>> = names.iter().map(|name| Family::Name(name)).collect();
            let query = Query {
                families: &families,
                weight: if bold { Weight::BOLD } else { Weight::NORMAL },
                stretch: Stretch::Normal,
                style: Style::Normal,
            };
            let face = database.query(&query).and_then(|id| database.face(id));
            if let Some((path, index)) = face.and_then(|face| file(&face.source, face.index)) {
                fonts.push(FontFile {
                    need: FontNeed { cjk, serif, bold },
                    index,
                    path,
                });
            }
        }
    }
    fonts
}

fn file(source: &Source, index: u32) -> Option<(PathBuf, u32)> {
    match source {
        Source::File(path) | Source::SharedFile(path, _) => Some((path.clone(), index)),
        Source::Binary(_) => None,
    }
}

/// Fonts that were named: each serves for text of any kind, the first for 明朝 too.
fn chosen(given: &[PathBuf]) -> Result<Vec<FontFile>, String> {
    given.iter().map(|path| one(path)).collect()
}

fn one(path: &Path) -> Result<FontFile, String> {
    let mut database = Database::new();
    database
        .load_font_file(path)
        .map_err(|error| format!("font {}: {error}", path.display()))?;
    let face = database
        .faces()
        .next()
        .ok_or_else(|| format!("font {}: no face in it", path.display()))?;
    let name = face.families.first().map_or("", |(name, _)| name);
    let serif = ["Mincho", "Serif", "明朝"]
        .iter()
        .any(|word| name.contains(word));
    let bold = face.weight >= Weight::BOLD;
    Ok(FontFile {
        need: FontNeed {
            cjk: true,
            serif,
            bold,
        },
        index: face.index,
        path: path.to_owned(),
    })
}
