//! Where the pieces of several workers that share the pages of one document come together.

use crate::answer::LIE;
use mugai_core::drawing::Numbers;
use mugai_core::{Finding, FindingCode, Kind, Named, Piece, Purpose, Refusal, Sink, Treatment};
use std::cell::RefCell;

/// Findings that are counted once a document, however many of its pages show them.
const ONCE: [FindingCode; 2] = [FindingCode::PdfFontMissing, FindingCode::PdfImageBroken];

/// It takes one worker to tell whether two mean the same.
const DOUBT: Refusal = Refusal::internal("pages: counted once in a document");

/// What all of them hand over is laid here.
pub(super) struct Desk<'a> {
    sink: &'a mut dyn Sink,
    /// What is done with the document.
    treatment: Treatment,
    kind: Option<Kind>,
    /// Findings of [`ONCE`], and who had them.
    noted: Vec<(FindingCode, u16)>,
    /// Pictures and glyphs of all of them.
    numbers: Numbers,
    /// Whose piece was the last one.
    last: u16,
}

impl<'a> Desk<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink, treatment: Treatment) -> Self {
        Self {
            sink,
            treatment,
            kind: None,
            noted: Vec::new(),
            numbers: Numbers::default(),
            last: 0,
        }
    }
}

/// The way of one worker to the desk: the first says all there is to say, the others draw pages.
pub(super) struct Seat<'d, 'a> {
    desk: &'d RefCell<Desk<'a>>,
    place: u16,
    /// Pictures and glyphs of this worker, which counts its own.
    numbers: Numbers,
    /// How many there were of its own, and of all, when its turn began. What it shows it hands over in the same
    /// turn.
    start: (Numbers, Numbers),
}

impl<'d, 'a> Seat<'d, 'a> {
    pub(super) fn new(desk: &'d RefCell<Desk<'a>>, place: u16) -> Self {
        Self {
            desk,
            place,
            numbers: Numbers::default(),
            start: <(Numbers, Numbers)>::default(),
        }
    }

    /// The piece as it is when all of them count together.
    fn counted(&mut self, piece: Piece, desk: &mut Desk<'_>) -> Result<Piece, Refusal> {
        if desk.last != self.place {
            desk.last = self.place;
            self.start = (self.numbers, desk.numbers);
        }
        self.numbers = self.numbers.with(&piece).ok_or(LIE)?;
        desk.numbers = desk.numbers.with(&piece).ok_or(LIE)?;
        let (ours, theirs) = self.start;
        if ours != theirs
            && let Piece::Drawing(drawing) = piece
        {
            let drawing = drawing.renumbered(ours, self.numbers, theirs).ok_or(LIE)?;
            return Ok(Piece::Drawing(Box::new(drawing)));
        }
        Ok(piece)
    }
}

/// Whether `piece` is one of those that a page becomes.
fn is_of_page(piece: &Piece, treatment: Treatment) -> bool {
    match piece {
        Piece::Page(page) => match treatment {
            Treatment::Redraw => true,
            Treatment::Flatten | Treatment::Rebuild | Treatment::Withhold => {
                page.purpose() == Purpose::Sheet
            }
            Treatment::Text => false,
        },
        Piece::Drawing(_) => treatment == Treatment::Redraw,
        Piece::Text(_) => treatment == Treatment::Text,
        Piece::Row(_)
        | Piece::Markup(_)
        | Piece::Envelope(_)
        | Piece::Contents(_)
        | Piece::Child(_) => false,
    }
}

impl Sink for Seat<'_, '_> {
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        let mut desk = self.desk.borrow_mut();
        if self.place == 0 {
            desk.kind = Some(kind);
            return desk.sink.kind(kind);
        }
        if desk.kind == Some(kind) {
            Ok(())
        } else {
            Err(LIE)
        }
    }

    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        let desk = self.desk;
        let mut desk = desk.borrow_mut();
        if self.place > 0 && !is_of_page(&piece, desk.treatment) {
            return Err(LIE);
        }
        let piece = self.counted(piece, &mut desk)?;
        desk.sink.put(piece)
    }

    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        let mut desk = self.desk.borrow_mut();
        let code = finding.code;
        if ONCE.contains(&code) {
            if desk
                .noted
                .iter()
                .any(|(noted, place)| *noted == code && *place != self.place)
            {
                return Err(DOUBT);
            }
            desk.noted.push((code, self.place));
        }
        desk.sink.note(finding)
    }

    fn name(&mut self, named: Named) -> Result<(), Refusal> {
        if self.place > 0 {
            return Err(LIE);
        }
        self.desk.borrow_mut().sink.name(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::drawing::{Drawing, Glyph, Ink, Mix, Path, Placed, Step};
    use mugai_core::{Budget, Layer, Limits, Page, PixelFormat, Text};

    #[derive(Default)]
    struct Kept(Vec<Piece>);

    impl Sink for Kept {
        fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
            Ok(())
        }

        fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
            self.0.push(piece);
            Ok(())
        }

        fn note(&mut self, _: Finding) -> Result<(), Refusal> {
            Ok(())
        }
    }

    fn budget() -> Budget {
        Budget::new(Limits {
            bytes: 1 << 20,
            pixels: 1 << 10,
            ..Limits::NOTHING
        })
    }

    fn page(purpose: Purpose) -> Piece {
        let canvas = Page::start(1, 1, PixelFormat::Grey8, &budget()).unwrap();
        Piece::Page(canvas.with_purpose(purpose).fill(vec![7]).unwrap())
    }

    /// A page that shows these pictures and glyphs, and brings `brings` new ones.
    fn drawing(pictures: &[u32], glyphs: &[u32], brings: usize) -> Piece {
        let mix = Mix::SOLID;
        let glyph = Glyph::new(Path::default(), 500, String::from("あ")).unwrap();
        let mut steps: Vec<Step> = pictures
            .iter()
            .map(|picture| Step::Picture {
                picture: *picture,
                mask: None,
                matrix: [1, 0, 0, 1, 0, 0],
                mix,
            })
            .collect();
        let placed = |glyph: &u32| Placed {
            glyph: *glyph,
            at: (0, 0),
        };
        let rgb = [0; 3];
        steps.push(Step::Glyphs {
            matrix: [1, 0, 0, 1],
            ink: Ink { rgb, mix },
            glyphs: glyphs.iter().map(placed).collect(),
        });
        let glyphs = vec![glyph; brings];
        let drawing = Drawing::new((9, 9), Layer::default(), glyphs, steps, &budget());
        Piece::Drawing(Box::new(drawing.unwrap()))
    }

    #[test]
    fn each_counts_its_own_and_together_they_count_as_one() {
        let mut kept = Kept::default();
        let desk = RefCell::new(Desk::new(&mut kept, Treatment::Redraw));
        let (mut first, mut second) = (Seat::new(&desk, 0), Seat::new(&desk, 1));
        first.kind(Kind::Pdf).unwrap();
        second.kind(Kind::Pdf).unwrap();
        first.put(page(Purpose::Picture)).unwrap();
        first.put(drawing(&[0], &[0, 1], 2)).unwrap();
        second.put(page(Purpose::Mask)).unwrap();
        second.put(page(Purpose::Picture)).unwrap();
        second.put(drawing(&[1], &[0], 1)).unwrap();
        second.put(drawing(&[1, 0], &[0, 1], 1)).unwrap();
        first.put(page(Purpose::Picture)).unwrap();
        first.put(drawing(&[1], &[2], 1)).unwrap();
        second.put(page(Purpose::Picture)).unwrap();
        second.put(drawing(&[2], &[2, 3], 2)).unwrap();
        let drawings: Vec<Piece> = kept
            .0
            .into_iter()
            .filter(|piece| matches!(piece, Piece::Drawing(_)))
            .collect();
        let wanted = [
            drawing(&[0], &[0, 1], 2),
            drawing(&[2], &[2], 1),
            drawing(&[2, 1], &[2, 3], 1),
            drawing(&[3], &[4], 1),
            drawing(&[4], &[5, 6], 2),
        ];
        assert_eq!(drawings, wanted);
    }

    #[test]
    fn what_a_worker_shows_is_its_own_and_of_its_turn() {
        let mut kept = Kept::default();
        let desk = RefCell::new(Desk::new(&mut kept, Treatment::Redraw));
        let (mut first, mut second) = (Seat::new(&desk, 0), Seat::new(&desk, 1));
        first.put(page(Purpose::Picture)).unwrap();
        first.put(drawing(&[0], &[0], 1)).unwrap();
        // those of the other one
        assert_eq!(second.put(drawing(&[0], &[0], 1)), Err(LIE));
        second.put(page(Purpose::Picture)).unwrap();
        assert_eq!(second.put(drawing(&[1], &[1], 1)), Err(LIE));
        // those of a turn before
        first.put(page(Purpose::Picture)).unwrap();
        assert_eq!(first.put(drawing(&[0], &[1], 1)), Err(LIE));
    }

    #[test]
    fn who_helps_hands_over_what_pages_become() {
        let text = || Piece::Text(Text::clean("文").0);
        let cases = [
            (Treatment::Flatten, page(Purpose::Sheet), true),
            (Treatment::Flatten, page(Purpose::Picture), false),
            (Treatment::Flatten, drawing(&[], &[0], 1), false),
            (Treatment::Flatten, text(), false),
            (Treatment::Redraw, page(Purpose::Sheet), true),
            (Treatment::Redraw, page(Purpose::Stencil), true),
            (Treatment::Redraw, drawing(&[], &[0], 1), true),
            (Treatment::Redraw, text(), false),
            (Treatment::Text, text(), true),
            (Treatment::Text, page(Purpose::Sheet), false),
        ];
        for (treatment, piece, is_taken) in cases {
            let mut kept = Kept::default();
            let desk = RefCell::new(Desk::new(&mut kept, treatment));
            let put = Seat::new(&desk, 1).put(piece.clone());
            let expected = if is_taken { Ok(()) } else { Err(LIE) };
            assert_eq!(put, expected, "{treatment:?} {piece:?}");
        }
    }
}
