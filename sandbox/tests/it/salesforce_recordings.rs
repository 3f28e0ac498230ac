//! Salesforce's answers against what was recorded of the real one; read where it is, without it these tests say so and pass.

use serde_json::{Value, json};

use crate::client::calm;
use crate::conformance::shared;
use crate::likeness::compare;
use crate::salesforce::{DATA, Sales};

fn recorded(name: &str) -> Option<Value> {
    let path = shared()?.join(format!("fixtures/salesforce/{name}.json"));
    Some(serde_json::from_slice(&std::fs::read(path).ok()?).unwrap())
}

#[tokio::test]
async fn answers_look_like_the_recorded_ones() {
    let sales = Sales::open(calm()).await;
    let body = json!({"Name": "xyzzy", "backendid__c": "420"});
    let children = "select Name, (select Name from Opportunities) from Account";
    let exchanges = [
        ("describe_global_200", sales.get("/sobjects").await),
        ("describe_contact_200", sales.get("/sobjects/Contact/describe").await),
        ("limits_record_count_200", sales.get("/limits/recordCount?sObjects=Account").await),
        ("sobject_create_201", sales.ask("POST", &format!("{DATA}/sobjects/Account/"), Some(body)).await),
        ("query_child_subquery_200", sales.query(children).await),
    ];
    let mut wrong = Vec::new();
    for (name, answer) in exchanges {
        let Some(recorded) = recorded(name) else { return };
        let mut model = recorded["response"].clone();
        if name == "query_child_subquery_200" {
            // The first of the recorded rows has no children: the one that has them is the model, under the name that we select.
            let rows = model["body"]["records"].as_array().unwrap();
            let mut row = rows.iter().find(|row| row["Opportunities"].is_object()).unwrap().clone();
            row["Name"] = row.as_object_mut().unwrap().remove("FirstName").unwrap();
            model["body"]["records"] = json!([row]);
        }
        assert_eq!(model["status"], answer.status, "{name}");
        compare(name, &model["body"], &answer.body, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn a_contacts_fields_are_described_as_recorded() {
    let Some(recorded) = recorded("describe_contact_200") else { return };
    let sales = Sales::open(calm()).await;
    let ours = sales.get("/sobjects/Contact/describe").await.body;
    let fields = ours["fields"].as_array().unwrap();
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for theirs in recorded["response"]["body"]["fields"].as_array().unwrap() {
        let Some(field) = fields.iter().find(|field| field["name"] == theirs["name"]) else { continue };
        compared += 1;
        compare(theirs["name"].as_str().unwrap(), theirs, field, &mut wrong);
        let told = [
            "type",
            "soapType",
            "length",
            "byteLength",
            "idLookup",
            "externalId",
            "createable",
            "updateable",
            "nillable",
            "filterable",
            "groupable",
            "sortable",
            "aggregatable",
            "compoundFieldName",
            "referenceTo",
            "relationshipName",
            "defaultedOnCreate",
            "unique",
        ];
        for name in told.into_iter().filter(|name| theirs[*name] != field[*name]) {
            wrong.push(format!("{}.{name}: {} instead of {}", field["name"], field[name], theirs[name]));
        }
    }
    assert!(
        wrong.is_empty() && compared > 10,
        "{} differences in {compared}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test]
async fn a_bulk_query_goes_through_the_recorded_steps() {
    let Some(recorded) = recorded("bulk2_query_lifecycle") else { return };
    let sales = Sales::open(calm()).await;
    let jobs = format!("{DATA}/jobs/query");
    let body = json!({"operation": "query", "query": "SELECT Id,Name, Phone from Account LIMIT 5"});
    let made = sales.ask("POST", &jobs, Some(body)).await;
    let job = format!("{jobs}/{}", made.body["id"].as_str().unwrap());
    let steps = [made, sales.ask("GET", &job, None).await, sales.ask("GET", &job, None).await];
    let mut wrong = Vec::new();
    for (step, answer) in recorded["exchanges"].as_array().unwrap().iter().zip(&steps) {
        let model = &step["response"];
        assert_eq!(
            (&model["status"], &model["body"]["state"]),
            (&json!(answer.status), &answer.body["state"]),
            "{step}"
        );
        compare(step["step"].as_str().unwrap(), &model["body"], &answer.body, &mut wrong);
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    let results = sales.ask("GET", &format!("{job}/results"), None).await;
    let model = &recorded["exchanges"][3]["response"];
    let head = |text: &str| text.lines().next().map(str::to_owned);
    assert_eq!(head(&results.text), head(model["body"].as_str().unwrap()));
    assert_eq!(
        (results.header("content-type"), results.text.lines().count()),
        (model["content_type"].as_str().unwrap(), 6)
    );
}
