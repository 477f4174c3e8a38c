//! A mail to each recipient about what was withheld from them lately.

use crate::config::Config;
use crate::hold::{Entry, Hold};
use crate::mail::{Envelope, Recipient};
use crate::notice;
use crate::smtp::client::Next;
use crate::smtp::path::Path;
use crate::trouble::Trouble;
use mugai_core::Lang;
use mugai_engine::notice::Letter;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

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
        put(&mut body, entry, ja);
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

fn put(body: &mut String, entry: &Entry, ja: bool) {
    let seconds = u64::try_from(entry.time).unwrap_or(0);
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    let time = time.map_or_else(String::new, |time| {
        humantime::format_rfc3339_seconds(time).to_string()
    });
    let sender = entry.sender.replace('@', "[@]");
    // writing to a text never fails
    let _ = if ja {
        write!(
            body,
            "\n受付番号: {}\n日時(UTC): {time}\n差出人(封筒): {sender}\n",
            entry.id
        )
    } else {
        write!(
            body,
            "\nReference: {}\nTime (UTC): {time}\nSender (envelope): {sender}\n",
            entry.id
        )
    };
    for part in &entry.parts {
        let _ = writeln!(body, "  {} [{}] {}", part.name, part.kind, part.detail);
    }
}
