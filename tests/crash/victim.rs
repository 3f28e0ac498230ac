//! A process made to be killed: `queue-victim <database url> <step> [<how often it passes the step before>]` works
//! until the step, says `at <step>` and stands still there until it is killed or reads a line; then it goes on, as if
//! nothing had happened meanwhile. With the step `none` it never stands still.

mod pay; // the work

use std::io::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use deskside::clock::Clock;
use deskside::queue::{JobId, Probe, Step};
use deskside::store::Db;

use crate::pay::{Goes, Pay};

/// Where to stand still.
static STEP: OnceLock<String> = OnceLock::new();
/// How often to pass it before.
static PASSES: AtomicU32 = AtomicU32::new(0);

/// Stands still if this is the step.
fn mark(step: &str) {
    if STEP.get().is_none_or(|wanted| wanted != step) {
        return;
    }
    if PASSES.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
        return;
    }
    say(&format!("at {step}"));
    // Only this task stands still; the others go on.
    tokio::task::block_in_place(|| {
        std::io::stdin().read_line(&mut String::new()).expect("the harness holds the other end");
    });
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").and_then(|()| out.flush()).ok(); // the harness may have heard enough
}

struct Steps;

impl Probe for Steps {
    fn at(&self, step: Step, _: &JobId) {
        mark(&format!("{step:?}"));
    }
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("the database's address");
    STEP.set(arguments.next().expect("the step")).expect("set once");
    let passes = arguments.next().map_or(0, |passes| passes.parse().expect("a number"));
    PASSES.store(passes, Ordering::SeqCst);

    let db = Db::connect(&url, 4).await.expect("the database opens");
    let queue = pay::queue(&db, Clock::system());
    let mut tx = db.begin().await.expect("a transaction");
    let own = Pay { key: format!("ordered by victim {}", std::process::id()), goes: Goes::Well };
    pay::order(&queue, &mut tx, &own).await.expect("it is ordered");
    mark("OrderWritten");
    tx.commit().await.expect("it is committed");
    mark("OrderCommitted");
    say("working");
    let worker = pay::worker(queue, mark, Some(Steps));
    worker.run_until_idle().await.expect("it works");
    say("idle");
    std::process::exit(0); // whatever still stands somewhere has lost its job
}
