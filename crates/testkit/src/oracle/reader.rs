//! Readers: total, within their purse, and understood on the other side of the wire.

use crate::oracle::{SMALL, wire};
use crate::show::Tape;
use mugai_core::{
    AesKey, Assignment, Budget, Cipher, Cx, Family, Hints, Kind, Method, NoFonts, Packed, Params,
    Piece, Refusal, Resource, Treatment, Treatments,
};
use mugai_open::{Format, Sniff, formats};

/// Opens `data` with the reader of `kind`, whatever it looks like.
///
/// # Panics
/// When the reader overspends, refuses for a reason of our own, or says what the receiver of its
/// pieces, with a purse of the same size, does not take.
pub fn reader(kind: Kind, data: &[u8]) {
    let format = formats::ALL
        .iter()
        .find(|format| format.spec().kind == kind);
    let Some(format) = format else {
        panic!("no reader for {}", kind.code());
    };
    let sniffed = format.sniff(data);
    assert_eq!(sniffed, format.sniff(data), "sniffing is not stable");
    let order = order(kind, data.len());
    let budget = Budget::new(SMALL);
    let mut tape = Tape::default();
    let result = open(*format, data, &order, &budget, &mut tape);
    check_result(&result);
    check_spending(&tape, &budget);
    for piece in tape.pieces {
        wire::same_piece(&piece, &budget);
    }
}

/// What the reader of `kind` says of `data`, without any judgement.
pub(super) fn read(kind: Kind, data: &[u8]) -> (Result<(), Refusal>, Tape) {
    let mut tape = Tape::default();
    let format = formats::ALL
        .iter()
        .find(|format| format.spec().kind == kind);
    let result = match format {
        Some(format) => open(
            *format,
            data,
            &order(kind, 0),
            &Budget::new(SMALL),
            &mut tape,
        ),
        None => Err(Refusal::unsupported("oracle: no such reader")),
    };
    (result, tape)
}

/// Opens `data` as a member of an archive: the first two bytes choose its method, its cipher, and how
/// much larger it says to be.
///
/// # Panics
/// When it is unpacked to another length than it says, or for a reason of our own refused.
pub fn member(data: &[u8]) {
    let [choice, growth, content @ ..] = data else {
        return;
    };
    let method = Method::ALL.iter().cycle().nth(usize::from(choice & 15));
    let cipher = match choice >> 6 {
        0 | 1 => None,
        2 => Some(Cipher::Traditional(*growth)),
        _ => Some(Cipher::Aes(AesKey::Bits256)),
    };
    let size = content.len().saturating_mul(usize::from(*growth));
    let mut order = order(Kind::Zip, data.len());
    order.hints.packed = Some(Packed {
        method: method.copied().unwrap_or(Method::Stored),
        size: u64::try_from(size).unwrap_or(u64::MAX),
        crc: None,
        cipher,
    });
    let budget = Budget::new(SMALL);
    let mut tape = Tape::default();
    let mut cx = Cx::new(&order, &budget, &NoFonts, &mut tape);
    let result = mugai_open::open(content, &mut cx);
    check_result(&result);
}

/// Recognises `data`, by itself and under a few names.
///
/// # Panics
/// When the answer is not the same twice, or bytes that are no text and that one reader is sure of
/// are taken for text.
pub fn identify(data: &[u8]) {
    let budget = Budget::new(SMALL);
    let order = order(Kind::Unknown, data.len());
    let answer = |tape: &mut Tape| {
        let mut cx = Cx::new(&order, &budget, &NoFonts, tape);
        mugai_open::identify::identify(data, &mut cx)
    };
    let first = answer(&mut Tape::default());
    assert_eq!(first, answer(&mut Tape::default()), "not the same twice");
    let sure: Vec<Kind> = formats::ALL
        .iter()
        .filter(|format| format.sniff(data) == Sniff::Yes)
        .map(|format| format.spec().kind)
        .collect();
    // a text may begin with the letters of a mark (`GIF89a`), but no text holds NUL
    let binary = data.iter().take(512).any(|byte| *byte == 0);
    if let (Ok(kind), [only], true) = (&first, sure.as_slice(), binary) {
        let text = matches!(kind.family(), Family::Text | Family::Csv);
        assert!(kind == only || !text, "{} for {}", kind.code(), only.code());
    }
}

fn open(
    format: &dyn Format,
    data: &[u8],
    order: &Assignment,
    budget: &Budget,
    tape: &mut Tape,
) -> Result<(), Refusal> {
    let mut cx = Cx::new(order, budget, &NoFonts, tape);
    let result = format.open(data, &mut cx);
    cx.flush().and(result)
}

/// An order under which the reader works. Flags of text readers are drawn from the length, so that
/// inputs need no header of their own.
fn order(kind: Kind, length: usize) -> Assignment {
    let treatments = Family::ALL
        .into_iter()
        .fold(Treatments::nothing(), |all, family| {
            let treatment = match family {
                Family::Pdf if length & 8 == 8 => Treatment::Redraw,
                Family::Image | Family::Pdf => Treatment::Flatten,
                Family::Mail
                | Family::Text
                | Family::Csv
                | Family::Html
                | Family::Office
                | Family::Container => Treatment::Text,
                Family::Word | Family::Sheet | Family::Slides | Family::Archive => {
                    Treatment::Rebuild
                }
                Family::Active | Family::Other => Treatment::Withhold,
            };
            all.with(family, treatment)
        });
    let hints = Hints {
        body: matches!(kind, Kind::Html | Kind::Plain) && length & 1 == 1,
        flowed: length & 2 == 2,
        delsp: length & 4 == 4,
        shown: length & 16 == 16,
        ..Hints::default()
    };
    Assignment {
        hints,
        treatments,
        limits: SMALL,
        params: Params::default(),
    }
}

fn check_result(result: &Result<(), Refusal>) {
    if let Err(refusal) = result {
        assert!(!refusal.is_alarm(), "an alarm: {refusal}");
        assert!(
            !matches!(refusal, Refusal::Lost(_)),
            "a reader cannot be lost to itself"
        );
    }
}

/// What was put is paid for: text and cells by their bytes, pages by their pixels, parts one by one.
fn check_spending(tape: &Tape, budget: &Budget) {
    for resource in Resource::ALL {
        let limit = SMALL.of(resource);
        assert!(budget.spent(resource) <= limit, "{}", resource.code());
    }
    let (mut bytes, mut pixels, mut parts) = (0u64, 0u64, 0u64);
    for piece in &tape.pieces {
        match piece {
            Piece::Text(text) => bytes = bytes.saturating_add(length(text.as_str().len())),
            Piece::Row(row) => {
                for cell in row.cells() {
                    bytes = bytes.saturating_add(length(cell.as_str().len()));
                }
            }
            Piece::Page(page) => {
                let area = u64::from(page.width_px()).saturating_mul(page.height_px().into());
                pixels = pixels.saturating_add(area);
            }
            Piece::Child(child) => {
                parts = parts.saturating_add(1);
                bytes = bytes.saturating_add(length(child.content.len()));
            }
            Piece::Markup(part) => bytes = bytes.saturating_add(length(part.encoded().len())),
            Piece::Drawing(_) | Piece::Contents(_) | Piece::Envelope(_) => {}
        }
    }
    for (resource, put) in [
        (Resource::Bytes, bytes),
        (Resource::Pixels, pixels),
        (Resource::Parts, parts),
    ] {
        let spent = budget.spent(resource);
        assert!(put <= spent, "{}: {put} for {spent}", resource.code());
    }
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
