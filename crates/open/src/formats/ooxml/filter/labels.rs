//! Labels of charts that show what cells say, and colours of bars below zero: programs since 2010 write them into extensions
//! ([MS-ODRAWXML] 2.24.3), with what was shown last. Labels become that text, and bars keep the colour of their series
//! where they would be white without theirs.

use crate::formats::ooxml::xml;
use mugai_core::markup::vocabulary::{Attribute, Element};
use mugai_core::markup::{Builder, Event, PartKind, scrub};
use mugai_core::{Cx, Markup, Refusal, Resource};
use quick_xml::events::{BytesStart, Event as Xml};
use std::collections::BTreeMap;

/// The most labels that are looked at.
const MAX_LABELS: usize = 65_536;

/// What the extensions of a chart say.
#[derive(Debug, Default)]
struct Said {
    series: Vec<Series>,
    /// The texts of single cells, by the identifiers of the fields that show them.
    cells: BTreeMap<String, String>,
    count: usize,
}

#[derive(Debug, Default)]
struct Series {
    /// The texts of cells, by the numbers of the points.
    texts: BTreeMap<u32, String>,
    /// Bars below zero have a colour of their own.
    inverted: bool,
}

/// A chart that says what the extensions in its text say.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(super) fn tell(chart: Markup, text: &str, cx: &mut Cx<'_>) -> Result<Markup, Refusal> {
    let words = ["\"CELLRANGE\"", "\"CELLREF\"", "invertSolidFillFmt"];
    if chart.kind() != PartKind::Chart || !words.iter().any(|word| text.contains(word)) {
        return Ok(chart);
    }
    let said = read(text, cx)?;
    cx.charge_len(Resource::Bytes, chart.encoded().len())?;
    let mut out = Builder::new(chart.kind());
    for number in chart.needs() {
        out.need(*number);
    }
    let mut teller = Teller {
        said: &said,
        out,
        open: Vec::new(),
        series: 0,
        point: None,
        told: false,
        field: Field::None,
        skipped: 0,
    };
    for event in chart.events() {
        teller.take(event, cx)?;
    }
    teller.out.finish()
}

fn read(text: &str, cx: &Cx<'_>) -> Result<Said, Refusal> {
    let mut said = Said::default();
    let mut open: Vec<String> = Vec::new();
    let (mut letters, mut point, mut field) = (String::new(), None, String::new());
    let mut reader = xml::reader(text);
    while let Some(event) = xml::next(&mut reader)? {
        match event {
            Xml::Start(start) => {
                begun(&start, &mut said, &mut point)?;
                letters.clear();
                open.push(xml::split(start.name().0).1.to_owned());
            }
            Xml::Empty(start) => begun(&start, &mut said, &mut point)?,
            Xml::Text(run) => letters.push_str(&run.xml10_content()),
            Xml::CData(run) => letters.push_str(&run.xml10_content()),
            Xml::GeneralRef(name) => letters.push_str(&xml::reference(&name)?),
            Xml::End(_) => {
                let name = open.pop().unwrap_or_default();
                let within = |name: &str| open.iter().rev().take(3).any(|around| around == name);
                let room = said.count < MAX_LABELS;
                if name == "txfldGUID" {
                    letters.trim().clone_into(&mut field);
                } else if name == "v" && room && within("dlblRangeCache") {
                    said.count = said.count.saturating_add(1);
                    cx.charge_len(Resource::Bytes, letters.len().saturating_add(64))?;
                    let clean = scrub(&letters).0.into_owned();
                    if let Some((series, point)) = said.series.last_mut().zip(point) {
                        series.texts.insert(point, clean);
                    }
                } else if name == "v" && room && within("dlblFieldTableCache") {
                    said.count = said.count.saturating_add(1);
                    cx.charge_len(Resource::Bytes, letters.len().saturating_add(128))?;
                    let clean = scrub(&letters).0.into_owned();
                    said.cells.insert(field.to_ascii_uppercase(), clean);
                }
            }
            Xml::Comment(_) | Xml::PI(_) | Xml::Decl(_) | Xml::DocType(_) | Xml::Eof => {}
        }
    }
    Ok(said)
}

fn begun(start: &BytesStart<'_>, said: &mut Said, point: &mut Option<u32>) -> Result<(), Refusal> {
    match xml::split(start.name().0).1 {
        "ser" => said.series.push(Series::default()),
        "invertSolidFillFmt" => {
            if let Some(series) = said.series.last_mut() {
                series.inverted = true;
            }
        }
        "pt" => {
            let all = xml::attributes(start)?;
            let idx = all.iter().find(|(key, _)| *key == "idx");
            *point = idx.and_then(|(_, idx)| idx.parse().ok());
        }
        _ => {}
    }
    Ok(())
}

/// The field that is open.
#[derive(Debug, Default)]
enum Field<'a> {
    #[default]
    None,
    /// Its attributes are being told.
    Begun(Vec<(Attribute, &'a str)>),
    /// It became this text.
    Text(String),
}

struct Teller<'a> {
    said: &'a Said,
    out: Builder,
    open: Vec<Element>,
    /// How many series were begun.
    series: usize,
    /// The point of the label that is open, and whether it was told as a text.
    point: Option<u32>,
    told: bool,
    field: Field<'a>,
    /// Levels below an element that a text does not have.
    skipped: usize,
}

impl<'a> Teller<'a> {
    fn take(&mut self, event: Event<'a>, cx: &Cx<'_>) -> Result<(), Refusal> {
        if let (Field::Begun(_), Event::Attribute(attribute, value)) = (&self.field, &event) {
            if let Field::Begun(attributes) = &mut self.field {
                attributes.push((*attribute, *value));
            }
            return Ok(());
        }
        self.decide(cx)?;
        let is_text = matches!(self.field, Field::Text(_));
        match event {
            Event::Open(element) => {
                let wanted =
                    !is_text || element.is("a:rPr") || element.is("a:t") || self.skipped > 0;
                self.open.push(element);
                if self.skipped > 0
                    || !wanted && self.open.iter().rev().nth(1).is_some_and(|e| e.is("a:fld"))
                {
                    self.skipped = self.skipped.saturating_add(1);
                    return Ok(());
                }
                if element.is("a:fld") {
                    self.field = Field::Begun(Vec::new());
                    return Ok(());
                }
                if element.is("c:ser") {
                    self.series = self.series.saturating_add(1);
                } else if element.is("c:dLbl") {
                    (self.point, self.told) = (None, false);
                }
                self.out.push(event)?;
                match &self.field {
                    Field::Text(text) if element.is("a:t") => self.out.push(Event::Text(text)),
                    Field::Text(_) | Field::None | Field::Begun(_) => Ok(()),
                }
            }
            _ if self.skipped > 0 => {
                if event == Event::Close {
                    self.open.pop();
                    self.skipped = self.skipped.saturating_sub(1);
                }
                Ok(())
            }
            Event::Attribute(attribute, value) => {
                let value = self.value(attribute, value);
                self.out.push(Event::Attribute(attribute, value))
            }
            Event::Text(_) if is_text => Ok(()),
            Event::Close => {
                if self.open.pop().is_some_and(|element| element.is("a:fld")) {
                    self.field = Field::None;
                }
                self.out.push(Event::Close)
            }
            Event::Text(_) | Event::Reference(..) | Event::Link(..) => self.out.push(event),
        }
    }

    /// Begins a field whose attributes are known: as a text, if it is known what it shows.
    fn decide(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let Field::Begun(attributes) = &mut self.field else {
            return Ok(());
        };
        let attributes = std::mem::take(attributes);
        let get = |name: &str| {
            let found = attributes.iter().find(|(a, _)| a.local() == name);
            found.map_or("", |(_, value)| *value)
        };
        let series = self
            .series
            .checked_sub(1)
            .and_then(|n| self.said.series.get(n));
        let text = match get("type") {
            "CELLRANGE" => series
                .zip(self.point)
                .and_then(|(s, point)| s.texts.get(&point)),
            "CELLREF" => self.said.cells.get(&get("id").to_ascii_uppercase()),
            _ => None,
        };
        let name = if text.is_some() { "a:r" } else { "a:fld" };
        let element = Element::named(name).ok_or(Refusal::internal("ooxml: no such element"))?;
        self.out.push(Event::Open(element))?;
        if let Some(text) = text {
            // one text may be shown by many labels
            cx.charge_len(Resource::Bytes, text.len())?;
            self.told = true;
            self.field = Field::Text(text.clone());
            return Ok(());
        }
        self.field = Field::None;
        for (attribute, value) in attributes {
            self.out.push(Event::Attribute(attribute, value))?;
        }
        Ok(())
    }

    /// A value as it is told: a label that is a text is shown, and bars below zero are not white.
    fn value(&mut self, attribute: Attribute, value: &'a str) -> &'a str {
        let Some(element) = self.open.last().filter(|_| attribute.local() == "val") else {
            return value;
        };
        let label = self
            .open
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|e| e.is("c:dLbl"));
        let series = self
            .series
            .checked_sub(1)
            .and_then(|n| self.said.series.get(n));
        if label && element.is("c:idx") {
            self.point = value.parse().ok();
        } else if label && self.told && element.is("c:showVal") {
            return "1";
        } else if element.is("c:invertIfNegative") && series.is_some_and(|series| series.inverted) {
            return "0";
        }
        value
    }
}
