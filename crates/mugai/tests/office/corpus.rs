//! Documents of other people: `MUGAI_CORPUS` names their folder, else `../shared/corpus` is looked for.
//! Without them the test is skipped with a line.

use crate::check::run;
use mugai_engine::Verdict;
use std::path::{Path, PathBuf};

#[test]
fn every_document_has_a_verdict() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = std::env::var_os("MUGAI_CORPUS").map_or(beside, PathBuf::from);
    let (mut rebuilt, mut withheld) = (0u32, Vec::new());
    for kind in ["ooxml", "odf"] {
        let Ok(files) = std::fs::read_dir(folder.join(kind)) else {
            println!("skipped: no corpus (set MUGAI_CORPUS)");
            return;
        };
        for path in files.flatten().map(|file| file.path()) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let outcome = run(std::fs::read(&path).expect("a file"), &name);
            if matches!(outcome.verdict, Verdict::Sanitised(_)) {
                rebuilt = rebuilt.saturating_add(1);
                continue;
            }
            let code = outcome
                .report
                .refusal
                .as_ref()
                .map_or("", |refusal| refusal.code);
            let ours = matches!(code, "unverified" | "internal" | "lost");
            assert!(!ours, "{name}: {code}");
            withheld.push(format!("{name}: {code}"));
        }
    }
    println!("{rebuilt} rebuilt, withheld:\n{}", withheld.join("\n"));
    // locked, binary, damaged and hostile ones are among them
    assert!(
        usize::try_from(rebuilt).is_ok_and(|rebuilt| rebuilt > withheld.len().saturating_mul(3))
    );
}
