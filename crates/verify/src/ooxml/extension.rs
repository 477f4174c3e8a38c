//! Extensions of sheets ([MS-XLSX] 2.3.1, 2.6.8): conditional formats, small charts in cells, and what binds a rule of the standard to one. No
//! other extension may be, none may stand elsewhere, and nothing else may be in them; formulas of ODF likewise.

use mugai_core::Violation;
use mugai_core::markup::vocabulary::Element;
use std::sync::LazyLock;

/// What an extension stands in, what it is called there, and the one thing that it holds.
const EXTENSIONS: [(&str, &str, &str); 3] = [
    (
        "x:worksheet",
        "{78C0D931-6437-407d-A8EE-F0AAD7539E65}",
        "x14:conditionalFormattings",
    ),
    (
        "x:worksheet",
        "{05C60535-1F16-4fd2-B633-F4F36F0B64E0}",
        "x14:sparklineGroups",
    ),
    (
        "x:cfRule",
        "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}",
        "x14:id",
    ),
];

/// By their places: the elements of extensions.
static SPECIAL: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let is = |element: Element| {
        let prefix = element.space().map_or("", |space| space.prefix());
        element.is("x:extLst") || element.is("x:ext") || matches!(prefix, "x14" | "xm" | "math")
    };
    let elements = (0..=u16::MAX).map_while(Element::from_index);
    elements.map(is).collect()
});

/// Whether there is more to ask about an element, or about what stands in it.
pub(super) fn is_special(element: Element) -> bool {
    let known = SPECIAL.get(usize::from(element.index()));
    known.copied().unwrap_or(true)
}

/// What a look of a cell is made of (ECMA-376-1, 18.8.14).
const LOOKS: [&str; 6] = [
    "x:font",
    "x:numFmt",
    "x:fill",
    "x:alignment",
    "x:border",
    "x:protection",
];

/// Whether an element may stand where it does; `named` tells its attributes, `open` how many elements around it, the
/// innermost as 0.
pub(super) fn check<'v>(
    element: Element,
    named: &dyn Fn(&str) -> Option<&'v str>,
    open: impl Fn(usize) -> Option<Element>,
) -> Result<(), Violation> {
    let is = |place: usize, name: &str| open(place).is_some_and(|element| element.is(name));
    let space = |element: Element| element.space().map_or("", |space| space.prefix());
    let newer = |element: Element| matches!(space(element), "x14" | "xm");
    let is_math = |element: Element| space(element) == "math";
    let good = if is_math(element) || open(0).is_some_and(is_math) {
        // a formula holds nothing else, and is a part of its own (MathML 3, chapter 3)
        let is_known = !element.is("math:annotation") || named("encoding") == Some("StarMath 5.0");
        is_known && is_math(element) && open(0).is_none_or(is_math)
    } else if element.is("x:extLst") {
        EXTENSIONS.iter().any(|(within, ..)| is(0, within))
    } else if element.is("x:ext") {
        let uri = named("uri");
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
        is(0, "x14:dxf") && LOOKS.iter().any(|look| element.is(look))
    } else {
        true
    };
    if good {
        Ok(())
    } else {
        Err(Violation::of("ooxml: an extension that must not be"))
    }
}

#[cfg(test)]
mod tests {
    use crate::ooxml::markup::{Leads, check};
    use mugai_core::Violation;
    use std::collections::BTreeMap;

    const SHEET: &str = "{78C0D931-6437-407d-A8EE-F0AAD7539E65}";
    const SPARKS: &str = "{05C60535-1F16-4fd2-B633-F4F36F0B64E0}";
    const RULE: &str = "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}";

    fn sheet(inside: &str) -> Result<(), Violation> {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet \
             xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
             xmlns:x14=\"http://schemas.microsoft.com/office/spreadsheetml/2009/9/main\" \
             xmlns:xm=\"http://schemas.microsoft.com/office/excel/2006/main\">{inside}</worksheet>"
        );
        check(
            text.as_bytes(),
            "worksheet",
            Leads::Relations(&BTreeMap::new()),
        )
    }

    fn extension(uri: &str, inside: &str) -> String {
        format!("<extLst><ext uri=\"{uri}\">{inside}</ext></extLst>")
    }

    fn formats(inside: &str) -> String {
        let all = format!("<x14:conditionalFormattings>{inside}</x14:conditionalFormattings>");
        extension(SHEET, &all)
    }

    #[test]
    fn conditional_formats_are_known() {
        let rule = "<x14:conditionalFormatting><x14:cfRule type=\"expression\" id=\"{1}\"><xm:f>B!A1=1</xm:f>\
                    <x14:dxf><font><b/></font></x14:dxf></x14:cfRule><xm:sqref>A1:A5</xm:sqref>\
                    </x14:conditionalFormatting>";
        assert_eq!(sheet(&formats(rule)), Ok(()));
        let named = extension(RULE, "<x14:id>{1}</x14:id>");
        let rule = format!(
            "<conditionalFormatting sqref=\"A1\"><cfRule type=\"dataBar\" priority=\"1\">{named}</cfRule></conditionalFormatting>"
        );
        assert_eq!(sheet(&rule), Ok(()));
    }

    #[test]
    fn small_charts_are_known() {
        let spark = "<x14:sparklineGroups><x14:sparklineGroup type=\"column\"><x14:colorSeries rgb=\"FFCC0000\"/>\
                     <x14:sparklines><x14:sparkline><xm:f>B!A1:A5</xm:f><xm:sqref>C1</xm:sqref></x14:sparkline>\
                     </x14:sparklines></x14:sparklineGroup></x14:sparklineGroups>";
        assert_eq!(sheet(&extension(SPARKS, spark)), Ok(()));
        assert!(sheet(spark).is_err());
        assert!(sheet(&extension(SPARKS, &spark.replace("B!A1", "[1]B!A1"))).is_err());
    }

    #[test]
    fn no_other_extension_is() {
        let cases = [
            extension("{A8765BA9-456A-4dab-B4F3-ACF838C121DE}", ""),
            extension(RULE, "<x14:id>{1}</x14:id>"),
            extension(SHEET, "<x14:id>{1}</x14:id>"),
            extension(SHEET, "<x14:cfRule/>"),
            extension(SHEET, "<drawing/>"),
            "<extLst><ext/></extLst>".to_owned(),
            formats(
                "<x14:conditionalFormatting><x14:cfRule><x14:dxf><drawing/></x14:dxf></x14:cfRule></x14:conditionalFormatting>",
            ),
            "<extLst><x14:cfRule/></extLst>".to_owned(),
            format!("<ext uri=\"{SHEET}\"/>"),
            "<x14:cfRule/>".to_owned(),
            "<xm:f>1</xm:f>".to_owned(),
            format!("<sheetData>{}</sheetData>", formats("")),
            formats("<sheetData/>"),
            formats("<x14:conditionalFormattings/>"),
            formats("<x14:cfRule><font/></x14:cfRule>"),
        ];
        for case in cases {
            let wrong = Err(Violation::of("ooxml: an extension that must not be"));
            assert_eq!(sheet(&case), wrong, "{case}");
        }
        let fetches = "<x14:cfRule><xm:f>WEBSERVICE(A1)</xm:f></x14:cfRule>";
        assert_eq!(
            sheet(&formats(fetches)),
            Err(Violation::of("ooxml: a value of another form"))
        );
    }
}
