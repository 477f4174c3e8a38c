//! What readers of RTF show, and what they never do here.

use super::*;
use mugai_core::{Assignment, Budget, Hints, Limits, NoFonts, Params, Treatments};
use mugai_testkit::show::Tape;
use proptest::prelude::*;

fn read(input: &[u8]) -> (Result<(), Refusal>, String, Vec<FindingCode>) {
    let limits = Limits {
        bytes: 1 << 24,
        pixels: 0,
        parts: 0,
        depth: 0,
        steps: 1 << 24,
    };
    let assignment = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing(),
        limits,
        params: Params::default(),
    };
    let budget = Budget::new(limits);
    let mut tape = Tape::default();
    let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
    let result = Rtf.open(input, &mut cx);
    cx.flush().unwrap();
    let text = tape.pieces.iter().map(|piece| {
        let Piece::Text(text) = piece else {
            panic!("{piece:?}")
        };
        text.as_str()
    });
    let text = text.collect();
    (result, text, tape.findings.iter().map(|f| f.code).collect())
}

#[test]
fn text_in_every_way_of_writing_it() {
    for (input, want) in [
        (r"{\rtf1\ansi a\par b\tab c}", "a\nb\tc"),
        // two bytes of one character, in hex and half in hex
        (r"{\rtf1\ansi\ansicpg932 \'96\'b3\'8aQ}", "無害"),
        (
            r"{\rtf1\ansi{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset128 \'82\'6c;}}\f0 x\f1 \'93\'fa}",
            "x日",
        ),
        // a character, and what others show for it
        (r"{\rtf1\uc2 \u28961\'96\'b3\uc1\u23475 ?x}", "無害x"),
        (r"{\rtf1\uc0\u-10179\u-8704 x}", "\u{1f600}x"),
        (r"{\rtf1\uc1 \u26085{x}}", "日x"),
        (r"{\rt a}", "a"),
        (r"{\rtf1 a\{b\}\\}", "a{b}\\"),
        (
            r"{\rtf1 {\*\unknown x{y}}z{\stylesheet s}{\pict 00ff}}",
            "z",
        ),
        (r"{\rtf1 a{\pict\bin3 }}}}b}", "ab"),
        (r"{\rtf1 {\field{\*\fldinst PAGE}{\fldrslt 7}}}", "7"),
        (r"{\rtf1 a{\upr{x}{\*\ud\uc0\u28961}}}", "a無"),
        (
            "{\\rtf1 \\trowd a\\cell b\\cell\\row {\\footer f\\par}}",
            "a\tb\t\n\nf\n",
        ),
        (r"{\rtf1 a", "a"),
    ] {
        assert_eq!(read(input.as_bytes()).1, want, "{input}");
    }
}

#[test]
fn what_runs_or_loads_is_dropped_and_noted() {
    for (input, code) in [
        (
            r"{\rtf1 {\object\objemb{\*\objclass Package}{\*\objdata CANARY 01}{\result x}}}",
            FindingCode::OfficeEmbedded,
        ),
        (
            r"{\rtf1 {\object\objautlink{\*\objdata 01}}}",
            FindingCode::OfficeExternal,
        ),
        (
            r#"{\rtf1 {\field{\*\fldinst {DD}{EAUTO} CANARY "x"}{\fldrslt y}}}"#,
            FindingCode::OfficeField,
        ),
        (
            r#"{\rtf1 {\field{\*\fldinst HYPERLINK "http://CANARY/"}{\fldrslt y}}}"#,
            FindingCode::OfficeLink,
        ),
        (
            r"{\rtf1 {\*\template http://CANARY}}",
            FindingCode::OfficeExternal,
        ),
        (
            r"{\rtf1 {\*\datastore CANARY}}",
            FindingCode::OfficeCustomXml,
        ),
        (
            r"{\rtf1 {\info{\title CANARY}}}",
            FindingCode::OfficeMetadata,
        ),
        (r"{\rtf1 \bin99999 x}", FindingCode::OfficeMarkup),
        (r"{\rtf1 x}CANARY", FindingCode::OfficePart),
        (r"{\rtf1 {\deleted CANARY}}", FindingCode::OfficeRevision),
        (r"{\rtf1 {\v hidden}}", FindingCode::OfficeHidden),
    ] {
        let (result, text, notes) = read(input.as_bytes());
        assert_eq!(result, Ok(()), "{input}");
        assert!(notes.contains(&code), "{input}: {notes:?}");
        assert!(!text.contains("CANARY"), "{input}: {text}");
    }
}

#[test]
fn groups_have_a_depth() {
    let deep = [b"{\\rtf1 ".as_slice(), &b"{".repeat(200_000)].concat();
    assert!(matches!(read(&deep).0, Err(Refusal::Malformed(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&[b"{\\rtf1 ".as_slice(), &bytes].concat());
    }

    #[test]
    fn no_controls_panic(text in r"(\\(u|uc|bin|'|f|field|fldinst|fldrslt|\*|object|footnote|ansicpg)(-?[0-9]{0,6}) ?|[{}a日]){0,60}") {
        let _ = read(format!("{{\\rtf1 {text}").as_bytes());
    }
}
