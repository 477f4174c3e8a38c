use super::path::PART;
use super::*;
use crate::formats::archive::tests::read;
use unicode_normalization::UnicodeNormalization;

const TEXT: &[u8] = b"text of a file\n";

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum, _| {
            sum >> 1 ^ if sum & 1 == 1 { 0xa001 } else { 0 }
        })
    })
}

fn sjis(text: &str) -> Vec<u8> {
    encoding_rs::SHIFT_JIS.encode(text).0.into_owned()
}

/// What is between the length of a header and the name.
fn start(method: &[u8], packed: usize, size: usize, level: u8) -> Vec<u8> {
    let mut out = method.to_vec();
    for length in [packed, size] {
        out.extend(u32::try_from(length).unwrap().to_le_bytes());
    }
    out.extend([0, 0, 0x21, 0, 0x20, level]);
    out
}

/// A file with a header of level 0, without length and sum.
fn old(method: &[u8], name: &[u8], area: &[u8], content: &[u8]) -> Vec<u8> {
    let mut head = start(method, content.len(), content.len(), 0);
    head.push(u8::try_from(name.len()).unwrap());
    head.extend(name);
    head.extend(crc16(content).to_le_bytes());
    head.extend(area);
    summed(&head, content)
}

fn summed(head: &[u8], behind: &[u8]) -> Vec<u8> {
    let sum = head.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    let length = u8::try_from(head.len()).unwrap();
    [&[length, sum][..], head, behind].concat()
}

/// A file with a header of level 1, extra headers, and the letter of a system.
fn file(system: u8, extra: &[&[u8]], content: &[u8]) -> Vec<u8> {
    let lengths: Vec<u16> = extra
        .iter()
        .map(|field| u16::try_from(field.len().saturating_add(2)).unwrap())
        .chain([0])
        .collect();
    let mut fields = Vec::new();
    for (field, next) in extra.iter().zip(&lengths[1..]) {
        fields.extend(*field);
        fields.extend(next.to_le_bytes());
    }
    let mut head = start(
        b"-lh0-",
        content.len().saturating_add(fields.len()),
        content.len(),
        1,
    );
    head.push(0);
    head.extend(crc16(content).to_le_bytes());
    head.push(system);
    head.extend(lengths[0].to_le_bytes());
    summed(&head, &[&fields[..], content].concat())
}

const NAME: u8 = 1;
const FOLDERS: u8 = 2;
const END: &[u8] = &[0];

fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number][..], content].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The paths of what comes out.
fn paths(input: &[u8]) -> Vec<String> {
    let read = read(&Lha, input);
    assert_eq!(read.result, Ok(()));
    read.files.into_iter().map(|(path, _)| path).collect()
}

fn has(input: &[u8], code: FindingCode) -> bool {
    read(&Lha, input).codes.contains(&code)
}

#[test]
fn the_code_page_that_is_told_counts() {
    let kana = sjis("\u{ff83}\u{ff9e}\u{ff70}\u{ff80}.txt");
    let euc = encoding_rs::EUC_JP.encode("予定表.txt").0.into_owned();
    for (name, page, want) in [
        (&kana[..], 932u32, "データ.txt"),
        ("資料.txt".as_bytes(), 65_001, "資料.txt"),
        (&euc, 51_932, "予定表.txt"),
        (&euc, 20_932, "予定表.txt"),
        // it says one thing and is another
        (&kana, 65_001, "データ.txt"),
        (&kana, 1_252, "データ.txt"),
    ] {
        let page = field(0x46, &page.to_le_bytes());
        let input = file(b'w', &[&field(NAME, name), &page], TEXT);
        let found = paths(&[&input[..], END].concat());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].nfkc().collect::<String>(), want, "{found:?}");
    }
}

#[test]
fn folders_are_parted_in_every_name() {
    let name = [sjis("表"), vec![PART], sjis("資料.txt")].concat();
    let plain = old(b"-lh0-", &name, b"", TEXT);
    let extra = file(b'M', &[&field(NAME, &name)], TEXT);
    for input in [plain, extra] {
        assert_eq!(paths(&[&input[..], END].concat()), ["表/資料.txt"]);
    }
}

#[test]
fn wide_names_and_folders_stand_apart() {
    let narrow = field(FOLDERS, &[sjis("表"), vec![PART]].concat());
    let name = field(0x44, &wide("🍣資料.txt"));
    let input = file(b'w', &[&field(NAME, b"????.txt"), &narrow, &name], TEXT);
    assert_eq!(paths(&[&input[..], END].concat()), ["表/🍣資料.txt"]);
    let folders = field(0x45, &wide("🍣表\u{ffff}"));
    let input = file(b'w', &[&field(NAME, b"a.txt"), &folders], TEXT);
    assert_eq!(paths(&[&input[..], END].concat()), ["🍣表/a.txt"]);
}

#[test]
fn comments_are_no_part_of_a_name() {
    let input = file(b'A', &[&field(NAME, b"a.txt\0comment")], TEXT);
    assert_eq!(paths(&[&input[..], END].concat()), ["a.txt"]);
}

#[test]
fn what_is_behind_the_last_file() {
    let one = file(b'M', &[&field(NAME, b"a.txt")], TEXT);
    let other = file(b'M', &[&field(NAME, b"b.txt")], TEXT);
    // the mark of the end was lost, and the place filled up
    for filling in [&b"\r\n"[..], &[0x1a; 200], b"rubbish"] {
        let input = [&one[..], filling].concat();
        assert_eq!(paths(&input), ["a.txt"]);
        assert!(has(&input, FindingCode::ArchiveOdd));
    }
    let filled = [&one[..], END, &[0; 500]].concat();
    assert!(!has(&filled, FindingCode::ArchiveOdd));
    let hidden = [&one[..], END, &other].concat();
    assert_eq!(paths(&hidden), ["a.txt"]);
    assert!(has(&hidden, FindingCode::ArchiveOdd));
    let broken = [&one[..], &[7; 200]].concat();
    assert_eq!(read(&Lha, &broken).result, Err(BROKEN));
    assert_eq!(read(&Lha, b"\r\n").result, Err(BROKEN));
}

#[test]
fn forks_of_a_macintosh_go() {
    let head = |data: usize, fork: usize| {
        let mut head = vec![0; 128];
        head[1] = 5;
        head[2..7].copy_from_slice(b"a.txt");
        head[83..87].copy_from_slice(&u32::try_from(data).unwrap().to_be_bytes());
        head[87..91].copy_from_slice(&u32::try_from(fork).unwrap().to_be_bytes());
        head
    };
    let padding = vec![0; 128 - TEXT.len()];
    let plain = [&head(TEXT.len(), 0)[..], TEXT, &padding].concat();
    let both = [&head(TEXT.len(), 3)[..], TEXT, &padding, b"rsc"].concat();
    for (content, fork) in [(plain, false), (both, true)] {
        let input = [&file(b'm', &[&field(NAME, b"a.txt")], &content)[..], END].concat();
        assert_eq!(
            read(&Lha, &input).files,
            [("a.txt".to_owned(), TEXT.to_vec())]
        );
        assert_eq!(has(&input, FindingCode::MimeResourceFork), fork);
        // what another system packs is what it is
        let input = [&file(b'w', &[&field(NAME, b"a.txt")], &content)[..], END].concat();
        assert_eq!(read(&Lha, &input).files, [("a.txt".to_owned(), content)]);
    }
    let lie = [&head(4_000, 0)[..], TEXT, &padding].concat();
    assert_eq!(forks(&lie), None);
}

#[test]
fn links_and_folders_are_told_and_empty_files_are_files() {
    let a = file(b'M', &[&field(NAME, b"a.txt")], TEXT);
    let area = [&b"U\0\0\0\0\0"[..], &0o120_777u16.to_le_bytes(), &[0; 4]].concat();
    let link = old(FOLDER, b"name|target", &area, b"");
    let input = [&link[..], &a, END].concat();
    assert!(has(&input, FindingCode::ArchiveLink));
    assert_eq!(paths(&input), ["a.txt"]);
    let folder = old(FOLDER, b"evil.txt", b"", TEXT);
    let input = [&folder[..], &a, END].concat();
    assert!(has(&input, FindingCode::ArchiveOdd));
    assert_eq!(paths(&input), ["a.txt"]);
    // its second byte is a backslash
    let empty = old(b"-lh0-", &sjis("予定表"), b"", b"");
    assert_eq!(paths(&[&empty[..], &a, END].concat()), ["予定表", "a.txt"]);
}

#[test]
fn a_method_that_is_not_known_takes_no_other_file_along() {
    let a = file(b'M', &[&field(NAME, b"a.txt")], TEXT);
    let other = old(b"-lh2-", b"b.txt", b"", TEXT);
    assert_eq!(paths(&[&other[..], &a, END].concat()), ["b.txt", "a.txt"]);
}

#[test]
fn a_file_that_is_damaged_takes_no_other_file_along() {
    let a = file(b'M', &[&field(NAME, b"a.txt")], TEXT);
    let mut other = old(b"-lh0-", b"b.txt", b"", TEXT);
    if let Some(last) = other.last_mut() {
        *last ^= 1;
    }
    let cut = &a[..a.len() - 3];
    for (input, names) in [
        ([&other[..], &a, END].concat(), ["b.txt", "a.txt"]),
        ([&a[..], &other, END].concat(), ["a.txt", "b.txt"]),
        ([&a[..], cut].concat(), ["a.txt", "a.txt"]),
    ] {
        let seen = read(&Lha, &input);
        assert_eq!(seen.result, Ok(()));
        let found = seen.files.iter().map(|(path, _)| path.as_str());
        assert_eq!(found.collect::<Vec<_>>(), names);
        let damaged = |packed: &Option<Packed>| packed.as_ref().map(|packed| packed.method);
        let methods: Vec<_> = seen.packed.iter().filter_map(damaged).collect();
        assert_eq!(methods, [Method::Damaged]);
    }
}
