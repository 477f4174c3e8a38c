//! Events for those who watch over a network (SIEM): a closed list with stable numbers.

use crate::call::Call;
use crate::reason::Reason;
use crate::summary::{Part, Summary};
use std::time::SystemTime;

macro_rules! events {
    ($($variant:ident = $number:literal, $name:literal, $severity:literal, $doc:literal;)*) => {
        /// What happened. Numbers are stable: rules of other systems are built on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum What { $(#[doc = $doc] $variant,)* }
        impl What {
            /// Every event there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The number.
            #[must_use]
            pub const fn number(self) -> &'static str { match self { $(Self::$variant => $number,)* } }
            /// The name.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }
            /// How grave it is, 0 to 10, as CEF has it.
            #[must_use]
            pub const fn severity(self) -> u8 { match self { $(Self::$variant => $severity,)* } }
            /// One English sentence for the documentation.
            #[must_use]
            pub const fn about(self) -> &'static str { match self { $(Self::$variant => $doc,)* } }
        }
    };
}

events! {
    PartWithheld = "1001", "part_withheld", 5, "A part was withheld; a notice stands in its place.";
    ActiveRemoved = "1002", "active_content_removed", 4, "Something that would have run, or loaded something, was left out: a script, an action, a form, a formula, an embedded file.";
    LimitHit = "1003", "limit_hit", 5, "A part met a limit of the policy.";
    WorkerLost = "1004", "worker_lost", 7, "The worker that opened a part crashed, said what no honest worker says, or was killed at its deadline.";
    PoliciesRead = "1005", "policies_read", 3, "The policies were read again.";
    CallerRefused = "1006", "caller_refused", 6, "A caller that is not known, or may not do what it asked for, was turned away.";
    PoliciesBad = "1007", "policies_bad", 8, "The policies could not be read again; the last good ones stay in force.";
    Alarm = "1008", "alarm", 9, "A refusal of our own doing: an output did not pass its checker, or a mistake of ours.";
    FileWithheld = "1009", "file_withheld", 6, "All of a file was withheld.";
    Disguise = "1010", "disguise", 5, "A part pretended to be something else, by its name, its type, or by being two things at once.";
    Overload = "1011", "overload", 6, "A call found no seat, no room or no job in time.";
    ServiceStarted = "1012", "service_started", 2, "The service began.";
    ServiceStopped = "1013", "service_stopped", 3, "The service ended.";
}

impl What {
    /// The severity of RFC 5424, table 2: 6 informational, 5 notice, 4 warning, 3 error, 2 critical.
    #[must_use]
    pub const fn syslog_severity(self) -> u8 {
        match self.severity() {
            0..=3 => 6,
            4 => 5,
            5..=6 => 4,
            7..=8 => 3,
            9.. => 2,
        }
    }
}

/// Findings that are active content.
pub(crate) const ACTIVE: [&str; 9] = [
    "html.script",
    "html.form",
    "html.refresh",
    "csv.formula",
    "pdf.script",
    "pdf.action",
    "pdf.form",
    "pdf.xfa",
    "pdf.embedded",
];

/// Findings of parts that pretend.
pub(crate) const DISGUISES: [&str; 4] = [
    "mime.type_lie",
    "name.double_extension",
    "name.bidi",
    "file.polyglot",
];

/// The most events of one call; a mail of thousands of parts must not drown the others.
const MOST: usize = 64;

/// One event. Texts are words of ours, checked words of a caller, or plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What happened.
    pub what: What,
    /// When.
    pub at: SystemTime,
    /// Who called.
    pub caller: String,
    /// The number of the mail.
    pub queue_id: String,
    /// The ticket of the job.
    pub id: String,
    /// The BLAKE3 of the policy.
    pub policy_hash: String,
    /// The place of the part.
    pub path: String,
    /// What the part is.
    pub kind: &'static str,
    /// Why: a refusal, a limit, a finding, the reason of a refused call.
    pub reason: &'static str,
    /// How often.
    pub count: u32,
    /// The size of the part, in bytes.
    pub bytes: u64,
    /// What the part was called, plain; only where names may be told.
    pub file: Option<String>,
}

impl Event {
    /// An event of the service itself.
    #[must_use]
    pub fn of(what: What, at: SystemTime) -> Self {
        Self {
            what,
            at,
            caller: String::new(),
            queue_id: String::new(),
            id: String::new(),
            policy_hash: String::new(),
            path: String::new(),
            kind: "",
            reason: "",
            count: 1,
            bytes: 0,
            file: None,
        }
    }

    /// The events of a call, at most 64; the graver ones of each part come first.
    #[must_use]
    pub fn of_call(call: &Call, at: SystemTime) -> Vec<Self> {
        let mut events = Vec::new();
        let plain = Self {
            caller: call.caller.clone(),
            queue_id: call.queue_id.clone(),
            ..Self::of(What::CallerRefused, at)
        };
        if let Some(reason) = call.reason()
            && let Some(what) = of_reason(reason)
        {
            events.push(Self {
                what,
                reason: reason.code(),
                ..plain.clone()
            });
        }
        if let Some(job) = call.summary() {
            of_job(job, &plain, &mut events);
        }
        if events.len() > MOST {
            // many harmless things must not hide what is alarming
            events.sort_by_key(|event| !matches!(event.what, What::WorkerLost | What::Alarm));
            events.truncate(MOST);
        }
        events
    }
}

const fn of_reason(reason: Reason) -> Option<What> {
    match reason {
        Reason::Unauthenticated | Reason::Caller | Reason::Zones => Some(What::CallerRefused),
        Reason::Seats | Reason::Room | Reason::Jobs => Some(What::Overload),
        Reason::Internal => Some(What::Alarm),
        Reason::Policy
        | Reason::IllFormed
        | Reason::Size
        | Reason::Key
        | Reason::Deadline
        | Reason::Gone
        | Reason::Stopping
        | Reason::Reload => None,
    }
}

fn of_job(job: &Summary, plain: &Event, events: &mut Vec<Event>) {
    let base = Event {
        id: job.id.clone(),
        policy_hash: job.policy_hash.clone(),
        ..plain.clone()
    };
    if job.verdict == "withheld" {
        events.push(Event {
            what: What::FileWithheld,
            path: "0".to_owned(),
            kind: job.kind(),
            reason: job.refusal,
            bytes: job.parts.first().map_or(0, |root| root.bytes_in),
            file: job.file.clone(),
            ..base.clone()
        });
    }
    for part in &job.parts {
        let base = Event {
            path: part.path.clone(),
            kind: part.kind,
            bytes: part.bytes_in,
            file: part.file.clone(),
            ..base.clone()
        };
        let of_part = of_part(part).into_iter();
        events.extend(of_part.map(|(what, reason, count)| Event {
            what,
            reason,
            count,
            ..base.clone()
        }));
    }
}

/// What is to be told of a part, why, and how often.
fn of_part(part: &Part) -> Vec<(What, &'static str, u32)> {
    let mut told = Vec::new();
    match part.refusal {
        "lost_crash" | "lost_deadline" => told.push((What::WorkerLost, part.refusal, 1)),
        "unverified" | "internal" => told.push((What::Alarm, part.refusal, 1)),
        _ => {}
    }
    told.extend(part.limit.map(|limit| (What::LimitHit, limit, 1)));
    if part.verdict == "withheld" {
        told.push((What::PartWithheld, part.refusal, 1));
    }
    for (finding, count) in &part.findings {
        if ACTIVE.contains(finding) {
            told.push((What::ActiveRemoved, finding, *count));
        } else if DISGUISES.contains(finding) {
            told.push((What::Disguise, finding, *count));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::FindingCode;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_and_names_are_unique() {
        let numbers: BTreeSet<_> = What::ALL.iter().map(|what| what.number()).collect();
        let names: BTreeSet<_> = What::ALL.iter().map(|what| what.name()).collect();
        assert_eq!(numbers.len(), What::ALL.len());
        assert_eq!(names.len(), What::ALL.len());
    }

    #[test]
    fn the_findings_that_are_events_exist() {
        for finding in ACTIVE.iter().chain(&DISGUISES) {
            let mut all = FindingCode::ALL.iter();
            assert!(all.any(|code| code.code() == *finding), "{finding}");
        }
    }
}
