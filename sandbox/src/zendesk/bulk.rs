//! Bulk calls about users and organizations: at most 100 rows each, done by a job. Docs: "Update Many Users", "Create Or Update
//! Many Users", "Update Many Organizations". **Invariant:** one row that is refused does not keep the others back.

use axum::{extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    access::Caller,
    events,
    input::{Doc, Params, id_in, too_many_values},
    jobs, organizations,
    refusal::{Answer, Refusal, ok},
    user_writes::{change, find, make},
};
use crate::{state::Account, world::World};

type Row = Map<String, Value>;

/// What a job does when it ends.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    caller: Caller,
    task: Task,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    UpdateUsers,
    CreateUsers,
    CreateOrUpdateUsers,
    DeleteUsers,
    UpdateOrganizations,
    CreateOrganizations,
}

impl Work {
    /// How many rows there are.
    pub(crate) const fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Does the first `limit` rows; what is told of each.
    pub(crate) fn run(
        self,
        account: &mut Account,
        base: &str,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Vec<Value> {
        let Self { caller, task, rows } = self;
        let each = rows.into_iter().take(limit).enumerate();
        each.map(|(index, row)| match task {
            Task::UpdateUsers => {
                let known = known_user(account, &row);
                let outcome = known
                    .ok_or_else(user_not_found)
                    .and_then(|id| takes_changes(account, id, now))
                    .and_then(|id| change(account, &caller, id, &without_key(row.clone()), now));
                result(outcome.map(|user| user.id), known.or_else(|| named(&row)), index, "update", "Updated")
            }
            Task::DeleteUsers => {
                let known = known_user(account, &row);
                let deleted = known.and_then(|id| {
                    account.users.edit(id, |user| (user.active, user.updated_at) = (false, now))?;
                    let user = account.users.get(&id)?.clone();
                    events::user_deleted(account, &user, now);
                    Some(id)
                });
                result(deleted.ok_or_else(user_not_found), named(&row), index, "delete", "Deleted")
            }
            Task::CreateUsers | Task::CreateOrUpdateUsers => {
                let known = (task == Task::CreateOrUpdateUsers).then(|| find(account, &row)).flatten();
                let (outcome, status) = match known {
                    Some(id) => (change(account, &caller, id, &row, now), "Updated"),
                    None => (make(account, &caller, &row, now), "Created"),
                };
                match outcome {
                    Ok(user) => json!({"id": user.id, "status": status}),
                    Err(refusal) => failed_creation(&refusal, index),
                }
            }
            Task::UpdateOrganizations => {
                let known = known_organization(account, &row);
                let outcome = known.ok_or_else(Refusal::not_found).and_then(|id| {
                    organizations::patch(account, id, &without_key(row.clone()), now).map(|_| id)
                });
                result(outcome, known.or_else(|| named(&row)), index, "update", "Updated")
            }
            Task::CreateOrganizations => match organizations::make(account, base, &row, now) {
                Ok((id, _)) => json!({"status": "Created", "id": id}),
                Err(refusal) => failed_creation(&refusal, index),
            },
        })
        .collect()
    }
}

/// A user takes five changes a minute. How a job's row says it is not documented; these are the words of the single call.
fn takes_changes(account: &Account, id: u64, now: DateTime<Utc>) -> Result<u64, Refusal> {
    if account.exhausted_users.get(&id).is_none_or(|until| *until <= now) {
        return Ok(id);
    }
    let why = "You have exceeded the rate limit for updating a single unique user.";
    Err(Refusal::named(StatusCode::TOO_MANY_REQUESTS, "TooManyUserUpdates", why))
}

fn user_not_found() -> Refusal {
    Refusal::named(StatusCode::NOT_FOUND, "UserNotFound", "User not found")
}

/// The active user whom a row means: by id, or by external id where it has none.
fn known_user(account: &Account, row: &Row) -> Option<u64> {
    let user = match named(row) {
        Some(id) => account.users.get(&id).filter(|user| user.active),
        None => account.user_by_external_id(row.get("external_id")?.as_str()?),
    };
    user.map(|user| user.id)
}

fn known_organization(account: &Account, row: &Row) -> Option<u64> {
    match named(row) {
        Some(id) => account.organizations.contains_key(&id).then_some(id),
        None => organizations::by_external_id(account, row.get("external_id")?.as_str()?),
    }
}

fn named(row: &Row) -> Option<u64> {
    row.get("id").and_then(id_in)
}

/// An external id that stood for the id is not a value to write.
fn without_key(mut row: Row) -> Row {
    if named(&row).is_none() {
        row.remove("external_id");
    }
    row.remove("id");
    row
}

fn result(
    outcome: Result<u64, Refusal>,
    meant: Option<u64>,
    index: usize,
    action: &str,
    done: &str,
) -> Value {
    match outcome {
        Ok(id) => json!({"id": id, "action": action, "status": done, "success": true}),
        Err(refusal) => {
            let (error, details) = refusal.words();
            // As `FailedResult` is described: without the `status` that a row has which was done.
            let mut row =
                json!({"id": meant, "action": action, "success": false, "error": error, "details": details});
            if meant.is_none() {
                row["index"] = json!(index); // nothing else says which row it was
            }
            row
        }
    }
}

fn failed_creation(refusal: &Refusal, index: usize) -> Value {
    let (error, details) = refusal.words();
    json!({"index": index, "status": "Failed", "error": error, "details": details})
}

/// `PUT /users/update_many?ids=|external_ids=` with one patch, or with a list of patches.
pub(crate) async fn update_users(
    State(world): State<World>,
    caller: Caller,
    params: Params,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let rows = patches(&params, &doc, "user", "users", || too_many("updated"))?;
    begin(&world, caller, Task::UpdateUsers, rows, "Bulk Update User", "Updating user")
}

/// `POST /users/create_many` and `/users/create_or_update_many`.
pub(crate) async fn create_users(
    State(world): State<World>,
    caller: Caller,
    uri: axum::http::Uri,
    doc: Doc,
) -> Answer {
    caller.staff()?;
    let rows = list(&doc, "users", || too_many("created"))?;
    if !world.options().bulk_user_import {
        return Err(Refusal::forbidden());
    }
    let upsert = uri.path().contains("create_or_update");
    let task = if upsert { Task::CreateOrUpdateUsers } else { Task::CreateUsers };
    begin(&world, caller, task, rows, "Bulk Create User", "Creating user")
}

/// `DELETE /users/destroy_many?ids=|external_ids=`.
pub(crate) async fn delete_users(State(world): State<World>, caller: Caller, params: Params) -> Answer {
    caller.admin()?;
    let rows = keys(&params)?.ok_or_else(|| too_many_values("ids"))?;
    begin(&world, caller, Task::DeleteUsers, rows, "Bulk Delete User", "Deleting user")
}

/// `PUT /organizations/update_many?ids=|external_ids=` with one patch, or with a list of patches.
pub(crate) async fn update_organizations(
    State(world): State<World>,
    caller: Caller,
    params: Params,
    doc: Doc,
) -> Answer {
    caller.admin()?;
    let rows = patches(&params, &doc, "organization", "organizations", || too_many_values(""))?;
    begin(
        &world,
        caller,
        Task::UpdateOrganizations,
        rows,
        "Bulk Update Organization",
        "Updating organization",
    )
}

/// `POST /organizations/create_many`.
pub(crate) async fn create_organizations(State(world): State<World>, caller: Caller, doc: Doc) -> Answer {
    caller.admin()?;
    let rows = list(&doc, "organizations", || too_many_values(""))?;
    begin(
        &world,
        caller,
        Task::CreateOrganizations,
        rows,
        "Bulk Create Organization",
        "Creating organization",
    )
}

fn begin(
    world: &World,
    caller: Caller,
    task: Task,
    rows: Vec<Row>,
    kind: &'static str,
    doing: &'static str,
) -> Answer {
    let mut account = world.account();
    jobs::room(world, &account)?;
    Ok(ok(jobs::start_work(world, &mut account, kind, doing, Work { caller, task, rows })))
}

/// The same patch for each key of the query, or the rows of the body.
fn patches(
    params: &Params,
    doc: &Doc,
    one: &str,
    many: &str,
    refused: impl Fn() -> Refusal,
) -> Result<Vec<Row>, Refusal> {
    let Some(keys) = keys(params)? else { return list(doc, many, refused) };
    let patch = doc.part(one)?;
    Ok(keys.into_iter().map(|key| patch.clone().into_iter().chain(key).collect()).collect())
}

/// `ids` or `external_ids` of the query, as the keys of rows.
fn keys(params: &Params) -> Result<Option<Vec<Row>>, Refusal> {
    let key = |name: &str, value: String| Row::from_iter([(name.to_owned(), json!(value))]);
    if let Some(ids) = params.list("ids")? {
        return Ok(Some(ids.into_iter().map(|id| key("id", id)).collect()));
    }
    let external = params.list("external_ids")?;
    Ok(external.map(|ids| ids.into_iter().map(|id| key("external_id", id)).collect()))
}

fn list(doc: &Doc, name: &str, refused: impl Fn() -> Refusal) -> Result<Vec<Row>, Refusal> {
    let rows = doc.0[name]
        .as_array()
        .ok_or_else(|| Refusal::invalid_attribute(&format!("Parameter {name} is required")))?;
    if rows.len() > 100 {
        return Err(refused());
    }
    Ok(rows.iter().filter_map(Value::as_object).cloned().collect())
}

fn too_many(done: &str) -> Refusal {
    let description = format!("Maximum 100 users may be {done} per call");
    Refusal::bad_request(json!({"error": "TooManyValues", "description": description}))
}
