//! Chores of the project: rules that no compiler checks, generated documents, seeds of fuzzers.
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line"
)]

mod codegen;
mod docs;
mod reproducible;
mod sbom;
mod seeds;
mod tidy;
mod vocabulary;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <chore>
  tidy     check the rules of the house: who may depend on whom, what every format brings along, ...
  docs     write docs/findings.md and docs/kinds.md anew
  codegen  write the Rust of proto/ anew
  base     take proto/ as it is for what callers rely on (proto/base.binpb, for buf breaking)
  vocabulary <folder>
           write the table of office markup anew from the schemas of ECMA-376 in a folder
  seeds    write fuzz/seeds/<target>/ from the cases of testdata/
  sbom     write <target>/sbom/<program>.cdx.json: what the shipped programs are made of
  reproducible [program]
           build the commit in two folders and compare; takes two release builds";

/// What a chore ends with: nothing, or what is wrong.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let chore = std::env::args().nth(1);
    let outcome = match chore.as_deref() {
        Some("tidy") => tidy::all(&root()),
        Some("docs") => docs::write(&root()),
        Some("codegen") => codegen::write(&root()),
        Some("base") => codegen::write_base(&root()),
        Some("vocabulary") => vocabulary::write(&root(), std::env::args().nth(2).as_deref()),
        Some("sbom") => sbom::write(&root()),
        Some("reproducible") => reproducible::check(&root(), std::env::args().nth(2).as_deref()),
        Some("seeds") => seeds::write(&root()),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => {
            println!("{}: good", chore.unwrap_or_default());
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
