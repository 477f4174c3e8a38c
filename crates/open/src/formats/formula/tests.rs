use super::{Formula, MAX_DEPTH, Sign};

/// Tells a formula that is written as `name<…>`, with signs as `chr=∑;`.
fn told(written: &str) -> String {
    let (mut out, mut formula) = (String::new(), Formula::default());
    let mut rest = written;
    let mut open = Vec::new();
    while let Some(at) = rest.find(['<', '>', '=', '\'']) {
        let (before, sign) = rest.split_at(at);
        let mut letters = sign.chars();
        let sign = letters.next().unwrap();
        let behind = letters.as_str();
        match sign {
            '<' => open.push(formula.begin(before, &out)),
            '>' if open.pop() == Some(true) => formula.end(&mut out),
            '=' => {
                let (sign, behind) = behind.split_once(';').unwrap();
                formula.say(Sign::of(before).unwrap(), sign);
                rest = behind;
                continue;
            }
            '\'' => {
                let (letters, behind) = behind.split_once('\'').unwrap();
                out.extend(formula.before(letters, &out));
                out.push_str(letters);
                rest = behind;
                continue;
            }
            _ => {}
        }
        rest = behind;
    }
    for _ in open.iter().filter(|begun| **begun) {
        formula.end(&mut out);
    }
    out
}

#[test]
fn a_formula_is_one_line() {
    for (written, want) in [
        ("f<num<r<'a'>>den<r<'b+1'>>>", "a/(b+1)"),
        ("f<num<r<'売上'>>den<r<'客数'>>>", "売上/客数"),
        ("f<type=noBar;num<r<'n'>>den<r<'k'>>>", "n¦k"),
        ("f<num<>den<>>", ""),
        ("r<'2'>f<num<r<'1'>>den<r<'2'>>>r<'x'>", "2 1/2 x"),
        (
            "r<'E=m'>sSup<e<r<'c'>>sup<r<'2'>>>r<' です'>",
            "E=mc^2 です",
        ),
        ("sSup<e<r<'x'>>sup<r<'2'>>>r<'y'>", "x^2 y"),
        (
            "sSup<e<r<'3'>>sup<r<'2'>>>sSup<e<r<'3'>>sup<r<'2'>>>",
            "3^2 3^2",
        ),
        ("sSup<e<r<'a+b'>>sup<r<'-1'>>>", "(a+b)^(-1)"),
        ("sSup<e<d<e<r<'a'>>e<r<'b'>>>>sup<r<'2'>>>", "(a|b)^2"),
        ("sSup<e<d<e<r<'a'>>>d<e<r<'b'>>>>sup<r<'2'>>>", "((a)(b))^2"),
        ("sSubSup<sup<r<'2'>>e<r<'x'>>sub<r<'i'>>>", "x_i^2"),
        ("sPre<sub<r<'6'>>sup<r<'12'>>e<r<'C'>>>", "(_6^12)C"),
        ("rad<deg<>e<r<'2'>>>rad<deg<r<'3'>>e<r<'x+y'>>>", "√2∛(x+y)"),
        (
            "rad<deg<r<'n'>>e<r<'x'>>>rad<deg<r<'k'>>e<r<'x'>>>",
            "ⁿ√x√(k&x)",
        ),
        (
            "nary<chr=∑;sub<r<'i=1'>>sup<r<'n'>>e<r<'i'>>>nary<sub<>sup<>e<r<'x'>>>",
            "∑_(i=1)^n i∫x",
        ),
        ("d<begChr=[;endChr=];sepChr=,;e<r<'a'>>e<r<'b'>>>", "[a,b]"),
        ("d<begChr={;endChr=;e<eqArr<e<r<'a'>>e<r<'b'>>>>>", "{a; b"),
        (
            "m<mr<e<r<'1'>>e<r<'2'>>>mr<e<r<'3'>>e<r<'4'>>>>",
            "[1, 2; 3, 4]",
        ),
        ("d<e<m<mr<e<r<'1'>>e<r<'2'>>>>>>", "(1, 2)"),
        ("func<fName<r<'sin'>>e<r<'x'>>>", "sin x"),
        ("func<fName<r<'f'>>e<d<e<r<'x'>>>>>", "f(x)"),
        (
            "func<fName<limLow<e<r<'lim'>>lim<r<'n→∞'>>>>e<r<'a'>>>",
            "lim_(n→∞) a",
        ),
        ("limUpp<e<r<'→'>>lim<r<'f'>>>", "→^f"),
        (
            "acc<e<r<'x'>>>acc<chr=\u{20d7};e<r<'v'>>>",
            "x\u{302}v\u{20d7}",
        ),
        (
            "bar<pos=top;e<r<'x'>>>bar<pos=top;e<r<'ab'>>>",
            "x\u{305}‾ab",
        ),
        ("groupChr<e<r<'a+b'>>>", "⏟(a+b)"),
        ("r<'A'>groupChr<chr=→;e<r<'加熱'>>>r<'B'>", "A→(加熱)B"),
        ("sSup<e<r<'m'>>sup<r<'2'>>>'2棟'", "m^2 2棟"),
        ("r<'12'>sSup<e<r<'10'>>sup<r<'23'>>>", "12 10^23"),
        ("r<'２'>f<num<r<'１'>>den<r<'２'>>>'３人'", "２ １/２ ３人"),
        (
            "'単価'f<num<r<'売上高'>>den<r<'客数'>>>'千円'",
            "単価 売上高/客数 千円",
        ),
        (
            "'面積は'sSup<e<r<'x'>>sup<r<'a'>>>r<'β'>'です'",
            "面積はx^a βです",
        ),
        ("eqArr<e<r<'y&=2x'>>e<r<'y&=x'>>>r<'R&D'>", "y=2x; y=x R&D"),
        ("box<e<r<'a'>>>borderBox<e<r<'=b'>>>", "a=b"),
    ] {
        assert_eq!(told(written), want, "{written}");
    }
}

#[test]
fn nothing_is_lost_of_what_no_part_has() {
    for (written, letters) in [
        ("f<num<r<'a'>>e<r<'b'>>r<'c'>den<r<'d'>>", "abcd"),
        ("e<r<'a'>>mr<e<r<'b'>>>num<r<'c'>>", "abc"),
        ("f<num<r<'a'>>num<r<'b'>>", "ab"),
        ("d<mr<e<r<'a'>>>sup<r<'b'>>>", "ab"),
        ("m<e<r<'a'>>mr<e<e<r<'b'>>>r<'c'>>", "abc"),
        ("f<num<f<num<r<'a'>", "a"),
    ] {
        let told = told(written);
        let mut found: Vec<char> = told.chars().filter(char::is_ascii_alphabetic).collect();
        found.sort_unstable();
        assert_eq!(found.into_iter().collect::<String>(), letters, "{told}");
    }
}

#[test]
fn parts_beyond_the_depth_are_their_pieces() {
    let depth = MAX_DEPTH * 4;
    let written = "box<e<".repeat(depth) + "r<'x'>f<num<r<'1'>>den<r<'2'>>>" + &">>".repeat(depth);
    assert_eq!(told(&written), "x 1 2");
}
