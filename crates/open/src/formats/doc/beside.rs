//! The stream of data beside the main one, which holds what is too long for a page of looks.

use super::form;
use crate::formats::encrypted::legacy::Opened;
use crate::formats::field::form::Form;
use crate::formats::ole::Ole;
use crate::formats::ole::little::{part, u16_at};
use mugai_core::{Cx, Refusal, Resource};

pub(super) const STREAM: &str = "Data";

/// The stream of data, which is read when it is asked for: most of it is pictures, that nobody looks at.
pub(super) struct Beside<'a, 'b> {
    ole: &'a mut Ole<'b>,
    /// How the streams of the document are decrypted.
    pub(super) opened: Option<Opened>,
    data: Option<Result<Vec<u8>, Refusal>>,
}

impl<'a, 'b> Beside<'a, 'b> {
    pub(super) const fn of(ole: &'a mut Ole<'b>, opened: Option<Opened>) -> Self {
        Self {
            ole,
            opened,
            data: None,
        }
    }

    /// The modifiers at a place of the stream, behind their length ([MS-DOC] 2.9.210); `None` where there are none.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn modifiers(&mut self, at: usize, cx: &Cx<'_>) -> Result<Option<&[u8]>, Refusal> {
        let data = self.data(cx)?;
        let length = u16_at(data, at).map_or(0, usize::from);
        // any number of paragraphs may name the same ones
        cx.charge_len(Resource::Steps, length)?;
        Ok(part(data, at.saturating_add(2), length))
    }

    /// The field of a form at a place of the stream; `None` where there is none.
    ///
    /// # Errors
    /// [`Refusal::Overrun`]
    pub(super) fn form(&mut self, at: u32, cx: &Cx<'_>) -> Result<Option<Form>, Refusal> {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let bytes = form::place(self.data(cx)?, at).unwrap_or_default();
        // any number of letters may name the same one
        cx.charge_len(Resource::Steps, bytes.len())?;
        cx.charge_len(Resource::Bytes, bytes.len())?;
        Ok(form::read(bytes))
    }

    /// The stream, as far as it can be read: what is wrong with it does not matter, as looks only leave out and count, and a
    /// field without its data shows nothing.
    fn data(&mut self, cx: &Cx<'_>) -> Result<&[u8], Refusal> {
        if self.data.is_none() {
            self.data = Some(self.read(cx));
        }
        match &self.data {
            Some(Ok(data)) => Ok(data),
            Some(Err(refusal @ Refusal::Overrun { .. })) => Err(refusal.clone()),
            Some(Err(_)) | None => Ok(&[]),
        }
    }

    /// The file, and all of the stream, decrypted; nothing where there is none.
    ///
    /// # Errors
    /// As [`Ole::stream`].
    pub(super) fn all(mut self, cx: &Cx<'_>) -> Result<(&'a Ole<'b>, Vec<u8>), Refusal> {
        let data = match self.data.take() {
            Some(data) => data?,
            None => self.read(cx)?,
        };
        Ok((self.ole, data))
    }

    fn read(&mut self, cx: &Cx<'_>) -> Result<Vec<u8>, Refusal> {
        let mut data = self.ole.stream(STREAM, cx)?.unwrap_or_default();
        if let Some(opened) = &self.opened {
            opened.stream(&mut data, super::BLOCK, cx)?;
        }
        Ok(data)
    }
}
