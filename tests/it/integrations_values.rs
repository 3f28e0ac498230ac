//! Keys, values and SQL as people and programs write them: blanks around addresses, ids with a point, letters beyond a code unit, a
//! comment at the end of a model.

use serde_json::{Value, json};

use crate::connections_console::SEAL;
use crate::integrations::{ADMIN, HANAKO, field, first_run, keep, rows, run, updates, with};
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

/// The definition with this model.
fn by(sql: &str) -> Value {
    with(|it| it["model"]["sql"] = json!(sql))
}

/// A dry run of a definition that is kept, and what it comes to.
async fn dry(bed: &Testbed, admin: &Visitor, definition: &Value) -> Value {
    let kept = keep(admin, definition).await;
    assert!(kept.verdict().starts_with("20"), "{}", kept.text);
    run(bed, admin, json!({"kind": "dry"})).await
}

/// check(what stands before and after the address)
#[tokio::test]
async fn an_address_is_found_whatever_blanks_are_around_it() {
    async fn check(bed: &Testbed, admin: &Visitor, before: u32, after: u32) {
        let mut wish = by(&format!(
            "SELECT concat(chr({before}), upper(email), chr({after})) AS address, 'x' AS company, 1 AS mrr
               FROM people WHERE external_id LIKE 'made-%'"
        ));
        wish["key"] = json!({"column": "address", "field": "email"});
        let run = dry(bed, admin, &wish).await;
        assert_eq!(
            (&run["counts"]["matched"], &run["counts"]["unmatched"]),
            (&json!(3), &json!(0)),
            "{before} {after}: {run}"
        );
    }
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            bed.vendors().make_users(3);
            bed.pass(120);
            check(bed, &admin, 32, 32).await;
            check(bed, &admin, 9, 13).await;
            check(bed, &admin, 160, 12_288).await;
        })
        .await;
}

/// check(a model, which people it finds)
#[tokio::test]
async fn a_model_ends_and_names_its_columns_as_people_write_sql() {
    async fn check(bed: &Testbed, admin: &Visitor, sql: &str) {
        let run = dry(bed, admin, &by(sql)).await;
        assert_eq!(
            (&run["state"], &run["counts"]["matched"]),
            (&json!("completed"), &json!(1)),
            "{sql}: {run}"
        );
    }
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let one =
                format!("SELECT id AS user_id, name AS company, 1 AS mrr FROM people WHERE id = {HANAKO}");
            for end in [";", "; -- end", ";\n/* the end; */ ;\n", " -- end", " /* (SELECT */"] {
                check(bed, &admin, &format!("{one}{end}")).await;
            }
            let quoted = one.replace("user_id", "\"User_ID\"").replace("mrr", "\"MRR\"");
            check(bed, &admin, &quoted).await;
        })
        .await;
}

#[tokio::test]
async fn contracts_are_copied_again_though_their_sql_ends_in_a_comment() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let wish = with(|it| {
                it["contract"] = json!({
                    "sql": "SELECT id AS \"User\", name AS \"Company\" FROM people WHERE role = 'end-user'; -- all",
                    "people": {"user": "user"}, "company_id": "company", "company": "company",
                });
            });
            first_run(bed, &admin, &wish).await;
            bed.pass(120);
            let again = run(bed, &admin, json!({})).await;
            assert_eq!(again["state"], "completed", "{again}");
            let card = admin.card(42).await.json();
            assert_eq!(card["contract"]["company"], "佐藤 花子", "{card}");
        })
        .await;
}

/// check(the key, why it is refused)
#[tokio::test]
async fn a_key_that_no_record_can_have_is_refused_with_a_sentence() {
    async fn check(admin: &Visitor, key: &str, told: &str) {
        let sql = format!("SELECT {key} AS user_id, name AS company, 1 AS mrr FROM people");
        let refused = keep(admin, &by(&sql)).await;
        assert_eq!(refused.verdict(), "422 integration_invalid", "{key}: {}", refused.text);
        assert!(refused.text.contains(told), "{key}: {}", refused.text);
    }
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let cast = "write `cast(user_id as bigint)`";
            check(&admin, "CAST(id AS DECIMAL(38, 8))", cast).await;
            check(&admin, "CAST(id AS DOUBLE)", "is a floating-point number").await;
            let text = "must be a text or a whole number: write `cast(user_id as varchar)`";
            for key in ["updated_at", "CAST(updated_at AS DATE)", "suspended"] {
                check(&admin, key, text).await;
            }
            let whole =
                "SELECT CAST(CAST(id AS DECIMAL(38, 8)) AS BIGINT) AS user_id, name AS company, 1 AS mrr
                           FROM people WHERE role = 'end-user'";
            let run = dry(bed, &admin, &by(whole)).await;
            assert_eq!(
                (&run["state"], &run["counts"]["unmatched"]),
                (&json!("completed"), &json!(0)),
                "{run}"
            );
        })
        .await;
}

#[tokio::test]
async fn ids_that_a_file_has_with_a_point_are_not_taken_for_unknown() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("user_id,company,mrr\n{HANAKO}.0,Acme,1\n");
    std::fs::write(folder.path().join("users.csv"), text).expect("a file");
    bed()
        .setting("server.seal_keys", SEAL)
        .setting("sources.folders", folder.path().display().to_string())
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let report = json!({"kind": "report", "name": "Reports", "settings": {"folder": folder.path()}});
            let made = admin.posts("/api/connections", &report).await.json();
            let wish = with(|it| {
                it["sources"] = json!([{
                    "as": "people", "connection": made["connection"]["id"], "read": {"kind": "file", "path": "users.csv"},
                }]);
                it["model"] = Value::Null;
            });
            let run = dry(bed, &admin, &wish).await;
            let told = "the SQL does not fit the integration: key.column is `user_id`, a number with digits behind the point, and no record has such a key: write \
                        `cast(user_id as bigint)`";
            assert_eq!((&run["state"], &run["problem"]["message"]), (&json!("failed"), &json!(told)), "{run}");
        })
        .await;
}

#[tokio::test]
async fn what_zendesk_keeps_in_another_form_is_written_once() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let wish = with(|it| {
                it["on_drift"] = json!("keep");
                it["model"]["sql"] = json!(format!(
                    "SELECT id AS user_id, concat(' ', name, ' 👩‍💻', chr(13), chr(10)) AS company,
                            CAST('83333.33333333333333333' AS DECIMAL(38, 17)) AS mrr
                       FROM people WHERE id = {HANAKO}"
                ));
            });
            let done = first_run(bed, &admin, &wish).await;
            assert_eq!(
                (&done["state"], &done["counts"]["updated"]),
                (&json!("completed"), &json!(1)),
                "{done}"
            );
            assert_eq!(rows(&admin, &done, "updated").await[0]["changes"][0]["after"], "佐藤 花子 👩‍💻");
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "佐藤 花子 👩‍💻");
            assert_eq!(field(bed, HANAKO, "sfdc_mrr"), 83_333.333_333_333_3);
            let calls = updates(bed);
            bed.pass(120);
            let again = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&again["counts"]["unchanged"], &again["counts"]["drifted"], updates(bed)),
                (&json!(1), &json!(0), calls),
                "{again}"
            );
        })
        .await;
}
