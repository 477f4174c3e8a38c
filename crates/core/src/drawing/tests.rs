//! What a drawing cannot say.

use super::*;
use crate::budget::Limits;

fn purse(bytes: u64) -> Budget {
    Budget::new(Limits {
        bytes,
        pixels: 0,
        parts: 0,
        depth: 0,
        steps: 0,
    })
}

fn square() -> Path {
    Path::new(vec![
        Segment::Move((0, 0)),
        Segment::Line((100, 0)),
        Segment::Line((100, 100)),
        Segment::Close,
    ])
    .unwrap()
}

const INK: Ink = Ink {
    rgb: [0; 3],
    mix: Mix::SOLID,
};

fn drawing(steps: Vec<Step>, budget: &Budget) -> Result<Drawing, Refusal> {
    Drawing::new((1_000, 1_000), Layer::default(), Vec::new(), steps, budget)
}

#[test]
fn outlines_begin_somewhere_and_go_on() {
    let (there, far) = ((1, 1), (MAX_PLACE + 1, 0));
    for wrong in [
        vec![Segment::Line(there)],
        vec![Segment::Close],
        vec![Segment::Move(there)],
        vec![Segment::Move(there), Segment::Close],
        vec![
            Segment::Move(there),
            Segment::Move(there),
            Segment::Line(there),
        ],
        vec![Segment::Move(far), Segment::Line(there)],
        vec![Segment::Move(there), Segment::Line(far)],
        vec![Segment::Move(there), Segment::Curve(there, far, there)],
        vec![
            Segment::Move(there),
            Segment::Line(there),
            Segment::Close,
            Segment::Line(there),
        ],
    ] {
        assert!(Path::new(wrong.clone()).is_err(), "{wrong:?}");
    }
    assert!(Path::new(Vec::new()).unwrap().is_empty());
}

#[test]
fn borders_are_opened_and_closed() {
    let budget = purse(1 << 20);
    let clip = || Step::Clip(square(), Rule::NonZero);
    assert!(drawing(vec![clip(), Step::Unclip], &budget).is_ok());
    assert!(drawing(vec![clip()], &budget).is_err());
    assert!(drawing(vec![Step::Unclip, clip()], &budget).is_err());
    let deep = |count: usize| {
        let mut steps = vec![clip(); count];
        steps.extend(vec![Step::Unclip; count]);
        drawing(steps, &budget)
    };
    assert!(deep(MAX_CLIPS).is_ok());
    assert!(deep(MAX_CLIPS + 1).is_err());
}

#[test]
fn numbers_have_ranges() {
    let budget = purse(1 << 20);
    let pen = Pen {
        width: 100,
        cap: Cap::Butt,
        join: Join::Miter,
        miter: 1_000,
        dashes: vec![3, 0],
        phase: 1,
    };
    let stroke = |pen: Pen| drawing(vec![Step::Stroke(square(), pen, INK)], &budget);
    assert!(stroke(pen.clone()).is_ok());
    for wrong in [
        Pen {
            width: u32::MAX,
            ..pen.clone()
        },
        Pen {
            miter: 99,
            ..pen.clone()
        },
        Pen {
            dashes: vec![0, 0],
            ..pen.clone()
        },
        Pen {
            dashes: vec![1; MAX_DASHES + 1],
            ..pen.clone()
        },
        Pen {
            dashes: Vec::new(),
            ..pen.clone()
        },
        Pen {
            phase: u32::MAX,
            ..pen
        },
    ] {
        assert!(stroke(wrong.clone()).is_err(), "{wrong:?}");
    }
    let glyphs = |matrix, glyphs| {
        drawing(
            vec![Step::Glyphs {
                matrix,
                ink: INK,
                glyphs,
            }],
            &budget,
        )
    };
    let placed = Placed {
        glyph: 0,
        at: (0, 0),
    };
    assert!(glyphs([1, 0, 0, 1], vec![placed]).is_ok());
    assert!(glyphs([1, 1, 1, 1], vec![placed]).is_err());
    assert!(glyphs([1, 0, 0, 1], Vec::new()).is_err());
    let far = Placed {
        at: (0, i32::MIN),
        ..placed
    };
    assert!(glyphs([1, 0, 0, 1], vec![far]).is_err());
    let empty = Step::Fill(Path::default(), Rule::NonZero, INK);
    assert!(drawing(vec![empty], &budget).is_err());
}

#[test]
fn glyphs_mean_clean_lines_or_a_blank() {
    let glyph = |meaning: &str| Glyph::new(square(), 500, meaning.to_owned());
    for good in ["", " ", "あ", "ffi", "葛\u{e0100}"] {
        assert!(glyph(good).is_ok(), "{good:?}");
    }
    let long = "x".repeat(MAX_MEANING + 1);
    for bad in ["\n", "\u{202e}", "\u{e000}", "a\tb", &long] {
        assert!(glyph(bad).is_err(), "{bad:?}");
    }
    let far = Path::new(vec![Segment::Move((0, 0)), Segment::Line((0, MAX_EM + 1))]).unwrap();
    assert!(Glyph::new(far, 0, String::new()).is_err());
    assert!(Glyph::new(Path::default(), MAX_ADVANCE + 1, String::new()).is_err());
}

#[test]
fn it_is_paid_for() {
    let steps = || vec![Step::Fill(square(), Rule::NonZero, INK)];
    let rich = purse(1 << 10);
    drawing(steps(), &rich).unwrap();
    let price = rich.spent(Resource::Bytes);
    assert!(price > 0);
    assert!(drawing(steps(), &purse(price)).is_ok());
    assert!(drawing(steps(), &purse(price - 1)).is_err());
}
