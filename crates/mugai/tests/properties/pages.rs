//! A PDF document whose pages are drawn by several workers is the one that a single worker makes of it, and so
//! is its report.

use mugai_core::{NoFonts, Opener, SafeName, Untrusted};
use mugai_engine::policy::PRESETS;
use mugai_engine::{Order, Policy, Verdict, sanitise};
use mugai_isolate::{Config, Pool, Sharing};
use mugai_open::InProcess;
use mugai_testkit::corpus;
use mugai_testkit::pdf::PdfFile;
use std::num::NonZero;
use std::path::PathBuf;

/// Letters, shapes and pictures that many pages show, links within and out, pages of other sizes, and a blank one; `troubled` ones want a font that
/// is not there and have a picture that cannot be decoded, which is counted once a document.
fn document(pages: u32, troubled: bool) -> Vec<u8> {
    let mut file = PdfFile::new();
    let font = file.object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    let ryumin = file.object("<< /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /90ms-RKSJ-H /DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Ryumin-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>] >>");
    let broken = file.stream(
        "/Type /XObject /Subtype /Image /Width 9 /Height 9 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
        b"not a picture",
    );
    let mask = file.stream(
        "/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8",
        &[255, 128, 64, 0],
    );
    let picture = file.stream(
        &format!("/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceRGB /BitsPerComponent 8 /SMask {mask} 0 R"),
        b"some picture",
    );
    let stencil = file.stream(
        "/Type /XObject /Subtype /Image /Width 8 /Height 2 /ImageMask true /BitsPerComponent 1",
        &[0x55, 0xaa],
    );
    for page in 0..pages {
        let annotations = format!(
            "/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /Dest [{} /Fit] >> << /Type /Annot /Subtype /Link /Rect [9 9 30 30] /A << /S /URI /URI (https://example.jp/{page}) >> >>]",
            page.div_euclid(2)
        );
        let size = match page.rem_euclid(5) {
            0 => "/MediaBox [0 0 595 842]",
            1 => "/MediaBox [0 0 842 595] /Rotate 90",
            _ => "/MediaBox [0 0 200 100]",
        };
        let shown = match page.rem_euclid(7) {
            3 if troubled => "/I Do",
            6 => "",
            1 | 4 => "q 40 0 0 40 90 40 cm /P Do Q",
            2 => "0.9 0.2 0.1 rg q 40 0 0 20 90 40 cm /S Do Q q 9 0 0 9 150 80 cm /P Do Q",
            _ => "0.2 0.4 0.9 rg 20 20 m 80 30 l 50 90 l f",
        };
        let japanese = if troubled {
            "/J 12 Tf 0 14 Td <93fa967b> Tj"
        } else {
            ""
        };
        let text = if page == 12 {
            String::new()
        } else {
            format!(
                "BT /F 12 Tf 10 50 Td (Page {page}) Tj {japanese} ET 1 1 1 rg BT /F 9 Tf 9 9 Td (unseen) Tj ET"
            )
        };
        let dict = format!(
            "{size} {annotations} /Resources << /Font << /F {font} 0 R /J {ryumin} 0 R >> /XObject << /I {broken} 0 R /P {picture} 0 R /S {stencil} 0 R >> >>"
        );
        file.page(&dict, &format!("q {shown} Q {text}"));
    }
    file.with_catalog("/PageLabels << /Nums [0 << /S /r >> 4 << /S /D >>] >>")
        .bytes()
}

fn pool(workers: usize, sharing: Sharing) -> Pool {
    let pool = Pool::new(Config {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_mugai")),
        workers,
        sharing,
        window_bytes: NonZero::<u32>::MIN.saturating_add(16 << 10),
        ..Config::default()
    });
    pool.expect("confined workers start")
}

/// What comes of a file: its outputs and its report, or why there are none.
fn outcome(bytes: &[u8], policy: &Policy, opener: &dyn Opener) -> (Vec<(String, Vec<u8>)>, String) {
    let order = Order {
        input: Untrusted::new(bytes.to_vec()),
        name: SafeName::clean("document.pdf").0,
        label: String::from("document.pdf"),
        policy,
        from: "internet",
        to: "lgwan",
        passwords: &[],
        patience: mugai_core::Patience::default(),
    };
    let outcome = sanitise(order, opener);
    let files = match outcome.verdict {
        Verdict::Sanitised(outputs) => outputs
            .into_iter()
            .map(|output| {
                (
                    output.name.as_str().to_owned(),
                    output.file.load().expect("its bytes").to_vec(),
                )
            })
            .collect(),
        Verdict::Withheld(_) => Vec::new(),
    };
    (
        files,
        serde_json::to_string(&outcome.report).expect("a report"),
    )
}

/// Policies for all that is done with pages.
fn policies() -> Vec<Policy> {
    let (_, preset) = PRESETS.first().expect("a preset");
    let changes = [
        ("links = \"defang\"", "links = \"keep\""),
        ("pdf = \"flatten\"", "pdf = \"redraw\""),
        ("pdf = \"flatten\"", "pdf = \"text\""),
    ];
    let others = changes.iter().map(|(from, to)| {
        assert!(preset.contains(from), "{from}");
        preset.replace(from, to)
    });
    let all = std::iter::once((*preset).to_owned()).chain(others);
    all.map(|text| Policy::parse(&text).expect("a policy"))
        .collect()
}

/// PDF files of other people, if they are there.
fn strangers() -> Option<PathBuf> {
    let corpus = std::env::var_os("MUGAI_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    Some(corpus.join("pdf")).filter(|folder| folder.is_dir())
}

#[test]
fn shared_documents_are_those_of_one_worker() {
    let in_process = InProcess::<NoFonts>::default();
    let alone = pool(1, Sharing::Never);
    let shared = [pool(2, Sharing::Always), pool(4, Sharing::Always)];
    for policy in &policies() {
        for (pages, troubled) in [(1, false), (4, false), (25, false), (25, true), (60, false)] {
            let bytes = document(pages, troubled);
            let one = outcome(&bytes, policy, &alone);
            assert!(!one.0.is_empty(), "{}", one.1);
            assert!(
                one == outcome(&bytes, policy, &in_process),
                "{pages} pages in this process"
            );
            for shared in &shared {
                let many = outcome(&bytes, policy, shared);
                assert_eq!(many.1, one.1, "{pages} pages");
                assert!(many == one, "{pages} pages: other bytes");
            }
        }
    }
    for pool in &shared {
        // four pages and more; of those that are redrawn, four groups of pages and more
        assert_eq!(
            pool.figures().map(|figures| figures.shared),
            Some(3 * 3 + 2)
        );
    }
}

#[test]
fn shared_documents_of_strangers_are_those_of_one_worker() {
    let Some(folder) = strangers() else {
        println!("skipped: no corpus; MUGAI_CORPUS names one");
        return;
    };
    // what becomes of links makes no difference to pages
    let policies = policies().split_off(1);
    let alone = pool(1, Sharing::Never);
    let shared = pool(3, Sharing::Always);
    let mut count = 0u32;
    for path in corpus::files(&folder).expect("a folder") {
        let bytes = std::fs::read(&path).expect("a file");
        // others have but a page or two
        if bytes.windows(5).filter(|word| *word == b"/Page").count() < 5 {
            continue;
        }
        for policy in &policies {
            let one = outcome(&bytes, policy, &alone);
            let many = outcome(&bytes, policy, &shared);
            assert_eq!(many.1, one.1, "{}", path.display());
            assert!(many == one, "{}: other bytes", path.display());
            count = count.saturating_add(1);
        }
    }
    assert!(shared.figures().is_some_and(|figures| figures.shared > 0));
    assert!(count > 0);
}
