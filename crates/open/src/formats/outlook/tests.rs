use super::*;
use std::collections::BTreeMap;

/// An item of texts, numbers and times.
#[derive(Default)]
struct Made {
    texts: Vec<(Key, &'static str)>,
    numbers: Vec<(Named, u32)>,
    times: BTreeMap<Named, i64>,
    bytes: Vec<(Named, Vec<u8>)>,
}

impl Item for Made {
    fn text(&mut self, key: Key) -> Result<Option<String>, Refusal> {
        let found = self.texts.iter().find(|(of, _)| *of == key);
        Ok(found.map(|(_, text)| (*text).to_owned()))
    }

    fn binary(&mut self, key: Key) -> Result<Option<Cow<'_, [u8]>>, Refusal> {
        let mut all = self.bytes.iter();
        let found = all.find(|(named, _)| key == Key::Named(*named));
        Ok(found.map(|(_, bytes)| Cow::Borrowed(bytes.as_slice())))
    }

    fn number(&self, key: Key) -> Option<u32> {
        let mut all = self.numbers.iter();
        let found = all.find(|(named, _)| key == Key::Named(*named));
        found.map(|(_, number)| *number)
    }

    fn time(&self, key: Key) -> Option<Moment> {
        match key {
            Key::Named(named) => self.times.get(&named).copied().map(Moment::Utc),
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
fn an_answer_that_proposes_another_time_tells_that() {
    let mut item = meeting();
    item.numbers.push((Named::Counter, 1));
    item.times.insert(Named::NewBegin, DECEMBER + 86_400);
    item.times.insert(Named::NewEnd, DECEMBER + 90_000);
    let told = lines("IPM.Schedule.Meeting.Resp.Tent", item, Lang::Ja);
    assert_eq!(told[1], "METHOD:COUNTER");
    assert_eq!(
        told[4..6],
        ["DTSTART:20261202T000000Z", "DTEND:20261202T010000Z"]
    );
    // what is proposed counts where it is said to be
    let mut item = meeting();
    item.times.insert(Named::NewBegin, DECEMBER + 86_400);
    let told = lines("IPM.Schedule.Meeting.Resp.Tent", item, Lang::Ja);
    assert_eq!(told[4], "DTSTART:20261201T000000Z");
}

#[test]
fn a_place_of_blanks_is_none() {
    let mut item = meeting();
    item.texts.push((Key::Named(Named::Place), " \u{3000}"));
    let told = lines("IPM.Appointment", item, Lang::Ja);
    assert!(told[6].starts_with("LOCATION:第一会議室"), "{told:?}");
}

#[test]
fn whole_days_are_those_of_the_place() {
    let zone = |bias: i32| vec![(Named::Zone, bias.to_le_bytes().to_vec())];
    // a head of six bytes and two letters, then a rule
    let rules = |bias: i32| {
        let name = [2, 1, 10, 0, 2, 0, 2, 0, b'E', 0, b'T', 0, 1, 0];
        let rule = [[0; BIAS].as_slice(), &bias.to_le_bytes()].concat();
        vec![(Named::Rules, [name.as_slice(), &rule].concat())]
    };
    // midnight where clocks are as far ahead as that, and an hour before it in summer
    for (bytes, lang, off) in [
        (Vec::new(), Lang::Ja, -9 * 3600),
        (Vec::new(), Lang::En, 0),
        (Vec::new(), Lang::Ja, 5 * 3600),
        (Vec::new(), Lang::Ja, -8 * 3600),
        (Vec::new(), Lang::En, -9 * 3600),
        (zone(-540), Lang::En, -9 * 3600),
        (zone(-840), Lang::Ja, -14 * 3600),
        (zone(300), Lang::Ja, 5 * 3600),
        (zone(300), Lang::Ja, 4 * 3600),
        (rules(300), Lang::Ja, 5 * 3600),
        (rules(-780), Lang::Ja, -13 * 3600),
        (
            vec![(Named::Rules, vec![2, 1, 255, 255, 0])],
            Lang::Ja,
            -9 * 3600,
        ),
        (zone(i32::MIN), Lang::Ja, i64::from(i32::MIN) * 60),
    ] {
        let said = format!("{bytes:?} {off}");
        let mut item = meeting();
        item.bytes = bytes;
        item.numbers.push((Named::AllDay, 1));
        item.times = BTreeMap::from([
            (Named::Begin, DECEMBER + off),
            (Named::End, DECEMBER + 86_400 + off),
        ]);
        let lines = lines("IPM.Appointment", item, lang);
        let days = ["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202"];
        assert_eq!(lines[4..6], days, "{said}");
    }
}

#[test]
fn tasks_and_contacts() {
    let task = Made {
        texts: vec![(Key::Named(Named::TaskOwner), "山田")],
        numbers: vec![(Named::TaskStatus, 2)],
        times: BTreeMap::from([(Named::TaskDue, DECEMBER), (Named::TaskDone, DECEMBER)]),
        ..Made::default()
    };
    assert_eq!(
        lines("IPM.Task", task, Lang::Ja)[1..7],
        [
            "BEGIN:VTODO",
            r"SUMMARY:定例会議\; 第1回\, \\",
            "DUE;VALUE=DATE:20261201",
            "COMPLETED;VALUE=DATE:20261201",
            "STATUS:COMPLETED",
            "CONTACT:山田",
        ]
    );
    let contact = Made {
        texts: vec![
            (Key::Fixed(0x3001), "佐藤 花子"),
            (Key::Fixed(0x3a11), "佐藤"),
            (Key::Fixed(0x3a06), "花子"),
            (Key::Named(Named::Reading(1)), "サトウ"),
            (Key::Fixed(0x3a18), "営業部; 第一課"),
            (Key::Fixed(0x3a24), "03-0000-0001"),
            (Key::Named(Named::Mail(0)), "/o=Example/cn=sato"),
            (Key::Named(Named::Smtp(0)), "sato@vendor.example"),
            (Key::Named(Named::Mail(2)), "hanako@home.example"),
            (Key::Named(Named::Address(1)), "東京都\r\n千代田区"),
        ],
        ..Made::default()
    };
    assert_eq!(
        lines("IPM.Contact", contact, Lang::Ja),
        [
            "BEGIN:VCARD",
            "N:佐藤;花子;",
            "FN:佐藤 花子",
            "X-PHONETIC-LAST-NAME:サトウ",
            r"ORG:;営業部\; 第一課",
            "TEL;TYPE=FAX:03-0000-0001",
            "EMAIL:sato@vendor.example",
            "EMAIL:hanako@home.example",
            r"ADR:東京都\n千代田区",
            "END:VCARD"
        ]
    );
    assert!(is_untold("IPM.DistList") && !is_untold("IPM.Note"));
}

#[test]
fn times_that_nobody_means_are_none() {
    // the last one stands for none
    for (begin, end) in [(i64::MAX, i64::MIN), (-70_000_000_000, 79_870_665_600)] {
        for whole_days in [0, 1] {
            let mut item = meeting();
            item.numbers.push((Named::AllDay, whole_days));
            item.times = BTreeMap::from([(Named::Begin, begin), (Named::End, end)]);
            let lines = lines("IPM.Appointment", item, Lang::En);
            assert!(
                lines.iter().all(|line| !line.starts_with("DT")),
                "{lines:?}"
            );
        }
    }
}
