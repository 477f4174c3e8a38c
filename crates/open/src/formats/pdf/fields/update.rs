//! Objects behind the end of a file, which replace those before it (ISO 32000-2, 7.5.6).

use super::look::Look;
use hayro_syntax::object::ObjectIdentifier;
use memchr::memmem;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The numbers of new objects begin here: beyond those of any file that people make, and below the highest that there
/// may be (annex C.2).
const FIRST: u32 = 8_000_000;

/// What is to be appended.
#[derive(Default)]
pub(in super::super) struct Update {
    /// Objects by number and generation.
    objects: BTreeMap<(u32, i32), Vec<u8>>,
    fields: u32,
}

impl Update {
    /// How many fields get an appearance.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.fields).unwrap_or(usize::MAX)
    }

    /// An appearance for the field that stands at `id`, which is told as `widget`.
    pub(super) fn field(
        &mut self,
        id: ObjectIdentifier,
        widget: &[u8],
        look: &Look,
        content: &str,
    ) {
        let number = FIRST.saturating_add(self.fields);
        self.fields = self.fields.saturating_add(1);
        let inside = widget.trim_ascii().strip_suffix(b">>").unwrap_or(widget);
        let appearance = format!("\n/AP << /N {number} 0 R >> >>");
        let object = [inside, appearance.as_bytes()].concat();
        self.objects.insert((id.obj_number, id.gen_number), object);
        let form = format!(
            "<< /Type /XObject /Subtype /Form /FormType 1 {} /Length {} >>\nstream\n{content}\nendstream",
            look.entries(),
            content.len()
        );
        self.objects.insert((number, 0), form.into_bytes());
    }

    /// The first new object.
    pub(in super::super) const fn first() -> ObjectIdentifier {
        ObjectIdentifier {
            obj_number: FIRST,
            gen_number: 0,
        }
    }

    /// The file with everything appended. Where `whole` is not set, without cross-references: what reads a broken
    /// file looks for objects by itself, and takes the last of each number.
    pub(in super::super) fn appended(
        &self,
        file: &[u8],
        root: ObjectIdentifier,
        whole: bool,
    ) -> Vec<u8> {
        let mut out = file.to_vec();
        out.push(b'\n');
        let mut table = String::from("xref\n");
        for ((number, generation), object) in &self.objects {
            let at = out.len();
            // writing to a string cannot fail
            let _ = write!(table, "{number} 1\n{at:010} {generation:05} n \n");
            out.extend(format!("{number} {generation} obj\n").as_bytes());
            out.extend(object);
            out.extend(b"\nendobj\n");
        }
        if let Some(before) = start(file).filter(|_| whole) {
            let at = out.len();
            let size = FIRST.saturating_add(self.fields);
            let _ = write!(
                table,
                "trailer\n<< /Size {size} /Root {} {} R /Prev {before} >>\nstartxref\n{at}\n%%EOF\n",
                root.obj_number, root.gen_number
            );
            out.extend(table.as_bytes());
        }
        out
    }
}

/// Where the last cross-references of a file say that they are.
fn start(file: &[u8]) -> Option<u32> {
    const WORD: &[u8] = b"startxref";
    let at = memmem::rfind(file, WORD)?;
    let behind = file.get(at.checked_add(WORD.len())?..)?.trim_ascii_start();
    let digits = behind
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    std::str::from_utf8(behind.get(..digits)?)
        .ok()?
        .parse()
        .ok()
}
