//! `cargo xtask …`: everything that one does to this workspace beside editing it.

mod app;
mod bench;
mod ci;
mod command;
mod demo;
mod house;
mod http;
mod mariadb;
mod package;
mod postgres;
mod problem;
mod session;
mod setup;
mod size;
mod test;
mod throwaway;
mod tidy;

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
    /// Install what building and testing need: wasm target, npm packages, Chromium, PostgreSQL, MariaDB
    Setup(setup::Options),
    /// Run the whole product here, with the sandbox in the vendors' place
    Demo(demo::Options),
    /// Run every test; the last line says how many passed and failed
    Test(test::Options),
    /// Everything that a change must pass: format, lints, docs, wasm, types, size, tests
    Ci,
    /// Build the release binary, the Zendesk app and the Flex plugin into target/package
    Package(package::Options),
    /// Weigh the agent's first load and say where its bytes are
    Size,
    /// Measure against peers in the same run; fails when a budget is missed
    Bench(bench::Options),
    /// Check the rules of the house that no compiler knows
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::App => app::build().map(drop),
        Task::Setup(options) => setup::with(&options),
        Task::Demo(options) => demo::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Ci => ci::run(),
        Task::Package(options) => package::run(&options),
        Task::Size => size::run(),
        Task::Tidy => tidy::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            if !problem.is_silent() {
                eprintln!("xtask: {problem}");
            }
            ExitCode::FAILURE
        }
    }
}
