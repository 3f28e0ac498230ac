//! Integrations as a file that a team keeps: written, read again, and refused as a whole.

use std::path::Path;

use deskside::causes::with_causes;
use deskside::integrations::{Ask, run};
use serde_json::{Value, json};

use crate::connections_console::deletes;
use crate::integrations::{ADMIN, definition, first_run, keep, with};
use crate::support::testbed::{Testbed, bed};

/// What a command says; what was wrong.
async fn says(bed: &Testbed, ask: Ask) -> Result<String, String> {
    let said = run(&bed.accounts().own().integrations, ask).await;
    said.map(|report| report.text).map_err(|error| with_causes(&error))
}

async fn exported(bed: &Testbed) -> String {
    says(bed, Ask::Export { id: None }).await.expect("TOML")
}

async fn imports(bed: &Testbed, file: &Path, text: &str, dry_run: bool) -> Result<String, String> {
    std::fs::write(file, text).expect("a file");
    says(bed, Ask::Import { file: file.to_owned(), dry_run }).await
}

/// Where in the text a value is another one.
fn changed(text: &str, before: &str, after: &str) -> String {
    assert_eq!(text.matches(before).count(), 1, "{before} in {text}");
    text.replace(before, after)
}

#[tokio::test]
async fn what_is_exported_is_imported_without_a_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("integrations.toml");
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &definition()).await;
            let text = exported(bed).await;
            let same = imports(bed, &file, &text, false).await.expect("it is read");
            assert_eq!(same.trim(), format!("{:<24} no change", "contracts"));
            let other = changed(&text, "removed = \"keep\"", "removed = \"clear\"");
            for (plan, kept) in [(true, "keep"), (false, "clear")] {
                let said = imports(bed, &file, &other, plan).await.expect("it is read");
                assert_eq!(said.trim(), format!("{:<24} changed", "contracts"));
                let shown = admin.gets("/api/integrations/contracts").await.json();
                assert_eq!(shown["definition"]["removed"], kept);
            }
            assert!(imports(bed, &file, &other, false).await.expect("it is read").contains("no change"));
            assert!(says(bed, Ask::List).await.expect("a list").contains("created 0"), "its counts add up");
        })
        .await;
}

/// check(what is written in place of what, what the refusal names)
#[tokio::test]
async fn a_mistyped_key_of_a_file_is_refused_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("integrations.toml");
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let kept = with(|it| {
                it["contract"] = json!({"people": {"user": "user_id"}, "company_id": "company"});
                it["schedule"] = json!({"kind": "daily"});
            });
            assert_eq!(keep(&admin, &kept).await.verdict(), "201");
            let text = exported(bed).await;
            assert!(text.contains("at = \"09:00\""), "the usual time: {text}");
            let check = async |before: &str, after: &str, named: &str| {
                let refused = imports(bed, &file, &changed(&text, before, after), false).await;
                let why = refused.expect_err("it is refused");
                assert!(why.contains(named), "{why}");
            };
            check("removed = ", "removd = ", "removd").await;
            check("name = \"Contracts\"", "name = \"Contracts\"\nnote = \"x\"", "note").await;
            check("object = \"users\"", "object = \"users\"\nobjekt = \"users\"", "objekt").await;
            check("time_zone = ", "timezone = ", "timezone").await;
            check("company_id = ", "companyid = ", "companyid").await;
            let shown = admin.gets("/api/integrations/contracts").await.json();
            assert_eq!(shown["version"], 1, "nothing was kept");
        })
        .await;
}

#[tokio::test]
async fn an_import_keeps_all_of_a_file_or_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("integrations.toml");
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let of = |id: &str, field: &str| {
                let definition = with(|it| it["mapping"] = json!([{"column": "company", "field": field}]));
                json!({"id": id, "name": id, "enabled": true, "definition": definition})
            };
            for one in [of("one", "sfdc_owner"), of("two", "sfdc_company_name")] {
                assert_eq!(admin.posts("/api/integrations", &one).await.verdict(), "201");
            }
            let field = async |id: &str| -> Value {
                let shown = admin.gets(&format!("/api/integrations/{id}")).await.json();
                shown["definition"]["mapping"][0]["field"].clone()
            };
            let text = exported(bed).await;
            let swapped = text
                .replace("sfdc_owner", "sfdc_swap")
                .replace("sfdc_company_name", "sfdc_owner")
                .replace("sfdc_swap", "sfdc_company_name");
            let nowhere = swapped.rsplit_once("connection = \"zendesk\"").expect("a connection");
            let wrong = format!("{}connection = \"crm\"{}", nowhere.0, nowhere.1);
            for plan in [true, false] {
                let why = imports(bed, &file, &wrong, plan).await.expect_err("it is refused");
                assert!(why.contains("two: ") && why.contains("there is no `crm`"), "{why}");
                assert_eq!(field("one").await, "sfdc_owner", "nothing of it was kept");
            }
            let both = text.replace("sfdc_owner", "sfdc_company_name");
            let why = imports(bed, &file, &both, false).await.expect_err("it is refused");
            assert!(why.contains("one integration writes a field"), "{why}");
            // Fields that two integrations exchange are written by one of them at any time.
            let said = imports(bed, &file, &swapped, false).await.expect("it is kept");
            assert_eq!(said.matches("changed").count(), 2, "{said}");
            assert_eq!(
                (field("one").await, field("two").await),
                (json!("sfdc_company_name"), json!("sfdc_owner"))
            );
            assert_eq!(deletes(&admin, "/api/integrations/one").await.verdict(), "204");
            let new = imports(bed, &file, &swapped, false).await.expect("it is kept");
            assert!(new.contains("new") && new.contains("no change"), "{new}");
        })
        .await;
}
