//! What became of a run's rows, as a file. **Invariant:** memory does not grow with the run; no cell of the CSV is a formula.

use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use wire::{LedgerAction, RowOutcome};

use super::{Integrations, IntegrationsError, people::Inner, record, views};
use crate::{
    features::ledger::csv_cell,
    store::{
        StoreError,
        integrations::{self as kept, RowFilter},
    },
};

/// Rows that are in memory at once.
const CHUNK: u32 = 500;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowFormat {
    /// For spreadsheets.
    Csv,
    /// For programs: JSON Lines, with every value as it is.
    Jsonl,
}

impl RowFormat {
    const fn head(self) -> &'static str {
        match self {
            Self::Csv => "seq,key,destination_id,outcome,reason,changes,drifted,label\r\n",
            Self::Jsonl => "",
        }
    }

    /// The media type of a whole file.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Jsonl => "application/x-ndjson",
        }
    }

    /// What a file of it is called.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "deskside-run.csv",
            Self::Jsonl => "deskside-run.jsonl",
        }
    }

    fn write(self, row: &RowOutcome, to: &mut Vec<u8>) {
        match self {
            Self::Csv => {
                let changes = if row.changes.is_empty() {
                    String::new()
                } else {
                    serde_json::to_string(&row.changes).expect("changes are plain data")
                };
                let text = |text: &Option<String>| csv_cell(text.as_deref().unwrap_or_default());
                let cells = [
                    row.seq.to_string(),
                    csv_cell(&row.key),
                    text(&row.destination_id),
                    csv_cell(&row.outcome),
                    text(&row.reason),
                    csv_cell(&changes),
                    row.drifted.to_string(),
                    text(&row.label),
                ];
                to.extend_from_slice((cells.join(",") + "\r\n").as_bytes());
            }
            Self::Jsonl => {
                serde_json::to_writer(&mut *to, row).expect("a row is plain data");
                to.push(b'\n');
            }
        }
    }
}

impl Integrations {
    /// The rows of a run in their order, all or some of them, as the bytes of a file; whoever saves them is in the ledger first.
    pub async fn save_rows(
        &self,
        by: &str,
        run: &str,
        (format, filter): (RowFormat, RowFilter),
    ) -> Result<impl Stream<Item = Result<Vec<u8>, StoreError>> + Send + use<>, IntegrationsError> {
        let Inner { account, db, clock, .. } = &*self.0;
        let mut detail = record::of_run(&self.run(run).await?);
        detail["format"] = json!(format.file_name().rsplit('.').next());
        Self::check_outcome(&filter)?;
        if let Some(outcome) = &filter.outcome {
            detail["outcome"] = json!(outcome);
        }
        if filter.drifted {
            detail["drifted"] = json!(true);
        }
        let mut tx = db.begin().await?;
        record::append(&mut tx, account, (by, LedgerAction::IntegrationExported), detail, clock.now())
            .await?;
        tx.commit().await?;
        let (this, run) = (self.clone(), run.to_owned());
        let head = stream::once(std::future::ready(Ok(format.head().as_bytes().to_vec())));
        let rows = stream::try_unfold(0, move |after| {
            let (this, run, filter) = (this.clone(), run.clone(), filter.clone());
            async move {
                let Inner { account, db, .. } = &*this.0;
                let rows = kept::rows_of(db, account, &run, &filter, after, CHUNK).await?;
                let Some(end) = rows.last().map(|row| row.seq) else { return Ok(None) };
                let mut text = Vec::new();
                for row in rows {
                    format.write(&views::of_row(row), &mut text);
                }
                Ok(Some((text, end)))
            }
        });
        Ok(head.chain(rows))
    }
}

#[cfg(test)]
mod tests {
    use wire::FieldChange;

    use super::*;

    #[test]
    fn a_row_of_csv_is_no_formula_and_a_line_of_json_is_the_row() {
        let row = RowOutcome {
            seq: 7,
            key: "=1+1".into(),
            outcome: "rejected".into(),
            reason: Some("`a`, \"b\"".into()),
            changes: vec![FieldChange { field: "mrr".into(), before: None, after: Some("-5".into()) }],
            ..RowOutcome::default()
        };
        let written = |format: RowFormat| {
            let mut text = Vec::new();
            format.write(&row, &mut text);
            String::from_utf8(text).expect("UTF-8")
        };
        let csv = "7,\"'=1+1\",,rejected,\"`a`, \"\"b\"\"\",\"[{\"\"field\"\":\"\"mrr\"\",\"\"before\"\":null,\"\"after\"\":\"\"-5\"\"}]\",false,\r\n";
        assert_eq!(written(RowFormat::Csv), csv);
        let json = written(RowFormat::Jsonl);
        assert_eq!(serde_json::from_str::<RowOutcome>(&json).expect("a row"), row);
    }
}
