//! TLS on both ways, and a queue that asks who comes.

use crate::servers::Server;
use crate::world::World;
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

#[test]
fn queue_and_store_are_reached_over_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    certificates(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (ca, cert, key) = (path("ca.pem"), path("cert.pem"), path("key.pem"));
    let nats = Server::nats(
        &folder.path().join("streams"),
        &[
            "--tls",
            "--tlscert",
            &cert,
            "--tlskey",
            &key,
            "--tlscacert",
            &ca,
            "--user",
            "u",
            "--pass",
            "hush",
        ],
    );
    let s3 = Server::s3(&["--ssl", "--ssl-cert", &cert, "--ssl-key", &key]);
    let (Some(nats), Some(s3)) = (nats, s3) else {
        return;
    };
    let config = |ca: &str| {
        format!(
            "[queue]\nurl = \"tls://localhost:{}\"\nca = \"{ca}\"\ncertificate = \"{cert}\"\nkey = \"{key}\"\nuser = \"u\"\n\
             [store]\nurl = \"s3://bucket\"\nendpoint = \"https://localhost:{}\"\nca = \"{ca}\"\n",
            nats.port, s3.port
        )
    };
    let (good, bad) = (config(&ca), {
        let other = tempfile::tempdir().expect("a folder");
        certificates(other.path());
        let text = std::fs::read(other.path().join("ca.pem")).expect("a file");
        std::fs::write(folder.path().join("other.pem"), text).expect("a file");
        config(&path("other.pem"))
    });
    let world = World::with(folder, nats, &good);
    world.file("in/a.txt", b"a\n");
    let run = |words: &[&str], password: Option<&str>| {
        let mut command = world.command(words);
        if let Some(password) = password {
            command.env("MUGAI_BATCH__QUEUE__PASSWORD", password);
        }
        crate::world::Said::from(command.output().expect("the executable runs"))
    };
    let submit = [
        "batch",
        "submit",
        "-c",
        "batch.toml",
        "--batch",
        "one",
        "in",
    ];
    // there is no bucket yet, and its name must not be made up
    assert_eq!(run(&submit, Some("hush")).code, Some(4));
    bucket(&ca, s3.port);
    let said = run(&submit, Some("hush"));
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = run(
        &["batch", "work", "-c", "batch.toml", "--once"],
        Some("hush"),
    );
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = run(
        &[
            "batch",
            "fetch",
            "-c",
            "batch.toml",
            "--batch",
            "one",
            "-o",
            "out",
        ],
        Some("hush"),
    );
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(
        std::fs::read(world.path("out/in/a.txt")).expect("a file"),
        b"a\n"
    );
    // who does not say the word is not let in, and is not told it
    let said = run(&submit, Some("wrong"));
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(!said.err.contains("wrong"), "{said:?}");
    assert_eq!(run(&submit, None).code, Some(2));
    // and whom we do not know, we do not talk to
    world.file("batch.toml", bad.as_bytes());
    assert_eq!(run(&submit, Some("hush")).code, Some(4));
}

/// Makes the bucket, with a client of somebody else.
fn bucket(ca: &str, port: u16) {
    let made = std::process::Command::new("curl")
        .args(["--silent", "--fail", "--cacert", ca, "-X", "PUT"])
        .args([
            "-H",
            "Authorization: AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request",
        ])
        .arg(format!("https://localhost:{port}/bucket"))
        .status();
    assert!(made.expect("curl").success());
}
