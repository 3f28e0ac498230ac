//! A ticket's tags, which decide what may be done with it: those that can be read, and whether these are all.

use std::ops::Deref;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::error::undecodable;
use super::{Ticket, ZendeskError};

impl Ticket {
    /// Its tags, where all of them can be read; otherwise `FailureKind::Unreadable`.
    pub fn known_tags(&self) -> Result<&[String], ZendeskError> {
        if self.tags.are_known {
            return Ok(&self.tags);
        }
        let why = serde_json::Error::custom("the ticket's tags cannot be read");
        Err(undecodable("GET /api/v2/tickets/{id}", why))
    }
}

/// A ticket's tags, as far as they can be read: for a decision, see [`Ticket::known_tags`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tags {
    tags: Vec<String>,
    /// False where the ticket came without tags, or with some that cannot be read: then it may have any.
    are_known: bool,
}

impl Deref for Tags {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.tags
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Some(values) = Option::<Vec<serde_json::Value>>::deserialize(from)? else {
            return Ok(Self::default());
        };
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let tags: Vec<String> = values.iter().filter_map(text).collect();
        Ok(Self { are_known: tags.len() == values.len(), tags })
    }
}
