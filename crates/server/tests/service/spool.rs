//! Files that wait on disk.

use crate::world::{World, by_library, chunk, end, header, spooling, stream, unary};
use mugai_client::{Job, Retry, Verdict};
use mugai_proto::v1::Header;
use mugai_proto::v1::sanitise_stream_request::Frame;
use std::sync::atomic::Ordering;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// A file that is spooled, of so many bytes.
fn large(length: usize) -> Vec<u8> {
    b"hello, world\r\n"
        .iter()
        .copied()
        .cycle()
        .take(length)
        .collect()
}

fn frames(content: &[u8], announced: usize) -> Vec<Frame> {
    let head = Frame::Header(Header {
        expected_bytes: u64::try_from(announced).unwrap(),
        ..header()
    });
    let chunks = content.chunks(100_000).map(chunk);
    std::iter::once(head)
        .chain(chunks)
        .chain([end(content)])
        .collect()
}

/// Sends a file in a task of its own.
async fn send(world: &World, frames: Vec<Frame>) -> tokio::task::JoinHandle<Result<(), Status>> {
    let mut service = world.service().await;
    tokio::spawn(async move {
        let mut back = service.sanitise_stream(stream(frames)).await?.into_inner();
        while back.message().await?.is_some() {}
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_disk_becomes_what_the_library_makes_of_it() {
    let world = World::with(&spooling(""), false).await;
    let client = world.client(Retry::default());
    for length in [70_000, 3_000_000] {
        let content = large(length);
        let library = by_library(&content);
        let mut job = Job::new(content, "internet", "lgwan");
        "a.txt".clone_into(&mut job.name);
        let answer = client.sanitise(&job).await.unwrap();
        let report = serde_json::to_string(&library.report).unwrap();
        assert_eq!(answer.report_json, report);
        let (Verdict::Sanitised(files), mugai_engine::Verdict::Sanitised(outputs)) =
            (&answer.verdict, &library.verdict)
        else {
            panic!("text is sanitised")
        };
        let files = files.iter().map(|file| &file.content[..]);
        let made: Vec<_> = outputs
            .iter()
            .map(|output| output.file.load().unwrap())
            .collect();
        assert!(files.eq(made.iter().map(|file| &**file)));
    }
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_is_taken_by_the_size_that_is_announced() {
    let world = World::with(&spooling(""), false).await;
    world.shut();
    let content = large(100_000);
    let known = send(&world, frames(&content, content.len())).await;
    world.waiting(1).await;
    world.gauge("spool_bytes", 128 << 10).await;
    world.gauge("memory_bytes", 448 << 10).await;
    // as large as any, for all that one knows
    let unknown = send(&world, frames(&content, 0)).await;
    world.waiting(2).await;
    world.gauge("spool_bytes", (8 << 20) + (128 << 10)).await;
    world.open();
    known.await.unwrap().unwrap();
    unknown.await.unwrap().unwrap();
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_wait_for_memory_and_keep_no_small_ones_waiting() {
    let world = World::with(&spooling(""), false).await;
    world.shut();
    let content = large(5 << 20);
    let first = send(&world, frames(&content, content.len())).await;
    world.waiting(1).await;
    let second = send(&world, frames(&content, content.len())).await;
    let third = send(&world, frames(&content, content.len())).await;
    world.gauge("spool_bytes", 15 << 20).await;
    // there is memory for one of them; what waits for it takes no place among the jobs
    let mut service = world.service().await;
    let small = tokio::spawn(async move { service.sanitise(unary(b"abc")).await });
    world.waiting(2).await;
    // and no room on the disk for one more
    let status = send(&world, frames(&content, content.len())).await.await;
    let status = status.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert!(status.get_details_retry_info().is_some());
    assert_eq!(world.door.waiting.load(Ordering::SeqCst), 2);
    world.open();
    for call in [first, second, third] {
        call.await.unwrap().unwrap();
    }
    assert!(small.await.unwrap().is_ok());
    world.idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_leaves_nothing_on_disk() {
    let world = World::with(&spooling(""), false).await;
    world.shut();
    let content = large(5 << 20);
    let first = send(&world, frames(&content, content.len())).await;
    world.waiting(1).await;
    let second = send(&world, frames(&content, content.len())).await;
    world.gauge("spool_bytes", 10 << 20).await;
    second.abort();
    world.gauge("spool_bytes", 5 << 20).await;
    first.abort();
    world.idle().await;
    world.open();
    assert!(world.service().await.sanitise(unary(b"abc")).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_spooled_file_is_found() {
    let world = World::with(&spooling(""), false).await;
    let content = large(100_000);
    for (announced, sent, code) in [
        (content.len(), &content[..99_999], Code::InvalidArgument),
        (99_999, &content[..], Code::OutOfRange),
        ((8 << 20) + 1, &content[..], Code::OutOfRange),
    ] {
        let mut frames = frames(sent, announced);
        frames.pop();
        frames.push(end(&content));
        let status = send(&world, frames).await.await.unwrap().unwrap_err();
        assert_eq!(status.code(), code, "{announced}");
    }
    world.idle().await;
    assert_eq!(world.door.waiting.load(Ordering::SeqCst), 0);
}
