//! Listens, serves, and stops without losing what is under way.

mod connections;
mod listen;
mod reload;
mod tls;

pub use listen::transport;
pub use reload::Reload;

use crate::admit::Admission;
use crate::caller::Callers;
use crate::config::Config;
use crate::gate::{Gate, Shared};
use crate::keys::Keys;
use crate::metrics::Metrics;
use crate::policies::{self, Policies};
use crate::rules::Rules;
use crate::sanitise::Sanitise;
use crate::spool;
use listen::Listeners;
use mugai_core::Opener;
use mugai_observe::serve_page;
use mugai_observe::{ObserveError, Observer};
use mugai_proto::v1::policy_service_server::PolicyServiceServer;
use mugai_proto::v1::sanitise_service_server::SanitiseServiceServer;
use mugai_proto::{DESCRIPTOR, MESSAGE_BYTES};
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tonic::service::Routes;
use tonic_health::server::HealthReporter;

/// Threads that move bytes between callers and jobs. They have little to do beside the jobs, and on
/// two processors a second one only passes calls to and fro with the first: with one, a small mail
/// takes a third less time on its way, and under overload more are answered (docs/performance.md).
const CORES_A_THREAD: usize = 2;

/// Threads for what may block besides jobs: files, above all those of the spool.
const FILE_THREADS: usize = 8;

/// Reads the certificates of a configuration, as the service does when it begins.
///
/// # Errors
/// [`ServeError::Place`] names the file that cannot be used.
pub fn check_certificates(config: &Config) -> Result<(), ServeError> {
    match &config.tcp {
        Some(tcp) => tls::Tls::read(tcp).map(drop),
        None => Ok(()),
    }
}

/// Why the service could not begin, or ended otherwise than asked.
#[derive(Debug)]
pub enum ServeError {
    /// A file or an address cannot be used; what it is, and why.
    Place(String, std::io::Error),
    /// The TLS of the service, or a connection of it.
    Transport(tonic::transport::Error),
    /// The description of the services.
    Description(String),
    /// What is told of the service cannot be told.
    Observe(ObserveError),
    /// Calls were still under way when the time for stopping was over.
    Unfinished,
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place, error) => write!(f, "{place}: {error}"),
            Self::Transport(error) => {
                write!(f, "transport: {error}")?;
                let source = std::error::Error::source(error);
                source.map_or(Ok(()), |source| write!(f, ": {source}"))
            }
            Self::Observe(error) => write!(f, "{error}"),
            Self::Description(error) => write!(f, "reflection: {error}"),
            Self::Unfinished => f.write_str("calls were broken off: the time to stop was over"),
        }
    }
}

impl std::error::Error for ServeError {}

/// A service whose sockets are open.
pub struct Service {
    shared: Arc<Shared>,
    listeners: Listeners,
    metrics: Option<TcpListener>,
    health: HealthReporter,
    routes: Routes,
    config: Config,
}

impl Service {
    /// Opens the sockets. Must be called inside of a tokio runtime that has some threads that may
    /// block; those of the jobs are its own.
    ///
    /// # Errors
    /// [`ServeError`]
    pub async fn open(
        config: &Config,
        policies: Policies,
        opener: Arc<dyn Opener + Send + Sync>,
    ) -> Result<Self, ServeError> {
        let observer = Observer::start(&config.observe).map_err(ServeError::Observe)?;
        let observer = Arc::new(observer);
        policies.tell(&observer);
        if config.limits.spools() {
            let place = |error| ServeError::Place(config.spool.display().to_string(), error);
            spool::check(&config.spool).map_err(place)?;
        }
        let shared = Arc::new(Shared {
            opener,
            policies: Arc::new(policies),
            callers: Callers::new(&config.callers),
            admission: Admission::new(&config.limits)
                .map_err(|error| ServeError::Place("threads".to_owned(), error))?,
            keys: Keys::default(),
            metrics: Metrics(observer),
            spool: config.spool.clone(),
            stopping: AtomicBool::new(false),
        });
        let (health, routes) = routes(config.reflection, &shared)?;
        Ok(Self {
            listeners: Listeners::open(config).await?,
            metrics: listen::metrics(config).await?,
            config: config.clone(),
            shared,
            health,
            routes,
        })
    }

    /// The address that it listens at with TLS.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listeners.address()
    }

    /// The policies in force, to have them read again.
    #[must_use]
    pub fn policies(&self) -> Arc<Policies> {
        Arc::clone(&self.shared.policies)
    }

    /// A way to put another configuration in force.
    #[must_use]
    pub fn reload(&self) -> Reload {
        Reload::new(&self.shared, self.config.clone(), self.listeners.tls())
    }

    /// What the page of metrics says.
    pub fn metrics(&self) -> impl Fn() -> String + Send + Sync + 'static {
        let shared = Arc::clone(&self.shared);
        move || shared.metrics.text(&shared.admission, &*shared.opener)
    }

    /// Serves until `end`, then takes nothing new and finishes what is under way.
    ///
    /// # Errors
    /// [`ServeError::Unfinished`] when that took too long; [`ServeError::Transport`].
    pub async fn run(self, end: impl Future<Output = ()>) -> Result<(), ServeError> {
        let said = self.metrics();
        let page = self
            .metrics
            .map(|listener| tokio::spawn(serve_page(listener, said)));
        set_serving(&self.health, true).await;
        tracing::info!("listening");
        let (stop, stopped) = watch::channel(false);
        let mut serving =
            std::pin::pin!(self.listeners.serve(&self.shared, &self.routes, &stopped));
        tokio::select! {
            end = &mut serving => return end,
            () = end => {}
        }
        tracing::info!("stopping");
        self.shared.stopping.store(true, Ordering::Relaxed);
        set_serving(&self.health, false).await;
        // whoever serves has ended already when nobody hears this
        let _ = stop.send(true);
        let end = tokio::time::timeout(self.config.limits.stop, serving).await;
        if let Some(page) = page {
            page.abort();
        }
        end.unwrap_or(Err(ServeError::Unfinished))
    }
}

/// Reads the configuration and the policies; what is wrong comes back in words.
pub type Read = dyn Fn() -> Result<(Config, Policies), String> + Send + Sync;

/// Serves until SIGTERM or SIGINT. SIGHUP has `read` called again, and what comes of it put in force
/// as [`Reload`] can; a change of their files has the policies read again.
///
/// # Errors
/// [`ServeError`]
pub fn serve(
    (config, policies): (&Config, Policies),
    opener: Arc<dyn Opener + Send + Sync>,
    read: Arc<Read>,
) -> Result<(), ServeError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(cores.div_ceil(CORES_A_THREAD))
        .max_blocking_threads(FILE_THREADS)
        .build()
        .map_err(|error| ServeError::Place("threads".to_owned(), error))?;
    let end = runtime.block_on(async {
        let place = |error| ServeError::Place("signals".to_owned(), error);
        let mut hang_up = signal(SignalKind::hangup()).map_err(place)?;
        let mut term = signal(SignalKind::terminate()).map_err(place)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(place)?;
        let service = Service::open(config, policies, opener).await?;
        let policies = service.policies();
        tokio::spawn(policies::watch(policies));
        let reload = service.reload();
        tokio::spawn(async move {
            while hang_up.recv().await.is_some() {
                read_again(&read, &reload).await;
            }
        });
        let told = async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        service.run(told).await
    });
    runtime.shutdown_background();
    end
}

async fn read_again(read: &Arc<Read>, reload: &Reload) {
    let read = Arc::clone(read);
    // the files may lie on a disk that is slow to answer
    let read = tokio::task::spawn_blocking(move || read()).await;
    let read = read.unwrap_or_else(|_| Err("reading broke off".to_owned()));
    if let Err(problem) = reload.take(read) {
        tracing::error!(
            problem,
            "the last good certificates, callers, limits and policies stay in force"
        );
    }
}

/// All services.
fn routes(reflection: bool, shared: &Arc<Shared>) -> Result<(HealthReporter, Routes), ServeError> {
    let sanitise = Gate {
        shared: Arc::clone(shared),
        inner: SanitiseServiceServer::new(Sanitise(Arc::clone(shared)))
            .max_decoding_message_size(MESSAGE_BYTES),
    };
    let rules = Gate {
        shared: Arc::clone(shared),
        inner: PolicyServiceServer::new(Rules(Arc::clone(shared))),
    };
    let (health, health_service) = tonic_health::server::health_reporter();
    let mut routes = Routes::new(sanitise)
        .add_service(rules)
        .add_service(health_service);
    if reflection {
        // many clients, all of Python's among them, ask in the old way only
        let described = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(DESCRIPTOR)
        };
        let broken =
            |error: tonic_reflection::server::Error| ServeError::Description(error.to_string());
        routes = routes
            .add_service(described().build_v1().map_err(broken)?)
            .add_service(described().build_v1alpha().map_err(broken)?);
    }
    Ok((health, routes))
}

async fn set_serving(health: &HealthReporter, serving: bool) {
    use tonic_health::ServingStatus;
    let status = if serving {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    for service in ["", "mugai.v1.SanitiseService", "mugai.v1.PolicyService"] {
        health.set_service_status(service, status).await;
    }
}
