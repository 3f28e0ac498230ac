//! The archive is a folder, and its disk is full or may not be written: for a while, or until somebody mends it.

use tokio::sync::Mutex;

use super::calls::Call;
use super::table::{Row, Table};
use super::trial::{PART, Stored, Trial};
use super::{AGENT, StillBroken, to_the_end};
use crate::archive_deaths::SmallDisk;
use crate::support::s3::files_below;
use crate::support::testbed::{Testbed, bed};

/// One fault of a disk.
#[derive(Debug, Clone, Copy)]
struct Disk {
    /// For people.
    name: &'static str,
    /// As it is mounted, and what makes it bad afterwards.
    options: [&'static str; 2],
    /// What the agent is told.
    code: &'static str,
    /// Whether the run is given up before it is mended.
    until_mended: bool,
}

const fn full(name: &'static str, size: &'static str, until_mended: bool) -> Disk {
    Disk { name, options: [size, size], code: "archive_full", until_mended }
}

const DISKS: [Disk; 5] = [
    full("disk full", "size=4k", false),
    full("disk full", "size=4k", true),
    full("disk full in a large file", "size=40k", false),
    full("disk full in a large file", "size=40k", true),
    Disk { name: "read-only", options: ["size=64m", "ro"], code: "archive_denied", until_mended: true },
];

/// Every one on both databases.
pub async fn try_all(table: &Mutex<Table>) {
    for disk in DISKS {
        for on_postgres in [false, true] {
            let plan = bed().parts_of(PART);
            let test = async |bed: &Testbed| match try_one(bed, disk).await {
                None => {
                    table
                        .lock()
                        .await
                        .remark(format!("{}: not tried, only root may mount a disk", disk.name));
                }
                Some(end) => {
                    let engine = if on_postgres { "PostgreSQL" } else { "SQLite" };
                    let variant = if disk.until_mended { "UntilMended" } else { "AWhile" }.to_owned();
                    let (call, kind) = ((300, "folder".to_owned()), disk.name.to_owned());
                    table.lock().await.extend(vec![Row { engine, call, kind, variant, wrong: end.err() }]);
                }
            };
            if on_postgres { plan.run_on_postgres(test).await } else { plan.run(test).await }
        }
    }
}

/// How it ended; nothing, where this machine lets us mount nothing.
async fn try_one(bed: &Testbed, disk: Disk) -> Option<Result<(), String>> {
    let small = SmallDisk::over(bed.archive_folder(), disk.options[0])?;
    small.becomes(disk.options[1]);
    let trial = Trial::prepare(bed, Call::Ticket).await;
    bed.vendors().attach(trial.ticket, "third.bin", 3 * PART as u64).expect("it is attached");
    let trial = trial.looks_again(bed);
    bed.operator_archives(trial.ticket).await;
    if disk.until_mended {
        to_the_end(bed, false, StillBroken(false)).await;
    } else {
        bed.run_jobs().await;
    }
    let view = trial.view(&bed.agent(AGENT).await).await;
    let broken = if !view.to_string().contains(disk.code) {
        Err(format!("it did not come to pass: {view}"))
    } else if disk.until_mended {
        trial.is_sound(bed, &Stored::of(files_below(bed.archive_folder())), &view).await
    } else {
        Ok(())
    };
    small.becomes("rw,size=64m");
    if disk.until_mended {
        bed.operator_archives(trial.ticket).await;
    }
    to_the_end(bed, false, StillBroken(false)).await;
    let view = trial.view(&bed.agent(AGENT).await).await;
    let mended = trial.is_put_away(bed, &Stored::of(files_below(bed.archive_folder())), &view).await;
    Some(broken.and(mended))
}
