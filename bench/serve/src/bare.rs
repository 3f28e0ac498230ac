//! The peer: a bare axum handler on the runtime that the server has too. **Invariant:** no middleware, no session, no
//! store; what it does is what any answer costs.

use std::{io, net::Ipv4Addr, path::PathBuf};

use axum::{Router, http::header, routing::get};
use bytes::Bytes;
use clap::Args;
use tokio::net::TcpListener;

/// What it answers, and where.
#[derive(Args)]
pub(crate) struct Options {
    /// Its port on 127.0.0.1
    #[arg(long)]
    port: u16,
    /// The file with the JSON that it answers
    #[arg(long)]
    body: PathBuf,
}

/// Serves until it is ended.
pub(crate) fn run(options: &Options) -> io::Result<()> {
    let body = Bytes::from(std::fs::read(&options.body)?);
    let answer = async move || ([(header::CONTENT_TYPE, "application/json")], body.clone());
    let router = Router::new().route("/api/tickets/{id}/card", get(answer));
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        axum::serve(listener, router).await
    })
}
