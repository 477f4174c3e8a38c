//! `DocuWorks` documents and binders (xdw, xbd): known by their names only, for the format is not published
//! and has no mark that is. They are withheld with a reason of their own, so that the recipient knows what
//! to ask the sender for.

use crate::reader::{Format, Sniff, Spec};
use mugai_core::{Cx, Kind, Refusal, Treatment};

/// The reader of `DocuWorks` files, which reads nothing of them.
#[derive(Debug)]
pub(super) struct DocuWorks;

impl Format for DocuWorks {
    fn spec(&self) -> &'static Spec {
        &Spec {
            kind: Kind::DocuWorks,
            reference: "not published",
            treatments: &[Treatment::Text],
        }
    }

    fn sniff(&self, _: &[u8]) -> Sniff {
        Sniff::No
    }

    fn open(&self, _: &[u8], _: &mut Cx<'_>) -> Result<(), Refusal> {
        Err(Refusal::unsupported(
            "docuworks: the format is not published",
        ))
    }
}
