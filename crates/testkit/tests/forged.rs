//! Some thousand drawn files of each structure through their oracle, from fixed seeds.

use arbitrary::Unstructured;
use mugai_testkit::forge;
use mugai_testkit::oracle::{ALL, Oracle};

/// How many files of each structure; `MUGAI_FORGED` says another number.
fn count() -> u64 {
    let asked = std::env::var("MUGAI_FORGED").ok();
    asked.and_then(|count| count.parse().ok()).unwrap_or(1_500)
}

/// Bytes that look like noise.
fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let length =
        usize::try_from(seed.rem_euclid(1_500)).map_or(0, |length| length.saturating_add(64));
    let mut step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| step()).collect()
}

fn run(name: &str) {
    let found: Option<&Oracle> = ALL.iter().find(|(known, _)| *known == name);
    assert!(found.is_some(), "no oracle {name}");
    let Some((_, oracle)) = found else {
        return;
    };
    for seed in 0..count() {
        let data = noise(seed);
        let looked = std::panic::catch_unwind(|| oracle(&data));
        assert!(looked.is_ok(), "{name} breaks on seed {seed}");
    }
}

/// A good part of what is drawn is whole, so that there is something to compare.
#[test]
fn enough_files_are_whole() {
    let seeds: Vec<Vec<u8>> = (0..400).map(noise).collect();
    let share = |is_whole: fn(&mut Unstructured<'_>) -> Option<bool>| {
        let whole = seeds
            .iter()
            .map(|data| is_whole(&mut Unstructured::new(data)));
        whole.filter(|whole| *whole == Some(true)).count()
    };
    for (name, count) in [
        (
            "mail",
            share(|source| forge::mail(source).ok().map(|made| made.holds.is_some())),
        ),
        (
            "zip",
            share(|source| forge::archive(source).ok().map(|made| made.holds.is_some())),
        ),
        (
            "word",
            share(|source| forge::word(source).ok().map(|made| made.holds.is_some())),
        ),
        (
            "pdf",
            share(|source| forge::pdf(source).ok().map(|made| made.holds.is_some())),
        ),
    ] {
        assert!(count >= 100, "{name}: {count} of 400");
    }
}

#[test]
fn mails() {
    run("forged_mail");
}

#[test]
fn archives() {
    run("forged_zip");
}

#[test]
fn documents() {
    run("forged_word");
}

#[test]
fn pages() {
    run("forged_pdf");
}
