//! `mugai batch status`: how far batches are.

use crate::args::Status;
use crate::commands::batch::{Wrong, line, open, policy, under};
use crate::say::say;
use mugai_batch::Exit;

pub(super) fn main(args: &Status) -> Result<Exit, Wrong> {
    let policy = policy(&args.by)?;
    let cluster = open(&args.at.config)?;
    let names = match &args.batch {
        Some(name) => vec![name.clone()],
        None => cluster.batches()?,
    };
    let mut exit = Exit::Delivered;
    for name in names {
        let status = cluster.status(&name, under(&args.by, &policy))?;
        if args.json {
            let json = serde_json::to_string(&status);
            say!(
                "{}",
                json.map_err(|error| Wrong::Failed(error.to_string()))?
            );
        } else {
            say!("{}", line(&status));
        }
        exit = worse(exit, status.exit());
    }
    Ok(exit)
}

/// The one that somebody should rather look at; what is not at its end goes before all others.
fn worse(one: Exit, two: Exit) -> Exit {
    let order = [Exit::Interrupted, Exit::Failed, Exit::Alarm, Exit::Withheld];
    let found = order.into_iter().find(|exit| *exit == one || *exit == two);
    found.unwrap_or(Exit::Delivered)
}
