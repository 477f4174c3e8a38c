//! 50 MB each way: over gRPC as the service and its client speak it, and over a bare socket with the
//! same chunks, the same digests and the same copies. What the engine takes is left out: the other
//! side sends back what it got.

use crate::Outcome;
use crate::seen::{at, percent};
use bytes::{Bytes, BytesMut};
use mugai_client::{Client, Endpoint, Job, Retry, Verdict as Ends};
use mugai_proto::CHUNK_BYTES;
use mugai_proto::v1::sanitise_service_server::{SanitiseService, SanitiseServiceServer};
use mugai_proto::v1::sanitise_stream_request::Frame as In;
use mugai_proto::v1::sanitise_stream_response::Frame as Out;
use mugai_proto::v1::{
    Answer, End, Output, OutputChunk, OutputsEnd, SanitiseRequest, SanitiseResponse,
    SanitiseStreamRequest, SanitiseStreamResponse, Verdict,
};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::{Request, Response, Status, Streaming};

const BYTES: usize = 50_000_000;
const ROUNDS: usize = 21;

pub(crate) async fn figures() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (bare, grpc) = (folder.path().join("bare"), folder.path().join("grpc"));
    tokio::spawn(bare_server(UnixListener::bind(&bare)?));
    let incoming = UnixListenerStream::new(UnixListener::bind(&grpc)?);
    let service = SanitiseServiceServer::new(Echo).max_decoding_message_size(2 * CHUNK_BYTES);
    let server = mugai_server::transport(Duration::from_mins(1)).add_service(service);
    tokio::spawn(server.serve_with_incoming(incoming));
    let client = Client::new(&Endpoint::Unix(grpc), Retry::default())?;
    let content: Vec<u8> = (0..=250u8).cycle().take(BYTES).collect();
    let content = Bytes::from(content);
    let (mut over_bare, mut over_grpc) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        by_socket(&bare, &content).await?;
        over_bare.push(began.elapsed());
        let began = Instant::now();
        by_client(&client, &content).await?;
        over_grpc.push(began.elapsed());
    }
    let (bare, grpc) = (at(&mut over_bare, 500), at(&mut over_grpc, 500));
    println!(
        "50 MB each way, p50 of {ROUNDS}: bare socket {bare:.1?}, gRPC {grpc:.1?}: {} %",
        percent(micros(bare), micros(grpc))
    );
    Ok(())
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

async fn by_client(client: &Client, content: &Bytes) -> Outcome<()> {
    let job = Job::new(content.clone(), "internet", "lgwan");
    let answer = client.sanitise(&job).await?;
    match answer.verdict {
        Ends::Sanitised(files) if files.iter().map(|file| file.content.len()).eq([BYTES]) => Ok(()),
        Ends::Sanitised(_) | Ends::Withheld { .. } => Err("another answer came back".into()),
    }
}

/// What the client does, over a bare socket.
async fn by_socket(path: &Path, content: &Bytes) -> Outcome<()> {
    let sent = blake3::hash(content);
    let mut stream = UnixStream::connect(path).await?;
    for chunk in content.chunks(CHUNK_BYTES) {
        stream.write_all(chunk).await?;
    }
    stream.write_all(sent.as_bytes()).await?;
    let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
    let mut back = BytesMut::new();
    while back.len() < BYTES {
        read(&mut stream, &mut chunk, BYTES.saturating_sub(back.len())).await?;
        back.extend_from_slice(&chunk);
    }
    if blake3::hash(&back) == sent {
        Ok(())
    } else {
        Err("another file came back".into())
    }
}

/// One chunk.
async fn read(stream: &mut UnixStream, chunk: &mut BytesMut, left: usize) -> std::io::Result<()> {
    chunk.resize(left.min(CHUNK_BYTES), 0);
    stream.read_exact(chunk).await.map(drop)
}

async fn bare_server(listener: UnixListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        // the other side notices whatever goes wrong
        let _ = bare_call(&mut stream).await;
    }
}

/// What the service does, over a bare socket.
async fn bare_call(stream: &mut UnixStream) -> std::io::Result<()> {
    let mut hasher = blake3::Hasher::new();
    let mut content = Vec::with_capacity(16 << 20);
    let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
    while content.len() < BYTES {
        read(stream, &mut chunk, BYTES.saturating_sub(content.len())).await?;
        hasher.update(&chunk);
        content.extend_from_slice(&chunk);
    }
    let mut said = [0; 32];
    stream.read_exact(&mut said).await?;
    if hasher.finalize() != said {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    for chunk in content.chunks(CHUNK_BYTES) {
        stream.write_all(chunk).await?;
    }
    Ok(())
}

/// Sends back what it gets.
struct Echo;

type Frames = ReceiverStream<Result<SanitiseStreamResponse, Status>>;

#[tonic::async_trait]
impl SanitiseService for Echo {
    async fn sanitise(
        &self,
        _: Request<SanitiseRequest>,
    ) -> Result<Response<SanitiseResponse>, Status> {
        Err(Status::unimplemented("streams only"))
    }

    type SanitiseStreamStream = Frames;

    async fn sanitise_stream(
        &self,
        request: Request<Streaming<SanitiseStreamRequest>>,
    ) -> Result<Response<Frames>, Status> {
        let mut frames = request.into_inner();
        let mut hasher = blake3::Hasher::new();
        let mut content = Vec::with_capacity(16 << 20);
        while let Some(request) = frames.message().await? {
            if let Some(In::Chunk(chunk)) = request.frame {
                hasher.update(&chunk);
                content.extend_from_slice(&chunk);
            }
        }
        let digest = hasher.finalize();
        let (to, frames) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            for frame in answer(Bytes::from(content), digest) {
                let frame = SanitiseStreamResponse { frame: Some(frame) };
                if to.send(Ok(frame)).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(frames)))
    }
}

/// The frames of an answer that the client accepts.
fn answer(mut content: Bytes, digest: blake3::Hash) -> impl Iterator<Item = Out> {
    let (hex, blake3) = (digest.to_hex(), Bytes::copy_from_slice(digest.as_bytes()));
    let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
    let first = Answer {
        verdict: Verdict::Sanitised.into(),
        id: "echo".to_owned(),
        report_json: format!(
            r#"{{"input":{{"blake3":"{hex}"}},"verdict":"sanitised","id":"echo","outputs":[{{"blake3":"{hex}"}}]}}"#
        ),
        outputs: vec![Output {
            name: "a.txt".to_owned(),
            target: "txt".to_owned(),
            bytes,
            blake3: blake3.clone(),
        }],
        ..Answer::default()
    };
    let chunks = std::iter::from_fn(move || {
        if content.is_empty() {
            return None;
        }
        let data = content.split_to(content.len().min(CHUNK_BYTES));
        Some(Out::Chunk(OutputChunk { output: 0, data }))
    });
    let end = Out::End(OutputsEnd {
        outputs: vec![End { bytes, blake3 }],
    });
    std::iter::once(Out::Answer(first))
        .chain(chunks)
        .chain([end])
}
