//! Where comments go in each family of documents.

use super::{Comment, Words, splice};
use crate::formats::book::{self, Scribe};
use mugai_core::markup::vocabulary::Element;
use mugai_core::markup::{Event, PartKind};
use mugai_core::{Markup, Refusal};
use std::collections::BTreeSet;

/// What a slide of ours holds: lines, and letters of one line, those of double width counted twice.
const SLIDE_LINES: usize = 16;
const LINE_WIDTH: usize = 76;

/// Sides of a slide that says none, in EMU (ECMA-376 part 1, 19.2.1.39).
const SLIDE: (i64, i64) = (9_144_000, 6_858_000);

/// Replaces the main part; whether there was a place in it.
fn put(parts: &mut [Markup], new: Option<Markup>) -> bool {
    match (parts.first_mut(), new) {
        (Some(main), Some(new)) => {
            *main = new;
            true
        }
        _ => false,
    }
}

fn main(parts: &[Markup]) -> Result<&Markup, Refusal> {
    let missing = Refusal::internal("comments: no main part");
    parts.first().ok_or(missing)
}

/// Whether the innermost element that is open is `name`, and it ends.
fn ends(open: &[Element], event: Event<'_>, name: &str) -> bool {
    event == Event::Close && open.last().is_some_and(|element| element.is(name))
}

/// Who says it, before the first line.
fn by(comment: &Comment) -> String {
    if comment.author.is_empty() {
        String::new()
    } else {
        format!("{}: ", comment.author)
    }
}

/// The lines of all comments with their numbers, places and authors.
fn lines(comments: &[Comment], words: Words) -> Vec<String> {
    let mut all = Vec::new();
    for (number, comment) in (1u32..).zip(comments) {
        let mut before = if comment.place.is_empty() {
            words.mark(number)
        } else {
            format!("[{}]", comment.place)
        };
        before.push(' ');
        before.push_str(&by(comment));
        for line in &comment.lines {
            before.push_str(line);
            all.push(std::mem::take(&mut before));
        }
    }
    all
}

/// A page at the end of the body, before the properties of its last section.
pub(super) fn word(
    comments: &[Comment],
    words: Words,
    parts: &mut [Markup],
) -> Result<bool, Refusal> {
    let here = |open: &[Element], event: Event<'_>| {
        // a background stands before the body
        open.len() == 2
            && open.last().is_some_and(|element| element.is("w:body"))
            && match event {
                Event::Open(element) => element.is("w:sectPr"),
                Event::Close => true,
                Event::Attribute(..) | Event::Reference(..) | Event::Link(..) | Event::Text(_) => {
                    false
                }
            }
    };
    let new = splice(main(parts)?, here, |part| {
        let mut scribe = Scribe::over(part);
        let heading = words.heading.to_owned();
        let all = std::iter::once(heading).chain(lines(comments, words));
        for (count, line) in all.enumerate() {
            scribe.open("w:p", &[])?;
            if count == 0 {
                scribe.open("w:pPr", &[])?;
                scribe.leaf("w:pageBreakBefore", &[])?;
                scribe.close()?;
            }
            scribe.open("w:r", &[])?;
            scribe.open("w:t", &[("xml:space", "preserve")])?;
            scribe.text(&line)?;
            for _ in 0..3 {
                scribe.close()?;
            }
        }
        Ok(scribe.into_part())
    })?;
    Ok(put(parts, new))
}

/// The values of an attribute of all elements of one name.
fn values(part: &Markup, element: &str, attribute: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut here = false;
    for event in part.events() {
        match event {
            Event::Open(of) => here = of.is(element),
            Event::Attribute(of, value) if here && of.local() == attribute => {
                all.push(value.to_owned());
            }
            Event::Attribute(..)
            | Event::Reference(..)
            | Event::Link(..)
            | Event::Text(_)
            | Event::Close => {}
        }
    }
    all
}

/// A name that is not taken.
fn free_name(taken: &[String], base: &str) -> String {
    let taken: BTreeSet<String> = taken.iter().map(|name| name.to_lowercase()).collect();
    let mut name = base.to_owned();
    let mut again = 2u32;
    while taken.contains(&name.to_lowercase()) {
        name = format!("{base} ({again})");
        again = again.saturating_add(1);
    }
    name
}

/// The first number from `least` on that is not taken.
fn free_number(taken: &mut BTreeSet<u64>, least: u64) -> u64 {
    let mut number = least;
    while !taken.insert(number) {
        number = number.saturating_add(1);
    }
    number
}

/// A last sheet: cell, author, text.
pub(super) fn sheet(
    comments: &[Comment],
    words: Words,
    parts: &mut Vec<Markup>,
) -> Result<bool, Refusal> {
    let workbook = main(parts)?;
    let name = free_name(&values(workbook, "x:sheet", "name"), words.heading);
    let ids = values(workbook, "x:sheet", "sheetId");
    let mut ids = ids.iter().filter_map(|id| id.trim().parse().ok()).collect();
    let id = free_number(&mut ids, 1).to_string();
    let number = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let new = splice(
        workbook,
        |open, event| ends(open, event, "x:sheets"),
        |part| {
            let mut scribe = Scribe::over(part);
            scribe.open("x:sheet", &[("name", &name), ("sheetId", &id)])?;
            scribe.refer(number)?;
            scribe.close()?;
            Ok(scribe.into_part())
        },
    )?;
    if !put(parts, new) {
        return Ok(false);
    }
    let mut scribe = Scribe::new(PartKind::Worksheet)?;
    scribe.open("x:sheetPr", &[])?;
    scribe.leaf("x:pageSetUpPr", &[("fitToPage", "1")])?;
    scribe.close()?;
    scribe.open("x:cols", &[])?;
    for (number, width) in [("1", "18"), ("2", "18"), ("3", "80")] {
        let place = [
            ("min", number),
            ("max", number),
            ("width", width),
            ("customWidth", "1"),
        ];
        scribe.leaf("x:col", &place)?;
    }
    scribe.close()?;
    scribe.open("x:sheetData", &[])?;
    for (number, row) in (0u32..).zip(rows(comments)) {
        scribe.open("x:row", &[("r", &number.saturating_add(1).to_string())])?;
        for (column, cell) in (0u32..).zip(row) {
            if cell.is_empty() {
                continue;
            }
            let place = book::place(number, column);
            scribe.open("x:c", &[("r", &place), ("t", "inlineStr")])?;
            scribe.open("x:is", &[])?;
            scribe.open("x:t", &[("xml:space", "preserve")])?;
            scribe.text(cell)?;
            for _ in 0..3 {
                scribe.close()?;
            }
        }
        scribe.close()?;
    }
    scribe.close()?;
    // all columns on one page, as many pages down as there are
    let setup = [
        ("paperSize", "9"),
        ("orientation", "landscape"),
        ("fitToHeight", "0"),
    ];
    scribe.leaf("x:pageSetup", &setup)?;
    parts.push(scribe.finish()?);
    Ok(true)
}

/// One row a line; the place and the author stand in the first one of a comment.
fn rows(comments: &[Comment]) -> impl Iterator<Item = [&str; 3]> {
    comments.iter().flat_map(|comment| {
        comment.lines.iter().enumerate().map(|(count, line)| {
            if count == 0 {
                [
                    comment.place.as_str(),
                    comment.author.as_str(),
                    line.as_str(),
                ]
            } else {
                ["", "", line.as_str()]
            }
        })
    })
}

/// How many lines of a slide a line takes.
fn height(line: &str) -> usize {
    let width = line.chars().map(|c| if c.is_ascii() { 1 } else { 2 });
    width.sum::<usize>().div_ceil(LINE_WIDTH).max(1)
}

/// Lines in as many slides as they need. A line that needs more than one is parted.
fn pages(comments: &[Comment], words: Words) -> Vec<Vec<String>> {
    let most = SLIDE_LINES.saturating_mul(LINE_WIDTH) / 2;
    let mut pages = vec![vec![words.heading.to_owned()]];
    let mut used = 1usize;
    for line in lines(comments, words) {
        let mut rest = line.as_str();
        while !rest.is_empty() {
            let end = rest
                .char_indices()
                .nth(most)
                .map_or(rest.len(), |(at, _)| at);
            let (head, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
            rest = tail;
            used = used.saturating_add(height(head));
            if used > SLIDE_LINES {
                pages.push(Vec::new());
                used = height(head);
            }
            if let Some(page) = pages.last_mut() {
                page.push(head.to_owned());
            }
        }
    }
    pages
}

/// The layout for slides of ours: a blank one, else the first.
fn layout(parts: &[Markup]) -> Option<u32> {
    let is_layout = |part: &&Markup| part.kind() == PartKind::SlideLayout;
    let is_blank = |part: &Markup| {
        let mut head = part.events().skip(1);
        head.find_map(|event| match event {
            Event::Attribute(attribute, value) if attribute.local() == "type" => {
                Some(value == "blank")
            }
            Event::Attribute(..) | Event::Reference(..) | Event::Link(..) => None,
            Event::Open(_) | Event::Text(_) | Event::Close => Some(false),
        }) == Some(true)
    };
    let blank = parts
        .iter()
        .position(|part| is_layout(&part) && is_blank(part));
    let first = || parts.iter().position(|part| is_layout(&part));
    u32::try_from(blank.or_else(first)?).ok()
}

/// Slides behind the last one.
pub(super) fn slides(
    comments: &[Comment],
    words: Words,
    parts: &mut Vec<Markup>,
) -> Result<bool, Refusal> {
    let Some(layout) = layout(parts) else {
        return Ok(false);
    };
    let presentation = main(parts)?;
    let pages = pages(comments, words);
    let side = |name: &str| {
        values(presentation, "p:sldSz", name)
            .first()
            .and_then(|v| v.parse().ok())
    };
    let paper = (side("cx").unwrap_or(SLIDE.0), side("cy").unwrap_or(SLIDE.1));
    let ids = values(presentation, "p:sldId", "id");
    let mut ids = ids.iter().filter_map(|id| id.trim().parse().ok()).collect();
    let mut least = 256;
    let first = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let new = splice(
        presentation,
        |open, event| ends(open, event, "p:sldIdLst"),
        |part| {
            let mut scribe = Scribe::over(part);
            for (number, _) in (first..).zip(&pages) {
                let id = free_number(&mut ids, least);
                // all numbers up to this one are taken now
                least = id;
                scribe.open("p:sldId", &[("id", &id.to_string())])?;
                scribe.refer(number)?;
                scribe.close()?;
            }
            Ok(scribe.into_part())
        },
    )?;
    if !put(parts, new) {
        return Ok(false);
    }
    for page in &pages {
        parts.push(slide(page, layout, paper)?);
    }
    Ok(true)
}

fn slide(page: &[String], layout: u32, size: (i64, i64)) -> Result<Markup, Refusal> {
    let part = |of: i64, in_hundred: i64| (of.saturating_mul(in_hundred) / 100).to_string();
    let mut scribe = Scribe::new(PartKind::Slide)?;
    scribe.need(layout);
    scribe.open("p:cSld", &[])?;
    scribe.open("p:spTree", &[])?;
    scribe.open("p:nvGrpSpPr", &[])?;
    scribe.leaf("p:cNvPr", &[("id", "1"), ("name", "")])?;
    scribe.leaf("p:cNvGrpSpPr", &[])?;
    scribe.leaf("p:nvPr", &[])?;
    scribe.close()?;
    scribe.leaf("p:grpSpPr", &[])?;
    scribe.open("p:sp", &[])?;
    scribe.open("p:nvSpPr", &[])?;
    scribe.leaf("p:cNvPr", &[("id", "2"), ("name", "comments")])?;
    scribe.leaf("p:cNvSpPr", &[("txBox", "1")])?;
    scribe.leaf("p:nvPr", &[])?;
    scribe.close()?;
    scribe.open("p:spPr", &[])?;
    scribe.open("a:xfrm", &[])?;
    scribe.leaf("a:off", &[("x", &part(size.0, 5)), ("y", &part(size.1, 5))])?;
    scribe.leaf(
        "a:ext",
        &[("cx", &part(size.0, 90)), ("cy", &part(size.1, 90))],
    )?;
    scribe.close()?;
    scribe.open("a:prstGeom", &[("prst", "rect")])?;
    scribe.leaf("a:avLst", &[])?;
    scribe.close()?;
    scribe.close()?;
    scribe.open("p:txBody", &[])?;
    scribe.leaf("a:bodyPr", &[("wrap", "square")])?;
    scribe.leaf("a:lstStyle", &[])?;
    for line in page {
        scribe.open("a:p", &[])?;
        scribe.open("a:r", &[])?;
        scribe.leaf("a:rPr", &[("sz", "1400")])?;
        scribe.open("a:t", &[])?;
        scribe.text(line)?;
        for _ in 0..3 {
            scribe.close()?;
        }
    }
    for _ in 0..4 {
        scribe.close()?;
    }
    scribe.finish()
}

/// One paragraph of ODF.
fn paragraph(scribe: &mut Scribe, line: &str) -> Result<(), Refusal> {
    scribe.open("text:p", &[])?;
    scribe.text(line)?;
    scribe.close()
}

/// Paragraphs at the end of the body. There is no page of their own: a break is a matter of styles.
pub(super) fn open_text(
    comments: &[Comment],
    words: Words,
    parts: &mut [Markup],
) -> Result<bool, Refusal> {
    let new = splice(
        main(parts)?,
        |open, event| ends(open, event, "office:text"),
        |part| {
            let mut scribe = Scribe::over(part);
            paragraph(&mut scribe, words.heading)?;
            for line in lines(comments, words) {
                paragraph(&mut scribe, &line)?;
            }
            Ok(scribe.into_part())
        },
    )?;
    Ok(put(parts, new))
}

/// Elements that stand behind the last sheet (ODF 1.3 part 3, 3.7).
const BEHIND_SHEETS: [&str; 4] = [
    "table:named-expressions",
    "table:database-ranges",
    "table:data-pilot-tables",
    "table:dde-links",
];

/// A last sheet: cell, author, text.
pub(super) fn open_sheet(
    comments: &[Comment],
    words: Words,
    parts: &mut [Markup],
) -> Result<bool, Refusal> {
    let content = main(parts)?;
    let name = free_name(&values(content, "table:table", "name"), words.heading);
    let here = |open: &[Element], event: Event<'_>| {
        let inside = open
            .last()
            .is_some_and(|last| last.is("office:spreadsheet"));
        let behind = |element: Element| BEHIND_SHEETS.iter().any(|name| element.is(name));
        inside && (event == Event::Close || matches!(event, Event::Open(e) if behind(e)))
    };
    let new = splice(content, here, |part| {
        let mut scribe = Scribe::over(part);
        scribe.open("table:table", &[("table:name", &name)])?;
        scribe.leaf(
            "table:table-column",
            &[("table:number-columns-repeated", "3")],
        )?;
        for row in rows(comments) {
            scribe.open("table:table-row", &[])?;
            for cell in row {
                if cell.is_empty() {
                    scribe.leaf("table:table-cell", &[])?;
                    continue;
                }
                scribe.open("table:table-cell", &[("office:value-type", "string")])?;
                paragraph(&mut scribe, cell)?;
                scribe.close()?;
            }
            scribe.close()?;
        }
        scribe.close()?;
        Ok(scribe.into_part())
    })?;
    Ok(put(parts, new))
}

/// Slides behind the last one, on its master.
pub(super) fn open_slides(
    comments: &[Comment],
    words: Words,
    parts: &mut [Markup],
) -> Result<bool, Refusal> {
    let content = main(parts)?;
    let Some(master) = values(content, "draw:page", "master-page-name").pop() else {
        return Ok(false);
    };
    let here = |open: &[Element], event: Event<'_>| {
        let inside = open
            .last()
            .is_some_and(|last| last.is("office:presentation"));
        inside
            && (event == Event::Close
                || matches!(event, Event::Open(e) if e.is("presentation:settings")))
    };
    // a box without a style is blue
    let style = free_name(&values(content, "style:style", "name"), "comments");
    let styled = splice(
        content,
        |open, event| ends(open, event, "office:automatic-styles"),
        |part| {
            let mut scribe = Scribe::over(part);
            let named = [("style:name", style.as_str()), ("style:family", "graphic")];
            scribe.open("style:style", &named)?;
            let plain = [("draw:fill", "none"), ("draw:stroke", "none")];
            scribe.leaf("style:graphic-properties", &plain)?;
            scribe.close()?;
            Ok(scribe.into_part())
        },
    )?;
    let named = styled
        .is_some()
        .then_some(("draw:style-name", style.as_str()));
    let new = splice(styled.as_ref().unwrap_or(content), here, |part| {
        let mut scribe = Scribe::over(part);
        for page in pages(comments, words) {
            scribe.open("draw:page", &[("draw:master-page-name", &master)])?;
            let place = [
                ("svg:x", "2cm"),
                ("svg:y", "1cm"),
                ("svg:width", "21cm"),
                ("svg:height", "12cm"),
            ];
            let place: Vec<_> = place.into_iter().chain(named).collect();
            scribe.open("draw:frame", &place)?;
            scribe.open("draw:text-box", &[])?;
            for line in &page {
                paragraph(&mut scribe, line)?;
            }
            for _ in 0..3 {
                scribe.close()?;
            }
        }
        Ok(scribe.into_part())
    })?;
    Ok(put(parts, new))
}
