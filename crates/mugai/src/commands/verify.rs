//! `mugai verify`: only the checker, in confined processes of its own.

use crate::args::Verify;
use crate::commands::end;
use crate::pools;
use crate::say::{complain, say};
use mugai_batch::Exit;
use mugai_core::{Draft, Opener, Patience, Refusal, Spooled, Target, Violation};
use mugai_isolate::{Config, Fault, Pool};
use mugai_verify::{Elsewhere, Judge};
use std::path::Path;
use std::process::ExitCode;

/// The largest file, in bytes.
const MOST: u64 = 1 << 30;

/// Exit 0 if every file is inside one of our output profiles, 1 if one is not, 4 when one cannot be read or no checker can
/// be confined.
pub(crate) fn main(args: &Verify) -> ExitCode {
    let pool = match checkers() {
        Ok(pool) => pool,
        Err(fault) => {
            complain!(
                "mugai: nothing is checked, for the checker cannot be confined here: {fault}"
            );
            return end(Exit::Failed);
        }
    };
    let mut exit = Exit::Delivered;
    for path in &args.files {
        let shown = path.display();
        let told = read(path).and_then(|bytes| judge(&pool, path, bytes));
        match told {
            Ok(Ok(target)) => say!("{shown}: inside the profile {}", target.code()),
            Ok(Err(violation)) => {
                let place = violation
                    .offset
                    .map(|at| format!(" at byte {at}"))
                    .unwrap_or_default();
                say!("{shown}: outside our profiles: {}{place}", violation.rule);
                exit = Exit::Withheld;
            }
            Err(problem) => {
                complain!("mugai: {shown}: {problem}");
                return end(Exit::Failed);
            }
        }
    }
    end(exit)
}

/// Checkers, each for one file: what a file did to one must not be what the next is believed by.
fn checkers() -> Result<Pool, Fault> {
    Pool::of_verifiers(&Config {
        workers: 1,
        fresh: true,
        input_bytes: MOST,
        groups: pools::groups(),
        ..Config::default()
    })
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let told = |error: std::io::Error| error.to_string();
    if std::fs::metadata(path).map_err(told)?.len() > MOST {
        return Err(format!("over {MOST} bytes"));
    }
    std::fs::read(path).map_err(told)
}

/// Whether a file is inside of the profile that its first bytes claim, as the checker says, and has a name of that.
///
/// # Errors
/// Why there is no answer.
fn judge(pool: &Pool, path: &Path, bytes: Vec<u8>) -> Result<Result<Target, Violation>, String> {
    let Some(target) = mugai_verify::recognise(&bytes) else {
        return Ok(Err(Violation::of("none of our targets")));
    };
    match Judge::new(&There(pool)).confined(&Draft::new(target, bytes)) {
        Ok(()) => Ok(suits(path, target)),
        Err(Refusal::Unverified(violation)) => Ok(Err(violation)),
        Err(refusal) => Err(refusal.to_string()),
    }
}

/// Where the questions go.
struct There<'a>(&'a Pool);

impl Elsewhere for There<'_> {
    fn ask(&self, question: &[u8], draft: &[&Spooled]) -> Option<Result<(), Refusal>> {
        self.0.check(question, draft, Patience::default())
    }
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
