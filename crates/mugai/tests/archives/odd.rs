//! What programs in use write, however odd: it comes through as those who open it elsewhere see it, and what nobody
//! sees is told.

use crate::containers::{Entry, File, cab, directory, gzip, rar_of, tar, tar_head, zip};
use crate::unfold::{files, run};
use mugai_engine::{Outcome, Verdict};

fn names(outcome: &Outcome) -> Vec<String> {
    assert!(
        matches!(outcome.verdict, Verdict::Sanitised(_)),
        "{:?}",
        outcome.verdict
    );
    let mut names: Vec<String> = files(outcome).into_iter().map(|found| found.name).collect();
    // the archive itself
    names.remove(0);
    names
}

fn found(outcome: &Outcome, code: &str) -> u32 {
    let findings = outcome.report.parts.iter().flat_map(|part| &part.findings);
    findings
        .filter(|finding| finding.code == code)
        .map(|finding| finding.count)
        .sum()
}

fn refused(outcome: &Outcome) -> &str {
    outcome
        .report
        .refusal
        .as_ref()
        .map_or("", |refusal| refusal.code)
}

/// A record of an extended header.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let length = (rest.len()..rest.len() + 20)
        .find(|length| length.to_string().len() + rest.len() == *length);
    format!("{}{rest}", length.expect("a length"))
}

/// Files with extended headers before them, without the end.
fn taped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, records) in files {
        for (name, bytes, kind) in [("x", *records, b'x'), (*name, "text\n", b'0')] {
            out.extend(tar_head(name, bytes.len(), kind));
            out.extend(bytes.bytes());
            out.resize(out.len().next_multiple_of(512), 0);
        }
    }
    out
}

#[test]
fn attributes_of_files_on_a_tape_may_have_ends_of_lines() {
    let note = record("SCHILY.xattr.user.note", "one\ntwo\n");
    let inside = record("path", "other.txt");
    let hidden = record("SCHILY.xattr.user.note", &format!("one\n{inside}"));
    let long = [note.clone(), record("path", "資料.txt")].concat();
    let tape = taped(&[("a.txt", &note), ("b.txt", &hidden), ("c.txt", &long)]);
    let outcome = run([tape, vec![0; 1024]].concat(), "a.tar");
    assert_eq!(names(&outcome), ["a.txt", "b.txt", "資料.txt"]);
    // what stands behind such an attribute is compared, too
    for (one, other) in [
        (record("path", "a.txt"), record("path", "b.txt")),
        (note.clone(), record("size", "4")),
        (record("comment", "\n"), record("size", "4")),
    ] {
        let tape = taped(&[("a.txt", &[one, other].concat())]);
        let outcome = run([tape, vec![0; 1024]].concat(), "a.tar");
        assert_eq!(refused(&outcome), "ambiguous");
    }
}

#[test]
fn what_is_behind_the_end_is_told() {
    let a = [File::new("a.txt", "text\n")];
    let b = [File::new("b.txt", "text\n")];
    let plain = run(tar(&a), "a.tar");
    assert_eq!(found(&plain, "archive.odd"), 0);
    let two = run([tar(&a), tar(&b)].concat(), "a.tar");
    assert_eq!(names(&two), ["a.txt"]);
    assert_eq!(found(&two, "archive.odd"), 1);
    let folder = tar_head("folder/", 5, b'5');
    let mut tape = [folder, b"text\n".to_vec()].concat();
    tape.resize(1024, 0);
    let held = run([tape, tar(&a)].concat(), "a.tar");
    assert_eq!(names(&held), ["a.txt"]);
    assert_eq!(found(&held, "archive.odd"), 1);
    for (behind, odd) in [(&b""[..], 0), (&[0; 100], 0), (b"MZ behind", 1)] {
        let cabinet = run([&cab(&a, true)[..], behind].concat(), "a.cab");
        assert_eq!(names(&cabinet), ["a.txt"]);
        assert_eq!(found(&cabinet, "archive.odd"), odd);
    }
}

#[test]
fn bytes_between_entries_are_told() {
    let files = [File::new("a.txt", "1\n"), File::new("b.txt", "2\n")];
    let plain = run(zip(&files), "a.zip");
    assert_eq!(found(&plain, "archive.odd"), 0);
    let [a, b] = files.map(|file| Entry::stored(&file));
    let mut out = [a.local(), b"nobody speaks of it".to_vec()].concat();
    let at = out.len();
    out.extend(b.local());
    let start = out.len();
    let list = [a.central(0), b.central(at)].concat();
    out.extend(&list);
    out.extend(crate::containers::end(2, list.len(), start));
    let outcome = run(out, "a.zip");
    assert_eq!(names(&outcome), ["a.txt", "b.txt"]);
    assert_eq!(found(&outcome, "archive.odd"), 1);
}

#[test]
fn empty_files_that_are_packed_go_as_others_do() {
    let text = Entry::deflated(&File::new("a.txt", "text\n"));
    let empty = Entry::deflated(&File::new("empty.txt", ""));
    assert!(!empty.data.is_empty());
    // as long as a cipher makes it
    let closed = Entry {
        flags: 1 << 11 | 1,
        name: b"closed.txt".to_vec(),
        data: vec![7; 12],
        ..empty.clone()
    };
    let outcome = run(directory(&[text.clone(), empty.clone(), closed]), "a.zip");
    assert_eq!(names(&outcome), ["a.txt"]);
    assert_eq!(found(&outcome, "file.empty"), 2);
    assert!(!outcome.report.withheld_any());
    // no packing of nothing is that long
    let lie = Entry {
        data: crate::containers::deflate(&[b'a'; 70]).repeat(20),
        ..empty.clone()
    };
    let outcome = run(directory(&[text.clone(), lie]), "a.zip");
    assert!(outcome.report.withheld_any());
    // an archive of nothing else goes, too, unless it is all there is
    let inner = directory(&[empty]);
    let outer = zip(&[
        File::new("a.txt", "text\n"),
        File::new("b.zip", inner.clone()),
    ]);
    let outcome = run(outer, "a.zip");
    assert_eq!(names(&outcome), ["a.txt"]);
    assert!(!outcome.report.withheld_any());
    let outcome = run(inner, "a.zip");
    assert!(matches!(outcome.verdict, Verdict::Withheld(_)));
}

/// A ZIP file whose only entry was made on Unix, of a type of file.
fn of_type(kind: u32, text: &str) -> Vec<u8> {
    let mut out = directory(&[Entry::stored(&File::new("a.txt", text))]);
    let at = out.windows(4).rposition(|mark| mark == b"PK\x01\x02");
    let central = out.get_mut(at.expect("a directory")..).expect("it");
    *central.get_mut(5).expect("a host") = 3;
    let attributes = central.get_mut(38..42).expect("attributes");
    attributes.copy_from_slice(&(kind << 16).to_le_bytes());
    out
}

#[test]
fn what_was_read_from_a_pipe_is_a_file() {
    let outcome = run(of_type(0o010_600, "text\n"), "a.zip");
    assert_eq!(names(&outcome), ["a.txt"]);
    for (kind, text) in [(0o010_600, ""), (0o120_777, "text\n")] {
        let outcome = run(of_type(kind, text), "a.zip");
        assert_eq!(found(&outcome, "archive.link"), 1);
        assert_eq!(refused(&outcome), "malformed");
    }
}

#[test]
fn the_time_may_stand_for_the_sum_where_a_pipe_is_closed() {
    let with = |flags: u16, sum: u32| {
        let entry = Entry {
            flags: 1 << 11 | flags,
            data: vec![7; 20],
            ..Entry::stored(&File::new("a.txt", "text of"))
        };
        let mut out = directory(&[entry]);
        let central = out.windows(4).rposition(|mark| mark == b"PK\x01\x02");
        let central = central.expect("a directory");
        for at in [10, central + 12] {
            out.get_mut(at..at + 2)
                .expect("a time")
                .copy_from_slice(&[0x34, 0x12]);
        }
        out.get_mut(14..18)
            .expect("a sum")
            .copy_from_slice(&sum.to_le_bytes());
        run(out, "a.zip")
    };
    assert_eq!(refused(&with(1 | 8, 0x1234 << 16)), "encrypted");
    for (flags, sum) in [(1 | 8, 0x1235 << 16), (8, 0x1234 << 16), (1, 0x1234 << 16)] {
        assert_eq!(refused(&with(flags, sum)), "ambiguous", "{flags} {sum}");
    }
}

#[test]
fn a_set_of_one_volume_is_whole() {
    let files = [File::new("a.txt", "text\n")];
    let whole = zip(&files);
    let marked = |mark: &[u8]| {
        let mut out = [mark, &whole].concat();
        let entry = Entry::stored(files.first().expect("one"));
        let list = entry.central(mark.len());
        let start = mark.len() + entry.local().len();
        out.truncate(start);
        out.extend(&list);
        out.extend(crate::containers::end(1, list.len(), start));
        run(out, "a.zip")
    };
    for mark in [b"PK00", b"PK\x07\x08"] {
        assert_eq!(names(&marked(mark)), ["a.txt"]);
    }
    for mark in [&b"MZ00"[..], b"PK01", b"PK00PK00"] {
        assert!(matches!(marked(mark).verdict, Verdict::Withheld(_)));
    }
}

#[test]
fn zeros_fill_up_a_record_of_a_tape() {
    let whole = zip(&[File::new("a.txt", "text\n")]);
    for (count, wanted) in [(9_300, true), (11_000, false)] {
        let outcome = run([whole.clone(), vec![0; count]].concat(), "a.zip");
        let came = matches!(outcome.verdict, Verdict::Sanitised(_));
        assert_eq!(came, wanted, "{count}");
    }
    // ends of lines are no such record
    let outcome = run([whole, b"\r\n".repeat(2_000)].concat(), "a.zip");
    assert!(matches!(outcome.verdict, Verdict::Withheld(_)));
}

#[test]
fn a_folder_that_is_told_twice() {
    let folder = Entry::stored(&File::new("a/", ""));
    let file = Entry::stored(&File::new("a/b.txt", "text\n"));
    let outcome = run(directory(&[folder.clone(), file, folder.clone()]), "a.zip");
    assert_eq!(names(&outcome), ["a/b.txt"]);
    assert_eq!(found(&outcome, "archive.odd"), 1);
    // a folder and a file of one name
    let file = Entry::stored(&File::new("a", "text\n"));
    assert_eq!(
        refused(&run(directory(&[folder, file]), "a.zip")),
        "ambiguous"
    );
}

#[test]
fn what_a_macintosh_keeps_beside_files() {
    let double = b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ".to_vec();
    let twins = [
        File::new("b/a.txt", "text\n"),
        File::new("b/._a.txt", double),
    ];
    for (input, name) in [(zip(&twins), "a.zip"), (tar(&twins), "a.tar")] {
        let outcome = run(input, name);
        assert_eq!(names(&outcome), ["b/a.txt"], "{name}");
        assert_eq!(found(&outcome, "archive.desktop"), 1, "{name}");
        assert!(!outcome.report.withheld_any(), "{name}");
    }
    // one that only is called so
    let alone = [File::new("a.txt", "text\n"), File::new("._c.txt", "text\n")];
    for (input, name) in [(zip(&alone), "a.zip"), (tar(&alone), "a.tar")] {
        assert_eq!(names(&run(input, name)).len(), 2, "{name}");
    }
}

#[test]
fn attributes_of_windows_are_no_links() {
    let files = [File::new("a.txt", "text\n")];
    let attributes = 0xa020;
    let outcome = run(rar_of(&files, 2, attributes), "a.rar");
    assert_eq!(names(&outcome), ["a.txt"]);
    let outcome = run(rar_of(&files, 3, attributes), "a.rar");
    assert_eq!(found(&outcome, "archive.link"), 1);
}

/// It is no file that was compressed by itself: it has a name and folders of its own.
#[test]
fn a_packed_tape_of_one_file_stays_an_archive() {
    let file = File::new("令和6年度/第1回/議事録.txt", "text\n");
    let outcome = run(gzip(&tar(&[file])), "会議資料.tar.gz");
    let names: Vec<String> = files(&outcome)
        .into_iter()
        .map(|found| found.name)
        .collect();
    assert_eq!(names, ["会議資料.zip", "令和6年度/第1回/議事録.txt"]);
    let outcome = run(gzip(&tar(&[File::new("議事録.txt", "text\n")])), "資料.tgz");
    let names: Vec<String> = files(&outcome)
        .into_iter()
        .map(|found| found.name)
        .collect();
    assert_eq!(names, ["資料.zip", "議事録.txt"]);
    // what is compressed by itself is called as that is
    let outcome = run(gzip(b"text\n"), "議事録.txt.gz");
    let names: Vec<String> = files(&outcome)
        .into_iter()
        .map(|found| found.name)
        .collect();
    assert_eq!(names, ["議事録.txt"]);
}
