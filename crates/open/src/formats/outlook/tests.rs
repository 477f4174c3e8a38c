use super::*;
use std::collections::BTreeMap;

/// An item of texts, numbers and times.
#[derive(Default)]
struct Made {
    texts: Vec<(Key, &'static str)>,
    numbers: Vec<(Key, u32)>,
    times: BTreeMap<Named, i64>,
    zone: Option<i32>,
}

impl Item for Made {
    fn text(&mut self, key: Key) -> Result<Option<String>, Refusal> {
        let found = self.texts.iter().find(|(of, _)| *of == key);
        Ok(found.map(|(_, text)| (*text).to_owned()))
    }

    fn first(&mut self, key: Key) -> Result<Option<i32>, Refusal> {
        Ok(self.zone.filter(|_| key == Key::Named(Named::Zone)))
    }

    fn number(&self, key: Key) -> Option<u32> {
        let found = self.numbers.iter().find(|(of, _)| *of == key);
        found.map(|(_, number)| *number)
    }

    fn time(&self, key: Key) -> Option<i64> {
        match key {
            Key::Named(named) => self.times.get(&named).copied(),
            Key::Fixed(_) => None,
        }
    }
}

/// 2026-12-01 00:00 UTC.
const DECEMBER: i64 = 1_796_083_200;

fn meeting() -> Made {
    Made {
        texts: vec![
            (Key::Fixed(0x0042), "総務課 \"山田\"\r\nX:y"),
            (Key::Fixed(0x5d02), "yamada@city.example.lg.jp"),
            (Key::Named(Named::Where), "第一会議室\r\nATTACH:x"),
        ],
        times: BTreeMap::from([(Named::Begin, DECEMBER), (Named::End, DECEMBER + 5_400)]),
        ..Made::default()
    }
}

fn lines(class: &str, mut item: Made, lang: Lang) -> Vec<String> {
    let known = Known {
        subject: Some("定例会議; 第1回, \\".to_owned()),
        from: from(&mut item).unwrap(),
    };
    let told = told(class, known, &mut item, lang).unwrap().unwrap();
    told.text.lines().map(str::to_owned).collect()
}

#[test]
fn a_meeting_is_told_as_one_of_a_calendar() {
    let want = [
        "BEGIN:VCALENDAR",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        r"SUMMARY:定例会議\; 第1回\, \\",
        "DTSTART:20261201T000000Z",
        "DTEND:20261201T013000Z",
        r"LOCATION:第一会議室\nATTACH:x",
        "ORGANIZER;CN=\"総務課  山田   X:y\":mailto:yamada@city.example.lg.jp",
        "END:VEVENT",
        "END:VCALENDAR",
    ];
    for class in [
        "IPM.Schedule.Meeting.Request",
        "IPM.Microsoft Schedule.MtgReq",
        "ipm.schedule.meeting.request.own",
    ] {
        assert_eq!(lines(class, meeting(), Lang::Ja), want, "{class}");
    }
    for message in ["IPM.Note", "IPM.Appointments", ""] {
        let told = told(message, Known::default(), &mut meeting(), Lang::Ja);
        assert_eq!(told.unwrap(), None);
    }
}

#[test]
fn answers_say_what_they_answer() {
    for (class, answer) in [
        ("IPM.Schedule.Meeting.Resp.Pos", "ACCEPTED"),
        ("IPM.Microsoft Schedule.MtgRespN", "DECLINED"),
        ("IPM.Schedule.Meeting.Resp.Tent", "TENTATIVE"),
    ] {
        let lines = lines(class, meeting(), Lang::Ja);
        assert_eq!(lines[1], "METHOD:REPLY");
        let start = format!("ATTENDEE;PARTSTAT={answer};CN=");
        assert!(lines[7].starts_with(&start), "{lines:?}");
    }
}

#[test]
fn whole_days_are_those_of_the_place() {
    // midnight where clocks are as far ahead as that, and an hour before it in summer
    for (zone, lang, off) in [
        (None, Lang::Ja, -9 * 3600),
        (None, Lang::En, 0),
        (Some(-540), Lang::En, -9 * 3600),
        (Some(300), Lang::Ja, 5 * 3600),
        (Some(300), Lang::Ja, 4 * 3600),
        (Some(i32::MIN), Lang::Ja, i64::from(i32::MIN) * 60),
    ] {
        let mut item = meeting();
        item.zone = zone;
        item.numbers.push((Key::Named(Named::AllDay), 1));
        item.times = BTreeMap::from([
            (Named::Begin, DECEMBER + off),
            (Named::End, DECEMBER + 86_400 + off),
        ]);
        let lines = lines("IPM.Appointment", item, lang);
        let days = ["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202"];
        assert_eq!(lines[4..6], days, "{zone:?}");
    }
}

#[test]
fn tasks_and_contacts() {
    let task = Made {
        times: BTreeMap::from([(Named::TaskDue, DECEMBER)]),
        ..Made::default()
    };
    assert_eq!(
        lines("IPM.Task", task, Lang::Ja)[1..5],
        [
            "BEGIN:VTODO",
            r"SUMMARY:定例会議\; 第1回\, \\",
            "DUE;VALUE=DATE:20261201",
            "END:VTODO"
        ]
    );
    let contact = Made {
        texts: vec![
            (Key::Fixed(0x3001), "佐藤 花子"),
            (Key::Fixed(0x3a24), "03-0000-0001"),
            (Key::Named(Named::Mail), "sato@vendor.example"),
        ],
        ..Made::default()
    };
    assert_eq!(
        lines("IPM.Contact", contact, Lang::Ja),
        [
            "BEGIN:VCARD",
            "FN:佐藤 花子",
            "TEL;TYPE=FAX:03-0000-0001",
            "EMAIL:sato@vendor.example",
            "END:VCARD"
        ]
    );
}

#[test]
fn times_far_away_are_none() {
    let mut item = meeting();
    item.times = BTreeMap::from([(Named::Begin, i64::MAX), (Named::End, i64::MIN)]);
    let lines = lines("IPM.Appointment", item, Lang::Ja);
    let today = |line: &String| line.starts_with("DTSTART:2026");
    assert!(!lines.iter().any(today), "{lines:?}");
}
