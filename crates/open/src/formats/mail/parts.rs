//! Puts the parts of a message: each leaf once, its transfer encoding undone.

use crate::formats::archive;
use crate::formats::binhex;
use crate::formats::mail::roles::{self, Content};
use crate::formats::mail::structure::{Form, Node};
use crate::formats::mail::{names, reports, transfer};
use mugai_core::{
    Child, Cx, FindingCode, Hints, MediaType, Piece, Refusal, Resource, Role, SafeName, Token,
};
use std::borrow::Cow;

/// Types of `BinHex` (RFC 1741).
const BINHEX: [&str; 3] = [
    "application/mac-binhex40",
    "application/mac-binhex",
    "application/x-binhex",
];

/// The most pictures that an HTML body is told about.
const MAX_PICTURES: usize = 1_000;

/// Puts every leaf, in the order of the message.
///
/// # Errors
/// [`Refusal::Overrun`], or what the far side says.
pub(super) fn put_all(nodes: &[Node<'_>], cx: &mut Cx<'_>) -> Result<(), Refusal> {
    let given = names_of(nodes, cx)?;
    let has_name: Vec<bool> = given.iter().map(Option::is_some).collect();
    let roles = roles::assign(nodes, &has_name, cx);
    let names = with_defaults(nodes, given);
    let pictures = pictures(nodes, &names);
    for ((node, role), name) in nodes.iter().zip(roles).zip(names) {
        let Some(role) = role else {
            continue;
        };
        let content = Content::of(node);
        note_kind(node, content, cx);
        let parent = node.parent.and_then(|parent| nodes.get(parent));
        if content == Content::External || reports::is_pgp_control(node, parent) {
            continue;
        }
        put(node, role, name, &pictures, cx)?;
    }
    Ok(())
}

fn put(
    node: &Node<'_>,
    role: Role,
    name: Option<SafeName>,
    pictures: &[(Token, SafeName)],
    cx: &mut Cx<'_>,
) -> Result<(), Refusal> {
    let mut decoded = transfer::decode(node.body, node.head.encoding, cx)?;
    let is_header = reports::is_header(node);
    if is_header {
        decoded.bytes = Cow::Owned(reports::header(&decoded.bytes, cx)?);
    }
    if decoded.bytes.is_empty() && name.is_none() && matches!(role, Role::Body { .. }) {
        // a body that says nothing, as beside an attachment, leaves nothing to account for
        return Ok(());
    }
    if node.head.media == "application/applefile" && decoded.bytes.starts_with(archive::DOUBLE) {
        // what a Macintosh keeps beside the file that stands next to it (RFC 1740)
        cx.note(FindingCode::MimeResourceFork);
        return Ok(());
    }
    let unwrapped = binhex(node, name.as_ref(), &mut decoded, cx)?;
    let name = name.filter(|_| !unwrapped);
    let name = match (name, decoded.inner_name) {
        (None, Some(raw)) => names::inner(&raw, cx)?,
        (name, _) => name,
    };
    let mut hints = hints(node, role, name.as_ref());
    if is_header {
        hints.charset = Token::parse("utf-8");
    }
    if unwrapped {
        // what was declared is the wrapping
        hints.declared = None;
    }
    if hints.body && node.head.media == "text/html" {
        cx.charge_len(Resource::Steps, pictures.len())?;
        hints.pictures = pictures.to_vec();
    }
    cx.put(Piece::Child(Box::new(Child {
        name,
        role,
        hints,
        content: cx.content(decoded.bytes),
    })))
}

/// Undoes `BinHex` of a part that says to be such, by its type, its encoding or its name: what is inside has a
/// name of its own. Tells whether it did.
fn binhex(
    node: &Node<'_>,
    name: Option<&SafeName>,
    decoded: &mut transfer::Content<'_>,
    cx: &mut Cx<'_>,
) -> Result<bool, Refusal> {
    let by_name = name.is_some_and(|name| {
        let extension = name.split_extension().1;
        extension.is_some_and(|e| e.eq_ignore_ascii_case("hqx"))
    });
    if !by_name && !BINHEX.contains(&node.head.media.as_str()) {
        return Ok(false);
    }
    cx.charge_len(Resource::Steps, decoded.bytes.len() / 16)?;
    let start = memchr::memmem::find(&decoded.bytes, binhex::BANNER);
    let Some(text) = start.and_then(|start| decoded.bytes.get(start..)) else {
        return Ok(false);
    };
    let Some(file) = binhex::read(text, cx)? else {
        return Ok(false);
    };
    cx.note(FindingCode::MimeEmbedded);
    cx.note_times(FindingCode::MimeResourceFork, u32::from(file.resources));
    let (name, content) = (file.name, file.content);
    *decoded = transfer::Content {
        bytes: Cow::Owned(content),
        inner_name: Some(name),
    };
    Ok(true)
}

fn names_of(nodes: &[Node<'_>], cx: &mut Cx<'_>) -> Result<Vec<Option<SafeName>>, Refusal> {
    let mut names = Vec::new();
    for node in nodes {
        names.push(match node.form {
            Form::Multipart => None,
            Form::Leaf | Form::Undivided | Form::Opaque => names::of_part(&node.head, cx)?,
        });
    }
    Ok(names)
}

/// Names for messages, and for pictures that a body may point to, which have none of their own.
fn with_defaults(nodes: &[Node<'_>], names: Vec<Option<SafeName>>) -> Vec<Option<SafeName>> {
    let mut unnamed = 0u32;
    let default = |(node, name): (&Node<'_>, Option<SafeName>)| {
        if name.is_some() {
            return name;
        }
        let raw = if node.form == Form::Leaf && Content::of(node) == Content::Message {
            "message.eml".to_owned()
        } else if is_picture(node) {
            unnamed = unnamed.saturating_add(1);
            format!("image-{unnamed}")
        } else {
            return None;
        };
        SafeName::clean(&raw).0
    };
    nodes.iter().zip(names).map(default).collect()
}

/// Which Content-ID is which file.
fn pictures(nodes: &[Node<'_>], names: &[Option<SafeName>]) -> Vec<(Token, SafeName)> {
    nodes
        .iter()
        .zip(names)
        // an empty part leaves no file to point to
        .filter(|(node, _)| is_picture(node) && !node.body.trim_ascii_start().is_empty())
        .filter_map(|(node, name)| {
            let id = Token::parse(node.head.content_id.as_deref()?)?;
            Some((id, name.clone()?))
        })
        .take(MAX_PICTURES)
        .collect()
}

fn is_picture(node: &Node<'_>) -> bool {
    node.head.media.starts_with("image/") && node.head.content_id.is_some()
}

fn hints(node: &Node<'_>, role: Role, name: Option<&SafeName>) -> Hints {
    let head = &node.head;
    let declared = match Content::of(node) {
        Content::Report => MediaType::parse("text/plain"),
        Content::Message => MediaType::parse("message/rfc822"),
        Content::Text if node.form == Form::Undivided => MediaType::parse("text/plain"),
        // left to the detector: nobody declared anything
        Content::Text if head.content_type.value.is_empty() => None,
        Content::Text | Content::Partial | Content::External | Content::File => {
            MediaType::parse(&head.media)
        }
    };
    let is = |param: &str, value: &str| {
        head.content_type
            .word(param)
            .is_some_and(|word| word.eq_ignore_ascii_case(value))
    };
    Hints {
        passwords: Vec::new(),
        declared,
        extension: name.and_then(names::extension),
        charset: head.content_type.word("charset").and_then(Token::parse),
        flowed: is("format", "flowed"),
        delsp: is("delsp", "yes"),
        body: matches!(role, Role::Body { .. }),
        ..Hints::default()
    }
}

/// Notes what cannot be carried as it is.
fn note_kind(node: &Node<'_>, content: Content, cx: &mut Cx<'_>) {
    match content {
        Content::Partial => cx.note(FindingCode::MimePartial),
        Content::External => cx.note(FindingCode::MimeExternalBody),
        Content::Text | Content::Report | Content::Message | Content::File => {}
    }
    if matches!(
        node.head.media.as_str(),
        "application/pkcs7-mime" | "application/x-pkcs7-mime"
    ) {
        let signed = node.head.content_type.word("smime-type");
        let signed = signed.is_some_and(|kind| kind.eq_ignore_ascii_case("signed-data"));
        // that it is signed is noted where its content is found
        cx.note_times(FindingCode::MimeEncrypted, u32::from(!signed));
    }
}
