//! From the XML of a part to its markup: what is in the vocabulary stays, a few wrappers go while
//! what is in them stays, everything else goes with all that is in it.

mod canvas;
mod choice;
mod diagram;
mod extensions;
mod fields;
mod formulas;
mod group;
mod head;
mod labels;
mod links;
mod marks;
mod names;
mod pictures;
mod preview;
mod reach;
pub(in crate::formats) mod spaces;
mod validations;

pub(in crate::formats) use pictures::Pictures;

use super::comments::Found;
use super::package::{Package, Part};
use super::xml::{self, Walker};
use crate::formats::field;
use diagram::Diagram;
use fields::Fields;
use formulas::Formulas;
use mugai_core::markup::vocabulary::{Attribute, Element, Type};
use mugai_core::markup::{self, Builder, Event, Place};
use mugai_core::{Cx, FindingCode, Markup, Refusal};
use quick_xml::events::BytesStart;
use spaces::{Resolved, Spaces};
use std::borrow::Cow;

/// What became of an element that is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    /// It is in the output, or will be with the first thing in it.
    Kept(Element),
    /// Only what is in it is.
    Unwrapped,
    /// The children of alternative content: whether one was chosen.
    Choice(bool),
    /// An object in a frame of its own: nothing but its preview is kept.
    Preview,
    /// A link of which only the text is, with its address behind it.
    Told,
}

/// Attributes of an element that is about to begin.
#[derive(Default)]
struct Head<'a> {
    values: Vec<(Attribute, Type, Cow<'a, str>)>,
    references: Vec<(Attribute, Place)>,
    /// The address that it leads to.
    link: Option<String>,
    /// A reference led to nothing that is carried.
    lost: bool,
}

/// An element that waits for its first child, or for its text.
struct Waiting {
    element: Element,
    values: Vec<(Attribute, Type, String)>,
}

struct Filter<'p, 'c, 'a> {
    package: &'p Package<'p>,
    part: &'p Part,
    comments: &'p Found,
    pictures: &'p mut Pictures,
    cx: &'c mut Cx<'a>,
    out: Builder,
    frames: Vec<Frame>,
    spaces: Spaces,
    /// Levels below an element that was dropped.
    dropped: usize,
    text: String,
    /// Lists that must not be empty, waiting for their first item.
    lists: Vec<Waiting>,
    /// The element whose text decides about it.
    decide: Option<Waiting>,
    fields: Fields,
    /// Links whose text is being told.
    told: Vec<links::Told>,
    /// The address behind a run of a drawing.
    behind: Option<String>,
    formulas: Formulas,
    /// Whether sheets are left out, so that the numbers of others change.
    loses_sheets: bool,
    /// The diagram whose shapes are told.
    diagram: Option<Diagram>,
    /// How many shapes of diagrams were told.
    shapes: u32,
    /// The size of the drawing of a text that is open.
    extent: Option<(String, String)>,
    /// The place of the picture that was named last.
    last_picture: Option<u32>,
}

/// Tells a part again.
///
/// # Errors
/// [`Refusal::Malformed`] for XML that is broken, too deep, or not rooted as its type says.
pub(super) fn part(
    package: &Package<'_>,
    part: &Part,
    comments: &Found,
    pictures: &mut Pictures,
    cx: &mut Cx<'_>,
) -> Result<Markup, Refusal> {
    let missing = Refusal::malformed("ooxml: a part is missing");
    let bytes = package.content(&part.path, cx)?.ok_or(missing)?;
    let text = xml::decode(&bytes, cx)?;
    let fields = if fields::may_be_in(part.kind) && text.contains("fldChar") {
        Fields::read(&text)?
    } else {
        Fields::none()
    };
    let mut filter = Filter::new(
        (package, part),
        comments,
        pictures,
        cx,
        Builder::new(part.kind),
    );
    filter.fields = fields;
    filter.loses_sheets = names::loses_sheets(package, part);
    filter.implicit();
    filter.walk(&text)?;
    let markup = filter.out.finish()?;
    let markup = labels::tell(markup, &text, cx)?;
    validations::add(markup, &text, cx)
}

impl Walker for Filter<'_, '_, '_> {
    fn dropped(&mut self) -> &mut usize {
        &mut self.dropped
    }

    fn depth(&self) -> usize {
        self.frames.len()
    }

    fn text(&mut self) -> &mut String {
        &mut self.text
    }

    fn begins(&mut self, start: &BytesStart<'_>, rest: &str) -> Result<(), Refusal> {
        self.start(start, rest)
    }

    fn ends(&mut self) -> Result<(), Refusal> {
        self.end()
    }
}

impl<'p, 'c, 'a> Filter<'p, 'c, 'a> {
    fn new(
        (package, part): (&'p Package<'p>, &'p Part),
        comments: &'p Found,
        pictures: &'p mut Pictures,
        cx: &'c mut Cx<'a>,
        out: Builder,
    ) -> Self {
        Self {
            package,
            part,
            comments,
            pictures,
            cx,
            out,
            frames: Vec::new(),
            spaces: Spaces::default(),
            dropped: 0,
            text: String::new(),
            lists: Vec::new(),
            decide: None,
            fields: Fields::none(),
            told: Vec::new(),
            behind: None,
            formulas: Formulas::default(),
            loses_sheets: false,
            diagram: None,
            shapes: 0,
            extent: None,
            last_picture: None,
        }
    }
}

impl Filter<'_, '_, '_> {
    fn drop_it(&mut self, code: Option<FindingCode>) -> Result<(), Refusal> {
        // comments that are told elsewhere are not gone
        let told = self.cx.params().comments;
        if let Some(code) = code.filter(|code| !told || *code != FindingCode::OfficeComment) {
            self.cx.note(code);
        }
        self.spaces.pop();
        self.deeper()
    }

    fn unwrap_it(&mut self, code: Option<FindingCode>) {
        if let Some(code) = code {
            self.cx.note(code);
        }
        self.frames.push(Frame::Unwrapped);
    }

    /// An element begins; `rest` is what follows it.
    fn start(&mut self, start: &BytesStart<'_>, rest: &str) -> Result<(), Refusal> {
        // what decides has no elements in it
        if self.decide.is_some() {
            return self.deeper();
        }
        self.flush_text()?;
        if self.frames.len() >= markup::MAX_DEPTH {
            return Err(xml::DEEP);
        }
        let mut attributes = xml::attributes(start)?;
        self.spaces.push(&attributes)?;
        let name = start.name();
        let (prefix, mut local) = xml::split(name.0);
        let space = match self.spaces.resolve(prefix) {
            Resolved::Known(space) => space,
            Resolved::Compatibility => return self.compatibility(local, &attributes),
            Resolved::Diagram if self.diagram.is_some() => match self.of_diagram(local) {
                Some((space, name)) => {
                    local = name;
                    space
                }
                None => return Ok(()),
            },
            Resolved::Diagram | Resolved::Unknown => {
                return self.drop_it(Some(FindingCode::OfficeMarkup));
            }
        };
        let Some(element) = Element::find(space, local) else {
            // what only counts and names things is nothing to tell of
            if local == "extLst" && names::is_idle(rest) {
                return self.drop_it(None);
            }
            return self.outside(&format!("{}:{local}", space.prefix()), &attributes);
        };
        if self.frames.is_empty() && element != self.part.kind.root() {
            return Err(Refusal::malformed(
                "ooxml: a part is of another kind than it says",
            ));
        }
        if names::is_special(element)
            && element.local() == "graphicFrame"
            && self.frame(element, rest)?
        {
            return Ok(());
        }
        if names::is_special(element) && self.drawing(element, &mut attributes, rest)? {
            return Ok(());
        }
        if !self.is_in_place(element) {
            return self.drop_it(Some(FindingCode::OfficeMarkup));
        }
        if self.in_preview() && !element.is("p:pic") {
            self.unwrap_it(None);
            return Ok(());
        }
        self.element(element, &attributes)
    }

    /// An element that is not in the vocabulary begins.
    fn outside(&mut self, name: &str, attributes: &[(&str, Cow<'_, str>)]) -> Result<(), Refusal> {
        match names::outside(name) {
            names::Outside::Unwrap(code) => {
                self.unwrap_it(code);
                Ok(())
            }
            names::Outside::As(name) => match Element::named(name) {
                Some(element) => {
                    self.cx.note(FindingCode::OfficeEmbedded);
                    self.keep(element, Head::default())
                }
                None => self.drop_it(None),
            },
            // the preview of an object is in it
            names::Outside::Drop(_) if self.in_preview() && name == "p:oleObj" => {
                self.unwrap_it(None);
                Ok(())
            }
            names::Outside::Drop(code) => {
                if name == "w:commentReference" {
                    self.mark(attributes)?;
                }
                self.drop_it(code)
            }
        }
    }

    /// Whether what comes is dropped unless it is the preview of an object.
    fn in_preview(&self) -> bool {
        let last = self
            .frames
            .iter()
            .rev()
            .find(|f| matches!(f, Frame::Preview | Frame::Kept(_)));
        last == Some(&Frame::Preview)
    }

    /// An element of the vocabulary, with what is special about some.
    fn element(
        &mut self,
        element: Element,
        attributes: &[(&str, Cow<'_, str>)],
    ) -> Result<(), Refusal> {
        if !self.fields.is_quiet() && self.fields.hides(self.frames.last().copied(), element) {
            return self.drop_it(None);
        }
        if !names::is_special(element) {
            let mut head = self.head(element, attributes);
            self.count(element, &mut head);
            if head.lost && !names::may_lose(element) {
                return self.drop_it(None);
            }
            return self.keep(element, head);
        }
        let raw = |name: &str| {
            attributes
                .iter()
                .find(|(key, _)| xml::split(key).1 == name)
                .map(|(_, value)| value.as_ref())
        };
        if element.is("w:fldChar") && !self.fields.character(attributes) {
            let begins = raw("fldCharType") == Some("begin");
            self.behind_field()?;
            return self.drop_it(begins.then_some(FindingCode::OfficeField));
        }
        if links::is_link(element) {
            return self.link(element, attributes);
        }
        if element.is("wp:extent") {
            let side = |name: &str| raw(name).and_then(diagram::number);
            self.extent = side("cx").zip(side("cy"));
        }
        if element.is("a:tile") {
            let head = self.head(element, attributes);
            return self.tile(element, head);
        }
        if element.is("w:fldSimple")
            && markup::instruction(raw("instr").unwrap_or_default()).is_none()
        {
            self.cx.note(FindingCode::OfficeField);
            let address = field::address(raw("instr").unwrap_or_default());
            let shown = address.and_then(|address| self.field_address(&address));
            self.tell_link(shown);
            return Ok(());
        }
        if element.is("x:ext") {
            return self.extension(element, attributes);
        }
        if element.is("x:definedName") && names::is_automatic(raw("name").unwrap_or_default()) {
            return self.drop_it(Some(FindingCode::OfficeMacro));
        }
        if names::is_hidden(element, &raw) {
            self.cx.note(FindingCode::OfficeHidden);
        }
        let mut head = self.head(element, attributes);
        if element.is("x:sheet") {
            self.formulas.sheet(!head.lost);
        }
        if element.is("x:definedName") && !self.formulas.localise(&mut head.values) {
            return self.drop_it(None);
        }
        if element.is("x:workbookView") && self.loses_sheets {
            head.values
                .retain(|(attribute, ..)| !matches!(attribute.local(), "activeTab" | "firstSheet"));
        }
        if head.lost && !names::may_lose(element) {
            return self.drop_it(None);
        }
        self.keep(element, head)
    }

    fn keep(&mut self, element: Element, head: Head<'_>) -> Result<(), Refusal> {
        self.frames.push(Frame::Kept(element));
        let owned = |values: Vec<(Attribute, Type, Cow<'_, str>)>| {
            values
                .into_iter()
                .map(|(a, t, v)| (a, t, v.into_owned()))
                .collect()
        };
        if names::is_special(element) && names::is_list(element) {
            let values = owned(head.values);
            self.lists.push(Waiting { element, values });
            return Ok(());
        }
        if matches!(element.text(), Some(Type::Formula | Type::Instruction)) {
            let values = owned(head.values);
            self.decide = Some(Waiting { element, values });
            return Ok(());
        }
        self.open(element, &head.values, &head.references)?;
        match head.outside() {
            Some((attribute, address)) => self.out.push(Event::Link(attribute, address)),
            None => Ok(()),
        }
    }

    fn open<V: AsRef<str>>(
        &mut self,
        element: Element,
        values: &[(Attribute, Type, V)],
        references: &[(Attribute, Place)],
    ) -> Result<(), Refusal> {
        for list in std::mem::take(&mut self.lists) {
            self.out.push(Event::Open(list.element))?;
            for (attribute, _, value) in &list.values {
                self.out.push(Event::Attribute(*attribute, value))?;
            }
        }
        self.out.push(Event::Open(element))?;
        for (attribute, _, value) in values {
            self.out
                .push(Event::Attribute(*attribute, value.as_ref()))?;
        }
        for (attribute, place) in references {
            self.out.push(Event::Reference(*attribute, *place))?;
        }
        Ok(())
    }

    fn flush_text(&mut self) -> Result<(), Refusal> {
        if self.text.is_empty() || self.decide.is_some() {
            return Ok(());
        }
        let mut text = std::mem::take(&mut self.text);
        let told = self.tell(&text);
        // its room is for the next one
        text.clear();
        self.text = text;
        told
    }

    fn tell(&mut self, text: &str) -> Result<(), Refusal> {
        let Some(Frame::Kept(element)) = self.frames.last() else {
            return Ok(());
        };
        match element.text() {
            Some(Type::Text) => {
                let text = self.scrub(names::numbers(*element, Cow::Borrowed(text)));
                self.said(&text);
                self.out.push(Event::Text(&text))
            }
            Some(kind) if markup::fits(kind, text.trim()) => {
                self.out.push(Event::Text(text.trim()))
            }
            Some(_) => {
                self.cx.note(FindingCode::OfficeMarkup);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), Refusal> {
        if self.dropped > 0 {
            self.dropped = self.dropped.saturating_sub(1);
            return Ok(());
        }
        if let Some(waiting) = self.decide.take() {
            self.frames.pop();
            self.spaces.pop();
            return self.decided(&waiting);
        }
        self.flush_text()?;
        self.spaces.pop();
        match self.frames.pop() {
            Some(Frame::Kept(element)) => {
                if self
                    .lists
                    .last()
                    .is_some_and(|list| list.element == element)
                {
                    self.lists.pop();
                    return Ok(());
                }
                if self.behind.is_some()
                    && element.is("a:t")
                    && let Some(shown) = self.behind.take()
                {
                    self.out.push(Event::Text(&format!(" [{shown}]")))?;
                }
                self.before_end(element)?;
                self.out.push(Event::Close)
            }
            Some(Frame::Told) => self.link_ends(),
            Some(Frame::Unwrapped | Frame::Choice(_) | Frame::Preview) => Ok(()),
            None => Err(xml::BROKEN),
        }
    }

    /// The text of a formula or an instruction is whole.
    fn decided(&mut self, waiting: &Waiting) -> Result<(), Refusal> {
        let text = std::mem::take(&mut self.text);
        let Waiting { element, values } = waiting;
        let text = if element.text() == Some(Type::Instruction) {
            self.fields.instruction()
        } else {
            let verdict = self.formulas.judge(*element, values, text);
            if verdict.replaced {
                self.cx.note(FindingCode::OfficeFormula);
            }
            verdict.text
        };
        let Some(text) = text else { return Ok(()) };
        self.open(*element, values, &[])?;
        if !text.is_empty() {
            self.out.push(Event::Text(&text))?;
        }
        self.out.push(Event::Close)
    }
}
