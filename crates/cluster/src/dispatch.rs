//! Jobs in streams of NATS `JetStream`: one stream of jobs that leave it once they are acknowledged, and
//! one of dead letters.
//!
//! The subject of a job is `<name>.jobs.<rules>.<job>`, so that nodes get only what is to be done by their
//! rules, and one can ask which jobs there are without taking them.

use crate::config::Queue;
use crate::error::Error;
use crate::job::{Job, JobId};
use async_nats::ConnectOptions;
use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{self, RetentionPolicy, StorageType, Stream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long an answer of the servers is waited for.
const ANSWER: Duration = Duration::from_secs(10);
/// How often a message is sent without an answer.
const SENDINGS: u32 = 12;
/// Messages on their way at a time.
const TOGETHER: usize = 256;
/// Names that are purged at a time.
const PURGING: usize = 16;
/// Jobs that may be given out at a time, those included that rest after a failure.
const GIVEN_OUT: i64 = 65_536;

/// A job that is not tried any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeadLetter {
    /// Why.
    pub(crate) reason: String,
    /// How often it was given out.
    pub(crate) deliveries: u64,
    /// Who says so.
    pub(crate) node: String,
    /// The message, as text.
    pub(crate) message: String,
}

/// How many jobs are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Depth {
    /// Jobs that wait for a node.
    pub(crate) pending: u64,
    /// Jobs that a node has, or that rest after a failure.
    pub(crate) in_flight: u64,
    /// Messages in the stream, of jobs by whatever rules.
    pub(crate) messages: u64,
}

/// What a stream has messages of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Jobs.
    pub(crate) jobs: BTreeSet<JobId>,
    /// Names that no job has: somebody else sent these messages.
    pub(crate) others: BTreeSet<String>,
}

/// A connection to the queue.
pub(crate) struct Dispatch {
    context: Context,
    jobs: Stream,
    dead: Stream,
    name: String,
    config: Queue,
}

impl Dispatch {
    pub(crate) async fn connect(config: &Queue) -> Result<Self, Error> {
        let client = options(config).await?.connect(config.url.as_slice()).await;
        let client = client.map_err(|error| Error::queue("connecting", error))?;
        let context = ContextBuilder::new().timeout(ANSWER).build(client);
        let stream = |kind: &str| stream::Config {
            name: format!("{}-{kind}", config.name),
            subjects: vec![format!("{}.{kind}.>", config.name)],
            storage: StorageType::File,
            num_replicas: config.replicas,
            ..stream::Config::default()
        };
        let jobs = stream::Config {
            retention: RetentionPolicy::WorkQueue,
            duplicate_window: config.duplicates,
            ..stream("jobs")
        };
        let dead = stream::Config {
            max_messages_per_subject: 1,
            ..stream("dead")
        };
        let made = |error| Error::queue("streams", error);
        Ok(Self {
            jobs: context.get_or_create_stream(jobs).await.map_err(made)?,
            dead: context.get_or_create_stream(dead).await.map_err(made)?,
            context,
            name: config.name.clone(),
            config: config.clone(),
        })
    }

    fn subject(&self, kind: &str, rules: &str, id: &str) -> String {
        format!("{}.{kind}.{rules}.{id}", self.name)
    }

    /// Sends jobs; each is in the queue once this returns. `again` parts what is sent anew from what was
    /// sent within the last minutes; without it, the servers take a job that they had as the same.
    pub(crate) async fn send(
        &self,
        rules: &str,
        jobs: &[(JobId, Job)],
        again: &str,
    ) -> Result<(), Error> {
        let one = |(id, job): &(JobId, Job)| {
            let subject = self.subject("jobs", rules, &id.to_string());
            let number = format!("{id}{again}");
            let message = job.message();
            async move {
                let message = message.map_err(|error| Error::queue("sending", error))?;
                self.publish(subject, message, &number).await
            }
        };
        let sending = futures_util::stream::iter(jobs.iter().map(one));
        sending.buffer_unordered(TOGETHER).try_collect().await
    }

    /// Sends a message until a server says that it has it.
    async fn publish(&self, subject: String, message: Vec<u8>, number: &str) -> Result<(), Error> {
        let message = PublishMessage::build()
            .payload(message.into())
            .message_id(number);
        let mut last = None;
        for sending in 0..SENDINGS {
            if sending > 0 {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            let sent = self
                .context
                .send_publish(subject.clone(), message.clone())
                .await;
            match sent {
                Ok(answer) => match answer.await {
                    Ok(_) => return Ok(()),
                    Err(error) => last = Some(error),
                },
                Err(error) => last = Some(error),
            }
        }
        Err(Error::queue(
            "sending",
            last.map_or(String::new(), |error| error.to_string()),
        ))
    }

    /// What a node takes its jobs from.
    pub(crate) async fn consumer(&self, rules: &str) -> Result<Consumer<pull::Config>, Error> {
        let config = pull::Config {
            durable_name: Some(rules.to_owned()),
            filter_subject: self.subject("jobs", rules, "*"),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.config.ack_wait,
            // nodes count: the servers would leave what was given out too often where it is, and say nothing
            max_deliver: -1,
            max_ack_pending: GIVEN_OUT,
            ..pull::Config::default()
        };
        let made = self.jobs.create_consumer(config).await;
        made.map_err(|error| Error::queue("consumer", error))
    }

    /// How many jobs of these rules are where.
    pub(crate) async fn depth(&self, rules: &str) -> Result<Depth, Error> {
        let info = self.consumer(rules).await?;
        let info = info.cached_info();
        let stream = self.jobs.get_info().await;
        let stream = stream.map_err(|error| Error::queue("stream", error))?;
        Ok(Depth {
            messages: stream.state.messages,
            pending: info.num_pending,
            in_flight: u64::try_from(info.num_ack_pending).unwrap_or(u64::MAX),
        })
    }

    /// The jobs of these rules that are in the queue, whether anybody has them or not.
    pub(crate) async fn queued(&self, rules: &str) -> Result<Names, Error> {
        self.subjects(&self.jobs, &self.subject("jobs", rules, "*"))
            .await
    }

    /// Takes all messages of these names out of the queue.
    pub(crate) async fn purge(&self, rules: &str, names: &[String]) -> Result<(), Error> {
        let one = |name: &String| {
            let purge = self.jobs.purge().filter(self.subject("jobs", rules, name));
            async move {
                let purged = purge.await;
                purged
                    .map(drop)
                    .map_err(|error| Error::queue("purging", error))
            }
        };
        let purging = futures_util::stream::iter(names.iter().map(one));
        purging.buffer_unordered(PURGING).try_collect().await
    }

    /// Writes a dead letter; it is there once this returns.
    pub(crate) async fn bury(
        &self,
        rules: &str,
        id: &str,
        letter: &DeadLetter,
    ) -> Result<(), Error> {
        let message =
            serde_json::to_vec(letter).map_err(|error| Error::queue("dead letter", error))?;
        // several of one job are one: the last counts
        let number = format!("{id}-{}-{}", letter.node, letter.deliveries);
        self.publish(self.subject("dead", rules, id), message, &number)
            .await
    }

    /// The jobs of these rules that are dead letters.
    pub(crate) async fn dead(&self, rules: &str) -> Result<Names, Error> {
        self.subjects(&self.dead, &self.subject("dead", rules, "*"))
            .await
    }

    /// Why a job is a dead letter.
    pub(crate) async fn letter(&self, rules: &str, id: JobId) -> Result<DeadLetter, Error> {
        let wrong = |error: &dyn std::fmt::Display| Error::queue("dead letter", error);
        let subject = self.subject("dead", rules, &id.to_string());
        let message = self.dead.get_last_raw_message_by_subject(&subject).await;
        let message = message.map_err(|error| wrong(&error))?;
        serde_json::from_slice(&message.payload).map_err(|error| wrong(&error))
    }

    /// Takes a dead letter away.
    pub(crate) async fn unbury(&self, rules: &str, id: JobId) -> Result<(), Error> {
        let purged = self
            .dead
            .purge()
            .filter(self.subject("dead", rules, &id.to_string()))
            .await;
        purged
            .map(drop)
            .map_err(|error| Error::queue("dead letters", error))
    }

    /// Waits until all that was handed over is on its way.
    pub(crate) async fn flush(&self) -> Result<(), Error> {
        let flushed = self.context.client().flush().await;
        flushed.map_err(|error| Error::queue("flushing", error))
    }

    async fn subjects(&self, stream: &Stream, filter: &str) -> Result<Names, Error> {
        let listed = stream.info_with_subjects(filter).await;
        let mut listed = listed.map_err(|error| Error::queue("listing", error))?;
        let mut names = Names::default();
        while let Some(next) = listed.next().await {
            let (subject, _) = next.map_err(|error| Error::queue("listing", error))?;
            let name = subject.rsplit('.').next().unwrap_or_default();
            match JobId::parse(name) {
                Some(id) => drop(names.jobs.insert(id)),
                None => drop(names.others.insert(name.to_owned())),
            }
        }
        Ok(names)
    }
}

async fn options(config: &Queue) -> Result<ConnectOptions, Error> {
    let mut options = ConnectOptions::new()
        .name("mugai")
        .connection_timeout(ANSWER)
        .require_tls(config.url.iter().any(|url| url.starts_with("tls://")));
    if let Some(path) = &config.credentials {
        let read = options.credentials_file(path).await;
        options = read.map_err(|error| Error::queue(&path.display().to_string(), error))?;
    }
    if let Some((user, password)) = &config.user {
        options = options.user_and_password(user.clone(), password.0.clone());
    }
    if let Some(token) = &config.token {
        options = options.token(token.0.clone());
    }
    if let Some(ca) = &config.ca {
        options = options.add_root_certificates(ca.clone());
    }
    if let Some((certificate, key)) = &config.certificate {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(options)
}
