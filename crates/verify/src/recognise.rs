//! Which of our targets some bytes claim to be, by their first bytes.

use mugai_core::Target;

/// The target whose profile `bytes` should be checked against; `None` for no bytes at all.
///
/// This decides nothing: a wrong guess is a file that does not pass.
#[must_use]
pub fn recognise(bytes: &[u8]) -> Option<Target> {
    let marks: [(&[u8], Target); 7] = [
        (b"PK\x03\x04", Target::Docx),
        (b"\x89PNG", Target::Png),
        (b"\xff\xd8\xff", Target::Jpeg),
        (b"%PDF-", Target::Pdf),
        (b"\xef\xbb\xbf", Target::Csv),
        (b"From MAILER-DAEMON ", Target::Mbox),
        // the first header of every message of ours
        (b"From: ", Target::Eml),
    ];
    let marked = marks
        .iter()
        .find(|(mark, _)| bytes.starts_with(mark))
        .map(|(_, target)| *target);
    match marked {
        Some(Target::Docx) => Some(packed(bytes)),
        // a text may start with the same word; a message goes on with a header of ours
        Some(Target::Eml) if !has_stamp(bytes) => Some(Target::Txt),
        None if bytes.is_empty() => None,
        other => other.or(Some(Target::Txt)),
    }
}

/// Documents begin with their content types, or with their type, which no file of an archive is called.
fn packed(bytes: &[u8]) -> Target {
    const NAME: usize = 30;
    let first = bytes.get(NAME..).unwrap_or_default();
    let named = |name: &[u8]| {
        let length = u8::try_from(name.len()).ok();
        first.starts_with(name) && bytes.get(26).copied() == length
    };
    if named(b"[Content_Types].xml") || named(b"mimetype") {
        document(bytes)
    } else {
        Target::Zip
    }
}

/// Which document it is: the folder of its main part stands in its first relationship.
fn document(bytes: &[u8]) -> Target {
    // the type of an OpenDocument stands in its first entry
    let open = [Target::Odt, Target::Ods, Target::Odp];
    let typed = |target: &Target| {
        let media = target.media_type().as_bytes();
        bytes
            .get(30..)
            .and_then(|rest| rest.strip_prefix(b"mimetype"))
            .is_some_and(|rest| {
                rest.strip_prefix(media)
                    .is_some_and(|rest| rest.starts_with(b"PK"))
            })
    };
    if let Some(target) = open.into_iter().find(typed) {
        return target;
    }
    let named = |folder: &[u8]| bytes.windows(folder.len()).any(|window| window == folder);
    match (named(b"xl/workbook.xml"), named(b"ppt/presentation.xml")) {
        (true, _) => Target::Xlsx,
        (_, true) => Target::Pptx,
        _ => Target::Docx,
    }
}

fn has_stamp(bytes: &[u8]) -> bool {
    bytes
        .split(|b| *b == b'\n')
        .take_while(|line| !line.trim_ascii().is_empty())
        .any(|line| line.starts_with(b"X-Mugai-Result: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_the_first_bytes() {
        for (bytes, target) in [
            (&b""[..], None),
            (b"\x89PNG\r\n", Some(Target::Png)),
            (b"\xff\xd8\xff\xe0", Some(Target::Jpeg)),
            (b"%PDF-1.7", Some(Target::Pdf)),
            (b"\xef\xbb\xbfa,b\r\n", Some(Target::Csv)),
            (b"From MAILER-DAEMON Thu", Some(Target::Mbox)),
            (
                b"From: a@b\r\nX-Mugai-Result: v1\r\n\r\n",
                Some(Target::Eml),
            ),
            (
                b"From: a@b\r\n\r\nX-Mugai-Result: v1\r\n",
                Some(Target::Txt),
            ),
            (b"From the beginning\n", Some(Target::Txt)),
        ] {
            assert_eq!(recognise(bytes), target);
        }
    }
}
