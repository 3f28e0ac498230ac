//! What the console reads beyond what agents' pages do: maps, and whole numbers of 64 bits, exact (ADR 19). **Invariant:** in the
//! console's bundle only, and as serde would.

mod exact;

use std::collections::BTreeMap;

pub use exact::{mark, unmark};

use super::read::found;
use super::{Json, Read, whole};

impl Read for u32 {
    fn part(json: Json, readable: &mut bool) -> Self {
        found(u64::part(json, readable).try_into().ok(), readable)
    }
}

impl Read for i64 {
    fn part(json: Json, readable: &mut bool) -> Self {
        let number = match json {
            Json::Whole(number) => number.parse().ok(),
            Json::Number(number) if number < 0.0 => {
                whole(-number).and_then(|number| i64::try_from(number).ok()).map(|number| -number)
            }
            json => u64::part(json, readable).try_into().ok(),
        };
        found(number, readable)
    }
}

impl<T: Read> Read for BTreeMap<String, T> {
    fn part(json: Json, readable: &mut bool) -> Self {
        let Json::Object(members) = json else {
            *readable = false;
            return Self::new();
        };
        members.into_iter().map(|(name, value)| (name, T::part(value, readable))).collect()
    }
}

#[cfg(test)]
mod tests;
