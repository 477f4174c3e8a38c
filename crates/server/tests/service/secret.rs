//! Passwords that come with a file.

use crate::world::{World, unary};
use mugai_client::{Job, Password, Retry, Verdict};
use mugai_proto::v1::RefusalCode;
use tonic::Code;

/// A ZIP file with the one file a.txt, "secret text", under the password s3cret: `zip -0 -X -P s3cret`.
const CLOSED: &[u8] = b"PK\x03\x04\x0a\x00\x09\x00\x00\x00\x00\x00!P\xda\x89I\x9b\x18\x00\x00\x00\x0c\x00\x00\x00\x05\x00\x00\x00a.txt\xd3\x886q\x07\
    \xea:k\xc5\x05I\xf0\xa3\x80Ku>\x93\x88\x86\x11\xf3\x1cePK\x07\x08\xda\x89I\x9b\x18\x00\x00\x00\x0c\x00\x00\x00PK\x01\x02\x1e\
    \x03\x0a\x00\x09\x00\x00\x00\x00\x00!P\xda\x89I\x9b\x18\x00\x00\x00\x0c\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xa4\x81\x00\x00\x00\
    \x00a.txtPK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x003\x00\x00\x00K\x00\x00\x00\x00\x00";

#[tokio::test(flavor = "multi_thread")]
async fn they_open_what_is_closed_and_are_told_nowhere() {
    let world = World::new().await;
    let client = world.client(Retry::default());
    let mut job = Job::new(CLOSED, "internet", "lgwan");
    job.name = "closed.zip".to_owned();
    // the key stands for the file, not for the password
    job.idempotency_key = "k-1".to_owned();
    for (passwords, opens) in [
        (&[][..], false),
        (&["wrong"][..], false),
        (&["wrong", "s3cret"][..], true),
    ] {
        let passwords = passwords.iter().map(|text| (*text).to_owned());
        job.passwords = passwords.filter_map(Password::new).collect();
        let answer = client.sanitise(&job).await.unwrap();
        let report: serde_json::Value = serde_json::from_str(&answer.report_json).unwrap();
        let withheld = report.pointer("/totals/withheld").unwrap();
        assert_eq!(withheld == 0, opens, "{report}");
        assert_eq!(answer.report_json.contains("encrypted"), !opens);
        assert!(!answer.report_json.contains("s3cret"));
        assert!(!format!("{job:?}").contains("s3cret"));
        let files: Vec<_> = match &answer.verdict {
            Verdict::Sanitised(files) => files.iter().collect(),
            Verdict::Withheld { code, notice, .. } => {
                assert_eq!(*code, RefusalCode::Encrypted);
                notice.iter().collect()
            }
        };
        assert!(!files.is_empty());
        for file in files {
            assert!(!file.content.windows(6).any(|six| six == b"s3cret"));
        }
    }
    assert!(!(world.metrics)().contains("s3cret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_and_too_long_ones_are_refused() {
    let world = World::new().await;
    let mut service = world.service().await;
    for (passwords, what) in [
        (vec!["x".to_owned(); 17], "too many"),
        (vec![String::new()], "empty"),
        (vec!["x".repeat(1025)], "too long"),
    ] {
        let mut request = unary(b"abc");
        request.header.as_mut().unwrap().passwords = passwords;
        let status = service.sanitise(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{what}");
    }
    let mut request = unary(b"abc");
    request.header.as_mut().unwrap().passwords = vec!["x".repeat(1024); 16];
    assert!(service.sanitise(request).await.is_ok());
}
