//! The messages and services of mugai over gRPC, for the service and its clients.
//!
//! Everything here is made from `proto/` by `cargo xtask codegen`; a check fails when it is not
//! current. No crate of ours and no generator stands behind it.
#![forbid(unsafe_code)]

/// Version 1.
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::restriction,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    reason = "generated"
)]
pub mod v1 {
    include!("generated/mugai.v1.rs");
}

impl std::fmt::Debug for v1::Header {
    /// Everything but the passwords, of which only the number is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            name,
            envelope,
            policy,
            idempotency_key,
            expected_bytes,
            passwords,
        } = self;
        f.debug_struct("Header")
            .field("name", name)
            .field("envelope", envelope)
            .field("policy", policy)
            .field("idempotency_key", idempotency_key)
            .field("expected_bytes", expected_bytes)
            .field("passwords", &passwords.len())
            .finish()
    }
}

/// The description of all messages and services, as reflection hands it out.
pub const DESCRIPTOR: &[u8] = include_bytes!("generated/mugai.v1.bin");

/// The most bytes of a file that goes the simple way, in one message.
pub const UNARY_BYTES: usize = 4 << 20;

/// The most bytes of one chunk of a stream.
pub const CHUNK_BYTES: usize = 1 << 20;

/// The most bytes of one message: the largest content, and room for what is said about it.
pub const MESSAGE_BYTES: usize = UNARY_BYTES + (1 << 20);

/// How many bytes may be under way on one stream, and on one connection, and in one frame of HTTP/2.
/// The defaults of the library are made for small messages: with them a stream of 50 MB is less
/// than half as fast.
pub const STREAM_WINDOW: u32 = 8 << 20;
/// See [`STREAM_WINDOW`].
pub const CONNECTION_WINDOW: u32 = 16 << 20;
/// See [`STREAM_WINDOW`].
pub const FRAME_BYTES: u32 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::v1::{Header, SanitiseRequest};

    #[test]
    fn passwords_are_not_shown() {
        let request = SanitiseRequest {
            header: Some(Header {
                name: "a.zip".to_owned(),
                passwords: vec!["秘密".to_owned()],
                ..Header::default()
            }),
            ..SanitiseRequest::default()
        };
        let shown = format!("{request:?}");
        assert!(shown.contains("a.zip") && shown.contains("passwords: 1"));
        assert!(!shown.contains("秘密"));
    }
}
