//! The pictures that a document names.

use std::collections::BTreeMap;

/// The pictures of a document, each once, in the order in which they were first named.
#[derive(Default)]
pub(in crate::formats) struct Pictures {
    paths: Vec<String>,
    places: BTreeMap<String, u32>,
}

impl Pictures {
    /// The place of the picture at `path`.
    pub(in crate::formats) fn place(&mut self, path: &str) -> u32 {
        if let Some(place) = self.places.get(path) {
            return *place;
        }
        let place = u32::try_from(self.paths.len()).unwrap_or(u32::MAX);
        self.paths.push(path.to_owned());
        self.places.insert(path.to_owned(), place);
        place
    }

    /// Their paths.
    pub(in crate::formats) fn into_paths(self) -> Vec<String> {
        self.paths
    }
}
