//! What comes back is what the library makes, or nothing.

use crate::world::{World, by_library, chunk, end, header, stream, unary};
use mugai_client::{Job, Retry, Verdict};
use mugai_proto::v1;
use mugai_proto::v1::sanitise_stream_request::Frame;
use mugai_proto::v1::sanitise_stream_response::Frame as Back;
use std::sync::atomic::Ordering;

const TEXT: &[u8] = b"hello, <b>world</b>\r\n";

/// No format that anything reads.
const WITHHELD: &[u8] = b"PK\x03\x04 not really";

#[tokio::test(flavor = "multi_thread")]
async fn unary_and_stream_give_what_the_library_gives() {
    let world = World::new().await;
    let mail = [
        b"From: a@example.jp\r\nSubject: x\r\n\r\nbody ".as_slice(),
        &[b'x'; 3000],
    ]
    .concat();
    for content in [TEXT, WITHHELD, &mail, b""] {
        let library = by_library(content);
        let report = serde_json::to_string(&library.report).unwrap();
        let files: Vec<Vec<u8>> = match &library.verdict {
            mugai_engine::Verdict::Sanitised(outputs) => outputs.iter().collect(),
            mugai_engine::Verdict::Withheld(_) => library.notice.iter().collect::<Vec<_>>(),
        }
        .into_iter()
        .map(|output| output.file.load().unwrap().to_vec())
        .collect();

        let one = world
            .service()
            .await
            .sanitise(unary(content))
            .await
            .unwrap()
            .into_inner();
        assert_eq!(one.answer.as_ref().unwrap().report_json, report);
        assert_eq!(one.contents, files);

        let mut frames = vec![Frame::Header(header())];
        frames.extend(content.chunks(1000).map(chunk));
        frames.push(end(content));
        let (answer, streamed) = take(&world, frames).await;
        assert_eq!(Some(answer), one.answer);
        assert_eq!(streamed, files);
    }
}

/// All of a streamed answer.
async fn take(world: &World, frames: Vec<Frame>) -> (v1::Answer, Vec<Vec<u8>>) {
    let mut service = world.service().await;
    let mut back = service
        .sanitise_stream(stream(frames))
        .await
        .unwrap()
        .into_inner();
    let Some(Back::Answer(answer)) = back.message().await.unwrap().unwrap().frame else {
        panic!("the verdict comes first");
    };
    let mut files = vec![Vec::new(); answer.outputs.len()];
    loop {
        match back
            .message()
            .await
            .unwrap()
            .expect("an end")
            .frame
            .unwrap()
        {
            Back::Answer(_) => panic!("a second verdict"),
            Back::Chunk(chunk) => {
                files[usize::try_from(chunk.output).unwrap()].extend_from_slice(&chunk.data);
            }
            Back::End(end) => {
                let said: Vec<_> = answer
                    .outputs
                    .iter()
                    .map(|o| (o.bytes, &o.blake3))
                    .collect();
                let ends: Vec<_> = end.outputs.iter().map(|o| (o.bytes, &o.blake3)).collect();
                assert_eq!(said, ends);
                assert!(back.message().await.unwrap().is_none());
                return (answer, files);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withheld_file_is_an_ok_answer_with_its_notice() {
    let world = World::new().await;
    let answer = world
        .service()
        .await
        .sanitise(unary(WITHHELD))
        .await
        .unwrap()
        .into_inner();
    let said = answer.answer.unwrap();
    assert_eq!(said.verdict(), v1::Verdict::Withheld);
    let refusal = said.refusal.unwrap();
    assert_ne!(refusal.code(), v1::RefusalCode::Unspecified);
    assert_eq!(said.outputs.len(), 1);
    assert_eq!(answer.contents.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_checked_by_whoever_opens_parts_and_not_by_the_service() {
    let world = World::new().await;
    let client = world.client(Retry::default());
    let mail = "From: a@example.jp\r\nSubject: b\r\n\r\ntext\r\n";
    let mut job = Job::new(mail.as_bytes().to_vec(), "internet", "lgwan");
    job.name = "a.eml".to_owned();
    let answer = client.sanitise(&job).await.unwrap();
    assert!(matches!(answer.verdict, Verdict::Sanitised(_)));
    assert_eq!(world.door.checked.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_takes_small_and_large_answers() {
    let world = World::new().await;
    let client = world.client(Retry::default());
    let large = "一行の文章です。\n".repeat(200_000);
    assert!(large.len() > mugai_proto::UNARY_BYTES);
    for content in [String::from_utf8_lossy(TEXT).into_owned(), large] {
        let mut job = Job::new(content.clone().into_bytes(), "internet", "lgwan");
        job.name = "a.txt".to_owned();
        let answer = client.sanitise(&job).await.unwrap();
        let Verdict::Sanitised(files) = answer.verdict else {
            panic!("{}", answer.report_json)
        };
        let mugai_engine::Verdict::Sanitised(library) = by_library(content.as_bytes()).verdict
        else {
            panic!("the library withholds")
        };
        assert_eq!(files[0].content, &*library[0].file.load().unwrap());
        assert_eq!(files[0].name, library[0].name.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_output_too_large_for_one_message_is_not_sent_in_one() {
    let world = World::new().await;
    let content = vec![b'x'; mugai_proto::UNARY_BYTES];
    // a byte order mark, line ends: whatever the writer adds, this is at the limit
    let mut lines = content;
    for at in (0..lines.len()).step_by(80) {
        lines[at] = b'\n';
    }
    let answer = world
        .service()
        .await
        .max_decoding_message_size(64 << 20)
        .sanitise(unary(&lines))
        .await;
    match answer {
        Ok(answer) => {
            let sum: usize = answer
                .into_inner()
                .contents
                .iter()
                .map(bytes::Bytes::len)
                .sum();
            assert!(sum <= mugai_proto::UNARY_BYTES);
        }
        Err(status) => assert_eq!(status.code(), tonic::Code::OutOfRange),
    }
}
