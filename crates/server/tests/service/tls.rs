//! TCP: certificates on both sides, and the name in them.

use crate::world::Door;
use mugai_client::{Client, Endpoint, Hold, Job, Retry, Tls, Trouble};
use mugai_server::{Config, Policies, Reload, Service};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::oneshot;
use tonic::Code;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("an authority")
}

/// A certificate for a name, and its key.
fn issued(by: &Authority, name: &str) -> (String, String) {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, by).expect("a certificate");
    (certificate.pem(), key.serialize_pem())
}

/// Writes what the service shows, and the authority that it trusts.
fn install(folder: &Path, ca: &Authority) {
    let (certificate, key) = issued(ca, "localhost");
    for (name, text) in [("ca", ca.pem()), ("certificate", certificate), ("key", key)] {
        std::fs::write(folder.join(name), text).expect("a file");
    }
}

struct Running {
    address: SocketAddr,
    config: Config,
    reload: Reload,
    _stop: oneshot::Sender<()>,
}

impl Running {
    /// Has the files read again.
    fn again(&self) -> Result<(), String> {
        let policies = Policies::load(&self.config.policy, &self.config.policies)?;
        self.reload.apply(&self.config, &policies)
    }
}

async fn service(folder: &Path, ca: &Authority) -> Running {
    install(folder, ca);
    let text = format!(
        "policy = \"text-only\"\n[listen]\ntcp = \"127.0.0.1:0\"\n\
         [tls]\ncertificate = \"{}\"\nkey = \"{}\"\nclient_ca = \"{}\"\n\
         [[caller]]\nname = \"relay\"\ncertificate = \"Relay.city.example\"\n\
         zones = [{{ from = \"internet\", to = \"lgwan\" }}]\n",
        folder.join("certificate").display(),
        folder.join("key").display(),
        folder.join("ca").display(),
    );
    let config = Config::parse(&text, Vec::new()).expect("a good configuration");
    let policies = Policies::load(&config.policy, &config.policies).expect("good policies");
    let opener = Arc::new(Door::default());
    let service = Service::open(&config, policies, opener)
        .await
        .expect("a service");
    let address = service.address().expect("an address");
    let reload = service.reload();
    let (stop, told) = oneshot::channel();
    tokio::spawn(service.run(async move {
        let _ = told.await;
    }));
    Running {
        address,
        config,
        reload,
        _stop: stop,
    }
}

async fn call(address: SocketAddr, ca: &Authority, own: (String, String)) -> Result<(), Hold> {
    let tls = Tls {
        authority: ca.pem().into_bytes(),
        certificate: own.0.into_bytes(),
        key: own.1.into_bytes(),
        name: Some("localhost".to_owned()),
    };
    let endpoint = Endpoint::Tls(format!("https://{address}"), Box::new(tls));
    let retry = Retry {
        tries: 1,
        ..Retry::default()
    };
    let client = Client::new(&endpoint, retry).expect("a client");
    let job = Job::new(&b"abc"[..], "internet", "lgwan");
    client.sanitise(&job).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_certificates_of_the_authority_and_names_of_callers_get_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ca, other) = (authority(), authority());
    let running = service(folder.path(), &ca).await;
    let address = running.address;
    assert_eq!(
        call(address, &ca, issued(&ca, "relay.city.example")).await,
        Ok(())
    );
    let hold = call(address, &ca, issued(&ca, "portal.city.example"))
        .await
        .unwrap_err();
    assert!(
        matches!(hold.trouble, Trouble::Status(Code::PermissionDenied, _)),
        "{hold}"
    );
    // not of the authority: the service does not even talk
    let hold = call(address, &ca, issued(&other, "relay.city.example"))
        .await
        .unwrap_err();
    assert!(
        !matches!(hold.trouble, Trouble::Status(Code::PermissionDenied, _)),
        "{hold}"
    );
    // a service that is not of the authority: the client does not even talk
    assert!(
        call(address, &other, issued(&ca, "relay.city.example"))
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_replaced_or_none_of_them_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, new) = (authority(), authority());
    let running = service(folder.path(), &old).await;
    let address = running.address;
    let relay = |ca: &Authority| issued(ca, "relay.city.example");
    assert_eq!(call(address, &old, relay(&old)).await, Ok(()));
    // a key that does not belong to the certificate, and a file without any
    let key = folder.path().join("key");
    for broken in [issued(&old, "localhost").1, "nothing".to_owned()] {
        std::fs::write(&key, broken).expect("a file");
        let problem = running.again().unwrap_err();
        assert!(
            problem.contains(&folder.path().display().to_string()),
            "{problem}"
        );
        assert_eq!(call(address, &old, relay(&old)).await, Ok(()));
    }
    install(folder.path(), &new);
    running.again().expect("good files");
    assert_eq!(call(address, &new, relay(&new)).await, Ok(()));
    assert!(call(address, &new, relay(&old)).await.is_err());
    assert!(call(address, &old, relay(&old)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_finishes_the_handshake_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = authority();
    let running = service(folder.path(), &ca).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        let connected = tokio::net::TcpStream::connect(running.address).await;
        silent.push(connected.expect("a connection"));
    }
    let relay = issued(&ca, "relay.city.example");
    assert_eq!(call(running.address, &ca, relay).await, Ok(()));
}
