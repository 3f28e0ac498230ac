//! Records of one object, and their ids. Docs: "ID Field Type". **Invariant:** an id is 18 characters here; callers may write its
//! first 15.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::schema::Object;

/// A record: a value for each of its object's fields.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) values: Vec<Value>,
    pub(crate) deleted: bool,
}

/// An object with its records, in the order of their ids.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) object: Object,
    pub(crate) records: BTreeMap<String, Record>,
    made: u64,
}

impl Table {
    pub(crate) const fn new(object: Object) -> Self {
        Self { object, records: BTreeMap::new(), made: 0 }
    }

    /// The record with this id, 15 or 18 characters long; deleted ones too.
    pub(crate) fn get(&self, id: &str) -> Option<&Record> {
        self.records.get(&*whole_id(id))
    }

    /// Adds a record with these values; its id.
    pub(crate) fn add(&mut self, values: &[(&str, Value)], now: DateTime<Utc>) -> String {
        self.made += 1;
        let id = id(self.object.prefix, self.made);
        let mut record = Record { values: vec![Value::Null; self.object.fields.len()], deleted: false };
        for (place, field) in self.object.fields.iter().enumerate() {
            if field.kind == super::schema::Kind::Boolean {
                record.values[place] = json!(false);
            }
        }
        let at = json!(stamp(now));
        let system = [
            ("Id", json!(id)),
            ("CreatedDate", at.clone()),
            ("LastModifiedDate", at.clone()),
            ("SystemModstamp", at),
        ];
        for (name, value) in system.iter().chain(values) {
            if let Some(place) = self.object.place(name) {
                record.values[place] = value.clone();
            }
        }
        self.name(&mut record);
        self.records.insert(id.clone(), record);
        id
    }

    /// Changes a record; whether there is one with this id.
    pub(crate) fn change(&mut self, id: &str, values: &[(&str, Value)], now: DateTime<Utc>) -> bool {
        let Some(mut record) = self.get(id).cloned() else { return false };
        let at = json!(stamp(now));
        let system = [("LastModifiedDate", at.clone()), ("SystemModstamp", at)];
        for (name, value) in values.iter().chain(&system) {
            if let Some(place) = self.object.place(name) {
                record.values[place] = value.clone();
            }
        }
        self.name(&mut record);
        self.records.insert(whole_id(id), record);
        true
    }

    /// Puts a record into the recycle bin, or out of it; whether there is one with this id.
    pub(crate) fn delete(&mut self, id: &str, now: DateTime<Utc>) -> bool {
        let known = self.change(id, &[("IsDeleted", json!(true))], now);
        if let Some(record) = self.records.get_mut(&whole_id(id)) {
            record.deleted = true;
        }
        known
    }

    /// The value of a field; nothing where there is no such field.
    pub(crate) fn value<'a>(&self, record: &'a Record, name: &str) -> &'a Value {
        self.object.place(name).and_then(|place| record.values.get(place)).unwrap_or(&Value::Null)
    }

    /// A person's name is made of its parts.
    fn name(&self, record: &mut Record) {
        let (Some(place), Some(_)) = (self.object.place("Name"), self.object.place("LastName")) else {
            return;
        };
        let part = |name: &str| self.value(record, name).as_str().map(str::to_owned);
        let parts: Vec<String> = [part("FirstName"), part("LastName")].into_iter().flatten().collect();
        record.values[place] = json!(parts.join(" "));
    }
}

/// A moment as Salesforce writes it: `2011-07-07T00:37:00.000+0000`.
pub(crate) fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

/// The id of the record that was made as the `number`th.
pub(crate) fn id(prefix: &str, number: u64) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut left = number;
    let mut end = [b'0'; 5];
    for digit in end.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(left % 62).unwrap_or_default()];
        left /= 62;
    }
    whole_id(&format!("{prefix}5g00000{}", String::from_utf8_lossy(&end)))
}

/// 15 characters with the three that tell upper from lower case; anything else as it is.
pub(crate) fn whole_id(id: &str) -> String {
    if id.len() != 15 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return id.to_owned();
    }
    let letter = |five: &[u8]| {
        let upper = five.iter().enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[upper.map(|(at, _)| 1_usize << at).sum::<usize>()])
    };
    id.chars().chain(id.as_bytes().chunks(5).map(letter)).collect()
}

/// Whether two ids, of 15 or 18 characters, are of the same record.
pub(crate) fn same_id(one: &str, other: &str) -> bool {
    whole_id(one) == whole_id(other)
}

#[cfg(test)]
mod tests {
    use super::{same_id, whole_id};

    #[test]
    fn fifteen_characters_become_the_eighteen_that_were_recorded() {
        for whole in ["0013h00000Ffg18AAB", "0013h00000Ffg1AAAR", "0015500001QdQWfAAN", "0067e00000K8i71AAB"]
        {
            assert_eq!(whole_id(&whole[..15]), whole);
            assert!(same_id(whole, &whole[..15]));
        }
        assert_eq!(whole_id("short"), "short");
    }
}
