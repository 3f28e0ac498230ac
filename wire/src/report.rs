//! What the kept tickets and the contract copy say together.

use serde::{Deserialize, Serialize};

/// `GET /api/reports/tickets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketReport {
    /// By week, plan and band; groups without a ticket are absent.
    pub groups: Vec<TicketGroup>,
    /// The first day that counts, a Monday: `2026-09-07`.
    pub since: String,
    /// Up to when tickets are known, RFC 3339 UTC: the last run that read them.
    pub known_at: String,
    /// When the run ended whose contracts these are, RFC 3339 UTC.
    pub contracts_known_at: String,
}

/// Tickets that were made in one week by customers of one plan and one band of MRR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketGroup {
    /// The week's Monday, UTC.
    pub week: String,
    /// As the contract has it; empty: no contract, or one without a plan.
    pub plan: String,
    /// `none` (no contract, or one without MRR), `0`, `below_100`, `100_to_1000`, `1000_to_10000`, `10000_or_more`.
    pub mrr_band: String,
    pub tickets: u64,
}
