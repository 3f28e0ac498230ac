//! `GET /api/tickets/{id}/card`, `/api/customers/{user_id}/card`, `/api/customers?phone=`: what the sidebar shows, to an
//! agent who has proved who they are.

use std::time::Duration;

use axum::{
    http::{HeaderName, StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use wire::{Card, Customer, ErrorCode, LastComment, TicketId, UserId};

use super::{
    NO_STORE,
    error::ApiError,
    extract::{Agent, Path, Query},
    whose::Room,
};
use crate::features::contracts::{CardError, Contracts};

impl From<CardError> for ApiError {
    fn from(error: CardError) -> Self {
        match &error {
            CardError::TicketNotFound(_) => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::TicketNotFound, error)
            }
            CardError::CustomerNotFound(_) => {
                Self::caused(StatusCode::NOT_FOUND, ErrorCode::CustomerNotFound, error)
            }
            CardError::NoSearch => Self::caused(StatusCode::FORBIDDEN, ErrorCode::CustomersHidden, error)
                .hint("Open a ticket of the customer. An admin can widen your role in Zendesk."),
            CardError::TooManyCustomers(_) => {
                Self::caused(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequests, error)
                    .hint("Operator: `contracts.customers_per_hour`.")
                    .retry_after(Some(Duration::from_mins(10)))
            }
            CardError::Zendesk(_, fault) => Self::of_zendesk(&fault.clone(), error),
            CardError::Store(fault) => Self::of_store(&fault.clone(), error),
        }
    }
}

/// What a card that is JSON already is sent as.
const JSON: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

/// How fresh the card must be.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Freshness {
    /// Ask Zendesk even if the card was read a moment ago.
    #[serde(default)]
    refresh: bool,
}

/// `GET /api/tickets/{id}/card`.
#[utoipa::path(get, path = "/api/tickets/{id}/card", tag = "cards", security(("bearer" = [])),
    params(("id" = u64, Path, description = "The ticket's number"), Freshness),
    responses((status = 200, body = Card), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn of_ticket(
    Agent { viewer, .. }: Agent,
    Room(contracts): Room<Contracts>,
    Path(id): Path<TicketId>,
    Query(Freshness { refresh }): Query<Freshness>,
) -> Result<impl IntoResponse, ApiError> {
    Ok((JSON, contracts.card_json(&viewer, id, refresh).await?))
}

/// `GET /api/tickets/{id}/comment`: what was said last, where the customer could read it.
#[utoipa::path(get, path = "/api/tickets/{id}/comment", tag = "cards", security(("bearer" = [])),
    params(("id" = u64, Path, description = "The ticket's number")),
    responses((status = 200, body = LastComment), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn last_comment(
    agent: Agent,
    Room(contracts): Room<Contracts>,
    Path(id): Path<TicketId>,
) -> Result<impl IntoResponse, ApiError> {
    let comment = contracts.last_comment(&agent.viewer, id).await?;
    Ok(([NO_STORE], axum::Json(LastComment { comment })))
}

/// Beside which ticket a customer is read, and how fresh the card must be.
#[derive(Debug, Clone, Copy, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Beside {
    /// A ticket of the customer that the agent may see. Without it only agents whom Zendesk lets view all customers read one.
    #[param(value_type = Option<u64>)]
    ticket: Option<TicketId>,
    /// Ask Zendesk even if the card was read a moment ago.
    #[serde(default)]
    refresh: bool,
}

/// `GET /api/customers/{user_id}/card`.
#[utoipa::path(get, path = "/api/customers/{user_id}/card", tag = "cards", security(("bearer" = [])),
    params(("user_id" = u64, Path, description = "Zendesk's id of the customer"), Beside),
    responses((status = 200, body = Card), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn of_customer(
    Agent { viewer, .. }: Agent,
    Room(contracts): Room<Contracts>,
    Path(id): Path<UserId>,
    Query(Beside { ticket, refresh }): Query<Beside>,
) -> Result<impl IntoResponse, ApiError> {
    Ok((JSON, contracts.customer_card_json(&viewer, id, ticket, refresh).await?))
}

/// A phone number to look for.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ByPhone {
    /// E.164: `+` and up to 15 digits.
    phone: String,
}

/// Who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Customers {
    customers: Vec<Customer>,
}

/// `GET /api/customers?phone=`.
#[utoipa::path(get, path = "/api/customers", tag = "cards", security(("bearer" = [])), params(ByPhone),
    responses((status = 200, body = Customers), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn by_phone(
    Agent { viewer, .. }: Agent,
    Room(contracts): Room<Contracts>,
    Query(ByPhone { phone }): Query<ByPhone>,
) -> Result<axum::Json<Customers>, ApiError> {
    let digits = phone.strip_prefix('+').unwrap_or_default();
    if !(3..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::QueryInvalid,
            "`phone` is not a number in E.164",
        )
        .hint(
            "Write it as + and the country code, digits only, like +815012345678; in an address, + is %2B.",
        ));
    }
    Ok(axum::Json(Customers { customers: contracts.customers_by_phone(&viewer, &phone).await? }))
}
