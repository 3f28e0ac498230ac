//! Fields that an integration makes at the destination: announced by the dry run, made once, never changed, and missed with a sentence.

use deskside_sandbox::{Fault, FaultRule, Matching};
use reqwest::Method;
use serde_json::{Value, json};

use crate::integrations::{
    ADMIN, HANAKO, definition, field, first_run, keep, refused_at, run, until_it_ends, with,
};
use crate::integrations_destinations::log_of;
use crate::support::actors::Visitor;
use crate::support::testbed::{Testbed, bed};

/// A plan and a score, in fields that Zendesk does not have yet.
fn wish() -> Value {
    with(|it| {
        it["model"]["sql"] =
            json!("SELECT id AS user_id, 'gold' AS plan, 12 AS score FROM people WHERE role = 'end-user'");
        it["mapping"] = json!([
            {"column": "plan", "field": "plan", "create": {"type": "dropdown", "title": "Plan", "options": [
                {"name": "Gold", "value": "gold"}, {"name": "Tin", "value": "tin"}]}},
            {"column": "score", "field": "score", "create": {"type": "integer", "title": "Score"}},
        ]);
    })
}

fn creations(bed: &Testbed) -> usize {
    let made = |path: &str| path.ends_with("user_fields") || path.ends_with("/options");
    bed.vendors().calls().iter().filter(|call| call.method == "POST" && made(&call.path)).count()
}

/// A dry run that must fail; what it says.
async fn failure(bed: &Testbed, admin: &Visitor, definition: &Value) -> String {
    let kept = keep(admin, definition).await;
    assert!(["200", "201"].contains(&kept.verdict().as_str()), "{}", kept.text);
    let dry = run(bed, admin, json!({"kind": "dry"})).await;
    assert_eq!(dry["state"], "failed", "{dry}");
    dry["problem"]["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn fields_are_made_after_the_dry_run_announced_them_and_once() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            assert_eq!(keep(&admin, &wish()).await.verdict(), "201");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let log = log_of(&admin, &dry).await;
            assert!(log.contains("would create the field `plan` of type dropdown (\"Plan\") of users of the connection `zendesk`"), "{log}");
            assert!(log.contains("would create the field `score` of type integer"), "{log}");
            assert_eq!(creations(bed), 0);
            let done = run(bed, &admin, json!({"accept": dry["id"]})).await;
            assert_eq!((&done["state"], &done["counts"]["updated"]), (&json!("completed"), &done["counts"]["matched"]), "{done}");
            assert_eq!((field(bed, HANAKO, "plan"), field(bed, HANAKO, "score")), (json!("gold"), json!(12)));
            assert!(log_of(&admin, &done).await.contains("created the field `plan`"));
            bed.pass(120);
            let again = run(bed, &admin, json!({})).await;
            assert_eq!((&again["counts"]["unchanged"], creations(bed)), (&done["counts"]["matched"], 2), "{again}");
        })
        .await;
}

#[tokio::test]
async fn a_field_that_somebody_deleted_is_made_again_only_when_they_say_so() {
    bed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            first_run(bed, &admin, &wish()).await;
            bed.pass(120);
            // From now on the kept export shows what we wrote, and deleting a field changes no record.
            run(bed, &admin, json!({})).await;
            bed.zendesk(Method::DELETE, "/api/v2/user_fields/score.json", &json!({})).await;
            bed.pass(120);
            let stopped = run(bed, &admin, json!({})).await;
            assert_eq!(
                (&stopped["state"], &stopped["problem"]["code"], creations(bed)),
                (&json!("stopped"), &json!("field_missing"), 2),
                "{stopped}"
            );
            let id = stopped["id"].as_str().expect("an id");
            assert_eq!(admin.posts(&format!("/api/runs/{id}/confirm"), &json!({})).await.verdict(), "200");
            let done = until_it_ends(bed, &admin, id).await;
            assert_eq!((&done["state"], creations(bed)), (&json!("completed"), 3), "{done}");
            assert_eq!(field(bed, HANAKO, "score"), 12);
        })
        .await;
}

/// check(what goes wrong with a call that makes a field, how the run ends, what it says)
#[tokio::test]
async fn a_field_that_cannot_be_made_stops_the_run_with_a_sentence() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let on = || Matching {
                method: Some("POST".into()),
                path_suffix: Some("user_fields".into()),
                ..Matching::default()
            };
            let status = |status| Fault::Status { status, retry_after: None };
            bed.vendors().fault(FaultRule { on: on(), times: 99, skip: 0, fault: status(403) });
            let refused = first_run(bed, &admin, &wish()).await;
            let why = refused["problem"]["message"].as_str().unwrap_or_default();
            assert_eq!(refused["state"], "failed", "{refused}");
            assert!(why.contains("the field `plan` of type dropdown (\"Plan\") of users of the connection `zendesk` cannot be created"), "{why}");
            assert!(why.contains("make it in Zendesk yourself"), "{why}");
            assert_eq!(field(bed, HANAKO, "score"), Value::Null);
            // An answer that was lost: the field is there, and is not made a second time.
            bed.vendors().clear_faults();
            bed.vendors().fault(FaultRule { on: on(), times: 1, skip: 0, fault: Fault::LostAnswer { lost_answer: 502 } });
            let before = creations(bed);
            let done = first_run(bed, &admin, &wish()).await;
            assert_eq!((&done["state"], creations(bed) - before), (&json!("completed"), 2), "{done}");
        })
        .await;
}

#[tokio::test]
async fn a_dropdown_gets_the_options_that_it_lacks_and_keeps_its_own() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let own = json!({"user_field": {"key": "plan", "title": "Plan", "type": "dropdown",
                "custom_field_options": [{"name": "Old", "value": "old"}]}});
            bed.zendesk(Method::POST, "/api/v2/user_fields.json", &own).await;
            bed.vendors().set_user_fields(HANAKO + 128, &json!({"plan": "old"}));
            bed.pass(120);
            let mut wish = wish();
            wish["model"]["sql"] = json!("SELECT 26155588908160 AS user_id, 'gold' AS plan, 12 AS score");
            assert_eq!(keep(&admin, &wish).await.verdict(), "201");
            let dry = run(bed, &admin, json!({"kind": "dry"})).await;
            let log = log_of(&admin, &dry).await;
            assert!(log.contains("would create the option `gold` (\"Gold\") of the field `plan`"), "{log}");
            let done = run(bed, &admin, json!({"accept": dry["id"]})).await;
            assert_eq!(done["state"], "completed", "{done}");
            assert_eq!(
                (field(bed, HANAKO, "plan"), field(bed, HANAKO + 128, "plan")),
                (json!("gold"), json!("old"))
            );
        })
        .await;
}

#[tokio::test]
async fn a_field_that_is_missing_off_or_of_another_type_is_said_with_what_to_do() {
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let why =
                failure(bed, &admin, &with(|it| it["mapping"][0]["field"] = json!("sfdc_company"))).await;
            assert!(
                why.contains(
                    "no field `sfdc_company` that can be written among the users of the connection `zendesk`"
                ),
                "{why}"
            );
            assert!(
                why.contains("give its mapping a `create`")
                    && why.contains("Did you mean `sfdc_company_name`?"),
                "{why}"
            );
            let off = json!({"user_field": {"key": "plan", "title": "Plan", "type": "text"}});
            bed.zendesk(Method::POST, "/api/v2/user_fields.json", &off).await;
            let why = failure(bed, &admin, &wish()).await;
            assert!(
                why.contains("`plan`")
                    && why.contains("is of type text, and the integration makes it as dropdown"),
                "{why}"
            );
            bed.zendesk(
                Method::PUT,
                "/api/v2/user_fields/plan.json",
                &json!({"user_field": {"active": false}}),
            )
            .await;
            let why = failure(bed, &admin, &wish()).await;
            assert!(why.contains("it is switched off in Zendesk"), "{why}");
            assert_eq!(creations(bed), 1, "the one by hand");
        })
        .await;
}

#[tokio::test]
async fn a_field_to_be_made_is_looked_at_when_it_is_saved() {
    async fn check(admin: &Visitor, change: impl FnOnce(&mut Value), place: &str, told: &str) {
        let mut wish = wish();
        change(&mut wish["mapping"]);
        refused_at(admin, &wish, place, told).await;
    }
    bed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let options = "mapping[0].create.options";
            check(&admin, |it| it[0]["field"] = json!("Plan"), "mapping[0].field", "lower-case").await;
            check(&admin, |it| it[0]["field"] = json!("123"), "mapping[0].field", "not only digits").await;
            check(
                &admin,
                |it| it[1]["create"]["type"] = json!("lookup"),
                "mapping[1].create.type",
                "decimal",
            )
            .await;
            check(&admin, |it| it[1]["create"]["title"] = json!(" "), "mapping[1].create.title", "255").await;
            check(&admin, |it| it[0]["create"]["options"] = json!([]), options, "a dropdown").await;
            check(&admin, |it| it[0]["create"]["options"][1]["value"] = json!("gold"), options, "twice")
                .await;
            check(&admin, |it| it[0]["create"]["options"][1]["value"] = json!("Ti n"), options, "a tag")
                .await;
            assert_eq!(keep(&admin, &definition()).await.verdict(), "201");
        })
        .await;
}
