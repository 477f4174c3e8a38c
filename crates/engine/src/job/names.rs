//! What outputs are called.

use crate::report::Findings;
use mugai_core::{Family, FindingCode, Kind, SafeName, Target};
use std::collections::{BTreeMap, BTreeSet};

/// The name of what was made of a part: its own, with the extension of what it became.
pub(super) fn made(
    name: Option<&SafeName>,
    target: Target,
    path: &mugai_core::PartPath,
    findings: &mut Findings,
) -> SafeName {
    let Some(name) = name else {
        return fallback(&format!("part-{path}.{}", target.extension()));
    };
    let (stem, extension) = name.split_extension();
    let inner = stem
        .rsplit_once('.')
        .map(|(_, inner)| inner.to_ascii_lowercase());
    if inner.is_some_and(|inner| is_known(&inner)) && extension.is_some_and(is_active) {
        findings.add(FindingCode::NameDoubleExtension, 1);
    }
    if extension.is_some_and(|e| e.eq_ignore_ascii_case(target.extension())) {
        return name.clone();
    }
    findings.add(FindingCode::NameExtension, 1);
    name.with_extension(target.extension(), is_known)
}

/// The name of the notice that stands for a withheld part.
pub(super) fn notice(name: Option<&SafeName>, path: &mugai_core::PartPath) -> SafeName {
    match name {
        Some(name) => name.with_extension("withheld.txt", |_| false),
        None => fallback(&format!("part-{path}.withheld.txt")),
    }
}

/// A name as file systems without case compare it, letter by letter: `ς` at the end of a word is `σ`, too.
pub(super) fn folded(name: &str) -> String {
    let upper = name.chars().flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).collect()
}

/// The names that are taken in one place; names that differ at most in case are one name.
#[derive(Debug, Default)]
pub struct Taken {
    names: BTreeSet<String>,
    /// The last number given to names that are numbered alike: thousands of equal names must not
    /// each count from the beginning.
    last: BTreeMap<String, u32>,
}

impl Taken {
    /// Makes a name differ from all before it, by a number.
    pub fn unique(&mut self, name: &SafeName) -> SafeName {
        let mut candidate = name.clone();
        if self.names.insert(folded(candidate.as_str())) {
            return candidate;
        }
        let series = folded(name.numbered(2).as_str());
        let last = self.last.entry(series).or_insert(1);
        loop {
            *last = last.saturating_add(1);
            candidate = name.numbered(*last);
            if self.names.insert(folded(candidate.as_str())) {
                return candidate;
            }
        }
    }
}

/// A name of our own making.
pub(super) fn fallback(raw: &str) -> SafeName {
    SafeName::clean(raw).0.unwrap_or_else(|| {
        // `raw` is never empty; the call is repeated with a constant to stay total
        fallback("part.txt")
    })
}

fn is_known(extension: &str) -> bool {
    Kind::ALL
        .iter()
        .any(|kind| kind.extensions().contains(&extension))
}

fn is_active(extension: &str) -> bool {
    let lower = extension.to_ascii_lowercase();
    Kind::ALL
        .iter()
        .any(|k| k.family() == Family::Active && k.extensions().contains(&lower.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::PartPath;

    fn called(raw: &str, target: Target) -> String {
        let name = SafeName::clean(raw).0;
        made(
            name.as_ref(),
            target,
            &PartPath::root(),
            &mut Findings::default(),
        )
        .to_string()
    }

    #[test]
    fn names_that_differ_by_case_only_are_one() {
        let mut taken = Taken::default();
        let mut unique = |raw: &str| taken.unique(&SafeName::clean(raw).0.unwrap()).to_string();
        assert_eq!(unique("ΟΔΟΣ.txt"), "ΟΔΟΣ.txt");
        for other in ["οδοσ.txt", "οδος.txt", "Οδοσ.txt"] {
            assert_ne!(unique(other), other);
        }
        assert_eq!(unique("οδο.txt"), "οδο.txt");
    }

    #[test]
    fn extensions_follow_what_was_made() {
        for (raw, target, want) in [
            ("scan.tiff", Target::Png, "scan.png"),
            ("scan.TIFF", Target::Pdf, "scan.pdf"),
            ("写真.jpeg", Target::Jpeg, "写真.jpg"),
            ("mail.eml", Target::Eml, "mail.eml"),
            ("請求書.pdf.exe", Target::Png, "請求書.pdf.png"),
            ("README", Target::Txt, "README.txt"),
            ("ver1.2", Target::Txt, "ver1.2.txt"),
            ("", Target::Txt, "part-0.txt"),
        ] {
            assert_eq!(called(raw, target), want, "{raw}");
        }
    }

    #[test]
    fn equal_names_are_numbered() {
        let mut taken = Taken::default();
        let name = fallback("A.txt");
        assert_eq!(taken.unique(&name).as_str(), "A.txt");
        assert_eq!(taken.unique(&fallback("a.TXT")).as_str(), "a-2.TXT");
        assert_eq!(taken.unique(&name).as_str(), "A-3.txt");
        assert_eq!(taken.unique(&fallback("A-4.txt")).as_str(), "A-4.txt");
        assert_eq!(taken.unique(&name).as_str(), "A-5.txt");
        assert_eq!(taken.unique(&fallback("A-5.txt")).as_str(), "A-5-2.txt");
        let long = fallback(&"n".repeat(300));
        let all: BTreeSet<_> = (0..12).map(|_| taken.unique(&long)).collect();
        assert_eq!(all.len(), 12);
    }

    #[test]
    fn each_of_many_equal_names_is_looked_up_once() {
        let mut taken = Taken::default();
        let name = fallback("a.txt");
        let all: BTreeSet<_> = (0..5_000).map(|_| taken.unique(&name)).collect();
        assert_eq!(all.len(), 5_000);
        assert_eq!(taken.last.get("a-2.txt"), Some(&5_000));
    }
}
