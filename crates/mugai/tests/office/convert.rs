//! Documents that are drawn, and old ones that are made modern, with something else in the place of
//! the office suite: whatever it answers, nothing of it comes through unopened.

use crate::check::{CANARY, Format, SEEN, carries, mail};
use crate::constructs::CONSTRUCTS;
use crate::package;
use mugai_core::{
    Conversion, Kind, NO_CONVERTER, NoFonts, Opener, Patience, Refusal, Request, SafeName, Target,
    Untrusted,
};
use mugai_engine::{Order, Outcome, Policy, Verdict, sanitise};
use mugai_open::InProcess;
use mugai_testkit::pdf::PdfFile;
use std::sync::Mutex;

/// A suite that gives the same answer whatever it is asked, and notes what it was asked.
struct Suite {
    answer: Vec<u8>,
    asked: Mutex<Vec<(Kind, Kind, Vec<u8>)>>,
    readers: InProcess<NoFonts>,
}

impl Suite {
    fn of(answer: &[u8]) -> Self {
        Self {
            answer: answer.to_vec(),
            asked: Mutex::default(),
            readers: InProcess::default(),
        }
    }

    fn asked(&self) -> Vec<(Kind, Kind, Vec<u8>)> {
        std::mem::take(&mut *self.asked.lock().expect("nobody panics"))
    }
}

impl Opener for Suite {
    fn open(&self, request: Request<'_>, patience: Patience<'_>) -> Result<(), Refusal> {
        self.readers.open(request, patience)
    }

    fn convert(
        &self,
        document: &Untrusted,
        conversion: Conversion,
        _limit: u64,
        _patience: Patience<'_>,
    ) -> Result<Untrusted, Refusal> {
        self.asked.lock().expect("nobody panics").push((
            conversion.from(),
            conversion.into(),
            document.load().expect("its bytes").to_vec(),
        ));
        if self.answer.is_empty() {
            return Err(NO_CONVERTER);
        }
        Ok(Untrusted::new(self.answer.clone()))
    }
}

/// The preset with these treatments of office documents.
fn policy(documents: &str, old: &str) -> Policy {
    let [(_, preset), ..] = mugai_engine::policy::PRESETS;
    let mut text = preset.replace("office = \"text\"", &format!("office = \"{old}\""));
    for family in ["word", "sheet", "slides"] {
        let as_it_is = format!("{family} = \"rebuild\"");
        text = text.replace(&as_it_is, &format!("{family} = \"{documents}\""));
    }
    Policy::parse(&text).expect("a policy")
}

fn run(input: Vec<u8>, name: &str, policy: &Policy, opener: &dyn Opener) -> Outcome {
    sanitise(
        Order {
            input: Untrusted::new(input),
            name: SafeName::clean(name).0,
            label: name.to_owned(),
            policy,
            from: "internet",
            to: "lgwan",
            passwords: &[],
            patience: Patience::default(),
        },
        opener,
    )
}

fn pages() -> Vec<u8> {
    let mut file = PdfFile::new();
    file.page("", "0 0 1 rg 20 20 100 50 re f");
    file.with_catalog("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")
        .bytes()
}

fn rtf() -> Vec<u8> {
    format!("{{\\rtf1\\ansi {SEEN}\\par}}").into_bytes()
}

fn targets(outcome: &Outcome) -> Vec<Target> {
    match &outcome.verdict {
        Verdict::Sanitised(outputs) => outputs.iter().map(|output| output.file.target()).collect(),
        Verdict::Withheld(_) => Vec::new(),
    }
}

fn told(outcome: &Outcome, code: &str) -> bool {
    let mut findings = outcome.report.parts.iter().flat_map(|part| &part.findings);
    findings.any(|finding| finding.code == code)
}

#[test]
fn what_is_drawn_was_rebuilt_before_and_its_pages_are_pixels() {
    let flatten = policy("flatten", "flatten");
    let suite = Suite::of(&pages());
    for construct in CONSTRUCTS {
        for (format, kind) in [
            (Format::Docx, Kind::Word),
            (Format::Xlsx, Kind::Sheet),
            (Format::Pptx, Kind::Slides),
        ] {
            let Some(document) = package::document(construct, format) else {
                continue;
            };
            let name = format!("{}.{}", construct.name, format.code());
            let outcome = run(document, &name, &flatten, &suite);
            assert_eq!(targets(&outcome), [Target::Pdf], "{name}");
            assert!(told(&outcome, "office.converted"), "{name}");
            let asked = suite.asked();
            let [(from, into, given)] = asked.as_slice() else {
                panic!("{name}: asked {} times", asked.len());
            };
            assert_eq!((*from, *into), (kind, Kind::Pdf), "{name}");
            let target = mugai_verify::check_any(given).expect("the suite gets a file of ours");
            assert_eq!(target.extension(), format.code(), "{name}");
            let canary = given
                .windows(CANARY.len())
                .any(|at| at == CANARY.as_bytes());
            assert!(!canary, "{name}");
        }
    }
}

#[test]
fn old_documents_are_drawn_and_made_modern() {
    let flatten = policy("flatten", "flatten");
    let suite = Suite::of(&pages());
    let outcome = run(rtf(), "letter.rtf", &flatten, &suite);
    assert_eq!(targets(&outcome), [Target::Pdf]);
    let asked = suite.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(
        asked.first().map(|(from, into, _)| (*from, *into)),
        Some((Kind::Rtf, Kind::Pdf))
    );
    let root = outcome.report.parts.first().expect("a part");
    assert_eq!((root.kind, root.treatment), ("rtf", "flatten"));

    // what the suite makes may be as hostile as anything
    let rebuild = policy("rebuild", "rebuild");
    for construct in CONSTRUCTS {
        let Some(document) = package::document(construct, Format::Docx) else {
            continue;
        };
        let suite = Suite::of(&document);
        for (input, name) in [
            (rtf(), "letter.rtf"),
            (mail(&rtf(), "letter.rtf"), "mail.eml"),
        ] {
            let outcome = run(input, name, &rebuild, &suite);
            let wrong = carries(&outcome, construct.name, Format::Docx, construct.reported);
            assert_eq!(wrong, None);
        }
    }
}

#[test]
fn without_a_suite_and_with_a_strange_one_the_document_is_withheld() {
    let mut all = CONSTRUCTS.iter();
    let docx = all.find_map(|construct| package::document(construct, Format::Docx));
    let docx = docx.expect("a text");
    for (documents, old, input, name) in [
        ("flatten", "flatten", docx.clone(), "a.docx"),
        ("rebuild", "flatten", rtf(), "a.rtf"),
        ("rebuild", "rebuild", rtf(), "a.rtf"),
    ] {
        let policy = policy(documents, old);
        let none = run(input.clone(), name, &policy, &Suite::of(&[]));
        assert_eq!(none.verdict, Verdict::Withheld(NO_CONVERTER), "{name}");
        assert!(told(&none, "office.converter"), "{name}");
        for strange in [
            &b"%PDF-1.7 nothing"[..],
            b"text",
            b"MZ\x90\0",
            b"PK\x03\x04",
        ] {
            let outcome = run(input.clone(), name, &policy, &Suite::of(strange));
            assert!(targets(&outcome).is_empty(), "{name}: {strange:?}");
        }
    }
    // a text is no page, and pages are no document
    let pages_for_text = run(
        rtf(),
        "a.rtf",
        &policy("rebuild", "rebuild"),
        &Suite::of(&pages()),
    );
    assert!(targets(&pages_for_text).is_empty());
    let text_for_pages = run(
        rtf(),
        "a.rtf",
        &policy("flatten", "flatten"),
        &Suite::of(&docx),
    );
    assert!(targets(&text_for_pages).is_empty());
    // and in a mail the rest comes through
    let suite = Suite::of(&[]);
    let outcome = run(
        mail(&rtf(), "a.rtf"),
        "m.eml",
        &policy("flatten", "flatten"),
        &suite,
    );
    assert_eq!(targets(&outcome), [Target::Eml]);
    // without a conversion nothing changes
    let outcome = run(docx, "a.docx", &policy("rebuild", "text"), &Suite::of(&[]));
    assert_eq!(targets(&outcome), [Target::Docx]);
}
