//! `mugai report`: counts, a table, and a page, which is looked at in a browser if there is one.

use crate::world::World;
use std::process::{Command, Stdio};

/// A report over a name that wants to be markup, a mail with something withheld, and a zip.
fn world() -> World {
    let world = World::new();
    world.file("in/<img src=x onerror=boom()>.txt", b"a\n");
    world.file("in/=1+1.txt", b"a\n");
    world.case("mail/notice-beside", "in/mail.eml");
    world.case("other/zip", "in/b.zip");
    assert_eq!(world.run(&["sanitise", "in", "-o", "out"]).code, 1);
    world
}

#[test]
fn counts_come_to_the_terminal_in_two_languages() {
    let world = world();
    let said = world.run(&["report", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("4 件: 2 無害化, 1 一部除去, 1 除去"),
        "{}",
        said.out
    );
    let said = world.run(&["report", "out/report.jsonl", "--lang", "en"]);
    assert!(
        said.out
            .contains("4 files: 2 sanitised, 1 parts withheld, 1 withheld"),
        "{}",
        said.out
    );
}

#[test]
fn the_table_has_a_line_an_input_and_no_formula() {
    let world = world();
    let said = world.run(&["report", "out", "--csv", "t.csv", "--lang", "en"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let table = std::fs::read_to_string(world.path("t.csv")).expect("a table");
    assert!(table.starts_with("\u{feff}\"ticket\",\"input\""), "{table}");
    assert_eq!(table.lines().count(), 5);
    assert!(table.contains("\"in/=1+1.txt\""), "{table}");
    assert!(!table.contains("\"="), "{table}");
}

#[test]
fn what_is_no_report_is_told() {
    let world = World::new();
    world.file("report.jsonl", b"{\"schema\": 1}\n");
    assert_eq!(world.run(&["report", "."]).code, 4);
    assert_eq!(world.run(&["report", "missing"]).code, 2);
    assert!(!world.path("page.html").exists());
    world.run(&["report", ".", "--html", "page.html"]);
    assert!(!world.path("page.html").exists());
}

#[test]
fn the_page_works_in_a_browser_from_a_file() {
    let world = world();
    let said = world.run(&["report", "out", "--html", "page.html"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let Some(all) = browse(&world, "") else {
        println!("skipped: no chromium");
        return;
    };
    // the script ran, so its digest is that of the policy, and rows are there as text
    assert!(all.contains("data-ready=\"4\""), "{all}");
    assert!(
        all.contains("&lt;img src=x onerror=boom()&gt;.txt") || all.contains("_img src=x"),
        "{all}"
    );
    assert!(!all.contains("<img"), "{all}");
    let found = browse(&world, "#b.zip").expect("it was there before");
    assert!(found.contains("data-ready=\"1\""), "{found}");
    let none = browse(&world, "#nothing-of-the-kind").expect("it was there before");
    assert!(none.contains("data-ready=\"0\""), "{none}");
}

/// The page after its script ran; none without a browser.
fn browse(world: &World, fragment: &str) -> Option<String> {
    let profile = tempfile::tempdir().expect("a folder");
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args(["--no-first-run", "--disable-background-networking"])
        .args(["--disable-component-update", "--disable-sync", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!(
            "file://{}{fragment}",
            world.path("page.html").display()
        ))
        .stdin(Stdio::null())
        .output()
        .ok()?;
    assert!(
        output.status.success(),
        "the browser ended with {}",
        output.status
    );
    let page = String::from_utf8_lossy(&output.stdout).into_owned();
    // without the rows as the page brought them, what is left is what the script made of them
    let (before, rest) = page.split_once("<script type=\"application/json\"")?;
    let (_, after) = rest.split_once("</script>")?;
    Some(format!("{before}{after}"))
}
