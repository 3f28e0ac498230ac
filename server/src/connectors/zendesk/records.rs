//! Users and organizations as rows of an export or of a look-up: what a sync needs of them, values of custom fields as they are.
//! Read row by row; a row whose address, key or state cannot be read is lost, not changed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::calls::{PAGE, rows_by};
use super::types::{or_default, yes, yes_unless_false};
use super::{Role, UserId, ZendeskClient, ZendeskError};
use crate::connectors::{Careful, FailureKind, Lenient, Rows, VendorError};

/// How the rows of a sync are read: what decides whom a row belongs to, or what it holds, costs the row.
pub(super) const SYNCED: Lenient = Lenient {
    vendor: "zendesk",
    careful: &[
        ("email", Careful::CostsRow),
        ("external_id", Careful::CostsRow),
        ("organization_id", Careful::CostsRow),
        ("active", Careful::CostsRow),
        ("suspended", Careful::CostsRow),
        ("user_fields", Careful::CostsRow),
        ("organization_fields", Careful::CostsRow),
        ("domain_names", Careful::CostsRow),
        ("deleted_at", Careful::CostsRow),
        ("value", Careful::CostsRow),
        ("type", Careful::CostsRow),
        ("primary", Careful::CostsRow),
        ("verified", Careful::CostsRow),
    ],
};

/// What a sync reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    Users,
    Organizations,
}

impl Records {
    /// As addresses and answers name them.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Organizations => "organizations",
        }
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct UserRow {
    pub id: UserId,
    /// Primary address. Zendesk keeps it in lower case.
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub role: Role,
    #[serde(default, deserialize_with = "text_or_number")]
    pub external_id: Option<String>,
    #[serde(default)]
    pub organization_id: Option<u64>,
    #[serde(default, deserialize_with = "or_default")]
    pub suspended: bool,
    /// False for deleted users.
    #[serde(default = "yes", deserialize_with = "yes_unless_false")]
    pub active: bool,
    pub updated_at: DateTime<Utc>,
    /// By field key.
    #[serde(default, deserialize_with = "or_default")]
    pub user_fields: BTreeMap<String, Value>,
}

/// An organization.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct OrganizationRow {
    pub id: u64,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "text_or_number")]
    pub external_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub domain_names: Vec<String>,
    pub updated_at: DateTime<Utc>,
    /// When it was deleted.
    #[serde(default)]
    pub deleted_at: Option<DateTime<Utc>>,
    /// By field key.
    #[serde(default, deserialize_with = "or_default")]
    pub organization_fields: BTreeMap<String, Value>,
}

/// An address or a number that a user is known by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Identity {
    pub user_id: UserId,
    /// Like `email` or `phone_number`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub value: String,
    #[serde(default, deserialize_with = "or_default")]
    pub primary: bool,
    /// `None`: Zendesk does not say.
    #[serde(default)]
    pub verified: Option<bool>,
}

const SHOW_USERS: &str = "GET /api/v2/users/show_many";
const SHOW_ORGANIZATIONS: &str = "GET /api/v2/organizations/show_many";
const USER_IDENTITIES: &str = "GET /api/v2/users/{id}/identities";
/// What is asked for beside users, and the member of the answer that holds it.
pub(super) const IDENTITIES: &str = "identities";

impl ZendeskClient {
    /// Users by id, in no order; unknown ones are missing. Any number: asked for by the hundred.
    pub async fn user_rows(&self, ids: &[UserId]) -> Result<Rows<UserRow>, ZendeskError> {
        let ids: Vec<u64> = ids.iter().map(|id| id.0).collect();
        self.shown(SHOW_USERS, Records::Users, &ids).await
    }

    /// The same for organizations.
    pub async fn organization_rows(&self, ids: &[u64]) -> Result<Rows<OrganizationRow>, ZendeskError> {
        self.shown(SHOW_ORGANIZATIONS, Records::Organizations, ids).await
    }

    async fn shown<T: DeserializeOwned>(
        &self,
        call: &'static str,
        records: Records,
        ids: &[u64],
    ) -> Result<Rows<T>, ZendeskError> {
        let (mut rows, mut hundreds) = (Rows::default(), Hundreds::of(ids));
        let path = format!("/api/v2/{}/show_many", records.plural());
        while let Some((chunk, named)) = hundreds.next() {
            match self.body(call, self.url_with(&path, &[("ids", &named)])).await {
                Err(error) if hundreds.halves(chunk, &error) => {}
                body => rows.extend(rows_by(&SYNCED, call, &mut body?, records.plural())?),
            }
        }
        Ok(rows)
    }

    /// These users, at most a hundred; with their addresses and numbers, where Zendesk adds them.
    async fn users_beside_identities(&self, ids: &str) -> Result<Map<String, Value>, ZendeskError> {
        let query = [("ids", ids), ("include", IDENTITIES)];
        self.body(SHOW_USERS, self.url_with("/api/v2/users/show_many", &query)).await
    }

    /// At most a hundred users with all their addresses and numbers, in no order; unknown ones are missing. `None`: Zendesk adds no
    /// addresses to its answer.
    pub async fn users_with_identities(
        &self,
        ids: &[u64],
    ) -> Result<Option<(Rows<UserRow>, Rows<Identity>)>, ZendeskError> {
        let (mut users, mut identities, mut hundreds) = (Rows::default(), Rows::default(), Hundreds::of(ids));
        while let Some((chunk, named)) = hundreds.next() {
            let mut body = match self.users_beside_identities(&named).await {
                Err(error) if hundreds.halves(chunk, &error) => continue,
                body => body?,
            };
            if !body.contains_key(IDENTITIES) {
                return Ok(None);
            }
            users.extend(rows_by(&SYNCED, SHOW_USERS, &mut body, Records::Users.plural())?);
            identities.extend(rows_by(&SYNCED, SHOW_USERS, &mut body, IDENTITIES)?);
        }
        Ok(Some((users, identities)))
    }

    /// All addresses and numbers of users, with the primary ones. Asked for with the users, by the hundred; where Zendesk does
    /// not add them there, one user after the other.
    pub async fn identities(&self, users: &[UserId]) -> Result<Rows<Identity>, ZendeskError> {
        let ids: Vec<u64> = users.iter().map(|id| id.0).collect();
        let (mut rows, mut hundreds) = (Rows::default(), Hundreds::of(&ids));
        while let Some((chunk, named)) = hundreds.next() {
            let mut body = match self.users_beside_identities(&named).await {
                Err(error) if hundreds.halves(chunk, &error) => continue,
                body => body?,
            };
            if body.contains_key(IDENTITIES) {
                rows.extend(rows_by(&SYNCED, SHOW_USERS, &mut body, IDENTITIES)?);
                continue;
            }
            for id in chunk {
                let url = self.url(&format!("/api/v2/users/{id}/identities"));
                match self.all_by(&SYNCED, USER_IDENTITIES, url, IDENTITIES).await {
                    Err(error) if error.is(FailureKind::NotFound) => {} // deleted meanwhile
                    found => rows.extend(found?),
                }
            }
        }
        Ok(rows)
    }
}

/// Ids by the hundred, as one call takes them; fewer where the answer is larger than we take.
pub(super) struct Hundreds<'a>(Vec<&'a [u64]>);

impl<'a> Hundreds<'a> {
    pub(super) fn of(ids: &'a [u64]) -> Self {
        Self(ids.chunks(PAGE).rev().collect())
    }

    /// The next ids, and how a call names them.
    pub(super) fn next(&mut self) -> Option<(&'a [u64], String)> {
        let chunk = self.0.pop()?;
        Some((chunk, chunk.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")))
    }

    /// Whether to go on with both halves of what was asked for.
    pub(super) fn halves(&mut self, chunk: &'a [u64], error: &ZendeskError) -> bool {
        let is_too_large = error.is(FailureKind::TooLarge) && chunk.len() > 1;
        if is_too_large {
            let (first, rest) = chunk.split_at(chunk.len() / 2);
            self.0.extend([rest, first]);
        }
        is_too_large
    }
}

/// A key that other systems gave. Some give numbers.
fn text_or_number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        _ => Err(serde::de::Error::custom("neither text nor number")),
    }
}
