//! What an integration is: from which sources, by which SQL, to which fields. The console edits it, a file holds the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An integration, without its id, name and state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// What is read; at least one.
    pub sources: Vec<Source>,
    /// What is made of it; absent: the only source as it is.
    #[serde(default)]
    pub model: Option<Model>,
    pub destination: Destination,
    pub key: Key,
    pub mapping: Vec<Mapping>,
    /// Which columns are the customer's contract that cards show; absent: none.
    #[serde(default)]
    pub contract: Option<ContractColumns>,
    /// What becomes of the mapped fields of a row that the model no longer has.
    #[serde(default)]
    pub removed: Removed,
    /// What is written where several records have a row's key.
    #[serde(default)]
    pub on_ambiguous: OnAmbiguous,
    /// What is written where somebody changed a field that an earlier run wrote.
    #[serde(default)]
    pub on_drift: OnDrift,
    #[serde(default)]
    pub schedule: Schedule,
    /// Who is told besides the company's webhook when it fails, stops or misses its runs, and when it works again; absent: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert>,
    /// For how many days a run's log and its rows are kept; 1 to 365.
    #[serde(default = "log_days")]
    pub log_days: u16,
}

const fn log_days() -> u16 {
    30
}

/// One table of the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The table's name: `[a-z][a-z0-9_]{0,40}`.
    #[serde(rename = "as")]
    pub table: String,
    /// The id of a connection.
    pub connection: String,
    pub read: Read,
    /// What a run does when this source cannot be read.
    #[serde(default)]
    pub on_failed_source: OnFailedSource,
}

/// What is read from a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Read {
    /// Zendesk's users.
    Users {},
    /// Zendesk's organizations.
    Organizations {},
    /// Zendesk's tickets, without what customers and agents wrote.
    Tickets {},
    /// Salesforce's records.
    Soql {
        soql: String,
        /// Columns that are addresses: each gets a neighbour `<name>_key` by which a model joins.
        #[serde(default)]
        emails: Vec<String>,
    },
    /// A database's rows.
    Sql {
        sql: String,
        /// As with `soql`.
        #[serde(default)]
        emails: Vec<String>,
    },
    /// A CSV or JSON lines file in the connection's folder.
    File {
        path: String,
        /// Types that are not found out from the values: `{"account_id": "integer"}`.
        #[serde(default)]
        types: BTreeMap<String, String>,
        /// `csv`, `json_lines`; found out by the file's name where it is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<FileFormat>,
        /// As the Encoding Standard labels it: `shift_jis`; found out where it is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encoding: Option<String>,
        /// Found out where it is absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delimiter: Option<char>,
        /// As with `soql`.
        #[serde(default)]
        emails: Vec<String>,
    },
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// One line of names, then rows.
    Csv,
    /// A JSON object in each line.
    JsonLines,
}

/// What is made of the sources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// One `SELECT`.
    pub sql: String,
}

/// Where rows go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// The id of a connection.
    pub connection: String,
    /// `users` or `organizations`.
    pub object: String,
    pub mode: Mode,
    /// A column of the model: the name of an organization that is made. Goes with `mode = "upsert"` where the key is not the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_name: Option<String>,
}

/// What may become of the destination's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Rows without a record are listed, and nothing is made of them.
    Update,
    /// Rows without a record make one; organizations only.
    Upsert,
    Insert,
}

/// How a row finds its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// A column of the model.
    pub column: String,
    /// `id`, `external_id`, `email` (users), `name` (organizations).
    pub field: String,
}

/// What one field gets: a column's value, or always the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// A column of the model; exactly one of this and `constant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<String>,
    /// The destination field's key.
    pub field: String,
    /// What an empty value does.
    #[serde(default)]
    pub missing: Missing,
    /// For `"missing": "default"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Applied in this order: `trim`, `lower`, `upper`, `digits`, `date`, `round(2)`, `truncate(80)`, `map{a=b,c=d}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<String>,
    /// The field is made where the destination does not have it; absent: a run without the field fails and says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create: Option<FieldToCreate>,
}

/// A field that may be made at the destination, under the mapping's `field` as its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldToCreate {
    /// `text`, `textarea`, `checkbox`, `date`, `integer`, `decimal`, `dropdown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What agents read.
    pub title: String,
    /// Of a dropdown; those that an existing one lacks are added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionToCreate>,
}

/// An option of a dropdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OptionToCreate {
    /// What agents read.
    pub name: String,
    /// The tag: what is written.
    pub value: String,
}

/// What an empty value does to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Leaves it.
    Keep,
    #[default]
    Clear,
    /// Writes `default`.
    Default,
}

/// What becomes of the mapped fields of a row that the model no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Removed {
    #[default]
    Keep,
    Clear,
}

/// What is written where several records have a row's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnAmbiguous {
    #[default]
    Skip,
    All,
    /// The one that was modified last.
    Newest,
}

/// What is written where somebody changed a field that an earlier run wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnDrift {
    #[default]
    Overwrite,
    Keep,
}

/// What a run does when a source cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnFailedSource {
    #[default]
    Stop,
    /// Takes what the last run read.
    Yesterday,
}

/// When it runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    #[default]
    Manual,
    Interval {
        /// 5, 6, 10, 12, 15, 20, 30 or 60; or 120, 180, 240, 360, 480, 720 or 1440.
        every_minutes: u16,
    },
    Daily {
        /// `09:00`, which it is where it is absent.
        #[serde(default = "nine")]
        at: String,
        /// IANA: `Europe/Berlin`.
        #[serde(default = "utc")]
        time_zone: String,
    },
    Cron {
        /// Five fields.
        cron: String,
        #[serde(default = "utc")]
        time_zone: String,
    },
}

fn nine() -> String {
    "09:00".into()
}

fn utc() -> String {
    "UTC".into()
}

/// Who is told of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// The id of the Zendesk group that gets a ticket.
    pub zendesk_group: u64,
}

/// Which columns are the customer's contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ContractColumns {
    /// Rows of their own: one for each person and company; absent: the model's rows. A person of several companies has several
    /// rows here, and one in the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Whom a row is about, by any of these.
    pub people: PeopleColumns,
    pub company_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mrr: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<OwnerColumns>,
    /// Further columns that are kept with the contract, by the name that they get.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
}

/// The columns that say whom a row is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PeopleColumns {
    /// Zendesk's id of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Zendesk's id of the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

/// Who on our side is in charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OwnerColumns {
    /// `sales` or `success`.
    pub role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}
