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

/// A name that belongs to no code would never be shown, and one out of order would not be found.
#[test]
fn findings_have_japanese_names() {
    let codes: Vec<&str> = japanese::FINDINGS.iter().map(|(code, _)| *code).collect();
    assert!(codes.is_sorted_by(|one, two| one < two));
    let known: Vec<&str> = mugai_core::FindingCode::ALL
        .iter()
        .map(|code| code.code())
        .collect();
    for code in codes {
        assert!(known.contains(&code), "{code}");
        assert!(japanese::finding(code).is_some());
    }
    let mut row = row("a", false);
    for code in ["office.macro", "no.such", "\"><b>"] {
        let finding = serde_json::from_value(json!({"code": code, "count": 1})).unwrap();
        row.parts[0].findings.push(finding);
    }
    let page = page(&[row]);
    assert!(page.contains("data-names=\"{&quot;office.macro&quot;:&quot;マクロ&quot;}\""));
    assert!(
        page.contains("<span class=\"ja\">マクロ</span><span class=\"en\">office.macro</span>")
    );
    assert!(page.contains(">no.such</button>"));
    assert!(!page.contains("<b>\""));
}
