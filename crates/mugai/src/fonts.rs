//! The fonts that stand in for those that documents do not bring.
//!
//! The order is told in `docs/formats/pdf.md`: what the operator named (files and folders), what the machine
//! has, what is built in.

use fontdb::{Database, FaceInfo, Family, Query, Source, Stretch, Style, Weight};
use mugai_core::cx::{FontNeed, Script, Strokes};
use mugai_isolate::FontFile;
use skrifa::MetadataProvider as _;
use skrifa::raw::FontRef;
use std::path::{Path, PathBuf};

/// Families that are customary on Linux, and those that documents name, the best first. Latin ones are as wide
/// as Arial, Times New Roman and Courier New.
const FAMILIES: [(Script, Strokes, &[&str]); 11] = [
    (
        Script::Japanese,
        Strokes::Sans,
        &[
            "Noto Sans CJK JP",
            "Noto Sans JP",
            "Source Han Sans JP",
            "BIZ UDGothic",
            "IPAexGothic",
            "IPAGothic",
            "TakaoGothic",
            "VL Gothic",
            "Droid Sans Fallback",
        ],
    ),
    (
        Script::Japanese,
        Strokes::Serif,
        &[
            "Noto Serif CJK JP",
            "Noto Serif JP",
            "Source Han Serif JP",
            "BIZ UDMincho",
            "IPAexMincho",
            "IPAMincho",
            "TakaoMincho",
        ],
    ),
    (
        Script::Simplified,
        Strokes::Sans,
        &["Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Zen Hei"],
    ),
    (
        Script::Simplified,
        Strokes::Serif,
        &["Noto Serif CJK SC", "Noto Serif SC", "AR PL UMing CN"],
    ),
    (
        Script::Traditional,
        Strokes::Sans,
        &["Noto Sans CJK TC", "Noto Sans TC", "Noto Sans CJK HK"],
    ),
    (
        Script::Traditional,
        Strokes::Serif,
        &["Noto Serif CJK TC", "Noto Serif TC", "AR PL UMing TW"],
    ),
    (
        Script::Korean,
        Strokes::Sans,
        &["Noto Sans CJK KR", "Noto Sans KR", "NanumGothic"],
    ),
    (
        Script::Korean,
        Strokes::Serif,
        &["Noto Serif CJK KR", "Noto Serif KR", "NanumMyeongjo"],
    ),
    (
        Script::Latin,
        Strokes::Sans,
        &["Liberation Sans", "Arimo", "Arial", "DejaVu Sans"],
    ),
    (
        Script::Latin,
        Strokes::Serif,
        &[
            "Liberation Serif",
            "Tinos",
            "Times New Roman",
            "DejaVu Serif",
        ],
    ),
    (
        Script::Latin,
        Strokes::Mono,
        &[
            "Liberation Mono",
            "Cousine",
            "Courier New",
            "DejaVu Sans Mono",
        ],
    ),
];
/// Endings of font files.
const ENDINGS: [&str; 4] = ["ttf", "otf", "ttc", "otc"];

/// The faces that workers may use: the `given` ones, and those of the machine for scripts that these lack.
pub(crate) fn all(given: &[PathBuf]) -> Result<Vec<FontFile>, String> {
    let mut fonts = Vec::new();
    for path in given {
        fonts.extend(named(path)?);
    }
    let is_named = |script| fonts.iter().any(|font| font.need.script == script);
    let lacking: Vec<Script> = Script::ALL
        .into_iter()
        .filter(|script| !is_named(*script))
        .collect();
    fonts.extend(installed(&lacking));
    Ok(fonts)
}

/// The fonts of this machine for `scripts`.
fn installed(scripts: &[Script]) -> Vec<FontFile> {
    let mut database = Database::new();
    database.load_system_fonts();
    let mut fonts: Vec<FontFile> = Vec::new();
    for (script, strokes, names) in FAMILIES {
        if !scripts.contains(&script) {
            continue;
        }
        let families: Vec<Family<'_>> = names.iter().map(|name| Family::Name(name)).collect();
        for (bold, italic) in [(false, false), (true, false), (false, true), (true, true)] {
            let query = Query {
                families: &families,
                weight: if bold { Weight::BOLD } else { Weight::NORMAL },
                stretch: Stretch::Normal,
                style: if italic { Style::Italic } else { Style::Normal },
            };
            let face = database.query(&query).and_then(|id| database.face(id));
            let Some((face, (path, index))) =
                face.and_then(|face| Some((face, file(&face.source, face.index)?)))
            else {
                continue;
            };
            // what the face is, and not what was asked for
            let need = FontNeed {
                script,
                strokes,
                bold: face.weight >= Weight::SEMIBOLD,
                italic: face.style != Style::Normal,
            };
            if !fonts.iter().any(|font| font.need == need) {
                fonts.push(FontFile {
                    need,
                    index,
                    named: false,
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

/// The faces of a file, or of the files of a folder, that was named.
fn named(path: &Path) -> Result<Vec<FontFile>, String> {
    let failed = |error: std::io::Error| format!("font {}: {error}", path.display());
    if !path.is_dir() {
        return faces(path);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let ending = file.extension().unwrap_or_default().to_ascii_lowercase();
        if ENDINGS.iter().any(|known| ending == *known) {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(format!("font {}: no font in this folder", path.display()));
    }
    // the order decides where two faces are alike
    files.sort();
    let mut found = Vec::new();
    for file in files {
        found.extend(faces(&file)?);
    }
    Ok(found)
}

fn faces(path: &Path) -> Result<Vec<FontFile>, String> {
    let mut database = Database::new();
    database
        .load_font_file(path)
        .map_err(|error| format!("font {}: {error}", path.display()))?;
    let found: Vec<FontFile> = database
        .faces()
        .map(|face| FontFile {
            need: need(&database, face),
            index: face.index,
            named: true,
            path: path.to_owned(),
        })
        .collect();
    if found.is_empty() {
        return Err(format!("font {}: no face in it", path.display()));
    }
    Ok(found)
}

/// What a face is good for, by its name and its letters.
fn need(database: &Database, face: &FaceInfo) -> FontNeed {
    let names = || face.families.iter().map(|(name, _)| name.as_str());
    let is_called =
        |words: &[&str]| names().any(|name| words.iter().any(|word| name.contains(word)));
    let has = |c: char| {
        let found = database.with_face_data(face.id, |bytes, index| {
            let font = FontRef::from_index(bytes, index).ok()?;
            font.charmap().map(c)
        });
        found.flatten().is_some()
    };
    let script = if is_called(&["CJK SC", " SC"]) {
        Script::Simplified
    } else if is_called(&["CJK TC", "CJK HK", " TC", " HK"]) {
        Script::Traditional
    } else if is_called(&["CJK KR", " KR"]) {
        Script::Korean
    } else if has('あ') && has('県') {
        Script::Japanese
    } else if has('한') {
        Script::Korean
    } else if has('们') {
        Script::Simplified
    } else if has('們') {
        Script::Traditional
    } else {
        Script::Latin
    };
    let strokes = if !script.is_cjk() && (face.monospaced || is_called(&["Mono", "Courier"])) {
        Strokes::Mono
    } else if is_called(&["Sans", "Gothic", "ゴシック"]) {
        Strokes::Sans
    } else if is_called(&[
        "Mincho", "Serif", "明朝", "Times", "Song", "Ming", "Batang", "Myeongjo",
    ]) {
        Strokes::Serif
    } else {
        Strokes::Sans
    };
    FontNeed {
        script,
        strokes,
        bold: face.weight >= Weight::SEMIBOLD,
        italic: face.style != Style::Normal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_as_good_as_its_files_and_an_empty_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(all(&[folder.path().to_owned()]).is_err());
        assert!(all(&[folder.path().join("none.ttf")]).is_err());
        let gothic = Path::new("/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf");
        let mincho = Path::new("/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf");
        if !gothic.exists() || !mincho.exists() {
            crate::say::say!("skipped: the IPAex fonts are not installed");
            return;
        }
        std::fs::copy(gothic, folder.path().join("b.ttf")).unwrap();
        std::fs::copy(mincho, folder.path().join("a.TTF")).unwrap();
        std::fs::write(folder.path().join("readme.txt"), "no font").unwrap();
        let fonts = all(&[folder.path().to_owned()]).unwrap();
        let needs: Vec<FontNeed> = fonts.iter().take(2).map(|font| font.need).collect();
        let face = |strokes| FontNeed::regular(Script::Japanese, strokes);
        assert_eq!(needs, [face(Strokes::Serif), face(Strokes::Sans)]);
        // those of the machine only for what these lack
        let mut others = fonts.iter().skip(2);
        assert!(others.all(|font| !font.named && font.need.script != Script::Japanese));
    }
}
