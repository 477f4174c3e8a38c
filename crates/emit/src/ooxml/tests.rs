use super::*;
use mugai_core::markup::vocabulary::{Attribute, Element, Space};
use mugai_core::markup::{Builder, Event};

fn element(name: &str) -> Event<'static> {
    Event::Open(Element::named(name).unwrap())
}

fn attribute(prefix: &str, local: &str) -> Attribute {
    Attribute::find(Space::all().find(|s| s.prefix() == prefix), local).unwrap()
}

fn main_part(picture: Option<u32>) -> Markup {
    let mut builder = Builder::new(PartKind::Document);
    for name in ["w:document", "w:body", "w:p", "w:r"] {
        builder.push(element(name)).unwrap();
    }
    builder.push(element("w:t")).unwrap();
    builder.push(Event::Text("a < b & \"c\"")).unwrap();
    builder.push(Event::Close).unwrap();
    let mut depth = 4;
    if let Some(picture) = picture {
        for name in ["w:pict", "v:shape", "v:imagedata"] {
            builder.push(element(name)).unwrap();
        }
        let place = Place::Picture(picture);
        builder
            .push(Event::Reference(attribute("r", "id"), place))
            .unwrap();
        depth = 7;
    }
    for _ in 0..depth {
        builder.push(Event::Close).unwrap();
    }
    builder.finish().unwrap()
}

#[test]
fn what_is_written_is_accepted() {
    let grey = grey().unwrap();
    for (part, pictures) in [
        (main_part(None), &[][..]),
        (main_part(Some(0)), &[None][..]),
        (
            main_part(Some(0)),
            &[Some((Target::Png, grey.as_slice()))][..],
        ),
    ] {
        let draft = document(&[part], pictures).unwrap();
        assert_eq!(draft.target(), Target::Docx);
        assert_eq!(
            mugai_verify::check(Target::Docx, &draft.load().unwrap(), &[]),
            Ok(())
        );
        assert!(mugai_verify::check(Target::Xlsx, &draft.load().unwrap(), &[]).is_err());
    }
}

#[test]
fn references_to_nothing_are_refused() {
    assert!(document(&[main_part(Some(1))], &[None]).is_err());
    assert!(document(&[], &[]).is_err());
}

#[test]
fn links_are_accepted_where_they_lead_to_pages() {
    for (name, root, space, local) in [
        ("w:hyperlink", PartKind::Document, Some("r"), "id"),
        ("text:a", PartKind::OpenText, Some("xlink"), "href"),
    ] {
        let names: &[&str] = if root == PartKind::Document {
            &["w:document", "w:body", "w:p"]
        } else {
            &[
                "office:document-content",
                "office:body",
                "office:text",
                "text:p",
            ]
        };
        let mut builder = Builder::new(root);
        for open in names.iter().chain([&name]) {
            builder.push(element(open)).unwrap();
        }
        let space = Space::all().find(|s| Some(s.prefix()) == space);
        let lead = Attribute::find(space, local).unwrap();
        builder
            .push(Event::Link(lead, "https://city.example.lg.jp/a?b=c&d"))
            .unwrap();
        for _ in 0..=names.len() {
            builder.push(Event::Close).unwrap();
        }
        let part = builder.finish().unwrap();
        let draft = match root.open_target() {
            Some(target) => crate::odf::document(target, &[part], &[]).unwrap(),
            None => document(&[part], &[]).unwrap(),
        };
        let target = draft.target();
        assert_eq!(
            mugai_verify::check(target, &draft.load().unwrap(), &[]),
            Ok(())
        );
    }
}
