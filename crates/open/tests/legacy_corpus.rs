//! Real and broken old office documents from a folder that is not part of this repository: each is told
//! or refused for a reason of its own, within bounds.
#![expect(clippy::disallowed_methods, reason = "a test may look for files")]

use mugai_core::{
    Assignment, Budget, Cx, Family, Hints, Limits, NoFonts, Params, Password, Refusal, Treatment,
    Treatments,
};
use mugai_testkit::show::Tape;
use std::collections::BTreeMap;
use std::path::PathBuf;

const LIMITS: Limits = Limits {
    bytes: 64 << 20,
    pixels: 0,
    parts: 2_000,
    depth: 5,
    steps: 500_000_000,
};

/// `MUGAI_CORPUS`, or a folder beside the workspace.
fn folder(kind: &str) -> PathBuf {
    let root = std::env::var_os("MUGAI_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    root.join(kind)
}

#[test]
fn every_file_is_told_or_refused() {
    let mut seen = BTreeMap::new();
    for kind in ["ole2", "rtf", "ooxml"] {
        let Ok(entries) = std::fs::read_dir(folder(kind)) else {
            println!("skipped: no corpus");
            return;
        };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if kind == "ooxml" && path.extension().is_none_or(|ext| ext != "xlsb") {
                continue;
            }
            for sheet in [Treatment::Text, Treatment::Rebuild] {
                let assignment = Assignment {
                    hints: Hints::default(),
                    treatments: Treatments::nothing()
                        .with(Family::Office, Treatment::Text)
                        .with(Family::Sheet, sheet),
                    limits: LIMITS,
                    params: Params::default(),
                };
                let budget = Budget::new(LIMITS);
                let mut tape = Tape::default();
                let bytes = std::fs::read(&path).unwrap();
                let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
                let result = mugai_open::open(&bytes, &mut cx);
                if let Err(refusal) = &result {
                    let shown = path.display();
                    assert!(!refusal.is_alarm(), "{shown}: {refusal}");
                    let over = matches!(refusal, Refusal::Overrun { .. } | Refusal::Lost(_));
                    assert!(!over, "{shown}: {refusal}");
                }
                let code = result.map_or_else(|refusal| refusal.code(), |()| "told");
                let kind = tape.kind.map_or("none", |kind| kind.code());
                let count = seen.entry((kind, code)).or_insert(0u32);
                *count = count.saturating_add(1);
            }
        }
    }
    for ((kind, code), count) in &seen {
        println!("{kind} {code}: {count}");
    }
    for kind in ["doc", "xls", "ppt", "rtf", "xlsb"] {
        assert!(seen.contains_key(&(kind, "told")), "{kind}");
    }
}

/// Files with passwords that their makers tell.
const LOCKED: [(&str, &str); 7] = [
    ("maldoca__d2eae6_encrypted_no_formulas_12345.xls", "12345"),
    (
        "msoffcrypto-tool__609ea1_rc4cryptoapi_password.doc",
        "Password1234_",
    ),
    (
        "msoffcrypto-tool__61ef2e_rc4cryptoapi_password.ppt",
        "Password1234_",
    ),
    (
        "msoffcrypto-tool__7f973c_rc4cryptoapi_password.xls",
        "Password1234_",
    ),
    ("oletools__cf9329_dde-test-encrypt-standardpassword.xls", ""),
    ("poi__241357_password_password_cryptoapi.doc", "password"),
    (
        "test_files__25bbf4_password_2002_128_enhdss.xls",
        "password",
    ),
];

#[test]
fn what_has_a_password_is_opened_with_it() {
    for (name, password) in LOCKED {
        let Ok(bytes) = std::fs::read(folder("ole2").join(name)) else {
            println!("skipped: no corpus");
            return;
        };
        let open = |password: &str| {
            let assignment = Assignment {
                hints: Hints {
                    passwords: Password::new(password.to_owned()).into_iter().collect(),
                    ..Hints::default()
                },
                treatments: Treatments::nothing()
                    .with(Family::Office, Treatment::Text)
                    .with(Family::Sheet, Treatment::Text),
                limits: LIMITS,
                params: Params::default(),
            };
            let budget = Budget::new(LIMITS);
            let mut tape = Tape::default();
            let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut tape);
            mugai_open::open(&bytes, &mut cx)
        };
        assert_eq!(open(password), Ok(()), "{name}");
        if !password.is_empty() {
            let refused = open("another");
            assert!(
                matches!(refused, Err(Refusal::Encrypted(_))),
                "{name}: {refused:?}"
            );
        }
    }
}
