//! The trusted core of mugai: the pieces that everything is rewritten from.
//!
//! A *reader* turns untrusted bytes into [`Piece`]s inside a confined process, the pieces cross the
//! process boundary as [`wire`] frames, and a *writer* makes new bytes from them. Every value here
//! is safe by construction: its fields are private and its constructors check what they are given,
//! so a worker that has been taken over can lie, but can only say harmless things.
//!
//! This crate does no I/O, knows no file format and uses no third-party parser.
#![forbid(unsafe_code)]

pub mod address;
pub mod assignment;
pub mod auth;
pub mod budget;
pub mod civil;
pub mod contents;
pub mod conversion;
pub mod cx;
pub mod draft;
pub mod drawing;
pub mod finding;
pub mod kind;
pub mod layer;
pub mod markup;
pub mod message;
pub mod name;
pub mod opener;
pub mod packed;
pub mod page;
pub mod password;
pub mod piece;
pub mod places;
pub mod refusal;
pub mod remark;
pub mod share;
pub mod spool;
pub mod table;
pub mod text;
pub mod untrusted;
pub mod widths;
pub mod wire;

pub use address::{AddrSpec, Mailbox};
pub use assignment::{
    Animation, Assignment, HandsOn, Hints, Lang, Links, Params, Treatment, Treatments,
};
pub use auth::{AuthMethod, AuthResult, AuthResults, AuthVerdict, Host};
pub use budget::{Budget, Limits, Resource};
pub use civil::civil;
pub use contents::Contents;
pub use conversion::Conversion;
pub use cx::{Cx, Fonts, NoFonts, Sink};
pub use draft::{Draft, Target, Writer};
pub use drawing::Drawing;
pub use finding::{Action, Finding, FindingCode, MAX_NAMES, Named};
pub use kind::{Family, Kind};
pub use layer::{Layer, Run};
pub use markup::Markup;
pub use message::{Date, Envelope, MsgId};
pub use name::{PartPath, SafeName};
pub use opener::{NO_CONVERTER, Opener, Patience, Request, WorkerFigures};
pub use packed::{AesKey, Cipher, Method, Packed};
pub use page::{Canvas, Page, PixelFormat, Purpose};
pub use password::Password;
pub use piece::{Child, MediaType, Piece, Role, Token};
pub use places::Places;
pub use refusal::{Loss, Refusal, Violation};
pub use remark::Remark;
pub use share::{Share, Turn};
pub use spool::{Spool, SpoolFile, SpoolFolder, SpoolWriter, Spooled};
pub use table::{Cell, Row};
pub use text::{Line, Scrubbed, Text, is_line_end};
pub use untrusted::Untrusted;
