//! Which rules hold for which recipients.

use super::ConfigError;
use crate::smtp::path::Path;
use serde::Deserialize;

/// A policy, and the zones between which it is asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// The name of the policy; empty for the default of the service.
    pub policy: String,
    /// The zone that mails come from.
    pub from: String,
    /// The zone that they go to.
    pub to: String,
}

/// Rules, the first that fits first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipients {
    rules: Vec<(Pattern, Rule)>,
    rest: Rule,
}

/// Whom a rule is for; in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    /// `a@b`: one address.
    Address(String),
    /// `@b`: a domain.
    Domain(String),
    /// `@.b`: all domains below one.
    Below(String),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    policy: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRecipient {
    address: String,
    policy: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

impl Recipients {
    pub(super) fn new(rest: RawRule, rules: Vec<RawRecipient>) -> Result<Self, ConfigError> {
        let rest = Rule {
            policy: rest.policy.unwrap_or_else(|| "municipal-lgwan".to_owned()),
            from: rest.from.unwrap_or_else(|| "internet".to_owned()),
            to: rest.to.unwrap_or_else(|| "lgwan".to_owned()),
        };
        let rules = rules.into_iter().map(|raw| {
            let rule = Rule {
                policy: raw.policy.unwrap_or_else(|| rest.policy.clone()),
                from: raw.from.unwrap_or_else(|| rest.from.clone()),
                to: raw.to.unwrap_or_else(|| rest.to.clone()),
            };
            Ok((Pattern::read(&raw.address)?, rule))
        });
        Ok(Self {
            rules: rules.collect::<Result<_, ConfigError>>()?,
            rest,
        })
    }

    /// The rule for a recipient. An address with a `+`, as `a+list@b.jp`, is also what stands before it: most mail
    /// servers put both into one box.
    pub(crate) fn rule(&self, recipient: &Path) -> &Rule {
        let address = plain(&recipient.as_str().to_lowercase());
        let domain = recipient.domain();
        let domain = domain.strip_suffix('.').unwrap_or(&domain);
        let whole = address.rsplit_once('@').and_then(|(local, domain)| {
            let (before, _) = local.split_once('+')?;
            (!before.is_empty()).then(|| format!("{before}@{domain}"))
        });
        let fits = |pattern: &Pattern| match pattern {
            Pattern::Address(one) => *one == address || whole.as_ref() == Some(one),
            Pattern::Domain(one) => *one == domain,
            Pattern::Below(above) => domain
                .strip_suffix(above.as_str())
                .is_some_and(|rest| rest.ends_with('.')),
        };
        let mut rules = self.rules.iter();
        rules
            .find(|(pattern, _)| fits(pattern))
            .map_or(&self.rest, |(_, rule)| rule)
    }

    /// All rules, the one for everybody else at last.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|(_, rule)| rule).chain([&self.rest])
    }
}

/// An address without what makes no difference: quotes around its local part, a point at its end.
fn plain(address: &str) -> String {
    let address = address.strip_suffix('.').unwrap_or(address);
    let Some((local, domain)) = address.rsplit_once('@') else {
        return address.to_owned();
    };
    let quoted = local
        .strip_prefix('"')
        .and_then(|local| local.strip_suffix('"'));
    match quoted {
        Some(quoted) => format!("{}@{domain}", quoted.replace('\\', "")),
        None => address.to_owned(),
    }
}

impl Pattern {
    fn read(text: &str) -> Result<Self, ConfigError> {
        let small = text.to_lowercase();
        let wrong = || {
            let problem = format!("{text:?} is not accepted; accepted: a@b.jp, @b.jp, @.b.jp");
            ConfigError::Value("recipient.address", problem)
        };
        let (local, domain) = small.rsplit_once('@').ok_or_else(wrong)?;
        let name = domain.strip_prefix('.').unwrap_or(domain);
        if name.is_empty() || Path::read(&format!("<x@{name}>")).is_none() {
            return Err(wrong());
        }
        match (local.is_empty(), domain == name) {
            (true, true) => Ok(Self::Domain(name.to_owned())),
            (true, false) => Ok(Self::Below(name.to_owned())),
            (false, true) if Path::read(&format!("<{small}>")).is_some() => {
                Ok(Self::Address(plain(&small)))
            }
            (false, _) => Err(wrong()),
        }
    }
}
