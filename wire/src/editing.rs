//! What the editor of an integration asks before anything is kept, and how an integration went in the last days.

use serde::{Deserialize, Serialize};

use crate::{IntegrationDocument, Model, RunCounts, Source};

/// `POST /api/previews`: rows of a model that is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskModelPreview {
    /// The integration that is edited, whose last run may have read the sources already; absent: it is new.
    #[serde(default)]
    pub id: Option<String>,
    pub sources: Vec<Source>,
    /// Absent: the only source as it is.
    #[serde(default)]
    pub model: Option<Model>,
}

/// `POST /api/schedules/next`: when a schedule starts its next runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NextRuns {
    /// At most three, RFC 3339 UTC; none: it runs when somebody starts it.
    pub next: Vec<String>,
}

/// `GET /api/templates`: integrations that are shipped, to begin with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateList {
    /// Their connections have the names that the templates give them, and may not exist here.
    pub templates: Vec<IntegrationDocument>,
}

/// `GET /api/integrations/{id}/overview`: how an integration went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntegrationOverview {
    pub id: String,
    pub name: String,
    /// `users`, `organizations`.
    pub object: String,
    /// How many users (or organizations, by `object`) have a contract on cards that it brought; absent: cards show none of it.
    pub with_contract: Option<u64>,
    /// The last run that read all rows and was complete; absent: there is none.
    pub last: Option<OverviewRun>,
    /// The last 30 days (UTC), oldest first, also those without a run; fewer where runs are kept for fewer (`log_days`).
    pub days: Vec<OverviewDay>,
    /// How much of the destination's rate limit is used; absent: this server has made no call yet, or does not know.
    pub budget: Option<OverviewBudget>,
}

/// A run that was complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OverviewRun {
    pub id: String,
    /// RFC 3339 UTC.
    pub at: String,
    pub counts: RunCounts,
}

/// What the runs of one day wrote, and what they could not write.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OverviewDay {
    /// `2026-11-22`, UTC.
    pub day: String,
    /// Runs that could write, and have ended.
    pub runs: u64,
    /// Rows that were created, updated or cleared.
    pub changed: u64,
    /// Of the day's last run: rows that do not fit, or that the destination refused.
    pub rejected: u64,
    /// Of the day's last run: rows that are sent by the next one.
    pub waiting: u64,
    /// Calls that wrote.
    pub calls: u64,
}

/// How much of a rate limit is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OverviewBudget {
    /// Calls a minute, as the destination told them.
    pub limit: u64,
    /// Of them, by everybody who uses the account.
    pub used: u64,
    /// What runs take of the limit at most, in per cent.
    pub share: u64,
}
