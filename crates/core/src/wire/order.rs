//! The order that goes to a worker, and the hints about a part.

use crate::assignment::{
    Animation, Assignment, HandsOn, Hints, Lang, Links, Params, Treatment, Treatments,
};
use crate::budget::{Limits, Resource};
use crate::kind::Family;
use crate::name::SafeName;
use crate::packed::{AesKey, Cipher, Method, Packed};
use crate::password::Password;
use crate::piece::{MediaType, Token};
use crate::refusal::Refusal;
use crate::share::Share;
use crate::text::Line;
use crate::wire::codec::{Reader, option, put_option, put_str, put_u16, put_u32, put_u64};

/// The most pictures that hints may name.
const MAX_PICTURES: usize = 1_000;

/// The deepest folder of an archive.
pub const MAX_FOLDERS: usize = 64;

pub(super) fn encode_hints(hints: &Hints, out: &mut Vec<u8>) {
    put_option(out, hints.declared.as_ref(), |out, m| {
        put_str(out, m.as_str());
    });
    put_option(out, hints.extension.as_ref(), |out, t| {
        put_str(out, t.as_str());
    });
    put_option(out, hints.charset.as_ref(), |out, t| {
        put_str(out, t.as_str());
    });
    for flag in [hints.flowed, hints.delsp, hints.body] {
        out.push(u8::from(flag));
    }
    let count = hints.pictures.len().min(MAX_PICTURES);
    put_u32(out, u32::try_from(count).unwrap_or(0));
    for (cid, name) in hints.pictures.iter().take(MAX_PICTURES) {
        put_str(out, cid.as_str());
        put_str(out, name.as_str());
    }
    let count = hints.folders.len().min(MAX_FOLDERS);
    put_u32(out, u32::try_from(count).unwrap_or(0));
    for folder in hints.folders.iter().take(MAX_FOLDERS) {
        put_str(out, folder.as_str());
    }
    put_option(out, hints.packed.as_ref(), put_packed);
}

/// The place of `item` in the list of all, which is its tag.
pub(super) fn tag<T: PartialEq>(all: &[T], item: &T) -> u8 {
    let place = all.iter().position(|of| of == item);
    place.and_then(|p| u8::try_from(p).ok()).unwrap_or(u8::MAX)
}

pub(super) fn of_tag<T: Copy>(all: &[T], reader: &mut Reader<'_>) -> Result<T, Refusal> {
    let item = all.get(usize::from(reader.u8()?)).copied();
    item.ok_or(Refusal::malformed("wire: unknown tag"))
}

fn put_packed(out: &mut Vec<u8>, packed: &Packed) {
    out.push(tag(&Method::ALL, &packed.method));
    put_u64(out, packed.size);
    put_option(out, packed.crc.as_ref(), |out, crc| put_u32(out, *crc));
    put_option(out, packed.cipher.as_ref(), |out, cipher| match cipher {
        Cipher::Traditional(check) => out.extend([0, *check]),
        Cipher::Aes(key) => out.extend([1, tag(&AesKey::ALL, key)]),
    });
}

fn packed(reader: &mut Reader<'_>) -> Result<Packed, Refusal> {
    Ok(Packed {
        method: of_tag(&Method::ALL, reader)?,
        size: reader.u64()?,
        crc: option(reader, Reader::u32)?,
        cipher: option(reader, |reader| {
            Ok(if reader.flag()? {
                Cipher::Aes(of_tag(&AesKey::ALL, reader)?)
            } else {
                Cipher::Traditional(reader.u8()?)
            })
        })?,
    })
}

fn token(reader: &mut Reader<'_>) -> Result<Token, Refusal> {
    Token::parse(reader.str()?).ok_or(Refusal::malformed("wire: not a token"))
}

pub(super) fn decode_hints(reader: &mut Reader<'_>) -> Result<Hints, Refusal> {
    let declared = option(reader, |r| {
        MediaType::parse(r.str()?).ok_or(Refusal::malformed("wire: not a media type"))
    })?;
    let extension = option(reader, token)?;
    let charset = option(reader, token)?;
    let (flowed, delsp, body) = (reader.flag()?, reader.flag()?, reader.flag()?);
    let mut pictures = Vec::new();
    for _ in 0..reader.count(MAX_PICTURES)? {
        pictures.push((token(reader)?, SafeName::check(reader.str()?)?));
    }
    let mut folders = Vec::new();
    for _ in 0..reader.count(MAX_FOLDERS)? {
        folders.push(SafeName::check(reader.str()?)?);
    }
    let packed = option(reader, packed)?;
    Ok(Hints {
        share: None,
        hands_on: HandsOn::Nothing,
        shown: false,
        fonts: Vec::new(),
        declared,
        extension,
        charset,
        flowed,
        delsp,
        body,
        passwords: Vec::new(),
        pictures,
        folders,
        packed,
    })
}

pub(super) fn encode_limits(limits: &Limits, out: &mut Vec<u8>) {
    for resource in Resource::ALL {
        put_u64(out, limits.of(resource));
    }
}

pub(super) fn decode_limits(reader: &mut Reader<'_>) -> Result<Limits, Refusal> {
    Ok(Limits {
        bytes: reader.u64()?,
        pixels: reader.u64()?,
        parts: reader.u64()?,
        depth: reader.u64()?,
        steps: reader.u64()?,
    })
}

/// Appends an order for one part to `out`.
pub fn encode_assignment(assignment: &Assignment, out: &mut Vec<u8>) {
    encode_hints(&assignment.hints, out);
    let passwords = assignment.hints.passwords.iter().take(Password::MAX_TRIED);
    put_u32(out, u32::try_from(passwords.len()).unwrap_or(0));
    for password in passwords {
        put_str(out, password.as_str());
    }
    out.push(u8::from(assignment.hints.share.is_some()));
    if let Some(share) = assignment.hints.share {
        put_u32(out, share.from());
        put_u16(out, share.every());
        put_u16(out, share.place());
    }
    out.push(u8::from(assignment.hints.hands_on == HandsOn::Plain));
    out.push(u8::from(assignment.hints.shown));
    let fonts = assignment.hints.fonts.iter().take(Hints::MAX_FONTS);
    put_u32(out, u32::try_from(fonts.len()).unwrap_or(0));
    for font in fonts {
        put_str(out, font.as_str());
    }
    for (_, treatment) in assignment.treatments.iter() {
        let index = Treatment::ALL
            .iter()
            .position(|t| *t == treatment)
            .unwrap_or(0);
        out.push(u8::try_from(index).unwrap_or(0));
    }
    encode_limits(&assignment.limits, out);
    let Params {
        dpi,
        animation,
        lang,
        links,
        text_layer,
        embedded,
        comments,
    } = assignment.params;
    put_u16(out, dpi);
    out.push(u8::from(animation == Animation::All));
    out.push(u8::from(lang == Lang::En));
    let place = Links::ALL.iter().position(|way| *way == links);
    out.push(
        place
            .and_then(|place| u8::try_from(place).ok())
            .unwrap_or(0),
    );
    out.push(u8::from(text_layer));
    out.push(u8::from(embedded));
    out.push(u8::from(comments));
}

/// Decodes an order; the worker's side of [`encode_assignment`].
///
/// # Errors
/// [`Refusal::Malformed`] for anything that it does not write.
pub fn decode_assignment(bytes: &[u8]) -> Result<Assignment, Refusal> {
    let mut reader = Reader::new(bytes);
    let mut hints = decode_hints(&mut reader)?;
    for _ in 0..reader.count(Password::MAX_TRIED)? {
        let password = Password::new(reader.str()?.to_owned());
        let password = password.ok_or(Refusal::malformed("wire: not a password"))?;
        hints.passwords.push(password);
    }
    if reader.flag()? {
        let share = Share::new(reader.u32()?, reader.u16()?, reader.u16()?);
        hints.share = Some(share.ok_or(Refusal::malformed("wire: not a share"))?);
    }
    if reader.flag()? {
        hints.hands_on = HandsOn::Plain;
    }
    hints.shown = reader.flag()?;
    for _ in 0..reader.count(Hints::MAX_FONTS)? {
        hints.fonts.push(Line::check(reader.str()?)?);
    }
    let mut treatments = Treatments::nothing();
    for family in Family::ALL {
        let treatment = Treatment::ALL
            .get(usize::from(reader.u8()?))
            .copied()
            .ok_or(Refusal::malformed("wire: unknown treatment"))?;
        treatments = treatments.with(family, treatment);
    }
    let limits = decode_limits(&mut reader)?;
    let dpi = reader.u16()?;
    let animation = if reader.flag()? {
        Animation::All
    } else {
        Animation::First
    };
    let lang = if reader.flag()? { Lang::En } else { Lang::Ja };
    let links = Links::ALL
        .get(usize::from(reader.u8()?))
        .copied()
        .ok_or(Refusal::malformed("wire: unknown way to show links"))?;
    let text_layer = reader.flag()?;
    let embedded = reader.flag()?;
    let comments = reader.flag()?;
    reader.end()?;
    Ok(Assignment {
        hints,
        treatments,
        limits,
        params: Params {
            dpi,
            animation,
            lang,
            links,
            text_layer,
            embedded,
            comments,
        },
    })
}
