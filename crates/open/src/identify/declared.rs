//! What a file is said to be: its declared media type and the extension of its name.

use mugai_core::{Family, Hints, Kind, MediaType, Token};

/// Extensions of scripts: text that a double click runs.
const SCRIPTS: &[&str] = &[
    "js",
    "jse",
    "mjs",
    "vbs",
    "vbe",
    "vb",
    "ps1",
    "psm1",
    "psd1",
    "ps1xml",
    "bat",
    "cmd",
    "hta",
    "wsf",
    "wsh",
    "wsc",
    "sct",
    "sh",
    "bash",
    "csh",
    "ksh",
    "zsh",
    "command",
    "py",
    "pyw",
    "pl",
    "rb",
    "php",
    "lua",
    "ahk",
    "au3",
    "reg",
    "inf",
    "applescript",
    "scpt",
    "jsp",
    "asp",
    "aspx",
    "xbap",
    "msc",
];
/// Extensions of files that load something from elsewhere.
const SHORTCUTS: &[&str] = &[
    "url",
    "website",
    "webloc",
    "desktop",
    "iqy",
    "oqy",
    "dqy",
    "rqy",
    "slk",
    "scf",
    "settingcontent-ms",
    "appref-ms",
    "library-ms",
    "searchconnector-ms",
    "search-ms",
    "application",
    "jnlp",
    "theme",
    "themepack",
    "udl",
    "odc",
    "library",
    "diagcfg",
    "rdp",
];

/// Media types beside those that kinds have of their own.
const TYPES: &[(&str, Kind)] = &[
    ("image/jpg", Kind::Jpeg),
    ("image/pjpeg", Kind::Jpeg),
    ("image/x-png", Kind::Png),
    ("image/apng", Kind::Png),
    ("image/x-bmp", Kind::Bmp),
    ("image/x-ms-bmp", Kind::Bmp),
    ("image/tif", Kind::Tiff),
    ("image/heic", Kind::Heif),
    ("image/avif", Kind::Heif),
    ("image/x-icon", Kind::Ico),
    ("application/x-pdf", Kind::Pdf),
    ("application/msexcel", Kind::Xls),
    (
        "application/vnd.fujixerox.docuworks.binder",
        Kind::DocuWorks,
    ),
    ("application/rtf", Kind::Rtf),
    ("text/rtf", Kind::Rtf),
    ("text/richtext", Kind::Rtf),
    ("application/x-zip-compressed", Kind::Zip),
    ("application/x-zip", Kind::Zip),
    ("application/java-archive", Kind::Zip),
    ("application/x-rar-compressed", Kind::Rar),
    ("application/x-rar", Kind::Rar),
    ("application/x-lzh", Kind::Lha),
    ("application/x-lha", Kind::Lha),
    ("application/x-gzip", Kind::Gzip),
    ("application/vnd.ms-tnef", Kind::Tnef),
    ("application/x-pkcs7-mime", Kind::Cms),
    ("application/pkcs7-signature", Kind::Cms),
    ("application/x-pkcs7-signature", Kind::Cms),
    ("text/xml", Kind::Xml),
    ("application/xhtml+xml", Kind::Html),
    ("text/comma-separated-values", Kind::Csv),
    ("text/tab-separated-values", Kind::Csv),
    ("application/csv", Kind::Csv),
    ("text/x-vcard", Kind::Vcard),
    ("text/directory", Kind::Vcard),
    ("application/x-msdownload", Kind::Executable),
    ("application/x-msdos-program", Kind::Executable),
    ("text/javascript", Kind::Script),
    ("application/javascript", Kind::Script),
    ("application/x-javascript", Kind::Script),
    ("application/ecmascript", Kind::Script),
    ("text/vbscript", Kind::Script),
    ("application/hta", Kind::Script),
    ("application/x-sh", Kind::Script),
    ("application/x-bat", Kind::Script),
    ("application/x-powershell", Kind::Script),
    ("application/internet-shortcut", Kind::Shortcut),
    ("application/x-mswinurl", Kind::Shortcut),
    ("application/x-ms-shortcut", Kind::Shortcut),
    ("application/x-sylk", Kind::Shortcut),
];

/// The declared type, if it is one that says something.
pub(super) fn declared(hints: &Hints) -> Option<&str> {
    hints.declared.as_ref().map(MediaType::as_str)
}

/// The extension in lower case.
pub(super) fn extension(hints: &Hints) -> Option<&str> {
    hints.extension.as_ref().map(Token::as_str)
}

/// The kind that the declared type names, where it names one.
pub(super) fn kind_of_type(hints: &Hints) -> Option<Kind> {
    let media = declared(hints)?;
    if media == "application/octet-stream" {
        return None;
    }
    let alias = TYPES.iter().find(|(name, _)| *name == media);
    alias.map(|(_, kind)| *kind).or_else(|| {
        Kind::ALL
            .iter()
            .copied()
            .find(|kind| kind.media_type() == media)
    })
}

/// Scripts and shortcuts: what would run or load on a double click, by type or by name.
pub(super) fn active(hints: &Hints) -> Option<Kind> {
    if let Some(kind @ (Kind::Script | Kind::Shortcut)) = kind_of_type(hints) {
        return Some(kind);
    }
    let extension = extension(hints)?;
    if SCRIPTS.contains(&extension) {
        Some(Kind::Script)
    } else {
        SHORTCUTS.contains(&extension).then_some(Kind::Shortcut)
    }
}

/// Whether the part is said to be a CMS object.
pub(super) fn is_cms(hints: &Hints) -> bool {
    kind_of_type(hints) == Some(Kind::Cms)
        || extension(hints).is_some_and(|ext| Kind::Cms.extensions().contains(&ext))
}

/// Whether the part is said to be a `DocuWorks` file.
pub(super) fn is_docuworks(hints: &Hints) -> bool {
    kind_of_type(hints) == Some(Kind::DocuWorks)
        || extension(hints).is_some_and(|ext| Kind::DocuWorks.extensions().contains(&ext))
}

/// Whether what is said about the part disagrees with what it is.
pub(super) fn is_lie(hints: &Hints, kind: Kind) -> bool {
    if kind == Kind::Empty {
        return false;
    }
    // Windows declares every CSV file as one of its spreadsheet program
    let customary = kind == Kind::Csv && declared(hints) == Some("application/vnd.ms-excel");
    let by_type = !customary && kind_of_type(hints).is_some_and(|said| !agree(said, kind));
    // `winmail.dat` is TNEF, but `dat` says nothing
    let by_name = extension(hints)
        .filter(|ext| *ext != "dat")
        .is_some_and(|ext| {
            let mut said = Kind::ALL
                .iter()
                .filter(|k| k.extensions().contains(&ext))
                .peekable();
            said.peek().is_some() && !said.any(|said| agree(*said, kind))
        });
    by_type || by_name
}

/// Families are what policies speak of; those of odds and ends are told apart by kind.
fn agree(said: Kind, is: Kind) -> bool {
    let odds = matches!(
        is.family(),
        Family::Other | Family::Container | Family::Active
    );
    said == is || (said.family() == is.family() && !odds)
}
