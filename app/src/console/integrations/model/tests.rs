//! What the page asks for and shows, event by event.

use super::*;
use crate::console::asked;

fn run(id: &str, state: &str) -> Run {
    Run { id: id.into(), integration: "contracts".into(), state: state.into(), ..Run::default() }
}

fn listing(last: Run) -> Rc<Listing> {
    use crate::console::integrations::reading::Integration;
    let one = Integration { id: "contracts".into(), last_run: Some(last), ..Integration::default() };
    Rc::new(Listing { integrations: vec![one] })
}

fn after(events: Vec<IntegrationsEvent>) -> (IntegrationsPage, Vec<String>) {
    events.into_iter().fold((IntegrationsPage::default(), vec![]), |(page, _), event| {
        let (page, effects) = page.update(event);
        (page, asked(&effects))
    })
}

#[test]
fn a_run_that_works_is_looked_at_every_second_until_it_ends() {
    use IntegrationsEvent as E;
    let (page, effects) = after(vec![E::Open, E::Listed(Ok(listing(run("1", "running"))))]);
    assert_eq!(effects, ["wait 1000 ms"]);
    let (page, effects) = page.update(E::Look);
    assert_eq!(asked(&effects), ["GET /api/integrations"]);
    let (_, effects) = page.update(E::Listed(Ok(listing(run("1", "completed")))));
    assert_eq!(asked(&effects), [] as [String; 0]);
}

#[test]
fn a_confirmed_run_is_looked_at_until_its_job_has_begun() {
    use IntegrationsEvent as E;
    let stopped = || E::Listed(Ok(listing(run("1", "stopped"))));
    let (page, effects) = after(vec![E::Open, stopped()]);
    assert_eq!(effects, [] as [String; 0], "it waits for a person");
    let (page, _) = page.update(E::Do(Act::Confirm("1".into())));
    let (page, effects) = page.update(E::Done(Ok(Rc::new(OneRun { run: run("1", "stopped") }))));
    assert_eq!(asked(&effects).last().map(String::as_str), Some("wait 1000 ms"));
    let (page, _) = page.update(E::Look);
    let (page, effects) = page.update(stopped());
    assert_eq!(asked(&effects), ["wait 1000 ms"], "its job has not begun");
    let (page, _) = page.update(E::Look);
    let runs = Runs { runs: vec![run("1", "completed")] };
    let (page, _) = page.update(E::Runs("contracts".into(), Ok(Rc::new(runs))));
    let (_, effects) = page.update(E::Listed(Ok(listing(run("1", "completed")))));
    assert_eq!(asked(&effects), [] as [String; 0]);
}

#[test]
fn what_was_started_is_shown_with_its_rows() {
    use IntegrationsEvent as E;
    let act = Act::Start { integration: "contracts".into(), kind: "dry", accept: None };
    let (page, effects) = after(vec![E::Do(act)]);
    assert_eq!(effects, ["POST /api/integrations/contracts/runs {\"kind\":\"dry\"}"]);
    let (page, effects) = page.update(E::Done(Ok(Rc::new(OneRun { run: run("7", "queued") }))));
    assert_eq!(page.shown_run().map(|run| run.id.as_str()), Some("7"));
    assert_eq!(asked(&effects), ["GET /api/integrations", "GET /api/runs/7/rows?limit=100"]);
}

#[test]
fn an_accepted_dry_run_goes_with_the_start() {
    let act = Act::Start { integration: "contracts".into(), kind: "run", accept: Some("7".into()) };
    let (_, effects) = after(vec![IntegrationsEvent::Do(act)]);
    assert_eq!(effects, ["POST /api/integrations/contracts/runs {\"kind\":\"run\",\"accept\":\"7\"}"]);
}

#[test]
fn rows_that_were_refused_and_one_row_are_sent_by_runs_of_their_own() {
    use IntegrationsEvent as E;
    let check = |page: IntegrationsPage, event: E, expected: &str| {
        let (_, effects) = page.update(event);
        assert_eq!(asked(&effects), [expected]);
    };
    let chosen = || IntegrationsPage { chosen: Some("contracts".into()), ..IntegrationsPage::default() };
    check(chosen(), E::Do(Act::Retry("7".into())), "POST /api/runs/7/retry {}");
    check(chosen(), E::Key, "read row-by-key");
    check(
        chosen(),
        E::Typed(vec![Some(" a\"b ".into())]),
        "POST /api/integrations/contracts/runs {\"kind\":\"row\",\"key\":\"a\\\"b\"}",
    );
    let (_, effects) = chosen().update(E::Typed(vec![Some("  ".into())]));
    assert_eq!(asked(&effects), [] as [String; 0], "no key, no row");
}

#[test]
fn the_shown_run_is_saved_as_it_is_filtered() {
    use IntegrationsEvent as E;
    let page = || IntegrationsPage {
        shown: Some("7".into()),
        outcome: "rejected".into(),
        ..IntegrationsPage::default()
    };
    let (waiting, effects) = page().update(E::Save(File::Csv));
    assert_eq!(asked(&effects), ["save /api/runs/7/export?format=csv&outcome=rejected as deskside-run.csv"]);
    let (_, effects) = waiting.update(E::Save(File::Log));
    assert_eq!(asked(&effects), [] as [String; 0], "one file at a time");
    let (_, effects) = page().update(E::Save(File::Log));
    assert_eq!(asked(&effects), ["save /api/runs/7/log as deskside-run.log"]);
}

#[test]
fn first_rows_are_shown_until_they_are_closed() {
    use IntegrationsEvent as E;
    let (page, effects) = after(vec![E::Preview("contracts".into())]);
    assert_eq!(effects, ["POST /api/integrations/contracts/preview {}"]);
    let (page, _) = page.update(E::Previewed("contracts".into(), Ok(Rc::default())));
    assert!(page.preview.is_some());
    let (page, _) = page.update(E::ClosePreview);
    assert_eq!((page.preview, page.previewed), (None, None));
}

#[test]
fn another_run_is_shown_with_all_its_rows() {
    use IntegrationsEvent as E;
    let page = || IntegrationsPage {
        shown: Some("7".into()),
        outcome: "rejected".into(),
        ..IntegrationsPage::default()
    };
    let check = |run: &str, expected: &str| {
        let (_, effects) = page().update(E::Show(run.into()));
        assert_eq!(asked(&effects), [expected]);
    };
    check("8", "GET /api/runs/8/rows?limit=100");
    check("7", "GET /api/runs/7/rows?limit=100&outcome=rejected");
}
