//! What is special about single names of ODF.

use mugai_core::FindingCode as Code;
use mugai_core::markup::PartKind;
use mugai_core::markup::vocabulary::Element;

/// What is done with an element that is not in the vocabulary.
pub(super) enum Outside {
    /// It goes, and what is in it stays.
    Unwrap(Option<Code>),
    /// It goes with all that is in it.
    Drop(Option<Code>),
}

/// Fields that go while what they say now stays.
const FIELDS: [&str; 38] = [
    "text:conditional-text",
    "text:hidden-text",
    "text:variable-get",
    "text:variable-set",
    "text:variable-input",
    "text:user-field-get",
    "text:user-field-input",
    "text:expression",
    "text:text-input",
    "text:placeholder",
    "text:initial-creator",
    "text:creator",
    "text:author-name",
    "text:author-initials",
    "text:creation-date",
    "text:creation-time",
    "text:modification-date",
    "text:modification-time",
    "text:print-date",
    "text:print-time",
    "text:printed-by",
    "text:editing-cycles",
    "text:editing-duration",
    "text:user-defined",
    "text:measure",
    "text:table-formula",
    "text:template-name",
    "text:bibliography-mark",
    "text:hidden-paragraph",
    "text:drop-down",
    "text:page-variable-get",
    "text:page-variable-set",
    "text:file-name",
    "text:meta-field",
    // properties of the document, which do not come along
    "text:title",
    "text:subject",
    "text:keywords",
    "text:description",
];

pub(super) fn outside(name: &str) -> Outside {
    // a formula in other words
    if name == "math:annotation-xml" {
        return Outside::Drop(None);
    }
    if name.starts_with("math:") {
        return Outside::Unwrap(Some(Code::OfficeMarkup));
    }
    if FIELDS.contains(&name) || name.starts_with("text:sender-") {
        return Outside::Unwrap(None);
    }
    if name.starts_with("text:database-") || name == "text:dde-connection" {
        return Outside::Unwrap(Some(Code::OfficeField));
    }
    if name == "text:execute-macro" {
        return Outside::Unwrap(Some(Code::OfficeMacro));
    }
    let code = match name {
        "table:table-source"
        | "text:section-source"
        | "table:cell-range-source"
        | "office:dde-source"
        | "table:dde-links"
        | "table:dde-link"
        | "text:dde-connection-decls"
        | "table:consolidation" => Code::OfficeExternal,
        // every document has the place for them
        "office:scripts" => return Outside::Unwrap(None),
        "office:script"
        | "office:event-listeners"
        | "presentation:event-listener"
        | "text:script"
        | "table:error-macro" => Code::OfficeMacro,
        "office:forms" | "draw:control" | "text:alphabetical-index-auto-mark-file" => {
            Code::OfficeControl
        }
        "draw:object-ole" | "draw:applet" | "draw:floating-frame" | "draw:plugin" => {
            Code::OfficeEmbedded
        }
        "text:tracked-changes"
        | "table:tracked-changes"
        | "text:change"
        | "text:change-start"
        | "text:change-end" => Code::OfficeRevision,
        "office:annotation" | "office:annotation-end" => Code::OfficeComment,
        "table:database-source-sql"
        | "table:database-source-table"
        | "table:database-source-query"
        | "table:data-pilot-tables"
        | "table:scenario" => Code::OfficeCustomXml,
        "office:meta" | "office:settings" => Code::OfficeMetadata,
        "svg:font-face-src" => Code::OfficeFont,
        "text:variable-decls"
        | "text:user-field-decls"
        | "table:label-ranges"
        | "text:soft-page-break" => return Outside::Drop(None),
        _ => Code::OfficeMarkup,
    };
    Outside::Drop(Some(code))
}

/// Namespaces of which some names are in the vocabulary, and what else they have is foreign.
pub(super) fn is_extension(prefix: &str) -> bool {
    matches!(prefix, "loext" | "drawooo" | "css3t" | "chartooo")
}

/// Whether an element may be in a part of a kind: formulas and settings are parts of their own.
pub(super) fn is_of(kind: PartKind, element: Element) -> bool {
    let prefix = element.space().map_or("", |space| space.prefix());
    if kind == PartKind::OpenFormula {
        prefix == "math"
    } else if kind == PartKind::OpenSettings {
        prefix == "config"
            || element.is("office:document-settings")
            || element.is("office:settings")
    } else {
        !matches!(prefix, "math" | "config") && !element.is("office:settings")
    }
}

/// Elements that say nothing without the picture that they name.
pub(super) fn needs_picture(local: &str) -> bool {
    matches!(
        local,
        "image" | "fill-image" | "background-image" | "list-level-style-image"
    )
}

/// What an element says nothing without: the formula of a name, the condition, and where it is looked at.
pub(super) fn needs(element: Element) -> Option<&'static str> {
    match element.word() {
        "table:named-expression" => Some("expression"),
        "config:config-item"
        | "config:config-item-set"
        | "config:config-item-map-indexed"
        | "config:config-item-map-named" => Some("name"),
        "calcext:condition" => Some("value"),
        "calcext:conditional-format" => Some("target-range-address"),
        _ => None,
    }
}

/// The most that one attribute may repeat, by its name: rows and columns of the largest sheets, blanks.
pub(super) fn most(attribute: &str) -> Option<u64> {
    Some(match attribute {
        "number-rows-repeated" | "number-rows-spanned" | "number-matrix-rows-spanned" => 1_048_576,
        "number-columns-repeated" | "number-columns-spanned" | "number-matrix-columns-spanned" => {
            16_384
        }
        "c" => 1_000,
        _ => return None,
    })
}

/// Whether a value hides what it belongs to.
pub(super) fn hides(element: &str, attribute: &str, value: &str) -> bool {
    matches!(
        (element, attribute, value),
        ("text-properties" | "section", "display", "none")
            | (
                "table-row" | "table-column",
                "visibility",
                "collapse" | "filter"
            )
            | ("table-properties", "display", "false")
            | ("drawing-page-properties", "visibility", "hidden")
    )
}
