//! TLS on both ways, and a queue that asks who comes.

use crate::servers::Server;
use crate::world::{Said, World};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use std::path::Path;

/// An authority, and a certificate of it for this machine.
fn certificates(folder: &Path) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    // under its own name, or others take what it signs for signed by itself
    let name = &mut params.distinguished_name;
    name.push(DnType::CommonName, "authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"));
    let authority = authority.expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let params = CertificateParams::new(names).expect("names");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    for (name, text) in [
        ("ca.pem", authority.pem()),
        ("cert.pem", certificate.pem()),
        ("key.pem", key.serialize_pem()),
    ] {
        std::fs::write(folder.join(name), text).expect("a file");
    }
}

/// A configuration that trusts an authority.
fn config(folder: &Path, ca: &str, nats: &Server, s3: &Server) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    format!(
        "[queue]\nurl = \"tls://localhost:{}\"\nca = \"{ca}\"\nuser = \"u\"\n\
         certificate = \"{}\"\nkey = \"{}\"\n\
         [store]\nurl = \"s3://bucket\"\nendpoint = \"https://localhost:{}\"\nca = \"{ca}\"\n",
        nats.port,
        path("cert.pem"),
        path("key.pem"),
        s3.port,
        ca = path(ca),
    )
}

/// Servers with certificates; the queue asks for ours, and for a password.
fn servers(folder: &Path) -> Option<(Server, Server)> {
    let path = |name: &str| folder.join(name).display().to_string();
    let (ca, cert, key) = (path("ca.pem"), path("cert.pem"), path("key.pem"));
    let tls = [
        "--tlsverify",
        "--tlscert",
        &cert,
        "--tlskey",
        &key,
        "--tlscacert",
        &ca,
    ];
    let words = [&tls[..], &["--user", "u", "--pass", "hush"]].concat();
    let nats = Server::nats(&folder.join("streams"), &words)?;
    let s3 = Server::s3(&["--ssl", "--ssl-cert", &cert, "--ssl-key", &key])?;
    Some((nats, s3))
}

#[test]
fn queue_and_store_are_reached_over_tls() {
    let (folder, other) = (tempfile::tempdir(), tempfile::tempdir());
    let (folder, other) = (folder.expect("a folder"), other.expect("a folder"));
    certificates(folder.path());
    certificates(other.path());
    let copied = std::fs::copy(other.path().join("ca.pem"), folder.path().join("other.pem"));
    copied.expect("a file");
    let Some((nats, s3)) = servers(folder.path()) else {
        return;
    };
    let good = config(folder.path(), "ca.pem", &nats, &s3);
    let bad = config(folder.path(), "other.pem", &nats, &s3);
    let world = World::with(folder, nats, &good);
    world.file("in/a.txt", b"a\n");
    let run = |verb: &[&str], password: Option<&str>| {
        let words = [&["batch"], verb, &["-c", "batch.toml"]].concat();
        let mut command = world.command(&words);
        if let Some(password) = password {
            command.env("MUGAI_BATCH__QUEUE__PASSWORD", password);
        }
        Said::from(command.output().expect("the executable runs"))
    };
    let submit = ["submit", "--batch", "one", "in"];
    // there is no bucket yet, and it is not for us to make one
    assert_eq!(run(&submit, Some("hush")).code, Some(4));
    bucket(&world.path("ca.pem"), s3.port);
    let fetch = ["fetch", "--batch", "one", "-o", "out"];
    for verb in [&submit[..], &["work", "--once"], &fetch] {
        let said = run(verb, Some("hush"));
        assert_eq!(said.code, Some(0), "{said:?}");
    }
    assert_eq!(
        std::fs::read(world.path("out/in/a.txt")).expect("a file"),
        b"a\n"
    );
    // who does not say the word is not let in, and it is not shown
    let said = run(&submit, Some("wrong"));
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(!said.err.contains("wrong"), "{said:?}");
    assert_eq!(run(&submit, None).code, Some(2));
    // and whom we do not know, we do not talk to
    world.file("batch.toml", bad.as_bytes());
    assert_eq!(run(&submit, Some("hush")).code, Some(4));
}

/// Makes the bucket, with a client of somebody else.
fn bucket(ca: &Path, port: u16) {
    let made = std::process::Command::new("curl")
        .args(["--silent", "--fail", "-X", "PUT", "--cacert"])
        .arg(ca)
        .args([
            "-H",
            "Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request",
        ])
        .arg(format!("https://localhost:{port}/bucket"))
        .status();
    assert!(made.expect("curl").success());
}
