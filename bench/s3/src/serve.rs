//! A folder as an S3 server. It computes the SHA-256 of what it is sent, and refuses what does not match. Each call takes
//! at least so long as it is told, as if there were a network before it.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use s3s::HttpError;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tokio::net::TcpListener;

use super::store::Store;
use super::{KEY, Outcome, SECRET};

#[derive(Args)]
pub(crate) struct Options {
    /// Its folders are the buckets
    #[arg(long)]
    folder: PathBuf,
    /// On 127.0.0.1
    #[arg(long)]
    port: u16,
    /// Milliseconds that every call takes at least
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
}

pub(crate) async fn run(options: Options) -> Outcome {
    let mut service = S3ServiceBuilder::new(Store::new(options.folder)?);
    service.set_auth(SimpleAuth::from_single(KEY, SECRET));
    let service = service.build();
    let latency = Duration::from_millis(options.latency_ms);
    let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let service = service.clone();
        let service = tower::service_fn(move |request| {
            let mut service = service.clone();
            async move {
                if !latency.is_zero() {
                    tokio::time::sleep(latency).await;
                }
                tower::Service::call(&mut service, request).await as Result<_, HttpError>
            }
        });
        tokio::spawn(async move {
            let server = Builder::new(TokioExecutor::new());
            let _gone =
                server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
        });
    }
}
