//! Whole tables, and that no bytes at all do harm.

use super::*;
use mugai_core::{
    Assignment, Budget, Finding, Hints, Limits, MediaType, NoFonts, Params, Sink, Token, Treatments,
};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 0,
    parts: 0,
    depth: 0,
    steps: 1 << 20,
};

#[derive(Default)]
struct Seen {
    rows: Vec<Vec<String>>,
    notes: Vec<(FindingCode, u32)>,
}

impl Sink for Seen {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        let Piece::Row(row) = piece else {
            panic!("only rows")
        };
        let cells = row.cells().iter().map(|cell| cell.as_str().to_owned());
        self.rows.push(cells.collect());
        Ok(())
    }
    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.notes.push((finding.code, finding.count));
        Ok(())
    }
}

fn read_with(input: &[u8], extension: &str, limits: Limits) -> (Result<(), Refusal>, Seen) {
    let assignment = Assignment {
        hints: Hints {
            declared: MediaType::parse("text/csv"),
            extension: Token::parse(extension),
            ..Hints::default()
        },
        treatments: Treatments::nothing(),
        limits,
        params: Params::default(),
    };
    let budget = Budget::new(limits);
    let mut seen = Seen::default();
    let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut seen);
    let result = Csv.open(input, &mut cx);
    cx.flush().unwrap();
    (result, seen)
}

fn read(input: &[u8]) -> Seen {
    let (result, seen) = read_with(input, "csv", LIMITS);
    result.unwrap();
    seen
}

#[test]
fn tables_in_every_charset() {
    let text = "番号,氏名,\"住所\n(現)\"\r\n1,髙橋,東京都\r\n";
    let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode(text);
    let wide: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for bytes in [&sjis[..], &wide, &marked, text.as_bytes()] {
        assert_eq!(
            read(bytes).rows,
            [["番号", "氏名", "住所\n(現)"], ["1", "髙橋", "東京都"]]
        );
    }
}

#[test]
fn formulas_and_ragged_rows_are_counted_and_kept() {
    let seen = read(b"a,b\n=1+1,-500\n\n@x\n\"\t=1\",+81-3-1234-5678\n");
    assert_eq!(
        seen.rows,
        [
            &["a", "b"][..],
            &["=1+1", "-500"],
            &[""],
            &["@x"],
            &["\t=1", "+81-3-1234-5678"]
        ]
    );
    assert_eq!(
        seen.notes,
        [(FindingCode::CsvFormula, 3), (FindingCode::CsvRagged, 1)]
    );
}

#[test]
fn cells_are_cleaned() {
    let seen = read("a\u{202e},\"b\0\"\n\u{200b}=1,c\n".as_bytes());
    assert_eq!(seen.rows, [["a", "b"], ["=1", "c"]]);
    let codes: Vec<_> = seen.notes.iter().map(|(code, _)| *code).collect();
    assert_eq!(
        codes,
        [
            FindingCode::TextBidi,
            FindingCode::TextZeroWidth,
            FindingCode::TextControl,
            FindingCode::CsvFormula
        ]
    );
}

#[test]
fn rows_are_as_wide_as_a_spreadsheet_at_most() {
    let wide = ",".repeat(MAX_CELLS - 1);
    assert_eq!(read(wide.as_bytes()).rows[0].len(), MAX_CELLS);
    let (result, seen) = read_with(format!("{wide},").as_bytes(), "csv", LIMITS);
    assert!(matches!(result, Err(Refusal::Malformed(_))));
    assert!(seen.rows.is_empty());
}

#[test]
fn a_poor_purse_refuses() {
    for limits in [
        Limits { steps: 2, ..LIMITS },
        Limits {
            steps: 20,
            ..LIMITS
        },
        Limits {
            bytes: 10,
            ..LIMITS
        },
    ] {
        let (result, _) = read_with("a,b\n".repeat(10).as_bytes(), "csv", limits);
        assert!(matches!(result, Err(Refusal::Overrun { .. })));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        extension in proptest::sample::select(&["csv", "tsv", ""][..]),
    ) {
        let _ = read_with(&bytes, extension, LIMITS);
    }

    #[test]
    fn what_is_quoted_comes_back(rows in proptest::collection::vec(proptest::collection::vec("[a-z,;\"\n 日]{0,6}", 2), 1..6)) {
        let quoted: Vec<String> = rows
            .iter()
            .map(|row| {
                let cells: Vec<_> = row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect();
                cells.join(",")
            })
            .collect();
        prop_assert_eq!(read(quoted.join("\r\n").as_bytes()).rows, rows);
    }
}

#[test]
fn a_formula_that_is_a_text_is_that_text() {
    let seen = read(b"a,b\n=\"0600001\",\"=\"\"007\"\"\"\n=\"=1+1\",x\n");
    assert_eq!(seen.rows, [["a", "b"], ["0600001", "007"], ["=1+1", "x"]]);
    assert_eq!(seen.notes, [(FindingCode::CsvFormula, 1)]);
}
