//! Misuse: the right status, and nothing delivered.

use crate::world::{World, chunk, end, header, stream, unary};
use mugai_proto::v1::sanitise_stream_request::Frame;
use mugai_proto::v1::{GetPolicyRequest, Header};
use tonic::Code;

/// The code that a stream of frames ends with.
async fn streamed(world: &World, frames: Vec<Frame>) -> Code {
    let answer = world.service().await.sanitise_stream(stream(frames)).await;
    answer.map_or_else(|status| status.code(), |_| Code::Ok)
}

fn head() -> Frame {
    Frame::Header(header())
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_out_of_order_and_wrong_ends() {
    let world = World::new().await;
    let announced = |bytes| {
        Frame::Header(Header {
            expected_bytes: bytes,
            ..header()
        })
    };
    let invalid = Code::InvalidArgument;
    for (name, frames, code) in [
        ("good", vec![head(), chunk(b"abc"), end(b"abc")], Code::Ok),
        (
            "wrong digest",
            vec![head(), chunk(b"abc"), end(b"abd")],
            invalid,
        ),
        (
            "wrong length",
            vec![head(), chunk(b"abc"), end(b"ab")],
            invalid,
        ),
        ("no end", vec![head(), chunk(b"abc")], invalid),
        ("nothing", vec![], invalid),
        ("no header", vec![chunk(b"abc"), end(b"abc")], invalid),
        ("two headers", vec![head(), head(), end(b"")], invalid),
        (
            "an empty chunk",
            vec![head(), chunk(b""), end(b"")],
            invalid,
        ),
        (
            "a large chunk",
            vec![head(), chunk(&vec![0; (1 << 20) + 1])],
            invalid,
        ),
        (
            "too many",
            vec![announced(2), chunk(b"abc"), end(b"abc")],
            Code::OutOfRange,
        ),
        (
            "far too many",
            vec![announced(9 << 20), end(b"")],
            Code::OutOfRange,
        ),
    ] {
        assert_eq!(streamed(&world, frames).await, code, "{name}");
    }
    let mut large = vec![head()];
    large.extend((0..9).map(|_| chunk(&vec![b'a'; 1 << 20])));
    assert_eq!(streamed(&world, large).await, Code::OutOfRange);
    assert_eq!(
        world.door.waiting.load(std::sync::atomic::Ordering::SeqCst),
        0
    );
}

/// What is wrong with a header, and the code for it.
type Change = (&'static str, fn(&mut Header), Code);

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_are_none() {
    let world = World::new().await;
    let mut service = world.service().await;
    let changes: [Change; 9] = [
        ("no envelope", |h| h.envelope = None, Code::InvalidArgument),
        ("policy", |h| h.policy = "none".to_owned(), Code::NotFound),
        (
            "a zone of others",
            |h| zones(h, "internet", "moon"),
            Code::PermissionDenied,
        ),
        ("no zone", |h| zones(h, "", ""), Code::PermissionDenied),
        ("no route", |h| zones(h, "lgwan", "moon"), Code::NotFound),
        ("queue id", |h| id(h, "a\nb"), Code::InvalidArgument),
        (
            "key",
            |h| h.idempotency_key = "a b".to_owned(),
            Code::InvalidArgument,
        ),
        ("name", |h| h.name = "x".repeat(5000), Code::InvalidArgument),
        ("size", |h| h.expected_bytes = 4, Code::InvalidArgument),
    ];
    for (name, change, code) in changes {
        let mut request = unary(b"abc");
        change(request.header.as_mut().unwrap());
        let status = service.sanitise(request).await.unwrap_err();
        assert_eq!(status.code(), code, "{name}");
    }
    let mut request = unary(b"abc");
    request.header = None;
    let status = service.sanitise(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let large = vec![b'a'; mugai_proto::UNARY_BYTES + 1];
    let status = service.sanitise(unary(&large)).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange);
    assert!(service.sanitise(unary(b"abc")).await.is_ok());
}

fn zones(header: &mut Header, from: &str, to: &str) {
    let envelope = header.envelope.as_mut().unwrap();
    from.clone_into(&mut envelope.from_zone);
    to.clone_into(&mut envelope.to_zone);
}

fn id(header: &mut Header, id: &str) {
    id.clone_into(&mut header.envelope.as_mut().unwrap().queue_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_for_one_content() {
    let world = World::new().await;
    let mut service = world.service().await;
    let keyed = |content: &[u8]| {
        let mut request = unary(content);
        request.header.as_mut().unwrap().idempotency_key = "k-1".to_owned();
        request
    };
    let first = service.sanitise(keyed(b"abc")).await.unwrap().into_inner();
    let again = service.sanitise(keyed(b"abc")).await.unwrap().into_inner();
    assert_eq!(first, again);
    let status = service.sanitise(keyed(b"abd")).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_files_are_in_no_metric() {
    let world = World::new().await;
    world.service().await.sanitise(unary(b"abc")).await.unwrap();
    let page = (world.metrics)();
    assert!(
        page.contains("mugai_calls_total{rpc=\"Sanitise\",code=\"OK\"} 1"),
        "{page}"
    );
    assert!(page.contains("mugai_verdicts_total{verdict=\"sanitised\",refusal=\"none\"} 1"));
    assert!(!page.contains("a.txt"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_that_is_no_caller_is_turned_away() {
    let world = World::for_others().await;
    let status = world.service().await.sanitise(unary(b"abc")).await;
    assert_eq!(status.unwrap_err().code(), Code::PermissionDenied);
    let frames = vec![head(), chunk(b"abc"), end(b"abc")];
    assert_eq!(streamed(&world, frames).await, Code::PermissionDenied);
    let status = world
        .rules()
        .await
        .get_policy(GetPolicyRequest::default())
        .await;
    assert_eq!(status.unwrap_err().code(), Code::PermissionDenied);
}
