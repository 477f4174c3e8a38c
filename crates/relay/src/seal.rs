//! Seals (ARC, RFC 8617): whoever delivers a new mail later can tell that it comes from us, and what the
//! trusted mail server had found out about the one that it was made of.
//!
//! The signature of a sender cannot hold on a mail that was made anew, and neither can the chain of seals that
//! the old mail may have brought: its fields are not in the new mail, and a verifier needs all of them. So each
//! seal is the first one of its mail, and what the trusted server said of the old chain stands in its results. A
//! mail whose chain had failed gets none: who leaves out a broken chain and begins a new one makes it look whole.

mod canonical;
mod key;

use crate::config::{Config, Sealing};
use canonical::{Body, Fields, field};
use data_encoding::BASE64;
use key::{Key, KeyError};
use std::fmt::Write as _;

/// The longest line that is written, in bytes without its CRLF; longer ones hold one token.
const LINE: usize = 76;

/// Where results stand in a new mail: the fields of the old one are gone.
const RESULTS: &str = "x-mugai-auth";

/// What seals mails, where a configuration has it so.
///
/// # Errors
/// Why the key cannot be used; nothing of it is in there.
pub(crate) fn sealer(config: &Config) -> Result<Option<Sealer>, String> {
    let sealer = config.sealing.as_ref().map(Sealer::read).transpose();
    sealer.map_err(|error| error.to_string())
}

/// Makes seals.
pub(crate) struct Sealer {
    settings: Sealing,
    key: Key,
}

impl Sealer {
    /// Reads the private key.
    ///
    /// # Errors
    /// [`KeyError`] says why it cannot be used; nothing of the key is in it.
    pub(crate) fn read(settings: &Sealing) -> Result<Self, KeyError> {
        Ok(Self {
            key: Key::read(&settings.key)?,
            settings: settings.clone(),
        })
    }

    /// Where the public key has to be found, and what has to stand there (RFC 6376, section 3.6.1).
    pub(crate) fn published(&self) -> (String, String) {
        let Sealing {
            selector, domain, ..
        } = &self.settings;
        let (kind, public) = self.key.public();
        (
            format!("{selector}._domainkey.{domain}"),
            format!("v=DKIM1; k={kind}; p={}", BASE64.encode(&public)),
        )
    }

    /// The three fields that go before a new mail, each ended by CRLF. `None` when the chain of the old mail
    /// had failed. `mail` is one of ours: lines end with CRLF, and a header is there. `time` is in seconds
    /// since 1970.
    ///
    /// # Errors
    /// What does not work, in words of ours.
    pub(crate) fn seal(&self, mail: &[u8], time: i64) -> Result<Option<String>, &'static str> {
        let (fields, body) = Fields::read(mail).ok_or("a mail of ours without a header")?;
        let found = fields.last(RESULTS);
        let Some(results) = results(found.as_deref().unwrap_or_default()) else {
            return Ok(None);
        };
        let Sealing {
            domain,
            selector,
            server,
            ..
        } = &self.settings;
        let mut told = format!("ARC-Authentication-Results: i=1; {server};");
        for (place, result) in results.iter().enumerate() {
            let mark = if place.saturating_add(1) < results.len() {
                ";"
            } else {
                ""
            };
            told.push_str("\r\n ");
            told.push_str(result);
            told.push_str(mark);
        }
        let algorithm = self.key.algorithm();
        let mut digest = Body::new();
        digest.take(body);
        let mut signature = format!(
            "ARC-Message-Signature: i=1; a={algorithm}; c=relaxed/relaxed;\r\n \
             d={domain}; s={selector}; t={time};\r\n h="
        );
        let names = fields.signed(&self.settings.headers);
        list(&mut signature, &names);
        let hash = BASE64.encode(digest.finish().as_ref());
        // writing to a text never fails
        let _ = write!(signature, ";\r\n bh={hash};\r\n b=");
        let mut whole = Vec::new();
        fields.canonical(&names, &mut whole);
        field(&signature, &mut whole);
        self.sign(&mut signature, &whole)?;

        let mut seal = format!(
            "ARC-Seal: i=1; a={algorithm}; t={time}; cv=none;\r\n d={domain}; s={selector};\r\n b="
        );
        let mut whole = Vec::new();
        for one in [&told, &signature] {
            field(one, &mut whole);
            whole.extend_from_slice(b"\r\n");
        }
        field(&seal, &mut whole);
        self.sign(&mut seal, &whole)?;
        Ok(Some(format!("{seal}\r\n{signature}\r\n{told}\r\n")))
    }

    /// Puts the signature of `input` behind a field that ends with `b=`.
    fn sign(&self, field: &mut String, input: &[u8]) -> Result<(), &'static str> {
        let signature = self.key.sign(input).ok_or("the key does not sign")?;
        let text = BASE64.encode(&signature);
        let mut left = LINE.saturating_sub(3);
        for letter in text.chars() {
            if left == 0 {
                field.push_str("\r\n ");
                left = LINE.saturating_sub(1);
            }
            field.push(letter);
            left = left.saturating_sub(1);
        }
        Ok(())
    }
}

/// What RFC 8601 would have of `v1; dmarc=pass b.jp; spf=none`, result by result; `none` where nothing was found
/// out. `None` when the chain of the old mail had failed.
fn results(found: &str) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for word in found.split(';').skip(1) {
        let mut parts = word.split_ascii_whitespace();
        let (result, about) = (parts.next().unwrap_or_default(), parts.next());
        let (method, verdict) = result.split_once('=').unwrap_or_default();
        let property = match method {
            "dmarc" => Some("header.from"),
            "dkim" => Some("header.d"),
            "arc" if verdict == "fail" => return None,
            // of spf it may be the name in EHLO as well: a comment says it
            "spf" | "arc" => None,
            _ => continue,
        };
        all.push(match (property, about) {
            (Some(property), Some(domain)) => format!("{result} {property}={domain}"),
            (None, Some(domain)) if method == "spf" => format!("{result} ({domain})"),
            _ => result.to_owned(),
        });
    }
    if all.is_empty() {
        all.push("none".to_owned());
    }
    Some(all)
}

/// Names separated by colons, in lines that are not too long.
fn list(to: &mut String, names: &[&str]) {
    let mut length = 3usize;
    for (place, name) in names.iter().enumerate() {
        if place > 0 {
            to.push(':');
            length = length.saturating_add(1);
            if length.saturating_add(name.len()) >= LINE {
                to.push_str("\r\n ");
                length = 1;
            }
        }
        to.push_str(name);
        length = length.saturating_add(name.len());
    }
}

#[cfg(test)]
mod tests;
