//! Sixteen bytes planted in every place that is dropped never come out: not as they are, not in
//! base64, not as pixels of our own files.

use mail_parser::{MessageParser, PartType};
use mugai_core::{NoFonts, SafeName, Target, Untrusted};
use mugai_engine::policy::PRESETS;
use mugai_engine::{Order, Policy, Verdict, sanitise};
use mugai_open::InProcess;
use mugai_testkit::make;
use std::path::Path;

/// Letters only, so that any text could carry it.
const CANARY: &str = "Kanarienvogel16x";

/// Inputs with the canary in one place each, as recipes. `KEY` stands for the canary.
const PLACES: [(&str, &str); 23] = [
    (
        "png/text-chunk",
        "ext = 'png'\n[[chunk]]\npng = { width = 8, height = 8, extra = [{ kind = 'tEXt', data = [{ text = 'Comment' }, { hex = '00' }, { text = 'KEY' }] }] }",
    ),
    (
        "png/behind-the-end",
        "ext = 'png'\n[[chunk]]\npng = { width = 8, height = 8 }\n[[chunk]]\ntext = 'KEY'",
    ),
    (
        "jpeg/comment",
        "ext = 'jpg'\n[[chunk]]\njpeg = { width = 8, height = 8, segment = [{ marker = 254, data = [{ text = 'KEY' }] }] }",
    ),
    (
        "jpeg/exif",
        "ext = 'jpg'\n[[chunk]]\njpeg = { width = 8, height = 8, segment = [{ marker = 225, data = [{ text = 'Exif' }, { hex = '0000 4d4d002a00000008 0001 010e 0002 00000011 0000001a 00000000' }, { text = 'KEY' }, { hex = '00' }] }] }",
    ),
    (
        "gif/behind-the-end",
        "ext = 'gif'\n[[chunk]]\ngif = { width = 8, height = 8 }\n[[chunk]]\ntext = 'KEY'",
    ),
    (
        "bmp/behind-the-end",
        "ext = 'bmp'\n[[chunk]]\nbmp = { width = 8, height = 8 }\n[[chunk]]\ntext = 'KEY'",
    ),
    (
        "tiff/description",
        "ext = 'tiff'\n[[chunk]]\ntiff = { page = [{ width = 8, height = 8 }], description = 'KEY' }",
    ),
    (
        "webp/behind-the-end",
        "ext = 'webp'\n[[chunk]]\nwebp = { width = 8, height = 8 }\n[[chunk]]\ntext = 'KEY'",
    ),
    (
        "pdf/script",
        "ext = 'pdf'\n[[chunk]]\npdf = { object = ['<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (KEY) >> >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>'] }",
    ),
    (
        "pdf/embedded-file",
        "ext = 'pdf'\n[[chunk]]\npdf = { object = ['<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >> >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>', '<< /Type /Filespec /F (a) /EF << /F 5 0 R >> >>', { dict = '/Type /EmbeddedFile', stream = [{ text = 'KEY' }] }] }",
    ),
    (
        "pdf/link-and-bookmark",
        "ext = 'pdf'\n[[chunk]]\npdf = { object = ['<< /Type /Catalog /Pages 2 0 R /Outlines << /First 4 0 R >> >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /Contents (KEY) /A << /S /URI /URI (http://a.jp/KEY) >> >>] >>', '<< /Title (a) /KEY (KEY) /A << /S /Launch /F (KEY) >> >>'] }",
    ),
    (
        "pdf/hidden-text",
        "ext = 'pdf'\n[[chunk]]\npdf = { object = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Resources << /Font << /F 4 0 R >> >> /Contents 5 0 R >>', '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /KEY /KEY >>', { dict = '/KEY /KEY', stream = [{ text = 'BT 1 g /F 9 Tf 9 9 Td (KEY) Tj ET' }] }] }",
    ),
    (
        "pdf/name-of-a-picture",
        "ext = 'pdf'\n[[chunk]]\npdf = { object = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Resources << /XObject << /KEY 4 0 R >> >> /Contents 5 0 R >>', { dict = '/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /KEY (KEY)', stream = [{ hex = '80' }] }, { dict = '', stream = [{ text = 'q 9 0 0 9 0 0 cm /KEY Do Q' }] }] }",
    ),
    (
        "html/comment",
        "ext = 'html'\n[[chunk]]\ntext = '<html><body><p>shown</p><!-- KEY --></body></html>'",
    ),
    (
        "html/script-and-style",
        "ext = 'html'\n[[chunk]]\ntext = '<html><head><style>KEY</style><script>KEY</script></head><body>shown</body></html>'",
    ),
    (
        "html/hidden",
        "ext = 'html'\n[[chunk]]\ntext = '<html><body>shown<p style=\"display:none\">KEY</p><p hidden>KEY</p></body></html>'",
    ),
    (
        "html/attribute",
        "ext = 'html'\n[[chunk]]\ntext = '<html><body onload=\"KEY\"><p class=\"KEY\" data-x=\"KEY\">shown</p></body></html>'",
    ),
    (
        "mail/header",
        "ext = 'eml'\nlines = 'crlf'\n[[chunk]]\ntext = \"From: a@b.example\\nX-Note: KEY\\nReceived: KEY\\nSubject: s\\n\\nshown\\n\"",
    ),
    (
        "mail/preamble",
        "ext = 'eml'\nlines = 'crlf'\n[[chunk]]\ntext = \"From: a@b.example\\nMIME-Version: 1.0\\nContent-Type: multipart/mixed; boundary=b\\n\\nKEY\\n--b\\n\\nshown\\n--b--\\n\"",
    ),
    (
        "mail/epilogue",
        "ext = 'eml'\nlines = 'crlf'\n[[chunk]]\ntext = \"From: a@b.example\\nMIME-Version: 1.0\\nContent-Type: multipart/mixed; boundary=b\\n\\n--b\\n\\nshown\\n--b--\\nKEY\\n\"",
    ),
    (
        "mail/parameter",
        "ext = 'eml'\nlines = 'crlf'\n[[chunk]]\ntext = \"From: a@b.example\\nMIME-Version: 1.0\\nContent-Type: text/plain; x-note=KEY\\nContent-Description: KEY\\n\\nshown\\n\"",
    ),
    (
        "mail/other-form",
        "ext = 'eml'\nlines = 'crlf'\n[[chunk]]\ntext = \"From: a@b.example\\nMIME-Version: 1.0\\nContent-Type: multipart/mixed; boundary=b\\n\\n--b\\nContent-Type: text/html\\n\\n<p>shown</p><!-- KEY --><style>KEY</style>\\n--b--\\n\"",
    ),
    (
        "mail/picture",
        "ext = 'eml'\nlines = 'crlf'\n[[chunk]]\ntext = \"From: a@b.example\\nMIME-Version: 1.0\\nContent-Type: image/png\\nContent-Transfer-Encoding: base64\\n\\n\"\n[[chunk]]\nbase64 = [{ png = { width = 8, height = 8, extra = [{ kind = 'tEXt', data = [{ text = 'a' }, { hex = '00' }, { text = 'KEY' }] }] } }]",
    ),
];

#[test]
fn a_canary_in_a_dropped_place_never_comes_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = Policy::municipal_lgwan().expect("the preset is good");
    let shown = policy_text().replace("pdf = \"flatten\"", "pdf = \"redraw\"");
    let redrawn = Policy::parse(&shown).expect("a policy");
    let again = PLACES.iter().filter(|(place, _)| place.starts_with("pdf/"));
    let again = again.map(|case| (*case, &redrawn));
    for ((place, recipe), policy) in PLACES.iter().map(|case| (*case, &policy)).chain(again) {
        let path = folder.path().join("make.toml");
        std::fs::write(&path, recipe.replace("KEY", CANARY)).expect("a recipe");
        let (bytes, extension) = make::file(&path, Path::new("/nowhere")).expect(place);
        let order = Order {
            input: Untrusted::new(bytes),
            name: SafeName::clean(&format!("input.{extension}")).0,
            label: place.to_owned(),
            policy,
            from: "internet",
            to: "lgwan",
            passwords: &[],
            patience: mugai_core::Patience::default(),
        };
        let outcome = sanitise(order, &InProcess::<NoFonts>::default());
        let Verdict::Sanitised(outputs) = &outcome.verdict else {
            panic!("{place}: {:?}", outcome.report.refusal);
        };
        for output in outputs {
            let bytes = &*output.file.load().expect("its bytes");
            assert!(!holds(bytes), "{place}: in {}", output.name);
            if output.file.target() == Target::Eml {
                decoded(bytes, place);
            }
        }
    }
}

/// The default preset.
fn policy_text() -> &'static str {
    let (_, text) = PRESETS
        .iter()
        .find(|(name, _)| *name == "municipal-lgwan")
        .expect("the preset is there");
    text
}

/// Looks behind the base64 of a message.
fn decoded(bytes: &[u8], place: &str) {
    let message = MessageParser::default().parse(bytes).expect(place);
    for part in &message.parts {
        let held = match &part.body {
            PartType::Text(text) | PartType::Html(text) => holds(text.as_bytes()),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => holds(bytes),
            PartType::Message(_) | PartType::Multipart(_) => false,
        };
        assert!(!held, "{place}: behind base64");
    }
}

fn holds(bytes: &[u8]) -> bool {
    bytes
        .windows(CANARY.len())
        .any(|window| window == CANARY.as_bytes())
}
