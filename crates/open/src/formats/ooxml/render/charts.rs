//! Charts as text: titles, and for each series its name and a line for each of its points.

use mugai_core::Markup;
use mugai_core::markup::Event;
use mugai_core::markup::vocabulary::Element;

/// What is said of a series.
#[derive(Default)]
struct Series {
    name: String,
    labels: Vec<String>,
    values: Vec<String>,
}

/// The values that a chart shows, as they were kept with it.
pub(super) fn tell(part: &Markup, out: &mut String) {
    let mut open: Vec<Element> = Vec::new();
    let mut series = Series::default();
    for event in part.events() {
        match event {
            Event::Open(element) => open.push(element),
            Event::Text(text) if open.last().is_some_and(|e| e.is("c:v")) => {
                series.say(&open, text);
            }
            Event::Close => {
                if open.pop().is_some_and(|e| e.is("c:ser")) {
                    std::mem::take(&mut series).end(out);
                }
            }
            Event::Text(_) | Event::Attribute(..) | Event::Reference(..) | Event::Link(..) => {}
        }
    }
}

impl Series {
    fn say(&mut self, open: &[Element], text: &str) {
        let within = |name: &str| open.iter().any(|e| e.is(name));
        if !within("c:ser") {
            return;
        }
        let text = text.replace(['\n', '\t'], " ");
        if within("c:cat") || within("c:xVal") {
            self.labels.push(text);
        } else if within("c:val") || within("c:yVal") {
            self.values.push(text);
        } else if within("c:tx") {
            self.name.push_str(&text);
        }
    }

    fn end(self, out: &mut String) {
        if !self.name.is_empty() {
            out.push_str(&self.name);
            out.push('\n');
        }
        let mut values = self.values.into_iter();
        for label in self.labels {
            out.push_str(&label);
            if let Some(value) = values.next() {
                out.push('\t');
                out.push_str(&value);
            }
            out.push('\n');
        }
        for value in values {
            out.push('\t');
            out.push_str(&value);
            out.push('\n');
        }
    }
}
