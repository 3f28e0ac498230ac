//! Which fields of Zendesk hold the contract: those that the integration that carries it writes. **Invariant:** no I/O; no field is
//! known but by the integration's mapping.

use wire::Definition;

use crate::features::contracts::{FieldNames, Part};

/// The fields that an integration writes, by the part of the contract that they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFields {
    /// As conditions name whose fields they are: `requester`, `organization`.
    pub of: &'static str,
    parts: Vec<(Part, String)>,
}

impl ContractFields {
    /// No field holds anything.
    pub const fn none() -> Self {
        Self { of: "requester", parts: Vec::new() }
    }

    /// The fields of an integration; `None`: it carries no contract.
    pub fn of(definition: &Definition, names: &FieldNames) -> Option<Self> {
        definition.contract.as_ref()?;
        let of = if definition.destination.object == "organizations" { "organization" } else { "requester" };
        let parts = Part::ALL.into_iter();
        let parts = parts.filter_map(|part| Some((part, field(definition, part, names)?.to_owned())));
        Some(Self { of, parts: parts.collect() })
    }

    /// The key of the field that holds a part.
    pub fn key(&self, part: Part) -> Option<&str> {
        self.parts.iter().find(|(known, _)| *known == part).map(|(_, key)| key.as_str())
    }

    /// All parts that a field holds.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &str)> {
        self.parts.iter().map(|(part, key)| (*part, key.as_str()))
    }

    /// How a condition names a field. Zendesk has its key in lower case there.
    pub fn subject(&self, key: &str) -> String {
        format!("{}.custom_fields.{}", self.of, key.to_lowercase())
    }
}

/// By the column that both the contract and the mapping name; where the contract has rows of its own, whose columns have other names, by
/// the field that cards read the part from.
fn field<'a>(definition: &'a Definition, part: Part, names: &FieldNames) -> Option<&'a str> {
    let column = column(definition, part);
    let by_column =
        |column: &str| definition.mapping.iter().find(|one| one.column.as_deref() == Some(column));
    let by_field = || definition.mapping.iter().find(|one| one.field == part.field(names));
    column.and_then(by_column).or_else(by_field).map(|mapping| mapping.field.as_str())
}

/// The column of the contract's rows that holds a part.
pub fn column(definition: &Definition, part: Part) -> Option<&str> {
    let contract = definition.contract.as_ref()?;
    match part {
        Part::Company => contract.company.as_deref(),
        Part::AccountType => contract.account_type.as_deref(),
        Part::SubscriptionStatus => contract.subscription_status.as_deref(),
        Part::Mrr => contract.mrr.as_deref(),
        Part::Start => contract.start.as_deref(),
        Part::Renewal => contract.renewal.as_deref(),
        Part::Owner => contract.owners.first()?.name.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{features::contracts, setting};

    fn check(contract_column: &str, field: &str, expected: Option<&str>) {
        let definition = serde_json::from_value(json!({
            "sources": [], "destination": {"connection": "zendesk", "object": "users", "mode": "update"},
            "key": {"column": "id", "field": "id"}, "mapping": [{"column": "starts", "field": field}],
            "contract": {"people": {"email": "email"}, "company_id": "id", "start": contract_column},
        }));
        let names = setting::defaults::<contracts::Settings>("contracts").fields;
        let fields = ContractFields::of(&definition.expect("a definition"), &names).expect("a contract");
        assert_eq!(fields.key(Part::Start), expected, "{contract_column} {field}");
    }

    #[test]
    fn a_field_is_found_by_its_column_or_as_the_one_that_cards_read() {
        check("starts", "acme_Start", Some("acme_Start"));
        check("contract_start__c", "sfdc_contract_start", Some("sfdc_contract_start"));
        check("contract_start__c", "acme_start", None);
        let fields = ContractFields { of: "requester", parts: vec![] };
        assert_eq!(fields.subject("acme_Start"), "requester.custom_fields.acme_start");
    }
}
