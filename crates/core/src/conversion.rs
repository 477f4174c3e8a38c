//! What a foreign office suite is asked for, in a confinement of its own.

use crate::kind::Kind;

/// A conversion of one document into another; only pairs that somebody thought about can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conversion {
    from: Kind,
    into: Kind,
}

impl Conversion {
    /// A conversion of a document of kind `from` into pages: [`Kind::Pdf`]. `None` for kinds that
    /// the suite is not given.
    #[must_use]
    pub const fn into_pages(from: Kind) -> Option<Self> {
        let drawn = matches!(
            from,
            Kind::Word
                | Kind::Sheet
                | Kind::Slides
                | Kind::OpenText
                | Kind::OpenSheet
                | Kind::OpenSlides
                | Kind::Doc
                | Kind::Ppt
                | Kind::Rtf
        );
        if drawn {
            let into = Kind::Pdf;
            Some(Self { from, into })
        } else {
            None
        }
    }

    /// A conversion of an old document into Office Open XML, which is then rebuilt like any. `None`
    /// for kinds that are rebuilt without it, and for those that the suite does not read.
    #[must_use]
    pub const fn into_modern(from: Kind) -> Option<Self> {
        let into = if matches!(from, Kind::Doc | Kind::Rtf) {
            Kind::Word
        } else if matches!(from, Kind::Ppt) {
            Kind::Slides
        } else {
            return None;
        };
        Some(Self { from, into })
    }

    /// What the document is.
    #[must_use]
    pub const fn from(self) -> Kind {
        self.from
    }

    /// What it becomes.
    #[must_use]
    pub const fn into(self) -> Kind {
        self.into
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Family;

    #[test]
    fn only_documents_are_converted_and_old_ones_become_what_can_be_rebuilt() {
        for kind in Kind::ALL.iter().copied() {
            let office = matches!(
                kind.family(),
                Family::Word | Family::Sheet | Family::Slides | Family::Office
            );
            if let Some(conversion) = Conversion::into_pages(kind) {
                assert!(office, "{kind:?}");
                assert_eq!((conversion.from(), conversion.into()), (kind, Kind::Pdf));
            }
            if let Some(conversion) = Conversion::into_modern(kind) {
                assert_eq!(kind.family(), Family::Office);
                assert!(matches!(conversion.into(), Kind::Word | Kind::Slides));
            }
        }
        assert_eq!(Conversion::into_pages(Kind::Jtd), None);
        assert_eq!(Conversion::into_modern(Kind::Word), None);
    }
}
