//! Objects and their fields, as `describe` shows them. Docs: `DescribeSObjectResult`; recorded: Contact's description.
//! **Invariant:** data about data; a field that the caller may not see is left out by whoever asks.

use serde_json::{Value, json};

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Id,
    Text,
    Area,
    Email,
    Phone,
    Url,
    Boolean,
    Integer,
    Double,
    Currency,
    Percent,
    Date,
    DateTime,
    Picklist,
    Choices,
    Reference,
    Address,
}

impl Kind {
    /// As `describe` names it, and in SOAP.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Id => ("id", "tns:ID"),
            Self::Text => ("string", "xsd:string"),
            Self::Area => ("textarea", "xsd:string"),
            Self::Email => ("email", "xsd:string"),
            Self::Phone => ("phone", "xsd:string"),
            Self::Url => ("url", "xsd:string"),
            Self::Boolean => ("boolean", "xsd:boolean"),
            Self::Integer => ("int", "xsd:int"),
            Self::Double => ("double", "xsd:double"),
            Self::Currency => ("currency", "xsd:double"),
            Self::Percent => ("percent", "xsd:double"),
            Self::Date => ("date", "xsd:date"),
            Self::DateTime => ("datetime", "xsd:dateTime"),
            Self::Picklist => ("picklist", "xsd:string"),
            Self::Choices => ("multipicklist", "xsd:string"),
            Self::Reference => ("reference", "tns:ID"),
            Self::Address => ("address", "urn:address"),
        }
    }

    /// As SOQL's refusals name it.
    pub(crate) const fn name(self) -> &'static str {
        self.names().0
    }

    /// Whether a value is compared as text, in quotes.
    pub(crate) const fn is_text(self) -> bool {
        matches!(
            self,
            Self::Id
                | Self::Text
                | Self::Area
                | Self::Email
                | Self::Phone
                | Self::Url
                | Self::Picklist
                | Self::Choices
                | Self::Reference
        )
    }

    /// Whether a value is a number.
    pub(crate) const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Double | Self::Currency | Self::Percent)
    }
}

/// One field of an object.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "Salesforce's own properties of fields")]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) kind: Kind,
    pub(crate) length: u32,
    pub(crate) required: bool,
    pub(crate) external_id: bool,
    pub(crate) id_lookup: bool,
    /// Whether callers may write it.
    pub(crate) writable: bool,
    /// The field that this one is a part of.
    pub(crate) part_of: Option<&'static str>,
    /// The object that it refers to, and the name of the way there.
    pub(crate) refers: Option<(&'static str, &'static str)>,
    pub(crate) choices: &'static [&'static str],
}

impl Field {
    /// A field that callers may write, unless it is an id or an address.
    pub(super) const fn new(name: &'static str, label: &'static str, kind: Kind, length: u32) -> Self {
        Self {
            name,
            label,
            kind,
            length,
            required: false,
            external_id: false,
            id_lookup: matches!(kind, Kind::Id | Kind::Email),
            writable: !matches!(kind, Kind::Id | Kind::Address),
            part_of: None,
            refers: None,
            choices: &[],
        }
    }

    /// It must have a value.
    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Records are found by it.
    pub(super) const fn key(mut self) -> Self {
        (self.external_id, self.id_lookup) = (true, true);
        self
    }

    /// Callers may not write it.
    pub(super) const fn read_only(mut self) -> Self {
        self.writable = false;
        self
    }

    /// It is a part of another field.
    pub(super) const fn part_of(mut self, whole: &'static str) -> Self {
        self.part_of = Some(whole);
        self
    }

    /// It refers to a record of this object, by a way of this name.
    pub(super) const fn to(mut self, object: &'static str, way: &'static str) -> Self {
        self.refers = Some((object, way));
        self
    }

    /// It has these values to choose from.
    pub(super) const fn of(mut self, choices: &'static [&'static str]) -> Self {
        self.choices = choices;
        self
    }

    /// Whether a query may ask for some of its values: not of a long text.
    pub(crate) const fn filterable(&self) -> bool {
        !matches!(self.kind, Kind::Area) || self.length <= 255
    }

    fn describe(&self) -> Value {
        let (kind, soap) = self.kind.names();
        let custom = self.name.ends_with("__c");
        let number = matches!(self.kind, Kind::Double | Kind::Currency | Kind::Percent);
        let (precision, scale) = if number { (18, 2) } else { (0, 0) };
        let bytes = match self.kind {
            Kind::Id | Kind::Reference => 18,
            kind if kind.is_text() => self.length * 3,
            _ => 0,
        };
        let picked = |value: &&str| json!({"active": true, "defaultValue": false, "label": value, "validFor": null, "value": value});
        let system = matches!(self.name, "CreatedDate" | "LastModifiedDate" | "SystemModstamp" | "IsDeleted");
        let mut body = json!({
            "aggregatable": !matches!(self.kind, Kind::Boolean | Kind::Address | Kind::Area), "aiPredictionField": false,
            "autoNumber": false, "byteLength": bytes, "calculated": false, "calculatedFormula": null,
            "cascadeDelete": false, "caseSensitive": false, "compoundFieldName": self.part_of, "controllerName": null,
            "createable": self.writable, "custom": custom,
            "defaultValue": if self.kind == Kind::Boolean { json!(false) } else { Value::Null },
            "defaultValueFormula": null,
            "defaultedOnCreate": self.kind == Kind::Id || self.kind == Kind::Boolean || self.name == "OwnerId" || system,
            "dependentPicklist": false, "deprecatedAndHidden": false,
            "digits": if self.kind == Kind::Integer { 8 } else { 0 }, "displayLocationInDecimal": false,
            "encrypted": false, "externalId": self.external_id, "extraTypeInfo": null,
            "filterable": self.filterable(), "filteredLookupInfo": null,
            "formulaTreatNullNumberAsZero": false,
            "groupable": !matches!(self.kind, Kind::Area | Kind::Address | Kind::DateTime | Kind::Choices) && !number,
            "highScaleNumber": false, "htmlFormatted": false, "idLookup": self.id_lookup, "inlineHelpText": null,
        });
        let more = json!({
            "label": self.label, "length": self.length, "mask": null, "maskType": null, "name": self.name,
            "nameField": self.name == "Name", "namePointing": false,
            "nillable": !self.required
                && self.name != "Name" && self.kind != Kind::Id && self.kind != Kind::Boolean && !system && self.name != "OwnerId",
            "permissionable": !self.required && self.kind != Kind::Id && self.name != "OwnerId" && !system,
            "picklistValues": self.choices.iter().map(picked).collect::<Vec<_>>(),
            "polymorphicForeignKey": false, "precision": precision, "queryByDistance": false,
            "referenceTargetField": null, "referenceTo": self.refers.map(|(object, _)| object).into_iter().collect::<Vec<_>>(),
            "relationshipName": self.refers.map(|(_, way)| way), "relationshipOrder": null, "restrictedDelete": false,
            "restrictedPicklist": !self.choices.is_empty() && custom, "scale": scale, "searchPrefilterable": false,
            "soapType": soap, "sortable": !matches!(self.kind, Kind::Area | Kind::Address), "type": kind, "unique": false,
            "updateable": self.writable, "writeRequiresMasterRead": false,
        });
        add(&mut body, more);
        body
    }
}

/// Adds the members of one object to another.
fn add(body: &mut Value, more: Value) {
    if let (Value::Object(body), Value::Object(more)) = (body, more) {
        body.extend(more);
    }
}

/// One object.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) plural: &'static str,
    /// The first three characters of its records' ids.
    pub(crate) prefix: &'static str,
    pub(crate) fields: Vec<Field>,
    /// Whether callers may write its records.
    pub(crate) writable: bool,
    /// Whether the Bulk API reads it.
    pub(crate) bulk: bool,
    /// Ways to the records that refer to this one: name of the way, their object, and the field that refers.
    pub(crate) children: &'static [(&'static str, &'static str, &'static str)],
}

impl Object {
    /// The field of this name, whatever its case.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// Where a record holds the field's value.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// The field whose way to a parent has this name.
    pub(crate) fn way(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.refers.is_some_and(|(_, way)| way.eq_ignore_ascii_case(name)))
    }

    /// Its line in the list of all objects.
    pub(crate) fn brief(&self, version: &str) -> Value {
        let base = format!("/services/data/v{version}/sobjects/{}", self.name);
        json!({
            "activateable": false, "associateEntityType": null, "associateParentEntity": null, "createable": self.writable,
            "custom": self.name.ends_with("__c"), "customSetting": false, "deepCloneable": false,
            "deletable": self.writable, "deprecatedAndHidden": false, "feedEnabled": self.writable, "hasSubtypes": false,
            "isInterface": false, "isSubtype": false, "keyPrefix": self.prefix, "label": self.label,
            "labelPlural": self.plural, "layoutable": true, "mergeable": matches!(self.name, "Account" | "Contact"),
            "mruEnabled": true, "name": self.name, "queryable": true, "replicateable": true, "retrieveable": true,
            "searchable": true, "triggerable": self.writable, "undeletable": self.writable, "updateable": self.writable,
            "urls": {
                "compactLayouts": format!("{base}/describe/compactLayouts"), "rowTemplate": format!("{base}/{{ID}}"),
                "approvalLayouts": format!("{base}/describe/approvalLayouts"), "listviews": format!("{base}/listviews"),
                "describe": format!("{base}/describe"), "quickActions": format!("{base}/quickActions"),
                "layouts": format!("{base}/describe/layouts"), "sobject": base,
            },
        })
    }

    /// Its whole description, without the fields that are hidden.
    pub(crate) fn describe(&self, version: &str, instance: &str, hidden: impl Fn(&Field) -> bool) -> Value {
        let mut body = self.brief(version);
        let base = format!("/services/data/v{version}/sobjects/{}", self.name);
        let ways = self.children.iter().map(|(way, object, field)| {
            json!({"cascadeDelete": false, "childSObject": object, "deprecatedAndHidden": false, "field": field,
                   "junctionIdListNames": [], "junctionReferenceTo": [], "relationshipName": way, "restrictedDelete": false})
        });
        let layout = format!("{base}/describe/layouts/012000000000000AAA");
        let more = json!({
            "compactLayoutable": true, "defaultImplementation": null, "extendedBy": null, "extendsInterfaces": null,
            "implementedBy": null, "implementsInterfaces": null, "listviewable": null, "lookupLayoutable": null,
            "networkScopeFieldName": null, "searchLayoutable": true, "sobjectDescribeOption": "FULL",
            "recordTypeInfos": [{
                "active": true, "available": true, "defaultRecordTypeMapping": true, "developerName": "Master",
                "master": true, "name": "Master", "recordTypeId": "012000000000000AAA", "urls": {"layout": layout},
            }],
            "childRelationships": ways.collect::<Vec<_>>(),
            "supportedScopes": [{"label": format!("All {}", self.plural.to_lowercase()), "name": "everything"}],
            "actionOverrides": [], "namedLayoutInfos": [],
            "fields": self.fields.iter().filter(|field| !hidden(field)).map(Field::describe).collect::<Vec<_>>(),
        });
        add(&mut body, more);
        body["urls"]["uiDetailTemplate"] = json!(format!("{instance}/{{ID}}"));
        body["urls"]["uiEditTemplate"] = json!(format!("{instance}/{{ID}}/e"));
        body["urls"]["uiNewRecord"] = json!(format!("{instance}/{}/e", self.prefix));
        body
    }
}
