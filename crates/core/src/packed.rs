//! Members of archives that are still packed as they stand in their archive.
//!
//! A member whose packing depends on no other is not unpacked when its archive is read: it is named
//! by its place, and unpacked by the worker that opens it. So an archive is in memory once, and of
//! its members only the one that is at work.

/// How a member of an archive is packed, and what has to come out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// What undoes it.
    pub method: Method,
    /// The length of its content, in bytes.
    pub size: u64,
    /// The CRC-32 of its content (ISO 3309); none where its cipher has a check of its own.
    pub crc: Option<u32>,
    /// How it is encrypted.
    pub cipher: Option<Cipher>,
}

/// Methods of compression (APPNOTE 6.3.10, section 4.4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Not compressed.
    Stored,
    /// Deflate (RFC 1951).
    Deflate,
    /// Deflate with a window of 64 KiB.
    Deflate64,
    /// bzip2.
    Bzip2,
    /// LZMA with the header of APPNOTE section 5.8.
    Lzma,
    /// Zstandard (RFC 8878).
    Zstd,
    /// XZ.
    Xz,
    /// `PPMd`, variant I.
    Ppmd,
    /// One that nobody here undoes.
    Other,
    /// Whoever read the archive found that this member cannot be what it was: it is refused by itself.
    Damaged,
}

impl Method {
    /// Every method, in the order of their wire tags.
    pub const ALL: [Self; 10] = [
        Self::Stored,
        Self::Deflate,
        Self::Deflate64,
        Self::Bzip2,
        Self::Lzma,
        Self::Zstd,
        Self::Xz,
        Self::Ppmd,
        Self::Other,
        Self::Damaged,
    ];
}

/// Ciphers of ZIP files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// The traditional one (APPNOTE section 6.1); the byte is what the last of its header must be.
    Traditional(u8),
    /// `WinZip` AE-1 and AE-2: AES in counter mode with a key of 128, 192 or 256 bits.
    Aes(AesKey),
}

/// The length of an AES key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AesKey {
    /// 16 bytes.
    Bits128,
    /// 24 bytes.
    Bits192,
    /// 32 bytes.
    Bits256,
}

impl AesKey {
    /// Every length, in the order of their wire tags.
    pub const ALL: [Self; 3] = [Self::Bits128, Self::Bits192, Self::Bits256];
}
