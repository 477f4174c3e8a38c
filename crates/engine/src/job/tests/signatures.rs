//! Signatures, which go without a notice, and what is called one.

use super::*;

#[test]
fn a_broken_signature_goes_without_a_notice_and_an_empty_file_too() {
    let mut signature = file("sig", "smime.p7s");
    signature.hints.declared = MediaType::parse("application/pkcs7-signature");
    let outcome = Scripted::default()
        .text("p", "本文")
        .mail(
            "m",
            from("a@b.jp"),
            vec![body("p", 0, 0), signature, file("", "empty.txt")],
        )
        .run("m");
    assert_eq!(read(&outcome).1, [""; 0]);
    assert_eq!(outcome.report.totals.removed, 2);
}

/// Anything can be called a signature.
#[test]
fn what_is_no_signature_does_not_go_as_one() {
    let called = |content: &str, name: &str| {
        let mut file = file(content, name);
        file.hints.declared = MediaType::parse("application/pgp-signature");
        file
    };
    let broken = |kind| vec![Say::Kind(kind), Say::Refuse(Refusal::malformed("broken"))];
    let run = |says: Vec<Say>, name: &str| {
        Scripted::default()
            .text("p", "本文")
            .on("s", says)
            .mail(
                "m",
                from("a@b.jp"),
                vec![body("p", 0, 0), called("s", name)],
            )
            .run("m")
    };
    for (kind, name, goes) in [
        (Kind::Pdf, "keiyaku.pdf", false),
        (Kind::Executable, "signature.asc", false),
        (Kind::Unknown, "keiyaku.dat", false),
        (Kind::Unknown, "signature.ASC", true),
        (Kind::Pgp, "keiyaku.dat", true),
        (Kind::Cms, "-", true),
    ] {
        let outcome = run(broken(kind), name);
        let told = count(&outcome, "mime.signed");
        assert_eq!(outcome.report.withheld_any(), !goes, "{kind:?} {name}");
        assert_eq!(told, u32::from(goes), "{kind:?} {name}");
        let (text, names) = read(&outcome);
        assert_eq!(names.is_empty(), goes, "{names:?}");
        assert_eq!(text.contains("電子署名"), goes, "{text}");
    }
    // a worker that was lost says nothing about it
    let outcome = run(
        vec![
            Say::Kind(Kind::Cms),
            Say::Refuse(Refusal::Lost(Loss::Crash)),
        ],
        "smime.p7s",
    );
    assert!(outcome.report.withheld_any());
}
