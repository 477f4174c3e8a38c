//! How long parts take to be opened.

use mugai_core::{
    Assignment, Budget, Finding, Kind, Named, Opener, Patience, Piece, Refusal, Request, Sink,
    Untrusted,
};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A part that was opened, or tried to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// What it was recognised as; `None` when its reader was lost before.
    pub kind: Option<Kind>,
    /// Its size, in bytes.
    pub bytes: u64,
    /// When work on it began. Of parts that went to a worker together each begins where the one
    /// before it ended.
    pub began: Instant,
    /// When the last of it was there.
    pub ended: Instant,
}

/// An opener that looks at the clock; it changes nothing else.
pub struct Watch<'a> {
    opener: &'a (dyn Opener + Send + Sync),
    openings: Mutex<Vec<Opening>>,
}

/// The most parts of one job whose times are kept.
const MOST: usize = 4096;

impl<'a> Watch<'a> {
    /// Watches `opener` for one job.
    #[must_use]
    pub const fn new(opener: &'a (dyn Opener + Send + Sync)) -> Self {
        Self {
            opener,
            openings: Mutex::new(Vec::new()),
        }
    }

    /// What was opened, in that order; of a job with very many parts the first 4096.
    #[must_use]
    pub fn openings(self) -> Vec<Opening> {
        let openings = self.openings.into_inner();
        openings.unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, opening: Opening) {
        let mut openings = self.openings.lock().unwrap_or_else(PoisonError::into_inner);
        if openings.len() < MOST {
            openings.push(opening);
        }
    }
}

impl Opener for Watch<'_> {
    fn open(&self, request: Request<'_>, patience: Patience<'_>) -> Result<(), Refusal> {
        let mut part = Timed::of(request);
        let began = Instant::now();
        let result = self.opener.open(part.request(), patience);
        self.keep(part.opening(began, Instant::now()));
        result
    }

    fn open_all(
        &self,
        requests: Vec<Request<'_>>,
        patience: Patience<'_>,
    ) -> Vec<Result<(), Refusal>> {
        let mut parts: Vec<Timed<'_>> = requests.into_iter().map(Timed::of).collect();
        let mut began = Instant::now();
        let requests = parts.iter_mut().map(Timed::request).collect();
        let results = self.opener.open_all(requests, patience);
        let over = Instant::now();
        let last = parts.len().saturating_sub(1);
        for (number, part) in parts.iter().enumerate() {
            let heard = if number == last { None } else { part.heard };
            let ended = heard.unwrap_or(over).max(began);
            self.keep(part.opening(began, ended));
            began = ended;
        }
        results
    }

    fn behind(&self) -> Option<&dyn Opener> {
        Some(self.opener)
    }
}

/// A request, and what was heard of it.
struct Timed<'a> {
    input: &'a Untrusted,
    assignment: &'a Assignment,
    budget: &'a Budget,
    sink: &'a mut dyn Sink,
    kind: Option<Kind>,
    heard: Option<Instant>,
}

impl<'a> Timed<'a> {
    fn of(request: Request<'a>) -> Self {
        let Request {
            input,
            assignment,
            budget,
            sink,
        } = request;
        Self {
            input,
            assignment,
            budget,
            sink,
            kind: None,
            heard: None,
        }
    }

    fn request(&mut self) -> Request<'_> {
        Request {
            input: self.input,
            assignment: self.assignment,
            budget: self.budget,
            sink: self,
        }
    }

    fn opening(&self, began: Instant, ended: Instant) -> Opening {
        Opening {
            kind: self.kind,
            bytes: u64::try_from(self.input.len()).unwrap_or(u64::MAX),
            began,
            ended,
        }
    }
}

impl Sink for Timed<'_> {
    fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
        self.kind = Some(kind);
        self.heard = Some(Instant::now());
        self.sink.kind(kind)
    }

    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        let put = self.sink.put(piece);
        self.heard = Some(Instant::now());
        put
    }

    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.sink.note(finding)
    }

    fn name(&mut self, named: Named) -> Result<(), Refusal> {
        self.sink.name(named)
    }

    fn begin_again(&mut self) -> bool {
        self.sink.begin_again()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{
        Conversion, Hints, Limits, Params, Spool, Spooled, Treatments, WorkerFigures,
    };

    /// Recognises everything as text, and refuses what is empty.
    struct Texts;

    impl Opener for Texts {
        fn open(&self, request: Request<'_>, _: Patience<'_>) -> Result<(), Refusal> {
            if request.input.is_empty() {
                return Err(Refusal::malformed("test: empty"));
            }
            request.sink.kind(Kind::Plain)
        }
    }

    struct Kinds(Vec<Kind>);

    impl Sink for Kinds {
        fn kind(&mut self, kind: Kind) -> Result<(), Refusal> {
            self.0.push(kind);
            Ok(())
        }

        fn put(&mut self, _: Piece) -> Result<(), Refusal> {
            Ok(())
        }

        fn note(&mut self, _: Finding) -> Result<(), Refusal> {
            Ok(())
        }
    }

    /// Answers each question in a way of its own.
    struct Telling;

    impl Opener for Telling {
        fn open(&self, _: Request<'_>, _: Patience<'_>) -> Result<(), Refusal> {
            Err(Refusal::malformed("test: opened"))
        }

        fn convert(
            &self,
            _: &Untrusted,
            _: Conversion,
            _: u64,
            _: Patience<'_>,
        ) -> Result<Untrusted, Refusal> {
            Err(Refusal::malformed("test: converted"))
        }

        fn check(&self, _: &[u8], _: &[&Spooled], _: Patience<'_>) -> Option<Result<(), Refusal>> {
            Some(Err(Refusal::malformed("test: checked")))
        }

        fn spool(&self) -> Spool {
            Spool::new(std::sync::Arc::new(Nowhere))
        }

        fn has_all_fences(&self) -> bool {
            false
        }

        fn has_groups(&self) -> bool {
            false
        }

        fn figures(&self) -> Option<WorkerFigures> {
            Some(WorkerFigures::default())
        }
    }

    #[derive(Debug)]
    struct Nowhere;

    impl mugai_core::SpoolFolder for Nowhere {
        fn create(&self) -> Option<std::sync::Arc<dyn mugai_core::SpoolFile>> {
            None
        }
    }

    /// What is not handed on is answered by whoever asks: drafts would be checked in the very process that they must
    /// not be checked in.
    #[test]
    fn whoever_is_watched_answers_everything() {
        let watch = Watch::new(&Telling);
        let wait = Patience::default();
        let checked = watch.check(b"", &[], wait);
        assert_eq!(checked, Some(Err(Refusal::malformed("test: checked"))));
        let conversion = Conversion::into_pages(Kind::Word).unwrap();
        let converted = watch.convert(&Untrusted::default(), conversion, 1, wait);
        assert_eq!(converted, Err(Refusal::malformed("test: converted")));
        assert!(!watch.has_all_fences());
        assert!(!watch.has_groups());
        assert!(watch.figures().is_some());
        assert!(format!("{:?}", watch.spool()).contains("Nowhere"));
    }

    #[test]
    fn it_looks_at_the_clock_and_changes_nothing() {
        let limits = Limits {
            bytes: 1,
            pixels: 1,
            parts: 1,
            depth: 1,
            steps: 1,
        };
        let assignment = Assignment {
            hints: Hints::default(),
            treatments: Treatments::nothing(),
            limits,
            params: Params::default(),
        };
        let budget = Budget::new(limits);
        let inputs = ["abc", "", "de"].map(|text| Untrusted::new(text.into()));
        let mut sinks = [Kinds(vec![]), Kinds(vec![]), Kinds(vec![])];
        let requests = inputs.iter().zip(&mut sinks).map(|(input, sink)| Request {
            input,
            assignment: &assignment,
            budget: &budget,
            sink,
        });
        let watch = Watch::new(&Texts);
        let ends = watch.open_all(requests.collect(), Patience::default());
        assert_eq!(
            ends.iter().map(Result::is_ok).collect::<Vec<_>>(),
            [true, false, true]
        );
        assert_eq!(sinks.map(|sink| sink.0.len()), [1, 0, 1]);
        let openings = watch.openings();
        let told: Vec<_> = openings.iter().map(|o| (o.kind, o.bytes)).collect();
        let text = Some(Kind::Plain);
        assert_eq!(told, [(text, 3), (None, 0), (text, 2)]);
        for (one, next) in openings.iter().zip(openings.iter().skip(1)) {
            assert!(one.began <= one.ended && one.ended <= next.began);
        }
    }
}
