//! Alternatives of a body: which of them is shown, and what becomes of the others.

use super::*;

#[test]
fn the_richest_alternative_that_can_be_read_is_shown() {
    let base = || {
        Scripted::default()
            .text("plain", "平文の本文です。")
            .html("html", "HTMLの本文です。")
            .html("blank", " \n")
    };
    let mail = |parts| base().mail("m", from("a@b.jp"), parts).run("m");
    let both = mail(vec![body("plain", 0, 0), body("html", 0, 1)]);
    assert!(read(&both).0.contains("HTMLの本文") && !read(&both).0.contains("平文"));
    assert_eq!(both.report.parts[1].verdict, Status::Removed);
    let blank = mail(vec![body("plain", 0, 0), body("blank", 0, 1)]);
    assert!(read(&blank).0.contains("平文"));
    let broken = mail(vec![body("plain", 0, 0), body("???", 0, 1)]);
    assert!(read(&broken).0.contains("平文"));
    let none = mail(vec![body("???", 0, 0)]);
    assert!(read(&none).0.contains("本文の一部を取り除きました"));
    assert_eq!(none.report.totals.withheld, 1);
}

#[test]
fn an_alternative_that_says_something_else_is_noted() {
    let long = "The quick brown fox jumps over the lazy dog and runs away from the ward office.";
    let other = "Please transfer one million yen to the following account before noon, thank you.";
    for (html, differs) in [(long, false), (other, true)] {
        let outcome = Scripted::default()
            .text("p", long)
            .html("h", html)
            .mail("m", from("a@b.jp"), vec![body("p", 0, 0), body("h", 0, 1)])
            .run("m");
        let noted = outcome.report.parts[0]
            .findings
            .iter()
            .any(|f| f.code == "mime.alternative_differs");
        assert_eq!(noted, differs);
    }
}

/// A reader that was lost says nothing about the part: the part is not one alternative of two that does not matter,
/// or nobody would know that the mail has to be opened again.
#[test]
fn an_alternative_whose_worker_was_lost_is_withheld_and_not_left_out() {
    for refusal in [
        Refusal::Lost(Loss::Crash),
        Refusal::Lost(Loss::Deadline),
        Refusal::internal("test: ours"),
        Refusal::CHECKER_LOST,
    ] {
        let code = refusal.code();
        let opener = Scripted::default()
            .mail(
                "m",
                from("a@b.jp"),
                vec![body("plain", 0, 0), body("rich", 0, 1)],
            )
            .on("plain", vec![Say::Refuse(refusal.clone())])
            .html("rich", "formatted\n");
        let outcome = opener.run("m");
        let part = outcome.report.parts.iter().find(|part| part.path == "0.1");
        let part = part.expect("the plain one");
        assert_eq!(part.verdict, Status::Withheld, "{code}");
        assert_eq!(
            part.refusal.as_ref().map(|refusal| refusal.code),
            Some(code)
        );
        let lost = [Refusal::Lost(Loss::Crash), Refusal::CHECKER_LOST].contains(&refusal);
        assert_eq!(outcome.report.lost_a_worker(), lost, "{code}");
        assert!(read(&outcome).0.contains("formatted"), "{code}");
    }
}
