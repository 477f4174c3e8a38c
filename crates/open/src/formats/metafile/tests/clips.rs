//! Clips: what is seen of a drawing that fills everything.

use super::*;

const NO_PEN: (i32, &[i32]) = (37, &[-0x7fff_fff8]);
const FILL: (i32, &[i32]) = (43, &[0, 0, 100, 100]);

/// Which of four places of a red drawing are seen: in the first region alone, in both, in the second alone, in none.
fn seen(clips: &[(i32, Vec<u8>)]) -> [bool; 4] {
    let mut records = vec![(NO_PEN.0, words(NO_PEN.1))];
    records.extend(brush(1, 0xff));
    records.extend(clips.iter().cloned());
    records.push((FILL.0, words(FILL.1)));
    let page = read(&emf(&records)).unwrap();
    [20, 40, 60, 90].map(|place| colour(&page, place, place) == RED)
}

/// A rectangle as a path that is joined with what is clipped to.
fn path(sides: [i32; 4], mode: i32) -> [(i32, Vec<u8>); 4] {
    [
        (59, Vec::new()),
        (43, words(&sides)),
        (60, Vec::new()),
        (67, words(&[mode])),
    ]
}

/// A rectangle as a region, told as two halves.
fn region(sides: [i32; 4], mode: i32) -> (i32, Vec<u8>) {
    let [left, top, right, bottom] = sides;
    let middle = i32::midpoint(left, right);
    let halves = [
        left, top, middle, bottom, //
        middle, top, right, bottom,
    ];
    let mut body = words(&[64, mode, 32, 1, 2, 32, left, top, right, bottom]);
    body.extend(words(&halves));
    (75, body)
}

const FIRST: [i32; 4] = [10, 10, 50, 50];
const SECOND: [i32; 4] = [30, 30, 70, 70];

#[test]
fn regions_are_joined_as_they_say() {
    for (mode, expected) in [
        (1, [false, true, false, false]),
        (2, [true, true, true, false]),
        (3, [true, false, true, false]),
        (4, [true, false, false, false]),
        (5, [false, true, true, false]),
        // nothing that is known
        (6, [true, true, false, false]),
    ] {
        let paths = [path(FIRST, 5), path(SECOND, mode)].concat();
        assert_eq!(seen(&paths), expected, "paths, {mode}");
        let regions = [region(FIRST, 5), region(SECOND, mode)];
        assert_eq!(seen(&regions), expected, "regions, {mode}");
        // what was clipped to a rectangle alone
        let mixed = [vec![(30, words(&FIRST))], path(SECOND, mode).to_vec()].concat();
        assert_eq!(seen(&mixed), expected, "rectangle and path, {mode}");
    }
}

#[test]
fn without_a_clip_everything_is_clipped_to() {
    for (mode, expected) in [
        (1, [true, true, false, false]),
        (2, [true; 4]),
        (3, [false, false, true, true]),
        (4, [false, false, true, true]),
        (5, [true, true, false, false]),
    ] {
        assert_eq!(seen(&path(FIRST, mode)), expected, "{mode}");
    }
    // no region takes all clips back, but only where it is copied
    let none = |mode: i32| (75, words(&[0, mode]));
    assert_eq!(seen(&[region(FIRST, 5), none(5)]), [true; 4]);
    let kept = [true, true, false, false];
    assert_eq!(seen(&[region(FIRST, 5), none(1)]), kept);
}

#[test]
fn clips_that_stay_are_not_taken_back() {
    let stay = (28, Vec::new());
    let kept = [true, true, false, false];
    let none = (75, words(&[0, 5]));
    assert_eq!(seen(&[region(FIRST, 5), stay.clone(), none]), kept);
    let more = [
        vec![region(FIRST, 5), stay.clone()],
        path(SECOND, 2).to_vec(),
    ]
    .concat();
    assert_eq!(seen(&more), kept);
    let others = [region(FIRST, 5), stay, region(SECOND, 5)];
    assert_eq!(seen(&others), [false, true, false, false]);
}

#[test]
fn clips_are_moved() {
    let by = (26, words(&[20, 20]));
    let moved = [false, true, true, false];
    assert_eq!(seen(&[(30, words(&FIRST)), by.clone()]), moved);
    assert_eq!(seen(&[region(FIRST, 5), by.clone()]), moved);
    // and nothing where there are none
    assert_eq!(seen(&[by]), [true; 4]);
}

#[test]
fn the_inside_of_a_path_is_as_its_filling() {
    // one rectangle in another, the same way round
    let both = |winding: i32| {
        vec![
            (19, words(&[winding])),
            (59, Vec::new()),
            (43, words(&[10, 10, 70, 70])),
            (43, words(&[30, 30, 50, 50])),
            (60, Vec::new()),
            (67, words(&[5])),
        ]
    };
    assert_eq!(seen(&both(1)), [true, false, true, false]);
    assert_eq!(seen(&both(2)), [true, true, true, false]);
}

#[test]
fn a_path_that_is_not_known_hides_nothing() {
    // lines and curves in turn, which are not read
    let records = [
        (59, Vec::new()),
        (56, words(&[0, 0, 99, 99, 0])),
        (60, Vec::new()),
        (67, words(&[1])),
    ];
    assert_eq!(seen(&records), [true; 4]);
    // one without anything inside hides everything
    let records = [(59, Vec::new()), (60, Vec::new()), (67, words(&[1]))];
    assert_eq!(seen(&records), [false; 4]);
}

#[test]
fn older_ones_leave_out_and_move() {
    let fill: (u16, &[i16]) = (0x041b, &[1440, 1440, 0, 0]);
    let at = |records: &[(u16, &[i16])]| {
        let page = read(&wmf(&[records, &[fill]].concat())).unwrap();
        [20, 40, 60, 90].map(|place| colour(&page, place, place) == RED)
    };
    // bottom, right, top, left
    let first: &[i16] = &[720, 720, 144, 144];
    assert_eq!(at(&[(0x0415, first)]), [false, false, true, true]);
    assert_eq!(at(&[(0x0416, first)]), [true, true, false, false]);
    let moved = at(&[(0x0416, first), (0x0220, &[288, 288])]);
    assert_eq!(moved, [false, true, true, false]);
}
