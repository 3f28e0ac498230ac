//! Tickets as a source: kept as users are, without what people wrote; the integration that counts them for each organization, and
//! the report by plan and MRR.

use deskside_sandbox::{Fault, FaultRule, Matching};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, first_run, keep, run};
use crate::integrations_destinations::log_of;
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Testbed, bed};

const TEMPLATE: &str = include_str!("../../server/templates/support-health-to-zendesk-organizations.toml");

/// The template, as it is shipped.
fn shipped() -> Value {
    let mut template: Value = toml::from_str(TEMPLATE).expect("TOML");
    let mut wish = template["integration"][0].take();
    for name in ["id", "name", "enabled"] {
        wish.as_object_mut().expect("a table").remove(name);
    }
    wish
}

fn organization(bed: &Testbed, id: &Value) -> Value {
    let all = bed.vendors().organizations();
    all.into_iter().find(|organization| organization["id"] == *id).expect("an organization")
}

/// Of whom ticket 42 is.
fn of_demo(bed: &Testbed) -> Value {
    bed.vendors().ticket(42).expect("a ticket")["organization_id"].clone()
}

/// What the fields of an organization say: open, urgent, newest, satisfaction.
fn health(bed: &Testbed, id: &Value) -> [Value; 4] {
    let fields = &organization(bed, id)["organization_fields"];
    ["open_tickets", "urgent_tickets", "last_contact", "satisfaction_90d"]
        .map(|field| fields[format!("support_{field}")].clone())
}

/// The same, counted by hand.
fn counted(bed: &Testbed, id: &Value) -> (u64, u64) {
    let tickets = (1..200).filter_map(|ticket| bed.vendors().ticket(ticket));
    let open: Vec<Value> = tickets
        .filter(|ticket| ticket["organization_id"] == *id)
        .filter(|ticket| !["solved", "closed"].contains(&ticket["status"].as_str().expect("a status")))
        .collect();
    let urgent = open.iter().filter(|ticket| ticket["priority"] == "urgent").count();
    (open.len() as u64, urgent as u64)
}

fn exports(bed: &Testbed) -> usize {
    bed.vendors().calls().iter().filter(|call| call.path.ends_with("/incremental/{what}/cursor")).count()
}

/// One more ticket of an organization's customer; its number.
async fn asks(bed: &Testbed, priority: &str) -> u64 {
    let ticket = json!({"ticket": {
        "requester_id": HANAKO, "subject": "private", "priority": priority, "comment": {"body": "private", "public": true},
        "custom_fields": [{"id": 360, "value": "private"}],
    }});
    bed.zendesk(Method::POST, "/api/v2/tickets.json", &ticket).await;
    (1..300).rev().find(|id| bed.vendors().ticket(*id).is_some()).expect("a ticket")
}

#[tokio::test]
async fn the_template_counts_what_each_organization_needs() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = of_demo(bed);
            for (ticket, score) in [(asks(bed, "low").await, "good"), (asks(bed, "low").await, "bad")] {
                bed.vendors().rate(ticket, score);
            }
            let third = asks(bed, "urgent").await;
            bed.vendors().rate(third, "good");
            bed.pass(120);
            let done = first_run(bed, &admin, &shipped()).await;
            assert_eq!(
                (&done["state"], &done["counts"]["rejected"], &done["counts"]["unmatched"]),
                (&json!("completed"), &json!(0), &json!(0)),
                "{}",
                log_of(&admin, &done).await
            );
            let (open, urgent) = counted(bed, &id);
            assert!(urgent >= 1 && open > urgent, "{open} {urgent}");
            let [is_open, is_urgent, newest, satisfaction] = health(bed, &id);
            assert_eq!((is_open, is_urgent, satisfaction), (json!(open), json!(urgent), json!(67)));
            assert!(newest.as_str().expect("a date").starts_with("2026-11-22"), "{newest}");
            // An organization without a ticket has none open, and nobody rated.
            let none = bed.vendors().organizations().into_iter().find(|organization| {
                (1..300).all(|ticket| {
                    bed.vendors().ticket(ticket).is_none_or(|it| it["organization_id"] != organization["id"])
                })
            });
            if let Some(none) = none {
                assert_eq!(health(bed, &none["id"]), [json!(0), json!(0), Value::Null, Value::Null]);
            }
        })
        .await;
}

#[tokio::test]
async fn later_runs_read_what_changed_and_deleted_tickets_are_gone() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = of_demo(bed);
            let first = asks(bed, "urgent").await;
            bed.pass(120);
            first_run(bed, &admin, &shipped()).await;
            let (open, urgent) = counted(bed, &id);
            assert_eq!(health(bed, &id)[..2], [json!(open), json!(urgent)]);
            bed.pass(120);
            let unchanged = run(bed, &admin, json!({})).await;
            assert_eq!((&unchanged["calls"], &unchanged["state"]), (&json!(0), &json!("completed")));
            let calls = exports(bed);
            bed.vendors().set_status(42, "solved");
            let solved = json!({"ticket": {"priority": "high"}});
            bed.zendesk(Method::PUT, "/api/v2/tickets/42.json", &solved).await;
            bed.zendesk(Method::DELETE, &format!("/api/v2/tickets/{first}.json"), &json!({})).await;
            bed.pass(120);
            let done = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&done["state"], &done["counts"]["updated"]),
                (&json!("completed"), &json!(1)),
                "{done}"
            );
            let (open, urgent) = counted(bed, &id);
            assert_eq!(health(bed, &id)[..2], [json!(open), json!(urgent)]);
            assert_eq!(exports(bed), calls + 1, "one page of changes");
            let log = log_of(&admin, &done).await;
            assert!(log.contains("read from `zendesk`: 2 tickets"), "{log}");
        })
        .await;
}

#[tokio::test]
async fn what_people_wrote_is_nowhere_on_the_disk() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            asks(bed, "low").await;
            bed.pass(120);
            first_run(bed, &admin, &shipped()).await;
            let folder = format!("{}.staging", bed.archive_folder().display());
            let mut open = vec![std::path::PathBuf::from(folder)];
            let mut read = 0;
            while let Some(path) = open.pop() {
                if path.is_dir() {
                    open.extend(
                        std::fs::read_dir(&path).expect("a folder").flatten().map(|entry| entry.path()),
                    );
                    continue;
                }
                let bytes = std::fs::read(&path).expect("a file");
                read += usize::from(path.to_string_lossy().contains("tickets-"));
                assert!(!bytes.windows(7).any(|part| part == b"private"), "{}", path.display());
            }
            assert!(read > 0, "no kept tickets");
            let sample =
                admin.posts("/api/connections/zendesk/sample", &json!({"read": {"kind": "tickets"}})).await;
            assert_eq!(sample.verdict(), "200", "{}", sample.text);
            assert!(!sample.text.contains("private"), "{}", sample.text);
            let columns: Vec<Value> = sample.json()["columns"]
                .as_array()
                .expect("columns")
                .iter()
                .map(|one| one["name"].clone())
                .collect();
            assert!(
                columns.contains(&json!("satisfaction")) && !columns.contains(&json!("subject")),
                "{columns:?}"
            );
            let listed = admin.gets("/api/connections/zendesk/objects").await.json();
            assert!(listed["objects"].to_string().contains("tickets"), "{listed}");
            let fields = admin.gets("/api/connections/zendesk/objects/tickets/fields").await;
            assert!(
                fields.text.contains("priority") && !fields.text.contains("\"active\""),
                "{}",
                fields.text
            );
        })
        .await;
}

#[tokio::test]
async fn an_export_that_breaks_off_goes_on_where_it_was() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            bed.pass(120);
            let on = Matching { path_contains: Some("incremental/tickets".into()), ..Matching::default() };
            let status = Fault::Status { status: 503, retry_after: None };
            bed.vendors().fault(FaultRule { on, times: 2, skip: 0, fault: status });
            let done = first_run(bed, &admin, &shipped()).await;
            assert_eq!(done["state"], "completed", "{done}");
            let (open, urgent) = counted(bed, &of_demo(bed));
            assert_eq!(health(bed, &of_demo(bed))[..2], [json!(open), json!(urgent)]);
        })
        .await;
}

/// Contracts by user and by organization, in an integration that writes no field of the other.
async fn contracts(bed: &Testbed, admin: &Visitor) {
    let organization = of_demo(bed);
    let wish = json!({
        "sources": [
            {"as": "people", "connection": "zendesk", "read": {"kind": "users"}},
            {"as": "tickets", "connection": "zendesk", "read": {"kind": "tickets"}},
        ],
        "model": {"sql": format!("SELECT id AS user_id, 'Aoba' AS company FROM people WHERE id = {HANAKO}")},
        "destination": {"connection": "zendesk", "object": "users", "mode": "update"},
        "key": {"column": "user_id", "field": "id"},
        "mapping": [{"column": "company", "field": "sfdc_company_name"}],
        "contract": {
            "sql": format!(
                "SELECT 'c1' AS id, 'Aoba' AS name, 500.25 AS mrr, 'customer' AS kind, 'pro' AS plan, {HANAKO} AS user_id, NULL AS organization
                 UNION ALL SELECT 'c2', 'Aoba small', 10, 'customer', 'team', {HANAKO}, NULL
                 UNION ALL SELECT 'c3', 'All of it', 20000, 'partner', NULL, NULL, {organization}"
            ),
            "company_id": "id", "company": "name", "mrr": "mrr", "account_type": "kind", "extra": {"plan": "plan"},
            "people": {"user": "user_id", "organization": "organization"}, "owners": [],
        },
    });
    let done = first_run(bed, admin, &wish).await;
    assert_eq!(done["state"], "completed", "{}", log_of(admin, &done).await);
}

#[tokio::test]
async fn a_report_counts_tickets_by_week_plan_and_mrr() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let refused = admin.gets("/api/reports/tickets").await;
            assert_eq!(refused.verdict(), "409 tickets_not_kept", "{}", refused.text);
            for _ in 0..3 {
                asks(bed, "low").await;
            }
            bed.pass(120);
            contracts(bed, &admin).await;
            let report = admin.gets("/api/reports/tickets?weeks=104").await;
            assert_eq!(report.verdict(), "200", "{}", report.text);
            let report = report.json();
            let groups = report["groups"].as_array().expect("groups");
            let sum = |plan: &str| -> u64 {
                let of = groups.iter().filter(|group| group["plan"] == plan);
                of.map(|group| group["tickets"].as_u64().expect("a count")).sum()
            };
            let all = (1..300).filter_map(|id| bed.vendors().ticket(id)).collect::<Vec<_>>();
            let own = all.iter().filter(|ticket| ticket["requester_id"] == HANAKO).count() as u64;
            let others = all.iter().filter(|ticket| {
                ticket["organization_id"] == of_demo(bed) && ticket["requester_id"] != HANAKO
            });
            assert_eq!((sum("pro"), sum("partner")), (own, others.count() as u64), "{report}");
            assert_eq!(sum("pro") + sum("partner") + sum(""), all.len() as u64, "each counts once: {report}");
            let pro: Vec<_> = groups.iter().filter(|group| group["plan"] == "pro").collect();
            assert!(pro.iter().all(|group| group["mrr_band"] == "100_to_1000"), "{pro:?}");
            assert_eq!(pro.last().expect("a group")["week"], "2026-11-16");
            // Only this week.
            let week = admin.gets("/api/reports/tickets?weeks=1").await.json();
            assert_eq!(week["since"], "2026-11-16");
            assert!(
                week["groups"].as_array().expect("groups").iter().all(|group| group["week"] == "2026-11-16")
            );
            assert!(week["contracts_known_at"].as_str().is_some_and(|at| at.starts_with("2026-")), "{week}");
            let csv = admin.gets("/api/reports/tickets?weeks=104&format=csv").await;
            assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
            assert_eq!(csv.text.lines().count(), groups.len() + 1, "{}", csv.text);
            assert!(
                csv.text.starts_with("week,plan,mrr_band,tickets\r\n")
                    && csv.text.contains(",pro,100_to_1000,")
            );
            for query in ["weeks=no", "format=xml", "months=1"] {
                let refused = admin.gets(&format!("/api/reports/tickets?{query}")).await;
                assert_eq!(refused.verdict(), "400 query_invalid", "{query}");
            }
            // Without contracts nobody is counted as one who has none.
            let pause = admin.request(Method::PUT, "/api/integrations/contracts/enabled");
            assert_eq!(Answer::to(pause.json(&json!({"enabled": false}))).await.verdict(), "200");
            assert_eq!(admin.gets("/api/reports/tickets").await.verdict(), "409 contract_not_integrated");
        })
        .await;
}

#[tokio::test]
async fn tickets_are_read_from_zendesk_alone_and_written_nowhere() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let mut wish = shipped();
            wish["destination"]["object"] = json!("tickets");
            let refused = keep(&admin, &wish).await;
            assert_eq!(refused.verdict(), "422 integration_invalid", "{}", refused.text);
            assert!(refused.text.contains("must be `users` or `organizations`"), "{}", refused.text);
            let mut wish = shipped();
            wish["model"]["sql"] =
                json!("SELECT id AS organization_id, subject AS open_tickets FROM tickets");
            let refused = keep(&admin, &wish).await;
            assert_eq!(refused.verdict(), "422 integration_invalid", "{}", refused.text);
        })
        .await;
}

#[tokio::test]
async fn a_change_of_an_old_ticket_makes_its_rating_no_new_one() {
    bed()
        .run(async |bed| {
            let id = of_demo(bed);
            let old = asks(bed, "low").await;
            bed.vendors().rate(old, "bad");
            bed.pass(120 * 24 * 3_600);
            let admin = bed.agent(ADMIN).await;
            let new = asks(bed, "low").await;
            bed.vendors().rate(new, "good");
            bed.pass(120);
            first_run(bed, &admin, &shipped()).await;
            assert_eq!(health(bed, &id)[3], json!(100));
            bed.zendesk(
                Method::PUT,
                &format!("/api/v2/tickets/{old}.json"),
                &json!({"ticket": {"priority": "high"}}),
            )
            .await;
            bed.pass(120);
            let done = run(bed, &admin, json!({})).await;
            assert_eq!((&done["state"], &health(bed, &id)[3]), (&json!("completed"), &json!(100)), "{done}");
        })
        .await;
}
