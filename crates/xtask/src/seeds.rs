//! Seeds of the fuzzers: the inputs of the cases, sorted to the targets that can begin with them.

use crate::Outcome;
use mugai_core::{Assignment, Budget, Cx, NoFonts};
use mugai_core::{Family, Hints, Params, Treatment, Treatments, Untrusted, wire};
use mugai_engine::policy::PRESETS;
use mugai_testkit::{corpus, oracle, show::Tape};
use std::path::Path;

/// Larger inputs only slow a fuzzer down.
const MOST_BYTES: usize = 64 << 10;

/// Writes `fuzz/seeds/<target>/`.
pub(crate) fn write(root: &Path) -> Outcome {
    let seeds = root.join("fuzz/seeds");
    if seeds.is_dir() {
        std::fs::remove_dir_all(&seeds).map_err(|error| error.to_string())?;
    }
    let put = |target: &str, name: &str, bytes: &[u8]| {
        let folder = seeds.join(target);
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(folder.join(name), bytes))
            .map_err(|error| format!("{}: {error}", folder.display()))
    };
    for place in corpus::cases().map_err(|error| error.to_string())? {
        let (bytes, _) = place.input().map_err(|error| error.to_string())?;
        if bytes.len() > MOST_BYTES {
            continue;
        }
        let name = place.name.replace('/', "-");
        for target in targets(place.format()) {
            put(&target, &name, &bytes)?;
        }
        put("wire", &name, &frames(&bytes))?;
    }
    let mut order = Vec::new();
    wire::encode_assignment(&assignment(), &mut order);
    put("assignment", "default", &order)?;
    PRESETS
        .iter()
        .try_for_each(|(name, text)| put("policy", name, text.as_bytes()))
}

/// The targets that an input of `format` is a seed of.
fn targets(format: &str) -> Vec<String> {
    let reader = format!("reader_{format}");
    let mut targets: Vec<String> = ["identify", "pipeline"].map(str::to_owned).to_vec();
    if oracle::ALL.iter().any(|(name, _)| *name == reader) {
        targets.push(reader);
    }
    if matches!(format, "mail" | "text" | "csv" | "html") {
        targets.extend(["charset", "emit_verify_txt", "emit_verify_eml"].map(str::to_owned));
    }
    targets
}

/// What a worker says about `bytes`.
fn frames(bytes: &[u8]) -> Vec<u8> {
    let order = assignment();
    let budget = Budget::new(order.limits);
    let mut tape = Tape::default();
    let input = Untrusted::new(bytes.to_vec());
    let mut cx = Cx::new(&order, &budget, &NoFonts, &mut tape).over(&input);
    let end = match mugai_testkit::open(input.bytes(), &mut cx) {
        Ok(()) => wire::Message::Done {
            spent: budget.all_spent(),
        },
        Err(refusal) => wire::Message::Refused {
            refusal,
            spent: budget.all_spent(),
        },
    };
    let pieces = tape.pieces.into_iter().map(wire::Message::Piece);
    let findings = tape.findings.into_iter().map(wire::Message::Finding);
    let mut out = Vec::new();
    for message in tape
        .kind
        .map(wire::Message::Kind)
        .into_iter()
        .chain(pieces)
        .chain(findings)
        .chain([end])
    {
        // a piece over 4 GiB is none of these
        let _ = wire::encode(&message, &input, &mut out);
        if out.len() > MOST_BYTES {
            break;
        }
    }
    out
}

fn assignment() -> Assignment {
    let treatments = [Family::Mail, Family::Text, Family::Csv, Family::Html]
        .into_iter()
        .fold(Treatments::nothing(), |all, family| {
            all.with(family, Treatment::Text)
        });
    Assignment {
        hints: Hints::default(),
        treatments: treatments
            .with(Family::Image, Treatment::Flatten)
            .with(Family::Pdf, Treatment::Flatten),
        limits: oracle::SMALL,
        params: Params::default(),
    }
}
