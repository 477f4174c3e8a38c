//! Extensions of sheets ([MS-XLSX] 2.3.1, 2.6.8): conditional formats, and what binds a rule of the standard to one. No
//! other extension may be, none may stand elsewhere, and nothing else may be in them.

use mugai_core::Violation;
use mugai_core::markup::vocabulary::Element;

/// What an extension stands in, what it is called there, and the one thing that it holds.
const EXTENSIONS: [(&str, &str, &str); 2] = [
    (
        "x:worksheet",
        "{78C0D931-6437-407d-A8EE-F0AAD7539E65}",
        "x14:conditionalFormattings",
    ),
    (
        "x:cfRule",
        "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}",
        "x14:id",
    ),
];

/// Whether an element may stand where it does; `open` tells how many elements around it, the innermost as 0.
pub(super) fn check(
    element: Element,
    uri: Option<&str>,
    open: impl Fn(usize) -> Option<Element>,
) -> Result<(), Violation> {
    let is = |place: usize, name: &str| open(place).is_some_and(|element| element.is(name));
    let space = |element: Element| element.space().map_or("", |space| space.prefix());
    let newer = |element: Element| matches!(space(element), "x14" | "xm");
    let good = if element.is("x:extLst") {
        EXTENSIONS.iter().any(|(within, ..)| is(0, within))
    } else if element.is("x:ext") {
        let known = |(within, name, _): &(&str, &str, &str)| is(1, within) && uri == Some(name);
        is(0, "x:extLst") && EXTENSIONS.iter().any(known)
    } else if is(0, "x:ext") {
        let known = |(within, _, holds): &(&str, &str, &str)| is(2, within) && element.is(holds);
        EXTENSIONS.iter().any(known)
    } else if is(0, "x:extLst") {
        false
    } else if newer(element) {
        let begins = EXTENSIONS.iter().any(|(_, _, holds)| element.is(holds));
        !begins && open(0).is_some_and(newer)
    } else if open(0).is_some_and(newer) {
        // the look of a cell is that of the standard
        is(0, "x14:dxf") && space(element) == "x"
    } else {
        true
    };
    if good {
        Ok(())
    } else {
        Err(Violation::of("ooxml: an extension that must not be"))
    }
}
