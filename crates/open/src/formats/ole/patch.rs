//! A compound file in which streams have other content: what was encrypted there, decrypted. Everything else of it stays as
//! it is; whoever is given it reads the file of a stranger.

use super::{CUTOFF, MAX_SECTOR, MINI, Ole};
use mugai_core::{Child, Cx, Hints, Piece, Refusal, Resource, Role, Untrusted};

impl Ole<'_> {
    /// Hands on the file with other content, of the same length each, in the streams at places in the list of entries,
    /// which were read before.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for streams that reach beyond the end, [`Refusal::Overrun`].
    pub(in crate::formats) fn hand_on(
        &self,
        streams: &[(usize, &[u8])],
        cx: &mut Cx<'_>,
    ) -> Result<(), Refusal> {
        cx.charge_len(Resource::Bytes, self.input.len())?;
        let mut file = self.input.to_vec();
        for (place, content) in streams {
            self.patch(&mut file, *place, content, cx)?;
        }
        cx.put(Piece::Child(Box::new(Child {
            name: None,
            role: Role::Attachment,
            hints: Hints::default(),
            content: Untrusted::new(file),
        })))
    }

    fn patch(
        &self,
        file: &mut [u8],
        place: usize,
        content: &[u8],
        cx: &Cx<'_>,
    ) -> Result<(), Refusal> {
        let bad = Refusal::malformed("ole: a stream to be decrypted");
        let entry = self.entries.get(place).ok_or(bad.clone())?;
        cx.charge_len(Resource::Steps, content.len() / 16)?;
        if entry.size >= CUTOFF {
            let mut sector = entry.start;
            for piece in content.chunks(self.sector) {
                let at = number(sector).ok_or(bad.clone())?;
                put(file, self.offset(at), piece).ok_or(bad.clone())?;
                sector = self.sectors.behind(at);
            }
            return Ok(());
        }
        // a stream of the mini stream, whose own sectors lie anywhere
        let root = self.entries.first().ok_or(bad.clone())?;
        let mut sectors = Vec::new();
        let mut sector = root.start;
        for _ in self.mini_stream.chunks(self.sector) {
            cx.charge(Resource::Steps, 1)?;
            let at = number(sector).ok_or(bad.clone())?;
            sectors.push(at);
            sector = self.sectors.behind(at);
        }
        let mut mini = entry.start;
        for piece in content.chunks(MINI) {
            let at = number(mini).ok_or(bad.clone())?;
            let start = at.saturating_mul(MINI);
            let within = start.checked_rem(self.sector).unwrap_or(0);
            let sector = start
                .checked_div(self.sector)
                .and_then(|at| sectors.get(at));
            let sector = sector.ok_or(bad.clone())?;
            let offset = self.offset(*sector).saturating_add(within);
            put(file, offset, piece).ok_or(bad.clone())?;
            mini = self.mini.behind(at);
        }
        Ok(())
    }
}

fn number(sector: u32) -> Option<usize> {
    usize::try_from(sector)
        .ok()
        .filter(|_| sector <= MAX_SECTOR)
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) -> Option<()> {
    let room = file.get_mut(at..at.checked_add(bytes.len())?)?;
    room.copy_from_slice(bytes);
    Some(())
}
