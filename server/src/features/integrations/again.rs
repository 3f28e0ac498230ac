//! The model's rows again, with other values in the cells that could not be read: beside the first answer they show which rows depend on these
//! cells. **Invariants:** all are in the order of their keys, and memory is that of one batch of each; while there is such a cell, nothing is
//! emptied.

use std::sync::Arc;

use engine::{Batch, Reader};

use super::{
    destination::NewRecord,
    group::Makes,
    invalid::{About, Cells},
    question::Places,
    reasons::reason,
    values::{Rule, ValueError, text_of},
};
use crate::queue::JobError;
use wire::RowReason as Why;

/// What each rule makes of a row: whether its field is written, and what.
pub(super) type Written = Vec<Result<Option<Option<String>>, ValueError>>;

/// What the rules make of a row.
pub(super) fn written(rules: &[Rule], (batch, row): (&Batch, usize)) -> Written {
    rules.iter().map(|rule| rule.value(|column| text_of(&batch.value(row, column)))).collect()
}

/// Fields that get their default in a row, because their cells are empty.
pub(super) fn defaulted(rules: &[Rule], (batch, row): (&Batch, usize)) -> Vec<String> {
    let cell = |column: usize| text_of(&batch.value(row, column));
    let rules = rules.iter().filter(|rule| rule.is_defaulted(cell));
    rules.map(|rule| rule.field.name.clone()).collect()
}

/// What is known of cells that could not be read; nothing where all could.
#[derive(Default)]
pub(super) struct Doubts {
    cells: Option<Cells>,
    answers: Vec<Rows>,
}

/// An answer with other values in the cells.
struct Rows {
    reader: Reader,
    batch: Option<Arc<Batch>>,
    row: usize,
    /// The rows of the key at which it stands.
    at: Option<(String, Other)>,
}

/// The rows of one key in such an answer.
struct Other {
    rows: u64,
    written: Written,
    new: Option<NewRecord>,
}

impl Doubts {
    /// About these cells; `answers` are those with other values in them, as far as there are any.
    pub fn new(cells: Cells, answers: Vec<Reader>) -> Self {
        let rows = |reader| Rows { reader, batch: None, row: 0, at: None };
        Self { cells: Some(cells), answers: answers.into_iter().map(rows).collect() }
    }

    /// Why a row is not written whose rules made this of it: it comes to something else with other values in the cells. Keys are asked in
    /// their order.
    pub fn about_row(
        &mut self,
        hash: &str,
        (rules, places, makes): (&[Rule], &Places, Option<&Makes>),
        own: (u64, &Written, Option<&NewRecord>),
    ) -> Result<Option<String>, JobError> {
        let Some(cells) = self.cells.as_ref().filter(|_| !hash.is_empty()) else { return Ok(None) };
        for answer in &mut self.answers {
            let other = answer.of(hash, (rules, places, makes))?;
            if let Some(why) = differs(rules, own, other, cells) {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }

    /// Why a row that the model does not have is not taken for removed: with other values in the cells the model has it, or may have it.
    pub fn about_removed(
        &mut self,
        hash: &str,
        (rules, places, makes): (&[Rule], &Places, Option<&Makes>),
    ) -> Result<Option<String>, JobError> {
        let Some(cells) = &self.cells else { return Ok(None) };
        for answer in &mut self.answers {
            if answer.of(hash, (rules, places, makes))?.is_some() {
                return Ok(Some(depends(&[], cells.about(None))));
            }
        }
        Ok(self.about_emptied())
    }

    /// Why nothing is emptied at all, and nothing becomes a default; `None`: it may. Rows that are joined by an invalid cell find nothing with
    /// any other value, either, and of two cells one may have to be great and the other small.
    pub fn about_emptied(&self) -> Option<String> {
        let About { columns, texts } = self.cells.as_ref()?.about(None);
        Some(reason(Why::MayDependOnInvalid, &[columns, texts]))
    }
}

/// Why rows depend on the cells that came to this at first, and to `other` with other values.
fn differs(
    rules: &[Rule],
    (rows, written, new): (u64, &Written, Option<&NewRecord>),
    other: Option<&Other>,
    cells: &Cells,
) -> Option<String> {
    let names = |rule: &Rule| rule.field.name.clone();
    let Some(other) = other else {
        let fields: Vec<_> = rules.iter().map(names).collect();
        return Some(depends(&fields, cells.about(None)));
    };
    let differs = |at: &usize| written.get(*at) != other.written.get(*at);
    let differing: Vec<usize> = (0..rules.len()).filter(differs).collect();
    let Some(first) = differing.first() else {
        let is_same = rows == other.rows && new == other.new.as_ref();
        return (!is_same).then(|| depends(&[], cells.about(None)));
    };
    let about = match other.written.get(*first) {
        Some(Ok(Some(Some(text)))) => cells.about(Some(text)),
        Some(Err(ValueError::Unfit { value, .. } | ValueError::NoOption { value, .. })) => {
            cells.about(Some(value))
        }
        _ => cells.about(None),
    };
    let fields: Vec<_> = differing.iter().map(|at| names(&rules[*at])).collect();
    Some(depends(&fields, about))
}

fn depends(fields: &[String], about: &About) -> String {
    let About { columns, texts } = about;
    if fields.is_empty() {
        return reason(Why::DependsOnInvalid, &[columns, texts]);
    }
    reason(Why::ValueInvalid, &[&super::group::listed(fields), columns, texts])
}

impl Rows {
    /// The rows of a key; those before it are passed over.
    fn of(
        &mut self,
        hash: &str,
        (rules, places, makes): (&[Rule], &Places, Option<&Makes>),
    ) -> Result<Option<&Other>, JobError> {
        while self.at.as_ref().is_none_or(|(at, _)| at.as_str() < hash) {
            self.at = None;
            while let Some(batch) = self.batch()? {
                let own = text_of(&batch.value(self.row, places.hash)).unwrap_or_default();
                match &mut self.at {
                    Some((at, _)) if *at != own => break,
                    Some((_, other)) => other.rows += 1,
                    None => {
                        let cell = |column: usize| text_of(&batch.value(self.row, column));
                        let new = makes.map(|makes| makes.record(cell));
                        let other = Other { rows: 1, written: written(rules, (&batch, self.row)), new };
                        self.at = Some((own, other));
                    }
                }
                self.row += 1;
            }
            if self.at.is_none() {
                return Ok(None);
            }
        }
        Ok(self.at.as_ref().filter(|(at, _)| at == hash).map(|(_, other)| other))
    }

    /// The batch in which the next row is.
    fn batch(&mut self) -> Result<Option<Arc<Batch>>, JobError> {
        while self.batch.as_ref().is_none_or(|batch| self.row >= batch.rows()) {
            let Some(batch) = self.reader.next() else { return Ok(None) };
            (self.batch, self.row) = (Some(Arc::new(batch.map_err(JobError::retry)?)), 0);
        }
        Ok(self.batch.clone())
    }
}
