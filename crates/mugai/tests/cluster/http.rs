//! Just enough HTTP to change objects behind the back of the executable.

use std::io::{Read, Write};
use std::net::TcpStream;

/// What the S3 server of the tests takes for a signature: it looks at nothing but the form.
const SIGNED: &str =
    "Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request";

/// Sends a request, and returns status and body.
pub(crate) fn request(port: u16, method: &str, path: &str, body: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a server");
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n{SIGNED}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("a request");
    stream.write_all(body).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
    (status.expect("a status"), body.to_owned())
}

/// The names of all objects below a prefix of a bucket (`ListObjectsV2`).
pub(crate) fn list(port: u16, bucket: &str, prefix: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    loop {
        let after = names.last().map_or("", String::as_str);
        let path = format!("/{bucket}?list-type=2&prefix={prefix}&start-after={after}");
        let (status, body) = request(port, "GET", &path, b"");
        assert_eq!(status, 200, "{body}");
        let found = body.split("<Key>").skip(1);
        names.extend(found.filter_map(|rest| Some(rest.split_once("</Key>")?.0.to_owned())));
        if !body.contains("<IsTruncated>true") {
            return names;
        }
    }
}
