//! Users whose addresses did not come with the export: asked for by the hundred, as far as the vendor tells them there. **Invariants:** what
//! was told is kept before the next thousands are asked for, and nobody is asked for one by one; of whom the vendor does not tell all, it is
//! not asked again before they change, and whoever could not be read is.

use engine::Value;
use futures::StreamExt;

use super::{
    addresses::USERS,
    attempt::Attempt,
    export::{self, Answered, Exporter, Unread, part_writer},
    people_rows, question,
};
use crate::{
    queue::{Advice, JobError},
    store::integrations::{self as kept, Export, Level},
};

/// Users whose addresses are asked for before they are kept.
const ROUND: usize = 10_000;
/// One call takes so many.
const CALL: usize = 100;

/// Asks for them; the newest part afterwards.
pub(super) async fn asked(
    attempt: &Attempt<'_>,
    connection: &str,
    exporter: &dyn Exporter,
    mut export: Export,
) -> Result<u64, Unread> {
    let (mut after, mut calls) = (i64::MIN, 0_u64);
    loop {
        let ids = next(attempt, connection, (export.part, after)).await?;
        let Some(last) = ids.last() else { break };
        after = last.cast_signed();
        let round = round(attempt, connection, exporter, (&ids, export.part + 1)).await?;
        calls += round.calls;
        if round.answered > 0 {
            export = keeps(attempt, connection, export).await?;
        }
        if let Some(wait) = round.wait {
            return Err(Unread::Vendor(wait)); // the next attempt asks for those who are unknown then
        }
        if round.is_over {
            break;
        }
    }
    if calls > 0 {
        let text = format!(
            "the export of `{connection}` did not tell all addresses of some users; they were asked for by {calls} calls"
        );
        attempt.log(Level::Info, &text).await?;
    }
    Ok(export.part)
}

async fn next(
    attempt: &Attempt<'_>,
    connection: &str,
    (part, after): (u64, i64),
) -> Result<Vec<u64>, JobError> {
    let users = attempt.deps.staging.export(connection, USERS, part);
    let mut answer = attempt.ask(&question::users_without_addresses(users, after, ROUND)).await?;
    let mut ids = Vec::new();
    while let Some(batch) = answer.batches.next().await {
        let batch = batch.map_err(|error| attempt.deps.staging.unanswered(error))?;
        ids.extend((0..batch.rows()).filter_map(|row| match batch.value(row, 0) {
            Value::Integer(id) => Some(id.cast_unsigned()),
            _ => None,
        }));
    }
    Ok(ids)
}

/// What came of some thousand users.
struct Round {
    calls: u64,
    /// Users of whom it is known now which they are, or that the vendor does not tell; as a part.
    answered: u64,
    /// The vendor wants a wait before it is asked again, or did not answer.
    wait: Option<JobError>,
    /// The vendor tells no addresses here.
    is_over: bool,
}

/// Their addresses into a part, as rows that are older than all others and say nothing else.
async fn round(
    attempt: &Attempt<'_>,
    connection: &str,
    exporter: &dyn Exporter,
    (ids, part): (&[u64], u64),
) -> Result<Round, Unread> {
    let staging = &attempt.deps.staging;
    let what = named(connection);
    let unstaged = |error| staging.unstaged(&what, error);
    let file = staging.export(connection, USERS, part);
    let mut writer = part_writer(USERS, &file).map_err(unstaged)?;
    let mut round = Round { calls: 0, answered: 0, wait: None, is_over: false };
    for ids in ids.chunks(CALL) {
        let answer = match exporter.addresses(ids).await {
            Err(error) if round.answered > 0 || matches!(error.advice(), Advice::RetryAfter(_)) => {
                round.wait = Some(error);
                break;
            }
            answer => answer.map_err(Unread::Vendor)?,
        };
        round.calls += 1;
        let Some(Answered { told, silent }) = answer else {
            round.is_over = true;
            break;
        };
        let told = told.iter().map(|(id, addresses)| (*id, Some(addresses.as_slice())));
        for (id, addresses) in told.chain(silent.iter().map(|id| (*id, None))) {
            writer.push(&people_rows::cells_of_addresses(id, addresses)).map_err(unstaged)?;
            round.answered += 1;
        }
        // The job says that it lives; who took it over would write the same part.
        let tx = attempt.begin().await?;
        tx.commit().await?;
    }
    if round.answered > 0 {
        writer.finish().map_err(unstaged)?;
    }
    Ok(round)
}

/// What was told belongs to the export from now on.
async fn keeps(attempt: &Attempt<'_>, connection: &str, export: Export) -> Result<Export, JobError> {
    let (staging, what) = (&attempt.deps.staging, named(connection));
    let parts = [export.part, export.part + 1].map(|part| staging.export(connection, USERS, part));
    let part = export.part + 2;
    let merged = staging.export(connection, USERS, part);
    let rows = export::merge(attempt, (USERS, parts.into()), (&what, &merged), part).await?;
    let now = Export { part, rows, ..export };
    let mut tx = attempt.begin().await?;
    kept::keep_export(&mut tx, attempt.account, (connection, USERS), &now, attempt.now()).await?;
    tx.commit().await?;
    let kept = staging.keep_only_parts(connection, USERS, std::slice::from_ref(&merged));
    kept.map_err(|error| staging.refused(&what, error))?;
    Ok(now)
}

/// Whose rows they are, for sentences.
fn named(connection: &str) -> String {
    format!("the users of the connection `{connection}`")
}
