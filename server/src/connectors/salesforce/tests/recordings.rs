//! What Salesforce was recorded to answer, where the recordings are at hand, is understood.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::{ACCOUNT, QUERY, bed, read};
use crate::connectors::salesforce::{FieldKind, Object};
use crate::connectors::stub::told;

/// The recorded file, where the recordings are at hand.
fn recorded(name: &str) -> Option<Json> {
    let shared = std::env::var_os("DESKSIDE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let text =
        std::fs::read_to_string(shared.join("fixtures/salesforce").join(name).with_extension("json")).ok()?;
    Some(serde_json::from_str(&text).expect("a recording is JSON"))
}

#[test]
fn a_recorded_description_is_understood() {
    let Some(mut recording) = recorded("describe_contact_200") else { return };
    let contact = Object::read(recording["response"]["body"].take()).expect("a description");
    assert!(contact.name == "Contact" && contact.fields.lost().is_empty() && contact.fields.len() > 20);
    let email = contact.field("email").expect("an address");
    assert!(email.kind == FieldKind::Email && email.id_lookup && !email.external_id && email.updateable);
    assert_eq!(contact.relationship("account").expect("a parent").reference_to, ["Account"]);
    assert_eq!(contact.field("MailingAddress").expect("a compound").kind, FieldKind::Address);
    assert!(contact.fields.iter().all(|field| field.kind != FieldKind::Other));
}

#[tokio::test]
async fn the_recorded_list_of_objects_is_understood() {
    let Some(recording) = recorded("describe_global_200") else { return };
    let bed = bed().await;
    bed.salesforce
        .tell("GET /services/data/v66.0/sobjects", told(200, &recording["response"]["body"].to_string()));
    let objects = bed.client.describe_global().await.expect("a list");
    assert!(
        objects.lost().is_empty()
            && objects.iter().any(|object| object.queryable && object.name == "Account")
    );
}

#[tokio::test]
async fn recorded_pages_are_understood() {
    let Some(recording) = recorded("query_value_shapes") else { return };
    let bed = bed().await;
    let fields = [
        ("Checkbox_Label", "boolean", 0),
        ("Text_Label", "string", 0),
        ("Date_Label", "date", 0),
        ("DateTime_Label", "datetime", 0),
        ("Picklist_Multiselect_Label", "multipicklist", 0),
        ("CampaignId", "reference", 0),
        ("Amount", "currency", 2),
    ];
    let object = super::description("Account", &fields);
    bed.salesforce.tell(ACCOUNT, told(200, &object)).tell(ACCOUNT, told(200, &object));
    bed.salesforce.tell(QUERY, told(200, &recording["bodies"][0].to_string()));
    let soql = "SELECT Checkbox_Label, Text_Label, Date_Label, DateTime_Label, Picklist_Multiselect_Label FROM Account";
    let found = read(bed.client.query(soql).await).await;
    assert_eq!(found.rows, ["false|Hi there!|day 14610|at 1309999020000000|four;six"]);
    bed.salesforce.tell(QUERY, told(200, &recording["bodies"][1].to_string()));
    let found =
        read(bed.client.query("SELECT CampaignId, SUM(Amount) FROM Account GROUP BY CampaignId").await).await;
    assert_eq!((found.rows.len(), found.error), (3, None));
    assert_eq!(found.rows[2], "-|400000000000000e-12");
}

#[tokio::test]
async fn a_recorded_result_in_the_background_is_understood() {
    let Some(recording) = recorded("bulk2_query_lifecycle") else { return };
    let exchanges = recording["exchanges"].as_array().expect("a list");
    let answer =
        |step: usize| exchanges[step]["response"]["body"].to_string().replace("7503h00000CV7KdAAL", "750A");
    let bed = bed().await;
    let fields = [("Id", "id", 0), ("Name", "string", 0), ("Phone", "phone", 0)];
    bed.salesforce.tell(ACCOUNT, told(200, &super::description("Account", &fields)));
    let first = serde_json::json!({"Id": "1", "Name": "a", "Phone": null});
    bed.salesforce.tell(QUERY, super::page(2_001, Some("/services/data/v66.0/query/01g-1"), &[first]));
    bed.salesforce.tell(super::JOBS, told(200, &answer(0)));
    bed.salesforce.tell(super::JOB, told(200, &answer(1))).tell(super::JOB, told(200, &answer(2)));
    let csv = exchanges[3]["response"]["body"].as_str().expect("text");
    let mut part = told(200, csv).with("sforce-locator", "null").with("sforce-numberofrecords", "5");
    part.headers[0].1 = exchanges[3]["response"]["content_type"].as_str().expect("a type").to_owned();
    bed.salesforce.tell(super::RESULTS, part);
    let found = read(bed.client.query("SELECT Id,Name, Phone from Account").await).await;
    assert_eq!((found.rows.len(), found.error), (5, None));
    assert_eq!(found.rows[0], "0013h00000Ffg18AAB|Account 1|-");
}
