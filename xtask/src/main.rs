//! `cargo xtask …`: everything that one does to this workspace beside editing it.

mod app;
mod command;
mod house;
mod problem;
mod setup;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Everything that one does to this workspace beside editing it.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the app (WebAssembly, loader, styles, Flex plugin) into app/dist; quick when nothing changed
    App,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::App => app::build().map(drop),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
