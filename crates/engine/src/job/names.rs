//! What outputs are called.

use crate::job::part::Part;
use crate::report::Findings;
use mugai_core::{Family, FindingCode, Kind, Lang, PartPath, SafeName, Target};
use std::collections::{BTreeMap, BTreeSet};

/// The most characters of a name that is made of what a part says.
const MAX_TITLE: usize = 60;

/// What is known of a part that may have no name of its own.
pub(super) struct Unnamed {
    lang: Lang,
    path: PartPath,
    kind: Option<Kind>,
    title: Option<SafeName>,
}

impl Unnamed {
    pub(super) fn of(part: &Part, lang: Lang) -> Self {
        Self {
            lang,
            path: part.path.clone(),
            kind: part.kind,
            title: part.title.clone(),
        }
    }

    /// Its name with an extension: after what it says, else after what it is. Names in one place are made distinct by
    /// numbers: the second picture becomes `画像-2.png`.
    fn called(&self, target: Option<Target>, extension: &str) -> SafeName {
        if let Some(title) = &self.title {
            return title.with_extension(extension, |_| false);
        }
        // the input itself came in nothing of which it could be an attachment
        if self.path.depth() == 0 {
            return fallback(&format!("part-{}.{extension}", self.path));
        }
        let is_picture = self.kind.map(Kind::family) == Some(Family::Image);
        let words = match (self.kind, target) {
            (Some(Kind::Calendar), _) => ("予定", "event"),
            (Some(Kind::Vcard), _) => ("名刺", "card"),
            (_, Some(Target::Png | Target::Jpeg)) => ("画像", "picture"),
            _ if is_picture => ("画像", "picture"),
            (_, Some(Target::Eml)) => ("メール", "message"),
            _ => ("添付", "attachment"),
        };
        let word = match self.lang {
            Lang::Ja => words.0,
            Lang::En => words.1,
        };
        fallback(&format!("{word}.{extension}"))
    }
}

/// A name out of a line that a part says of itself: `4/1` is a day, `F: ` an abbreviation, no path and no drive, as they
/// would be in the name of a file.
pub(super) fn title(line: &str) -> Option<SafeName> {
    let flat = line.trim().chars().take(MAX_TITLE).map(|c| match c {
        '/' => '／',
        '\\' => '＼',
        ':' => '：',
        _ => c,
    });
    SafeName::clean(&flat.collect::<String>()).0
}

/// What an entry of a calendar or a card says it is about, of the text that was made of it.
pub(super) fn title_of_entry(kind: Option<Kind>, text: &str) -> Option<SafeName> {
    let labels = match kind {
        Some(Kind::Calendar) => ["件名: ", "Subject: "],
        Some(Kind::Vcard) => ["氏名: ", "Name: "],
        _ => return None,
    };
    let said = |line: &str| {
        let found = labels.iter().find_map(|label| line.strip_prefix(label));
        found.and_then(title)
    };
    text.lines().find_map(said)
}

/// The name of what was made of a part: its own, with the extension of what it became.
pub(super) fn made(
    name: Option<&SafeName>,
    target: Target,
    unnamed: &Unnamed,
    findings: &mut Findings,
) -> SafeName {
    let Some(name) = name else {
        return unnamed.called(Some(target), target.extension());
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
pub(super) fn notice(name: Option<&SafeName>, unnamed: &Unnamed) -> SafeName {
    const EXTENSION: &str = "withheld.txt";
    match name {
        Some(name) => name.with_extension(EXTENSION, |_| false),
        None => unnamed.called(None, EXTENSION),
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

    fn unnamed(path: PartPath, kind: Option<Kind>) -> Unnamed {
        Unnamed {
            lang: Lang::Ja,
            path,
            kind,
            title: None,
        }
    }

    fn called(raw: &str, target: Target) -> String {
        let name = SafeName::clean(raw).0;
        made(
            name.as_ref(),
            target,
            &unnamed(PartPath::root(), None),
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
    fn parts_without_a_name_are_called_after_what_they_are() {
        let path = || PartPath::root().child(3);
        for (kind, target, want) in [
            (Kind::Calendar, Target::Txt, "予定.txt"),
            (Kind::Vcard, Target::Txt, "名刺.txt"),
            (Kind::Png, Target::Png, "画像.png"),
            (Kind::Tiff, Target::Pdf, "画像.pdf"),
            (Kind::Pdf, Target::Pdf, "添付.pdf"),
            (Kind::Mail, Target::Eml, "メール.eml"),
        ] {
            let mut unnamed = unnamed(path(), Some(kind));
            let called = |unnamed: &Unnamed| {
                made(None, target, unnamed, &mut Findings::default()).to_string()
            };
            assert_eq!(called(&unnamed), want);
            unnamed.title = title("4/1 定例会 v1.2");
            let want = format!("4／1 定例会 v1.2.{}", target.extension());
            assert_eq!(called(&unnamed), want);
        }
        let mut english = unnamed(path(), Some(Kind::Gif));
        english.lang = Lang::En;
        assert_eq!(notice(None, &english).as_str(), "picture.withheld.txt");
        assert_eq!(
            notice(None, &unnamed(path(), None)).as_str(),
            "添付.withheld.txt"
        );
    }

    #[test]
    fn entries_say_what_they_are_about() {
        let of = |kind, text| title_of_entry(Some(kind), text).map(|name| name.to_string());
        let entry = "予定の取り消し\n\n件名: 打合せ: 10/3\n場所: x\n\n件名: y\n";
        assert_eq!(of(Kind::Calendar, entry).as_deref(), Some("打合せ： 10／3"));
        assert_eq!(of(Kind::Vcard, "Name: A B\n").as_deref(), Some("A B"));
        assert_eq!(of(Kind::Calendar, "件名:\n  二行\n"), None);
        assert_eq!(
            of(Kind::Calendar, "件名: a/../b\n").as_deref(),
            Some("a／..／b")
        );
        assert_eq!(of(Kind::Plain, "件名: x\n"), None);
        let long = of(Kind::Calendar, &format!("件名: {}", "長".repeat(500)));
        assert_eq!(long.map(|name| name.chars().count()), Some(MAX_TITLE));
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
