//! Files that show that they are encrypted, and their likes that are not.

use super::*;

fn compound(stream: &str) -> Vec<u8> {
    let name = |name: &str| {
        name.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    placed(
        &[
            (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            (30, &[9, 0]),
            (48, &[1, 0, 0, 0]),
            (1024, &name("Root Entry")),
            (1152, &name(stream)),
        ],
        2048,
    )
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_encrypted_is_refused_as_such() {
    let mut locked = zip(&[("a.txt", "x"), ("b.txt", "x")]);
    let second = memchr::memmem::rfind(&locked, b"PK\x01\x02").unwrap();
    locked[second + 8] = 1;
    let mut first = zip(&[("a.txt", "x")]);
    first[6] = 9;
    let cut = first[..40].to_vec();
    let cms = |oid: u8, head: &[u8]| {
        [
            head,
            b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07",
            &[oid],
            b"\xa0\x80",
        ]
        .concat()
    };
    let seven = |method: &[u8]| {
        [
            b"7z\xbc\xaf\x27\x1c\0\x04abcd\x02\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0wxyz..\x17\x06\x01",
            method,
            b"\0\0",
        ]
        .concat()
    };
    let rar4 = |main: u8, file: u8| {
        [
            b"Rar!\x1a\x07\0cc\x73",
            &[main][..],
            b"\0\x0d\0......cc\x74",
            &[file],
            b"\x90",
        ]
        .concat()
    };
    for (input, extension, encrypted) in [
        (locked, "zip", true),
        (first, "zip", true),
        (cut, "zip", true),
        (zip(&[("a.txt", "x")]), "zip", false),
        (b"PK\x05\x06\x01\x01\x01\x01\x01".to_vec(), "zip", false),
        (cms(3, b"\x30\x80"), "p7m", true),
        (cms(3, b"\x30\x82\x01\x00"), "p7m", true),
        (cms(6, b"\x30\x83\x01\x00\x00"), "p7m", true),
        (cms(2, b"\x30\x80"), "p7m", false),
        (b"\x30\x80\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17".to_vec(), "p7m", true),
        (b"\x30\x84\x01".to_vec(), "p7m", false),
        (b"\n-----BEGIN PGP MESSAGE-----\n\nhQEM".to_vec(), "asc", true),
        (b"-----BEGIN PGP MESSAGE, PART 1/2-----\n".to_vec(), "asc", true),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n".to_vec(), "asc", false),
        (b"-----BEGIN PGP SIGNATURE-----\n".to_vec(), "asc", false),
        (compound("EncryptedPackage"), "docx", true),
        (compound("EncryptedPackages"), "docx", false),
        (compound("WordDocument"), "doc", false),
        (placed(&[(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), (30, &[255, 255]), (48, &[255; 4])], 600), "doc", false),
        (seven(&[6, 0xf1, 7, 1]), "7z", true),
        (seven(&[3, 1, 1, 0]), "7z", false),
        (b"7z\xbc\xaf\x27\x1c\0\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(), "7z", false),
        (rar4(0x80, 0), "rar", true),
        (rar4(0, 4), "rar", true),
        (rar4(0, 0), "rar", false),
        (b"Rar!\x1a\x07\x01\0cccc\x0d\x04\0".to_vec(), "rar", true),
        (b"Rar!\x1a\x07\x01\0cccc\x0d\x01\0".to_vec(), "rar", false),
    ] {
        let shown: String = input.escape_ascii().to_string().chars().take(80).collect();
        let assignment = Assignment {
            hints: hints("", extension),
            treatments: Treatments::nothing(),
            limits: LIMITS,
            params: Params::default(),
        };
        let budget = Budget::new(LIMITS);
        let mut notes = Notes::default();
        let mut cx = Cx::new(&assignment, &budget, &NoFonts, &mut notes);
        let refused = crate::open(&input, &mut cx).unwrap_err();
        assert_eq!(refused.code() == "encrypted", encrypted, "{shown} {refused}");
        assert_eq!(refused.code() == "forbidden", !encrypted, "{shown} {refused}");
    }
}
