//! The second means: another library reads the file, and must see the same pages and nothing else.

use super::picture::{Coding, ImageFacts, Space};
use super::{FileFacts, FontFacts, OutlineFacts, PageFacts, ways};
use lopdf::{Dictionary, Document, LoadOptions, Object, Stream};
use mugai_core::Violation;

/// What the library may inflate while it loads: our files have nothing that is inflated then.
const MAX_INFLATED: usize = 1 << 16;

/// Longer data of a stream is kept as its digest: it is compared, and nothing else, and need not be in memory twice.
const LONG: usize = 16 << 10;

/// Puts the digest in the place of long data. `allows_compression` says that it was done: files cannot say it.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the library asks for it, so that objects can be left out"
)]
fn digest(id: (u32, u16), object: &mut Object) -> Option<((u32, u16), Object)> {
    if let Ok(stream) = object.as_stream_mut()
        && stream.content.len() > LONG
    {
        stream.content = blake3::hash(&stream.content).as_bytes().to_vec();
        stream.allows_compression = false;
    }
    // what comes back tells no more than that the object stays
    Some((id, Object::Null))
}

/// Whether the library saw `data` in a stream.
fn holds(stream: &Stream, data: &[u8]) -> bool {
    if stream.allows_compression {
        return stream.content == data;
    }
    data.len() > LONG && blake3::hash(data).as_bytes() == stream.content.as_slice()
}

/// Compares what the library sees in `bytes` with what the walker saw.
pub(super) fn compare(bytes: &[u8], file: &FileFacts<'_>) -> Result<(), Violation> {
    let pages = &file.pages;
    let options = LoadOptions {
        strict: true,
        filter: Some(digest),
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
    if listed.len() != pages.len() || document.objects.len() != file.count {
        return Err(Violation::of("pdf: pages or objects beside the pages"));
    }
    has(
        &document.trailer,
        &[("Size", Is::Any), ("Root", Is::Reference(1))],
    )?;
    let mut catalog = vec![("Type", Is::Name("Catalog")), ("Pages", Is::Reference(2))];
    if let Some(root) = file.ways.root {
        catalog.push(("Outlines", Is::Reference(root)));
        bookmarks(&document, file)?;
    }
    if file.has_labels {
        catalog.push(("PageLabels", Is::Any));
    }
    has(dictionary(&document, 1)?, &catalog)?;
    has(
        dictionary(&document, 2)?,
        &[
            ("Type", Is::Name("Pages")),
            ("Kids", Is::Any),
            ("Count", Is::Any),
            ("Resources", Is::Any),
        ],
    )?;
    resources(inner(dictionary(&document, 2)?, b"Resources")?, file)?;
    if let Some(facts) = &file.letters {
        letters(&document, facts)?;
    }
    if let Some(id) = file.plain {
        has(
            dictionary(&document, id)?,
            &[
                ("Type", Is::Name("Font")),
                ("Subtype", Is::Name("Type1")),
                ("BaseFont", Is::Name("Helvetica")),
                ("Encoding", Is::Name("WinAnsiEncoding")),
            ],
        )?;
    }
    if let Some(facts) = &file.outlines {
        outlines(&document, facts)?;
    }
    for facts in &file.images {
        image(stream(&document, facts.id)?, facts)?;
    }
    for (facts, id) in pages.iter().zip(listed.values()) {
        if *id != (facts.id, 0) {
            return Err(Violation::of("pdf: pages in another order"));
        }
        page(&document, facts)?;
    }
    Ok(())
}

/// What pages draw with: pictures, fonts and graphics states that the walker saw, by their names.
fn resources(dict: &Dictionary, file: &FileFacts<'_>) -> Result<(), Violation> {
    let masks: Vec<u32> = file.images.iter().filter_map(|image| image.mask).collect();
    let pictures = file.images.iter().map(|image| image.id);
    let pictures: Vec<(String, u32)> = pictures
        .filter(|id| !masks.contains(id))
        .map(|id| (format!("I{id}"), id))
        .collect();
    let fonts = [
        ("F0", file.letters.as_ref().map(|font| font.id)),
        ("F1", file.outlines.as_ref().map(|font| font.id)),
        ("F2", file.plain),
    ];
    let fonts: Vec<(String, u32)> = fonts
        .into_iter()
        .filter_map(|(name, id)| Some((name.to_owned(), id?)))
        .collect();
    let mut kinds = 0usize;
    for (kind, list) in [("XObject", pictures), ("Font", fonts)] {
        if list.is_empty() {
            continue;
        }
        kinds = kinds.saturating_add(1);
        let schema: Vec<(&str, Is)> = list
            .iter()
            .map(|(name, id)| (name.as_str(), Is::Reference(*id)))
            .collect();
        has(inner(dict, kind.as_bytes())?, &schema)?;
    }
    let mut states = file.pages.iter().flat_map(|page| &page.content.mixes);
    if states.next().is_some() {
        kinds = kinds.saturating_add(1);
        for (_, state) in inner(dict, b"ExtGState")? {
            let state = state.as_dict();
            let state = state.map_err(|_| Violation::of("pdf: a graphics state"))?;
            has(state, &[("ca", Is::Any), ("CA", Is::Any), ("BM", Is::Any)])?;
        }
    }
    (dict.len() == kinds)
        .then_some(())
        .ok_or(Violation::of("pdf: other resources"))
}

/// The font of drawn pages: exactly the keys that it is written with.
fn outlines(document: &Document, facts: &OutlineFacts<'_>) -> Result<(), Violation> {
    let [descendant, descriptor, program, meanings] =
        [1, 2, 3, 4].map(|more| facts.id.saturating_add(more));
    type0(document, facts.id, "MugaiOutlines", meanings)?;
    has(
        dictionary(document, descendant)?,
        &[
            ("Type", Is::Name("Font")),
            ("Subtype", Is::Name("CIDFontType0")),
            ("BaseFont", Is::Name("MugaiOutlines")),
            ("CIDSystemInfo", Is::Any),
            ("FontDescriptor", Is::Reference(descriptor)),
            ("DW", Is::Number(0)),
            ("W", Is::Any),
        ],
    )?;
    has_descriptor(
        document,
        descriptor,
        "MugaiOutlines",
        ("FontFile3", program),
    )?;
    let mut of_program = flate_keys();
    of_program.push(("Subtype", Is::Name("CIDFontType0C")));
    has_data(document, program, &of_program, facts.program.1)?;
    has_data(document, meanings, &flate_keys(), facts.meanings.1)
}

/// What both fonts say about themselves, and where their programs are.
fn has_descriptor(
    document: &Document,
    id: u32,
    name: &'static str,
    (key, program): (&'static str, u32),
) -> Result<(), Violation> {
    has(
        dictionary(document, id)?,
        &[
            ("Type", Is::Name("FontDescriptor")),
            ("FontName", Is::Name(name)),
            ("Flags", Is::Number(4)),
            ("FontBBox", Is::Any),
            ("ItalicAngle", Is::Number(0)),
            ("Ascent", Is::Number(880)),
            ("Descent", Is::Number(-120)),
            ("CapHeight", Is::Number(700)),
            ("StemV", Is::Number(80)),
            (key, Is::Reference(program)),
        ],
    )
}

/// A composite font, its descendant being the next object.
fn type0(document: &Document, id: u32, name: &'static str, meanings: u32) -> Result<(), Violation> {
    let dict = dictionary(document, id)?;
    has(
        dict,
        &[
            ("Type", Is::Name("Font")),
            ("Subtype", Is::Name("Type0")),
            ("BaseFont", Is::Name(name)),
            ("Encoding", Is::Name("Identity-H")),
            ("DescendantFonts", Is::Any),
            ("ToUnicode", Is::Reference(meanings)),
        ],
    )?;
    let descendant = (id.saturating_add(1), 0);
    let descendants = dict.get(b"DescendantFonts").and_then(Object::as_array);
    descendants
        .is_ok_and(|list| matches!(list.as_slice(), [Object::Reference(id)] if *id == descendant))
        .then_some(())
        .ok_or(Violation::of("pdf: another font"))
}

fn flate_keys() -> Vec<(&'static str, Is)> {
    vec![("Length", Is::Any), ("Filter", Is::Name("FlateDecode"))]
}

fn has_data(
    document: &Document,
    id: u32,
    schema: &[(&str, Is)],
    data: &[u8],
) -> Result<(), Violation> {
    let stream = stream(document, id)?;
    has(&stream.dict, schema)?;
    holds(stream, data)
        .then_some(())
        .ok_or(Violation::of("pdf: other data of a stream"))
}

/// The font of the text over pages: exactly the keys that it is written with.
fn letters(document: &Document, facts: &FontFacts<'_>) -> Result<(), Violation> {
    let [descendant, descriptor, program, glyphs, meanings] =
        [1, 2, 3, 4, 5].map(|more| facts.id.saturating_add(more));
    type0(document, facts.id, "Mugai", meanings)?;
    has(
        dictionary(document, descendant)?,
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
    has_descriptor(document, descriptor, "Mugai", ("FontFile2", program))?;
    let mut of_program = flate_keys();
    of_program.push(("Length1", Is::Any));
    has_data(document, program, &of_program, facts.program.1)?;
    has_data(document, glyphs, &flate_keys(), facts.glyphs.1)?;
    has_data(document, meanings, &flate_keys(), facts.meanings.1)
}

fn page(document: &Document, facts: &PageFacts<'_>) -> Result<(), Violation> {
    let dict = dictionary(document, facts.id)?;
    let mut schema = vec![
        ("Type", Is::Name("Page")),
        ("Parent", Is::Reference(2)),
        ("MediaBox", Is::Any),
        ("Contents", Is::Reference(facts.content_id)),
    ];
    if !facts.links.is_empty() {
        schema.push(("Annots", Is::Any));
        links(dict, facts)?;
    }
    has(dict, &schema)?;
    media_box(dict, facts)?;
    has_data(document, facts.content_id, &flate_keys(), facts.data)
}

/// The links of a page: an area, and a place in the document or an address.
fn links(page: &Dictionary, facts: &PageFacts<'_>) -> Result<(), Violation> {
    let bad = || Violation::of("pdf: other annotations");
    let list = page.get(b"Annots").and_then(Object::as_array);
    let list = list.map_err(|_| bad())?;
    if list.len() != facts.links.len() {
        return Err(bad());
    }
    for (link, seen) in list.iter().zip(&facts.links) {
        let link = link.as_dict().map_err(|_| bad())?;
        has(
            link,
            &[
                ("Type", Is::Name("Annot")),
                ("Subtype", Is::Name("Link")),
                ("Rect", Is::Any),
                ("Border", Is::Any),
                match seen.to {
                    ways::To::Page(_) => ("Dest", Is::Any),
                    ways::To::Address(_) => ("A", Is::Any),
                },
            ],
        )?;
        match &seen.to {
            ways::To::Page(page) => destination(link, *page)?,
            ways::To::Address(address) => {
                let action = inner(link, b"A")?;
                has(action, &[("S", Is::Name("URI")), ("URI", Is::Any)])?;
                let said = action.get(b"URI").and_then(Object::as_str);
                if said.ok() != Some(address.as_bytes()) {
                    return Err(bad());
                }
            }
        }
    }
    Ok(())
}

/// A place on the page of object number `page`.
fn destination(dict: &Dictionary, page: u32) -> Result<(), Violation> {
    let place = dict.get(b"Dest").and_then(Object::as_array);
    let is_place = place.is_ok_and(|place| {
        matches!(
            place.as_slice(),
            [Object::Reference(id), Object::Name(fit), Object::Null, Object::Integer(_), Object::Null]
                if *id == (page, 0) && fit == b"XYZ"
        )
    });
    is_place
        .then_some(())
        .ok_or(Violation::of("pdf: another destination"))
}

/// Bookmarks: a title and a place, and no action.
fn bookmarks(document: &Document, file: &FileFacts<'_>) -> Result<(), Violation> {
    const KEYS: [&[u8]; 8] = [
        b"Title", b"Parent", b"Prev", b"Next", b"First", b"Last", b"Count", b"Dest",
    ];
    for (id, page) in &file.ways.entries {
        let dict = dictionary(document, *id)?;
        let is_known = dict.iter().all(|(key, _)| KEYS.contains(&key.as_slice()));
        if !is_known || dict.has(b"Dest") != page.is_some() {
            return Err(Violation::of("pdf: another bookmark"));
        }
        if let Some(page) = page {
            destination(dict, *page)?;
        }
    }
    Ok(())
}

fn media_box(page: &Dictionary, facts: &PageFacts<'_>) -> Result<(), Violation> {
    let bad = || Violation::of("pdf: another MediaBox");
    let sides = page
        .get(b"MediaBox")
        .and_then(Object::as_array)
        .map_err(|_| bad())?;
    let hundredths = [0, 0, facts.size.0, facts.size.1];
    let same = sides.len() == hundredths.len()
        && sides.iter().zip(hundredths).all(|(side, hundredths)| {
            let said = side.as_float().map(f64::from);
            // a float of 32 bits is nearer than that to its hundredth
            said.is_ok_and(|said| (said * 100.0 - f64::from(hundredths)).abs() < 0.1)
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
        Space::Grey => ("ColorSpace", Is::Name("DeviceGray")),
        Space::Rgb => ("ColorSpace", Is::Name("DeviceRGB")),
        Space::Palette(_) => ("ColorSpace", Is::Any),
        Space::Stencil => ("ImageMask", Is::True),
    };
    let mut schema = vec![
        ("Length", Is::Any),
        ("Type", Is::Name("XObject")),
        ("Subtype", Is::Name("Image")),
        ("Filter", Is::Name(filter)),
        ("Width", Is::Number(facts.width_px.into())),
        ("Height", Is::Number(facts.height_px.into())),
        space,
        ("BitsPerComponent", Is::Number(facts.bits.into())),
    ];
    if let Some(mask) = facts.mask {
        schema.push(("SMask", Is::Reference(mask)));
    }
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
    if !holds(stream, facts.data) {
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
    True,
}

/// Checks that `dict` has exactly the keys of `schema`, with their values.
fn has(dict: &Dictionary, schema: &[(&str, Is)]) -> Result<(), Violation> {
    let fits = dict.len() == schema.len()
        && schema.iter().all(|(key, is)| {
            dict.get(key.as_bytes()).is_ok_and(|value| match is {
                Is::Any => true,
                Is::Name(name) => value.as_name().is_ok_and(|n| n == name.as_bytes()),
                Is::Number(number) => value.as_i64().is_ok_and(|n| n == *number),
                Is::True => value.as_bool().is_ok_and(|value| value),
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
