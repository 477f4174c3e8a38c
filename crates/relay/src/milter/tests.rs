use super::*;

#[test]
fn fields_are_deleted_from_the_last_one_and_ours_are_added() {
    let fields = BTreeMap::from([
        ("received".to_owned(), ("Received".to_owned(), 2)),
        ("subject".to_owned(), ("SUBJECT".to_owned(), 1)),
    ]);
    let mail = b"From: a@b.jp\r\nSubject: =?UTF-8?B?x?=\r\n =?UTF-8?B?y?=\r\n\r\nbody\r\n";
    let edits = edits_for(&[b"", mail], &fields, false).unwrap();
    let want: [(u8, &[u8]); 6] = [
        (b'm', b"\0\0\0\x02Received\0\0"),
        (b'm', b"\0\0\0\x01Received\0\0"),
        (b'm', b"\0\0\0\x01SUBJECT\0\0"),
        (b'h', b"From\0a@b.jp\0"),
        (b'h', b"Subject\0=?UTF-8?B?x?=\n =?UTF-8?B?y?=\0"),
        (b'b', b"body\r\n"),
    ];
    let want = want.map(|(command, data)| (command, data.to_vec()));
    assert_eq!(edits, want);
    let sealed = edits_for(&[b"ARC-Seal: i=1;\r\n b=x\r\n", mail], &fields, false).unwrap();
    assert_eq!(sealed[3], (b'h', b"ARC-Seal\0i=1;\n b=x\0".to_vec()));
    assert_eq!(sealed[4], edits[3]);
    let spaced = edits_for(&[b"", mail], &BTreeMap::new(), true).unwrap();
    assert_eq!(spaced[0], (b'h', b"From\0 a@b.jp\0".to_vec()));
    assert!(edits_for(&[b"", b"no end of the header\r\n"], &fields, false).is_none());
}

#[test]
fn large_bodies_go_in_pieces() {
    let mut mail = b"From: a@b.jp\r\n\r\n".to_vec();
    mail.extend(vec![b'a'; 2 * BODY_PIECE + 1]);
    let edits = edits_for(&[b"", &mail], &BTreeMap::new(), true).unwrap();
    let sizes: Vec<usize> = edits.iter().skip(1).map(|(_, data)| data.len()).collect();
    assert_eq!(sizes, [BODY_PIECE, BODY_PIECE, 1]);
}

#[test]
fn paths_come_with_brackets_and_without() {
    for (text, path) in [
        ("<a@b.jp>", Some("a@b.jp")),
        ("a@b.jp", Some("a@b.jp")),
        ("<>", Some("")),
    ] {
        assert_eq!(whole_path(text).as_ref().map(Path::as_str), path);
    }
    assert_eq!(whole_path("<a@b.jp> x"), None);
    assert_eq!(whole_path("a b"), None);
}
