//! The footer of a sanitised message: what was rewritten, removed and withheld.

use mugai_core::{FindingCode, Kind, Lang, Refusal};
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
    pub(crate) reply_to: Vec<String>,
    pub(crate) findings: Vec<(FindingCode, u32)>,
    pub(crate) from_html: bool,
}

/// Findings that a reader should know of, in the order of the footer.
const TOLD: [(&[FindingCode], &str, &str); 15] = [
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
        &[FindingCode::MimeSigned],
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
];

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

fn files(out: &mut String, ja: bool, lang: Lang, summary: &Summary) {
    for address in &summary.reply_to {
        let label = if ja {
            "・差出人と異なる返信先"
        } else {
            "- replies would go elsewhere"
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
        for made in &summary.made {
            if made.was == made.is {
                let _ = writeln!(out, "  {}", made.is);
            } else {
                let _ = writeln!(out, "  {} → {}", made.was, made.is);
            }
        }
    }
    if !summary.withheld.is_empty() {
        let count = summary.withheld.len();
        let _ = if ja {
            writeln!(out, "・取り除いた部分: {count}件")
        } else {
            writeln!(out, "- withheld: {count}")
        };
        for part in &summary.withheld {
            let kind = super::kind_name(lang, part.kind);
            let reason = super::reason(lang, &part.refusal);
            let _ = writeln!(out, "  {} [{kind}] {reason}", part.name);
        }
        let _ = if ja {
            writeln!(
                out,
                "  必要なときは受付番号を添えて情報システム担当へお問い合わせください。"
            )
        } else {
            writeln!(
                out,
                "  To ask for an original, give the reference to your system administrators."
            )
        };
    }
}
