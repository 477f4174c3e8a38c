//! Comments of Office Open XML: beside the text, the sheets and the slides, in parts of their own. Nothing of those
//! parts is carried; what is read is who says what, and where.

use super::package::{Package, Part, Target};
use super::render;
use super::xml;
use crate::formats::comments::{Comment, Comments, MAX_COMMENTS, MAX_LINES, TOO_MANY, Words};
use mugai_core::markup::{MAX_DEPTH, PartKind};
use mugai_core::{Cx, Markup, Refusal, Resource};
use quick_xml::events::Event;
use std::collections::BTreeMap;

/// The comments of a package, as they stand in its parts.
#[derive(Default)]
pub(super) struct Found {
    /// With the number of the part that each belongs to.
    comments: Vec<(usize, Said)>,
    /// Of texts: the comments of marks, by what the marks call them.
    marks: BTreeMap<String, u32>,
    /// Of texts: all of them, taken already.
    taken: Comments,
}

/// One comment, as its part says it.
#[derive(Debug, Default)]
struct Said {
    id: String,
    author: String,
    /// What names the author in a list.
    person: String,
    cell: String,
    text: String,
}

/// What one part says.
#[derive(Default)]
struct Spoken {
    comments: Vec<Said>,
    /// The names of authors, by what names them.
    authors: BTreeMap<String, String>,
}

impl Found {
    /// Reads all comments of a package, if they are wanted.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for XML that is broken, [`Refusal::Overrun`].
    pub(super) fn read(package: &Package<'_>, cx: &mut Cx<'_>) -> Result<Self, Refusal> {
        let mut found = Self::default();
        if !cx.params().comments {
            return Ok(found);
        }
        let mut persons = BTreeMap::new();
        for path in package
            .parts()
            .first()
            .into_iter()
            .flat_map(|main| beside(main, &["commentAuthors", "authors", "person"]))
        {
            persons.append(&mut spoken(package, path, cx)?.authors);
        }
        for (number, part) in package.parts().iter().enumerate() {
            let threads = beside(part, &["threadedComment"]);
            let is_threaded = !threads.is_empty();
            for path in threads.into_iter().chain(beside(part, &["comments"])) {
                let Spoken { comments, authors } = spoken(package, path, cx)?;
                for mut said in comments {
                    let listed = authors.get(&said.person).or(persons.get(&said.person));
                    if let Some(name) = listed {
                        said.author.clone_from(name);
                    }
                    // what old programs show in the place of a thread
                    if is_threaded && said.author.starts_with("tc=") {
                        continue;
                    }
                    found.comments.push((number, said));
                }
            }
        }
        if package
            .parts()
            .first()
            .is_some_and(|main| main.kind == PartKind::Document)
        {
            for (_, said) in std::mem::take(&mut found.comments) {
                let id = said.id.clone();
                if let Some(number) = found.taken.take(said.told(String::new()), cx)? {
                    found.marks.entry(id).or_insert(number);
                }
            }
        }
        Ok(found)
    }

    /// The number of the comment of a mark in a text.
    pub(super) fn number(&self, id: &str) -> Option<u32> {
        self.marks.get(id).copied()
    }

    /// Appends them to the parts.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn append(self, parts: &mut Vec<Markup>, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        let mut all = self.taken;
        if !self.comments.is_empty() {
            let words = Words::of(cx.params().lang);
            let mut places: BTreeMap<usize, String> = BTreeMap::new();
            for (number, name) in render::sheets_named(parts) {
                places.insert(usize::try_from(number).unwrap_or(usize::MAX), name);
            }
            for (count, number) in (1u32..).zip(render::order(parts, "p:sldId")) {
                places.insert(
                    usize::try_from(number).unwrap_or(usize::MAX),
                    words.slide(count),
                );
            }
            for (number, said) in self.comments {
                let mut place = places.get(&number).cloned().unwrap_or_default();
                if !said.cell.is_empty() {
                    place.push('!');
                    place.push_str(&said.cell);
                }
                all.take(said.told(place), cx)?;
            }
        }
        all.append(parts, cx)
    }
}

impl Said {
    fn told(self, place: String) -> Comment {
        let lines = self.text.lines().filter(|line| !line.trim().is_empty());
        Comment {
            place,
            author: self.author,
            // one too many is refused
            lines: lines
                .take(MAX_LINES.saturating_add(1))
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// The files beside a part that relationships of one of these kinds lead to.
fn beside<'p>(part: &'p Part, kinds: &[&str]) -> Vec<&'p str> {
    let inside = part.relations.values().filter_map(|relation| {
        let last = relation.kind.rsplit('/').next().unwrap_or_default();
        match &relation.target {
            Target::Inside(path) if kinds.contains(&last) => Some(path.as_str()),
            Target::Inside(_) | Target::Outside(_) => None,
        }
    });
    inside.collect()
}

/// Elements whose text is not shown: readings of ideographs, and the other form of what was told already.
const UNSAID: [&str; 2] = ["rPh", "Fallback"];

/// What a part of comments, or of names of those who wrote them, says.
fn spoken(package: &Package<'_>, path: &str, cx: &mut Cx<'_>) -> Result<Spoken, Refusal> {
    let Some(bytes) = package.content(path, cx)? else {
        return Ok(Spoken::default());
    };
    let text = xml::decode(&bytes, cx)?;
    let mut reader = xml::reader(&text);
    let mut scribe = Listener::default();
    while let Some(event) = xml::next(&mut reader)? {
        match event {
            Event::Start(start) => {
                let all = xml::attributes(&start)?;
                scribe.begin(xml::split(start.name().0).1, &all, cx)?;
            }
            Event::Empty(start) => {
                let all = xml::attributes(&start)?;
                scribe.begin(xml::split(start.name().0).1, &all, cx)?;
                scribe.end();
            }
            Event::End(_) => scribe.end(),
            Event::Text(run) => scribe.say(&run.xml10_content()),
            Event::CData(run) => scribe.say(&run.xml10_content()),
            Event::GeneralRef(name) => scribe.say(&xml::reference(&name)?),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) | Event::DocType(_) | Event::Eof => {}
        }
    }
    Ok(scribe.spoken)
}

#[derive(Default)]
struct Listener {
    spoken: Spoken,
    open: Vec<String>,
    /// The comments that are open, the innermost last: an answer stands in what it answers.
    speaking: Vec<usize>,
    /// The name of an author that is a text.
    name: String,
    unsaid: usize,
}

impl Listener {
    fn begin(
        &mut self,
        name: &str,
        attributes: &[(&str, std::borrow::Cow<'_, str>)],
        cx: &Cx<'_>,
    ) -> Result<(), Refusal> {
        if self.open.len() >= MAX_DEPTH {
            return Err(xml::DEEP);
        }
        let get = |wanted: &[&str]| {
            let found = attributes
                .iter()
                .find(|(key, _)| wanted.contains(&xml::split(key).1));
            found
                .map(|(_, value)| value.to_string())
                .unwrap_or_default()
        };
        match name {
            "comment" | "threadedComment" | "cm" | "reply" => {
                if self.spoken.comments.len() >= MAX_COMMENTS {
                    return Err(TOO_MANY);
                }
                cx.charge(Resource::Bytes, 160)?;
                self.speaking.push(self.spoken.comments.len());
                self.spoken.comments.push(Said {
                    id: get(&["id"]),
                    author: get(&["author"]),
                    person: get(&["authorId", "personId"]),
                    cell: get(&["ref"]),
                    text: String::new(),
                });
            }
            "cmAuthor" | "author" | "person" => {
                let (id, called) = (get(&["id"]), get(&["name", "displayName"]));
                if !id.is_empty() {
                    cx.charge(Resource::Bytes, 128)?;
                    self.spoken.authors.insert(id, called);
                }
            }
            "br" | "cr" => self.say_line("\n"),
            "tab" => self.say_line(" "),
            _ => {}
        }
        self.unsaid = self
            .unsaid
            .saturating_add(usize::from(UNSAID.contains(&name)));
        self.open.push(name.to_owned());
        Ok(())
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        match name.as_str() {
            "comment" | "threadedComment" | "cm" | "reply" => {
                self.speaking.pop();
            }
            "p" => self.say_line("\n"),
            // of a list in which places are names
            "author"
                if !self.name.is_empty() || self.open.last().is_some_and(|o| o == "authors") =>
            {
                let place = self.spoken.authors.len().to_string();
                let name = std::mem::take(&mut self.name);
                self.spoken.authors.entry(place).or_insert(name);
            }
            _ => {}
        }
        self.unsaid = self
            .unsaid
            .saturating_sub(usize::from(UNSAID.contains(&name.as_str())));
    }

    fn say(&mut self, text: &str) {
        match self.open.last().map(String::as_str) {
            Some("t") => self.say_line(text),
            Some("text") if !text.trim().is_empty() => self.say_line(text),
            Some("author") => self.name.push_str(text.trim()),
            _ => {}
        }
    }

    fn say_line(&mut self, text: &str) {
        let here = self.speaking.last().filter(|_| self.unsaid == 0);
        if let Some(said) = here.and_then(|place| self.spoken.comments.get_mut(*place)) {
            said.text.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Hints, Treatments};
    use mugai_testkit::show::taped;

    #[test]
    fn comments_that_say_nothing_are_counted_too() {
        let mut listener = Listener::default();
        let (taken, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
            let mut begin = || {
                let begun = listener.begin("cm", &[], cx);
                listener.end();
                begun
            };
            (0..MAX_COMMENTS).all(|_| begin().is_ok()) && begin() == Err(TOO_MANY)
        });
        assert!(taken);
    }
}
