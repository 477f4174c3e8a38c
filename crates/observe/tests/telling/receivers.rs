//! Events at their receivers.

use crate::world::{MARK, answered, config, refused};
use mugai_observe::Observer;
use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixDatagram;

/// What the events of these tests are, in their order.
const WANT: [&str; 8] = [
    "service_started",
    "active_content_removed",
    "limit_hit",
    "part_withheld",
    "worker_lost",
    "part_withheld",
    "caller_refused",
    "service_stopped",
];

/// Tells two calls to a receiver.
fn tell(to: &str, more: &str) {
    let observer = Observer::start(&config(&format!("[syslog]\nto = \"{to}\"\n{more}"))).unwrap();
    observer.call(&answered(&observer));
    observer.call(&refused());
}

fn check(lines: &[String]) {
    let names: Vec<&str> = lines
        .iter()
        .map(|line| line.split(' ').nth(5).expect("a field"))
        .collect();
    assert_eq!(names, WANT);
    for line in lines {
        assert!(
            !line.contains(MARK) && !line.contains(['\n', '\r']),
            "{line}"
        );
        let of_job = ["|1001|", "|1002|", "|1003|", "|1004|"];
        let of_job = of_job.iter().any(|number| line.contains(number));
        let job = " externalId=4XkQ2z cs1Label=job cs1=TICKET ";
        assert_eq!(line.contains(job), of_job, "{line}");
    }
}

#[test]
fn over_a_socket_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let socket = UnixDatagram::bind(&path).unwrap();
    tell(&format!("unix:{}", path.display()), "");
    let mut lines = Vec::new();
    for _ in WANT {
        let mut buffer = [0u8; 4096];
        let length = socket.recv(&mut buffer).unwrap();
        lines.push(String::from_utf8(buffer[..length].to_vec()).unwrap());
    }
    check(&lines);
}

#[test]
fn over_udp() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    tell(&format!("udp:{}", socket.local_addr().unwrap()), "");
    let mut lines = Vec::new();
    for _ in WANT {
        let mut buffer = [0u8; 4096];
        let length = socket.recv(&mut buffer).unwrap();
        lines.push(String::from_utf8(buffer[..length].to_vec()).unwrap());
    }
    check(&lines);
}

#[test]
fn over_tcp_with_octet_counting() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let receiver = std::thread::spawn(move || {
        let mut text = String::new();
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_to_string(&mut text).unwrap();
        text
    });
    tell(&format!("tcp:{address}"), "");
    let text = receiver.join().unwrap();
    let mut left = text.as_str();
    let mut lines = Vec::new();
    while let Some((length, rest)) = left.split_once(' ') {
        let (line, rest) = rest.split_at(length.parse().unwrap());
        lines.push(line.to_owned());
        left = rest;
    }
    check(&lines);
}

#[test]
fn json_is_one_object_a_line() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let more = "format = \"json\"\nfacility = \"local4\"";
    tell(&format!("udp:{}", socket.local_addr().unwrap()), more);
    let mut buffer = [0u8; 4096];
    let length = socket.recv(&mut buffer).unwrap();
    let line = std::str::from_utf8(&buffer[..length]).unwrap();
    assert!(line.starts_with("<166>1 "), "{line}");
    let (_, json) = line.split_once(" - {").unwrap();
    let json: serde_json::Value = serde_json::from_str(&format!("{{{json}")).unwrap();
    assert_eq!(json["event"], 1012);
}

#[test]
fn a_receiver_that_is_not_there_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none");
    let text = format!("[syslog]\nto = \"unix:{}\"\nqueue = 1", path.display());
    let observer = Observer::start(&config(&text)).unwrap();
    for _ in 0..100 {
        observer.call(&refused());
    }
    let page = observer.text(&[], None);
    let dropped = page
        .lines()
        .find_map(|line| line.strip_prefix("mugai_events_dropped_total{cause=\"queue\"} "))
        .expect("a count");
    // one is with the thread, one in the queue
    assert!(dropped.parse::<u32>().unwrap() >= 98, "{dropped}");
    assert!(page.contains("mugai_events_total{event=\"1006\"} 100"));
}
