//! Containers that grow, repeat, overlap or lie beyond reason: refused alone, in a mail, and in an archive
//! in a mail, by the purse or as malformed, without an alarm, and without taking what is beside them along.

use crate::codes::md;
use crate::containers::{
    Container, Entry, File, cab, deflate, deflated, directory, end, gzip, mail, seven_of,
    seven_start, sum_tar, tar, tar_head, xz_of, zip,
};
use crate::quine::quine;
use crate::unfold::{files, run};
use mugai_engine::Verdict;
use std::path::Path;

/// What every bomb is padded with.
const ZEROS: usize = 1 << 20;

fn zeros(count: usize) -> Vec<u8> {
    vec![0; count]
}

/// An entry that says it is of `size` zeros, packed at most `grow` times smaller.
fn entry(name: &str, packed: &[u8], size: u32) -> Entry {
    Entry {
        name: name.as_bytes().to_vec(),
        flags: 1 << 11,
        method: 8,
        crc: 0,
        size,
        data: packed.to_vec(),
        extra: Vec::new(),
    }
}

/// One entry that grows more than a thousandfold.
fn flat() -> Vec<u8> {
    directory(&[entry("zeros.txt", &deflate(&zeros(64 * ZEROS)), 64 << 20)])
}

/// Many entries, each within bounds, that are more than a job may cost.
fn wide() -> Vec<u8> {
    let packed = deflate(&zeros(ZEROS));
    let files: Vec<Entry> = (0..1_500)
        .map(|number| Entry {
            crc: crc32fast::hash(&zeros(ZEROS)),
            ..entry(&format!("{number}.txt"), &packed, md(ZEROS))
        })
        .collect();
    directory(&files)
}

/// Sixteen archives in each of sixteen archives, five levels deep, as 42.zip is.
fn nested() -> Vec<u8> {
    let mut inner = File::new("0.txt", "4.3 GB of zeros would stand here");
    for level in 0..5 {
        let files: Vec<File> = (0..16)
            .map(|number| File::new(format!("{number}-{}", inner.name), inner.bytes.clone()))
            .collect();
        inner = File::new(format!("lib{level}.zip"), deflated(&files));
    }
    inner.bytes
}

/// As deep as no honest archive is.
fn tower() -> Vec<u8> {
    let mut file = File::new("x.txt", "x");
    for _ in 0..60 {
        file = Container::Deflated.around(&file);
    }
    file.bytes
}

/// All entries begin where the first does.
fn overlapping() -> Vec<u8> {
    let one = entry("0.txt", &deflate(&zeros(ZEROS)), md(ZEROS));
    let mut out = one.local();
    let start = out.len();
    let mut list = one.central(0);
    for number in 1..1_000 {
        let twin = entry(&format!("{number}.txt"), &one.data, one.size);
        list.extend(twin.central(0));
    }
    out.extend(&list);
    out.extend(end(1_000, list.len(), start));
    out
}

/// Each entry holds the headers of those behind it, as stored blocks, and the one kernel at the end.
fn quoted() -> Vec<u8> {
    let kernel = deflate(&zeros(ZEROS));
    let mut entries: Vec<Entry> = vec![entry("0.txt", &kernel, md(ZEROS))];
    for number in 1..200 {
        let before = entries.last().expect("one");
        let head = before.local();
        let head = head
            .get(..head.len() - before.data.len())
            .expect("a header");
        let length = u16::try_from(head.len()).expect("short");
        let mut data = vec![0];
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend(head);
        data.extend(&before.data);
        let size = before.size + md(head.len());
        entries.push(entry(&format!("{number}.txt"), &data, size));
    }
    let last = entries.last().expect("many");
    let mut out = last.local();
    let start = out.len();
    // each begins inside of the one that quotes it
    let mut at = 0usize;
    let mut told = Vec::new();
    for entry in entries.iter().rev() {
        told.extend(entry.central(at));
        at += entry.local().len() - entry.data.len() + 5;
    }
    out.extend(&told);
    out.extend(end(entries.len(), told.len(), start));
    out
}

/// Sizes of 64 bits that nothing else knows of.
fn zip64() -> Vec<u8> {
    let mut extra = vec![1, 0, 16, 0];
    extra.extend([0xff; 7]);
    extra.push(0x7f);
    extra.extend(100u64.to_le_bytes());
    let lie = Entry {
        size: u32::MAX,
        extra,
        ..entry("a.txt", &deflate(&zeros(ZEROS)), 0)
    };
    directory(&[lie])
}

/// An end record that says there are as many entries as there can be, with a directory of none.
fn counted() -> Vec<u8> {
    let one = entry("a.txt", &deflate(b"x"), 1);
    let mut out = one.local();
    let start = out.len();
    let list = one.central(0);
    out.extend(&list);
    out.extend(end(65_535, list.len(), start));
    out
}

/// More entries than a job has parts.
fn crowd() -> Vec<u8> {
    let entries: Vec<Entry> = (0..60_000)
        .map(|number| Entry::stored(&File::new(format!("{number}.txt"), "")))
        .collect();
    directory(&entries)
}

/// A file of GNU's sparse form that is nothing but a hole of eight gigabytes.
fn sparse() -> Vec<u8> {
    hole(*b"100000000000")
}

/// The same, of fifty million bytes, which a part may have.
fn holes() -> Vec<u8> {
    hole(*b"000277000000")
}

fn hole(size: [u8; 12]) -> Vec<u8> {
    let mut head = tar_head("hole.txt", 0, b'S');
    head.get_mut(257..265)
        .expect("a header")
        .copy_from_slice(b"ustar  \0");
    // no map of pieces, and the true size
    head.get_mut(483..495)
        .expect("a header")
        .copy_from_slice(&size);
    // where the only piece begins, which is empty
    head.get_mut(386..398)
        .expect("a header")
        .copy_from_slice(&size);
    head.get_mut(398..410)
        .expect("a header")
        .copy_from_slice(b"000000000000");
    sum_tar(&mut head);
    let mut out = head;
    out.resize(512 * 3, 0);
    out
}

/// A tape whose only file says to be of eight gigabytes.
fn tape() -> Vec<u8> {
    let mut out = tar_head("a.txt", 0o77_777_777_777, b'0');
    out.resize(512 * 3, 0);
    out
}

/// A 7z archive whose coder wants four gigabytes, and says as much comes out.
fn window() -> Vec<u8> {
    let file = File::new("a.txt", zeros(100));
    let lzma = [0x23, 0x03, 0x01, 0x01, 5, 0x5d, 0xff, 0xff, 0xff, 0xff];
    seven_of(&file, &lzma, 1 << 40)
}

/// A 7z archive that says to have four thousand million files.
fn listed() -> Vec<u8> {
    let mut head = vec![0x01, 0x05, 0xf0];
    head.extend([0xff, 0xff, 0xff, 0xff]);
    head.extend([0x11, 0x03, 0, 0, 0, 0, 0]);
    seven_start(&[], &head)
}

/// A 7z archive whose header has two million folders without names.
fn folders() -> Vec<u8> {
    const COUNT: usize = 2_000_000;
    let number = |value: usize| {
        let mut out = vec![0xf0];
        out.extend(u32::try_from(value).expect("small").to_le_bytes());
        out
    };
    let mut head = vec![0x01, 0x05];
    head.extend(number(COUNT));
    head.push(0x0e);
    head.extend(number(COUNT / 8));
    head.resize(head.len() + COUNT / 8, 0xff);
    head.push(0x11);
    head.extend(number(COUNT * 2 + 1));
    head.resize(head.len() + COUNT * 2 + 1, 0);
    head.extend([0, 0]);
    seven_start(&[], &head)
}

/// A RAR 5 archive whose file wants a dictionary of four gigabytes and says to be of a terabyte.
fn dictionary() -> Vec<u8> {
    let block = |body: &[u8]| {
        let mut sized = vec![u8::try_from(body.len()).expect("short")];
        sized.extend(body);
        let mut out = crc32fast::hash(&sized).to_le_bytes().to_vec();
        out.extend(sized);
        out
    };
    let mut out = b"Rar!\x1a\x07\x01\0".to_vec();
    out.extend(block(&[1, 0, 0]));
    let mut file = vec![2, 2, 100, 0];
    // a terabyte, rights, method 3 and 2^15 times 128 KiB, the system, the name
    file.extend([0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0]);
    file.extend([0x80, 0x7b]);
    file.extend([1, 5]);
    file.extend(b"a.txt");
    out.extend(block(&file));
    out.extend(zeros(100));
    out.extend(block(&[5, 0, 0]));
    out
}

/// An LHA archive whose file says to be of four gigabytes.
fn lha() -> Vec<u8> {
    let mut out = crate::containers::lha(&[File::new("a.txt", zeros(100))]);
    out.get_mut(11..15).expect("a header").fill(0xff);
    let sum = out
        .get(2..)
        .expect("a header")
        .iter()
        .take(usize::from(*out.first().expect("a length")));
    let sum = sum.fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    *out.get_mut(1).expect("a sum") = sum;
    out
}

/// An XZ file that grows ten thousandfold, and one whose dictionary is of four gigabytes.
fn xz_window() -> Vec<u8> {
    xz_of(&zeros(100), 40)
}

/// A Zstandard frame with a window of two gigabytes, whose blocks each repeat one byte.
fn zstd() -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0xa8];
    repeated(&mut out);
    out
}

/// A Zstandard frame of an honest window that grows thirty thousandfold.
fn zstd_run() -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0x38];
    repeated(&mut out);
    out
}

fn repeated(out: &mut Vec<u8>) {
    for number in 0..4_000u32 {
        // last, kind 1, 128 KiB
        let head = (1 << 17) << 3 | 1 << 1 | u32::from(number == 3_999);
        out.extend(head.to_le_bytes().get(..3).expect("three bytes"));
        out.push(0);
    }
}

fn compressed(extension: &str) -> File {
    let content = zeros(200 * ZEROS);
    let bytes = match extension {
        "gz" => gzip(&content),
        _ => crate::containers::bzip2(&content),
    };
    File::new(format!("zeros.txt.{extension}"), bytes)
}

/// A cabinet whose files are one and the same place.
fn cabinet() -> Vec<u8> {
    let files: Vec<File> = (0..500)
        .map(|n| File::new(format!("{n:03}.txt"), ""))
        .collect();
    let mut out = cab(&files, true);
    let one = cab(&[File::new("000.txt", zeros(1 << 15))], true);
    let data = one.get(44 + 16 + 8..).expect("a block").to_vec();
    for number in 0..500usize {
        let at = 44 + number * 24;
        let size = out.get_mut(at..at + 4).expect("a file");
        size.copy_from_slice(&md(1 << 15).to_le_bytes());
    }
    out.get_mut(40..42)
        .expect("blocks")
        .copy_from_slice(&[1, 0]);
    out.extend(data);
    let length = md(out.len()).to_le_bytes();
    out.get_mut(8..12)
        .expect("a length")
        .copy_from_slice(&length);
    out
}

/// A gzip file of gzip files, each the only one in the other.
fn matryoshka() -> File {
    let mut file = File::new("a.txt", "x");
    for _ in 0..60 {
        file = Container::Gz.around(&file);
    }
    File::new("a.txt.gz", file.bytes)
}

fn bombs() -> Vec<File> {
    vec![
        File::new("flat.zip", flat()),
        File::new("overlapping.zip", overlapping()),
        File::new("quoted.zip", quoted()),
        File::new("zip64.zip", zip64()),
        File::new("counted.zip", counted()),
        File::new("crowd.zip", crowd()),
        File::new("tower.zip", tower()),
        File::new("quine.gz", quine()),
        File::new("sparse.tar", sparse()),
        File::new("holes.tar", holes()),
        File::new("tape.tar", tape()),
        File::new("window.7z", window()),
        File::new("listed.7z", listed()),
        File::new("folders.7z", folders()),
        File::new("dictionary.rar", dictionary()),
        File::new("size.lzh", lha()),
        File::new("window.txt.xz", xz_window()),
        File::new("window.txt.zst", zstd()),
        File::new("run.txt.zst", zstd_run()),
        File::new("shared.cab", cabinet()),
        compressed("gz"),
        compressed("bz2"),
        matryoshka(),
    ]
}

/// The most that may come of a bomb: notices and a few small files.
const MOST: usize = 64 << 10;

#[test]
fn bombs_are_refused_wherever_they_lie() {
    let mut wrong = Vec::new();
    // for benches/archive_bombs.py
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("archives");
    std::fs::create_dir_all(&folder).expect("a folder");
    for bomb in bombs() {
        std::fs::write(folder.join(&bomb.name), &bomb.bytes).expect("a file");
        let beside = File::new("beside.txt", "beside");
        let in_mail = mail(&[bomb.clone(), beside.clone()]);
        let in_zip = mail(&[
            File::new("pack.zip", zip(&[bomb.clone(), beside.clone()])),
            beside,
        ]);
        for (place, input, name) in [
            ("alone", bomb.bytes.clone(), bomb.name.as_str()),
            ("in a mail", in_mail, "mail.eml"),
            ("in an archive in a mail", in_zip, "mail.eml"),
        ] {
            let alone = place == "alone";
            let outcome = run(input, name);
            let refused = match &outcome.verdict {
                Verdict::Withheld(refusal) => format!("{refusal}"),
                Verdict::Sanitised(_) if alone => {
                    wrong.push(format!("{} was delivered", bomb.name));
                    continue;
                }
                Verdict::Sanitised(_) => String::new(),
            };
            if outcome.report.alarm() || !alone && !refused.is_empty() {
                wrong.push(format!("{} {place}: {refused}", bomb.name));
            }
            let found = files(&outcome);
            let most = found.iter().map(|found| found.bytes.len()).max();
            if most.unwrap_or(0) > MOST {
                wrong.push(format!("{} {place} came out", bomb.name));
            }
            let beside = found
                .iter()
                .filter(|found| found.name.ends_with("beside.txt"));
            let wanted = match place {
                "alone" => 0,
                "in a mail" => 1,
                _ => 2,
            };
            if beside.count() != wanted {
                wrong.push(format!(
                    "{} {place} took along what is beside it",
                    bomb.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is within bounds by itself, but not all together: some of it comes out, and the job ends
/// within its purse.
#[test]
fn what_a_job_may_cost_bounds_archives_in_archives() {
    for (name, bytes) in [("nested.zip", nested()), ("wide.zip", wide())] {
        let outcome = run(bytes, name);
        assert!(
            !outcome.report.alarm(),
            "{name}: {:?}",
            outcome.report.refusal
        );
        assert!(outcome.report.parts.len() <= 5_001, "{name}");
        let overrun = outcome.report.parts.iter().any(|part| {
            let refusal = part.refusal.as_ref();
            refusal.is_some_and(|refusal| refusal.code == "overrun")
        });
        assert!(overrun, "{name} had no limit");
        let sum: usize = files(&outcome).iter().map(|found| found.bytes.len()).sum();
        assert!(sum < 3 << 30, "{name}: {sum} bytes");
    }
}

#[test]
fn a_tape_of_honest_files_is_not_taken_for_a_bomb() {
    let files_in: Vec<File> = (0..20)
        .map(|n| File::new(format!("{n}.txt"), format!("file {n}\n")))
        .collect();
    let outcome = run(gzip(&tar(&files_in)), "a.tar.gz");
    assert!(!outcome.report.withheld_any());
}
