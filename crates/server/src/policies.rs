//! The policies in force, and their replacement.

mod watch;

pub(crate) use watch::watch;

use mugai_engine::Policy;
use mugai_observe::Observer;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// Policies by the names under which callers ask for them.
pub(crate) type Table = BTreeMap<String, Arc<Policy>>;

/// All policies. They are replaced all at once or not at all: calls under way keep the ones they
/// began with.
#[derive(Debug)]
pub struct Policies {
    current: RwLock<Arc<Set>>,
    /// Who is told when they are read again.
    observer: OnceLock<Arc<Observer>>,
}

/// Policies, and where they come from.
#[derive(Debug)]
struct Set {
    default: String,
    sources: BTreeMap<String, String>,
    /// What the files looked like before they were read: whatever is changed from then on differs.
    looks: Vec<watch::Look>,
    table: Arc<Table>,
}

impl Policies {
    /// Reads all policies: `sources` has a preset or a file for each name.
    ///
    /// # Errors
    /// What is wrong with the first that cannot be used.
    pub fn load(default: &str, sources: &BTreeMap<String, String>) -> Result<Self, String> {
        let looks = looks(sources);
        let table = read(sources)?;
        if !table.contains_key(default) {
            return Err(format!("policy {default:?} is not configured"));
        }
        Ok(Self {
            current: RwLock::new(Arc::new(Set {
                default: default.to_owned(),
                sources: sources.clone(),
                looks,
                table: Arc::new(table),
            })),
            observer: OnceLock::new(),
        })
    }

    /// Reads all policies again.
    ///
    /// # Errors
    /// What is wrong with the first that cannot be used; the last good ones stay.
    pub fn reload(&self) -> Result<(), String> {
        let current = self.set();
        let looks = looks(&current.sources);
        let table = read(&current.sources);
        if let Some(observer) = self.observer.get() {
            observer.reload(table.is_ok());
        }
        let table = Arc::new(table?);
        let mut place = self.current.write().unwrap_or_else(PoisonError::into_inner);
        // others may have been put in force meanwhile, which were read later than these
        if Arc::ptr_eq(&place, &current) {
            *place = Arc::new(Set {
                default: current.default.clone(),
                sources: current.sources.clone(),
                looks,
                table,
            });
        }
        Ok(())
    }

    /// Has every reading from now on told.
    pub(crate) fn tell(&self, observer: &Arc<Observer>) {
        // the first stays: a service has one
        let _ = self.observer.set(Arc::clone(observer));
    }

    /// Puts others in force, with other names and files.
    pub(crate) fn change(&self, others: &Self) {
        let others = others.set();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = others;
    }

    fn set(&self) -> Arc<Set> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What all sources look like from outside.
    fn looks(&self) -> Vec<watch::Look> {
        looks(&self.set().sources)
    }

    /// What they looked like before those in force were read.
    fn looks_when_read(&self) -> Vec<watch::Look> {
        self.set().looks.clone()
    }

    /// Every policy by its name.
    pub(crate) fn all(&self) -> Arc<Table> {
        Arc::clone(&self.set().table)
    }

    /// A policy by its name; the default for the empty name.
    pub fn named(&self, name: &str) -> Option<Arc<Policy>> {
        let set = self.set();
        let name = if name.is_empty() { &set.default } else { name };
        set.table.get(name).cloned()
    }

    /// Every policy in force.
    pub fn in_force(&self) -> Vec<Arc<Policy>> {
        self.all().values().cloned().collect()
    }
}

/// Presets are no files and never change.
fn looks(sources: &BTreeMap<String, String>) -> Vec<watch::Look> {
    let sources = sources.values();
    sources.map(|source| watch::look(source)).collect()
}

fn read(sources: &BTreeMap<String, String>) -> Result<Table, String> {
    sources
        .iter()
        .map(|(name, source)| one(source).map(|policy| (name.clone(), Arc::new(policy))))
        .collect()
}

fn one(source: &str) -> Result<Policy, String> {
    let policy = Policy::load(source)?;
    if policy.isolation().is_confined() {
        Ok(policy)
    } else {
        Err(format!(
            "policy {source:?}: the service opens files in confined workers only"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_changed_once_it_was_read_looks_different() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("city.toml");
        let (_, preset) = mugai_engine::policy::PRESETS[0];
        std::fs::write(&path, preset).unwrap();
        let source = path.to_str().unwrap().to_owned();
        let sources = BTreeMap::from([("city".to_owned(), source)]);
        let policies = Policies::load("city", &sources).unwrap();
        assert_eq!(policies.looks(), policies.looks_when_read());
        std::fs::write(&path, format!("{preset}\n")).unwrap();
        // no watcher was there when that happened
        assert_ne!(policies.looks(), policies.looks_when_read());
        policies.reload().unwrap();
        assert_eq!(policies.looks(), policies.looks_when_read());
    }
}
