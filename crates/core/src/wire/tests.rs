//! decode(encode(p)) = p, and nothing else decodes.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "tests of small fixed frames"
)]

use super::*;
use crate::address::{AddrSpec, Mailbox};
use crate::assignment::{Assignment, HandsOn, Hints, Params, Treatment, Treatments};
use crate::budget::Limits;
use crate::contents::{Contents, Entry, Link, Spot, Way};
use crate::drawing::{
    Blend, Cap, Drawing, Glyph, Ink, Join, MAX_PLACE, Mix, Path, Pen, Placed, Rule, Segment, Step,
};
use crate::kind::Family;
use crate::layer::{Layer, Run};
use crate::message::{Date, Envelope, MsgId};
use crate::name::SafeName;
use crate::packed::{AesKey, Cipher, Method, Packed};
use crate::page::{Page, PixelFormat, Purpose};
use crate::password::Password;
use crate::piece::{Child, MediaType, Role, Token};
use crate::table::{Cell, Row};
use crate::text::{Line, Text};
use crate::untrusted::Untrusted;
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    pixels: 1 << 20,
    parts: 10,
    depth: 5,
    steps: 1 << 20,
};

/// Frames about a part that nothing is shared with.
fn encode(message: &Message, out: &mut Vec<u8>) -> Result<(), Refusal> {
    super::encode(message, &Untrusted::default(), out)
}

fn decode(tag: u8, payload: &[u8], budget: &Budget) -> Result<Message, Refusal> {
    super::decode(tag, payload, &Untrusted::default(), budget)
}

fn back(message: &Message) -> Result<Message, Refusal> {
    let mut frame = Vec::new();
    encode(message, &mut frame).unwrap();
    let (tag, length) = head(frame[..HEAD].try_into().unwrap());
    assert_eq!(usize::try_from(length).unwrap(), frame.len() - HEAD);
    decode(tag, &frame[HEAD..], &Budget::new(LIMITS))
}

fn line(text: &str) -> Line {
    Line::clean(text).0
}

fn child() -> Child {
    Child {
        name: SafeName::clean("表.docx").0,
        role: Role::Body {
            group: 3,
            choice: 1,
        },
        hints: Hints {
            passwords: Vec::new(),
            share: None,
            hands_on: HandsOn::Nothing,
            shown: false,
            fonts: Vec::new(),
            declared: MediaType::parse("text/html"),
            extension: Token::parse("docx"),
            charset: Token::parse("iso-2022-jp"),
            flowed: true,
            delsp: false,
            body: true,
            pictures: vec![(
                Token::parse("a@b").unwrap(),
                SafeName::clean("a.png").0.unwrap(),
            )],
            folders: vec![SafeName::clean("書類").0.unwrap()],
            packed: Some(Packed {
                method: Method::Xz,
                size: 1 << 40,
                crc: Some(7),
                cipher: Some(Cipher::Aes(AesKey::Bits256)),
            }),
        },
        content: Untrusted::new(b"\x1b$B".to_vec()),
    }
}

fn layer() -> Layer {
    let run = |at, direction, text: &str| {
        let advances = text.chars().map(|_| 987).collect();
        Run::new(at, direction, 105, line(text), advances).unwrap()
    };
    let runs = vec![
        run((720, 1_234), (1000, 0), "広報 City News"),
        run((0, 0), (0, 1000), "縦書き"),
        run((9, 9), (-707, 707), "x"),
    ];
    let links = vec![
        Link {
            area: [1, 2, 30, 40],
            to: Way::Spot(Spot { page: 7, down: 9 }),
        },
        Link {
            area: [0, 0, 1, 1],
            to: Way::Address("https://city.example.lg.jp/".into()),
        },
    ];
    Layer::new(runs, &Budget::new(LIMITS))
        .unwrap()
        .with_links(links, &Budget::new(LIMITS))
        .unwrap()
}

fn refused(refusal: Refusal) -> Message {
    Message::Refused {
        refusal,
        spent: LIMITS,
    }
}

fn drawing() -> Drawing {
    let ink = Ink {
        rgb: [1, 2, 3],
        mix: Mix {
            alpha: 128,
            blend: Blend::Multiply,
        },
    };
    let path = || {
        Path::new(vec![
            Segment::Move((-1, 2)),
            Segment::Curve((3, 4), (5, 6), (7, 8)),
            Segment::Line((MAX_PLACE, 0)),
            Segment::Close,
        ])
        .unwrap()
    };
    let pen = Pen {
        width: 50,
        cap: Cap::Round,
        join: Join::Bevel,
        miter: 1_000,
        dashes: vec![3, 4],
        phase: 1,
    };
    let steps = vec![
        Step::Clip(path(), Rule::EvenOdd),
        Step::Fill(path(), Rule::NonZero, ink),
        Step::Stroke(path(), pen, ink),
        Step::Unclip,
        Step::Picture {
            picture: 1,
            mask: Some(0),
            matrix: [1, 2, 3, 4, 5, 6],
            mix: Mix::SOLID,
        },
        Step::Stencil {
            picture: 2,
            matrix: [1, 2, 3, 4, -5, 6],
            ink,
        },
        Step::Glyphs {
            matrix: [1, 0, 0, -1],
            ink,
            glyphs: vec![Placed {
                glyph: 0,
                at: (9, 9),
            }],
        },
    ];
    let glyph = |meaning: &str| Glyph::new(Path::default(), 500, meaning.to_owned()).unwrap();
    let glyphs = vec![glyph("あ"), glyph(" ")];
    Drawing::new((1, 2), layer(), glyphs, steps, &Budget::new(LIMITS)).unwrap()
}

fn contents() -> Contents {
    let entry = |level, title: &str, to| Entry {
        level,
        title: line(title),
        to,
    };
    let entries = vec![
        entry(0, "第1章", Some(Spot { page: 0, down: 72 })),
        entry(1, "1.1", None),
    ];
    let labels = vec![line("i"), line("")];
    Contents::new(entries, labels, &Budget::new(LIMITS)).unwrap()
}

fn messages() -> Vec<Message> {
    let mask = Page::start(3, 1, PixelFormat::Grey8, &Budget::new(LIMITS))
        .unwrap()
        .with_purpose(Purpose::Mask)
        .fill(vec![0, 1, 255])
        .unwrap();
    let page = Page::start(3, 2, PixelFormat::Rgb8, &Budget::new(LIMITS))
        .unwrap()
        .with_size_millipoints(595_276, 841_890)
        .with_photographic(true)
        .with_layer(layer())
        .fill((0..18).collect())
        .unwrap();
    let shown = Page::start(2, 1, PixelFormat::Rgb8, &Budget::new(LIMITS))
        .unwrap()
        .with_opacity(vec![0, 200])
        .fill(vec![255, 255, 255, 55, 60, 255])
        .unwrap();
    let envelope = Envelope {
        from: vec![Mailbox::new(Some(line("市役所")), AddrSpec::parse("a..b@c.jp").ok()).unwrap()],
        to: vec![Mailbox::new(None, AddrSpec::parse("a@c.jp").ok()).unwrap()],
        subject: Some(line("お知らせ")),
        date: Some(Date::new(1_700_000_000, 540).unwrap()),
        message_id: Some(MsgId::parse("a@b").unwrap()),
        references: vec![MsgId::parse("a@b").unwrap(); 20],
        list_id: Some(line("list")),
        ..Envelope::default()
    };
    let row = Row::new(vec![
        Cell::text(Text::clean("=1+1").0),
        Cell::text(Text::default()),
    ])
    .unwrap();
    vec![
        Message::Kind(Kind::Mail),
        Message::Finding(Finding {
            code: FindingCode::TextBidi,
            count: 7,
        }),
        Message::Done { spent: LIMITS },
        refused(Refusal::Overrun {
            resource: Resource::Pixels,
            limit: 5,
        }),
        refused(Refusal::malformed("png: IHDR")),
        refused(Refusal::Ambiguous(Remark::fixed("x"))),
        refused(Refusal::Encrypted(Remark::fixed("x"))),
        refused(Refusal::unsupported("x")),
        refused(Refusal::Forbidden(Remark::fixed("x"))),
        refused(Refusal::internal("x")),
        Message::Piece(Piece::Text(Text::clean("日本\n語").0)),
        Message::Piece(Piece::Page(page)),
        Message::Piece(Piece::Page(shown)),
        Message::Piece(Piece::Page(mask)),
        Message::Piece(Piece::Drawing(Box::new(drawing()))),
        Message::Piece(Piece::Contents(Box::new(contents()))),
        Message::Piece(Piece::Row(row)),
        Message::Piece(Piece::Envelope(Box::new(envelope))),
        Message::Piece(Piece::Child(Box::new(child()))),
    ]
}

#[test]
fn every_message_comes_back() {
    for message in messages() {
        assert_eq!(back(&message), Ok(message.clone()));
    }
}

#[test]
fn cut_or_lengthened_frames_do_not_decode() {
    for message in messages() {
        let mut frame = Vec::new();
        encode(&message, &mut frame).unwrap();
        let tag = frame[0];
        let payload = &frame[HEAD..];
        let raw_tail = matches!(message, Message::Piece(Piece::Text(_) | Piece::Child(_)));
        for end in 0..payload.len() {
            let got = decode(tag, &payload[..end], &Budget::new(LIMITS));
            assert!(raw_tail || got.is_err(), "{message:?} cut at {end}");
        }
        if !raw_tail {
            let mut longer = payload.to_vec();
            longer.push(0);
            assert!(
                decode(tag, &longer, &Budget::new(LIMITS)).is_err(),
                "{message:?}"
            );
        }
    }
}

#[test]
fn lies_do_not_decode() {
    let purse = || Budget::new(LIMITS);
    assert!(decode(TEXT, "a\u{202e}b".as_bytes(), &purse()).is_err());
    assert!(decode(TEXT, b"\xff", &purse()).is_err());
    assert!(decode(99, b"", &purse()).is_err());
    assert!(decode(KIND, &[0], &purse()).is_err());
    assert!(
        decode(FINDING, &[1, 0, 0, 0, 0, 0], &purse()).is_err(),
        "a count of zero"
    );
    let mut path = Vec::new();
    path.push(1);
    put_str(&mut path, "../x");
    assert!(decode(CHILD, &path, &purse()).is_err());
    let mut refusal = vec![0; 40];
    refusal.push(1);
    put_str(&mut refusal, "evil\ntext");
    assert!(decode(REFUSED, &refusal, &purse()).is_err());
    // a pixel that covers nothing and is black
    let mut page = Vec::new();
    put_u32(&mut page, 1);
    put_u32(&mut page, 1);
    page.extend_from_slice(&[0, 0, 0, 0]);
    page.extend_from_slice(&[0; 8]);
    page.extend_from_slice(&[1, 0, 0]);
    let refusal = Refusal::malformed("page: a colour where nothing is");
    assert_eq!(decode(PAGE, &page, &purse()), Err(refusal));
    let mut page = Vec::new();
    put_u32(&mut page, 30_000);
    put_u32(&mut page, 30_000);
    page.extend_from_slice(&[1, 0, 0, 0]);
    assert!(matches!(
        decode(PAGE, &page, &purse()),
        Err(Refusal::Overrun {
            resource: Resource::Pixels,
            ..
        })
    ));
}

#[test]
fn the_receivers_purse_pays() {
    let poor = Budget::new(Limits { bytes: 2, ..LIMITS });
    assert!(matches!(
        decode(TEXT, b"abc", &poor),
        Err(Refusal::Overrun { .. })
    ));
    assert!(decode(TEXT, b"ab", &poor).is_ok());
    let mut shown = Vec::new();
    put_u32(&mut shown, 3);
    put_u32(&mut shown, 1);
    shown.extend_from_slice(&[0, 0, 0, 0]);
    shown.extend_from_slice(&[0; 8]);
    shown.extend_from_slice(&[1, 255, 255, 255, 0, 0, 0]);
    assert!(decode(PAGE, &shown, &Budget::new(LIMITS)).is_ok());
    let poor = Budget::new(Limits { bytes: 2, ..LIMITS });
    assert!(matches!(
        decode(PAGE, &shown, &poor),
        Err(Refusal::Overrun { .. })
    ));
    let childless = Budget::new(Limits { parts: 0, ..LIMITS });
    let mut frame = Vec::new();
    encode(&Message::Piece(Piece::Child(Box::new(child()))), &mut frame).unwrap();
    assert!(decode(CHILD, &frame[HEAD..], &childless).is_err());
}

#[test]
fn orders_come_back() {
    let order = Assignment {
        hints: Hints {
            passwords: vec![Password::new("秘密".to_owned()).unwrap()],
            share: crate::Share::new(7, 3, 2),
            hands_on: HandsOn::Plain,
            shown: true,
            fonts: vec![Line::check("ＭＳ 明朝").unwrap()],
            ..child().hints
        },
        treatments: Treatments::nothing().with(Family::Pdf, Treatment::Flatten),
        limits: LIMITS,
        params: Params {
            dpi: 300,
            text_layer: false,
            embedded: true,
            ..Params::default()
        },
    };
    let mut bytes = Vec::new();
    encode_assignment(&order, &mut bytes);
    assert_eq!(decode_assignment(&bytes), Ok(order));
    for end in 0..bytes.len() {
        assert!(decode_assignment(&bytes[..end]).is_err());
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(tag in 0u8..32, payload in proptest::collection::vec(any::<u8>(), 0..200)) {
        let budget = Budget::new(LIMITS);
        if let Ok(message) = decode(tag, &payload, &budget) {
            prop_assert_eq!(back(&message), Ok(message));
        }
    }

    #[test]
    fn any_clean_text_comes_back(raw in any::<String>()) {
        let message = Message::Piece(Piece::Text(Text::clean(&raw).0));
        prop_assert_eq!(back(&message), Ok(message));
    }
}

/// A child that is a place in the part that it was found in: only the place crosses the wire.
#[test]
fn shared_contents_are_told_by_their_place() {
    let input = Untrusted::new((0..200).collect());
    let content = input.share(&input.here().unwrap()[20..170]);
    let message = Message::Piece(Piece::Child(Box::new(Child { content, ..child() })));
    let mut frame = Vec::new();
    super::encode(&message, &input, &mut frame).unwrap();
    assert!(
        !frame
            .windows(100)
            .any(|bytes| input.here().unwrap().windows(100).any(|own| own == bytes))
    );

    let payload = &frame[HEAD..];
    let budget = Budget::new(LIMITS);
    assert_eq!(
        super::decode(CHILD, payload, &input, &budget).as_ref(),
        Ok(&message)
    );
    assert_eq!(budget.spent(Resource::Bytes), 150);
    // the same place in another part is other bytes
    let other = Untrusted::new(vec![7; 200]);
    let Ok(Message::Piece(Piece::Child(found))) =
        super::decode(CHILD, payload, &other, &Budget::new(LIMITS))
    else {
        panic!("no child");
    };
    assert_eq!(found.content.here().unwrap(), [7; 150]);
}

#[test]
fn places_lie_within_the_part_and_are_paid_for() {
    let input = Untrusted::new(vec![1; 100]);
    let mut frame = Vec::new();
    let content = input.share(input.here().unwrap());
    let message = Message::Piece(Piece::Child(Box::new(Child { content, ..child() })));
    super::encode(&message, &input, &mut frame).unwrap();
    let stem = &frame[HEAD..frame.len() - 16];
    let with = |start: u64, length: u64| {
        let mut payload = stem.to_vec();
        payload.extend_from_slice(&start.to_le_bytes());
        payload.extend_from_slice(&length.to_le_bytes());
        payload
    };
    let decode = |payload: &[u8], bytes| {
        let budget = Budget::new(Limits { bytes, ..LIMITS });
        super::decode(CHILD, payload, &input, &budget)
    };
    for (start, length) in [(0, 100), (0, 0), (100, 0), (99, 1), (3, 4)] {
        assert!(
            decode(&with(start, length), 100).is_ok(),
            "{start} {length}"
        );
    }
    let outside = Err(Refusal::malformed("wire: place outside of the input"));
    for (start, length) in [(0, 101), (101, 0), (100, 1), (u64::MAX, 1), (1, u64::MAX)] {
        assert_eq!(
            decode(&with(start, length), u64::MAX),
            outside,
            "{start} {length}"
        );
    }
    let overrun = decode(&with(0, 100), 99);
    assert!(
        matches!(overrun, Err(Refusal::Overrun { .. })),
        "{overrun:?}"
    );
    let mut longer = with(0, 1);
    longer.push(0);
    assert!(decode(&longer, 100).is_err());
}
