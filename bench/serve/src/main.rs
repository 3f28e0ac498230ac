//! The peer of `cargo xtask bench serve`, and the one who asks both. **Invariant:** knows nothing of Deskside: it serves
//! bytes that it is given and sends a request that it is given.

mod bare; // the peer
mod load; // who asks

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The peer of `cargo xtask bench serve`, and the one who asks both.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Answer every request with one body, as little code as axum allows
    Bare(bare::Options),
    /// Send the request on standard input again and again; print how many answers came per second
    Load(load::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Bare(options) => bare::run(&options),
        Task::Load(options) => load::run(&options).map(|rate| println!("{rate:.1}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("bench-serve: {cause}");
            ExitCode::FAILURE
        }
    }
}
