//! Jobs over a scripted opener: what workers say is given, what becomes of it is looked at.

use super::*;
use crate::report::Status;
use mugai_core::{
    AddrSpec, AuthMethod, AuthResult, AuthResults, AuthVerdict, Child, Envelope, Finding,
    FindingCode, Hints, Host, Kind, Line, Loss, Mailbox, MediaType, Piece, Request, Resource, Role,
    Target, Text,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

mod alternatives;
mod containers;
mod fences;
mod passwords;
mod signatures;

/// What a worker says about one input.
#[derive(Clone)]
enum Say {
    Kind(Kind),
    Put(Piece),
    Note(FindingCode),
    Steps(u64),
    /// Refuses as encrypted, unless this password comes with it.
    Locked(&'static str),
    Refuse(Refusal),
}

/// Says for each input what is written for it, and for others that they are unknown.
#[derive(Default)]
struct Scripted(
    BTreeMap<Vec<u8>, Vec<Say>>,
    /// How many passwords did not fit.
    AtomicUsize,
);

impl Scripted {
    fn on(mut self, input: &str, says: Vec<Say>) -> Self {
        self.0.insert(input.as_bytes().to_vec(), says);
        self
    }

    fn text(self, input: &str, text: &str) -> Self {
        self.on(input, vec![Say::Kind(Kind::Plain), Say::Put(words(text))])
    }

    fn html(self, input: &str, text: &str) -> Self {
        self.on(input, vec![Say::Kind(Kind::Html), Say::Put(words(text))])
    }

    fn mail(self, input: &str, envelope: Envelope, children: Vec<Child>) -> Self {
        let mut says = vec![
            Say::Kind(Kind::Mail),
            Say::Put(Piece::Envelope(Box::new(envelope))),
        ];
        says.extend(
            children
                .into_iter()
                .map(|c| Say::Put(Piece::Child(Box::new(c)))),
        );
        self.on(input, says)
    }

    fn run(&self, input: &str) -> Outcome {
        self.run_with(input, &Policy::municipal_lgwan().unwrap())
    }

    fn run_with(&self, input: &str, policy: &Policy) -> Outcome {
        let order = Order {
            input: Untrusted::new(input.as_bytes().to_vec()),
            name: SafeName::clean("in.eml").0,
            label: "in.eml".to_owned(),
            policy,
            from: "internet",
            to: "lgwan",
            passwords: &[],
            patience: Patience::default(),
        };
        sanitise(order, self)
    }
}

impl Opener for Scripted {
    fn open(&self, request: Request<'_>, _: Patience<'_>) -> Result<(), Refusal> {
        let Request {
            input,
            budget,
            sink,
            assignment,
        } = request;
        let passwords = &assignment.hints.passwords;
        let opens = |known: &str| passwords.iter().any(|word| word.as_str() == known);
        let Some(says) = self.0.get(input.here().unwrap()) else {
            sink.kind(Kind::Unknown)?;
            return Err(Refusal::unsupported("no reader for this kind"));
        };
        for say in says.clone() {
            match say {
                Say::Kind(kind) => sink.kind(kind)?,
                Say::Put(piece) => {
                    piece.pay(budget)?;
                    sink.put(piece)?;
                }
                Say::Note(code) => sink.note(Finding::once(code))?,
                Say::Steps(steps) => budget.charge(Resource::Steps, steps)?,
                Say::Locked(password) if !opens(password) => {
                    self.1.fetch_add(passwords.len(), Ordering::Relaxed);
                    return Err(Refusal::Encrypted(mugai_core::Remark::fixed("closed")));
                }
                Say::Locked(_) => sink.note(Finding::once(FindingCode::ArchivePassword))?,
                Say::Refuse(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }
}

fn words(text: &str) -> Piece {
    Piece::Text(Text::clean(text).0)
}

fn child(content: &str, role: Role, name: Option<&str>) -> Child {
    Child {
        name: name.and_then(|n| SafeName::clean(n).0),
        role,
        hints: Hints {
            body: matches!(role, Role::Body { .. }),
            ..Hints::default()
        },
        content: Untrusted::new(content.as_bytes().to_vec()),
    }
}

fn body(content: &str, group: u32, choice: u32) -> Child {
    child(content, Role::Body { group, choice }, None)
}

fn file(content: &str, name: &str) -> Child {
    child(content, Role::Attachment, Some(name))
}

fn from(address: &str) -> Envelope {
    let mailbox = Mailbox::new(None, AddrSpec::parse(address).ok()).unwrap();
    Envelope {
        from: vec![mailbox],
        subject: Some(Line::clean("件名").0),
        ..Envelope::default()
    }
}

/// The decoded body of the message that came out, and the names of its attachments.
fn read(outcome: &Outcome) -> (String, Vec<String>) {
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        panic!("{:?}", outcome.verdict)
    };
    assert_eq!(outputs[0].file.target(), Target::Eml);
    let bytes = outputs[0].file.load().unwrap();
    let mail = mail_parser::MessageParser::default()
        .parse(&*bytes)
        .unwrap();
    let names = mail
        .attachments()
        .map(|a| {
            mail_parser::MimeHeaders::attachment_name(a)
                .unwrap_or("-")
                .to_owned()
        })
        .collect();
    (mail.body_text(0).unwrap().into_owned(), names)
}

fn statuses(outcome: &Outcome) -> Vec<(String, Status)> {
    outcome
        .report
        .parts
        .iter()
        .map(|p| (p.path.clone(), p.verdict))
        .collect()
}

#[test]
fn places_of_the_body_are_shown_in_their_order() {
    let outcome = Scripted::default()
        .text("one", "first\n")
        .text("two", "second\n")
        .mail(
            "m",
            from("a@b.jp"),
            vec![body("two", 7, 0), body("one", 3, 0)],
        )
        .run("m");
    let (text, _) = read(&outcome);
    assert!(text.find("first").unwrap() < text.find("second").unwrap());
}

#[test]
fn a_withheld_part_leaves_a_notice_and_a_line_in_the_footer() {
    let outcome = Scripted::default()
        .text("p", "本文")
        .on(
            "zip",
            vec![
                Say::Kind(Kind::Zip),
                Say::Refuse(Refusal::Forbidden(mugai_core::Remark::fixed("policy"))),
            ],
        )
        .mail(
            "m",
            from("a@b.jp"),
            vec![body("p", 0, 0), file("zip", "資料.zip")],
        )
        .run("m");
    let (text, names) = read(&outcome);
    assert_eq!(names, ["資料.zip.withheld.txt"]);
    assert!(text.contains("資料.zip") && text.contains(&outcome.report.id));
    assert!(outcome.report.withheld_any() && !outcome.report.alarm());
    assert_eq!(
        outcome.report.parts[2].refusal.as_ref().unwrap().code,
        "forbidden"
    );
}

#[test]
fn a_withheld_root_delivers_only_its_notice() {
    let outcome = Scripted::default().run("unknown bytes");
    assert!(matches!(
        outcome.verdict,
        Verdict::Withheld(Refusal::Unsupported(_))
    ));
    let notice = outcome.notice.unwrap();
    assert_eq!(notice.name.as_str(), "in.eml.withheld.txt");
    assert!(String::from_utf8_lossy(&notice.file.load().unwrap()).contains(&outcome.report.id));
}

#[test]
fn equal_names_are_told_apart_and_the_report_knows_them() {
    let outcome = Scripted::default()
        .text("p", "本文")
        .text("x", "一")
        .mail(
            "m",
            from("a@b.jp"),
            vec![body("p", 0, 0), file("x", "a.txt"), file("x", "A.txt")],
        )
        .run("m");
    assert_eq!(read(&outcome).1, ["a.txt", "A-2.txt"]);
    assert_eq!(outcome.report.parts[3].output.as_deref(), Some("A-2.txt"));
}

#[test]
fn replies_to_somebody_else_are_told_and_not_addressed() {
    let mut envelope = from("a@b.jp");
    envelope.reply_to = vec![Mailbox::new(None, AddrSpec::parse("evil@x.example").ok()).unwrap()];
    let outcome = Scripted::default()
        .text("p", "本文")
        .mail("m", envelope, vec![body("p", 0, 0)])
        .run("m");
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        panic!()
    };
    let raw = String::from_utf8_lossy(&outputs[0].file.load().unwrap()).into_owned();
    assert!(!raw.contains("Reply-To"));
    assert!(read(&outcome).0.contains("evil[@]x.example"));
}

#[test]
fn only_our_own_server_is_believed_about_senders() {
    let results = |server: &str, results: &[(AuthMethod, AuthVerdict)]| AuthResults {
        server: Host::parse(server).unwrap(),
        results: results
            .iter()
            .map(|(method, verdict)| AuthResult {
                method: *method,
                verdict: *verdict,
                domain: Host::parse("sender.example"),
            })
            .collect(),
    };
    let mut envelope = from("a@b.jp");
    envelope.auth = vec![
        results("forged.example", &[(AuthMethod::Dmarc, AuthVerdict::Pass)]),
        results(
            "mx.city.example",
            &[
                (AuthMethod::Spf, AuthVerdict::Pass),
                (AuthMethod::Dmarc, AuthVerdict::Fail),
                (AuthMethod::Dkim, AuthVerdict::Softfail),
            ],
        ),
        // below the first: of an earlier hop, or a forger's
        results("mx.city.example", &[(AuthMethod::Dmarc, AuthVerdict::Pass)]),
    ];
    let run = |policy: &Policy| {
        Scripted::default()
            .text("p", "本文")
            .mail("m", envelope.clone(), vec![body("p", 0, 0)])
            .run_with("m", policy)
    };
    let raw = |outcome: &Outcome| {
        let Verdict::Sanitised(outputs) = &outcome.verdict else {
            panic!()
        };
        String::from_utf8_lossy(&outputs[0].file.load().unwrap()).into_owned()
    };
    let (_, preset) = crate::policy::PRESETS[0];
    let trusting = preset.replacen(
        "[route.settings]",
        "[route.settings]\nauthserv_id = \"MX.city.example\"",
        1,
    );
    assert_ne!(trusting, preset);
    let outcome = run(&Policy::parse(&trusting).unwrap());
    let text = raw(&outcome).replace("\r\n ", " ");
    assert!(text.contains(
        "\r\nX-Mugai-Auth: v1; dmarc=fail sender.example; dkim=softfail sender.example; spf=pass sender.example\r\n"
    ));
    let shown = read(&outcome).0;
    assert!(
        shown.contains("詐称されているおそれ") && shown.contains("DMARC 不合格 (sender[.]example)")
    );
    assert_eq!(count(&outcome, "mail.auth_results"), 1);

    let outcome = run(&Policy::parse(preset).unwrap());
    assert!(!raw(&outcome).contains("X-Mugai-Auth") && !read(&outcome).0.contains("DMARC"));
    assert_eq!(count(&outcome, "mail.auth_results"), 3);
}

#[test]
fn administrators_have_words_of_their_own() {
    let (_, preset) = crate::policy::PRESETS[0];
    let words =
        "[route.settings]\ncontact = \"内線 1234\"\nnotice = \"番号 {id}: {name} ({reason})\"";
    let policy = Policy::parse(&preset.replacen("[route.settings]", words, 1)).unwrap();
    let outcome = Scripted::default()
        .text("p", "本文")
        .mail(
            "m",
            from("a@b.jp"),
            vec![body("p", 0, 0), file("x", "{id}.exe")],
        )
        .run_with("m", &policy);
    let (text, names) = read(&outcome);
    assert!(text.contains("お問い合わせください: 内線 1234"), "{text}");
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        panic!()
    };
    let mail = mail_parser::MessageParser::default();
    let bytes = outputs[0].file.load().unwrap();
    let mail = mail.parse(&*bytes).unwrap();
    let notice = mail.attachment(0).unwrap().text_contents().unwrap();
    assert_eq!(names.len(), 1);
    // a name that looks like a place stays a name
    assert!(
        notice.starts_with(&format!("番号 {}: {{id}}.exe (", outcome.report.id)),
        "{notice}"
    );
}

fn count(outcome: &Outcome, code: &str) -> u32 {
    let parts = outcome.report.parts.iter();
    let findings = parts.flat_map(|part| &part.findings);
    findings
        .filter(|finding| finding.code == code)
        .map(|finding| finding.count)
        .sum()
}

#[test]
fn a_message_in_a_message_becomes_a_text_with_its_files_beside() {
    let outcome = Scripted::default()
        .text("p", "外の本文")
        .text("q", "中の本文")
        .text("x", "添付")
        .mail(
            "inner",
            from("c@d.jp"),
            vec![body("q", 0, 0), file("x", "x.txt")],
        )
        .mail(
            "m",
            from("a@b.jp"),
            vec![body("p", 0, 0), file("inner", "転送.eml")],
        )
        .run("m");
    assert_eq!(read(&outcome).1, ["転送.txt", "x.txt"]);
    assert_eq!(outcome.report.totals.parts, 5);
}

#[test]
fn depth_is_counted_from_the_root() {
    let mut opener = Scripted::default().text("t", "深い");
    let mut inner = "t".to_owned();
    for level in 0..7 {
        let name = format!("m{level}");
        opener = opener.mail(&name, from("a@b.jp"), vec![file(&inner, "inner.eml")]);
        inner = name;
    }
    let outcome = opener.run(&inner);
    // parts at depths 0 to 5 are opened, the one at depth 6 is not
    let withheld: Vec<_> = outcome
        .report
        .parts
        .iter()
        .filter(|p| p.verdict == Status::Withheld)
        .collect();
    assert_eq!(withheld.len(), 1);
    assert_eq!(withheld[0].path.matches('.').count(), 6);
    assert!(
        withheld[0]
            .refusal
            .as_ref()
            .unwrap()
            .detail
            .contains("depth")
    );
}

#[test]
fn a_greedy_part_gets_its_cap_and_the_job_what_is_left() {
    let text = "name = \"x\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n[route.treat]\nmail = \"text\"\ntext = \"text\"\n\
                [route.limits]\npart = { steps = 100 }\njob = { steps = 150 }\n";
    let policy = Policy::parse(text).unwrap();
    let spend = |steps| {
        vec![
            Say::Kind(Kind::Plain),
            Say::Steps(steps),
            Say::Put(words("x")),
        ]
    };
    let opener = Scripted::default()
        .on("at", spend(100))
        .on("over", spend(101))
        .on("rest", spend(50))
        .mail(
            "m1",
            from("a@b.jp"),
            vec![
                file("at", "a.txt"),
                file("rest", "b.txt"),
                file("rest", "c.txt"),
            ],
        )
        .mail("m2", from("a@b.jp"), vec![file("over", "a.txt")]);
    let verdicts = |o: &Outcome| {
        statuses(o)
            .iter()
            .map(|(_, s)| s.is_delivered())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        verdicts(&opener.run_with("m1", &policy)),
        [true, true, true, false]
    );
    assert_eq!(verdicts(&opener.run_with("m2", &policy)), [true, false]);
}

#[test]
fn what_no_honest_worker_says_is_a_lost_worker() {
    let put = Say::Put(words("x"));
    for says in [
        vec![put.clone()],
        vec![Say::Kind(Kind::Plain), Say::Kind(Kind::Plain)],
        vec![Say::Kind(Kind::Zip), put.clone()],
        vec![Say::Kind(Kind::Mail)],
        vec![Say::Kind(Kind::Mail), put.clone()],
        vec![Say::Kind(Kind::Pdf), put],
        vec![],
    ] {
        let outcome = Scripted::default().on("in", says).run("in");
        assert!(
            matches!(
                outcome.verdict,
                Verdict::Withheld(Refusal::Lost(Loss::Crash))
            ),
            "{:?}",
            outcome.verdict
        );
    }
}

#[test]
fn without_a_route_nothing_is_opened() {
    let policy = Policy::municipal_lgwan().unwrap();
    let order = Order {
        input: Untrusted::new(b"p".to_vec()),
        name: None,
        label: String::new(),
        policy: &policy,
        from: "lgwan",
        to: "mynumber",
        passwords: &[],
        patience: Patience::default(),
    };
    let outcome = sanitise(order, &Scripted::default().text("p", "x"));
    assert!(matches!(
        outcome.verdict,
        Verdict::Withheld(Refusal::Forbidden(_))
    ));
}

#[test]
fn what_holds_nothing_but_empty_files_is_withheld_for_that() {
    for kind in [Kind::Gzip, Kind::Zip, Kind::Tar] {
        let member = child("", Role::Member, Some("a.txt"));
        let says = vec![Say::Kind(kind), Say::Put(Piece::Child(Box::new(member)))];
        let outcome = Scripted::default().on("g", says).run("g");
        let Verdict::Withheld(refusal) = &outcome.verdict else {
            panic!("{:?}", outcome.verdict)
        };
        let want = Refusal::malformed("archive: all of its files are empty");
        assert_eq!(refusal, &want, "{kind:?}");
        assert!(!outcome.report.alarm());
    }
}

/// Whoever calls a worker has a mistake in him.
struct Panicking;

impl Opener for Panicking {
    fn open(&self, _: Request<'_>, _: Patience<'_>) -> Result<(), Refusal> {
        panic!("a mistake")
    }
}

#[test]
fn a_mistake_of_ours_is_the_end_of_one_file() {
    let policy = Policy::municipal_lgwan().unwrap();
    let order = Order {
        input: Untrusted::new(b"x".to_vec()),
        name: SafeName::clean("in.txt").0,
        label: "in.txt".to_owned(),
        policy: &policy,
        from: "internet",
        to: "lgwan",
        passwords: &[],
        patience: Patience::default(),
    };
    let outcome = sanitise(order, &Panicking);
    assert!(matches!(
        outcome.verdict,
        Verdict::Withheld(Refusal::Internal(_))
    ));
    assert!(outcome.report.alarm());
    assert!(outcome.notice.is_some());
}

#[test]
fn a_mailbox_becomes_a_mailbox() {
    let message = |content: &str| child(content, Role::Message, None);
    let mut says = vec![Say::Kind(Kind::Mbox)];
    says.extend(["one", "two", "bad"].map(|m| Say::Put(Piece::Child(Box::new(message(m))))));
    let outcome = Scripted::default()
        .text("p", "本文")
        .mail("one", from("a@b.jp"), vec![body("p", 0, 0)])
        .mail("two", from("a@b.jp"), vec![body("p", 0, 0)])
        .on("box", says)
        .run("box");
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        panic!("{:?}", outcome.verdict)
    };
    assert_eq!(outputs[0].file.target(), Target::Mbox);
    let text = String::from_utf8_lossy(&outputs[0].file.load().unwrap()).into_owned();
    assert_eq!(
        text.matches("\nMIME-Version").count(),
        3,
        "a withheld message leaves a message that says so"
    );
}
#[test]
fn findings_reach_report_and_footer() {
    let outcome = Scripted::default()
        .on(
            "h",
            vec![
                Say::Kind(Kind::Html),
                Say::Put(words("見る http://evil.example/")),
                Say::Note(FindingCode::HtmlHidden),
            ],
        )
        .mail("m", from("a@b.jp"), vec![body("h", 0, 0)])
        .run("m");
    let (text, _) = read(&outcome);
    assert!(
        text.contains("見えない文字列") && text.contains("hxxp://evil.example/"),
        "{text}"
    );
    assert!(
        outcome.report.parts[1]
            .findings
            .iter()
            .any(|f| f.code == "text.defanged")
    );
}
