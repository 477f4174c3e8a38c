//! Real files of a folder that is not part of this repository.

use super::*;

/// Extensions of which every file in the corpus is what it is called.
const HONEST: &[(&str, Kind)] = &[
    ("png", Kind::Png),
    ("jpg", Kind::Jpeg),
    ("gif", Kind::Gif),
    ("tif", Kind::Tiff),
    ("tiff", Kind::Tiff),
    ("webp", Kind::Webp),
    ("pdf", Kind::Pdf),
    ("docx", Kind::Word),
    ("xlsx", Kind::Sheet),
    ("pptx", Kind::Slides),
    ("odt", Kind::OpenText),
    ("ods", Kind::OpenSheet),
    ("doc", Kind::Doc),
    ("rtf", Kind::Rtf),
    ("lzh", Kind::Lha),
    ("7z", Kind::SevenZip),
    ("rar", Kind::Rar),
    ("zip", Kind::Zip),
    ("cab", Kind::Cab),
    ("eml", Kind::Mail),
];

#[test]
fn real_files_are_what_they_are_called() {
    let folder = std::env::var_os("MUGAI_CORPUS").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        Into::into,
    );
    let Ok(kinds) = std::fs::read_dir(&folder) else {
        println!("skipped: no corpus (set MUGAI_CORPUS)");
        return;
    };
    let (mut right, mut wrong) = (0u32, Vec::new());
    for file in kinds
        .flatten()
        .filter_map(|kind| std::fs::read_dir(kind.path()).ok())
        .flatten()
        .flatten()
    {
        let path = file.path();
        let Some(extension) = path.extension().and_then(|e| e.to_str()) else {
            continue;
        };
        let Ok(token) = std::fs::read(&path) else {
            continue;
        };
        let Some((_, want)) = HONEST.iter().find(|(ext, _)| *ext == extension) else {
            continue;
        };
        match look(&token, hints("", extension)).0 {
            Ok(kind) if kind == *want => right += 1,
            other => wrong.push(format!("{}: {other:?}", path.display())),
        }
    }
    println!("{right} right, others:\n{}", wrong.join("\n"));
    // fuzzed and deliberately misnamed files are among them
    assert!(usize::try_from(right).unwrap() > wrong.len() * 10);
}
