//! Appending is told of in the cases of `testdata`; here is what they do not reach.

use super::*;
use mugai_core::markup::Builder;

#[test]
fn a_part_without_the_place_comes_back_as_nothing() {
    let mut part = Builder::new(PartKind::Workbook);
    part.push(Event::Open(PartKind::Workbook.root())).unwrap();
    part.push(Event::Close).unwrap();
    let part = part.finish().unwrap();
    let never = splice(&part, |_, _| false, Ok).unwrap();
    assert!(never.is_none());
    let same = splice(&part, |_, _| true, Ok).unwrap();
    assert_eq!(same, Some(part));
}

#[test]
fn words_are_of_the_language_of_the_route() {
    assert_eq!(Words::of(Lang::Ja).mark(2), "[コメント2]");
    assert_eq!(Words::of(Lang::En).mark(2), "[Comment 2]");
    assert_eq!(Words::of(Lang::En).slide(3), "Slide 3");
}
