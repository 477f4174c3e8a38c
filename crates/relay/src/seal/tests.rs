use super::canonical::Body;
use super::*;
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

fn settings(key: PathBuf) -> Sealing {
    Sealing {
        domain: "city.example".to_owned(),
        selector: "s1".to_owned(),
        key,
        server: "mx.city.example".to_owned(),
        headers: ["from", "subject", "date", "cc", "content-type"]
            .map(str::to_owned)
            .to_vec(),
    }
}

/// A key of this moment, as a file for its owner alone.
fn ed25519(folder: &tempfile::TempDir) -> PathBuf {
    let random = ring::rand::SystemRandom::new();
    let key = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        BASE64.encode(key.as_ref())
    );
    written(folder, "ed25519.pem", &pem)
}

fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

const MAIL: &[u8] = b"From: a@b.jp\r\nSubject: =?UTF-8?B?44GC?=\r\n =?UTF-8?B?44GE?=\r\n\
    X-Mugai-Auth: v1; dmarc=pass b.jp; dkim=pass b.jp; spf=none; arc=pass c.jp\r\n\
    Content-Type: text/plain\r\n\r\nhello\r\n\r\n";

/// The value of a tag of a field, without white space.
fn tag(field: &str, name: &str) -> String {
    let (_, value) = field.split_once(':').unwrap();
    let plain = value.replace([' ', '\r', '\n'], "");
    let mut tags = plain.split(';').filter_map(|tag| tag.split_once('='));
    tags.find(|(found, _)| *found == name).unwrap().1.to_owned()
}

/// The three fields of a seal, with their continuations.
fn three(seal: &str) -> [String; 3] {
    let mut fields: Vec<String> = Vec::new();
    for line in seal.split_inclusive("\r\n") {
        assert!(line.len() <= LINE + 2, "{line}");
        if line.starts_with(' ') {
            fields.last_mut().unwrap().push_str(line);
        } else {
            fields.push(line.to_owned());
        }
    }
    fields.try_into().unwrap()
}

#[test]
fn fields_and_bodies_are_signed_in_their_relaxed_form() {
    // RFC 6376, section 3.4.5
    let mail = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
    let (fields, body) = Fields::read(mail).unwrap();
    let mut out = Vec::new();
    fields.canonical(&["a", "b"], &mut out);
    assert_eq!(out, b"a:X\r\nb:Y Z\r\n");
    let want = ring::digest::digest(&ring::digest::SHA256, b" C\r\nD E\r\n");
    for size in 1..=body.len() {
        let mut digest = Body::new();
        body.chunks(size).for_each(|piece| digest.take(piece));
        assert_eq!(digest.finish().as_ref(), want.as_ref(), "{size}");
    }
    for nothing in [&b""[..], b"\r\n\r\n", b" \t\r\n"] {
        let mut digest = Body::new();
        digest.take(nothing);
        let want = ring::digest::digest(&ring::digest::SHA256, b"");
        assert_eq!(digest.finish().as_ref(), want.as_ref());
    }
    assert!(Fields::read(b"A: no end\r\n").is_none());
}

#[test]
fn several_fields_of_one_name_are_signed_from_the_last_one_up() {
    let (fields, _) = Fields::read(b"A: 1\r\nB: x\r\na: 2\r\n\r\n").unwrap();
    let names = ["a".to_owned(), "c".to_owned()];
    let signed = fields.signed(&names);
    assert_eq!(signed, ["a", "a", "a"]);
    let mut out = Vec::new();
    fields.canonical(&signed, &mut out);
    assert_eq!(out, b"a:2\r\na:1\r\n");
}

#[test]
fn a_seal_has_three_fields_whose_signatures_hold() {
    let folder = tempfile::tempdir().unwrap();
    let sealer = Sealer::read(&settings(ed25519(&folder))).unwrap();
    let seal = sealer.seal(MAIL, 1_700_000_000).unwrap().unwrap();
    let [chain, message, results] = three(&seal);
    assert_eq!(
        results,
        "ARC-Authentication-Results: i=1; mx.city.example;\r\n dmarc=pass header.from=b.jp;\r\n \
         dkim=pass header.d=b.jp;\r\n spf=none;\r\n arc=pass\r\n"
    );
    assert!(chain.starts_with("ARC-Seal: i=1; a=ed25519-sha256; t=1700000000; cv=none;\r\n"));
    assert_eq!(
        tag(&message, "h"),
        "from:from:subject:subject:content-type:content-type"
    );
    let body = ring::digest::digest(&ring::digest::SHA256, b"hello\r\n");
    assert_eq!(tag(&message, "bh"), BASE64.encode(body.as_ref()));

    let (_, public) = sealer.key.public();
    let public = UnparsedPublicKey::new(&ED25519, public);
    let holds = |signed: &[u8], field: &str| {
        let signature = BASE64.decode(tag(field, "b").as_bytes()).unwrap();
        let digest = ring::digest::digest(&ring::digest::SHA256, signed);
        public.verify(digest.as_ref(), &signature).is_ok()
    };
    let bare = |text: &str| {
        let mut out = Vec::new();
        field(text.trim_end(), &mut out);
        out
    };
    let unsigned = |text: &str| bare(text.split_once("\r\n b=").unwrap().0);
    let with_b = |text: &str| [unsigned(text), b" b=".to_vec()].concat();
    let mut signed = b"from:a@b.jp\r\nsubject:=?UTF-8?B?44GC?= =?UTF-8?B?44GE?=\r\n\
        content-type:text/plain\r\n"
        .to_vec();
    signed.extend(with_b(&message));
    assert!(holds(&signed, &message));
    let signed = [
        bare(&results),
        b"\r\n".to_vec(),
        bare(&message),
        b"\r\n".to_vec(),
        with_b(&chain),
    ]
    .concat();
    assert!(holds(&signed, &chain));
    assert!(!holds(&signed, &message));
}

#[test]
fn a_chain_that_had_failed_is_not_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let sealer = Sealer::read(&settings(ed25519(&folder))).unwrap();
    for (auth, want) in [
        ("", Some("none\r\n")),
        ("X-Mugai-Auth: v1; arc=none\r\n", Some("arc=none\r\n")),
        ("X-Mugai-Auth: v1; spf=pass b.jp; arc=fail\r\n", None),
    ] {
        let mail = format!("From: a@b.jp\r\n{auth}\r\nx\r\n");
        let seal = sealer.seal(mail.as_bytes(), 0).unwrap();
        assert_eq!(seal.is_some(), want.is_some(), "{auth}");
        assert!(seal.unwrap_or_default().ends_with(want.unwrap_or_default()));
    }
    assert!(sealer.seal(b"no mail", 0).is_err());
    // which of two names this is about is not known
    assert_eq!(
        results("v1; spf=pass b.jp; x=y z"),
        Some(vec!["spf=pass (b.jp)".to_owned()])
    );
}

#[test]
fn what_is_no_key_is_refused_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let good = ed25519(&folder);
    let text = std::fs::read_to_string(&good).unwrap();
    let open = written(&folder, "open.pem", &text);
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
    let torn = text.replace("MF", "ME").replace("MC", "MD");
    let mut large = text.clone();
    large.push_str(&"x".repeat(70_000));
    for (path, words) in [
        (folder.path().join("none.pem"), "cannot be read"),
        (folder.path().to_owned(), "is not a file"),
        (open, "is open to everybody"),
        (written(&folder, "empty.pem", ""), "is not a private key"),
        (
            written(&folder, "public.pem", &text.replace("PRIVATE", "PUBLIC")),
            "is not a private key",
        ),
        (
            written(&folder, "ec.pem", &text.replace("PRIVATE", "EC PRIVATE")),
            "is neither RSA nor Ed25519",
        ),
        (written(&folder, "torn.pem", &torn), "is neither RSA of"),
        (written(&folder, "large.pem", &large), "is too large"),
    ] {
        let Err(error) = Sealer::read(&settings(path)) else {
            panic!("{words}: it was taken");
        };
        let error = error.to_string();
        assert!(
            error.starts_with("arc.key: ") && error.contains(words),
            "{error}"
        );
        let secret = text.lines().nth(1).unwrap();
        assert!(!error.contains(secret), "{error}");
    }
}

#[test]
fn what_has_to_be_published_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let sealer = Sealer::read(&settings(ed25519(&folder))).unwrap();
    let (name, text) = sealer.published();
    assert_eq!(name, "s1._domainkey.city.example");
    let public = text.strip_prefix("v=DKIM1; k=ed25519; p=").unwrap();
    assert_eq!(BASE64.decode(public.as_bytes()).unwrap().len(), 32);
}

#[test]
fn long_lists_are_folded() {
    let names: Vec<&str> = std::iter::repeat_n("content-transfer-encoding", 10).collect();
    let mut out = " h=".to_owned();
    list(&mut out, &names);
    assert!(out.split("\r\n").all(|line| line.len() <= LINE), "{out}");
    assert_eq!(out.replace("\r\n ", ""), format!(" h={}", names.join(":")));
}
