//! What the page asks for and shows, event by event.

use super::*;
use crate::console::asked;
use crate::model::fault::FaultKind;

fn run(id: &str, state: &str) -> Run {
    Run { id: id.into(), integration: "contracts".into(), state: state.into(), ..Run::default() }
}

fn listing(last: Run) -> Rc<Listing> {
    let name = "Contracts".to_owned();
    let one = Integration { id: "contracts".into(), name, last_run: Some(last), ..Integration::default() };
    Rc::new(Listing { integrations: vec![one], may_edit: true })
}

/// What an admin sees who may edit.
fn ready() -> IntegrationsPage {
    IntegrationsPage { list: List::Ready(listing(Run::default())), ..IntegrationsPage::default() }
}

fn none() -> [String; 0] {
    []
}

const RUNS: &str = "/api/runs?integration=contracts";

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
    let (page, effects) = page.update(E::Listed(Ok(listing(run("1", "completed")))));
    assert_eq!(asked(&effects), ["wait 15000 ms"], "a schedule or a command may start one");
    let (page, effects) = page.update(E::Idle);
    assert_eq!(asked(&effects), ["GET /api/integrations"]);
    let (page, effects) = page.update(E::Listed(Ok(listing(run("2", "running")))));
    assert_eq!(asked(&effects), ["wait 1000 ms"]);
    let busy = E::Do(Act::Start { integration: "contracts".into(), kind: "dry", accept: None });
    assert_eq!(asked(&page.update(busy).1), none(), "its button does nothing meanwhile");
}

#[test]
fn a_confirmed_run_is_looked_at_until_its_job_has_begun() {
    use IntegrationsEvent as E;
    let stopped = || E::Listed(Ok(listing(run("1", "stopped"))));
    let (page, effects) = after(vec![E::Open, stopped()]);
    assert_eq!(effects, ["wait 15000 ms"], "it waits for a person");
    let (page, _) = page.update(E::Do(Act::Confirm("1".into())));
    let (page, effects) = page.update(E::Done(Ok(Rc::new(OneRun { run: run("1", "stopped") }))));
    assert_eq!(asked(&effects).last().map(String::as_str), Some("wait 1000 ms"));
    let (page, _) = page.update(E::Look);
    let (page, effects) = page.update(stopped());
    assert_eq!(asked(&effects), ["wait 1000 ms"], "its job has not begun");
    let (page, _) = page.update(E::Look);
    let runs = Runs { runs: vec![run("1", "completed")], next: None };
    let (page, _) = page.update(E::Runs(RUNS.into(), false, Ok(Rc::new(runs))));
    let (_, effects) = page.update(E::Listed(Ok(listing(run("1", "completed")))));
    assert_eq!(asked(&effects), none(), "the look that is due later is enough");
}

#[test]
fn what_was_started_is_shown_with_its_rows() {
    use IntegrationsEvent as E;
    let act = Act::Start { integration: "contracts".into(), kind: "dry", accept: None };
    let (page, effects) = ready().update(E::Do(act));
    assert_eq!(asked(&effects), ["POST /api/integrations/contracts/runs {\"kind\":\"dry\"}"]);
    assert_eq!(page.about, "Contracts", "a refusal names it");
    let (page, effects) = page.update(E::Done(Ok(Rc::new(OneRun { run: run("7", "queued") }))));
    assert_eq!(page.shown_run().map(|run| run.id.as_str()), Some("7"));
    assert_eq!(
        asked(&effects),
        ["GET /api/integrations", "GET /api/runs/7/rows?limit=100&adopted=false", "wait 1000 ms"]
    );
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
    assert_eq!(asked(&effects), none(), "no key, no row");
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
    assert_eq!(asked(&effects), none(), "one file at a time");
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
    let page = || IntegrationsPage { shown: Some("7".into()), outcome: "rejected".into(), ..ready() };
    let check = |run: &str, expected: &str| {
        let (_, effects) = page().update(E::Show(run.into()));
        assert_eq!(asked(&effects), [expected]);
    };
    check("8", "GET /api/runs/8/rows?limit=100&adopted=false");
    check("7", "GET /api/runs/7/rows?limit=100&outcome=rejected");
}

fn found(seqs: &[u64], outcome: &str, next: Option<u64>) -> Rc<RowList> {
    let row = |seq: &u64| wire::RowOutcome { seq: *seq, outcome: outcome.into(), ..Default::default() };
    Rc::new(RowList { rows: seqs.iter().map(row).collect(), next })
}

/// The event that an answer to the last question about rows is.
fn answer(effects: Vec<Asked>, answer: Result<Rc<RowList>, Fault>) -> IntegrationsEvent {
    let rows = effects.into_iter().rev().find_map(|effect| match effect {
        Effect::Get(path, then) if path.contains("/rows?") => {
            Some(then(Err(Fault::plain(FaultKind::Offline))))
        }
        _ => None,
    });
    let Some(IntegrationsEvent::Rows(page, _)) = rows else { panic!("no rows are asked for") };
    IntegrationsEvent::Rows(page, answer)
}

fn shown(page: &IntegrationsPage) -> Vec<(u64, &str)> {
    page.pages.rows.iter().map(|row| (row.seq, row.outcome.as_str())).collect()
}

/// A run that works, with two pages of rows.
fn at_work() -> IntegrationsPage {
    use IntegrationsEvent as E;
    let page =
        IntegrationsPage { chosen: Some("contracts".into()), runs: vec![run("7", "running")], ..ready() };
    let (page, effects) = page.update(E::Show("7".into()));
    let (page, _) = page.update(answer(effects, Ok(found(&[1, 2], "pending", Some(2)))));
    let (page, effects) = page.update(E::More);
    assert_eq!(asked(&effects), ["GET /api/runs/7/rows?limit=100&adopted=false&after=2"]);
    page.update(answer(effects, Ok(found(&[3, 4], "pending", Some(4))))).0
}

#[test]
fn rows_stay_while_a_run_is_looked_at_and_are_then_replaced() {
    use IntegrationsEvent as E;
    let (page, effects) = at_work().update(E::Look);
    assert_eq!(asked(&effects)[2], "GET /api/runs/7/rows?limit=100&adopted=false");
    assert_eq!(shown(&page).len(), 4, "they stay until the answer is here");
    assert_eq!(page.pages.asked, RequestState::Idle);
    // The server gives fewer at once than are shown: it is asked for the rest.
    let (page, effects) = page.update(answer(effects, Ok(found(&[1, 2], "updated", Some(2)))));
    assert_eq!(shown(&page), [(1, "updated"), (2, "updated"), (3, "pending"), (4, "pending")]);
    assert_eq!(asked(&effects), ["GET /api/runs/7/rows?limit=100&adopted=false&after=2"]);
    let (page, effects) = page.update(answer(effects, Ok(found(&[3, 4], "updated", Some(4)))));
    assert_eq!(shown(&page), [(1, "updated"), (2, "updated"), (3, "updated"), (4, "updated")]);
    assert_eq!((asked(&effects).len(), page.pages.next), (0, Some(4)));
    // A look that fails changes nothing.
    let (page, effects) = page.update(E::Look);
    let (page, _) = page.update(answer(effects, Err(Fault::plain(FaultKind::Offline))));
    assert_eq!((shown(&page).len(), &page.pages.asked), (4, &RequestState::Idle));
}

#[test]
fn rows_of_a_filter_take_the_place_of_the_others_at_once() {
    use IntegrationsEvent as E;
    let (page, late) = at_work().update(E::Look);
    let (page, effects) = page.update(E::Filter(DRIFTED.into()));
    assert_eq!(asked(&effects), ["GET /api/runs/7/rows?limit=100&drifted=true"]);
    let (page, _) = page.update(answer(late, Ok(found(&[1], "late", None))));
    assert_eq!(shown(&page).len(), 4, "an answer about others changes nothing");
    let (page, _) = page.update(answer(effects, Ok(found(&[3], "updated", None))));
    assert_eq!((shown(&page), page.pages.next), (vec![(3, "updated")], None));
}

#[test]
fn rows_are_looked_at_once_more_when_a_run_has_ended() {
    use IntegrationsEvent as E;
    let ended = Runs { runs: vec![run("7", "completed")], next: None };
    let (page, effects) = at_work().update(E::Runs(RUNS.into(), false, Ok(Rc::new(ended.clone()))));
    assert_eq!(asked(&effects), ["GET /api/runs/7/rows?limit=100&adopted=false"]);
    let (_, effects) = page.update(E::Runs(RUNS.into(), false, Ok(Rc::new(ended))));
    assert_eq!(asked(&effects), none());
}

#[test]
fn an_admin_who_may_not_see_rows_is_asked_for_none() {
    use IntegrationsEvent as E;
    let reader =
        Rc::new(Listing { integrations: listing(run("7", "running")).integrations.clone(), may_edit: false });
    let page = IntegrationsPage {
        list: List::Ready(reader),
        chosen: Some("contracts".into()),
        ..IntegrationsPage::default()
    };
    let runs = Runs { runs: vec![run("7", "running")], next: None };
    let (page, effects) = page.update(E::Runs(RUNS.into(), false, Ok(Rc::new(runs))));
    assert_eq!((page.shown.as_deref(), asked(&effects).len()), (Some("7"), 0));
    let (_, effects) = page.update(E::Look);
    assert_eq!(asked(&effects), ["GET /api/integrations", "GET /api/runs?integration=contracts"]);
}

#[test]
fn older_runs_stay_while_the_newest_are_looked_at() {
    use IntegrationsEvent as E;
    let at = |id: &str, at: &str| Run { requested_at: at.into(), ..run(id, "completed") };
    let list = |runs: Vec<Run>, next: Option<&str>| Ok(Rc::new(Runs { runs, next: next.map(str::to_owned) }));
    let ids = |page: &IntegrationsPage| page.runs.iter().map(|run| run.id.clone()).collect::<Vec<_>>();
    let page = IntegrationsPage { chosen: Some("contracts".into()), ..ready() };
    let (page, _) =
        page.update(E::Runs(RUNS.into(), false, list(vec![at("3", "T3"), at("2", "T2")], Some("T2"))));
    let (page, effects) = page.update(E::OlderRuns);
    assert_eq!(asked(&effects), ["GET /api/runs?integration=contracts&before=T2"]);
    let (page, _) = page.update(E::Runs(RUNS.into(), true, list(vec![at("1", "T1")], None)));
    assert_eq!((ids(&page), &page.older), (vec!["3".to_owned(), "2".into(), "1".into()], &None));
    let newest = || list(vec![at("4", "T4"), at("3", "T3")], Some("T3"));
    let (page, _) = page.update(E::Runs(RUNS.into(), false, newest()));
    assert_eq!((ids(&page).join(" "), &page.older), ("4 3 2 1".into(), &None));
    let (page, effects) = page.update(E::State("failed"));
    assert_eq!(asked(&effects), ["GET /api/runs?integration=contracts&state=failed"]);
    let (page, _) = page.update(E::Runs(RUNS.into(), false, newest()));
    assert_eq!(ids(&page).len(), 0, "an answer about others changes nothing");
}

#[test]
fn an_admin_is_asked_before_something_ends() {
    use IntegrationsEvent as E;
    let act = || Act::Switch("contracts".into(), false);
    let (page, effects) = ready().update(E::Ask(act()));
    assert_eq!((asked(&effects), page.question.as_ref()), (vec!["focus panel-title".into()], Some(&act())));
    let (page, effects) = page.update(E::Do(act()));
    assert_eq!(asked(&effects), ["PUT /api/integrations/contracts/enabled {\"enabled\":false}"]);
    let (page, effects) = page.update(E::Changed(Ok(())));
    assert_eq!((page.question.as_ref(), asked(&effects)[0].as_str()), (None, "GET /api/integrations"));
    let (_, effects) = page.update(E::Do(Act::Delete("contracts".into())));
    assert_eq!(asked(&effects), ["DELETE /api/integrations/contracts"]);
}

#[test]
fn how_long_a_run_still_writes_is_told_by_how_fast_it_wrote() {
    use IntegrationsEvent as E;
    let writing = |runtime, pending| {
        let counts = wire::RunCounts { pending, ..Default::default() };
        let run =
            Run { phase: "delivering".into(), runtime_ms: Some(runtime), counts, ..run("7", "running") };
        E::Runs(RUNS.into(), false, Ok(Rc::new(Runs { runs: vec![run], next: None })))
    };
    let left = |page: &IntegrationsPage| page.shown_run().and_then(|run| page.seconds_left(run));
    let (page, _) = at_work().update(writing(60_000, 1_000));
    assert_eq!(left(&page), None, "nobody knows yet");
    let (page, _) = page.update(writing(70_000, 800));
    assert_eq!(left(&page), Some(40));
}

#[test]
fn a_log_is_shown_until_nobody_wants_it() {
    use IntegrationsEvent as E;
    let (page, effects) = at_work().update(E::Log);
    assert_eq!(asked(&effects), ["GET /api/runs/7/log"]);
    let (page, _) = page.update(E::LogRead("7".into(), Ok("read".into())));
    let (page, effects) = page.update(E::Look);
    assert_eq!(asked(&effects).last().map(String::as_str), Some("GET /api/runs/7/log"));
    let (page, _) = page.update(E::LogRead("7".into(), Err(Fault::plain(FaultKind::Offline))));
    assert_eq!(page.log, Some(Some("read".into())), "it stays");
    let (page, _) = page.update(E::Log);
    assert_eq!(page.log, None);
}
