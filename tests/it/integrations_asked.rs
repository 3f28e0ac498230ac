//! What a vendor is asked of users' addresses, and that who looks at first rows sees the addresses that a run sees.

use deskside_sandbox::{Limits, Odd};
use serde_json::json;

use crate::integrations::{ADMIN, keep, run, with};
use crate::integrations_addresses::{
    COMPANY, EXPORT, HUNDRED, address, asked, by_address, has, identity, says, silence,
};
use crate::support::testbed::bed;

#[tokio::test]
async fn a_preview_of_the_first_rows_finds_users_as_a_run_does() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(2);
            let [ann, bo] = [first, first + 128];
            let of = |user, second: &str| identity(user, second, false, true);
            let own = [ann, bo].map(|user| identity(user, &address(bed, user), true, true));
            let others = [
                of(ann, &address(bed, bo)),
                of(ann, "shared@example.org"),
                of(bo, "shared@example.org"),
                of(bo, "b.second@example.org"),
            ];
            let said = json!(own.into_iter().chain(others).collect::<Vec<_>>());
            bed.pass(120);
            let model = with(|it| {
                it["model"]["sql"] = json!(format!(
                    "SELECT email_key AS address, concat(CAST(user_id AS VARCHAR), CASE WHEN is_primary THEN ' first' ELSE '' END) AS company
                       FROM people_addresses WHERE user_id >= {ann} ORDER BY email_key, user_id"
                ));
                it["key"] = json!({"column": "address", "field": "email"});
                it["mapping"] = json!([{"column": "company", "field": COMPANY}]);
            });
            assert_eq!(keep(&admin, &model).await.verdict(), "201");
            let shown = async || {
                says(bed, EXPORT, Odd::Value { at: "/identities".to_owned(), value: said.clone() });
                let rows = admin.posts("/api/integrations/contracts/preview", &json!({})).await.json();
                (rows["rows"].clone(), rows["sources"][0]["run"].is_string())
            };
            let (before, of_run) = shown().await;
            assert!(!of_run && before.as_array().is_some_and(|rows| rows.len() == 3), "{before}");
            says(bed, EXPORT, Odd::Value { at: "/identities".to_owned(), value: said.clone() });
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(dry["state"], "completed", "{dry}");
            assert_eq!(shown().await, (before, true));
        })
        .await;
}

#[tokio::test]
async fn users_of_whom_zendesk_does_not_tell_all_are_asked_for_once() {
    bed()
        .limits(Limits::relaxed())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let first = bed.vendors().make_users(250);
            let last = first + 249 * 128;
            bed.pass(120);
            let everybody = bed.vendors().state()["users"].as_u64().expect("a number");
            assert_eq!(keep(&admin, &by_address(&["second@example.org"])).await.verdict(), "201");
            let calls = async || {
                let before = asked(bed).1;
                says(bed, EXPORT, silence());
                let dry = run(bed, &admin, json!({"kind": "dry"})).await;
                assert_eq!(dry["state"], "completed", "{dry}");
                asked(bed).1 - before
            };
            let changes = || {
                bed.vendors().set_user_fields(last, &json!({"sfdc_mrr": 1}));
                bed.pass(120);
            };
            // Of the first hundred it cannot be read whose an address is: they are asked for again.
            says(
                bed,
                HUNDRED,
                Odd::Value { at: "/identities/0/user_id".to_owned(), value: json!("somebody") },
            );
            assert_eq!(u64::try_from(calls().await).expect("few"), everybody.div_ceil(100));
            // Now Zendesk tells none of theirs, and goes on so.
            says(bed, HUNDRED, Odd::Value { at: "/identities".to_owned(), value: json!([]) });
            changes();
            assert_eq!(calls().await, 2, "of a hundred, and of the one who changed");
            changes();
            assert_eq!(calls().await, 1, "of the one who changed");
        })
        .await;
}

#[tokio::test]
async fn addresses_that_no_export_tells_are_asked_for_by_the_hundred() {
    bed()
        .limits(Limits::relaxed())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let user = bed.vendors().make_users(250);
            has(bed, user, "second@example.org", true).await;
            bed.pass(120);
            let everybody = bed.vendors().state()["users"].as_u64().expect("a number");
            says(bed, EXPORT, silence());
            assert_eq!(keep(&admin, &by_address(&["second@example.org"])).await.verdict(), "201");
            let before = asked(bed);
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(dry["counts"]["matched"], 1, "{dry}");
            let calls = asked(bed).1 - before.1;
            assert_eq!(u64::try_from(calls).expect("few"), everybody.div_ceil(100), "of {everybody}");
            let again = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!((&again["counts"]["matched"], asked(bed).1 - before.1), (&json!(1), calls));
            // One of them changed, and only they are asked for; what is refused is no address that is gone.
            let changes = async || {
                bed.vendors().set_user_fields(user, &json!({"sfdc_mrr": 1}));
                bed.pass(120);
                says(bed, EXPORT, silence());
                run(bed, &admin, json!({"kind": "dry"})).await
            };
            assert_eq!(
                (changes().await["counts"]["matched"].clone(), asked(bed).1 - before.1),
                (json!(1), calls + 1)
            );
            says(bed, HUNDRED, Odd::Says { says: 403, body: r#"{"error": "Forbidden"}"#.to_owned() });
            let refused = changes().await;
            assert_eq!(refused["state"], "failed", "{refused}");
            assert!(
                refused["problem"]["message"].as_str().is_some_and(|why| why.contains("show_many")),
                "{refused}"
            );
            let mended = run(bed, &admin, json!({"kind": "dry"})).await;
            assert_eq!(mended["counts"]["matched"], 1, "{mended}");
        })
        .await;
}
