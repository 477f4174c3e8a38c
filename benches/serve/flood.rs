//! Ten times as many calls as can be answered. The callers are one program that speaks HTTP/2 with
//! frames made beforehand, so that it takes as little as possible of the processors that it has to
//! share with the service.

mod wire;

use crate::Outcome;
use crate::seen::{per_second, percent};
use crate::served::{Rules, Served};
use bytes::Bytes;
use mugai_proto::v1::{Envelope, Header, SanitiseRequest};
use prost::Message as _;
use std::time::{Duration, Instant};
use wire::{Count, Flood};

/// How many lines the page has that a mail of the flood brings: about 16 kB in all.
const LINES: usize = 150;

/// Calls under way at a time for the peak.
const FEW: u32 = 8;

/// Connections of the flood, and calls under way on each: as many as the service allows.
const CONNECTIONS: u32 = 8;
const MANY: u32 = 128;

pub(crate) async fn figures(time: Duration) -> Outcome<()> {
    // one job at a time leaves the other processor to the door, and to the callers
    let served = Served::start(Rules::Text, "[limits]\njobs = 1\ncalls = 64\n")?;
    let message = message();
    let mut peaks = Vec::new();
    let (mut goods, mut refusals) = (Vec::new(), Vec::new());
    let turn = time.checked_div(6).unwrap_or(time);
    for round in 0..3 {
        let before = times(&served);
        let few = flood(&served, &message, (1, FEW), u64::MAX, turn).await?;
        let peak = per_second(few.answered, few.time);
        print("peak", &few, &served, before);
        let rate = peak.saturating_mul(10);
        let before = times(&served);
        let many = flood(&served, &message, (CONNECTIONS, MANY), rate, turn).await?;
        print(&format!("{rate} calls a second"), &many, &served, before);
        // the first round is to get warm
        if round > 0 {
            peaks.push(peak);
            goods.push(per_second(many.answered, many.time));
            refusals.push(per_second(many.refused, many.time));
        }
    }
    let sum = |all: &[u64]| all.iter().sum::<u64>();
    let rounds = u64::try_from(refusals.len())?;
    println!(
        "goodput {} % of the peak, {} refusals a second",
        percent(sum(&goods), sum(&peaks)),
        sum(&refusals).checked_div(rounds).unwrap_or(0)
    );
    Ok(())
}

/// Processor time of the service and of the callers, in milliseconds.
fn times(served: &Served) -> [u64; 2] {
    [served.processor(), served.others_processor()]
}

fn print(name: &str, count: &Count, served: &Served, [service, callers]: [u64; 2]) {
    let [now, most] = served.memory();
    let after = times(served);
    let [service, callers] = [
        after[0].saturating_sub(service),
        after[1].saturating_sub(callers),
    ];
    println!(
        "{name}: {} answers a second, {} refusals a second, {} not sent, {} broken; memory {now} kB, at most {most} kB; processor: service {service} ms, callers {callers} ms, in {} ms",
        per_second(count.answered, count.time),
        per_second(count.refused, count.time),
        count.not_sent,
        count.broken,
        count.time.as_millis()
    );
}

/// A whole call of one message, but for its stream.
fn message() -> Vec<u8> {
    SanitiseRequest {
        header: Some(Header {
            name: "a.eml".to_owned(),
            envelope: Some(Envelope {
                from_zone: "internet".to_owned(),
                to_zone: "lgwan".to_owned(),
                ..Envelope::default()
            }),
            ..Header::default()
        }),
        content: page(),
    }
    .encode_to_vec()
}

/// A mail with a page, as most mails have.
fn page() -> Bytes {
    let head = "From: a@example.jp\r\nSubject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n";
    let line = "<tr><td style=\"color: red\"><b>本日</b>の<a href=\"https://a.example/\">議事録</a></td></tr>\r\n";
    let lines = line.repeat(LINES);
    Bytes::from(format!(
        "{head}<html><body><table>{lines}</table></body></html>\r\n"
    ))
}

async fn flood(
    served: &Served,
    message: &[u8],
    (connections, most): (u32, u32),
    rate: u64,
    time: Duration,
) -> Outcome<Count> {
    let began = Instant::now();
    let each = rate.checked_div(connections.into()).unwrap_or(rate);
    let mut running = Vec::new();
    for _ in 0..connections {
        let flood = Flood::connect(&served.socket(), message, most).await?;
        running.push(tokio::spawn(flood.run(each, time)));
    }
    let mut all = Count::default();
    for flood in running {
        all.join(&flood.await??);
    }
    all.time = began.elapsed();
    Ok(all)
}
