//! Passwords: of the job, of the policy, and of the text of the same mail; and archives that are closed again.

use crate::containers::{Entry, File, directory, mail, seven_sum};
use crate::unfold::{Found, files, members, run_by};
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use mugai_core::Password;
use mugai_engine::{Outcome, Policy, Verdict};
use std::io::Write;

/// The default policy with settings, and what is beside them in its route.
fn policy(route: &str, settings: &str) -> Policy {
    let text = format!(
        "name = \"x\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n{route}\n[route.treat]\nmail = \"text\"\n\
         text = \"text\"\nhtml = \"text\"\narchive = \"rebuild\"\nimage = \"flatten\"\n[route.settings]\n{settings}\n"
    );
    Policy::parse(&text).expect("a policy")
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned()).expect("a password")
}

/// A ZIP file whose entries the traditional cipher closes (APPNOTE 6.3.10, section 6.1).
fn closed(list: &[File], password: &str) -> Vec<u8> {
    let entries: Vec<Entry> = list
        .iter()
        .map(|file| {
            let mut entry = Entry::stored(file);
            entry.flags |= 1;
            let mut keys = Keys::new(password.as_bytes());
            // eleven bytes of nothing, and the check
            let mut plain = vec![0; 11];
            plain.push(entry.crc.to_be_bytes()[0]);
            plain.extend(&file.bytes);
            entry.data = plain.into_iter().map(|byte| keys.close(byte)).collect();
            entry
        })
        .collect();
    directory(&entries)
}

struct Keys([u32; 3]);

impl Keys {
    fn new(password: &[u8]) -> Self {
        let mut keys = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        for byte in password {
            keys.update(*byte);
        }
        keys
    }

    fn crc(sum: u32, byte: u8) -> u32 {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            let polynomial = if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
            sum >> 1 ^ polynomial
        })
    }

    fn update(&mut self, byte: u8) {
        let [one, two, three] = self.0;
        let one = Self::crc(one, byte);
        let two = two
            .wrapping_add(one & 0xff)
            .wrapping_mul(134_775_813)
            .wrapping_add(1);
        let three = Self::crc(three, two.to_be_bytes()[0]);
        self.0 = [one, two, three];
    }

    fn close(&mut self, byte: u8) -> u8 {
        let word = self.0[2] | 2;
        let closed = byte ^ word.wrapping_mul(word ^ 1).to_le_bytes()[1];
        self.update(byte);
        closed
    }
}

fn texts() -> Vec<File> {
    vec![
        File::new("一.txt", "the first text\n"),
        File::new("二/三.txt", "the second text\n"),
    ]
}

fn says(outcome: &Outcome, text: &str) -> bool {
    let has = |found: &Found| String::from_utf8_lossy(&found.bytes).contains(text);
    files(outcome).iter().any(has)
}

fn is_shown(outcome: &Outcome, password: &str) -> bool {
    let report = serde_json::to_string(&outcome.report).expect("plain data");
    report.contains(password) || format!("{outcome:?}").contains(password)
}

#[test]
fn those_of_the_job_and_those_of_the_policy() {
    let archive = closed(&texts(), "himitsu-9");
    let alone = policy("", "");
    let refused = run_by(archive.clone(), "a.zip", &alone, &[]);
    assert!(matches!(
        refused.verdict,
        Verdict::Withheld(mugai_core::Refusal::Encrypted(_))
    ));
    // the notice tells what to do about it
    assert!(says(&refused, "パスワード(別のメールで届くことがあります)"));
    let of_policy = policy("passwords = [\"first\", \"himitsu-9\"]", "");
    for (policy, given) in [
        (&alone, vec![password("wrong"), password("himitsu-9")]),
        (&of_policy, Vec::new()),
    ] {
        let outcome = run_by(archive.clone(), "a.zip", policy, &given);
        assert!(says(&outcome, "the first text") && says(&outcome, "the second text"));
        assert!(!is_shown(&outcome, "himitsu-9"));
    }
}

/// A 7z archive of one file of 16 bytes that a password closes without rounds (`7zAes.cpp`: a power of 63): the key
/// is the password in UTF-16, the first vector is nothing.
fn closed_seven(text: &[u8; 16], password: &str) -> Vec<u8> {
    let mut key = [0u8; 32];
    let letters = password.encode_utf16().flat_map(u16::to_le_bytes);
    key.iter_mut()
        .zip(letters)
        .for_each(|(to, from)| *to = from);
    let mut block = aes::Block::from(*text);
    aes::Aes256::new(&key.into()).encrypt_block(&mut block);
    let file = File::new("秘.txt", block.to_vec());
    let coder = [0x24, 0x06, 0xf1, 0x07, 0x01, 1, 0x3f];
    seven_sum(&file, &coder, 16, crc32fast::hash(text))
}

#[test]
fn one_that_does_not_fit_is_not_the_last_one_tried() {
    let archive = closed_seven(b"the hidden text\n", "himitsu-9");
    let policy = policy("", "");
    let opened = run_by(
        archive.clone(),
        "a.7z",
        &policy,
        &[password("wrong"), password("himitsu-9")],
    );
    assert!(says(&opened, "the hidden text"));
    // with none that fits a password is still what it needs
    let refused = run_by(archive, "a.7z", &policy, &[password("wrong")]);
    assert!(matches!(
        refused.verdict,
        Verdict::Withheld(mugai_core::Refusal::Encrypted(_))
    ));
    let codes = serde_json::to_string(&refused.report).expect("plain data");
    assert!(!codes.contains("archive.password"));
}

#[test]
fn those_of_a_file_that_the_policy_names() {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all("one\n\nhimitsu-9\n".as_bytes())
        .expect("written");
    let policy = policy(
        &format!("password_file = {:?}", file.path().display().to_string()),
        "",
    );
    let outcome = run_by(closed(&texts(), "himitsu-9"), "a.zip", &policy, &[]);
    assert!(says(&outcome, "the first text"));
}

#[test]
fn a_file_of_passwords_as_windows_saves_it() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let of_file = |content: &[u8]| {
        std::fs::write(file.path(), content).expect("written");
        let path = file.path().display().to_string();
        let route = "name = \"x\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n";
        let text = format!(
            "{route}password_file = {path:?}\n[route.treat]\narchive = \"rebuild\"\ntext = \"text\"\n"
        );
        Policy::parse(&text)
    };
    let policy = of_file("\u{feff}himitsu-9\r\n".as_bytes()).expect("a policy");
    let outcome = run_by(closed(&texts(), "himitsu-9"), "a.zip", &policy, &[]);
    assert!(says(&outcome, "the first text"));
    // Shift_JIS, and UTF-16 with a mark and without
    for other in [&b"\x82\xa0\x82\xa2\r\n"[..], b"\xff\xfea\0b\0", b"a\0b\0"] {
        let error = of_file(other).expect_err("no UTF-8").to_string();
        assert!(error.contains("save it as UTF-8"), "{error}");
    }
}

/// A mail with a text and an archive, the text behind the archive or before it.
fn letter(text: &str, archive: Vec<u8>) -> Vec<u8> {
    let mail = mail(&[File::new("資料.zip", archive)]);
    let mail = String::from_utf8(mail).expect("a mail");
    mail.replacen(
        "text/plain\r\n\r\ntext",
        &format!("text/plain; charset=utf-8\r\n\r\n{text}"),
        1,
    )
    .into_bytes()
}

#[test]
fn those_of_the_same_mail_only_where_the_policy_says_so() {
    let archive = closed(&texts(), "himitsu-9");
    let input = letter(
        "資料を送ります。\r\n解凍パスワード：himitsu-9\r\n",
        archive.clone(),
    );
    let silent = run_by(input.clone(), "mail.eml", &policy("", ""), &[]);
    assert!(
        !says(&silent, "the first text") && says(&silent, "withheld")
            || silent.report.withheld_any()
    );
    let looking = policy("", "passwords_in_mail = true");
    let outcome = run_by(input, "mail.eml", &looking, &[]);
    assert!(says(&outcome, "the first text") && says(&outcome, "the second text"));
    assert!(!outcome.report.withheld_any());
    let parts = &outcome.report.parts;
    let report = serde_json::to_string(parts).expect("plain data");
    assert!(report.contains("archive.password") && !report.contains("himitsu-9"));
    // an archive in an archive, and one without the password in the text
    let outer = letter(
        "PW: himitsu-9\r\n",
        crate::containers::zip(&[File::new("in.zip", archive.clone())]),
    );
    assert!(says(
        &run_by(outer, "mail.eml", &looking, &[]),
        "the second text"
    ));
    let other = letter("パスワードは後送します\r\n", archive);
    assert!(
        run_by(other, "mail.eml", &looking, &[])
            .report
            .withheld_any()
    );
}

/// The whole of it by real readers: of 300 files none is left over for want of tries.
#[test]
fn many_files_with_one_password_are_opened() {
    let list: Vec<File> = (0..300)
        .map(|number| File::new(format!("{number}.txt"), format!("text {number}\n")))
        .collect();
    let archive = closed(&list, "himitsu-9");
    let looking = policy("", "passwords_in_mail = true");
    let text = "パスワードは himitsu-9 です\r\n";
    let outcome = run_by(letter(text, archive.clone()), "mail.eml", &looking, &[]);
    assert!(!outcome.report.withheld_any());
    let again = policy("", "encrypt_again = true");
    let outcome = run_by(archive, "a.zip", &again, &[password("himitsu-9")]);
    assert!(!outcome.report.withheld_any());
}

#[test]
fn tries_are_bounded() {
    let list: Vec<File> = (0..400)
        .map(|number| File::new(format!("{number}.txt"), "text\n"))
        .collect();
    let text: String = (0..40)
        .map(|number| format!("PW: wrong-{number}\r\n"))
        .collect();
    let looking = policy("", "passwords_in_mail = true");
    let outcome = run_by(
        letter(&text, closed(&list, "right")),
        "mail.eml",
        &looking,
        &[],
    );
    assert!(outcome.report.withheld_any() && !outcome.report.alarm());
    assert_eq!(outcome.report.totals.parts, 403);
}

#[test]
fn closed_again_with_what_opened_it() {
    let again = policy("", "encrypt_again = true");
    let given = [password("wrong"), password("himitsu-9")];
    let archive = closed(&texts(), "himitsu-9");
    let outcome = run_by(archive.clone(), "a.zip", &again, &given);
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        panic!("{:?}", outcome.verdict)
    };
    let made = outputs
        .first()
        .expect("one")
        .file
        .load()
        .expect("its bytes")
        .to_vec();
    assert!(!says(&outcome, "the first text") && !is_shown(&outcome, "himitsu-9"));
    let names: Vec<String> = members(&made).into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["一.txt", "二/三.txt"]);
    // it opens with the same password and no other
    let open = policy("", "");
    let second = run_by(made.clone(), "a.zip", &open, &[password("himitsu-9")]);
    assert!(says(&second, "the first text") && says(&second, "the second text"));
    let wrong = run_by(made, "a.zip", &open, &[password("wrong")]);
    assert!(matches!(wrong.verdict, Verdict::Withheld(_)));
    // the same in a mail, with the password of its text; what had no password gets none
    let looking = policy("", "encrypt_again = true\npasswords_in_mail = true");
    let outcome = run_by(
        letter("PW: himitsu-9\r\n", archive),
        "mail.eml",
        &looking,
        &[],
    );
    assert!(!outcome.report.withheld_any() && !says(&outcome, "the first text"));
    let plain = crate::containers::zip(&texts());
    assert!(says(
        &run_by(plain, "a.zip", &again, &given),
        "the first text"
    ));
}

/// The number of parts that were opened with a password.
fn opened(outcome: &Outcome) -> usize {
    let parts = outcome.report.parts.iter();
    let is_opened =
        |finding: &mugai_engine::report::FindingReport| finding.code == "archive.password";
    parts
        .filter(|part| part.findings.iter().any(is_opened))
        .count()
}

fn first(outcome: &Outcome) -> Vec<u8> {
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        panic!("{:?}", outcome.verdict)
    };
    let first = outputs.first().expect("one");
    first.file.load().expect("its bytes").to_vec()
}

#[test]
fn what_was_closed_once_is_not_closed_twice() {
    let again = policy("", "encrypt_again = true");
    let open = policy("", "");
    let given = [password("himitsu-9")];
    let inner = File::new("in.zip", crate::containers::zip(&texts()));
    let beside = File::new("text.txt", "beside\n");
    let outer = closed(&[inner, beside], "himitsu-9");
    let made = first(&run_by(outer, "a.zip", &again, &given));
    let second = run_by(made, "a.zip", &open, &given);
    assert!(says(&second, "the first text") && says(&second, "beside"));
    // the archive and the text, and not the files of the archive
    assert_eq!(opened(&second), 2);
    // one that is closed itself stays so, and what it lies in stays open
    let inner = File::new("in.zip", closed(&texts(), "himitsu-9"));
    let beside = File::new("text.txt", "beside\n");
    let outer = crate::containers::zip(&[inner, beside]);
    let outcome = run_by(outer, "a.zip", &again, &given);
    assert!(says(&outcome, "beside") && !says(&outcome, "the first text"));
    let second = run_by(first(&outcome), "a.zip", &open, &given);
    assert!(says(&second, "the first text"));
    assert_eq!(opened(&second), 2);
    let seven = File::new("in.7z", closed_seven(b"the hidden text\n", "himitsu-9"));
    let beside = File::new("text.txt", "beside\n");
    let outer = crate::containers::zip(&[seven, beside]);
    let outcome = run_by(outer, "a.zip", &again, &given);
    assert!(says(&outcome, "beside") && !says(&outcome, "the hidden text"));
}

#[test]
fn a_mailbox_with_an_archive_that_is_closed_again() {
    let again = policy("", "encrypt_again = true");
    let given = [password("himitsu-9")];
    let with = letter("本文\r\n", closed(&texts(), "himitsu-9"));
    let without = letter("二通目\r\n", crate::containers::zip(&texts()));
    let mut mailbox = Vec::new();
    for mail in [with, without] {
        mailbox.extend(b"From a Mon Jan  1 00:00:00 2024\n");
        mailbox.extend(mail);
        mailbox.extend(b"\n");
    }
    for (input, name) in [
        (mailbox.clone(), "a.mbox"),
        (
            crate::containers::zip(&[File::new("a.mbox", mailbox)]),
            "a.zip",
        ),
    ] {
        let outcome = run_by(input, name, &again, &given);
        assert!(!outcome.report.alarm() && !outcome.report.withheld_any());
        let open = policy("", "");
        let second = run_by(first(&outcome), name, &open, &given);
        assert!(!second.report.withheld_any());
        assert_eq!(opened(&second), 2, "{name}");
    }
}
