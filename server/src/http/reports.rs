//! `GET /api/reports/tickets`: what the kept tickets and the contract copy say together, for admins; it names nobody.

use std::fmt::Write;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::TicketReport;

use super::{
    NO_STORE,
    error::ApiError,
    extract::{Admin, Query},
    integrations::told,
    whose::Room,
};
use crate::features::{integrations::Previews, ledger::csv_cell};

/// Weeks where nobody says how many.
const fn usual_weeks() -> u32 {
    12
}

/// How the report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Csv,
}

/// Which report.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WhichTickets {
    /// So many, this one among them: 12; 1 to 104.
    #[serde(default = "usual_weeks")]
    #[param(value_type = Option<u32>)]
    weeks: u32,
    /// `json` or `csv`.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    format: Format,
}

/// `GET /api/reports/tickets`: tickets that were made, by week, plan and band of MRR.
#[utoipa::path(get, path = "/api/reports/tickets", tag = "integrations", security(("bearer" = [])), params(WhichTickets),
    responses((status = 200, body = TicketReport), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn tickets(
    _: Admin,
    Room(previews): Room<Previews>,
    Query(WhichTickets { weeks, format }): Query<WhichTickets>,
) -> Result<Response, ApiError> {
    let report = previews.tickets_by_week(weeks).await?;
    if format == Format::Json {
        return Ok(told(report).into_response());
    }
    let headers = [
        NO_STORE,
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"deskside-tickets.csv\""),
        ),
    ];
    Ok((headers, csv(&report)).into_response())
}

fn csv(report: &TicketReport) -> String {
    let mut text = "week,plan,mrr_band,tickets\r\n".to_owned();
    for group in &report.groups {
        let plan = csv_cell(&group.plan);
        let _infallible = writeln!(text, "{},{plan},{},{}\r", group.week, group.mrr_band, group.tickets);
    }
    text
}
