//! The renderer: tokens in, text out. It keeps its own open elements with their implied ends, as
//! far as layout and hidden text depend on them, and is the same for every tokenizer.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of more than a hundred element names a match names those that it is about"
)]

use super::flow::{Flow, Separator};
use super::links::Links;
use super::names::{Attr, Content, Name};
use super::pictures::Pictures;
use super::sheet::Sheet;
use super::stack::{Open, Stack};
use super::target::{self, Target};
use super::tokens::Attrs;
use super::{links, style};
use mugai_core::{Cx, FindingCode, Lang, Piece, Refusal, Resource, Text};

/// Text is handed over when this much has gathered, in bytes. One token adds at most about 70 KiB.
const PIECE_BYTES: usize = 128 * 1024;
/// What one tag costs, in steps, besides its attributes.
const TAG_STEPS: u64 = 8;
/// The line that stands for `<hr>`.
const RULE: &str = "----------------";

/// One page on its way to text.
pub(super) struct Renderer<'r, 'c> {
    pub(super) cx: &'r mut Cx<'c>,
    pub(super) flow: Flow,
    pub(super) pictures: Pictures<'c>,
    sheet: Sheet,
    pub(super) stack: Stack,
    tables: Vec<Table>,
    links: Links,
    link: Option<Link>,
    /// Open SVG and `MathML` elements.
    foreign: u32,
    /// The line end right behind `<pre>` is none.
    skip_newline: bool,
}

/// A table that is open.
#[derive(Clone, Copy, Debug, Default)]
struct Table {
    /// It has a border or header cells.
    data: bool,
    /// Cells of the current row.
    cells: u32,
    /// Where the current row began, as the flow says.
    row: Option<u64>,
}

/// The link whose text is being written.
struct Link {
    /// Its place among the open elements.
    depth: usize,
    target: Target,
}

impl<'r, 'c> Renderer<'r, 'c> {
    /// A renderer of an empty page.
    pub(super) fn new(cx: &'r mut Cx<'c>, sheet: Sheet) -> Self {
        cx.note_times(FindingCode::HtmlRemote, sheet.remote());
        let pictures = Pictures::new(cx.hints());
        Self {
            cx,
            flow: Flow::new(),
            pictures,
            sheet,
            stack: Stack::new(),
            tables: Vec::new(),
            links: Links::default(),
            link: None,
            foreign: 0,
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
        let top = self.stack.top();
        if top.look.is_muted() {
            return Ok(());
        }
        if !top.look.shows_text() || self.stack.hidden_beyond() {
            self.count_hidden(text, top.counted);
            return Ok(());
        }
        if top.look.is_pre() {
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

    /// Takes a start tag and tells how its content is to be read.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], or what the far side says.
    pub(super) fn open(&mut self, name: Name, attrs: &Attrs) -> Result<Content, Refusal> {
        self.pay(attrs)?;
        if self.foreign > 0 {
            if name.leaves_foreign() || (name == Name::Font && attrs.any()) {
                self.leave_foreign()?;
            } else {
                if matches!(name, Name::Svg | Name::Math) && !attrs.self_closing() {
                    self.foreign = self.foreign.saturating_add(1);
                }
                return Ok(Content::Data);
            }
        }
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
            self.foreign = 1;
        }
        self.push(name, attrs)?;
        Ok(name.content())
    }

    /// Takes an end tag.
    ///
    /// # Errors
    /// [`Refusal::Overrun`], or what the far side says.
    pub(super) fn close(&mut self, name: Name) -> Result<(), Refusal> {
        self.cx.charge(
            Resource::Steps,
            TAG_STEPS.saturating_add(self.stack.walked()),
        )?;
        if self.foreign > 0 {
            if matches!(name, Name::Svg | Name::Math) {
                self.foreign = self.foreign.saturating_sub(1);
                if self.foreign == 0 {
                    self.leave_foreign()?;
                }
            }
            return Ok(());
        }
        match name {
            Name::Br => self.void(name, &Attrs::default())?,
            Name::Html | Name::Body => {}
            _ if name.is_void() => {}
            _ if self.stack.is_beyond() => self.stack.pop_beyond(),
            _ => {
                if let Some(place) = self.matching(name) {
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

    /// Whether the tokenizer is inside SVG or `MathML`.
    pub(super) const fn in_foreign(&self) -> bool {
        self.foreign > 0
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

    fn leave_foreign(&mut self) -> Result<(), Refusal> {
        self.foreign = 0;
        if self.stack.is_beyond() {
            self.stack.pop_beyond();
            return Ok(());
        }
        let svg = |name| matches!(name, Name::Svg | Name::Math);
        match self.stack.find(svg, |_| true) {
            Some(place) => self.close_to(place),
            None => Ok(()),
        }
    }

    fn note_element(&mut self, name: Name) {
        if name.is_dropped() {
            self.cx.note(FindingCode::HtmlScript);
        } else if matches!(
            name,
            Name::Form | Name::Select | Name::Textarea | Name::Button
        ) {
            self.cx.note(FindingCode::HtmlForm);
        }
    }

    fn push(&mut self, name: Name, attrs: &Attrs) -> Result<(), Refusal> {
        let parent = self.stack.top();
        let mut element = Open {
            name,
            look: parent.look.child(name),
            number: None,
            counted: false,
            ..parent
        };
        self.dress(&mut element, attrs);
        let shown = element.look.shows_box() && !self.stack.hidden_beyond();
        if matches!(name, Name::Ul | Name::Ol | Name::Dir | Name::Menu) {
            element.indent = element.indent.saturating_add(1);
            element.number = (name == Name::Ol).then(|| {
                let start = attrs.get(Attr::Start).and_then(|v| v.trim().parse().ok());
                start.unwrap_or(1)
            });
        }
        if name == Name::Blockquote {
            element.quote = element.quote.saturating_add(1);
        }
        if !self.stack.push(element) {
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
        if !attrs.any() && self.sheet.is_empty() {
            return;
        }
        let name = element.name;
        if attrs.any() {
            element.look.presentational(name, attrs);
            self.note_remote_ground(attrs);
        }
        let mut sum = if self.sheet.is_empty() {
            style::Declared::default()
        } else {
            let class = attrs.get(Attr::Class).unwrap_or("");
            let id = attrs.get(Attr::Id).unwrap_or("");
            self.sheet.of(name, class, id)
        };
        if let Some(text) = attrs.get(Attr::Style) {
            let own = style::parse(text);
            if own.remote {
                self.cx.note(FindingCode::HtmlRemote);
            }
            sum.normal.merge(&own.normal);
            sum.important.merge(&own.important);
        }
        sum.normal.merge(&sum.important);
        element.look.apply(&sum.normal, name);
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
        match name {
            Name::Pre | Name::Listing | Name::Textarea => self.skip_newline = true,
            Name::A => self.begin_link(attrs),
            Name::Li => self.begin_item(),
            Name::Table => {
                let border = attrs.get(Attr::Border).unwrap_or("0").trim();
                self.tables.push(Table {
                    data: !(border.is_empty() || border.starts_with('0')),
                    ..Table::default()
                });
            }
            Name::Tr => self.begin_row(),
            Name::Td | Name::Th => self.begin_cell(name),
            Name::Rt => self.flow.text("（"),
            Name::Q => self.flow.text("\""),
            _ => {}
        }
        self.spill(PIECE_BYTES)
    }

    fn breaks(&self, element: &Open, parent: &Open) -> u8 {
        let breaks = element.name.breaks();
        let nested_list = element.indent > parent.indent && parent.indent > 0;
        let in_data = self.tables.last().is_some_and(|t| t.data && t.cells > 0);
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
        let shown = element.look.shows_box();
        match element.name {
            Name::Table => {
                self.tables.pop();
            }
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

    fn begin_item(&mut self) {
        let list = |name| matches!(name, Name::Ul | Name::Ol | Name::Dir | Name::Menu);
        let place = self.stack.find(list, Name::is_scope);
        let number = place
            .and_then(|at| self.stack.get_mut(at))
            .and_then(|list| list.number.as_mut());
        let marker = match number {
            Some(number) => {
                let marker = format!("{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            None => "・".to_owned(),
        };
        self.flow.marker(Some(marker));
    }

    fn begin_row(&mut self) {
        let row = self.flow.begin_row();
        if let Some(table) = self.tables.last_mut() {
            table.row = Some(row);
            table.cells = 0;
        }
    }

    fn begin_cell(&mut self, name: Name) {
        if self.tables.last().is_some_and(|t| t.row.is_none()) {
            self.begin_row();
        }
        let Some(table) = self.tables.last_mut() else {
            self.flow.block(1);
            return;
        };
        table.data |= name == Name::Th;
        let separator = if table.data {
            Separator::Bar
        } else {
            Separator::Tab
        };
        if table.cells > 0 {
            self.flow.cell(separator, table.row.unwrap_or(0));
        }
        table.cells = table.cells.saturating_add(1);
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
