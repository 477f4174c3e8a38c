//! Writers and checkers: whatever the pieces are, what is written is accepted.

mod draw;
mod drawn;
mod office;

use crate::bytes_of;
use arbitrary::{Result, Unstructured};
use mugai_core::{Draft, Piece, SafeName, Spool, Target, Writer};
use mugai_emit::archive::Member;
use mugai_emit::eml::{Attachment, Mail, Stamp};
use mugai_verify::{Verified, verify};

/// The most pieces of one file.
const MAX_PIECES: usize = 12;

/// Draws pieces from `data`, writes them as `target` and checks the file.
///
/// # Panics
/// When the writer refuses for a reason of our own, or the checker does not accept its file.
pub fn emit_verify(target: Target, data: &[u8]) {
    let mut source = Unstructured::new(data);
    // an input that ends early draws nothing
    let _ = written(target, &mut source);
}

fn written(target: Target, source: &mut Unstructured<'_>) -> Result<Option<Verified>> {
    let draft = match target {
        Target::Txt => pieces(
            mugai_emit::text::writer(draw::links(source)?),
            source,
            draw::text,
        )?,
        Target::Csv => pieces(mugai_emit::csv::writer(), source, draw::row)?,
        Target::Pdf => put_all(mugai_emit::pdf::writer(), &drawn::document(source)?),
        Target::Png => one_page(source, false)?,
        Target::Jpeg => one_page(source, true)?,
        Target::Docx | Target::Xlsx | Target::Pptx | Target::Odt | Target::Ods | Target::Odp => {
            office::document(target, source)?
        }
        Target::Zip => return archive(source),
        Target::Eml => return message(source).map(Some),
        Target::Mbox => Some(mailbox(source)?),
    };
    Ok(draft.map(|draft| accepted(draft, &[])))
}

/// The draft, checked; checked a second time as nothing but bytes.
fn accepted(draft: Draft, known: &[&Verified]) -> Verified {
    let code = draft.target().code();
    let file = match verify(draft, known) {
        Ok(file) => file,
        Err(violation) => panic!("{code}: {violation:?}"),
    };
    let again = mugai_verify::check(file.target(), &bytes_of(file.content()), &[]);
    assert_eq!(again, Ok(()), "{code}: accepted only with its known parts");
    file
}

fn pieces(
    writer: Box<dyn Writer>,
    source: &mut Unstructured<'_>,
    draw: impl Fn(&mut Unstructured<'_>) -> Result<Piece>,
) -> Result<Option<Draft>> {
    let count = source.int_in_range(1..=MAX_PIECES)?;
    let pieces = (0..count)
        .map(|_| draw(source))
        .collect::<Result<Vec<Piece>>>()?;
    Ok(put_all(writer, &pieces))
}

/// What becomes of `pieces`, each of which the writer must take.
fn put_all(mut writer: Box<dyn Writer>, pieces: &[Piece]) -> Option<Draft> {
    for piece in pieces {
        if let Err(refusal) = writer.put(piece.clone()) {
            panic!("{refusal}");
        }
    }
    match writer.finish() {
        Ok(draft) => Some(draft),
        Err(refusal) => {
            assert!(!refusal.is_alarm(), "{refusal}");
            None
        }
    }
}

fn one_page(source: &mut Unstructured<'_>, photographic: bool) -> Result<Option<Draft>> {
    let make = if source.arbitrary()? {
        mugai_emit::image::shown
    } else {
        mugai_emit::image::writer
    };
    let mut writer = make(mugai_emit::pdf::writer);
    let page = draw::page(source, Some(photographic))?;
    match writer.put(page).and_then(|()| writer.finish()) {
        Ok(draft) => Ok(Some(draft)),
        Err(refusal) => panic!("{refusal}"),
    }
}

fn archive(source: &mut Unstructured<'_>) -> Result<Option<Verified>> {
    let mut files: Vec<(String, Verified)> = Vec::new();
    for number in 0..source.int_in_range(1..=3u32)? {
        let target = *source.choose(&[Target::Txt, Target::Csv, Target::Png, Target::Eml])?;
        if let Some(file) = written(target, source)? {
            let folder = if source.arbitrary()? { "書類/" } else { "" };
            let name = draw::name(source, target, number)?;
            files.push((format!("{folder}{number}/{name}"), file));
        }
    }
    let members: Vec<Member<'_>> = files
        .iter()
        .map(|(path, file)| Member {
            path: path.clone(),
            target: file.target(),
            bytes: bytes_of(file.content()).into(),
        })
        .collect();
    if members.is_empty() {
        return Ok(None);
    }
    let known: Vec<&Verified> = files.iter().map(|(_, file)| file).collect();
    match mugai_emit::archive::zip(&members) {
        Ok(draft) => Ok(Some(accepted(draft, &known))),
        Err(refusal) => panic!("{refusal}"),
    }
}

fn message(source: &mut Unstructured<'_>) -> Result<Verified> {
    let envelope = draw::envelope(source)?;
    let body = draw::string(source)?;
    let body = mugai_core::Text::clean(&body).0;
    let mut files: Vec<(SafeName, Verified)> = Vec::new();
    for number in 0..source.int_in_range(0..=3u32)? {
        let target = *source.choose(&[Target::Txt, Target::Csv, Target::Png, Target::Pdf])?;
        if let Some(file) = written(target, source)? {
            files.push((draw::name(source, target, number)?, file));
        }
    }
    let attachments: Vec<Attachment<'_>> = files
        .iter()
        .map(|(name, file)| Attachment {
            name,
            target: file.target(),
            content: file.content(),
        })
        .collect();
    let result = match Stamp::new(&format!("{:08x}", source.arbitrary::<u32>()?), "sanitised") {
        Ok(stamp) => stamp,
        Err(refusal) => panic!("{refusal}"),
    };
    let mail = Mail {
        envelope: &envelope,
        body: &mugai_emit::text(body.as_str().to_owned()).0,
        attachments: &attachments,
        result,
    };
    match mugai_emit::eml::message(&mail) {
        Ok(draft) => {
            let known: Vec<&Verified> = files.iter().map(|(_, file)| file).collect();
            Ok(accepted(draft, &known))
        }
        Err(refusal) => panic!("{refusal}"),
    }
}

fn mailbox(source: &mut Unstructured<'_>) -> Result<Draft> {
    let mut messages = Vec::new();
    for _ in 0..source.int_in_range(1..=3u8)? {
        messages.push(message(source)?);
    }
    match mugai_emit::mbox::mailbox(messages.iter().map(Verified::content), Spool::memory()) {
        Ok(draft) => Ok(draft),
        Err(refusal) => panic!("{refusal}"),
    }
}
