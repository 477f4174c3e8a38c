//! Carries out a case.

use mugai_core::{Assignment, Hints, NoFonts, Opener, Password, Token, Untrusted};
use mugai_engine::{Order, Outcome, Output, Policy, Report, Verdict, sanitise as engine_sanitise};
use mugai_isolate::{Config, Pool};
use mugai_testkit::case::Case;
use mugai_testkit::show;
use std::path::PathBuf;
use std::sync::LazyLock;

/// The zones of all presets.
const FROM: &str = "internet";
const TO: &str = "lgwan";

/// One pool for all cases, as a run over many files has: what was opened before must not matter.
static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let config = Config {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_mugai")),
        workers: 2,
        ..Config::default()
    };
    Pool::new(config).expect("a confined worker starts")
});

pub(crate) fn pool() -> &'static dyn Opener {
    &*POOL
}

/// Sanitises the input of a case.
pub(crate) fn sanitise(case: &Case, policy: &Policy, opener: &dyn Opener) -> Outcome {
    let passwords = case.passwords();
    let input = case.input.clone();
    with_passwords(input, case.name.as_str(), policy, &passwords, opener)
}

/// Sanitises any bytes under a name.
pub(crate) fn job(bytes: Vec<u8>, name: &str, policy: &Policy, opener: &dyn Opener) -> Outcome {
    with_passwords(bytes, name, policy, &[], opener)
}

fn with_passwords(
    bytes: Vec<u8>,
    name: &str,
    policy: &Policy,
    passwords: &[Password],
    opener: &dyn Opener,
) -> Outcome {
    let order = Order {
        input: Untrusted::new(bytes),
        name: mugai_core::SafeName::clean(name).0,
        label: name.to_owned(),
        policy,
        from: FROM,
        to: TO,
        passwords,
        patience: mugai_core::Patience::default(),
    };
    engine_sanitise(order, opener)
}

/// The pieces of the root, for people.
pub(crate) fn pieces(case: &Case, policy: &Policy) -> String {
    let Some(route) = policy.route(FROM, TO) else {
        return String::from("no route\n");
    };
    let extension = case.name.split_extension().1.map(str::to_ascii_lowercase);
    let assignment = Assignment {
        hints: Hints {
            extension: extension.and_then(|extension| Token::parse(&extension)),
            passwords: case.passwords(),
            ..Hints::default()
        },
        treatments: route.treatments.clone(),
        limits: route.part,
        params: route.params,
    };
    show::opened(&case.input, &assignment, &NoFonts)
}

/// All files of an outcome, the notice included.
pub(crate) fn files(outcome: &Outcome) -> Vec<&Output> {
    match &outcome.verdict {
        Verdict::Sanitised(outputs) => outputs.iter().collect(),
        Verdict::Withheld(_) => outcome.notice.iter().collect(),
    }
}

/// A report as it is approved.
pub(crate) fn json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).expect("reports are plain data");
    text.push('\n');
    text
}
