//! Rows that an editor looks at before anything is written, and what a connection holds.

use serde::{Deserialize, Serialize};

use crate::{Model, Read};

/// `POST /api/integrations/{id}/preview`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskPreview {
    /// In place of the one that is kept.
    #[serde(default)]
    pub model: Option<Model>,
}

/// `POST /api/connections/{id}/sample`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskSample {
    pub read: Read,
}

/// Some rows, at most 20.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    pub columns: Vec<PreviewColumn>,
    /// A text for each column, `null` where the cell is empty. Long texts are cut.
    pub rows: Vec<Vec<Option<String>>>,
    /// Of a preview: what its model read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<PreviewSource>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewColumn {
    pub name: String,
    /// `text`, `integer`, `decimal`, `boolean`, `date`, `timestamp`, `json`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The rows that a preview's model read of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewSource {
    /// The table's name.
    #[serde(rename = "as")]
    pub table: String,
    pub rows: u64,
    /// False: only its first rows, so a join may find too few.
    pub whole: bool,
    /// The run that read them; absent: they were read for this preview.
    pub run: Option<String>,
}

/// `GET /api/connections/{id}/objects`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectList {
    pub objects: Vec<ConnectionObject>,
}

/// A table, an object of a vendor, or a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionObject {
    pub name: String,
    /// For people.
    pub label: String,
    /// `read`, `update`.
    pub can: Vec<String>,
}

/// `GET /api/connections/{id}/objects/{name}/fields`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldList {
    pub fields: Vec<ObjectField>,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectField {
    pub name: String,
    /// For people.
    pub label: String,
    /// As the vendor names it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Records can be found by it.
    pub key: bool,
    pub required: bool,
    /// An integration can write it.
    #[serde(default)]
    pub writable: bool,
    /// Of a field with options: what it takes.
    pub values: Option<Vec<String>>,
}
