//! Bodies and files, and that no bytes at all do harm.

use super::*;
use mugai_core::{
    Assignment, Budget, Child, Finding, Hints, Lang, Limits, NoFonts, Params, Sink, Token,
    Treatments,
};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    bytes: 1 << 22,
    pixels: 0,
    parts: 10,
    depth: 0,
    steps: 1 << 20,
};

#[derive(Default)]
struct Seen {
    texts: Vec<String>,
    children: Vec<Child>,
    notes: Vec<(FindingCode, u32)>,
}

impl Seen {
    fn count(&self, code: FindingCode) -> u32 {
        self.notes
            .iter()
            .find(|(c, _)| *c == code)
            .map_or(0, |(_, n)| *n)
    }
}

impl Sink for Seen {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        match piece {
            Piece::Text(text) => self.texts.push(text.as_str().to_owned()),
            Piece::Child(child) => self.children.push(*child),
            Piece::Page(_)
            | Piece::Drawing(_)
            | Piece::Contents(_)
            | Piece::Row(_)
            | Piece::Markup(_)
            | Piece::Envelope(_) => {
                panic!("not from a text")
            }
        }
        Ok(())
    }
    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.notes.push((finding.code, finding.count));
        Ok(())
    }
}

fn read_with(
    input: &[u8],
    hints: Hints,
    limits: Limits,
    lang: Lang,
) -> (Result<(), Refusal>, Seen) {
    let assignment = Assignment {
        hints,
        treatments: Treatments::nothing(),
        limits,
        params: Params {
            lang,
            ..Params::default()
        },
    };
    let budget = Budget::new(limits);
    let mut seen = Seen::default();
    let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut seen);
    let result = Plain.open(input, &mut cx);
    cx.flush().unwrap();
    (result, seen)
}

fn read(input: &[u8], hints: Hints) -> (String, Seen) {
    let (result, seen) = read_with(input, hints, LIMITS, Lang::Ja);
    result.unwrap();
    (seen.texts.concat(), seen)
}

fn body() -> Hints {
    Hints {
        body: true,
        ..Hints::default()
    }
}

#[test]
fn files_keep_their_text() {
    let (text, seen) = read(b"\x93\xfa\x96\x7b\r\nbegin 644 x\r\n", Hints::default());
    assert_eq!(text, "日本\nbegin 644 x\n");
    assert_eq!(seen.notes, [(FindingCode::TextCharsetLie, 1)]);
    let (text, seen) = read(b"\xff\xfea\0\x0a\0", Hints::default());
    assert_eq!(text, "a\n");
    assert!(seen.notes.is_empty());
}

#[test]
fn what_is_unsafe_is_cleaned_and_counted() {
    let (text, seen) = read("a\u{202e}b\0c\u{200b}\u{e000}".as_bytes(), Hints::default());
    assert_eq!(text, "abc〓");
    assert_eq!(seen.count(FindingCode::TextBidi), 1);
    assert_eq!(seen.count(FindingCode::TextControl), 1);
    assert_eq!(seen.count(FindingCode::TextZeroWidth), 1);
    assert_eq!(seen.count(FindingCode::TextGaiji), 1);
}

#[test]
fn flowed_bodies_are_unfolded_after_decoding() {
    let hints = Hints {
        charset: Token::parse("iso-2022-jp"),
        flowed: true,
        delsp: true,
        ..body()
    };
    let (text, _) = read(b"\x1b$BF|K\\\x1b(B \n\x1b$B8l\x1b(B\n> q \n> r\n", hints);
    assert_eq!(text, "日本語\n> qr\n");
}

const UU: &str = "before\nbegin 644 a.exe\n#0V%T\n`\nend\nafter\n";

#[test]
fn embedded_files_become_parts() {
    let (text, seen) = read(UU.as_bytes(), body());
    assert_eq!(text, "before\n[添付: a.exe]\nafter\n");
    let [child] = &seen.children[..] else {
        panic!("one part")
    };
    assert_eq!(child.content.here().unwrap(), b"Cat");
    assert_eq!(child.name.as_ref().unwrap().as_str(), "a.exe");
    assert_eq!(child.hints.extension, Token::parse("exe"));
    assert_eq!(seen.count(FindingCode::MimeEmbedded), 1);
    let (_, seen) = read_with(UU.as_bytes(), body(), LIMITS, Lang::En);
    assert_eq!(seen.texts.concat(), "before\n[attachment: a.exe]\nafter\n");
    // in a file that is no body as well
    let (text, seen) = read(UU.as_bytes(), Hints::default());
    assert_eq!(text, "before\n[添付: a.exe]\nafter\n");
    assert_eq!(seen.children.len(), 1);
}

#[test]
fn every_form_of_embedding() {
    let yenc: Vec<u8> = [
        &b"\x82\xa0\n=ybegin line=128 size=4 name=b.bin\r\n"[..],
        &[42, b'=', 0x6a, b'=', 0x7d, 141],
        b"\r\n=yend size=4\r\nx",
    ]
    .concat();
    for (input, label, text, name, content) in [
        (
            &yenc[..],
            "shift_jis",
            "あ\n[添付: b.bin]\nx",
            "b.bin",
            &[0, 0, 19, 99][..],
        ),
        (
            b"begin-base64 644 c\nQ2F0\n====\n",
            "utf-8",
            "[添付: c]\n",
            "c",
            b"Cat",
        ),
        (b"begin 644 d\n#0V%T\n", "utf-8", "[添付: d]\n", "d", b"Cat"),
        (
            b"begin 0755 ../\x95\\.vbs\n#0V%T\n \nend",
            "cp932",
            "[添付: 表.vbs]\n",
            "表.vbs",
            b"Cat",
        ),
        // blanks at the end of a line were lost on the way
        (
            b"begin 644 e\n\"0\nend\n",
            "utf-8",
            "[添付: e]\n",
            "e",
            b"@\0",
        ),
    ] {
        let hints = Hints {
            charset: Token::parse(label),
            ..body()
        };
        let (got, seen) = read(input, hints);
        assert_eq!(got, text);
        let [child] = &seen.children[..] else {
            panic!("one part of {text}")
        };
        assert_eq!(
            child.name.as_ref().map(mugai_core::SafeName::as_str),
            Some(name)
        );
        assert_eq!(child.content.here().unwrap(), content, "{name}");
    }
}

#[test]
fn what_is_no_whole_block_is_shown_and_neutral() {
    for (input, want, notes) in [
        (
            "begin 644 a\nNot data at all, but text\nend\n",
            "| begin 644 a\nNot data at all, but text\nend\n",
            1,
        ),
        ("begin 644 a\n", "| begin 644 a\n", 1),
        (
            "=ybegin line=1 name=a\nxx\n",
            "| =ybegin line=1 name=a\nxx\n",
            1,
        ),
        ("a\rbegin 644 b", "a\n| begin 644 b", 1),
        ("\u{200b}begin 644 b", "| begin 644 b", 1),
        ("a\u{2028}=ybegin x", "a\n| =ybegin x", 1),
        (
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\ntext",
            "| -----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\ntext",
            1,
        ),
        ("beginning 644 a", "beginning 644 a", 0),
    ] {
        let (text, seen) = read(input.as_bytes(), body());
        assert_eq!(text, want);
        assert_eq!(seen.count(FindingCode::TextAutoDecode), notes, "{input:?}");
        assert!(seen.children.is_empty());
    }
}

#[test]
fn long_texts_come_in_pieces_and_lose_nothing() {
    let lines = "一行の文です。\r\n".repeat(40_000);
    let endless = format!("{}👨\u{200d}👩", "長".repeat(200_000));
    for text in [lines, endless] {
        let (got, seen) = read(text.as_bytes(), body());
        assert!(seen.texts.len() > 2);
        assert!(seen.texts.iter().all(|t| t.len() <= CHUNK));
        assert_eq!(got, text.replace("\r\n", "\n"));
    }
}

#[test]
fn joined_emoji_are_not_torn_apart() {
    for shift in 0..12 {
        let text = format!(
            "{}{}",
            "a".repeat(CHUNK - shift),
            "👨\u{200d}👩\u{fe0f}葛\u{e0100}\r\n".repeat(3)
        );
        let (got, seen) = read(text.as_bytes(), Hints::default());
        assert_eq!(seen.count(FindingCode::TextZeroWidth), 0, "{shift}");
        assert_eq!(got, text.replace("\r\n", "\n"));
    }
}

#[test]
fn a_line_is_judged_whole_however_it_is_stretched() {
    let filler = "\u{200b}".repeat(CHUNK);
    for text in [
        format!("be{filler}gin 644 a.exe"),
        format!("x\n{filler}{filler}begin 644 a.exe\n"),
        format!("x\u{2028}{}\u{2028}begin 644 a.exe", "y".repeat(CHUNK - 8)),
    ] {
        let (got, seen) = read(text.as_bytes(), body());
        assert_eq!(auto_decode::neutralise(&got, true).1.all, 0);
        assert_eq!(seen.count(FindingCode::TextAutoDecode), 1);
    }
}

#[test]
fn a_poor_purse_refuses() {
    for limits in [
        Limits { steps: 2, ..LIMITS },
        Limits { bytes: 5, ..LIMITS },
        Limits { parts: 0, ..LIMITS },
    ] {
        let (result, _) = read_with(UU.as_bytes(), body(), limits, Lang::Ja);
        assert!(matches!(result, Err(Refusal::Overrun { .. })));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(
        lines in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..30),
                proptest::sample::select(LINES).prop_map(<[u8]>::to_vec),
            ],
            0..20,
        ),
        flowed in any::<bool>(),
        delsp in any::<bool>(),
        is_body in any::<bool>(),
    ) {
        let hints = Hints { body: is_body, flowed, delsp, ..Hints::default() };
        let (_, seen) = read_with(&lines.concat(), hints, LIMITS, Lang::Ja);
        if is_body {
            let text = seen.texts.concat();
            prop_assert_eq!(auto_decode::neutralise(&text, true).1.all, 0);
        }
    }
}

const LINES: &[&[u8]] = &[
    b"begin 644 a\n",
    b"#0V%T\n",
    b"`\n",
    b"end\n",
    b"=ybegin line=128 size=1 name=x\n",
    b"=yend\n",
    b"begin-base64 644 b\n",
    b"Q2F0\n",
    b"====\n",
    b"> q \n",
    b"-- \n",
    b"\r\n",
    b" x \r\n",
    b"-----BEGIN PGP X\n",
    b"\x82\xa0\n",
];
