//! What a file is, by its content.

macro_rules! kinds {
    ($($variant:ident = $tag:literal, $family:ident, $name:literal, $media:literal, $ext:expr;)*) => {
        /// A kind of file, as detected from content. Some are only recognised, to be refused by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $(#[doc = $name] $variant,)* }
        impl Kind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The tag on the wire.
            #[must_use]
            pub const fn tag(self) -> u8 { match self { $(Self::$variant => $tag,)* } }
            /// The kind of a wire tag.
            #[must_use]
            pub const fn from_tag(tag: u8) -> Option<Self> { match tag { $($tag => Some(Self::$variant),)* _ => None } }
            /// The name in reports.
            #[must_use]
            pub const fn code(self) -> &'static str { match self { $(Self::$variant => $name,)* } }
            /// The registered or customary media type.
            #[must_use]
            pub const fn media_type(self) -> &'static str { match self { $(Self::$variant => $media,)* } }
            /// The customary extensions, the first being the usual one; empty where there is none.
            #[must_use]
            pub const fn extensions(self) -> &'static [&'static str] { match self { $(Self::$variant => &$ext,)* } }
            /// The family that policies speak of.
            #[must_use]
            pub const fn family(self) -> Family { match self { $(Self::$variant => Family::$family,)* } }
        }
    };
}

kinds! {
    Mail = 1, Mail, "mail", "message/rfc822", ["eml", "mime"];
    Mbox = 2, Mail, "mbox", "application/mbox", ["mbox"];
    Plain = 3, Text, "text", "text/plain", ["txt", "text", "log", "md"];
    Csv = 4, Csv, "csv", "text/csv", ["csv", "tsv"];
    Html = 5, Html, "html", "text/html", ["html", "htm", "xhtml"];
    Png = 10, Image, "png", "image/png", ["png", "apng"];
    Jpeg = 11, Image, "jpeg", "image/jpeg", ["jpg", "jpeg", "jpe", "jfif"];
    Gif = 12, Image, "gif", "image/gif", ["gif"];
    Bmp = 13, Image, "bmp", "image/bmp", ["bmp", "dib"];
    Tiff = 14, Image, "tiff", "image/tiff", ["tiff", "tif"];
    Webp = 15, Image, "webp", "image/webp", ["webp"];
    Pdf = 20, Pdf, "pdf", "application/pdf", ["pdf"];
    // recognised, so that a notice can name them; their readers come one by one
    Svg = 40, Other, "svg", "image/svg+xml", ["svg", "svgz"];
    Heif = 41, Other, "heif", "image/heif", ["heic", "heif", "avif"];
    Ico = 42, Other, "ico", "image/vnd.microsoft.icon", ["ico", "cur"];
    Psd = 43, Other, "psd", "image/vnd.adobe.photoshop", ["psd"];
    Jp2 = 44, Other, "jp2", "image/jp2", ["jp2", "j2k", "jpx"];
    Metafile = 45, Image, "metafile", "image/emf", ["emf", "wmf", "svm"];
    PostScript = 46, Other, "postscript", "application/postscript", ["ps", "eps", "ai"];
    Word = 60, Word, "word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["docx", "docm", "dotx", "dotm"];
    Sheet = 61, Sheet, "sheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ["xlsx", "xlsm", "xltx", "xltm"];
    Slides = 62, Slides, "slides", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ["pptx", "pptm", "potx", "potm", "ppsx", "ppsm"];
    Odf = 63, Office, "odf", "application/vnd.oasis.opendocument.graphics", ["odg", "odf", "odb", "odc"];
    OpenText = 70, Word, "odt", "application/vnd.oasis.opendocument.text", ["odt", "ott"];
    OpenSheet = 71, Sheet, "ods", "application/vnd.oasis.opendocument.spreadsheet", ["ods", "ots"];
    OpenSlides = 72, Slides, "odp", "application/vnd.oasis.opendocument.presentation", ["odp", "otp"];
    Ole2 = 64, Office, "ole2", "application/x-ole-storage", ["vsd", "pub", "mpp"];
    Rtf = 65, Office, "rtf", "application/rtf", ["rtf"];
    Opc = 66, Office, "opc", "application/vnd.openxmlformats-package", ["vsdx", "xps", "oxps"];
    Doc = 67, Office, "doc", "application/msword", ["doc", "dot"];
    Xls = 68, Sheet, "xls", "application/vnd.ms-excel", ["xls", "xlt", "xla"];
    Ppt = 69, Office, "ppt", "application/vnd.ms-powerpoint", ["ppt", "pps", "pot"];
    Jtd = 73, Office, "jtd", "application/x-js-taro", ["jtd", "jtt", "jtdc", "jttc"];
    DocuWorks = 74, Office, "docuworks", "application/vnd.fujixerox.docuworks", ["xdw", "xbd"];
    Xlsb = 75, Sheet, "xlsb", "application/vnd.ms-excel.sheet.binary.macroenabled.12", ["xlsb"];
    Zip = 80, Archive, "zip", "application/zip", ["zip", "jar", "epub"];
    SevenZip = 81, Archive, "7z", "application/x-7z-compressed", ["7z"];
    Rar = 82, Archive, "rar", "application/vnd.rar", ["rar"];
    Lha = 83, Archive, "lha", "application/x-lzh-compressed", ["lzh", "lha", "lzs"];
    Gzip = 84, Archive, "gzip", "application/gzip", ["gz", "tgz"];
    Bzip2 = 85, Archive, "bzip2", "application/x-bzip2", ["bz2"];
    Xz = 86, Archive, "xz", "application/x-xz", ["xz"];
    Zstd = 87, Archive, "zstd", "application/zstd", ["zst"];
    Tar = 88, Archive, "tar", "application/x-tar", ["tar"];
    Cab = 89, Archive, "cab", "application/vnd.ms-cab-compressed", ["cab"];
    Iso = 90, Archive, "iso", "application/x-iso9660-image", ["iso", "img"];
    Ar = 91, Archive, "ar", "application/x-archive", ["a", "ar", "deb"];
    Cpio = 92, Archive, "cpio", "application/x-cpio", ["cpio"];
    Tnef = 100, Container, "tnef", "application/ms-tnef", ["dat"];
    Calendar = 101, Container, "calendar", "text/calendar", ["ics"];
    Vcard = 102, Container, "vcard", "text/vcard", ["vcf"];
    Cms = 103, Container, "cms", "application/pkcs7-mime", ["p7m", "p7s", "p7c"];
    Pgp = 104, Container, "pgp", "application/pgp-encrypted", ["asc", "pgp", "gpg"];
    Msg = 106, Container, "msg", "application/vnd.ms-outlook", ["msg"];
    Partial = 105, Container, "partial", "message/partial", [];
    Executable = 120, Active, "executable", "application/vnd.microsoft.portable-executable", ["exe", "dll", "scr", "com", "elf", "so"];
    Script = 121, Active, "script", "text/x-script", ["js", "vbs", "ps1", "bat", "cmd", "sh", "hta", "wsf", "py"];
    Shortcut = 122, Active, "shortcut", "application/x-ms-shortcut", ["lnk", "url", "iqy", "slk", "settingcontent-ms"];
    Chm = 123, Active, "chm", "application/vnd.ms-htmlhelp", ["chm"];
    OneNote = 124, Active, "onenote", "application/onenote", ["one"];
    Media = 140, Other, "media", "application/octet-stream", ["mp3", "mp4", "wav", "avi", "mov", "mkv", "ogg", "flac", "webm"];
    Font = 141, Other, "font", "font/sfnt", ["ttf", "otf", "ttc", "woff", "woff2"];
    Xml = 142, Other, "xml", "application/xml", ["xml"];
    Empty = 254, Other, "empty", "application/octet-stream", [];
    Unknown = 255, Other, "unknown", "application/octet-stream", [];
}

/// Families of kinds that one treatment rule covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// Messages and mailboxes.
    Mail,
    /// Plain text.
    Text,
    /// Tables of text.
    Csv,
    /// HTML pages.
    Html,
    /// Raster pictures.
    Image,
    /// PDF documents.
    Pdf,
    /// Texts of Office Open XML and ODF.
    Word,
    /// Spreadsheets of Office Open XML and ODF.
    Sheet,
    /// Presentations of Office Open XML and ODF.
    Slides,
    /// All other office documents.
    Office,
    /// Archives and compressed files.
    Archive,
    /// Other containers that come with mail.
    Container,
    /// Files whose purpose is to run or to load something.
    Active,
    /// All else.
    Other,
}

impl Family {
    /// Every family, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::Mail,
        Self::Text,
        Self::Csv,
        Self::Html,
        Self::Image,
        Self::Pdf,
        Self::Word,
        Self::Sheet,
        Self::Slides,
        Self::Office,
        Self::Archive,
        Self::Container,
        Self::Active,
        Self::Other,
    ];

    /// The key in policy files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Text => "text",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Image => "image",
            Self::Pdf => "pdf",
            Self::Word => "word",
            Self::Sheet => "sheet",
            Self::Slides => "slides",
            Self::Office => "office",
            Self::Archive => "archive",
            Self::Container => "container",
            Self::Active => "active",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn tags_and_names_are_unique_and_tags_come_back() {
        let names: BTreeSet<_> = Kind::ALL.iter().map(|k| k.code()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            assert_eq!(Kind::from_tag(kind.tag()), Some(*kind));
        }
        assert_eq!(Kind::from_tag(0), None);
    }
}
