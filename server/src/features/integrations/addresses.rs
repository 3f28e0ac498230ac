//! By which addresses users are found: their primary ones, and the verified secondary ones that came with the export. **Invariants:** an
//! address that is somebody's primary one is nobody's secondary one; one that several users have finds none of them by chance; an
//! address that could not be read is not one that is gone.

use std::path::{Path, PathBuf};

use engine::{Column, StagingError, Type, Value, Writer};
use futures::StreamExt;

use super::{
    attempt::Attempt,
    export::{Exporter, Unread},
    people_rows::ADDRESSES,
    question, unknown,
    values::text_of,
};
use crate::{
    queue::JobError,
    store::integrations::{Export, Level},
};

/// As the export names them.
pub(super) const USERS: &str = "users";

/// The table in which a model finds the addresses of the users of a source.
pub(super) fn table(source: &str) -> String {
    format!("{source}_addresses")
}

/// The key of `email` comes behind it.
fn columns() -> [Column; 3] {
    [("user_id", Type::Integer), ("email", Type::Text), ("is_primary", Type::Boolean)]
        .map(|(name, kind)| Column { name: name.to_owned(), kind })
}

fn writer(file: &Path) -> Result<Writer, StagingError> {
    Writer::create(file, &columns(), &["email".to_owned()])
}

fn cells<'a>(user: &Value<'a>, email: &'a str, is_primary: bool) -> [Value<'a>; 3] {
    [user.clone(), Value::Text(email.into()), Value::Boolean(is_primary)]
}

/// The newest part of the users' export, and two tables that are made of it once: each address with the one user who has it, and
/// secondary ones that several users have.
pub(super) async fn of(
    attempt: &Attempt<'_>,
    connection: &str,
    exporter: &dyn Exporter,
    export: Export,
) -> Result<(u64, Vec<PathBuf>), Unread> {
    let staging = &attempt.deps.staging;
    let tables =
        |part| ["addresses", "shared"].map(|what| staging.beside_export(connection, USERS, part, what));
    if export.part == 0 || tables(export.part).iter().all(|table| table.is_file()) {
        return Ok((export.part, tables(export.part).into()));
    }
    let part = unknown::asked(attempt, connection, exporter, export).await?;
    let [known, shared] = tables(part);
    let claims = staging.beside_export(connection, USERS, part, "claims");
    let users = staging.export(connection, USERS, part);
    let what = format!("the addresses of the users of the connection `{connection}`");
    let unstaged = |error| staging.unstaged(&what, error);
    let unanswered = |error| staging.unanswered(error);
    let (mut to_known, mut to_shared, mut to_claims) = (
        writer(&known).map_err(unstaged)?,
        writer(&shared).map_err(unstaged)?,
        writer(&claims).map_err(unstaged)?,
    );
    let (mut secondary, mut unknown) = (0_u64, 0_u64);
    let mut answer = attempt.ask(&question::users_with_addresses(users.clone())).await?;
    while let Some(batch) = answer.batches.next().await {
        let batch = batch.map_err(unanswered)?;
        for row in 0..batch.rows() {
            let user = batch.value(row, 0);
            if let Some(email) = text_of(&batch.value(row, 1)) {
                to_known.push(&cells(&user, &email, true)).map_err(unstaged)?;
            }
            unknown += u64::from(batch.value(row, 3) != Value::Boolean(true));
            for email in told(&batch.value(row, 2)).unwrap_or_default() {
                secondary += 1;
                to_claims.push(&cells(&user, &email, false)).map_err(unstaged)?;
            }
        }
    }
    let mut of_several = 0_u64;
    to_claims.finish().map_err(unstaged)?;
    if secondary > 0 {
        let mut answer = attempt.ask(&question::secondary_addresses(users, claims.clone())).await?;
        while let Some(batch) = answer.batches.next().await {
            let batch = batch.map_err(unanswered)?;
            for row in 0..batch.rows() {
                let (user, email) = (batch.value(row, 0), text_of(&batch.value(row, 1)).unwrap_or_default());
                let is_of_one = batch.value(row, 2) == Value::Integer(1);
                of_several += u64::from(!is_of_one);
                let to = if is_of_one { &mut to_known } else { &mut to_shared };
                to.push(&cells(&user, &email, false)).map_err(unstaged)?;
            }
        }
    }
    to_known.finish().map_err(unstaged)?;
    to_shared.finish().map_err(unstaged)?;
    let _left = std::fs::remove_file(&claims); // it goes with its part at the latest
    say(attempt, connection, (secondary, of_several, unknown)).await?;
    Ok((part, vec![known, shared]))
}

/// The addresses that a record was said to have; `None`: nobody has said.
pub(super) fn told(cell: &Value<'_>) -> Option<Vec<String>> {
    text_of(cell).and_then(|json| serde_json::from_str(&json).ok())
}

async fn say(
    attempt: &Attempt<'_>,
    connection: &str,
    (secondary, of_several, unknown): (u64, u64, u64),
) -> Result<(), JobError> {
    if secondary > 0 {
        let text =
            format!("{secondary} verified secondary addresses of the users of `{connection}` are known");
        attempt.log(Level::Info, &text).await?;
    }
    if of_several > 0 {
        let text = format!(
            "{of_several} of them are known of several users at once; by these no user is found until Zendesk names one owner"
        );
        attempt.log(Level::Warning, &text).await?;
    }
    if unknown > 0 {
        let text = format!(
            "of {unknown} users of `{connection}` Zendesk did not tell all addresses; they are found by their primary address and by what was \
             known before"
        );
        attempt.log(Level::Warning, &text).await?;
    }
    Ok(())
}

/// The same table of a few users, for a preview.
pub(super) fn of_sample(
    (columns, rows): (&[Column], &[Vec<Value<'_>>]),
    file: &Path,
) -> Result<(), StagingError> {
    let place = |name: &str| columns.iter().position(|column| column.name == name);
    let mut writer = writer(file)?;
    let (Some(id), Some(email), Some(others)) = (place("id"), place("email"), place(ADDRESSES)) else {
        return writer.finish().map(drop);
    };
    for row in rows {
        if let Some(email) = text_of(&row[email]) {
            writer.push(&cells(&row[id], &email, true))?;
        }
        for email in told(&row[others]).unwrap_or_default() {
            writer.push(&cells(&row[id], &email, false))?;
        }
    }
    writer.finish().map(drop)
}
