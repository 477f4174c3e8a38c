//! Tests of the whole reader: recipes in, pieces and findings out.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "recipes count and cut small things of our own"
)]
#![expect(
    clippy::format_push_string,
    clippy::too_many_lines,
    reason = "recipes and tables of cases read best in one piece"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a piece of another kind is a failed test"
)]

mod differential;
pub(super) mod encode;
mod headers;
mod limits;
mod names;
mod structure;

use super::Mail;
use crate::reader::Format;
use mugai_core::{
    Assignment, Budget, Child, Cx, Envelope, Family, Finding, FindingCode, Hints, Kind, Limits,
    NoFonts, Params, Piece, Refusal, Role, Sink, Treatment, Treatments,
};
use std::collections::BTreeMap;

const LIMITS: Limits = Limits {
    bytes: 512 << 20,
    pixels: 0,
    parts: 2_000,
    depth: 5,
    steps: 500_000_000,
};

/// Keeps all that a reader says.
#[derive(Default)]
struct Heard {
    pieces: Vec<Piece>,
    findings: BTreeMap<FindingCode, u32>,
}

impl Sink for Heard {
    fn kind(&mut self, _: Kind) -> Result<(), Refusal> {
        Ok(())
    }
    fn put(&mut self, piece: Piece) -> Result<(), Refusal> {
        self.pieces.push(piece);
        Ok(())
    }
    fn note(&mut self, finding: Finding) -> Result<(), Refusal> {
        self.findings.insert(finding.code, finding.count);
        Ok(())
    }
}

/// What became of one message.
struct Outcome {
    result: Result<(), Refusal>,
    heard: Heard,
    spent_steps: u64,
}

impl Outcome {
    fn envelope(&self) -> &Envelope {
        match self.heard.pieces.first() {
            Some(Piece::Envelope(envelope)) => envelope,
            other => panic!("no envelope but {other:?}"),
        }
    }

    fn children(&self) -> Vec<&Child> {
        self.heard
            .pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Child(child) => Some(child.as_ref()),
                _ => None,
            })
            .collect()
    }

    fn count(&self, code: FindingCode) -> u32 {
        self.heard.findings.get(&code).copied().unwrap_or(0)
    }
}

fn read_with(input: &[u8], limits: Limits) -> Outcome {
    open_with(&Mail, input, limits)
}

fn open_with(format: &dyn Format, input: &[u8], limits: Limits) -> Outcome {
    let order = Assignment {
        hints: Hints::default(),
        treatments: Treatments::nothing().with(Family::Mail, Treatment::Text),
        limits,
        params: Params::default(),
    };
    let budget = Budget::new(limits);
    let mut heard = Heard::default();
    let mut cx = Cx::new(&order, &budget, &NoFonts, &mut heard);
    let result = format.open(input, &mut cx);
    cx.flush().unwrap();
    Outcome {
        result,
        heard,
        spent_steps: budget.spent(mugai_core::Resource::Steps),
    }
}

/// Reads a message that must be readable.
fn read(input: impl AsRef<[u8]>) -> Outcome {
    let outcome = read_with(input.as_ref(), LIMITS);
    assert_eq!(outcome.result, Ok(()));
    outcome
}

/// One child in short: `body 0.1 text/html name.txt:content`.
fn brief(child: &Child) -> String {
    let role = match child.role {
        Role::Body { group, choice } => format!("body {group}.{choice}"),
        Role::Attachment => "file".to_owned(),
        Role::Message => "message".to_owned(),
        Role::Picture => "picture".to_owned(),
        Role::Member => "member".to_owned(),
    };
    let media = child.hints.declared.as_ref().map_or("-", |m| m.as_str());
    let name = child.name.as_ref().map_or("-", |n| n.as_str());
    let content = String::from_utf8_lossy(child.content.here().unwrap());
    format!("{role} {media} {name}:{content}")
}

fn briefs(outcome: &Outcome) -> Vec<String> {
    outcome.children().into_iter().map(brief).collect()
}
