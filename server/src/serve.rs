//! `deskside serve`: requests and jobs, until somebody says stop; then both end what they have begun.

mod gauges; // what monitoring sees of the queue

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use chrono::TimeDelta;
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
};

use crate::{
    assembly::{self, Deskside, StartError},
    at_rest,
    clock::Clock,
    config::Config,
    http,
    listen::{self, Allowance},
    store::{Db, StoreError},
};

/// What this process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Answers requests.
    Http,
    /// Runs jobs.
    Worker,
    /// Both.
    All,
}

/// How long open requests may take to end; followers of a run come back to another replica.
const GRACE: Duration = Duration::from_secs(10);

/// How often samples are put into their buckets, also where nobody reads `/metrics`.
const UPKEEP: Duration = Duration::from_secs(5);

/// From here on the machine's clock and the database's are worth a line.
pub const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(5);

/// Why it does not serve, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// See there.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Operator: another program has the address, or it is not this machine's.
    #[error("cannot listen on `{setting}` = {address}")]
    Listen {
        /// Which setting.
        setting: &'static str,
        /// As configured.
        address: SocketAddr,
        /// The operating system's word.
        #[source]
        source: std::io::Error,
    },
}

impl From<StoreError> for ServeError {
    fn from(error: StoreError) -> Self {
        Self::Start(error.into())
    }
}

/// Serves until `stop`.
pub async fn serve(
    config: &Config,
    role: Role,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    use secrecy::ExposeSecret;
    warn(config);
    let db = Db::connect(config.store.database_url.expose_secret(), config.store.max_connections).await?;
    db.migrate().await?;
    let Deskside { router, worker, schedules, db, accounts, queue, metrics } =
        assembly::assemble(config, Clock::system(), db).await?;
    if let Some(ahead) = queue.follow_database().await?.filter(|ahead| ahead.abs() > CLOCKS_DIFFER) {
        let seconds = ahead.num_seconds();
        tracing::warn!(
            seconds,
            "this machine's clock is {seconds} s ahead of the database's clock, which times leases and waits; synchronize both by NTP"
        );
    }
    let (halt, stopped) = watch::channel(false);
    tokio::spawn(async move {
        stop.await;
        tracing::info!("stopping: open requests and running jobs end first");
        let _ = halt.send(true);
    });
    let halted = |mut stopped: watch::Receiver<bool>| async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let jobs = async {
        if role != Role::Http {
            tokio::join!(worker.run(halted(stopped.clone())), schedules.run(halted(stopped.clone())));
        }
        Ok::<_, ServeError>(())
    };
    let server = &config.server;
    let allowance = Allowance::new(&server.connections, &server.clients);
    let requests = async {
        if role != Role::Worker {
            let listener = bind("server.listen", server.listen).await?;
            answer(listener, router, &allowance, halted(stopped.clone())).await;
        }
        Ok(())
    };
    let metrics_router = http::metrics_router(metrics.clone());
    let counted = server.metrics_listen.map(|_| tokio::spawn(gauges::run(queue.clone())));
    let watched = async {
        if let Some(address) = server.metrics_listen {
            let listener = bind("server.metrics_listen", address).await?;
            answer(listener, metrics_router, &allowance, halted(stopped.clone())).await;
        }
        Ok(())
    };
    let upkeep = tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            metrics.run_upkeep();
            accounts.let_idle_go();
            let _ = accounts.follow_connections().await; // tried again at the next look
            // A replica without workers has no other time to; one that cannot ask counts on.
            let _ = queue.follow_database().await;
        }
    });
    // An address that cannot be had ends all; otherwise all end when told to stop.
    let ended = tokio::try_join!(requests, watched, jobs);
    upkeep.abort();
    if let Some(counted) = counted {
        counted.abort();
    }
    ended?;
    db.close().await;
    Ok(())
}

/// Says what works and is a risk.
fn warn(config: &Config) {
    if config.is_public_without_tls() {
        tracing::warn!("`server.public_url` is not an https URL: sessions and files travel unencrypted");
    }
    let retired = config.read_from.retired.iter().cloned().chain(config.salesforce_elsewhere());
    for risk in config.weak_keys().into_iter().chain(at_rest::readable_by_others(config)).chain(retired) {
        tracing::warn!("{risk}");
    }
}

async fn bind(setting: &'static str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    let listening = TcpListener::bind(address).await;
    let listener = listening.map_err(|source| ServeError::Listen { setting, address, source })?;
    let address = listener.local_addr().unwrap_or(address); // port 0 is any free one
    tracing::info!("`{setting}`: listening on {address}");
    Ok(listener)
}

/// Answers requests until `stopped`, and then for a little while those that are open.
async fn answer(
    listener: TcpListener,
    router: Router,
    allowance: &Allowance,
    stopped: impl Future<Output = ()>,
) {
    let (closing, closed) = oneshot::channel();
    let stopped = async move {
        stopped.await;
        let _ = closing.send(());
    };
    let grace = async {
        let _ = closed.await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = listen::serve(listener, router, allowance, stopped) => {}
        () = grace => {}
    }
}
