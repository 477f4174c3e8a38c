//! Sizes inside JBIG2 data (ITU-T T.88), which the picture's dictionary need not agree with.

/// Pixels of the largest page or region that any segment declares; 0 where none can be read.
///
/// A page of unknown height counts with the height that its stripes can have at most.
pub(super) fn largest_region(data: &[u8]) -> u64 {
    let mut rest = data;
    let mut largest = 0;
    while let Some(segment) = Segment::read(rest) {
        largest = largest.max(segment.pixels());
        rest = segment.rest;
    }
    largest
}

struct Segment<'a> {
    kind: u8,
    /// Whether its length is not told (7.2.7): a reader has to guess where it ends.
    is_endless: bool,
    body: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Segment<'a> {
    /// Reads a segment header (7.2) and splits off its data.
    fn read(data: &'a [u8]) -> Option<Self> {
        let number = u32::from_be_bytes(*data.first_chunk()?);
        let flags = *data.get(4)?;
        let count = *data.get(5)?;
        let short = usize::from(count >> 5);
        // seven or more references are told in a long form (7.2.4)
        let (references, after) = if short == 7 {
            let long = u32::from_be_bytes(*data.get(5..)?.first_chunk()?) & 0x1FFF_FFFF;
            let long = usize::try_from(long).ok()?;
            (
                long,
                9usize.checked_add(long.checked_add(8)?.div_euclid(8))?,
            )
        } else {
            (short, 6)
        };
        let size = match number {
            0..=256 => 1,
            257..=65_536 => 2,
            _ => 4,
        };
        let page_size = if flags & 0x40 == 0 { 1 } else { 4 };
        let length_at = references
            .checked_mul(size)?
            .checked_add(after)?
            .checked_add(page_size)?;
        let length = u32::from_be_bytes(*data.get(length_at..)?.first_chunk()?);
        let is_endless = length == u32::MAX;
        let body = data.get(length_at.checked_add(4)?..)?;
        let end = usize::try_from(length).ok()?.min(body.len());
        let (body, rest) = body.split_at_checked(end)?;
        Some(Self {
            kind: flags & 0x3F,
            is_endless,
            body,
            rest,
        })
    }

    /// Width times height of a region or a page (7.3, 7.4.1, 7.4.8).
    fn pixels(&self) -> u64 {
        if self.is_endless {
            // what follows it cannot be known here as the decoder will see it
            return u64::MAX;
        }
        let sides = self
            .body
            .first_chunk::<4>()
            .zip(self.body.get(4..).and_then(<[u8]>::first_chunk::<4>));
        let (4..=7 | 20..=23 | 36..=43 | 48, Some((width, height))) = (self.kind, sides) else {
            return 0;
        };
        let height = match u32::from_be_bytes(*height) {
            u32::MAX => 65_535,
            height => height,
        };
        u64::from(u32::from_be_bytes(*width)).saturating_mul(u64::from(height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A segment with a short header: number, kind, and data.
    fn segment(number: u32, kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len()).unwrap();
        let mut out = number.to_be_bytes().to_vec();
        out.extend_from_slice(&[kind, 0, 1]);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(body);
        out
    }

    fn sides(width: u32, height: u32) -> Vec<u8> {
        [width.to_be_bytes(), height.to_be_bytes()].concat()
    }

    #[test]
    fn the_largest_page_or_region_counts() {
        let page = segment(0, 48, &sides(100, 50));
        let region = segment(1, 38, &sides(70_000, 60_000));
        let endless = segment(0, 48, &sides(10, u32::MAX));
        let mut unknown = segment(3, 38, &sides(9, 9));
        if let Some(length) = unknown.get_mut(7..11) {
            length.fill(0xFF);
        }
        let symbols = segment(2, 0, &sides(9_999_999, 9_999_999));
        let cases: &[(&str, Vec<u8>, u64)] = &[
            ("nothing", Vec::new(), 0),
            ("a page", page.clone(), 5_000),
            (
                "a region that is larger",
                [page.clone(), region].concat(),
                4_200_000_000,
            ),
            ("stripes", endless, 655_350),
            ("a length that is not told", unknown, u64::MAX),
            ("no region", [page.clone(), symbols].concat(), 5_000),
            ("cut off", page.get(..12).unwrap().to_vec(), 0),
        ];
        for (name, data, expected) in cases {
            assert_eq!(largest_region(data), *expected, "{name}");
        }
    }
}
