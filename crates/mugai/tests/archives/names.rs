//! Names in archives come out right, and lead nowhere.

use crate::containers::{Entry, File, directory, lha, mail, rar, tar};
use crate::unfold::{members, run};
use mugai_engine::Verdict;

/// The paths in the archive that comes out.
fn paths(input: Vec<u8>, name: &str) -> Vec<String> {
    let outcome = run(input, name);
    let Verdict::Sanitised(outputs) = &outcome.verdict else {
        return vec![format!("{:?}", outcome.verdict)];
    };
    members(
        &outputs
            .first()
            .expect("one")
            .file
            .load()
            .expect("its bytes"),
    )
    .into_iter()
    .map(|found| found.name)
    .collect()
}

fn raw(name: &[u8], extra: Vec<u8>, flags: u16) -> Vec<u8> {
    let mut entry = Entry::stored(&File::new("", "text\n"));
    entry.name = name.to_vec();
    entry.flags = flags;
    entry.extra = extra;
    directory(&[entry])
}

fn sjis(text: &str) -> Vec<u8> {
    let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(text);
    assert!(!lost, "{text}");
    bytes.into_owned()
}

#[test]
fn letters_whose_second_byte_is_a_backslash() {
    for name in [
        "ソ能表十.txt",
        "申能/予定表.txt",
        "構造図表.txt",
        "ポ.txt",
        "暴/欺/噂.txt",
    ] {
        assert_eq!(paths(raw(&sjis(name), Vec::new(), 0), "a.zip"), [name]);
        assert_eq!(paths(raw(name.as_bytes(), Vec::new(), 0), "a.zip"), [name]);
        assert_eq!(
            paths(raw(name.as_bytes(), Vec::new(), 1 << 11), "a.zip"),
            [name]
        );
    }
    // in the code page of the name itself a backslash parts folders
    assert_eq!(
        paths(raw(&sjis("表\\能.txt"), Vec::new(), 0), "a.zip"),
        ["表/能.txt"]
    );
}

#[test]
fn letters_of_makers_and_of_nobody() {
    assert_eq!(
        paths(raw(&sjis("①㈱髙﨑.txt"), Vec::new(), 0), "a.zip"),
        ["①㈱髙﨑.txt"]
    );
    // a letter of one's own (外字) has no form elsewhere
    assert_eq!(
        paths(raw(b"\x8e\x52\xf0\x40.txt", Vec::new(), 0), "a.zip"),
        ["山〓.txt"]
    );
}

#[test]
fn marks_that_stand_apart_are_joined() {
    // か and its mark, as other systems write が
    let apart = "か\u{3099}は\u{309a}.txt";
    assert_eq!(
        paths(raw(apart.as_bytes(), Vec::new(), 1 << 11), "a.zip"),
        ["がぱ.txt"]
    );
}

#[test]
fn nothing_hides_where_a_name_ends() {
    let turned = "請求書\u{202e}txt.exe";
    let made = paths(raw(turned.as_bytes(), Vec::new(), 1 << 11), "a.zip");
    // the extension is that of what it is
    assert_eq!(made, ["請求書txt.txt"]);
    let padded = format!("a.txt{}.exe", " ".repeat(90));
    let made = paths(raw(padded.as_bytes(), Vec::new(), 1 << 11), "a.zip");
    let name = made.first().expect("one");
    assert!(name.ends_with(".txt") && !name.contains("  "), "{name:?}");
}

#[test]
fn paths_lead_down() {
    for (name, want) in [
        ("../../etc/a.txt", "etc/a.txt"),
        ("/abs/a.txt", "abs/a.txt"),
        ("C:\\Windows\\a.txt", "Windows/a.txt"),
        ("C:a.txt", "a.txt"),
        ("\\\\server\\share\\a.txt", "server/share/a.txt"),
        ("x/./y/../a.txt", "x/y/a.txt"),
        ("a.txt:stream", "a.txt_stream.txt"),
        ("CON.txt", "_CON.txt"),
        ("aux/NUL", "_aux/_NUL.txt"),
        ("com1.txt", "_com1.txt"),
        ("a.txt. .", "a.txt"),
        ("a\0.exe.txt", "a.exe.txt"),
    ] {
        let made = paths(raw(name.as_bytes(), Vec::new(), 1 << 11), "a.zip");
        assert_eq!(made, [want], "{name:?}");
        let other = name.replace('\0', "");
        if other == name {
            let file = [File::new(name, "text\n")];
            assert_eq!(paths(rar(&file), "a.rar"), [want], "{name:?}");
            assert_eq!(paths(tar(&file), "a.tar"), [want], "{name:?}");
        }
    }
}

#[test]
fn a_second_name_counts_where_it_belongs_to_the_first() {
    let field = |of: &[u8], name: &str| {
        let mut field = vec![0x75, 0x70];
        let length = u16::try_from(name.len() + 5).expect("short");
        field.extend(length.to_le_bytes());
        field.push(1);
        field.extend(crc32fast::hash(of).to_le_bytes());
        field.extend(name.as_bytes());
        field
    };
    // letters that code page 437 has none of
    let first = sjis("表.txt");
    let wanted = "表①👍.txt";
    assert_eq!(
        paths(raw(&first, field(&first, wanted), 0), "a.zip"),
        [wanted]
    );
    // a plain name of letters that stand for others
    for plain in ["___.txt", "#U8cc7#U6599.txt"] {
        let field = field(plain.as_bytes(), "予定表.txt");
        assert_eq!(
            paths(raw(plain.as_bytes(), field, 0), "a.zip"),
            ["予定表.txt"]
        );
    }
    // of another name, and of another kind of file
    for lie in [field(b"other", wanted), field(&first, "表.exe")] {
        assert_eq!(paths(raw(&first, lie, 0), "a.zip"), ["表.txt"]);
    }
}

#[test]
fn two_of_one_name_are_told_apart_or_refused() {
    let twice = |one: &str, other: &str| {
        let files = [File::new(one, "1\n"), File::new(other, "2\n")];
        let zip: Vec<Entry> = files.iter().map(Entry::stored).collect();
        (directory(&zip), tar(&files))
    };
    for (one, other) in [
        ("a.txt", "a.txt"),
        ("a.txt", "A.TXT"),
        ("が.txt", "か\u{3099}.txt"),
    ] {
        let (zip, tar) = twice(one, other);
        let refused = run(zip, "a.zip");
        assert!(
            matches!(refused.verdict, Verdict::Withheld(_)),
            "{one} {other}"
        );
        let made = paths(tar, "a.tar");
        let lower: std::collections::BTreeSet<String> =
            made.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!((made.len(), lower.len()), (2, 2), "{made:?}");
    }
}

#[test]
fn names_of_lha_and_of_archives_in_mails() {
    let mut archive = lha(&[File::new("AA.txt", "text\n")]);
    // the name in code page 932, in the place of two letters
    let place = archive
        .windows(2)
        .position(|pair| pair == b"AA")
        .expect("a name");
    archive
        .get_mut(place..place + 2)
        .expect("a name")
        .copy_from_slice(&sjis("表"));
    let length = usize::from(*archive.first().expect("a length"));
    let sum = archive
        .iter()
        .skip(2)
        .take(length)
        .fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    *archive.get_mut(1).expect("a sum") = sum;
    assert_eq!(paths(archive.clone(), "a.lzh"), ["表.txt"]);
    let outcome = run(mail(&[File::new("a.lzh", archive)]), "mail.eml");
    let names: Vec<_> = outcome
        .report
        .parts
        .iter()
        .filter_map(|p| p.name.clone())
        .collect();
    assert!(names.contains(&"表.txt".to_owned()), "{names:?}");
}
