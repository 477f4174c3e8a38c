//! What Outlook keeps of meetings, appointments, tasks and contacts in properties ([MS-OXOCAL], [MS-OXOTASK],
//! [MS-OXOCNTC]), told as the calendars (RFC 5545) and cards (RFC 6350) that others write of them. Whoever takes
//! them has them read as any other.
//!
//! Nothing of what is written here is safe: it is as untrusted as the item, and only in another form.

mod lines;
#[cfg(test)]
mod tests;

pub(super) use lines::{JAPAN, Moment};

use lines::Lines;
use mugai_core::{Lang, Refusal};
use std::borrow::Cow;

/// A property whose identifier is another one in each file, by its set and its number there ([MS-OXPROPS]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// Where it takes place.
    Place,
    /// The same of a meeting, from its organiser.
    Where,
    /// When it begins.
    Begin,
    /// When it ends.
    End,
    /// Whether it takes whole days.
    AllDay,
    /// The time zone of what repeats.
    Zone,
    /// The time zone of its beginning, and all of its rules.
    Rules,
    /// Whether an answer proposes another time.
    Counter,
    /// When what is proposed begins.
    NewBegin,
    /// When what is proposed ends.
    NewEnd,
    /// How it repeats, in words.
    Repeats,
    /// When a task begins.
    TaskBegin,
    /// When a task is due.
    TaskDue,
    /// When a task was finished.
    TaskDone,
    /// How far a task is, by a number.
    TaskStatus,
    /// Whose task it is.
    TaskOwner,
    /// A mail address of a contact, counted from 0: of a directory, where it is known by one.
    Mail(u8),
    /// How that address was written, which is one of mail where the other is not.
    Smtp(u8),
    /// Where a contact is to be found: at work, at home, elsewhere.
    Address(u8),
    /// How the name of a contact is read: first names, the last one, the company.
    Reading(u8),
}

/// Sets of properties, as their identifiers are written ([MS-DTYP] section 2.3.4.2).
const APPOINTMENT: [u8; 16] = *b"\x02\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
const TASK: [u8; 16] = *b"\x03\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
const CONTACT: [u8; 16] = *b"\x04\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
const MEETING: [u8; 16] = *b"\x90\xda\xd8\x6e\x0b\x45\x1b\x10\x98\xda\0\xaa\0\x3f\x13\x05";

const NAMES: [([u8; 16], u32, Named); 28] = [
    (APPOINTMENT, 0x8208, Named::Place),
    (APPOINTMENT, 0x820d, Named::Begin),
    (APPOINTMENT, 0x820e, Named::End),
    (APPOINTMENT, 0x8215, Named::AllDay),
    (APPOINTMENT, 0x8233, Named::Zone),
    (APPOINTMENT, 0x825e, Named::Rules),
    (APPOINTMENT, 0x8257, Named::Counter),
    (APPOINTMENT, 0x8250, Named::NewBegin),
    (APPOINTMENT, 0x8251, Named::NewEnd),
    (APPOINTMENT, 0x8232, Named::Repeats),
    (MEETING, 0x0002, Named::Where),
    (TASK, 0x8104, Named::TaskBegin),
    (TASK, 0x8105, Named::TaskDue),
    (TASK, 0x810f, Named::TaskDone),
    (TASK, 0x8101, Named::TaskStatus),
    (TASK, 0x811f, Named::TaskOwner),
    (CONTACT, 0x8083, Named::Mail(0)),
    (CONTACT, 0x8093, Named::Mail(1)),
    (CONTACT, 0x80a3, Named::Mail(2)),
    (CONTACT, 0x8084, Named::Smtp(0)),
    (CONTACT, 0x8094, Named::Smtp(1)),
    (CONTACT, 0x80a4, Named::Smtp(2)),
    (CONTACT, 0x801b, Named::Address(0)),
    (CONTACT, 0x801a, Named::Address(1)),
    (CONTACT, 0x801c, Named::Address(2)),
    (CONTACT, 0x802c, Named::Reading(0)),
    (CONTACT, 0x802d, Named::Reading(1)),
    (CONTACT, 0x802e, Named::Reading(2)),
];

impl Named {
    /// The property of a set, if it is one that is told.
    pub(super) fn of(set: &[u8], number: u32) -> Option<Self> {
        let found = NAMES
            .iter()
            .find(|(of, its, _)| of == set && *its == number);
        found.map(|(_, _, named)| *named)
    }
}

/// Names a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// By the identifier that it has everywhere.
    Fixed(u16),
    /// By its name.
    Named(Named),
}

/// An item whose properties can be read.
pub(super) trait Item {
    /// A text that is not empty.
    ///
    /// # Errors
    /// What its reading came to.
    fn text(&mut self, key: Key) -> Result<Option<String>, Refusal>;

    /// Bytes.
    ///
    /// # Errors
    /// What their reading came to.
    fn binary(&mut self, key: Key) -> Result<Option<Cow<'_, [u8]>>, Refusal>;

    /// A number of up to 32 bits.
    fn number(&self, key: Key) -> Option<u32>;

    /// A time.
    fn time(&self, key: Key) -> Option<Moment>;

    /// Whether something is so.
    fn is(&self, named: Named) -> bool {
        let number = self.number(Key::Named(named));
        number.is_some_and(|is| is & 0xff != 0)
    }

    /// A text that is more than blanks.
    ///
    /// # Errors
    /// What its reading came to.
    fn said(&mut self, key: Key) -> Result<Option<String>, Refusal> {
        Ok(self.text(key)?.filter(|text| !text.trim().is_empty()))
    }
}

/// Properties with identifiers of their own.
const BEGIN: u16 = 0x0060;
const END: u16 = 0x0061;
/// Names, and the properties of their addresses: of the author, and of whoever sent it for them.
const AUTHOR: (u16, [u16; 2]) = (0x0042, [0x5d02, 0x0065]);
const SENDER: (u16, [u16; 2]) = (0x0c1a, [0x5d01, 0x0c1f]);
/// Parts of the name of a contact: the last one, the first one, one in the middle.
const NAME: [u16; 3] = [0x3a11, 0x3a06, 0x3a44];
/// Where somebody works: company, department.
const COMPANY: [u16; 2] = [0x3a16, 0x3a18];
/// Fields of cards, by the properties that hold them.
const FIELDS: [(u16, &str); 11] = [
    (0x3a17, "TITLE"),
    (0x3a08, "TEL;TYPE=WORK"),
    (0x3a1b, "TEL;TYPE=WORK"),
    (0x3a1c, "TEL;TYPE=CELL"),
    (0x3a09, "TEL;TYPE=HOME"),
    (0x3a2f, "TEL;TYPE=HOME"),
    (0x3a1f, "TEL"),
    (0x3a24, "TEL;TYPE=FAX"),
    (0x3a25, "TEL;TYPE=FAX"),
    (0x3a51, "URL"),
    (0x3a50, "URL"),
];
const FULL_NAME: u16 = 0x3001;

/// Who an item is from: the author, with the address of the sender if it is the same person.
pub(super) fn from(item: &mut dyn Item) -> Result<[Option<String>; 2], Refusal> {
    let mut pair = |(name, addresses): (u16, [u16; 2])| -> Result<_, Refusal> {
        let name = item.text(Key::Fixed(name))?;
        let mut address = None;
        for number in addresses {
            let text = item.text(Key::Fixed(number))?;
            // that of a directory is none that others know
            address = address.or(text.filter(|text| text.contains('@')));
        }
        Ok([name, address])
    };
    let author = pair(AUTHOR)?;
    let sender = pair(SENDER)?;
    Ok(match (author, sender) {
        ([None, None], sender) => sender,
        ([Some(name), None], [other, address])
            if other.is_none() || other.as_ref() == Some(&name) =>
        {
            [Some(name), address]
        }
        ([None, address], [name, other]) if address == other => [name, address],
        (author, _) => author,
    })
}

/// An item in another form.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Its media type; the charset is UTF-8.
    pub(super) media: &'static str,
    /// A name for it as a file.
    pub(super) name: &'static str,
    /// Its text.
    pub(super) text: String,
}

/// What an item is, apart from a message.
#[derive(Clone, Copy)]
enum Sort {
    /// A meeting or an appointment: the method of RFC 5546.
    Event(&'static str),
    /// An answer to an invitation: what it says (RFC 5545 section 3.2.12).
    Answer(&'static str),
    Task,
    Contact,
    /// One that is told as its text only.
    Untold,
}

/// Classes of messages in lower case, and how they were called before ([MS-OXCMSG] section 2.2.1.3,
/// [MS-OXTNEF] section 2.1.3.3.3). Longer ones that go on behind a dot are of the same sort.
const CLASSES: [(&str, Sort); 16] = [
    ("ipm.schedule.meeting.request", Sort::Event("REQUEST")),
    ("ipm.microsoft schedule.mtgreq", Sort::Event("REQUEST")),
    ("ipm.schedule.meeting.canceled", Sort::Event("CANCEL")),
    ("ipm.microsoft schedule.mtgcncl", Sort::Event("CANCEL")),
    ("ipm.schedule.meeting.resp.pos", Sort::Answer("ACCEPTED")),
    ("ipm.microsoft schedule.mtgrespp", Sort::Answer("ACCEPTED")),
    ("ipm.schedule.meeting.resp.neg", Sort::Answer("DECLINED")),
    ("ipm.microsoft schedule.mtgrespn", Sort::Answer("DECLINED")),
    ("ipm.schedule.meeting.resp.tent", Sort::Answer("TENTATIVE")),
    ("ipm.microsoft schedule.mtgrespa", Sort::Answer("TENTATIVE")),
    ("ipm.appointment", Sort::Event("PUBLISH")),
    ("ipm.task", Sort::Task),
    ("ipm.taskrequest", Sort::Task),
    ("ipm.contact", Sort::Contact),
    ("ipm.distlist", Sort::Untold),
    ("ipm.activity", Sort::Untold),
];

fn sort(class: &str) -> Option<Sort> {
    let class = class.to_ascii_lowercase();
    let is = |of: &str| {
        let rest = class.strip_prefix(of);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    CLASSES.iter().find(|(of, _)| is(of)).map(|(_, sort)| *sort)
}

/// What of an item its message has as well: of some files each property can be read but once.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// Its subject.
    pub(super) subject: Option<String>,
    /// Who it is [`from`].
    pub(super) from: [Option<String>; 2],
}

/// Whether an item of this class holds what is not told.
pub(super) fn is_untold(class: &str) -> bool {
    matches!(sort(class), Some(Sort::Untold))
}

/// What an item of a class says beside its text; `None` for messages.
///
/// # Errors
/// What the reading of the properties came to.
pub(super) fn told(
    class: &str,
    known: Known,
    item: &mut dyn Item,
    lang: Lang,
) -> Result<Option<Told>, Refusal> {
    let calendar = |text| Told {
        media: "text/calendar",
        name: "calendar.ics",
        text,
    };
    Ok(match sort(class) {
        None | Some(Sort::Untold) => None,
        Some(Sort::Event(method)) => Some(calendar(event((method, None), known, item, lang)?)),
        Some(Sort::Answer(answer)) => {
            let method = if item.is(Named::Counter) {
                "COUNTER"
            } else {
                "REPLY"
            };
            let text = event((method, Some(answer)), known, item, lang)?;
            Some(calendar(text))
        }
        Some(Sort::Task) => Some(calendar(task(known, item)?)),
        Some(Sort::Contact) => Some(Told {
            media: "text/vcard",
            name: "contact.vcf",
            text: card(known, item)?,
        }),
    })
}

fn event(
    (method, answer): (&str, Option<&str>),
    known: Known,
    item: &mut dyn Item,
    lang: Lang,
) -> Result<String, Refusal> {
    let mut out = Lines::begin("VCALENDAR");
    out.plain("METHOD", method);
    out.plain("BEGIN", "VEVENT");
    out.text("SUMMARY", known.subject);
    let whole_days = item.is(Named::AllDay);
    let zone = Zone::of(item, lang)?;
    let times = [
        ("DTSTART", Named::NewBegin, Named::Begin, BEGIN),
        ("DTEND", Named::NewEnd, Named::End, END),
    ];
    for (field, proposed, named, number) in times {
        let time = item
            .time(Key::Named(proposed))
            .filter(|_| method == "COUNTER")
            .or_else(|| item.time(Key::Named(named)))
            .or_else(|| item.time(Key::Fixed(number)));
        match time {
            Some(time) if whole_days => out.day(field, zone.midnight(time)),
            Some(time) => out.time(field, time),
            None => {}
        }
    }
    out.text("RRULE", item.said(Key::Named(Named::Repeats))?);
    let place = match item.said(Key::Named(Named::Place))? {
        None => item.said(Key::Named(Named::Where))?,
        place => place,
    };
    out.text("LOCATION", place);
    let field = answer.map_or("ORGANIZER", |_| "ATTENDEE");
    out.person(field, answer, known.from);
    out.plain("END", "VEVENT");
    Ok(out.end("VCALENDAR"))
}

fn task(known: Known, item: &mut dyn Item) -> Result<String, Refusal> {
    let mut out = Lines::begin("VCALENDAR");
    out.plain("BEGIN", "VTODO");
    out.text("SUMMARY", known.subject);
    // days are those of whoever wrote it, and are kept as the midnight of UTC ([MS-OXOTASK] section 2.2.2.2.4)
    for (field, named) in [
        ("DTSTART", Named::TaskBegin),
        ("DUE", Named::TaskDue),
        ("COMPLETED", Named::TaskDone),
    ] {
        if let Some(time) = item.time(Key::Named(named)) {
            out.day(field, time);
        }
    }
    // [MS-OXOTASK] section 2.2.2.2.2
    let status = match item.number(Key::Named(Named::TaskStatus)) {
        Some(0) => Some("NEEDS-ACTION"),
        Some(1) => Some("IN-PROCESS"),
        Some(2) => Some("COMPLETED"),
        _ => None,
    };
    if let Some(status) = status {
        out.plain("STATUS", status);
    }
    out.text("CONTACT", item.said(Key::Named(Named::TaskOwner))?);
    out.plain("END", "VTODO");
    Ok(out.end("VCALENDAR"))
}

fn card(known: Known, item: &mut dyn Item) -> Result<String, Refusal> {
    let mut out = Lines::begin("VCARD");
    let name = item.said(Key::Fixed(FULL_NAME))?;
    out.parts("N", &all(item, NAME.map(Key::Fixed))?);
    out.text("FN", name.or(known.subject));
    for (part, field) in [
        (1, "X-PHONETIC-LAST-NAME"),
        (0, "X-PHONETIC-FIRST-NAME"),
        (2, "X-PHONETIC-ORG"),
    ] {
        out.text(field, item.said(Key::Named(Named::Reading(part)))?);
    }
    out.parts("ORG", &all(item, COMPANY.map(Key::Fixed))?);
    for (number, field) in FIELDS {
        out.text(field, item.said(Key::Fixed(number))?);
    }
    for place in 0..3 {
        // that of a directory is none that others know
        let is_mail = |text: &String| text.contains('@');
        let mail = item.said(Key::Named(Named::Mail(place)))?.filter(is_mail);
        let mail = match mail {
            None => item.said(Key::Named(Named::Smtp(place)))?.filter(is_mail),
            mail => mail,
        };
        out.text("EMAIL", mail);
    }
    for place in 0..3 {
        out.text("ADR", item.said(Key::Named(Named::Address(place)))?);
    }
    Ok(out.end("VCARD"))
}

fn all<const N: usize>(item: &mut dyn Item, keys: [Key; N]) -> Result<Vec<String>, Refusal> {
    let mut all = Vec::new();
    for key in keys {
        all.push(item.said(key)?.unwrap_or_default());
    }
    Ok(all)
}

/// Where the clocks are that say when a day begins.
enum Zone {
    /// So far ahead of UTC, in seconds.
    Ahead(i64),
    /// It does not say where: in Japan, where that is the language and it may be.
    Unknown(Lang),
}

impl Zone {
    /// That of an item ([MS-OXOCAL] sections 2.2.1.39, and 2.2.1.41 for all rules of one).
    fn of(item: &mut dyn Item, lang: Lang) -> Result<Self, Refusal> {
        // both tell minutes that its clocks are behind
        let of_four = |bytes: &[u8]| {
            let bias = bytes.first_chunk().map(|bias| i32::from_le_bytes(*bias))?;
            Some(Self::Ahead(i64::from(bias).saturating_mul(-60)))
        };
        if let Some(zone) = item.binary(Key::Named(Named::Zone))?
            && let Some(zone) = of_four(&zone)
        {
            return Ok(zone);
        }
        let rules = item.binary(Key::Named(Named::Rules))?;
        let zone = rules.and_then(|rules| {
            let names = rules.get(HEADER_SIZE..)?.first_chunk()?;
            let rule = usize::from(u16::from_le_bytes(*names)).checked_add(HEADER)?;
            of_four(rules.get(rule.checked_add(BIAS)?..)?)
        });
        Ok(zone.unwrap_or(Self::Unknown(lang)))
    }

    /// The midnight of UTC of the day whose midnight a time is here.
    fn midnight(&self, time: Moment) -> Moment {
        let Moment::Utc(seconds) = time else {
            return time;
        };
        let japan = seconds.saturating_add(JAPAN);
        Moment::Utc(match self {
            Self::Ahead(ahead) => seconds.saturating_add(*ahead),
            Self::Unknown(Lang::Ja) if japan.rem_euclid(lines::DAY) == 0 => japan,
            Self::Unknown(_) => seconds,
        })
    }
}

/// Where the size of what names a time zone stands, what stands before that, and where its first rule tells how
/// far its clocks are behind ([MS-OXOCAL] section 2.2.1.41).
const HEADER_SIZE: usize = 2;
const HEADER: usize = 4;
const BIAS: usize = 22;
