use super::*;
use flate2::{Compression, read::DeflateEncoder};
use mugai_core::{AesKey, Cipher, Hints, Treatments};
use mugai_testkit::show::taped;

const TEXT: &str = "こんにちは、世界\nこんにちは、世界\nこんにちは、世界\n";
/// What `zip -P secret` made of it.
const TRADITIONAL: &str = "974ea442f975a3319015f2d54557844d42d98223e5312de04c9b0b0a9d1686f4
    69d32c766766f32b45f4b8a3";
/// What `7z -mem=AES256 -mx0 -psecret` made of it.
const WINZIP: &str =
    "78d927341ce557cfc6a0b889139f1ebe78047efa4e1e79596f6fd29193bc7d12248fc36ed20f0d7a
    4b12fa6a2b13686f6b69e7c01f74bb792cd60663c326af976b26ffa53b9ab3a346c5222adb802771e308f0f4d1175f7b
    9bc42b7424fe9569103b3e8b590f46";

/// What `7z -tzip -mm=PPMd` made of `plain text こんにちは` and the end of a line, eight times.
const PPMD: &str = "07006ffa50278d78124dc8b1afa0d4df9f14eae3cfd4ebaba8c66ee2000275a91fac00";

/// The same by the tools of XZ.
const XZ: &str = "fd377a585a000004e6d6b4460200210116000000742fe5a3e000d700215d00381b084782b29cfe384729f96c2b
    7861b7ec066afc06adbda82a83de4f38ec00000000000023f0189291a9014d00013dd8010000005393887ab1c467fb020000000004595a";
/// The same by `7z -tzip -mm=LZMA`, which marks the end of the content.
const LZMA: &str =
    "1a0205005d0010000000381b084782b29cfe384729f96c2b7861b7ec066afc06adbda82a83de4f54b682fffff1bd
    9000";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let pair = |pair: &[char]| u8::from_str_radix(&String::from_iter(pair), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

fn unpack(input: &[u8], packed: &Packed, passwords: &[&str]) -> Result<Vec<u8>, Refusal> {
    let passwords: Vec<Password> = passwords
        .iter()
        .filter_map(|word| Password::new((*word).to_owned()))
        .collect();
    let (content, _) = taped(Treatments::nothing(), Hints::default(), |cx| {
        member(input, packed, &passwords, cx).map(Cow::into_owned)
    });
    content
}

fn packed(method: Method, bytes: &[u8]) -> Packed {
    Packed {
        method,
        size: u64::try_from(bytes.len()).unwrap(),
        crc: Some(crc32fast::hash(bytes)),
        cipher: None,
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = DeflateEncoder::new(bytes, Compression::best());
    std::io::copy(&mut encoder, &mut out).unwrap();
    out
}

fn bzipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = bzip2::read::BzEncoder::new(bytes, bzip2::Compression::best());
    std::io::copy(&mut encoder, &mut out).unwrap();
    out
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn what_was_packed_comes_out() {
    let text = TEXT.repeat(100);
    let bytes = text.as_bytes();
    for (method, input) in [
        (Method::Stored, bytes.to_vec()),
        (Method::Deflate, deflated(bytes)),
        // small blocks are the same in both
        (Method::Deflate64, deflated(TEXT.as_bytes())),
        (Method::Bzip2, bzipped(bytes)),
        (Method::Zstd, zstandard(bytes)),
    ] {
        let whole = if method == Method::Deflate64 {
            TEXT.as_bytes()
        } else {
            bytes
        };
        let how = packed(method, whole);
        assert_eq!(
            unpack(&input, &how, &[]).as_deref(),
            Ok(whole),
            "{method:?}"
        );
        // lies about length and content
        for size in [0, how.size - 1, how.size + 1] {
            let lie = Packed {
                size,
                ..how.clone()
            };
            assert!(unpack(&input, &lie, &[]).is_err(), "{method:?} {size}");
        }
        let lie = Packed {
            crc: Some(0),
            ..how.clone()
        };
        assert_eq!(unpack(&input, &lie, &[]), Err(WRONG), "{method:?}");
        // cut anywhere
        for end in (0..input.len()).step_by(input.len() / 16 + 1) {
            assert!(
                unpack(&input[..end], &how, &[]).is_err(),
                "{method:?} {end}"
            );
        }
        let longer = [input.as_slice(), b"x"].concat();
        // it reads ahead of where it stops
        if method != Method::Deflate64 {
            assert!(unpack(&longer, &how, &[]).is_err(), "{method:?} longer");
        }
    }
}

/// Another reader may find something behind the end.
#[test]
fn nothing_lies_behind_the_end() {
    let text = "plain text こんにちは\n".repeat(8);
    let bytes = text.as_bytes();
    let packs = [
        (Method::Xz, hex(XZ)),
        (Method::Lzma, hex(LZMA)),
        (Method::Zstd, zstandard(bytes)),
    ];
    for (method, input) in packs {
        let how = packed(method, bytes);
        assert_eq!(
            unpack(&input, &how, &[]).as_deref(),
            Ok(bytes),
            "{method:?}"
        );
        for rest in [b"x".as_slice(), &[0; 4], &input] {
            let longer = [&input, rest].concat();
            assert_eq!(
                unpack(&longer, &how, &[]),
                Err(WRONG),
                "{method:?} {rest:?}"
            );
        }
        for end in 0..input.len() {
            let cut = unpack(&input[..end], &how, &[]);
            // the end of LZMA that is told beside it need not be marked
            let is_told = method == Method::Lzma && end + 6 >= input.len();
            assert!(cut.is_err() || is_told, "{method:?} {end}");
        }
    }
}

#[test]
fn content_may_lie_in_several_frames() {
    let frames = [zstandard(b"one "), zstandard(b""), zstandard(b"two")].concat();
    let how = packed(Method::Zstd, b"one two");
    assert_eq!(unpack(&frames, &how, &[]).as_deref(), Ok(&b"one two"[..]));
    let more = packed(Method::Zstd, b"one ");
    assert_eq!(unpack(&frames, &more, &[]), Err(WRONG));
}

#[test]
fn a_model_of_ppmd_ends_where_its_content_does() {
    let text = "plain text こんにちは\n".repeat(8);
    let (how, input) = (packed(Method::Ppmd, text.as_bytes()), hex(PPMD));
    assert_eq!(unpack(&input, &how, &[]).as_deref(), Ok(text.as_bytes()));
    for end in 0..input.len() - 4 {
        assert!(unpack(&input[..end], &how, &[]).is_err(), "cut at {end}");
    }
    let longer = [input.as_slice(), b"more"].concat();
    assert_eq!(unpack(&longer, &how, &[]), Err(WRONG));
    // 256 MiB for the model, and a way to restore it that nobody writes
    for (at, byte) in [(1, 0x0f), (1, 0x20)] {
        let mut other = input.clone();
        other[at] = byte;
        let refused = unpack(&other, &how, &[]);
        assert!(
            matches!(refused, Err(Refusal::Unsupported(_))),
            "{refused:?}"
        );
    }
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    let how = Packed {
        method: Method::Deflate,
        size: 10 << 20,
        crc: Some(0),
        cipher: None,
    };
    let refused = unpack(&[0; 100], &how, &[]);
    assert!(matches!(refused, Err(Refusal::Malformed(_))), "{refused:?}");
    let how = Packed {
        size: 20 << 20,
        ..how
    };
    let refused = unpack(&vec![0; 1 << 16], &how, &[]);
    assert!(
        matches!(refused, Err(Refusal::Overrun { .. })),
        "{refused:?}"
    );
}

#[test]
fn passwords_open_what_others_closed() {
    let size = u64::try_from(TEXT.len()).unwrap();
    let traditional = Packed {
        method: Method::Deflate,
        size,
        crc: Some(0xba7b_bbbc),
        cipher: Some(Cipher::Traditional(0x69)),
    };
    let winzip = Packed {
        method: Method::Stored,
        size,
        crc: None,
        cipher: Some(Cipher::Aes(AesKey::Bits256)),
    };
    for (input, how) in [(TRADITIONAL, traditional), (WINZIP, winzip)] {
        let input = hex(input);
        let opened = unpack(&input, &how, &["wrong", "", "secret"]);
        assert_eq!(opened.as_deref(), Ok(TEXT.as_bytes()), "{how:?}");
        for passwords in [&[][..], &["Secret"]] {
            assert_eq!(unpack(&input, &how, passwords), Err(cipher::CLOSED));
        }
        for end in [0, 5, 11, 18, 30] {
            assert!(unpack(&input[..end], &how, &["secret"]).is_err());
        }
        let mut spoilt = input.clone();
        spoilt[40] ^= 1;
        assert_eq!(unpack(&spoilt, &how, &["secret"]), Err(cipher::CLOSED));
    }
}

/// What passwords that do not fit cost is a little work, and none of the bytes that the one that fits needs.
#[test]
fn bytes_are_paid_for_once_a_password_passed() {
    let size = u64::try_from(TEXT.len()).unwrap();
    let how = Packed {
        method: Method::Stored,
        size,
        crc: None,
        cipher: Some(Cipher::Aes(AesKey::Bits256)),
    };
    let input = hex(WINZIP);
    let try_all = |words: &[&str], bytes: u64| {
        let words = words
            .iter()
            .map(|word| Password::new((*word).to_owned()).unwrap());
        let words: Vec<Password> = words.collect();
        let limits = mugai_core::Limits {
            bytes,
            pixels: 0,
            parts: 0,
            depth: 0,
            steps: 1 << 22,
        };
        let assignment = mugai_core::Assignment {
            hints: Hints::default(),
            treatments: Treatments::nothing(),
            limits,
            params: mugai_core::Params::default(),
        };
        let budget = mugai_core::Budget::new(limits);
        let mut tape = mugai_testkit::show::Tape::default();
        let cx = Cx::new(&assignment, &budget, &mugai_core::NoFonts, &mut tape);
        let result = member(&input, &how, &words, &cx).map(Cow::into_owned);
        let spent = |resource| budget.spent(resource);
        (result, spent(Resource::Bytes), spent(Resource::Steps))
    };
    let (result, bytes, steps) = try_all(&["wrong", "other"], size);
    assert_eq!(result, Err(cipher::CLOSED));
    assert_eq!(bytes, 0);
    assert!(steps >= 160_000, "{steps}");
    let (result, bytes, _) = try_all(&["wrong", "secret"], size);
    assert_eq!(result.as_deref(), Ok(TEXT.as_bytes()));
    assert_eq!(bytes, size);
    // what there is no room for is not tried
    let (result, _, steps) = try_all(&["secret"], size - 1);
    assert!(matches!(result, Err(Refusal::Overrun { .. })), "{result:?}");
    assert_eq!(steps, 0);
}
