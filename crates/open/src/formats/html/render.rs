//! The renderer: tokens in, text out. It keeps its own open elements with their implied ends, as
//! far as layout and hidden text depend on them, and is the same for every tokenizer.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of more than a hundred element names a match names those that it is about"
)]

use super::doctype::Doctype;
use super::flow::Flow;
use super::foreign::Foreign;
use super::links::Links;
use super::look::Look;
use super::names::{Attr, Content, Key, Name};
use super::pictures::Pictures;
use super::sheet::Sheet;
use super::stack::{Open, Stack};
use super::tables::Table;
use super::target::{self, Target};
use super::tokens::Attrs;
use super::{links, look, style};
use crate::formats::symbols::Symbols;
use mugai_core::{Cx, FindingCode, Lang, Piece, Refusal, Resource, Text};
use std::collections::VecDeque;

/// Text is handed over when this much has gathered, in bytes. One token adds at most about 70 KiB.
const PIECE_BYTES: usize = 128 * 1024;
/// What one tag costs, in steps, besides its attributes.
const TAG_STEPS: u64 = 8;
/// The line that stands for `<hr>`.
const RULE: &str = "----------------";

/// One page on its way to text.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent things that have come or are open"
)]
pub(super) struct Renderer<'r, 'c> {
    pub(super) cx: &'r mut Cx<'c>,
    pub(super) flow: Flow,
    pub(super) pictures: Pictures<'c>,
    sheet: Sheet,
    pub(super) stack: Stack,
    pub(super) tables: Vec<Table>,
    pub(super) foreign: Foreign,
    /// How many items the `<ol reversed>` have that are still to come.
    pub(super) reversed: VecDeque<i32>,
    links: Links,
    link: Option<Link>,
    /// Text that is struck out has begun.
    struck: bool,
    /// The page has a document type that is not of the oldest pages: it is not read as those are.
    standards: bool,
    /// A tag or text has come: a document type behind it is none.
    begun: bool,
    /// The line end right behind `<pre>` is none.
    skip_newline: bool,
}

/// The link whose text is being written.
struct Link {
    /// Its place among the open elements.
    depth: usize,
    target: Target,
}

impl<'r, 'c> Renderer<'r, 'c> {
    /// A renderer of an empty page, with what [`super::lists::reversed`] says about the page to come.
    pub(super) fn new(cx: &'r mut Cx<'c>, sheet: Sheet, reversed: VecDeque<i32>) -> Self {
        cx.note_times(FindingCode::HtmlRemote, sheet.remote());
        let pictures = Pictures::new(cx.hints());
        Self {
            cx,
            flow: Flow::new(),
            pictures,
            sheet,
            stack: Stack::new(),
            tables: Vec::new(),
            foreign: Foreign::default(),
            reversed,
            links: Links::default(),
            link: None,
            struck: false,
            standards: false,
            begun: false,
            skip_newline: false,
        }
    }

    /// Takes a text node, or a part of one, character references decoded.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], or what the far side says.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Refusal> {
        self.cx
            .charge_len(Resource::Steps, (text.len() / 16).saturating_add(1))?;
        self.begun |= !text.trim_ascii().is_empty();
        let top = self.stack.top();
        if top.look.is_muted() {
            return Ok(());
        }
        if !top.look.shows_text() || self.stack.hidden_beyond() {
            self.count_hidden(text, top.counted);
            return Ok(());
        }
        let (look, letters) = (top.look, self.letters(text, top.look)?);
        let text = letters.as_deref().unwrap_or(text);
        if look.is_struck() && !self.struck && !text.trim_ascii().is_empty() {
            self.struck = true;
            self.cx.note(FindingCode::HtmlStruck);
            self.flow.aside(match self.lang() {
                Lang::Ja => "[取消線: ",
                Lang::En => "[struck: ",
            });
        }
        if look.is_pre() {
            let skip = std::mem::take(&mut self.skip_newline);
            let text = if skip {
                text.strip_prefix("\r\n")
                    .or(text.strip_prefix('\n'))
                    .unwrap_or(text)
            } else {
                text
            };
            self.flow.preformatted(text);
        } else {
            self.flow.text(text);
        }
        self.spill(PIECE_BYTES)
    }

    /// What letters of a font of symbols show.
    fn letters(&self, text: &str, look: Look) -> Result<Option<String>, Refusal> {
        let symbols = look.symbols();
        if symbols == Symbols::None {
            return Ok(None);
        }
        self.cx
            .charge_len(Resource::Bytes, text.len().saturating_mul(4))?;
        let letter = |c: char| match c {
            ' ' | '\u{a0}' | '\n' | '\r' | '\t' | '\u{c}' => c,
            c => symbols.letter(c),
        };
        Ok(Some(text.chars().map(letter).collect()))
    }

    /// Takes a start tag of this lower-case name, and tells how its content is to be read.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], or what the far side says.
    pub(super) fn open(&mut self, word: &[u8], attrs: &Attrs) -> Result<Content, Refusal> {
        let name = Name::of(word);
        let key = Key::of(name, word);
        self.begun = true;
        self.pay(attrs)?;
        if self.foreign.is_open() && self.open_foreign((name, key), attrs)? {
            return Ok(Content::Data);
        }
        let name = name.in_html();
        if attrs.handler() {
            self.cx.note(FindingCode::HtmlScript);
        }
        self.imply_ends(name)?;
        if name.is_void() {
            self.void(name, attrs)?;
            return Ok(Content::Data);
        }
        self.note_element(name);
        if matches!(name, Name::Svg | Name::Math) {
            if attrs.self_closing() {
                return Ok(Content::Data);
            }
            self.foreign.push(name, key);
        }
        self.push((name, key), attrs)?;
        Ok(name.content())
    }

    /// Takes an end tag of this lower-case name.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], or what the far side says.
    pub(super) fn close(&mut self, word: &[u8]) -> Result<(), Refusal> {
        let name = Name::of(word);
        let key = Key::of(name, word);
        self.begun = true;
        self.cx.charge(
            Resource::Steps,
            TAG_STEPS.saturating_add(self.stack.walked()),
        )?;
        if self.foreign.is_open() && self.close_foreign(name, key)? {
            return Ok(());
        }
        match name {
            Name::Br => self.void(name, &Attrs::default())?,
            Name::Html | Name::Body => {}
            _ if name.is_void() => {}
            _ if self.stack.is_beyond() => self.close_beyond(name),
            _ => {
                if let Some(place) = self.matching(name, key) {
                    self.close_to(place)?;
                }
            }
        }
        Ok(())
    }

    /// Takes the beginning of a comment.
    pub(super) fn comment(&mut self, text: &str) {
        let text = text.trim();
        // `<![if !mso]>` and `<!--<![endif]-->` only mark; what is between them is shown
        let marks = text.starts_with("[if ") || text.starts_with("[if(");
        let bare = text.find(']') == text.len().checked_sub(1);
        let reveals = marks && (bare || text.ends_with("]><!"));
        let ends = text.starts_with("[endif]") || text.starts_with("<![endif]");
        if !(text.is_empty() || reveals || ends) {
            self.cx.note(FindingCode::HtmlComment);
        }
    }

    /// Takes a document type, which counts at the beginning alone.
    pub(super) fn doctype(&mut self, doctype: &Doctype) {
        if !std::mem::replace(&mut self.begun, true) {
            self.standards = !doctype.is_quirky();
        }
    }

    /// Whether the tokenizer is inside SVG or `MathML`.
    pub(super) const fn in_foreign(&self) -> bool {
        self.foreign.is_open()
    }

    /// Whether the innermost open element is `noscript`.
    #[cfg(test)]
    pub(super) fn in_noscript(&self) -> bool {
        self.stack.top().name == Name::Noscript
    }

    /// Ends the page: closes what is open, lists the links, hands over the rest.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], or what the far side says.
    pub(super) fn finish(mut self) -> Result<(), Refusal> {
        self.close_to(0)?;
        self.flow.prefix(0, 0);
        let links = std::mem::take(&mut self.links);
        self.flow.block(2);
        for line in links.lines(self.cx.params().lang) {
            self.flow.text(&line);
            self.flow.line_break();
            self.spill(PIECE_BYTES)?;
        }
        let (zero_width, bidi) = self.flow.left_out();
        self.cx.note_times(FindingCode::TextZeroWidth, zero_width);
        self.cx.note_times(FindingCode::TextBidi, bidi);
        self.flow.trim_end();
        self.spill(0)
    }

    /// The word for what stands in the text for a picture.
    pub(super) fn lang(&self) -> Lang {
        self.cx.params().lang
    }

    /// Whether a link is open that would be shown.
    pub(super) const fn in_link(&self) -> bool {
        self.link.is_some()
    }

    fn pay(&mut self, attrs: &Attrs) -> Result<(), Refusal> {
        let mut steps = TAG_STEPS.saturating_add(self.stack.walked());
        if attrs.any() {
            for attr in [Attr::Style, Attr::Class] {
                let length = attrs.get(attr).map_or(0, str::len);
                steps = steps.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
            }
        }
        self.cx.charge(Resource::Steps, steps)
    }

    fn note_element(&mut self, name: Name) {
        if name == Name::Style {
            self.cx.note(FindingCode::HtmlStyle);
        } else if name.is_dropped() {
            self.cx.note(FindingCode::HtmlScript);
        } else if matches!(
            name,
            Name::Form | Name::Select | Name::Textarea | Name::Button
        ) {
            self.cx.note(FindingCode::HtmlForm);
        }
    }

    fn push(&mut self, (name, key): (Name, Key), attrs: &Attrs) -> Result<(), Refusal> {
        let parent = self.stack.top();
        let mut element = Open {
            name,
            key,
            look: parent.look.child(name),
            number: None,
            counted: false,
            ..parent
        };
        self.dress(&mut element, attrs);
        let shown = element.look.shows_box() && !self.stack.hidden_beyond();
        if name.is_list() {
            element.indent = element.indent.saturating_add(1);
            element.number = Some(self.begin_list(name, attrs));
        }
        if name == Name::Blockquote {
            element.quote = element.quote.saturating_add(1);
        }
        if !self.stack.push(element) {
            if shown {
                self.begin_beyond(&element, attrs);
            }
            return Ok(());
        }
        if shown {
            self.begin(&element, &parent, attrs)?;
        } else if name == Name::Table {
            self.tables.push(Table::default());
        }
        Ok(())
    }

    /// Works out how an element looks from its attributes and the style sheet.
    fn dress(&mut self, element: &mut Open, attrs: &Attrs) {
        let name = element.name;
        if name == Name::Table && !self.standards {
            element.look.set_readable();
        }
        if !attrs.any() && self.sheet.is_empty() && name != Name::Dialog {
            return;
        }
        self.note_remote_ground(attrs);
        let mut sum = look::hints(name, attrs);
        let mut important = style::Delta::default();
        if !self.sheet.is_empty() {
            let class = attrs.get(Attr::Class).unwrap_or("");
            let id = attrs.get(Attr::Id).unwrap_or("");
            let declared = self.sheet.of(name, class, id);
            sum.merge(&declared.normal);
            important.merge(&declared.important);
        }
        if let Some(text) = attrs.get(Attr::Style) {
            let own = style::parse(text);
            if own.remote {
                self.cx.note(FindingCode::HtmlRemote);
            }
            sum.merge(&own.normal);
            important.merge(&own.important);
        }
        sum.merge(&important);
        element.look.apply(&sum, name);
        // Word writes its paragraphs without space between them
        if name == Name::P && attrs.get(Attr::Class).is_some_and(|c| c.starts_with("Mso")) {
            element.look.set_tight();
        }
    }

    fn note_remote_ground(&mut self, attrs: &Attrs) {
        if attrs
            .get(Attr::Background)
            .is_some_and(|v| v.contains("//"))
        {
            self.cx.note(FindingCode::HtmlRemote);
        }
    }

    /// What the start of a visible element does to the text.
    fn begin(&mut self, element: &Open, parent: &Open, attrs: &Attrs) -> Result<(), Refusal> {
        let name = element.name;
        self.flow.block_if(self.breaks(element, parent));
        self.flow.prefix(element.quote, element.indent);
        if name == Name::Li && element.look.is_inline() {
            // a menu in one line, whose entries margins keep apart
            self.flow.text(" ");
        }
        match name {
            Name::Pre | Name::Listing | Name::Textarea => self.skip_newline = true,
            Name::A => self.begin_link(attrs),
            Name::Li => self.begin_item(attrs),
            Name::Table => self.tables.push(Table::of(attrs)),
            Name::Tbody | Name::Thead | Name::Tfoot => {
                if let Some(table) = self.tables.last_mut() {
                    table.begin_group();
                }
            }
            Name::Tr => self.begin_row(element.look.is_ruled())?,
            Name::Td | Name::Th => self.begin_cell(name, element.look.is_ruled(), attrs)?,
            Name::Rt => self.flow.text("（"),
            Name::Q => self.flow.text("\""),
            _ => {}
        }
        self.spill(PIECE_BYTES)
    }

    /// An element that is not followed: its text must not run into what stands around it.
    fn begin_beyond(&mut self, element: &Open, attrs: &Attrs) {
        self.flow.block_if(beyond_breaks(element.name));
        if element.name == Name::A {
            self.begin_link(attrs);
        }
    }

    /// The end of an element that is not followed.
    fn close_beyond(&mut self, name: Name) {
        if name == Name::A {
            self.end_link();
        }
        if !self.stack.hidden_beyond() && self.stack.top().look.shows_box() {
            self.flow.block_if(beyond_breaks(name));
        }
        self.stack.pop_beyond();
    }

    fn breaks(&self, element: &Open, parent: &Open) -> u8 {
        let breaks = element.look.breaks(element.name.breaks());
        let nested_list = element.indent > parent.indent && parent.indent > 0;
        let in_data = self.tables.last().is_some_and(Table::in_data_cell);
        if element.look.is_tight() || nested_list || in_data {
            breaks.min(1)
        } else {
            breaks
        }
    }

    /// Closes the innermost open element and does what its end does to the text.
    pub(super) fn pop(&mut self) -> Result<(), Refusal> {
        let Some(element) = self.stack.pop() else {
            return Ok(());
        };
        let parent = self.stack.top();
        if self
            .link
            .as_ref()
            .is_some_and(|l| l.depth > self.stack.len())
        {
            self.end_link();
        }
        if self.struck && !parent.look.is_struck() {
            self.struck = false;
            self.flow.mark("]");
        }
        let shown = element.look.shows_box();
        match element.name {
            Name::Table => {
                self.tables.pop();
            }
            Name::Svg | Name::Math => self.foreign.clear(),
            Name::Tr if shown => self.flow.end_row(),
            Name::Rt if shown => self.flow.text("）"),
            Name::Q if shown => self.flow.text("\""),
            Name::Li => self.flow.marker(None),
            _ => {}
        }
        if shown {
            self.flow.block_if(self.breaks(&element, &parent));
            self.flow.prefix(parent.quote, parent.indent);
        }
        self.spill(PIECE_BYTES)
    }

    fn begin_link(&mut self, attrs: &Attrs) {
        let Some(href) = attrs.get(Attr::Href) else {
            return;
        };
        if self.link.is_some() {
            self.end_link();
        }
        match target::parse(href) {
            Target::Local => {}
            Target::Foreign => self.cx.note(FindingCode::HtmlScheme),
            target @ (Target::Web(_) | Target::Direct { .. }) => {
                self.flow.capture();
                let depth = self.stack.len();
                self.link = Some(Link { depth, target });
            }
        }
    }

    /// Puts the number of the link behind its text, if there is any.
    fn end_link(&mut self) {
        let Some(link) = self.link.take() else {
            return;
        };
        let text = self.flow.captured();
        self.cx.note(FindingCode::HtmlLink);
        if text.trim().is_empty() {
            return;
        }
        let mismatch = links::misleads(&text, &link.target);
        if mismatch {
            self.cx.note(FindingCode::HtmlLinkMismatch);
        }
        let shown = match link.target {
            Target::Web(web) => {
                self.cx.note_times(FindingCode::HtmlIdn, u32::from(web.idn));
                self.cx
                    .note_times(FindingCode::TextTruncated, u32::from(web.cut));
                web.shown
            }
            Target::Direct { address, .. } if links::repeats(&text, &address) => return,
            Target::Direct { shown, .. } => shown,
            Target::Local | Target::Foreign => return,
        };
        if self.cx.params().links == mugai_core::Links::Drop {
            return;
        }
        let number = self.links.number(shown, mismatch);
        self.flow.mark(&format!("[{number}]"));
        if mismatch {
            self.flow.mark("⚠");
        }
    }

    /// Elements without content.
    fn void(&mut self, name: Name, attrs: &Attrs) -> Result<(), Refusal> {
        let look = self.stack.top().look;
        let shown = look.shows_box() && !self.stack.hidden_beyond();
        match name {
            Name::Br if shown => self.flow.line_break(),
            Name::Hr if shown => {
                self.flow.block(1);
                self.flow.text(RULE);
                self.flow.block(1);
            }
            Name::Img => self.picture(look, shown, attrs)?,
            Name::Input | Name::Keygen => self.input(attrs),
            Name::Meta => self.meta(attrs),
            Name::Link | Name::Base | Name::Bgsound => self.cx.note(FindingCode::HtmlRemote),
            Name::Embed | Name::Frame => self.cx.note(FindingCode::HtmlScript),
            Name::Area if shown && attrs.has(Attr::Href) => self.area(attrs),
            _ => {}
        }
        self.spill(PIECE_BYTES)
    }

    fn area(&mut self, attrs: &Attrs) {
        let alt = attrs.get(Attr::Alt).unwrap_or("").trim();
        self.begin_link(attrs);
        self.flow.block(1);
        self.flow.text(alt);
        self.end_link();
        self.flow.block(1);
    }

    fn input(&mut self, attrs: &Attrs) {
        self.cx.note(FindingCode::HtmlForm);
        let hidden = attrs
            .get(Attr::Type)
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("hidden"));
        if hidden && attrs.get(Attr::Value).is_some_and(|v| !v.trim().is_empty()) {
            self.cx.note(FindingCode::HtmlHidden);
        }
    }

    fn meta(&mut self, attrs: &Attrs) {
        let refresh = attrs
            .get(Attr::HttpEquiv)
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("refresh"));
        if refresh {
            self.cx.note(FindingCode::HtmlRefresh);
        }
    }

    /// Counts an element with hidden text once.
    fn count_hidden(&mut self, text: &str, counted: bool) {
        let blank = text
            .chars()
            .all(|c| c.is_whitespace() || c == '\u{200c}' || c == '\u{feff}');
        if blank || counted {
            return;
        }
        self.cx.note(FindingCode::HtmlHidden);
        if let Some(top) = self.stack.top_mut() {
            top.counted = true;
        }
    }

    /// Hands over what is written when it is more than `keep` bytes; with 0, in any case.
    fn spill(&mut self, keep: usize) -> Result<(), Refusal> {
        if keep > 0 && self.flow.len() < keep {
            return Ok(());
        }
        let (text, scrubbed) = Text::clean_owned(self.flow.take());
        self.cx.note_scrubbed(scrubbed);
        self.cx.put(Piece::Text(text))
    }
}

/// How many line breaks surround an element that is not followed, whose table or list is not either.
fn beyond_breaks(name: Name) -> u8 {
    let cell = matches!(name, Name::Td | Name::Th);
    name.breaks().max(u8::from(cell))
}
