//! Documents of Office Open XML (ECMA-376): paragraphs with what may stand between their texts.

use super::zip::packed;
use super::{Entry, Forged, some, word_of};
use crate::oracle::CANARY_TEXT;
use arbitrary::{Result, Unstructured};

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The texts of its paragraphs.
    pub paragraphs: Vec<String>,
}

const TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
const MAIN: &str = "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
/// Between two runs of a paragraph; `KEY` is what must not come out.
const BETWEEN: [&str; 12] = [
    "<w:proofErr w:type=\"spellStart\"/>",
    "<w:bookmarkStart w:id=\"0\" w:name=\"b\"/><w:bookmarkEnd w:id=\"0\"/>",
    "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>DDEAUTO c KEY</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>",
    "<w:del w:id=\"1\"><w:r><w:delText>KEY</w:delText></w:r></w:del>",
    "<w:r><w:object><o:OLEObject r:id=\"rId9\" ProgID=\"KEY\"/></w:object></w:r>",
    "<!--KEY-->",
    "<?KEY pi?>",
    "<x:unknown xmlns:x=\"urn:KEY\" x:a=\"KEY\"/>",
    "<w:r><w:rPr><w:b/><w:color w:val=\"FF0000\"/></w:rPr></w:r>",
    "<w:sdt><w:sdtPr><w:alias w:val=\"title\"/></w:sdtPr><w:sdtContent></w:sdtContent></w:sdt>",
    "<w:r><w:drawing><wp:inline><a:blip r:link=\"KEY\"/></wp:inline></w:drawing></w:r>",
    "",
];
/// Relationships of the document, of which none is asked for by it.
const RELATIONS: [&str; 4] = [
    "",
    "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate\" Target=\"http://KEY/x.dotm\" TargetMode=\"External\"/>",
    "<Relationship Id=\"rId9\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/oleObject\" Target=\"embeddings/KEY.bin\"/>",
    "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/frame\" Target=\"file://KEY\" TargetMode=\"External\"/>",
];

/// A text document, and its paragraphs.
///
/// # Errors
/// When `source` ends early.
pub fn word(source: &mut Unstructured<'_>) -> Result<Forged<Document>> {
    let mut body = String::new();
    let paragraphs = some(source, 6, |source| {
        let mut paragraph = String::new();
        body.push_str("<w:p>");
        for text in some(source, 4, word_of)? {
            body.push_str(source.choose(&BETWEEN)?);
            body.push_str("<w:r><w:t xml:space=\"preserve\">");
            body.push_str(&text);
            body.push_str("</w:t></w:r>");
            paragraph.push_str(&text);
        }
        body.push_str("</w:p>");
        Ok(paragraph)
    })?;
    let document = format!(
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"><w:body>{body}</w:body></w:document>"
    );
    let relations = format!(
        "<?xml version=\"1.0\"?><Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{}</Relationships>",
        source.choose(&RELATIONS)?
    );
    let entry = |name: &str, content: &str| Entry {
        name: name.to_owned(),
        content: content.replace("KEY", CANARY_TEXT).into_bytes(),
    };
    let mut entries = vec![
        entry("[Content_Types].xml", TYPES),
        entry("_rels/.rels", MAIN),
        entry("word/document.xml", &document),
        entry("word/_rels/document.xml.rels", &relations),
    ];
    if source.arbitrary()? {
        entries.push(entry("word/vbaProject.bin", "KEY"));
    }
    let bytes = packed(&entries, source)?;
    Forged::of(bytes, Document { paragraphs }, source)
}
