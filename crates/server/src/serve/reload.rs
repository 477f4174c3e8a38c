//! Puts another configuration in force, as far as that goes without a new start.

use crate::config::Config;
use crate::gate::Shared;
use crate::policies::Policies;
use crate::serve::tls::Tls;
use crate::spool;
use std::sync::{Arc, Mutex, PoisonError};

/// Replaces what is in force.
pub struct Reload {
    shared: Arc<Shared>,
    /// The configuration of the start: what cannot be replaced stays as it stands there.
    start: Config,
    /// The certificates of the TCP socket.
    tls: Option<Arc<Tls>>,
    one_at_a_time: Mutex<()>,
}

impl Reload {
    pub(super) fn new(shared: &Arc<Shared>, start: Config, tls: Option<Arc<Tls>>) -> Self {
        Self {
            shared: Arc::clone(shared),
            start,
            tls,
            one_at_a_time: Mutex::default(),
        }
    }

    /// Puts in force what was read, if it could be; either way it is counted and told.
    ///
    /// # Errors
    /// What could not be read; see also [`Self::apply`].
    pub fn take(&self, read: Result<(Config, Policies), String>) -> Result<(), String> {
        let taken = read.and_then(|(config, policies)| self.apply(&config, &policies));
        self.shared.metrics.0.reload(taken.is_ok());
        taken
    }

    /// Puts certificates, callers, limits and policies in force. Calls under way keep those that they
    /// began with, and connections the certificates of their handshake. The log names what is different and waits for the next start.
    ///
    /// Must be called inside of a tokio runtime.
    ///
    /// # Errors
    /// When files are to wait on disk from now on, and cannot, or a certificate cannot be used: nothing
    /// is replaced.
    pub fn apply(&self, config: &Config, policies: &Policies) -> Result<(), String> {
        let one = self.one_at_a_time.lock();
        let _one = one.unwrap_or_else(PoisonError::into_inner);
        if config.limits.spools() {
            let folder = &self.shared.spool;
            spool::check(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        if let (Some(tls), Some(tcp)) = (&self.tls, &config.tcp) {
            tls.change(&Tls::read(tcp).map_err(|error| error.to_string())?);
        }
        self.shared.policies.change(policies);
        self.shared.callers.change(&config.callers);
        self.shared.admission.change(&config.limits);
        tracing::info!("certificates, callers, limits and policies were read again");
        let later = later(&self.start, config);
        if !later.is_empty() {
            let keys = later.join(", ");
            tracing::warn!(keys, "these take effect at the next start only");
        }
        Ok(())
    }
}

/// The keys that are different from the start and cannot be replaced while the service runs.
fn later(start: &Config, now: &Config) -> Vec<&'static str> {
    let limits = (&start.limits, &now.limits);
    let keys = [
        ("listen.unix", start.unix == now.unix),
        ("listen.tcp", address(start) == address(now)),
        ("listen.metrics", start.metrics == now.metrics),
        ("reflection", start.reflection == now.reflection),
        ("log", start.log == now.log),
        ("limits.jobs", limits.0.jobs == limits.1.jobs),
        ("limits.call", limits.0.call == limits.1.call),
        ("limits.stop", limits.0.stop == limits.1.stop),
        ("spool.folder", start.spool == now.spool),
        ("observe", start.observe == now.observe),
    ];
    keys.iter()
        .filter(|(_, same)| !same)
        .map(|(key, _)| *key)
        .collect()
}

fn address(config: &Config) -> Option<std::net::SocketAddr> {
    config.tcp.as_ref().map(|tcp| tcp.address)
}
