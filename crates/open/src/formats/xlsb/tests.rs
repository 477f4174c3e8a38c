//! A package of records that is put together by a recipe.

use super::*;
use mugai_core::{Hints, Piece, Treatments};
use mugai_testkit::show::{Tape, taped};

fn read(file: &[u8], treatment: Treatment) -> (Result<(), Refusal>, Tape) {
    let treatments = Treatments::nothing().with(Family::Sheet, treatment);
    taped(treatments, Hints::default(), |cx| Xlsb.open(file, cx))
}

fn case() -> Vec<u8> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata");
    let recipe = root.join("xlsb/good/make.toml");
    mugai_testkit::make::file(&recipe, &root).unwrap().0
}

#[test]
fn values_as_they_are_shown() {
    let (result, tape) = read(&case(), Treatment::Text);
    assert_eq!(result, Ok(()));
    let [Piece::Text(text)] = tape.pieces.as_slice() else {
        panic!("{:?}", tape.pieces)
    };
    assert_eq!(
        text.as_str(),
        "[集計]\n品名\t1,500\nTRUE\t令和6年6月1日\n結果\n\n"
    );
}

#[test]
fn a_book_is_written_anew_and_accepted() {
    let (result, tape) = read(&case(), Treatment::Rebuild);
    assert_eq!(result, Ok(()));
    let parts: Vec<_> = tape
        .pieces
        .into_iter()
        .map(|piece| {
            let Piece::Markup(part) = piece else {
                panic!("{piece:?}")
            };
            part
        })
        .collect();
    let draft = mugai_emit::ooxml::document(&parts, &[]).unwrap();
    mugai_verify::verify(draft, &[]).unwrap();
}

#[test]
fn records_that_end_early_are_refused() {
    for (bytes, good) in [
        (&b""[..], true),
        (b"\x05", false),
        (b"\x05\x00", true),
        (b"\x05\x02\x00", false),
        (b"\x85", false),
        (b"\x05\xff\xff\xff\x7f", false),
    ] {
        let (strings, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
            records::strings(bytes, cx).is_ok()
        });
        assert_eq!(strings, good, "{bytes:?}");
    }
}
