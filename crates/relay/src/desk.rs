//! What happens to a mail: it is split by the rules of its recipients, made anew, handed on and remembered.

use crate::about::{self, About};
use crate::clock::{Clock, Trust};
use crate::config::{Config, Limits, Rule};
use crate::figures::Figures;
use crate::hold::{Entry, Hold};
use crate::mail::{Content, Envelope, Mail, New, Recipient};
use crate::notice;
use crate::receive::{Memory, Receiving};
use crate::record::{self, Key, Record};
use crate::repeat::Rounds;
use crate::sanitise::{Made, Policies, Sanitiser};
use crate::seal::{self, Sealer};
use crate::smtp::client::Next;
use crate::trouble::Trouble;
use crate::way::UnderWay;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long a mail waits for room before the mail server is asked to come again.
const WAIT: Duration = Duration::from_mins(1);

/// Room for a mail whose size is not announced; it grows with the mail.
const UNKNOWN: u64 = 2 << 20;

/// What a mail may have above the size that was announced, for line ends above all: mail servers count
/// them as one byte.
const ABOVE: u64 = 64 << 10;

/// What all connections share.
pub(crate) struct Desk {
    config: RwLock<Arc<Config>>,
    sanitiser: Sanitiser,
    record: Record,
    /// Deliveries on their way: a mail server that lost its patience must not have them made twice.
    under_way: UnderWay,
    hold: Hold,
    memory: Memory,
    rounds: Rounds,
    /// Replaced together with the configuration.
    sealer: RwLock<Option<Arc<Sealer>>>,
    figures: Figures,
    clock: Mutex<Clock>,
}

/// Recipients to whom one rule applies.
struct Group<'a> {
    rule: Rule,
    /// Their places in the envelope.
    members: Vec<(usize, &'a Recipient)>,
}

impl Desk {
    /// # Errors
    /// When the folder of the state cannot be used.
    pub(crate) fn new(
        config: Config,
        sanitiser: Sanitiser,
        sealer: Option<Sealer>,
    ) -> io::Result<Self> {
        let hold = Hold::open(&config.state)?;
        let record = Record::open(&config.state, config.remembered)?;
        let clock = Clock::open(&config.state);
        Ok(Self {
            memory: Memory::new(config.limits.memory),
            config: RwLock::new(Arc::new(config)),
            sanitiser,
            record,
            under_way: UnderWay::default(),
            hold,
            rounds: Rounds::default(),
            sealer: RwLock::new(sealer.map(Arc::new)),
            figures: Figures::new(),
            clock: Mutex::new(clock),
        })
    }

    /// What is counted.
    pub(crate) const fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The page of figures.
    pub(crate) fn page(&self) -> String {
        self.figures.text(&self.memory)
    }

    /// What is in force.
    pub(crate) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other rules in force: policies, recipients, notices, the next mail server, the key for seals, and
    /// times. The rest stays as it was at the start, and the log says so.
    ///
    /// # Errors
    /// When another one is to sanitise from now on, for the policies of one are not those of the other, or the
    /// key cannot be used: nothing is replaced.
    pub(crate) fn change(&self, config: Config, policies: Policies) -> Result<(), String> {
        let mut place = self.config.write().unwrap_or_else(PoisonError::into_inner);
        let now = Arc::clone(&place);
        if now.service != config.service {
            return Err("service: is another one, which takes a new start".to_owned());
        }
        let sealer = seal::sealer(&config)?.map(Arc::new);
        let (limits, wanted) = (now.limits, config.limits);
        for (key, same) in [
            ("listen", now.listen == config.listen),
            ("state.folder", now.state == config.state),
            ("state.remembered", now.remembered == config.remembered),
            ("limits.memory", limits.memory == wanted.memory),
            ("limits.message", limits.message == wanted.message),
            (
                "limits.connections",
                limits.connections == wanted.connections,
            ),
            ("limits.jobs", limits.jobs == wanted.jobs),
        ] {
            if !same {
                tracing::warn!(key, "this takes effect at the next start only");
            }
        }
        self.sanitiser.change(policies);
        *self.sealer.write().unwrap_or_else(PoisonError::into_inner) = sealer;
        *place = Arc::new(Config {
            listen: now.listen.clone(),
            state: now.state.clone(),
            remembered: now.remembered,
            limits: Limits {
                memory: limits.memory,
                message: limits.message,
                connections: limits.connections,
                jobs: limits.jobs,
                ..wanted
            },
            ..config
        });
        Ok(())
    }

    /// Deletes originals that have been kept long enough, unless the clock is in doubt.
    pub(crate) fn sweep(&self) {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let trust = clock.look();
        if let Err(error) = clock.keep() {
            // on a full disk old originals have to go all the more
            tracing::error!(%error, "what the clock shows cannot be kept for the next start");
        }
        match trust {
            Trust::Believed => {}
            Trust::Jumped(by) => {
                let by = humantime::format_duration(by);
                tracing::error!(%by, "the clock jumped ahead: no original is deleted for a day");
                return;
            }
            Trust::Doubted => return,
        }
        match self.hold.sweep(self.config().held) {
            Ok((deleted, left)) => {
                self.figures.swept(deleted, left);
                if deleted > 0 {
                    tracing::info!(deleted, "originals were kept long enough");
                }
            }
            Err(error) => tracing::error!(%error, "old originals cannot be deleted"),
        }
    }

    /// Makes room for a mail whose size was announced, or not.
    pub(crate) async fn receiving(&self, announced: Option<u64>) -> Result<Receiving, Trouble> {
        let most = self.config().limits.message;
        let likely = announced.filter(|size| *size > 0).map_or(UNKNOWN, |size| {
            size.saturating_add(size / 4).saturating_add(ABOVE)
        });
        let likely = likely.min(most);
        let began = Instant::now();
        let room = tokio::time::timeout(WAIT, self.memory.room(likely)).await;
        self.figures.waited(began);
        let room = room.map_err(|_| Trouble::full("too many mails are under way"))?;
        let room = room.ok_or_else(|| Trouble::closing("the relay stops"))?;
        let folder = self.hold.folder().to_owned();
        Ok(Receiving::new(
            (likely, most),
            self.memory.clone(),
            room,
            folder,
        ))
    }

    /// Has a mail delivered; each recipient has a result of its own.
    pub(crate) async fn deliver(
        &self,
        next: &mut Option<Next>,
        mail: Mail,
    ) -> Vec<Result<(), Trouble>> {
        let began = Instant::now();
        let config = self.config();
        let mut results: Vec<Result<(), Trouble>> =
            vec![Err(Trouble::here("no result")); mail.envelope.recipients.len()];
        for group in groups(&config, &mail.envelope) {
            let outcome = self.group(&config, next, &mail, &group).await;
            for (place, (at, _)) in group.members.iter().enumerate() {
                if let Some(slot) = results.get_mut(*at) {
                    *slot = match &outcome {
                        Ok(each) => each.get(place).cloned().unwrap_or_else(|| slot.clone()),
                        Err(trouble) => Err(trouble.clone()),
                    };
                }
            }
        }
        self.figures.answered(began);
        log(&mail, &results, began);
        results
    }

    /// Recipients of one rule get one and the same mail.
    async fn group(
        &self,
        config: &Config,
        next: &mut Option<Next>,
        mail: &Mail,
        group: &Group<'_>,
    ) -> Result<Vec<Result<(), Trouble>>, Trouble> {
        let keys: Vec<Option<Key>> = group
            .members
            .iter()
            .map(|(_, recipient)| key(mail, recipient))
            .collect();
        let Some(_way) = self.under_way.enter(keys.iter().copied().flatten()) else {
            return Err(Trouble::here("the mail is being delivered"));
        };
        let known = |key: &Option<Key>| key.as_ref().is_some_and(|key| self.record.has(key));
        let mut results = vec![Ok(()); group.members.len()];
        let open: Vec<usize> = (0..keys.len())
            .filter(|place| !keys.get(*place).is_some_and(known))
            .collect();
        if open.len() < keys.len() {
            let queue_id = mail.envelope.queue_id();
            tracing::info!(queue_id, "the mail was delivered before, to some or all");
            self.figures
                .duplicates(keys.len().saturating_sub(open.len()));
        }
        if open.is_empty() {
            return Ok(results);
        }
        let recipients: Vec<&Recipient> = open
            .iter()
            .filter_map(|place| group.members.get(*place))
            .map(|(_, recipient)| *recipient)
            .collect();
        let message = self.make(config, &group.rule, mail, &recipients).await?;
        // whether it can be remembered is known before it is sent
        let ready = tokio::task::block_in_place(|| self.record.ready());
        ready.map_err(|error| unrecorded(&error))?;
        let began = Instant::now();
        let sent = self
            .send(config, next, &mail.envelope, &recipients, &message)
            .await?;
        self.figures.handed_on(&sent, began);
        let mut done = Vec::new();
        for (place, result) in open.into_iter().zip(sent) {
            if result.is_ok() {
                done.extend(keys.get(place).copied().flatten());
            }
            if let Some(slot) = results.get_mut(place) {
                *slot = result;
            }
        }
        if let Err(error) = self.record.add(&done).await {
            // it was delivered: whoever is told otherwise sends it again
            tracing::error!(%error, "a delivery cannot be remembered");
        }
        Ok(results)
    }

    /// The new mail, or the notice in its place.
    pub(crate) async fn make(
        &self,
        config: &Config,
        rule: &Rule,
        mail: &Mail,
        recipients: &[&Recipient],
    ) -> Result<New, Trouble> {
        let rounds = match &mail.content {
            Content::Held(mail) => match mail.load() {
                Ok(mail) => self.rounds.of(&mail),
                Err(why) => {
                    tracing::error!(%why, "a mail cannot be read");
                    return Err(Trouble::here("a mail cannot be read"));
                }
            },
            Content::TooLarge(..) => Some(0),
        };
        let rounds = rounds.ok_or_else(|| {
            tracing::error!(queue_id = mail.envelope.queue_id(), "the mail goes round");
            Trouble::round()
        })?;
        let began = Instant::now();
        let made = self.sanitiser.sanitise(config, rule, mail).await?;
        let mut told = About::default();
        if !made.told.withheld.is_empty() || made.mail.is_none() {
            told = self.about(config, rule, mail, &made).await;
            self.keep(mail, recipients, &made, &told)?;
        }
        let new = match &made.mail {
            Some(new) => New {
                seal: self.seal(new)?,
                mail: new.clone(),
            },
            // it is a mail of ours: what was found out about another one's author does not belong to it
            None => New {
                seal: String::new(),
                mail: notice::instead(&config.notice, &made, &mail.envelope, &told)?.into(),
            },
        };
        let bytes = new.pieces().map(<[u8]>::len);
        let bytes = bytes.into_iter().fold(0, usize::saturating_add);
        self.figures
            .made(&made.told, made.mail.is_some(), bytes, began);
        self.rounds.made(&new.mail, rounds);
        Ok(new)
    }

    /// The seal of a new mail, where mails are sealed.
    fn seal(&self, mail: &[u8]) -> Result<String, Trouble> {
        let sealer = self.sealer.read().unwrap_or_else(PoisonError::into_inner);
        let Some(sealer) = sealer.clone() else {
            return Ok(String::new());
        };
        let seal = tokio::task::block_in_place(|| sealer.seal(mail, notice::now()));
        let seal = seal.map_err(|problem| {
            tracing::error!(problem, "a mail cannot be sealed");
            Trouble::here("the mail cannot be sealed")
        })?;
        self.figures.sealed(seal.is_some());
        Ok(seal.unwrap_or_default())
    }

    /// Who a mail is from and what it is about. Where that cannot be found out it is not told: that keeps no mail.
    async fn about(&self, config: &Config, rule: &Rule, mail: &Mail, made: &Made) -> About {
        if let Some(new) = &made.mail {
            return About::of(new);
        }
        let Ok(Some(header)) = tokio::task::block_in_place(|| about::header(mail)) else {
            return About::default();
        };
        let alone = self.sanitiser.sanitise(config, rule, &header).await;
        let alone = alone.ok().and_then(|made| made.mail);
        alone.map_or_else(About::default, |mail| About::of(&mail))
    }

    /// Keeps the original. What cannot be kept is not withheld either: the mail stays where it is.
    fn keep(
        &self,
        mail: &Mail,
        recipients: &[&Recipient],
        made: &Made,
        about: &About,
    ) -> Result<(), Trouble> {
        let recipients = recipients.iter().map(|one| one.path.as_str().to_owned());
        let entry = Entry::of(mail, recipients.collect(), &made.told, about, notice::now());
        let kept = tokio::task::block_in_place(|| self.hold.keep(&mail.content, &entry));
        kept.map_err(|error| {
            tracing::error!(%error, "an original cannot be kept");
            Trouble::full("the original cannot be kept")
        })?;
        self.figures.kept();
        Ok(())
    }

    /// Hands it on, over the connection of the last mail if that is still there.
    async fn send(
        &self,
        config: &Config,
        next: &mut Option<Next>,
        envelope: &Envelope,
        recipients: &[&Recipient],
        message: &New,
    ) -> Result<Vec<Result<(), Trouble>>, Trouble> {
        let mut used = next.take();
        let alive = match &mut used {
            // another one may have been configured since
            Some(used) => used.leads_to(config.next.address) && used.alive().await,
            None => false,
        };
        let mut connection = match used {
            Some(used) if alive => used,
            Some(_) | None => {
                Next::connect(config.next.address, &config.name, config.next.timeout).await?
            }
        };
        let results = connection
            .send(envelope, recipients, &message.pieces())
            .await?;
        *next = Some(connection);
        Ok(results)
    }
}

/// Recipients by their rules, in the order in which rules are met.
fn groups<'a>(config: &Config, envelope: &'a Envelope) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (place, recipient) in envelope.recipients.iter().enumerate() {
        let rule = config.recipients.rule(&recipient.path);
        match groups.iter_mut().find(|group| group.rule == *rule) {
            Some(group) => group.members.push((place, recipient)),
            None => groups.push(Group {
                rule: rule.clone(),
                members: vec![(place, recipient)],
            }),
        }
    }
    groups
}

/// Without a number of the mail server, the same mail may be meant to come twice.
fn key(mail: &Mail, recipient: &Recipient) -> Option<Key> {
    let queue_id = mail.envelope.queue_id();
    (!queue_id.is_empty()).then(|| record::key(queue_id, &mail.digest, recipient.path.as_str()))
}

fn unrecorded(error: &io::Error) -> Trouble {
    tracing::error!(%error, "deliveries cannot be remembered");
    Trouble::full("no room on disk to remember the delivery")
}

/// One line a mail. Neither names nor addresses nor contents are in it.
fn log(mail: &Mail, results: &[Result<(), Trouble>], began: Instant) {
    let queue_id = mail.envelope.queue_id();
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (bytes, recipients) = (mail.content.bytes(), results.len());
    match results.iter().find_map(|result| result.as_ref().err()) {
        None => tracing::info!(queue_id, bytes, recipients, millis, "delivered"),
        Some(trouble) => {
            tracing::warn!(queue_id, bytes, recipients, millis, %trouble, "stays in the queue");
        }
    }
}
