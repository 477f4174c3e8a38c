//! The page of metrics, read by the parser of the Prometheus project.

use crate::environment::environment;
use crate::served::Served;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Reads a page, and prints every sample; fails where a family has no type or no help, or a
/// histogram does not grow to its count.
const READ: &str = r#"
import sys
from prometheus_client.parser import text_string_to_metric_families as read
for family in read(sys.stdin.read()):
    assert family.type in ("counter", "gauge", "histogram"), family
    assert family.documentation, family
    buckets = {}
    for sample in family.samples:
        print(sample.name, sorted(sample.labels.items()), float(sample.value))
        labels = dict(sample.labels)
        if sample.name.endswith("_bucket"):
            end = float(labels.pop("le"))
            buckets.setdefault(str(labels), []).append((end, sample.value))
        elif sample.name.endswith("_count") and family.type == "histogram":
            classes = sorted(buckets[str(labels)])
            values = [value for _, value in classes]
            assert values == sorted(values) and values[-1] == sample.value, family
            assert classes[-1][0] == float("inf"), family
"#;

#[test]
fn another_reader_understands_the_page() {
    let Some(environment) = environment() else {
        return;
    };
    let served = Served::start("", &[]);
    let code = served.send("a.txt", b"hello\n");
    assert_eq!(code, 0, "{}", served.log());
    assert_eq!(served.send("b.zip", b"PK\x03\x04 not really"), 1);
    let page = served.page();
    let mut reader = Command::new(&environment.python)
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python runs");
    let mut stdin = reader.stdin.take().expect("a pipe");
    stdin.write_all(page.as_bytes()).expect("a reader");
    drop(stdin);
    let output = reader.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}\n{page}",
        String::from_utf8_lossy(&output.stderr)
    );
    for sample in [
        "mugai_verdicts_total [('refusal', 'none'), ('verdict', 'sanitised')] 1.0",
        "mugai_calls_total [('code', 'OK'), ('rpc', 'Sanitise')] 2.0",
        "mugai_workers [('state', 'limit')] 2.0",
        "mugai_workers_ended_total [('cause', 'crash')] 0.0",
        "mugai_parts_total [('kind', 'text'), ('treatment', 'text'), ('verdict', 'kept')] 1.0",
    ] {
        assert!(said.contains(sample), "{sample}\n{said}");
    }
}
