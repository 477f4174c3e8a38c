//! What the service tells of its calls.

use crate::world::{LIMITS, World, header, unary, until};
use mugai_proto::v1::{
    ExplainPolicyRequest, GetPolicyRequest, Header, ReloadPoliciesRequest, SanitiseRequest,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use std::sync::{Arc, Mutex};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status};

fn has(world: &World, line: &str) {
    let page = (world.metrics)();
    assert!(page.lines().any(|have| have == line), "{line}\n{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rpc_is_counted() {
    let world = World::new().await;
    world.service().await.sanitise(unary(b"abc")).await.unwrap();
    let mut rules = world.rules().await;
    rules.get_policy(GetPolicyRequest::default()).await.unwrap();
    let nonsense = ExplainPolicyRequest::default();
    rules.explain_policy(nonsense).await.unwrap_err();
    rules
        .reload_policies(ReloadPoliciesRequest {})
        .await
        .unwrap();
    std::fs::write(world.folder.path().join("city.toml"), "nonsense").unwrap();
    rules
        .reload_policies(ReloadPoliciesRequest {})
        .await
        .unwrap_err();
    for line in [
        "mugai_calls_total{rpc=\"Sanitise\",code=\"OK\"} 1",
        "mugai_calls_total{rpc=\"GetPolicy\",code=\"OK\"} 1",
        "mugai_calls_total{rpc=\"ExplainPolicy\",code=\"INVALID_ARGUMENT\"} 1",
        "mugai_calls_total{rpc=\"ReloadPolicies\",code=\"FAILED_PRECONDITION\"} 1",
        "mugai_calls_refused_total{reason=\"reload\"} 1",
        "mugai_policy_reloads_total{result=\"good\"} 1",
        "mugai_policy_reloads_total{result=\"bad\"} 1",
        "mugai_events_total{event=\"1005\"} 1",
        "mugai_events_total{event=\"1007\"} 1",
        "mugai_job_seconds_count{kind=\"text\"} 1",
        "mugai_part_seconds_count{kind=\"text\"} 1",
        "mugai_job_wait_seconds_count 1",
        "mugai_jobs_waiting 0",
    ] {
        has(&world, line);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_counted_with_the_reason() {
    let world = World::for_others().await;
    let status = world.service().await.sanitise(unary(b"abc")).await;
    assert_eq!(status.unwrap_err().code(), Code::PermissionDenied);
    has(&world, "mugai_calls_refused_total{reason=\"caller\"} 1");
    has(&world, "mugai_events_total{event=\"1006\"} 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_callers_make_no_series() {
    let world = World::new().await;
    let mut service = world.service().await;
    let hostile = "fdp\"} 1\nmugai_calls_total 9";
    let of = |change: &dyn Fn(&mut Header)| {
        let mut header = header();
        change(&mut header);
        SanitiseRequest {
            header: Some(header),
            ..unary(b"abc")
        }
    };
    let requests = [
        of(&|h| hostile.clone_into(&mut h.envelope.as_mut().unwrap().queue_id)),
        of(&|h| hostile.clone_into(&mut h.envelope.as_mut().unwrap().from_zone)),
        of(&|h| hostile.clone_into(&mut h.policy)),
        of(&|h| hostile.clone_into(&mut h.idempotency_key)),
    ];
    for request in requests {
        service.sanitise(request).await.unwrap_err();
    }
    service
        .sanitise(of(&|h| hostile.clone_into(&mut h.name)))
        .await
        .unwrap();
    assert!(!(world.metrics)().contains("fdp"));
    has(&world, "mugai_calls_refused_total{reason=\"ill_formed\"} 2");
    has(&world, "mugai_calls_refused_total{reason=\"zones\"} 1");
    has(&world, "mugai_calls_refused_total{reason=\"policy\"} 1");
}

/// A collector that keeps what it gets.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.0.lock().unwrap().push(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parent_of_a_call_comes_from_its_metadata() {
    let collector = Collector::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server =
        tonic::transport::Server::builder().add_service(TraceServiceServer::new(collector.clone()));
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let observe =
        format!("{LIMITS}[observe.otlp]\nendpoint = \"http://{address}\"\nhonour_parent = true\n");
    let mut world = World::with(&observe, true).await;
    let mut request = Request::new(unary(b"a canary of content"));
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let metadata = request.metadata_mut();
    metadata.insert("traceparent", parent.parse().unwrap());
    metadata.insert("tracestate", "canary=1".parse().unwrap());
    world.service().await.sanitise(request).await.unwrap();
    world.stop();
    // what waits is sent once the service is gone, and all that holds it
    world.metrics = Box::new(String::new);
    world.stopped().await;
    until(|| !collector.0.lock().unwrap().is_empty()).await;
    let told = collector.0.lock().unwrap().clone();
    let scopes = told.iter().flat_map(|request| &request.resource_spans);
    let spans: Vec<_> = scopes
        .flat_map(|resource| &resource.scope_spans)
        .flat_map(|scope| &scope.spans)
        .collect();
    assert_eq!(spans.len(), 4);
    let trace: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
    for span in &spans {
        assert_eq!(span.trace_id, trace.to_be_bytes());
    }
    let all = format!("{told:?}");
    assert!(!all.contains("canary") && !all.contains("a.txt"), "{all}");
}
