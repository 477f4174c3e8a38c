//! Has mails sanitised, by the service or in this process.

use crate::config::{Config, Rule, Service};
use crate::hold::Withheld;
use crate::mail::{Content, Envelope, Mail};
use crate::trouble::Trouble;
use bytes::Bytes;
use mugai_client::{Client, Endpoint, Job, Retry, Tls, Verdict as Answered};
use mugai_core::{Kind, Opener, Patience, Refusal, Resource, SafeName, Spooled, Target, Untrusted};
use mugai_engine::notice::Notice;
use mugai_engine::policy::Texts;
use mugai_engine::report::{RefusalReport, TRIES};
use mugai_engine::{Order, Outcome, Output, Policy, Report, Status, Verdict, sanitise};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How a mail is called that has no name. The ending tells what it is.
pub(crate) const NAME: &str = "message.eml";

/// Why data are withheld that are no mail.
const NO_MAIL: Refusal = Refusal::malformed("mail: no header field in it");

/// The code of a mistake of ours, or of this machine's.
const INTERNAL: &str = "internal";

/// Policies by name.
pub type Policies = BTreeMap<String, Arc<Policy>>;

/// What became of a mail.
#[derive(Debug)]
pub(crate) struct Made {
    /// What is told of it.
    pub(crate) told: Told,
    /// The new mail; none when all of it is withheld.
    pub(crate) mail: Option<Bytes>,
    /// What to say in its place.
    pub(crate) notice: String,
}

/// What the relay has to know of a report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// The number of the job.
    pub(crate) id: String,
    /// The parts that are withheld.
    pub(crate) withheld: Vec<Withheld>,
    /// Why all of it is withheld.
    pub(crate) refusal: Option<Reason>,
}

/// Why something is withheld.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Reason {
    pub(crate) code: String,
    pub(crate) detail: String,
}

impl Told {
    /// Whether something of ours did not work: no reason to withhold anything from anybody for good.
    fn is_internal(&self) -> bool {
        let mut parts = self.withheld.iter().map(|part| part.reason.as_str());
        let whole = self.refusal.as_ref().map(|reason| reason.code.as_str());
        parts.any(|code| code == INTERNAL) || whole == Some(INTERNAL)
    }

    /// Reads the report of a service.
    fn read(report: &str) -> Result<Self, Trouble> {
        #[derive(Deserialize)]
        struct Report {
            id: String,
            parts: Vec<Part>,
            refusal: Option<Reason>,
        }
        #[derive(Deserialize)]
        struct Part {
            name: Option<String>,
            kind: String,
            verdict: String,
            refusal: Option<Reason>,
        }
        let report: Report = serde_json::from_str(report)
            .map_err(|_| Trouble::sanitiser("the report cannot be read"))?;
        let parts = report.parts.into_iter();
        let withheld = parts.filter(|part| part.verdict == "withheld").map(|part| {
            let reason = part.refusal.unwrap_or_default();
            Withheld {
                name: part.name.unwrap_or_default(),
                kind: part.kind,
                reason: reason.code,
                detail: reason.detail,
            }
        });
        Ok(Self {
            id: report.id,
            withheld: withheld.collect(),
            refusal: report.refusal,
        })
    }
}

impl From<&Report> for Told {
    fn from(report: &Report) -> Self {
        let reason = |refusal: &RefusalReport| Reason {
            code: refusal.code.to_owned(),
            detail: refusal.detail.clone(),
        };
        let parts = report.parts.iter();
        let withheld = parts
            .filter(|part| part.verdict == Status::Withheld)
            .map(|part| {
                let why = part.refusal.as_ref().map(reason).unwrap_or_default();
                Withheld {
                    name: part.name.clone().unwrap_or_default(),
                    kind: part.kind.to_owned(),
                    reason: why.code,
                    detail: why.detail,
                }
            });
        Self {
            id: report.id.clone(),
            withheld: withheld.collect(),
            refusal: report.refusal.as_ref().map(reason),
        }
    }
}

/// Who sanitises.
pub enum Sanitiser {
    /// A service, asked for every mail.
    Service(Client),
    /// This process.
    Embedded(Embedded),
}

/// An engine in this process.
pub struct Embedded {
    policies: RwLock<Arc<Policies>>,
    opener: Arc<dyn Opener + Send + Sync>,
    jobs: Arc<Semaphore>,
}

/// Reads the policies of a configuration.
///
/// # Errors
/// What is wrong with the first that cannot be used.
pub fn policies(config: &Config) -> Result<Policies, String> {
    let one = |(name, source): (&String, &String)| {
        let policy = Policy::load(source)?;
        if !policy.isolation().is_confined() {
            return Err(format!(
                "policy {source:?}: the relay opens mails in confined workers only"
            ));
        }
        Ok((name.clone(), Arc::new(policy)))
    };
    let all: Policies = config
        .policies
        .iter()
        .map(one)
        .collect::<Result<_, String>>()?;
    if config.service.is_none() {
        for rule in config.recipients.rules() {
            let policy = all.get(&rule.policy);
            let route = policy.and_then(|policy| policy.route(&rule.from, &rule.to));
            if route.is_none() {
                let Rule { policy, from, to } = rule;
                return Err(format!(
                    "policy {policy:?} has no route from {from:?} to {to:?}"
                ));
            }
        }
    }
    Ok(all)
}

impl Embedded {
    /// An engine with these policies.
    pub fn new(policies: Policies, opener: Arc<dyn Opener + Send + Sync>, jobs: usize) -> Self {
        Self {
            policies: RwLock::new(Arc::new(policies)),
            opener,
            jobs: Arc::new(Semaphore::new(jobs)),
        }
    }

    fn policy(&self, name: &str) -> Option<Arc<Policy>> {
        let all = self.policies.read().unwrap_or_else(PoisonError::into_inner);
        all.get(name).cloned()
    }

    /// What the administrator says in the notices of a rule.
    fn texts(&self, rule: &Rule) -> Texts {
        let policy = self.policy(&rule.policy);
        let route = policy
            .as_ref()
            .and_then(|policy| policy.route(&rule.from, &rule.to));
        route.map(|route| route.texts.clone()).unwrap_or_default()
    }

    async fn run(
        &self,
        rule: &Rule,
        mail: Untrusted,
        envelope: &Envelope,
        until: Instant,
    ) -> Result<Made, Trouble> {
        let policy = self.policy(&rule.policy);
        let policy = policy.ok_or_else(|| Trouble::here("the policy of a recipient is missing"))?;
        let waited = tokio::time::timeout_at(until.into(), Arc::clone(&self.jobs).acquire_owned());
        let place = waited.await.map_err(|_| Trouble::late())?;
        let place = place.map_err(|_| Trouble::here("the relay stops"))?;
        let (rule, opener, label) = (rule.clone(), Arc::clone(&self.opener), label(envelope));
        let cancelled = Arc::new(AtomicBool::new(false));
        let leash = Leash(Arc::clone(&cancelled));
        let work = tokio::task::spawn_blocking(move || {
            let _place = place;
            let patience = Patience {
                until: Some(until),
                cancelled: Some(&cancelled),
            };
            let outcome = attempts(&policy, &rule, &mail, &label, &*opener, patience);
            // nobody who was in a hurry decides what is withheld
            if Instant::now() >= until {
                return Err(Trouble::late());
            }
            made(outcome)
        });
        let done = work
            .await
            .map_err(|_| Trouble::sanitiser("the job broke off"))?;
        drop(leash);
        done
    }
}

/// Cancels a job for which nobody waits any more.
struct Leash(Arc<AtomicBool>);

impl Drop for Leash {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How the mail is called in the report and in the log of workers.
fn label(envelope: &Envelope) -> String {
    match envelope.queue_id() {
        "" => NAME.to_owned(),
        id => format!("{id}.eml"),
    }
}

/// What comes of a job, begun again while workers are lost and there is time.
fn attempts(
    policy: &Policy,
    rule: &Rule,
    mail: &Untrusted,
    label: &str,
    opener: &dyn Opener,
    patience: Patience<'_>,
) -> Outcome {
    let attempt = || {
        let order = Order {
            input: mail.clone(),
            name: SafeName::clean(NAME).0,
            label: label.to_owned(),
            policy,
            from: &rule.from,
            to: &rule.to,
            passwords: &[],
            patience,
        };
        sanitise(order, opener)
    };
    let mut outcome = attempt();
    for _ in 1..TRIES {
        let late = patience.until.is_some_and(|until| Instant::now() >= until);
        if late || patience.is_cancelled() || !outcome.report.lost_a_worker() {
            break;
        }
        let id = &outcome.report.id;
        tracing::warn!(id, "a worker was lost: the mail is begun again");
        outcome = attempt();
    }
    outcome
}

fn made(outcome: Outcome) -> Result<Made, Trouble> {
    let told = Told::from(&outcome.report);
    let (mail, others) = match outcome.verdict {
        Verdict::Sanitised(outputs) => {
            let mut outputs = outputs.into_iter();
            let first = outputs.next();
            let is_mail = |output: &Output| output.file.target() == Target::Eml;
            (first.filter(is_mail), outputs.len())
        }
        Verdict::Withheld(_) => (None, 0),
    };
    let notice = match &outcome.notice {
        Some(notice) => {
            let text = notice.file.load().map_err(|why| unread(&why))?;
            String::from_utf8_lossy(&text).into_owned()
        }
        None => String::new(),
    };
    let mail = mail.map(|output| lent(output.file.content().clone()));
    let mail = mail.transpose()?;
    finish(told, mail, others, notice)
}

/// A mail in memory that is sent without being copied.
struct Lent(Spooled);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.0.here().unwrap_or_default()
    }
}

/// A mail as it is sent; only one that lies in a file is copied.
fn lent(mail: Spooled) -> Result<Bytes, Trouble> {
    if mail.here().is_some() {
        return Ok(Bytes::from_owner(Lent(mail)));
    }
    let copy = mail.into_vec().map_err(|why| unread(&why))?;
    Ok(copy.into())
}

fn unread(why: &Refusal) -> Trouble {
    tracing::error!(%why, "a mail cannot be read");
    Trouble::here("a mail cannot be read")
}

/// A mail is one file. Anything else is said, and not sent.
fn finish(told: Told, mail: Option<Bytes>, others: usize, notice: String) -> Result<Made, Trouble> {
    if told.is_internal() {
        return Err(Trouble::sanitiser(
            "something of the sanitiser does not work",
        ));
    }
    if others > 0 {
        return Err(Trouble::here("more came of the mail than a mail"));
    }
    Ok(Made { told, mail, notice })
}

impl Sanitiser {
    /// A client of the service of a configuration, if it has one. Must be called inside of a tokio runtime.
    ///
    /// # Errors
    /// What cannot be read, or is no certificate.
    pub fn service(config: &Config) -> Result<Option<Self>, String> {
        let endpoint = match &config.service {
            None => return Ok(None),
            Some(Service::Unix(path)) => Endpoint::Unix(path.clone()),
            Some(Service::Tls(address, files)) => {
                let [ca, certificate, key] = files;
                let tls = Tls::read(ca, certificate, key)?;
                Endpoint::Tls(address.clone(), Box::new(tls))
            }
        };
        let client = Client::new(&endpoint, Retry::default()).map_err(|error| error.to_string())?;
        Ok(Some(Self::Service(client)))
    }

    /// Puts other policies in force, for mails that begin from now on.
    pub(crate) fn change(&self, policies: Policies) {
        if let Self::Embedded(embedded) = self {
            let mut place = embedded
                .policies
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            *place = Arc::new(policies);
        }
    }

    /// Sanitises a mail.
    pub(crate) async fn sanitise(
        &self,
        config: &Config,
        rule: &Rule,
        mail: &Mail,
    ) -> Result<Made, Trouble> {
        let content = match &mail.content {
            Content::Held(content) => content,
            // nobody opens it: neither the service nor a worker would take it
            Content::TooLarge(..) => return Ok(self.too_large(config, rule, mail)),
        };
        let time = config.limits.deadline;
        let made = match self {
            Self::Service(client) => ask(client, rule, content, &mail.envelope, time).await?,
            Self::Embedded(embedded) => {
                let until = Instant::now().checked_add(time);
                let until = until.ok_or_else(|| Trouble::here("the deadline is out of range"))?;
                embedded
                    .run(rule, content.clone(), &mail.envelope, until)
                    .await?
            }
        };
        // data without any field are no mail: something else came of them, and that is not sent
        if made.mail.is_none() && made.notice.trim().is_empty() {
            return Ok(self.refused(config, rule, made.told.id, &NO_MAIL));
        }
        Ok(made)
    }

    /// What is said of a mail that is larger than any that is opened. Its number is made of its content, as
    /// that of any other: its original is found by it.
    fn too_large(&self, config: &Config, rule: &Rule, mail: &Mail) -> Made {
        let refusal = Refusal::Overrun {
            resource: Resource::Bytes,
            limit: config.limits.message,
        };
        let id = mugai_engine::notice::ticket(mail.digest.as_bytes());
        self.refused(config, rule, id, &refusal)
    }

    /// A mail that is withheld as a whole, by the relay itself.
    fn refused(&self, config: &Config, rule: &Rule, id: String, refusal: &Refusal) -> Made {
        let texts = match self {
            Self::Embedded(embedded) => embedded.texts(rule),
            Self::Service(_) => Texts::default(),
        };
        let notice = Notice {
            ticket: &id,
            path: "0",
            name: NAME,
            kind: Some(Kind::Mail),
            refusal,
        };
        Made {
            notice: mugai_engine::notice::withheld(config.notice.lang, &texts, &notice),
            told: Told {
                withheld: vec![Withheld {
                    name: NAME.to_owned(),
                    kind: Kind::Mail.code().to_owned(),
                    reason: refusal.code().to_owned(),
                    detail: refusal.to_string(),
                }],
                refusal: Some(Reason {
                    code: refusal.code().to_owned(),
                    detail: refusal.to_string(),
                }),
                id,
            },
            mail: None,
        }
    }
}

async fn ask(
    client: &Client,
    rule: &Rule,
    mail: &Untrusted,
    envelope: &Envelope,
    time: Duration,
) -> Result<Made, Trouble> {
    let content = lent(mail.content().clone())?;
    let mut job = Job::new(content, &rule.from, &rule.to);
    NAME.clone_into(&mut job.name);
    job.policy.clone_from(&rule.policy);
    envelope.queue_id().clone_into(&mut job.queue_id);
    job.deadline = time;
    // the service knows addresses of 320 bytes; it only counts them
    let known = |path: &str| path.len() <= 320;
    if known(envelope.sender.as_str()) {
        envelope.sender.as_str().clone_into(&mut job.sender);
    }
    let recipients = envelope.recipients.iter().map(|one| one.path.as_str());
    job.recipients = recipients
        .filter(|path| known(path))
        .map(str::to_owned)
        .collect();
    let answer = client.sanitise(&job).await.map_err(|hold| {
        tracing::warn!(%hold, queue_id = envelope.queue_id(), "the service did not answer");
        Trouble::sanitiser("the sanitiser does not answer")
    })?;
    let told = Told::read(&answer.report_json)?;
    match answer.verdict {
        Answered::Sanitised(files) => {
            let many = files.len();
            let first = files.into_iter().next().filter(|file| file.target == "eml");
            finish(
                told,
                first.map(|file| file.content),
                many.saturating_sub(1),
                String::new(),
            )
        }
        Answered::Withheld { detail, notice, .. } => {
            let notice = notice.map_or(detail, |file| {
                String::from_utf8_lossy(&file.content).into_owned()
            });
            finish(told, None, 0, notice)
        }
    }
}
