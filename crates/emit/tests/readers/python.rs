//! Messages and mailboxes as Python's `email` and `mailbox` read them: same subject, same authors,
//! same names, same contents. Skipped with a line where there is no `python3`.

use mugai_core::{
    AddrSpec, Cell, Envelope, Line, Links, Mailbox, Piece, Row, SafeName, Spool, Spooled, Target,
    Text,
};
use mugai_emit::eml::{Attachment, Mail, Stamp, message};
use mugai_emit::{csv, mbox, text};
use std::io::Write;
use std::process::{Command, Stdio};

/// Reads messages, each after its length in a line, and prints one line a fact: its name, then its
/// value in hexadecimal UTF-8.
///
/// Names of authors are read the older way, because the newer one (3.11) puts a blank between two
/// encoded words of a name. Encoded words in `name=`, which old clients need, are a defect to it.
pub(crate) const MESSAGE_READER: &str = r"
import sys, email, email.policy, email.utils, email.header
def decode(value):
    return str(email.header.make_header(email.header.decode_header(value)))
raw = sys.stdin.buffer
def say(name, value):
    data = value if isinstance(value, bytes) else value.encode()
    print(name, data.hex())
for size in raw:
    data = raw.read(int(size))
    m = email.message_from_bytes(data, policy=email.policy.default)
    say('subject', m['subject'] or '')
    for name, address in email.utils.getaddresses([email.message_from_bytes(data)['from']]):
        say('name', decode(name))
        say('address', address)
    for part in m.walk():
        for d in part.defects: say('defect', str(d))
        for key, value in part.items():
            if key == 'Content-Type': continue
            for d in value.defects: say('defect', key + ': ' + str(d))
        if part.is_multipart(): continue
        say('file', part.get_filename() or '')
        say('alias', decode(part.get_param('name') or ''))
        say('bytes', part.get_payload(decode=True))
";

/// Reads a mailbox from the file that it is given and prints the subjects.
const MAILBOX_READER: &str = r"
import sys, mailbox, email.header
for m in mailbox.mbox(sys.argv[1]):
    print('subject', str(email.header.make_header(email.header.decode_header(m['subject']))).encode().hex())
";

/// What a script prints for an input; `None` where there is no Python.
pub(crate) fn python(
    script: &str,
    arguments: &[&str],
    input: &[u8],
) -> Option<Vec<(String, Vec<u8>)>> {
    let started = Command::new("python3")
        .args(["-c", script])
        .args(arguments)
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        eprintln!("skipped: no python3");
        return None;
    };
    // beside reading: what it prints fills its pipe before it has read all
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&input).unwrap());
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    let facts = lines.lines().map(|line| {
        let (name, hex) = line.split_once(' ').unwrap_or((line, ""));
        let bytes = hex.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).unwrap();
            u8::from_str_radix(pair, 16).unwrap()
        });
        (name.to_owned(), bytes.collect())
    });
    Some(facts.collect())
}

pub(crate) struct Sample {
    pub(crate) envelope: Envelope,
    pub(crate) body: &'static str,
    pub(crate) files: Vec<(SafeName, Target, Vec<u8>)>,
}

fn text_file(raw: &str) -> Vec<u8> {
    let mut writer = text::writer(Links::Defang);
    writer.put(Piece::Text(Text::clean(raw).0)).unwrap();
    writer.finish().unwrap().into_content().into_vec().unwrap()
}

fn sheet(cells: &[&str]) -> Vec<u8> {
    let mut writer = csv::writer();
    let cells = cells.iter().map(|c| Cell::text(Text::clean(c).0));
    let row = Row::new(cells.collect()).unwrap();
    writer.put(Piece::Row(row)).unwrap();
    writer.finish().unwrap().into_content().into_vec().unwrap()
}

pub(crate) fn samples() -> Vec<Sample> {
    let subjects = [
        "Hello",
        "",
        "会議のお知らせ",
        "【重要】①㈱髙﨑 葛\u{e0100}飾区の とても長い件名が何度も折り返される場合の確認について 第二版",
        "=?UTF-8?B?44GC?= as text",
        "an ASCII subject that is much too long for one line and therefore goes into encoded words",
        "two  blanks, \"quotes\" <b@c.jp>; and: (more)",
    ];
    let authors = [
        ("Taro Yamada", "taro@city.example.jp"),
        ("山田 太郎", "taro@city.example.jp"),
        ("Sato, \"Hanako\" <x@y.jp>", "h@b.jp"),
        ("", "a@b.jp"),
        ("社長", ""),
        ("とても長い差出人の名前とその役職と部署の名前", "long@b.jp"),
        ("", ""),
    ];
    let names = [
        vec![],
        vec!["a b.txt"],
        vec!["請求書.txt", "a;b=c'd%20(1).csv"],
        vec!["とても長い名前の請求書とその内訳書と参考資料の一覧表と附属明細書と領収書の写し.txt"],
        vec!["葛\u{e0100}飾.csv", "👨\u{200d}👩\u{200d}👧.txt"],
        vec!["an-ascii-name-that-is-too-long-for-a-single-line-of-a-header-and-more-than-that.txt"],
        vec!["1.2版.txt"],
    ];
    let people = subjects.into_iter().zip(authors).zip(names);
    let sample = |((subject, (name, address)), names): ((&str, (&str, &str)), Vec<&str>)| {
        let mailbox = Mailbox::new(Some(Line::clean(name).0), AddrSpec::parse(address).ok());
        let envelope = Envelope {
            from: mailbox.into_iter().collect(),
            subject: Some(Line::clean(subject).0),
            ..Envelope::default()
        };
        let file = |name: &str| {
            let safe = SafeName::check(name).unwrap();
            if safe.split_extension().1 == Some("csv") {
                (safe, Target::Csv, sheet(&["品名", "1,234", "=1"]))
            } else {
                (safe, Target::Txt, text_file("一行目\n二行目"))
            }
        };
        Sample {
            envelope,
            body: "本文です。\nFrom here\n.\nhttp://example.jp/\n",
            files: names.into_iter().map(file).collect(),
        }
    };
    people.map(sample).collect()
}

pub(crate) fn written(sample: &Sample) -> Vec<u8> {
    let contents: Vec<Spooled> = sample
        .files
        .iter()
        .map(|(_, _, bytes)| bytes.clone().into())
        .collect();
    let attachments: Vec<_> = sample
        .files
        .iter()
        .zip(&contents)
        .map(|((name, target, _), content)| Attachment {
            name,
            target: *target,
            content,
        })
        .collect();
    let mail = Mail {
        envelope: &sample.envelope,
        body: &text(sample.body.to_owned()).0,
        attachments: &attachments,
        result: Stamp::new("7f3a", "sanitised").unwrap(),
    };
    message(&mail).unwrap().into_content().into_vec().unwrap()
}

/// What Python should print about a message.
fn expected(sample: &Sample) -> Vec<(String, Vec<u8>)> {
    let mut facts = Vec::new();
    let mut say = |name: &str, value: &[u8]| facts.push((name.to_owned(), value.to_vec()));
    let subject = sample.envelope.subject.as_ref().map_or("", Line::as_str);
    say("subject", subject.as_bytes());
    let author = sample.envelope.from.first();
    let name = author.map_or("unknown", |a| a.name().map_or("", Line::as_str));
    let address = author.and_then(Mailbox::address).map(AddrSpec::to_wire);
    say("name", name.as_bytes());
    let address = address.unwrap_or("unknown@unknown.invalid".to_owned());
    say("address", address.as_bytes());
    say("file", b"");
    say("alias", b"");
    let body = "本文です。\r\nFrom here\r\n.\r\nhxxp://example.jp/\r\n";
    say("bytes", body.as_bytes());
    for (name, _, bytes) in &sample.files {
        say("file", name.as_str().as_bytes());
        say("alias", name.as_str().as_bytes());
        say("bytes", bytes);
    }
    facts
}

#[test]
fn python_reads_the_same_messages() {
    let samples = samples();
    let mut input = Vec::new();
    for sample in &samples {
        let bytes = written(sample);
        mugai_verify::check(Target::Eml, &bytes, &[]).unwrap();
        input.extend_from_slice(format!("{}\n", bytes.len()).as_bytes());
        input.extend_from_slice(&bytes);
    }
    let Some(seen) = python(MESSAGE_READER, &[], &input) else {
        return;
    };
    let readable = |facts: &[(String, Vec<u8>)]| -> Vec<String> {
        let shown = facts.iter();
        shown
            .map(|(name, value)| format!("{name} {}", String::from_utf8_lossy(value)))
            .collect()
    };
    let wanted: Vec<_> = samples.iter().flat_map(expected).collect();
    assert_eq!(readable(&seen), readable(&wanted));
    assert_eq!(seen, wanted);
}

#[test]
fn python_reads_the_same_mailbox() {
    let samples: Vec<_> = samples()
        .into_iter()
        .filter(|s| s.envelope.subject.as_ref().is_some_and(|l| !l.is_empty()))
        .collect();
    let messages: Vec<Spooled> = samples.iter().map(|one| written(one).into()).collect();
    let draft = mbox::mailbox(&messages, Spool::memory()).unwrap();
    let path = std::env::temp_dir().join(format!("mugai-{}.mbox", std::process::id()));
    std::fs::write(&path, &*draft.load().unwrap()).unwrap();
    let seen = python(MAILBOX_READER, &[path.to_str().unwrap()], b"");
    std::fs::remove_file(&path).unwrap();
    let Some(seen) = seen else {
        return;
    };
    let subjects = samples.iter().filter_map(|s| s.envelope.subject.as_ref());
    let wanted: Vec<_> = subjects
        .map(|s| ("subject".to_owned(), s.as_str().as_bytes().to_vec()))
        .collect();
    assert_eq!(seen, wanted);
}
