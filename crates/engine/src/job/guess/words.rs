//! What passwords are called.

use std::ops::Range;

/// In lower case, and letters of full width as narrow ones.
const WORDS: [&str; 25] = [
    "パスワード",
    "パスコード",
    "パスフレーズ",
    "ﾊﾟｽﾜｰﾄﾞ",
    "暗証番号",
    "合言葉",
    "解凍キー",
    "解凍コード",
    "解除キー",
    "解除コード",
    "復号キー",
    "復号鍵",
    "開封キー",
    "暗号キー",
    "暗号化キー",
    "password",
    "passphrase",
    "passcode",
    "passwd",
    "pass",
    "pwd",
    "p/w",
    "pw",
    "zippass",
    "zippw",
];

/// Short for a password where this stands behind it: コンパス and キャンパス are other words.
const PASU: &str = "パス";
const BEHIND_PASU: &[char] = &[':', '=', 'は', '→', '⇒', '】', ']', '」', '』'];
/// A password only where a colon stands behind it.
const KEY: &str = "key";

/// The places of at most `most` words of a line.
pub(super) fn all(line: &[char], most: usize) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut at = 0usize;
    while at < line.len() && all.len() < most {
        match end(line, at) {
            Some(end) => {
                all.push(at..end);
                at = end;
            }
            None => at = at.saturating_add(1),
        }
    }
    all
}

/// Where the word ends that begins at `at`.
fn end(line: &[char], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).and_then(|before| line.get(before));
    let whole = |word: &str, end: usize| {
        // `pw` is a word, and not a piece of one
        let piece = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
        !word.is_ascii() || !piece(before) && !piece(line.get(end))
    };
    let found = WORDS
        .iter()
        .find_map(|word| same(line, at, word).filter(|end| whole(word, *end)));
    let behind = |end: usize| {
        let mut behind = line.get(end..).unwrap_or_default().iter();
        behind.find(|c| !c.is_whitespace()).copied()
    };
    let pasu = || {
        let is_piece = before.is_some_and(|c| matches!(c, 'ァ'..='ヶ' | 'ー'));
        let end = same(line, at, PASU).filter(|_| !is_piece)?;
        // 開封パス Ab3kLm9x
        let apart = line.get(end).is_some_and(|c| c.is_whitespace());
        let is_tied = |c: char| BEHIND_PASU.contains(&c) || apart && c.is_ascii_alphanumeric();
        behind(end).is_some_and(is_tied).then_some(end)
    };
    let key = || {
        let end = same(line, at, KEY).filter(|end| whole(KEY, *end))?;
        (behind(end) == Some(':')).then_some(end)
    };
    found.or_else(pasu).or_else(key)
}

/// Where `word` ends, if it stands at `at`.
fn same(line: &[char], at: usize, word: &str) -> Option<usize> {
    let mut end = at;
    for c in word.chars() {
        if line.get(end)?.to_ascii_lowercase() != c {
            return None;
        }
        end = end.saturating_add(1);
    }
    Some(end)
}
