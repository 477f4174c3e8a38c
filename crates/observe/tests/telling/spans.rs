//! Spans at their collector.

use crate::world::{MARK, answered, config, refused};
use mugai_observe::Observer;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

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

impl Collector {
    async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server =
            tonic::transport::Server::builder().add_service(TraceServiceServer::new(self.clone()));
        let incoming = TcpListenerStream::new(listener);
        tokio::spawn(server.serve_with_incoming(incoming));
        address
    }

    fn spans(&self) -> Vec<Span> {
        let requests = self.0.lock().unwrap();
        let resources = requests.iter().flat_map(|request| &request.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    fn everything(&self) -> String {
        format!("{:?}", self.0.lock().unwrap())
    }
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Tells two calls to a collector, the first with a parent.
async fn told(more: &str) -> Collector {
    let collector = Collector::default();
    let address = collector.serve().await;
    let text = more.replace("ENDPOINT", &format!("endpoint = \"http://{address}\""));
    let tell = move || {
        let observer = Observer::start(&config(&text)).unwrap();
        let mut call = answered(&observer);
        call.parent = observer.parent(Some(PARENT));
        observer.call(&call);
        observer.call(&refused());
    };
    // the end of an observer waits for what is still to be sent
    tokio::task::spawn_blocking(tell).await.unwrap();
    collector
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_a_tree_of_spans_without_names() {
    let collector = told("[otlp]\nENDPOINT").await;
    let spans = collector.spans();
    let named =
        |name: &str| -> Vec<&Span> { spans.iter().filter(|span| span.name == name).collect() };
    let rpc = named("mugai.v1.SanitiseService/SanitiseStream");
    let (wait, job, parts) = (named("admission"), named("job"), named("part"));
    assert_eq!(
        (rpc.len(), wait.len(), job.len(), parts.len()),
        (1, 1, 1, 4)
    );
    assert!(rpc[0].parent_span_id.is_empty());
    assert_eq!(wait[0].parent_span_id, rpc[0].span_id);
    assert_eq!(job[0].parent_span_id, rpc[0].span_id);
    for part in &parts {
        assert_eq!(part.parent_span_id, job[0].span_id);
        assert_eq!(part.trace_id, rpc[0].trace_id);
    }
    assert_eq!(named("-").len(), 1);
    let all = collector.everything();
    assert!(
        all.contains("lost_crash") && all.contains("TICKET"),
        "{all}"
    );
    // neither a name nor anything that the file says of itself
    assert!(!all.contains(MARK) && !all.contains("hostile"), "{all}");
    assert_ne!(rpc[0].trace_id, trace_id());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_is_followed_only_where_that_is_wanted() {
    let collector = told("[otlp]\nENDPOINT\nhonour_parent = true").await;
    let spans = collector.spans();
    let rpc = spans
        .iter()
        .find(|span| span.name.ends_with("/SanitiseStream"))
        .expect("a span");
    assert_eq!(rpc.trace_id, trace_id());
    assert_eq!(rpc.parent_span_id, 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
}

fn trace_id() -> Vec<u8> {
    0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128
        .to_be_bytes()
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_told_where_that_is_wanted() {
    let collector = told("file_names = true\n[otlp]\nENDPOINT").await;
    let all = collector.everything();
    assert!(all.contains(MARK) && !all.contains('\u{202e}'), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_collector_a_service_goes_on() {
    let text = "[otlp]\nendpoint = \"http://127.0.0.1:1\"\n";
    let tell = || {
        let observer = Observer::start(&config(text)).unwrap();
        observer.call(&answered(&observer));
        observer.text(&[], None)
    };
    let page = tokio::task::spawn_blocking(tell).await.unwrap();
    assert!(page.contains("mugai_verdicts_total{verdict=\"sanitised\",refusal=\"none\"} 1"));
}
