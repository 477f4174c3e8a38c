//! Stages what an outcome delivers, under the names that it will have.

use crate::journal::Placed;
use crate::plan::Input;
use crate::store::Store;
use mugai_core::{Refusal, SafeName, Target};
use mugai_engine::job::Taken;
use mugai_engine::report::{RefusalReport, Totals};
use mugai_engine::{Outcome, Output, Report, Status, Verdict};
use std::io;

/// Stages the outputs of an outcome, or its notice, and puts their places into its report.
///
/// # Errors
/// What the store says. What was staged before is swept away some day.
pub(crate) fn stage(
    store: &dyn Store,
    number: u64,
    input: &Input,
    outcome: &mut Outcome,
) -> io::Result<Vec<Placed>> {
    let outputs: Vec<&Output> = match &outcome.verdict {
        Verdict::Sanitised(outputs) => outputs.iter().collect(),
        Verdict::Withheld(_) => outcome.notice.iter().collect(),
    };
    let mut placed = Vec::new();
    let paths = places(input, outputs.iter().copied());
    for (index, (output, place)) in outputs.into_iter().zip(paths).enumerate() {
        let staged = format!("{number}-{index}.part");
        store.stage(&staged, output.file.content())?;
        let report = outcome.report.outputs.get_mut(index);
        let report = report.ok_or_else(|| io::Error::other("an output without a report"))?;
        report.path.clone_from(&place);
        placed.push(Placed {
            staged,
            place,
            bytes: report.bytes,
            blake3: report.digests.blake3.clone(),
        });
    }
    Ok(placed)
}

/// The paths of all outputs of an input below the output folder, no two of them the same.
pub(crate) fn places<'o>(
    input: &Input,
    outputs: impl IntoIterator<Item = &'o Output>,
) -> Vec<String> {
    let mut taken = Taken::default();
    let outputs = outputs.into_iter().enumerate();
    outputs
        .map(|(number, output)| {
            let eml = output.file.target() == Target::Eml;
            let stem = input.shares_stem && !eml;
            let name = taken.unique(&name((&input.name, stem), &output.name, number));
            // safe names are UTF-8, and so are folders made of them
            input.out.join(name.as_str()).to_string_lossy().into_owned()
        })
        .collect()
}

/// What a notice of something withheld ends with.
const WITHHELD: &str = ".withheld.txt";

/// The first output has the name of the input, which is a pair with whether another input has the same
/// without its extension; what was found in it stands beside it.
fn name((input, shares_stem): (&SafeName, bool), output: &SafeName, number: usize) -> SafeName {
    if number > 0 {
        return behind(input, output.as_str());
    }
    if output == input {
        return output.clone();
    }
    let extension = output.split_extension().1.unwrap_or("txt");
    let notice = WITHHELD.trim_start_matches('.');
    if shares_stem {
        let is_notice = output.as_str().ends_with(WITHHELD);
        return behind(input, if is_notice { notice } else { extension });
    }
    // where a long name was cut for its new extension, another that begins alike may have come to the same
    match output.as_str().strip_suffix(WITHHELD) {
        Some(front) if front != input.as_str() => behind(input, notice),
        None if !output.as_str().starts_with(input.split_extension().0) => behind(input, extension),
        _ => output.clone(),
    }
}

/// How much of the name of the input stays at least, in characters and in bytes.
const FRONT: (usize, usize) = (24, 60);
/// The mark between a name that was cut and what stands behind it: eight digits and what parts them.
const MARK: usize = 10;

/// `input.tail`. Where that is too long the name of the input is cut, and its digest says which it was.
fn behind(input: &SafeName, tail: &str) -> SafeName {
    let whole = SafeName::clean(&format!("{input}.{tail}"));
    if let (Some(whole), changes) = whole
        && !changes.truncated
    {
        return whole;
    }
    let front = input.as_str();
    let digest = blake3::hash(front.to_lowercase().as_bytes()).to_hex();
    let digest = digest.get(..8).unwrap_or_default();
    let room = |least: usize, size: usize, most: usize| {
        most.saturating_sub(MARK).saturating_sub(least.min(size))
    };
    let chars = room(FRONT.0, front.chars().count(), SafeName::MAX_CHARS);
    let bytes = room(FRONT.1, front.len(), SafeName::MAX_BYTES);
    let end = extension(tail);
    let stem = tail.get(..tail.len().saturating_sub(end.len()));
    let stem = cut(
        stem.unwrap_or_default(),
        chars.saturating_sub(end.chars().count()),
        bytes.saturating_sub(end.len()),
    );
    let tail = format!("{stem}{end}");
    let front = cut(
        front,
        room(0, 0, SafeName::MAX_CHARS).saturating_sub(tail.chars().count()),
        room(0, 0, SafeName::MAX_BYTES).saturating_sub(tail.len()),
    );
    let name = SafeName::clean(&format!("{front}-{digest}.{tail}")).0;
    name.unwrap_or_else(|| input.clone())
}

/// The end of a name that is never cut off, with its dot.
fn extension(name: &str) -> &str {
    if name.ends_with(WITHHELD) {
        return WITHHELD;
    }
    let dot = name.rfind('.').and_then(|dot| name.get(dot..));
    dot.filter(|end| end.chars().count() <= 11).unwrap_or("")
}

/// The beginning of a name that has at most that many characters and bytes.
fn cut(name: &str, chars: usize, bytes: usize) -> &str {
    let ends = name
        .char_indices()
        .map(|(at, c)| at.saturating_add(c.len_utf8()));
    let end = ends.take(chars).take_while(|end| *end <= bytes).last();
    name.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// Why nothing was delivered after all.
pub(crate) const UNWRITTEN: Refusal = Refusal::internal("file: output cannot be written");

/// Makes a report say that nothing was delivered; with a refusal of our own where the reason is not
/// in it yet.
pub(crate) fn undeliverable(report: &mut Report, refusal: Option<Refusal>) {
    report.outputs.clear();
    let root = report.parts.first_mut();
    if let Some(refusal) = refusal {
        report.verdict = "withheld";
        report.refusal = Some(RefusalReport::from(&refusal));
        if let Some(root) = root {
            root.verdict = Status::Withheld;
            root.refusal = Some(RefusalReport::from(&refusal));
            root.output = None;
            root.bytes_out = 0;
        }
    }
    report.totals = Totals::of(&report.parts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn safe(raw: &str) -> SafeName {
        SafeName::clean(raw).0.unwrap()
    }

    fn all(input: &str, outputs: &[String]) -> Vec<String> {
        let mut taken = Taken::default();
        let outputs = outputs.iter().enumerate();
        outputs
            .map(|(number, output)| {
                let name = name((&safe(input), false), &safe(output), number);
                taken.unique(&name).to_string()
            })
            .collect()
    }

    #[test]
    fn members_with_long_names_keep_names_of_their_own() {
        let zip = format!("{}.zip", "令".repeat(41));
        for length in [30, 43, 70, 110] {
            let member = |end: &str| format!("{}{end}.txt", "和".repeat(length));
            let members = [zip.clone(), member("一"), member("二"), member("三")];
            let names = all(&zip, &members);
            let different: BTreeSet<_> = names.iter().collect();
            assert_eq!(different.len(), 4, "{names:?}");
            for name in &names {
                assert_eq!(safe(name).as_str(), name);
                assert!(name.starts_with("令令令"), "{name}");
            }
            assert!(
                length > 43 || names.iter().any(|name| name.contains("二.txt")),
                "{names:?}"
            );
        }
    }

    #[test]
    fn short_names_stay_as_they_are() {
        let outputs = ["a.zip", "報告.txt", "報告.TXT"].map(str::to_owned);
        let names = all("a.zip", &outputs);
        assert_eq!(names, ["a.zip", "a.zip.報告.txt", "a.zip.報告-2.TXT"]);
        assert_eq!(
            name((&safe("a.tif"), true), &safe("a.png"), 0).as_str(),
            "a.tif.png"
        );
        assert_eq!(
            name((&safe("a.tif"), false), &safe("a.png"), 0).as_str(),
            "a.png"
        );
        // a notice is no text of the file
        assert_eq!(
            name((&safe("a.exe"), true), &safe("a.exe.withheld.txt"), 0).as_str(),
            "a.exe.withheld.txt"
        );
    }

    #[test]
    fn long_inputs_that_begin_alike_are_told_apart() {
        for (first, second, output) in [
            ("一.docx", "二.docx", ".docx.withheld.txt"),
            ("一.docx", "二.docx", ".pdf.txt"),
        ] {
            let long = "平".repeat(70);
            let inputs = [first, second].map(|end| safe(&format!("{long}{end}")));
            let output = safe(&format!("{long}一{output}"));
            for shares in [false, true] {
                let names = inputs
                    .each_ref()
                    .map(|input| name((input, shares), &output, 0));
                assert_ne!(names[0], names[1]);
                let members = inputs
                    .each_ref()
                    .map(|input| name((input, shares), &output, 1));
                assert_ne!(members[0], members[1]);
            }
        }
    }
}
