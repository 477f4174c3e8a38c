//! Pages of chance: nothing panics, and what must never come out does not.

use super::{open, open_lol};
use proptest::prelude::*;

/// Pieces of markup that chance puts in any order.
const PARTS: &[&str] = &[
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<span>",
    "</span>",
    "<b>",
    "</b>",
    "<a href=https://a.jp>",
    "</a>",
    "<table>",
    "</table>",
    "<table border=1>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<th>",
    "<ul>",
    "</ul>",
    "<ol>",
    "<li>",
    "</li>",
    "<blockquote>",
    "</blockquote>",
    "<pre>",
    "</pre>",
    "<br>",
    "<hr>",
    "<img src=http://a.jp/x alt=y>",
    "<img src='data:image/png,xx'>",
    "<svg>",
    "</svg>",
    "<math>",
    "<noscript>",
    "</noscript>",
    "<select>",
    "<option>",
    "<ruby>",
    "<rt>",
    "</ruby>",
    "<h1>",
    "</h2>",
    "<!-- x -->",
    "<![if !mso]>",
    "<![endif]-->",
    "</textarea>",
    "<title>",
    "</title>",
    "<font color=white>",
    "</font>",
    "<form action=x>",
    "市役所",
    " ",
    "\n",
    "x",
    "&nbsp;",
    "&amp;",
    "&#x3042;",
    "&lt;",
    "\u{200b}",
    "\u{202e}",
    "<",
    ">",
    "\"",
    "'",
    "=",
    "&",
    "<style>p{color:red}</style>",
    "<p style='",
    "<a href=\"",
    "<!--",
];

fn soup(parts: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(parts), 0..40).prop_map(|v| v.concat())
}

/// Ways of hiding, each around the canary.
const HIDDEN: &[(&str, &str)] = &[
    ("<div style='display:none'>", "</div>"),
    ("<div hidden>", "</div>"),
    ("<div style='opacity:0'>", "</div>"),
    ("<div style='max-height:0;overflow:hidden'>", "</div>"),
    ("<div style='position:absolute;left:-9999px'>", "</div>"),
    ("<template>", "</template>"),
    ("<script>", "</script>"),
    ("<style>", "</style>"),
    ("<iframe>", "</iframe>"),
    ("<object>", "</object>"),
    ("<!--", "-->"),
    ("<!--[if mso]>", "<![endif]-->"),
    ("<p title='", "'>"),
    ("<img src='https://x.example/", "'>"),
    ("<form action='https://x.example/", "'></form>"),
];

/// Inline and block markup whose every element is closed.
const CLOSED: &[&str] = &[
    "<p>a</p>",
    "<b>c</b>",
    "<div><i>d</i></div>",
    "<ul><li>e</li></ul>",
    "f",
    " ",
    "\n",
    "<br>",
    "<table><tr><td>g</td></tr></table>",
    "<a href='https://a.jp'>h</a>",
    "市役所",
    "<img alt=i>",
];

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        cases: 400,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_string_is_read(page in any::<String>()) {
        open(&page);
    }

    #[test]
    fn any_markup_is_read(page in soup(PARTS)) {
        let text = open(&page).text;
        prop_assert!(!text.contains("http://") && !text.contains("https://"), "{}", text);
        prop_assert!(!text.contains("\n\n\n\n"));
        prop_assert!(!text.lines().any(|line| line.ends_with(' ')), "{:?}", text);
    }

    #[test]
    fn targets_never_live(href in "[a-zA-Z:/\\\\@.?#%<>\" hHtTpP0-9あ\u{202e}]{0,60}") {
        let attribute = href.replace('&', "&amp;").replace('"', "&quot;");
        for scheme in ["", "http://", "HTTPS:", "http:\\\\", "https://a.jp/?u=http://"] {
            let text = open(&format!("<a href=\"{scheme}{attribute}\">x</a>")).text;
            let lower = text.to_ascii_lowercase();
            prop_assert!(!lower.contains("http:/") && !lower.contains("https:/") && !lower.contains("<script"), "{}", text);
        }
    }

    #[test]
    fn the_hidden_stays_hidden(
        before in soup(CLOSED),
        inside in soup(CLOSED),
        after in soup(CLOSED),
        place in 0..HIDDEN.len(),
    ) {
        let (start, end) = HIDDEN[place];
        let quoted = inside.replace('\'', "");
        let page = format!("{before}{start}canary{quoted}canary{end}{after}visible");
        let text = open(&page).text;
        prop_assert!(!text.contains("canary"), "{} {}", page, text);
        prop_assert!(text.contains("visible"), "{} {}", page, text);
    }

    #[test]
    fn both_tokenizers_agree(parts in soup(CLOSED)) {
        prop_assert_eq!(open(&parts).text, open_lol(&parts).text);
    }
}
