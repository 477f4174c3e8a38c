//! Tries files: time, verdict, findings; writes outputs.
use mugai_core::cx::FontNeed;
use mugai_core::*;
use std::sync::Arc;
struct Disk(Option<Arc<Vec<u8>>>, Option<Arc<Vec<u8>>>);
impl Fonts for Disk {
    fn find(&self, n: FontNeed) -> Option<FontFace> {
        let f = if n.serif { &self.0 } else { &self.1 };
        f.clone()
            .map(|f| (f as Arc<dyn AsRef<[u8]> + Send + Sync>, 0))
    }
}
struct S {
    w: Box<dyn Writer>,
    n: usize,
    notes: Vec<String>,
    enc: f64,
}
impl Sink for S {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&mut self, p: Piece) -> Result<(), Refusal> {
        self.n += 1;
        let t = std::time::Instant::now();
        let r = self.w.put(&p);
        self.enc += t.elapsed().as_secs_f64();
        r
    }
    fn note(&mut self, f: Finding) -> Result<(), Refusal> {
        self.notes.push(format!("{}:{}", f.code.code(), f.count));
        Ok(())
    }
}
fn main() {
    let out = std::env::var("OUT").ok();
    let steps = std::env::var("STEPS")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(500_000_000u64);
    let bytes = std::env::var("BYTES")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(256u64 << 20);
    let fonts = Disk(
        std::fs::read("/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf")
            .ok()
            .map(Arc::new),
        std::fs::read("/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf")
            .ok()
            .map(Arc::new),
    );
    for path in std::env::args().skip(1) {
        let data = std::fs::read(&path).unwrap();
        let a = Assignment {
            hints: Hints::default(),
            treatments: Treatments::nothing().with(mugai_core::Family::Pdf, Treatment::Flatten),
            limits: Limits {
                bytes,
                pixels: 1_000_000_000,
                parts: 2000,
                depth: 5,
                steps,
            },
            params: Params::default(),
        };
        let budget = Budget::new(a.limits);
        let mut s = S {
            w: mugai_emit::pdf::writer(),
            n: 0,
            notes: vec![],
            enc: 0.0,
        };
        let t = std::time::Instant::now();
        let r = {
            let mut cx = Cx::new(&a, &budget, &fonts, &mut s);
            let r = mugai_open::Format::open(&mugai_open::formats::pdf::Pdf, &data, &mut cx);
            cx.flush().unwrap();
            r
        };
        let el = t.elapsed().as_secs_f64();
        let mut size = 0;
        let mut v = 0.0;
        let verdict = match r {
            Ok(()) => {
                let d = s.w.finish().unwrap();
                size = d.bytes().len();
                if let Some(o) = &out {
                    std::fs::write(
                        format!(
                            "{o}/{}.pdf",
                            std::path::Path::new(&path)
                                .file_stem()
                                .unwrap()
                                .to_string_lossy()
                        ),
                        d.bytes(),
                    )
                    .unwrap();
                }
                let t = std::time::Instant::now();
                let k = match mugai_verify::verify(d, &[]) {
                    Ok(_) => "ok".into(),
                    Err(e) => format!("UNVERIFIED {e:?}"),
                };
                v = t.elapsed().as_secs_f64();
                k
            }
            Err(e) => format!("{e}"),
        };
        println!(
            "{el:.3}\tenc {:.3}\tver {v:.3}\tpages {}\tin {}\tout {size}\tsteps {}\tbytes {}\t{verdict}\t{}\t{}",
            s.enc,
            s.n,
            data.len(),
            budget.spent(Resource::Steps),
            budget.spent(Resource::Bytes),
            path.rsplit('/').next().unwrap(),
            s.notes.join(",")
        );
    }
}
