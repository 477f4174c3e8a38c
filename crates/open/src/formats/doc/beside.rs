//! The stream of data beside the main one, which holds what is too long for a page of looks.

use crate::formats::encrypted::legacy::Opened;
use crate::formats::ole::Ole;
use crate::formats::ole::little::{part, u16_at};
use mugai_core::{Cx, Refusal, Resource};

pub(super) const STREAM: &str = "Data";

/// The stream of data, which is read when it is asked for: most of it is pictures, that nobody looks at.
pub(super) struct Beside<'a, 'b> {
    pub(super) ole: &'a mut Ole<'b>,
    /// How the streams of the document are decrypted.
    pub(super) opened: Option<Opened>,
    pub(super) data: Option<Vec<u8>>,
}

impl Beside<'_, '_> {
    /// The modifiers at a place of the stream, behind their length ([MS-DOC] 2.9.210); `None` where there are none.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn modifiers(&mut self, at: usize, cx: &Cx<'_>) -> Result<Option<&[u8]>, Refusal> {
        if self.data.is_none() {
            self.data = Some(self.read(cx)?);
        }
        let data = self.data.as_deref().unwrap_or_default();
        let length = u16_at(data, at).map_or(0, usize::from);
        // any number of paragraphs may name the same ones
        cx.charge_len(Resource::Steps, length)?;
        Ok(part(data, at.saturating_add(2), length))
    }

    /// What is wrong with the stream does not matter: looks only leave out and count.
    pub(super) fn read(&mut self, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
        let mut data = match self.ole.stream(STREAM, cx) {
            Err(refusal @ Refusal::Overrun { .. }) => return Err(refusal),
            stream => stream.ok().flatten().unwrap_or_default(),
        };
        if let Some(opened) = &self.opened {
            opened.stream(&mut data, super::BLOCK, cx)?;
        }
        Ok(data)
    }
}
