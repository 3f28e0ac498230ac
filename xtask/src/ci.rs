//! What a change must pass before it is merged, the cheap before the dear. **Invariant:** every step runs, so that one
//! visit tells everything.

use crate::command::{self, cargo, command};
use crate::problem::{Outcome, Problem};
use crate::{app, setup, size, test};

/// A name and what it does.
type Step = (&'static str, fn() -> Outcome);

/// Runs every step and names those that failed.
pub(crate) fn run() -> Outcome {
    setup::run()?;
    app::build()?; // the server embeds it
    let steps: &[Step] = &[
        ("fmt", || command::run(&mut cargo(["fmt", "--all", "--check"]))),
        ("clippy", || {
            command::run(&mut cargo(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
        }),
        ("doc", || {
            command::run(
                cargo(["doc", "--workspace", "--no-deps", "--document-private-items"])
                    .env("RUSTDOCFLAGS", "--deny warnings"),
            )
        }),
        ("wasm", wasm),
        ("TypeScript types", typescript),
        ("size", size::run),
        ("test", || test::run(&test::Options::default())),
    ];
    let mut failed = Vec::new();
    for (name, step) in steps {
        println!("\n══ {name} ══");
        if let Err(problem) = step() {
            println!("{name}: {problem}");
            failed.push((*name).to_owned());
        }
    }
    if failed.is_empty() {
        println!("\nci: all {} steps passed", steps.len());
        return Ok(());
    }
    Err(Problem::several("ci failed, in these steps:", &failed))
}

/// A feature that the server asks for must not reach the browser; only a build of their own shows that.
fn wasm() -> Outcome {
    for krate in ["wire", "app"] {
        command::run(&mut cargo([
            "clippy",
            "-p",
            krate,
            "--lib",
            "--target",
            setup::WASM,
            "--",
            "--deny",
            "warnings",
        ]))?;
    }
    Ok(())
}

/// The plugin's types are written by the tests of `wire`; a difference means that somebody forgot to commit them.
fn typescript() -> Outcome {
    const TYPES: &str = "flex-plugin/src/wire";
    command::run(
        cargo(["test", "--quiet", "-p", "wire", "--features", "typescript", "--lib"])
            .env("TS_RS_EXPORT_DIR", crate::house::path(TYPES)),
    )?;
    let changed = command::output(&mut command("git", ["status", "--porcelain", "--", TYPES]))?;
    if changed.trim().is_empty() {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{TYPES} is not what `wire` says; look at it and commit it:\n{}",
        changed.trim_end()
    )))
}
