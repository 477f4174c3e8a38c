//! Every container around every leaf, one to five deep: a leaf is in the report exactly once, comes out once
//! where it may, and nothing hostile comes out anywhere. What lies too deep is withheld, and said to be.

use crate::containers::{Container, File, zip};
use crate::unfold::{Found, files, run};
use mugai_engine::Outcome;
use mugai_engine::report::Status;
use mugai_testkit::corpus;

/// What is planted where nothing may come out of.
const CANARY: &str = "Kanarienvogel16x";
/// How deep the default policy looks.
const DEPTH: u32 = 5;

/// What is put into containers.
struct Leaf {
    file: File,
    /// How what is made of it begins; `None` where nothing is.
    made: Option<&'static [u8]>,
}

fn case(name: &str, extension: &str, made: &'static [u8]) -> Leaf {
    let place = corpus::cases().expect("testdata").into_iter();
    let place = place.into_iter().find(|place| place.name == name);
    let (bytes, _) = place.expect("a case").input().expect("a recipe");
    Leaf {
        file: File::new(format!("leaf.{extension}"), bytes),
        made: Some(made),
    }
}

fn leaves() -> Vec<Leaf> {
    let html = format!("<html><body>leaf<script>{CANARY}</script></body></html>");
    let program = [b"MZ\x90\0\x03\0\0\0".to_vec(), CANARY.into(), vec![0; 600]].concat();
    let pdf = format!(
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS({CANARY})>>>>endobj\n\
         2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>\
         endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    );
    let mail = "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: leaf\r\n\r\nleaf\r\n";
    vec![
        case("png/good", "png", b"\x89PNG"),
        case("pdf/good", "pdf", b"%PDF-"),
        case("word/good", "docx", b"PK\x03\x04"),
        case("xls/good", "xls", b""),
        Leaf {
            file: File::new("leaf.eml", mail),
            made: Some(b""),
        },
        Leaf {
            file: File::new("leaf.html", html),
            made: Some(b"leaf"),
        },
        Leaf {
            file: File::new("leaf.pdf", pdf),
            made: Some(b"%PDF-"),
        },
        Leaf {
            file: File::new("leaf.exe", program),
            made: None,
        },
    ]
}

/// A nest of `depth` containers, `outer` the outermost, the others taken in turn from `turn` on; and
/// how deep its leaf lies.
fn nest(leaf: &File, outer: Container, depth: u32, turn: usize) -> (File, u32) {
    let all = Container::ALL;
    let mut file = leaf.clone();
    let mut deep = 0;
    let mut inner: Option<Container> = None;
    for level in 0..depth {
        let last = level.saturating_add(1) == depth;
        let place = turn.saturating_add(usize::try_from(level).expect("small").saturating_mul(7));
        let mut container = if last {
            outer
        } else {
            *all.get(place % all.len()).expect("in range")
        };
        if container.is_stream() && inner == Some(Container::Tar) {
            // a compressed tape is one container
            file = zip_of(&file);
            deep += 1;
            if !last {
                inner = Some(Container::Zip);
                continue;
            }
            container = outer;
        }
        file = container.around(&file);
        deep += container.levels();
        inner = Some(container);
    }
    (file, deep)
}

fn zip_of(file: &File) -> File {
    File::new("pack.zip", zip(std::slice::from_ref(file)))
}

#[test]
fn every_leaf_is_accounted_for_once() {
    let mut wrong = Vec::new();
    let (mut runs, mut reached) = (0u32, 0u32);
    for (number, leaf) in leaves().iter().enumerate() {
        for (place, outer) in Container::ALL.into_iter().enumerate() {
            for depth in 1..=DEPTH {
                let (file, deep) = nest(&leaf.file, outer, depth, place + number);
                let outcome = run(file.bytes, &file.name);
                runs += 1;
                reached += u32::from(deep <= DEPTH);
                if let Some(trouble) = trouble(&outcome, leaf, deep) {
                    wrong.push(format!(
                        "{} in {outer:?}, {depth} containers, {deep} deep: {trouble}",
                        leaf.file.name
                    ));
                }
            }
        }
    }
    println!("{runs} nests, {reached} whose leaf lies within reach");
    assert!(
        reached > runs / 3,
        "too few leaves are reached to show anything"
    );
    assert!(
        wrong.is_empty(),
        "{}\n{} wrong",
        wrong.join("\n"),
        wrong.len()
    );
}

/// What is wrong with an outcome.
fn trouble(outcome: &Outcome, leaf: &Leaf, deep: u32) -> Option<String> {
    let parts = &outcome.report.parts;
    let name = |part: &mugai_engine::report::PartReport| {
        let name = part.name.as_deref().unwrap_or_default();
        name.rsplit('/').next().unwrap_or_default().to_owned()
    };
    let places: Vec<_> = parts.iter().filter(|p| name(p) == leaf.file.name).collect();
    let found = files(outcome);
    let canary = |found: &&Found| {
        found
            .bytes
            .windows(CANARY.len())
            .any(|window| window == CANARY.as_bytes())
    };
    if let Some(found) = found.iter().find(canary) {
        return Some(format!("the canary is in {}", found.name));
    }
    if outcome.report.alarm() {
        return Some("an alarm".to_owned());
    }
    if deep > DEPTH {
        let said = parts.iter().any(|part| {
            let refusal = part.refusal.as_ref();
            refusal.is_some_and(|refusal| refusal.detail.contains("depth"))
        });
        let delivered = places.iter().any(|part| part.verdict.is_delivered());
        return (!said || delivered || places.len() > 1)
            .then(|| format!("too deep, but {}", outcome.report.verdict));
    }
    let [part] = places.as_slice() else {
        let list: Vec<_> = parts.iter().map(|p| (&p.path, &p.name, p.kind)).collect();
        return Some(format!("{} times in the report: {list:?}", places.len()));
    };
    let Some(made) = leaf.made else {
        return (part.verdict != Status::Withheld).then(|| format!("{:?}", part.verdict));
    };
    if !part.verdict.is_delivered() {
        let refusal = part.refusal.as_ref();
        return Some(format!("not delivered: {:?}", refusal.map(|r| &r.detail)));
    }
    let stem = found.iter().filter(|found| {
        let name = found.name.rsplit('/').next().unwrap_or_default();
        name.starts_with("leaf") && found.bytes.starts_with(made)
    });
    let count = stem.count();
    (count != 1).then(|| {
        let names: Vec<_> = found.iter().map(|found| &found.name).collect();
        format!("came out {count} times among {names:?}")
    })
}
