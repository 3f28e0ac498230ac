//! The integration that is shipped, as a company has it: the service's own database on a real server, Salesforce, and Zendesk's users.

use deskside::connectors::sql::Dialect;
use deskside_sandbox::credentials;
use reqwest::Method;
use serde_json::{Value, json};

use crate::connections_console::sealed;
use crate::integrations::{ADMIN, HANAKO, field, first_run, rows, run};
use crate::integrations_destinations::log_of;
use crate::support::actors::Visitor;
use crate::support::customers::{Customer, PASSWORD, on_mariadb, on_postgres};
use crate::support::testbed::Testbed;

const TEMPLATE: &str = include_str!("../../server/templates/contracts-to-zendesk-users.toml");

/// The days of the service's history, the last of which is today, as the sandbox tells them.
async fn fill(customer: &Customer, bed: &Testbed) {
    customer.run("CREATE TABLE user_accounts (email varchar(200), account_id int, day date)").await;
    let history = bed.vendors().users_history();
    let lines: Vec<Vec<&str>> = history.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let mut days: Vec<&str> = lines.iter().map(|line| line[0]).collect();
    days.dedup();
    let value = |line: &Vec<&str>| {
        let ago = days.len() - 1 - days.iter().position(|day| *day == line[0]).expect("a day");
        format!("('{}', {}, current_date - INTERVAL '{ago}' DAY)", line[2].replace('\'', "''"), line[1])
    };
    let values: Vec<String> = lines.iter().map(value).collect();
    customer.run(&format!("INSERT INTO user_accounts VALUES {}", values.join(", "))).await;
}

async fn connected(admin: &Visitor, body: &Value) -> Value {
    let made = admin.posts("/api/connections", body).await;
    assert_eq!((made.verdict(), &made.json()["test"]["ok"]), ("201".into(), &json!(true)), "{}", made.text);
    made.json()["connection"]["id"].clone()
}

/// The template by these connections, and nothing else of it changed.
async fn shipped(customer: &Customer, admin: &Visitor) -> Value {
    let mut template: Value = toml::from_str(TEMPLATE).expect("TOML");
    let mut wish = template["integration"][0].take();
    let settings = customer.settings();
    let kind = if customer.dialect == Dialect::MySql { "mysql" } else { "postgres" };
    let service = json!({
        "kind": kind, "name": "Service", "secrets": {"password": PASSWORD},
        "settings": {"host": settings.host, "port": settings.port, "database": settings.database,
                     "user": settings.user, "tls": "disable"},
    });
    let sales = json!({
        "kind": "salesforce", "name": "Sales",
        "settings": {"host": "acme.my.salesforce.com", "flow": "client_credentials",
                     "client_id": credentials::SALESFORCE_CLIENT_ID},
        "secrets": {"client_secret": credentials::SALESFORCE_CLIENT_SECRET},
    });
    wish["sources"][1]["connection"] = connected(admin, &service).await;
    wish["sources"][2]["connection"] = connected(admin, &sales).await;
    for name in ["id", "name", "enabled"] {
        wish.as_object_mut().expect("a table").remove(name);
    }
    wish
}

async fn fields_are_filled(customer: &Customer) {
    sealed()
        .run(async |bed| {
            fill(customer, bed).await;
            // As in a Zendesk that has never had them.
            for key in ["sfdc_mrr", "sfdc_account_type", "sfdc_renewal_date"] {
                bed.zendesk(Method::DELETE, &format!("/api/v2/user_fields/{key}.json"), &json!({})).await;
            }
            bed.pass(120);
            let admin = bed.agent(ADMIN).await;
            let done = first_run(bed, &admin, &shipped(customer, &admin).await).await;
            let log = log_of(&admin, &done).await;
            assert_eq!(done["state"], "completed", "{log}");
            assert_eq!(done["counts"]["rejected"], 0, "{done}");
            assert!(log.contains("created the field `sfdc_mrr` of type decimal"), "{log}");
            assert_eq!(
                (field(bed, HANAKO, "sfdc_company_name"), field(bed, HANAKO, "sfdc_account_type")),
                (json!("青葉商事株式会社"), json!("customer"))
            );
            assert_eq!(field(bed, HANAKO, "sfdc_contracts"), 1);
            assert!(field(bed, HANAKO, "sfdc_mrr").as_f64().is_some_and(|mrr| mrr > 0.0));
            // A consultant in three accounts is found by the number of their contracts.
            let written = rows(&admin, &done, "updated").await;
            let counts = written.iter().flat_map(|row| row["changes"].as_array().expect("a list"));
            let counts: Vec<_> = counts.filter(|change| change["field"] == "sfdc_contracts").collect();
            assert_eq!(counts.iter().filter(|change| change["after"] == "3").count(), 1, "{counts:?}");
            let card = admin.gets("/api/tickets/42/card?refresh=true").await.json();
            assert_eq!(card["contract"]["source"], "Contracts", "{card}");
            bed.pass(120);
            let again = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&again["counts"]["unchanged"], &again["calls"]),
                (&done["counts"]["matched"], &json!(0)),
                "{again}"
            );
        })
        .await;
}

#[tokio::test]
async fn the_template_for_users_reads_postgresql_and_salesforce() {
    on_postgres(fields_are_filled).await;
}

#[tokio::test]
async fn the_template_for_users_reads_mariadb_and_salesforce() {
    on_mariadb(fields_are_filled).await;
}
