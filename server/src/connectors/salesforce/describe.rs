//! Objects and fields, as Salesforce describes them to the connected user. Read liberally. **Invariant:** no I/O.

use serde::Deserialize;
use serde_json::Value;

use super::client::LENIENT;
use crate::connectors::Rows;

/// An object in the list of all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ObjectSummary {
    /// For queries, like `Account` or `Onboarding__c`.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub label: String,
    #[serde(default)]
    pub queryable: bool,
    #[serde(default)]
    pub createable: bool,
    #[serde(default)]
    pub updateable: bool,
    #[serde(default)]
    pub custom: bool,
}

/// An object with its fields.
#[derive(Debug, Clone)]
pub struct Object {
    pub name: String,
    /// For people.
    pub label: String,
    /// Those that the connected user sees, as far as they can be read.
    pub fields: Rows<Field>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    Id,
    Reference,
    String,
    Textarea,
    Email,
    Phone,
    Url,
    Picklist,
    /// Several values with `;` between them.
    Multipicklist,
    Combobox,
    Encryptedstring,
    Boolean,
    Int,
    Long,
    Double,
    Currency,
    Percent,
    Date,
    Datetime,
    Time,
    /// Several fields in one, like `MailingAddress`. Background queries do not take it.
    Address,
    Location,
    /// A file: answers where it is.
    Base64,
    /// A kind that Salesforce added later; read as text.
    #[default]
    #[serde(other)]
    Other,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "Salesforce's own fields")]
pub struct Field {
    pub name: String,
    /// For people.
    #[serde(default)]
    pub label: String,
    #[serde(rename = "type", default)]
    pub kind: FieldKind,
    /// Characters of a text.
    #[serde(default)]
    pub length: u32,
    /// Digits of a number, in all and after the point.
    #[serde(default)]
    pub precision: u8,
    #[serde(default)]
    pub scale: u8,
    /// A key: a text or number that other systems know the record by.
    #[serde(default)]
    pub external_id: bool,
    #[serde(default)]
    pub unique: bool,
    /// Records can be found by it.
    #[serde(default)]
    pub id_lookup: bool,
    #[serde(default)]
    pub nillable: bool,
    #[serde(default)]
    pub createable: bool,
    #[serde(default)]
    pub updateable: bool,
    /// A formula.
    #[serde(default)]
    pub calculated: bool,
    /// Only the values of the list are taken.
    #[serde(default)]
    pub restricted_picklist: bool,
    #[serde(default)]
    pub picklist_values: Vec<PicklistValue>,
    /// What a reference points to; several where it is polymorphic.
    #[serde(default)]
    pub reference_to: Vec<String>,
    /// How queries name the record that it points to, like `Owner`.
    #[serde(default)]
    pub relationship_name: Option<String>,
}

/// A value of a picklist.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PicklistValue {
    pub value: String,
    #[serde(default)]
    pub label: Option<String>,
    #[serde(default)]
    pub active: bool,
}

impl Object {
    pub(super) fn read(mut body: Value) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Head {
            name: String,
            #[serde(default)]
            label: String,
        }
        let fields = LENIENT.rows("fields", body["fields"].take())?;
        let Head { name, label } = LENIENT.object("describe", body)?;
        Ok(Self { name, label, fields })
    }

    /// A field by its name, in any case.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The reference whose record queries name so, in any case.
    pub(super) fn relationship(&self, name: &str) -> Option<&Field> {
        let is_named = |field: &&Field| {
            field.relationship_name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        self.fields.iter().find(is_named)
    }

    /// The name that is most like another.
    pub(super) fn nearest(&self, name: &str) -> Option<&str> {
        let likeness = |field: &Field| strsim::jaro_winkler(&field.name.to_lowercase(), &name.to_lowercase());
        let best = self.fields.iter().map(|field| (likeness(field), field.name.as_str()));
        best.filter(|(likeness, _)| *likeness > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
    }
}
