//! Integrations and their runs. Admins see them and start them; whom `integrations.editors` names may change and accept, and sees
//! rows.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use wire::{
    ErrorCode, FieldProblem, IntegrationDocument, IntegrationList, IntegrationRunKind, RunDocument, RunList,
    StartRun, SwitchIntegration,
};

use super::{
    NO_STORE,
    connections::editor,
    error::ApiError,
    extract::{Admin, Json, Path, Query},
    whose::Room,
};
use crate::{
    features::{
        connections::Connections,
        integrations::{Fault, Integrations, IntegrationsError, RunStart},
        sessions::Agent,
    },
    store::integrations::RunKind,
};

const PAGE: u32 = 100;

impl From<IntegrationsError> for ApiError {
    fn from(error: IntegrationsError) -> Self {
        use IntegrationsError as E;
        let (status, code) = match &error {
            E::Unknown(_) => (StatusCode::NOT_FOUND, ErrorCode::IntegrationNotFound),
            E::UnknownRun(_) => (StatusCode::NOT_FOUND, ErrorCode::RunNotFound),
            E::Taken(_) | E::Changed(_) | E::PlanChanged => {
                (StatusCode::CONFLICT, ErrorCode::IntegrationChanged)
            }
            E::DryRunNeeded | E::NotAcceptable(_) => (StatusCode::CONFLICT, ErrorCode::DryRunNeeded),
            E::Ended | E::NotWaiting(_) => (StatusCode::CONFLICT, ErrorCode::RunEnded),
            E::BeingEmptied(_) => (StatusCode::CONFLICT, ErrorCode::RunInProgress),
            E::Paused(_) => (StatusCode::CONFLICT, ErrorCode::IntegrationPaused),
            E::NotPaused(_) => (StatusCode::CONFLICT, ErrorCode::IntegrationEnabled),
            E::NothingToRetry(_) => (StatusCode::CONFLICT, ErrorCode::NothingToRetry),
            E::Busy { .. } => (StatusCode::CONFLICT, ErrorCode::RunInProgress),
            E::Outcome(_) | E::State(_) => (StatusCode::BAD_REQUEST, ErrorCode::QueryInvalid),
            E::Faults(_) | E::Id(_) | E::RowKey => {
                (StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::IntegrationInvalid)
            }
            E::Store(_) => match error {
                E::Store(error) => return error.into(),
                _ => unreachable!("it was a store's error"),
            },
        };
        let field = match &error {
            E::Faults(faults) => faults.first().map(|fault| fault.at.clone()),
            E::RowKey => Some("key".to_owned()),
            _ => None,
        };
        let problems = match &error {
            E::Faults(faults) => faults.iter().map(problem).collect(),
            _ => Vec::new(),
        };
        let answer = Self::caused(status, code, error).problems(problems);
        match field {
            Some(field) => answer.field(&field),
            None => answer,
        }
    }
}

fn problem(Fault { at, message }: &Fault) -> FieldProblem {
    FieldProblem { field: at.clone(), message: message.clone() }
}

/// As the ledger names them.
pub(super) fn person(admin: &Agent) -> String {
    format!("agent:{}", admin.id)
}

pub(super) type Document<T> = ([(HeaderName, HeaderValue); 1], axum::Json<T>);

pub(super) fn told<T>(body: T) -> Document<T> {
    ([NO_STORE], axum::Json(body))
}

/// `GET /api/integrations`: by name, each with its last run.
#[utoipa::path(get, path = "/api/integrations", tag = "integrations", security(("bearer" = [])),
    responses((status = 200, body = IntegrationList), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn list(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(integrations): Room<Integrations>,
) -> Result<Document<IntegrationList>, ApiError> {
    let may_edit = editor(&admin, &connections).is_ok();
    Ok(told(IntegrationList { integrations: integrations.summaries().await?, may_edit }))
}

/// `POST /api/integrations`: a new one.
#[utoipa::path(post, path = "/api/integrations", tag = "integrations", security(("bearer" = [])),
    request_body = IntegrationDocument,
    responses((status = 201, body = IntegrationDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn create(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(integrations): Room<Integrations>,
    Json(new): Json<IntegrationDocument>,
) -> Result<(StatusCode, Document<IntegrationDocument>), ApiError> {
    let by = editor(&admin, &connections)?;
    let kept = integrations.save(&by, (&new.id, &new.name, new.enabled), &new.definition, None).await?;
    Ok((StatusCode::CREATED, told(kept)))
}

/// `GET /api/integrations/{id}`.
#[utoipa::path(get, path = "/api/integrations/{id}", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = IntegrationDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn show(
    _: Admin,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
) -> Result<Document<IntegrationDocument>, ApiError> {
    Ok(told(integrations.document(&id).await?))
}

/// `PUT /api/integrations/{id}`: refused unless it is made from the version that is there.
#[utoipa::path(put, path = "/api/integrations/{id}", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")), request_body = IntegrationDocument,
    responses((status = 200, body = IntegrationDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn change(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
    Json(new): Json<IntegrationDocument>,
) -> Result<Document<IntegrationDocument>, ApiError> {
    let by = editor(&admin, &connections)?;
    let version = Some(new.version.unwrap_or_default());
    Ok(told(integrations.save(&by, (&id, &new.name, new.enabled), &new.definition, version).await?))
}

/// `PUT /api/integrations/{id}/enabled`: whether it runs by itself. The rest of it stays, whoever edits it meanwhile.
#[utoipa::path(put, path = "/api/integrations/{id}/enabled", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")), request_body = SwitchIntegration,
    responses((status = 200, body = IntegrationDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn switch(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
    Json(SwitchIntegration { enabled }): Json<SwitchIntegration>,
) -> Result<Document<IntegrationDocument>, ApiError> {
    let by = editor(&admin, &connections)?;
    Ok(told(integrations.switch(&by, &id, enabled).await?))
}

/// `DELETE /api/integrations/{id}`: what it wrote stays where it is.
#[utoipa::path(delete, path = "/api/integrations/{id}", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 204), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn delete(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let by = editor(&admin, &connections)?;
    integrations.delete(&by, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/integrations/{id}/runs`: starts a run, or joins the live one that does the same.
#[utoipa::path(post, path = "/api/integrations/{id}/runs", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")), request_body = StartRun,
    responses((status = 202, body = RunDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn start(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
    Json(StartRun { kind, key, accept }): Json<StartRun>,
) -> Result<(StatusCode, Document<RunDocument>), ApiError> {
    if accept.is_some() || kind == IntegrationRunKind::Clear {
        editor(&admin, &connections)?;
    }
    let kind = match kind {
        IntegrationRunKind::Run => RunKind::Run,
        IntegrationRunKind::Resend => RunKind::Resend,
        IntegrationRunKind::Dry => RunKind::Dry,
        IntegrationRunKind::Row => RunKind::Row,
        IntegrationRunKind::Clear => RunKind::Clear,
    };
    let start = RunStart {
        kind,
        row_key: key,
        accept,
        asked_by: admin.id.0.to_string(),
        by: Some(person(&admin)),
        ..RunStart::default()
    };
    let run = integrations.start(&id, &start).await?;
    Ok((StatusCode::ACCEPTED, told(RunDocument { run: integrations.shown(&run).await? })))
}

/// Which runs.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WhichRuns {
    /// Of this integration.
    integration: Option<String>,
    /// In this state.
    state: Option<String>,
    /// Asked for before: the `next` of the page before.
    #[param(value_type = Option<String>)]
    before: Option<DateTime<Utc>>,
}

/// `GET /api/runs`: newest first.
#[utoipa::path(get, path = "/api/runs", tag = "integrations", security(("bearer" = [])), params(WhichRuns),
    responses((status = 200, body = RunList), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn runs(
    _: Admin,
    Room(integrations): Room<Integrations>,
    Query(WhichRuns { integration, state, before }): Query<WhichRuns>,
) -> Result<Document<RunList>, ApiError> {
    let runs = integrations.runs((integration.as_deref(), state.as_deref()), before, PAGE).await?;
    let is_full = runs.len() == PAGE as usize;
    let runs = integrations.all_shown(&runs).await?;
    let next = runs.last().filter(|_| is_full).map(|run| run.requested_at.clone());
    Ok(told(RunList { runs, next }))
}

/// `GET /api/runs/{id}`.
#[utoipa::path(get, path = "/api/runs/{id}", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = RunDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn run(
    _: Admin,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
) -> Result<Document<RunDocument>, ApiError> {
    let run = integrations.run(&id).await?;
    Ok(told(RunDocument { run: integrations.shown(&run).await? }))
}

/// `POST /api/runs/{id}/cancel`: what it has written stays.
#[utoipa::path(post, path = "/api/runs/{id}/cancel", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = RunDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn cancel(
    Admin(admin): Admin,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
) -> Result<Document<RunDocument>, ApiError> {
    let run = integrations.cancel(&person(&admin), &id).await?;
    Ok(told(RunDocument { run: integrations.shown(&run).await? }))
}

/// `POST /api/runs/{id}/confirm`: a run that stopped goes on.
#[utoipa::path(post, path = "/api/runs/{id}/confirm", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, body = RunDocument), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn confirm(
    Admin(admin): Admin,
    Room(connections): Room<Connections>,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
) -> Result<Document<RunDocument>, ApiError> {
    let by = editor(&admin, &connections)?;
    let run = integrations.confirm(&by, &id).await?;
    Ok(told(RunDocument { run: integrations.shown(&run).await? }))
}

/// `GET /api/runs/{id}/log`: all of it, as text.
#[utoipa::path(get, path = "/api/runs/{id}/log", tag = "integrations", security(("bearer" = [])),
    params(("id" = String, Path, description = "Its id")),
    responses((status = 200, content_type = "text/plain"), (status = "default", body = wire::ErrorEnvelope)))]
pub async fn log(
    _: Admin,
    Room(integrations): Room<Integrations>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let text = integrations.log_text(&id).await?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(([NO_STORE, kind], text).into_response())
}
