//! Kinds and reasons in the reader's language.

use mugai_core::{Family, Kind, Lang, Loss, Refusal, Resource};

/// What a kind is called: its short name, and what it is in words.
#[must_use]
pub fn kind_name(lang: Lang, kind: Option<Kind>) -> String {
    let Some(kind) = kind else {
        return match lang {
            Lang::Ja => "不明(開けませんでした)".to_owned(),
            Lang::En => "unknown (could not be opened)".to_owned(),
        };
    };
    let family = match (kind.family(), lang) {
        (Family::Mail, Lang::Ja) => "メール",
        (Family::Mail, Lang::En) => "mail",
        (Family::Text, Lang::Ja) => "テキスト",
        (Family::Text, Lang::En) => "text",
        (Family::Csv, Lang::Ja) => "CSV表",
        (Family::Csv, Lang::En) => "CSV table",
        (Family::Html, Lang::Ja) => "HTML文書",
        (Family::Html, Lang::En) => "HTML page",
        (Family::Image, Lang::Ja) => "画像",
        (Family::Image, Lang::En) => "picture",
        (Family::Pdf, Lang::Ja) => "PDF文書",
        (Family::Pdf, Lang::En) => "PDF document",
        (Family::Word, Lang::Ja) => "Word文書",
        (Family::Word, Lang::En) => "Word document",
        (Family::Sheet, Lang::Ja) => "Excelブック",
        (Family::Sheet, Lang::En) => "Excel workbook",
        (Family::Slides, Lang::Ja) => "PowerPoint文書",
        (Family::Slides, Lang::En) => "PowerPoint presentation",
        (Family::Office, Lang::Ja) => "Office文書",
        (Family::Office, Lang::En) => "office document",
        (Family::Archive, Lang::Ja) => "書庫・圧縮ファイル",
        (Family::Archive, Lang::En) => "archive",
        (Family::Container, Lang::Ja) => "メール付属の特殊形式",
        (Family::Container, Lang::En) => "special mail format",
        (Family::Active, Lang::Ja) => "実行・読み込み用ファイル",
        (Family::Active, Lang::En) => "executable or loadable file",
        (Family::Other, Lang::Ja) => "その他の形式",
        (Family::Other, Lang::En) => "other format",
    };
    format!("{}({family})", kind.code())
}

/// Why something is withheld, in a sentence for everybody.
#[must_use]
pub fn reason(lang: Lang, refusal: &Refusal) -> &'static str {
    match (refusal, lang) {
        (Refusal::Malformed(_), Lang::Ja) => "形式が壊れているため、安全に読み取れません",
        (Refusal::Malformed(_), Lang::En) => "it is malformed and cannot be read safely",
        (Refusal::Ambiguous(_), Lang::Ja) => "内容が複数の意味に読めるため、安全と判断できません",
        (Refusal::Ambiguous(_), Lang::En) => "it can be read in more than one way",
        (Refusal::Encrypted(_), Lang::Ja) => "暗号化またはパスワードにより中身を確認できません",
        (Refusal::Encrypted(_), Lang::En) => "it is encrypted and cannot be inspected",
        (Refusal::Unsupported(_), Lang::Ja) => "この形式の無害化にはまだ対応していません",
        (Refusal::Unsupported(_), Lang::En) => "this format cannot be sanitised yet",
        (Refusal::Forbidden(_), Lang::Ja) => "この種類のファイルは規則により通過できません",
        (Refusal::Forbidden(_), Lang::En) => "the policy does not let this kind of file through",
        (Refusal::Overrun { resource, .. }, lang) => overrun(lang, *resource),
        (Refusal::Lost(Loss::Deadline), Lang::Ja) => "処理が制限時間内に終わりませんでした",
        (Refusal::Lost(Loss::Deadline), Lang::En) => "it could not be processed in time",
        (Refusal::Lost(Loss::Crash), Lang::Ja) => "読み取り処理が異常終了しました",
        (Refusal::Lost(Loss::Crash), Lang::En) => "the process that read it was lost",
        (Refusal::Unverified(_), Lang::Ja) => {
            "作り直した結果が検証に合格しませんでした(管理者へ通知)"
        }
        (Refusal::Unverified(_), Lang::En) => "the rebuilt file did not pass verification",
        (Refusal::Internal(_), Lang::Ja) => "無害化システム内部の問題です(管理者へ通知)",
        (Refusal::Internal(_), Lang::En) => "a fault of the sanitiser itself",
    }
}

const fn overrun(lang: Lang, resource: Resource) -> &'static str {
    match (resource, lang) {
        (Resource::Bytes, Lang::Ja) => "大きさが上限を超えています",
        (Resource::Bytes, Lang::En) => "it is larger than the limit",
        (Resource::Pixels, Lang::Ja) => "画像の大きさが上限を超えています",
        (Resource::Pixels, Lang::En) => "its pictures are larger than the limit",
        (Resource::Parts, Lang::Ja) => "含まれるファイルの数が上限を超えています",
        (Resource::Parts, Lang::En) => "it holds more files than the limit",
        (Resource::Depth, Lang::Ja) => "入れ子の深さが上限を超えています",
        (Resource::Depth, Lang::En) => "it is nested deeper than the limit",
        (Resource::Steps, Lang::Ja) => "処理量が上限を超えています",
        (Resource::Steps, Lang::En) => "it takes more work than the limit",
    }
}
