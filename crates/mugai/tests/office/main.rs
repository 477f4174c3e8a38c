//! Every construct of the threat list that an office document can carry, in each format that has it,
//! alone, in a mail and in an archive: what is seen stays, the canary that is planted in the construct is nowhere in
//! the output. And bombs, which are refused.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]

mod bombs;
mod check;
mod constructs;
mod convert;
mod corpus;
mod open;
mod package;

use check::{Format, carries, mail, run};
use constructs::CONSTRUCTS;

#[test]
fn no_construct_survives() {
    let mut wrong = Vec::new();
    let folder = check::folder();
    for construct in CONSTRUCTS {
        for format in Format::ALL {
            let Some(document) = package::document(construct, format) else {
                continue;
            };
            let name = format!(
                "{}.{}",
                construct.name,
                construct.ext.unwrap_or(format.code())
            );
            let alone = run(document.clone(), &name);
            wrong.extend(carries(&alone, &name, format, construct.reported));
            check::keep(&folder, &alone, &name);
            let in_mail = run(mail(&document, &name), "mail.eml");
            wrong.extend(carries(
                &in_mail,
                &format!("mail with {name}"),
                format,
                construct.reported,
            ));
            let packed = package::zip(&[(name.clone(), document)]);
            let in_archive = run(packed, "files.zip");
            wrong.extend(carries(
                &in_archive,
                &format!("archive with {name}"),
                format,
                construct.reported,
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_construct_of_open_documents_survives() {
    let mut wrong = Vec::new();
    let folder = check::folder();
    for construct in open::CONSTRUCTS {
        for format in Format::OPEN {
            let Some(document) = open::document(construct, format) else {
                continue;
            };
            let name = format!("{}.{}", construct.name, format.code());
            let alone = run(document.clone(), &name);
            wrong.extend(carries(&alone, &name, format, true));
            check::keep(&folder, &alone, &name);
            let in_mail = run(mail(&document, &name), "mail.eml");
            wrong.extend(carries(
                &in_mail,
                &format!("mail with {name}"),
                format,
                true,
            ));
            let packed = package::zip(&[(name.clone(), document)]);
            let in_archive = run(packed, "files.zip");
            wrong.extend(carries(
                &in_archive,
                &format!("archive with {name}"),
                format,
                true,
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn charts_and_formulas_of_open_documents_stay() {
    let construct = open::CONSTRUCTS.iter().find(|c| c.name == "chart");
    for format in Format::OPEN {
        let document = open::document(construct.expect("it is there"), format);
        let name = format!("chart.{}", format.code());
        let outcome = run(document.expect("a document"), &name);
        let files = check::files(&outcome, format);
        let of = |wanted: &str| {
            let mut all = files.iter();
            let found = all.find(|(name, _)| name == wanted);
            found.map(|(_, content)| String::from_utf8_lossy(content).into_owned())
        };
        let chart = of("Object1/content.xml").unwrap_or_default();
        assert!(chart.contains("<chart:series "), "{name}: {chart}");
        assert!(!chart.contains("<draw:object"), "{name}: {chart}");
        let styles = of("Object1/styles.xml").unwrap_or_default();
        assert!(styles.contains("<draw:gradient "), "{name}: {styles}");
        assert!(!styles.contains("fill-image"), "{name}: {styles}");
        let formula = of("Object2/content.xml").unwrap_or_default();
        let told = "<math:semantics><math:mrow><math:mi>x</math:mi><math:mi>y</math:mi></math:mrow></math:semantics>";
        assert!(formula.contains(told), "{name}: {formula}");
        assert_eq!(of("Object3/content.xml"), None, "{name}");
        let content = of("content.xml").unwrap_or_default();
        assert_eq!(
            content.matches("<draw:object ").count(),
            3,
            "{name}: {content}"
        );
        assert!(!content.contains("<draw:image"), "{name}: {content}");
        // once more, and nothing changes
        let again = check::again(&outcome, &name);
        assert_eq!(check::files(&again, format), files, "{name}");
    }
}
