//! The settings of the archive: where it is, which files go there, and who may what.

use std::time::Duration;

use super::audience::SPELLING;
use super::reader::Reader;
use super::{Archive, Audience, Infected, S3, one_of};

const MEBIBYTE: u64 = 1024 * 1024;
/// The largest object that S3 copies. Source: Amazon S3, `CopyObject`.
const S3_COPIES_MB: u64 = 5 * 1024;

/// The section `[archive]`.
pub(super) fn read(read: &mut Reader<'_>) -> Archive {
    let store = read.filled("archive.store");
    if let Some((scheme, _)) = store.split_once("://")
        && !["s3", "gs", "az", "file"].contains(&scheme.to_ascii_lowercase().as_str())
    {
        read.refuse("archive.store", "must be a folder, or begin with s3://, gs://, az:// or file:///");
    }
    let access_key_id = read.secret("archive.s3_access_key_id");
    let secret_access_key = read.secret("archive.s3_secret_access_key");
    match (&access_key_id, &secret_access_key) {
        (Some(_), None) => {
            read.missing("archive.s3_secret_access_key", "the secret of `archive.s3_access_key_id`");
        }
        (None, Some(_)) => {
            read.missing(
                "archive.s3_access_key_id",
                "the key that `archive.s3_secret_access_key` belongs to",
            );
        }
        _ => {}
    }
    let kms_key_id = read.optional("archive.s3_kms_key_id");
    let bucket_key = read.flag("archive.s3_bucket_key");
    if bucket_key && kms_key_id.is_none() {
        read.missing("archive.s3_kms_key_id", "the key that `archive.s3_bucket_key` is about");
    }
    let part: u64 = read.number("archive.part_mb", 5, 512);
    let endpoint = read.url("archive.s3_endpoint");
    let allow_http = read.flag("archive.s3_allow_http");
    if !allow_http && endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http") {
        read.refuse("archive.s3_endpoint", "must begin with https://, unless archive.s3_allow_http is true");
    }
    let part_bytes = usize::try_from(part * MEBIBYTE).unwrap_or(usize::MAX);
    let max_file: u64 = read.number("archive.max_file_mb", 1, 1_048_576);
    if store.starts_with("s3://") && max_file > S3_COPIES_MB {
        read.refuse(
            "archive.max_file_mb",
            format_args!(
                "must be at most {S3_COPIES_MB} with an archive.store in S3: a large file gets its final name by a copy, \
                 and S3 copies no larger object"
            ),
        );
    }
    Archive {
        store,
        s3: S3 {
            endpoint,
            region: read.optional("archive.s3_region"),
            access_key_id,
            secret_access_key,
            allow_http,
            kms_key_id,
            bucket_key,
        },
        store_timeout: Duration::from_secs(read.number("archive.store_timeout_s", 1, 3_600)),
        max_file_bytes: max_file * MEBIBYTE,
        min_file_bytes: read.number::<u64>("archive.min_file_kb", 0, 1_048_576) * 1024,
        min_age_days: read.number("archive.min_age_days", 0, 36_500),
        include_types: read.list("archive.include_types"),
        exclude_types: read.list("archive.exclude_types"),
        inline: read.flag("archive.inline"),
        sent_by_us: read.flag("archive.sent_by_us"),
        infected: if one_of(read, "archive.infected", ["skip", "quarantine"]) {
            Infected::Quarantine
        } else {
            Infected::Skip
        },
        hold_tags: read.tags("archive.hold_tags"),
        trigger_tag: trigger_tag(read),
        agents_may_start: read.flag("archive.agents_may_start"),
        may_open: may_open(read),
        undo_button: Duration::from_secs(read.number("archive.undo_button_s", 0, 604_800)),
        undo_tag: Duration::from_secs(read.number("archive.undo_tag_s", 0, 604_800)),
        done_tag: read.tag("archive.done_tag"),
        failed_tag: read.tag("archive.failed_tag"),
        held_tag: read.tag("archive.held_tag"),
        infected_tag: read.tag("archive.infected_tag"),
        nothing_tag: read.tag("archive.nothing_tag"),
        in_parts_from_bytes: part_bytes.saturating_mul(2),
        part_bytes,
    }
}

/// The tag that starts a run.
fn trigger_tag(read: &mut Reader<'_>) -> String {
    read.filled("archive.trigger_tag");
    read.tag("archive.trigger_tag").unwrap_or_default()
}

fn may_open(read: &mut Reader<'_>) -> Audience {
    read.parsed("archive.may_open", SPELLING, Audience::Admins)
}
