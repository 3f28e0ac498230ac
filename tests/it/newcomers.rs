//! Customers who write for the first time: their fields are written, and triggers look again; and deliveries that nobody signed.

use deskside_sandbox::{Arrival, credentials};
use serde_json::{Value, json};

use crate::integrations::{ADMIN, updates};
use crate::notices::{connected, contracts, listed};
use crate::support::hooks::{Delivery, delivered, run_all};
use crate::support::testbed::{Testbed, bed};

/// The contract of people whom Zendesk does not know yet, too.
fn with_strangers() -> Value {
    let mut definition = contracts("");
    let columns = "'Aoba' AS company, 120000 AS mrr, CAST('2026-11-01' AS DATE) AS start, CAST('2026-12-10' AS DATE) AS renewal,
                   'Kim' AS sales_name, 'agent@example.com' AS sales_email";
    definition["contract"] = json!({
        "sql": format!("SELECT email, {columns} FROM people WHERE role = 'end-user'
                        UNION ALL SELECT 'New.Person@Aoba.example' AS email, {columns}
                        UNION ALL SELECT 'two@aoba.example' AS email, {columns}
                        UNION ALL SELECT 'two@aoba.example', 'Other', 5, CAST('2026-11-01' AS DATE), CAST('2026-12-10' AS DATE), 'Kim', 'agent@example.com'"),
        "people": {"email": "email"}, "company_id": "company", "company": "company", "mrr": "mrr", "start": "start",
        "renewal": "renewal", "owners": [{"role": "sales", "name": "sales_name", "email": "sales_email"}],
    });
    definition
}

fn fields(bed: &Testbed, user: u64) -> Value {
    bed.vendors().user(user).expect("a user")["user_fields"].clone()
}

fn requester(bed: &Testbed, ticket: u64) -> u64 {
    bed.vendors().ticket(ticket).expect("a ticket")["requester_id"].as_u64().expect("an id")
}

#[tokio::test]
async fn somebody_who_writes_for_the_first_time_is_known_within_a_minute() {
    bed()
        .setting("notices.page", "off")
        .setting("notices.renewal_near", "off")
        .run_on_each(async |bed| {
            connected(bed, &with_strangers()).await;
            let before = updates(bed);
            bed.vendors().double_deliveries(10);
            let arrival =
                Arrival::email("New Person", "new.person@aoba.example", "Hello", "It does not start");
            let ticket = bed.vendors().write_in(&arrival).expect("a ticket");
            let user = requester(bed, ticket);
            assert_eq!(fields(bed, user)["sfdc_mrr"], Value::Null, "nobody knew them when they wrote");
            run_all(bed).await;
            let now = fields(bed, user);
            assert_eq!(
                (&now["sfdc_company_name"], &now["sfdc_mrr"]),
                (&json!("Aoba"), &json!(120000.0)),
                "{now}"
            );
            assert!(
                now["sfdc_contract_start"].as_str().is_some_and(|day| day.starts_with("2026-11-01")),
                "{now}"
            );
            assert_eq!(updates(bed), before, "one call for one user");
            let tags = bed.vendors().ticket(ticket).expect("a ticket")["tags"].to_string();
            assert!(tags.contains("deskside_contract") && tags.contains("deskside_new_contract"), "{tags}");
            assert_eq!(listed(bed).await, ["new_customer told zendesk Kim -"]);
            assert_eq!(bed.vendors().mails().iter().filter(|mail| mail["kind"] == "verification").count(), 0);
            assert_eq!(bed.vendors().mails_to_customers(), Vec::<Value>::new());
        })
        .await;
}

#[tokio::test]
async fn whoever_is_not_known_or_of_several_companies_keeps_empty_fields() {
    bed()
        .run(async |bed| {
            connected(bed, &with_strangers()).await;
            for address in ["stranger@nowhere.example", "two@aoba.example"] {
                let ticket = bed
                    .vendors()
                    .write_in(&Arrival::email("Somebody", address, "Hello", "Hi"))
                    .expect("a ticket");
                run_all(bed).await;
                let user = requester(bed, ticket);
                assert_eq!(fields(bed, user)["sfdc_mrr"], Value::Null, "{address}");
                let tags = bed.vendors().ticket(ticket).expect("a ticket")["tags"].to_string();
                assert!(!tags.contains("deskside"), "{tags}");
            }
            let visitor = bed.vendors().write_in(&Arrival::chat("Visitor", "Hi")).expect("a ticket");
            run_all(bed).await;
            assert_eq!(fields(bed, requester(bed, visitor))["sfdc_mrr"], Value::Null);
            assert!(listed(bed).await.is_empty());
        })
        .await;
}

#[tokio::test]
async fn a_card_does_the_same_where_zendesk_reports_nobody() {
    bed()
        .setting("notices.page", "off")
        .setting("notices.renewal_near", "off")
        .run(async |bed| {
            connected(bed, &with_strangers()).await;
            let admin = bed.agent(ADMIN).await;
            silence_events(bed).await;
            let arrival =
                Arrival::email("New Person", "new.person@aoba.example", "Hello", "It does not start");
            let ticket = bed.vendors().write_in(&arrival).expect("a ticket");
            delivered(bed).await;
            run_all(bed).await;
            let user = requester(bed, ticket);
            assert_eq!(fields(bed, user)["sfdc_mrr"], Value::Null, "Zendesk said nothing");
            admin.gets(&format!("/api/tickets/{ticket}/card")).await;
            for _ in 0..50 {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                run_all(bed).await;
                if fields(bed, user)["sfdc_mrr"] != Value::Null {
                    break;
                }
            }
            assert_eq!(fields(bed, user)["sfdc_mrr"], 120_000.0);
            assert_eq!(listed(bed).await, ["new_customer told zendesk Kim -"]);
        })
        .await;
}

/// An admin switches the webhook of new users off.
async fn silence_events(bed: &Testbed) {
    let user = format!("{}/token", credentials::ADMIN_EMAIL);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = client.get(format!("{}/api/v2/webhooks", bed.sandbox.zendesk_url));
    let answer = request.basic_auth(user, Some(credentials::API_TOKEN)).send().await.expect("an answer");
    let all: Value = answer.json().await.expect("JSON");
    let all = all["webhooks"].as_array().expect("a list");
    let events = all.iter().find(|one| one["endpoint"].as_str().is_some_and(|url| url.ends_with("/events")));
    let id = events.expect("the webhook")["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v2/webhooks/{id}");
    bed.zendesk(reqwest::Method::PATCH, &path, &json!({"webhook": {"status": "inactive"}})).await;
}

#[tokio::test]
async fn what_no_secret_signs_is_refused_before_zendesk_is_asked() {
    bed()
        .run(async |bed| {
            let before = bed.vendors().calls().len();
            for path in ["/hooks/zendesk/archive", "/hooks/zendesk/notice", "/hooks/zendesk/events"] {
                for signature in ["", "AAAA", "not base64"] {
                    let mut delivery = Delivery::about(bed, 42);
                    delivery.signature = Some(signature.to_owned());
                    let answer = delivery.sent_to(bed, path).await;
                    assert_eq!(answer.verdict(), "401 webhook_signature_invalid", "{path} {signature:?}");
                }
            }
            assert_eq!(bed.vendors().calls().len(), before);
        })
        .await;
}
