//! What was said about the one row that a person sent: for whoever wants to see why a field is not what they expect.

use serde_json::{Map, Value, json};
use wire::{Exchange, ExchangedField};

use super::{
    attempt::Attempt,
    destination::{Destination, Record, Write},
    values::{Field, Values},
};
use crate::{
    queue::JobError,
    store::integrations::{self as kept, RunRow},
};

/// Records of one row that are shown; `on_ambiguous = "all"` can write several.
const MOST: u32 = 20;

/// Writes down what was sent for each record, what was answered, and what it holds now.
pub(super) async fn keep(
    attempt: &Attempt<'_>,
    to: &dyn Destination,
    fields: &[Field],
) -> Result<(), JobError> {
    let (db, account, run) = (attempt.db(), attempt.account, attempt.run);
    for row in kept::rows_of(db, account, run, (None, None), 0, MOST).await? {
        let Some(id) = row.destination_id.clone().filter(|_| row.changes.is_some()) else { continue };
        let record = Write { record: Record::Known(id.clone()), values: Values::new() };
        let held = to.read(std::slice::from_ref(&record), fields).await?.into_iter().next().flatten();
        let exchange = told(&row, &id, held.map(|found| found.values).as_ref()).to_string();
        let mut tx = attempt.begin().await?;
        kept::keep_exchange(&mut tx, account, run, row.seq, &exchange).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn told(row: &RunRow, record: &str, held: Option<&Values>) -> Value {
    let changes: Map<String, Value> =
        row.changes.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let fields = changes.into_iter().map(|(field, change)| {
        let holds = held.and_then(|held| held.get(&field)).cloned().flatten();
        ExchangedField { sent: change[1].as_str().map(str::to_owned), holds, field }
    });
    let outcome = row.outcome.as_str();
    let answer = row.reason.as_ref().map_or_else(|| outcome.to_owned(), |why| format!("{outcome}: {why}"));
    json!(Exchange { record: record.to_owned(), answer, gone: held.is_none(), fields: fields.collect() })
}
