//! Which rule decides about a file.

use crate::policy::{Archives, Attached, Policy, Route, Secrets, file};
use mugai_core::{Animation, Kind, Lang, Resource, Treatment};
use std::fmt;

/// Why a kind of file is treated as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    kind: Kind,
    treatment: Treatment,
    rule: String,
}

impl Explanation {
    /// What the policy does with a file of `kind` between two zones.
    #[must_use]
    pub fn of(policy: &Policy, from: &str, to: &str, kind: Kind) -> Self {
        let family = kind.family();
        let position = policy
            .routes()
            .iter()
            .position(|r| r.from == from && r.to == to);
        let Some((number, route)) = position.zip(policy.route(from, to)) else {
            let rule = format!("no route from {from} to {to}: everything is withheld");
            return Self {
                kind,
                treatment: Treatment::Withhold,
                rule,
            };
        };
        let treatment = route.treatments.of(family);
        let rule = if treatment != Treatment::Withhold {
            format!(
                "route[{number}] {from} -> {to}, treat.{} = {}",
                family.code(),
                treatment.code()
            )
        } else if file::available(family).len() == 1 {
            format!(
                "there is no reader for the family \"{}\" yet: withheld",
                family.code()
            )
        } else {
            format!(
                "route[{number}] {from} -> {to} does not name the family \"{}\", or names it to withhold",
                family.code()
            )
        };
        Self {
            kind,
            treatment,
            rule,
        }
    }

    /// What is done.
    #[must_use]
    pub const fn treatment(&self) -> Treatment {
        self.treatment
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "kind:      {} ({})",
            self.kind.code(),
            self.kind.media_type()
        )?;
        writeln!(f, "treatment: {}", self.treatment.code())?;
        write!(f, "rule:      {}", self.rule)
    }
}

impl fmt::Display for Route {
    /// A table of the route for people; it says all that the route says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "route {} -> {}", self.from, self.to)?;
        for (family, treatment) in self.treatments.iter() {
            writeln!(f, "  {:<10} {}", family.code(), treatment.code())?;
        }
        let params = &self.params;
        let lang = if params.lang == Lang::Ja { "ja" } else { "en" };
        let links = params.links.code();
        let animation = if params.animation == Animation::First {
            "first"
        } else {
            "all"
        };
        writeln!(
            f,
            "  settings   lang {lang}, links {links}, animation {animation}, dpi {}, text_layer {}, {}{}archives {}",
            params.dpi,
            params.text_layer,
            // said where it is not as it always was
            if params.embedded {
                "embedded beside, "
            } else {
                ""
            },
            if params.comments {
                "comments text, "
            } else {
                ""
            },
            if self.archives == Archives::Zip {
                "zip"
            } else {
                "parts"
            }
        )?;
        if let Some(contact) = &self.texts.contact {
            writeln!(f, "  contact    {contact}")?;
        }
        if let Some(notice) = &self.texts.notice {
            writeln!(f, "  notice     {notice:?}")?;
        }
        if let Some(server) = &self.authserv {
            writeln!(f, "  senders    as found out by {}", server.as_str())?;
        }
        if self.attached == Attached::Mail {
            writeln!(f, "  attached   mails stay mails")?;
        }
        let secrets = &self.secrets;
        // how many there are, and never which
        if *secrets != Secrets::default() {
            writeln!(
                f,
                "  passwords  {} given, passwords_in_mail {}, encrypt_again {}",
                secrets.passwords.len(),
                secrets.in_mail,
                secrets.again
            )?;
        }
        for (of, limits) in [("part", &self.part), ("job", &self.job)] {
            write!(f, "  {of:<10}")?;
            for resource in Resource::ALL {
                write!(f, " {} {}", resource.code(), limits.of(resource))?;
            }
            writeln!(f)?;
        }
        writeln!(f, "  deadline   {} ms", self.deadline.as_millis())
    }
}
