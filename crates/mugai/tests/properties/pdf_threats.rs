//! Every kind of hostile construct of a PDF, in each treatment, alone, in a mail and in a mail within a mail:
//! what it says and does is gone, and what is seen stays.

use data_encoding::BASE64_MIME;
use flate2::read::ZlibDecoder;
use mail_parser::{MessageParser, MimeHeaders, PartType};
use mugai_core::{NoFonts, SafeName, Target, Untrusted};
use mugai_engine::policy::PRESETS;
use mugai_engine::{Order, Policy, Verdict, sanitise};
use mugai_open::InProcess;
use mugai_testkit::pdf::PdfFile;
use std::io::Read;

/// What stands in each place that is dropped; letters only, so that any text could carry it.
const CANARY: &str = "Kanarienvogel16x";
/// What is seen on each page.
const SEEN: &str = "Rathaus";

/// One construct: entries of the catalog and of the page, what the page draws beside its text, and
/// objects, of which the first one has number 4. `KEY` is the canary.
struct Row {
    name: &'static str,
    catalog: &'static str,
    page: &'static str,
    content: &'static str,
    objects: &'static [&'static str],
}

const fn row(
    name: &'static str,
    catalog: &'static str,
    page: &'static str,
    content: &'static str,
    objects: &'static [&'static str],
) -> Row {
    Row {
        name,
        catalog,
        page,
        content,
        objects,
    }
}

/// The rows of the threat model (docs/threat-model.md), with a place or more of each.
#[rustfmt::skip]
const ROWS: [Row; 27] = [
    row("script on opening", "/OpenAction << /S /JavaScript /JS (KEY) >>", "", "", &[]),
    row("scripts by name", "/Names << /JavaScript << /Names [(KEY) 4 0 R] >> >>", "", "", &["<< /S /JavaScript /JS (KEY) >>"]),
    row("scripts of the document", "/AA << /WC << /S /JavaScript /JS (KEY) >> >>", "", "", &[]),
    row("scripts of a page", "", "/AA << /O << /S /JavaScript /JS (KEY) >> /C << /S /Launch /F (KEY) >> >>", "", &[]),
    row("launch", "/OpenAction << /S /Launch /F << /F (KEY.exe) >> /Win << /F (KEY) >> >>", "", "", &[]),
    row("other files", "/OpenAction << /S /GoToR /F (\\\\\\\\host\\\\KEY) /D [0 /Fit] >>", "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /GoToE /F (KEY) /T << /R /C /N (KEY) >> >> >>]", "", &[]),
    row("forms that send", "/AcroForm << /Fields [4 0 R] /NeedAppearances true >>", "", "", &["<< /FT /Tx /T (KEY) /V (KEY) /DV (KEY) /AA << /K << /S /JavaScript /JS (KEY) >> >> /A << /S /SubmitForm /F (http://KEY.example) >> >>"]),
    row("XFA", "/AcroForm << /Fields [] /XFA [(template) 4 0 R (KEY) 4 0 R] >>", "", "", &["<< /XFA (KEY) >>"]),
    row("other actions", "", "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /ImportData /F (KEY) /Next [<< /S /Hide /T (KEY) >> << /S /Rendition /JS (KEY) >> << /S /Named /N /KEY >> << /S /Thread /F (KEY) /D 0 >> << /S /SetOCGState /KEY [] >>] >> >>]", "", &[]),
    row("addresses", "/URI << /Base (http://KEY.example) >>", "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (javascript:KEY) >> /PA << /S /URI /URI (http://KEY.example) >> >>]", "", &[]),
    row("embedded files", "/Names << /EmbeddedFiles << /Names [(KEY) 4 0 R] >> >> /AF [4 0 R]", "", "", &["<< /Type /Filespec /F (KEY) /Desc (KEY) /EF << /F 5 0 R >> >>", "<< /Type /EmbeddedFile /Length 16 >>\nstream\nKEY\nendstream"]),
    row("attached files", "", "/Annots [<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /Contents (KEY) /FS << /F (KEY) /EF << /F 4 0 R >> >> >>]", "", &["<< /Type /EmbeddedFile /Length 16 >>\nstream\nKEY\nendstream"]),
    row("collections", "/Collection << /Schema << /KEY << /N (KEY) >> >> /D (KEY) >>", "", "", &[]),
    row("media", "", "/Annots [<< /Type /Annot /Subtype /RichMedia /Rect [0 0 9 9] /RichMediaContent << /KEY (KEY) >> >> << /Type /Annot /Subtype /Movie /Rect [0 0 9 9] /T (KEY) /Movie << /F (KEY) >> >> << /Type /Annot /Subtype /Screen /Rect [0 0 9 9] /A << /S /Rendition /JS (KEY) >> >> << /Type /Annot /Subtype /3D /Rect [0 0 9 9] /3DD 4 0 R >>]", "", &["<< /Type /3D /Subtype /U3D /OnInstantiate (KEY) /Length 16 >>\nstream\nKEY\nendstream"]),
    row("hidden layers", "/OCProperties << /OCGs [4 0 R] /D << /OFF [4 0 R] /AS [<< /Event /KEY >>] >> >>", "/Properties 4", "/OC /L BDC BT /F 9 Tf 9 60 Td (KEY) Tj ET EMC", &["<< /Type /OCG /Name (KEY) >>"]),
    row("text that nobody sees", "", "", "BT /F 9 Tf 3 Tr 9 60 Td (KEY) Tj ET BT 0 Tr 1 g 9 50 Td (KEY) Tj ET BT 0 g 900 900 Td (KEY) Tj ET", &[]),
    row("text in the place of nothing", "", "", "BT /F 9 Tf 9 60 Td /Span << /ActualText (KEY) >> BDC 3 Tr (xxxxxxxxxxxxxxxx) Tj 0 Tr (.) Tj EMC /Span << /ActualText (KEY) >> BDC ( ) Tj EMC ET", &[]),
    row("text below paint", "", "", "BT /F 9 Tf 9 60 Td (KEY) Tj ET 0.5 g 0 55 200 20 re f", &[]),
    row("comments and notes", "", "/Annots [<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (KEY) /T (KEY) /RC (KEY) /Popup << /Type /Annot /Subtype /Popup /Rect [0 0 9 9] /Contents (KEY) >> >>]", "", &[]),
    row("bookmarks that act", "/Outlines << /First 4 0 R /Last 4 0 R >>", "", "", &["<< /Title (a) /A << /S /JavaScript /JS (KEY) >> /SE (KEY) /AA << /K (KEY) >> >>"]),
    row("metadata", "/Metadata 4 0 R /PieceInfo << /KEY << /Private (KEY) >> >> /Lang (KEY) /SpiderInfo << /V 1 /C [(KEY)] >>", "/PieceInfo << /KEY << /Private (KEY) >> >> /Thumb 4 0 R /ID (KEY)", "", &["<< /Type /Metadata /Subtype /XML /Length 16 >>\nstream\nKEY\nendstream"]),
    row("structure", "/StructTreeRoot << /K << /S /KEY /Alt (KEY) /ActualText (KEY) >> /IDTree << /Names [(KEY) null] >> >> /MarkInfo << /Marked true >>", "/StructParents 0", "/Span << /Lang (KEY) /Alt (KEY) /E (KEY) >> BDC EMC", &[]),
    row("signatures and permissions", "/AcroForm << /SigFlags 3 /Fields [4 0 R] >> /Perms << /DocMDP 4 0 R >> /DSS << /Certs [(KEY)] >>", "", "", &["<< /FT /Sig /T (KEY) /V << /Type /Sig /Filter /Adobe.PPKLite /Contents (KEY) /Reason (KEY) /Name (KEY) >> >>"]),
    row("objects without use", "", "", "", &["(KEY)", "<< /KEY (KEY) >>", "<< /Length 16 >>\nstream\nKEY\nendstream"]),
    row("names in hexadecimal", "/Open#41ction << /S /Java#53cript /J#53 (KEY) >>", "/A#41 << /O << /S /Java#53cript /JS (KEY) >> >>", "", &[]),
    row("names of resources", "", "/Extra 4", "q 9 0 0 9 0 0 cm /KEY Do Q /KEY gs", &["<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /KEY (KEY) /Length 1 >>\nstream\n\u{20}\nendstream"]),
    row("loops", "/Outlines << /First 4 0 R >> /Names << /Dests << /Kids [4 0 R] >> >>", "", "", &["<< /Title (a) /Next 4 0 R /First 4 0 R /Kids [4 0 R] /KEY (KEY) >>"]),
];

/// The file of a row: before and behind the document there is more.
fn file(row: &Row) -> Vec<u8> {
    let key = |text: &str| text.replace("KEY", CANARY);
    let mut file = PdfFile::new();
    let font = file.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    // fonts have number 3, and so the first object of a row has 4
    for object in row.objects {
        file.object(&key(object));
    }
    let properties = "/Properties << /L 4 0 R >>";
    let pictures = format!("/XObject << /{CANARY} 4 0 R >> /ExtGState << /{CANARY} << /ca 1 >> >>");
    let (more, page) = match row.page {
        "/Properties 4" => (properties, ""),
        "/Extra 4" => (pictures.as_str(), ""),
        page => ("", page),
    };
    file.page(
        &key(&format!(
            "/Resources << /Font << /F {font} 0 R >> {more} >> {page}"
        )),
        &key(&format!(
            "{} 0 g BT /F 18 Tf 0 Tr 10 20 Td ({SEEN}) Tj ET",
            row.content
        )),
    );
    let mut bytes = file.with_catalog(&key(row.catalog)).bytes();
    bytes.extend_from_slice(format!("% {CANARY}\n").as_bytes());
    bytes
}

/// The mail that has `attached` as a file of that type.
fn mail(attached: &[u8], name: &str, kind: &str) -> Vec<u8> {
    let body = if kind == "message/rfc822" {
        format!(
            "Content-Transfer-Encoding: 8bit\r\n\r\n{}",
            String::from_utf8_lossy(attached)
        )
    } else {
        format!(
            "Content-Transfer-Encoding: base64\r\n\r\n{}",
            BASE64_MIME.encode(attached)
        )
    };
    format!(
        "From: a@sender.example\r\nTo: b@city.example.lg.jp\r\nDate: Mon, 23 Nov 2026 09:00:00 +0900\r\nMessage-ID: <{name}@sender.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{name}\"\r\n\r\n--{name}\r\nContent-Type: text/plain\r\n\r\nhello\r\n\
         --{name}\r\nContent-Type: {kind}; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n{body}\r\n--{name}--\r\n"
    )
    .into_bytes()
}

fn policy(treatment: &str) -> Policy {
    let (_, text) = PRESETS
        .iter()
        .find(|(name, _)| *name == "municipal-lgwan")
        .expect("the preset is there");
    let wanted = format!("pdf = \"{treatment}\"");
    Policy::parse(&text.replace("pdf = \"flatten\"", &wanted)).expect("a policy")
}

/// The files that come out.
fn run(bytes: Vec<u8>, name: &str, policy: &Policy) -> Vec<(Target, Vec<u8>)> {
    let order = Order {
        input: Untrusted::new(bytes),
        name: SafeName::clean(name).0,
        label: name.to_owned(),
        policy,
        from: "internet",
        to: "lgwan",
        passwords: &[],
        patience: mugai_core::Patience::default(),
    };
    let outcome = sanitise(order, &InProcess::<NoFonts>::default());
    let outputs = match &outcome.verdict {
        Verdict::Sanitised(outputs) => Ok(outputs),
        Verdict::Withheld(refusal) => Err(refusal),
    };
    let outputs = outputs.expect("something comes out");
    outputs
        .iter()
        .map(|output| {
            (
                output.file.target(),
                output.file.load().expect("its bytes").to_vec(),
            )
        })
        .collect()
}

/// The same with attachments taken out of mails.
fn unpacked(files: Vec<(Target, Vec<u8>)>) -> Vec<(Target, Vec<u8>)> {
    let mut out = Vec::new();
    for (target, bytes) in files {
        if target == Target::Eml {
            let message = MessageParser::default().parse(&bytes).expect("a message");
            for part in &message.parts {
                match &part.body {
                    PartType::Text(text) | PartType::Html(text) => {
                        out.push((Target::Txt, text.as_bytes().to_vec()));
                    }
                    PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                        let name = part.attachment_name().unwrap_or_default();
                        let target = if name.to_ascii_lowercase().contains(".pdf") {
                            Target::Pdf
                        } else {
                            Target::Txt
                        };
                        out.push((target, bytes.to_vec()));
                    }
                    PartType::Message(_) | PartType::Multipart(_) => {}
                }
            }
        }
        out.push((target, bytes));
    }
    out
}

/// All streams of a file of ours, inflated, behind its bytes.
fn laid_open(bytes: &[u8]) -> Vec<u8> {
    let mut all = bytes.to_vec();
    let mut rest = bytes;
    while let Some(at) = rest.windows(8).position(|window| window == b"\nstream\n") {
        rest = rest.get(at.saturating_add(8)..).unwrap_or_default();
        let mut inflated = Vec::new();
        // a picture that is not packed so ends at once
        let _ = ZlibDecoder::new(rest).read_to_end(&mut inflated);
        all.extend(inflated);
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    let mut windows = bytes.windows(text.len());
    windows.any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

fn utf16(text: &str) -> String {
    let units: Vec<String> = text
        .encode_utf16()
        .map(|unit| format!("{unit:04X}"))
        .collect();
    units.concat()
}

#[test]
fn what_is_seen_would_be_found() {
    let told = policy("text");
    let visible = row("control", "", "", "BT /F 9 Tf 9 60 Td (KEY) Tj ET", &[]);
    for treatment in ["flatten", "redraw", "text"] {
        let files = unpacked(run(
            mail(&file(&visible), "a.pdf", "application/pdf"),
            "m.eml",
            &policy(treatment),
        ));
        let is_found = files.into_iter().any(|(target, bytes)| {
            let said = if target == Target::Pdf {
                run(bytes.clone(), "a.pdf", &told).remove(0).1
            } else {
                Vec::new()
            };
            holds(&laid_open(&bytes), CANARY) || holds(&said, CANARY)
        });
        assert!(is_found, "{treatment}");
    }
}

#[test]
fn no_row_survives_any_treatment_alone_or_in_mails() {
    let told = policy("text");
    for treatment in ["flatten", "redraw", "text"] {
        let policy = policy(treatment);
        for row in &ROWS {
            let alone = file(row);
            let once = mail(&alone, "a.pdf", "application/pdf");
            let twice = mail(&once, "m.eml", "message/rfc822");
            for (input, name) in [(alone, "a.pdf"), (once, "m.eml"), (twice, "n.eml")] {
                let what = format!("{}: {treatment} of {name}", row.name);
                let mut seen = false;
                for (target, bytes) in unpacked(run(input, name, &policy)) {
                    let open = laid_open(&bytes);
                    for text in [CANARY.to_owned(), utf16(CANARY)] {
                        assert!(!holds(&open, &text), "{what}: in {target:?}");
                    }
                    // moves may stand between the letters of a word
                    let letters = open.iter().copied().filter(u8::is_ascii_alphabetic);
                    let letters: Vec<u8> = letters.collect();
                    let word = CANARY.trim_end_matches("16x");
                    assert!(!holds(&letters, word), "{what}: letters in {target:?}");
                    seen = seen || holds(&open, SEEN);
                    let said = if target == Target::Pdf {
                        let active = ["/JavaScript", "/Launch", "/OpenAction", "/AcroForm", "/EF"];
                        let found = active.iter().find(|name| holds(&bytes, name));
                        assert_eq!(found, None, "{what}");
                        // what its letters mean together
                        run(bytes, "a.pdf", &told).remove(0).1
                    } else {
                        bytes
                    };
                    assert!(!holds(&said, CANARY), "{what}: said in {target:?}");
                    seen = seen || holds(&said, SEEN);
                }
                assert!(seen, "{what}: what is seen is gone");
            }
        }
    }
}
