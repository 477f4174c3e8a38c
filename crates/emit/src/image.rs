//! Pictures: one page becomes a PNG or a JPEG file, several become a document.

use crate::{jpeg, png};
use mugai_core::{Draft, Page, Piece, Refusal, Target, Writer};

/// Quality of pictures that were lossy already: at this one a second generation shows no loss.
const QUALITY: u8 = 90;

/// A writer of pictures. A second page hands everything over to a writer that `many` makes, which
/// must take [`Piece::Page`].
#[must_use]
pub fn writer(many: impl Fn() -> Box<dyn Writer> + 'static) -> Box<dyn Writer> {
    Box::new(ImageWriter {
        many: Box::new(many),
        shows: false,
        state: State::Empty,
    })
}

/// The same for a picture that something is behind: what is seen through one page is seen through the file.
#[must_use]
pub fn shown(many: impl Fn() -> Box<dyn Writer> + 'static) -> Box<dyn Writer> {
    Box::new(ImageWriter {
        many: Box::new(many),
        shows: true,
        state: State::Empty,
    })
}

struct ImageWriter {
    many: Box<dyn Fn() -> Box<dyn Writer>>,
    shows: bool,
    state: State,
}

enum State {
    Empty,
    /// The first page, as it came: only the end tells whether it stays the only one.
    One(Piece),
    Many(Box<dyn Writer>),
}

impl Writer for ImageWriter {
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        if !matches!(piece, Piece::Page(_)) {
            return Err(Refusal::internal("image writer: a piece that is no page"));
        }
        self.state = match std::mem::replace(&mut self.state, State::Empty) {
            State::Empty => State::One(piece),
            State::One(first) => {
                let mut document = (self.many)();
                document.put(first)?;
                document.put(piece)?;
                State::Many(document)
            }
            State::Many(mut document) => {
                document.put(piece)?;
                State::Many(document)
            }
        };
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Draft, Refusal> {
        match self.state {
            State::One(Piece::Page(page)) if self.shows && page.opacity().is_some() => {
                Ok(Draft::new(Target::Png, png::encode_shown(&page)?))
            }
            State::One(Piece::Page(page)) => picture(&page),
            State::Many(document) => document.finish(),
            State::Empty | State::One(_) => Err(Refusal::malformed("image: no picture inside")),
        }
    }
}

/// Lossy pictures stay lossy, so that a photograph does not grow tenfold; all else is kept exactly.
fn picture(page: &Page) -> Result<Draft, Refusal> {
    if page.photographic() {
        Ok(Draft::new(Target::Jpeg, jpeg::encode(page, QUALITY)?))
    } else {
        Ok(Draft::new(Target::Png, png::encode(page)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mugai_core::{Budget, Limits, PixelFormat};

    struct Counting(usize);

    impl Writer for Counting {
        fn put(&mut self, _: Piece) -> Result<(), Refusal> {
            self.0 = self.0.wrapping_add(1);
            Ok(())
        }

        fn finish(self: Box<Self>) -> Result<Draft, Refusal> {
            Ok(Draft::new(Target::Pdf, vec![u8::try_from(self.0).unwrap()]))
        }
    }

    fn counting() -> Box<dyn Writer> {
        Box::new(Counting(0))
    }

    fn page(photographic: bool) -> Piece {
        let purse = Budget::new(Limits {
            bytes: 0,
            pixels: 4,
            parts: 0,
            depth: 0,
            steps: 0,
        });
        let canvas = Page::start(2, 2, PixelFormat::Grey8, &purse).unwrap();
        let canvas = canvas.with_photographic(photographic);
        Piece::Page(canvas.fill(vec![0, 80, 160, 255]).unwrap())
    }

    fn written(pieces: &[Piece]) -> Result<Draft, Refusal> {
        let mut writer = writer(counting);
        for piece in pieces {
            writer.put(piece.clone())?;
        }
        writer.finish()
    }

    #[test]
    fn the_number_and_the_source_of_pages_choose_the_target() {
        assert_eq!(written(&[page(false)]).unwrap().target(), Target::Png);
        assert_eq!(written(&[page(true)]).unwrap().target(), Target::Jpeg);
        let many = written(&[page(true), page(false), page(true)]).unwrap();
        assert_eq!(many, Draft::new(Target::Pdf, vec![3]));
        assert!(written(&[]).is_err());
    }

    #[test]
    fn other_pieces_are_our_own_mistake() {
        let text = Piece::Text(mugai_core::Text::clean("a").0);
        assert!(written(&[text]).unwrap_err().is_alarm());
    }
}
