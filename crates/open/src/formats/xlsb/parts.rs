//! Relationships between parts (ECMA-376 part 2, section 9.3), as far as a workbook of records has them.

use crate::formats::zip::Archive;
use mugai_core::{Cx, Refusal, Resource};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

/// The most relationships of a part.
const MAX_RELATIONS: usize = 10_000;
const BROKEN: Refusal = Refusal::malformed("xlsb: relationships");

/// A relationship.
#[derive(Debug, Default)]
pub(super) struct Relation {
    pub(super) id: String,
    pub(super) kind: String,
    to: String,
    pub(super) external: bool,
}

impl Relation {
    /// Whether its type ends with this word.
    pub(super) fn is(&self, word: &str) -> bool {
        !self.external && self.kind.rsplit('/').next() == Some(word)
    }

    /// The path of the part that it leads to, from a folder on.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for paths that leave the package.
    pub(super) fn target(&self, folder: &str) -> Result<String, Refusal> {
        let outside = Refusal::malformed("xlsb: a part outside of the package");
        let (base, path) = match self.to.strip_prefix('/') {
            Some(path) => ("", path),
            None => (folder, self.to.as_str()),
        };
        let mut steps: Vec<&str> = base.split('/').filter(|step| !step.is_empty()).collect();
        for step in path.split('/') {
            match step {
                "" | "." => {}
                ".." => {
                    steps.pop().ok_or(outside.clone())?;
                }
                step if step.contains(['%', ':', '\\', '?', '#']) => return Err(outside),
                step => steps.push(step),
            }
        }
        Ok(steps.join("/"))
    }
}

/// The relationships in a part; none where it is not there.
///
/// # Errors
/// [`Refusal::Malformed`], [`Refusal::Overrun`]
pub(super) fn relations(
    archive: &Archive<'_>,
    path: &str,
    cx: &Cx<'_>,
) -> Result<Vec<Relation>, Refusal> {
    let Some(bytes) = archive.content(path.trim_start_matches('/'), cx)? else {
        return Ok(Vec::new());
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| BROKEN)?;
    let mut reader = Reader::from_str(text);
    let mut list = Vec::new();
    loop {
        cx.charge(Resource::Steps, 16)?;
        let element = match reader.read_event().map_err(|_| BROKEN)? {
            Event::Eof => return Ok(list),
            Event::DocType(_) => return Err(Refusal::malformed("xlsb: a document type")),
            Event::Start(element) | Event::Empty(element) => element,
            Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => continue,
        };
        if element.local_name().as_ref() != "Relationship" {
            continue;
        }
        let mut relation = Relation::default();
        for attribute in element.attributes() {
            let attribute = attribute.map_err(|_| BROKEN)?;
            let value = unescape(&attribute.value).map_err(|_| BROKEN)?.into_owned();
            match attribute.key.as_ref() {
                "Id" => relation.id = value,
                "Type" => relation.kind = value,
                "Target" => relation.to = value,
                "TargetMode" => relation.external = value.eq_ignore_ascii_case("external"),
                _ => {}
            }
        }
        if list.len() >= MAX_RELATIONS {
            return Err(BROKEN);
        }
        list.push(relation);
    }
}
