//! What we say to the reader of a message: notices for what is withheld, and the footer.

mod footer;
mod letter;
mod words;

pub(crate) use footer::{Made, Summary, Withheld, footer};
pub use letter::{Letter, letter};
pub use words::{detail, kind_name, kind_of_code, reason, reason_of_detail};

use crate::policy::{Texts, fill};
use mugai_core::{Family, Kind, Lang, Refusal};

/// Crockford's base 32: no letter can be taken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The number of a job, `MG-XXXX-XXXX-XXXX`: 60 bits of the BLAKE3 of its input, so that the same
/// input has the same number everywhere, without a clock or a counter.
#[must_use]
pub fn ticket(digest: &[u8; 32]) -> String {
    let bits = digest
        .iter()
        .take(8)
        .fold(0u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let mut ticket = String::from("MG");
    for place in 0..12u32 {
        if place.is_multiple_of(4) {
            ticket.push('-');
        }
        let shift = 59u32.saturating_sub(place.saturating_mul(5));
        let index = usize::try_from((bits >> shift) & 31).unwrap_or(0);
        ticket.push(ALPHABET.get(index).copied().map_or('0', char::from));
    }
    ticket
}

/// How a mail is called that has no name.
const NAMELESS_MAIL: &str = "message.eml";

/// A part that is withheld, as its notice tells of it.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// The number of the job.
    pub ticket: &'a str,
    /// The place of the part.
    pub path: &'a str,
    /// Its name, made safe.
    pub name: &'a str,
    /// What it is.
    pub kind: Option<Kind>,
    /// Why it is withheld.
    pub refusal: &'a Refusal,
}

/// The text that stands in the place of a withheld part: ours, or the administrator's.
#[must_use]
pub fn withheld(lang: Lang, texts: &Texts, notice: &Notice<'_>) -> String {
    let Notice {
        ticket,
        path,
        name,
        kind,
        refusal,
    } = *notice;
    let how = how(lang, kind, refusal);
    let kind = kind_name(lang, kind);
    let reason = reason(lang, refusal);
    let detail = detail(lang, &refusal.to_string());
    if let Some(template) = &texts.notice {
        return fill(
            template,
            &[
                ("id", ticket),
                ("name", name),
                ("kind", kind),
                ("reason", reason),
                ("detail", &detail),
                ("place", path),
            ],
        );
    }
    let contact = contact(lang, texts);
    // what a mail server hands on has no name: ours says nothing
    let is_mail = name == NAMELESS_MAIL;
    match lang {
        Lang::Ja if is_mail => format!(
            "このメールは無害化処理により取り除かれました。\n\n\
             種類: {kind}\n理由: {reason}\n詳細: {detail}\n\
             受付番号: {ticket}\n場所: {path}\n\n{how}\
             元のメールが{contact}\n"
        ),
        Lang::En if is_mail => format!(
            "This mail was withheld by the content sanitiser.\n\n\
             Kind: {kind}\nReason: {reason}\nDetail: {detail}\n\
             Reference: {ticket}\nPlace: {path}\n\n{how}{contact}\n"
        ),
        Lang::Ja => format!(
            "このファイルは無害化処理により取り除かれました。\n\n\
             ファイル名: {name}\n種類: {kind}\n理由: {reason}\n詳細: {detail}\n\
             受付番号: {ticket}\n場所: {path}\n\n{how}\
             元のファイルが{contact}\n"
        ),
        Lang::En => format!(
            "This file was withheld by the content sanitiser.\n\n\
             File name: {name}\nKind: {kind}\nReason: {reason}\nDetail: {detail}\n\
             Reference: {ticket}\nPlace: {path}\n\n{how}{contact}\n"
        ),
    }
}

/// Whom to ask for an original.
fn contact(lang: Lang, texts: &Texts) -> String {
    match (&texts.contact, lang) {
        (Some(contact), Lang::Ja) => {
            format!("必要なときは、受付番号を添えて次へお問い合わせください: {contact}")
        }
        (Some(contact), Lang::En) => {
            format!("If you need the original, give this reference to: {contact}")
        }
        (None, Lang::Ja) => {
            "必要なときは、受付番号を添えて情報システム担当へお問い合わせください。".to_owned()
        }
        (None, Lang::En) => {
            "If you need the original, give this reference to your system administrators."
                .to_owned()
        }
    }
}

/// What its reader can do about what is withheld.
fn how(lang: Lang, kind: Option<Kind>, refusal: &Refusal) -> &'static str {
    // a file of an archive that stays closed is of no kind; encrypted mail has keys, not passwords
    let opens = |kind: Kind| {
        kind.family() == Family::Archive
            || matches!(kind, Kind::Ole2 | Kind::Word | Kind::Sheet | Kind::Slides)
    };
    if !kind.is_none_or(opens) {
        return "";
    }
    match (refusal, lang) {
        (Refusal::Encrypted(_), Lang::Ja) => {
            "パスワード付きのファイルは、パスワード(別のメールで届くことがあります)を受付番号とともに\
             情報システム担当へ知らせると、中身を無害化して受け取れます。\n"
        }
        (Refusal::Encrypted(_), Lang::En) => {
            "A file with a password can be sanitised with it: give the password, which may come in another \
             message, to your system administrators together with the reference.\n"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_are_made_of_the_digest_alone() {
        assert_eq!(ticket(&[0; 32]), "MG-0000-0000-0000");
        assert_eq!(ticket(&[0xff; 32]), "MG-ZZZZ-ZZZZ-ZZZZ");
        let mut one = [0; 32];
        one[7] = 0x10;
        assert_eq!(ticket(&one), "MG-0000-0000-0001");
    }

    #[test]
    fn a_notice_names_file_kind_reason_and_number() {
        let refusal = Refusal::malformed("zip: two directories");
        for (lang, words) in [
            (
                Lang::Ja,
                [
                    "a.zip",
                    "圧縮ファイル(ZIP)",
                    "壊れている",
                    "MG-1",
                    "0.2",
                    "zip: two directories",
                ],
            ),
            (
                Lang::En,
                [
                    "a.zip",
                    "archive",
                    "malformed",
                    "MG-1",
                    "0.2",
                    "zip: two directories",
                ],
            ),
        ] {
            let notice = Notice {
                ticket: "MG-1",
                path: "0.2",
                name: "a.zip",
                kind: Some(Kind::Zip),
                refusal: &refusal,
            };
            let text = withheld(lang, &Texts::default(), &notice);
            for word in words {
                assert!(text.contains(word), "{text} should say {word}");
            }
        }
    }
}
