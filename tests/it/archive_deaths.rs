//! The worker dies after every call that it makes, and the disk goes away under it: nothing is lost, nothing is doubled.

use std::path::Path;
use std::process::Command;

use deskside_sandbox::credentials;

use crate::support::archive::{files, items, notes, put_away};
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;

#[tokio::test]
async fn a_worker_that_dies_after_any_call_leaves_a_run_that_another_ends() {
    bed()
        .run_on_each(async |bed| {
            let mut ended_in_time = false;
            for (calls, ticket) in (1..).zip(43..=70) {
                for number in 0..3 {
                    bed.vendors()
                        .attach(ticket, &format!("{number}.txt"), 1_000 + number)
                        .expect("it is attached");
                }
                let before = files(bed, ticket);
                bed.agent(AGENT).await.archives(ticket).await;
                ended_in_time |= !bed.run_jobs_and_die_after(calls).await;
                bed.pass(61); // the lease ends
                bed.run_jobs().await;
                put_away(bed, ticket, &before, &[]).await;
                assert_eq!(
                    notes(bed, ticket).len(),
                    usize::from(!is_closed(bed, ticket)),
                    "after {calls} calls"
                );
            }
            assert!(ended_in_time, "the last worker outlived its run, so every call was tried");
        })
        .await;
}

fn is_closed(bed: &Testbed, ticket: u64) -> bool {
    bed.vendors().ticket(ticket).expect("the ticket")["status"] == "closed"
}

#[tokio::test]
async fn a_worker_that_dies_in_the_middle_of_a_large_file_leaves_no_half_of_it() {
    bed()
        .run(async |bed| {
            let before = files(bed, 11);
            bed.agent(AGENT).await.archives(11).await;
            assert!(bed.run_jobs_and_die_after(4).await);
            bed.pass(61);
            bed.run_jobs().await;
            put_away(bed, 11, &before, &[]).await;
        })
        .await;
}

#[tokio::test]
async fn a_job_whose_worker_always_dies_is_given_up_and_the_agent_is_told() {
    bed()
        .run_on_each(async |bed| {
            bed.agent(AGENT).await.archives(42).await;
            for _ in 0..10 {
                assert!(bed.run_jobs_and_die_after(2).await);
                bed.pass(61);
            }
            bed.run_jobs().await;
            let view = bed.agent(AGENT).await.attachments(42).await.json();
            assert_eq!(
                (view["run"]["state"].as_str(), view["run"]["problem"]["code"].as_str()),
                (Some("failed"), Some("internal"))
            );
            assert_eq!(files(bed, 42).len(), 4);
        })
        .await;
}

/// A small disk over the archive's folder; gone when dropped.
pub(crate) struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// `None` where this machine lets us mount nothing.
    pub(crate) fn over(folder: &'a Path, options: &str) -> Option<Self> {
        let disk = mount(folder, &["-t", "tmpfs", "-o", options, "archive"]).then_some(Self(folder));
        if disk.is_none() {
            eprintln!("not tried: only root may mount a small disk");
        }
        disk
    }

    /// Something else.
    pub(crate) fn becomes(&self, options: &str) {
        assert!(mount(self.0, &["-o", &format!("remount,{options}"), "archive"]));
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

fn mount(folder: &Path, arguments: &[&str]) -> bool {
    Command::new("mount").args(arguments).arg(folder).output().is_ok_and(|ran| ran.status.success())
}

#[tokio::test]
async fn a_full_disk_is_waited_out_and_nothing_is_redacted_meanwhile() {
    let check = async |ticket: u64, size: &str| {
        bed()
            .run(async |bed| {
                let Some(disk) = SmallDisk::over(bed.archive_folder(), size) else { return };
                let agent = bed.agent(AGENT).await;
                let mut before = files(bed, ticket);
                before.retain(|_, file| !file.bytes.is_empty());
                agent.archives(ticket).await;
                bed.run_jobs().await;
                let view = agent.attachments(ticket).await.json();
                assert_eq!(
                    (view["run"]["state"].as_str(), view["run"]["problem"]["code"].as_str()),
                    (Some("running"), Some("archive_full"))
                );
                assert_eq!(files(bed, ticket).len(), before.len(), "nothing was redacted");
                disk.becomes("size=64m");
                bed.run_jobs_to_the_end().await;
                put_away(bed, ticket, &before, &[]).await;
            })
            .await;
    };
    check(42, "size=4k").await;
    check(20, "size=8500k").await; // full in the second part of one file
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_fails_the_run_and_the_next_one_ends_it() {
    bed()
        .run(async |bed| {
            let Some(disk) = SmallDisk::over(bed.archive_folder(), "size=64m") else { return };
            disk.becomes("ro");
            let agent = bed.agent(AGENT).await;
            let before = files(bed, 42);
            agent.archives(42).await;
            bed.run_jobs().await;
            let view = agent.attachments(42).await.json();
            assert!(items(&view).values().all(|state| state == "failed archive_denied"), "{view}");
            assert_eq!((view["run"]["state"].as_str(), files(bed, 42).len()), (Some("failed"), 4));
            disk.becomes("rw");
            agent.archives(42).await;
            bed.run_jobs().await;
            put_away(bed, 42, &before, &[]).await;
        })
        .await;
}
