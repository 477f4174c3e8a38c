//! Numbers and checksums of containers.

/// A length in 32 bits.
pub(crate) fn md(length: usize) -> u32 {
    u32::try_from(length).expect("below 4 GiB")
}

/// A number of 7z, in its longest form.
pub(crate) fn number(value: usize) -> Vec<u8> {
    let mut out = vec![0xff];
    out.extend(u64::try_from(value).expect("64 bits").to_le_bytes());
    out
}

/// The lower half of the CRC-32, as headers of RAR have it.
pub(crate) fn sum16(bytes: &[u8]) -> [u8; 2] {
    let [low, high, ..] = crc32fast::hash(bytes).to_le_bytes();
    [low, high]
}

/// CRC-16 of polynomial 0xa001, as LHA has it.
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum, _| {
            let polynomial = if sum & 1 == 1 { 0xa001 } else { 0 };
            sum >> 1 ^ polynomial
        })
    })
}

/// An `.xz` file that compresses nothing.
pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    // a dictionary of 64 KiB
    lzma2(bytes, 8)
}

/// An `.xz` file of one block, in pieces that are stored, with a dictionary of the size that `code` stands
/// for (.xz 1.2.1, sections 2 to 5).
pub(crate) fn lzma2(bytes: &[u8], code: u8) -> Vec<u8> {
    // no check
    let flags = [0u8, 0];
    let mut out = b"\xfd7zXZ\0".to_vec();
    out.extend(flags);
    out.extend(crc32fast::hash(&flags).to_le_bytes());
    let block_start = out.len();
    let mut head = vec![2, 0, 0x21, 1, code, 0, 0, 0];
    head.extend(crc32fast::hash(&head).to_le_bytes());
    out.extend(head);
    for (place, piece) in bytes.chunks(1 << 16).enumerate() {
        out.push(if place == 0 { 1 } else { 2 });
        let length = u16::try_from(piece.len().saturating_sub(1)).expect("a piece");
        out.extend(length.to_be_bytes());
        out.extend(piece);
    }
    out.push(0);
    let unpadded = out.len().saturating_sub(block_start);
    out.resize(out.len().next_multiple_of(4), 0);
    let mut index = vec![0, 1];
    index.extend(varying(unpadded));
    index.extend(varying(bytes.len()));
    index.resize(index.len().next_multiple_of(4), 0);
    index.extend(crc32fast::hash(&index).to_le_bytes());
    let back = md((index.len() / 4).saturating_sub(1));
    out.extend(&index);
    let mut foot = back.to_le_bytes().to_vec();
    foot.extend(flags);
    out.extend(crc32fast::hash(&foot).to_le_bytes());
    out.extend(foot);
    out.extend(b"YZ");
    out
}

/// A number in groups of seven bits, the lowest first.
pub(crate) fn varying(value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = value;
    loop {
        let seven = u8::try_from(rest & 0x7f).expect("seven bits");
        rest >>= 7;
        if rest == 0 {
            out.push(seven);
            return out;
        }
        out.push(seven | 0x80);
    }
}
