//! The table of names: every element and attribute that can be said, and the types of values.
//!
//! That of Office Open XML is made from the schemas of ECMA-376 by `cargo xtask vocabulary`, minus the cut
//! lists there; that of ODF is a list of our own, chosen from ODF 1.3 part 3, and so is the short one of extensions of
//! spreadsheets, chosen from [MS-XLSX] 2.6.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Words, numbers, measures: a narrow set of characters.
    Value,
    /// Measures and paths of VML.
    Style,
    /// Any clean text.
    Text,
    /// A formula of known functions.
    Formula,
    /// The instruction of a known field.
    Instruction,
    /// A reference to another part.
    Reference,
    /// A move within a presentation.
    Move,
    /// A formula of ODF, of known functions.
    OpenFormula,
    /// A place in the same document, `#name`.
    Local,
    /// The number of the only thing that metadata of cells say: 1.
    One,
    /// The name of a setting that says how a document looks.
    Setting,
    /// Places in sheets (ODF 1.3 part 3, 18.3.5): what programs read as formulas, so that it must be no other.
    Range,
}

impl Type {
    const fn of(letter: u8) -> Option<Self> {
        Some(match letter {
            b'v' => Self::Value,
            b's' => Self::Style,
            b't' => Self::Text,
            b'f' => Self::Formula,
            b'i' => Self::Instruction,
            b'r' => Self::Reference,
            b'a' => Self::Move,
            b'o' => Self::OpenFormula,
            b'l' => Self::Local,
            b'g' => Self::Range,
            b'n' => Self::One,
            b'k' => Self::Setting,
            _ => return None,
        })
    }
}

/// A namespace: its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Space(u8);

/// An element of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Element(u16);

/// An attribute of the vocabulary. What type it has is its element's matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Attribute(u16);

/// A name without its namespace, and that.
type Name = (Option<Space>, &'static str);

struct Row {
    name: Name,
    /// The name as we write it, with its prefix.
    word: &'static str,
    text: Option<Type>,
    attributes: Vec<(Attribute, Type)>,
}

#[derive(Default)]
struct Table {
    /// Prefix and name of each namespace.
    spaces: Vec<(&'static str, &'static str)>,
    elements: Vec<Row>,
    attributes: Vec<(Name, &'static str)>,
    element_index: Index<Element>,
    attribute_index: Index<Attribute>,
    /// Namespaces by their names, those of ECMA-376 Strict among them.
    space_index: HashMap<String, Space, BuildHasherDefault<Quick>>,
}

/// Where names stand. Its keys are those of the table, and it is never walked: a quick hash is enough.
type Index<T> = HashMap<Name, T, BuildHasherDefault<Quick>>;

/// A hash of eight bytes a step, after the one of Firefox.
#[derive(Default)]
struct Quick(u64);

impl Quick {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        // the table takes its places from the highest and the lowest bits
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let last = rest.iter().rev();
            self.mix(last.fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(u64::from(byte));
    }

    fn write_isize(&mut self, number: isize) {
        self.mix(u64::from_ne_bytes(number.to_ne_bytes()));
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    Table::read(concat!(
        include_str!("vocabulary.txt"),
        include_str!("extensions.txt"),
        include_str!("opendocument.txt")
    ))
});

impl Table {
    fn read(text: &'static str) -> Self {
        let mut table = Self::default();
        for line in text.lines() {
            if let Some((prefix, uri)) = line.strip_prefix('@').and_then(|l| l.split_once(' ')) {
                let space = Space(u8::try_from(table.spaces.len()).unwrap_or(u8::MAX));
                table.spaces.push((prefix, uri));
                table.space_index.insert(uri.to_owned(), space);
                if let Some(strict) = strict(uri) {
                    table.space_index.insert(strict, space);
                }
                continue;
            }
            let mut words = line.split(' ');
            let (Some(name), Some(text)) = (words.next(), words.next()) else {
                continue;
            };
            let word = name;
            let name = table.name(word);
            let text = text.bytes().next().and_then(Type::of);
            let attributes = words.filter_map(|word| table.declared(word)).collect();
            let index = Element(u16::try_from(table.elements.len()).unwrap_or(u16::MAX));
            table.element_index.insert(name, index);
            table.elements.push(Row {
                name,
                word,
                text,
                attributes,
            });
        }
        table
    }

    fn name(&self, word: &'static str) -> Name {
        let Some((prefix, local)) = word.split_once(':') else {
            return (None, word);
        };
        let place = self.spaces.iter().position(|(of, _)| *of == prefix);
        let space = place.and_then(|place| u8::try_from(place).ok()).map(Space);
        (space, local)
    }

    /// An attribute as it is declared at an element: `w:val=v`.
    fn declared(&mut self, word: &'static str) -> Option<(Attribute, Type)> {
        let (name, letter) = word.split_once('=')?;
        let word = name;
        let name = self.name(word);
        let kind = letter.bytes().next().and_then(Type::of)?;
        if let Some(known) = self.attribute_index.get(&name) {
            return Some((*known, kind));
        }
        let index = Attribute(u16::try_from(self.attributes.len()).ok()?);
        self.attributes.push((name, word));
        self.attribute_index.insert(name, index);
        Some((index, kind))
    }
}

/// The name of a namespace in ECMA-376 Strict: `schemas.openxmlformats.org/drawingml/2006/main` is
/// `purl.oclc.org/ooxml/drawingml/main`.
fn strict(uri: &str) -> Option<String> {
    let own = uri.strip_prefix("http://schemas.openxmlformats.org/")?;
    let (area, name) = own.split_once("/2006/")?;
    Some(format!("http://purl.oclc.org/ooxml/{area}/{name}"))
}

impl Space {
    /// Every namespace there is.
    pub fn all() -> impl Iterator<Item = Self> {
        (0u8..).take(TABLE.spaces.len()).map(Self)
    }

    /// Its bit in a set of namespaces.
    #[must_use]
    pub const fn bit(self) -> u64 {
        // a test shows that there are fewer than 64
        1u64 << (self.0 & 63)
    }

    /// The namespace of this name; those of ECMA-376 Strict are the same as the others.
    #[must_use]
    pub fn of(uri: &str) -> Option<Self> {
        TABLE.space_index.get(uri).copied()
    }

    /// The name of the namespace.
    #[must_use]
    pub fn uri(self) -> &'static str {
        TABLE
            .spaces
            .get(usize::from(self.0))
            .map_or("", |(_, uri)| uri)
    }

    /// The prefix that we write.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        TABLE
            .spaces
            .get(usize::from(self.0))
            .map_or("", |(prefix, _)| prefix)
    }
}

impl Element {
    /// The first of the table.
    pub(super) const FIRST: Self = Self(0);

    /// The element of this name, if it is in the vocabulary.
    #[must_use]
    pub fn find(space: Space, local: &str) -> Option<Self> {
        // the table holds nothing but its own text: a name is compared, not kept
        let key: (Option<Space>, &str) = (Some(space), local);
        TABLE.element_index.get(&key).copied()
    }

    /// The element at a place in the table.
    #[must_use]
    pub fn from_index(index: u16) -> Option<Self> {
        (usize::from(index) < TABLE.elements.len()).then_some(Self(index))
    }

    /// Its place in the table.
    #[must_use]
    pub const fn index(self) -> u16 {
        self.0
    }

    /// The element by the name that we write, `w:p`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (prefix, local) = name.split_once(':')?;
        let space = Space::all().find(|space| space.prefix() == prefix)?;
        Self::find(space, local)
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.elements.get(usize::from(self.0))
    }

    /// Its namespace.
    #[must_use]
    pub fn space(self) -> Option<Space> {
        self.row().and_then(|row| row.name.0)
    }

    /// Its name without prefix.
    #[must_use]
    pub fn local(self) -> &'static str {
        self.row().map_or("", |row| row.name.1)
    }

    /// Its name as we write it, `w:p`.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().map_or("", |row| row.word)
    }

    /// The type of its text, if it holds any.
    #[must_use]
    pub fn text(self) -> Option<Type> {
        self.row().and_then(|row| row.text)
    }

    /// The type of one of its attributes, if it has it.
    #[must_use]
    pub fn attribute(self, attribute: Attribute) -> Option<Type> {
        let attributes = &self.row()?.attributes;
        let found = attributes.iter().find(|(own, _)| *own == attribute);
        found.map(|(_, kind)| *kind)
    }

    /// The attributes that it may have.
    #[must_use]
    pub fn attributes(self) -> Vec<Attribute> {
        let row = self.row();
        row.map(|row| row.attributes.iter().map(|(a, _)| *a).collect())
            .unwrap_or_default()
    }

    /// Whether it is called so, `w:p`.
    #[must_use]
    #[inline]
    pub fn is(self, name: &str) -> bool {
        // asked of nearly every element, several times
        self.row().is_some_and(|row| row.word == name)
    }
}

impl Attribute {
    /// The attribute of this name, if any element of the vocabulary has it.
    #[must_use]
    pub fn find(space: Option<Space>, local: &str) -> Option<Self> {
        let key: (Option<Space>, &str) = (space, local);
        TABLE.attribute_index.get(&key).copied()
    }

    /// The attribute at a place in the table.
    #[must_use]
    pub fn from_index(index: u16) -> Option<Self> {
        (usize::from(index) < TABLE.attributes.len()).then_some(Self(index))
    }

    /// Its place in the table.
    #[must_use]
    pub const fn index(self) -> u16 {
        self.0
    }

    /// Its namespace, if it has one.
    #[must_use]
    pub fn space(self) -> Option<Space> {
        TABLE
            .attributes
            .get(usize::from(self.0))
            .and_then(|(name, _)| name.0)
    }

    /// Its name without prefix.
    #[must_use]
    pub fn local(self) -> &'static str {
        TABLE
            .attributes
            .get(usize::from(self.0))
            .map_or("", |(name, _)| name.1)
    }

    /// Its name as we write it, with its prefix where it has one.
    #[must_use]
    pub fn word(self) -> &'static str {
        TABLE
            .attributes
            .get(usize::from(self.0))
            .map_or("", |(_, word)| word)
    }
}
