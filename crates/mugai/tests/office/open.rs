//! The constructs of ODF that run, load, link, embed or tell.

use crate::check::{CANARY, Format, SEEN};
use crate::package::zip;

/// A construct: XML at the beginning of the body, in a paragraph, in the automatic styles, and files.
pub(crate) struct Construct {
    pub(crate) name: &'static str,
    formats: &'static [Format],
    head: &'static str,
    paragraph: &'static str,
    styles: &'static str,
    /// Attributes of a cell of a sheet.
    cell: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const ALL: &[Format] = &[Format::Odt, Format::Ods, Format::Odp];
const fn new(name: &'static str) -> Construct {
    Construct {
        name,
        formats: ALL,
        head: "",
        paragraph: "",
        styles: "",
        cell: "",
        files: &[],
    }
}

pub(crate) const CONSTRUCTS: &[Construct] = &[
    Construct {
        files: &[
            ("Basic/Standard/Module1.xml", "<KEY/>"),
            ("Scripts/python/x.py", "KEY"),
            ("Dialogs/x.xml", "<KEY/>"),
            ("Configurations2/accelerator/current.xml", "<KEY/>"),
            ("META-INF/documentsignatures.xml", "<KEY/>"),
            ("Thumbnails/thumbnail.png", "KEY"),
            ("Object 1", "KEY"),
            ("layout-cache", "KEY"),
            ("meta.xml", "<KEY/>"),
            ("settings.xml", "<KEY/>"),
            ("manifest.rdf", "<KEY/>"),
            ("Fonts/x.ttf", "KEY"),
        ],
        ..new("files-beside")
    },
    Construct {
        head: "<office:forms form:automatic-focus=\"false\"><form:form form:name=\"KEY\" xlink:href=\"KEY\" form:command=\"KEY\"/></office:forms><text:dde-connection-decls><text:dde-connection-decl office:dde-application=\"KEY\" office:name=\"KEY\"/></text:dde-connection-decls><table:dde-links><table:dde-link/></table:dde-links><text:tracked-changes><text:changed-region><text:deletion>KEY</text:deletion></text:changed-region></text:tracked-changes>",
        ..new("head")
    },
    Construct {
        paragraph: "<text:execute-macro text:name=\"KEY\"/><text:script script:language=\"KEY\" xlink:href=\"KEY\">KEY</text:script><text:dde-connection text:connection-name=\"KEY\">result</text:dde-connection><text:database-display text:database-name=\"KEY\">result</text:database-display><office:annotation><dc:creator>KEY</dc:creator><text:p>KEY</text:p></office:annotation><text:a xlink:href=\"vnd.sun.star.script:KEY\"><office:event-listeners><script:event-listener script:event-name=\"dom:click\" xlink:href=\"KEY\"/></office:event-listeners>link</text:a><text:a xlink:href=\"macro:KEY\">link</text:a><text:a xlink:href=\".uno:KEY\">link</text:a><text:a xlink:href=\"file:///KEY\" office:target-frame-name=\"KEY\">link</text:a>",
        ..new("fields-and-links")
    },
    Construct {
        paragraph: "<draw:frame svg:width=\"1cm\" svg:height=\"1cm\"><draw:object xlink:href=\"./KEY\"/></draw:frame><draw:frame><draw:object-ole xlink:href=\"KEY\"/></draw:frame><draw:frame><draw:plugin xlink:href=\"KEY\"/></draw:frame><draw:frame><draw:applet draw:code=\"KEY\"/></draw:frame><draw:frame><draw:floating-frame xlink:href=\"http://KEY/\"/></draw:frame><draw:frame><draw:image xlink:href=\"http://KEY/x.png\"/></draw:frame><draw:frame><draw:image xlink:href=\"../KEY\"/></draw:frame><draw:frame><draw:image><office:binary-data>KEY</office:binary-data></draw:image></draw:frame>",
        ..new("objects")
    },
    Construct {
        styles: "<style:style style:name=\"S\" style:family=\"graphic\"><style:graphic-properties><style:background-image xlink:href=\"http://KEY/\"/></style:graphic-properties></style:style><draw:fill-image draw:name=\"f\" xlink:href=\"http://KEY/\"/>",
        ..new("styles")
    },
    Construct {
        formats: &[Format::Odt],
        head: "<text:section text:name=\"s\"><text:section-source xlink:href=\"http://KEY/\" text:filter-name=\"KEY\"/><text:p>shown</text:p></text:section><text:section text:name=\"t\"><office:dde-source office:dde-application=\"KEY\"/></text:section>",
        ..new("sections")
    },
    Construct {
        formats: &[Format::Ods],
        cell: "table:formula=\"of:=DDE(&quot;KEY&quot;;&quot;x&quot;;&quot;y&quot;)\"",
        ..new("formula-dde")
    },
    Construct {
        formats: &[Format::Ods],
        cell: "table:formula=\"of:=WEBSERVICE(&quot;KEY&quot;)\"",
        ..new("formula-webservice")
    },
    Construct {
        formats: &[Format::Ods],
        cell: "table:formula=\"of:=['file:///KEY'#$s.A1]\"",
        ..new("formula-other-book")
    },
    Construct {
        formats: &[Format::Ods],
        cell: "table:formula=\"msoxl:=CALL(&quot;KEY&quot;)\"",
        ..new("formula-other-language")
    },
    Construct {
        formats: &[Format::Ods],
        cell: "table:formula=\"of:=HYPERLINK(&quot;KEY&quot;)\"",
        ..new("formula-hyperlink")
    },
    Construct {
        formats: &[Format::Ods],
        head: "<table:content-validations><table:content-validation table:name=\"v\" table:condition=\"of:cell-content()&lt;DDE(&quot;KEY&quot;)\"><table:error-macro table:execute=\"true\"/><office:event-listeners><script:event-listener xlink:href=\"KEY\"/></office:event-listeners></table:content-validation></table:content-validations><table:table table:name=\"x\"><table:table-source xlink:href=\"http://KEY/\" table:table-name=\"KEY\"/><table:table-row><table:table-cell><table:cell-range-source xlink:href=\"KEY\" table:name=\"KEY\"/></table:table-cell></table:table-row></table:table>",
        ..new("sheet-sources")
    },
    Construct {
        paragraph: CHART,
        files: &[
            (
                "Object 1/content.xml",
                "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:chart=\"urn:oasis:names:tc:opendocument:xmlns:chart:1.0\" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:script=\"urn:oasis:names:tc:opendocument:xmlns:script:1.0\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"><office:scripts><office:event-listeners><script:event-listener xlink:href=\"KEY\"/></office:event-listeners></office:scripts><office:body><office:chart><chart:chart chart:class=\"chart:bar\" xlink:href=\"http://KEY/\"><chart:title><text:p>title</text:p></chart:title><chart:plot-area><chart:series chart:class=\"chart:bar\" chart:values-cell-range-address=\"local-table.$B$2:.$B$3\"/></chart:plot-area><draw:frame><draw:object xlink:href=\"./Object 1\"/></draw:frame><draw:frame><draw:image xlink:href=\"http://KEY/\"/></draw:frame><table:table table:name=\"local-table\"><table:table-source xlink:href=\"KEY\"/><table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row></table:table></chart:chart></office:chart></office:body></office:document-content>",
            ),
            ("Object 1/meta.xml", "<KEY/>"),
            (
                "Object 1/styles.xml",
                "<office:document-styles xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"><office:styles><draw:gradient draw:name=\"g\" draw:start-color=\"#ff0000\" draw:end-color=\"#00ff00\"/><draw:fill-image draw:name=\"f\" xlink:href=\"http://KEY/\"/><draw:fill-image draw:name=\"e\" xlink:href=\"Pictures/KEY.png\"/></office:styles></office:document-styles>",
            ),
            (
                "Object 2/content.xml",
                "<math xmlns=\"http://www.w3.org/1998/Math/MathML\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"><semantics><mrow><mi href=\"http://KEY/\" xlink:href=\"http://KEY/\" mathcolor=\"KEY&lt;\">x</mi><mglyph src=\"http://KEY/\"/><maction actiontype=\"KEY\" definitionURL=\"KEY\"><mi>y</mi></maction></mrow><annotation encoding=\"KEY\">KEY</annotation><annotation-xml encoding=\"KEY\"><KEY/></annotation-xml></semantics></math>",
            ),
            ("ObjectReplacements/Object 1", "KEY"),
        ],
        ..new("chart")
    },
    Construct {
        files: &[(
            "settings.xml",
            "<office:document-settings xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:config=\"urn:oasis:names:tc:opendocument:xmlns:config:1.0\" xmlns:ooo=\"http://openoffice.org/2004/office\"><office:settings><config:config-item-set config:name=\"ooo:configuration-settings\"><config:config-item config:name=\"LinkUpdateMode\" config:type=\"short\">KEY</config:config-item><config:config-item config:name=\"PrinterName\" config:type=\"string\">KEY</config:config-item><config:config-item config:name=\"PrinterSetup\" config:type=\"base64Binary\">KEY</config:config-item><config:config-item config:name=\"KEY\">KEY</config:config-item><config:config-item-map-named config:name=\"ScriptConfiguration\"><config:config-item-map-entry config:name=\"KEY\"/></config:config-item-map-named><config:config-item config:name=\"TabOverMargin\" config:type=\"boolean\">true</config:config-item></config:config-item-set></office:settings></office:document-settings>",
        )],
        ..new("settings")
    },
    Construct {
        formats: &[Format::Odp],
        paragraph: "<draw:custom-shape><office:event-listeners><presentation:event-listener script:event-name=\"dom:click\" presentation:action=\"execute\" xlink:href=\"KEY\"/></office:event-listeners></draw:custom-shape><anim:par><anim:command anim:command=\"KEY\"/><anim:audio xlink:href=\"KEY\"/></anim:par>",
        ..new("actions")
    },
];

/// A chart, named twice, a formula, and objects that are none.
const CHART: &str = "<draw:frame svg:width=\"1cm\" svg:height=\"1cm\"><draw:object xlink:href=\"./Object 1\"/><draw:image xlink:href=\"./ObjectReplacements/Object 1\"/></draw:frame><draw:frame><draw:object xlink:href=\"./Object 1\"/></draw:frame><draw:frame><draw:object xlink:href=\"./Object 2\"/></draw:frame><draw:frame><draw:object xlink:href=\"./Object 3\"/></draw:frame><draw:frame><draw:object xlink:href=\"../Object 1\"/></draw:frame>";

const NS: &str = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\" xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:draw=\"urn:oasis:names:tc:opendocument:xmlns:drawing:1.0\" xmlns:style=\"urn:oasis:names:tc:opendocument:xmlns:style:1.0\" xmlns:svg=\"urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" xmlns:form=\"urn:oasis:names:tc:opendocument:xmlns:form:1.0\" xmlns:script=\"urn:oasis:names:tc:opendocument:xmlns:script:1.0\" xmlns:presentation=\"urn:oasis:names:tc:opendocument:xmlns:presentation:1.0\" xmlns:anim=\"urn:oasis:names:tc:opendocument:xmlns:animation:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" office:version=\"1.3\"";

/// The document of a format with a construct, if the format can have it.
pub(crate) fn document(construct: &Construct, format: Format) -> Option<Vec<u8>> {
    if !construct.formats.contains(&format) {
        return None;
    }
    let paragraph = format!("<text:p>{SEEN}{}</text:p>", construct.paragraph);
    let (media, body) = match format {
        Format::Odt => (
            "text",
            format!("<office:text>{}{paragraph}</office:text>", construct.head),
        ),
        Format::Ods => (
            "spreadsheet",
            format!(
                "<office:spreadsheet>{}<table:table table:name=\"s\"><table:table-row><table:table-cell {} office:value-type=\"string\">{paragraph}</table:table-cell></table:table-row></table:table></office:spreadsheet>",
                construct.head, construct.cell
            ),
        ),
        Format::Odp | Format::Docx | Format::Xlsx | Format::Pptx => (
            "presentation",
            format!(
                "<office:presentation>{}<draw:page draw:name=\"p\"><draw:frame><draw:text-box>{paragraph}</draw:text-box></draw:frame></draw:page></office:presentation>",
                construct.head
            ),
        ),
    };
    let content = format!(
        "<office:document-content {NS}><office:scripts><office:script script:language=\"KEY\">KEY</office:script><office:event-listeners><script:event-listener xlink:href=\"KEY\"/></office:event-listeners></office:scripts><office:automatic-styles>{}</office:automatic-styles><office:body>{body}</office:body></office:document-content>",
        construct.styles
    );
    let mut files = vec![
        ("mimetype".to_owned(), format!("application/vnd.oasis.opendocument.{media}").into_bytes()),
        ("content.xml".to_owned(), content.replace("KEY", CANARY).into_bytes()),
        ("META-INF/manifest.xml".to_owned(), b"<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>".to_vec()),
    ];
    for (path, text) in construct.files {
        files.push(((*path).to_owned(), text.replace("KEY", CANARY).into_bytes()));
    }
    Some(zip(&files))
}
