//! `mugai verify`: only the checker.

use crate::args::Verify;
use crate::commands::end;
use crate::say::{complain, say};
use mugai_batch::Exit;
use mugai_core::{Target, Violation};
use std::path::Path;
use std::process::ExitCode;

/// Exit 0 if every file is inside one of our output profiles, 1 if one is not.
pub(crate) fn main(args: &Verify) -> ExitCode {
    let mut exit = Exit::Delivered;
    for path in &args.files {
        let shown = path.display();
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                complain!("mugai: {shown}: {error}");
                return end(Exit::Failed);
            }
        };
        match mugai_verify::check_any(&bytes).and_then(|target| suits(path, target)) {
            Ok(target) => say!("{shown}: inside the profile {}", target.code()),
            Err(violation) => {
                let place = violation
                    .offset
                    .map(|at| format!(" at byte {at}"))
                    .unwrap_or_default();
                say!("{shown}: outside our profiles: {}{place}", violation.rule);
                exit = Exit::Withheld;
            }
        }
    }
    end(exit)
}

/// A program opens a file by its name: formulas that are harmless in a text are none in a `.csv`.
fn suits(path: &Path, target: Target) -> Result<Target, Violation> {
    let extension = path.extension().unwrap_or_default();
    let usual = extension.eq_ignore_ascii_case(target.extension());
    let jpeg = target == Target::Jpeg && extension.eq_ignore_ascii_case("jpeg");
    if usual || jpeg {
        Ok(target)
    } else {
        Err(Violation::of("the extension is not that of the content"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_to_suit_the_content() {
        for (name, target, good) in [
            ("a.txt", Target::Txt, true),
            ("a.TXT", Target::Txt, true),
            ("a.jpeg", Target::Jpeg, true),
            ("a.csv", Target::Txt, false),
            ("a.html", Target::Txt, false),
            ("a", Target::Txt, false),
        ] {
            assert_eq!(suits(Path::new(name), target).is_ok(), good, "{name}");
        }
    }
}
