//! The rules: which zone may send what to which zone, and how it is treated.
//!
//! A policy file is *parsed into* a [`Policy`]: nothing that was not checked is left in it. There is
//! no way to say that something passes as it is.

mod explain;
mod file;
mod secrets;
mod texts;
pub mod units;

pub use explain::Explanation;
pub use file::PolicyError;
pub use secrets::{Secrets, passwords_of};
pub use texts::{Texts, fill};

use mugai_core::{Host, Lang, Limits, Params, Treatments};
use std::time::Duration;

/// The presets by name, the default first.
pub const PRESETS: [(&str, &str); 3] = [
    (
        "municipal-lgwan",
        include_str!("policy/presets/municipal-lgwan.toml"),
    ),
    ("strict", include_str!("policy/presets/strict.toml")),
    ("text-only", include_str!("policy/presets/text-only.toml")),
];

/// Where parts may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// In confined workers only, and only where all required fences stand.
    Worker,
    /// The same, and each worker is in a control group of its own.
    InGroups,
    /// In confined workers, also on machines whose kernel has no Landlock: what they may do is then up to the list of
    /// system calls alone.
    WithoutLandlock,
    /// In this process, without a fence, when asked for: development only.
    InProcess,
}

impl Isolation {
    /// The word in policies.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::InGroups => "worker-in-group",
            Self::WithoutLandlock => "worker-without-landlock",
            Self::InProcess => "in-process",
        }
    }

    /// Whether it is in confined workers.
    #[must_use]
    pub const fn is_confined(self) -> bool {
        !matches!(self, Self::InProcess)
    }
}

/// A whole policy: zones, routes, treatments and limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    name: String,
    isolation: Isolation,
    routes: Vec<Route>,
    hash: String,
}

/// How what came of an archive goes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Archives {
    /// As one new ZIP file.
    #[default]
    Zip,
    /// File by file, beside what the archive came in.
    Parts,
}

/// What becomes of a message that is attached to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Attached {
    /// A text, its files beside it.
    #[default]
    Text,
    /// A message of its own, its files in it.
    Mail,
}

/// What happens between an ordered pair of zones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The zone that a file comes from.
    pub from: String,
    /// The zone that it goes to.
    pub to: String,
    /// What is done with each family of kinds; families that are not named are withheld.
    pub treatments: Treatments,
    /// Settings of readers and writers.
    pub params: Params,
    /// How archives go out.
    pub archives: Archives,
    /// The server whose results about senders are believed; those of others are left out.
    pub authserv: Option<Host>,
    /// What becomes of attached messages.
    pub attached: Attached,
    /// Passwords, and what is done with those that fit.
    pub secrets: Secrets,
    /// What is said to the reader of a mail in the administrator's own words.
    pub texts: Texts,
    /// The purse of one part.
    pub part: Limits,
    /// The purse of a whole job.
    pub job: Limits,
    /// Wall-clock time for a whole job, in the supervisor's hands.
    pub deadline: Duration,
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] names the key, the value and what is accepted.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        file::parse(text)
    }

    /// A preset by its name.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        let (_, text) = PRESETS.iter().find(|(preset, _)| *preset == name)?;
        Self::parse(text).ok()
    }

    /// A preset by its name, or else the policy in a file.
    ///
    /// # Errors
    /// What is wrong, in words that name the policy.
    pub fn load(source: &str) -> Result<Self, String> {
        if let Some(preset) = Self::preset(source) {
            return Ok(preset);
        }
        let text = std::fs::read_to_string(source).map_err(|error| {
            let presets = PRESETS.map(|(name, _)| name).join(", ");
            format!("policy {source:?} is neither a preset ({presets}) nor a file: {error}")
        })?;
        Self::parse(&text).map_err(|error| format!("{source}: {error}"))
    }

    /// The default: from the Internet-connected to the LGWAN-connected network.
    ///
    /// # Errors
    /// None in a build whose tests pass: the preset is part of this crate.
    pub fn municipal_lgwan() -> Result<Self, PolicyError> {
        let [(_, text), ..] = PRESETS;
        Self::parse(text)
    }

    /// The name of the policy.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where parts may be opened.
    #[must_use]
    pub const fn isolation(&self) -> Isolation {
        self.isolation
    }

    /// BLAKE3 of the parsed policy, in hex: equal for files that say the same.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The first route from one zone to another; without one everything is withheld.
    #[must_use]
    pub fn route(&self, from: &str, to: &str) -> Option<&Route> {
        self.routes
            .iter()
            .find(|route| route.from == from && route.to == to)
    }

    /// The same policy with notices in another language. Its hash changes with it.
    #[must_use]
    pub fn in_language(mut self, lang: Lang) -> Self {
        for route in &mut self.routes {
            route.params.lang = lang;
        }
        self.hash = file::hash(&self);
        self
    }

    /// All routes, in the order of the file.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }
}

#[cfg(test)]
mod tests;
