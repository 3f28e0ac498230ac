//! Organizations as a destination, over HTTP: found by three keys, made where they are missing, and never twice.

use deskside_sandbox::{Fault, FaultRule, Matching};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, first_run, keep, refused_at, rows, run, until_it_ends};
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

/// Rows as a table of the model.
fn sql(companies: &[(&str, &str, &str)]) -> String {
    let row = |(id, name, mrr): &(&str, &str, &str)| {
        format!("SELECT '{id}' AS account, '{name}' AS company, {mrr} AS mrr")
    };
    companies.iter().map(row).collect::<Vec<_>>().join(" UNION ALL ")
}

/// Companies with their MRR, into organizations that have their account as external id.
fn companies(companies: &[(&str, &str, &str)]) -> Value {
    json!({
        "sources": [{"as": "known", "connection": "zendesk", "read": {"kind": "organizations"}}],
        "model": {"sql": sql(companies)},
        "destination": {"connection": "zendesk", "object": "organizations", "mode": "upsert", "new_name": "company"},
        "key": {"column": "account", "field": "external_id"},
        "mapping": [{"column": "mrr", "field": "mrr"}],
    })
}

async fn has_field(bed: &Testbed) {
    let field = json!({"organization_field": {"key": "mrr", "title": "MRR", "type": "decimal"}});
    bed.zendesk(Method::POST, "/api/v2/organization_fields.json", &field).await;
}

async fn has_organization(bed: &Testbed, organization: &Value) {
    bed.zendesk(Method::POST, "/api/v2/organizations.json", &json!({"organization": organization})).await;
    bed.pass(120);
}

/// Those with this name.
fn named(bed: &Testbed, name: &str) -> Vec<Value> {
    bed.vendors().organizations().into_iter().filter(|it| it["name"] == name).collect()
}

fn creations(bed: &Testbed) -> usize {
    bed.vendors().calls().iter().filter(|call| call.path.ends_with("organizations/create_many")).count()
}

pub async fn log_of(admin: &Visitor, run: &Value) -> String {
    admin.gets(&format!("/api/runs/{}/log", run["id"].as_str().expect("an id"))).await.text
}

#[tokio::test]
async fn organizations_are_found_by_id_external_id_and_name() {
    /// check(the key's field, the column of the model)
    async fn check(bed: &Testbed, admin: &Visitor, (field, key): (&str, &str), mrr: &str) {
        let mut definition = companies(&[("\tACME-1", "\u{3000}acme\u{a0}", mrr), ("none", "Nobody", mrr)]);
        let acme = &named(bed, "Acme")[0];
        definition["model"]["sql"] = json!(format!(
            "SELECT *, CASE WHEN account = 'none' THEN 7 ELSE {} END AS zendesk_id FROM ({})",
            acme["id"],
            definition["model"]["sql"].as_str().expect("SQL")
        ));
        definition["destination"] =
            json!({"connection": "zendesk", "object": "organizations", "mode": "update"});
        definition["key"] = json!({"column": key, "field": field});
        let done = first_run(bed, admin, &definition).await;
        let counts = &done["counts"];
        assert_eq!(
            (&counts["updated"], &counts["unmatched"], &counts["created"]),
            (&json!(1), &json!(1), &json!(0)),
            "{done}"
        );
        assert_eq!(named(bed, "Acme")[0]["organization_fields"]["mrr"].to_string(), mrr, "by {field}");
        bed.pass(120);
    }
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            has_field(bed).await;
            has_organization(bed, &json!({"name": "Acme", "external_id": "acme-1"})).await;
            check(bed, &admin, ("external_id", "account"), "10.5").await;
            check(bed, &admin, ("name", "company"), "20.5").await;
            check(bed, &admin, ("id", "zendesk_id"), "30.5").await;
            assert_eq!(creations(bed), 0);
        })
        .await;
}

#[tokio::test]
async fn a_company_without_an_organization_gets_one_and_keeps_it() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            has_field(bed).await;
            has_organization(bed, &json!({"name": "Acme", "external_id": "acme-1"})).await;
            let wish = companies(&[("ACME-1", "Acme", "10"), ("b-2", "Beta", "20.5"), ("c-3", "", "30")]);
            let done = first_run(bed, &admin, &wish).await;
            let counts = &done["counts"];
            assert_eq!(
                (&counts["matched"], &counts["updated"], &counts["created"], &counts["rejected"]),
                (&json!(3), &json!(1), &json!(1), &json!(1)),
                "{done}"
            );
            let beta = named(bed, "Beta").remove(0);
            assert_eq!(
                (&beta["external_id"], &beta["organization_fields"]["mrr"]),
                (&json!("b-2"), &json!(20.5))
            );
            let made = &rows(&admin, &done, "created").await[0];
            assert_eq!(made["destination_id"], beta["id"].to_string());
            let refused = &rows(&admin, &done, "rejected").await[0];
            assert!(refused["reason"].as_str().unwrap_or_default().contains("needs a name"), "{refused}");
            // At once, when the export does not have it yet, and later, when it does.
            for seconds in [1, 120] {
                bed.pass(seconds);
                let again = run(bed, &admin, json!({})).await;
                assert_eq!((&again["state"], named(bed, "Beta").len()), (&json!("completed"), 1), "{again}");
            }
            let calls = creations(bed);
            bed.pass(120);
            let last = run(bed, &admin, json!({})).await;
            assert_eq!((&last["counts"]["unchanged"], creations(bed)), (&json!(2), calls), "{last}");
        })
        .await;
}

#[tokio::test]
async fn companies_are_made_by_their_names_where_these_are_the_key() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            has_field(bed).await;
            let mut wish = companies(&[("a", "Acme", "10"), ("b", "Beta", "20")]);
            wish["key"] = json!({"column": "company", "field": "name"});
            wish["destination"] =
                json!({"connection": "zendesk", "object": "organizations", "mode": "upsert"});
            let done = first_run(bed, &admin, &wish).await;
            assert_eq!(done["counts"]["created"], 2, "{done}");
            assert_eq!(named(bed, "Beta")[0]["organization_fields"]["mrr"], 20.0);
            assert_eq!(named(bed, "Acme")[0]["external_id"], Value::Null);
            bed.pass(120);
            let again = run(bed, &admin, json!({})).await;
            assert_eq!(again["counts"]["unchanged"], 2, "{again}");
        })
        .await;
}

#[tokio::test]
async fn a_name_that_another_organization_has_is_refused_and_said() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            has_field(bed).await;
            has_organization(bed, &json!({"name": "Acme", "external_id": "other"})).await;
            let done =
                first_run(bed, &admin, &companies(&[("a-1", "Acme", "10"), ("b-2", "Beta", "20")])).await;
            assert_eq!(
                (&done["state"], &done["counts"]["created"]),
                (&json!("completed"), &json!(1)),
                "{done}"
            );
            let refused = &rows(&admin, &done, "rejected").await[0];
            let why = refused["reason"].as_str().unwrap_or_default();
            assert!(why.contains("has another external id: give it `a-1` in Zendesk"), "{refused}");
            assert_eq!(named(bed, "Acme")[0]["organization_fields"]["mrr"], Value::Null);
        })
        .await;
}

/// check(what goes wrong with the first `create_many`)
#[tokio::test]
async fn an_organization_is_made_once_whatever_becomes_of_the_answer() {
    async fn check(bed: &Testbed, place: usize, key: &str, fault: Option<Fault>) {
        let admin = &bed.agent(ADMIN).await; // a session is short, and much time passes
        let names: Vec<String> = (0..5).map(|at| format!("Company {place}-{at}")).collect();
        let rows: Vec<(&str, &str, &str)> =
            names.iter().map(|name| (name.as_str(), name.as_str(), "10")).collect();
        let mut wish = companies(&rows);
        if key == "name" {
            wish["key"] = json!({"column": "company", "field": "name"});
            wish["destination"] =
                json!({"connection": "zendesk", "object": "organizations", "mode": "upsert"});
        }
        match fault {
            Some(fault) => {
                let on = Matching { path_suffix: Some("create_many".into()), ..Matching::default() };
                bed.vendors().fault(FaultRule { on, times: 1, skip: 0, fault });
            }
            None => bed.vendors().stop_next_job("killed", 2),
        }
        let done = first_run(bed, admin, &wish).await;
        assert_eq!(
            (&done["state"], &done["counts"]["created"]),
            (&json!("completed"), &json!(5)),
            "{fault:?} {done}"
        );
        for name in &names {
            assert_eq!(named(bed, name).len(), 1, "{fault:?}");
        }
        bed.pass(120);
    }
    bed()
        .run_on_each(async |bed| {
            has_field(bed).await;
            let faults = [
                None,
                Some(Fault::LostAnswer { lost_answer: 502 }),
                Some(Fault::Reset { reset: true }),
                Some(Fault::Truncate { truncate: 10 }),
                Some(Fault::Status { status: 503, retry_after: None }),
            ];
            for (place, fault) in faults.into_iter().enumerate() {
                check(bed, place, "external_id", fault).await;
                check(bed, place + 100, "name", fault).await;
            }
        })
        .await;
}

#[tokio::test]
async fn a_process_that_dies_while_it_makes_organizations_makes_none_twice() {
    bed()
        .run_on_each(async |bed| {
            has_field(bed).await;
            let mut deaths = 0;
            for calls in 1..16 {
                let admin = bed.agent(ADMIN).await; // a session is short, and much time passes
                let names = [format!("Acme {calls}"), format!("Beta {calls}")];
                let wish = companies(&[(&names[0], &names[0], "10"), (&names[1], &names[1], "20")]);
                assert!(keep(&admin, &wish).await.verdict().starts_with("20"));
                let dry = run(bed, &admin, json!({"kind": "dry"})).await;
                assert_eq!(dry["counts"]["pending"], 2, "its counts add up: {dry}");
                let accept = json!({"accept": dry["id"]});
                let started = admin.posts("/api/integrations/contracts/runs", &accept).await;
                let id = started.json()["run"]["id"].as_str().expect("an id").to_owned();
                if bed.run_jobs_and_die_after(calls).await {
                    deaths += 1;
                    bed.pass(300); // the dead process's claim ends
                }
                let admin = bed.agent(ADMIN).await;
                let done = until_it_ends(bed, &admin, &id).await;
                let log = log_of(&admin, &done).await;
                assert_eq!(
                    (&done["state"], &done["counts"]["created"]),
                    (&json!("completed"), &json!(2)),
                    "{log}"
                );
                for name in &names {
                    assert_eq!(named(bed, name).len(), 1, "dead after {calls} calls: {log}");
                }
                bed.pass(120);
            }
            assert!(deaths > 3, "{deaths}");
        })
        .await;
}

#[tokio::test]
async fn only_organizations_are_made_and_only_by_keys_that_zendesk_has_once() {
    async fn check(admin: &Visitor, change: impl FnOnce(&mut Value), place: &str, told: &str) {
        let mut wish = companies(&[("a", "Acme", "10")]);
        change(&mut wish);
        refused_at(admin, &wish, place, told).await;
    }
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            check(&admin, |it| it["key"]["field"] = json!("id"), "key.field", "`external_id` or `name`")
                .await;
            check(&admin, |it| it["destination"]["mode"] = json!("insert"), "destination.mode", "`upsert`")
                .await;
            check(
                &admin,
                |it| it["destination"]["new_name"] = Value::Null,
                "destination.new_name",
                "must be the column",
            )
            .await;
            check(&admin, |it| it["key"]["field"] = json!("name"), "destination.new_name", "only with them")
                .await;
            check(
                &admin,
                |it| it["mapping"][0]["field"] = json!("name"),
                "mapping[0].field",
                "no custom field",
            )
            .await;
        })
        .await;
}

const TEMPLATE: &str = include_str!("../../server/templates/contracts-to-zendesk-organizations.toml");

/// Two days of who belongs to which account. On the second somebody has left 10, and everybody has left 40.
const MEMBERS: &str = "email,account_id,day
gone@example.com,10,2026-11-28
only@example.com,40,2026-11-28
Aki@example.com,10,2026-11-29
consultant@example.com,10,2026-11-29
consultant@example.com,20,2026-11-29
ben@example.com,30,2026-11-29
";
/// Of the contracts of 10, two pay the same, and the later one counts.
const CONTRACTS: &str =
    "id,name,type,backendid__c,subscription_status__c,mrr__c,contract_start__c,renewal_date__c,owner_name
001,Ten free,Prospect,10,Trial,0,2026-10-01,,Dana Keller
002,Ten early,Customer,10,Active,100.50,2025-01-01,2027-01-01,Dana Keller
003,Ten late,Customer,10,Active,100.50,2026-01-01,2027-01-01,Dana Keller
004,Twenty,Partner,20,Past Due,50,2026-02-01,2027-02-01,
005,Forty,Customer,40,Active,10,2026-02-01,2027-02-01,
006,Thirty,Customer,30,Active,,2026-03-01,,
";

#[tokio::test]
async fn the_template_for_organizations_gives_each_account_its_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("members.csv"), MEMBERS).expect("a file");
    std::fs::write(folder.path().join("contracts.csv"), CONTRACTS).expect("a file");
    let mut wish: Value = toml::from_str(TEMPLATE).expect("TOML");
    let template = wish["integration"][0].take();
    bed()
        .setting("server.seal_keys", crate::connections_console::SEAL)
        .setting("sources.folders", folder.path().display().to_string())
        .run(async |bed| {
            let (admin, mut wish) = (bed.agent(ADMIN).await, template.clone());
            let report = json!({"kind": "report", "name": "Reports", "settings": {"folder": folder.path()}});
            let made = admin.posts("/api/connections", &report).await;
            assert_eq!(made.verdict(), "201", "{}", made.text);
            for (source, file) in [(0, "members.csv"), (1, "contracts.csv")] {
                wish["sources"][source]["connection"] = made.json()["connection"]["id"].clone();
                wish["sources"][source]["read"] =
                    json!({"kind": "file", "path": file, "types": {}, "emails": []});
            }
            wish["sources"][0]["read"]["emails"] = json!(["email"]);
            wish["sources"][1]["read"]["types"] = json!({"backendid__c": "text", "mrr__c": "decimal"});
            for name in ["id", "name", "enabled"] {
                wish.as_object_mut().expect("a table").remove(name);
            }
            let done = first_run(bed, &admin, &wish).await;
            assert_eq!(
                (&done["state"], &done["counts"]["created"], &done["counts"]["read"]),
                (&json!("completed"), &json!(3), &json!(3)),
                "{done}"
            );
            let of = |name: &str| named(bed, name).remove(0);
            let ten = of("Ten late");
            assert_eq!(ten["external_id"], "10");
            let fields = &ten["organization_fields"];
            assert_eq!((&fields["service_users"], &fields["sfdc_mrr"]), (&json!(2), &json!(100.5)), "{ten}");
            assert_eq!(
                (&fields["sfdc_account_type"], &fields["sfdc_owner"]),
                (&json!("customer"), &json!("Dana Keller"))
            );
            assert_eq!(of("Twenty")["organization_fields"]["sfdc_subscription_status"], "past_due");
            assert_eq!(of("Thirty")["organization_fields"]["sfdc_mrr"], Value::Null);
            assert_eq!(named(bed, "Forty"), Vec::<Value>::new());
            // The people of 20 leave: its fields are emptied, and the organization stays.
            bed.pass(120);
            let members = MEMBERS.replace("consultant@example.com,20,2026-11-29\n", "");
            std::fs::write(folder.path().join("members.csv"), members).expect("a file");
            let next = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&next["counts"]["removed"], &next["counts"]["created"]),
                (&json!(1), &json!(0)),
                "{next}"
            );
            assert_eq!(
                of("Twenty")["organization_fields"]["sfdc_subscription_status"],
                Value::Null,
                "{next}"
            );
        })
        .await;
}
