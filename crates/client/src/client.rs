//! The client.

use crate::connect::{ConnectError, Endpoint};
use crate::hold::{Hold, Trouble};
use crate::retry::Retry;
use crate::send;
use bytes::Bytes;
use mugai_core::Password;
use mugai_proto::v1::sanitise_service_client::SanitiseServiceClient;
use mugai_proto::v1::{Envelope, Header, RefusalCode};
use std::time::{Duration, Instant};
use tonic::transport::Channel;
use tonic_types::StatusExt as _;

/// The most bytes of one message of an answer: a chunk, or the report of a job with many parts.
const ANSWER_BYTES: usize = 32 << 20;

/// A file to be sanitised.
#[derive(Clone, Debug)]
pub struct Job {
    /// The file.
    pub content: Bytes,
    /// What it is called; may be empty.
    pub name: String,
    /// Where it comes from and goes to.
    pub zones: Zones,
    /// The policy; empty for the default of the service.
    pub policy: String,
    /// The number under which the caller holds it, for logs; may be empty.
    pub queue_id: String,
    /// The same for every try of one file; may be empty.
    pub idempotency_key: String,
    /// Passwords to try on encrypted files and their parts: at most 16.
    pub passwords: Vec<Password>,
    /// The sender and the recipients in the envelope of the mail; may be empty.
    pub sender: String,
    /// See `sender`.
    pub recipients: Vec<String>,
    /// The time for all tries together.
    pub deadline: Duration,
}

/// An ordered pair of zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zones {
    /// The zone that a file comes from.
    pub from: String,
    /// The zone that it goes to.
    pub to: String,
}

impl Job {
    /// A file without anything that may be left out, and two minutes for it.
    #[must_use]
    pub fn new(content: impl Into<Bytes>, from: &str, to: &str) -> Self {
        Self {
            content: content.into(),
            name: String::new(),
            zones: Zones {
                from: from.to_owned(),
                to: to.to_owned(),
            },
            policy: String::new(),
            queue_id: String::new(),
            idempotency_key: String::new(),
            passwords: Vec::new(),
            sender: String::new(),
            recipients: Vec::new(),
            deadline: Duration::from_mins(2),
        }
    }

    pub(crate) fn header(&self) -> Header {
        Header {
            name: self.name.clone(),
            envelope: Some(Envelope {
                sender: self.sender.clone(),
                recipients: self.recipients.clone(),
                queue_id: self.queue_id.clone(),
                from_zone: self.zones.from.clone(),
                to_zone: self.zones.to.clone(),
            }),
            policy: self.policy.clone(),
            idempotency_key: self.idempotency_key.clone(),
            expected_bytes: u64::try_from(self.content.len()).unwrap_or(u64::MAX),
            passwords: self.passwords.iter().map(text).collect(),
        }
    }
}

fn text(password: &Password) -> String {
    password.as_str().to_owned()
}

/// A file that the service made, whole and with the right digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// What it is called; no path.
    pub name: String,
    /// The profile that it was verified against: txt, csv, png, jpeg, pdf, eml or mbox.
    pub target: String,
    /// Its bytes.
    pub content: Bytes,
}

/// What became of a file. There is no third way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Deliver these instead of the file; the first is what became of the file itself.
    Sanitised(Vec<File>),
    /// Deliver nothing of the file.
    Withheld {
        /// Why.
        code: RefusalCode,
        /// Rule and place, in words of the service.
        detail: String,
        /// What to put in its place.
        notice: Option<File>,
    },
}

/// An answer that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What became of the file.
    pub verdict: Verdict,
    /// The ticket that notices and footers name.
    pub id: String,
    /// The report: one JSON object.
    pub report_json: String,
}

/// A client of one service. Clones share the connection.
#[derive(Clone, Debug)]
pub struct Client {
    service: SanitiseServiceClient<Channel>,
    retry: Retry,
}

impl Client {
    /// A client that connects when it is first used. Must be called inside of a tokio runtime.
    ///
    /// # Errors
    /// [`ConnectError`] when the address or a certificate cannot be used.
    pub fn new(endpoint: &Endpoint, retry: Retry) -> Result<Self, ConnectError> {
        let service =
            SanitiseServiceClient::new(endpoint.channel()?).max_decoding_message_size(ANSWER_BYTES);
        Ok(Self { service, retry })
    }

    /// Has a file sanitised, in as many tries as there may be and time for.
    ///
    /// # Errors
    /// [`Hold`] for anything but a verified answer. Sending a file again is harmless: the same
    /// file, policy and version give the same answer.
    pub async fn sanitise(&self, job: &Job) -> Result<Answer, Hold> {
        let mut tries = 0u32;
        let over = Instant::now().checked_add(job.deadline);
        loop {
            tries = tries.saturating_add(1);
            let hold = |trouble| Hold { trouble, tries };
            let Some(left) = left(over) else {
                return Err(hold(Trouble::Deadline));
            };
            let one = send::once(self.service.clone(), job, left);
            let (trouble, said) = match tokio::time::timeout(left, one).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(send::Failed::Status(status))) => {
                    let said = status
                        .get_details_retry_info()
                        .and_then(|info| info.retry_delay);
                    let text = status.message().to_owned();
                    (Trouble::Status(status.code(), text), said)
                }
                Ok(Err(send::Failed::Answer(rule))) => (Trouble::Answer(rule), None),
                Err(_) => return Err(hold(Trouble::Deadline)),
            };
            match self.retry.wait(tries, &trouble, said) {
                Some(wait) if left > wait => tokio::time::sleep(wait).await,
                Some(_) | None => return Err(hold(trouble)),
            }
        }
    }
}

/// The time that is left; none when it is over. A deadline beyond the end of the clock is a year.
fn left(over: Option<Instant>) -> Option<Duration> {
    let Some(over) = over else {
        return Some(Duration::from_hours(24 * 365));
    };
    let left = over.saturating_duration_since(Instant::now());
    (!left.is_zero()).then_some(left)
}
