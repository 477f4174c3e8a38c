//! Fonts for text whose own font is not embedded.

use hayro_interpret::font::{FallbackFontQuery, FontData, FontQuery};
use hayro_interpret::hayro_cmap::CidFamily;
use mugai_core::Fonts;
use mugai_core::cx::FontNeed;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Parts of names of Japanese, Chinese and Korean fonts, in lower case: simple fonts do not tell
/// their character collection.
const CJK_NAMES: &[&str] = &[
    "mincho",
    "gothic",
    "ryumin",
    "futo",
    "midashi",
    "jun101",
    "heisei",
    "kozmin",
    "kozgo",
    "hiramin",
    "hirakaku",
    "hiragino",
    "meiryo",
    "yumin",
    "yugo",
    "simsun",
    "simhei",
    "song",
    "mingliu",
    "batang",
    "gulim",
    "dotum",
    "malgun",
    "noto sans cjk",
    "notosanscjk",
    "notoserifcjk",
    "ipaex",
    "msung",
    "mhei",
    "stsong",
];
/// Latin fonts whose names contain one of those.
const LATIN_NAMES: &[&str] = &[
    "franklingothic",
    "centurygothic",
    "copperplategothic",
    "lettergothic",
];

/// Faces for Chinese, Japanese and Korean text, fetched before drawing, as the library wants a
/// resolver that outlives the page.
pub(super) struct Faces {
    /// Sans, bold sans, serif, bold serif.
    cjk: [Option<(FontData, u32)>; 4],
    missing: AtomicU32,
}

impl Faces {
    /// Asks `fonts` for every face that may be needed.
    pub(super) fn fetch(fonts: &dyn Fonts) -> Arc<Self> {
        let find = |serif, bold| {
            fonts.find(FontNeed {
                cjk: true,
                serif,
                bold,
            })
        };
        Arc::new(Self {
            cjk: [
                find(false, false),
                find(false, true),
                find(true, false),
                find(true, true),
            ],
            missing: AtomicU32::new(0),
        })
    }

    /// How many fonts were neither embedded nor found.
    pub(super) fn missing(&self) -> u32 {
        self.missing.load(Ordering::Relaxed)
    }

    /// Answers the library.
    pub(super) fn resolve(&self, query: &FontQuery) -> (FontData, u32) {
        let query = match query {
            FontQuery::Standard(font) => return font.get_font_data(),
            FontQuery::Fallback(query) => query,
        };
        let name = query
            .post_script_name
            .as_deref()
            .or(query.font_name.as_deref());
        let name = name.unwrap_or_default().to_ascii_lowercase();
        if is_cjk(query, &name) {
            let serif = query.is_serif || is_serif_name(&name);
            let bold = query.is_bold || query.font_weight >= 600 || name.contains("bold");
            let index = usize::from(serif)
                .saturating_mul(2)
                .saturating_add(usize::from(bold));
            if let Some(face) = self.cjk.get(index).cloned().flatten() {
                return face;
            }
        }
        // a Latin face of the built-in ones stands in, and has no Japanese letters
        self.missing.fetch_add(1, Ordering::Relaxed);
        query.pick_standard_font().get_font_data()
    }
}

fn is_cjk(query: &FallbackFontQuery, name: &str) -> bool {
    let family = query.character_collection.as_ref().map(|c| &c.family);
    let by_family = matches!(
        family,
        Some(
            CidFamily::AdobeJapan1
                | CidFamily::AdobeGB1
                | CidFamily::AdobeCNS1
                | CidFamily::AdobeKorea1
        )
    );
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    // names in Shift_JIS or escaped bytes are no ASCII
    by_family || !name.is_ascii() || (has(CJK_NAMES) && !has(LATIN_NAMES))
}

fn is_serif_name(name: &str) -> bool {
    ["mincho", "ryumin", "min", "song", "ming", "batang", "serif"]
        .iter()
        .any(|part| name.contains(part))
        && !name.contains("sans")
}
