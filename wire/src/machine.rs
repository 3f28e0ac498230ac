//! Keys by which an account's own machines (Airflow, dbt, cron) start runs, and what these machines are told.

use serde::{Deserialize, Serialize};

use crate::RunSummary;

/// A key, without what opens anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MachineKey {
    /// The part of the key that is no secret.
    pub id: String,
    /// As runs and the ledger name the machine.
    pub name: String,
    /// `agent:77`, `operator`.
    pub made_by: String,
    /// RFC 3339 UTC.
    pub made_at: String,
    /// To the minute; absent: nobody has used it.
    #[serde(default)]
    pub last_used_at: Option<String>,
    /// Absent: it can be used.
    #[serde(default)]
    pub revoked_at: Option<String>,
}

/// `GET /api/machine-keys`: those that can be used first; revoked ones for 90 days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MachineKeyList {
    pub keys: Vec<MachineKey>,
    /// The address to which a machine adds `/integrations/{id}/runs` and `/runs/{id}`.
    pub address: String,
}

/// `POST /api/machine-keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewMachineKey {
    /// 1 to 40 characters; no other key that can be used has it.
    pub name: String,
}

/// A key that was made. **Nothing shows `token` again.**
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MadeMachineKey {
    pub key: MachineKey,
    /// `deskside_mk_…`: what the machine shows as its bearer.
    pub token: String,
}

/// What a machine may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MachineRunKind {
    #[default]
    Run,
    /// Nothing is written.
    Dry,
}

/// `POST /hooks/{key}/integrations/{id}/runs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MachineStart {
    #[serde(default)]
    pub kind: MachineRunKind,
}

/// A run, as a machine is told of it: states and counts, no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MachineRun {
    pub run: RunSummary,
    /// While it is queued or running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<RunProgress>,
}

/// How far a run is that works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunProgress {
    /// What is counted.
    pub unit: ProgressUnit,
    pub done: u64,
    /// Absent: not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
}

/// What a run's progress is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProgressUnit {
    /// While sources are read.
    Sources,
    /// From then on: rows that differ and were sent.
    Rows,
}
