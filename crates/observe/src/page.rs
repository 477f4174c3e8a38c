//! A page of figures, over plain HTTP. It knows one answer.

use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How long a reader of figures may take.
const TIME: Duration = Duration::from_secs(5);

/// Serves what `page` gives, a text of the exposition format of Prometheus (0.0.4), until it is dropped: one reader at a time, which is
/// as many as there should be.
pub async fn serve_page(listener: TcpListener, page: impl Fn() -> String + Send + Sync) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            // a reader that is gone or slow loses its page
            let _ = tokio::time::timeout(TIME, answer(stream, &page)).await;
        } else {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn answer(
    mut stream: TcpStream,
    page: &(impl Fn() -> String + Send + Sync),
) -> std::io::Result<()> {
    // whatever is asked for, the answer is the same
    let mut request = [0u8; 4096];
    let _ = stream.read(&mut request).await?;
    let text = page();
    let head = format!(
        "HTTP/1.0 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}
