//! The store of `cargo xtask bench archive`, and the plain copy that its large file is compared with. **Invariant:** knows
//! nothing of Deskside, and listens on 127.0.0.1 only.

mod copy; // the peer
mod serve; // the store, as a server
mod store; // the store

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The one key that opens the store; it opens nothing else.
const KEY: &str = "bench";
const SECRET: &str = "a key of this benchmark alone";

/// The store of `cargo xtask bench archive`, and the plain copy that its large file is compared with.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Serve a folder's folders as buckets
    Serve(serve::Options),
    /// Copy one download into a bucket; print how many seconds it took
    Copy(copy::Options),
}

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Serve(options) => serve::run(options).await,
        Task::Copy(options) => copy::run(options).await.map(|seconds| println!("{seconds:.4}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("bench-s3: {cause}");
            ExitCode::FAILURE
        }
    }
}
