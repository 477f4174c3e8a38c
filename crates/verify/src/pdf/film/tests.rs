use super::*;

/// A file that is elsewhere, and how much of it was fetched at once.
struct Elsewhere(Vec<u8>, usize);

impl Places for Elsewhere {
    fn length(&self) -> usize {
        self.0.len()
    }

    fn read(&mut self, at: usize, into: &mut [u8]) -> Option<()> {
        self.1 = self.1.saturating_add(into.len());
        self.0.as_slice().read(at, into)
    }
}

/// Objects of a number and the length of their data, and something behind them.
fn file(sizes: &[usize]) -> (Vec<u8>, Vec<Range<usize>>) {
    let mut bytes = super::super::walker::HEADER.to_vec();
    let mut large = Vec::new();
    for (number, size) in sizes.iter().enumerate() {
        bytes.extend(format!("{number} 0 obj\n<</Length {size}/More>>\nstream\n").bytes());
        let start = bytes.len();
        bytes.extend((1..=255u8).cycle().take(*size));
        if *size > LONG {
            large.push(start..bytes.len());
        }
        bytes.extend_from_slice(TAIL);
    }
    bytes.extend_from_slice(b"3 0 obj\n<</Type/Page>>\nendobj\n");
    (bytes, large)
}

#[test]
fn all_is_fetched_once_but_what_is_long() {
    for sizes in [
        vec![],
        vec![10],
        vec![LONG, LONG + 1, 5, 3 * LONG],
        vec![LONG + 1, LONG + 1],
        vec![20 * LONG, 100, 100],
        vec![100; 3000],
    ] {
        let (bytes, large) = file(&sizes);
        let mut source = Elsewhere(bytes.clone(), 0);
        let (seen, holes) = load(&mut source).unwrap();
        assert_eq!(holes, large);
        assert!(source.1 <= bytes.len());
        let in_holes: usize = holes.iter().map(Range::len).sum();
        // a piece of a hole may have been fetched together with what is before it
        assert!(source.1 + in_holes <= bytes.len() + holes.len() * (STEP + HEAD));
        let mut expected = bytes.clone();
        for hole in &holes {
            expected[hole.clone()].fill(0);
            let mark = format!("hole at {:020}", hole.start);
            expected[hole.start..hole.start + mark.len()].copy_from_slice(mark.as_bytes());
        }
        assert!(seen == expected, "{sizes:?}");
        let film = Film::of(&seen, &holes, &mut source);
        for hole in &holes {
            assert!(film.end().is_err());
            assert_eq!(
                *film.data((hole.start, &seen[hole.clone()])).unwrap(),
                bytes[hole.clone()]
            );
            for (start, end) in [(1, 0), (0, 1), (1, 1)] {
                let place = hole.start + start..hole.end - end;
                assert!(film.data((place.start, &seen[place])).is_err());
            }
        }
        assert_eq!(film.end(), Ok(()));
    }
}

#[test]
fn heads_that_lie_are_no_holes() {
    let (mut bytes, _) = file(&[100]);
    let place = bytes
        .windows(3)
        .position(|window| window == b"100")
        .unwrap();
    bytes.splice(place..place + 3, *b"99999999999999999999");
    let (seen, holes) = load(&mut Elsewhere(bytes.clone(), 0)).unwrap();
    assert!(holes.is_empty() && seen == bytes);
    bytes.splice(place..place + 20, *b"18446744073709551615");
    let (seen, holes) = load(&mut Elsewhere(bytes.clone(), 0)).unwrap();
    assert!(holes.is_empty() && seen == bytes);
}

/// What is said of a file does not depend on where it lies.
#[test]
fn a_file_elsewhere_is_judged_as_one_that_is_here() {
    use mugai_core::{Budget, Limits, Page, Piece, PixelFormat};
    let limits = Limits {
        pixels: 1 << 22,
        ..Limits::NOTHING
    };
    let budget = Budget::new(limits);
    let mut writer = mugai_emit::pdf::writer();
    for seed in 1..4u32 {
        let canvas = Page::start(300, 300, PixelFormat::Rgb8, &budget).unwrap();
        // noise, which does not get shorter
        let mut state = seed;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        });
        let page = canvas.fill(noise.take(300 * 300 * 3).collect()).unwrap();
        writer.put(Piece::Page(page)).unwrap();
    }
    let bytes = writer.finish().unwrap().load().unwrap().to_vec();
    let there = |bytes: &[u8]| super::super::check_places(&mut Elsewhere(bytes.to_vec(), 0));
    let (_, holes) = load(&mut Elsewhere(bytes.clone(), 0)).unwrap();
    assert_eq!(holes.len(), 3);
    assert_eq!(there(&bytes), Ok(()));
    let places = (0..bytes.len()).step_by(bytes.len() / 300);
    let edges = holes
        .iter()
        .flat_map(|hole| (hole.start - 40..hole.start + 3).chain(hole.end - 3..hole.end + 20));
    for place in places.chain(edges) {
        let mut other = bytes.clone();
        other[place] ^= 0x11;
        let here = super::super::check(&other);
        assert_eq!(there(&other).is_ok(), here.is_ok(), "{place} {here:?}");
        other.truncate(place);
        assert!(there(&other).is_err());
    }
}
