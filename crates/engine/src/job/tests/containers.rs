//! What is in archives and in messages of Outlook: depth, and what the footer tells of it.

use super::*;

fn holding(kind: Kind, children: Vec<Child>) -> Vec<Say> {
    let mut says = vec![Say::Kind(kind)];
    says.extend(
        children
            .into_iter()
            .map(|child| Say::Put(Piece::Child(Box::new(child)))),
    );
    says
}

fn refusals(outcome: &Outcome) -> Vec<String> {
    let parts = outcome.report.parts.iter();
    parts
        .filter_map(|part| part.refusal.as_ref().map(|refusal| refusal.detail.clone()))
        .collect()
}

#[test]
fn a_message_of_outlook_and_what_it_says_are_one_level() {
    let member = child("t", Role::Member, Some("a.txt"));
    let opener = Scripted::default()
        .text("t", "深い")
        .on("zip", holding(Kind::Zip, vec![member]))
        .mail("m1", from("a@b.jp"), vec![file("zip", "a.zip")])
        .on("o1", holding(Kind::Msg, vec![file("m1", "x")]))
        .mail("m2", from("a@b.jp"), vec![file("o1", "y.msg")])
        .on("o2", holding(Kind::Msg, vec![file("m2", "y")]))
        .mail("m3", from("a@b.jp"), vec![file("o2", "z.msg")])
        .mail("m4", from("a@b.jp"), vec![file("m3", "z.eml")]);
    // mail, mail, Outlook, Outlook, archive, text: five levels below the root
    let outcome = opener.run("m4");
    assert_eq!(refusals(&outcome), [""; 0]);
}

#[test]
fn what_is_in_such_a_message_goes_down_whatever_a_worker_says() {
    let mut opener = Scripted::default().text("t", "深い");
    let mut inner = "t".to_owned();
    for level in 0..20 {
        let name = format!("o{level}");
        opener = opener.on(&name, holding(Kind::Msg, vec![file(&inner, "x.msg")]));
        inner = name;
    }
    let outcome = opener.run(&inner);
    assert!(outcome.report.parts.len() <= 13);
    let refused = refusals(&outcome);
    assert!(
        refused.iter().any(|detail| detail.contains("depth")),
        "{refused:?}"
    );
}

#[test]
fn a_picture_lies_as_deep_as_its_document() {
    let picture = child("p", Role::Picture, Some("p.png"));
    let mut opener = Scripted::default().on("doc", holding(Kind::Word, vec![picture]));
    let mut inner = "doc".to_owned();
    for level in 0..5 {
        let name = format!("m{level}");
        opener = opener.mail(&name, from("a@b.jp"), vec![file(&inner, "inner.eml")]);
        inner = name;
    }
    let refused = refusals(&opener.run(&inner));
    // nothing knows the picture
    assert!(!refused.is_empty());
    assert!(
        !refused.iter().any(|detail| detail.contains("depth")),
        "{refused:?}"
    );
}

#[test]
fn of_a_withheld_archive_the_footer_names_no_files() {
    let names = (0..300).map(|n| format!("写真{n}.txt"));
    let members = names.map(|name| child("closed", Role::Member, Some(&name)));
    let outcome = Scripted::default()
        .text("p", "本文")
        .on(
            "closed",
            vec![Say::Kind(Kind::Plain), Say::Locked("secret")],
        )
        .on("zip", holding(Kind::Zip, members.collect()))
        .mail(
            "m",
            from("a@b.jp"),
            vec![body("p", 0, 0), file("zip", "写真.zip")],
        )
        .run("m");
    assert_eq!(outcome.report.totals.withheld, 301);
    let (text, files) = read(&outcome);
    assert_eq!(files, ["写真.zip.withheld.txt"]);
    assert!(
        text.contains("取り除いた部分: 1件") && text.contains("写真.zip"),
        "{text}"
    );
    assert!(!text.contains("写真7.txt"), "{text}");
}

#[test]
fn long_lists_of_the_footer_end() {
    let mut parts = vec![body("p", 0, 0)];
    parts.extend((0..40).map(|n| file("unknown", &format!("w{n}.bin"))));
    parts.extend((0..31).map(|n| file("t", &format!("t{n}.txt"))));
    let outcome = Scripted::default()
        .text("p", "本文")
        .text("t", "添付")
        .mail("m", from("a@b.jp"), parts)
        .run("m");
    let (text, _) = read(&outcome);
    assert!(
        text.contains("取り除いた部分: 40件") && text.contains("  ほか 10 件"),
        "{text}"
    );
    assert!(
        text.contains("作り直した添付ファイル: 31件") && text.contains("  ほか 1 件"),
        "{text}"
    );
    assert!(
        text.contains("w29.bin") && !text.contains("w30.bin"),
        "{text}"
    );
}

#[test]
fn links_of_archives_and_bytes_before_mailboxes_are_told() {
    let mut zip = holding(Kind::Zip, vec![child("t", Role::Member, Some("a.txt"))]);
    zip.push(Say::Note(FindingCode::ArchiveLink));
    let mut mbox = holding(Kind::Mbox, vec![child("one", Role::Message, None)]);
    mbox.push(Say::Note(FindingCode::MboxLeading));
    let outcome = Scripted::default()
        .text("t", "添付")
        .on("zip", zip)
        .mail("one", from("a@b.jp"), vec![body("t", 0, 0)])
        .on("mbox", mbox)
        .mail(
            "m",
            from("a@b.jp"),
            vec![file("zip", "a.zip"), file("mbox", "a.mbox")],
        )
        .run("m");
    let (text, _) = read(&outcome);
    assert!(
        text.contains("書庫の中のリンク") && text.contains("メールボックスの最初の"),
        "{text}"
    );
}
