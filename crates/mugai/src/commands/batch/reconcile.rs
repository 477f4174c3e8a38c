//! `mugai batch reconcile`: the queue as it should be.

use crate::args::Reconcile;
use crate::commands::batch::{Wrong, line, open, policy, under};
use crate::say::say;
use mugai_batch::Exit;

pub(super) fn main(args: &Reconcile) -> Result<Exit, Wrong> {
    let policy = policy(&args.by)?;
    let done = open(&args.at.config)?.reconcile(mugai_cluster::Reconcile {
        batch: args.batch.as_ref(),
        rules: under(&args.by, &policy),
        retry_dead: args.retry_dead,
    })?;
    if args.json {
        let json = serde_json::to_string(&done);
        say!(
            "{}",
            json.map_err(|error| Wrong::Failed(error.to_string()))?
        );
    } else {
        say!("{}", line(&done.status));
        say!(
            "{} jobs sent again, {} taken out of the queue{}",
            done.sent,
            done.purged,
            match done.extra {
                Some(count) if count > 0 => format!(", {count} results that no input asks for"),
                Some(_) | None => String::new(),
            }
        );
        for (job, reason) in &done.dead_letters {
            say!("dead letter {job}: {reason}");
        }
    }
    Ok(done.status.exit())
}
