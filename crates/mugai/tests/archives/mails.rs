//! Mails in mails: as texts or as mails, and in signatures.

use crate::containers::{Container, File, mail};
use crate::unfold::{files, run, run_by};
use mail_parser::MessageParser;
use mugai_engine::{Outcome, Policy, Verdict};

fn letter(subject: &str, file: Option<&File>) -> File {
    let files: Vec<File> = file.into_iter().cloned().collect();
    let text = String::from_utf8(mail(&files)).expect("a mail");
    let text = text
        .replace("Subject: test", &format!("Subject: {subject}"))
        .replace(
            "\r\n\r\ntext\r\n",
            &format!("\r\n\r\nthe text of {subject}\r\n"),
        );
    File::new(format!("{subject}.eml"), text)
}

fn body(outcome: &Outcome) -> (String, Vec<String>) {
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        panic!("{:?}", outcome.verdict)
    };
    let bytes = &*outputs
        .first()
        .expect("one")
        .file
        .load()
        .expect("its bytes");
    let mail = MessageParser::default().parse(bytes).expect("a mail");
    let names = mail.attachments().map(|part| {
        mail_parser::MimeHeaders::attachment_name(part)
            .unwrap_or_default()
            .to_owned()
    });
    (
        mail.body_text(0).expect("a text").into_owned(),
        names.collect(),
    )
}

#[test]
fn attached_mails_are_texts_or_mails() {
    let inmost = letter("inmost", Some(&File::new("a.txt", "a file\n")));
    let inner = letter("inner", Some(&inmost));
    let outer = letter("outer", Some(&inner));
    let (_, names) = body(&run(outer.bytes.clone(), "outer.eml"));
    assert_eq!(names, ["inner.txt", "inmost.txt", "a.txt"]);
    let text = "name = \"x\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n[route.treat]\nmail = \"text\"\n\
                text = \"text\"\ncontainer = \"text\"\n[route.settings]\nattached_mails = \"mail\"\n";
    let policy = Policy::parse(text).expect("a policy");
    let outcome = run_by(outer.bytes, "outer.eml", &policy, &[]);
    let (text, names) = body(&outcome);
    assert!(text.contains("the text of outer") && !text.contains("the text of inner"));
    assert_eq!(names, ["inner.eml"]);
    let found = files(&outcome);
    for name in ["inner.eml", "inmost.eml", "a.txt"] {
        let count = found.iter().filter(|found| found.name == name).count();
        assert_eq!(count, 1, "{name}");
    }
    // the checkers look into it as well
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        panic!()
    };
    let bytes = &*outputs
        .first()
        .expect("one")
        .file
        .load()
        .expect("its bytes");
    assert_eq!(mugai_verify::check_any(bytes), Ok(mugai_core::Target::Eml));
    // a message of Outlook is one, too
    let message = Container::Msg.around(&File::new("b.txt", "b\n"));
    let outer = letter("outer", Some(&message));
    let (_, names) = body(&run_by(outer.bytes, "outer.eml", &policy, &[]));
    assert_eq!(names, ["pack.eml"]);
}

#[test]
fn what_a_signature_holds_is_the_body() {
    let file = File::new("a.txt", "a file\n");
    let signed = |inner: &File| {
        let head = "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: signed\r\nMIME-Version: 1.0\r\n\
                    Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\
                    Content-Transfer-Encoding: base64\r\n\r\n";
        let mut out = head.to_owned();
        for line in crate::containers::cms(&inner.bytes).chunks(57) {
            out.push_str(&data_encoding::BASE64.encode(line));
            out.push_str("\r\n");
        }
        File::new("signed.eml", out)
    };
    let once = signed(&letter("inner", Some(&file)));
    let twice = signed(&once);
    for (input, times) in [(once, 1), (twice, 2)] {
        let outcome = run(input.bytes, "signed.eml");
        let (text, names) = body(&outcome);
        assert!(text.starts_with("the text of inner"), "{text}");
        assert!(
            text.contains(&format!("電子署名あり・未検証(除去): {times}件")),
            "{text}"
        );
        assert_eq!(names, ["a.txt"]);
        assert!(!outcome.report.withheld_any());
    }
    // beside a body it is a file like any other
    let beside = letter("outer", Some(&Container::Cms.around(&file)));
    let (text, names) = body(&run(beside.bytes, "outer.eml"));
    assert!(text.starts_with("the text of outer"), "{text}");
    assert_eq!(names.last().map(String::as_str), Some("a.txt"));
}
