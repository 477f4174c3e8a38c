//! Oracles: what must hold for any bytes at all. A fuzz target is one call of one of them, and a
//! stable test replays every stored input through all of them.
//!
//! An oracle that is broken panics. A refusal is never a breach, with one exception: one of our own
//! making ([`Refusal::is_alarm`](mugai_core::Refusal::is_alarm)).

mod charset;
mod emit;
mod forged;
mod inner;
mod mutate;
mod order;
mod pipeline;
mod reader;
mod skeleton;
mod tally;
mod verifier;
mod wire;

pub use charset::charset;
pub use emit::emit_verify;
pub use forged::{CANARY_TEXT, forged_mail, forged_pdf, forged_word, forged_zip};
pub use mugai_relay::oracle as relay;
pub use mutate::mutate_verify;
pub use order::{assignment, policy};
pub use pipeline::{CANARY, check as outcome, pipeline};
pub use reader::{identify, member, reader};
pub use tally::Tally;
pub use verifier::{verifier_answer, verifier_messages, verifier_question};
pub use wire::wire;

use mugai_core::{Kind, Limits, Target};

/// A purse that lets an honest small file through and stops a bomb within a second.
pub const SMALL: Limits = Limits {
    bytes: 4 << 20,
    pixels: 1 << 20,
    parts: 200,
    depth: 4,
    steps: 20_000_000,
};

/// One oracle by the name of its fuzz target.
pub type Oracle = (&'static str, fn(&[u8]));

/// Every oracle there is.
pub const ALL: &[Oracle] = &[
    ("reader_mail", |data| reader(Kind::Mail, data)),
    ("reader_mbox", |data| reader(Kind::Mbox, data)),
    ("reader_text", |data| reader(Kind::Plain, data)),
    ("reader_csv", |data| reader(Kind::Csv, data)),
    ("reader_html", |data| reader(Kind::Html, data)),
    ("reader_png", |data| reader(Kind::Png, data)),
    ("reader_jpeg", |data| reader(Kind::Jpeg, data)),
    ("reader_gif", |data| reader(Kind::Gif, data)),
    ("reader_bmp", |data| reader(Kind::Bmp, data)),
    ("reader_tiff", |data| reader(Kind::Tiff, data)),
    ("reader_webp", |data| reader(Kind::Webp, data)),
    ("reader_metafile", |data| reader(Kind::Metafile, data)),
    ("reader_pdf", |data| reader(Kind::Pdf, data)),
    ("reader_word", |data| reader(Kind::Word, data)),
    ("reader_sheet", |data| reader(Kind::Sheet, data)),
    ("reader_slides", |data| reader(Kind::Slides, data)),
    ("reader_zip", |data| reader(Kind::Zip, data)),
    ("reader_7z", |data| reader(Kind::SevenZip, data)),
    ("reader_rar", |data| reader(Kind::Rar, data)),
    ("reader_cab", |data| reader(Kind::Cab, data)),
    ("reader_lha", |data| reader(Kind::Lha, data)),
    ("reader_tar", |data| reader(Kind::Tar, data)),
    ("reader_gzip", |data| reader(Kind::Gzip, data)),
    ("reader_bzip2", |data| reader(Kind::Bzip2, data)),
    ("reader_xz", |data| reader(Kind::Xz, data)),
    ("reader_zstd", |data| reader(Kind::Zstd, data)),
    ("reader_calendar", |data| reader(Kind::Calendar, data)),
    ("reader_vcard", |data| reader(Kind::Vcard, data)),
    ("reader_tnef", |data| reader(Kind::Tnef, data)),
    ("reader_cms", |data| reader(Kind::Cms, data)),
    ("reader_msg", |data| reader(Kind::Msg, data)),
    ("member", member),
    ("reader_ole2", |data| reader(Kind::Ole2, data)),
    ("reader_doc", |data| reader(Kind::Doc, data)),
    ("reader_rtf", |data| reader(Kind::Rtf, data)),
    ("reader_jtd", |data| reader(Kind::Jtd, data)),
    ("reader_xls", |data| reader(Kind::Xls, data)),
    ("reader_ppt", |data| reader(Kind::Ppt, data)),
    ("reader_xlsb", |data| reader(Kind::Xlsb, data)),
    ("reader_docuworks", |data| reader(Kind::DocuWorks, data)),
    ("reader_odt", |data| reader(Kind::OpenText, data)),
    ("reader_ods", |data| reader(Kind::OpenSheet, data)),
    ("reader_odp", |data| reader(Kind::OpenSlides, data)),
    ("identify", identify),
    ("charset", charset),
    ("wire", wire),
    ("assignment", assignment),
    ("policy", policy),
    ("emit_verify_txt", |data| emit_verify(Target::Txt, data)),
    ("emit_verify_csv", |data| emit_verify(Target::Csv, data)),
    ("emit_verify_png", |data| emit_verify(Target::Png, data)),
    ("emit_verify_jpeg", |data| emit_verify(Target::Jpeg, data)),
    ("emit_verify_pdf", |data| emit_verify(Target::Pdf, data)),
    ("emit_verify_docx", |data| emit_verify(Target::Docx, data)),
    ("emit_verify_xlsx", |data| emit_verify(Target::Xlsx, data)),
    ("emit_verify_pptx", |data| emit_verify(Target::Pptx, data)),
    ("emit_verify_zip", |data| emit_verify(Target::Zip, data)),
    ("emit_verify_odt", |data| emit_verify(Target::Odt, data)),
    ("emit_verify_ods", |data| emit_verify(Target::Ods, data)),
    ("emit_verify_odp", |data| emit_verify(Target::Odp, data)),
    ("emit_verify_eml", |data| emit_verify(Target::Eml, data)),
    ("emit_verify_mbox", |data| emit_verify(Target::Mbox, data)),
    ("forged_mail", forged_mail),
    ("forged_zip", forged_zip),
    ("forged_word", forged_word),
    ("forged_pdf", forged_pdf),
    ("mutate_verify", mutate_verify),
    ("verifier_messages", verifier_messages),
    ("verifier_question", verifier_question),
    ("verifier_answer", verifier_answer),
    ("pipeline", pipeline),
    ("relay_commands", relay::commands),
    ("relay_packets", relay::packets),
    ("relay_replies", relay::replies),
    ("relay_smtp", relay::smtp),
];
