//! Notices when the file of a policy has changed.

use crate::policies::Policies;
use crate::rules;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How often is looked.
const PAUSE: Duration = Duration::from_secs(2);

/// What a file looks like from outside; none for one that cannot be seen.
pub(super) type Look = Option<(SystemTime, u64)>;

pub(super) fn look(path: &str) -> Look {
    let data = std::fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// Has the policies read again when their files have changed, and then look the same twice: a file
/// that is still being written is left alone.
pub(crate) async fn watch(policies: Arc<Policies>) {
    let mut read = policies.looks_when_read();
    let mut last = read.clone();
    loop {
        tokio::time::sleep(PAUSE).await;
        let of = Arc::clone(&policies);
        // the files may lie on a disk that is slow to answer
        let Ok(now) = tokio::task::spawn_blocking(move || of.looks()).await else {
            return;
        };
        if now != read && now == last {
            read.clone_from(&now);
            reload(&policies).await;
        }
        last = now;
    }
}

/// Reads all policies again, and says in the log how that went.
async fn reload(policies: &Arc<Policies>) {
    let policies = Arc::clone(policies);
    let read = tokio::task::spawn_blocking(move || policies.reload()).await;
    rules::tell(&read.unwrap_or_else(|_| Err("reading broke off".to_owned())));
}
