//! What may be put into cells, where the list of it stands in another sheet: programs since 2010 write that into an
//! extension ([MS-XLSX] 2.6.21, `CT_DataValidation` of 2009), beside the rules that the standard has. Here all of them
//! become those of the standard, which the same programs read.

use crate::formats::comments::splice;
use crate::formats::ooxml::xml;
use mugai_core::markup::vocabulary::{Attribute, Element};
use mugai_core::markup::{
    Builder, Event, PartKind, fits, is_harmless_formula, read_numbers, scrub,
};
use mugai_core::{Cx, FindingCode, Markup, Refusal, Resource};
use quick_xml::events::Event as Xml;
use std::borrow::Cow;

/// The namespace of the extension.
const SPACE: &str = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main";
/// The most rules that are taken.
const MAX_RULES: usize = 65_536;
/// What stands behind the rules in a sheet (ECMA-376 part 1, section 18.3.1.99).
const BEHIND: [&str; 21] = [
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "drawingHF",
    "legacyDrawing",
    "legacyDrawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
];

/// One rule.
#[derive(Debug, Default)]
struct Rule {
    attributes: Vec<(String, String)>,
    /// The first and the second formula.
    formulas: [String; 2],
    cells: String,
}

/// A sheet with the rules of its extension among those that it has.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`].
pub(super) fn add(sheet: Markup, text: &str, cx: &mut Cx<'_>) -> Result<Markup, Refusal> {
    // most sheets with extensions have others
    let may_have = || {
        let mut words = [SPACE, "dataValidation", "sqref>"].iter();
        words.all(|word| text.contains(word))
    };
    if sheet.kind() != PartKind::Worksheet || !may_have() {
        return Ok(sheet);
    }
    let rules = read(text, cx)?;
    let Some(list) = Element::named("x:dataValidations").filter(|_| !rules.is_empty()) else {
        return Ok(sheet);
    };
    let has_list = sheet.events().any(|event| event == Event::Open(list));
    let here = |open: &[Element], event: Event<'_>| match event {
        Event::Close => open.last() == Some(&list) || (open.len() == 1 && !has_list),
        Event::Open(element) => open.len() == 1 && !has_list && BEHIND.contains(&element.local()),
        Event::Attribute(..) | Event::Text(_) | Event::Reference(..) | Event::Link(..) => false,
    };
    let whole = splice(&sheet, here, |mut out| {
        if !has_list {
            out.push(Event::Open(list))?;
        }
        put(&rules, &mut out)?;
        if !has_list {
            out.push(Event::Close)?;
        }
        Ok(out)
    })?;
    Ok(whole.unwrap_or(sheet))
}

/// The rules of the extension: those that tell their cells in an element of their own.
fn read(text: &str, cx: &mut Cx<'_>) -> Result<Vec<Rule>, Refusal> {
    let mut all = Vec::new();
    let mut rule: Option<Rule> = None;
    let mut said = String::new();
    let mut reader = xml::reader(text);
    let mut formula = 0;
    while let Some(event) = xml::next(&mut reader)? {
        match event {
            Xml::Start(start) => {
                said.clear();
                match xml::split(start.name().0).1 {
                    "dataValidation" => rule = begun(&xml::attributes(&start)?, cx),
                    "formula1" => formula = 0,
                    "formula2" => formula = 1,
                    _ => {}
                }
            }
            Xml::Text(run) if rule.is_some() => said.push_str(&run.xml10_content()),
            Xml::CData(run) if rule.is_some() => said.push_str(&run.xml10_content()),
            Xml::GeneralRef(name) if rule.is_some() => said.push_str(&xml::reference(&name)?),
            Xml::End(end) => match xml::split(end.name().0).1 {
                "f" => {
                    let slot = rule
                        .as_mut()
                        .and_then(|rule| rule.formulas.get_mut(formula));
                    if let Some(slot) = slot {
                        said.trim().clone_into(slot);
                    }
                }
                "sqref" => {
                    if let Some(rule) = &mut rule {
                        said.trim().clone_into(&mut rule.cells);
                    }
                }
                "dataValidation" => {
                    let whole = rule.take().filter(|rule| !rule.cells.is_empty());
                    if let Some(rule) = whole {
                        cx.charge(Resource::Bytes, 512)?;
                        cx.charge_len(Resource::Steps, rule.cells.len().div_ceil(8))?;
                        if all.len() < MAX_RULES && judge(&rule, cx) {
                            all.push(rule);
                        }
                    }
                }
                _ => {}
            },
            Xml::Empty(_)
            | Xml::Text(_)
            | Xml::CData(_)
            | Xml::GeneralRef(_)
            | Xml::Comment(_)
            | Xml::PI(_)
            | Xml::Decl(_)
            | Xml::DocType(_)
            | Xml::Eof => {}
        }
    }
    Ok(all)
}

/// A rule begins; one of the standard names its cells in an attribute, and is told by the sheet.
fn begun(attributes: &[(&str, Cow<'_, str>)], cx: &mut Cx<'_>) -> Option<Rule> {
    if attributes.iter().any(|(key, _)| *key == "sqref") {
        return None;
    }
    let mut rule = Rule::default();
    for (key, value) in attributes.iter().filter(|(key, _)| !key.contains(':')) {
        let read = read_numbers(value);
        let (clean, scrubbed) = scrub(&read);
        cx.note_scrubbed(scrubbed);
        rule.attributes
            .push(((*key).to_owned(), clean.into_owned()));
    }
    Some(rule)
}

/// Whether a rule calculates from the cells of this workbook, and nothing else.
fn judge(rule: &Rule, cx: &mut Cx<'_>) -> bool {
    let good = rule
        .formulas
        .iter()
        .all(|formula| is_harmless_formula(formula) && scrub(formula).0 == formula.as_str());
    if !good {
        cx.note(FindingCode::OfficeFormula);
    }
    good
}

fn put(rules: &[Rule], out: &mut Builder) -> Result<(), Refusal> {
    let named = |name: &str| Element::named(name).ok_or(Refusal::internal("ooxml: a rule"));
    let element = named("x:dataValidation")?;
    let formulas = [named("x:formula1")?, named("x:formula2")?];
    for rule in rules {
        out.push(Event::Open(element))?;
        let cells = ("sqref", rule.cells.as_str());
        let attributes = rule
            .attributes
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        for (key, value) in attributes.chain([cells]) {
            let known = Attribute::find(None, key);
            let known = known.and_then(|known| Some((known, element.attribute(known)?)));
            if let Some((attribute, kind)) = known
                && fits(kind, value)
            {
                out.push(Event::Attribute(attribute, value))?;
            }
        }
        for (formula, text) in formulas.iter().zip(&rule.formulas) {
            if !text.is_empty() {
                out.push(Event::Open(*formula))?;
                out.push(Event::Text(text))?;
                out.push(Event::Close)?;
            }
        }
        out.push(Event::Close)?;
    }
    Ok(())
}
