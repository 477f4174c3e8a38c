//! A package of records that is put together by a recipe.

use super::*;
use mugai_core::{Assignment, Budget, Hints, Limits, NoFonts, Params, Piece, Treatments};
use mugai_testkit::show::Tape;

fn read(file: &[u8], treatment: Treatment) -> (Result<(), Refusal>, Tape) {
    let limits = Limits {
        bytes: 1 << 24,
        pixels: 0,
        parts: 0,
        depth: 0,
        steps: 1 << 22,
    };
    let assignment = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing().with(Family::Sheet, treatment),
        limits,
        params: Params::default(),
    };
    let budget = Budget::new(limits);
    let mut tape = Tape::default();
    let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
    let result = Xlsb.open(file, &mut cx);
    cx.flush().unwrap();
    (result, tape)
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
        let limits = Limits {
            bytes: 1 << 20,
            pixels: 0,
            parts: 0,
            depth: 0,
            steps: 1 << 20,
        };
        let assignment = Assignment {
            hints: Hints::default(),
            treatments: Treatments::nothing(),
            limits,
            params: Params::default(),
        };
        let budget = Budget::new(limits);
        let mut tape = Tape::default();
        let cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
        assert_eq!(records::strings(bytes, &cx).is_ok(), good, "{bytes:?}");
    }
}
