//! Pages that are made to cost time or memory. Each is small here; `-- --ignored --nocapture`
//! takes the sizes of the design and prints what they cost.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may look for files and measure time"
)]
#![expect(
    clippy::too_many_lines,
    clippy::format_collect,
    reason = "a table of test pages"
)]

use super::{PLENTY, assignment, open_with, utf8};
use mugai_core::Params;
use std::time::Instant;

/// The pages of one size, in thousands of repetitions.
fn pages(thousands: usize) -> Vec<(&'static str, String)> {
    let n = thousands.saturating_mul(1_000);
    let many = |part: &str| part.repeat(n);
    let attributes = |count: usize| {
        let list: String = (0..count).map(|i| format!(" a{i}=b")).collect();
        format!("<p{list}>x</p>")
    };
    vec![
        ("nested div", many("<div>")),
        ("nested b and p", many("<b><p>")),
        ("nested a and div", many("<a href=https://a.jp><div>x")),
        ("nested hidden", many("<div style=display:none>")),
        (
            "open cells",
            format!("<table border=1><tr>{}", many("<td>")),
        ),
        (
            "open cells with text",
            format!("<table><tr>{}", many("<td>x")),
        ),
        ("open tables", many("<table><tr><td>x")),
        ("open items", format!("<ul>{}", many("<li>x"))),
        ("open lists", many("<ul><li>x")),
        ("open quotations", many("<blockquote>x<br>")),
        (
            "end tags of nothing",
            format!("{}{}", "<p><table><td>".repeat(170), many("</p></x>")),
        ),
        ("attributes", attributes(n)),
        (
            "same attribute",
            format!("<p{}>x", many(" style='color:red'")),
        ),
        ("br", many("<br>").repeat(4)),
        ("one text", many("市役所 abc ").repeat(4)),
        ("invisible", many("&zwnj;&nbsp;")),
        ("unclosed tag", format!("x<p {}", many("abc "))),
        (
            "unclosed attribute",
            format!("x<p title=\"{}", many("abc ")),
        ),
        ("unclosed comment", format!("x<!--{}", many("abc "))),
        ("unclosed comments", many("<!--")),
        ("unclosed script", many("<script>")),
        ("unclosed style", many("<style>a{")),
        ("lt", many("<")),
        ("references", many("&amp;&#x3042;&notit;")),
        (
            "rules",
            format!(
                "<style>{}</style>{}",
                many(".a{display:none}"),
                many("<p class=a>x")
            ),
        ),
        (
            "classes",
            format!(
                "<style>.a{{display:none}}</style><p class='{}'>x",
                many("b ")
            ),
        ),
        (
            "selectors",
            format!("<style>{}{{display:none}}</style>x", many("a,")),
        ),
        ("declarations", format!("<p style='{}'>x", many("a:b;"))),
        ("parentheses", format!("<p style='{}'>x", many("("))),
        (
            "links",
            (0..n)
                .map(|i| format!("<a href=https://a.jp/{i}>x</a>"))
                .collect(),
        ),
        (
            "long target",
            format!("<a href='https://a.jp/{}'>x</a>", many("http://")),
        ),
        ("host", format!("<a href='https://{}'>x</a>", many("例.え"))),
        (
            "text of a link",
            format!("<a href=https://a.jp>{}</a>", many("b.jp ")),
        ),
        (
            "pictures",
            many("<img src='data:image/png;base64,AAAA' alt=x>"),
        ),
        ("svg", many("<svg><g>")),
    ]
}

fn measure(thousands: usize) {
    let order = assignment(utf8(), Params::default());
    for (name, page) in pages(thousands) {
        let start = Instant::now();
        let (outcome, result) = open_with(page.as_bytes(), &order, PLENTY);
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{name}: {} bytes in {seconds:.2} s, {} bytes out, {result:?}",
            page.len(),
            outcome.text.len(),
        );
        if let Err(refusal) = result {
            assert_eq!(refusal.code(), "overrun", "{name}");
        }
        assert!(seconds < 20.0, "{name} took {seconds:.1} s");
    }
}

#[test]
fn hostile_pages_end() {
    measure(20);
}

#[test]
#[ignore = "large; run with --release to see the figures"]
fn hostile_pages_of_full_size() {
    measure(1_000);
}
