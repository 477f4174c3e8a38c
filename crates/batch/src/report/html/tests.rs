use super::*;

fn row(path: &str, withheld: bool) -> Row {
    let refusal = withheld.then(|| json!({"code": "unsupported", "detail": "unsupported: x"}));
    serde_json::from_value(json!({
        "id": "MG-1",
        "input": {"path": path, "bytes": 1},
        "verdict": if withheld { "withheld" } else { "sanitised" },
        "refusal": refusal,
        "outputs": [{"path": path}],
        "parts": [{"path": "0", "name": path, "kind": "text.plain", "refusal": refusal, "findings": []}],
        "policy": {"name": path, "from": "a", "to": "b"},
    }))
    .unwrap()
}

fn page(rows: &[Row]) -> String {
    let mut tally = Tally::default();
    for row in rows {
        tally.add(row);
    }
    let mut out = Vec::new();
    write(&mut out, true, &tally, rows).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn names_do_not_become_markup() {
    let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{rows}}";
    let page = page(&[row(hostile, false), row(hostile, true)]);
    assert!(!page.contains("alert(1)</script>"), "{page}");
    assert!(!page.contains("<img"));
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(page.contains("\\u003c/script>"));
}

#[test]
fn the_page_needs_nothing_but_itself() {
    let page = page(&[row("a", false)]);
    for word in [
        "http://", "https://", "src=", "href=", "url(", "import", "fetch",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src &#39;none&#39;"));
    assert!(!page.contains("unsafe"));
    assert!(!page.contains("{{"));
}

#[test]
fn rows_that_tell_something_are_never_left_out_for_others() {
    let mut rows = vec![row("fine", false); MOST_ROWS + 7];
    rows.push(row("bad", true));
    let (listed, left) = listed(&rows);
    assert_eq!((listed.len(), left), (MOST_ROWS, 8));
    assert_eq!(listed.last().unwrap().input.path, "bad");
}

#[test]
fn codes_have_japanese_names() {
    let mut row = row("a", true);
    for code in ["office.macro", "no.such", "\"><b>"] {
        let finding = serde_json::from_value(json!({"code": code, "count": 1})).unwrap();
        row.parts[0].findings.push(finding);
    }
    let page = page(&[row]);
    for named in [
        "&quot;office.macro&quot;:&quot;マクロ&quot;",
        "&quot;unsupported&quot;:&quot;未対応の形式&quot;",
        "&quot;unsupported: x&quot;:&quot;この形式の無害化にはまだ対応していません。詳細: unsupported: x (管理者向け)&quot;",
        "<span class=\"ja\">マクロ</span><span class=\"en\">office.macro</span>",
        "<span class=\"ja\">未対応の形式</span><span class=\"en\">unsupported</span>",
        ">no.such</button>",
    ] {
        assert!(page.contains(named), "{named}\n{page}");
    }
    assert!(!page.contains("<b>\""));
}

/// What is seldom is what an auditor looks for.
#[test]
fn all_findings_are_shown() {
    let mut all = row("a", false);
    for code in mugai_core::FindingCode::ALL {
        let finding = json!({"code": code.code(), "count": 3});
        all.parts[0]
            .findings
            .push(serde_json::from_value(finding).unwrap());
    }
    let shown = page(&[all]);
    for code in mugai_core::FindingCode::ALL {
        let bar = format!("data-finding=\"{}\"", code.code());
        assert!(shown.contains(&bar), "{bar}");
    }
    assert!(!shown.contains("ほか"));
    let mut odd = row("a", false);
    for number in 0..MOST_BARS + 7 {
        let finding = json!({"code": format!("odd.{number}"), "count": 1});
        odd.parts[0]
            .findings
            .push(serde_json::from_value(finding).unwrap());
    }
    assert!(page(&[odd]).contains("ほか 7 種類"));
}
