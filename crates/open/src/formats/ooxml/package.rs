//! The package around the parts (ECMA-376 part 2): content types and relationships.

use super::dynamic::Dynamic;
use super::xml;
use crate::formats::zip::{Archive, same};
use mugai_core::markup::{Flavour, PROPERTIES, PROPERTIES_2007, PartKind};
use mugai_core::{Cx, FindingCode, Refusal, Remark, Resource};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// The most parts of one document: presentations of a thousand slides have some thousand.
const MAX_PARTS: usize = 20_000;

/// Where a relationship leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Target {
    /// A part of the package, by its path in lower case.
    Inside(String),
    /// Anything else, as it is written.
    Outside(String),
}

/// One relationship.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Relation {
    /// Its type: the last word where it is one of ECMA-376, else the whole.
    pub(super) kind: String,
    pub(super) target: Target,
}

/// The relationships of one part, in the order of their file.
#[derive(Debug, Default)]
pub(in crate::formats) struct Relations {
    list: Vec<Relation>,
    by_id: BTreeMap<String, usize>,
}

impl Relations {
    pub(super) fn get(&self, id: &str) -> Option<&Relation> {
        self.by_id.get(id).and_then(|place| self.list.get(*place))
    }

    pub(in crate::formats) fn values(&self) -> impl Iterator<Item = &Relation> {
        self.list.iter()
    }
}

/// A part that is carried.
#[derive(Debug)]
pub(in crate::formats) struct Part {
    pub(super) kind: PartKind,
    pub(super) path: String,
    pub(super) relations: Relations,
}

/// A package whose graph was walked.
pub(in crate::formats) struct Package<'a> {
    archive: Archive<'a>,
    flavour: Flavour,
    parts: Vec<Part>,
    numbers: BTreeMap<String, u32>,
    /// The number of the first part.
    first: u32,
    /// What the metadata of cells say.
    dynamic: Dynamic,
}

const OWN: [&str; 2] = [
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/",
];

/// Content types of main parts, and whether macros may be in there.
const MAINS: [(&str, PartKind); 14] = [
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        PartKind::Document,
    ),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        PartKind::Document,
    ),
    (
        "application/vnd.ms-word.document.macroenabled.main+xml",
        PartKind::Document,
    ),
    (
        "application/vnd.ms-word.template.macroenabledtemplate.main+xml",
        PartKind::Document,
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        PartKind::Workbook,
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
        PartKind::Workbook,
    ),
    (
        "application/vnd.ms-excel.sheet.macroenabled.main+xml",
        PartKind::Workbook,
    ),
    (
        "application/vnd.ms-excel.template.macroenabled.main+xml",
        PartKind::Workbook,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
        PartKind::Presentation,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
        PartKind::Presentation,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
        PartKind::Presentation,
    ),
    (
        "application/vnd.ms-powerpoint.presentation.macroenabled.main+xml",
        PartKind::Presentation,
    ),
    (
        "application/vnd.ms-powerpoint.template.macroenabled.main+xml",
        PartKind::Presentation,
    ),
    (
        "application/vnd.ms-powerpoint.slideshow.macroenabled.main+xml",
        PartKind::Presentation,
    ),
];

impl<'a> Package<'a> {
    /// Reads the directory, the content types, and the graph of relationships.
    ///
    /// # Errors
    /// As the ZIP reader; [`Refusal::Malformed`], [`Refusal::Unsupported`] and [`Refusal::Forbidden`]
    /// for main parts of other kinds.
    pub(super) fn read(input: &'a [u8], cx: &mut Cx<'_>) -> Result<Self, Refusal> {
        let archive = Archive::read(input, cx)?;
        let types = Types::read(&archive, cx)?;
        let root = relations(&archive, "", cx)?;
        let mut mains = root.values().filter(|r| r.kind == "officeDocument");
        let (Some(main), None) = (mains.next(), mains.next()) else {
            return Err(Refusal::malformed("ooxml: not exactly one main part"));
        };
        let Target::Inside(main) = main.target.clone() else {
            return Err(Refusal::Forbidden(Remark::fixed(
                "ooxml: the main part is elsewhere",
            )));
        };
        let kind = main_kind(types.of(&main))?;
        let mut package = Self {
            archive,
            flavour: kind
                .flavour()
                .ok_or(Refusal::internal("ooxml: main part"))?,
            parts: Vec::new(),
            numbers: BTreeMap::new(),
            first: 0,
            dynamic: Dynamic::default(),
        };
        for relation in root.values().filter(|r| r.kind != "officeDocument") {
            // what we write ourselves is nothing to tell of
            let ours = match &relation.target {
                Target::Inside(path) if relation.kind == "extended-properties" => {
                    let size = package.archive.size(path);
                    let known = [PROPERTIES, PROPERTIES_2007];
                    let known = known.iter().find(|known| size == Some(known.len()));
                    known.is_some()
                        && package.archive.content(path, cx)?.as_deref()
                            == known.map(|known| known.as_bytes())
                }
                Target::Inside(_) | Target::Outside(_) => false,
            };
            if !ours {
                cx.note(about(relation));
            }
        }
        package.add(kind, main, cx)?;
        package.follow(&types, cx)?;
        Ok(package)
    }

    /// The parts that a binary workbook has in common with others: those that some relationships lead to, with what
    /// these name. Their numbers begin with `first`.
    ///
    /// # Errors
    /// As those of [`Self::read`].
    pub(in crate::formats) fn beside(
        archive: Archive<'a>,
        named: &[(&str, String)],
        first: u32,
        cx: &mut Cx<'_>,
    ) -> Result<Self, Refusal> {
        let types = Types::read(&archive, cx)?;
        let mut package = Self {
            archive,
            flavour: Flavour::Sheet,
            parts: Vec::new(),
            numbers: BTreeMap::new(),
            first,
            dynamic: Dynamic::default(),
        };
        for (kind, path) in named {
            let relation = Relation {
                kind: (*kind).to_owned(),
                target: Target::Inside(same(path)),
            };
            match package.carried(&relation, &types) {
                Some((kind, path)) => package.add(kind, path, cx)?,
                None => cx.note(FindingCode::OfficePart),
            }
        }
        package.follow(&types, cx)?;
        Ok(package)
    }

    /// The number of the part at a path.
    pub(in crate::formats) fn number_of(&self, path: &str) -> Option<u32> {
        self.numbers.get(&same(path)).copied()
    }

    /// Adds the parts that those which are there lead to, until there are no more.
    fn follow(&mut self, types: &Types, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let package = self;
        let mut next = 0;
        while let Some(part) = package.parts.get(next) {
            let mut reached = Vec::new();
            let is_book = part.kind == PartKind::Workbook;
            for relation in part.relations.values() {
                match package.carried(relation, types) {
                    Some(next) => reached.push(next),
                    None if is_book && relation.kind == "sheetMetadata" => {
                        let Target::Inside(path) = &relation.target else {
                            cx.note(FindingCode::OfficeExternal);
                            continue;
                        };
                        let content = package.archive.beside(path, cx)?.unwrap_or_default();
                        package.dynamic = match Dynamic::read(&content, cx) {
                            Err(overrun @ Refusal::Overrun { .. }) => return Err(overrun),
                            // what nobody can read says nothing
                            told => told.unwrap_or_else(|_| Dynamic::unread()),
                        };
                        if package.dynamic.others {
                            cx.note(FindingCode::OfficePart);
                        }
                    }
                    // links are told of where they stand, pictures where they are opened
                    None if relation.kind == "hyperlink" => {}
                    None if relation.kind == "image"
                        && matches!(relation.target, Target::Inside(_)) => {}
                    None => {
                        let about = about(relation);
                        if about != FindingCode::OfficeComment || !cx.params().comments {
                            cx.note(about);
                        }
                    }
                }
            }
            for (kind, path) in reached {
                package.add(kind, path, cx)?;
            }
            next = next.saturating_add(1);
        }
        Ok(())
    }

    pub(super) const fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Whether the metadata of cells of this number say of a formula that its results take as many cells as they need.
    pub(super) fn is_dynamic(&self, number: &str) -> bool {
        self.dynamic.has(number)
    }

    /// The parts that are carried; their places are their numbers.
    pub(in crate::formats) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The number of the part that a relationship leads to.
    pub(super) fn number(&self, relation: &Relation) -> Option<(u32, PartKind)> {
        let Target::Inside(path) = &relation.target else {
            return None;
        };
        let number = *self.numbers.get(path)?;
        let place = number.checked_sub(self.first)?;
        let kind = self.parts.get(usize::try_from(place).ok()?)?.kind;
        (kind.relation() == relation.kind).then_some((number, kind))
    }

    /// Whether there is something of this path.
    pub(in crate::formats) fn has(&self, path: &str) -> bool {
        self.archive.has(path)
    }

    /// The content of a file.
    pub(in crate::formats) fn content(
        &self,
        path: &str,
        cx: &Cx<'_>,
    ) -> Result<Option<Vec<u8>>, Refusal> {
        self.archive.content(path, cx)
    }

    /// The relationships of a file that is no part of its own.
    pub(in crate::formats) fn relations_of(
        &self,
        path: &str,
        cx: &mut Cx<'_>,
    ) -> Result<Relations, Refusal> {
        relations(&self.archive, path, cx)
    }

    fn add(&mut self, kind: PartKind, path: String, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        if self.numbers.contains_key(&path) {
            return Ok(());
        }
        cx.charge(Resource::Steps, 256)?;
        if self.parts.len() >= MAX_PARTS {
            return Err(Refusal::malformed("ooxml: more than 20000 parts"));
        }
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        let number = self.first.saturating_add(number);
        let relations = relations(&self.archive, &path, cx)?;
        self.numbers.insert(path.clone(), number);
        self.parts.push(Part {
            kind,
            path,
            relations,
        });
        Ok(())
    }

    /// What a relationship leads to, if its type and the content type say the same and it is there.
    fn carried(&self, relation: &Relation, types: &Types) -> Option<(PartKind, String)> {
        let Target::Inside(path) = &relation.target else {
            return None;
        };
        let content = types
            .of(path)
            .strip_prefix("application/vnd.openxmlformats-officedocument.")?;
        let content = content.strip_suffix("+xml")?;
        let mut kinds = PartKind::ALL.iter().filter(|kind| kind.flavour().is_none());
        let kind = kinds.find(|kind| {
            kind.relation() == relation.kind && kind.content().eq_ignore_ascii_case(content)
        })?;
        (self.archive.has(path) && kind.belongs(self.flavour)).then(|| (*kind, path.clone()))
    }
}

fn main_kind(content: &str) -> Result<PartKind, Refusal> {
    let found = MAINS.iter().find(|(of, _)| *of == content);
    match found {
        Some((_, kind)) => Ok(*kind),
        None if content.contains("addin") => {
            Err(Refusal::Forbidden(Remark::fixed("ooxml: an add-in")))
        }
        None if content.contains("binary") => Err(Refusal::unsupported("ooxml: a binary workbook")),
        None => Err(Refusal::unsupported("ooxml: a main part of another kind")),
    }
}

/// What is told of a relationship that is not followed.
fn about(relation: &Relation) -> FindingCode {
    let last = relation.kind.rsplit('/').next().unwrap_or_default();
    match last {
        "vbaProject"
        | "wordVbaData"
        | "keyMapCustomizations"
        | "attachedToolbars"
        | "xlMacrosheet"
        | "xlIntlMacrosheet"
        | "extensibility"
        | "userCustomization" => FindingCode::OfficeMacro,
        "control" | "ctrlProp" | "activeXControlBinary" => FindingCode::OfficeControl,
        "oleObject" | "package" | "aFChunk" | "subDocument" => FindingCode::OfficeEmbedded,
        "customXml" | "connections" | "queryTable" | "xmlMaps" | "pivotCacheDefinition" => {
            FindingCode::OfficeCustomXml
        }
        "core-properties"
        | "extended-properties"
        | "custom-properties"
        | "thumbnail"
        | "person"
        | "people"
        | "authors"
        | "metadata"
        | "classificationlabels" => FindingCode::OfficeMetadata,
        "origin" | "signature" => FindingCode::OfficeSignature,
        "comments" | "commentsExtended" | "commentsIds" | "threadedComment" | "commentAuthors" => {
            FindingCode::OfficeComment
        }
        "font" => FindingCode::OfficeFont,
        "audio" | "video" | "media" | "model3d" => FindingCode::OfficeMedia,
        "externalLink" | "externalLinkPath" | "attachedTemplate" => FindingCode::OfficeExternal,
        _ if matches!(relation.target, Target::Outside(_)) => FindingCode::OfficeExternal,
        _ => FindingCode::OfficePart,
    }
}

/// `[Content_Types].xml`: what type each part is.
struct Types {
    extensions: BTreeMap<String, String>,
    parts: BTreeMap<String, String>,
}

impl Types {
    fn read(archive: &Archive<'_>, cx: &Cx<'_>) -> Result<Self, Refusal> {
        let missing = Refusal::malformed("ooxml: no content types");
        let bytes = archive.content("[Content_Types].xml", cx)?.ok_or(missing)?;
        let text = xml::decode(&bytes, cx)?;
        let mut types = Self {
            extensions: BTreeMap::new(),
            parts: BTreeMap::new(),
        };
        let mut reader = xml::reader(&text);
        while let Some(event) = xml::next(&mut reader)? {
            let (Event::Start(start) | Event::Empty(start)) = event else {
                continue;
            };
            let all = xml::attributes(&start)?;
            let get = |name: &str| {
                all.iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, v)| v.to_lowercase())
            };
            let (list, key) = match xml::split(start.name().0) {
                (_, "Default") => (&mut types.extensions, get("Extension")),
                (_, "Override") => (
                    &mut types.parts,
                    get("PartName").map(|p| same(p.trim_start_matches('/'))),
                ),
                _ => continue,
            };
            let (Some(key), Some(content)) = (key, get("ContentType")) else {
                return Err(Refusal::malformed("ooxml: content types"));
            };
            if let Some(before) = list.insert(key, content.clone())
                && before != content
            {
                return Err(Refusal::Ambiguous(Remark::fixed(
                    "ooxml: two content types of one part",
                )));
            }
        }
        Ok(types)
    }

    fn of(&self, path: &str) -> &str {
        let extension = || {
            self.extensions
                .get(path.rsplit_once('.').map_or("", |(_, e)| e))
        };
        self.parts
            .get(path)
            .or_else(extension)
            .map_or("", String::as_str)
    }
}

/// The relationships of the part at `path`; those of the package for an empty one.
fn relations(archive: &Archive<'_>, path: &str, cx: &mut Cx<'_>) -> Result<Relations, Refusal> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let slash = if folder.is_empty() { "" } else { "/" };
    let name = format!("{folder}{slash}_rels/{file}.rels");
    let mut relations = Relations::default();
    let Some(bytes) = archive.content(&name, cx)? else {
        return Ok(relations);
    };
    let text = xml::decode(&bytes, cx)?;
    let mut reader = xml::reader(&text);
    while let Some(event) = xml::next(&mut reader)? {
        let (Event::Start(start) | Event::Empty(start)) = event else {
            continue;
        };
        if xml::split(start.name().0).1 != "Relationship" {
            continue;
        }
        let all = xml::attributes(&start)?;
        let get = |name: &str| {
            all.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, v)| v.as_ref())
        };
        let (Some(id), Some(kind), Some(target)) = (get("Id"), get("Type"), get("Target")) else {
            return Err(Refusal::malformed("ooxml: a relationship without a target"));
        };
        let outside =
            get("TargetMode").is_some_and(|mode| !mode.trim().eq_ignore_ascii_case("internal"));
        let target = match resolve(folder, target) {
            // a place in the document that it stands in is no part of the package
            Some(path) if !outside && !target.starts_with('#') => Target::Inside(path),
            _ => Target::Outside(target.to_owned()),
        };
        let own = OWN.iter().find_map(|prefix| kind.strip_prefix(prefix));
        let relation = Relation {
            kind: own.unwrap_or(kind).to_owned(),
            target,
        };
        let place = relations.list.len();
        relations.list.push(relation);
        if relations.by_id.insert(id.to_owned(), place).is_some() {
            return Err(Refusal::Ambiguous(Remark::fixed(
                "ooxml: two relationships of one name",
            )));
        }
    }
    Ok(relations)
}

/// The path that a target means, seen from a folder, in the one form that names have; `None` for what leads outside.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let target = target
        .split('#')
        .next()
        .unwrap_or_default()
        .replace('\\', "/");
    if target.contains(':') || target.starts_with("//") {
        return None;
    }
    let (base, rest) = match target.strip_prefix('/') {
        Some(rest) => ("", rest),
        None => (folder, target.as_str()),
    };
    let mut steps: Vec<&str> = base.split('/').filter(|s| !s.is_empty()).collect();
    for step in rest.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop()?;
            }
            step => steps.push(step),
        }
    }
    Some(same(&steps.join("/")))
}
