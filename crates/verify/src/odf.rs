//! ODF documents of ours (`docs/profiles/odf.md`): the type first, content and styles in the closed
//! vocabulary, pictures, and a manifest that names these files and no others.

use crate::known::Known;
use crate::ooxml::markup::{self, Leads};
use crate::ooxml::xml::{Token, Tokens};
use crate::ooxml::{picture, zip};
use mugai_core::{Target, Violation};
use std::collections::BTreeSet;
use zip::File;

/// Where the list of files lies.
pub(crate) const MANIFEST: &str = "META-INF/manifest.xml";
/// The type of a folder with a chart in it, and of one with a formula.
const CHART: &str = "application/vnd.oasis.opendocument.chart";
const FORMULA: &str = "application/vnd.oasis.opendocument.formula";
/// Where charts and formulas lead.
static NOTHING: BTreeSet<String> = BTreeSet::new();
const SPACE: &str = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0";

pub(super) fn check(target: Target, bytes: &[u8], known: Known<'_>) -> Result<(), Violation> {
    let files = zip::read(bytes, &zip::DOCUMENT)?;
    let Some(([first, content], rest)) = files.split_first_chunk::<2>() else {
        return Err(Violation::of("odf: too few files"));
    };
    let bodies = [
        (Target::Odt, "office:text"),
        (Target::Ods, "office:spreadsheet"),
        (Target::Odp, "office:presentation"),
    ];
    let (_, body) = bodies
        .into_iter()
        .find(|(of, _)| *of == target)
        .ok_or(Violation::of("odf: no such target"))?;
    // stored and first, so that it stands at the same place in every file
    let place = bytes.get(30..).unwrap_or_default();
    let media = target.media_type();
    let typed = place
        .strip_prefix(b"mimetype")
        .is_some_and(|place| place.starts_with(media.as_bytes()));
    if first.name != "mimetype" || *first.content != *media.as_bytes() || !typed {
        return Err(Violation::of("odf: the type of the document"));
    }
    let Some((last, rest)) = rest.split_last() else {
        return Err(Violation::of("odf: no manifest"));
    };
    let (styles, rest) = take(rest, "styles.xml");
    let (settings, media) = take(rest, "settings.xml");
    if content.name != "content.xml" || last.name != MANIFEST {
        return Err(Violation::of("odf: files in another order"));
    }
    let objects = media
        .iter()
        .take_while(|file| file.name.starts_with("Object"))
        .count();
    let (objects, media) = media.split_at_checked(objects).unwrap_or_default();
    let mut leads = BTreeSet::new();
    check_objects(objects, &mut leads)?;
    for (number, file) in (1usize..).zip(media) {
        let named = ["png", "jpg"]
            .iter()
            .any(|extension| file.name == format!("Pictures/image{number}.{extension}"));
        if !named {
            return Err(Violation::of("odf: a file of another kind"));
        }
        picture(file, known)?;
        leads.insert(file.name.to_owned());
    }
    let leads = Leads::Files(&leads);
    markup::check(&content.content, "office:document-content", leads)?;
    has_body(content, body)?;
    if let Some(settings) = settings {
        let none = Leads::Files(&NOTHING);
        markup::check(&settings.content, "office:document-settings", none)?;
    }
    if let Some(styles) = styles {
        markup::check(&styles.content, "office:document-styles", leads)?;
    }
    let listed = files.iter().skip(1).take(files.len().saturating_sub(2));
    manifest(&last.content, target, listed)
}

/// The first file, if it is of this name, and those behind it.
fn take<'f, 'b>(rest: &'f [File<'b>], name: &str) -> (Option<&'f File<'b>>, &'f [File<'b>]) {
    match rest.split_first() {
        Some((first, behind)) if first.name == name => (Some(first), behind),
        _ => (None, rest),
    }
}

/// Charts, which may have styles behind them, and formulas, numbered without a gap. Nothing leads out of them.
fn check_objects(objects: &[File<'_>], leads: &mut BTreeSet<String>) -> Result<(), Violation> {
    let none = Leads::Files(&NOTHING);
    let mut number = 0usize;
    let mut is_chart = false;
    for file in objects {
        if is_chart && file.name == format!("Object{number}/styles.xml") {
            is_chart = false;
            markup::check(&file.content, "office:document-styles", none)?;
            continue;
        }
        number = number.saturating_add(1);
        if file.name != format!("Object{number}/content.xml") {
            return Err(Violation::of("odf: a file of another kind"));
        }
        leads.insert(format!("./Object{number}"));
        is_chart = !is_formula(file)?;
        if is_chart {
            markup::check(&file.content, "office:document-content", none)?;
            has_body(file, "office:chart")?;
        } else {
            markup::check(&file.content, "math:math", none)?;
        }
    }
    Ok(())
}

/// Whether the object is a formula, by its root.
fn is_formula(file: &File<'_>) -> Result<bool, Violation> {
    let root = Tokens::new(&file.content)?.next()?;
    Ok(matches!(
        root,
        Some(Token::Start("math:math", _) | Token::Empty("math:math", _))
    ))
}

/// The body is of the kind that the type says, and there is one.
fn has_body(content: &File<'_>, body: &str) -> Result<(), Violation> {
    let mut tokens = Tokens::new(&content.content)?;
    let mut found = 0usize;
    while let Some(token) = tokens.next()? {
        if let Token::Start(name, _) | Token::Empty(name, _) = token
            && matches!(
                name,
                "office:text" | "office:spreadsheet" | "office:presentation" | "office:chart"
            )
        {
            found = found.saturating_add(1);
            if name != body {
                return Err(Violation::of("odf: a body of another kind"));
            }
        }
    }
    // one that is empty shows nothing
    if found > 1 {
        return Err(Violation::of("odf: two bodies"));
    }
    Ok(())
}

/// The manifest names the document and its files, in their order.
fn manifest<'f>(
    content: &[u8],
    target: Target,
    files: impl Iterator<Item = &'f File<'f>>,
) -> Result<(), Violation> {
    let wrong = || Violation::of("odf: manifest");
    let mut tokens = Tokens::new(content)?;
    match tokens.next()? {
        Some(Token::Start("manifest:manifest", attributes))
            if attributes
                == [
                    ("xmlns:manifest", SPACE.into()),
                    ("manifest:version", "1.3".into()),
                ] => {}
        _ => return Err(wrong()),
    }
    let mut listed = vec![("/", target.media_type())];
    for file in files {
        let media = match file.name.rsplit_once('.') {
            Some((_, "png")) => "image/png",
            Some((_, "jpg")) => "image/jpeg",
            _ => "text/xml",
        };
        // an object is in a folder, which is an entry of its own
        let folder = file.name.strip_suffix("content.xml");
        if let Some(folder) = folder.filter(|folder| !folder.is_empty()) {
            listed.push((folder, if is_formula(file)? { FORMULA } else { CHART }));
        }
        listed.push((file.name, media));
    }
    for (path, media) in listed {
        match tokens.next()? {
            Some(Token::Empty("manifest:file-entry", attributes))
                if attributes
                    == [
                        ("manifest:full-path", path.into()),
                        ("manifest:media-type", media.into()),
                    ] => {}
            _ => return Err(wrong()),
        }
    }
    match (tokens.next()?, tokens.next()?) {
        (Some(Token::End("manifest:manifest")), None) => Ok(()),
        _ => Err(wrong()),
    }
}
