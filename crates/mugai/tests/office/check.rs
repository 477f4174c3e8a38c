//! Runs a document and looks for the canary in everything that came out.

use flate2::read::DeflateDecoder;
use mail_parser::{MessageParser, MimeHeaders};
use mugai_core::{NoFonts, SafeName, Target, Untrusted};
use mugai_engine::{Order, Outcome, Policy, Verdict, sanitise};
use mugai_open::InProcess;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What is planted in constructs.
pub(crate) const CANARY: &str = "Kanarienvogel16x";
/// What a person sees in every document.
pub(crate) const SEEN: &str = "Sichtbarer Text";

/// A format of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Docx,
    Xlsx,
    Pptx,
    Odt,
    Ods,
    Odp,
}

impl Format {
    pub(crate) const ALL: [Self; 3] = [Self::Docx, Self::Xlsx, Self::Pptx];
    pub(crate) const OPEN: [Self; 3] = [Self::Odt, Self::Ods, Self::Odp];

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Pptx => "pptx",
            Self::Odt => "odt",
            Self::Ods => "ods",
            Self::Odp => "odp",
        }
    }
}

/// Sanitises a file by the default policy, in this process.
pub(crate) fn run(input: Vec<u8>, name: &str) -> Outcome {
    let policy = Policy::preset("municipal-lgwan").expect("a preset");
    sanitise(
        Order {
            input: Untrusted::new(input),
            name: SafeName::clean(name).0,
            label: name.to_owned(),
            policy: &policy,
            from: "internet",
            to: "lgwan",
            passwords: &[],
            patience: mugai_core::Patience::default(),
        },
        &InProcess::<NoFonts>::default(),
    )
}

/// A mail with one attachment.
pub(crate) fn mail(document: &[u8], name: &str) -> Vec<u8> {
    let mut out = format!(
        "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: test\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\ntext\r\n\
         --x\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    );
    for line in document.chunks(57) {
        out.push_str(&data_encoding::BASE64.encode(line));
        out.push_str("\r\n");
    }
    out.push_str("--x--\r\n");
    out.into_bytes()
}

/// The bytes of the document in an outcome: of the file itself, or of the attachment of a mail.
fn document(outcome: &Outcome, extension: &str) -> Option<Vec<u8>> {
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        return None;
    };
    let file = &outputs.first()?.file;
    if file.target().extension() == extension {
        return Some(file.load().expect("its bytes").to_vec());
    }
    if file.target() == Target::Zip {
        let mut files = members(&file.load().expect("its bytes"));
        let place = files
            .iter()
            .position(|(name, _)| name.ends_with(extension))?;
        return Some(files.swap_remove(place).1);
    }
    let bytes = file.load().expect("its bytes");
    let message = MessageParser::default().parse(&*bytes)?;
    let found = message.attachments().find(|part| {
        part.attachment_name()
            .is_some_and(|name| name.ends_with(extension))
    })?;
    Some(found.contents().to_vec())
}

/// The files of the package that came out.
pub(crate) fn files(outcome: &Outcome, format: Format) -> Vec<(String, Vec<u8>)> {
    members(&document(outcome, format.code()).unwrap_or_default())
}

/// What becomes of an output.
pub(crate) fn again(outcome: &Outcome, name: &str) -> Outcome {
    let format = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    run(document(outcome, format).unwrap_or_default(), name)
}

/// All that a package holds, names and unpacked contents.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out.extend(members(bytes).into_iter().flat_map(|(_, content)| content));
    out
}

/// The files of a ZIP file of ours, by their names.
fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(b"PK\x03\x04") {
        let number = |at: usize, length: usize| {
            let bytes = rest
                .get(at..)
                .and_then(|rest| rest.get(..length))
                .unwrap_or_default();
            bytes
                .iter()
                .rev()
                .fold(0, |sum: usize, byte| (sum << 8) | usize::from(*byte))
        };
        let (method, packed, name) = (number(8, 2), number(18, 4), number(26, 2));
        let head = name.saturating_add(30);
        let data = head.saturating_add(packed);
        let called = String::from_utf8_lossy(rest.get(30..head).unwrap_or_default());
        let raw = rest.get(head..data).unwrap_or_default();
        let mut content = Vec::new();
        if method == 8 {
            let mut decoder = DeflateDecoder::new(raw);
            decoder.read_to_end(&mut content).expect("a stream of ours");
        } else {
            content.extend_from_slice(raw);
        }
        files.push((called.into_owned(), content));
        rest = rest.get(data..).unwrap_or_default();
    }
    files
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

/// What is wrong with an outcome, if anything.
pub(crate) fn carries(
    outcome: &Outcome,
    name: &str,
    format: Format,
    reported: bool,
) -> Option<String> {
    let Some(bytes) = document(outcome, format.code()) else {
        return Some(format!(
            "{name}: no document came out: {:?}",
            outcome.report.refusal
        ));
    };
    let all = unpacked(&bytes);
    let live = [
        "ppaction://macro",
        "ppaction://program",
        "javascript:",
        "vbaProject",
        "ms-msdt",
        "DDEAUTO",
        "macroEnabled",
    ];
    if holds(&all, CANARY) {
        return Some(format!("{name}: the canary came through"));
    }
    if let Some(word) = live.iter().find(|word| holds(&all, word)) {
        return Some(format!("{name}: {word} came through"));
    }
    if !holds(&all, SEEN) {
        return Some(format!("{name}: what is seen is gone"));
    }
    let told = outcome.report.parts.iter().any(|part| {
        part.findings
            .iter()
            .any(|finding| finding.code.starts_with("office."))
    });
    (reported && !told).then(|| format!("{name}: nothing is told"))
}

/// Where outputs are kept for tools that look at documents.
pub(crate) fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("office");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Keeps an output.
pub(crate) fn keep(folder: &Path, outcome: &Outcome, name: &str) {
    if let Verdict::Sanitised(outputs) = &outcome.verdict {
        for output in outputs {
            let extension = output.file.target().extension();
            let path = folder.join(format!("{name}.{extension}"));
            std::fs::write(path, &*output.file.load().expect("its bytes")).expect("a file");
        }
    }
}
