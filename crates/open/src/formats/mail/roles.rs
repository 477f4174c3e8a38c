//! Which parts are the body, and which of them are forms of the same text (RFC 2046 section 5.1).

use crate::formats::mail::structure::{Form, Node};
use mugai_core::{Cx, FindingCode, Role};

/// Reports of mail systems that are text by another name (RFC 3464, 3798, 5965, 6533).
pub(super) const REPORTS: [&str; 8] = [
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/global-disposition-notification",
    "message/feedback-report",
    "message/tracking-status",
    "message/global-headers",
    "text/rfc822-headers",
];

/// HTML for one program: forms of a body beside others, and nothing to anybody by themselves.
const OTHER_FORMS: [&str; 2] = ["text/x-amp-html", "text/watch-html"];

/// What a leaf is, by its declared type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Plain text or HTML.
    Text,
    /// A report that is shown as plain text.
    Report,
    /// A whole message.
    Message,
    /// A piece of a message.
    Partial,
    /// A reference to content elsewhere: holds nothing.
    External,
    /// Anything else.
    File,
}

impl Content {
    /// Looks at the declared type of a leaf, and at its bytes only where a multipart could not be
    /// taken apart: its content is shown if it is text.
    pub(super) fn of(node: &Node<'_>) -> Self {
        match node.form {
            Form::Opaque | Form::Multipart => return Self::File,
            Form::Undivided => {
                let head = node.body.get(..node.body.len().min(4096));
                let binary = head.unwrap_or(node.body).contains(&0);
                return if binary { Self::File } else { Self::Text };
            }
            Form::Leaf => {}
        }
        match node.head.media.as_str() {
            "text/plain" | "text/html" => Self::Text,
            "message/rfc822" | "message/global" | "message/news" => Self::Message,
            "message/partial" => Self::Partial,
            "message/external-body" => Self::External,
            report if REPORTS.contains(&report) => Self::Report,
            _ => Self::File,
        }
    }
}

/// The roles of all nodes; none for multiparts. `named` tells which have a file name.
pub(super) fn assign(nodes: &[Node<'_>], named: &[bool], cx: &mut Cx<'_>) -> Vec<Option<Role>> {
    let roots = related_roots(nodes);
    let mut scopes: Vec<Scope> = Vec::new();
    let mut groups = Groups::default();
    let mut roles = Vec::new();
    let mut any_body = false;
    for (index, node) in nodes.iter().enumerate() {
        let parent = node.parent.and_then(|p| Some((p, nodes.get(p)?)));
        let mut scope = Scope::default();
        if let Some((at, parent)) = parent {
            scope = scopes.get(at).copied().unwrap_or_default();
            match parent.head.multipart() {
                Some("alternative") => groups.next_choice(scope.group),
                Some("related") => scope.beside |= roots.get(at).copied().flatten() != Some(index),
                Some("encrypted") => scope.beside = true,
                Some("signed") => scope.beside |= index != at.saturating_add(1),
                _ => {}
            }
        }
        if node.form == Form::Multipart {
            note_protection(node, cx);
            if node.head.multipart() == Some("alternative") && scope.group.is_none() {
                scope.group = Some(groups.start());
            }
            roles.push(None);
        } else {
            let named = named.get(index).copied().unwrap_or_default();
            let other_form = OTHER_FORMS.contains(&node.head.media.as_str());
            let may_be_named = !any_body || scope.group.is_some();
            let body = !scope.beside
                && !node.head.is_attached()
                && match Content::of(node) {
                    Content::Text => !named || may_be_named,
                    Content::Report => true,
                    Content::File => other_form && scope.group.is_some() && !named,
                    Content::Message | Content::Partial | Content::External => false,
                };
            any_body |= body;
            roles.push(Some(if body {
                groups.role(scope.group)
            } else {
                Role::Attachment
            }));
        }
        scopes.push(scope);
    }
    together(nodes, &mut roles);
    roles
}

/// Forms that belong together get one number. The parts of a multipart among the forms are one form; of
/// alternatives inside of it the last one is, and those before it stay below.
fn together(nodes: &[Node<'_>], roles: &mut [Option<Role>]) {
    let parent = |at: usize| nodes.get(at).and_then(|node| node.parent);
    let alternative = |at: usize| {
        let node = nodes.get(at);
        node.is_some_and(|node| node.head.multipart() == Some("alternative"))
    };
    // the last child with a part of the body, for each multipart of alternatives; parents come first
    let mut last: Vec<Option<usize>> = vec![None; nodes.len()];
    let body = |role: &Option<Role>| matches!(role, Some(Role::Body { .. }));
    for leaf in (0..nodes.len()).filter(|leaf| roles.get(*leaf).is_some_and(body)) {
        let mut at = leaf;
        while let Some(above) = parent(at) {
            if let Some(last) = last.get_mut(above) {
                *last = Some(at);
            }
            at = above;
        }
    }
    // the form of the outermost alternatives that a leaf is in, and whether it is the last of those inside
    let form = |leaf: usize| {
        let (mut at, mut found, mut lasts, mut before) = (leaf, None, true, true);
        while let Some(above) = parent(at) {
            if alternative(above) {
                before = found.is_none_or(|_| lasts);
                found = Some(at);
                lasts &= last.get(above).copied().flatten() == Some(at);
            }
            at = above;
        }
        Some((found?, before))
    };
    let mut highest = vec![0u32; nodes.len()];
    for pass in 0..2 {
        for leaf in 0..nodes.len() {
            let role = roles.get_mut(leaf).and_then(Option::as_mut);
            let (Some(Role::Body { choice, .. }), Some((form, whole))) = (role, form(leaf)) else {
                continue;
            };
            if let Some(highest) = highest.get_mut(form) {
                if pass == 0 {
                    *highest = (*highest).max(*choice);
                } else if whole {
                    *choice = *highest;
                }
            }
        }
    }
}

/// What the parts of a multipart inherit.
#[derive(Clone, Copy, Default)]
struct Scope {
    /// The alternatives that they belong to.
    group: Option<u32>,
    /// They are beside the body, whatever their type.
    beside: bool,
}

/// Numbers for places in the body and for the forms at one place.
#[derive(Default)]
struct Groups {
    /// Forms so far, for each place.
    choices: Vec<u32>,
}

impl Groups {
    fn start(&mut self) -> u32 {
        let group = u32::try_from(self.choices.len()).unwrap_or(u32::MAX);
        self.choices.push(0);
        group
    }

    /// A further form of a place. Multiparts of alternatives inside of each other share one
    /// number line: later is better on every level.
    fn next_choice(&mut self, group: Option<u32>) {
        let index = group.and_then(|g| usize::try_from(g).ok());
        if let Some(choice) = index.and_then(|i| self.choices.get_mut(i)) {
            *choice = choice.saturating_add(1);
        }
    }

    fn role(&mut self, group: Option<u32>) -> Role {
        let group = group.unwrap_or_else(|| self.start());
        let index = usize::try_from(group).unwrap_or(usize::MAX);
        let forms = self.choices.get(index).copied().unwrap_or_default();
        Role::Body {
            group,
            choice: forms.saturating_sub(1),
        }
    }
}

/// For each related multipart its root: the part that `start` names, else the first (RFC 2387).
fn related_roots(nodes: &[Node<'_>]) -> Vec<Option<usize>> {
    let mut roots: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut by_name = vec![false; nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        let Some((at, parent)) = node.parent.and_then(|p| Some((p, nodes.get(p)?))) else {
            continue;
        };
        let start = parent.head.content_type.plain("start").0;
        let start = start.map(|s| s.trim().trim_matches(['<', '>']));
        let is_start = start.is_some() && start == node.head.content_id.as_deref();
        let named = by_name.get_mut(at);
        if let (Some(root), Some(named)) = (roots.get_mut(at), named) {
            if root.is_none() || (is_start && !*named) {
                *root = Some(index);
            }
            *named |= is_start;
        }
    }
    roots
}

fn note_protection(node: &Node<'_>, cx: &mut Cx<'_>) {
    match node.head.multipart() {
        Some("signed") => cx.note(FindingCode::MimeSigned),
        Some("encrypted") => cx.note(FindingCode::MimeEncrypted),
        _ => {}
    }
}
