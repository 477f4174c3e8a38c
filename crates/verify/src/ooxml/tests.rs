//! Packages as we write them, with one thing in each that must not be.

use super::*;
use crate::known::Known;
use std::fmt::Write as _;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// A package of stored files.
fn package(files: &[(&str, String)]) -> Vec<u8> {
    let files = files
        .iter()
        .map(|(name, content)| (*name, content.as_bytes(), false));
    zip::tests::written(0, &files.collect::<Vec<_>>())
}

fn relations(all: &[(&str, &str)]) -> String {
    let mut out = format!(
        "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    for (number, (kind, target)) in (1u32..).zip(all) {
        write!(
            out,
            "<Relationship Id=\"rId{number}\" Type=\"{RELATION}{kind}\" Target=\"{target}\"/>"
        )
        .expect("memory");
    }
    out.push_str("</Relationships>");
    out
}

/// A text with `body` in it, and perhaps a file that a relationship of a picture leads to.
fn check_document(body: &str, picture: Option<(&str, &str)>) -> Result<(), Violation> {
    let mut types = format!(
        "{HEAD}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
    );
    for (extension, kind) in DEFAULTS {
        write!(
            types,
            "<Default Extension=\"{extension}\" ContentType=\"{kind}\"/>"
        )
        .expect("memory");
    }
    write!(types, "<Override PartName=\"/word/document.xml\" ContentType=\"{PREFIX}wordprocessingml.document.main+xml\"/></Types>").expect("memory");
    let document =
        format!("{HEAD}<w:document xmlns:w=\"{WORD}\"><w:body>{body}</w:body></w:document>");
    let mut files = vec![
        (TYPES, types),
        (
            "_rels/.rels",
            relations(&[("officeDocument", "word/document.xml")]),
        ),
        ("word/document.xml", document),
    ];
    let path = picture
        .map(|(path, _)| format!("word/{path}"))
        .unwrap_or_default();
    if let Some((target, content)) = picture {
        files.push((
            "word/_rels/document.xml.rels",
            relations(&[("image", target)]),
        ));
        files.push((&path, content.to_owned()));
    }
    check(Target::Docx, &package(&files), Known::files(&[]))
}

#[test]
fn a_picture_is_one_by_its_name_and_its_content() {
    assert_eq!(check_document("<w:p/>", None), Ok(()));
    let place = Err(Violation::of("ooxml: a picture in another place"));
    for path in [
        "media/image1.xml",
        "media/image1.rels",
        "media/image.png",
        "media/image1a.png",
        "media/image1/x.png",
        "media/picture1.png",
    ] {
        assert_eq!(
            check_document("<w:p/>", Some((path, "MZ"))),
            place,
            "{path}"
        );
    }
    // the name is good, and what is there is none
    let refused = check_document("<w:p/>", Some(("media/image1.png", "MZ")));
    assert!(refused.is_err_and(|violation| violation != Violation::of("ooxml: a picture in another place")));
}

/// A field whose code and result are these.
fn field(code: &str, result: &str) -> String {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let (begin, separate, end) = (mark("begin"), mark("separate"), mark("end"));
    format!("<w:p>{begin}{code}{separate}{result}{end}</w:p>")
}

#[test]
fn nothing_but_one_instruction_stands_in_the_code_of_a_field() {
    let code = "<w:r><w:instrText>PAGE</w:instrText></w:r>";
    let text = "<w:r><w:t>12</w:t></w:r>";
    let inner = field(code, text);
    let inner = inner.trim_start_matches("<w:p>").trim_end_matches("</w:p>");
    assert_eq!(check_document(&field(code, text), None), Ok(()));
    // a field in the result of another one
    assert_eq!(check_document(&field(code, inner), None), Ok(()));
    let bad = [
        field(&format!("{code}{text}"), text),
        field(&format!("{text}{code}"), text),
        field(&format!("{code}{code}"), text),
        field(&format!("{code}{inner}"), text),
        field(
            &format!("{code}<w:r><w:sym w:char=\"0041\" w:font=\"x\"/></w:r>"),
            text,
        ),
        field(&format!("{code}<w:fldSimple w:instr=\"PAGE\"/>"), text),
        field(code, code),
        format!("<w:p>{code}</w:p>"),
        "<w:p><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>".to_owned(),
        "<w:p><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r></w:p>".to_owned(),
        "<w:p><w:r><w:fldChar w:fldCharType=\"x\"/></w:r></w:p>".to_owned(),
    ];
    for body in bad {
        assert!(check_document(&body, None).is_err(), "{body}");
    }
}

#[test]
fn names_have_one_colon_at_most() {
    for (attribute, good) in [("xml:space", true), ("xml:x:space", false)] {
        let body = format!("<w:p><w:r><w:t {attribute}=\"preserve\">a</w:t></w:r></w:p>");
        assert_eq!(check_document(&body, None).is_ok(), good, "{attribute}");
    }
}

#[test]
fn a_target_has_one_form() {
    for (path, target, want) in [
        ("", "word/document.xml", Some("word/document.xml")),
        (
            "word/document.xml",
            "media/image1.png",
            Some("word/media/image1.png"),
        ),
        (
            "ppt/slides/slide1.xml",
            "../media/image1.png",
            Some("ppt/media/image1.png"),
        ),
        ("word/document.xml", "../word/media/image1.png", None),
        ("word/document.xml", "media/../media/image1.png", None),
        ("word/document.xml", "/word/media/image1.png", None),
        ("word/document.xml", "./media/image1.png", None),
        (
            "ppt/slides/slide1.xml",
            "../slides/../media/image1.png",
            None,
        ),
        ("ppt/slides/slide1.xml", "../../ppt/media/image1.png", None),
        ("ppt/slides/slide1.xml", "slide2.xml", None),
        ("", "../word/document.xml", None),
        ("ppt/slides/more/slide1.xml", "../media/image1.png", None),
    ] {
        assert_eq!(
            resolve(path, target).ok().as_deref(),
            want,
            "{path} {target}"
        );
    }
}
