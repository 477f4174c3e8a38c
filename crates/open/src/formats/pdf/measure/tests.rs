use super::*;
use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use mugai_core::Limits;
use proptest::prelude::*;
use std::io::Write;

fn purse(bytes: u64) -> Budget {
    Budget::new(Limits {
        bytes,
        pixels: 0,
        parts: 0,
        depth: 0,
        steps: u64::MAX,
    })
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn total(data: &[u8], chain: &[Coding]) -> u64 {
    let budget = purse(u64::MAX);
    let mut meter = Meter::new(&budget, 0);
    meter.measure(data, chain).unwrap();
    assert_eq!(budget.spent(Resource::Bytes), meter.total);
    meter.total
}

#[test]
fn codings_are_measured() {
    let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
    bare.write_all(&[7; 5000]).unwrap();
    let bare = bare.finish().unwrap();
    let twice = zlib(&zlib(&vec![7; 100_000]));
    let inner = u64::try_from(zlib(&vec![7; 100_000]).len()).unwrap();
    // "-----A---B" of the standard's own example (ISO 32000-1, 7.4.4.2)
    let lzw = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
    let cases: &[(&str, &[u8], &[Coding], u64)] = &[
        ("nothing", b"abc", &[], 0),
        ("flate", &zlib(&vec![7; 100_000]), &[Coding::Flate], 100_000),
        ("bare deflate", &bare, &[Coding::Flate], 5000),
        (
            "flate twice",
            &twice,
            &[Coding::Flate, Coding::Flate],
            inner + 100_000,
        ),
        (
            "runs",
            &[2, 1, 2, 3, 255, 9, 128, 5, 5],
            &[Coding::RunLength],
            5,
        ),
        ("base 85", b"87cURD]i,\"Ebo80~>", &[Coding::Ascii85], 12),
        ("base 85 zeros", b"zz!!~>", &[Coding::Ascii85], 9),
        // `>` is a digit, and a `z` ends a group that is not full
        ("base 85 >", b"87>URD]i,\"Ebo80~>", &[Coding::Ascii85], 12),
        ("base 85 z", b"87cz~>", &[Coding::Ascii85], 6),
        ("hex", b"48 65 6C 6>", &[Coding::AsciiHex], 4),
        // both kinds of LZW are counted
        ("lzw", &lzw, &[Coding::Lzw], 20),
    ];
    for (name, data, chain, expected) in cases {
        assert_eq!(total(data, chain), *expected, "{name}");
    }
}

/// What is bare or broken goes on as well as what is whole.
#[test]
fn whatever_the_library_may_make_of_a_layer_is_measured_on() {
    let inner = zlib(&vec![7; 100_000]);
    let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
    bare.write_all(&inner).unwrap();
    let bare = bare.finish().unwrap();
    // a letter, a run from before the first byte, and the end of the block, in fixed codes
    let mut broken = vec![0x78, 0x9c, 0x4a, 0x04, 0x92, 0x00];
    broken.extend_from_slice(&bare);
    let chain = [Coding::Flate, Coding::Flate];
    assert!(total(&bare, &chain) > 100_000);
    assert!(total(&broken, &[Coding::Flate]) > 0);
}

fn chain(dict: &str) -> Result<Chain, Refusal> {
    Chain::of_dict(&Dict::from_bytes(dict.as_bytes()).unwrap())
}

/// The library looks for names first and for lists then, under both keys, and leaves out what it does
/// not know.
#[test]
fn chains_are_those_of_the_library() {
    let flate = [Coding::Flate];
    let cases: &[(&str, &[Coding])] = &[
        ("<< /Filter /FlateDecode >>", &flate),
        (
            "<< /Filter [/ASCIIHexDecode /Fl] >>",
            &[Coding::AsciiHex, Coding::Flate],
        ),
        ("<< /F [] /Filter /FlateDecode >>", &flate),
        ("<< /F /X /Filter [/FlateDecode] >>", &flate),
        ("<< /F /Fl /Filter [/LZW] >>", &flate),
        ("<< /Filter [/Foo /FlateDecode] >>", &flate),
        ("<< /Filter [/Crypt /FlateDecode] >>", &flate),
        ("<< /Filter [/DCTDecode] >>", &[]),
        ("<< /Fi#6cter /FlateDecode >>", &flate),
        ("<< >>", &[]),
    ];
    for (dict, expected) in cases {
        assert_eq!(chain(dict).unwrap().codings, *expected, "{dict}");
    }
    for dict in [
        "<< /Filter [/DCTDecode /FlateDecode] >>",
        "<< /Filter [/A85 /Fl /Fl] >>",
        "<< /Filter [/Fl /Fl /Fl /Fl /Fl /Fl /Fl] >>",
    ] {
        assert!(
            matches!(chain(dict), Err(Refusal::Unsupported(_))),
            "{dict}"
        );
    }
}

#[test]
fn a_bomb_stops_at_the_purse() {
    let bomb = zlib(&vec![0; 50_000_000]);
    let budget = purse(1_000_000);
    let mut meter = Meter::new(&budget, 0);
    assert!(matches!(
        meter.measure(&bomb, &[Coding::Flate]),
        Err(Refusal::Overrun {
            resource: Resource::Bytes,
            ..
        })
    ));
    assert!(meter.total <= 1_100_000);
}

#[test]
fn free_bytes_are_not_paid_for() {
    let data = zlib(&vec![7; 100_000]);
    let budget = purse(10_000);
    Meter::new(&budget, 95_000)
        .measure(&data, &[Coding::Flate])
        .unwrap();
    assert_eq!(budget.spent(Resource::Bytes), 5_000);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn random_data_ends(data in prop::collection::vec(any::<u8>(), 0..2000), pick in 0usize..5) {
        let coding = [Coding::Flate, Coding::Lzw, Coding::RunLength, Coding::Ascii85, Coding::AsciiHex][pick];
        let budget = purse(1 << 20);
        let _ = Meter::new(&budget, 0).measure(&data, &[coding]);
        let _ = Meter::new(&budget, 0).measure(&data, &[Coding::AsciiHex, coding]);
    }
}
