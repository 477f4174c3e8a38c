//! Agile encryption of Office 2010 and later ([MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15).

use super::cipher::{BLOCK, Hash, cbc};
use super::{MAX_ROUNDS, utf16};
use data_encoding::BASE64;
use mugai_core::Refusal;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zeroize::Zeroizing;

/// What is hashed behind the password for each use of it.
const VERIFIER_INPUT: [u8; 8] = [0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79];
const VERIFIER_HASH: [u8; 8] = [0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e];
const PACKAGE_KEY: [u8; 8] = [0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6];
/// Lengths of keys of AES, in bits (FIPS 197).
const KEYS: [usize; 3] = [128, 192, 256];
/// The longest salt, in bytes: programs write one block of the cipher or of a hash, and it is hashed with every segment.
const MAX_SALT: usize = 64;
/// The package is encrypted in segments, each with a start of its own.
const SEGMENT: usize = 4096;

const BAD: Refusal = Refusal::malformed("office: parameters of the encryption");

/// A cipher and a salt.
struct Coder {
    hash: Hash,
    key_bytes: usize,
    salt: Vec<u8>,
}

/// The parameters.
pub(super) struct Agile {
    package: Coder,
    password: Coder,
    pub(super) rounds: u32,
    input: Vec<u8>,
    input_hash: Vec<u8>,
    key: Vec<u8>,
}

/// Reads the parameters.
///
/// # Errors
/// [`Refusal::Unsupported`] for other ciphers than AES in chains, [`Refusal::Malformed`].
pub(super) fn read(info: &[u8]) -> Result<Agile, Refusal> {
    let text = std::str::from_utf8(info.get(8..).unwrap_or_default()).map_err(|_| BAD)?;
    if text.len() > 1 << 16 {
        return Err(BAD);
    }
    let mut reader = Reader::from_str(text);
    let (mut package, mut agile) = (None, None);
    loop {
        let element = match reader.read_event().map_err(|_| BAD)? {
            Event::Eof => break,
            Event::DocType(_) => return Err(BAD),
            Event::Start(element) | Event::Empty(element) => element,
            Event::End(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::GeneralRef(_) => continue,
        };
        match element.local_name().as_ref() {
            "keyData" => package = Some(coder(&element)?),
            "encryptedKey" if agile.is_none() => {
                let value = |name: &str| bytes(&element, name);
                let rounds = attribute(&element, "spinCount")?;
                let rounds = rounds.parse().ok().filter(|rounds| *rounds <= MAX_ROUNDS);
                agile = Some((
                    coder(&element)?,
                    rounds.ok_or(BAD)?,
                    value("encryptedVerifierHashInput")?,
                    value("encryptedVerifierHashValue")?,
                    value("encryptedKeyValue")?,
                ));
            }
            _ => {}
        }
    }
    let (password, rounds, input, input_hash, key) = agile.ok_or(BAD)?;
    Ok(Agile {
        package: package.ok_or(BAD)?,
        password,
        rounds,
        input,
        input_hash,
        key,
    })
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<String, Refusal> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| BAD)?;
        if attribute.key.as_ref() == name {
            return Ok(attribute.value.to_string());
        }
    }
    Err(BAD)
}

fn bytes(element: &BytesStart<'_>, name: &str) -> Result<Vec<u8>, Refusal> {
    let text = attribute(element, name)?;
    BASE64.decode(text.as_bytes()).map_err(|_| BAD)
}

fn coder(element: &BytesStart<'_>) -> Result<Coder, Refusal> {
    let cipher = attribute(element, "cipherAlgorithm")?;
    let chain = attribute(element, "cipherChaining")?;
    let hash = Hash::named(&attribute(element, "hashAlgorithm")?);
    let unknown = Refusal::unsupported("office: a way of encrypting");
    if cipher != "AES" || chain != "ChainingModeCBC" {
        return Err(unknown);
    }
    let bits: usize = attribute(element, "keyBits")?.parse().map_err(|_| BAD)?;
    let salt = bytes(element, "saltValue")?;
    if !KEYS.contains(&bits) || salt.len() > MAX_SALT {
        return Err(BAD);
    }
    Ok(Coder {
        hash: hash.ok_or(unknown)?,
        key_bytes: bits / 8,
        salt,
    })
}

/// Cut or filled up to a length.
fn fit(mut bytes: Vec<u8>, length: usize) -> Vec<u8> {
    bytes.resize(length, 0x36);
    bytes
}

impl Agile {
    pub(super) fn key(&self, password: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
        let coder = &self.password;
        let stretched = coder
            .hash
            .stretch(&coder.salt, &utf16(password), self.rounds);
        let open = |block: &[u8], bytes: &[u8]| {
            let key = coder.hash.of(&[&stretched, block]);
            let key = Zeroizing::new(fit(key, coder.key_bytes));
            cbc(&key, &coder.salt, bytes)
        };
        let input = open(&VERIFIER_INPUT, &self.input)?;
        let hash = open(&VERIFIER_HASH, &self.input_hash)?;
        let want = coder.hash.of(&[&input]);
        if hash.get(..want.len()) != Some(want.as_slice()) {
            return Ok(None);
        }
        let key = open(&PACKAGE_KEY, &self.key)?;
        Ok(Some(Zeroizing::new(fit(key, self.package.key_bytes))))
    }

    pub(super) fn decrypt(&self, key: &[u8], body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let coder = &self.package;
        let mut out = Vec::new();
        for (number, segment) in (0u32..).zip(body.chunks(SEGMENT)) {
            let start = coder.hash.of(&[&coder.salt, &number.to_le_bytes()]);
            out.extend(cbc(key, &fit(start, BLOCK), segment)?);
        }
        Ok(out)
    }
}
