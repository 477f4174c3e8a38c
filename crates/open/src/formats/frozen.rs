//! Fields whose values an office suite works out anew wherever it opens a document: the moment, the name and place of
//! the file, whoever opens it. A suite that converts a document is to show what they showed.

/// Their names, and their numbers in binary documents ([MS-DOC] 2.9.90).
const FROZEN: [(&[u8], u8); 43] = [
    (b"IF", 0x07),
    (b"INFO", 0x0e),
    (b"TITLE", 0x0f),
    (b"SUBJECT", 0x10),
    (b"AUTHOR", 0x11),
    (b"KEYWORDS", 0x12),
    (b"COMMENTS", 0x13),
    (b"LASTSAVEDBY", 0x14),
    (b"CREATEDATE", 0x15),
    (b"SAVEDATE", 0x16),
    (b"PRINTDATE", 0x17),
    (b"REVNUM", 0x18),
    (b"EDITTIME", 0x19),
    (b"NUMWORDS", 0x1b),
    (b"NUMCHARS", 0x1c),
    (b"FILENAME", 0x1d),
    (b"TEMPLATE", 0x1e),
    (b"DATE", 0x1f),
    (b"TIME", 0x20),
    (b"=", 0x22),
    (b"QUOTE", 0x23),
    (b"INCLUDE", 0x24),
    (b"ASK", 0x26),
    (b"FILLIN", 0x27),
    (b"DATA", 0x28),
    (b"NEXT", 0x29),
    (b"NEXTIF", 0x2a),
    (b"SKIPIF", 0x2b),
    (b"MERGEREC", 0x2c),
    (b"MERGEFIELD", 0x3b),
    (b"USERNAME", 0x3c),
    (b"USERINITIALS", 0x3d),
    (b"USERADDRESS", 0x3e),
    (b"DOCVARIABLE", 0x40),
    (b"SECTION", 0x41),
    (b"INCLUDETEXT", 0x44),
    (b"FILESIZE", 0x45),
    (b"MERGESEQ", 0x4b),
    (b"AUTOTEXT", 0x4f),
    (b"COMPARE", 0x50),
    (b"DOCPROPERTY", 0x55),
    (b"ADDRESSBLOCK", 0x5d),
    (b"GREETINGLINE", 0x5e),
];

/// Whether a field of this name keeps what it showed.
pub(super) fn is_frozen(name: &[u8]) -> bool {
    FROZEN
        .iter()
        .any(|(frozen, _)| name.eq_ignore_ascii_case(frozen))
}

/// The same by its number.
pub(super) fn is_number_frozen(number: u8) -> bool {
    FROZEN.iter().any(|(_, frozen)| number == *frozen)
}
