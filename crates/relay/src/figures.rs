//! What is counted of the relay, in the text format of Prometheus.

use crate::receive::Memory;
use crate::sanitise::Told;
use crate::trouble::{Cause, Trouble};
use mugai_core::Kind;
#[cfg(test)]
use mugai_observe::Metric;
use mugai_observe::{Count, Counts, Register, Spread};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::time::{Duration, Instant};

/// Why parts are withheld: the codes of [`mugai_core::Refusal`].
const REFUSALS: [&str; 10] = [
    "malformed",
    "ambiguous",
    "encrypted",
    "unsupported",
    "forbidden",
    "overrun",
    "lost_deadline",
    "lost_crash",
    "unverified",
    "internal",
];

/// What a service says that this relay does not know.
const OTHER: &str = "other";

/// The doors, as labels.
pub(crate) const DOORS: [&str; 3] = ["smtp", "lmtp", "milter"];

/// All metrics.
#[derive(Debug)]
pub(crate) struct Figures {
    registry: Registry,
    #[cfg(test)]
    described: Vec<Metric>,
    received: Counts<1>,
    bytes_in: Count,
    bytes_out: Count,
    made: Counts<1>,
    withheld: Counts<2>,
    delivered: Count,
    duplicates: Count,
    put_off: Counts<1>,
    room_wait: Spread,
    sanitising: Spread,
    handing: Spread,
    whole: Spread,
    kept: Count,
    deleted: Count,
    originals: Gauge,
    sealed: Counts<1>,
    reloads: Counts<1>,
    connections: Family<[(&'static str, &'static str); 1], Gauge>,
    memory: Gauge,
    memory_limit: Gauge,
}

impl Figures {
    pub(crate) fn new() -> Self {
        let mut to = Register::default();
        let figures = Self {
            received: to.counts("relay_mails_received", "Mails that came in whole, by the door.", &["door"]),
            bytes_in: to.count("relay_bytes_in", "Bytes of mails that came in whole."),
            bytes_out: to.count("relay_bytes_out", "Bytes of mails that were made of them."),
            made: to.counts("relay_mails_made", "Mails that were made anew, or replaced by a notice as a whole; a mail for several rules counts for each.", &["verdict"]),
            withheld: to.counts("relay_parts_withheld", "Parts that were withheld, by reason.", &["kind", "refusal"]),
            delivered: to.count("relay_recipients_delivered", "Recipients whose mail was taken by the next mail server."),
            duplicates: to.count("relay_recipients_duplicate", "Recipients who had that mail already, by the record: it was dropped."),
            put_off: to.counts("relay_tempfails", "Replies by which the mail server is to come again, by reason.", &["reason"]),
            room_wait: to.spread("relay_room_wait_seconds", "Waiting for room for a mail, before it is received."),
            sanitising: to.spread("relay_sanitise_seconds", "Sanitising a mail by one rule, the wait for a place among the jobs included."),
            handing: to.spread("relay_hand_on_seconds", "Handing a mail to the next mail server, to its answer."),
            whole: to.spread("relay_mail_seconds", "A mail, from its last byte to our answer."),
            kept: to.count("relay_originals_kept", "Originals that were kept because something was withheld; one that comes again counts again."),
            deleted: to.count("relay_originals_deleted", "Files that were deleted because they had been kept long enough."),
            originals: to.gauge("relay_originals", "Files in the folder of originals, as counted once an hour."),
            sealed: to.counts("relay_mails_sealed", "Mails that were to be sealed: they were, or their old chain had failed.", &["result"]),
            reloads: to.counts("relay_reloads", "Configurations read again.", &["result"]),
            connections: to.gauges("relay_connections_in_use", "Connections in use, by the door.", &["door"]),
            memory: to.gauge("relay_memory_bytes_in_use", "Bytes of room for mails in use."),
            memory_limit: to.gauge("relay_memory_bytes_limit", "Bytes of room for mails that there are."),
            #[cfg(test)]
            described: to.described,
            registry: to.registry,
        };
        figures.begin();
        figures
    }

    /// Series whose labels are known beforehand begin at 0, so that their first step is seen.
    fn begin(&self) {
        for door in DOORS {
            let _ = self.received.get_or_create(&[("door", door)]);
            let _ = self.connections.get_or_create(&[("door", door)]);
        }
        for cause in Cause::ALL {
            let _ = self.put_off.get_or_create(&[("reason", cause.code())]);
        }
        for verdict in ["sanitised", "withheld"] {
            let _ = self.made.get_or_create(&[("verdict", verdict)]);
        }
        for result in ["sealed", "chain_failed"] {
            let _ = self.sealed.get_or_create(&[("result", result)]);
        }
        for result in ["good", "bad"] {
            let _ = self.reloads.get_or_create(&[("result", result)]);
        }
    }

    /// What there is, for documents and their check.
    #[cfg(test)]
    pub(crate) fn described(&self) -> &[Metric] {
        &self.described
    }

    /// A mail came in whole.
    pub(crate) fn received(&self, door: &'static str, bytes: u64) {
        self.received.get_or_create(&[("door", door)]).inc();
        self.bytes_in.inc_by(bytes);
    }

    /// A mail was made anew, or a notice in its place.
    pub(crate) fn made(&self, told: &Told, sanitised: bool, bytes: usize, began: Instant) {
        let verdict = if sanitised { "sanitised" } else { "withheld" };
        self.made.get_or_create(&[("verdict", verdict)]).inc();
        self.bytes_out
            .inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.sanitising.observe(seconds(began));
        for part in &told.withheld {
            let kind = Kind::ALL.iter().map(|kind| kind.code());
            let kind = kind.clone().find(|code| *code == part.kind);
            let refusal = REFUSALS.iter().find(|code| **code == part.reason);
            let labels = [
                ("kind", kind.unwrap_or(OTHER)),
                ("refusal", refusal.copied().unwrap_or(OTHER)),
            ];
            self.withheld.get_or_create(&labels).inc();
        }
    }

    /// A mail was sealed, or was not because its old chain had failed.
    pub(crate) fn sealed(&self, done: bool) {
        let result = if done { "sealed" } else { "chain_failed" };
        self.sealed.get_or_create(&[("result", result)]).inc();
    }

    /// The next mail server said what became of recipients.
    pub(crate) fn handed_on(&self, results: &[Result<(), Trouble>], began: Instant) {
        self.handing.observe(seconds(began));
        let good = results.iter().filter(|result| result.is_ok()).count();
        self.delivered
            .inc_by(u64::try_from(good).unwrap_or(u64::MAX));
    }

    /// So many recipients had a mail already.
    pub(crate) fn duplicates(&self, many: usize) {
        self.duplicates
            .inc_by(u64::try_from(many).unwrap_or(u64::MAX));
    }

    /// The mail server was told to come again.
    pub(crate) fn put_off(&self, cause: Cause) {
        self.put_off
            .get_or_create(&[("reason", cause.code())])
            .inc();
    }

    /// There was room for a mail, or its time was over.
    pub(crate) fn waited(&self, began: Instant) {
        self.room_wait.observe(seconds(began));
    }

    /// A mail is answered.
    pub(crate) fn answered(&self, began: Instant) {
        self.whole.observe(seconds(began));
    }

    /// An original was kept.
    pub(crate) fn kept(&self) {
        self.kept.inc();
    }

    /// Old originals were deleted; so many files are left.
    pub(crate) fn swept(&self, deleted: u64, left: u64) {
        self.deleted.inc_by(deleted);
        self.originals.set(signed(left));
    }

    /// The configuration was read again, or could not be.
    pub(crate) fn reload(&self, good: bool) {
        let result = if good { "good" } else { "bad" };
        self.reloads.get_or_create(&[("result", result)]).inc();
    }

    /// A connection, until what comes back is dropped.
    pub(crate) fn connection(&self, door: &'static str) -> Connection {
        let gauge = self.connections.get_or_create(&[("door", door)]).clone();
        gauge.inc();
        Connection(gauge)
    }

    /// Everything, in the text format of Prometheus (version 0.0.4).
    pub(crate) fn text(&self, memory: &Memory) -> String {
        let (used, all) = memory.in_use();
        self.memory.set(signed(used));
        self.memory_limit.set(signed(all));
        let mut out = String::new();
        // writing to a text cannot fail
        let _ = prometheus_text::encode(&mut out, &self.registry);
        out
    }
}

/// A connection that is counted.
pub(crate) struct Connection(Gauge);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn seconds(began: Instant) -> f64 {
    let time: Duration = began.elapsed();
    time.as_secs_f64()
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hold::Withheld;

    const DOCUMENT: &str = include_str!("../../../docs/relay.md");

    #[test]
    fn every_metric_is_in_the_documentation_and_no_other() {
        let figures = Figures::new();
        let want: Vec<String> = figures
            .described()
            .iter()
            .map(|metric| {
                let labels = metric.labels.join(", ");
                format!(
                    "| `{}` | {} | {labels} | {} |",
                    metric.name, metric.kind, metric.about
                )
            })
            .collect();
        let rows = DOCUMENT.lines();
        let rows: Vec<&str> = rows.filter(|row| row.starts_with("| `mugai_")).collect();
        assert_eq!(rows, want);
        for cause in Cause::ALL {
            let row = format!("| `{}` |", cause.code());
            assert!(DOCUMENT.contains(&row), "{row}");
        }
    }

    #[test]
    fn no_label_comes_from_a_mail_or_a_service() {
        let figures = Figures::new();
        let part = |kind: &str, reason: &str| Withheld {
            name: "x".to_owned(),
            kind: kind.to_owned(),
            reason: reason.to_owned(),
            detail: "y".to_owned(),
        };
        let told = Told {
            withheld: vec![part("pdf", "encrypted"), part("evil\"} 1", "more\nlines")],
            ..Told::default()
        };
        figures.made(&told, true, 10, Instant::now());
        let text = figures.text(&Memory::new(1 << 20));
        for line in [
            "mugai_relay_parts_withheld_total{kind=\"pdf\",refusal=\"encrypted\"} 1",
            "mugai_relay_parts_withheld_total{kind=\"other\",refusal=\"other\"} 1",
            "mugai_relay_mails_made_total{verdict=\"sanitised\"} 1",
            "mugai_relay_tempfails_total{reason=\"next\"} 0",
            "mugai_relay_memory_bytes_limit 1048576",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn the_codes_of_refusals_are_those_of_the_core() {
        use mugai_core::Refusal;
        for refusal in [
            Refusal::malformed("x"),
            Refusal::unsupported("x"),
            Refusal::internal("x"),
        ] {
            assert!(REFUSALS.contains(&refusal.code()));
        }
    }
}
