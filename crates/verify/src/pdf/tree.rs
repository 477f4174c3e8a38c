//! The second means: another library reads the file, and must see the same pages and nothing else.

use super::picture::{Coding, ImageFacts, Space};
use super::{FileFacts, FontFacts, PageFacts};
use lopdf::{Dictionary, Document, LoadOptions, Object, Stream};
use mugai_core::Violation;

/// What the library may inflate while it loads: our files have nothing that is inflated then.
const MAX_INFLATED: usize = 1 << 16;

/// Compares what the library sees in `bytes` with what the walker saw.
pub(super) fn compare(bytes: &[u8], file: &FileFacts<'_>) -> Result<(), Violation> {
    let pages = &file.pages;
    let options = LoadOptions {
        strict: true,
        max_decompressed_size: Some(MAX_INFLATED),
        ..LoadOptions::default()
    };
    let document = Document::load_mem_with_options(bytes, options)
        .map_err(|_| Violation::of("pdf: the second reader refuses it"))?;
    // locked files load as documents without objects
    if document.is_encrypted() || document.xref_recovery.is_some() {
        return Err(Violation::of("pdf: encrypted or repaired"));
    }
    let listed = document.get_pages();
    let beside = if file.font.is_some() { 8 } else { 2 };
    let expected = pages.len().saturating_mul(3).saturating_add(beside);
    if listed.len() != pages.len() || document.objects.len() != expected {
        return Err(Violation::of("pdf: pages or objects beside the pages"));
    }
    has(
        &document.trailer,
        &[("Size", Is::Any), ("Root", Is::Reference(file.catalog))],
    )?;
    has(
        dictionary(&document, file.catalog)?,
        &[("Type", Is::Name("Catalog")), ("Pages", Is::Reference(2))],
    )?;
    has(
        dictionary(&document, 2)?,
        &[
            ("Type", Is::Name("Pages")),
            ("Kids", Is::Any),
            ("Count", Is::Any),
        ],
    )?;
    if let Some(facts) = &file.font {
        font(&document, facts)?;
    }
    for (facts, id) in pages.iter().zip(listed.values()) {
        if *id != (facts.id, 0) {
            return Err(Violation::of("pdf: pages in another order"));
        }
        page(&document, facts)?;
    }
    Ok(())
}

/// The font of the text: exactly the keys that it is written with, and no program.
fn font(document: &Document, facts: &FontFacts<'_>) -> Result<(), Violation> {
    let [descriptor, program, glyphs, meanings] =
        [1, 2, 3, 4].map(|more| facts.id.saturating_add(more));
    has(
        dictionary(document, 1)?,
        &[
            ("Type", Is::Name("Font")),
            ("Subtype", Is::Name("Type0")),
            ("BaseFont", Is::Name("Mugai")),
            ("Encoding", Is::Name("Identity-H")),
            ("DescendantFonts", Is::Any),
            ("ToUnicode", Is::Reference(meanings)),
        ],
    )?;
    let descendants = dictionary(document, 1)?
        .get(b"DescendantFonts")
        .and_then(Object::as_array);
    if !descendants.is_ok_and(
        |list| matches!(list.as_slice(), [Object::Reference(id)] if *id == (facts.id, 0)),
    ) {
        return Err(Violation::of("pdf: another font"));
    }
    has(
        dictionary(document, facts.id)?,
        &[
            ("Type", Is::Name("Font")),
            ("Subtype", Is::Name("CIDFontType2")),
            ("BaseFont", Is::Name("Mugai")),
            ("CIDSystemInfo", Is::Any),
            ("FontDescriptor", Is::Reference(descriptor)),
            ("CIDToGIDMap", Is::Reference(glyphs)),
            ("DW", Is::Number(1000)),
            ("W", Is::Any),
        ],
    )?;
    has(
        dictionary(document, descriptor)?,
        &[
            ("Type", Is::Name("FontDescriptor")),
            ("FontName", Is::Name("Mugai")),
            ("Flags", Is::Number(4)),
            ("FontBBox", Is::Any),
            ("ItalicAngle", Is::Number(0)),
            ("Ascent", Is::Number(880)),
            ("Descent", Is::Number(-120)),
            ("CapHeight", Is::Number(700)),
            ("StemV", Is::Number(80)),
            ("FontFile2", Is::Reference(program)),
        ],
    )?;
    let flate = || vec![("Length", Is::Any), ("Filter", Is::Name("FlateDecode"))];
    let mut of_program = flate();
    of_program.push(("Length1", Is::Any));
    for (id, schema, data) in [
        (program, of_program, facts.program.1),
        (glyphs, flate(), facts.glyphs.1),
        (meanings, flate(), facts.meanings.1),
    ] {
        let stream = stream(document, id)?;
        has(&stream.dict, &schema)?;
        if stream.content != data {
            return Err(Violation::of("pdf: other data of the font"));
        }
    }
    Ok(())
}

fn page(document: &Document, facts: &PageFacts<'_>) -> Result<(), Violation> {
    let [content_id, image_id] = [facts.id.saturating_add(1), facts.id.saturating_add(2)];
    let dict = dictionary(document, facts.id)?;
    has(
        dict,
        &[
            ("Type", Is::Name("Page")),
            ("Parent", Is::Reference(2)),
            ("MediaBox", Is::Any),
            ("Contents", Is::Reference(content_id)),
            ("Resources", Is::Any),
        ],
    )?;
    media_box(dict, facts)?;
    let resources = inner(dict, b"Resources")?;
    let mut schema = vec![("XObject", Is::Any)];
    if facts.text.is_some() {
        schema.push(("Font", Is::Any));
        has(inner(resources, b"Font")?, &[("F0", Is::Reference(1))])?;
    }
    has(resources, &schema)?;
    has(
        inner(resources, b"XObject")?,
        &[("Im0", Is::Reference(image_id))],
    )?;

    let content = stream(document, content_id)?;
    let mut schema = vec![("Length", Is::Any)];
    if facts.text.is_some() {
        schema.push(("Filter", Is::Name("FlateDecode")));
    }
    has(&content.dict, &schema)?;
    if content.content != facts.content {
        return Err(Violation::of("pdf: another content stream"));
    }
    image(stream(document, image_id)?, &facts.image)
}

fn media_box(page: &Dictionary, facts: &PageFacts<'_>) -> Result<(), Violation> {
    let bad = || Violation::of("pdf: another MediaBox");
    let sides = page
        .get(b"MediaBox")
        .and_then(Object::as_array)
        .map_err(|_| bad())?;
    let quarters = [0, 0, facts.width_quarters, facts.height_quarters];
    let same = sides.len() == quarters.len()
        && sides.iter().zip(quarters).all(|(side, quarters)| {
            // at most 57,600: exact in a u16 and in an f32
            let expected = u16::try_from(quarters).map(|q| f32::from(q) / 4.0);
            side.as_float().ok() == expected.ok()
        });
    same.then_some(()).ok_or_else(bad)
}

fn image(stream: &Stream, facts: &ImageFacts<'_>) -> Result<(), Violation> {
    let filter = match facts.coding {
        Coding::Flate => "FlateDecode",
        Coding::Fax => "CCITTFaxDecode",
        Coding::Jpeg => "DCTDecode",
    };
    let space = match facts.space {
        Space::Grey => Is::Name("DeviceGray"),
        Space::Rgb => Is::Name("DeviceRGB"),
        Space::Palette(_) => Is::Any,
    };
    let mut schema = vec![
        ("Length", Is::Any),
        ("Type", Is::Name("XObject")),
        ("Subtype", Is::Name("Image")),
        ("Filter", Is::Name(filter)),
        ("Width", Is::Number(facts.width_px.into())),
        ("Height", Is::Number(facts.height_px.into())),
        ("ColorSpace", space),
        ("BitsPerComponent", Is::Number(facts.bits.into())),
    ];
    if facts.coding == Coding::Fax {
        schema.push(("DecodeParms", Is::Any));
        has(
            inner(&stream.dict, b"DecodeParms")?,
            &[
                ("K", Is::Number(-1)),
                ("Columns", Is::Number(facts.width_px.into())),
            ],
        )?;
    }
    has(&stream.dict, &schema)?;
    palette(&stream.dict, &facts.space)?;
    if stream.content != facts.data {
        return Err(Violation::of("pdf: other picture data"));
    }
    Ok(())
}

fn palette(image: &Dictionary, space: &Space) -> Result<(), Violation> {
    let Space::Palette(palette) = space else {
        return Ok(());
    };
    let base: &[u8] = if palette.components == 1 {
        b"DeviceGray"
    } else {
        b"DeviceRGB"
    };
    let seen = image.get(b"ColorSpace").and_then(Object::as_array);
    let same = match seen.map(Vec::as_slice) {
        Ok([Object::Name(family), Object::Name(under), last, table]) => {
            family == b"Indexed"
                && under == base
                && last.as_i64().ok() == i64::try_from(palette.len().saturating_sub(1)).ok()
                && table.as_str().ok() == Some(palette.table.as_slice())
        }
        _ => false,
    };
    same.then_some(())
        .ok_or(Violation::of("pdf: another palette"))
}

/// What a value must be.
enum Is {
    /// Anything: compared elsewhere.
    Any,
    Name(&'static str),
    Number(i64),
    Reference(u32),
}

/// Checks that `dict` has exactly the keys of `schema`, with their values.
fn has(dict: &Dictionary, schema: &[(&str, Is)]) -> Result<(), Violation> {
    let fits = dict.len() == schema.len()
        && schema.iter().all(|(key, is)| {
            dict.get(key.as_bytes()).is_ok_and(|value| match is {
                Is::Any => true,
                Is::Name(name) => value.as_name().is_ok_and(|n| n == name.as_bytes()),
                Is::Number(number) => value.as_i64().is_ok_and(|n| n == *number),
                Is::Reference(id) => value.as_reference().is_ok_and(|r| r == (*id, 0)),
            })
        });
    fits.then_some(())
        .ok_or(Violation::of("pdf: an object out of its schema"))
}

fn dictionary(document: &Document, id: u32) -> Result<&Dictionary, Violation> {
    document
        .objects
        .get(&(id, 0))
        .and_then(|object| object.as_dict().ok())
        .ok_or(Violation::of("pdf: an object is missing"))
}

fn stream(document: &Document, id: u32) -> Result<&Stream, Violation> {
    document
        .objects
        .get(&(id, 0))
        .and_then(|object| object.as_stream().ok())
        .ok_or(Violation::of("pdf: a stream is missing"))
}

fn inner<'a>(dict: &'a Dictionary, key: &[u8]) -> Result<&'a Dictionary, Violation> {
    dict.get(key)
        .and_then(Object::as_dict)
        .map_err(|_| Violation::of("pdf: a dictionary is missing"))
}
