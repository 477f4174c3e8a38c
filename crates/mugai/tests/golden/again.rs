//! What we delivered is sanitised once more: it must come through, and where nothing is lost by the
//! treatment, unchanged.

use crate::{in_process, mail, office, run};
use libtest_mimic::Failed;
use mail_parser::{MessageParser, MimeHeaders};
use mugai_core::Target;
use mugai_engine::{Output, Policy, Verdict};
use mugai_testkit::case::Case;
use mugai_testkit::corpus::Place;

pub(crate) fn check(place: &Place) -> Result<(), Failed> {
    let case = Case::read(place)?;
    // the limits of a case are made for its input, not for what comes out
    let policy = Policy::municipal_lgwan()?;
    let first = run::sanitise(&case, &case.policy()?, &in_process());
    let Verdict::Sanitised(outputs) = &first.verdict else {
        return Ok(());
    };
    outputs.iter().try_for_each(|output| one(output, &policy))
}

fn one(output: &Output, policy: &Policy) -> Result<(), Failed> {
    let bytes = &*output.file.load().expect("its bytes");
    let name = output.name.as_str();
    let second = run::job(bytes.to_vec(), name, policy, &in_process());
    let Verdict::Sanitised(again) = &second.verdict else {
        return Err(format!("{name}: {:?}", second.report.refusal).into());
    };
    if second.report.withheld_any() {
        return Err(format!("{name}: a part is withheld the second time").into());
    }
    let Some(made) = again.first() else {
        return Err(format!("{name}: nothing came out").into());
    };
    let (was, is) = (output.file.target(), made.file.target());
    if was != is || made.name != output.name {
        return Err(format!("{name}: {} {}", is.code(), made.name).into());
    }
    let same = match was {
        Target::Txt
        | Target::Csv
        | Target::Png
        | Target::Docx
        | Target::Xlsx
        | Target::Pptx
        | Target::Odt
        | Target::Ods
        | Target::Odp => &*made.file.load().expect("its bytes") == bytes,
        Target::Eml => same_mail(bytes, &made.file.load().expect("its bytes")),
        // its files each by themselves, as above
        Target::Zip => office::names(bytes) == office::names(&made.file.load().expect("its bytes")),
        // a second generation of lossy pictures, and messages with a second footer
        Target::Jpeg | Target::Pdf | Target::Mbox => true,
    };
    if same {
        Ok(())
    } else {
        Err(format!("{name}: not the same the second time").into())
    }
}

/// The same subject, the body with another footer behind it, the same files.
fn same_mail(was: &[u8], is: &[u8]) -> bool {
    let parse = |bytes| MessageParser::default().parse(bytes);
    let (Some(was), Some(is)) = (parse(was), parse(is)) else {
        return false;
    };
    let names = |message: &mail_parser::Message<'_>| -> Vec<String> {
        let names = message.attachments().map(|part| part.attachment_name());
        names.map(|name| name.unwrap_or("-").to_owned()).collect()
    };
    let body = mail::body(&was);
    was.subject() == is.subject()
        && mail::body(&is).starts_with(body.trim_end())
        && names(&was) == names(&is)
}
