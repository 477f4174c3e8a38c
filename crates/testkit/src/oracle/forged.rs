//! Files with the structure of their format: what was put in is what is found, by us and by another parser, and
//! what is dropped is nowhere in what goes out.

use crate::bytes_of;
use crate::forge::{self, Forged};
use crate::oracle::reader::read;
use crate::oracle::{SMALL, outcome, pipeline, reader};
use arbitrary::Unstructured;
use mail_parser::{MessageParser, PartType};
use mugai_core::{Child, Kind, NoFonts, Piece, Refusal, SafeName, Target, Untrusted};
use mugai_engine::{Order, Policy, Verdict, sanitise};
use mugai_open::InProcess;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// A word that stands where nothing is kept.
pub const CANARY_TEXT: &str = "Kanarienvogel17x";

/// Mails: the same leaves, in the same order.
///
/// # Panics
/// When a whole mail is read otherwise than it was written, by us or by `mail-parser`.
pub fn forged_mail(data: &[u8]) {
    let Ok(Forged { bytes, holds }) = forge::mail(&mut Unstructured::new(data)) else {
        return;
    };
    pipeline(&bytes);
    let (result, children, _) = children(Kind::Mail, &bytes);
    let Some(leaves) = holds else {
        return;
    };
    assert_eq!(result, Ok(()));
    let ours: Vec<forge::Leaf> = children.iter().map(leaf).collect();
    assert_eq!(ours, leaves, "our leaves");
    let message = MessageParser::default().parse(&bytes);
    let parts = message.iter().flat_map(|message| &message.parts);
    let theirs = parts.filter_map(|part| match &part.body {
        PartType::Text(text) | PartType::Html(text) => Some(forge::Leaf::Text(text.to_string())),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            Some(forge::Leaf::File(bytes.to_vec()))
        }
        PartType::Message(_) | PartType::Multipart(_) => None,
    });
    assert_eq!(theirs.collect::<Vec<_>>(), leaves, "their leaves");
}

fn leaf(child: &Child) -> forge::Leaf {
    let media = child
        .hints
        .declared
        .as_ref()
        .map_or("text/plain", |media| media.as_str());
    let bytes = bytes_of(child.content.content());
    if media.starts_with("text/") {
        forge::Leaf::Text(String::from_utf8_lossy(&bytes).into_owned())
    } else {
        forge::Leaf::File(bytes)
    }
}

/// Archives: the same files, and whatever we take, another reader takes for the same files.
///
/// # Panics
/// When it is not so.
pub fn forged_zip(data: &[u8]) {
    let Ok(Forged { bytes, holds }) = forge::archive(&mut Unstructured::new(data)) else {
        return;
    };
    pipeline(&bytes);
    let (result, children, is_noted) = children(Kind::Zip, &bytes);
    let theirs = listed(&bytes);
    if let Some(entries) = holds {
        assert_eq!(result, Ok(()));
        assert_eq!(theirs.as_ref(), Some(&entries), "their files");
    }
    if result.is_err() {
        return;
    }
    let ours: Vec<u64> = children
        .iter()
        .map(|child| child.hints.packed.as_ref().map_or(0, |packed| packed.size))
        .collect();
    if let Some(theirs) = sizes(&bytes) {
        // names may be made safe; how many files there are and how large is not a matter of taste
        let mut sizes = theirs.iter();
        let is_within = ours.iter().all(|size| sizes.any(|other| other == size));
        let is_all = ours.len() == theirs.len();
        // links and devices are left out, and said to be
        assert!(is_within && (is_all || is_noted), "{ours:?} of {theirs:?}");
    }
}

/// How large files say to be, as the `zip` crate finds them.
fn sizes(bytes: &[u8]) -> Option<Vec<u64>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut size = |index| archive.by_index_raw(index).map(|file| file.size()).ok();
    (0..usize::MAX)
        .map_while(|index| size(index).map(Some))
        .collect()
}

/// The files of an archive as the `zip` crate finds and unpacks them; `None` where it refuses one.
fn listed(bytes: &[u8]) -> Option<Vec<forge::Entry>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut entries = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).ok()?;
        let name = file.name().ok()?.into_owned();
        let mut content = Vec::new();
        file.take(SMALL.bytes).read_to_end(&mut content).ok()?;
        entries.push(forge::Entry { name, content });
    }
    Some(entries)
}

/// Documents: every paragraph is told, and nothing of what hangs on them is in what is rebuilt.
///
/// # Panics
/// When it is not so.
pub fn forged_word(data: &[u8]) {
    let Ok(Forged { bytes, holds }) = forge::word(&mut Unstructured::new(data)) else {
        return;
    };
    reader(Kind::Word, &bytes);
    let told = sanitised(&bytes, "a.docx", "word = \"text\"");
    let rebuilt = sanitised(&bytes, "a.docx", "word = \"rebuild\"");
    // a wound may make a text of what was none
    let Some(document) = holds else {
        return;
    };
    let made = told.and_then(|told| Ok((told, rebuilt?)));
    let (told, rebuilt) = made.unwrap_or_else(|refusal| panic!("withheld: {refusal}"));
    for (_, output) in told.iter().chain(&rebuilt) {
        without_canary(output);
    }
    let (Some((Target::Txt, text)), Some((Target::Docx, _))) = (told.first(), rebuilt.first())
    else {
        panic!("neither a text nor a document");
    };
    let text = String::from_utf8_lossy(text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, document.paragraphs, "paragraphs");
}

/// PDF files: as many pages come out as another reader counts, and nothing that hangs on them.
///
/// # Panics
/// When it is not so.
pub fn forged_pdf(data: &[u8]) {
    let Ok(Forged { bytes, holds }) = forge::pdf(&mut Unstructured::new(data)) else {
        return;
    };
    reader(Kind::Pdf, &bytes);
    let count = |bytes: &[u8]| {
        let document = lopdf::Document::load_mem(bytes).ok();
        document.map(|document| document.get_pages().len())
    };
    for treatment in ["flatten", "redraw"] {
        let made = sanitised(&bytes, "a.pdf", &format!("pdf = \"{treatment}\""));
        let Some(sheets) = holds else {
            continue;
        };
        let made = match made {
            Ok(made) => made,
            // large pages, for the purse of an oracle
            Err(Refusal::Overrun { .. }) => continue,
            Err(refusal) => panic!("{treatment}: {refusal}"),
        };
        for (_, output) in &made {
            without_canary(output);
        }
        assert_eq!(count(&bytes), Some(sheets.count), "pages that they find");
        let pages: Vec<Option<usize>> = made.iter().map(|(_, bytes)| count(bytes)).collect();
        assert_eq!(
            pages,
            [Some(sheets.count)],
            "{treatment}: pages that we make"
        );
    }
}

/// Files, each with what it is.
type Made = Vec<(Target, Vec<u8>)>;

/// The parts that the reader of `kind` finds, how it ends, and whether it found anything to be said.
fn children(kind: Kind, bytes: &[u8]) -> (Result<(), Refusal>, Vec<Child>, bool) {
    let (result, tape) = read(kind, bytes);
    let children = tape.pieces.into_iter().filter_map(|piece| match piece {
        Piece::Child(child) => Some(*child),
        Piece::Text(_)
        | Piece::Page(_)
        | Piece::Drawing(_)
        | Piece::Contents(_)
        | Piece::Row(_)
        | Piece::Markup(_)
        | Piece::Envelope(_) => None,
    });
    (result, children.collect(), !tape.findings.is_empty())
}

/// What is made of a file by a policy of one line.
fn sanitised(bytes: &[u8], name: &str, treatment: &str) -> Result<Made, Refusal> {
    let limits = format!(
        "{{ bytes = \"{} B\", pixels = \"{} px\", parts = {}, depth = {}, steps = {} }}",
        SMALL.bytes, SMALL.pixels, SMALL.parts, SMALL.depth, SMALL.steps
    );
    let text = format!(
        "name = \"oracle\"\nisolation = \"in-process\"\n[[route]]\nfrom = \"a\"\nto = \"b\"\n[route.settings]\ndpi = 72\n\
         [route.treat]\n{treatment}\n[route.limits]\npart = {limits}\njob = {limits}\n"
    );
    let policy = match Policy::parse(&text) {
        Ok(policy) => policy,
        Err(error) => panic!("{error}"),
    };
    let order = Order {
        input: Untrusted::new(bytes.to_vec()),
        name: SafeName::clean(name).0,
        label: name.to_owned(),
        policy: &policy,
        from: "a",
        to: "b",
        passwords: &[],
        patience: mugai_core::Patience::default(),
    };
    let made = sanitise(order, &InProcess::<NoFonts>::default());
    assert!(!made.report.alarm(), "an alarm: {:?}", made.report.parts);
    outcome(&made);
    match made.verdict {
        Verdict::Sanitised(outputs) => Ok(outputs
            .into_iter()
            .map(|output| (output.file.target(), bytes_of(output.file.content())))
            .collect()),
        Verdict::Withheld(refusal) => Err(refusal),
    }
}

/// Neither as it is, nor in what is packed in it.
fn without_canary(output: &[u8]) {
    let look = |place: &str, bytes: &[u8]| {
        let word = CANARY_TEXT.as_bytes();
        let at = bytes.windows(word.len()).position(|window| window == word);
        if let Some(at) = at {
            let around = at.saturating_sub(80)..bytes.len().min(at.saturating_add(80));
            let around = bytes.get(around).unwrap_or_default();
            panic!(
                "the canary is in {place}: {}",
                String::from_utf8_lossy(around)
            );
        }
    };
    look("an output", output);
    for entry in listed(output).unwrap_or_default() {
        look(&entry.name, &entry.content);
    }
    if let Ok(document) = lopdf::Document::load_mem(output) {
        for (id, object) in &document.objects {
            let stream = object.as_stream().ok();
            let content = stream.and_then(|stream| stream.decompressed_content().ok());
            look(&format!("{id:?}"), &content.unwrap_or_default());
        }
    }
}
