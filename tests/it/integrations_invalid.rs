//! Cells of sources that could not be read: their rows are listed and not written, and nothing is emptied because of them.

use std::path::Path;

use serde_json::{Value, json};

use crate::integrations::{ADMIN, HANAKO, field, first_run, rows, run, with};
use crate::integrations_destinations::log_of;
use crate::integrations_sources::{reports, with_files};
use crate::support::actors::Visitor;
use crate::support::testbed::Testbed;

/// What the destination holds of both people before, and the rows of both.
const BOTH: u64 = 2;
const OTHER: u64 = HANAKO + 128;

/// The definition over `people.csv` with this model.
fn over(connection: &str, types: &Value, sql: &str) -> Value {
    with(|it| {
        let read = json!({"kind": "file", "path": "people.csv", "types": types});
        it["sources"] = json!([{"as": "people", "connection": connection, "read": read}]);
        it["model"]["sql"] = json!(sql);
        it["removed"] = json!("clear");
        it["mapping"] = json!([
            {"column": "company", "field": "sfdc_company_name"},
            {"column": "value", "field": "sfdc_mrr"},
        ]);
    })
}

fn write(folder: &Path, rows: &[(u64, &str, &str)]) {
    let lines: Vec<_> =
        rows.iter().map(|(id, company, value)| format!("{id},{company},\"{value}\"")).collect();
    let text = format!("id,company,value\n{}\n", lines.join("\n"));
    std::fs::write(folder.join("people.csv"), text).expect("a file");
}

/// One person's cell becomes another one, and what is then in their fields and in those of the other person.
struct Case {
    kind: &'static str,
    sql: &'static str,
    before: &'static str,
    after: &'static str,
    /// Whether the first person's row is written.
    is_written: bool,
    why: &'static str,
    /// What the value becomes where it is missing.
    default: Option<&'static str>,
}

const PLAIN: &str = "SELECT id, id AS user_id, company, value FROM people";

async fn check(bed: &Testbed, admin: &Visitor, (folder, connection): (&Path, &str), case: &Case) {
    let Case { kind, sql, before, after, is_written, why, default } = case;
    let told = format!("{kind} {after} by {sql}");
    let mut wish = over(connection, &json!({"id": "integer", "value": kind}), sql);
    if *kind == "date" {
        wish["mapping"][1]["field"] = json!("sfdc_renewal_date");
    }
    if let Some(default) = default {
        wish["mapping"][1]["missing"] = json!("default");
        wish["mapping"][1]["default"] = json!(default);
    }
    let name = if *kind == "date" { "sfdc_renewal_date" } else { "sfdc_mrr" };
    write(folder, &[(HANAKO, "Acme", before), (OTHER, "Globex", before)]);
    bed.pass(120);
    let first = first_run(bed, admin, &wish).await;
    assert_eq!(
        (&first["state"], &first["counts"]["rejected"]),
        (&json!("completed"), &json!(0)),
        "{told}: {first}"
    );
    let held = field(bed, HANAKO, name);
    assert_ne!(held, Value::Null, "{told}");
    write(folder, &[(HANAKO, "Acme two", after), (OTHER, "Globex two", before)]);
    bed.pass(120);
    let second = run(bed, admin, json!({})).await;
    assert_eq!(second["state"], "completed", "{told}: {second}");
    assert_eq!(second["counts"]["read"], BOTH, "{told}: {second}");
    assert_eq!(field(bed, OTHER, "sfdc_company_name"), "Globex two", "{told}: the other row is written");
    let is = field(bed, HANAKO, name);
    let company = field(bed, HANAKO, "sfdc_company_name");
    let rejected = rows(admin, &second, "rejected").await;
    if *is_written {
        assert_eq!((is, company.as_str(), rejected.len()), (Value::Null, Some("Acme two"), 0), "{told}");
        return;
    }
    assert_eq!((&is, company.as_str()), (&held, Some("Acme")), "{told}");
    assert_eq!(second["counts"]["rejected"], 1, "{told}: {second}");
    let (code, about) = (rejected[0]["reason_code"].as_str(), rejected[0]["reason_about"].to_string());
    assert_eq!(rejected.len(), 1, "{told}");
    assert_eq!(code, Some(*why), "{told}: {about}");
    assert!(about.contains("people.value") && about.contains(after), "{told}: {about}");
    let export =
        format!("/api/runs/{}/export?format=csv&outcome=rejected", second["id"].as_str().expect("an id"));
    let file = admin.gets(&export).await.text;
    assert!(file.contains("which cannot be read") && file.contains(after), "{told}: {file}");
}

#[tokio::test]
async fn a_cell_that_cannot_be_read_empties_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = |kind, before, after, is_written| Case {
        kind,
        sql: PLAIN,
        before,
        after,
        is_written,
        why: "value_invalid",
        default: None,
    };
    let of = |kind, before, after, sql, why| Case { sql, why, ..plain(kind, before, after, false) };
    let of_model = |sql, why| of("decimal", "50", "1,000", sql, why);
    for case in [
        plain("decimal", "50", "", true),
        plain("decimal", "50", "1,000", false),
        plain("decimal", "50", "NaN", false),
        plain("decimal(6,2)", "50", "12345.5", false),
        plain("decimal", "50", "1234567890123456789012345678901.5", false),
        plain("date", "2026-11-30", "30.11.2026", false),
        plain("date", "2026-11-30", "2026-02-30", false),
        // How programs write "no date".
        plain("date", "2026-11-30", "0000-00-00", true),
        plain("date", "2026-11-30", "0001-01-01", true),
        of_model(
            "SELECT id AS user_id, min(company) AS company, sum(value) AS value FROM people GROUP BY id",
            "value_invalid",
        ),
        of_model(
            "SELECT id AS user_id, company, CASE WHEN value > 100 THEN 2 WHEN value > 10 THEN 1 END AS value FROM people",
            "value_invalid",
        ),
        // The row itself depends on it.
        of_model("SELECT id AS user_id, company, value FROM people WHERE value > 10", "depends_on_invalid"),
        // With another value in the cell, the model cannot be run.
        of_model(
            "SELECT id AS user_id, company, CAST(CAST(value AS DECIMAL(4, 0)) AS DECIMAL(38, 0)) AS value FROM people",
            "may_depend_on_invalid",
        ),
        // What a great value says as nothing does.
        of(
            "boolean",
            "false",
            "maybe",
            "SELECT id AS user_id, company, 5 AS value FROM people WHERE NOT value",
            "depends_on_invalid",
        ),
        of(
            "date",
            "2026-11-30",
            "30.11.2026",
            "SELECT id AS user_id, company, value FROM people WHERE value <= DATE '2026-12-31'",
            "depends_on_invalid",
        ),
        of_model(
            "SELECT id AS user_id, company, 5 AS value FROM people WHERE value < 100",
            "depends_on_invalid",
        ),
        of_model(
            "SELECT id AS user_id, company, CASE WHEN value < 100 THEN 5 END AS value FROM people",
            "value_invalid",
        ),
        // Nothing is sorted where great values are.
        of_model(
            "SELECT id AS user_id, company, 7 AS value FROM (
               SELECT id, company, row_number() OVER (PARTITION BY id ORDER BY value DESC) AS place FROM (
                 SELECT id, company, value FROM people UNION ALL SELECT id, 'Old', 40 FROM people) AS deals
             ) AS sorted WHERE place = 1",
            "value_invalid",
        ),
        // What no other value shows.
        of_model(
            "SELECT id AS user_id, company, 5 AS value FROM people WHERE value BETWEEN 1 AND 100",
            "may_depend_on_invalid",
        ),
        of_model(
            "SELECT p.id AS user_id, p.company, r.rate AS value FROM people AS p
               LEFT JOIN (SELECT CAST(50 AS DECIMAL(38, 9)) AS value, 3 AS rate) AS r ON r.value = p.value",
            "may_depend_on_invalid",
        ),
        Case {
            default: Some("1"),
            ..of_model(
                "SELECT id AS user_id, company, CASE WHEN value BETWEEN 1 AND 100 THEN 5 END AS value FROM people",
                "may_depend_on_invalid",
            )
        },
        // All answers are of one moment.
        of_model(
            "SELECT id AS user_id, company, value + (CAST(now() AS BIGINT) / 1000) % 1000000 AS value FROM people",
            "value_invalid",
        ),
    ] {
        with_files(folder.path())
            .run(async |bed| {
                let admin = bed.agent(ADMIN).await;
                let connection = reports(&admin, folder.path()).await;
                check(bed, &admin, (folder.path(), &connection), &case).await;
            })
            .await;
    }
}

#[tokio::test]
async fn a_row_whose_key_cannot_be_read_is_not_taken_for_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    with_files(folder.path())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let connection = reports(&admin, folder.path()).await;
            let wish = over(&connection, &json!({"id": "decimal(18,0)", "value": "decimal"}), PLAIN);
            write(folder.path(), &[(HANAKO, "Acme", "50"), (OTHER, "Globex", "50")]);
            bed.pass(120);
            assert_eq!(first_run(bed, &admin, &wish).await["state"], "completed");
            let text = format!("id,company,value\n#REF!,Acme two,50\n{OTHER},Globex two,50\n");
            std::fs::write(folder.path().join("people.csv"), text).expect("a file");
            bed.pass(120);
            let second = run(bed, &admin, json!({})).await;
            assert_eq!(second["state"], "completed", "{second}");
            assert_eq!(
                (&second["counts"]["removed"], &second["counts"]["rejected"], &second["counts"]["updated"]),
                (&json!(0), &json!(1), &json!(1)),
                "{second}"
            );
            let refused = &rows(&admin, &second, "rejected").await[0];
            assert_eq!(
                (&refused["reason_code"], &refused["reason_about"]),
                (&json!("may_depend_on_invalid"), &json!(["people.id", "#REF!"]))
            );
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Acme");
            assert_eq!(field(bed, OTHER, "sfdc_company_name"), "Globex two");
        })
        .await;
}

#[tokio::test]
async fn what_may_be_an_id_and_cannot_be_read_empties_nothing_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    with_files(folder.path())
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let connection = reports(&admin, folder.path()).await;
            let wish = with(|it| {
                it["sources"] = json!([{"as": "people", "connection": connection, "read": {"kind": "file", "path": "people.jsonl"}}]);
                it["model"]["sql"] = json!(format!(
                    "SELECT u.user_id, c.company, c.mrr
                       FROM (SELECT {HANAKO} AS user_id, 1 AS account UNION ALL SELECT {OTHER}, 2) AS u
                       LEFT JOIN people AS c ON c.account = u.account"
                ));
            });
            let write = |account: &str, other: &str| {
                let text = format!(
                    "{{\"account\":{account},\"company\":\"Acme\",\"mrr\":1}}\n{{\"account\":2,\"company\":\"{other}\",\"mrr\":2}}\n"
                );
                std::fs::write(folder.path().join("people.jsonl"), text).expect("a file");
            };
            write("1", "Globex");
            assert_eq!(first_run(bed, &admin, &wish).await["state"], "completed");
            write("NaN", "Globex two");
            bed.pass(120);
            let second = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&second["state"], &second["counts"]["rejected"], &second["counts"]["updated"]),
                (&json!("completed"), &json!(1), &json!(1)),
                "{second}"
            );
            let refused = &rows(&admin, &second, "rejected").await[0];
            assert_eq!(
                (&refused["reason_code"], &refused["reason_about"]),
                (&json!("may_depend_on_invalid"), &json!(["people.account", "NaN"]))
            );
            assert_eq!(field(bed, HANAKO, "sfdc_company_name"), "Acme");
            assert_eq!(field(bed, OTHER, "sfdc_company_name"), "Globex two");
            let log = log_of(&admin, &second).await;
            assert!(log.contains("`people`.`account`: 1 cell with NaN, which cannot be read and is not taken for empty"), "{log}");
        })
        .await;
}
