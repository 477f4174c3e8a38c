//! A service in this process, and ways to talk to it.

use hyper_util::rt::TokioIo;
use mugai_client::{Client, Endpoint, Retry};
use mugai_core::{NoFonts, Opener, Patience, Refusal, Request, Spooled};
use mugai_proto::v1::policy_service_client::PolicyServiceClient;
use mugai_proto::v1::sanitise_service_client::SanitiseServiceClient;
use mugai_proto::v1::sanitise_stream_request::Frame;
use mugai_proto::v1::{End, Envelope, Header, SanitiseRequest, SanitiseStreamRequest};
use mugai_server::{Config, Policies, Reload, Service};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tonic::transport::Channel;

/// Opens parts in this process; while it is shut, it waits as a worker with a long job would.
#[derive(Default)]
pub(crate) struct Door {
    pub(crate) shut: AtomicBool,
    pub(crate) waiting: AtomicUsize,
    pub(crate) called_off: AtomicUsize,
    /// How many drafts were checked elsewhere than in the service itself.
    pub(crate) checked: AtomicUsize,
    /// How many parts are still lost with their workers.
    pub(crate) crashes: AtomicUsize,
}

impl Opener for Door {
    fn open(&self, request: Request<'_>, patience: Patience<'_>) -> Result<(), Refusal> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        while self.shut.load(Ordering::SeqCst) {
            let late = patience.until.is_some_and(|until| Instant::now() >= until);
            if late || patience.is_cancelled() {
                self.called_off.fetch_add(1, Ordering::SeqCst);
                self.waiting.fetch_sub(1, Ordering::SeqCst);
                return Err(Refusal::Lost(mugai_core::Loss::Deadline));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        let crash = |left: usize| left.checked_sub(1);
        let order = Ordering::SeqCst;
        if self.crashes.fetch_update(order, order, crash).is_ok() {
            return Err(Refusal::Lost(mugai_core::Loss::Crash));
        }
        mugai_open::InProcess { fonts: NoFonts }.open(request, patience)
    }

    fn check(
        &self,
        question: &[u8],
        draft: &[&Spooled],
        _: Patience<'_>,
    ) -> Option<Result<(), Refusal>> {
        self.checked.fetch_add(1, Ordering::SeqCst);
        let draft: Result<Vec<_>, Refusal> = draft.iter().map(|piece| piece.load()).collect();
        let answer = draft.and_then(|draft| {
            mugai_verify::answer(question, &draft.concat()).map_err(Refusal::Unverified)
        });
        Some(answer)
    }
}

/// A running service.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) door: Arc<Door>,
    pub(crate) metrics: Box<dyn Fn() -> String + Send>,
    pub(crate) config: Config,
    pub(crate) reload: Reload,
    stop: Option<oneshot::Sender<()>>,
    running: tokio::task::JoinHandle<()>,
}

/// What the tests serve unless they say otherwise. Each test may add its own bounds.
pub(crate) const LIMITS: &str = "memory = \"64 MiB\"\nmessage = \"8 MiB\"\ncalls = 16\njobs = 2\n";

/// Room for one file of the largest size, and one job; each test adds its own bounds.
pub(crate) fn narrow(more: &str) -> String {
    format!("memory = \"32 MiB\"\nmessage = \"8 MiB\"\njobs = 1\n{more}\n")
}

/// As [`narrow`], but files above 64 KiB wait on disk, where there is room for two of the largest.
pub(crate) fn spooling(more: &str) -> String {
    format!(
        "memory = \"33 MiB\"\nmessage = \"8 MiB\"\njobs = 2\n{more}\n\
         [spool]\nabove = \"64 KiB\"\nbytes = \"16 MiB\"\n"
    )
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(LIMITS, true).await
    }

    /// A service that knows another user only.
    pub(crate) async fn for_others() -> Self {
        Self::of(LIMITS, false, uid().wrapping_add(1)).await
    }

    /// A service with these limits; `admin` says whether this user may have policies read again.
    pub(crate) async fn with(limits: &str, admin: bool) -> Self {
        Self::of(limits, admin, uid()).await
    }

    async fn of(limits: &str, admin: bool, uid: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let city = folder.path().join("city.toml");
        std::fs::write(&city, policy("city")).expect("a file");
        let text = format!(
            "policy = \"text-only\"\nreflection = true\n\
             [policies]\ntext-only = \"text-only\"\ncity = \"{city}\"\n\
             [listen]\nunix = \"{socket}\"\n\
             [[caller]]\nname = \"test\"\nuid = {uid}\nadmin = {admin}\n\
             zones = [{{ from = \"internet\", to = \"lgwan\" }}, {{ from = \"lgwan\", to = \"moon\" }}]\n\
             [limits]\n{limits}",
            city = city.display(),
            socket = folder.path().join("socket").display(),
        );
        let spool = folder.path().to_string_lossy().into_owned();
        let spool = vec![("MUGAI_SERVE__SPOOL__FOLDER".to_owned(), spool)];
        let config = Config::parse(&text, spool).expect("a good configuration");
        let policies = Policies::load(&config.policy, &config.policies).expect("good policies");
        let door = Arc::new(Door::default());
        let opener = Arc::<Door>::clone(&door);
        let service = Service::open(&config, policies, opener)
            .await
            .expect("a service");
        let metrics = Box::new(service.metrics());
        let reload = service.reload();
        let (stop, told) = oneshot::channel();
        let running = tokio::spawn(async move {
            let told = async move {
                let _ = told.await;
            };
            service.run(told).await.expect("a good end");
        });
        Self {
            folder,
            door,
            metrics,
            config,
            reload,
            stop: Some(stop),
            running,
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    pub(crate) async fn channel(&self) -> Channel {
        let socket = self.socket();
        let connector = tower::service_fn(move |_: tonic::transport::Uri| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        });
        let endpoint = Channel::from_static("http://localhost");
        endpoint
            .connect_with_connector(connector)
            .await
            .expect("a connection")
    }

    pub(crate) async fn service(&self) -> SanitiseServiceClient<Channel> {
        SanitiseServiceClient::new(self.channel().await)
    }

    pub(crate) async fn rules(&self) -> PolicyServiceClient<Channel> {
        PolicyServiceClient::new(self.channel().await)
    }

    pub(crate) fn client(&self, retry: Retry) -> Client {
        Client::new(&Endpoint::Unix(self.socket()), retry).expect("a client")
    }

    pub(crate) fn shut(&self) {
        self.door.shut.store(true, Ordering::SeqCst);
    }

    pub(crate) fn open(&self) {
        self.door.shut.store(false, Ordering::SeqCst);
    }

    /// Waits until so many parts are at the door.
    pub(crate) async fn waiting(&self, many: usize) {
        until(|| self.door.waiting.load(Ordering::SeqCst) == many).await;
    }

    /// Waits until a gauge of the metrics says so.
    pub(crate) async fn gauge(&self, name: &str, value: u64) {
        let line = format!("mugai_{name}_in_use {value}\n");
        until(|| (self.metrics)().contains(&line)).await;
    }

    /// Waits until nothing of any call is left.
    pub(crate) async fn idle(&self) {
        for name in ["calls", "memory_bytes", "spool_bytes", "jobs"] {
            self.gauge(name, 0).await;
        }
    }

    /// Tells the service to stop.
    pub(crate) fn stop(&mut self) {
        let _ = self.stop.take().expect("once").send(());
    }

    /// Waits for its end.
    pub(crate) async fn stopped(self) {
        self.running.await.expect("a good end");
    }
}

fn uid() -> u32 {
    rustix::process::getuid().as_raw()
}

/// Waits for something that is sure to come; a test that hangs here has failed.
pub(crate) async fn until(holds: impl Fn() -> bool) {
    while !holds() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A policy that tells text as text.
pub(crate) fn policy(name: &str) -> String {
    format!(
        "name = \"{name}\"\n[[route]]\nfrom = \"internet\"\nto = \"lgwan\"\n[route.treat]\ntext = \"text\"\nmail = \"text\"\n"
    )
}

pub(crate) fn header() -> Header {
    Header {
        name: "a.txt".to_owned(),
        envelope: Some(Envelope {
            queue_id: "4XkQ2z".to_owned(),
            from_zone: "internet".to_owned(),
            to_zone: "lgwan".to_owned(),
            ..Envelope::default()
        }),
        ..Header::default()
    }
}

pub(crate) fn unary(content: &[u8]) -> SanitiseRequest {
    SanitiseRequest {
        header: Some(header()),
        content: content.to_vec().into(),
    }
}

pub(crate) fn end(content: &[u8]) -> Frame {
    Frame::End(End {
        bytes: u64::try_from(content.len()).expect("fits"),
        blake3: blake3::hash(content).as_bytes().to_vec().into(),
    })
}

pub(crate) fn chunk(content: &[u8]) -> Frame {
    Frame::Chunk(content.to_vec().into())
}

pub(crate) fn stream(
    frames: Vec<Frame>,
) -> impl tokio_stream::Stream<Item = SanitiseStreamRequest> + Send + 'static {
    let frames = frames.into_iter();
    tokio_stream::iter(frames.map(|frame| SanitiseStreamRequest { frame: Some(frame) }))
}

/// What the library makes of a file.
pub(crate) fn by_library(content: &[u8]) -> mugai_engine::Outcome {
    let policy = mugai_engine::Policy::preset("text-only").expect("a preset");
    let order = mugai_engine::Order {
        input: mugai_core::Untrusted::new(content.to_vec()),
        name: mugai_core::SafeName::clean("a.txt").0,
        label: "a.txt".to_owned(),
        policy: &policy,
        from: "internet",
        to: "lgwan",
        passwords: &[],
        patience: Patience::default(),
    };
    mugai_engine::sanitise(order, &mugai_open::InProcess { fonts: NoFonts })
}
