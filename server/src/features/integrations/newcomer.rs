//! The values of one record's fields, where a mapping's columns are known without a run of the model. **Invariant:** no I/O; what a run
//! would not write is left out.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use wire::{Mapping, Missing};

use super::values::{Field, From, Function, Rule, sent};
use crate::connectors::zendesk::{CustomField, FieldKind};

/// What is sent for each field, as the mappings make it of these texts. A field that Zendesk does not have, or does not let write, and a
/// value that does not fit into its field are left out.
pub fn values_for(texts: &[(Mapping, String)], fields: &[CustomField]) -> BTreeMap<String, Json> {
    let value = |(mapping, text): &(Mapping, String)| {
        let field = fields.iter().find(|field| field.key == mapping.field)?;
        if !field.active || field.system || field.kind == FieldKind::Unknown {
            return None;
        }
        let options = field.options.iter().map(|option| option.value.clone()).collect();
        let rule = Rule {
            field: Field::new(&field.key, field.kind, options),
            from: From::Constant(text.clone()),
            missing: Missing::Keep,
            default: None,
            functions: mapping.functions.iter().filter_map(|text| Function::parse(text)).collect(),
        };
        let stored = rule.value(|_| None).ok().flatten().flatten()?;
        Some((field.key.clone(), sent(field.kind, Some(&stored))))
    };
    texts.iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_takes_the_way_of_its_mapping() {
        let field = |key: &str, kind: &str| {
            let options = json!([{"id": 1, "name": "Past due", "value": "past_due"}]);
            let field = json!({"key": key, "type": kind, "custom_field_options": options});
            serde_json::from_value::<CustomField>(field).expect("a field")
        };
        let fields = [field("status", "dropdown"), field("mrr", "decimal"), field("start", "date")];
        let check = |column: &str, functions: &[&str], text: &str, expected: serde_json::Value| {
            let mapping = json!({"column": column, "field": column, "functions": functions});
            let mapping = serde_json::from_value(mapping).expect("a mapping");
            assert_eq!(
                json!(values_for(&[(mapping, text.to_owned())], &fields)),
                expected,
                "{column} {text}"
            );
        };
        check("status", &["lower", "map{past due=past_due}"], "Past Due", json!({"status": "past_due"}));
        check("status", &[], "Gold", json!({}));
        check("mrr", &[], "1200.50", json!({"mrr": "1200.5"}));
        check("start", &[], "2026-09-01", json!({"start": "2026-09-01"}));
        check("gone", &[], "x", json!({}));
        check("mrr", &[], "", json!({}));
    }
}
