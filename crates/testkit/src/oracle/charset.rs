//! Charsets: any bytes under any label are some text.

use mugai_open::charset::decode;

/// Labels that choose different ways through the decoder.
const LABELS: [&str; 12] = [
    "utf-8",
    "iso-2022-jp",
    "shift_jis",
    "euc-jp",
    "utf-16",
    "utf-7",
    "us-ascii",
    "iso-8859-1",
    "gb18030",
    "big5",
    "iso-2022-kr",
    "no-such-label",
];

/// Decodes `data` without a label and under one that its length chooses.
///
/// # Panics
/// When the text is out of proportion to its bytes, or plain ASCII is not kept.
pub fn charset(data: &[u8]) {
    let choice = data.len().checked_rem(LABELS.len()).unwrap_or(0);
    let label = LABELS.get(choice);
    for label in [None, label.copied()] {
        let decoded = decode(data, label);
        // the worst case is a byte that becomes U+FFFD: three bytes
        let most = data.len().saturating_mul(3).saturating_add(8);
        assert!(decoded.text.len() <= most, "{label:?} grows");
        let again = decode(data, label);
        assert_eq!(decoded, again, "{label:?} is not stable");
    }
    if data
        .iter()
        .all(|b| matches!(b, b'\n' | b' '..=b'}') && *b != b'+' && *b != b'\\')
    {
        let plain = decode(data, None);
        assert_eq!(plain.text.as_bytes(), data, "ASCII is not kept");
    }
}
