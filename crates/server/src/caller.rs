//! Who is calling: peer credentials of a Unix socket, or the name in a client certificate.

use crate::config::{CallerRule, Identity, Pair};
use rustls_pki_types::ServerName;
use std::sync::{Arc, PoisonError, RwLock};
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo, UdsConnectInfo};
use tonic::{Extensions, Status};
use webpki::EndEntityCert;

/// A caller that was recognised.
pub(crate) type Caller = Arc<CallerRule>;

/// All callers that there are. They are replaced all at once.
#[derive(Debug)]
pub(crate) struct Callers(RwLock<Arc<[Caller]>>);

impl Callers {
    pub(crate) fn new(rules: &[CallerRule]) -> Self {
        Self(RwLock::new(all(rules)))
    }

    /// Puts others in their place.
    pub(crate) fn change(&self, rules: &[CallerRule]) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = all(rules);
    }

    /// Recognises the other side of a connection.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when it shows nothing, `PERMISSION_DENIED` when nobody of ours is meant.
    pub(crate) fn recognise(&self, connection: &Extensions) -> Result<Caller, Status> {
        let stranger = || Status::permission_denied("this caller is not configured");
        if let Some(unix) = connection.get::<UdsConnectInfo>() {
            let shown = unix.peer_cred.ok_or_else(unknown)?;
            return self
                .find(|identity| *identity == Identity::Uid(shown.uid()))
                .ok_or_else(stranger);
        }
        // the chain was verified when the connection was made; here only the name is read
        let tls = connection.get::<TlsConnectInfo<TcpConnectInfo>>();
        let chain = tls
            .and_then(TlsConnectInfo::peer_certs)
            .ok_or_else(unknown)?;
        let first = chain.first().ok_or_else(unknown)?;
        let certificate = EndEntityCert::try_from(first).map_err(|_| unknown())?;
        self.find(|identity| match identity {
            Identity::Uid(_) => false,
            Identity::Certificate(name) => ServerName::try_from(name.as_str())
                .is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok()),
        })
        .ok_or_else(stranger)
    }

    fn find(&self, is: impl Fn(&Identity) -> bool) -> Option<Caller> {
        let callers = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        callers.iter().find(|caller| is(&caller.identity)).cloned()
    }
}

fn all(rules: &[CallerRule]) -> Arc<[Caller]> {
    rules.iter().cloned().map(Arc::new).collect()
}

fn unknown() -> Status {
    Status::unauthenticated("neither peer credentials nor a client certificate")
}

/// Checks that `caller` may send from one zone to another.
///
/// # Errors
/// `PERMISSION_DENIED`.
pub(crate) fn may(caller: &CallerRule, from: &str, to: &str) -> Result<(), Status> {
    let pair = Pair {
        from: from.to_owned(),
        to: to.to_owned(),
    };
    if caller.pairs.contains(&pair) {
        Ok(())
    } else {
        Err(Status::permission_denied(
            "this caller may not use this pair of zones",
        ))
    }
}
