//! Every construct of the threat list that an office document can carry, in each format that has it,
//! alone and in a mail: what is seen stays, the canary that is planted in the construct is nowhere in
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
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
