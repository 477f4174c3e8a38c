//! Which charset a label names, in any of the spellings that mails are found with.

use encoding_rs::Encoding;

/// The order of the bytes in a code unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

/// What bytes can be decoded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// No information about 8-bit bytes: no label, US-ASCII, ISO-8859-1 or windows-1252 (which
    /// programs put on anything), an unknown one. `latin` tells whether it was one of the latter
    /// two. Decoded as windows-1252.
    Weak {
        latin: bool,
    },
    Utf8,
    Utf7,
    /// `None`: by byte order mark or by plausibility.
    Utf16(Option<Endian>),
    Utf32(Option<Endian>),
    /// ISO-2022-JP with all extensions that are in use.
    Jis,
    /// CP932, or Shift_JIS-2004 with `x0213`.
    Sjis {
        x0213: bool,
    },
    /// CP51932 and eucJP-ms, or EUC-JIS-2004 with `x0213`.
    Euc {
        x0213: bool,
    },
    Iso2022Kr,
    Iso2022Cn,
    Hz,
    /// As the WHATWG Encoding Standard has it.
    Other(&'static Encoding),
}

impl Charset {
    /// Whether ASCII bytes are ASCII text wherever they stand (escapes aside).
    pub(super) const fn keeps_ascii(self) -> bool {
        match self {
            Self::Utf7 | Self::Utf16(_) | Self::Utf32(_) | Self::Iso2022Kr | Self::Hz => false,
            Self::Jis
            | Self::Iso2022Cn
            | Self::Weak { .. }
            | Self::Utf8
            | Self::Sjis { .. }
            | Self::Euc { .. }
            | Self::Other(_) => true,
        }
    }

    /// Whether a byte order mark of `marked` is no contradiction to this label.
    pub(super) const fn agrees_with_mark(self, marked: Self) -> bool {
        matches!(
            (self, marked),
            (Self::Utf8, Self::Utf8)
                | (Self::Utf16(_), Self::Utf16(_))
                | (Self::Utf32(_), Self::Utf32(_))
        )
    }
}

/// The charset that `label` names; [`Charset::Weak`] for one that nobody knows.
pub(super) fn parse(label: &str) -> Charset {
    let key: String = label
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(64)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    alias(&key)
        .or_else(|| whatwg(label))
        .or_else(|| whatwg(&key))
        .or_else(|| code_page(&key))
        .unwrap_or(Charset::Weak { latin: false })
}

/// Labels that the WHATWG does not know, or that mean more in mail than on the web.
fn alias(key: &str) -> Option<Charset> {
    Some(match key {
        "usascii" | "ascii" | "ansix341968" | "ansix341986" | "iso646us" | "iso646" | "us"
        | "cp367" | "ibm367" | "csascii" | "8bit" | "7bit" | "unknown8bit" | "xunknown"
        | "unknown" | "default" | "none" | "binary" | "xuserdefined" | "ansi" => {
            Charset::Weak { latin: false }
        }
        "iso88591" | "iso885911987" | "isoir100" | "latin1" | "l1" | "ibm819" | "cp819"
        | "csisolatin1" | "windows1252" | "cp1252" | "xcp1252" | "ms1252" => {
            Charset::Weak { latin: true }
        }
        "utf8" | "uft8" | "utf" | "xutf8" | "utf8n" | "utf8mb4" | "utf8mac" | "csutf8"
        | "cp65001" | "65001" | "windows65001" | "unicode11utf8" | "unicode20utf8"
        | "xunicode20utf8" => Charset::Utf8,
        "utf7" | "xutf7" | "csutf7" | "unicode11utf7" | "unicode20utf7" | "csunicode11utf7"
        | "cp65000" | "windows65000" => Charset::Utf7,
        "utf16" | "ucs2" | "unicode" | "iso10646ucs2" | "csunicode" | "xutf16" => {
            Charset::Utf16(None)
        }
        "utf16le" | "ucs2le" | "cp1200" | "unicodefeff" | "xutf16le" => {
            Charset::Utf16(Some(Endian::Little))
        }
        "utf16be" | "ucs2be" | "cp1201" | "unicodefffe" | "xutf16be" => {
            Charset::Utf16(Some(Endian::Big))
        }
        "utf32" | "ucs4" | "iso10646ucs4" | "csucs4" => Charset::Utf32(None),
        "utf32le" | "ucs4le" | "cp12000" => Charset::Utf32(Some(Endian::Little)),
        "utf32be" | "ucs4be" | "cp12001" => Charset::Utf32(Some(Endian::Big)),
        "iso2022kr" | "csiso2022kr" => Charset::Iso2022Kr,
        "iso2022cn" | "iso2022cnext" | "csiso2022cn" => Charset::Iso2022Cn,
        "hz" | "hzgb2312" => Charset::Hz,
        _ => return japanese(key).or_else(|| east_asian(key)),
    })
}

fn japanese(key: &str) -> Option<Charset> {
    Some(match key {
        "iso2022jp" | "csiso2022jp" | "iso2022jpms" | "iso2022jp1" | "iso2022jp2"
        | "csiso2022jp2" | "iso2022jp3" | "iso2022jp2003" | "iso2022jp2004" | "iso2022jpext"
        | "iso2022jpcp932" | "iso2022" | "iso2002jp" | "cp50220" | "cp50221" | "cp50222"
        | "xcp50220" | "xcp50221" | "xwindows50220" | "xwindows50221" | "xwindowsiso2022jp"
        | "windows50220" | "windows50221" | "windows50222" | "ms50220" | "ms50221" | "jis"
        | "jis7" | "jis8" | "xjis" | "jisencoding" | "csjisencoding" => Charset::Jis,
        "shiftjisx0213" | "shiftjis2004" | "sjis2004" | "sjisx0213" | "shiftjisx02132004"
        | "xsjis0213" => Charset::Sjis { x0213: true },
        "shiftjis" | "sjis" | "xsjis" | "mskanji" | "xmskanji" | "csshiftjis" | "windows31j"
        | "cswindows31j" | "cp932" | "ms932" | "windows932" | "xwindows932" | "xmswin932"
        | "932" | "mscp932" | "xmscp932" | "ibm943" | "ibm943c" | "xibm943" | "xibm943c"
        | "cp943" | "cp943c" | "ibm942" | "ibm942c" | "ibm932" | "xibm942" | "cp942"
        | "sjiswin" | "sjisopen" | "sjisms" | "sjiscp932" | "xsjiscp932" | "sjismac"
        | "macjapanese" | "xmacjapanese" | "shiftjiscp932" | "xshiftjis" | "sjisdocomo"
        | "xsjisdocomo" | "sjiskddi" | "xsjiskddi" | "sjissoftbank" | "xsjissoftbank" | "xpck"
        | "pck" => Charset::Sjis { x0213: false },
        "eucjisx0213" | "eucjis2004" | "xeucjisx0213" | "eucjisx02132004" => {
            Charset::Euc { x0213: true }
        }
        "eucjp"
        | "xeucjp"
        | "euc"
        | "xeuc"
        | "ujis"
        | "eucj"
        | "eucjapanese"
        | "eucjpms"
        | "xeucjpms"
        | "eucjpwin"
        | "eucjpopen"
        | "xeucjpopen"
        | "eucjpascii"
        | "cp51932"
        | "windows51932"
        | "xwindows51932"
        | "cp20932"
        | "ibmeucjp"
        | "ibm33722"
        | "cp33722"
        | "xibm33722"
        | "ajec"
        | "cseucpkdfmtjapanese"
        | "extendedunixcodepackedformatforjapanese" => Charset::Euc { x0213: false },
        _ => return None,
    })
}

fn east_asian(key: &str) -> Option<Charset> {
    let encoding = match key {
        "cp936" | "ms936" | "windows936" | "936" | "gb231280" | "gb23121980" | "euccn"
        | "xeuccn" | "gb" | "gb180302000" | "gb180302005" | "cp54936" => encoding_rs::GB18030,
        "cp949" | "ms949" | "windows949" | "949" | "uhc" | "ksc5601" | "ksx1001" | "cp51949"
        | "ksc56011992" | "xwindows949" => encoding_rs::EUC_KR,
        "cp950" | "ms950" | "windows950" | "950" | "big5eten" | "big5hkscs2004" | "xbig5hkscs" => {
            encoding_rs::BIG5
        }
        _ => return None,
    };
    Some(Charset::Other(encoding))
}

/// The label as the WHATWG Encoding Standard has it; its `replacement` and `x-user-defined` are no
/// charsets of texts.
fn whatwg(label: &str) -> Option<Charset> {
    let encoding = Encoding::for_label(label.as_bytes())?;
    let real = encoding != encoding_rs::REPLACEMENT && encoding != encoding_rs::X_USER_DEFINED;
    real.then_some(Charset::Other(encoding))
}

/// `windows1251`, `win1251`, `ibm866` and the like by their number.
fn code_page(key: &str) -> Option<Charset> {
    let number = key.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let named = matches!(
        key.strip_suffix(number)?,
        "windows" | "xwindows" | "win" | "ms" | "ibm" | "cp" | "xcp" | ""
    );
    if !named || number.is_empty() {
        return None;
    }
    whatwg(&format!("cp{number}")).or_else(|| whatwg(&format!("ibm{number}")))
}
