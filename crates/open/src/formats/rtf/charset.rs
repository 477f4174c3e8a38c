//! Charsets of fonts and of the document ("Font Table", "Character Set").

use encoding_rs::Encoding;

/// By the number of a font, as behind `\fcharset` and in other documents of that time.
pub(in crate::formats) fn of_font(number: i32) -> Option<&'static Encoding> {
    Some(match number {
        0 => encoding_rs::WINDOWS_1252,
        77 => encoding_rs::MACINTOSH,
        78 | 128 => encoding_rs::SHIFT_JIS,
        129 | 130 => encoding_rs::EUC_KR,
        134 => encoding_rs::GBK,
        136 => encoding_rs::BIG5,
        161 => encoding_rs::WINDOWS_1253,
        162 => encoding_rs::WINDOWS_1254,
        163 => encoding_rs::WINDOWS_1258,
        177 => encoding_rs::WINDOWS_1255,
        178 => encoding_rs::WINDOWS_1256,
        186 => encoding_rs::WINDOWS_1257,
        204 => encoding_rs::WINDOWS_1251,
        222 => encoding_rs::WINDOWS_874,
        238 => encoding_rs::WINDOWS_1250,
        _ => return None,
    })
}

/// By the number of a code page, as behind `\ansicpg` and in other documents of that time.
pub(in crate::formats) fn of_page(number: u32) -> Option<&'static Encoding> {
    Some(match number {
        932 | 10001 => encoding_rs::SHIFT_JIS,
        936 | 54936 => encoding_rs::GBK,
        949 | 1361 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        866 => encoding_rs::IBM866,
        874 => encoding_rs::WINDOWS_874,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        437 | 850 | 1252 | 367 | 28591 => encoding_rs::WINDOWS_1252,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10000 | 32768 => encoding_rs::MACINTOSH,
        10007 => encoding_rs::X_MAC_CYRILLIC,
        20932 | 51932 => encoding_rs::EUC_JP,
        50220..=50222 => encoding_rs::ISO_2022_JP,
        65001 => encoding_rs::UTF_8,
        _ => return None,
    })
}

/// Whether a byte is the first one of two of a character, of which the second one may be a brace or a stroke.
pub(super) fn leads(encoding: &'static Encoding, byte: u8) -> bool {
    if encoding == encoding_rs::SHIFT_JIS {
        matches!(byte, 0x81..=0x9f | 0xe0..=0xfc)
    } else if [encoding_rs::GBK, encoding_rs::BIG5].contains(&encoding) {
        matches!(byte, 0x81..=0xfe)
    } else {
        false
    }
}
