//! Passwords that are tried one by one: which first, and how many.

use super::*;

const PASSWORDS: &str = "name = \"x\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n[route.treat]\n\
    mail = \"text\"\ntext = \"text\"\narchive = \"rebuild\"\ncontainer = \"text\"\n[route.settings]\n\
    passwords_in_mail = true\n";

fn policy() -> Policy {
    Policy::parse(PASSWORDS).unwrap()
}

impl Scripted {
    /// A text that a password closes.
    fn closed(self, input: &str, password: &'static str) -> Self {
        let says = vec![
            Say::Kind(Kind::Plain),
            Say::Locked(password),
            Say::Put(words("中身")),
        ];
        self.on(input, says)
    }

    /// An archive of so many of the same file.
    fn archive(self, input: &str, file: &str, count: usize) -> Self {
        let names = (0..count).map(|number| format!("{number}.txt"));
        let members = names.map(|name| child(file, Role::Member, Some(&name)));
        let mut says = vec![Say::Kind(Kind::Zip)];
        says.extend(members.map(|member| Say::Put(Piece::Child(Box::new(member)))));
        self.on(input, says)
    }

    fn failed(&self) -> usize {
        self.1.load(Ordering::Relaxed)
    }
}

fn withheld(outcome: &Outcome) -> usize {
    let parts = outcome.report.parts.iter();
    parts
        .filter(|part| part.verdict == Status::Withheld)
        .count()
}

#[test]
fn one_password_opens_all_files_of_an_archive() {
    let opener = Scripted::default()
        .text("p", "パスワードは abc123 です")
        .closed("t", "abc123")
        .archive("zip", "t", 300)
        .mail(
            "m",
            from("a@b.jp"),
            vec![body("p", 0, 0), file("zip", "a.zip")],
        );
    let outcome = opener.run_with("m", &policy());
    assert_eq!((withheld(&outcome), opener.failed()), (0, 0));
}

#[test]
fn an_archive_that_nothing_opens_costs_the_others_nothing() {
    let lines = (0..7).map(|n| format!("パスワードは pass{n} です\n"));
    let mut text = lines.collect::<Vec<_>>().concat();
    text.push_str("パスワードは abc123 です");
    let opener = Scripted::default()
        .text("p", &text)
        .closed("unknown", "zzz9")
        .closed("t", "abc123")
        .archive("a", "unknown", 400)
        .archive("b", "t", 3)
        .mail(
            "m",
            from("a@b.jp"),
            vec![body("p", 0, 0), file("a", "a.zip"), file("b", "b.zip")],
        );
    let outcome = opener.run_with("m", &policy());
    assert_eq!(withheld(&outcome), 401);
    // what is no file of the other archive is tried a few times only
    assert!(opener.failed() <= 4 * 8 + 7, "{}", opener.failed());
}

#[test]
fn guesses_of_a_job_are_bounded() {
    let lines = (0..16).map(|n| format!("パスワードは wrong{n:02} です\n"));
    let text = lines.collect::<Vec<_>>().concat();
    let mut opener = Scripted::default().text("p", &text).closed("t", "zzz9");
    let mut parts = vec![body("p", 0, 0)];
    for number in 0..400 {
        let name = format!("zip{number}");
        opener = opener.archive(&name, "t", 2);
        parts.push(file(&name, "a.zip"));
    }
    let opener = opener.mail("m", from("a@b.jp"), parts);
    let outcome = opener.run_with("m", &policy());
    assert_eq!(withheld(&outcome), 1_200);
    assert_eq!(opener.failed(), 4_096);
}

#[test]
fn the_password_of_the_same_message_comes_first_and_that_of_the_next_one_then() {
    for (own, next) in [("abc123", "other"), ("別送します", "abc123")] {
        let mut opener = Scripted::default()
            .closed("t", "abc123")
            .archive("zip", "t", 1);
        let mut says = vec![Say::Kind(Kind::Mbox)];
        for number in 0..100 {
            let (text, name) = (format!("text{number}"), format!("mail{number}"));
            let mut parts = vec![body(&text, 0, 0)];
            let password = match number {
                80 => {
                    parts.push(file("zip", "a.zip"));
                    own.to_owned()
                }
                81 => next.to_owned(),
                _ => format!("other{number:04}"),
            };
            opener = opener.text(&text, &format!("パスワード：{password}")).mail(
                &name,
                from("a@b.jp"),
                parts,
            );
            says.push(Say::Put(Piece::Child(Box::new(child(
                &name,
                Role::Message,
                None,
            )))));
        }
        let opener = opener.on("box", says);
        let outcome = opener.run_with("box", &policy());
        assert_eq!(withheld(&outcome), 0);
        assert!(opener.failed() <= 2, "{}", opener.failed());
    }
}

#[test]
fn the_text_of_winmail_dat_is_said_too() {
    let text = file("p", "message.txt");
    let archive = file("zip", "a.zip");
    let says = [text, archive].map(|child| Say::Put(Piece::Child(Box::new(child))));
    let says = [vec![Say::Kind(Kind::Tnef)], says.to_vec()].concat();
    let opener = Scripted::default()
        .text("p", "パスワード：abc123")
        .closed("t", "abc123")
        .archive("zip", "t", 1)
        .on("tnef", says)
        .mail("m", from("a@b.jp"), vec![file("tnef", "winmail.dat")]);
    assert_eq!(withheld(&opener.run_with("m", &policy())), 0);
}
