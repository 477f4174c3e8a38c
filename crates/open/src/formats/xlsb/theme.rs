//! The colours of a theme (ECMA-376 part 1, section 20.1.6.2), which looks name by numbers.

use mugai_core::{Cx, Refusal, Resource};
use quick_xml::Reader;
use quick_xml::events::Event;

const BROKEN: Refusal = Refusal::malformed("xlsb: a theme");

/// The names of the colours, in the order of their numbers.
const NAMES: [&str; 12] = [
    "lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6",
    "hlink", "folHlink",
];

/// Twelve colours.
pub(super) struct Theme([[u8; 3]; 12]);

impl Default for Theme {
    /// Those of the program's own theme of 2007.
    fn default() -> Self {
        Self([
            [0xff, 0xff, 0xff],
            [0, 0, 0],
            [0xee, 0xec, 0xe1],
            [0x1f, 0x49, 0x7d],
            [0x4f, 0x81, 0xbd],
            [0xc0, 0x50, 0x4d],
            [0x9b, 0xbb, 0x59],
            [0x80, 0x64, 0xa2],
            [0x4b, 0xac, 0xc6],
            [0xf7, 0x96, 0x46],
            [0, 0, 0xff],
            [0x80, 0, 0x80],
        ])
    }
}

impl Theme {
    pub(super) fn color(&self, number: usize) -> Option<[u8; 3]> {
        self.0.get(number).copied()
    }

    /// Reads the scheme of colours; of what is not told those of the default stay.
    ///
    /// # Errors
    /// [`Refusal::Malformed`], [`Refusal::Overrun`]
    pub(super) fn read(bytes: &[u8], cx: &Cx<'_>) -> Result<Self, Refusal> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|_| BROKEN)?;
        let mut reader = Reader::from_str(text);
        let mut theme = Self::default();
        let mut current = None;
        loop {
            cx.charge(Resource::Steps, 8)?;
            match reader.read_event().map_err(|_| BROKEN)? {
                Event::Eof => return Ok(theme),
                Event::DocType(_) => return Err(Refusal::malformed("xlsb: a document type")),
                Event::End(element) if element.local_name().as_ref() == "clrScheme" => {
                    return Ok(theme);
                }
                Event::Start(element) | Event::Empty(element) => {
                    let name = element.local_name();
                    let wanted = match name.as_ref() {
                        "srgbClr" => "val",
                        "sysClr" => "lastClr",
                        name => {
                            let place = NAMES.iter().position(|known| *known == name);
                            current = place.or(current);
                            continue;
                        }
                    };
                    let value = element.attributes().flatten();
                    let value = value.into_iter().find(|a| a.key.as_ref() == wanted);
                    let value = value.and_then(|a| u32::from_str_radix(&a.value, 16).ok());
                    let slot = current.and_then(|place: usize| theme.0.get_mut(place));
                    if let (Some(value), Some(slot)) = (value, slot) {
                        let [_, r, g, b] = value.to_be_bytes();
                        *slot = [r, g, b];
                    }
                }
                Event::End(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::GeneralRef(_) => {}
            }
        }
    }
}
