//! What was said about the one row that a person sent: for whoever wants to see why a field is not what they expect.

use serde_json::{Value, json};
use wire::{Exchange, ExchangedField};

use super::{
    attempt::Attempt,
    destination::Destination,
    reasons,
    sending::write_of,
    values::{Field, Values},
};
use crate::{
    queue::JobError,
    store::integrations::{self as kept, RowFilter, RunRow},
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
    for row in kept::rows_of(db, account, run, &RowFilter::default(), 0, MOST).await? {
        let Some(id) = row.destination_id.as_deref().filter(|_| row.changes.is_some()) else { continue };
        let mut write = write_of(&row)?;
        // A record that this run made: its name and external id are no fields.
        write.values.retain(|field, _| fields.iter().any(|known| known.name == *field));
        let held = to.read(std::slice::from_ref(&write), fields).await?.into_iter().next().flatten();
        let exchange = told((&row, id), &write.values, held.as_ref().map(|found| &found.values)).to_string();
        let mut tx = attempt.begin().await?;
        kept::keep_exchange(&mut tx, account, run, row.seq, &exchange).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn told((row, record): (&RunRow, &str), sent: &Values, held: Option<&Values>) -> Value {
    let fields = sent.iter().map(|(field, sent)| ExchangedField {
        field: field.clone(),
        sent: sent.clone(),
        holds: held.and_then(|held| held.get(field)).cloned().flatten(),
    });
    let outcome = row.outcome.as_str();
    let why = row.reason.as_deref().map(|why| reasons::told(why).text);
    let answer = why.map_or_else(|| outcome.to_owned(), |why| format!("{outcome}: {why}"));
    json!(Exchange { record: record.to_owned(), answer, gone: held.is_none(), fields: fields.collect() })
}
