//! Where in a line a password may stand, in the forms that it may be meant in.

use std::ops::Range;

/// Shorter ones are words, longer ones are none, in characters.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=64;
/// Of nothing but digits they may be shorter.
const FEW_DIGITS: usize = 3;
/// Longer lines, in characters, are sentences and no passwords.
const MAX_ALONE: usize = 200;
/// How far a remark in parentheses goes at most, in characters.
const REMARK: usize = 24;
/// How many words with digits are taken out of a sentence.
const MAX_LOOSE: usize = 2;

/// What may stand between the word and the password.
const BETWEEN: &[char] = &[
    ':', '=', '>', '→', '⇒', 'は', 'が', 'を', '・', '…', '─', '―', '■', '□', '●', '○', '◆', '◇',
    '▼', '▽', '※', '*', '_', '|', ',', '、', '~', // what the word itself stood in
    '】', ']', '」', '』', '〉', '》', ')',
];
/// What ties a word to its password: once, and what follows belongs to the password, or else is more of [`BETWEEN`].
const TIES: &[char] = &[':', '=', '→', '⇒', 'は', 'が', 'を', '|'];
/// What closes brackets that the word may stand in.
const CLOSERS: &[char] = &['】', ']', '」', '』', '〉', '》', ')'];

/// What a password may stand in.
const QUOTES: [(char, char); 12] = [
    ('「', '」'),
    ('『', '』'),
    ('【', '】'),
    ('[', ']'),
    ('<', '>'),
    ('〈', '〉'),
    ('《', '》'),
    ('“', '”'),
    ('‘', '’'),
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
];

/// A line as it is written, and as it would be typed: letters of full width as those that they stand for. Both have
/// the same length.
pub(super) struct Line {
    written: Vec<char>,
    typed: Vec<char>,
}

impl Line {
    pub(super) fn of(text: &str) -> Self {
        let written: Vec<char> = text.chars().collect();
        let typed = written.iter().copied().map(narrow).collect();
        Self { written, typed }
    }

    /// As it would be typed.
    pub(super) fn flat(&self) -> &[char] {
        &self.typed
    }

    pub(super) const fn len(&self) -> usize {
        self.typed.len()
    }

    /// Whether there is more in it than blanks and rules.
    pub(super) fn says(&self) -> bool {
        self.typed.iter().any(|c| c.is_alphanumeric())
    }

    /// What stands there as it would be typed, and as it is written where that is something else.
    pub(super) fn texts(&self, span: Range<usize>) -> (String, Option<String>) {
        let of = |line: &[char]| -> String {
            line.get(span.clone())
                .unwrap_or_default()
                .iter()
                .collect::<String>()
        };
        let (typed, written) = (of(&self.typed), of(&self.written));
        let written = (written != typed).then_some(written);
        (typed, written)
    }

    /// The column of a table that a place lies in, and how many there are; `None` where there is one.
    pub(super) fn column(&self, place: usize) -> Option<(usize, usize)> {
        let count = |line: &[char]| line.iter().filter(|c| is_bar(**c)).count();
        let bars = count(&self.typed);
        let before = count(self.typed.get(..place).unwrap_or_default());
        (bars > 0).then(|| (before, bars.saturating_add(1)))
    }

    /// The cell of that column. Empty cells at the end of a row are not told.
    pub(super) fn cell(&self, (column, count): (usize, usize)) -> Option<Range<usize>> {
        let mut cells = Vec::new();
        let mut start = 0usize;
        for (at, _) in self.typed.iter().enumerate().filter(|(_, c)| is_bar(**c)) {
            cells.push(start..at);
            start = at.saturating_add(1);
        }
        cells.push(start..self.len());
        (cells.len() <= count && cells.len() > 1)
            .then(|| cells.get(column).cloned())
            .flatten()
    }
}

const fn is_bar(c: char) -> bool {
    matches!(c, '|' | '\t')
}

fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => u32::from(c)
            .checked_sub(0xfee0)
            .and_then(char::from_u32)
            .unwrap_or(c),
        c => c,
    }
}

/// The password at the beginning of `rest`, which stands behind a word for one.
pub(super) fn behind(line: &Line, rest: Range<usize>) -> Vec<Range<usize>> {
    let flat = line.flat().get(..rest.end).unwrap_or_default();
    let start = numbered(flat, rest.start);
    let tied = tied(flat, start);
    let (at, quoted) = beginning(flat, start);
    let mut spans = Vec::new();
    match quoted {
        Some(quoted) => spans.extend(is_quotable(flat, &quoted).then_some(quoted)),
        None => spans.extend(runs(flat, at)),
    }
    // `*abc`, `[abc]d`: what seemed to part them may belong to it
    let kept = runs(flat, tied);
    spans.extend(kept.into_iter().rev());
    unique(spans)
}

/// Behind the number of one of several passwords, where one stands: `1：`, `①`.
fn numbered(flat: &[char], at: usize) -> usize {
    let first = blanks(flat, at);
    let digits = flat.get(first..).unwrap_or_default().iter();
    let digits = digits.take(3).take_while(|c| c.is_ascii_digit()).count();
    let behind = first.saturating_add(digits);
    let next = blanks(flat, behind);
    match (digits, flat.get(first), flat.get(next)) {
        (_, Some('①'..='⑳'), _) => first.saturating_add(1),
        (1..=2, _, Some(c)) if TIES.contains(c) => behind,
        _ => at,
    }
}

fn blanks(flat: &[char], at: usize) -> usize {
    let rest = flat.get(at..).unwrap_or_default().iter();
    at.saturating_add(rest.take_while(|c| c.is_whitespace()).count())
}

/// Behind the brackets around the word and what ties it to its password.
fn tied(flat: &[char], at: usize) -> usize {
    let mut at = blanks(flat, at);
    while flat.get(at).is_some_and(|c| CLOSERS.contains(c)) {
        at = blanks(flat, at.saturating_add(1));
    }
    if flat.get(at).is_some_and(|c| TIES.contains(c)) {
        at = blanks(flat, at.saturating_add(1));
    }
    at
}

/// Where what follows begins to be more than separators and remarks, and what is quoted there.
fn beginning(flat: &[char], start: usize) -> (usize, Option<Range<usize>>) {
    let mut at = start;
    loop {
        let rest = flat.get(at..).unwrap_or_default();
        let Some((first, tail)) = rest.split_first() else {
            return (at, None);
        };
        let next = at.saturating_add(1);
        if first.is_whitespace() || BETWEEN.contains(first) {
            at = next;
            continue;
        }
        // a dash parts where a blank is behind it, or another one
        if *first == '-' && tail.first().is_none_or(|c| c.is_whitespace() || *c == '-') {
            at = next;
            continue;
        }
        // (半角)
        if *first == '('
            && let Some(end) = tail.iter().take(REMARK).position(|c| *c == ')')
        {
            at = next.saturating_add(end).saturating_add(1);
            continue;
        }
        if let [i, s, blank, ..] = rest
            && (i.to_ascii_lowercase(), s.to_ascii_lowercase()) == ('i', 's')
            && (blank.is_whitespace() || *blank == ':')
        {
            at = at.saturating_add(2);
            continue;
        }
        if let Some((_, close)) = QUOTES.iter().find(|(open, _)| open == first)
            && let Some(end) = tail.iter().take(65).position(|c| c == close)
        {
            let quoted = trimmed(flat, next..next.saturating_add(end));
            return (at, Some(quoted));
        }
        return (at, None);
    }
}

fn trimmed(flat: &[char], span: Range<usize>) -> Range<usize> {
    let text = flat.get(span.clone()).unwrap_or_default();
    let front = text.iter().take_while(|c| c.is_whitespace()).count();
    let back = text.iter().rev().take_while(|c| c.is_whitespace()).count();
    let start = span.start.saturating_add(front);
    start..span.end.saturating_sub(back).max(start)
}

fn is_quotable(flat: &[char], span: &Range<usize>) -> bool {
    !span.is_empty() && !is_address(flat, span)
}

fn is_address(flat: &[char], span: &Range<usize>) -> bool {
    let text = flat.get(span.clone()).unwrap_or_default();
    text.windows(3).any(|three| three == [':', '/', '/'])
}

/// The run of printable ASCII at `at`, without what may end a sentence, and with it.
fn runs(flat: &[char], at: usize) -> Vec<Range<usize>> {
    let run = flat.get(at..).unwrap_or_default();
    let run = run.split(|c| !c.is_ascii_graphic()).next();
    let run = run.unwrap_or_default();
    let end = at.saturating_add(run.len());
    let closing = |c: &&char| matches!(c, '.' | ',' | ';' | ')' | ']' | '>' | '"' | '\'');
    let bare = end.saturating_sub(run.iter().rev().take_while(closing).count());
    // abc123(半角英数): what stands in parentheses is said of it, or belongs to it
    let front = run.iter().position(|c| *c == '(').unwrap_or(run.len());
    let front = at.saturating_add(front).min(bare);
    let linked = unlinked(run).map(|length| at.saturating_add(length));
    let ends = linked.into_iter().chain([front, bare, end]);
    let spans = unique(ends.map(|end| at..end.max(at)).collect());
    spans.into_iter().filter(|span| fits(flat, span)).collect()
}

/// How long a run is without the number of a link behind it: `abc123[1]`.
fn unlinked(run: &[char]) -> Option<usize> {
    let number = run.strip_suffix(&[']'])?;
    let digits = number
        .iter()
        .rev()
        .take_while(|c| c.is_ascii_digit())
        .count();
    let length = number.len().checked_sub(digits)?.checked_sub(1)?;
    (digits > 0 && run.get(length) == Some(&'[')).then_some(length)
}

/// Whether that may be a password.
fn fits(flat: &[char], span: &Range<usize>) -> bool {
    let text = flat.get(span.clone()).unwrap_or_default();
    let digits = text.iter().all(char::is_ascii_digit);
    let length = LENGTHS.contains(&text.len()) || digits && text.len() == FEW_DIGITS;
    length && text.iter().any(char::is_ascii_alphanumeric) && !is_address(flat, span)
}

fn unique(spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for span in spans {
        if !all.contains(&span) {
            all.push(span);
        }
    }
    all
}

/// What is quoted before a word: 「abc123」がパスワードです.
pub(super) fn before(line: &Line, word: usize) -> Option<Range<usize>> {
    let flat = line.flat().get(..word)?;
    let between = |c: &&char| c.is_whitespace() || matches!(c, 'が' | 'は' | 'を');
    let between = flat.iter().rev().take(3).take_while(between).count();
    let end = flat.len().checked_sub(between)?.checked_sub(1)?;
    let close = flat.get(end)?;
    let (open, _) = QUOTES.iter().find(|(_, other)| other == close)?;
    let inside = flat.get(..end)?.iter().rev().take(65);
    let length = inside.clone().position(|c| c == open)?;
    let quoted = trimmed(flat, end.saturating_sub(length)..end);
    (between > 0 && is_quotable(flat, &quoted)).then_some(quoted)
}

/// What else in the rest of a sentence may be the password; of one that told none so far, loose words, too.
pub(super) fn further(line: &Line, rest: Range<usize>, is_untold: bool) -> Vec<Range<usize>> {
    let flat = line.flat().get(..rest.end).unwrap_or_default();
    let text = flat.get(rest.start..).unwrap_or_default();
    let at = |place: usize| rest.start.saturating_add(place);
    let mut spans = Vec::new();
    // password for the file: abc123
    let colon = text.iter().enumerate().rev().find(|(place, c)| {
        let next = text.get(place.saturating_add(1));
        matches!(c, ':' | '→' | '⇒') && next != Some(&'/')
    });
    if let Some((place, _)) = colon {
        let behind_colon = at(place).saturating_add(1);
        spans.extend(behind(line, behind_colon..rest.end));
        spans.extend(words_as_written(flat, behind_colon));
    }
    let is = [' ', 'i', 's', ' '];
    if let Some(place) = text.windows(is.len()).position(|four| four == is) {
        spans.extend(behind(line, at(place).saturating_add(is.len())..rest.end));
    }
    if !is_untold {
        return unique(spans);
    }
    if let Some(place) = text.iter().position(|c| *c == 'は') {
        spans.extend(behind(line, at(place).saturating_add(1)..rest.end));
    }
    let mut loose = Vec::new();
    let mut start = 0usize;
    for run in text.split(|c| !c.is_ascii_graphic() || matches!(c, '(' | ')')) {
        let span = at(start)..at(start.saturating_add(run.len()));
        if run.iter().any(char::is_ascii_digit) && fits(flat, &span) {
            loose.push(span);
        }
        start = start.saturating_add(run.len()).saturating_add(1);
    }
    spans.extend(loose.into_iter().take(MAX_LOOSE));
    unique(spans)
}

/// The rest of a line that is no ASCII: あじさい.
fn words_as_written(flat: &[char], at: usize) -> Option<Range<usize>> {
    let span = trimmed(flat, at..flat.len());
    let text = flat.get(span.clone())?;
    let is_other = text.iter().any(|c| !c.is_ascii());
    let is_one = !text
        .iter()
        .any(|c| c.is_whitespace() || matches!(c, '。' | '、'));
    (is_other && is_one && (1..=REMARK).contains(&text.len())).then_some(span)
}

/// A password that has a line to itself, or what it is of before it.
pub(super) fn alone(line: &Line) -> Vec<Range<usize>> {
    if line.len() > MAX_ALONE {
        return Vec::new();
    }
    let flat = line.flat();
    let ends = |span: &Range<usize>| {
        let rest = flat.get(span.end..).unwrap_or_default();
        !rest.iter().any(|c| c.is_alphanumeric())
    };
    let mut spans: Vec<Range<usize>> = behind(line, 0..line.len());
    // 資料.zip：abc123
    let colon = flat.iter().rposition(|c| *c == ':');
    if let Some(colon) = colon.filter(|colon| flat.get(colon.saturating_add(1)) != Some(&'/')) {
        spans.extend(behind(line, colon.saturating_add(1)..line.len()));
    }
    unique(spans).into_iter().filter(ends).collect()
}
