//! What readers of RTF show, and what they never do here.

use super::*;
use mugai_core::{Assignment, Budget, Hints, Limits, NoFonts, Params, Treatments};
use mugai_testkit::show::Tape;
use proptest::prelude::*;

fn read(input: &[u8]) -> (Result<(), Refusal>, String, Vec<FindingCode>) {
    let limits = Limits {
        bytes: 1 << 24,
        pixels: 0,
        parts: 0,
        depth: 0,
        steps: 1 << 24,
    };
    let assignment = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing(),
        limits,
        params: Params::default(),
    };
    let budget = Budget::new(limits);
    let mut tape = Tape::default();
    let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
    let result = Rtf.open(input, &mut cx);
    cx.flush().unwrap();
    let text = tape.pieces.iter().map(|piece| {
        let Piece::Text(text) = piece else {
            panic!("{piece:?}")
        };
        text.as_str()
    });
    let text = text.collect();
    (result, text, tape.findings.iter().map(|f| f.code).collect())
}

#[test]
fn text_in_every_way_of_writing_it() {
    for (input, want) in [
        (r"{\rtf1\ansi a\par b\tab c}", "a\nb\tc"),
        // two bytes of one character, in hex and half in hex
        (r"{\rtf1\ansi\ansicpg932 \'96\'b3\'8aQ}", "無害"),
        (
            r"{\rtf1\ansi{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset128 \'82\'6c;}}\f0 x\f1 \'93\'fa}",
            "x日",
        ),
        // a character, and what others show for it
        (r"{\rtf1\uc2 \u28961\'96\'b3\uc1\u23475 ?x}", "無害x"),
        (r"{\rtf1\uc0\u-10179\u-8704 x}", "\u{1f600}x"),
        (r"{\rtf1\uc1 \u26085{x}}", "日x"),
        (r"{\rt a}", "a"),
        (r"{\rtf1 a\{b\}\\}", "a{b}\\"),
        (
            r"{\rtf1 {\*\unknown x{y}}z{\stylesheet s}{\pict 00ff}}",
            "z",
        ),
        (r"{\rtf1 a{\pict\bin3 }}}}b}", "ab"),
        (r"{\rtf1 {\field{\*\fldinst PAGE}{\fldrslt 7}}}", "7"),
        (r"{\rtf1 a{\upr{x}{\*\ud\uc0\u28961}}}", "a無"),
        (
            "{\\rtf1 \\trowd a\\cell b\\cell\\row {\\footer f\\par}}",
            "a\tb\t\n\nf\n",
        ),
        (r"{\rtf1 a", "a"),
    ] {
        assert_eq!(read(input.as_bytes()).1, want, "{input}");
    }
}

#[test]
fn characters_of_two_bytes_are_read_as_other_programs_write_them() {
    let japanese = |body: &[u8]| {
        let head = br"{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset128 B;}}\f1 ";
        read(&[head, body, b"}"].concat()).1
    };
    for (body, want) in [
        // half a character in one group and half in the next, or in none
        (&br"{\'93}{\'fa}\'96{\'7b}"[..], "日本"),
        (br"{\b \'93}\'fa", "日"),
        (br"\'93\b\'fa", "日"),
        // bytes as they are, with halves that look like controls and braces
        (b"\x83\x5c\x83\x74\x83\x67\x95\x5c", "ソフト表"),
        (b"\x83\x7d\x83\x7b{\x94\x5c}", "マボ能"),
        (b"{\x95\x5c}\x83\x7d\x94\x5c\\par x", "表マ能\nx"),
        // the end of a paragraph, or a marked half and letters that look like it
        (
            b"\x83\x5c\x83\x74\x95\x5c\\par x\x94\x5c\\'95\\'5c",
            "ソフ表\nx能表",
        ),
        (b"\x95\x5c\\\\par x\x94\x5c\\par", "表\nx能par"),
        // the same by programs that mark each byte
        (b"\x83\\}{\x83\\{}\x95\\\\", "マボ表"),
        (b"\x83\\\\\x83\\}", "ソマ"),
        (br"\'83\\\'83\'5c\'83\}", "ソソマ"),
        // in what is left out, too
        (b"{\\stylesheet \x95\x5c;}x", "x"),
        (br"\u12477\'83\'5cx", "ソ\\x"),
        (br"\uc2\u12477\'83\'5cx", "ソx"),
        (br"\f0 \'93x\'94", "“x”"),
    ] {
        assert_eq!(japanese(body), want, "{}", body.escape_ascii());
    }
}

#[test]
fn bytes_are_those_of_their_fonts_and_languages() {
    for (input, want) in [
        // no code page, but a language or a name
        (&br"{\rtf1\ansi\deff0\deflangfe1041 \'93\'fa}"[..], "日"),
        (br"{\rtf1\ansi{\fonttbl{\f0\fnil MS Mincho;}}\f0 \'93\'fa}", "日"),
        (br"{\rtf1\ansi{\fonttbl{\f0\fnil \'82\'6c\'82\'72 \'96\'be\'92\'a9;}}\f0 \'93\'fa}", "日"),
        (br"{\rtf1\ansi{\fonttbl\f0\fnil\fcharset128 A;\f1\fcharset0 B;}\f0\'93\'fa\f1\'93x}", "日“x"),
        // its own code page comes first
        (br"{\rtf1\ansi\ansicpg1252\deflangfe1041 \'93x}", "“x"),
        (br"{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset1 B;}}\deff0\f1\plain\f1 \'93\'fa}", "日"),
        // two texts in a margin and in a list of fonts
        (br"{\rtf1 {\header {\upr{x}{\*\ud\u28961?}}\par}a}", "a\n無\n"),
        (br"{\rtf1 {\info{\upr{\title x}{\*\ud{\title y}}}}a}", "a"),
        (br"{\rtf1 {\upr{x{\*\ud y}}{\*\ud z}}}", "z"),
        (br"{\rtf1 {\upr{\fonttbl{\f1\fcharset0 A;}}{\*\ud{\fonttbl{\f1\fcharset128 A;}}}}\f1\'93\'fa}", "日"),
    ] {
        assert_eq!(read(input).1, want, "{}", input.escape_ascii());
    }
}

#[test]
fn symbols_are_what_their_fonts_show() {
    let fonts = r"{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset128 A;}{\f3\froman\fcharset2 Symbol;}{\f4\fcharset2 Wingdings;}{\f5\fcharset2 Bar Code;}{\f6\fnil Webdings;}}\f0 ";
    for (body, want) in [
        (r"{\listtext\pard\plain\f3 \'b7\tab}a", "•\ta"),
        (
            r"{\pntext\f3\'B7\tab}{\*\pn\pnlvlblt\pnf3{\pntxtb\'B7}}a",
            "•\ta",
        ),
        (r"{\f3\uc1\u-3913 ?}a", "•a"),
        (r"{\f3 a\'a3b}", "α≤β"),
        (r"{\f4 l\'a7\'fc}\'93\'fa", "●▪✓日"),
        (r"{\f4\u-3844\'3f}", "✓"),
        (r"{\f5 A1}", "A1"),
        (r"{\f6 a}", "✓"),
        (r"{\f4\bullet\tab\u28961?}", "•\t無"),
        (
            r#"{\field{\*\fldinst SYMBOL 183 \\f "Symbol" \\s 10}{\fldrslt\f3\fs20}}"#,
            "•",
        ),
    ] {
        assert_eq!(
            read(format!("{fonts}{body}}}").as_bytes()).1,
            want,
            "{body}"
        );
    }
}

#[test]
fn formulas_are_told_in_one_line() {
    for (body, want) in [
        (
            r"{\mmath{\*\moMathPara{\*\moMath{\mf{\mfPr{\mctrlPr x}}{\mnum{\mr a}}{\mden{\mr b+1}}}}}{\mmathPict{\pict 00}}}",
            "a/(b+1)",
        ),
        (
            r"{\*\moMath{\mr E=m}{\msSup{\me{\mr c}}{\msup{\mr 2}}}{\mr +}{\msSub{\me{\mr x}}{\msub{\mr i+1}}}}",
            "E=mc^2+x_(i+1)",
        ),
        (
            r"{\*\moMath{\mrad{\mradPr{\mdegHide on}}{\mdeg}{\me{\mr 2}}}{\mrad{\mdeg{\mr 3}}{\me{\mr x+y}}}}",
            "√2∛(x+y)",
        ),
        (
            r"{\*\moMath{\mnary{\mnaryPr{\mchr \u8721?}}{\msub{\mr i=1}}{\msup{\mr n}}{\me{\mr i}}}{\mnary{\msub}{\msup}{\me{\mr x}}}}",
            "∑_(i=1)^n i∫x",
        ),
        (
            r"{\*\moMath{\md{\mdPr{\mbegChr [}{\mendChr ]}{\msepChr ;}}{\me{\mr a}}{\me{\mr b}}}{\md{\me{\mr c}}}{\md{\mdPr{\mbegChr |}{\mendChr }}{\me{\mr d}}}}",
            "[a;b](c)|d",
        ),
        (
            r"{\*\moMath{\mm{\mmr{\me{\mr 1}}{\me{\mr 2}}}{\mmr{\me{\mr 3}}{\me{\mr 4}}}}}",
            "[1, 2; 3, 4]",
        ),
        (
            r"{\*\moMath{\mfunc{\mfName{\mr sin}}{\me{\mr x}}}{\mlimLow{\me{\mr lim}}{\mlim{\mr n}}}}",
            "sin x lim_n",
        ),
        (
            r"2{\*\moMath{\mf{\mnum{\mr 1}}{\mden{\mr 2}}}}3 end",
            "2 1/2 3 end",
        ),
        (
            r"A{\header N{\mmath{\*\moMath{\mf{\mnum 7}{\mden 8",
            "A\nN 7/8\n",
        ),
        (r"{\field{\*\fldinst {EQ \\f(1,2)}}{\fldrslt}}", "1/2"),
        (
            r"{\field{\*\fldinst {EQ \\* jc2 \\* hps10 \\o\\ad(\\s\\up 9(\u12416?),\u28961?)}}{\fldrslt{\fs10 }}}",
            "無（む）",
        ),
        // what the program showed at last comes first
        (r"{\field{\*\fldinst EQ \\f(1,2)}{\fldrslt \'bd}}", "½"),
        (
            r"{\deleted{\*\moMath{\mf{\mnum{\mr a}}{\mden{\mr b}}}}}",
            "",
        ),
    ] {
        let input = format!(r"{{\rtf1\uc1 {body}}}");
        assert_eq!(read(input.as_bytes()).1, want, "{body}");
    }
}

#[test]
fn where_links_lead_is_told_behind_texts_that_do_not_say_it() {
    for (body, want) in [
        (
            r#"a{\field{\*\fldinst{HYPERLINK "http://www.a.jp/b" }}{\fldrslt{\ul here}}}z"#,
            "ahere [hxxp://www.a.jp/b]z",
        ),
        (
            r#"{\field{\*\fldinst HYPERLINK "http://www.a.jp/"}{\fldrslt www.{\b a.jp}}}z"#,
            "www.a.jpz",
        ),
        (
            r#"{\field{\*\fldinst HYPERLINK "mailto:x@a.jp?subject=y"}{\fldrslt x@a.jp}}z"#,
            "x@a.jpz",
        ),
        (
            r#"{\field{\*\fldinst HYPERLINK \\l "top"}{\fldrslt top}} {\field{\*\fldinst HYPERLINK "c:\\x.exe"}{\fldrslt run}}"#,
            "top run",
        ),
        (
            r#"{\field{\*\fldinst HYPERLINK "http://a.jp"}{\fldrslt p{\field{\*\fldinst PAGE}{\fldrslt 7}}}}z"#,
            "p7 [hxxp://a.jp]z",
        ),
        (
            r#"{\field{\*\fldinst HYPERLINK "http://a.jp"}{\fldrslt}}z"#,
            "z",
        ),
    ] {
        let input = format!(r"{{\rtf1\uc1 {body}}}");
        assert_eq!(read(input.as_bytes()).1, want, "{body}");
    }
}

#[test]
fn what_is_skipped_are_characters_controls_and_blobs() {
    for (body, want) in [
        (r"\uc1\u26085\'3fx", "日x"),
        (r"\uc1\u26085\emdash x", "日x"),
        (r"\uc2\u26085\emdash\~x", "日x"),
        (r"\uc1\u26085\{x", "日x"),
        (r"\uc1\u26085\bin3 }}}x", "日x"),
        (r"\uc3\u26085\'93\'fa}", "日"),
        (r"\uc3\u26085 a{x}", "日x"),
        (r"{\uc2\u26085 ab}\u26085 ab", "日日b"),
        // a further character is none that is skipped
        (r"\uc1\u26085\u26412?x", "日本x"),
        (r"\uc1\u-10179?\u-8704?x", "\u{1f600}x"),
        (r"{\u-10179?}{\u-8704?}x", "\u{1f600}x"),
        // no unit of UTF-16, but surely meant
        (r"\u128512?x", "\u{1f600}x"),
        (r"\u-10179?x", "\u{fffd}x"),
    ] {
        let input = format!(r"{{\rtf1 {body}}}");
        assert_eq!(read(input.as_bytes()).1, want, "{body}");
    }
}

#[test]
fn tables_boxes_and_forms_are_told() {
    for (body, want) in [
        (
            r"\trowd a\itap2\nestcell b\nestcell{\*\nesttableprops\trowd\cellx9\nestrow}{\nonesttables\par}c\nestcell{\*\nesttableprops\nestrow}{\nonesttables\par}\cell d\cell\row",
            "a\tb\t\nc\t\n\td\t\n",
        ),
        (
            r"{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv \u34920?}}{\sp{\sn fillColor}{\sv 255}}{\shptxt b\par}}{\shprslt x}}",
            "表\nb\n",
        ),
        (
            r"{\header{\shp{\*\shpinst{\sp{\sn gtextUNICODE}{\sv c}}}}}a",
            "a\nc\n",
        ),
        (
            r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres25\ffdefres1{\*\ffname x}}}}{\fldrslt}}a",
            "☑a",
        ),
        (
            r"{\field{\*\fldinst {FORMCHECKBOX}{\*\formfield{\fftype1\ffres0}}}{\fldrslt}}a",
            "☐a",
        ),
        (
            r"{\field{\*\fldinst FORMDROPDOWN {\*\formfield{\fftype2\ffres1{\*\ffl b}{\*\ffl c}}}}{\fldrslt}}a",
            "ca",
        ),
        (
            r"{\field{\*\fldinst FORMTEXT {\*\formfield{\fftype0{\*\ffdeftext x}}}}{\fldrslt b}}a",
            "ba",
        ),
        // a code is never told, wherever it stands
        (r"{\*\fldinst x}a{\field{\fldrslt b}{\*\fldinst x}}", "ab"),
        (r"{\*\windowcaption x}a", "a"),
    ] {
        let input = format!(r"{{\rtf1 {body}}}");
        assert_eq!(read(input.as_bytes()).1, want, "{body}");
    }
}

#[test]
fn all_margins_are_told_and_each_line_once() {
    let headers: Vec<String> = (0..200)
        .map(|n| format!(r"{{\header h{}\par}}", n / 2))
        .collect();
    let headers = headers.concat();
    let (_, text, _) = read(format!(r"{{\rtf1 {headers}a}}").as_bytes());
    let want: Vec<String> = (0..100).map(|n| format!("h{n}\n")).collect();
    let want = want.concat();
    assert_eq!(text, format!("a\n{want}"));
}

#[test]
fn what_runs_or_loads_is_dropped_and_noted() {
    for (input, code) in [
        (
            r"{\rtf1 {\object\objemb{\*\objclass Package}{\*\objdata CANARY 01}{\result x}}}",
            FindingCode::OfficeEmbedded,
        ),
        (
            r"{\rtf1 {\object\objautlink{\*\objdata 01}}}",
            FindingCode::OfficeExternal,
        ),
        (
            r#"{\rtf1 {\field{\*\fldinst {DD}{EAUTO} CANARY "x"}{\fldrslt y}}}"#,
            FindingCode::OfficeField,
        ),
        (
            r#"{\rtf1 {\field{\*\fldinst HYPERLINK "http://CANARY/"}{\fldrslt y}}}"#,
            FindingCode::OfficeLink,
        ),
        (
            r"{\rtf1 {\*\template http://CANARY}}",
            FindingCode::OfficeExternal,
        ),
        (
            r"{\rtf1 {\*\datastore CANARY}}",
            FindingCode::OfficeCustomXml,
        ),
        (
            r"{\rtf1 {\info{\title CANARY}}}",
            FindingCode::OfficeMetadata,
        ),
        (r"{\rtf1 \bin99999 x}", FindingCode::OfficeMarkup),
        (r"{\rtf1 x}CANARY", FindingCode::OfficePart),
        (r"{\rtf1 {\deleted CANARY}}", FindingCode::OfficeRevision),
        (r"{\rtf1 {\v hidden}}", FindingCode::OfficeHidden),
    ] {
        let (result, text, notes) = read(input.as_bytes());
        assert_eq!(result, Ok(()), "{input}");
        assert!(notes.contains(&code), "{input}: {notes:?}");
        assert!(!text.contains("CANARY"), "{input}: {text}");
    }
}

#[test]
fn groups_have_a_depth() {
    let deep = [b"{\\rtf1 ".as_slice(), &b"{".repeat(200_000)].concat();
    assert!(matches!(read(&deep).0, Err(Refusal::Malformed(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&[b"{\\rtf1 ".as_slice(), &bytes].concat());
    }

    #[test]
    fn no_controls_panic(text in r"(\\(u|uc|bin|'|f|fcharset|fonttbl|field|fldinst|fldrslt|formfield|ffl|\*|object|footnote|header|ansicpg|upr|ud|sp|sn|sv|moMath|mf|mnum|mden|md|mdPr|mbegChr|me|mnary|msup|plain|deleted)(-?[0-9]{0,6}) ?|[{}a日;]){0,80}") {
        let _ = read(format!("{{\\rtf1 {text}").as_bytes());
    }
}
