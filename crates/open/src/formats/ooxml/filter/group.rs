//! Diagrams (`SmartArt`) in texts: the shapes that the sender's program drew of them ([MS-ODRAWXML] 2.4) become a group of
//! shapes of texts, whose letters are those of texts. They are written anew as markup, which goes through the filter
//! like any other: nothing that is put together here has to be trusted.

use super::diagram::SPACE;
use super::links;
use super::spaces::{Resolved, Spaces};
use crate::formats::ooxml::xml;
use mugai_core::markup::MAX_DEPTH;
use mugai_core::{Cx, FindingCode, Refusal, Resource};
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The kind of the data of a graphic that is a diagram, and that of one which is a group.
pub(super) const DIAGRAM: &str = "http://schemas.openxmlformats.org/drawingml/2006/diagram";
pub(super) const GROUP: &str = "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup";

/// What is gathered of a drawing.
#[derive(Default)]
struct Drawing {
    spaces: Spaces,
    /// The elements that are open, by how we write them; empty for those that are passed over. With each, the marks of
    /// itself and of all around it.
    open: Vec<(String, u16)>,
    shapes: String,
    /// Whether any of them says something.
    says: bool,
    /// Links of shapes and of their letters, by what they are told as: none is kept.
    links: BTreeMap<FindingCode, u32>,
    shape: Shape,
    run: Run,
    paragraph: Paragraph,
}

/// A shape.
#[derive(Default)]
struct Shape {
    properties: String,
    style: String,
    body: String,
    paragraphs: String,
    /// Whether it has any letters.
    says: bool,
    /// The colour of its letters, where they have none of their own.
    color: Option<String>,
}

/// What an element of a shape is a part of.
#[derive(Clone, Copy)]
enum Place {
    Properties,
    Style,
    Body,
}

impl Shape {
    const fn at(&mut self, place: Place) -> &mut String {
        match place {
            Place::Properties => &mut self.properties,
            Place::Style => &mut self.style,
            Place::Body => &mut self.body,
        }
    }
}

#[derive(Default)]
struct Paragraph {
    align: Option<&'static str>,
    bullet: String,
    runs: String,
}

#[derive(Default)]
struct Run {
    bold: bool,
    italic: bool,
    size: Option<u32>,
    font: Option<String>,
    east: Option<String>,
    color: Option<String>,
    text: String,
}

/// Bytes that come of an element at most, as a rule, beside what it says itself.
const ELEMENT: usize = 256;

/// Marks of elements that decide where what is in them goes.
const SHAPE: u16 = 1;
const PROPERTIES: u16 = 1 << 1;
const STYLE: u16 = 1 << 2;
const TEXT_BODY: u16 = 1 << 3;
const BODY_LOOK: u16 = 1 << 4;
/// What holds something else than a look.
const GRAPHIC: u16 = 1 << 5;
const PASSED_OVER: u16 = 1 << 6;
const PARAGRAPH: u16 = 1 << 7;
const LETTERS: u16 = 1 << 8;
const FONT: u16 = 1 << 9;
const FILLING: u16 = 1 << 10;

/// The mark of an element, by how we write it.
fn mark(name: &str) -> u16 {
    match name {
        "" => PASSED_OVER,
        "dsp:sp" => SHAPE,
        "dsp:spPr" => PROPERTIES,
        "dsp:style" => STYLE,
        "dsp:txBody" => TEXT_BODY,
        "a:bodyPr" => BODY_LOOK,
        "a:graphic" | "a:graphicData" => GRAPHIC,
        "a:p" => PARAGRAPH,
        "a:rPr" => LETTERS,
        "a:fontRef" => FONT,
        "a:solidFill" => FILLING,
        _ => 0,
    }
}

/// The shapes of a drawing as one group; `None` where there are none.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`]
pub(super) fn retold(text: &str, cx: &mut Cx<'_>) -> Result<Option<String>, Refusal> {
    // looks stand in what comes of a paragraph as often as they stood in it, with longer names
    cx.charge_len(Resource::Bytes, text.len().saturating_mul(3))?;
    cx.charge_len(Resource::Steps, text.len() / 4)?;
    let mut drawing = Drawing::default();
    let mut reader = xml::reader(text);
    while let Some(event) = xml::next(&mut reader)? {
        if matches!(event, Event::Start(_) | Event::Empty(_)) {
            // an element of a few letters may come out with all the looks around it
            cx.charge_len(Resource::Bytes, ELEMENT)?;
        }
        match event {
            Event::Start(start) => drawing.begin(&start, cx)?,
            Event::Empty(start) => {
                drawing.begin(&start, cx)?;
                drawing.end(cx)?;
            }
            Event::End(_) => drawing.end(cx)?,
            Event::Text(run) => drawing.say(&run.xml10_content()),
            Event::CData(run) => drawing.say(&run.xml10_content()),
            Event::GeneralRef(name) => drawing.say(&xml::reference(&name)?),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) | Event::Eof => {}
        }
    }
    // shapes that say nothing must not stand for a diagram that does
    if drawing.shapes.is_empty() || !drawing.says {
        return Ok(None);
    }
    for (code, count) in &drawing.links {
        cx.note_times(*code, *count);
    }
    let mut out = format!("<dsp:drawing xmlns:dsp=\"{SPACE}\"");
    for prefix in ["a", "r", "w", "wps", "wpg"] {
        let space = mugai_core::markup::vocabulary::Space::all().find(|s| s.prefix() == prefix);
        let uri = space.map_or("", |space| space.uri());
        let _ = write!(out, " xmlns:{prefix}=\"{uri}\"");
    }
    out.push_str("><wpg:wgp><wpg:cNvGrpSpPr/><wpg:grpSpPr></wpg:grpSpPr>");
    out.push_str(&drawing.shapes);
    out.push_str("</wpg:wgp></dsp:drawing>");
    Ok(Some(out))
}

impl Drawing {
    fn begin(&mut self, start: &BytesStart<'_>, cx: &Cx<'_>) -> Result<(), Refusal> {
        let attributes = xml::attributes(start)?;
        self.spaces.push(&attributes)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(xml::DEEP);
        }
        let (prefix, local) = xml::split(start.name().0);
        let name = match self.spaces.resolve(prefix) {
            Resolved::Diagram => format!("dsp:{local}"),
            Resolved::Known(space) if space.prefix() == "a" => format!("a:{local}"),
            Resolved::Known(_) | Resolved::Compatibility | Resolved::Unknown => String::new(),
        };
        let get = |name: &str| {
            let found = attributes.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| value.as_ref())
        };
        if name == "dsp:sp" {
            self.shape = Shape::default();
        } else if name == "a:hlinkClick" {
            let action = get("action").unwrap_or_default().to_ascii_lowercase();
            let count = self.links.entry(links::lost(&action)).or_insert(0);
            *count = count.saturating_add(1);
        }
        let around = self.around();
        if self.within(PARAGRAPH) {
            self.looks(&name, get);
        } else if name == "a:p" {
            self.paragraph = Paragraph::default();
        } else {
            if self.within(FONT) {
                self.shape.color = self.shape.color.take().or_else(|| color(&name, get));
            }
            if let Some(place) = self.kept(&name) {
                let tag = tag(&name, &attributes, &self.spaces);
                // escapes may make it longer than it was
                cx.charge_len(Resource::Bytes, tag.len())?;
                self.shape.at(place).push_str(&tag);
            }
        }
        let marks = around | mark(&name);
        self.open.push((name, marks));
        Ok(())
    }

    fn end(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let Some((name, _)) = self.open.pop() else {
            return Ok(());
        };
        self.spaces.pop();
        match name.as_str() {
            "a:r" | "a:fld" if self.within(PARAGRAPH) => self.end_run(cx)?,
            "a:p" => self.end_paragraph(),
            "dsp:sp" => self.end_shape(),
            _ if self.within(PARAGRAPH) => {}
            _ => {
                if let Some(place) = self.kept(&name) {
                    let _ = write!(self.shape.at(place), "</{}>", ours(&name));
                }
            }
        }
        Ok(())
    }

    /// The marks of all elements that are open.
    fn around(&self) -> u16 {
        self.open.last().map_or(0, |(_, marks)| *marks)
    }

    fn within(&self, mark: u16) -> bool {
        self.around() & mark != 0
    }

    /// Where an element that is told as it is goes.
    fn kept(&self, name: &str) -> Option<Place> {
        let marks = self.around() | mark(name);
        if marks & (GRAPHIC | PASSED_OVER) != 0 || !self.within(SHAPE) {
            return None;
        }
        if marks & PROPERTIES != 0 {
            Some(Place::Properties)
        } else if marks & STYLE != 0 {
            Some(Place::Style)
        } else if marks & TEXT_BODY != 0 && marks & BODY_LOOK != 0 {
            Some(Place::Body)
        } else {
            None
        }
    }

    /// Looks of a paragraph and of its letters.
    fn looks<'v>(&mut self, name: &str, get: impl Fn(&str) -> Option<&'v str>) {
        let on = |name: &str| matches!(get(name), Some("1" | "true"));
        let in_run = self.within(LETTERS);
        match name {
            "a:pPr" => {
                self.paragraph.align = match get("algn") {
                    Some("ctr") => Some("center"),
                    Some("r") => Some("right"),
                    Some("just" | "dist") => Some("both"),
                    _ => None,
                };
            }
            "a:buChar" => {
                let letter = get("char").and_then(|letter| letter.chars().next());
                self.paragraph.bullet = letter.map(|c| format!("{c} ")).unwrap_or_default();
            }
            "a:r" | "a:fld" => self.run = Run::default(),
            "a:rPr" => {
                (self.run.bold, self.run.italic) = (on("b"), on("i"));
                // hundredths of points, and halves of them
                let size = get("sz").and_then(|size| size.parse::<u32>().ok());
                self.run.size = size.map(|size| (size / 50).clamp(2, 3_276));
            }
            "a:latin" if in_run => self.run.font = get("typeface").and_then(font),
            "a:ea" if in_run => self.run.east = get("typeface").and_then(font),
            "a:br" => self.paragraph.runs.push_str("<w:r><w:br/></w:r>"),
            _ if in_run && self.within(FILLING) && self.run.color.is_none() => {
                self.run.color = color(name, get);
            }
            _ => {}
        }
    }

    fn say(&mut self, text: &str) {
        if self.open.last().is_some_and(|(name, _)| name == "a:t") {
            self.run.text.push_str(text);
        }
    }

    fn end_run(&mut self, cx: &Cx<'_>) -> Result<(), Refusal> {
        let run = std::mem::take(&mut self.run);
        self.shape.says |= !run.text.trim().is_empty();
        self.says |= self.shape.says;
        let bullet = std::mem::take(&mut self.paragraph.bullet);
        let out = &mut self.paragraph.runs;
        let before = out.len();
        out.push_str("<w:r><w:rPr>");
        if run.font.is_some() || run.east.is_some() {
            out.push_str("<w:rFonts");
            if let Some(font) = &run.font {
                let _ = write!(out, " w:ascii=\"{font}\" w:hAnsi=\"{font}\"");
            }
            if let Some(font) = &run.east {
                let _ = write!(out, " w:eastAsia=\"{font}\"");
            }
            out.push_str("/>");
        }
        out.push_str(if run.bold { "<w:b/>" } else { "" });
        out.push_str(if run.italic { "<w:i/>" } else { "" });
        let color = run.color.as_ref().or(self.shape.color.as_ref());
        out.push_str(color.map_or("", String::as_str));
        if let Some(size) = run.size {
            let _ = write!(out, "<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>");
        }
        let _ = write!(
            out,
            "</w:rPr><w:t xml:space=\"preserve\">{}{}</w:t></w:r>",
            escape(bullet.as_str()),
            escape(run.text.as_str())
        );
        // as for tags, and names of fonts are told twice
        cx.charge_len(Resource::Bytes, out.len().saturating_sub(before))
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let out = &mut self.shape.paragraphs;
        out.push_str("<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>");
        if let Some(align) = paragraph.align {
            let _ = write!(out, "<w:jc w:val=\"{align}\"/>");
        }
        let _ = write!(out, "</w:pPr>{}</w:p>", paragraph.runs);
    }

    fn end_shape(&mut self) {
        let shape = std::mem::take(&mut self.shape);
        let out = &mut self.shapes;
        out.push_str("<wps:wsp><wps:cNvSpPr/>");
        out.push_str(&shape.properties);
        out.push_str(&shape.style);
        if shape.says {
            let _ = write!(
                out,
                "<wps:txbx><w:txbxContent>{}</w:txbxContent></wps:txbx>",
                shape.paragraphs
            );
        }
        out.push_str(if shape.body.is_empty() {
            "<wps:bodyPr/>"
        } else {
            &shape.body
        });
        out.push_str("</wps:wsp>");
    }
}

/// How an element of a drawing is called in a group.
fn ours(name: &str) -> Cow<'_, str> {
    match name {
        "dsp:spPr" => Cow::Borrowed("wps:spPr"),
        "dsp:style" => Cow::Borrowed("wps:style"),
        "a:bodyPr" => Cow::Borrowed("wps:bodyPr"),
        name => Cow::Borrowed(name),
    }
}

/// The beginning of an element, with the attributes that drawings have.
fn tag(name: &str, attributes: &[(&str, Cow<'_, str>)], spaces: &Spaces) -> String {
    let mut out = format!("<{}", ours(name));
    for (key, value) in attributes {
        let (prefix, local) = xml::split(key);
        let known = match prefix {
            "" => local != "xmlns",
            "xmlns" | "xml" => false,
            prefix => matches!(spaces.resolve(prefix), Resolved::Known(s) if s.prefix() == "r"),
        };
        if known {
            let prefix = if prefix.is_empty() { "" } else { "r:" };
            let _ = write!(out, " {prefix}{local}=\"{}\"", escape(value.as_ref()));
        }
    }
    out.push('>');
    out
}

/// The name of a font, if it is one and not that of a theme.
fn font(name: &str) -> Option<String> {
    let named = !name.is_empty() && !name.starts_with('+');
    named.then(|| escape(name).into_owned())
}

/// The colour of letters that an element of a colour says.
fn color<'v>(name: &str, get: impl Fn(&str) -> Option<&'v str>) -> Option<String> {
    let value = get("val")?;
    if name == "a:srgbClr" {
        let hex = value.len() == 6 && value.bytes().all(|b| b.is_ascii_hexdigit());
        return hex.then(|| format!("<w:color w:val=\"{value}\"/>"));
    }
    if name != "a:schemeClr" {
        return None;
    }
    let (theme, shown) = match value {
        "dk1" => ("dark1", "000000"),
        "tx1" => ("text1", "000000"),
        "lt1" => ("light1", "FFFFFF"),
        "bg1" => ("background1", "FFFFFF"),
        "dk2" => ("dark2", "auto"),
        "tx2" => ("text2", "auto"),
        "lt2" => ("light2", "auto"),
        "bg2" => ("background2", "auto"),
        "accent1" => ("accent1", "auto"),
        "accent2" => ("accent2", "auto"),
        "accent3" => ("accent3", "auto"),
        "accent4" => ("accent4", "auto"),
        "accent5" => ("accent5", "auto"),
        "accent6" => ("accent6", "auto"),
        _ => return None,
    };
    Some(format!(
        "<w:color w:val=\"{shown}\" w:themeColor=\"{theme}\"/>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    type Told = Result<Option<String>, Refusal>;

    fn tried(shapes: &str) -> (Told, Vec<(FindingCode, u32)>) {
        let drawing = "http://schemas.openxmlformats.org/drawingml/2006/main";
        let text = format!(
            "<dsp:drawing xmlns:dsp=\"{SPACE}\" xmlns:a=\"{drawing}\"><dsp:spTree>{shapes}</dsp:spTree></dsp:drawing>"
        );
        let told = |cx: &mut Cx<'_>| retold(&text, cx);
        let (told, tape) = taped(Treatments::nothing(), Hints::default(), told);
        let notes = tape.findings.iter().map(|f| (f.code, f.count));
        (told, notes.collect())
    }

    fn told(shapes: &str) -> Option<String> {
        tried(shapes).0.unwrap()
    }

    const WORDS: &str = "<dsp:txBody><a:p><a:r><a:t>words</a:t></a:r></a:p></dsp:txBody>";

    #[test]
    fn shapes_stand_for_a_diagram_where_they_say_something() {
        let plain = "<dsp:spPr><a:prstGeom prst=\"rect\"/></dsp:spPr>";
        assert_eq!(told(&format!("<dsp:sp>{plain}</dsp:sp>")), None);
        let said = told(&format!("<dsp:sp>{plain}{WORDS}</dsp:sp>")).unwrap();
        assert!(
            said.contains("words") && said.contains("a:prstGeom"),
            "{said}"
        );
    }

    #[test]
    fn no_graphic_is_taken_along() {
        let graphic = "<a:graphic><a:graphicData uri=\"u\"><a:relIds/></a:graphicData></a:graphic>";
        let said = told(&format!(
            "<dsp:sp><dsp:spPr>{graphic}</dsp:spPr>{WORDS}</dsp:sp>"
        ))
        .unwrap();
        assert!(
            !said.contains("graphic") && !said.contains("relIds"),
            "{said}"
        );
    }

    #[test]
    fn links_are_not_told_and_are_counted() {
        let link = "<a:hlinkClick id=\"rId1\"/>";
        let linked = format!(
            "<dsp:sp><dsp:nvSpPr><dsp:cNvPr>{link}</dsp:cNvPr></dsp:nvSpPr><dsp:txBody><a:p><a:r>\
             <a:rPr>{link}<a:hlinkClick action=\"ppaction://Macro?name=rId1\"/></a:rPr><a:t>words</a:t></a:r></a:p></dsp:txBody></dsp:sp>"
        );
        let (told, notes) = tried(&linked);
        assert!(!told.unwrap().unwrap().contains("rId1"));
        let macros = (FindingCode::OfficeMacro, 1);
        assert_eq!(notes, [macros, (FindingCode::OfficeLink, 2)]);
        assert_eq!(tried(&format!("<dsp:sp>{WORDS}</dsp:sp>")).1, []);
        // a drawing that does not stand for its diagram
        assert_eq!(tried(&linked.replace("words", " ")), (Ok(None), Vec::new()));
    }

    #[test]
    fn escapes_are_paid_for() {
        let quotes = "'".repeat(2 << 20);
        let look = format!("<dsp:spPr><a:x y=\"{quotes}\"/></dsp:spPr>");
        let run = format!("<a:p><a:r><a:t>{quotes}</a:t></a:r></a:p>");
        for shape in [look, format!("<dsp:txBody>{run}</dsp:txBody>")] {
            let (told, _) = tried(&format!("<dsp:sp>{shape}{WORDS}</dsp:sp>"));
            assert!(matches!(told, Err(Refusal::Overrun { .. })));
        }
    }
}
