//! What decides whose contract a card shows: the customer's ids, and what their own fields in Zendesk say. It is kept with a card, so
//! that a new copy needs no call to Zendesk. **Invariant:** no I/O and no clock.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    FieldNames, Part,
    rules::{self, LiveContract},
};
use crate::{
    connectors::zendesk::{Ticket, User},
    store::companies::Ids,
};

/// A customer, as Zendesk described them.
#[derive(Debug, Clone)]
pub(super) struct Requester {
    pub ids: Ids,
    pub tags: Vec<String>,
    /// The fields of the user that hold a contract, as far as Zendesk has them.
    pub fields: BTreeMap<String, Value>,
    pub read_at: DateTime<Utc>,
}

impl Requester {
    /// A customer, and the ticket that they are the requester of.
    pub(super) fn new(user: &User, ticket: Option<&Ticket>, names: &FieldNames, now: DateTime<Utc>) -> Self {
        // A user of several organizations has one of them in each ticket.
        let organization_id = ticket.and_then(|ticket| ticket.organization_id).or(user.organization_id);
        let parts = Part::ALL.iter().map(|part| part.field(names));
        let fields = parts.filter_map(|name| Some((name.to_owned(), user.user_fields.get(name)?.clone())));
        Self {
            ids: Ids {
                user_id: Some(user.id.0),
                emails: user.email.iter().cloned().collect(),
                external_id: user.external_id.clone(),
                organization_id,
            },
            tags: user.tags.clone(),
            fields: fields.collect(),
            read_at: now,
        }
    }

    /// The same customer with more addresses; `None`: these are all known.
    pub(super) fn with(&self, addresses: &[String]) -> Option<Self> {
        let mut emails = self.ids.emails.clone();
        emails.extend(addresses.iter().filter(|address| !self.ids.emails.contains(address)).cloned());
        let is_new = emails.len() > self.ids.emails.len();
        is_new.then(|| Self { ids: Ids { emails, ..self.ids.clone() }, ..self.clone() })
    }

    /// The contract in their own fields.
    pub(super) fn live(&self, names: &FieldNames) -> Option<LiveContract> {
        rules::from_user_fields(&self.fields, names, self.read_at)
    }
}
