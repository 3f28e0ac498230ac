//! What the operator decides about runs, in section `archive`: which files move, who may start a run, what the ticket says
//! afterwards.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer};

use super::{Policy, tags::OutcomeTags};
use crate::{
    connectors::{objects, zendesk},
    setting::{Problems, whole},
};

const MEBIBYTE: u64 = 1024 * 1024;

/// What the operator decides about runs.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    pub(crate) policy: Policy,
    pub(crate) terms: Terms,
    pub(crate) tags: OutcomeTags,
    #[serde(deserialize_with = "zendesk::tag")]
    pub(crate) trigger_tag: String,
    /// How large files travel.
    #[serde(rename = "part_mb", deserialize_with = "parts")]
    pub parts: Parts,
}

/// On what terms runs are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Terms {
    pub(crate) agents_may_start: bool,
    #[serde(rename = "undo_button_s", deserialize_with = "week")]
    pub(crate) undo: TimeDelta,
    #[serde(rename = "undo_tag_s", deserialize_with = "week")]
    pub(crate) undo_tag: TimeDelta,
}

/// How large files travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// How large a part is.
    pub bytes: usize,
    /// A file of so many bytes or more travels in parts; a smaller one is written at once.
    pub from_bytes: usize,
}

impl Settings {
    /// Every tag that means something to the archive, with its setting.
    pub fn all_tags(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let asks = std::iter::once(("trigger_tag", self.trigger_tag.as_str()));
        let holds = self.policy.hold_tags.iter().map(|tag| ("hold_tags", tag.as_str()));
        let answers = self.tags.all().into_iter().filter_map(|(setting, tag)| Some((setting, tag?)));
        asks.chain(holds).chain(answers)
    }

    /// What the store cannot take is refused before any file is taken, and a trigger that nobody would hear.
    pub fn validate(&self, store: &objects::Settings, problems: &mut Problems) {
        if store.is_s3() && self.policy.max_bytes > objects::S3_COPIES {
            let most = objects::S3_COPIES / MEBIBYTE;
            problems.refuse(
                "archive.max_file_mb",
                format_args!(
                    "must be at most {most} with an archive.store in S3: a large file gets its final name by a copy, and S3 \
                     copies no larger object"
                ),
            );
        }
        if let Some(answer) = self.tags.setting_of(&self.trigger_tag) {
            problems.refuse(
                "archive.trigger_tag",
                format_args!(
                    "must be another tag than `archive.{answer}`: that tag says how a run ended, so a ticket that asks by it would not be heard"
                ),
            );
        }
    }
}

/// `max_file_mb`.
pub(super) fn mebibytes<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    whole::<1, 1_048_576, u64, _>(from).map(|number| number * MEBIBYTE)
}

/// `min_file_kb`.
pub(super) fn kibibytes<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    whole::<0, 1_048_576, u64, _>(from).map(|number| number * 1024)
}

fn week<'de, D: Deserializer<'de>>(from: D) -> Result<TimeDelta, D::Error> {
    whole::<0, 604_800, i64, _>(from).map(TimeDelta::seconds)
}

fn parts<'de, D: Deserializer<'de>>(from: D) -> Result<Parts, D::Error> {
    let bytes = whole::<5, 512, u64, _>(from)? * MEBIBYTE;
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    Ok(Parts { bytes, from_bytes: bytes.saturating_mul(2) })
}
