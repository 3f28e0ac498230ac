//! A run that empties what an integration wrote, before somebody deletes it: the comparison with a model that has no rows. **Invariants:** it
//! makes no field; it reads no source; nothing is emptied before a person has confirmed how many records lose a value.

use wire::{Definition, Destination, Mode, Model, Removed};

use super::{attempt::Attempt, fields::Fields};
use crate::{queue::JobError, store::integrations::Level};

/// The integration's own definition, with no row in its model; of its fields those that are there.
pub(super) async fn definition(attempt: &Attempt<'_>, of: Definition) -> Result<Definition, JobError> {
    let mut empty = without_rows(of);
    let outside = attempt.deps.outside(&empty.destination).await?;
    let fields = Fields::of(&empty, outside.destination()).await?;
    let (there, gone): (Vec<_>, Vec<_>) =
        empty.mapping.into_iter().partition(|mapping| fields.get(&mapping.field).is_ok());
    for mapping in gone {
        let text = format!("the field `{}` is not there, so nothing of it is emptied", mapping.field);
        attempt.log(Level::Info, &text).await?;
    }
    empty.mapping = there;
    Ok(empty)
}

/// What a person is asked first, however few records it is: code and sentence.
pub(super) fn asks(records: u64) -> Option<(&'static str, String)> {
    let why = format!(
        "{records} records would lose the values that the integration wrote; if that is right, confirm"
    );
    (records > 0).then_some(("clears_too_much", why))
}

fn without_rows(of: Definition) -> Definition {
    let mut of = of;
    for mapping in &mut of.mapping {
        mapping.create = None;
    }
    let mapped = of.mapping.iter().filter_map(|mapping| mapping.column.as_ref());
    let mut columns: Vec<&String> = mapped.chain([&of.key.column]).collect();
    columns.sort_unstable();
    columns.dedup();
    let quoted = columns.iter().map(|name| format!("'' AS \"{}\"", name.replace('"', "\"\"")));
    let sql = format!("SELECT {} WHERE 1 = 0", quoted.collect::<Vec<_>>().join(", "));
    Definition {
        destination: Destination { mode: Mode::Update, new_name: None, ..of.destination },
        model: Some(Model { sql }),
        sources: Vec::new(),
        contract: None,
        removed: Removed::Clear,
        ..of
    }
}
