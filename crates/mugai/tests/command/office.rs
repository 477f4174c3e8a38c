//! Documents that `LibreOffice` converts, in its real confinement. Skips where it is not installed.

use crate::world::World;
use std::path::Path;

/// The program that the executable finds by itself.
const SUITE: &str = "/usr/lib/libreoffice/program/soffice.bin";

/// The preset with other treatments of office documents.
fn policy(world: &World, documents: &str, old: &str) {
    let [(_, preset), ..] = mugai_engine::policy::PRESETS;
    let mut text = preset.replace("office = \"text\"", &format!("office = \"{old}\""));
    for family in ["word", "sheet", "slides"] {
        let as_it_is = format!("{family} = \"rebuild\"");
        text = text.replace(&as_it_is, &format!("{family} = \"{documents}\""));
    }
    world.file("policy.toml", text.as_bytes());
}

fn inputs(world: &World) {
    world.case("word/good", "in/a.docx");
    world.case("sheet/good", "in/b.xlsx");
    world.case("slides/good", "in/c.pptx");
    world.case("odt/good", "in/d.odt");
    world.case("rtf/good", "in/e.rtf");
}

#[test]
fn documents_become_pages_and_old_ones_modern() {
    if !Path::new(SUITE).is_file() {
        println!("skipped: LibreOffice is not installed");
        return;
    }
    let world = World::new();
    inputs(&world);
    for (documents, old, want) in [
        (
            "flatten",
            "flatten",
            ["a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.pdf"],
        ),
        (
            "rebuild",
            "rebuild",
            ["a.docx", "b.xlsx", "c.pptx", "d.odt", "e.docx"],
        ),
    ] {
        policy(&world, documents, old);
        let out = format!("out-{documents}");
        let said = world.run(&["sanitise", "-p", "policy.toml", "-o", &out, "in"]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        let files = world.tree(&out);
        for name in want {
            let bytes = files.get(&format!("in/{name}"));
            let bytes = bytes.unwrap_or_else(|| panic!("{name} is missing: {:?}", files.keys()));
            let target = mugai_verify::check_any(bytes).expect("a file of ours");
            assert!(name.ends_with(target.extension()), "{name}");
        }
    }
}

#[test]
fn without_it_the_refusal_says_so_and_the_rest_works() {
    let world = World::new();
    inputs(&world);
    policy(&world, "flatten", "rebuild");
    let arguments = ["sanitise", "-p", "policy.toml", "-o", "out", "in"];
    let mut command = world.command(&arguments);
    command.env("MUGAI_SOFFICE", "/nowhere/soffice.bin");
    let said = crate::world::Said::of(&mut command);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("LibreOffice is not installed"),
        "{}",
        said.out
    );
    let report = world.tree("out").remove("report.jsonl").expect("a report");
    let report = String::from_utf8(report).expect("UTF-8");
    assert_eq!(report.matches("\"office.converter\"").count(), 5);

    let mut command = world.command(&["sanitise", "-o", "plain", "in"]);
    command.env("MUGAI_SOFFICE", "");
    let said = crate::world::Said::of(&mut command);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let shown = world
        .command(&["policy", "show", "policy.toml"])
        .env("MUGAI_SOFFICE", "")
        .output();
    let shown = String::from_utf8(shown.expect("it runs").stdout).expect("UTF-8");
    assert!(shown.contains("converter none"), "{shown}");
}

/// The suite would show today, and take the header for the letters of another code page.
#[test]
fn fields_and_headers_of_old_documents_stay_what_they_were() {
    if !Path::new(SUITE).is_file() {
        println!("skipped: LibreOffice is not installed");
        return;
    }
    let world = World::new();
    world.file(
        "in/f.rtf",
        br"{\rtf1\ansi\ansicpg932\deff0{\fonttbl{\f0\fnil\fcharset128 x;}}{\header\pard \'83\'77\'83\'62\'83\'5f\par}
\pard {\field{\*\fldinst DATE \\@ yyyy}{\fldrslt 1999}}{\deleted gone}|{\field{\*\fldinst FILENAME \\p}{\fldrslt my.rtf}}\par}",
    );
    policy(&world, "rebuild", "rebuild");
    let said = world.run(&["sanitise", "-p", "policy.toml", "-o", "new", "in"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let said = world.run(&["sanitise", "-p", "text-only", "-o", "text", "new/in/f.docx"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let files = world.tree("text");
    let text = files.iter().find(|(name, _)| name.ends_with("f.txt"));
    let (_, text) = text.expect("a text");
    let text = String::from_utf8_lossy(text);
    assert!(text.contains("1999|my.rtf"), "{text}");
    assert!(text.contains("ヘッダ"), "{text}");
    // what was deleted is not drawn either
    policy(&world, "flatten", "flatten");
    let said = world.run(&["sanitise", "-p", "policy.toml", "-o", "pages", "in"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let report = world
        .tree("pages")
        .remove("report.jsonl")
        .expect("a report");
    let report = String::from_utf8(report).expect("UTF-8");
    assert!(report.contains("office.revision"), "{report}");
    // once into a document, and that into pages
    let twice = r#""office.converted","action":"rewritten","count":2"#;
    assert!(report.contains(twice), "{report}");
}
