//! What an admin reads of an integration and of a run.

use std::rc::Rc;

use serde_json::{Value, json};
use wire::{IntegrationList, RunList, Schedule};

use super::super::model::IntegrationsEvent as E;
use super::*;
use crate::i18n::console::words;
use crate::json::tests::of;
use crate::model::Model;
use crate::screens::check::{nobody, text};

fn run(change: Value) -> Value {
    let mut run = json!({
        "id": "7", "integration": "contracts", "kind": "run", "state": "completed", "phase": "ended",
        "requested_at": "2026-11-30T09:00:12Z", "started_at": null, "runtime_ms": 4, "counts": {}, "calls": 0, "problem": null,
    });
    extend(&mut run, change);
    run
}

/// The page with an integration, as the server lists it, its runs, and the first of them shown.
fn page(tag: &'static str, schedule: &Schedule, change: Value, runs: &[Value]) -> Node {
    let mut one = json!({
        "id": "contracts", "name": "Contracts", "enabled": true, "object": "users", "schedule": schedule, "last_run": runs.first(),
    });
    extend(&mut one, change);
    let list = json!({ "integrations": [one], "may_edit": true });
    assert!(serde_json::from_value::<IntegrationList>(list.clone()).is_ok(), "the server says so: {list}");
    let runs = json!({ "runs": runs, "next": null });
    assert!(serde_json::from_value::<RunList>(runs.clone()).is_ok(), "the server says so: {runs}");
    let events = [
        E::Listed(Ok(Rc::new(of(list).read().expect("the page reads the list")))),
        E::Choose("contracts".into()),
        E::Runs(
            "/api/runs?integration=contracts".into(),
            false,
            Ok(Rc::new(of(runs).read().expect("the page reads its runs"))),
        ),
    ];
    let model = events.into_iter().fold(IntegrationsPage::default(), |page, event| page.update(event).0);
    view(Locale::new(tag), words(tag), &model, &nobody())
}

fn extend(object: &mut Value, change: Value) {
    let Value::Object(change) = change else { unreachable!("an object") };
    object.as_object_mut().expect("an object").extend(change);
}

#[test]
fn an_admin_reads_when_an_integration_runs() {
    let daily = || Schedule::Daily { at: "09:00".into(), time_zone: "Asia/Tokyo".into() };
    let cron = Schedule::Cron { cron: "0 9 * * 1".into(), time_zone: "UTC".into() };
    let every = |every_minutes| Schedule::Interval { every_minutes };
    for (tag, schedule, expected) in [
        ("en", Schedule::Manual, "Only when somebody starts it"),
        ("en", every(15), "Every 15 minutes"),
        ("en", every(60), "Every hour"),
        ("en", every(120), "Every 2 hours"),
        ("en", every(90), "Every 90 minutes"),
        ("en", daily(), "Daily at 09:00 (Asia/Tokyo)"),
        ("ja", daily(), "毎日 09:00（Asia/Tokyo）"),
        ("ko", daily(), "매일 09:00(Asia/Tokyo)"),
        ("en", cron, "Cron 0 9 * * 1 (UTC)"),
    ] {
        let shown = text(page(tag, &schedule, json!({}), &[]));
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    for (tag, expected) in
        [("en", "Next: 2026-12-01, 09:00 (your time)"), ("ko", "다음: 2026-12-01, 09:00(현지 시간)")]
    {
        let next = json!({"next_run_at": "2026-12-01T09:00:00.000Z"});
        let shown = text(page(tag, &daily(), next, &[]));
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
}

#[test]
fn an_admin_reads_how_a_run_went_and_what_waits_for_them() {
    let check = |runs: Vec<Value>, expected: &[&str], absent: &str| {
        let shown = page("en", &Schedule::Manual, json!({}), &runs).to_html();
        for words in expected {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(!shown.contains(absent), "{absent}: {shown}");
    };
    let counts = json!({"counts": {"read": 3, "matched": 3, "updated": 2, "rejected": 1}});
    check(
        vec![run(counts)],
        &["2026-11-30 09:00 UTC", "2 updated · 1 rejected", "aria-current=\"true\""],
        "run-waits",
    );
    // What has counted nothing yet has no row of counts, and what has nothing to be done with no row of buttons.
    check(vec![run(json!({}))], &["Completed"], "aria-label=\"Result\"");
    let dry = || run(json!({"kind": "dry"}));
    check(vec![dry()], &["2026-11-30 09:00 UTC · Dry run", "Accept and run starts a run"], "run-confirm");
    let stopped =
        json!({"state": "stopped", "problem": {"code": "changes_too_much", "message": "38 of `x`"}});
    check(
        vec![run(stopped)],
        &["Confirm and go on writes them", "<code>x</code>", "run-cancel"],
        "run-progress",
    );
    let confirmed = json!({"problem": {"code": "changes_too_much", "message": "38 of 39"}});
    check(vec![run(confirmed)], &["Completed"], "run-problem");
    let old = json!({"old_sources": [{"table": "accounts", "connection": "sales", "read_at": "2026-11-29T09:00:12.000Z"}]});
    check(vec![run(old)], &["Completed", "With old rows: accounts, 2026-11-29 09:00 UTC"], "run-problem");
    let silent =
        json!({"state": "running", "phase": "delivering", "taken_over_at": "2026-11-30T09:01:12.000Z"});
    check(
        vec![run(silent)],
        &["Its server does not answer. Another one takes over by 2026-11-30 09:01 UTC."],
        "run-problem",
    );
    let progress = |phase: &str, state: &str| {
        run(json!({"state": state, "phase": phase, "counts": {"updated": 1, "pending": 3}}))
    };
    let is_at = |percent: &str| ["aria-valuenow=\"", percent, "\""].concat();
    check(vec![progress("reading", "queued")], &[">Queued<", &is_at("0")], "Reading the sources");
    check(vec![progress("reading", "running")], &["Reading the sources", &is_at("10")], "run-waits");
    check(
        vec![progress("delivering", "running")],
        &["Writing to the destination", &is_at("61")],
        "run-waits",
    );
}

#[test]
fn an_admin_reads_why_an_integration_does_not_run() {
    let check = |change: Value, expected: &[&str], absent: &str| {
        let shown = page("en", &Schedule::Manual, change, &[run(json!({}))]).to_html();
        for words in expected {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(!shown.contains(absent), "{absent}: {shown}");
    };
    let (new, needed) = ("Nothing runs before a dry run is accepted.", "Nobody has accepted a dry run");
    check(json!({"plan_accepted": false}), &[new], "integration-trouble");
    check(json!({"plan_accepted": false, "trouble": "dry_run_needed"}), &[new], needed);
    check(json!({"plan_accepted": true, "trouble": "overdue"}), &["Two runs were due"], new);
    check(json!({"trouble": "dry_run_needed"}), &[needed], new); // a server of before
    check(json!({"trouble": "from_the_future"}), &["from_the_future"], new);
}
