//! Against values that are known from elsewhere, and packages that are encrypted here.

use super::cipher::{Hash, cbc, ecb};
use super::*;
use aes::Aes128;
use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use mugai_core::{Assignment, Budget, Hints, Limits, NoFonts, Params, Password, Treatments};
use mugai_testkit::make::compound;
use mugai_testkit::show::Tape;

fn encrypt(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let aes = Aes128::new_from_slice(key).unwrap();
    let blocks = bytes.chunks(16).map(|chunk| {
        let mut block = [0; 16];
        block[..chunk.len()].copy_from_slice(chunk);
        let mut block = Block::<Aes128>::from(block);
        aes.encrypt_block(&mut block);
        <[u8; 16]>::from(block)
    });
    blocks.flatten().collect()
}

#[test]
fn the_cipher_is_aes() {
    // FIPS 197, appendix B
    let key: Vec<u8> = (0..16).collect();
    let text: Vec<u8> = (0..16).map(|n| n * 0x11).collect();
    let coded = encrypt(&key, &text);
    assert_eq!(coded[..4], [0x69, 0xc4, 0xe0, 0xd8]);
    assert_eq!(ecb(&key, &coded).unwrap(), text);
    assert_eq!(cbc(&key, &[0; 16], &coded).unwrap(), text);
    assert!(ecb(&[0; 15], &coded).is_err());
    assert!(cbc(&key, &[0; 15], &coded).is_err());
    // FIPS 180-4
    assert_eq!(Hash::Sha1.of(&[b"a", b"bc"])[..4], [0xa9, 0x99, 0x3e, 0x36]);
    assert_eq!(Hash::named("md5"), None);
}

/// A document of standard encryption with a password.
fn made(password: &str, content: &[u8]) -> Vec<u8> {
    let salt = [7u8; 16];
    let stretched = Hash::Sha1.stretch(&salt, &utf16(password), standard::ROUNDS);
    let last = Hash::Sha1.of(&[&stretched, &[0; 4]]);
    let mut block = [0x36u8; 64];
    for (to, from) in block.iter_mut().zip(&last) {
        *to ^= from;
    }
    let key = &Hash::Sha1.of(&[&block])[..16];
    let verifier = [9u8; 16];
    let mut hash = Hash::Sha1.of(&[&verifier]);
    hash.resize(32, 0);
    let mut info = vec![4, 0, 2, 0, 0x24, 0, 0, 0, 32, 0, 0, 0];
    info.extend([0; 8]);
    info.extend(0x660eu32.to_le_bytes());
    info.resize(12 + 32, 0);
    info.extend(16u32.to_le_bytes());
    info.extend(salt);
    info.extend(encrypt(key, &verifier));
    info.extend(20u32.to_le_bytes());
    info.extend(encrypt(key, &hash));
    let mut package = u64::try_from(content.len()).unwrap().to_le_bytes().to_vec();
    package.extend(encrypt(key, content));
    compound(&[("EncryptionInfo", info), ("EncryptedPackage", package)])
}

fn open(file: &[u8], passwords: &[&str], steps: u64) -> Result<Option<Vec<u8>>, Refusal> {
    let limits = Limits {
        bytes: 1 << 22,
        pixels: 0,
        parts: 0,
        depth: 0,
        steps,
    };
    let passwords = passwords
        .iter()
        .filter_map(|word| Password::new((*word).to_owned()));
    let assignment = Assignment {
        hints: Hints {
            passwords: passwords.collect(),
            ..Hints::default()
        },
        treatments: Treatments::nothing(),
        limits,
        params: Params::default(),
    };
    let budget = Budget::new(limits);
    let mut tape = Tape::default();
    package(
        file,
        Kind::Ole2,
        &Cx::new(&assignment, &budget, &NoFonts, &mut tape),
    )
}

#[test]
fn a_given_password_opens_and_another_does_not() {
    let content = b"PK\x03\x04 and more than one block of it".to_vec();
    let file = made("秘密", &content);
    let steps = 1 << 28;
    assert_eq!(
        open(&file, &["x", "秘密"], steps),
        Ok(Some(content.clone()))
    );
    assert_eq!(open(&file, &["x"], steps), Ok(None));
    assert_eq!(open(&file, &[], steps), Ok(None));
    // one try is paid for, two are not
    let poor = u64::from(standard::ROUNDS) * 32 + 40_000;
    assert!(matches!(
        open(&file, &["x", "秘密"], poor),
        Err(Refusal::Overrun { .. })
    ));
    let protected = made(DEFAULT, &content);
    assert_eq!(open(&protected, &[], steps), Ok(Some(content)));
}

#[test]
fn packages_that_are_shorter_than_they_say_are_refused() {
    let mut file = made(DEFAULT, b"abc");
    let at = memchr::memmem::find(&file, &[3, 0, 0, 0, 0, 0, 0, 0]).unwrap();
    file[at + 2] = 1;
    assert!(matches!(
        open(&file, &[], 1 << 28),
        Err(Refusal::Malformed(_))
    ));
}

#[test]
fn keys_and_salts_have_the_lengths_that_programs_write() {
    let info = |bits: &str, salt: usize| {
        let salt = data_encoding::BASE64.encode(&vec![1; salt]);
        let shared = format!(
            "cipherAlgorithm=\"AES\" cipherChaining=\"ChainingModeCBC\" hashAlgorithm=\"SHA512\" saltValue=\"{salt}\" keyBits=\"{bits}\""
        );
        let text = format!(
            "<e><keyData {shared}/><encryptedKey spinCount=\"1\" {shared} encryptedVerifierHashInput=\"\" encryptedVerifierHashValue=\"\" encryptedKeyValue=\"\"/></e>"
        );
        [&[4, 0, 4, 0, 0x40, 0, 0, 0], text.as_bytes()].concat()
    };
    for (bits, salt, good) in [
        ("128", 16, true),
        ("192", 16, true),
        ("256", 64, true),
        ("256", 65, false),
        ("64", 16, false),
        ("8000000000", 16, false),
        ("18446744073709551615", 16, false),
    ] {
        assert_eq!(
            agile::read(&info(bits, salt)).is_ok(),
            good,
            "{bits} {salt}"
        );
    }
}
