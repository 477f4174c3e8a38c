//! The order of events: queue, policy, verdict, report.
#![forbid(unsafe_code)]
