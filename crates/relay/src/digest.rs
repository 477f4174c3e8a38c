//! A mail to each recipient about what was withheld from them lately.

use crate::about::About;
use crate::config::Config;
use crate::hold::{Entry, Hold};
use crate::mail::{Envelope, Recipient};
use crate::notice;
use crate::sanitise::NAME;
use crate::smtp::client::Next;
use crate::smtp::path::Path;
use crate::trouble::Trouble;
use mugai_core::Lang;
use mugai_engine::notice::{Letter, kind_of_code, reason_of_detail};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// The most mails that are listed in one letter.
const MOST: usize = 500;

/// Writes to everybody from whom something was withheld within `since`, and hands the letters to the next mail
/// server; gives their number. The letters have no sender to bounce to, and are marked as made by a machine.
///
/// # Errors
/// What could not be read, or why a letter was not taken; letters before it were.
pub async fn digest(config: &Config, since: Duration) -> Result<usize, String> {
    let hold = Hold::open(&config.state).map_err(|error| error.to_string())?;
    let oldest = notice::now().saturating_sub(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    let mut by_recipient: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in hold.since(oldest).map_err(|error| error.to_string())? {
        for recipient in &entry.recipients {
            by_recipient
                .entry(recipient.clone())
                .or_default()
                .push(entry.clone());
        }
    }
    if by_recipient.is_empty() {
        return Ok(0);
    }
    let trouble = |trouble: Trouble| trouble.to_string();
    let next = Next::connect(config.next.address, &config.name, config.next.timeout).await;
    let mut next = next.map_err(trouble)?;
    let mut sent = 0usize;
    for (recipient, entries) in &by_recipient {
        let Some((path, "")) = Path::read(&format!("<{recipient}>")) else {
            continue;
        };
        let mail = letter(config, recipient, entries).map_err(trouble)?;
        let to = Recipient {
            path,
            parameters: Vec::new(),
        };
        match next.send(&Envelope::default(), &[&to], &[&mail]).await {
            Ok(results) => {
                if let Some(Err(refused)) = results.into_iter().next() {
                    tracing::warn!(%refused, "a digest was not taken");
                } else {
                    sent = sent.saturating_add(1);
                }
            }
            // one letter that is not taken does not keep those of all others
            Err(refused) => {
                tracing::warn!(%refused, "a digest was not taken");
                let again = Next::connect(config.next.address, &config.name, config.next.timeout);
                next = again.await.map_err(trouble)?;
            }
        }
    }
    next.quit().await;
    Ok(sent)
}

fn letter(config: &Config, recipient: &str, entries: &[Entry]) -> Result<Vec<u8>, Trouble> {
    let ja = config.notice.lang == Lang::Ja;
    let many = entries.len();
    let subject = if ja {
        format!("【無害化】取り除かれたもののお知らせ({many}件)")
    } else {
        format!("[Sanitised] what was withheld ({many})")
    };
    let mut body = if ja {
        "次のメールから、安全のため取り除かれたものがあります。\n\
         必要なときは受付番号を添えて情報システム担当へお問い合わせください。\n"
            .to_owned()
    } else {
        "Parts of these mails were withheld for safety.\n\
         To ask for an original, give the reference to your system administrators.\n"
            .to_owned()
    };
    for entry in entries.iter().take(MOST) {
        put(&mut body, entry, config.notice.lang);
    }
    if many > MOST {
        let more = many.saturating_sub(MOST);
        // writing to a text never fails
        let _ = if ja {
            writeln!(body, "\n(ほか{more}件)")
        } else {
            writeln!(body, "\n({more} more)")
        };
    }
    let ticket = ticket(recipient, entries);
    notice::write(&Letter {
        from: &config.notice.from,
        to: &[recipient],
        subject: &subject,
        body: &body,
        ticket: &ticket,
        verdict: "digest",
        date: notice::now(),
    })
}

/// A number for the letter itself.
fn ticket(recipient: &str, entries: &[Entry]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(recipient.as_bytes());
    for entry in entries {
        hasher.update(entry.id.as_bytes());
    }
    mugai_engine::notice::ticket(hasher.finalize().as_bytes())
}

fn put(body: &mut String, entry: &Entry, lang: Lang) {
    let ja = lang == Lang::Ja;
    let about = About {
        from: entry.from.clone(),
        subject: entry.subject.clone(),
    };
    let label = if ja { "受付番号" } else { "Reference" };
    let sender = notice::shown(&entry.sender, ja);
    let time = notice::clock(entry.time, ja);
    // writing to a text never fails
    let _ = writeln!(body, "\n{label}: {}", entry.id);
    body.push_str(&notice::head(&sender, &about, &time, ja));
    for part in &entry.parts {
        let kind = kind_of_code(lang, &part.kind).unwrap_or(&part.kind);
        let reason = reason_of_detail(lang, &part.detail).unwrap_or(&part.detail);
        let name = match (part.name.as_str(), ja) {
            (NAME, true) => "メール全体",
            (NAME, false) => "the whole mail",
            ("", true) => "(名前なし)",
            ("", false) => "(no name)",
            (name, _) => name,
        };
        let _ = writeln!(body, "  {name} [{kind}] {reason}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hold::Withheld;

    #[test]
    fn what_was_withheld_is_told_in_the_words_of_the_reader() {
        let part = |name: &str, kind: &str, detail: &str| Withheld {
            name: name.to_owned(),
            kind: kind.to_owned(),
            reason: String::new(),
            detail: detail.to_owned(),
        };
        let entry = Entry {
            time: 1_795_820_572,
            id: "MG-1".to_owned(),
            queue_id: String::new(),
            sender: "a@b.example".to_owned(),
            recipients: Vec::new(),
            from: "山田 <a[@]b.example>".to_owned(),
            subject: "写真です".to_owned(),
            whole: false,
            parts: vec![
                part(
                    "IMG_0001.HEIC",
                    "heif",
                    "forbidden: policy: this kind is withheld",
                ),
                part("", "unopened", "encrypted: archive: a password is needed"),
                part(NAME, "of tomorrow", "of tomorrow: x"),
            ],
        };
        let mut body = String::new();
        put(&mut body, &entry, Lang::Ja);
        assert_eq!(
            body,
            "\n受付番号: MG-1\n受信日時: 2026-11-28 08:02 (日本時間)\n差出人: 山田 <a[@]b.example>\n\
             エンベロープFrom: a[@]b.example\n件名: 写真です\n  \
             IMG_0001.HEIC [写真(HEIC)] この種類のファイルは規則により通過できません\n  \
             (名前なし) [不明(開けませんでした)] 暗号化またはパスワードにより中身を確認できません\n  \
             メール全体 [of tomorrow] of tomorrow: x\n"
        );
        body.clear();
        put(&mut body, &entry, Lang::En);
        assert!(body.contains("Received: 2026-11-27 23:02 UTC\n"), "{body}");
        assert!(
            body.contains("IMG_0001.HEIC [photo (HEIC)] the policy"),
            "{body}"
        );
    }
}
