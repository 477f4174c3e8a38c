//! As much of XML Schema as the schemas of ECMA-376 need: which elements there are, which attributes
//! they have, and what their values are.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::{BTreeMap, BTreeSet};

/// What text an element holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// None.
    #[default]
    Nothing,
    /// A number, a word of a list, or the like.
    Value,
    /// Any text.
    Text,
    /// A formula.
    Formula,
    /// The instruction of a field.
    Instruction,
}

impl Holds {
    pub(super) const fn letter(self) -> char {
        match self {
            Self::Nothing => '-',
            Self::Value => 'v',
            Self::Text => 't',
            Self::Formula => 'f',
            Self::Instruction => 'i',
        }
    }

    const fn of(kind: char) -> Self {
        match kind {
            'f' => Self::Formula,
            't' | 's' => Self::Text,
            _ => Self::Value,
        }
    }
}

/// An element as it is written: its text and its attributes (namespace, name, type of value).
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) text: Holds,
    pub(super) attributes: Vec<(Option<String>, String, char)>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
    /// The namespaces of its schema by prefix, and the schema's own.
    schema: usize,
}

/// A name in a namespace.
type Name = (String, String);

/// All schemas together.
#[derive(Default)]
pub(super) struct Schemas {
    spaces: Vec<(BTreeMap<String, String>, String, bool)>,
    named: BTreeMap<(&'static str, Name), Node>,
    elements: Vec<(Name, Node)>,
}

/// The definitions that others refer to.
const NAMED: [&str; 4] = ["complexType", "simpleType", "attributeGroup", "attribute"];

impl Schemas {
    /// Takes one schema.
    pub(super) fn add(&mut self, text: &str) -> Result<(), String> {
        let schema = self.spaces.len();
        let root = tree(text.trim_start_matches('\u{feff}'), schema)?;
        let spaces = root
            .attributes
            .iter()
            .filter_map(|(name, uri)| {
                let prefix = if name == "xmlns" {
                    ""
                } else {
                    name.strip_prefix("xmlns:")?
                };
                Some((prefix.to_owned(), uri.clone()))
            })
            .collect();
        let target = root
            .attributes
            .get("targetNamespace")
            .cloned()
            .unwrap_or_default();
        let qualified = root
            .attributes
            .get("attributeFormDefault")
            .is_some_and(|f| f == "qualified");
        self.spaces.push((spaces, target.clone(), qualified));
        for node in &root.children {
            let (Some(kind), Some(name)) = (
                NAMED.into_iter().find(|kind| *kind == node.name),
                node.attributes.get("name"),
            ) else {
                continue;
            };
            let key = (kind, (target.clone(), name.clone()));
            self.named.entry(key).or_insert_with(|| node.clone());
        }
        self.collect(&root, &target);
        Ok(())
    }

    /// Every element, wherever it is declared.
    fn collect(&mut self, node: &Node, target: &str) {
        for child in &node.children {
            if child.name == "element"
                && let Some(name) = child.attributes.get("name")
            {
                self.elements
                    .push(((target.to_owned(), name.clone()), child.clone()));
            }
            self.collect(child, target);
        }
    }

    /// All elements with their shapes; one name may come several times.
    pub(super) fn elements(&self) -> impl Iterator<Item = (String, String, Shape)> + '_ {
        self.elements.iter().map(|((uri, name), node)| {
            let mut shape = Shape::default();
            if let Some(named) = node.attributes.get("type") {
                self.shape_of(node, named, &mut shape);
            }
            for child in &node.children {
                self.content(child, &mut shape, &mut BTreeSet::new());
            }
            (uri.clone(), name.clone(), shape)
        })
    }

    fn resolve(&self, node: &Node, raw: &str) -> Name {
        let (prefix, local) = raw.split_once(':').unwrap_or(("", raw));
        let spaces = self.spaces.get(node.schema).map(|(spaces, ..)| spaces);
        let uri = spaces.and_then(|spaces| spaces.get(prefix)).cloned();
        let fixed = (prefix == "xml").then(|| "http://www.w3.org/XML/1998/namespace".to_owned());
        (uri.or(fixed).unwrap_or_default(), local.to_owned())
    }

    fn shape_of(&self, node: &Node, named: &str, shape: &mut Shape) {
        let name = self.resolve(node, named);
        if let Some(complex) = self.named.get(&("complexType", name)) {
            self.content(complex, shape, &mut BTreeSet::new());
        } else {
            shape.text = shape.text.max(Holds::of(self.value(node, named)));
        }
    }

    /// What a complex type, or a piece of one, says about attributes and text. Elements inside are
    /// elements of their own.
    fn content(&self, node: &Node, shape: &mut Shape, seen: &mut BTreeSet<(&'static str, Name)>) {
        for child in &node.children {
            let reference = child
                .attributes
                .get("ref")
                .map(|raw| self.resolve(child, raw));
            match child.name.as_str() {
                "attribute" => self.attribute(child, shape),
                "attributeGroup" => {
                    let key = ("attributeGroup", reference.unwrap_or_default());
                    if let Some(group) = self.named.get(&key)
                        && seen.insert(key)
                    {
                        self.content(group, shape, seen);
                    }
                }
                "extension" | "restriction" => {
                    if let Some(base) = child.attributes.get("base") {
                        let key = ("complexType", self.resolve(child, base));
                        match self.named.get(&key) {
                            Some(complex) if seen.insert(key) => self.content(complex, shape, seen),
                            Some(_) => {}
                            None => shape.text = shape.text.max(Holds::of(self.value(child, base))),
                        }
                    }
                    self.content(child, shape, seen);
                }
                "complexType" | "simpleContent" | "complexContent" => {
                    self.content(child, shape, seen);
                }
                _ => {}
            }
        }
        if node.name == "simpleType" {
            shape.text = shape.text.max(Holds::Value);
        }
    }

    fn attribute(&self, node: &Node, shape: &mut Shape) {
        if let Some(raw) = node.attributes.get("ref") {
            let (uri, name) = self.resolve(node, raw);
            let key = ("attribute", (uri.clone(), name.clone()));
            let kind = self.named.get(&key).map_or('v', |global| self.kind(global));
            shape.attributes.push((Some(uri), name, kind));
            return;
        }
        let (Some(name), Some((_, target, qualified))) =
            (node.attributes.get("name"), self.spaces.get(node.schema))
        else {
            return;
        };
        let form = node.attributes.get("form").map(|form| form == "qualified");
        let space = form.unwrap_or(*qualified).then(|| target.clone());
        shape
            .attributes
            .push((space, name.clone(), self.kind(node)));
    }

    fn kind(&self, attribute: &Node) -> char {
        let named = attribute.attributes.get("type");
        named.map_or('v', |named| self.value(attribute, named))
    }

    /// The type of a simple value: `r`eference, `f`ormula, `t`ext, or a plain `v`alue.
    fn value(&self, node: &Node, named: &str) -> char {
        let (uri, name) = self.resolve(node, named);
        if uri == "http://www.w3.org/2001/XMLSchema" {
            return if matches!(name.as_str(), "string" | "normalizedString") {
                't'
            } else {
                'v'
            };
        }
        match name.as_str() {
            "ST_RelationshipId" => return 'r',
            "ST_Formula" => return 'f',
            _ => {}
        }
        let Some(simple) = self.named.get(&("simpleType", (uri, name))) else {
            return 'v';
        };
        let Some(restriction) = simple.children.iter().find(|c| c.name == "restriction") else {
            return 'v';
        };
        let narrow = |c: &Node| matches!(c.name.as_str(), "enumeration" | "pattern" | "length");
        if restriction.children.iter().any(narrow) {
            return 'v';
        }
        let base = restriction.attributes.get("base");
        base.map_or('v', |base| self.value(restriction, base))
    }
}

/// The tree of one schema document.
fn tree(text: &str, schema: usize) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(start) => open.push(node(&start, schema)),
            Event::Empty(start) => {
                let node = node(&start, schema);
                open.last_mut().ok_or("no root")?.children.push(node);
            }
            Event::End(_) => {
                let node = open.pop().ok_or("one end too many")?;
                open.last_mut()
                    .ok_or("one end too many")?
                    .children
                    .push(node);
            }
            Event::Eof => break,
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
    let mut roots = open.pop().ok_or("no root")?.children;
    roots.pop().ok_or_else(|| "no root".to_owned())
}

fn node(start: &BytesStart<'_>, schema: usize) -> Node {
    Node {
        name: start.local_name().as_ref().to_owned(),
        attributes: start
            .attributes()
            .flatten()
            .map(|a| (a.key.as_ref().to_owned(), a.value.to_string()))
            .collect(),
        children: Vec::new(),
        schema,
    }
}
