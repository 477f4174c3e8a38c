//! Tries the way of a mail, step by step.

use crate::config::{Config, Rule};
use crate::hold::Hold;
use crate::mail::{Content, Envelope, Mail, Recipient};
use crate::notice;
use crate::sanitise::Sanitiser;
use crate::seal;
use crate::smtp::client::Next;
use crate::smtp::path::Path;
use mugai_engine::notice::Letter;

/// A step, and how it went: in words, good or bad.
pub type Step = (String, Result<String, String>);

/// Has a mail of our own sanitised by each rule, asks the next mail server what it can do, and, with a
/// recipient, sends the mail through the relay that runs: from its address to the mailbox. Nothing is sent
/// anywhere without a recipient.
pub async fn check(config: &Config, sanitiser: &Sanitiser, to: Option<&str>) -> Vec<Step> {
    let mut steps = Vec::new();
    let mail = match mail(config, to) {
        Ok(mail) => mail,
        Err(problem) => return vec![("a mail of our own".to_owned(), Err(problem))],
    };
    steps.push((
        format!("state folder: {}", config.state.display()),
        writable(config),
    ));
    if let Some(template) = &config.notice.template {
        let text = std::fs::read_to_string(template);
        let outcome = text.map(|_| "can be read".to_owned());
        steps.push((
            format!("template of notices: {}", template.display()),
            outcome.map_err(|error| error.to_string()),
        ));
    }
    if let Some(sealing) = &config.sealing {
        steps.push((
            format!("seals: {}", sealing.key.display()),
            sealed(config, &mail),
        ));
    }
    let mut rules: Vec<&Rule> = config.recipients.rules().collect();
    rules.sort();
    rules.dedup();
    for rule in rules {
        let name = format!(
            "sanitise: policy {:?} from {} to {}",
            rule.policy, rule.from, rule.to
        );
        let mail = Mail {
            envelope: Envelope::default(),
            content: Content::Held(mugai_core::Untrusted::new(mail.clone())),
            digest: blake3::hash(&mail),
        };
        let made = sanitiser.sanitise(config, rule, &mail).await;
        let outcome = match made {
            Ok(made) if made.mail.is_some() => Ok(format!("a new mail [{}]", made.told.id)),
            Ok(made) => {
                let reason = made.told.refusal.unwrap_or_default();
                Ok(format!("the whole mail is withheld: {}", reason.detail))
            }
            Err(trouble) => Err(trouble.to_string()),
        };
        steps.push((name, outcome));
    }
    let next = Next::connect(config.next.address, &config.name, config.next.timeout).await;
    let outcome = match next {
        Ok(next) => {
            let abilities = next.abilities();
            next.quit().await;
            Ok(abilities)
        }
        Err(trouble) => Err(trouble.to_string()),
    };
    steps.push((
        format!("next mail server: {}", config.next.address),
        outcome,
    ));
    if let (Some(to), Some(address)) = (to, config.listen.smtp) {
        let outcome = through(config, address, to, &mail).await;
        steps.push((format!("through the relay at {address}"), outcome));
    }
    steps
}

/// Whether a file can be made where originals are kept. A relay that runs has the record to itself.
fn writable(config: &Config) -> Result<String, String> {
    let hold = Hold::open(&config.state).map_err(|error| error.to_string())?;
    let file = tempfile::NamedTempFile::new_in(hold.folder());
    file.map(|_| "can be written to".to_owned())
        .map_err(|error| error.to_string())
}

/// Seals the mail, and says what has to be published for others to see that the seal holds.
fn sealed(config: &Config, mail: &[u8]) -> Result<String, String> {
    let sealer = seal::sealer(config)?.ok_or("there is no key")?;
    let _ = sealer.seal(mail, notice::now())?;
    let (name, text) = sealer.published();
    Ok(format!(
        "made. The domain name system must have: {name} TXT \"{text}\""
    ))
}

async fn through(
    config: &Config,
    address: std::net::SocketAddr,
    to: &str,
    mail: &[u8],
) -> Result<String, String> {
    let path = match Path::read(&format!("<{to}>")) {
        Some((path, "")) if !path.is_empty() => path,
        _ => return Err("the recipient is not an address".to_owned()),
    };
    let recipient = Recipient {
        path,
        parameters: Vec::new(),
    };
    let relay = Next::connect(address, &config.name, config.next.timeout).await;
    let mut relay = relay.map_err(|trouble| trouble.to_string())?;
    let sent = relay
        .send(&Envelope::default(), &[&recipient], &[mail])
        .await;
    let sent = sent.map_err(|trouble| trouble.to_string())?;
    relay.quit().await;
    match sent.into_iter().next() {
        Some(Ok(())) => Ok("delivered to the next mail server".to_owned()),
        Some(Err(trouble)) => Err(trouble.to_string()),
        None => Err("no result".to_owned()),
    }
}

/// A mail that says what it is.
fn mail(config: &Config, to: Option<&str>) -> Result<Vec<u8>, String> {
    let seed = notice::now().to_le_bytes();
    let ticket = mugai_engine::notice::ticket(blake3::hash(&seed).as_bytes());
    let to: Vec<&str> = to.into_iter().collect();
    notice::write(&Letter {
        from: &config.notice.from,
        to: &to,
        subject: "無害化中継の確認 / a check of the relay",
        body: "このメールは中継の確認のために送られました。\nThis mail was sent to check the relay.\n",
        ticket: &ticket,
        verdict: "check",
        date: notice::now(),
    })
    .map_err(|trouble| trouble.to_string())
}
