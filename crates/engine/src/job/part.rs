//! A part between its discovery and its outcome.

use crate::job::Order;
use crate::report::{Digests, Findings, Status};
use mugai_core::{
    Child, Envelope, Hints, Kind, Markup, PartPath, Password, Refusal, Role, SafeName, Token,
    Treatment, Untrusted,
};
use mugai_emit::Harmless;
use mugai_verify::Verified;

/// How far a part has come.
pub(super) enum State {
    /// In the queue.
    Waiting(Untrusted),
    /// Opened as text that still has to be put somewhere.
    Text(String),
    /// Made into a file that passed its checker.
    File(Verified),
    /// Made into a file that passed its checker, and packed into its archive or message.
    Packed,
    /// Opened as an office document; its pictures are behind it in the list.
    Office(Vec<Markup>),
    /// Opened as a message; its parts are behind it in the list.
    Mail(Box<Envelope>),
    /// Opened as an archive; its files are behind it in the list.
    Archive,
    /// Opened as a mailbox; its messages are behind it in the list.
    Mailbox,
    /// Told in the body of its message.
    Shown,
    /// Left out, because nothing of it belongs into the output.
    Removed,
    /// Left out for a reason.
    Withheld(Refusal),
}

/// A file that goes out with the message, or beside the root.
pub(super) struct Deliverable {
    /// The part that it was made of.
    pub(super) part: usize,
    /// What it is called.
    pub(super) name: SafeName,
    /// The file.
    pub(super) file: Verified,
    /// Its digests, where they have been taken already.
    pub(super) digests: Option<Digests>,
}

/// One part of a job.
pub(super) struct Part {
    pub(super) path: PartPath,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    pub(super) name: Option<SafeName>,
    /// What it says it is about, where it has no name.
    pub(super) title: Option<SafeName>,
    /// Whether it is called after what it came in, for want of a name of its own.
    pub(super) takes_name: bool,
    /// How many levels it lies below the root.
    pub(super) level: usize,
    /// Whether that is the level of what it came in.
    pub(super) shares_level: bool,
    pub(super) role: Role,
    pub(super) hints: Hints,
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
    pub(super) steps: u64,
    pub(super) kind: Option<Kind>,
    pub(super) treatment: Treatment,
    pub(super) findings: Findings,
    pub(super) state: State,
    /// What opened it, where that is known.
    pub(super) password: Option<Password>,
    /// Its text, which the message around it tells.
    pub(super) told: Option<Harmless>,
    /// What the office suite made of it, once it did.
    pub(super) converted: Option<Kind>,
    /// What it is called in the output, once it is made.
    pub(super) output: Option<String>,
    /// The files that were made of it and of what is in it, in their order in the message.
    pub(super) out: Vec<Deliverable>,
}

impl Part {
    /// The input itself.
    pub(super) fn root(order: &Order<'_>, input: Untrusted) -> Self {
        let extension = order.name.as_ref().and_then(|name| {
            let (_, extension) = name.split_extension();
            Token::parse(&extension?.to_ascii_lowercase())
        });
        Self::new(
            PartPath::root(),
            None,
            Child {
                name: order.name.clone(),
                role: Role::Attachment,
                hints: Hints {
                    extension,
                    ..Hints::default()
                },
                content: input,
            },
        )
    }

    /// A part that was found inside another.
    pub(super) fn new(path: PartPath, parent: Option<usize>, child: Child) -> Self {
        Self {
            level: path.depth(),
            path,
            parent,
            children: Vec::new(),
            name: child.name,
            title: None,
            takes_name: false,
            shares_level: false,
            role: child.role,
            hints: child.hints,
            bytes_in: u64::try_from(child.content.len()).unwrap_or(u64::MAX),
            bytes_out: 0,
            steps: 0,
            kind: None,
            treatment: Treatment::Withhold,
            findings: Findings::default(),
            state: State::Waiting(child.content),
            password: None,
            told: None,
            converted: None,
            output: None,
            out: Vec::new(),
        }
    }

    /// What became of it, for the report.
    pub(super) fn status(&self) -> Status {
        match self.state {
            State::Withheld(_) | State::Waiting(_) => Status::Withheld,
            State::Removed => Status::Removed,
            State::Text(_) | State::File(_) | State::Packed | State::Shown => {
                let same = matches!(self.kind, Some(Kind::Plain | Kind::Csv));
                if same && self.findings.is_empty() {
                    Status::Kept
                } else {
                    Status::Rewritten
                }
            }
            State::Mail(_) | State::Mailbox | State::Archive | State::Office(_) => {
                Status::Rewritten
            }
        }
    }

    /// Why it is withheld, if it is.
    pub(super) const fn refusal(&self) -> Option<&Refusal> {
        match &self.state {
            State::Withheld(refusal) => Some(refusal),
            State::Waiting(_)
            | State::Text(_)
            | State::File(_)
            | State::Packed
            | State::Mail(_)
            | State::Mailbox
            | State::Archive
            | State::Office(_)
            | State::Shown
            | State::Removed => None,
        }
    }
}
