//! The footer of a sanitised message: what was rewritten, removed and withheld.

use mugai_core::{AuthMethod, AuthResult, AuthVerdict, FindingCode, Kind, Lang, Refusal};
use std::fmt::Write as _;

/// A file that was made anew.
pub(crate) struct Made {
    pub(crate) was: String,
    pub(crate) is: String,
}

/// A part that was withheld.
pub(crate) struct Withheld {
    pub(crate) name: String,
    pub(crate) kind: Option<Kind>,
    pub(crate) refusal: Refusal,
}

/// What happened to a message, for its reader.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) ticket: String,
    pub(crate) made: Vec<Made>,
    pub(crate) withheld: Vec<Withheld>,
    /// Where replies would have gone, were that not taken out: names and addresses that nothing makes links of.
    pub(crate) reply_to: Vec<String>,
    pub(crate) findings: Vec<(FindingCode, u32)>,
    pub(crate) from_html: bool,
    /// Whom to ask for originals, in the administrator's words.
    pub(crate) contact: Option<String>,
    /// What our own server found out about the sender, a result a method.
    pub(crate) senders: Vec<AuthResult>,
}

/// Findings that a reader should know of, in the order of the footer.
const TOLD: [(&[FindingCode], &str, &str); 34] = [
    (
        &[FindingCode::HtmlLinkMismatch],
        "⚠ 表示と異なるリンク先",
        "⚠ links that lead elsewhere than they say",
    ),
    (
        &[FindingCode::HtmlLink, FindingCode::TextDefanged],
        "クリックできない形にしたリンク",
        "links made unclickable",
    ),
    (
        &[FindingCode::HtmlScheme],
        "危険な種類のリンク(除去)",
        "links of dangerous kinds (removed)",
    ),
    (
        &[FindingCode::HtmlStruck],
        "取消線の文字(角括弧で表示)",
        "struck-out texts (in brackets)",
    ),
    (
        &[FindingCode::HtmlHidden],
        "見えない文字列(除去)",
        "hidden texts (removed)",
    ),
    (
        &[
            FindingCode::HtmlScript,
            FindingCode::HtmlForm,
            FindingCode::HtmlRefresh,
        ],
        "スクリプト・フォーム等(除去)",
        "scripts, forms and the like (removed)",
    ),
    (
        &[FindingCode::HtmlTracking, FindingCode::HtmlRemote],
        "外部から読み込む画像等(除去)",
        "remote pictures (removed)",
    ),
    (
        &[
            FindingCode::TextBidi,
            FindingCode::TextZeroWidth,
            FindingCode::TextControl,
            FindingCode::TextTag,
            FindingCode::NameBidi,
        ],
        "見えない制御文字(除去)",
        "invisible characters (removed)",
    ),
    (
        &[FindingCode::TextGaiji],
        "表示できない外字・絵文字(〓で表示)",
        "characters without a standard form (shown as 〓)",
    ),
    (
        &[FindingCode::TextUndecodable],
        "読み取れない文字",
        "undecodable characters",
    ),
    (
        &[FindingCode::TextEncrypted],
        "暗号化された文(中は未検査、文字のまま)",
        "encrypted text (not looked into, left as letters)",
    ),
    (
        &[FindingCode::TextSigned],
        "本文中の電子署名(未検証、文字のまま)",
        "text signed in place (not verified, left as letters)",
    ),
    (
        &[FindingCode::TextTruncated],
        "長すぎるため切り詰めた宛先・文字列",
        "recipients or texts too long (cut)",
    ),
    (
        &[FindingCode::OfficeMacro],
        "マクロ(除去)",
        "macros (removed)",
    ),
    (
        &[
            FindingCode::PdfScript,
            FindingCode::PdfAction,
            FindingCode::PdfXfa,
        ],
        "PDFのスクリプト・自動動作(除去)",
        "scripts and actions of PDF (removed)",
    ),
    (
        &[FindingCode::OfficeControl],
        "文書の入力部品・ActiveXコントロール(除去)",
        "controls of documents (removed)",
    ),
    (
        &[FindingCode::OfficeEmbedded, FindingCode::PdfEmbedded],
        "文書に埋め込まれていたファイル(除去)",
        "files embedded in documents (removed)",
    ),
    (
        &[FindingCode::OfficeMedia],
        "文書の音声・動画・アニメーション(除去)",
        "sound, video and animation of documents (removed)",
    ),
    (
        &[FindingCode::CalendarActive],
        "予定・名刺の添付・画像・通知(除去)",
        "attachments, pictures and alarms of calendar entries and cards (removed)",
    ),
    (
        &[FindingCode::OfficeExternal],
        "文書の外部参照(除去)",
        "external references of documents (removed)",
    ),
    (
        &[FindingCode::OfficeField],
        "文書の動作するフィールド(結果の文字に変更)",
        "active fields of documents (now their results)",
    ),
    (
        &[FindingCode::OfficeFormula],
        "数式(値に変更)",
        "formulas (now their values)",
    ),
    (
        &[FindingCode::CsvFormula],
        "数式として動くCSVのセル(文字に変更)",
        "cells of CSV that would run as formulas (now text)",
    ),
    (
        &[FindingCode::OfficeComment],
        "文書のコメント(除去)",
        "comments of documents (removed)",
    ),
    (
        &[FindingCode::ImageAnimation],
        "動く画像の2コマ目以降(除去)",
        "frames of animated pictures after the first (removed)",
    ),
    (
        &[
            FindingCode::ArchivePassword,
            FindingCode::OfficePassword,
            FindingCode::PdfPassword,
        ],
        "パスワードで開いて無害化したもの",
        "opened with a password and sanitised",
    ),
    (
        &[
            FindingCode::MimeSigned,
            FindingCode::PdfSignature,
            FindingCode::OfficeSignature,
        ],
        "電子署名あり・未検証(除去)",
        "signed, not verified (signature removed)",
    ),
    (
        &[FindingCode::MimeResourceFork],
        "Macのリソースフォーク(除去)",
        "resource forks of a Macintosh (removed)",
    ),
    (
        &[FindingCode::FileEmpty],
        "空の添付ファイル(除去)",
        "empty attachments (removed)",
    ),
    (
        &[FindingCode::MimeExternalBody],
        "外部参照の添付(除去)",
        "attachments by reference (removed)",
    ),
    (
        &[FindingCode::MimeAlternativeDiffers],
        "内容の異なる別形式の本文(除去)",
        "alternative bodies that say something else (removed)",
    ),
    (
        &[FindingCode::MimeEmbedded],
        "本文に埋め込まれていたファイル(添付に変更)",
        "files inside the text (now attachments)",
    ),
    (
        &[FindingCode::ArchiveLink],
        "書庫の中のリンク・デバイス(除去)",
        "links and devices in archives (removed)",
    ),
    (
        &[FindingCode::MboxLeading],
        "メールボックスの最初のメールより前にあったデータ(別ファイルに変更)",
        "data before the first message of a mailbox (now a file)",
    ),
];

/// How many files are named in a list: the footer must not bury the message.
const MAX_NAMED: usize = 30;

/// Says how many files of a list are not named.
fn others(out: &mut String, ja: bool, count: usize) {
    let others = count.saturating_sub(MAX_NAMED);
    if others > 0 {
        let _ = if ja {
            writeln!(out, "  ほか {others} 件")
        } else {
            writeln!(out, "  and {others} more")
        };
    }
}

/// The footer, without a blank line before it.
pub(crate) fn footer(lang: Lang, summary: &Summary) -> String {
    let ja = lang == Lang::Ja;
    let mut out = String::from("――――――――――――――――――――\n");
    let say = |out: &mut String, text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    say(
        &mut out,
        if ja {
            format!("【無害化のお知らせ】 受付番号: {}", summary.ticket)
        } else {
            format!("[Sanitised message] reference: {}", summary.ticket)
        },
    );
    say(
        &mut out,
        match (ja, summary.from_html) {
            (true, true) => {
                "このメールは安全のため作り直されました。本文はHTMLからテキストに変換しました。"
                    .into()
            }
            (true, false) => "このメールは安全のため作り直されました。".into(),
            (false, true) => {
                "This message was rebuilt for safety. Its body was converted from HTML to text."
                    .into()
            }
            (false, false) => "This message was rebuilt for safety.".into(),
        },
    );
    if let Some(text) = senders(ja, &summary.senders) {
        say(&mut out, text);
    }
    for (codes, japanese, english) in TOLD {
        let told = summary
            .findings
            .iter()
            .filter(|(code, _)| codes.contains(code));
        let count = told.fold(0u32, |sum, (_, count)| sum.saturating_add(*count));
        if count > 0 {
            say(
                &mut out,
                if ja {
                    format!("・{japanese}: {count}件")
                } else {
                    format!("- {english}: {count}")
                },
            );
        }
    }
    files(&mut out, ja, lang, summary);
    out
}

/// Whether the sender is who it says, as far as that could be found out.
fn senders(ja: bool, results: &[AuthResult]) -> Option<String> {
    if results.is_empty() {
        return None;
    }
    let shown: Vec<String> = results
        .iter()
        .map(|result| {
            let method = result.method.code().to_ascii_uppercase();
            let verdict = match (result.verdict, ja) {
                (AuthVerdict::Pass, true) => "合格",
                (AuthVerdict::Fail, true) => "不合格",
                (AuthVerdict::Softfail, true) => "不合格の疑い",
                (AuthVerdict::None, true) => "なし",
                (_, true) => "判定できず",
                (verdict, false) => verdict.code(),
            };
            let domain = result.domain.as_ref().map_or_else(String::new, |domain| {
                format!(" ({})", domain.as_str().replace('.', "[.]"))
            });
            format!("{method} {verdict}{domain}")
        })
        .collect();
    let bad = results
        .iter()
        .any(|result| result.method == AuthMethod::Dmarc && result.verdict == AuthVerdict::Fail);
    Some(match (ja, bad) {
        (true, true) => format!(
            "⚠ 差出人が詐称されているおそれがあります: {}",
            shown.join("、")
        ),
        (true, false) => format!("・差出人の確認: {}", shown.join("、")),
        (false, true) => format!("⚠ the sender may be forged: {}", shown.join(", ")),
        (false, false) => format!("- the sender: {}", shown.join(", ")),
    })
}

fn files(out: &mut String, ja: bool, lang: Lang, summary: &Summary) {
    for address in &summary.reply_to {
        let label = if ja {
            "・差出人と異なる返信先(除去)"
        } else {
            "- replies would have gone elsewhere (removed)"
        };
        let _ = writeln!(out, "{label}: {address}");
    }
    if !summary.made.is_empty() {
        let count = summary.made.len();
        let _ = if ja {
            writeln!(out, "・作り直した添付ファイル: {count}件")
        } else {
            writeln!(out, "- attachments made anew: {count}")
        };
        for made in summary.made.iter().take(MAX_NAMED) {
            if made.was == made.is {
                let _ = writeln!(out, "  {}", made.is);
            } else {
                let _ = writeln!(out, "  {} → {}", made.was, made.is);
            }
        }
        others(out, ja, count);
    }
    if !summary.withheld.is_empty() {
        let count = summary.withheld.len();
        let _ = if ja {
            writeln!(out, "・取り除いた部分: {count}件")
        } else {
            writeln!(out, "- withheld: {count}")
        };
        for part in summary.withheld.iter().take(MAX_NAMED) {
            let kind = super::kind_name(lang, part.kind);
            let reason = super::reason(lang, &part.refusal);
            let _ = writeln!(out, "  {} [{kind}] {reason}", part.name);
        }
        others(out, ja, count);
        let _ = match (&summary.contact, ja) {
            (Some(contact), true) => writeln!(
                out,
                "  必要なときは受付番号を添えて次へお問い合わせください: {contact}"
            ),
            (Some(contact), false) => {
                writeln!(
                    out,
                    "  To ask for an original, give the reference to: {contact}"
                )
            }
            (None, true) => writeln!(
                out,
                "  必要なときは受付番号を添えて情報システム担当へお問い合わせください。"
            ),
            (None, false) => writeln!(
                out,
                "  To ask for an original, give the reference to your system administrators."
            ),
        };
    }
}
