//! Closed loop: each caller sends its next file when the answer to the last is there. Open loop: files
//! are sent at a rate, whatever comes of them.

use crate::Outcome;
use crate::files::Turns;
use crate::seen::{Seen, gather};
use crate::served::{Rules, Served, job};
use bytes::Bytes;
use mugai_client::Client;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Callers of the closed loop.
pub(crate) const CALLERS: usize = 4;

/// Connections of the open loop: one alone carries fewer calls than the service has seats.
const CONNECTIONS: usize = 16;

pub(crate) async fn figures(files: Vec<Bytes>, time: Duration) -> Outcome<()> {
    let served = Served::start(Rules::Usual, "")?;
    let files = Arc::new(files);
    let seen = closed(&served.client()?, &files, time).await;
    seen.print("closed loop", Some(&served));
    let rate = u32::try_from(seen.rate().saturating_mul(2).max(1))?;
    let clients: Vec<Client> = (0..CONNECTIONS)
        .map(|_| served.client())
        .collect::<Outcome<_>>()?;
    let seen = open(&clients, &files, time, rate).await;
    seen.print(&format!("open loop, {rate} a second"), Some(&served));
    Ok(())
}

pub(crate) async fn closed(client: &Client, files: &Arc<Vec<Bytes>>, time: Duration) -> Seen {
    let turns = Arc::new(Turns::new(Arc::clone(files), time));
    let began = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (client, turns) = (client.clone(), Arc::clone(&turns));
            tokio::spawn(async move {
                let mut seen = Seen::default();
                while let Some(file) = turns.next() {
                    let began = Instant::now();
                    let end = client.sanitise(&job(&file)).await;
                    seen.add(&file, began, &end);
                }
                seen
            })
        })
        .collect();
    gather(callers, began).await
}

async fn open(clients: &[Client], files: &Arc<Vec<Bytes>>, time: Duration, rate: u32) -> Seen {
    let began = Instant::now();
    let step = Duration::from_secs(1).checked_div(rate).unwrap_or_default();
    let mut ticks = tokio::time::interval(step.max(Duration::from_nanos(1)));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut calls = Vec::new();
    for (file, client) in files.iter().cycle().zip(clients.iter().cycle()) {
        if began.elapsed() >= time {
            break;
        }
        ticks.tick().await;
        let (client, file) = (client.clone(), file.clone());
        calls.push(tokio::spawn(async move {
            let mut seen = Seen::default();
            let began = Instant::now();
            let end = client.sanitise(&job(&file)).await;
            seen.add(&file, began, &end);
            seen
        }));
    }
    gather(calls, began).await
}
