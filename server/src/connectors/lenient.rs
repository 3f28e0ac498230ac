//! Reads a vendor's answer row by row and field by field. A field of an odd type costs that field, a row that lacks what it
//! needs costs that row; never the list. Both are counted and logged, without content. Knows no vendor.
//! **Invariant:** what is lost is remembered, so that nobody takes an unreadable row for an absent one.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// More unreadable places than this in one row cost the row.
const MOST_PLACES: usize = 100;

/// How one vendor's answers are read.
#[derive(Debug, Clone, Copy)]
pub struct Lenient {
    /// For metrics and logs.
    pub vendor: &'static str,
    /// Fields whose default would permit something, with what they read as when they are unreadable. All others read as if
    /// they were absent.
    pub careful: &'static [(&'static str, Careful)],
}

/// What an unreadable field reads as.
#[derive(Debug, Clone, Copy)]
pub enum Careful {
    Flag(bool),
    Text(&'static str),
    /// Nothing: the row cannot be read without it.
    CostsRow,
}

/// A list as far as it can be read.
#[derive(Debug, Clone)]
pub struct Rows<T> {
    readable: Vec<T>,
    lost: Vec<LostRow>,
    parts: Vec<LostRow>,
    cut_off: bool,
}

/// A row that cannot be read.
#[derive(Debug, Clone)]
pub struct LostRow {
    /// The list that it belongs to, like `comments` or, inside of one, `attachments`.
    pub list: String,
    /// What came. May hold personal data: never log it.
    pub row: Value,
    /// Why it cannot be read.
    pub why: Arc<serde_json::Error>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { readable: Vec::new(), lost: Vec::new(), parts: Vec::new(), cut_off: false }
    }
}

impl<T> Rows<T> {
    /// Rows that cannot be read.
    pub fn lost(&self) -> &[LostRow] {
        &self.lost
    }

    /// Rows of lists inside readable rows that cannot be read.
    pub fn lost_parts(&self) -> &[LostRow] {
        &self.parts
    }

    /// Whether more rows exist than were read.
    pub const fn is_cut_off(&self) -> bool {
        self.cut_off
    }

    /// Remembers that more rows exist.
    #[must_use]
    pub fn cut_off(self) -> Self {
        Self { cut_off: true, ..self }
    }

    /// Remembers a part that cannot be read.
    pub fn lose_part(&mut self, list: &str, row: Value, why: &str) {
        self.parts.push(LostRow {
            list: list.to_owned(),
            row,
            why: Arc::new(serde_json::Error::custom(why)),
        });
    }

    /// What was not found here is nowhere: an error where some rows could not be read, or were not, and one of them may be it.
    pub fn proves_absence(&self) -> Result<(), Arc<serde_json::Error>> {
        if self.cut_off {
            return Err(Arc::new(serde_json::Error::custom("the list is longer than what was read of it")));
        }
        self.lost.first().map_or(Ok(()), |lost| Err(Arc::clone(&lost.why)))
    }

    /// Only the rows that are meant; an error where none of them is, and one that could not be read may be.
    pub fn only(mut self, is_meant: impl Fn(&T) -> bool) -> Result<Vec<T>, Arc<serde_json::Error>> {
        self.readable.retain(is_meant);
        if self.readable.is_empty() {
            self.proves_absence()?;
        }
        Ok(self.readable)
    }

    /// The rows, and no word of those that are lost.
    pub fn into_readable(self) -> Vec<T> {
        self.readable
    }

    /// Changes or leaves out readable rows.
    #[must_use]
    pub fn filter_map<U>(self, change: impl FnMut(T) -> Option<U>) -> Rows<U> {
        let Self { readable, lost, parts, cut_off } = self;
        Rows { readable: readable.into_iter().filter_map(change).collect(), lost, parts, cut_off }
    }

    /// Adds the next page.
    pub fn extend(&mut self, more: Self) {
        self.readable.extend(more.readable);
        self.lost.extend(more.lost);
        self.parts.extend(more.parts);
        self.cut_off |= more.cut_off;
    }
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.readable
    }
}

impl Lenient {
    /// One object, under the name that metrics have for it.
    pub fn object<T: DeserializeOwned>(&self, name: &str, value: Value) -> Result<T, serde_json::Error> {
        let mut odd = Odd::default();
        let read = self.row(value, &mut odd).map_err(|(_, why)| why);
        odd.tell(self.vendor, name, 0);
        read
    }

    /// A list under its name; an error where it is none.
    pub fn rows<T: DeserializeOwned>(&self, list: &str, value: Value) -> Result<Rows<T>, serde_json::Error> {
        let Value::Array(values) = value else {
            return Err(serde_json::Error::custom(format_args!("`{list}` is not a list")));
        };
        let (mut rows, mut odd) = (Rows::default(), Odd::default());
        for value in values {
            match self.row(value, &mut odd) {
                Ok(row) => rows.readable.push(row),
                Err((row, why)) => {
                    rows.lost.push(LostRow { list: list.to_owned(), row, why: Arc::new(why) });
                }
            }
        }
        odd.tell(self.vendor, list, rows.lost.len());
        rows.parts = odd.parts;
        Ok(rows)
    }

    /// Takes away what cannot be read, one place after the other, until the rest can be read or has lost what it needs.
    fn row<T: DeserializeOwned>(
        &self,
        mut value: Value,
        odd: &mut Odd,
    ) -> Result<T, (Value, serde_json::Error)> {
        let mut why = match T::deserialize(&value) {
            Ok(row) => return Ok(row),
            Err(why) => why,
        };
        for _ in 0..MOST_PLACES {
            let error = match serde_path_to_error::deserialize(&value) {
                Ok(row) => return Ok(row),
                Err(error) => error,
            };
            let mended = self.mend(&mut value, error.path(), odd, error.inner());
            why = error.into_inner();
            if !mended {
                break;
            }
        }
        Err((value, why))
    }

    /// False where nothing less than the row can be taken away.
    fn mend(&self, value: &mut Value, path: &Path, odd: &mut Odd, why: &serde_json::Error) -> bool {
        let mut steps: Vec<Step> = path.iter().map_while(Step::of).collect();
        // An absent field is reported where it should be, or in what should have it.
        while !steps.is_empty() && step_into(value, &steps).is_none() {
            steps.pop();
        }
        let Some(place) = steps.pop() else { return false };
        let list = steps.iter().rev().find_map(Step::key).unwrap_or_default().to_owned();
        match (step_into(value, &steps), place) {
            (Some(Value::Object(object)), Step::Key(field)) => {
                let instead = match self.careful.iter().find(|(name, _)| *name == field) {
                    Some((_, Careful::CostsRow)) => return false,
                    Some((_, Careful::Flag(flag))) => Some(Value::from(*flag)),
                    Some((_, Careful::Text(text))) => Some(Value::from(*text)),
                    None => None,
                };
                match instead.filter(|instead| object[&field] != *instead) {
                    Some(instead) => drop(object.insert(field.clone(), instead)),
                    None => drop(object.remove(&field)),
                }
                odd.field(&field);
                true
            }
            (Some(Value::Array(array)), Step::Index(index)) => {
                let row = array.remove(index);
                let why = Arc::new(serde_json::Error::custom(why));
                odd.field(&list);
                odd.parts.push(LostRow { list, row, why });
                true
            }
            _ => false,
        }
    }
}

enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    fn of(segment: &Segment) -> Option<Self> {
        match segment {
            Segment::Map { key } => Some(Self::Key(key.clone())),
            Segment::Seq { index } => Some(Self::Index(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        }
    }

    fn key(&self) -> Option<&str> {
        if let Self::Key(key) = self { Some(key) } else { None }
    }
}

fn step_into<'a>(value: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

/// What could not be read in one answer.
#[derive(Default)]
struct Odd {
    fields: BTreeMap<String, u64>,
    parts: Vec<LostRow>,
}

impl Odd {
    /// The names are those of our own types, so they are few and hold nothing personal.
    fn field(&mut self, name: &str) {
        *self.fields.entry(name.to_owned()).or_default() += 1;
    }

    fn tell(&self, vendor: &'static str, list: &str, lost_rows: usize) {
        if self.fields.is_empty() && lost_rows == 0 {
            return;
        }
        let count = |field: &str, times: u64| {
            let (list, field) = (list.to_owned(), field.to_owned());
            metrics::counter!("deskside_vendor_rows_odd_total", "vendor" => vendor, "list" => list, "field" => field)
                .increment(times);
        };
        self.fields.iter().for_each(|(field, times)| count(field, *times));
        if lost_rows > 0 {
            count("", lost_rows as u64);
        }
        let fields: Vec<_> = self.fields.iter().map(|(field, times)| format!("{field} ({times})")).collect();
        let fields = fields.join(", ");
        if lost_rows > 0 {
            tracing::warn!(
                vendor,
                list,
                fields,
                lost_rows,
                "{lost_rows} rows of `{list}` cannot be read and are left out"
            );
        } else {
            tracing::info!(vendor, list, fields, "fields of `{list}` cannot be read: {fields}");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    const LENIENT: Lenient = Lenient {
        vendor: "test",
        careful: &[
            ("blocked", Careful::Flag(true)),
            ("scan", Careful::Text("pending")),
            ("all", Careful::CostsRow),
        ],
    };

    #[derive(Debug, Clone, PartialEq, Deserialize)]
    struct Row {
        id: u64,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        blocked: bool,
        #[serde(default)]
        scan: Option<String>,
        #[serde(default)]
        all: String,
        #[serde(default)]
        files: Vec<File>,
    }

    #[derive(Debug, Clone, PartialEq, Deserialize)]
    struct File {
        id: u64,
    }

    /// check(one row as it comes, what is read of it, how many of its files are lost)
    #[track_caller]
    fn check(row: &Value, expected: Option<&str>, lost_files: usize) {
        let list = json!([{"id": 1}, row, {"id": 3}]);
        let read: Rows<Row> = LENIENT.rows("rows", list).expect("a list");
        let first_and_last = (read.first().map(|row| row.id), read.last().map(|row| row.id));
        assert_eq!(first_and_last, (Some(1), Some(3)), "{row}");
        let shown = (read.len() == 3).then(|| {
            let Row { id, name, blocked, scan, files, .. } = &read[1];
            format!(
                "{id} {name:?} {blocked} {scan:?} {:?}",
                files.iter().map(|file| file.id).collect::<Vec<_>>()
            )
        });
        assert_eq!(shown.as_deref(), expected, "{row}");
        assert_eq!(
            (read.lost().len(), read.lost_parts().len()),
            (usize::from(expected.is_none()), lost_files)
        );
    }

    #[test]
    fn an_odd_field_costs_the_field_and_an_odd_row_the_row() {
        check(&json!({"id": 2, "name": "a"}), Some(r#"2 Some("a") false None []"#), 0);
        check(&json!({"id": 2, "name": -1}), Some("2 None false None []"), 0);
        check(&json!({"id": 2, "name": [], "blocked": "x"}), Some("2 None true None []"), 0);
        check(&json!({"id": 2, "scan": 7}), Some(r#"2 None false Some("pending") []"#), 0);
        check(&json!({"id": -1, "name": "a"}), None, 0);
        check(&json!({"name": "a"}), None, 0);
        check(&json!("text"), None, 0);
        check(&Value::Null, None, 0);
        check(&json!({"id": 2, "all": 5}), None, 0);
        check(
            &json!({"id": 2, "files": [{"id": 5}, {"id": "x"}, 7, {"id": 6}]}),
            Some("2 None false None [5, 6]"),
            2,
        );
        check(&json!({"id": 2, "files": -1}), Some("2 None false None []"), 0);
    }

    #[test]
    fn a_row_with_more_odd_places_than_anybody_makes_is_lost_and_nothing_else() {
        let files: Vec<_> = (0..=MOST_PLACES).map(|_| json!({})).collect();
        check(&json!({"id": 2, "files": files}), None, MOST_PLACES);
    }

    #[test]
    fn what_cannot_be_read_is_not_absent() {
        let rows: Rows<Row> = LENIENT.rows("rows", json!([{"id": 1}, {"id": "2"}])).expect("a list");
        assert!(rows.clone().only(|row| row.id == 2).is_err());
        assert_eq!(rows.only(|row| row.id == 1).expect("it is there").len(), 1);
        let whole: Rows<Row> = LENIENT.rows("rows", json!([{"id": 1}])).expect("a list");
        assert_eq!(whole.only(|row| row.id == 2).expect("none was lost").len(), 0);
        assert!(LENIENT.rows::<Row>("rows", json!({"id": 1})).is_err(), "what is no list is no empty list");
    }
}
