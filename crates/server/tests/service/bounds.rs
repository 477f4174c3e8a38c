//! Overload, deadlines, callers that go away, and the end of the service.

use crate::world::{World, chunk, end, header, narrow, stream, unary, until};
use mugai_client::{Job, Retry, Trouble};
use mugai_proto::v1::sanitise_stream_request::Frame;
use mugai_proto::v1::{Header, Verdict};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

#[tokio::test(flavor = "multi_thread")]
async fn without_room_a_caller_is_told_when_to_come_again() {
    let world = World::with(&narrow(""), false).await;
    world.shut();
    let mut service = world.service().await;
    let announced = |bytes| Header {
        expected_bytes: bytes,
        ..header()
    };
    // the first takes all of the room
    let mut first = world.service().await;
    let frames = vec![
        Frame::Header(announced(8 << 20)),
        chunk(b"abc"),
        end(b"abc"),
    ];
    let first = tokio::spawn(async move { first.sanitise_stream(stream(frames)).await.map(drop) });
    world.waiting(1).await;
    let status = service.sanitise(unary(b"abc")).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(
        status
            .get_details_retry_info()
            .unwrap()
            .retry_delay
            .is_some()
    );
    assert_eq!(world.door.waiting.load(Ordering::SeqCst), 1);
    world.open();
    first.await.unwrap().unwrap();
    world.gauge("memory_bytes", 0).await;
    assert!(service.sanitise(unary(b"abc")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_seat_a_caller_is_told_when_to_come_again() {
    let world = World::with(&narrow("calls = 1"), false).await;
    world.shut();
    let mut first = world.service().await;
    let first = tokio::spawn(async move { first.sanitise(unary(b"abc")).await });
    world.waiting(1).await;
    let status = world
        .service()
        .await
        .sanitise(unary(b"abc"))
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.get_details_retry_info().is_some());
    world.open();
    assert!(first.await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_of_a_millisecond_gives_no_output() {
    let world = World::new().await;
    world.shut();
    let mut service = world.service().await;
    let mut request = Request::new(unary(b"abc"));
    request.set_timeout(Duration::from_millis(1));
    let status = service.sanitise(request).await.unwrap_err();
    assert!(
        matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled),
        "{status:?}"
    );
    // nothing of it stays behind
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_calls_off_its_job() {
    let world = World::with(&narrow(""), false).await;
    world.shut();
    for streamed in [false, true] {
        let mut service = world.service().await;
        let before = world.door.called_off.load(Ordering::SeqCst);
        let call = tokio::spawn(async move {
            if streamed {
                let frames = vec![Frame::Header(header()), chunk(b"abc"), end(b"abc")];
                service.sanitise_stream(stream(frames)).await.map(drop)
            } else {
                service.sanitise(unary(b"abc")).await.map(drop)
            }
        });
        world.waiting(1).await;
        call.abort();
        until(|| world.door.called_off.load(Ordering::SeqCst) == before + 1).await;
        world.idle().await;
    }
    world.open();
    assert!(world.service().await.sanitise(unary(b"abc")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_falls_silent_is_dropped() {
    let world = World::with(&narrow("idle = \"50 ms\""), false).await;
    let (to, from) = tokio::sync::mpsc::channel(1);
    let frame = mugai_proto::v1::SanitiseStreamRequest {
        frame: Some(Frame::Header(header())),
    };
    to.send(frame).await.unwrap();
    let frames = tokio_stream::wrappers::ReceiverStream::new(from);
    let status = world
        .service()
        .await
        .sanitise_stream(frames)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    drop(to);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_lasts_for_ever() {
    let world = World::with(&narrow("call = \"50 ms\""), false).await;
    world.shut();
    assert!(world.service().await.sanitise(unary(b"abc")).await.is_err());
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_loses_nothing_under_way() {
    let mut world = World::new().await;
    world.shut();
    let mut service = world.service().await;
    let mut late = service.clone();
    let call = tokio::spawn(async move { service.sanitise(unary(b"abc")).await });
    world.waiting(1).await;
    world.stop();
    let socket = world.socket();
    until(|| !socket.exists() || std::os::unix::net::UnixStream::connect(&socket).is_err()).await;
    assert!(late.sanitise(unary(b"abc")).await.is_err());
    world.open();
    assert!(call.await.unwrap().is_ok());
    drop(late);
    world.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_holds_on_every_trouble() {
    let retry = Retry {
        tries: 2,
        first: Duration::from_millis(1),
        longest: Duration::from_millis(1),
    };
    let mut world = World::with(&narrow("calls = 1"), false).await;
    let client = world.client(retry);
    let mut job = Job::new(&b"abc"[..], "internet", "moon");
    let hold = client.sanitise(&job).await.unwrap_err();
    assert!(
        matches!(hold.trouble, Trouble::Status(Code::PermissionDenied, _)),
        "{hold}"
    );
    assert_eq!(hold.tries, 1);

    // no seat
    "lgwan".clone_into(&mut job.zones.to);
    world.shut();
    let mut first = world.service().await;
    let first = tokio::spawn(async move { first.sanitise(unary(b"abc")).await });
    world.waiting(1).await;
    let hold = client.sanitise(&job).await.unwrap_err();
    assert!(
        matches!(hold.trouble, Trouble::Status(Code::ResourceExhausted, _)),
        "{hold}"
    );
    assert_eq!(hold.tries, 2);
    world.open();
    assert!(first.await.unwrap().is_ok());
    world.gauge("calls", 0).await;

    // no time
    world.shut();
    job.deadline = Duration::from_millis(20);
    assert!(client.sanitise(&job).await.is_err());
    world.open();
    job.deadline = Duration::from_mins(1);
    world.gauge("calls", 0).await;
    assert!(client.sanitise(&job).await.is_ok());

    // no service
    world.stop();
    let again = world.client(retry);
    drop(client);
    world.stopped().await;
    let hold = again.sanitise(&job).await.unwrap_err();
    assert!(matches!(hold.trouble, Trouble::Status(_, _)), "{hold}");
    assert_eq!(hold.tries, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_one_piece_takes_room_by_its_length() {
    let world = World::with(&narrow(""), false).await;
    world.shut();
    let large = vec![b'a'; 3 << 20];
    let mut calls = Vec::new();
    for many in 1..=2u64 {
        let (mut service, request) = (world.service().await, unary(&large));
        calls.push(tokio::spawn(async move { service.sanitise(request).await }));
        // the length says nothing of what is around the content
        world
            .gauge("memory_bytes", many * (12 << 20) + many * (64 << 10))
            .await;
    }
    let status = world.service().await.sanitise(unary(&large)).await;
    let status = status.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    assert!(status.get_details_retry_info().is_some());
    let turned_away = "mugai_calls_total{rpc=\"-\",code=\"RESOURCE_EXHAUSTED\"} 1";
    assert!((world.metrics)().contains(turned_away));
    world.open();
    for call in calls {
        assert!(call.await.unwrap().is_ok());
    }
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_loses_its_worker_is_begun_again_but_not_for_ever() {
    let world = World::new().await;
    let mut service = world.service().await;
    let good = service.sanitise(unary(b"abc")).await.unwrap().into_inner();
    for (crashes, verdict) in [
        (1, Verdict::Sanitised),
        (2, Verdict::Sanitised),
        (3, Verdict::Withheld),
    ] {
        world.door.crashes.store(crashes, Ordering::SeqCst);
        let answer = service.sanitise(unary(b"abc")).await.unwrap().into_inner();
        assert_eq!(world.door.crashes.load(Ordering::SeqCst), 0);
        assert_eq!(answer.answer.as_ref().unwrap().verdict(), verdict);
        assert_eq!(answer == good, verdict == Verdict::Sanitised);
    }
}
