//! Who comes first where more is to be written than goes out at once.

use deskside_sandbox::{Fault, FaultRule, Matching};
use serde_json::json;

use crate::integrations::{ADMIN, HANAKO, definition, field, first_run, keep, run, until_it_ends};
use crate::integrations_destinations::log_of;
use crate::support::testbed::{Testbed, bed};

/// Whether the user has a ticket that is not done.
fn waits(bed: &Testbed, user: u64) -> bool {
    let done = |ticket: &u64| {
        let ticket = bed.vendors().ticket(*ticket).expect("a ticket");
        ["solved", "closed"].contains(&ticket["status"].as_str().expect("a status"))
    };
    bed.vendors().tickets_of(user).iter().any(|ticket| !done(ticket))
}

#[tokio::test]
async fn users_with_open_tickets_come_first() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(150);
            bed.pass(120);
            let kept = keep(&admin, &definition()).await;
            assert_eq!(kept.verdict(), "201");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            // Zendesk takes one delivery, and no second one for now.
            let on = Matching { path_suffix: Some("update_many".into()), ..Matching::default() };
            let fault = Fault::Status { status: 503, retry_after: None };
            bed.vendors().fault(FaultRule { on, times: 99, skip: 1, fault });
            let started =
                admin.posts("/api/integrations/contracts/runs", &json!({"accept": dry["id"]})).await;
            let id = started.json()["run"]["id"].as_str().expect("an id").to_owned();
            bed.run_jobs().await;
            bed.pass(20);
            bed.run_jobs().await;
            let customers: Vec<u64> = (0..40).map(|at| HANAKO + at * 128).collect();
            let waiting: Vec<u64> = customers
                .into_iter()
                .filter(|user| {
                    bed.vendors()
                        .user(*user)
                        .is_some_and(|it| it["active"] == true && it["role"] == "end-user")
                        && waits(bed, *user)
                })
                .collect();
            assert!((5..100).contains(&waiting.len()), "{waiting:?}");
            for user in &waiting {
                let name = bed.vendors().user(*user).expect("a user")["name"].clone();
                let company = field(bed, *user, "sfdc_company_name");
                assert_eq!(company, format!("Company of {}", name.as_str().expect("a name")), "{user}");
            }
            let made = (0..150).map(|at| first + at * 128);
            let written = made.filter(|user| !field(bed, *user, "sfdc_company_name").is_null()).count();
            assert_eq!(written, 100 - waiting.len(), "the delivery is filled up with others");
            let searches =
                bed.vendors().calls().iter().filter(|call| call.path.contains("search/export")).count();
            assert!(searches < 10, "{searches}");
            bed.vendors().clear_faults();
            let done = until_it_ends(bed, &admin, &id).await;
            assert_eq!(done["counts"]["updated"], done["counts"]["matched"], "{done}");
        })
        .await;
}

#[tokio::test]
async fn rows_go_out_where_nobody_can_say_who_waits() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            bed.vendors().make_users(150);
            bed.pass(120);
            let on = Matching { path_contains: Some("search/export".into()), ..Matching::default() };
            bed.vendors().fault(FaultRule {
                on,
                times: 99,
                skip: 0,
                fault: Fault::Status { status: 403, retry_after: None },
            });
            let done = first_run(bed, &admin, &definition()).await;
            assert_eq!(
                (&done["state"], &done["counts"]["updated"]),
                (&json!("completed"), &done["counts"]["matched"]),
                "{done}"
            );
            assert!(log_of(&admin, &done).await.contains("which records have open tickets cannot be read"));
        })
        .await;
}
