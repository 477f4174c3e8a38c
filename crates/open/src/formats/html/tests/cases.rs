//! Page → text.

#![expect(clippy::arithmetic_side_effects, reason = "a test counts")]

use super::{open, open_lol};

/// What a page must come to, with both tokenizers.
const CASES: &[(&str, &str)] = &[
    ("", ""),
    ("市役所からのお知らせ", "市役所からのお知らせ"),
    ("<p>a<p>b", "a\n\nb"),
    ("<p>a<br>b", "a\nb"),
    ("a<br><br>b", "a\n\nb"),
    ("a<br><br><br><br><br><br>b", "a\n\n\nb"),
    ("<br><br>a<br><br>", "a"),
    ("<div>a</div><div>b</div>", "a\nb"),
    ("<div>a<br></div><div>b</div>", "a\nb"),
    ("<div>a</div><br><div>b</div>", "a\n\nb"),
    ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
    ("<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb"),
    ("<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\nb"),
    ("<p class=MsoNormal>a</p><p class=MsoNormal>b</p>", "a\nb"),
    ("<p style='margin:0'>a</p><p style='margin:0'>b</p>", "a\nb"),
    ("<h1>題</h1>本文", "題\n\n本文"),
    ("a <b> b </b> c", "a b c"),
    ("a\n  b\t c", "a b c"),
    ("a&nbsp;b&nbsp;&nbsp;c", "a b  c"),
    ("市役所\n  からの\nお知らせ", "市役所からのお知らせ"),
    ("市 役 所", "市 役 所"),
    ("市役所\nabc\n課", "市役所 abc 課"),
    ("<b>市役所</b>\n<i>課</i>", "市役所課"),
    ("한국\n어", "한국 어"),
    ("<p>　段落の頭は下げる", "　段落の頭は下げる"),
    ("a   <br>   b", "a\nb"),
    ("x\u{200b}y\u{200c} \u{200c} \u{200c}z", "xy z"),
    ("a&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;b", "a b"),
    // struck text, letters of symbols, runs of no-break spaces
    ("<del>中止</del>実施します。", "[取消線: 中止]実施します。"),
    ("a <s>b <b>c</b></s> d", "a [取消線: b c] d"),
    (
        "<p style='text-decoration: underline line-through'>a</p><p>b",
        "[取消線: a]\n\nb",
    ),
    (
        "<s><span style='text-decoration:none'>a</span></s>",
        "[取消線: a]",
    ),
    ("<s style='text-decoration:none'>a</s><s> </s>b", "a b"),
    (
        "<table border=1><tr><td><strike>1</strike><td>2</table>",
        "[取消線: 1] | 2",
    ),
    (
        "<span style='font-family:Wingdings'>l<span style='font:7.0pt \"Times New Roman\"'> </span></span>l",
        "● l",
    ),
    ("<font face='Wingdings 2, x'>R</font>R", "☑R"),
    ("<p style='font:10pt Symbol'>a表</p>", "α表"),
    ("<p style='font-family:\"Symbolic\"'>a</p>", "a"),
    ("氏名&nbsp;&nbsp;&nbsp;&nbsp;山田", "氏名    山田"),
    ("a&nbsp;b", "a b"),
    ("<p>&nbsp;&nbsp;&nbsp;a</p>", "   a"),
    ("a&nbsp;&nbsp;<br>b&nbsp;&nbsp;", "a\nb"),
    // lists
    ("<ul><li>一<li>二</ul>", "・一\n・二"),
    ("<ol><li>一</li><li>二</li></ol>", "1. 一\n2. 二"),
    ("<ol start=5><li>一<li>二</ol>", "5. 一\n6. 二"),
    (
        "<ul><li>a<ul><li>b<li>c</ul><li>d</ul>",
        "・a\n  ・b\n  ・c\n・d",
    ),
    ("<ul><li></li><li>a</li></ul>", "・a"),
    ("<ul><li><p>a</p></li><li><p>b</p></li></ul>", "・a\n\n・b"),
    ("<li>a<li>b", "・a\n・b"),
    ("前<ul><li>a</ul>後", "前\n\n・a\n\n後"),
    (
        "<dl><dt>日時<dd>五月一日<dt>場所<dd>市役所</dl>",
        "日時\n五月一日\n場所\n市役所",
    ),
    ("<select><option>a<option>b</select>", "a\nb"),
    // quotations, preformatted text, rules
    (
        "<blockquote>引用<br>二行目</blockquote>返信",
        "> 引用\n> 二行目\n\n返信",
    ),
    (
        "<blockquote>a<blockquote>b</blockquote></blockquote>c",
        "> a\n\n> > b\n\nc",
    ),
    ("<pre>\na  b\n  c\n</pre>d", "a  b\n  c\n\nd"),
    ("<div style='white-space:pre-wrap'>a  b\nc</div>", "a  b\nc"),
    ("a<hr>b", "a\n----------------\nb"),
    ("<xmp><b>x</b></xmp>", "<b>x</b>"),
    ("<textarea>\n&lt;a</textarea>", "<a"),
    ("a<plaintext><b>x", "a\n\n<b>x"),
    // tables
    (
        "<table border=1><tr><th>品名<th>数<tr><td>机<td>3<tr><td><td>4</table>",
        "品名 | 数\n机 | 3\n| 4",
    ),
    (
        "<table border=1><tr><td><p class=MsoNormal>日時</p></td><td><p>五月</p></td></tr>\
         <tr><td><p>場所</p></td><td><p>市役所</p></td></tr></table>",
        "日時 | 五月\n場所 | 市役所",
    ),
    (
        "<table><tr><td>a</td><td></td><td>b</td></tr></table>",
        "a\tb",
    ),
    ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td"),
    (
        "<table><tr><td><div>a</div></td><td><div>b</div></td></tr></table>",
        "a\nb",
    ),
    (
        "<table><tr><td><table><tr><td>a</table><td>b</table>",
        "a\nb",
    ),
    ("<table><td>a<td>b</table>c", "a\tb\nc"),
    (
        "<table><thead><tr><th>a<tbody><tr><td>b<tfoot><tr><td>c</table>",
        "a\nb\nc",
    ),
    ("<table><caption>表一</caption><tr><td>a</table>", "表一\na"),
    ("<td>a<td>b", "a\nb"),
    // character references, once
    ("&amp;lt;b&amp;gt; &amp;amp;", "&lt;b&gt; &amp;"),
    ("&#x3042;&#12356;&copy &#128;&#x80;", "あい© €€"),
    ("&notit; &unknown; &", "¬it; &unknown; &"),
    ("&lt;script&gt;", "<script>"),
    ("a&#0;b&#x7;c", "a\u{fffd}bc"),
    // hidden text
    ("a<span style='display:none'>見えない</span>b", "ab"),
    ("a<div hidden>x</div>b", "ab"),
    ("<div style='display:none'>x<div>y</div><p>z</div>b", "b"),
    (
        "<div style='visibility:hidden'>x<b style='visibility:visible'>y</b></div>",
        "y",
    ),
    ("<td style=font-size:0><span style=font-size:14px>x", "x"),
    (
        "<table><tr><td style='font-size:0'>h<span style='font-size:14px'>x</span></table>",
        "x",
    ),
    ("<p style='font-size:1px'>x</p>y", "y"),
    ("<p style='opacity:0'>x<b style='opacity:1'>z</b></p>y", "y"),
    ("<p style='max-height:0;overflow:hidden'>x</p>y", "y"),
    // hidden from one mail program only, which has a form of its own
    (
        "<!--[if mso]>A<![endif]--><!--[if !mso]><!--><div style='mso-hide:all'>B</div><!--<![endif]-->",
        "B",
    ),
    (
        "<body bgcolor=#0000ff link=white><a href=https://a.jp>x</a>",
        "x[1]\n\nリンク:\n[1] hxxps://a.jp",
    ),
    (
        "<div style='height:1%;overflow:hidden'>a</div><div style='width:5%;overflow:hidden'>b</div>",
        "a\nb",
    ),
    ("<p style='text-indent:-9999px'>x</p>y", "y"),
    ("<p style='position:absolute;left:-9999px'>x</p>y", "y"),
    (
        "<i style='background:#036 none repeat scroll 0 0;color:#fff'>x</i>y",
        "xy",
    ),
    ("<i style='background:none;color:#fff'>x</i>y", "y"),
    (
        "<i style='position:absolute;left:50%;margin-left:-480px'>x</i>y",
        "xy",
    ),
    ("<p style='color:#fff'>x</p>y", "y"),
    ("<font color=white>x</font>y", "y"),
    (
        "<table bgcolor=#336699><tr><td style='color:#fff'>x</table>",
        "x",
    ),
    (
        "<table bgcolor=#336699><tr><td><font color='#33669a'>x</font>y</table>",
        "y",
    ),
    ("<td background='a.png'><font color=white>x</font>", "x"),
    (
        "<p style='background:url(a.png)'><font color=white>x</font>",
        "x",
    ),
    ("<p style='color:rgba(0,0,0,0)'>x</p>y", "y"),
    (
        "<body bgcolor=black text=white><font color=white>x</font>",
        "x",
    ),
    ("<template><p>x</p></template>y<noframes>z</noframes>", "y"),
    (
        "<style>.pre{display:none}</style><p class='a pre'>x</p>y",
        "y",
    ),
    (
        "<p class=pre>x</p>y<style>.pre { color:red; display : none !important }</style>",
        "y",
    ),
    (
        "<style>#x,p.z{display:none}</style><p id=x>x</p><p class=z>z</p><b class=z>y</b>",
        "y",
    ),
    ("<style>h6{display:none}</style><h6>x</h6>y", "y"),
    (
        "<style>@media (max-width:600px){.d{display:none}}</style><p class=d>x</p>",
        "x",
    ),
    (
        "<style>@media screen{.d{display:none}}</style><p class=d>x</p>y",
        "y",
    ),
    (
        "<style>.btn{background:#c00}</style><p class=btn style='color:#fff'>x",
        "x",
    ),
    (
        "<style>td .btn{background:#c00}</style><p class=btn style='color:#fff'>x",
        "x",
    ),
    ("<!--<style>.d{display:none}</style>--><p class=d>x", "x"),
    (
        "<style>.d{display:none}</style><p class=d style='display:block!important'>x",
        "x",
    ),
    ("<input type=hidden value=x>y", "y"),
    // comments and fallbacks
    ("a<!-- x -->b", "ab"),
    ("a<!--[if mso]>x<![endif]-->b", "ab"),
    ("a<![if !mso]>x<![endif]>b", "axb"),
    ("a<!--[if !mso]><!-->x<!--<![endif]-->b", "axb"),
    ("<noscript><p>x</p></noscript>", "x"),
    ("<noscript>x &amp; y</noscript>", "x & y"),
    // dropped with all that is in them
    ("a<script>x</script>b", "ab"),
    ("a<style>x</style>b", "ab"),
    ("a<iframe src=x>x</iframe>b", "ab"),
    ("a<object data=x>x<p>y</p></object>b", "ab"),
    ("a<svg><text>x</text><style>y</style></svg>b", "ab"),
    ("a<svg><g><p>b", "a\n\nb"),
    ("a<svg/>b", "ab"),
    ("a<math><mi>x</mi></math>b", "ab"),
    ("<title>x</title>b", "b"),
    ("a<script><!--<script>x</script>--></script>b", "ab"),
    ("a<video>x</video><audio>y</audio><canvas>z</canvas>b", "ab"),
    // ruby
    (
        "<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>",
        "漢字（かんじ）",
    ),
    ("<ruby>市<rt>し<rb>区<rt>く</ruby>", "市（し）区（く）"),
    // links
    (
        "<a href='https://a.jp/x'>詳細</a>へ",
        "詳細[1]へ\n\nリンク:\n[1] hxxps://a.jp/x",
    ),
    (
        "<a href='https://evil.example'>https://city.lg.jp</a>",
        "https://city.lg.jp[1]⚠\n\nリンク:\n[1]⚠ hxxps://evil.example",
    ),
    (
        "<a href=http://a.jp>a</a> <a href=http://b.jp>b </a><a href=http://a.jp>c</a>",
        "a[1] b[2] c[1]\n\nリンク:\n[1] hxxp://a.jp\n[2] hxxp://b.jp",
    ),
    (
        "<a href='mailto:info@city.lg.jp'>info@city.lg.jp</a>",
        "info@city.lg.jp",
    ),
    (
        "<a href='mailto:a@b.jp'>連絡</a>",
        "連絡[1]\n\nリンク:\n[1] mailto[:]a@b.jp",
    ),
    (
        "<a href='tel:0312345678'>電話</a>",
        "電話[1]\n\nリンク:\n[1] tel[:]0312345678",
    ),
    (
        "<a href='#top'>上へ</a><a name=x>x</a><a href=a.html>y</a>",
        "上へxy",
    ),
    ("<a href='javascript:x()'>x</a>", "x"),
    (
        "<a href='https://a.jp/?a=1&amp;b=2&copy=3'>x</a>",
        "x[1]\n\nリンク:\n[1] hxxps://a.jp/?a=1&b=2&copy=3",
    ),
    ("<a href=https://a.jp></a>x", "x"),
    (
        "<a href=https://a.jp><div>x</div></a><p>y",
        "x[1]\n\ny\n\nリンク:\n[1] hxxps://a.jp",
    ),
    (
        "<a href=https://a.jp>x<a href=https://b.jp>y</a>",
        "x[1]y[2]\n\nリンク:\n[1] hxxps://a.jp\n[2] hxxps://b.jp",
    ),
    (
        "<td><a href=https://a.jp>x<td>y",
        "x[1]\ny\n\nリンク:\n[1] hxxps://a.jp",
    ),
    (
        "<map><area href=https://a.jp alt=地図></map>",
        "地図[1]\n\nリンク:\n[1] hxxps://a.jp",
    ),
    (
        "<a href=https://a.jp style='mso-hide:all'>x</a>",
        "x[1]\n\nリンク:\n[1] hxxps://a.jp",
    ),
    ("<a href=https://a.jp style='display:none'>x</a>y", "y"),
    // pictures
    ("<img src=http://a.jp/a.png alt='市章'>", "[画像: 市章]"),
    ("a<img src=http://a.jp/a.png>b", "ab"),
    ("<img src=http://a.jp/a.png alt=x width=1 height=1>b", "b"),
    (
        "<img src=http://a.jp/a.png alt=x style='width:0;height:0'>b",
        "b",
    ),
    (
        "<td style='font-size:0'><img src=http://a.jp/a.png alt=x>",
        "[画像: x]",
    ),
    (
        "<img src=http://a.jp/a.png alt=x style='display:none'>b",
        "b",
    ),
    (
        "<a href=https://a.jp><img src=http://a.jp/b.png></a>",
        "[画像][1]\n\nリンク:\n[1] hxxps://a.jp",
    ),
    ("<img alt='a\n b' src=x>", "[画像: a b]"),
    // broken markup
    ("<p>a<b>b</p>c", "ab\n\nc"),
    ("a</p></div></b>b", "ab"),
    ("<div><span>a</div>b</span>c", "a\nbc"),
    ("<span style='display:none'><div>x</span>y</div>z", ""),
    ("a<b", "a"),
    ("a<!-- x", "a"),
    ("a<p title=\"x", "a"),
    ("a < b & c > d", "a < b & c > d"),
    ("a<あ>b", "a<あ>b"),
    ("<p/>a<div/>b", "a\n\nb"),
    ("<P>A</P><BR>B", "A\n\n\nB"),
];

/// Pages with end tags that match nothing, which `lol_html` does not tell of.
const ONLY_FIRST: &[(&str, &str)] = &[
    ("a</br>b", "a\nb"),
    ("<h1>a</h2>b", "a\n\nb"),
    ("<p>a</svg>b", "ab"),
    ("<svg><![CDATA[<p>x]]></svg>y", "y"),
];

fn check(cases: &[(&str, &str)], tokenizer: &str, text: impl Fn(&str) -> String) {
    let mut wrong = 0;
    for (page, want) in cases {
        let got = text(page);
        if got != *want {
            wrong += 1;
            println!("{tokenizer}: {page}\n  want {want:?}\n  got  {got:?}");
        }
    }
    assert_eq!(wrong, 0, "pages with another text");
}

#[test]
fn pages_come_to_their_text() {
    check(CASES, "html5gum", |page| open(page).text);
    check(ONLY_FIRST, "html5gum", |page| open(page).text);
}

#[test]
fn the_second_tokenizer_agrees() {
    check(CASES, "lol_html", |page| open_lol(page).text);
}
