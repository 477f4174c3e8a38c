//! Page → text where looks decide: what is hidden, where lines break, columns and numbers.

use super::open;

fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .map(|(page, want)| (page, want, open(page).text))
        .filter(|(_, want, got)| got != *want)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn foreign_content_ends_as_in_browsers() {
    check(&[
        ("<p>a<svg></p>b", "a\n\nb"),
        ("a<svg></br>b", "a\nb"),
        ("<div>a<svg><g></div>b", "a\nb"),
        ("<table><tr><td>a<math><mi>x</td><td>b</table>", "a\tb"),
        (
            "<a href=https://a.jp>a<svg><a>x</a>y</svg>b</a>",
            "ab[1]\n\nリンク:\n[1] hxxps://a.jp",
        ),
        ("<svg><span>a", "a"),
        ("<svg><font size=2>a", "a"),
        ("<svg><font>a", ""),
        ("<svg><image href=x><text>a</text></svg>b", "b"),
        ("<svg><svg>x</svg>y</svg>b", "b"),
        ("<svg><td>x</svg>b", "b"),
        ("<b>a<svg></b>b", "ab"),
        ("<svg></div>x</svg>b", "b"),
        ("<x-a>one<svg></x-a>two</svg>three", "onetwothree"),
        ("<x-a>one<svg><g></g></x-a>two", "onetwo"),
        ("<x-a>one<svg><x-a></x-a>two</svg>three", "onethree"),
        ("<x-a>one<svg></x-b>two</svg>three", "onethree"),
        (
            "<x-a>one<svg><path><circle></path>two</svg>three",
            "onethree",
        ),
        ("<x-a>one<svg><desc></x-a>two</desc></svg>three", "onethree"),
        ("<x-a><div>one<svg></x-a>two</svg>three", "onethree"),
    ]);
}

#[test]
fn deep_pages_keep_their_lines() {
    let deep = "<b>".repeat(5_000);
    let page = format!("{deep}<table><tr><td>a<td>b</td></tr><tr><td>c</table><p>d</p>e");
    assert_eq!(open(&page).text, "a\nb\nc\n\nd\n\ne");
    let page = format!("{deep}<a href=https://a.jp>x</a>y");
    assert_eq!(open(&page).text, "x[1]y\n\nリンク:\n[1] hxxps://a.jp");
    // a page that closes none of its fonts, as broken programs write them
    let fonts = "<font size=2>x".repeat(1_000);
    let page = format!("{fonts}<table border=1><tr><td>a<td><td>b</table>");
    assert!(open(&page).text.ends_with("x\na |  | b"));
}

#[test]
fn tables_keep_their_columns() {
    check(&[
        // lines by style sheets
        (
            "<style>td,th{border:1px solid}</style><table><tr><td>a<td><td>b<tr><td><td>c</table>",
            "a |  | b\n| c",
        ),
        (
            "<table><tr><td style='border:solid windowtext 1.0pt'>a<td style='border-bottom:solid 1pt'><td>b</table>",
            "a |  | b",
        ),
        (
            "<style>.t td{border:1px solid #ccc}</style><table class=t><tr><td>a<td><td>b</table>",
            "a |  | b",
        ),
        ("<table border><tr><td>a<td><td>b</table>", "a |  | b"),
        ("<table border=0><tr><td>a<td><td>b</table>", "a\tb"),
        ("<table rules=all><tr><td>a<td><td>b</table>", "a |  | b"),
        (
            "<table><tr style='border-top:1px solid'><td>a<td><td>b</table>",
            "a |  | b",
        ),
        // a frame around one cell is layout
        (
            "<table><tr><td style='border:1px solid'><p>a</p><p>b</p></table>",
            "a\n\nb",
        ),
        (
            "<table style='border:1px solid'><tr><td>a<td><td>b</table>",
            "a\tb",
        ),
        // cells over columns and rows
        (
            "<table border=1><tr><td rowspan=2>a<td>b<td>c<tr><td>d<td>e<tr><td>f<td>g<td>h</table>",
            "a | b | c\n| d | e\nf | g | h",
        ),
        (
            "<table border=1><tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e</table>",
            "a |  | b\nc | d | e",
        ),
        (
            "<table border=1><tr><td>a<td rowspan=0>b<td>c<tr><td>d<td>e<tbody><tr><td>f<td>g</table>",
            "a | b | c\nd |  | e\nf | g",
        ),
        (
            "<table border=1><tr><td rowspan=2 colspan=2>a<td>b<tr><td>c</table>",
            "a |  | b\n|  | c",
        ),
        // more rows than there can be are as many as there can be, and so are columns
        (
            "<table border=1><tr><td rowspan=70000>a<td>b<tr><td>c<tr><td>d</table>",
            "a | b\n| c\n| d",
        ),
        (
            "<table border=1><tr><td rowspan='+2'>a<td>b<tr><td>c</table>",
            "a | b\n| c",
        ),
        (
            "<table border=1><tr><td rowspan=-2>a<td>b<tr><td>c<td>d</table>",
            "a | b\nc | d",
        ),
    ]);
    for columns in [9_999, 70_000] {
        let row = format!("<tr><td colspan={columns}>a<td>b");
        let wide = format!("<table border=1>{}</table>", row.repeat(3));
        assert_eq!(open(&wide).text.matches('|').count(), 3 * 256);
    }
}

#[test]
fn items_have_the_numbers_of_the_page() {
    check(&[
        ("<ol><li>a<li value=7>b<li>c</ol>", "1. a\n7. b\n8. c"),
        ("<ol type=a><li>a<li>b</ol>", "a. a\nb. b"),
        ("<ol type=A start=26><li>a<li>b</ol>", "Z. a\nAA. b"),
        ("<ol type=i start=3><li>a<li type=I>b</ol>", "iii. a\nIV. b"),
        ("<ol start=-1><li>a<li>b<li>c</ol>", "-1. a\n0. b\n1. c"),
        ("<ol reversed><li>a<li>b<li>c</ol>", "3. a\n2. b\n1. c"),
        ("<ol reversed start=9><li>a<li>b</ol>", "9. a\n8. b"),
        (
            "<ol reversed><li>a<ol reversed><li>b<li>c</ol><li>d</ol>",
            "2. a\n  2. b\n  1. c\n1. d",
        ),
        (
            "<ol style='list-style-type:upper-roman'><li>a<li>b</ol>",
            "I. a\nII. b",
        ),
        (
            "<style>ol{list-style:katakana-iroha inside}</style><ol><li>a<li>b</ol>",
            "イ、a\nロ、b",
        ),
        (
            "<ul style='list-style:decimal'><li>a<li>b</ul>",
            "1. a\n2. b",
        ),
        ("<ul style='list-style:none'><li>a<li>b</ul>", "a\nb"),
        ("<ul><li style='display:block'>a<li>b</ul>", "a\n・b"),
        (
            "<style>li{display:inline}</style><ul><li>a</li><li>b</li></ul>",
            "a b",
        ),
        // what is not shown has no number
        (
            "<ol><li>a<li style='display:none'>b<li>c</ol>",
            "1. a\n2. c",
        ),
    ]);
}

#[test]
fn boxes_break_lines_as_they_are_styled() {
    check(&[
        (
            "<span style='display:block'>a</span><span style='display:block'>b</span>c",
            "a\nb\nc",
        ),
        (
            "<style>.l{display:block}</style><a class=l>a</a><a class=l>b</a>",
            "a\nb",
        ),
        (
            "<div style='display:inline'>a</div><div style='display:inline'>b</div>",
            "ab",
        ),
        (
            "<div style='display:inline-block'>a</div><div style='display:inline-block'>b</div>",
            "a\nb",
        ),
    ]);
}

#[test]
fn what_is_hidden_is_decided_by_what_counts_last() {
    check(&[
        // grounds
        (
            "<p style='background-image:url(a.png);background-color:#fff;color:#fff'>x</p>y",
            "x\n\ny",
        ),
        (
            "<p style='background-image:url(a.png);background:#fff;color:#fff'>x</p>y",
            "y",
        ),
        (
            "<p style='background:#fff url(a.png);background-image:none;color:#fff'>x</p>y",
            "y",
        ),
        (
            "<table background=a.png style='background-color:#fff'><tr><td><font color=white>x</table>",
            "x",
        ),
        ("<p style='background:#000;color:#fff'>x</p>", "x"),
        // presentational attributes are weaker than any rule
        ("<p hidden style='display:block'>x</p>y", "x\n\ny"),
        (
            "<table bgcolor=#000000 style='background:#fff'><tr><td><font color=white>x</font>y</table>",
            "y",
        ),
        // font sizes
        ("<p style='font-size:0'>x<font size=3>y</font></p>", "y"),
        (
            "<div style='font-size:0'><table><tr><td>x</table></div>",
            "x",
        ),
        (
            "<!doctype html><div style='font-size:0'><table><tr><td>x</table></div>y",
            "y",
        ),
        (
            "<!-- c --> <!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.0 Transitional//EN'>\
             <div style='font-size:0'><table><tr><td>x</table></div>",
            "x",
        ),
        (
            "<div style='font-size:0'><!doctype html><table><tr><td>x</table></div>",
            "x",
        ),
        ("<p style='font-size:1pt'>x</p>y", "y"),
        // colours
        ("<p style='color:rgba(0,0,0,.01)'>x</p>y", "y"),
        ("<p style='color:hsl(0,0%,100%)'>x</p>y", "y"),
        ("<p style='color:hsla(0,0%,0%,0)'>x</p>y", "y"),
        ("<p style='color:hsl(0,0%,20%)'>x</p>", "x"),
        // shapes and dialogs
        ("<p style='clip-path:inset(50%)'>x</p>y", "y"),
        ("<dialog>x</dialog>y", "y"),
        ("<dialog open>x</dialog>y", "x\ny"),
        // the odd end of a comment
        (
            "<!-- --!><style>.d{display:none}</style><p class=d>x</p>y<!-- -->",
            "y",
        ),
        ("<!-- --!>x<!-- -->", "x"),
    ]);
}
