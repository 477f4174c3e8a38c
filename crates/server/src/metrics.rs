//! What is kept of a call until it is over, and told then.

pub(crate) use mugai_observe::Rpc;

use crate::admit::{Admission, Room};
use crate::answer::Reply;
use crate::docket::Docket;
use crate::gate::Shared;
use crate::job::Done;
use mugai_core::Opener;
use mugai_observe::{Call, Observer, Stage};
use std::sync::Arc;
use std::time::Instant;
use tonic::metadata::MetadataMap;
use tonic::{Code, Status};

/// The one who is told.
#[derive(Debug)]
pub(crate) struct Metrics(pub(crate) Arc<Observer>);

impl Metrics {
    /// A call that was not let in.
    pub(crate) fn turned_away(&self, code: Code) {
        let mut call = Call::begin(Rpc::Unknown);
        call.stage = Stage::Gate;
        call.code = name(code);
        self.0.call(&call);
    }

    /// Everything in the text format of Prometheus.
    pub(crate) fn text(&self, admission: &Admission, opener: &dyn Opener) -> String {
        // each by name: a further one does not compile until the page has a place for it
        let [calls, memory, spool, jobs] = admission.in_use();
        let gauges = [calls, memory, spool, jobs];
        self.0.text(&gauges, opener.figures().as_ref())
    }
}

/// One call, from its beginning to its end. All that it holds is of our own making or checked: it
/// is safe for logs, and says nothing of what is in a file; nor what it is called, unless the
/// configuration has it so.
pub(crate) struct Record {
    shared: Arc<Shared>,
    /// A call that is dropped before its end was given up by its caller.
    call: Call,
    asked: Instant,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
}

impl Record {
    pub(crate) fn begin(shared: &Arc<Shared>, rpc: Rpc, metadata: &MetadataMap) -> Self {
        let mut call = Call::begin(rpc);
        let parent = metadata.get("traceparent");
        let parent = parent.and_then(|parent| parent.to_str().ok());
        call.parent = shared.metrics.0.parent(parent);
        Self {
            shared: Arc::clone(shared),
            call,
            asked: Instant::now(),
            bytes_in: 0,
            bytes_out: 0,
        }
    }

    /// Who calls.
    pub(crate) fn caller(&mut self, name: &str) {
        name.clone_into(&mut self.call.caller);
    }

    /// What its header says.
    pub(crate) fn docket(&mut self, docket: &Docket) {
        self.call.queue_id.clone_from(&docket.queue_id);
    }

    /// The file is whole; from now on it waits for its job.
    pub(crate) fn whole(&mut self, bytes: u64) {
        self.call.stage = Stage::Job;
        self.bytes_in = bytes;
        self.asked = Instant::now();
    }

    /// What became of the file.
    pub(crate) fn done(&mut self, done: Done) -> (Reply, Room) {
        self.call
            .work(self.asked, done.began, done.openings, done.summary);
        (done.reply, done.room)
    }

    /// What the caller was told.
    pub(crate) fn end(mut self, status: Option<&Status>) {
        self.answered(status);
    }

    /// The same for what is answered at once: the caller does not wait until it has been counted
    /// and logged. A runtime that stops before then drops the record, which tells it too.
    pub(crate) fn end_later(mut self, status: Option<&Status>) {
        self.answered(status);
        tokio::spawn(async move { drop(self) });
    }

    fn answered(&mut self, status: Option<&Status>) {
        self.call.code = name(status.map_or(Code::Ok, Status::code));
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.call.bytes_in = self.bytes_in;
        self.call.bytes_out = self.bytes_out;
        self.shared.metrics.0.call(&self.call);
    }
}

const fn name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
