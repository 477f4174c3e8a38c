//! Kinds and reasons in the reader's language.

use mugai_core::{Kind, Lang, Loss, Refusal, Resource};

/// What a kind is called, in words that its reader knows.
#[must_use]
pub fn kind_name(lang: Lang, kind: Option<Kind>) -> &'static str {
    let (japanese, english) = kind.map_or(UNOPENED, called);
    match lang {
        Lang::Ja => japanese,
        Lang::En => english,
    }
}

/// The same by the code of reports; `None` for a code that is none.
#[must_use]
pub fn kind_of_code(lang: Lang, code: &str) -> Option<&'static str> {
    if code == "unopened" {
        return Some(kind_name(lang, None));
    }
    let kind = Kind::ALL.iter().find(|kind| kind.code() == code)?;
    Some(kind_name(lang, Some(*kind)))
}

const UNOPENED: (&str, &str) = ("不明(開けませんでした)", "unknown (could not be opened)");

#[expect(clippy::too_many_lines, reason = "a table of all kinds")]
const fn called(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Mail => ("メール", "mail"),
        Kind::Mbox => ("メールボックス", "mailbox"),
        Kind::Plain => ("テキスト", "text"),
        Kind::Csv => ("CSV表", "CSV table"),
        Kind::Html => ("HTML文書", "HTML page"),
        Kind::Png => ("画像(PNG)", "picture (PNG)"),
        Kind::Jpeg => ("画像(JPEG)", "picture (JPEG)"),
        Kind::Gif => ("画像(GIF)", "picture (GIF)"),
        Kind::Bmp => ("画像(BMP)", "picture (BMP)"),
        Kind::Tiff => ("画像(TIFF)", "picture (TIFF)"),
        Kind::Webp => ("画像(WebP)", "picture (WebP)"),
        Kind::Pdf => ("PDF文書", "PDF document"),
        Kind::Svg => ("図形画像(SVG)", "drawing (SVG)"),
        Kind::Heif => ("写真(HEIC)", "photo (HEIC)"),
        Kind::Ico => ("アイコン(ICO)", "icon (ICO)"),
        Kind::Psd => ("Photoshop画像(PSD)", "Photoshop picture (PSD)"),
        Kind::Jp2 => ("画像(JPEG 2000)", "picture (JPEG 2000)"),
        Kind::Metafile => ("図形画像(WMF・EMF)", "drawing (WMF, EMF)"),
        Kind::PostScript => ("印刷用データ(PostScript)", "PostScript"),
        Kind::Word => ("Word文書", "Word document"),
        Kind::Sheet => ("Excelブック", "Excel workbook"),
        Kind::Slides => ("PowerPoint文書", "PowerPoint presentation"),
        Kind::Odf => ("OpenDocument文書", "OpenDocument file"),
        Kind::OpenText => ("OpenDocument文書(ODT)", "OpenDocument text (ODT)"),
        Kind::OpenSheet => ("OpenDocument表計算(ODS)", "OpenDocument spreadsheet (ODS)"),
        Kind::OpenSlides => (
            "OpenDocumentスライド(ODP)",
            "OpenDocument presentation (ODP)",
        ),
        Kind::Ole2 => ("Office文書(旧形式)", "office document (old format)"),
        Kind::Rtf => ("リッチテキスト(RTF)", "rich text (RTF)"),
        Kind::Opc => ("Office文書(その他)", "office document (other)"),
        Kind::Doc => ("Word文書(旧形式)", "Word document (old format)"),
        Kind::Xls => ("Excelブック(旧形式)", "Excel workbook (old format)"),
        Kind::Ppt => (
            "PowerPoint文書(旧形式)",
            "PowerPoint presentation (old format)",
        ),
        Kind::Jtd => ("一太郎文書", "Ichitaro document"),
        Kind::DocuWorks => ("DocuWorks文書", "DocuWorks document"),
        Kind::Xlsb => ("Excelブック(バイナリ)", "Excel workbook (binary)"),
        Kind::Zip => ("圧縮ファイル(ZIP)", "archive (ZIP)"),
        Kind::SevenZip => ("圧縮ファイル(7z)", "archive (7z)"),
        Kind::Rar => ("圧縮ファイル(RAR)", "archive (RAR)"),
        Kind::Lha => ("圧縮ファイル(LZH)", "archive (LZH)"),
        Kind::Gzip => ("圧縮ファイル(gzip)", "compressed file (gzip)"),
        Kind::Bzip2 => ("圧縮ファイル(bzip2)", "compressed file (bzip2)"),
        Kind::Xz => ("圧縮ファイル(XZ)", "compressed file (XZ)"),
        Kind::Zstd => ("圧縮ファイル(Zstandard)", "compressed file (Zstandard)"),
        Kind::Tar => ("書庫(tar)", "archive (tar)"),
        Kind::Cab => ("圧縮ファイル(CAB)", "archive (CAB)"),
        Kind::Iso => ("ディスクイメージ(ISO)", "disk image (ISO)"),
        Kind::Ar => ("書庫(ar)", "archive (ar)"),
        Kind::Cpio => ("書庫(cpio)", "archive (cpio)"),
        Kind::Tnef => (
            "Outlook形式の添付(winmail.dat)",
            "Outlook attachments (winmail.dat)",
        ),
        Kind::Calendar => ("予定(iCalendar)", "calendar entry (iCalendar)"),
        Kind::Vcard => ("電子名刺(vCard)", "business card (vCard)"),
        Kind::Cms => (
            "署名・暗号化データ(S/MIME)",
            "signed or encrypted data (S/MIME)",
        ),
        Kind::Pgp => ("署名・暗号化データ(PGP)", "signed or encrypted data (PGP)"),
        Kind::Msg => ("Outlookメッセージ(MSG)", "Outlook message (MSG)"),
        Kind::Partial => ("分割されたメール", "part of a split mail"),
        Kind::Executable => ("プログラム", "program"),
        Kind::Script => ("スクリプト", "script"),
        Kind::Shortcut => ("ショートカット(リンク)", "shortcut (link)"),
        Kind::Chm => ("ヘルプファイル(CHM)", "help file (CHM)"),
        Kind::OneNote => ("OneNoteノート", "OneNote notes"),
        Kind::Media => ("動画・音声", "video or sound"),
        Kind::Font => ("フォント", "font"),
        Kind::Xml => ("XMLデータ", "XML data"),
        Kind::Empty => ("空のファイル", "empty file"),
        Kind::Unknown => ("種類不明", "unknown kind"),
    }
}

/// Why something is withheld, in a sentence for everybody.
#[must_use]
pub fn reason(lang: Lang, refusal: &Refusal) -> &'static str {
    let (japanese, english) = sentence(refusal);
    match lang {
        Lang::Ja => japanese,
        Lang::En => english,
    }
}

/// The same by what a refusal says of itself, as it stands in reports: `overrun: bytes over 1000`. `None` for the code
/// of another version.
#[must_use]
pub fn reason_of_detail(lang: Lang, detail: &str) -> Option<&'static str> {
    let (code, rest) = detail.split_once(": ").unwrap_or((detail, ""));
    let none = mugai_core::Remark::fixed("");
    let refusal = match code {
        "malformed" => Refusal::Malformed(none),
        "ambiguous" => Refusal::Ambiguous(none),
        "encrypted" => Refusal::Encrypted(none),
        "unsupported" => Refusal::Unsupported(none),
        "forbidden" => Refusal::Forbidden(none),
        "overrun" => Refusal::Overrun {
            resource: resource(rest)?,
            limit: 0,
        },
        "lost_deadline" => Refusal::Lost(Loss::Deadline),
        "lost_crash" => Refusal::Lost(Loss::Crash),
        "unverified" => Refusal::CHECKER_LOST,
        "internal" => Refusal::Internal(none),
        _ => return None,
    };
    Some(reason(lang, &refusal))
}

/// The resource that ran out, of `bytes over 1000`.
fn resource(rest: &str) -> Option<Resource> {
    let code = rest.split(' ').next()?;
    Resource::ALL.into_iter().find(|known| known.code() == code)
}

const fn sentence(refusal: &Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::Malformed(_) => (
            "形式が壊れているため、安全に読み取れません",
            "it is malformed and cannot be read safely",
        ),
        Refusal::Ambiguous(_) => (
            "内容が複数の意味に読めるため、安全と判断できません",
            "it can be read in more than one way",
        ),
        Refusal::Encrypted(_) => (
            "暗号化またはパスワードにより中身を確認できません",
            "it is encrypted and cannot be inspected",
        ),
        Refusal::Unsupported(_) => (
            "この形式の無害化にはまだ対応していません",
            "this format cannot be sanitised yet",
        ),
        Refusal::Forbidden(_) => (
            "この種類のファイルは規則により通過できません",
            "the policy does not let this kind of file through",
        ),
        Refusal::Overrun { resource, .. } => overrun(*resource),
        Refusal::Lost(Loss::Deadline) => (
            "処理が制限時間内に終わりませんでした",
            "it could not be processed in time",
        ),
        Refusal::Lost(Loss::Crash) => (
            "読み取り処理が異常終了しました",
            "the process that read it was lost",
        ),
        Refusal::Unverified(_) => (
            "作り直した結果が検証に合格しませんでした(管理者へ通知)",
            "the rebuilt file did not pass verification",
        ),
        Refusal::Internal(_) => (
            "無害化システム内部の問題です(管理者へ通知)",
            "a fault of the sanitiser itself",
        ),
    }
}

const fn overrun(resource: Resource) -> (&'static str, &'static str) {
    match resource {
        Resource::Bytes => ("大きさが上限を超えています", "it is larger than the limit"),
        Resource::Pixels => (
            "画像の大きさが上限を超えています",
            "its pictures are larger than the limit",
        ),
        Resource::Parts => (
            "含まれるファイルの数が上限を超えています",
            "it holds more files than the limit",
        ),
        Resource::Depth => (
            "入れ子の深さが上限を超えています",
            "it is nested deeper than the limit",
        ),
        Resource::Steps => (
            "処理量が上限を超えています",
            "it takes more work than the limit",
        ),
    }
}

/// What of the details of refusals somebody without our sources can make use of, in Japanese. What is not here names a
/// rule of a format that was broken: it is for administrators, and stays as the report has it.
const DETAILS: [(&str, &str); 45] = [
    (
        "forbidden: policy: this kind is withheld",
        "ポリシーがこの種類を除去すると定めています",
    ),
    (
        "forbidden: policy: no route between these zones",
        "ポリシーにこの領域間の経路がありません",
    ),
    ("forbidden: ooxml: an add-in", "アドインです"),
    (
        "forbidden: file: not a regular file",
        "通常のファイルではありません",
    ),
    (
        "forbidden: file: a symbolic link is not followed",
        "シンボリックリンクです",
    ),
    (
        "encrypted: archive: a password is needed",
        "書庫を開くパスワードが必要です",
    ),
    (
        "encrypted: 7z: a password is needed",
        "書庫を開くパスワードが必要です",
    ),
    (
        "encrypted: rar: a password is needed",
        "書庫を開くパスワードが必要です",
    ),
    (
        "encrypted: zip: an encrypted entry",
        "書庫を開くパスワードが必要です",
    ),
    (
        "encrypted: zip: strong encryption",
        "対応していない方式で暗号化された書庫です",
    ),
    (
        "encrypted: pdf: a password is needed",
        "PDFを開くパスワードが必要です",
    ),
    (
        "encrypted: pdf: unknown encryption",
        "対応していない方式で暗号化されたPDFです",
    ),
    (
        "encrypted: xls: encrypted",
        "文書を開くパスワードが必要です",
    ),
    (
        "encrypted: doc: encrypted",
        "文書を開くパスワードが必要です",
    ),
    (
        "encrypted: ppt: encrypted",
        "文書を開くパスワードが必要です",
    ),
    (
        "encrypted: odf: encrypted files",
        "文書を開くパスワードが必要です",
    ),
    (
        "encrypted: ole2: an encrypted package",
        "文書を開くパスワードが必要です",
    ),
    (
        "encrypted: 7z: an encrypted header or file",
        "書庫を開くパスワードが必要です",
    ),
    (
        "encrypted: rar: an encrypted header or file",
        "書庫を開くパスワードが必要です",
    ),
    (
        "encrypted: office: encrypted in a way that is not opened",
        "対応していない方式で暗号化された文書です",
    ),
    (
        "encrypted: xls: encrypted by XOR, which is not opened",
        "対応していない方式(XOR)で暗号化された文書です",
    ),
    (
        "encrypted: doc: encrypted by XOR, which is not opened",
        "対応していない方式(XOR)で暗号化された文書です",
    ),
    ("encrypted: pgp: a message", "PGPで暗号化されています"),
    (
        "encrypted: cms: encrypted content",
        "S/MIMEで暗号化されています",
    ),
    (
        "unsupported: no reader for this kind",
        "この種類を読み取る機能がありません",
    ),
    (
        "unsupported: no such treatment for this kind",
        "この種類にその処理はできません",
    ),
    (
        "unsupported: office: no converter here, LibreOffice is not installed",
        "変換に使うLibreOfficeがこの機器にありません",
    ),
    (
        "unsupported: ole2: no document that is known",
        "知られている文書が入っていません",
    ),
    (
        "unsupported: ooxml: a main part of another kind",
        "主部品が別の種類です",
    ),
    (
        "unsupported: archive: method of compression",
        "対応していない圧縮方式です",
    ),
    (
        "unsupported: zip: method of compression",
        "対応していない圧縮方式です",
    ),
    (
        "unsupported: 7z: method of compression",
        "対応していない圧縮方式です",
    ),
    (
        "unsupported: cab: method of compression",
        "対応していない圧縮方式です",
    ),
    (
        "unsupported: zip: several volumes",
        "分割された書庫の一部です",
    ),
    (
        "unsupported: rar: one of several volumes",
        "分割された書庫の一部です",
    ),
    (
        "unsupported: cab: one of several volumes",
        "分割された書庫の一部です",
    ),
    (
        "unsupported: archive: one volume of several",
        "分割された書庫の一部です",
    ),
    (
        "malformed: archive: a file grows more than a thousandfold",
        "千倍を超えて膨らむファイルです",
    ),
    (
        "malformed: archive: all of its files are empty",
        "中のファイルがすべて空です",
    ),
    (
        "malformed: archive: nothing came of its files",
        "中のファイルから何も作れませんでした",
    ),
    (
        "malformed: mail: no header field in it",
        "メールの形式ではありません(ヘッダーがありません)",
    ),
    ("malformed: file: no bytes", "空のファイルです"),
    (
        "ambiguous: file: marks of two formats",
        "二つの形式の特徴を持つファイルです",
    ),
    (
        "ambiguous: mail: two different From fields",
        "食い違う差出人が二つ書かれています",
    ),
    (
        "ambiguous: zip: two entries of one name",
        "同じ名前のファイルが二つ入った書庫です",
    ),
];

/// What a refusal says of itself in a notice, from how it stands in reports.
#[must_use]
pub fn detail(lang: Lang, text: &str) -> String {
    if lang == Lang::En {
        return text.to_owned();
    }
    if let Some((_, japanese)) = DETAILS.iter().find(|(english, _)| *english == text) {
        return (*japanese).to_owned();
    }
    limit(text).unwrap_or_else(|| format!("{text} (管理者向け)"))
}

/// The limit that was reached, of `overrun: bytes over 1048576`.
fn limit(text: &str) -> Option<String> {
    let rest = text.strip_prefix("overrun: ")?;
    let (_, number) = rest.split_once(" over ")?;
    let number: u64 = number.parse().ok()?;
    Some(match resource(rest)? {
        Resource::Bytes => {
            let units = [(30u32, "GiB"), (20, "MiB"), (10, "KiB")];
            let whole = |(bits, _): &(u32, &str)| number > 0 && number.trailing_zeros() >= *bits;
            match units.into_iter().find(whole) {
                Some((bits, unit)) => format!("上限は {} {unit} です", number >> bits),
                None => format!("上限は {number} バイトです"),
            }
        }
        Resource::Pixels => format!("上限は {number} 画素です"),
        Resource::Parts => format!("上限は {number} 個です"),
        Resource::Depth => format!("上限は {number} 段です"),
        Resource::Steps => format!("上限は {number} ステップです"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_words_of_its_own() {
        for lang in [Lang::Ja, Lang::En] {
            let names: BTreeSet<_> = Kind::ALL
                .iter()
                .map(|kind| kind_name(lang, Some(*kind)))
                .collect();
            assert_eq!(names.len(), Kind::ALL.len());
        }
        assert_eq!(kind_of_code(Lang::Ja, "heif"), Some("写真(HEIC)"));
        assert!(kind_of_code(Lang::Ja, "unopened").is_some());
        assert_eq!(kind_of_code(Lang::Ja, "no such"), None);
    }

    /// Reports keep refusals as text; what is told from there is what is told of the refusal.
    #[test]
    fn reasons_are_found_by_what_reports_say() {
        let mut all = vec![
            Refusal::malformed("zip: x"),
            Refusal::Ambiguous(mugai_core::Remark::fixed("zip: x")),
            Refusal::Encrypted(mugai_core::Remark::fixed("zip: x")),
            Refusal::unsupported("zip: x"),
            Refusal::Forbidden(mugai_core::Remark::fixed("zip: x")),
            Refusal::Lost(Loss::Deadline),
            Refusal::Lost(Loss::Crash),
            Refusal::CHECKER_LOST,
            Refusal::internal("x"),
        ];
        all.extend(
            Resource::ALL
                .into_iter()
                .map(|resource| Refusal::Overrun { resource, limit: 7 }),
        );
        for refusal in all {
            for lang in [Lang::Ja, Lang::En] {
                let found = reason_of_detail(lang, &refusal.to_string());
                assert_eq!(found, Some(reason(lang, &refusal)), "{refusal}");
            }
        }
        assert_eq!(reason_of_detail(Lang::Ja, "of tomorrow: x"), None);
    }

    #[test]
    fn details_are_japanese_where_there_are_words_for_them() {
        for (text, want) in [
            (
                "forbidden: policy: this kind is withheld",
                "ポリシーがこの種類を除去すると定めています",
            ),
            ("overrun: bytes over 157286400", "上限は 150 MiB です"),
            ("overrun: bytes over 1000", "上限は 1000 バイトです"),
            ("overrun: depth over 5", "上限は 5 段です"),
            (
                "malformed: zip: two directories",
                "malformed: zip: two directories (管理者向け)",
            ),
        ] {
            assert_eq!(detail(Lang::Ja, text), want);
            assert_eq!(detail(Lang::En, text), text);
        }
    }
}
