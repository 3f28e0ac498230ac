//! Cells of sources that could not be read, and which rows of a model depend on them. A cell that could not be read is not empty: its row is
//! not written. **Invariant:** SQL knows no third thing beside a value and nothing, so a model is asked three times: with nothing in these cells,
//! with great values and with small ones. A row whose values differ depends on them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use engine::{Column, Reader, StagingError, Type, Value, Writer};
use serde::{Deserialize, Serialize};

use super::values::text_of;

/// Cells of one source in one reading; a source with more is refused.
pub(super) const MOST: usize = 1_000_000;
/// Cells whose texts are kept.
const NAMED: usize = 1_000;
/// Of a cell that is quoted in a sentence.
const QUOTED: usize = 80;
/// What a sentence names of several.
const LISTED: usize = 3;

/// A cell that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InvalidCell {
    pub column: String,
    /// As its source wrote it, shortened.
    pub text: String,
    /// The great value that stands in its place when the model is asked again.
    pub stand_in: Option<String>,
    /// The small one.
    #[serde(default)]
    pub least: Option<String>,
}

/// The cells of one source that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct InvalidCells {
    /// The source's rows with a great value in each of these cells.
    pub file: PathBuf,
    /// The same with small values; nothing in what an older server has read.
    #[serde(default)]
    pub least: Option<PathBuf>,
    /// The first of them.
    pub cells: Vec<InvalidCell>,
}

/// What stands in the place of a cell that could not be read. One is not enough: `WHERE NOT churned` and `mrr < 1000` come to the same with
/// nothing and with a great value, and empty cells are sorted where great values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StandIn {
    Greatest,
    Least,
}

/// The cells that could not be read, while a source is read.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Row and column of each, from 0.
    places: Vec<(u64, usize)>,
    cells: Vec<InvalidCell>,
    row: u64,
}

impl Found {
    /// Looks at the next row.
    pub fn see(&mut self, columns: &[Column], row: &[Value<'_>]) {
        for (at, (value, column)) in row.iter().zip(columns).enumerate() {
            let Value::Invalid(text) = value else { continue };
            if self.cells.len() < NAMED {
                self.cells.push(InvalidCell {
                    column: column.name.clone(),
                    text: text.trim().chars().take(QUOTED).collect(),
                    stand_in: text_of(&StandIn::Greatest.value(column.kind, self.places.len())),
                    least: text_of(&StandIn::Least.value(column.kind, self.places.len())),
                });
            }
            self.places.push((self.row, at));
        }
        self.row += 1;
    }

    /// Whether there are more than a source may have.
    pub fn is_too_many(&self) -> bool {
        self.places.len() > MOST
    }

    /// Writes `rows` twice again, with a great value in each of the cells and with a small one; `None` where there are none. It takes as
    /// long as the rows.
    pub fn write(
        self,
        (rows, file, least): (&Path, PathBuf, PathBuf),
        columns: &[Column],
        keyed: &[String],
    ) -> Result<Option<InvalidCells>, StagingError> {
        if self.places.is_empty() {
            return Ok(None);
        }
        let mut writers = [
            (StandIn::Greatest, Writer::create(&file, columns, keyed)?),
            (StandIn::Least, Writer::create(&least, columns, keyed)?),
        ];
        let reader = Reader::open(rows)?;
        // The keys stand among the columns, and are made again.
        let place = |column: &Column| reader.columns().iter().position(|own| own.name == column.name);
        let at: Vec<usize> = columns.iter().filter_map(place).collect();
        let mut invalid = self.places.iter().enumerate().peekable();
        let mut number = 0;
        for batch in reader {
            let batch = batch?;
            for row in 0..batch.rows() {
                let mut cells: Vec<_> = at.iter().map(|at| batch.value(row, *at)).collect();
                let mut own = Vec::new();
                while let Some((index, (_, at))) = invalid.next_if(|(_, (row, _))| *row == number) {
                    own.push((index, *at));
                }
                for (stand_in, writer) in &mut writers {
                    for (index, at) in &own {
                        cells[*at] = stand_in.value(columns[*at].kind, *index);
                    }
                    writer.push(&cells)?;
                }
                number += 1;
            }
        }
        for (_, writer) in writers {
            writer.finish()?;
        }
        Ok(Some(InvalidCells { file, least: Some(least), cells: self.cells }))
    }
}

impl StandIn {
    /// A value of a type for the invalid cell of this number: beyond what a model compares with, near enough to be added up, and another
    /// one for each cell as far as the type has so many.
    fn value(self, kind: Type, index: usize) -> Value<'static> {
        let number = i64::try_from(index).unwrap_or_default();
        let (is_least, sign) = (self == Self::Least, if self == Self::Least { -1 } else { 1 });
        // Blanks and signs are before letters.
        let text = || format!("{}invalid cell {index}", if is_least { "!" } else { "~" });
        match kind {
            Type::Text => Value::Text(text().into()),
            Type::Json => Value::Json(format!("\"{}\"", text()).into()),
            Type::Integer => Value::Integer(sign * (77_000_000_000 + number)),
            Type::Decimal { precision, scale } => {
                let most = 10_i128.pow(u32::from(precision)) - 1;
                let unit = 10_i128.checked_pow(u32::from(scale.unsigned_abs()));
                let wanted = unit.and_then(|unit| unit.checked_mul(77_000_000_000 + i128::from(number)));
                let wanted = wanted.filter(|wanted| *wanted < most);
                let far = wanted.unwrap_or(most - i128::from(number) % (most / 2 + 1).min(1_000));
                Value::Decimal { unscaled: i128::from(sign) * far, scale }
            }
            Type::Boolean => Value::Boolean(!is_least),
            // 2200-01-01, and a hundred years from there; 1900-01-01, and a hundred years before.
            Type::Date => {
                let days = i32::try_from(number % 36_500).unwrap_or_default();
                Value::Date(if is_least { -25_567 - days } else { 84_006 + days })
            }
            Type::Timestamp => {
                let seconds = if is_least { -2_208_988_800 - number } else { 7_258_118_400 + number };
                Value::Timestamp(seconds * 1_000_000)
            }
        }
    }
}

/// What a row that is not written says of the cells on which it depends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct About {
    /// `accounts.mrr__c`, or some of them.
    pub columns: String,
    /// `1,000`, or some of them.
    pub texts: String,
}

/// All cells that could not be read, of all sources.
#[derive(Debug, Default)]
pub(super) struct Cells {
    all: About,
    /// By what stands in their place, where no two have the same.
    by_stand_in: BTreeMap<String, Option<About>>,
}

impl Cells {
    /// Those of these sources, by their tables.
    pub fn of<'a>(sources: impl IntoIterator<Item = (&'a String, &'a InvalidCells)>) -> Self {
        let (mut columns, mut texts) = (BTreeSet::new(), BTreeSet::new());
        let mut by_stand_in: BTreeMap<String, Option<About>> = BTreeMap::new();
        for (table, invalid) in sources {
            for cell in &invalid.cells {
                let about = About { columns: format!("{table}.{}", cell.column), texts: cell.text.clone() };
                columns.insert(about.columns.clone());
                texts.insert(about.texts.clone());
                for stand_in in [&cell.stand_in, &cell.least].into_iter().flatten() {
                    let of = by_stand_in.entry(stand_in.clone()).or_insert_with(|| Some(about.clone()));
                    if of.as_ref() != Some(&about) {
                        *of = None;
                    }
                }
            }
        }
        Self { all: About { columns: listed(&columns), texts: listed(&texts) }, by_stand_in }
    }

    /// The cell on which a value depends that came to this text with another value in the cells; all of them, where it is not that value.
    pub fn about(&self, text: Option<&str>) -> &About {
        text.and_then(|text| self.by_stand_in.get(text)).and_then(Option::as_ref).unwrap_or(&self.all)
    }
}

fn listed(all: &BTreeSet<String>) -> String {
    let more = if all.len() > LISTED { ", …" } else { "" };
    let first: Vec<&str> = all.iter().take(LISTED).map(String::as_str).collect();
    first.join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_a_value_for_a_cell_that_could_not_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let kinds = [
            Type::Text,
            Type::Json,
            Type::Integer,
            Type::Decimal { precision: 38, scale: 8 },
            Type::Decimal { precision: 1, scale: 0 },
            Type::Decimal { precision: 38, scale: 37 },
            Type::Boolean,
            Type::Date,
            Type::Timestamp,
        ];
        let column = |(at, kind): (usize, &Type)| Column { name: format!("c{at}"), kind: *kind };
        let columns: Vec<Column> = kinds.iter().enumerate().map(column).collect();
        let mut found = Found::default();
        let file = |name: &str| folder.path().join(name);
        let (rows, other, least) = (file("rows.parquet"), file("other.parquet"), file("least.parquet"));
        let mut writer = Writer::create(&rows, &columns, &["c0".to_owned()]).expect("a table");
        let invalid = vec![Value::Invalid(" 1,000 ".into()); kinds.len()];
        for row in [vec![Value::Null; kinds.len()], invalid] {
            found.see(&columns, &row);
            writer.push(&row).expect("a row");
        }
        writer.finish().expect("a table");
        let written = found
            .write((&rows, other.clone(), least.clone()), &columns, &["c0".to_owned()])
            .expect("a table");
        let written = written.expect("there are some");
        assert_eq!((written.cells.len(), &written.least), (kinds.len(), &Some(least.clone())));
        assert_eq!((written.cells[3].column.as_str(), written.cells[3].text.as_str()), ("c3", "1,000"));
        let read = |file| Reader::open(file).expect("a table").next().expect("a batch").expect("rows");
        let (great, small) = (read(&other), read(&least));
        for (at, column) in great.columns().iter().enumerate() {
            assert_eq!((great.value(0, at), small.value(0, at)), (Value::Null, Value::Null), "{column:?}");
            assert_ne!(great.value(1, at), Value::Null, "{column:?}");
            assert_ne!(small.value(1, at), Value::Null, "{column:?}");
            assert_ne!(great.value(1, at), small.value(1, at), "{column:?}");
        }
    }

    #[test]
    fn a_cell_is_named_by_what_stood_in_its_place() {
        let cell = |column: &str, text: &str, stand_in: &str| InvalidCell {
            column: column.into(),
            text: text.into(),
            stand_in: Some(stand_in.into()),
            least: Some(format!("-{stand_in}")),
        };
        let cells =
            vec![cell("mrr", "1,000", "77"), cell("mrr", "n/a", "78"), cell("start", "soon", "2200-01-01")];
        let of = |cells| InvalidCells { file: PathBuf::new(), least: None, cells };
        let (one, other) = (of(cells), of(vec![cell("fee", "?", "78")]));
        let cells = Cells::of([(&"accounts".to_owned(), &one), (&"users".to_owned(), &other)]);
        let check = |text: Option<&str>, columns: &str, texts: &str| {
            assert_eq!(cells.about(text), &About { columns: columns.into(), texts: texts.into() });
        };
        check(Some("77"), "accounts.mrr", "1,000");
        check(Some("-77"), "accounts.mrr", "1,000");
        // Two have it.
        check(Some("78"), "accounts.mrr, accounts.start, users.fee", "1,000, ?, n/a, …");
        check(Some("155"), "accounts.mrr, accounts.start, users.fee", "1,000, ?, n/a, …");
        check(None, "accounts.mrr, accounts.start, users.fee", "1,000, ?, n/a, …");
    }
}
