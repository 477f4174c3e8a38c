//! Tests of what texts tell.

use super::*;
use std::time::{Duration, Instant};

fn found(text: &str) -> Vec<String> {
    let found = in_text(text);
    found.iter().map(|p| p.as_str().to_owned()).collect()
}

fn comes_first(texts: &[(&str, &str)]) {
    for (text, want) in texts {
        let told = found(text);
        let first = told.first().map(String::as_str);
        assert_eq!(first, Some(*want), "{text}: {told:?}");
    }
}

#[test]
fn as_people_write_them() {
    comes_first(&[
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
    ]);
}

#[test]
fn under_many_names_and_in_many_places() {
    comes_first(&[
        // what it is called
        ("ZIPパス：abc123", "abc123"),
        ("開封パス　Ab3kLm9x", "Ab3kLm9x"),
        ("パスは abc123 です。", "abc123"),
        ("zipPW：abc123", "abc123"),
        ("P/W：abc123", "abc123"),
        ("復号キー：abc123", "abc123"),
        ("開封キー：abc123", "abc123"),
        ("解除キー：abc123", "abc123"),
        ("合言葉：abc123", "abc123"),
        ("Key: abc123", "abc123"),
        // where it stands
        ("Password for attached file: abc123", "abc123"),
        ("The password for the file is abc123.", "abc123"),
        ("「abc123」がパスワードです。", "abc123"),
        ("パスワードは本日の日付8桁（20240401）です。", "20240401"),
        ("パスワード：123", "123"),
        ("パスワードをお知らせいたします。\n\nabc123\n", "abc123"),
        (
            "先ほどお送りしたファイルのパスワードです。\nabc123",
            "abc123",
        ),
        ("パスワードをお送りします。\n\n資料.zip：abc123", "abc123"),
        (
            "The password for the attached file is:\n\nabc123\n",
            "abc123",
        ),
        // a page as text: columns, and the number of a link
        ("ファイル名 | パスワード\na.zip | abc123", "abc123"),
        ("No | パスワード | 備考\n1 | abc123", "abc123"),
        (
            "パスワード：abc123[1]\n\nリンク:\n[1] hxxp://x.example/",
            "abc123",
        ),
    ]);
}

#[test]
fn of_several_each() {
    let told = found("パスワード1：aaaa1111\nパスワード2：bbbb2222\nパスワード③ cccc3333");
    assert_eq!(told[..3], ["aaaa1111", "bbbb2222", "cccc3333"]);
    let lines = (0..12).map(|n| format!("パスワード：dummy{n:03}\n"));
    let many = lines.collect::<Vec<_>>().concat();
    assert!(found(&many).contains(&"dummy011".to_owned()));
}

#[test]
fn what_seems_to_part_may_belong_to_it() {
    for password in [
        "*abc123",
        "_abc123",
        "=abc123",
        "~abc123",
        "[abc]d123",
        "(abc)d123",
        "<b>abc12",
        "-abc123",
        "abc123)",
        "abc123.",
    ] {
        let told = found(&format!("パスワード：{password}"));
        assert!(told.contains(&password.to_owned()), "{password}: {told:?}");
    }
}

#[test]
fn letters_of_full_width_may_be_meant() {
    for (text, want) in [
        ("パスワードは「あじさい２０」です", "あじさい２０"),
        ("パスワード：ａｂｃｄ１２３４", "ａｂｃｄ１２３４"),
        ("パスワード：あじさい", "あじさい"),
    ] {
        assert!(found(text).contains(&want.to_owned()), "{text}");
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
        "コンパス：north",
        "コンパス north-1",
        "monkey: abcdef",
        "the key abcdef",
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

/// The work is that of the text, and not of its square.
#[test]
fn texts_that_are_made_to_hurt() {
    for unit in [
        "pw ",
        "pw :",
        "パスワード",
        "key ",
        "[",
        "pw(",
        "パス ",
        "\"",
        "pw|",
    ] {
        let text = unit.repeat(MAX_TEXT);
        let start = Instant::now();
        assert!(found(&text).len() <= MAX_FOUND);
        // it took minutes
        let spent = start.elapsed();
        assert!(spent < Duration::from_secs(20), "{unit:?} {spent:?}");
    }
}
