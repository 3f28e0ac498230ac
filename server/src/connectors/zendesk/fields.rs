//! Custom fields of users and organizations: which there are, and how one is made. Admins only.
//! Docs: "User Fields", "Organization Fields". Traps: a key is taken for ever by a deleted field's values; triggers name a
//! key in lower case.

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::calls::{BUILDS, member_of};
use super::types::{or_default, yes, yes_unless_false};
use super::{Records, ZendeskClient, ZendeskError};
use crate::connectors::{Repeat, Rows};

const LIST_USERS: &str = "GET /api/v2/user_fields";
const LIST_ORGANIZATIONS: &str = "GET /api/v2/organization_fields";
const CREATE_USERS: &str = "POST /api/v2/user_fields";
const CREATE_ORGANIZATIONS: &str = "POST /api/v2/organization_fields";
const OPTION_USERS: &str = "POST /api/v2/user_fields/{id}/options";
const OPTION_ORGANIZATIONS: &str = "POST /api/v2/organization_fields/{id}/options";

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    Checkbox,
    Date,
    Decimal,
    /// One of its options, by the option's tag.
    Dropdown,
    Integer,
    /// The id of another record.
    Lookup,
    /// Some of its options.
    Multiselect,
    /// Text that an expression allows.
    Regexp,
    Text,
    Textarea,
    /// A kind that Zendesk added later.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A field of users or of organizations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CustomField {
    #[serde(default)]
    pub id: Option<u64>,
    /// The key in `user_fields` or `organization_fields`.
    pub key: String,
    /// What agents read.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: FieldKind,
    /// False when an admin switched it off.
    #[serde(default = "yes", deserialize_with = "yes_unless_false")]
    pub active: bool,
    /// Zendesk's own; its values are not ours to write.
    #[serde(default, deserialize_with = "or_default")]
    pub system: bool,
    /// Of a dropdown or multiselect.
    #[serde(rename = "custom_field_options", default, deserialize_with = "or_default")]
    pub options: Vec<FieldOption>,
    /// A checkbox that is set adds this tag to the user.
    #[serde(default)]
    pub tag: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: Option<DateTime<Utc>>,
}

/// An option of a dropdown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldOption {
    /// Triggers name it by this.
    #[serde(default)]
    pub id: Option<u64>,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The tag: what is written and read as the field's value.
    pub value: String,
}

/// A field to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewField {
    /// Letters, digits and `_`, not only digits.
    pub key: String,
    /// What agents read.
    pub title: String,
    pub kind: FieldKind,
    /// Name and tag of each option, in this order.
    pub options: Vec<(String, String)>,
}

impl ZendeskClient {
    /// The account's user fields.
    pub async fn user_fields(&self) -> Result<Rows<CustomField>, ZendeskError> {
        self.custom_fields(Records::Users).await
    }

    /// The fields of users or of organizations.
    pub async fn custom_fields(&self, records: Records) -> Result<Rows<CustomField>, ZendeskError> {
        match records {
            Records::Users => self.all(LIST_USERS, self.url("/api/v2/user_fields"), "user_fields").await,
            Records::Organizations => {
                let url = self.url("/api/v2/organization_fields");
                self.all(LIST_ORGANIZATIONS, url, "organization_fields").await
            }
        }
    }

    /// Makes a field. Not repeatable: where the answer is lost, or the key is taken, list the fields.
    pub async fn create_field(
        &self,
        records: Records,
        field: &NewField,
    ) -> Result<CustomField, ZendeskError> {
        let (call, path, member) = match records {
            Records::Users => (CREATE_USERS, "/api/v2/user_fields", "user_field"),
            Records::Organizations => {
                (CREATE_ORGANIZATIONS, "/api/v2/organization_fields", "organization_field")
            }
        };
        let mut body = json!({ "key": field.key, "title": field.title, "type": field.kind });
        if !field.options.is_empty() {
            let option = |(name, value): &(String, String)| json!({ "name": name, "value": value });
            body["custom_field_options"] = field.options.iter().map(option).collect();
        }
        let request = self.request(Method::POST, self.url(path)).json(&json!({ member: body }));
        let answer = self.authorized(call, Repeat::Never, request.build().expect(BUILDS)).await?;
        member_of(call, &answer, member)
    }

    /// Adds an option to a dropdown, or renames the one with this tag. The others stay, which a change of the whole list is not
    /// sure to do: options that it leaves out are taken from every record.
    pub async fn set_option(
        &self,
        records: Records,
        key: &str,
        (name, tag): (&str, &str),
    ) -> Result<(), ZendeskError> {
        let (call, list) = match records {
            Records::Users => (OPTION_USERS, "user_fields"),
            Records::Organizations => (OPTION_ORGANIZATIONS, "organization_fields"),
        };
        let body = json!({ "custom_field_option": { "name": name, "value": tag } });
        let url = self.url(&format!("/api/v2/{list}/{key}/options"));
        self.write(call, Method::POST, url, Repeat::Safe, &body).await
    }
}
