//! The text as it grows: white space, line breaks, prefixes and separators (CSS Text 3 section 4).
//!
//! Everything that may turn out to be needless — a space at the end of a line, a blank line at the
//! end of the page, the bullet of an empty item — is only remembered, and written in front of the
//! next visible character.

/// The most line breaks in a row: two blank lines.
const BREAKS_MAX: u8 = 3;
/// Deeper quotations and lists look like this deep.
const PREFIX_MAX: u8 = 8;
/// The most no-break spaces in a row: what is longer fills up a line that nobody sees.
const HARD_MAX: u8 = 40;
/// How much of a link's text is kept for the comparison with its target, in bytes.
const CAPTURE_MAX_BYTES: usize = 512;
/// A cell of a layout table behind a longer line than this starts a new line, in bytes.
const CELL_LINE_MAX_BYTES: usize = 120;

/// White space that waits for the next visible character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Space {
    None,
    /// Blanks within a line of the source.
    Blank,
    /// White space with a line end of the source in it.
    LineEnd,
}

/// What stands between two cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// A table of data: every cell counts.
    Bar,
    /// A table for layout: empty cells vanish.
    Tab,
}

/// The text as it grows.
#[derive(Debug)]
pub(super) struct Flow {
    out: String,
    started: bool,
    breaks: u8,
    space: Space,
    line_bytes: usize,
    last: char,
    /// A line that holds nothing but no-break spaces is meant as a blank one.
    hard_blank: bool,
    /// How many no-break spaces wait: several of them in a row are meant to be as many.
    hard: u8,
    quote: u8,
    indent: u8,
    marker: Option<String>,
    cells: u32,
    separator: Separator,
    /// How many lines were begun.
    starts: u64,
    capture: Option<String>,
    zero_width: u32,
    bidi: u32,
}

impl Flow {
    /// An empty text.
    pub(super) const fn new() -> Self {
        Self {
            out: String::new(),
            started: false,
            breaks: 0,
            space: Space::None,
            line_bytes: 0,
            last: '\n',
            hard_blank: false,
            hard: 0,
            quote: 0,
            indent: 0,
            marker: None,
            cells: 0,
            separator: Separator::Tab,
            starts: 0,
            capture: None,
            zero_width: 0,
            bidi: 0,
        }
    }

    /// Adds text in which white space collapses.
    pub(super) fn text(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.bytes().position(needs_look).unwrap_or(rest.len());
            let (word, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
            self.put(word);
            let Some(c) = tail.chars().next() else {
                return;
            };
            rest = tail.get(c.len_utf8()..).unwrap_or("");
            match c {
                '\n' | '\r' | '\u{c}' => self.space = Space::LineEnd,
                ' ' | '\t' => self.blank(),
                '\u{a0}' => {
                    self.blank();
                    self.hard_blank = true;
                    self.hard = self.hard.saturating_add(1);
                }
                _ if is_invisible(c) => {
                    self.zero_width = self.zero_width.saturating_add(1);
                    self.hard = 0;
                }
                _ if is_direction(c) => self.bidi = self.bidi.saturating_add(1),
                _ => {
                    let length = c.len_utf8();
                    self.put(tail.get(..length).unwrap_or(""));
                }
            }
        }
    }

    /// Adds text in which white space counts.
    pub(super) fn preformatted(&mut self, text: &str) {
        for (nth, line) in text.split('\n').enumerate() {
            if nth > 0 {
                self.line_break();
            }
            if line.bytes().any(|byte| byte != b' ' && needs_look(byte)) {
                let plain = self.plain(line);
                self.put_line(&plain);
            } else {
                self.put_line(line);
            }
        }
    }

    /// Asks for a line of its own (1) or a paragraph of its own (2) for what follows.
    pub(super) fn block(&mut self, breaks: u8) {
        // the first block of a cell does not leave the line of its row in a table of data
        if self.cells > 0 && self.separator == Separator::Bar {
            return;
        }
        self.force_block(breaks);
    }

    /// [`Self::block`] unless `breaks` is 0.
    pub(super) fn block_if(&mut self, breaks: u8) {
        if breaks > 0 {
            self.block(breaks);
        }
    }

    /// `<br>`.
    pub(super) fn line_break(&mut self) {
        if self.cells > 0 {
            self.block(1);
            return;
        }
        self.space = Space::None;
        (self.hard_blank, self.hard) = (false, 0);
        self.breaks = self.breaks.saturating_add(1).min(BREAKS_MAX);
    }

    /// A mark right behind what was written last, in front of any white space that waits.
    pub(super) fn mark(&mut self, mark: &str) {
        self.out.push_str(mark);
        self.line_bytes = self.line_bytes.saturating_add(mark.len());
        self.last = ']';
    }

    /// Text that is ours, in front of what comes next: no link says it.
    pub(super) fn aside(&mut self, text: &str) {
        let capture = self.capture.take();
        self.text(text);
        self.capture = capture;
    }

    /// Depth of quotation and of lists for the lines that follow.
    pub(super) fn prefix(&mut self, quote: u8, indent: u8) {
        self.quote = quote.min(PREFIX_MAX);
        self.indent = indent.min(PREFIX_MAX);
    }

    /// The bullet or number in front of the next text; forgotten if the item has none.
    pub(super) fn marker(&mut self, marker: Option<String>) {
        self.marker = marker;
    }

    /// Begins a row; the answer is for [`Self::cell`].
    pub(super) fn begin_row(&mut self) -> u64 {
        self.force_block(1);
        self.starts
    }

    /// Begins a cell of the row that `row` stands for, `columns` behind the one before it or the edge.
    pub(super) fn cell(&mut self, separator: Separator, row: u64, columns: u32) {
        let lines = self.starts.saturating_sub(row);
        let in_line = match separator {
            Separator::Bar => lines <= 1,
            Separator::Tab => {
                lines == 1 && self.breaks == 0 && self.line_bytes < CELL_LINE_MAX_BYTES
            }
        };
        if !in_line {
            self.force_block(1);
            return;
        }
        self.space = Space::None;
        (self.hard_blank, self.hard) = (false, 0);
        if lines == 1 {
            self.breaks = 0;
        }
        self.separator = separator;
        self.cells = self.cells.saturating_add(columns);
    }

    /// Ends a row: what waits for a further cell is forgotten.
    pub(super) fn end_row(&mut self) {
        self.force_block(1);
    }

    /// Begins to keep what is written, for [`Self::captured`].
    pub(super) fn capture(&mut self) {
        self.capture = Some(String::new());
    }

    /// What was written since [`Self::capture`], up to a limit.
    pub(super) fn captured(&mut self) -> String {
        self.capture.take().unwrap_or_default()
    }

    /// How many zero-width and direction characters were left out.
    pub(super) const fn left_out(&self) -> (u32, u32) {
        (self.zero_width, self.bidi)
    }

    /// Takes white space off the end of what was not taken yet.
    pub(super) fn trim_end(&mut self) {
        let kept = self.out.trim_end_matches([' ', '\t', '\u{3000}']).len();
        self.out.truncate(kept);
    }

    /// Bytes that wait to be taken.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Takes what was written so far.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    fn force_block(&mut self, breaks: u8) {
        self.cells = 0;
        if self.hard_blank && self.breaks > 0 {
            self.breaks = self.breaks.max(2);
        }
        (self.hard_blank, self.hard) = (false, 0);
        self.space = Space::None;
        self.breaks = self.breaks.max(breaks);
    }

    /// A preformatted line without what cannot be seen in it.
    fn plain(&mut self, line: &str) -> String {
        let mut plain = String::new();
        for c in line.trim_end_matches('\r').chars() {
            match c {
                '\u{a0}' | '\r' | '\u{c}' => plain.push(' '),
                _ if is_invisible(c) => self.zero_width = self.zero_width.saturating_add(1),
                _ if is_direction(c) => self.bidi = self.bidi.saturating_add(1),
                _ => plain.push(c),
            }
        }
        plain
    }

    /// Writes a preformatted line; a blank one only shows when text follows in it.
    fn put_line(&mut self, line: &str) {
        if line.trim().is_empty() {
            if !line.is_empty() {
                self.blank();
            }
        } else {
            self.put(line);
        }
    }

    fn blank(&mut self) {
        if self.space == Space::None {
            self.space = Space::Blank;
        }
    }

    /// Writes visible text, and in front of it what waits.
    fn put(&mut self, word: &str) {
        let Some(first) = word.chars().next() else {
            return;
        };
        self.settle(first);
        self.out.push_str(word);
        self.line_bytes = self.line_bytes.saturating_add(word.len());
        self.last = word.chars().next_back().unwrap_or(first);
        if let Some(capture) = &mut self.capture
            && capture.len() < CAPTURE_MAX_BYTES
        {
            let end = word.floor_char_boundary(CAPTURE_MAX_BYTES);
            capture.push_str(word.get(..end).unwrap_or(""));
        }
    }

    fn settle(&mut self, next: char) {
        if self.breaks == 0 && self.started {
            if self.cells > 0 {
                self.separate();
            } else if self.space != Space::None {
                let joined = self.space == Space::LineEnd && is_wide(self.last) && is_wide(next);
                if !joined {
                    for _ in 0..self.hard.clamp(1, HARD_MAX) {
                        self.out.push(' ');
                    }
                    if let Some(capture) = &mut self.capture {
                        capture.push(' ');
                    }
                }
                self.space = Space::None;
            }
            self.hard = 0;
            return;
        }
        self.start_line();
    }

    #[cold]
    fn start_line(&mut self) {
        if self.started {
            self.trim_end();
            for _ in 0..self.breaks {
                self.out.push('\n');
            }
        }
        self.started = true;
        self.starts = self.starts.saturating_add(1);
        self.breaks = 0;
        self.space = Space::None;
        self.hard_blank = false;
        self.line_bytes = 0;
        let hard = std::mem::take(&mut self.hard);
        for _ in 0..self.quote {
            self.out.push_str("> ");
        }
        for _ in 1..self.indent {
            self.out.push_str("  ");
        }
        if let Some(marker) = self.marker.take() {
            self.out.push_str(&marker);
        }
        if self.cells > 0 {
            self.separate();
        } else if hard > 1 {
            for _ in 0..hard.min(HARD_MAX) {
                self.out.push(' ');
            }
        }
    }

    fn separate(&mut self) {
        match self.separator {
            Separator::Tab => {
                if self.line_bytes > 0 {
                    self.out.push('\t');
                }
            }
            Separator::Bar => {
                for _ in 0..self.cells {
                    let bar = if self.line_bytes == 0 { "| " } else { " | " };
                    self.out.push_str(bar);
                    self.line_bytes = self.line_bytes.saturating_add(bar.len());
                }
            }
        }
        self.cells = 0;
        self.space = Space::None;
    }
}

/// Bytes at which a run of ordinary text ends: white space, and the first bytes of characters
/// among which the no-break space and the invisible ones are.
const fn needs_look(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\n' | b'\t' | b'\r' | 0x0c | 0xc2 | 0xcd | 0xe1 | 0xe2 | 0xef
    )
}

/// Characters without width that senders fill previews with: left out here, so that the blanks
/// between them collapse.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{2060}'
            ..='\u{2064}' | '\u{feff}'
    )
}

/// Characters that change the direction of writing; left out here for the same reason.
const fn is_direction(c: char) -> bool {
    matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Wide characters of scripts without spaces between words (UAX 11, without Hangul): a line end of
/// the source between two of them is no space (CSS Text 3 section 4.1.3).
const fn is_wide(c: char) -> bool {
    matches!(
        c,
        '\u{2e80}'..='\u{30ff}'
            | '\u{3105}'..='\u{312f}'
            | '\u{31a0}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe4f}'
            | '\u{ff01}'..='\u{ff9f}'
            | '\u{ffe0}'..='\u{ffe6}'
            | '\u{20000}'..='\u{3fffd}'
    )
}
