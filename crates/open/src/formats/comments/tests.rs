//! Appending is told of in the cases of `testdata`; here is what they do not reach.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "small numbers of tests; an overflow fails them"
)]

use super::*;
use crate::formats::book::Scribe;
use mugai_core::{Hints, Treatments};
use mugai_testkit::show::taped;
use proptest::prelude::*;

#[test]
fn a_part_without_the_place_comes_back_as_nothing() {
    let mut part = Builder::new(PartKind::Workbook);
    part.push(Event::Open(PartKind::Workbook.root())).unwrap();
    part.push(Event::Close).unwrap();
    let part = part.finish().unwrap();
    let never = splice(&part, |_, _| false, Ok).unwrap();
    assert!(never.is_none());
    let same = splice(&part, |_, _| true, Ok).unwrap();
    assert_eq!(same, Some(part));
}

#[test]
fn words_are_of_the_language_of_the_route() {
    assert_eq!(Words::of(Lang::Ja).mark(2), "[コメント2]");
    assert_eq!(Words::of(Lang::En).mark(2), "[Comment 2]");
    assert_eq!(Words::of(Lang::En).slide(3), "Slide 3");
}

fn leaf(kind: PartKind, names: &[&str]) -> Markup {
    let mut scribe = Scribe::new(kind).unwrap();
    for name in names {
        scribe.open(name, &[]).unwrap();
    }
    for _ in names {
        scribe.close().unwrap();
    }
    scribe.finish().unwrap()
}

/// A text, a workbook of one sheet, a presentation of one slide, and the three of ODF.
fn documents() -> [Vec<Markup>; 6] {
    let listed = |kind: PartKind, list: &str, item: &str, values: &[(&str, &str)]| {
        let mut scribe = Scribe::new(kind).unwrap();
        scribe.open(list, &[]).unwrap();
        scribe.open(item, values).unwrap();
        scribe.refer(1).unwrap();
        scribe.close().unwrap();
        scribe.close().unwrap();
        scribe.finish().unwrap()
    };
    let mut slide = Scribe::new(PartKind::Slide).unwrap();
    slide.need(2);
    slide.leaf("p:cSld", &[]).unwrap();
    let open = |kind: PartKind, body: &str, inside: Option<(&str, &[(&str, &str)])>| {
        let mut scribe = Scribe::new(kind).unwrap();
        scribe.leaf("office:automatic-styles", &[]).unwrap();
        scribe.open("office:body", &[]).unwrap();
        scribe.open(body, &[]).unwrap();
        if let Some((name, values)) = inside {
            scribe.leaf(name, values).unwrap();
        }
        scribe.close().unwrap();
        scribe.close().unwrap();
        scribe.finish().unwrap()
    };
    let page = ("draw:page", &[("draw:master-page-name", "標準")][..]);
    [
        vec![leaf(PartKind::Document, &["w:body", "w:p"])],
        vec![
            listed(
                PartKind::Workbook,
                "x:sheets",
                "x:sheet",
                &[("name", "コメント"), ("sheetId", "1")],
            ),
            leaf(PartKind::Worksheet, &["x:sheetData"]),
        ],
        vec![
            listed(
                PartKind::Presentation,
                "p:sldIdLst",
                "p:sldId",
                &[("id", "256")],
            ),
            slide.finish().unwrap(),
            leaf(PartKind::SlideLayout, &["p:cSld", "p:spTree"]),
        ],
        vec![open(PartKind::OpenText, "office:text", None)],
        vec![open(PartKind::OpenSheet, "office:spreadsheet", None)],
        vec![open(
            PartKind::OpenSlides,
            "office:presentation",
            Some(page),
        )],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever comments say, what is written of the document is what the checker accepts, and says it.
    #[test]
    fn any_comments_are_written_and_accepted(
        said in proptest::collection::vec((".{0,20}", ".{0,12}", proptest::collection::vec("\\PC{0,300}|.{0,40}", 0..4)), 1..40)
    ) {
        for mut parts in documents() {
            let kind = parts[0].kind();
            let (result, tape) = taped(Treatments::nothing(), Hints::default(), |cx| {
                let mut comments = Comments::default();
                let mut count = 0;
                for (place, author, lines) in &said {
                    let comment = Comment { place: place.clone(), author: author.clone(), lines: lines.clone() };
                    count += u32::from(comments.take(comment, cx)?.is_some());
                }
                comments.append(&mut parts, cx)?;
                Ok::<u32, Refusal>(count)
            });
            let count = result.unwrap();
            let told = tape.findings.iter().find(|f| f.code == FindingCode::OfficeCommentTold);
            prop_assert_eq!(told.map_or(0, |f| f.count), count);
            prop_assert!(!tape.findings.iter().any(|f| f.code == FindingCode::OfficeComment));
            let draft = match kind.open_target() {
                Some(target) => mugai_emit::odf::document(target, &parts, &[]),
                None => mugai_emit::ooxml::document(&parts, &[]),
            };
            mugai_verify::verify(draft.unwrap(), &[]).unwrap();
        }
    }
}

#[test]
fn a_page_colour_stays_without_comments_in_it() {
    let mut scribe = Scribe::new(PartKind::Document).unwrap();
    scribe
        .leaf("w:background", &[("w:color", "FFEECC")])
        .unwrap();
    scribe.open("w:body", &[]).unwrap();
    scribe.leaf("w:p", &[]).unwrap();
    scribe.close().unwrap();
    let mut parts = vec![scribe.finish().unwrap()];
    let (result, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        let mut comments = Comments::default();
        let comment = Comment {
            lines: vec!["a".to_owned()],
            ..Comment::default()
        };
        comments.take(comment, cx)?;
        comments.append(&mut parts, cx)
    });
    assert_eq!(result, Ok(()));
    let mut open: Vec<Element> = Vec::new();
    let mut paragraphs = 0;
    for event in parts[0].events() {
        match event {
            Event::Open(element) => {
                if element.is("w:p") {
                    assert!(open.last().unwrap().is("w:body"));
                    paragraphs += 1;
                }
                open.push(element);
            }
            Event::Close => {
                open.pop();
            }
            Event::Attribute(..) | Event::Reference(..) | Event::Link(..) | Event::Text(_) => {}
        }
    }
    assert_eq!(paragraphs, 3);
}

#[test]
fn lines_are_counted_over_all_comments() {
    let (result, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        let mut comments = Comments::default();
        let mut take = |count: usize| {
            let comment = Comment {
                lines: vec!["a".to_owned(); count],
                ..Comment::default()
            };
            comments.take(comment, cx)
        };
        assert_eq!(take(MAX_LINES - 1), Ok(Some(1)));
        assert_eq!(take(1), Ok(Some(2)));
        take(1)
    });
    assert!(matches!(result, Err(Refusal::Malformed(_))));
}

#[test]
fn every_slide_of_many_has_a_number_of_its_own() {
    let [_, _, mut parts, ..] = documents();
    let (result, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        let mut comments = Comments::default();
        let comment = Comment {
            lines: vec!["a".to_owned(); 100],
            ..Comment::default()
        };
        comments.take(comment, cx)?;
        comments.append(&mut parts, cx)
    });
    assert_eq!(result, Ok(()));
    let mut ids = Vec::new();
    for event in parts[0].events() {
        if let Event::Attribute(attribute, value) = event
            && attribute.local() == "id"
        {
            ids.push(value.parse::<u32>().unwrap());
        }
    }
    ids.sort_unstable();
    let want: Vec<u32> = (256..256 + u32::try_from(ids.len()).unwrap()).collect();
    assert_eq!(ids, want);
    assert_eq!(ids.len(), 8);
}
