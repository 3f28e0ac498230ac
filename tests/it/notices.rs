//! Notices to whoever is in charge: a ticket comes, Zendesk's triggers ask, the contract is read afresh, and somebody is told, once.

use deskside_sandbox::{Arrival, Fault, FaultRule, Matching, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, first_run, with};
use crate::support::hooks::{delivered, run_all};
use crate::support::testbed::{Plan, Testbed, bed};

/// Where Slack's stand-in listens.
const SLACK: &str = credentials::SLACK_HOOK;

/// Every customer has the same contract: new, near its renewal, with a high MRR; with this change of its rows.
pub fn contracts(change: &str) -> Value {
    let columns = "'Aoba' AS company, 120000 AS mrr, CAST('2026-11-01' AS DATE) AS start, CAST('2026-12-10' AS DATE) AS renewal,
                   'Kim' AS sales_name, 'agent@example.com' AS sales_email,
                   'Ren' AS success_name, 'ren.restricted@example.com' AS success_email, 'mika.owner@example.com' AS own_email, 'https://crm.example.com/1' AS url";
    with(|it| {
        it["model"]["sql"] = json!(format!(
            "SELECT * FROM (SELECT id AS user_id, email, {columns} FROM people WHERE role = 'end-user') AS rows {change}"
        ));
        it["mapping"] = json!([
            {"column": "company", "field": "sfdc_company_name"},
            {"column": "mrr", "field": "sfdc_mrr"},
            {"column": "start", "field": "sfdc_contract_start"},
            {"column": "renewal", "field": "sfdc_renewal_date"},
        ]);
        it["contract"] = json!({
            "people": {"user": "user_id", "email": "email"}, "company_id": "company", "company": "company", "mrr": "mrr",
            "start": "start", "renewal": "renewal", "extra": {"record_url": "url"},
            "owners": [{"role": "sales", "name": "sales_name", "email": "sales_email"},
                       {"role": "success", "name": "success_name", "email": "success_email"}],
        });
    })
}

/// A world in which somebody is paged, and others are told by Slack.
pub fn paging() -> Plan {
    bed()
        .setting("pagerduty.routing_key", credentials::PAGERDUTY_KEY)
        .setting("notify.format", "slack")
        .tells(SLACK)
}

/// The contracts are brought, and the triggers are made.
pub async fn connected(bed: &Testbed, definition: &Value) {
    let admin = bed.agent(ADMIN).await;
    let done = first_run(bed, &admin, definition).await;
    assert_eq!(done["state"], "completed", "{done}");
    bed.connects_notices(&[]).await.expect("the triggers are made");
}

/// Hanako writes.
pub fn writes(bed: &Testbed, priority: Option<&str>, body: &str) -> u64 {
    let email = bed.vendors().user(HANAKO).expect("she")["email"].as_str().expect("an address").to_owned();
    let arrival = Arrival {
        priority: priority.map(str::to_owned),
        ..Arrival::email("佐藤 花子", &email, "It does not start", body)
    };
    bed.vendors().write_in(&arrival).expect("a ticket")
}

/// What is listed, oldest first: `kind outcome channel told_to reason`.
pub async fn listed(bed: &Testbed) -> Vec<String> {
    let page = bed.agent(ADMIN).await.gets("/api/notices").await;
    assert_eq!(page.verdict(), "200", "{}", page.text);
    let mut rows: Vec<_> = page.json()["notices"].as_array().expect("a list").iter().map(line).collect();
    rows.sort();
    rows
}

fn line(row: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let parts = [&row["kind"], &row["outcome"], &row["channel"], &row["told_to"], &row["reason"]["code"]];
    parts.map(text).join(" ")
}

#[tokio::test]
async fn whoever_is_in_charge_is_told_once_and_the_ticket_stays_where_it_is() {
    paging()
        .run_on_each(async |bed| {
            connected(bed, &contracts("")).await;
            bed.vendors().double_deliveries(10);
            let ticket = writes(bed, Some("urgent"), &format!("Nothing works. {}", "x".repeat(65_000)));
            run_all(bed).await;
            assert_eq!(
                listed(bed).await,
                [
                    "new_customer told zendesk Kim -",
                    "page told pagerduty Ren -",
                    "renewal_near told zendesk Ren -",
                ]
            );
            let alerts = bed.vendors().alerts();
            assert_eq!((alerts.len(), &alerts[0]["triggers"]), (1, &json!(1)), "{alerts:?}");
            assert_eq!(alerts[0]["dedup_key"], format!("deskside-acme-{ticket}"));
            assert_eq!(
                alerts[0]["summary"],
                format!("Ticket {ticket}: an emergency of Aoba, which has a high MRR")
            );
            let told = bed.vendors().mails_to_agents();
            let to: Vec<_> = told.iter().map(|mail| mail["to"].as_str().expect("an address")).collect();
            assert!(
                to.contains(&"agent@example.com") && to.contains(&"ren.restricted@example.com"),
                "{told:?}"
            );
            let notes: Vec<_> = bed.vendors().comments(ticket).into_iter().skip(1).collect();
            assert_eq!(notes.len(), 2, "{notes:?}");
            assert!(notes.iter().all(|note| note["public"] == false
                && note["html_body"].as_str().is_some_and(|html| html.len() < 2_500)));
            assert_eq!(bed.vendors().mails_to_customers(), Vec::<Value>::new());
            let now = bed.vendors().ticket(ticket).expect("a ticket");
            assert_eq!(now["assignee_id"], Value::Null, "nobody is assigned");
            // Whatever is written later, nobody is told again.
            bed.vendors().reply(ticket, "Still nothing").expect("a reply");
            run_all(bed).await;
            assert_eq!(listed(bed).await.len(), 3);
            // Solved: the page is over. Open again: it is another one.
            bed.zendesk(
                Method::PUT,
                &format!("/api/v2/tickets/{ticket}"),
                &json!({"ticket": {"status": "solved"}}),
            )
            .await;
            run_all(bed).await;
            assert_eq!(bed.vendors().alerts()[0]["status"], "resolved");
            bed.pass(60); // deliveries of one second would have one signature
            bed.vendors().reply(ticket, "It is back").expect("a reply");
            run_all(bed).await;
            let alerts = bed.vendors().alerts();
            assert_eq!((alerts.len(), &alerts[1]["status"]), (2, &json!("triggered")), "{alerts:?}");
            assert_eq!(bed.vendors().notices(), Vec::<Value>::new(), "nobody else was told");
        })
        .await;
}

#[tokio::test]
async fn an_emergency_that_comes_back_before_its_end_was_told_is_another_alert() {
    paging()
        .run_on_each(async |bed| {
            connected(bed, &contracts("")).await;
            let ticket = writes(bed, Some("urgent"), "Nothing works.");
            run_all(bed).await;
            assert_eq!(bed.vendors().alerts()[0]["status"], "triggered");
            let on = Matching { path_suffix: Some("/v2/enqueue".to_owned()), ..Matching::default() };
            let fault = Fault::Status { status: 503, retry_after: None };
            let down = bed.vendors().fault(FaultRule { on, times: 99, skip: 0, fault });
            let solved = json!({"ticket": {"status": "solved"}});
            let path = format!("/api/v2/tickets/{ticket}");
            bed.zendesk(Method::PUT, &path, &solved).await;
            delivered(bed).await;
            bed.run_jobs().await;
            assert!(bed.vendors().met(down) > 0);
            assert_eq!(bed.vendors().alerts()[0]["status"], "triggered");
            bed.vendors().clear_faults();
            bed.pass(60);
            bed.vendors().reply(ticket, "It is back").expect("a reply");
            delivered(bed).await;
            bed.run_jobs().await;
            bed.pass(30); // the end waits for a page that is on its way
            run_all(bed).await;
            let alerts = bed.vendors().alerts();
            let states: Vec<_> = alerts.iter().map(|alert| &alert["status"]).collect();
            assert_eq!(
                states,
                ["resolved", "triggered"],
                "the first alert takes no second page in: {alerts:?}"
            );
            let listed = listed(bed).await;
            assert_eq!(
                listed.iter().filter(|line| line.starts_with("page told pagerduty")).count(),
                2,
                "{listed:?}"
            );
            assert!(listed.iter().any(|line| line.contains("paged_again")), "{listed:?}");
            bed.pass(60);
            bed.zendesk(Method::PUT, &path, &solved).await;
            run_all(bed).await;
            assert_eq!(bed.vendors().alerts()[1]["status"], "resolved");
        })
        .await;
}

/// check(how the contract differs, what is done before the job runs, what is listed)
#[tokio::test]
async fn what_became_of_ticket_and_owner_decides_who_is_told() {
    async fn check(change: &str, before: impl AsyncFn(&Testbed, u64), expected: &str) {
        paging()
            .setting("notices.page", "off")
            .setting("notices.renewal_near", "off")
            .run(async |bed| {
                connected(bed, &contracts(change)).await;
                let ticket = writes(bed, None, "Hello");
                crate::support::hooks::delivered(bed).await;
                before(bed, ticket).await;
                run_all(bed).await;
                assert_eq!(listed(bed).await, [expected], "{change}");
            })
            .await;
    }
    let nothing = async |_: &Testbed, _: u64| {};
    check("", nothing, "new_customer told zendesk Kim -").await;
    let change = async |bed: &Testbed, ticket: u64, wish: Value| {
        bed.zendesk(Method::PUT, &format!("/api/v2/tickets/{ticket}"), &json!({"ticket": wish})).await;
    };
    check(
        "",
        async |bed: &Testbed, ticket| change(bed, ticket, json!({"status": "solved"})).await,
        "new_customer told zendesk Kim -",
    )
    .await;
    check(
        "",
        async |bed: &Testbed, ticket| bed.vendors().set_status(ticket, "closed"),
        "new_customer not_told - - ticket_closed",
    )
    .await;
    check(
        "",
        async |bed: &Testbed, ticket| {
            bed.zendesk(Method::DELETE, &format!("/api/v2/tickets/{ticket}"), &json!({})).await;
        },
        "new_customer not_told - - ticket_gone",
    )
    .await;
    check(
        "",
        async |bed: &Testbed, _| {
            bed.zendesk(
                Method::PUT,
                &format!("/api/v2/users/{HANAKO}"),
                &json!({"user": {"suspended": true}}),
            )
            .await;
        },
        "new_customer not_told - - requester_suspended",
    )
    .await;
    let agent = credentials::AGENT_ID;
    check(
        "",
        async |bed: &Testbed, _| {
            bed.zendesk(
                Method::PUT,
                &format!("/api/v2/users/{agent}"),
                &json!({"user": {"suspended": true}}),
            )
            .await;
        },
        "new_customer fallback notify notify owner_suspended",
    )
    .await;
    check(
        "",
        async |bed: &Testbed, _| {
            bed.zendesk(Method::DELETE, &format!("/api/v2/users/{agent}"), &json!({})).await;
        },
        "new_customer fallback notify notify owner_unknown",
    )
    .await;
}

/// check(the owner's address, what is listed)
#[tokio::test]
async fn an_owner_who_cannot_be_told_is_a_reason() {
    async fn check(change: impl FnOnce(&mut Value), expected: &str) {
        let mut definition = contracts("");
        change(&mut definition);
        paging()
            .setting("notices.page", "off")
            .setting("notices.renewal_near", "off")
            .run(async |bed| {
                connected(bed, &definition).await;
                let ticket = writes(bed, None, "Hello <!channel>");
                run_all(bed).await;
                assert_eq!(listed(bed).await, [expected]);
                let told = bed.vendors().notices();
                assert_eq!(told.len(), 1, "{told:?}");
                let text = told[0]["body"]["text"].as_str().expect("a text");
                assert!(text.contains(&format!("Ticket {ticket}: Aoba is a new customer")), "{text}");
                assert!(!text.contains("<!channel>"), "nobody is called by what a customer wrote: {text}");
            })
            .await;
    }
    let owners = |owners: Value| move |it: &mut Value| it["contract"]["owners"] = owners;
    check(
        owners(json!([{"role": "success", "name": "success_name", "email": "success_email"}])),
        "new_customer fallback notify notify no_owner",
    )
    .await;
    check(
        owners(json!([{"role": "sales", "name": "sales_name"}])),
        "new_customer fallback notify notify owner_without_address",
    )
    .await;
    check(
        owners(json!([{"role": "sales", "name": "sales_name", "email": "sales_email"},
                      {"role": "sales", "name": "sales_name", "email": "success_email"}])),
        "new_customer fallback notify notify owner_ambiguous",
    )
    .await;
    check(
        owners(json!([{"role": "sales", "name": "sales_name", "email": "own_email"}])),
        "new_customer fallback notify notify owner_is_writer",
    )
    .await;
    check(
        owners(json!([{"role": "sales", "name": "sales_name", "email": "email"}])),
        "new_customer fallback notify notify owner_not_agent",
    )
    .await;
}

#[tokio::test]
async fn a_group_gets_a_ticket_of_its_own_once() {
    paging()
        .setting("notices.page", "off")
        .setting("notices.renewal_near", "off")
        .setting("notices.fallback", format!("group:{}", credentials::GROUP_ID))
        .run(async |bed| {
            let mut definition = contracts("");
            definition["contract"]["owners"] = json!([]);
            connected(bed, &definition).await;
            writes(bed, None, "Hello");
            run_all(bed).await;
            let group = credentials::GROUP_ID;
            assert_eq!(listed(bed).await, [format!("new_customer fallback group group {group} no_owner")]);
            let made = bed.vendors().tickets_of(ADMIN);
            let of_notice = |id: &&u64| {
                let ticket = bed.vendors().ticket(**id).expect("a ticket");
                ticket["tags"].to_string().contains("deskside_notice") && ticket["group_id"] == group
            };
            assert_eq!(made.iter().filter(of_notice).count(), 1);
        })
        .await;
}

#[tokio::test]
async fn a_renewal_is_told_once_a_day_by_itself_and_once_for_its_period() {
    bed()
        .setting("notices.renewals_at", "09:00")
        .setting("notices.renewal_near", "notify")
        .setting("contracts.time_zone", "Asia/Tokyo")
        .setting("notify.format", "slack")
        .tells(SLACK)
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &contracts("")).await;
            for _ in 0..3 {
                bed.pass(24 * 3_600);
                bed.tick_schedules().await;
                bed.run_jobs().await;
            }
            assert_eq!(listed(bed).await, ["renewal told notify Ren -"]);
            let told = bed.vendors().notices();
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(
                told[0]["body"]["text"]
                    .as_str()
                    .is_some_and(|text| text.starts_with("The renewal of Aoba is near"))
            );
        })
        .await;
}

#[tokio::test]
async fn a_delivery_that_is_not_zendesks_is_refused() {
    bed()
        .run(async |bed| {
            connected(bed, &contracts("")).await;
            let delivery = crate::support::hooks::Delivery::saying(
                bed,
                r#"{"account":"acme","ticket_id":"42","kind":"page"}"#,
            );
            let forged = delivery.sent_to(bed, "/hooks/zendesk/notice").await;
            assert_eq!(forged.verdict(), "401 webhook_signature_invalid");
            let forged = delivery.sent_to(bed, "/hooks/zendesk/events").await;
            assert_eq!(forged.verdict(), "401 webhook_signature_invalid");
            assert!(listed(bed).await.is_empty());
        })
        .await;
}
