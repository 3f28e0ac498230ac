//! By which addresses users are found: their primary ones, and the verified secondary ones that came with the export. **Invariants:** an
//! address that is somebody's primary one is nobody's secondary one; one that several users have finds none of them by chance; an
//! address that could not be read is not one that is gone.

use std::path::{Path, PathBuf};

use engine::{Column, Engine, Limits, ModelError, StagingError, Type, Value, Writer};
use futures::StreamExt;

use super::{
    Staging,
    attempt::Attempt,
    export::{Exporter, Unread},
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

/// The table of nobody's addresses.
pub(super) fn empty(file: &Path) -> Result<(), StagingError> {
    writer(file)?.finish().map(drop)
}

fn cells<'a>(user: &Value<'a>, email: &'a str, is_primary: bool) -> [Value<'a>; 3] {
    [user.clone(), Value::Text(email.into()), Value::Boolean(is_primary)]
}

/// Two tables that are made of some users.
pub(super) struct Tables {
    /// Each address with the one user who has it.
    pub known: PathBuf,
    /// Secondary addresses that several users have.
    pub shared: PathBuf,
    /// Every secondary address of every user, while the tables are made.
    claims: PathBuf,
}

impl Tables {
    /// The first of them is to be this file.
    pub fn with(known: PathBuf) -> Self {
        let beside = |what: &str| known.with_extension(format!("{what}.parquet"));
        Self { shared: beside("shared"), claims: beside("claims"), known }
    }

    fn of_export(staging: &Staging, connection: &str, part: u64) -> Self {
        let [known, shared, claims] = ["addresses", "shared", "claims"]
            .map(|what| staging.beside_export(connection, USERS, part, what));
        Self { known, shared, claims }
    }

    fn are_there(&self) -> bool {
        self.known.is_file() && self.shared.is_file()
    }

    fn files(self) -> Vec<PathBuf> {
        vec![self.known, self.shared]
    }
}

/// Why they are not made.
pub(super) enum Unmade {
    Staging(StagingError),
    Model(ModelError),
}

impl From<StagingError> for Unmade {
    fn from(error: StagingError) -> Self {
        Self::Staging(error)
    }
}

impl From<ModelError> for Unmade {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

/// How many addresses they have.
#[derive(Default)]
pub(super) struct Addresses {
    secondary: u64,
    of_several: u64,
    /// Users of whom not all are known.
    unknown: u64,
}

/// Makes them of users as they are staged, for runs and previews alike.
pub(super) async fn made(
    users: &Path,
    to: &Tables,
    (engine, limits): (&dyn Engine, &Limits),
) -> Result<Addresses, Unmade> {
    let mut found = Addresses::default();
    let (mut to_known, mut to_shared, mut to_claims) =
        (writer(&to.known)?, writer(&to.shared)?, writer(&to.claims)?);
    let mut answer = engine.run(&question::users_with_addresses(users.to_owned()), limits).await?;
    while let Some(batch) = answer.batches.next().await {
        let batch = batch?;
        for row in 0..batch.rows() {
            let user = batch.value(row, 0);
            if let Some(email) = text_of(&batch.value(row, 1)) {
                to_known.push(&cells(&user, &email, true))?;
            }
            found.unknown += u64::from(batch.value(row, 3) != Value::Boolean(true));
            for email in told(&batch.value(row, 2)).unwrap_or_default() {
                found.secondary += 1;
                to_claims.push(&cells(&user, &email, false))?;
            }
        }
    }
    to_claims.finish()?;
    if found.secondary > 0 {
        let model = question::secondary_addresses(users.to_owned(), to.claims.clone());
        let mut answer = engine.run(&model, limits).await?;
        while let Some(batch) = answer.batches.next().await {
            let batch = batch?;
            for row in 0..batch.rows() {
                let (user, email) = (batch.value(row, 0), text_of(&batch.value(row, 1)).unwrap_or_default());
                let is_of_one = batch.value(row, 2) == Value::Integer(1);
                found.of_several += u64::from(!is_of_one);
                let to = if is_of_one { &mut to_known } else { &mut to_shared };
                to.push(&cells(&user, &email, false))?;
            }
        }
    }
    to_known.finish()?;
    to_shared.finish()?;
    let _left = std::fs::remove_file(&to.claims); // it goes with the others at the latest
    Ok(found)
}

/// The newest part of the users' export, and what is made of it once.
pub(super) async fn of(
    attempt: &Attempt<'_>,
    connection: &str,
    exporter: &dyn Exporter,
    export: Export,
) -> Result<(u64, Vec<PathBuf>), Unread> {
    let staging = &attempt.deps.staging;
    let tables = Tables::of_export(staging, connection, export.part);
    if export.part == 0 || tables.are_there() {
        return Ok((export.part, tables.files()));
    }
    let part = unknown::asked(attempt, connection, exporter, export).await?;
    let tables = Tables::of_export(staging, connection, part);
    let users = staging.export(connection, USERS, part);
    let by = (attempt.deps.engine.as_ref(), &attempt.limits()?);
    let found = made(&users, &tables, by).await.map_err(|error| match error {
        Unmade::Staging(error) => {
            staging.unstaged(&format!("the addresses of the users of the connection `{connection}`"), error)
        }
        Unmade::Model(error) => staging.unanswered(error),
    })?;
    say(attempt, connection, &found).await?;
    Ok((part, tables.files()))
}

/// The addresses that a record was said to have; `None`: nobody has said.
pub(super) fn told(cell: &Value<'_>) -> Option<Vec<String>> {
    text_of(cell).and_then(|json| serde_json::from_str(&json).ok())
}

async fn say(
    attempt: &Attempt<'_>,
    connection: &str,
    Addresses { secondary, of_several, unknown }: &Addresses,
) -> Result<(), JobError> {
    if *secondary > 0 {
        let text =
            format!("{secondary} verified secondary addresses of the users of `{connection}` are known");
        attempt.log(Level::Info, &text).await?;
    }
    if *of_several > 0 {
        let text = format!(
            "{of_several} of them are known of several users at once; by these no user is found until Zendesk names one owner"
        );
        attempt.log(Level::Warning, &text).await?;
    }
    if *unknown > 0 {
        let text = format!(
            "of {unknown} users of `{connection}` Zendesk did not tell all addresses; they are found by their primary address and by what was \
             known before"
        );
        attempt.log(Level::Warning, &text).await?;
    }
    Ok(())
}
