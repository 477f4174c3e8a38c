//! Tests of calendars and cards.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a piece of another kind is a failed test"
)]

use super::*;
use mugai_core::{Assignment, Budget, Finding, Hints, Limits, NoFonts, Params, Sink, Treatments};

const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    pixels: 0,
    parts: 10,
    depth: 5,
    steps: 500_000_000,
};

#[derive(Debug, Default)]
struct Heard(String, Vec<(FindingCode, u32)>);

impl Sink for Heard {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        match piece {
            Piece::Text(text) => self.0.push_str(text.as_str()),
            other => panic!("{other:?}"),
        }
        Ok(())
    }
    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.1.push((finding.code, finding.count));
        Ok(())
    }
}

fn open_in(format: &dyn Format, input: &str, lang: Lang) -> Result<String, Refusal> {
    hear(format, input, lang, LIMITS).map(|heard| heard.0)
}

fn hear(format: &dyn Format, input: &str, lang: Lang, limits: Limits) -> Result<Heard, Refusal> {
    let params = Params {
        lang,
        ..Params::default()
    };
    let order = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing(),
        limits,
        params,
    };
    let budget = Budget::new(limits);
    let mut heard = Heard::default();
    let mut cx = Cx::new(&order, &budget, &NoFonts, &mut heard);
    format.open(input.as_bytes(), &mut cx)?;
    cx.flush().unwrap();
    Ok(heard)
}

fn calendar(inside: &str) -> Result<String, Refusal> {
    let input = format!("BEGIN:VCALENDAR\r\n{inside}END:VCALENDAR\r\n");
    open_in(&Calendar, &input, Lang::Ja)
}

fn card(inside: &str) -> String {
    let input = format!("BEGIN:VCARD\r\n{inside}END:VCARD\r\n");
    open_in(&Card, &input, Lang::Ja).unwrap()
}

#[test]
fn replies_say_who_answered_what() {
    let reply = "METHOD:REPLY\n\
        BEGIN:VEVENT\n\
        SUMMARY:会議\n\
        ATTENDEE;PARTSTAT=ACCEPTED;CN=佐藤花子:mailto:sato@vendor.example\n\
        ATTENDEE;PARTSTAT=\"DECLINED\":MAILTO:tanaka@vendor.example\n\
        ATTENDEE;STATUS=TENTATIVE:ito@vendor.example\n\
        ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:mori@vendor.example\":mailto:kato@vendor.example\n\
        ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ono@vendor.example\n\
        COMMENT:遅れます\n\
        END:VEVENT\n";
    assert_eq!(
        calendar(reply).unwrap(),
        "出欠の回答\n\n\
         件名: 会議\n\
         参加者: 佐藤花子 <sato@vendor.example> (承諾)\n\
         参加者: tanaka@vendor.example (辞退)\n\
         参加者: ito@vendor.example (仮の承諾)\n\
         参加者: kato@vendor.example (委任: mori@vendor.example)\n\
         参加者: ono@vendor.example\n\
         コメント: 遅れます\n"
    );
    let input = format!("BEGIN:VCALENDAR\n{reply}END:VCALENDAR");
    let english = open_in(&Calendar, &input, Lang::En).unwrap();
    assert!(english.starts_with("Reply\n\nSubject: "), "{english}");
    assert!(english.contains("<sato@vendor.example> (accepted)\n"));
}

#[test]
fn methods_stand_over_the_entries() {
    for (method, want) in [
        ("CANCEL", "予定の取り消し\n\n件名: x\n"),
        ("counter", "変更の提案\n\n件名: x\n"),
        ("DECLINECOUNTER", "変更の提案を断る連絡\n\n件名: x\n"),
        ("REQUEST", "件名: x\n"),
        ("PUBLISH", "件名: x\n"),
    ] {
        let inside = format!("METHOD:{method}\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n");
        assert_eq!(calendar(&inside).unwrap(), want, "{method}");
    }
}

#[test]
fn how_long_and_how_sure_an_entry_is_stands_in_words() {
    let entry = "BEGIN:VEVENT\nSUMMARY:x\nDURATION:PT1H30M\nSTATUS:CONFIRMED\nEND:VEVENT\n";
    assert_eq!(
        calendar(entry).unwrap(),
        "件名: x\n所要時間: 1時間30分\n状態: 確定\n"
    );
    // what is called off is not confirmed, whatever it still says
    assert_eq!(
        calendar(&format!("METHOD:CANCEL\n{entry}")).unwrap(),
        "予定の取り消し\n\n件名: x\n所要時間: 1時間30分\n"
    );
    for (status, want) in [
        ("tentative", "仮"),
        ("CANCELLED", "取り消し"),
        ("X-OWN\\, WORD", "X-OWN, WORD"),
    ] {
        let entry = format!("BEGIN:VEVENT\nSTATUS:{status}\nEND:VEVENT\n");
        assert_eq!(calendar(&entry).unwrap(), format!("状態: {want}\n"));
    }
}

#[test]
fn addresses_of_japan_go_from_the_large_to_the_small() {
    for (value, want) in [
        (
            ";;西新宿2-8-1;新宿区;東京都;163-8001;日本",
            "〒163-8001 東京都 新宿区 西新宿2-8-1 日本",
        ),
        (";;;新宿;東京都;〒1638001;", "〒1638001 東京都 新宿"),
        (
            ";;1 Main St;Springfield;IL;62701;USA",
            "1 Main St Springfield IL 62701 USA",
        ),
        (";;a;b", "a b"),
    ] {
        assert_eq!(card(&format!("ADR:{value}\n")), format!("住所: {want}\n"));
    }
}

#[test]
fn single_dates_of_what_repeats_are_told() {
    let entry = "BEGIN:VEVENT\n\
        SUMMARY:x\n\
        DTSTART;TZID=Asia/Tokyo:20260401T090000\n\
        RRULE:FREQ=WEEKLY\n\
        EXDATE;TZID=Asia/Tokyo:20260408T090000,20260415T090000\n\
        RDATE;VALUE=PERIOD:20260420T000000Z/PT1H\n\
        RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20260422\n\
        END:VEVENT\n";
    assert_eq!(
        calendar(entry).unwrap(),
        "件名: x\n\
         対象の回: 2026-04-22 (以後すべて)\n\
         開始: 2026-04-01 09:00 (Asia/Tokyo)\n\
         繰り返し: FREQ=WEEKLY\n\
         追加の日時: 2026-04-20 09:00 (日本時間) (1時間)\n\
         除外の日時: 2026-04-08 09:00 (Asia/Tokyo), 2026-04-15 09:00 (Asia/Tokyo)\n"
    );
}

#[test]
fn calendars_without_events_are_told_too() {
    assert_eq!(calendar("").unwrap(), "予定は書かれていません。\n");
    assert_eq!(
        calendar("METHOD:CANCEL\nBEGIN:VTIMEZONE\nTZID:x\nEND:VTIMEZONE\n").unwrap(),
        "予定の取り消し\n\n予定は書かれていません。\n"
    );
    assert_eq!(
        calendar("BEGIN:VFREEBUSY\nFREEBUSY:20260401T000000Z/20260401T010000Z\nEND:VFREEBUSY\n")
            .unwrap(),
        "空き状況: 2026-04-01 09:00 (日本時間) - 2026-04-01 10:00 (日本時間) (予定あり)\n"
    );
    assert_eq!(
        calendar("BEGIN:VTODO\nSUMMARY:x\nDUE;VALUE=DATE:20260401\nCOMPLETED:20260331T150000Z\nEND:VTODO\n")
            .unwrap(),
        "件名: x\n期限: 2026-04-01\n完了: 2026-04-01 00:00 (日本時間)\n"
    );
    for broken in [
        "BEGIN:VCALENDAR\n",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\n",
        "BEGIN:VEVENT\nSUMMARY:x\n",
    ] {
        let refused = open_in(&Calendar, broken, Lang::Ja).unwrap_err();
        assert_eq!(refused.code(), "malformed", "{broken}");
    }
}

#[test]
fn entries_of_which_nothing_is_told_are_entries() {
    let bare = "BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nCATEGORIES:x\nEND:VEVENT\n";
    assert_eq!(calendar(bare).unwrap(), "予定は書かれていません。\n");
    assert_eq!(
        calendar(&format!("METHOD:CANCEL\n{bare}")).unwrap(),
        "予定の取り消し\n\n予定は書かれていません。\n"
    );
    let other = "BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n";
    assert_eq!(
        calendar(&format!("{bare}{other}{bare}")).unwrap(),
        "件名: x\n"
    );
    assert_eq!(
        card("NICKNAME:x\nIMPP:xmpp:a@b.example\nPHOTO:x\n"),
        "氏名や連絡先は書かれていません。\n"
    );
}

#[test]
fn what_there_is_of_an_entry_that_is_cut_is_told() {
    let input =
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:y\nLOCATION:z";
    let heard = hear(&Calendar, input, Lang::Ja, LIMITS).unwrap();
    assert_eq!(heard.0, "件名: x\n\n件名: y\n場所: z\n");
    assert_eq!(heard.1, [(FindingCode::CalendarCut, 1)]);
    let whole = hear(&Card, "BEGIN:VCARD\nFN:x\nEND:VCARD\n", Lang::Ja, LIMITS).unwrap();
    assert_eq!(whole.1, []);
}

#[test]
fn what_is_kept_is_paid_for() {
    let small = Limits {
        bytes: 100_000,
        ..LIMITS
    };
    let lines = "URL:\n".repeat(5_000);
    let cases: [(&dyn Format, String); 2] = [
        (
            &Calendar,
            format!("BEGIN:VCALENDAR\nBEGIN:VEVENT\n{lines}END:VEVENT\nEND:VCALENDAR\n"),
        ),
        (&Card, format!("BEGIN:VCARD\n{lines}END:VCARD\n")),
    ];
    for (format, inside) in cases {
        assert!(
            hear(format, &inside, Lang::Ja, LIMITS).is_ok(),
            "{inside:.30}"
        );
        let refused = hear(format, &inside, Lang::Ja, small).unwrap_err();
        assert_eq!(refused.code(), "overrun", "{inside:.30}");
    }
    // entries go when they have ended: many small ones cost what is told of them
    let many = "BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n".repeat(5_000);
    // less than all entries would take at once
    let most = Limits {
        bytes: 300_000,
        ..LIMITS
    };
    let told = hear(&Calendar, &many, Lang::Ja, most).unwrap().0;
    assert_eq!(
        told.lines().filter(|line| *line == "件名: x").count(),
        5_000
    );
    let refused = hear(
        &Calendar,
        &many,
        Lang::Ja,
        Limits {
            bytes: 50_000,
            ..LIMITS
        },
    );
    assert_eq!(refused.map(|heard| heard.0).unwrap_err().code(), "overrun");
}

#[test]
fn only_so_many_components_stand_in_one_another() {
    let deep = |levels: usize| {
        let inner = format!(
            "{}FN:x\n{}",
            "BEGIN:VCARD\n".repeat(levels),
            "END:VCARD\n".repeat(levels)
        );
        open_in(&Card, &inner, Lang::Ja)
    };
    assert!(deep(DEPTH_MAX).unwrap().ends_with("代理人\n\n氏名: x\n"));
    assert_eq!(deep(DEPTH_MAX + 1).unwrap_err().code(), "malformed");
    assert_eq!(deep(5_000).unwrap_err().code(), "malformed");
    // components of which nothing is told count as well, the calendar itself among them
    let unknown = |levels: usize| {
        calendar(&format!(
            "{}{}",
            "BEGIN:X\n".repeat(levels),
            "END:X\n".repeat(levels)
        ))
    };
    assert!(unknown(DEPTH_MAX - 1).is_ok());
    assert_eq!(unknown(DEPTH_MAX).unwrap_err().code(), "malformed");
    // an entry without its end ends where the next one begins
    let missing = "BEGIN:VEVENT\nSUMMARY:x\n".repeat(40);
    let told = calendar(&missing).unwrap();
    assert_eq!(told.matches("件名: x\n").count(), 40);
}

#[test]
fn no_value_can_be_taken_for_a_field() {
    let entry = "BEGIN:VEVENT\nSUMMARY:会議\\n場所: 偽の場所\\n\\n主催者: 市長\nEND:VEVENT\n";
    assert_eq!(
        calendar(entry).unwrap(),
        "件名:\n  会議\n  場所: 偽の場所\n\n  主催者: 市長\n"
    );
    let forged = card(
        "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=41=0D=0A=E9=9B=BB=E8=A9=B1: 110\n\
         NOTE:a\u{2028}b\u{85}c\nTITLE:x\\n\n",
    );
    assert_eq!(
        forged,
        "氏名:\n  A\n  電話: 110\n役職: x\n備考:\n  a\n  b\n  c\n"
    );
}

#[test]
fn fax_numbers_are_no_telephones() {
    let numbers = card(
        "FN:x\nTEL;TYPE=WORK,FAX:1\nTEL;TYPE=home;TYPE=\"fax\":2\nTEL;WORK;FAX:3\nTEL;TYPE=VOICE:4\n",
    );
    assert_eq!(numbers, "氏名: x\n電話: 4\nFAX: 1\nFAX: 2\nFAX: 3\n");
}

#[test]
fn a_card_within_a_card_is_one_of_its_own() {
    let inner = INNER_CARD;
    let old = card(&format!(
        "FN:甲\n{inner}:\nBEGIN:VCARD\nFN:乙\nTEL:1\nEND:VCARD\nTEL:2\n"
    ));
    assert_eq!(old, "氏名: 甲\n電話: 2\n\n代理人\n\n氏名: 乙\n電話: 1\n");
    let escaped = card(&format!(
        "FN:甲\n{inner}:BEGIN:VCARD\\nFN:乙\\, 丙\\nTEL:1\\nEND:VCARD\nTEL:2\n"
    ));
    assert_eq!(
        escaped,
        "氏名: 甲\n電話: 2\n\n代理人\n\n氏名: 乙, 丙\n電話: 1\n"
    );
    // without its end it takes nothing of the card around it
    let open = card(&format!("{inner}:BEGIN:VCARD\\nFN:乙\nFN:甲\n"));
    assert_eq!(open, "氏名: 甲\n\n代理人\n\n氏名: 乙\n");
    let named = card(&format!("FN:甲\n{inner};VALUE=uri:x\n"));
    assert_eq!(named, "氏名: 甲\n代理人: x\n");
}

#[test]
fn ends_end_what_they_name() {
    let stray = calendar("BEGIN:VEVENT\nSUMMARY:x\nEND:VALARM\nLOCATION:y\nEND:VEVENT\n");
    assert_eq!(stray.unwrap(), "件名: x\n場所: y\n");
    let missing = calendar("BEGIN:VEVENT\nSUMMARY:x\n");
    assert_eq!(missing.unwrap(), "件名: x\n");
}

#[test]
fn names_do_not_change_how_values_are_read() {
    let told = calendar(
        "BEGIN:VEVENT\nORGANIZER;CN=\"x QUOTED-PRINTABLE\":mailto:a@b.example=\nLOCATION:y\nEND:VEVENT\n",
    );
    assert_eq!(
        told.unwrap(),
        "場所: y\n主催者: x QUOTED-PRINTABLE <a@b.example=>\n"
    );
}

#[test]
fn names_are_told_as_they_are_read() {
    let told = card(
        "FN:山田 太郎\nSOUND;X-IRMC-N;CHARSET=UTF-8:ﾔﾏﾀﾞ;ﾀﾛｳ;;;\nSOUND;TYPE=WAVE;ENCODING=BASE64:AAAA\n\
         X-PHONETIC-LAST-NAME:ヤマダ\n",
    );
    assert_eq!(
        told,
        "氏名: 山田 太郎\nフリガナ: ﾔﾏﾀﾞ ﾀﾛｳ\nフリガナ(姓): ヤマダ\n"
    );
}
