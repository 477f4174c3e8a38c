//! What stands in a report in codes, in Japanese words.

use mugai_core::Lang;
use mugai_engine::notice;

/// Codes of findings (docs/findings.md) with their names, by code.
pub(super) const FINDINGS: [(&str, &str); 140] = [
    ("archive.code_page", "文字コードを判別したファイル名"),
    ("archive.comment", "書庫のコメント"),
    ("archive.desktop", "Macが添えたファイル"),
    ("archive.folder", "空のフォルダー"),
    ("archive.link", "書庫内のリンク・デバイス"),
    ("archive.odd", "異常な書き方の書庫"),
    ("archive.password", "書庫のパスワード(解除済み)"),
    ("calendar.active", "予定・名刺の添付・画像・通知"),
    ("calendar.cut", "途中で終わる予定・名刺"),
    ("csv.formula", "数式になるセル"),
    ("csv.ragged", "長さの違う行"),
    ("file.empty", "空のファイル"),
    ("file.polyglot", "別の種類としても読めるファイル"),
    ("html.comment", "HTMLのコメント"),
    ("html.data_uri", "データURIの画像"),
    ("html.form", "フォーム・入力欄"),
    ("html.hidden", "見えない文字"),
    ("html.idn", "ASCII以外の文字のホスト名"),
    ("html.image", "画像(代替文字で表示)"),
    ("html.link", "HTMLのリンク"),
    ("html.link_mismatch", "表示と異なるリンク先"),
    ("html.refresh", "自動転送"),
    ("html.remote", "外部から読み込む画像・部品"),
    ("html.scheme", "使えない種類のリンク"),
    ("html.script", "スクリプト・埋め込み部品"),
    ("html.struck", "取消線の文字(角括弧で明示)"),
    ("html.style", "スタイルシート"),
    ("html.tracking", "追跡用の画像"),
    ("image.alpha", "透明部分(白地に描画)"),
    ("image.animation", "2枚目以降のコマ"),
    ("image.depth", "8ビットを超える階調"),
    ("image.frames", "複数の画像(それぞれ1ページ)"),
    ("image.metadata", "画像のメタデータ"),
    ("image.orientation", "画像の向き"),
    ("image.profile", "カラープロファイル"),
    ("image.profile_unusable", "使えないカラープロファイル"),
    ("image.thumbnail", "縮小画像・隠れた画像"),
    ("image.trailing", "画像の後の余分なデータ"),
    ("image.truncated", "途中で終わる画像"),
    ("mail.address_invalid", "不正なメールアドレス"),
    ("mail.auth_results", "他のサーバーの認証結果"),
    ("mail.date_invalid", "読めない日付"),
    ("mail.from_conflict", "食い違う差出人"),
    ("mail.header_dropped", "引き継がないヘッダー"),
    ("mail.header_duplicate", "重複したヘッダー"),
    ("mail.header_injection", "改行を含むヘッダー"),
    ("mail.header_malformed", "不正なヘッダー行"),
    ("mail.msg_id_invalid", "不正なメッセージID"),
    ("mail.reply_to_differs", "差出人と異なる返信先"),
    ("mbox.leading", "最初のメールの前のデータ"),
    ("mbox.message", "メールボックス内のメール"),
    ("mime.alternative", "表示されない別形式の本文"),
    ("mime.alternative_differs", "形式により異なる本文"),
    ("mime.base64", "乱れたBase64"),
    ("mime.boundary", "異常な区切り"),
    ("mime.duplicate_header", "重複したMIMEヘッダー"),
    ("mime.embedded", "本文に埋め込まれたファイル"),
    ("mime.encoding", "異常な転送エンコーディング"),
    ("mime.encrypted", "暗号化された内容"),
    ("mime.external_body", "外部の内容への参照"),
    ("mime.hidden_area", "区切りの外に隠れた内容"),
    ("mime.name_conflict", "食い違う添付ファイル名"),
    ("mime.nesting", "深すぎる入れ子"),
    ("mime.no_delimiter", "区切りのないマルチパート"),
    ("mime.partial", "分割されたメール"),
    ("mime.resource_fork", "Macのリソースフォーク"),
    ("mime.signed", "電子署名(未検証)"),
    ("mime.type_lie", "内容と異なる種類の表示"),
    ("mime.unterminated", "終わりのないマルチパート"),
    ("name.bidi", "ファイル名の不可視・方向文字"),
    ("name.double_extension", "紛らわしい二重拡張子"),
    ("name.extension", "拡張子の変更"),
    ("name.truncated", "長すぎるファイル名"),
    ("name.unsafe", "安全でないファイル名"),
    ("office.comment", "文書のコメント"),
    ("office.comment_told", "コメント(本文に追記)"),
    ("office.control", "コントロール"),
    ("office.converted", "LibreOfficeで変換した文書"),
    ("office.converter", "変換機能なし"),
    ("office.custom_xml", "文書外のデータ・接続"),
    ("office.embedded", "埋め込みオブジェクト"),
    ("office.external", "外部への参照"),
    ("office.field", "動作するフィールド"),
    ("office.font", "埋め込みフォント"),
    ("office.font_replaced", "代わりのフォントで描いた文書"),
    ("office.formula", "計算以外の数式"),
    ("office.hidden", "隠れた文字・シート・行・列・スライド"),
    ("office.link", "文書のリンク"),
    ("office.macro", "マクロ"),
    ("office.markup", "引き継がないマークアップ"),
    ("office.media", "音声・動画・アニメーション"),
    ("office.metadata", "プロパティ・縮小画像・氏名"),
    ("office.package", "異常な書き方のパッケージ"),
    ("office.part", "引き継がない部品"),
    ("office.password", "文書のパスワード(解除済み)"),
    ("office.revision", "変更履歴(反映)"),
    ("office.signature", "電子署名(未検証)"),
    ("pdf.action", "アクション"),
    ("pdf.annotation", "注釈(ページに描画)"),
    ("pdf.covered", "隠れた画像・ページ外の画像"),
    ("pdf.embedded", "埋め込みファイル・メディア"),
    ("pdf.embedded_taken", "取り出した埋め込みファイル"),
    ("pdf.font_missing", "フォントなし"),
    ("pdf.font_substituted", "代わりのフォント"),
    ("pdf.form", "フォーム(ページに描画)"),
    ("pdf.glyph_missing", "字形のない文字"),
    ("pdf.image_broken", "読めない画像"),
    ("pdf.layer", "非表示のレイヤー"),
    ("pdf.link", "PDFのリンク"),
    ("pdf.link_kept", "リンク(作り直し)"),
    ("pdf.metadata", "文書情報・XMP"),
    ("pdf.outline", "しおり"),
    ("pdf.outline_kept", "しおり(作り直し)"),
    ("pdf.owner_password", "権限パスワードの制限"),
    ("pdf.page_blank", "何も描かれないページ"),
    ("pdf.page_drawn", "画像にしたページ"),
    ("pdf.page_scaled", "解像度を下げたページ"),
    ("pdf.password", "パスワード(解除済み)"),
    ("pdf.prefix", "先頭の余分なデータ"),
    ("pdf.region_drawn", "画像にした部分"),
    ("pdf.script", "JavaScript"),
    ("pdf.signature", "電子署名"),
    ("pdf.text_hidden", "見えない文字"),
    ("pdf.text_lost", "選択できない文字"),
    ("pdf.text_unknown", "意味の不明な文字"),
    ("pdf.trailing", "末尾の余分なデータ"),
    ("pdf.xfa", "XFAフォーム"),
    ("text.auto_decode", "自動で復号される行"),
    ("text.bidi", "書字方向を変える文字"),
    ("text.charset_lie", "宣言と異なる文字コード"),
    ("text.control", "制御文字"),
    ("text.defanged", "無効にしたリンク"),
    (
        "text.encrypted",
        "暗号化された文(未検査のまま文字として残る)",
    ),
    ("text.gaiji", "外字"),
    ("text.markup", "タグに見える文字列"),
    ("text.signed", "本文中の電子署名(未検証)"),
    ("text.tag", "Unicodeタグ文字"),
    ("text.truncated", "長すぎる文字列"),
    ("text.undecodable", "文字コードに合わないバイト"),
    ("text.zero_width", "不可視・ゼロ幅の文字"),
];

/// Codes of refusals (docs/report.md) with their names, by code.
pub(super) const REFUSALS: [(&str, &str); 10] = [
    ("ambiguous", "複数の意味に読める内容"),
    ("encrypted", "暗号化・パスワード"),
    ("forbidden", "規則による除去"),
    ("internal", "システム内部の問題"),
    ("lost_crash", "読み取りの異常終了"),
    ("lost_deadline", "時間切れ"),
    ("malformed", "形式の破損"),
    ("overrun", "上限の超過"),
    ("unsupported", "未対応の形式"),
    ("unverified", "検証の不合格"),
];

/// The name of a finding.
pub(super) fn finding(code: &str) -> Option<&'static str> {
    named(&FINDINGS, code)
}

/// The name of a finding, a refusal or a kind: no code is of two of them.
pub(super) fn called(code: &str) -> Option<&'static str> {
    finding(code)
        .or_else(|| named(&REFUSALS, code))
        .or_else(|| notice::kind_of_code(Lang::Ja, code))
}

/// What a refusal says of itself, for everybody; as it is where that is of another version.
pub(super) fn reason(detail: &str) -> String {
    match notice::reason_of_detail(Lang::Ja, detail) {
        Some(reason) => format!("{reason}。詳細: {}", notice::detail(Lang::Ja, detail)),
        None => detail.to_owned(),
    }
}

fn named(table: &[(&str, &'static str)], code: &str) -> Option<&'static str> {
    let place = table.binary_search_by(|(known, _)| (*known).cmp(code));
    table.get(place.ok()?).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{FindingCode, Kind};

    /// One without a name would stand there in English, one out of order would not be found.
    #[test]
    fn every_finding_and_refusal_has_a_name() {
        for table in [FINDINGS.as_slice(), REFUSALS.as_slice()] {
            assert!(table.is_sorted_by(|one, two| one.0 < two.0));
        }
        for code in FindingCode::ALL {
            assert!(finding(code.code()).is_some(), "{}", code.code());
        }
        assert_eq!(FINDINGS.len(), FindingCode::ALL.len());
        for (code, _) in REFUSALS {
            let detail = if code == "overrun" {
                "overrun: bytes over 1"
            } else {
                code
            };
            assert!(
                notice::reason_of_detail(Lang::Ja, detail).is_some(),
                "{code}"
            );
            assert!(Kind::ALL.iter().all(|kind| kind.code() != code), "{code}");
        }
        assert_eq!(called("heif"), Some("写真(HEIC)"));
        assert_eq!(called("no such"), None);
    }
}
