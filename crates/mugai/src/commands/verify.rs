//! `mugai verify`: only the checker.

use crate::args::Verify;
use crate::commands::end;
use mugai_batch::Exit;
use std::process::ExitCode;

/// Exit 0 if every file is inside one of our output profiles, 1 if one is not.
pub(crate) fn main(args: &Verify) -> ExitCode {
    let mut exit = Exit::Delivered;
    for path in &args.files {
        let shown = path.display();
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("mugai: {shown}: {error}");
                return end(Exit::Failed);
            }
        };
        match mugai_verify::check_any(&bytes) {
            Ok(target) => println!("{shown}: inside the profile {}", target.code()),
            Err(violation) => {
                let place = violation
                    .offset
                    .map(|at| format!(" at byte {at}"))
                    .unwrap_or_default();
                println!("{shown}: outside our profiles: {}{place}", violation.rule);
                exit = Exit::Withheld;
            }
        }
    }
    end(exit)
}
