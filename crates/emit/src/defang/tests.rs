use super::*;
use proptest::prelude::*;

fn shown(text: &str) -> String {
    defang(text, &mut Defanged::default()).into_owned()
}

#[test]
fn what_is_live_and_what_it_becomes() {
    for (live, dead) in [
        ("http://a.jp/", "hxxp://a.jp/"),
        ("HTTPS://a.jp", "HXXPS://a.jp"),
        ("詳細はhttp://a.jp。", "詳細はhxxp://a.jp。"),
        ("(ftp://a)", "(fxp://a)"),
        ("sftp://a", "sfxp://a"),
        ("http:/a.jp", "hxxp:/a.jp"),
        (r"http:\\a.jp", r"hxxp:\\a.jp"),
        ("ldaps://a", "ldaps[:]//a"),
        ("xhttp://a", "xhxxp://a"),
        ("hxxp://a hxxps://b fxp://c", "hxxp://a hxxps://b fxp://c"),
        ("javascript:alert(1)", "javascript[:]alert(1)"),
        ("x.JavaScript:a", "x.JavaScript[:]a"),
        ("data: 5", "data: 5"),
        ("data:", "data[:]"),
        ("mailto:a@b.jp", "mailto[:]a@b.jp"),
        ("tel:03-1234", "tel[:]03-1234"),
        ("TEL:03-1234-5678", "TEL:03-1234-5678"),
        ("ms-msdt:/id", "ms-msdt[:]/id"),
        ("ms-http://x", "ms-http[:]//x"),
        ("view-source:http://a", "view-source[:]hxxp://a"),
        ("file://host/x", "file[:]//host/x"),
        (r"file:\\host\x", r"file[:]＼＼host\x"),
        ("12:30 a::b ://x 1://2", "12:30 a::b ://x 1://2"),
        ("www.city.jp", "www[.]city.jp"),
        ("見よWWW.city.jp", "見よWWW[.]city.jp"),
        ("awww.city.jp www. www", "awww.city.jp www. www"),
        ("ftp.city.jp", "ftp[.]city.jp"),
        ("www.javascript:x", "www[.]javascript[:]x"),
        (r"\\server\c$", r"＼＼server\c$"),
        (r"「\\サーバ\共有」", r"「＼＼サーバ\共有」"),
        (r"C:\\Users a\\b \\\\x \\ y", r"C:\\Users a\\b \\\\x \\ y"),
        ("<script>", "＜script>"),
        ("<scripty", "＜scripty"),
        ("</P>", "＜/P>"),
        ("<a\nhref=x>", "＜a\nhref=x>"),
        ("<br/>", "＜br/>"),
        ("<b", "＜b"),
        ("<!-- x", "＜!-- x"),
        ("<!DOCTYPE", "＜!DOCTYPE"),
        ("<?xml", "＜?xml"),
        (
            "<taro@city.example.jp> a < b <- <1> <<",
            "<taro@city.example.jp> a < b <- <1> <<",
        ),
        ("<abc> <b@x.jp>", "<abc> <b@x.jp>"),
        ("begin 644 a.exe", "| begin 644 a.exe"),
        ("x\nbegin  a.exe\n", "x\n| begin  a.exe\n"),
        ("begin the day\n begin 644 a", "begin the day\n begin 644 a"),
        ("=ybegin line=128", "| =ybegin line=128"),
        (
            "-----BEGIN PGP MESSAGE-----",
            "| -----BEGIN PGP MESSAGE-----",
        ),
        (
            "(This file must be converted with BinHex 4.0)",
            "| (This file must be converted with BinHex 4.0)",
        ),
        ("From here", "From here"),
    ] {
        assert_eq!(shown(live), dead, "{live:?}");
        assert_eq!(shown(dead), dead, "{dead:?}");
    }
}

#[test]
fn each_kind_is_counted() {
    let mut counts = Defanged::default();
    let text = "begin 644 x\nhttp://a www.b.jp <b> <i>\n-----BEGIN PGP MESSAGE-----\n\
                -----BEGIN PGP SIGNED MESSAGE-----\n-----BEGIN PGP SIGNATURE-----\n";
    assert!(matches!(defang(text, &mut counts), Cow::Owned(_)));
    assert_eq!(
        counts,
        Defanged {
            links: 2,
            markup: 2,
            auto_decode: 4,
            encrypted: 1,
            signed: 1,
        }
    );
}

#[test]
fn harmless_text_is_not_copied() {
    let text = "会議は12:30から。\n資料は添付のとおり (a < b)。";
    assert!(matches!(
        defang(text, &mut Defanged::default()),
        Cow::Borrowed(_)
    ));
}

/// Building blocks of live things, so that random texts meet the rules and their edges.
pub(crate) fn hostile_text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "http",
        "https",
        "ftp",
        "hxxp",
        ":",
        "//",
        "/",
        "\\",
        "\\\\",
        "www",
        ".",
        "<",
        ">",
        "!",
        "--",
        "script",
        "a",
        "b",
        "img",
        " ",
        "\n",
        "javascript",
        "data",
        "tel",
        "ms-",
        "x",
        "1",
        "begin",
        " 644 ",
        "=ybegin ",
        "-----BEGIN PGP",
        "あ",
        "＼",
        "[",
        "]",
        "+",
        "-",
        "|",
        "@",
        "\u{3000}",
        "?",
        "file",
        "=",
        ";",
        "\t",
        "\"",
        "'",
        ",",
        "５",
    ]);
    prop::collection::vec(word, 0..24).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_second_run_changes_nothing(text in hostile_text()) {
        let once = shown(&text);
        let mut counts = Defanged::default();
        let twice = defang(&once, &mut counts).into_owned();
        prop_assert_eq!(twice, once);
        prop_assert_eq!(counts, Defanged::default());
    }

    #[test]
    fn any_text_is_stable(text in any::<String>()) {
        let once = shown(&text);
        prop_assert_eq!(shown(&once), once);
    }
}

#[test]
fn triggers_are_found_behind_any_number_of_bytes() {
    for before in 0..100 {
        for (live, harmless) in [
            ("http://a", "hxxp://a"),
            ("\nbegin 644 a", "\n| begin 644 a"),
            ("\n--a\n-----BEGIN PGP", "\n--a\n| -----BEGIN PGP"),
            ("\n--\n--", "\n--\n--"),
            ("<b>", "＜b>"),
        ] {
            let start = " ".repeat(before);
            let (text, want) = (format!("{start}{live}"), format!("{start}{harmless}"));
            assert_eq!(defang(&text, &mut Defanged::default()), want, "{before}");
        }
    }
}
