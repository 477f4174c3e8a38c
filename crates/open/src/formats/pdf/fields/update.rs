//! Objects behind the end of a file, which replace those before it (ISO 32000-2, 7.5.6).

use super::look::Look;
use hayro_syntax::object::ObjectIdentifier;
use memchr::memmem;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The numbers of new objects begin here: beyond those of any file that people make, and below the highest that there
/// may be (annex C.2).
const FIRST: u32 = 8_000_000;

/// What an object takes beside its bytes, its line in the cross-references included.
const EACH: usize = 128;

/// What is to be appended.
#[derive(Default)]
pub(in super::super) struct Update {
    /// Objects by number and generation.
    objects: BTreeMap<(u32, i32), Vec<u8>>,
    fields: u32,
}

impl Update {
    /// How many fields get an appearance.
    pub(in super::super) fn len(&self) -> usize {
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
        let objects = self
            .objects
            .values()
            .map(|object| object.len().saturating_add(EACH));
        let bytes = objects.fold(0, usize::saturating_add);
        let mut out = Vec::new();
        // one block of memory for both; what is appended was paid for when it was made
        out.reserve_exact(file.len().saturating_add(bytes));
        out.extend_from_slice(file);
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
                "trailer\n<< /Size {size} /Root {} {} R {}/Prev {before} >>\nstartxref\n{at}\n%%EOF\n",
                root.obj_number,
                root.gen_number,
                information(file).unwrap_or_default()
            );
            out.extend(table.as_bytes());
        }
        out
    }
}

/// Whether bytes that are to be copied behind the end could be taken for an object: cross-references of the file may
/// point there, and what nobody has measured would be read.
pub(super) fn has_objects(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"obj").any(|at| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        before.is_none_or(|byte| !byte.is_ascii_alphabetic())
    })
}

/// The document information that the file names last, as a reference.
fn information(file: &[u8]) -> Option<String> {
    let at = memmem::rfind(file, b"/Info")?;
    let behind = file.get(at.checked_add(5)?..)?;
    let words = behind.get(..behind.len().min(64))?;
    let mut words = words
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let mut number = || std::str::from_utf8(words.next()?).ok()?.parse::<u32>().ok();
    let (number, generation) = (number()?, number()?);
    words
        .next()?
        .starts_with(b"R")
        .then(|| format!("/Info {number} {generation} R "))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_an_object_is_not_copied() {
        for bad in [
            &b"<< /T (7 0 obj << >>) >>"[..],
            b"(7 0\0obj",
            b"(7 0obj",
            b"obj",
        ] {
            assert!(has_objects(bad), "{bad:?}");
        }
        assert!(!has_objects(
            b"<< /T (subobject) /Type /Object >>".trim_ascii()
        ));
    }

    #[test]
    fn the_document_information_is_found_where_it_is_a_reference() {
        for (file, want) in [
            (
                &b"trailer << /Info 7 0 R /Size 9 >>"[..],
                Some("/Info 7 0 R "),
            ),
            (b"/Info 12 1 R>>", Some("/Info 12 1 R ")),
            (b"/Info << /Title (a) >>", None),
            (b"/Info 7 0", None),
            (b"nothing", None),
        ] {
            assert_eq!(information(file).as_deref(), want);
        }
    }
}
