//! Listens, serves, and stops without leaving a mail in between.

use crate::config::Config;
use crate::desk::Desk;
use crate::milter;
use crate::sanitise::{Policies, Sanitiser};
use crate::seal;
use crate::smtp::dialogue::{Dialogue, Protocol};
use mugai_observe::serve_page;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// How often originals are looked at that have been kept long enough.
const SWEEP: Duration = Duration::from_hours(1);

/// How long nothing is accepted after the kernel could not give a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Why the relay could not begin, or ended otherwise than asked.
#[derive(Debug)]
pub enum ServeError {
    /// A folder or an address cannot be used; what it is, and why.
    Place(String, io::Error),
    /// The key for seals cannot be used; why.
    Key(String),
    /// Mails were still under way when the time for stopping was over. They are in the queue of the mail
    /// server.
    Unfinished,
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place, error) => write!(f, "{place}: {error}"),
            Self::Key(words) => f.write_str(words),
            Self::Unfinished => f.write_str("mails were broken off: the time to stop was over"),
        }
    }
}

impl std::error::Error for ServeError {}

/// What is spoken at an address.
#[derive(Clone, Copy, Debug)]
enum Door {
    Smtp(Protocol),
    Milter,
}

impl Door {
    /// Its label.
    const fn code(self) -> &'static str {
        match self {
            Self::Smtp(Protocol::Smtp) => "smtp",
            Self::Smtp(Protocol::Lmtp) => "lmtp",
            Self::Milter => "milter",
        }
    }
}

/// A relay whose sockets are open.
pub struct Relay {
    desk: Arc<Desk>,
    listeners: Vec<(TcpListener, Door)>,
    /// For the page of figures.
    figures: Option<TcpListener>,
}

impl Relay {
    /// Opens the state and the sockets. Must be called inside of a tokio runtime.
    ///
    /// # Errors
    /// [`ServeError::Place`], [`ServeError::Key`]
    pub async fn open(config: Config, sanitiser: Sanitiser) -> Result<Self, ServeError> {
        let state = config.state.display().to_string();
        let listen = config.listen.clone();
        let sealer = seal::sealer(&config).map_err(ServeError::Key)?;
        let desk = Desk::new(config, sanitiser, sealer);
        let desk = desk.map_err(|error| ServeError::Place(state, error))?;
        let mut listeners = Vec::new();
        for (address, door) in [
            (listen.smtp, Door::Smtp(Protocol::Smtp)),
            (listen.lmtp, Door::Smtp(Protocol::Lmtp)),
            (listen.milter, Door::Milter),
        ] {
            if let Some(address) = address {
                listeners.push((bound(address).await?, door));
            }
        }
        let figures = match listen.metrics {
            Some(address) => Some(bound(address).await?),
            None => None,
        };
        Ok(Self {
            desk: Arc::new(desk),
            listeners,
            figures,
        })
    }

    /// The address of the page of figures.
    pub fn figures(&self) -> Option<SocketAddr> {
        self.figures.as_ref()?.local_addr().ok()
    }

    /// The addresses that it listens at, in the order smtp, lmtp, milter.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.listeners
            .iter()
            .filter_map(|(listener, _)| listener.local_addr().ok())
    }

    /// Puts another configuration in force, as far as that goes without a new start.
    pub fn reload(
        &self,
    ) -> impl Fn(Config, Policies) -> Result<(), String> + Send + Sync + 'static {
        let desk = Arc::clone(&self.desk);
        move |config, policies| desk.change(config, policies)
    }

    /// Serves until `end`, then takes nothing new and finishes what is under way.
    ///
    /// # Errors
    /// [`ServeError::Unfinished`] when that took too long.
    pub async fn run(self, end: impl Future<Output = ()>) -> Result<(), ServeError> {
        let (stop, stopped) = watch::channel(false);
        let places = Arc::new(Semaphore::new(self.desk.config().limits.connections));
        let mut doors = JoinSet::new();
        for (listener, door) in self.listeners {
            let address = listener.local_addr().ok();
            tracing::info!(?address, ?door, "listening");
            doors.spawn(accept(
                listener,
                door,
                Arc::clone(&self.desk),
                Arc::clone(&places),
                stopped.clone(),
            ));
        }
        let desk = Arc::clone(&self.desk);
        let page = move || desk.page();
        let figures = self
            .figures
            .map(|listener| tokio::spawn(serve_page(listener, page)));
        let desk = Arc::clone(&self.desk);
        let sweeping = tokio::spawn(async move {
            loop {
                let desk = Arc::clone(&desk);
                // a sweep that broke off is begun again the next time
                let _ = tokio::task::spawn_blocking(move || desk.sweep()).await;
                tokio::time::sleep(SWEEP).await;
            }
        });
        end.await;
        tracing::info!("stopping");
        sweeping.abort();
        // whoever listens has ended already when nobody hears this
        let _ = stop.send(true);
        let finished = async { while doors.join_next().await.is_some() {} };
        let time = self.desk.config().limits.stop;
        let finished = tokio::time::timeout(time, finished).await;
        if let Some(figures) = figures {
            figures.abort();
        }
        finished.map_err(|_| ServeError::Unfinished)
    }
}

async fn bound(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| ServeError::Place(address.to_string(), error))
}

/// Takes connections until the relay stops, and ends once the last of them has.
async fn accept(
    listener: TcpListener,
    door: Door,
    desk: Arc<Desk>,
    places: Arc<Semaphore>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut dialogues = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = dialogues.join_next() => continue,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        if !may(&desk.config(), peer.ip()) {
            tracing::warn!(address = %peer.ip(), "a stranger was turned away");
            continue;
        }
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!("there are too many connections");
            dialogues.spawn(turn_away(stream, door));
            continue;
        };
        // replies are small, and waited for
        let _ = stream.set_nodelay(true);
        let (desk, stopped) = (Arc::clone(&desk), stopped.clone());
        dialogues.spawn(async move {
            let counted = desk.figures().connection(door.code());
            match door {
                Door::Smtp(protocol) => {
                    Box::pin(Dialogue::new(stream, desk, protocol, stopped).run()).await;
                }
                Door::Milter => Box::pin(milter::Dialogue::new(stream, desk, stopped).run()).await,
            }
            drop((place, counted));
        });
    }
    drop(listener);
    while dialogues.join_next().await.is_some() {}
}

/// Says that there is no place; a mail server comes again.
async fn turn_away(mut stream: TcpStream, door: Door) {
    use tokio::io::AsyncWriteExt as _;
    if matches!(door, Door::Smtp(_)) {
        let words = b"421 4.3.2 too many connections\r\n";
        // one that does not listen learns it from the closed connection
        let _ = tokio::time::timeout(PAUSE, stream.write_all(words)).await;
    }
}

fn may(config: &Config, peer: IpAddr) -> bool {
    let peer = peer.to_canonical();
    peer.is_loopback() || config.listen.peers.contains(&peer)
}

/// Reads the configuration and the policies; what is wrong comes back in words.
pub type Read = dyn Fn() -> Result<(Config, Policies), String> + Send + Sync;

/// Serves until SIGTERM or SIGINT. SIGHUP has `read` called again, and what comes of it put in force.
///
/// # Errors
/// [`ServeError`], or what is wrong with the certificates for the service.
pub fn serve(
    config: Config,
    embedded: Option<crate::Embedded>,
    read: Arc<Read>,
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let end = runtime.block_on(async {
        let text = |error: io::Error| error.to_string();
        let mut hang_up = signal(SignalKind::hangup()).map_err(text)?;
        let mut term = signal(SignalKind::terminate()).map_err(text)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(text)?;
        let sanitiser = match embedded {
            Some(embedded) => Sanitiser::Embedded(embedded),
            None => Sanitiser::service(&config)?.ok_or("no service is configured")?,
        };
        let relay = Relay::open(config, sanitiser).await;
        let relay = relay.map_err(|error| error.to_string())?;
        let (reload, desk) = (relay.reload(), Arc::clone(&relay.desk));
        tokio::spawn(async move {
            while hang_up.recv().await.is_some() {
                let read = tokio::task::block_in_place(|| read());
                let done = read.and_then(|(config, policies)| reload(config, policies));
                desk.figures().reload(done.is_ok());
                match done {
                    Ok(()) => tracing::info!("rules were read again"),
                    Err(problem) => {
                        tracing::error!(problem, "the last good rules stay in force");
                    }
                }
            }
        });
        let told = async move {
            tokio::select! {
                _ = term.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        relay.run(told).await.map_err(|error| error.to_string())
    });
    runtime.shutdown_background();
    end
}
