use super::*;
use crate::plan::Input;
use crate::spill::Scratch;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn give(names: Names, paths: &[&str]) -> Vec<String> {
    let mut found = Inputs::new(&Scratch::default());
    for path in paths {
        let path = Path::new(path);
        let folder = (None, path.parent().unwrap().to_owned());
        found
            .push(folder, path.file_name().unwrap(), 0, None)
            .unwrap();
    }
    let shown = |input: Arc<Input>| {
        let path = input.out.join(input.name.as_str());
        let mark = if input.shares_stem { "*" } else { "" };
        format!("{}{mark}", path.display())
    };
    let inputs = names.give(found).unwrap();
    inputs.iter().map(|input| shown(input.unwrap())).collect()
}

#[test]
fn outputs_lie_below_the_folder_as_inputs_were_given() {
    for (path, want) in [
        ("a.eml", "a.eml"),
        ("./in/a.eml", "in/a.eml"),
        ("../../x/a.eml", "x/a.eml"),
        ("/etc/../x/a.eml", "etc/x/a.eml"),
    ] {
        assert_eq!(give(Names::default(), &[path]), [want]);
    }
}

#[test]
fn no_two_inputs_have_outputs_of_one_name() {
    for (paths, want) in [
        // an extension that goes
        (
            &["scan.tiff", "scan.png", "other.txt"][..],
            &["scan.tiff*", "scan.png*", "other.txt"][..],
        ),
        (&["d/scan.gif", "scan.png"], &["d/scan.gif", "scan.png"]),
        // what becomes safe becomes another's
        (&["a?.txt", "a_.txt"], &["a_.txt", "a_-2.txt"]),
        (&["A.txt", "a.txt"], &["A.txt", "a-2.txt"]),
        // scan.tiff beside scan.png leaves scan.tiff.png
        (
            &["scan.png", "scan.tiff", "scan.tiff.png"],
            &["scan.png*", "scan.tiff*", "scan.tiff-2.png"],
        ),
        // README leaves README.txt
        (&["README", "README.txt"], &["README", "README-2.txt"]),
        // a notice
        (
            &["a.zip", "a.zip.withheld.txt"],
            &["a.zip", "a-2.zip.withheld.txt"],
        ),
        // a folder called as an output
        (&["x.png/a.txt", "x.tiff"], &["x.png/a.txt", "x-2.tiff"]),
        // the same place by two ways
        (&["in/a.txt", "../in/a.txt"], &["in/a.txt", "in/a-2.txt"]),
        // what is ours
        (&["report.jsonl/a.txt"], &["report-2.jsonl/a.txt"]),
        // folders are made safe, and kept apart
        (&["a?/x.txt", "a_/x.txt"], &["a_/x.txt", "a_-2/x.txt"]),
        (
            &["src/x.txt", "src.old/x.txt"],
            &["src/x.txt", "src.old/x.txt"],
        ),
    ] {
        let got = give(Names::default(), paths);
        assert_eq!(got, want, "{paths:?}");
    }
}

#[test]
fn long_names_are_told_apart_too() {
    let long = "表".repeat(200);
    let names = [
        format!("{long}.txt"),
        format!("{long}x.txt"),
        format!("{long}.txt.y.txt"),
    ];
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut got = give(Names::default(), &names);
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 3, "{got:?}");
}

#[test]
fn names_do_not_depend_on_the_order_of_inputs() {
    let one = give(
        Names::default(),
        &["README", "README.txt", "a_.txt", "a?.txt"],
    );
    let mut two = give(
        Names::default(),
        &["a?.txt", "a_.txt", "README.txt", "README"],
    );
    two.reverse();
    assert_eq!(one, two);
}

#[test]
fn what_is_there_is_not_replaced() {
    let mut names = Names::default();
    names.block(Path::new(""), ["a.txt".to_owned(), "B.PNG".to_owned()]);
    names.block_folders(Path::new(""), ["d".to_owned()]);
    let got = give(names, &["a.txt", "b.tiff", "d/a.txt", "c.txt"]);
    assert_eq!(got, ["a-2.txt", "b-2.tiff", "d/a.txt", "c.txt"]);
}

#[test]
fn control_characters_and_overrides_reach_no_name() {
    let got = give(Names::default(), &["d\u{202e}\n/x\u{7}gnp.exe"]);
    assert!(
        got[0].chars().all(|c| !c.is_control() && c != '\u{202e}'),
        "{got:?}"
    );
}

/// A plan keeps names as text: one that could not be read again would be an input that is lost.
#[test]
fn no_input_is_lost_for_its_name() {
    let names: Vec<String> = (1..=250)
        .flat_map(|length| {
            let long = "x".repeat(length);
            [
                format!("CON .{long}"),
                format!("nul.{long}.txt"),
                format!("Aux{long}."),
            ]
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let got = give(Names::default(), &names);
    assert_eq!(got.len(), names.len());
    let lower: BTreeSet<String> = got.iter().map(|n| n.to_lowercase()).collect();
    assert_eq!(lower.len(), names.len());
}

/// The rules of [`Space`] over sets in memory.
#[derive(Default)]
struct Model {
    names: BTreeSet<String>,
    before: BTreeSet<String>,
}

impl Model {
    fn clashes(&self, name: &str) -> bool {
        self.names.contains(name)
            || self.before.contains(name)
            || dots(name).any(|before| self.names.contains(before))
    }

    fn give(&mut self, base: &SafeName) -> String {
        let numbered = (2..).flat_map(|number| {
            let front = space::numbered_in_front(base, number);
            std::iter::once(base.numbered(number)).chain(front)
        });
        let free = |name: &SafeName| !self.clashes(&name.as_str().to_lowercase());
        let mut tries = std::iter::once(base.clone()).chain(numbered);
        let name = tries.find(free).unwrap().as_str().to_owned();
        let lower = name.to_lowercase();
        self.before.extend(dots(&lower).map(str::to_owned));
        self.names.insert(lower);
        name
    }
}

/// More names than are kept in memory, and most of them clash.
#[test]
fn names_on_disk_are_those_of_sets_in_memory() {
    let ends = [
        "",
        ".txt",
        ".TXT",
        ".png",
        ".zip",
        ".zip.withheld.txt",
        "?",
        "_",
    ];
    let mut names: Vec<String> = (0..1500)
        .flat_map(|number| ends.map(|end| format!("f{}{end}", number % 700 * 3)))
        .chain((0..200).map(|number| format!("{}{number:03}", "x".repeat(200))))
        .collect();
    names.sort();
    names.dedup();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let got = give(Names::default(), &names);
    let mut model = Model::default();
    model.give(&SafeName::check("report.jsonl").unwrap());
    let want: Vec<String> = names
        .iter()
        .map(|raw| model.give(&clean(raw).unwrap()))
        .collect();
    let mut stems = BTreeMap::new();
    for name in &want {
        *stems.entry(stem(&name.to_lowercase())).or_insert(0) += 1;
    }
    let marked = |name: &String| {
        let mark = if stems[&stem(&name.to_lowercase())] > 1 {
            "*"
        } else {
            ""
        };
        format!("{name}{mark}")
    };
    assert!(want.len() > 5000);
    for (got, want) in got.iter().zip(want.iter().map(marked)) {
        assert_eq!(*got, want);
    }
    assert_eq!(got.len(), want.len());
}
