//! JSON lines: an object in each line. Docs: <https://jsonlines.org>. The columns are the keys of all objects, in the order in which
//! they first appear; numbers keep all their digits, objects and arrays stay JSON. Trap: programs write `NaN` and `Infinity`,
//! which JSON does not have (Python's `json.dumps` does).

use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read};

use engine::{Column, Type, Value};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::encoding::Text;
use super::error::{FILES, FileProblem, cannot_read};
use super::guess::{Guess, columns};
use super::not_finite::{WithoutNotFinite, without_not_finite, word};
use super::place::Opened;
use super::separated::cell as text_cell;
use super::settings::ReadFile;
use super::value::{invalid, name_of, read as read_value};
use super::{ReadError, RowBatch, decoded};
use crate::connectors::cells::{Batcher, COLUMN_LIMIT, Cell, ROW_LIMIT, column_names};
use crate::connectors::rows::{Content, Oddity};

/// A value of an object, as it is written, and what was odd about it.
struct Member {
    key: String,
    raw: Box<RawValue>,
    oddity: Option<Oddity>,
}

/// What was seen in a column.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "a column can hold all of them")]
struct Seen {
    guess: Guess,
    text: bool,
    number: bool,
    boolean: bool,
    json: bool,
}

impl Seen {
    fn see(&mut self, raw: &str) {
        match raw.as_bytes().first() {
            None | Some(b'n') => {}
            Some(b'"') => {
                self.text = true;
                self.guess.see_text(&serde_json::from_str::<String>(raw).unwrap_or_default());
            }
            Some(b't' | b'f') => {
                self.boolean = true;
                self.guess.see_boolean();
            }
            Some(b'{' | b'[') => self.json = true,
            Some(_) => {
                self.number = true;
                self.guess.see_json_number(raw);
            }
        }
    }

    fn kind(&self) -> Type {
        if self.json {
            return Type::Json;
        }
        match (self.text, self.number, self.boolean) {
            (false, true, false) => self.guess.json_kind(),
            (false, false, _) | (true, false, false) => self.guess.kind(),
            _ => Type::Text,
        }
    }
}

/// Reads all of a file; answers its columns, and their keys as they are written.
pub(super) fn plan(
    opened: &mut Opened,
    text: &Text,
    read: &ReadFile,
) -> Result<(Vec<Column>, Vec<String>), ReadError> {
    let name = opened.name.clone();
    let mut keys: Vec<String> = Vec::new();
    let mut seen: Vec<Seen> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    lines(decoded(opened, text)?, &name, &mut |_, object| {
        for Member { key, raw, .. } in object {
            let at = places.get(&key).copied().unwrap_or_else(|| {
                places.insert(key.clone(), keys.len());
                keys.push(key);
                seen.push(Seen::default());
                keys.len() - 1
            });
            seen[at].see(raw.get());
        }
        if keys.len() > COLUMN_LIMIT {
            let content = Content::TooManyColumns { found: keys.len(), limit: COLUMN_LIMIT };
            return Err(ReadError::Content { vendor: &FILES, content });
        }
        Ok(true)
    })?;
    if keys.is_empty() {
        return Err(FileProblem::Empty { name }.into());
    }
    let names = column_names(&keys).map_err(|content| ReadError::Content { vendor: &FILES, content })?;
    let columns = columns(&name, names, seen.iter().map(Seen::kind), &read.types)?;
    Ok((columns, keys))
}

/// Sends every row.
pub(super) fn rows(
    from: impl Read,
    name: &str,
    keys: &[String],
    columns: &[Column],
    replaces: bool,
    batcher: &mut Batcher,
    send: &mut dyn FnMut(RowBatch) -> bool,
) -> Result<(), ReadError> {
    let places: HashMap<&str, usize> = keys.iter().enumerate().map(|(at, key)| (key.as_str(), at)).collect();
    lines(from, name, &mut |line, object| {
        let mut cells: Vec<Cell> = columns.iter().map(|_| Cell::NULL).collect();
        for Member { key, raw, oddity } in object {
            let Some(at) = places.get(key.as_str()) else {
                return Err(FileProblem::Changed { name: name.to_owned() }.into());
            };
            let column = &columns[*at];
            let cell = cell(raw.get(), column, replaces).ok_or_else(|| FileProblem::Type {
                name: name.to_owned(),
                line,
                column: column.name.clone(),
                expected: name_of(column.kind),
            })?;
            cells[*at] = match oddity {
                Some(oddity) if cell.value == Value::Null => Cell::odd(oddity, word(oddity)),
                _ => Cell { oddity: oddity.or(cell.oddity), ..cell },
            };
        }
        Ok(batcher.push(cells)?.is_none_or(&mut *send))
    })
}

/// An empty string is a text here, and null is written as null.
fn cell(raw: &str, column: &Column, replaces: bool) -> Option<Cell> {
    match (raw.as_bytes().first()?, column.kind) {
        (b'n', _) => Some(Cell::NULL),
        (_, Type::Json) => Some(Cell::of(Value::Json(raw.to_owned().into()))),
        (b'"', kind) => {
            let text: String = serde_json::from_str(raw).ok()?;
            match kind {
                Type::Text if text.is_empty() => Some(Cell::of(Value::Text("".into()))),
                Type::Text => text_cell(&text, column, replaces),
                _ => read_value(&text, kind).or_else(|| invalid(&text, kind)),
            }
        }
        // `-0` is a number, `1.0` is no integer, and `true` is not the number 1.
        (b't' | b'f', kind) if !matches!(kind, Type::Boolean | Type::Text) => invalid(raw, kind),
        (_, kind) => read_value(raw, kind).or_else(|| invalid(raw, kind)),
    }
}

/// Calls for every object with its line, from 1, until the answer is no. Empty lines are passed over.
fn lines(
    from: impl Read,
    name: &str,
    take: &mut dyn FnMut(u64, Vec<Member>) -> Result<bool, ReadError>,
) -> Result<(), ReadError> {
    let mut reader = BufReader::with_capacity(64 * 1024, from);
    let (mut line, mut bytes) = (0, Vec::new());
    loop {
        bytes.clear();
        line += 1;
        let mut limited = reader.by_ref().take(ROW_LIMIT as u64 + 1);
        let read = limited.read_until(b'\n', &mut bytes).map_err(|cause| cannot_read(name, cause))?;
        if read == 0 {
            return Ok(());
        }
        if read > ROW_LIMIT {
            return Err(FileProblem::LineTooLarge { name: name.to_owned(), line, limit: ROW_LIMIT }.into());
        }
        let text = bytes.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let object = object(text).ok_or_else(|| FileProblem::NotAnObject { name: name.to_owned(), line })?;
        if !take(line, object)? {
            return Ok(());
        }
    }
}

/// The members of a line's object in their order; what is no finite number is null there.
fn object(line: &[u8]) -> Option<Vec<Member>> {
    if let Ok(Object(members)) = serde_json::from_slice(line) {
        return Some(members);
    }
    let WithoutNotFinite { json, odd } = without_not_finite(line)?;
    let Object(mut members) = serde_json::from_slice(&json).ok()?;
    for (place, oddity) in odd {
        members.get_mut(place)?.oddity = Some(oddity);
    }
    Some(members)
}

/// An object as its members.
struct Object(Vec<Member>);

impl<'de> serde::Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some((key, raw)) = map.next_entry()? {
                    members.push(Member { key, raw, oddity: None });
                }
                Ok(Object(members))
            }
        }
        from.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_json_has_the_type_of_all_its_values() {
        let check = |values: &[&str], expected| {
            let mut seen = Seen::default();
            for value in values {
                seen.see(value);
            }
            assert_eq!(seen.kind(), expected, "{values:?}");
        };
        check(&["null"], Type::Text);
        check(&["1", "null", "20"], Type::Integer);
        check(&["1", "2.50"], Type::Decimal { precision: 3, scale: 2 });
        check(&["true", "false"], Type::Boolean);
        check(&[r#""1""#], Type::Text);
        check(&[r#""2026-11-30""#, "null"], Type::Date);
        check(&[r#""2026-11-30T09:00:00Z""#], Type::Timestamp);
        check(&["1", r#""x""#], Type::Text);
        check(&["1", "true"], Type::Text);
        check(&[r#"{"a":1}"#, r#""x""#], Type::Json);
    }
}
