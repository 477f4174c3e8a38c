//! Pictures from end to end: reader, writer, checker.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests: a panic is a failure"
)]

#[path = "images/corpus.rs"]
mod corpus;
#[path = "images/findings.rs"]
mod findings;
#[path = "images/hostile.rs"]
mod hostile;
#[path = "images/made.rs"]
mod made;

use mugai_core::{
    Animation, Assignment, Budget, Family, Finding, FindingCode, Hints, Kind, Limits, Opener, Page,
    Params, Piece, Refusal, Resource, Sink, Treatment, Treatments, Untrusted,
};
use mugai_open::InProcess;

/// What came of a file.
#[derive(Debug)]
struct Opened {
    result: Result<(), Refusal>,
    pages: Vec<Page>,
    findings: Vec<FindingCode>,
    spent_bytes: u64,
}

#[derive(Default)]
struct Collected {
    pages: Vec<Page>,
    findings: Vec<FindingCode>,
}

impl Sink for Collected {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }

    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        match piece {
            Piece::Page(page) => self.pages.push(page),
            other @ (Piece::Text(_)
            | Piece::Row(_)
            | Piece::Markup(_)
            | Piece::Drawing(_)
            | Piece::Contents(_)
            | Piece::Envelope(_)
            | Piece::Child(_)) => {
                panic!("a reader of pictures put {other:?}")
            }
        }
        Ok(())
    }

    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.findings.push(finding.code);
        Ok(())
    }
}

const LIMITS: Limits = Limits {
    bytes: 256 << 20,
    pixels: 100_000_000,
    parts: 10,
    depth: 3,
    steps: 500_000_000,
};

fn open(bytes: &[u8]) -> Opened {
    open_with(bytes, Animation::First)
}

fn open_with(bytes: &[u8], animation: Animation) -> Opened {
    open_as(bytes, animation, Hints::default())
}

fn open_as(bytes: &[u8], animation: Animation, hints: Hints) -> Opened {
    let assignment = Assignment {
        hints,
        treatments: Treatments::nothing().with(Family::Image, Treatment::Flatten),
        limits: LIMITS,
        params: Params {
            animation,
            ..Params::default()
        },
    };
    let budget = Budget::new(LIMITS);
    let mut sink = Collected::default();
    let input = Untrusted::new(bytes.to_vec());
    let result = InProcess::<mugai_core::NoFonts>::default().open(
        mugai_core::Request {
            input: &input,
            assignment: &assignment,
            budget: &budget,
            sink: &mut sink,
        },
        mugai_core::Patience::default(),
    );
    Opened {
        result,
        pages: sink.pages,
        findings: sink.findings,
        spent_bytes: budget.spent(Resource::Bytes),
    }
}

/// The file that is delivered for one page.
fn delivered(page: &Page) -> Vec<u8> {
    fn no_document() -> Box<dyn mugai_core::Writer> {
        panic!("one page is no document")
    }
    let mut writer = mugai_emit::image::writer(no_document);
    writer.put(Piece::Page(page.clone())).unwrap();
    let verified = mugai_verify::verify(writer.finish().unwrap(), &[]).unwrap();
    verified.load().unwrap().to_vec()
}
