//! What is counted, what becomes a part of its own, and what settings change.

use super::{PLENTY, assignment, open, open_with, utf8};
use mugai_core::{FindingCode as F, Hints, Lang, Links, Params, Role, SafeName, Token};

const COUNTS: &[(&str, F, u32)] = &[
    ("<p style='display:none'>x<b>y</b></p>", F::HtmlHidden, 2),
    ("<p style='display:none'> &nbsp; </p>", F::HtmlHidden, 0),
    ("<input type=hidden value=x>", F::HtmlHidden, 1),
    (
        "<a href='https://evil.example'>city.lg.jp</a>",
        F::HtmlLinkMismatch,
        1,
    ),
    (
        "<a href='https://city.lg.jp@evil.example'>x</a>",
        F::HtmlLinkMismatch,
        1,
    ),
    (
        "<a href='https://a.jp'>x</a><a href='https://a.jp'>y</a>",
        F::HtmlLink,
        2,
    ),
    (
        "<script>x</script><style>y</style><iframe></iframe>",
        F::HtmlScript,
        2,
    ),
    ("<style>y</style>", F::HtmlStyle, 1),
    ("<del>x</del><s></s><s>y", F::HtmlStruck, 2),
    (
        "<embed src=x><object></object><applet></applet>",
        F::HtmlScript,
        3,
    ),
    (
        "<svg><script>x</script></svg><math></math>",
        F::HtmlScript,
        2,
    ),
    ("<p onclick='x()' onload=y>z", F::HtmlScript, 1),
    (
        "<form action='https://a.jp'><input><button>x</button></form>",
        F::HtmlForm,
        3,
    ),
    ("<img src='https://a.jp/x.png' alt=x>", F::HtmlRemote, 1),
    (
        "<link rel=stylesheet href=x><base href='https://a.jp'>",
        F::HtmlRemote,
        2,
    ),
    ("<body background='http://a.jp/x.png'>", F::HtmlRemote, 1),
    (
        "<p style='background:url(http://a.jp/x.png)'>x",
        F::HtmlRemote,
        1,
    ),
    (
        "<style>@import 'http://a.jp/x.css'; p{color:red}</style>",
        F::HtmlRemote,
        1,
    ),
    (
        "<img src='https://a.jp/x.gif' width=1 height=1>",
        F::HtmlTracking,
        1,
    ),
    (
        "<img src='https://a.jp/x.gif' style='width:0px;height:0px'>",
        F::HtmlTracking,
        1,
    ),
    (
        "<img src='https://a.jp/x.gif' style='display:none'>",
        F::HtmlTracking,
        1,
    ),
    ("<img src=x alt=y>", F::HtmlImage, 1),
    (
        "<meta http-equiv=refresh content='0;url=https://a.jp'>",
        F::HtmlRefresh,
        1,
    ),
    (
        "<!-- x --><!----><!--[if mso]>y<![endif]-->",
        F::HtmlComment,
        2,
    ),
    (
        "<![if !mso]>x<![endif]><!--[if !mso]><!-->y<!--<![endif]-->",
        F::HtmlComment,
        0,
    ),
    ("<a href='https://例え.jp'>x</a>", F::HtmlIdn, 1),
    (
        "<a href='javascript:x'>x</a><a href='file:///x'>y</a>",
        F::HtmlScheme,
        2,
    ),
    ("<img src='data:text/html,x'>", F::HtmlScript, 1),
    ("x\u{200b}y", F::TextZeroWidth, 1),
    ("x\u{202e}y", F::TextBidi, 1),
];

#[test]
fn findings_of_pages() {
    for (page, code, want) in COUNTS {
        assert_eq!(open(page).count(*code), *want, "{page} {code:?}");
    }
}

#[test]
fn nothing_is_counted_on_an_ordinary_page() {
    let page = "<html><head><title>件名</title></head><body><p>本文<br>二行目</p></body></html>";
    assert!(open(page).notes.is_empty());
}

#[test]
fn targets_of_removed_things_are_nowhere() {
    let page = "<meta http-equiv=refresh content='0;url=https://canary.example'>\
        <form action='https://canary.example'><input value=canary></form>\
        <img src='https://canary.example/x.png' alt=x><iframe src='https://canary.example'>\
        </iframe><a href='javascript:canary()'>y</a><p onclick='canary()'>z\
        <link href='https://canary.example'><base href='https://canary.example'>";
    assert!(!open(page).text.contains("canary"));
}

#[test]
fn pictures_of_data_uris_become_parts() {
    let gif = format!("R0lGODlh{}", "QUJD".repeat(40));
    let page = format!(
        "<img src='data:image/gif;base64,{gif}' alt=市章>\
         <img src='data:image/png,{}'><img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>",
        "%41b".repeat(60),
    );
    let outcome = open(&page);
    assert_eq!(
        outcome.text,
        "[画像: 市章 (添付 image-1)][画像: 添付 image-2]"
    );
    assert_eq!(outcome.count(F::HtmlDataUri), 2);
    assert_eq!(outcome.count(F::HtmlTracking), 1);
    let [first, second] = outcome.children.as_slice() else {
        panic!("two parts");
    };
    assert_eq!(first.name.as_ref().unwrap().as_str(), "image-1.gif");
    assert_eq!(first.role, Role::Attachment);
    assert_eq!(first.hints.declared.as_ref().unwrap().as_str(), "image/gif");
    assert!(
        first.content.here().unwrap().starts_with(b"GIF89a")
            || first.content.here().unwrap().starts_with(b"GIF8")
    );
    assert_eq!(second.content.here().unwrap(), "Ab".repeat(60).as_bytes());
}

#[test]
fn pictures_beside_the_page_are_named() {
    let name = SafeName::clean("市章 2.png").0.unwrap();
    let hints = Hints {
        pictures: vec![(Token::parse("logo@city").unwrap(), name)],
        ..utf8()
    };
    let page = "<img src='cid:logo@city' alt=ロゴ><br><img src='CID:logo%40city'><br>\
        <img src='cid:none' alt=無し><img src='cid:none'>";
    let order = assignment(hints, Params::default());
    let text = open_with(page.as_bytes(), &order, PLENTY).0.text;
    assert_eq!(
        text,
        "[画像: ロゴ (添付 市章 2)]\n[画像: 添付 市章 2]\n[画像: 無し]"
    );
}

#[test]
fn language_and_links_follow_the_settings() {
    let page = "<a href='https://a.jp'>x</a><img src=y alt=z>".as_bytes();
    let english = Params {
        lang: Lang::En,
        ..Params::default()
    };
    let text = |params| open_with(page, &assignment(utf8(), params), PLENTY).0.text;
    assert_eq!(text(english), "x[1][image: z]\n\nLinks:\n[1] hxxps://a.jp");
    let without = Params {
        links: Links::Drop,
        ..Params::default()
    };
    assert_eq!(text(without), "x[画像: z]");
}

#[test]
fn the_charset_comes_from_the_hint_or_the_page() {
    let sjis = b"<meta charset=Shift_JIS><p>\x8e\x73\x96\xf0\x8f\x8a";
    let order = assignment(Hints::default(), Params::default());
    assert_eq!(open_with(sjis, &order, PLENTY).0.text, "市役所");
    let hints = Hints {
        charset: Token::parse("iso-2022-jp"),
        ..Hints::default()
    };
    let jis = b"<p>\x1b$B;TLr=j\x1b(B</p>";
    let order = assignment(hints, Params::default());
    assert_eq!(open_with(jis, &order, PLENTY).0.text, "市役所");
}

#[test]
fn the_purse_stops_a_page() {
    let page = "<p>x".repeat(10_000);
    let order = assignment(utf8(), Params::default());
    for limits in [
        mugai_core::Limits {
            steps: 1_000,
            ..PLENTY
        },
        mugai_core::Limits {
            bytes: 1_000,
            ..PLENTY
        },
    ] {
        let (_, result) = open_with(page.as_bytes(), &order, limits);
        assert_eq!(result.unwrap_err().code(), "overrun");
    }
}
