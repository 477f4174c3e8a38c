//! Pictures, and the objects that they are in the file.

use super::File;
use super::picture::{Coding, Colours, Picture};
use crate::studio::Work;
use mugai_core::{Page, PixelFormat, Purpose, Refusal};
use pdf_writer::{Filter, Finish, Name, Ref};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// What was put, and what of it is in the file.
#[derive(Default)]
pub(super) struct Shelf {
    /// Pictures, masks and stencils, each once.
    held: Vec<Held>,
    /// Where they stand by what they are: pages that know nothing of each other bring the same ones.
    known: HashMap<[u8; 32], usize>,
    /// Where that of each number in the part stands.
    numbers: Vec<usize>,
    /// Object numbers of those that were shown, with their masks.
    shown: HashMap<(usize, Option<usize>), i32>,
    /// Object numbers of masks that pictures have.
    masks: HashMap<usize, i32>,
    /// All objects that are shown by their names.
    listed: Vec<i32>,
}

struct Held {
    picture: Work<Picture>,
    size: (u32, u32),
    purpose: Purpose,
}

/// The name by which pages know picture object `number`.
pub(super) fn name(number: i32) -> String {
    format!("I{number}")
}

impl Shelf {
    /// Takes a picture for drawings to come.
    pub(super) fn put(&mut self, page: Page) {
        let next = self.held.len();
        let place = *self.known.entry(hash(&page)).or_insert(next);
        self.numbers.push(place);
        if place < next {
            return;
        }
        self.held.push(Held {
            size: (page.width_px(), page.height_px()),
            purpose: page.purpose(),
            picture: Work::begin(page, |page| Picture::encode(page, 0)),
        });
    }

    /// Objects that pages show, in the order of the file.
    pub(super) fn listed(&self) -> &[i32] {
        &self.listed
    }

    /// The object of picture number `picture` with the mask `mask`, which is written when it is
    /// shown for the first time.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for a number that was never put, or was put for something else.
    pub(super) fn show(
        &mut self,
        file: &mut File,
        picture: u32,
        purpose: Purpose,
        mask: Option<u32>,
    ) -> Result<i32, Refusal> {
        let picture = self.place(picture, purpose)?;
        let mask = mask.map(|mask| self.place(mask, Purpose::Mask));
        let mask = mask.transpose()?;
        if let Some(number) = self.shown.get(&(picture, mask)) {
            return Ok(*number);
        }
        let mask_number = mask.map(|mask| self.mask(file, mask)).transpose()?;
        let number = self.write_held(file, picture, mask_number)?;
        self.listed.push(number);
        self.shown.insert((picture, mask), number);
        Ok(number)
    }

    fn mask(&mut self, file: &mut File, mask: usize) -> Result<i32, Refusal> {
        if let Some(number) = self.masks.get(&mask) {
            return Ok(*number);
        }
        let number = self.write_held(file, mask, None)?;
        self.masks.insert(mask, number);
        Ok(number)
    }

    fn write_held(
        &mut self,
        file: &mut File,
        place: usize,
        mask: Option<i32>,
    ) -> Result<i32, Refusal> {
        let taken = self.held.get_mut(place);
        let taken = taken.ok_or(Refusal::internal("pdf: picture"))?;
        Ok(write(file, taken.picture.look()?, taken.size, mask))
    }

    /// Where the picture of number `number` stands, which was put for `purpose`.
    fn place(&self, number: u32, purpose: Purpose) -> Result<usize, Refusal> {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let place = self.numbers.get(index).copied();
        let is_for = |place: &usize| self.held.get(*place).is_some_and(|h| h.purpose == purpose);
        place
            .filter(is_for)
            .ok_or(Refusal::malformed("pdf: a picture that never came"))
    }

    /// Writes a picture that is shown once.
    pub(super) fn write(
        &mut self,
        file: &mut File,
        picture: &Picture,
        size: (u32, u32),
        mask: Option<i32>,
    ) -> i32 {
        let number = write(file, picture, size, mask);
        self.listed.push(number);
        number
    }
}

/// What tells a picture from others: all that its object is made of.
fn hash(page: &Page) -> [u8; 32] {
    let format: &[u8] = match page.format() {
        PixelFormat::Grey8 => b"grey",
        PixelFormat::Rgb8 => b"rgb",
    };
    let purpose: &[u8] = match page.purpose() {
        Purpose::Sheet => b"sheet",
        Purpose::Picture => b"picture",
        Purpose::Mask => b"mask",
        Purpose::Stencil => b"stencil",
    };
    let mut hasher = Sha256::new();
    // no word begins as another one does, and all else has one length but the pixels
    hasher.update(format);
    hasher.update(purpose);
    hasher.update([u8::from(page.photographic())]);
    hasher.update(page.width_px().to_le_bytes());
    hasher.update(page.height_px().to_le_bytes());
    hasher.update(page.pixels());
    hasher.finalize().into()
}

fn write(file: &mut File, picture: &Picture, size: (u32, u32), mask: Option<i32>) -> i32 {
    let id = file.id();
    // both sides are at most MAX_SIDE_PX
    let [width, height] = [size.0, size.1].map(|side| i32::try_from(side).unwrap_or(i32::MAX));
    let mut image = file.object().image_xobject(id, &picture.data);
    match picture.coding {
        Coding::Flate => {
            image.filter(Filter::FlateDecode);
        }
        Coding::Jpeg => {
            image.filter(Filter::DctDecode);
        }
        Coding::Fax => {
            image.filter(Filter::CcittFaxDecode);
            image.decode_parms().k(-1).columns(width);
        }
    }
    image.width(width).height(height);
    match &picture.colours {
        Colours::Grey => image.color_space().device_gray(),
        Colours::Rgb => image.color_space().device_rgb(),
        Colours::GreyPalette(entries) => {
            let space = image.color_space();
            space.indexed(Name(b"DeviceGray"), last(entries.len()), entries);
        }
        Colours::RgbPalette(entries) => {
            let count = entries.len().div_euclid(3);
            let space = image.color_space();
            space.indexed(Name(b"DeviceRGB"), last(count), entries);
        }
        Colours::Stencil => {
            image.image_mask(true);
        }
    }
    image.bits_per_component(i32::from(picture.bits));
    if let Some(mask) = mask {
        image.s_mask(Ref::new(mask));
    }
    image.finish();
    id.get()
}

/// The highest index of a palette of `count` entries, 1 to 256.
fn last(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX).saturating_sub(1)
}
