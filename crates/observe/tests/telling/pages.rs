//! The page of metrics, and the tables of the documentation.

use crate::world::{MARK, answered, config, refused};
use mugai_core::WorkerFigures;
use mugai_observe::{Observer, What};
use std::time::Duration;

const DOCUMENT: &str = include_str!("../../../../docs/observability.md");

/// The rows of the tables whose first cell begins with `start`.
fn rows(start: &str) -> Vec<&'static str> {
    let start = format!("| {start}");
    DOCUMENT
        .lines()
        .filter(|line| line.starts_with(&start))
        .collect()
}

#[test]
fn every_metric_is_in_the_documentation_and_no_other() {
    let observer = Observer::start(&config("")).unwrap();
    let want: Vec<String> = observer
        .metrics()
        .iter()
        .map(|metric| {
            let labels = metric.labels.join(", ");
            format!(
                "| `{}` | {} | {labels} | {} |",
                metric.name, metric.kind, metric.about
            )
        })
        .collect();
    assert_eq!(rows("`mugai_"), want);
}

#[test]
fn every_event_is_in_the_documentation_and_no_other() {
    let want: Vec<String> = What::ALL
        .iter()
        .map(|what| {
            format!(
                "| {} | `{}` | {} | {} | {} |",
                what.number(),
                what.name(),
                what.severity(),
                what.syslog_severity(),
                what.about()
            )
        })
        .collect();
    assert_eq!(rows("1"), want);
}

#[test]
fn calls_jobs_and_workers_are_counted() {
    let observer = Observer::start(&config("file_names = true")).unwrap();
    observer.call(&answered(&observer));
    observer.call(&refused());
    observer.reload(false);
    let waiting = observer.waiting();
    let figures = WorkerFigures {
        limit: 2,
        live: 2,
        idle: 1,
        waiting: 0,
        started: 5,
        shared: 4,
        ended: vec![("crash", 3)],
        loans: 70,
        busy: Duration::from_millis(1_500),
        verifiers: Some(Box::new(WorkerFigures {
            limit: 2,
            idle: 2,
            started: 6,
            ended: vec![("memory", 1)],
            loans: 40,
            busy: Duration::from_millis(250),
            ..WorkerFigures::default()
        })),
    };
    let page = observer.text(&[("calls", 1, 16)], Some(&figures));
    drop(waiting);
    for line in [
        "mugai_calls_total{rpc=\"SanitiseStream\",code=\"OK\"} 1",
        "mugai_calls_refused_total{reason=\"caller\"} 1",
        "mugai_call_seconds_count{rpc=\"SanitiseStream\"} 1",
        "mugai_verdicts_total{verdict=\"sanitised\",refusal=\"none\"} 1",
        "mugai_job_seconds_count{kind=\"mail\"} 1",
        "mugai_parts_total{kind=\"png\",treatment=\"text\",verdict=\"withheld\"} 2",
        "mugai_parts_withheld_total{kind=\"png\",refusal=\"lost_crash\"} 1",
        "mugai_part_seconds_count{kind=\"html\"} 1",
        "mugai_limit_hits_total{limit=\"pixels\"} 1",
        "mugai_findings_total{finding=\"html.script\"} 3",
        "mugai_bytes_in_total 10",
        "mugai_policy_reloads_total{result=\"bad\"} 1",
        "mugai_events_total{event=\"1001\"} 2",
        "mugai_events_total{event=\"1006\"} 1",
        "mugai_jobs_waiting 1",
        "mugai_calls_in_use 1",
        "mugai_calls_limit 16",
        "mugai_workers{state=\"idle\"} 1",
        "mugai_workers_started_total 5",
        "mugai_documents_shared_total 4",
        "mugai_workers_ended_total{cause=\"crash\"} 3",
        "mugai_workers_loans_total 70",
        "mugai_workers_busy_seconds_total 1.5",
        "mugai_verifiers{state=\"idle\"} 2",
        "mugai_verifiers_started_total 6",
        "mugai_verifiers_ended_total{cause=\"memory\"} 1",
        "mugai_verifiers_loans_total 40",
        "mugai_verifiers_busy_seconds_total 0.25",
    ] {
        assert!(page.lines().any(|have| have == line), "{line}\n{page}");
    }
    assert!(!page.contains(MARK));
    assert!(observer.text(&[], None).contains("mugai_jobs_waiting 0"));
}
