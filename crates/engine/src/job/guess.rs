//! Passwords in texts of a mail: 「パスワードは abc123 です」, `PW: abc123`, and a line that holds nothing but the
//! password behind one that announces it.

use mugai_core::Password;

/// How many are looked for in one job.
const MAX_FOUND: usize = 8;
/// How much of a text is looked at, in characters.
const MAX_TEXT: usize = 100_000;
/// Shorter ones are words, longer ones are none.
const LENGTHS: std::ops::RangeInclusive<usize> = 4..=64;

/// What a password is called, in lower case and full width.
const WORDS: [&str; 14] = [
    "パスワード",
    "パスコード",
    "パスフレーズ",
    "ﾊﾟｽﾜｰﾄﾞ",
    "暗証番号",
    "解凍キー",
    "解凍コード",
    "password",
    "passphrase",
    "passcode",
    "passwd",
    "pass",
    "pwd",
    "pw",
];

/// What may stand between the word and the password.
const BETWEEN: &[char] = &[
    ':', '=', '>', '→', '⇒', 'は', 'が', 'を', '・', '…', '─', '―', '■', '□', '●', '○', '◆', '◇',
    '▼', '▽', '※', '*', '_', '|', ',', '、', '~', // what the word itself stood in
    '】', ']', '」', '』', '〉', '》', ')',
];

/// What says that a password stands below.
const BELOW: [&str; 7] = [
    "以下",
    "下記",
    "次の",
    "とおり",
    "通り",
    "below",
    "following",
];

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

/// Adds the passwords that a text tells, each once.
pub(super) fn in_text(text: &str, found: &mut Vec<Password>) {
    let mut announced = false;
    let start: String = text.chars().take(MAX_TEXT).collect();
    let mut here = Vec::new();
    for line in start.lines() {
        let line: Vec<char> = line.chars().map(narrow).collect();
        if line.iter().all(|c| c.is_whitespace()) {
            continue;
        }
        // a rule is no answer
        let says = line.iter().any(|c| c.is_alphanumeric());
        if says && std::mem::take(&mut announced) {
            here.extend(token(&line));
        }
        for rest in behind_words(&line) {
            let tokens = token(rest);
            announced |= announces(rest, &tokens);
            here.extend(tokens);
        }
    }
    let mut count = 0usize;
    for password in here.into_iter().filter_map(Password::new) {
        if count < MAX_FOUND && found.len() < Password::MAX_TRIED && !found.contains(&password) {
            found.push(password);
            count = count.saturating_add(1);
        }
    }
}

/// Whether the password that `rest` of a line does not tell may stand in the next one.
fn announces(rest: &[char], tokens: &[String]) -> bool {
    let nothing = tokens.is_empty() && !rest.iter().any(|c| c.is_alphanumeric());
    let rest: String = rest.iter().collect();
    let rest = rest.to_lowercase();
    nothing || BELOW.iter().any(|word| rest.contains(word))
}

/// Letters of full width as those that they stand for: passwords are typed, not printed.
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

/// What stands behind each word for a password.
fn behind_words(line: &[char]) -> Vec<&[char]> {
    let mut all = Vec::new();
    let mut at = 0usize;
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let before = at.checked_sub(1).and_then(|before| line.get(before));
        let length = WORDS.iter().find_map(|word| {
            let length = word.chars().count();
            let (head, tail) = rest.split_at_checked(length)?;
            let same = head
                .iter()
                .zip(word.chars())
                .all(|(a, b)| a.to_ascii_lowercase() == b);
            // `pw` is a word, and not a piece of one
            let piece = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
            let whole = !word.is_ascii() || !piece(before) && !piece(tail.first());
            (same && whole).then_some(length)
        });
        let step = length.unwrap_or(1);
        at = at.saturating_add(step);
        if length.is_some() {
            all.extend(line.get(at..));
        }
    }
    all
}

/// The password at the beginning of `rest`, in the forms that it may be meant in.
fn token(rest: &[char]) -> Vec<String> {
    let mut rest = rest;
    loop {
        let Some((first, tail)) = rest.split_first() else {
            return Vec::new();
        };
        if first.is_whitespace() || BETWEEN.contains(first) {
            rest = tail;
            continue;
        }
        // a dash parts where a blank is behind it, or another one
        if *first == '-' && tail.first().is_none_or(|c| c.is_whitespace() || *c == '-') {
            rest = tail;
            continue;
        }
        // (半角)
        if *first == '('
            && let Some(end) = tail.iter().take(24).position(|c| *c == ')')
        {
            rest = tail.get(end.saturating_add(1)..).unwrap_or_default();
            continue;
        }
        if let [i, s, blank, ..] = rest
            && (i.to_ascii_lowercase(), s.to_ascii_lowercase()) == ('i', 's')
            && (blank.is_whitespace() || *blank == ':')
        {
            rest = rest.get(2..).unwrap_or_default();
            continue;
        }
        if let Some((_, close)) = QUOTES.iter().find(|(open, _)| open == first)
            && let Some(end) = tail.iter().take(65).position(|c| c == close)
        {
            let quoted: String = tail.get(..end).unwrap_or_default().iter().collect();
            let quoted = quoted.trim();
            return if quoted.is_empty() || quoted.contains("://") {
                Vec::new()
            } else {
                vec![quoted.to_owned()]
            };
        }
        break;
    }
    let run: String = rest.iter().take_while(|c| c.is_ascii_graphic()).collect();
    let bare = run.trim_end_matches(['.', ',', ';', ')', ']', '>', '"', '\'']);
    let mut tokens = Vec::new();
    // abc123(半角英数): what stands in parentheses is said of it, or belongs to it
    let front = bare.split('(').next().unwrap_or_default();
    for token in [front, bare, &run] {
        if !tokens.iter().any(|known| known == token) {
            tokens.push(token.to_owned());
        }
    }
    tokens.retain(|token| {
        LENGTHS.contains(&token.len())
            && token.chars().any(|c| c.is_ascii_alphanumeric())
            && !token.contains("://")
    });
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        in_text(text, &mut found);
        found.iter().map(|p| p.as_str().to_owned()).collect()
    }

    #[test]
    fn as_people_write_them() {
        for (text, want) in [
            ("解凍パスワードは abc123 です。", "abc123"),
            ("パスワード：ＡＢＣ１２３", "ABC123"),
            ("パスワード（半角）：a-B_9!", "a-B_9!"),
            ("■パスワード\n\n  Zip#2024\n\n以上", "Zip#2024"),
            ("ﾊﾟｽﾜｰﾄﾞ→qwer5678", "qwer5678"),
            ("パスワードは「あじさい」です", "あじさい"),
            ("PW: p@ss", "p@ss"),
            ("pw=x1y2z3", "x1y2z3"),
            ("The password is \"open sesame\".", "open sesame"),
            ("The password is hunter2.", "hunter2"),
            ("Password - 20240401", "20240401"),
            ("解凍キー【K3Y-77】", "K3Y-77"),
            ("添付の暗証番号 9876 で開けます", "9876"),
            ("パスワードは以下のとおりです。\nabc123", "abc123"),
            (
                "パスワードを下記に記載します\n\n--------\nabc123\n--------",
                "abc123",
            ),
            ("【パスワード】abc123", "abc123"),
            ("［パスワード］：abc123", "abc123"),
            ("「パスワード」：abc123", "abc123"),
            ("(パスワード) abc123", "abc123"),
            ("パスワード：abc123（半角英数）", "abc123"),
            ("パスワード：【abc123】", "abc123"),
        ] {
            assert_eq!(
                found(text).first().map(String::as_str),
                Some(want),
                "{text}"
            );
        }
    }

    #[test]
    fn not_where_there_is_none() {
        for text in [
            "",
            "パスワードは後ほど別メールでお送りします。",
            "パスワードはこちら https://city.example.lg.jp/",
            "spwd: abcdef",
            "compass north",
            "password",
            "PW: x",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_is_told_below_is_found_beside_other_words() {
        let told = found("The password is given below.\n\nhunter2");
        assert!(told.contains(&"hunter2".to_owned()), "{told:?}");
    }

    #[test]
    fn what_stands_in_parentheses_may_belong_to_it() {
        assert_eq!(found("PW: abcd(12)"), ["abcd", "abcd(12", "abcd(12)"]);
        assert_eq!(found("パスワードは後ほど\n山田 taro"), [""; 0]);
    }

    #[test]
    fn no_more_than_a_few() {
        let many: String = (0..1_000)
            .flat_map(|n| ["PW: secret".to_owned(), n.to_string(), "\n".to_owned()])
            .collect();
        assert_eq!(found(&many).len(), MAX_FOUND);
        assert_eq!(found("PW: same1\nPW: same1\n"), ["same1"]);
    }
}
