//! What Outlook keeps of meetings, appointments, tasks and contacts in properties ([MS-OXOCAL], [MS-OXOTASK],
//! [MS-OXOCNTC]), told as the calendars (RFC 5545) and cards (RFC 6350) that others write of them. Whoever takes
//! them has them read as any other.
//!
//! Nothing of what is written here is safe: it is as untrusted as the item, and only in another form.

#[cfg(test)]
mod tests;

use super::book::civil;
use mugai_core::{Lang, Refusal};
use std::fmt::Write as _;

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
    /// How it repeats, in words.
    Repeats,
    /// When a task begins.
    TaskBegin,
    /// When a task is due.
    TaskDue,
    /// The first mail address of a contact.
    Mail,
    /// The address of the place where a contact works.
    Office,
}

/// Sets of properties, as their identifiers are written ([MS-DTYP] section 2.3.4.2).
const APPOINTMENT: [u8; 16] = *b"\x02\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
const TASK: [u8; 16] = *b"\x03\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
const CONTACT: [u8; 16] = *b"\x04\x20\x06\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
const MEETING: [u8; 16] = *b"\x90\xda\xd8\x6e\x0b\x45\x1b\x10\x98\xda\0\xaa\0\x3f\x13\x05";

const NAMES: [([u8; 16], u32, Named); 11] = [
    (APPOINTMENT, 0x8208, Named::Place),
    (APPOINTMENT, 0x820d, Named::Begin),
    (APPOINTMENT, 0x820e, Named::End),
    (APPOINTMENT, 0x8215, Named::AllDay),
    (APPOINTMENT, 0x8233, Named::Zone),
    (APPOINTMENT, 0x8232, Named::Repeats),
    (MEETING, 0x0002, Named::Where),
    (TASK, 0x8104, Named::TaskBegin),
    (TASK, 0x8105, Named::TaskDue),
    (CONTACT, 0x8083, Named::Mail),
    (CONTACT, 0x801b, Named::Office),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// The number that bytes begin with.
    ///
    /// # Errors
    /// What their reading came to.
    fn first(&mut self, key: Key) -> Result<Option<i32>, Refusal>;

    /// A number of up to 32 bits.
    fn number(&self, key: Key) -> Option<u32>;

    /// A time, in seconds since 1970, in UTC.
    fn time(&self, key: Key) -> Option<i64>;
}

/// Properties with identifiers of their own.
const BEGIN: u16 = 0x0060;
const END: u16 = 0x0061;
/// Names, and the properties of their addresses: of the author, and of whoever sent it for them.
const AUTHOR: (u16, [u16; 2]) = (0x0042, [0x5d02, 0x0065]);
const SENDER: (u16, [u16; 2]) = (0x0c1a, [0x5d01, 0x0c1f]);
/// Fields of cards, by the properties that hold them.
const FIELDS: [(u16, &str); 8] = [
    (0x3001, "FN"),
    (0x3a16, "ORG"),
    (0x3a17, "TITLE"),
    (0x3a08, "TEL;TYPE=WORK"),
    (0x3a1c, "TEL;TYPE=CELL"),
    (0x3a09, "TEL;TYPE=HOME"),
    (0x3a24, "TEL;TYPE=FAX"),
    (0x3a51, "URL"),
];

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
}

/// Classes of messages in lower case, and how they were called before ([MS-OXCMSG] section 2.2.1.3,
/// [MS-OXTNEF] section 2.1.3.3.3). Longer ones that go on behind a dot are of the same sort.
const CLASSES: [(&str, Sort); 13] = [
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
    ("ipm.contact", Sort::Contact),
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
    let calendar = Told {
        media: "text/calendar",
        name: "calendar.ics",
        text: String::new(),
    };
    Ok(match sort(class) {
        None => None,
        Some(Sort::Event(method)) => Some(Told {
            text: event((method, None), known, item, lang)?,
            ..calendar
        }),
        Some(Sort::Answer(answer)) => Some(Told {
            text: event(("REPLY", Some(answer)), known, item, lang)?,
            ..calendar
        }),
        Some(Sort::Task) => Some(Told {
            text: task(known, item),
            ..calendar
        }),
        Some(Sort::Contact) => Some(Told {
            media: "text/vcard",
            name: "contact.vcf",
            text: card(item)?,
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
    let whole_days = item
        .number(Key::Named(Named::AllDay))
        .is_some_and(|is| is & 0xff != 0);
    let ahead = ahead(item, lang)?;
    for (field, named, fixed) in [("DTSTART", Named::Begin, BEGIN), ("DTEND", Named::End, END)] {
        let time = item
            .time(Key::Named(named))
            .or(item.time(Key::Fixed(fixed)));
        match time {
            Some(time) if whole_days => out.day(field, time, ahead),
            Some(time) => out.time(field, time),
            None => {}
        }
    }
    out.text("RRULE", item.text(Key::Named(Named::Repeats))?);
    let place = item.text(Key::Named(Named::Place))?;
    let place = match place {
        None => item.text(Key::Named(Named::Where))?,
        place => place,
    };
    out.text("LOCATION", place);
    let field = answer.map_or("ORGANIZER", |_| "ATTENDEE");
    out.person(field, answer, known.from);
    out.plain("END", "VEVENT");
    Ok(out.end("VCALENDAR"))
}

fn task(known: Known, item: &dyn Item) -> String {
    let mut out = Lines::begin("VCALENDAR");
    out.plain("BEGIN", "VTODO");
    out.text("SUMMARY", known.subject);
    // days are those of whoever wrote it, and are kept as the midnight of UTC ([MS-OXOTASK] section 2.2.2.2.4)
    for (field, named) in [("DTSTART", Named::TaskBegin), ("DUE", Named::TaskDue)] {
        if let Some(time) = item.time(Key::Named(named)) {
            out.day(field, time, 0);
        }
    }
    out.plain("END", "VTODO");
    out.end("VCALENDAR")
}

fn card(item: &mut dyn Item) -> Result<String, Refusal> {
    let mut out = Lines::begin("VCARD");
    for (number, field) in FIELDS {
        out.text(field, item.text(Key::Fixed(number))?);
    }
    out.text("EMAIL", item.text(Key::Named(Named::Mail))?);
    out.text("ADR", item.text(Key::Named(Named::Office))?);
    Ok(out.end("VCARD"))
}

/// How far the clocks of the item are ahead of UTC, in seconds: by its time zone ([MS-OXOCAL] section
/// 2.2.1.39), else those of Japan where that is the language.
fn ahead(item: &mut dyn Item, lang: Lang) -> Result<i64, Refusal> {
    // minutes that its clocks are behind
    let bias = item.first(Key::Named(Named::Zone))?;
    let default = if lang == Lang::Ja { JAPAN } else { 0 };
    Ok(bias.map_or(default, |bias| i64::from(bias).saturating_mul(-60)))
}

/// Lines of content (RFC 5545 section 3.1), none of them folded.
struct Lines(String);

/// How far the clocks of Japan are ahead, in seconds.
const JAPAN: i64 = 32_400;
const HALF_A_DAY: i64 = 43_200;
const DAY: i64 = 86_400;

impl Lines {
    fn begin(component: &str) -> Self {
        Self(format!("BEGIN:{component}\r\n"))
    }

    fn end(mut self, component: &str) -> String {
        self.plain("END", component);
        self.0
    }

    fn plain(&mut self, field: &str, value: &str) {
        // writing to a string cannot fail
        let _ = write!(self.0, "{field}:{value}\r\n");
    }

    /// A value in which nothing can be taken for another line (RFC 5545 section 3.3.11).
    fn text(&mut self, field: &str, value: Option<String>) {
        let Some(value) = value else {
            return;
        };
        self.0.push_str(field);
        self.0.push(':');
        let value = value.replace("\r\n", "\n");
        for c in value.trim().chars() {
            match c {
                '\n' | '\r' => self.0.push_str("\\n"),
                '\\' | ',' | ';' => self.0.extend(['\\', c]),
                _ => self.0.push(c),
            }
        }
        self.0.push_str("\r\n");
    }

    fn time(&mut self, field: &str, seconds: i64) {
        let of_day = seconds.rem_euclid(DAY);
        if let Some((year, month, day)) = civil(seconds.div_euclid(DAY)) {
            let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
            let _ = write!(
                self.0,
                "{field}:{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z\r\n"
            );
        }
    }

    /// The day whose midnight a time is; daylight saving time may put it off by hours.
    fn day(&mut self, field: &str, seconds: i64, ahead: i64) {
        let noon = seconds.saturating_add(ahead).saturating_add(HALF_A_DAY);
        if let Some((year, month, day)) = civil(noon.div_euclid(DAY)) {
            let _ = write!(self.0, "{field};VALUE=DATE:{year:04}{month:02}{day:02}\r\n");
        }
    }

    /// Somebody, whose name stands in quotation marks (RFC 5545 section 3.2).
    fn person(&mut self, field: &str, answer: Option<&str>, [name, address]: [Option<String>; 2]) {
        let safe = |c: char| if c == '"' || c.is_control() { ' ' } else { c };
        let name = name.map(|name| name.chars().map(safe).collect::<String>());
        let address = address.filter(|address| address.bytes().all(|b| b.is_ascii_graphic()));
        if name.is_none() && address.is_none() {
            return;
        }
        self.0.push_str(field);
        if let Some(answer) = answer {
            let _ = write!(self.0, ";PARTSTAT={answer}");
        }
        let _ = match (name, address) {
            (Some(name), Some(address)) => {
                write!(self.0, ";CN=\"{name}\":mailto:{address}\r\n")
            }
            (name, address) => {
                let who = address.or(name).unwrap_or_default();
                write!(self.0, ":{who}\r\n")
            }
        };
    }
}
