//! Where the relationships of a part lead.

use super::Filter;
use crate::formats::ooxml::package::{Relation, Target};
use mugai_core::FindingCode;
use mugai_core::markup::Place;

impl Filter<'_, '_, '_> {
    /// The parts that belong to this one without being named in it.
    pub(super) fn implicit(&mut self) {
        for relation in self.part.relations.values() {
            if let Some((number, kind)) = self.package.number(relation)
                && kind.is_implicit()
            {
                self.out.need(number);
            }
        }
    }

    /// Where a relationship of this part leads.
    pub(super) fn reach(&mut self, id: &str) -> Option<Place> {
        let relation: &Relation = self.part.relations.get(id)?;
        if let Some((number, _)) = self.package.number(relation) {
            return Some(Place::Part(number));
        }
        let Target::Inside(path) = &relation.target else {
            self.cx.note(FindingCode::OfficeExternal);
            return None;
        };
        if relation.kind != "image" || !self.package.has(path) {
            return None;
        }
        let place = self.pictures.place(path);
        self.last_picture = Some(place);
        Some(Place::Picture(place))
    }
}
