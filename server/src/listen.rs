//! Accepts connections and answers them. **Invariants:** a client that sends slowly, reads slowly or sends nothing is cut off;
//! there are only so many connections, and one address has only so many of them.

mod patience; // cuts off slow clients

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request, response::Response};
use futures::FutureExt;
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use ipnet::IpNet;
use serde::Deserialize;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::ServiceExt;

use self::patience::{Patience, Patient};
use crate::{
    http::{ClientAddresses, counted, is_within},
    setting,
};

/// How many connections there may be.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    #[serde(deserialize_with = "setting::whole::<16, 1_000_000, _, _>")]
    max_connections: usize,
    /// Of one address, proxies excepted; 0: any number.
    #[serde(deserialize_with = "setting::whole::<0, 1_000_000, _, _>")]
    max_connections_per_address: usize,
    #[serde(rename = "idle_timeout_s", deserialize_with = "setting::seconds::<5, 3_600, _>")]
    idle_timeout: Duration,
}

/// What a listener allows its clients.
#[derive(Debug, Clone)]
pub struct Allowance {
    /// Connections at a time; further ones wait to be accepted.
    pub connections: usize,
    /// Connections of one address at a time; further ones are closed. 0: any number.
    pub per_address: usize,
    /// Proxies of ours, to which that does not apply.
    pub proxies: Vec<IpNet>,
    /// From a request's first byte, or from the beginning of the connection, to the end of its headers.
    pub headers: Duration,
    /// Between two requests on one connection.
    pub idle: Duration,
    /// How long a client may take nothing of an answer that is ready.
    pub stalled: Duration,
}

impl Allowance {
    /// With the times that servers have.
    pub fn new(settings: &Settings, proxies: &ClientAddresses) -> Self {
        Self {
            connections: settings.max_connections,
            per_address: settings.max_connections_per_address,
            proxies: proxies.proxies.clone(),
            headers: Duration::from_secs(10),
            idle: settings.idle_timeout,
            stalled: Duration::from_mins(1),
        }
    }
}

/// Request line and headers together, in bytes; more is answered 431.
const MAX_HEAD: usize = 32 * 1024;

/// Serves until `stopped`, and then until the requests that are open have ended.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    allowance: &Allowance,
    stopped: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(allowance.idle).max_header_size(MAX_HEAD);
    let accepting = async {
        let all = Arc::new(Semaphore::new(allowance.connections));
        let addresses = Addresses::default();
        loop {
            let Ok(place) = Arc::clone(&all).acquire_owned().await else { return };
            let (stream, peer) = accepted(&listener).await;
            let address = (!is_within(&allowance.proxies, peer.ip())).then(|| counted(peer.ip()));
            let Some(held) = addresses.take(address, allowance.per_address) else {
                tracing::debug!(
                    "an address has {} connections already; another was closed",
                    allowance.per_address
                );
                continue;
            };
            let _ = stream.set_nodelay(true); // answers are written whole
            let patience = Patience::default();
            let service = service(router.clone(), peer, patience.clone());
            let stream = Patient::new(stream, patience, allowance.headers, allowance.stalled);
            let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                // A client that goes away, sends nonsense or is too slow is nobody's error.
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection ended early");
                }
                drop::<(OwnedSemaphorePermit, Held)>((place, held));
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stopped => {}
    }
    drop(listener);
    connections.shutdown().await;
}

async fn accepted(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted; trying again in a second");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(error.kind(), Kind::ConnectionRefused | Kind::ConnectionAborted | Kind::ConnectionReset)
}

/// Answers the requests of one connection.
fn service(
    router: Router,
    peer: SocketAddr,
    patience: Patience,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = Response,
    Error = Infallible,
    Future = impl Future<Output = Result<Response, Infallible>> + Send,
> {
    hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        patience.request_begins();
        let (answered, patience) = (router.clone().oneshot(request), patience.clone());
        answered.inspect(move |_| patience.request_ends())
    })
}

/// How many connections each address has; there is an entry only for addresses that have one.
#[derive(Clone, Default)]
struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One of them, until it is dropped.
struct Held(Option<(Addresses, IpAddr)>);

impl Addresses {
    fn take(&self, address: Option<IpAddr>, at_most: usize) -> Option<Held> {
        let Some(address) = address.filter(|_| at_most > 0) else { return Some(Held(None)) };
        let mut open = self.0.lock().expect("nobody panics while counting");
        let count = open.entry(address).or_default();
        if *count >= at_most {
            return None;
        }
        *count += 1;
        Some(Held(Some((self.clone(), address))))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some((addresses, address)) = self.0.take() else { return };
        let mut open = addresses.0.lock().expect("nobody panics while counting");
        if let Some(count) = open.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests;
