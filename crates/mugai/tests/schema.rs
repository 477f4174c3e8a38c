//! Every approved report, and one with nothing in it, is as `docs/report.schema.json` says.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get fails it"
)]

use mugai_core::{Refusal, SafeName, Untrusted};
use mugai_engine::{Order, Policy};
use mugai_testkit::corpus;
use serde_json::Value;
use std::path::Path;

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/report.schema.json");
    let text = std::fs::read_to_string(path).expect("the schema is there");
    serde_json::from_str(&text).expect("the schema is JSON")
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft202012::new(&schema()).expect("the schema is a schema")
}

#[test]
fn approved_reports_fit_the_schema() {
    let validator = validator();
    let mut count = 0usize;
    for place in corpus::cases().expect("testdata can be listed") {
        let path = place.folder.join("report.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            continue;
        };
        let report: Value = serde_json::from_str(&text).expect("a report is JSON");
        let told: Vec<String> = validator
            .iter_errors(&report)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(told.is_empty(), "{}: {told:?}", place.name);
        count += 1;
    }
    assert!(count > 0, "no approved report was found");
}

#[test]
fn a_report_of_an_unread_input_fits_too() {
    let policy = Policy::municipal_lgwan().expect("the preset is good");
    let order = Order {
        input: Untrusted::new(Vec::new()),
        name: SafeName::clean("a.bin").0,
        label: "a.bin".to_owned(),
        policy: &policy,
        from: "internet",
        to: "lgwan",
        passwords: &[],
        patience: mugai_core::Patience::default(),
    };
    let outcome = mugai_engine::refuse(&order, 0, None, Refusal::internal("file: cannot be read"));
    let report = serde_json::to_value(&outcome.report).expect("reports are plain data");
    assert!(validator().is_valid(&report), "{report}");
}

/// A schema that takes anything proves nothing.
#[test]
fn what_is_no_report_does_not_fit() {
    let validator = validator();
    for bad in [
        "{}",
        r#"{"schema": "mugai.report/2"}"#,
        "[]",
        r#""sanitised""#,
    ] {
        let value: Value = serde_json::from_str(bad).expect("JSON");
        assert!(!validator.is_valid(&value), "{bad}");
    }
}

/// Whoever reads the schema learns what a field means.
#[test]
fn every_field_is_described() {
    fn undescribed(at: &str, value: &Value, told: &mut Vec<String>) {
        if let Some(fields) = value.get("properties").and_then(Value::as_object) {
            for (name, field) in fields {
                let described = field.get("description").is_some() || field.get("$ref").is_some();
                if !described {
                    told.push(format!("{at}.{name}"));
                }
            }
        }
        for key in ["$defs", "properties"] {
            let inner = value.get(key).and_then(Value::as_object);
            for (name, inner) in inner.into_iter().flatten() {
                undescribed(&format!("{at}.{name}"), inner, told);
            }
        }
    }
    let mut told = Vec::new();
    undescribed("report", &schema(), &mut told);
    assert!(told.is_empty(), "{told:?}");
}
