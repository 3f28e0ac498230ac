//! What an admin sees: a row for each connection with what is wrong and what can be done, and the open panel above.

use super::model::{ConnectionsEvent, ConnectionsPage};
use super::panel;
use super::reading::{Listing, Row};
use super::state::{Done, List, Panel, Question};
use crate::console::frame::{coded, heading, servers};
use crate::console::minute;
use crate::console::table::table;
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::screens::{Send, fault, tell};
use crate::ui::{Node, Tone, Weight, button, el, empty, notice, pill, row, skeleton};

/// The page.
pub(super) fn view(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &ConnectionsPage,
    send: &Send<ConnectionsEvent>,
) -> Node {
    let title = heading(words.connections, words.connections_what);
    let may_edit = matches!(&model.list, List::Ready(listing) if listing.may_edit);
    let adds = may_edit && model.panel == Panel::Closed;
    let add = adds.then(|| {
        button(Weight::Primary, words.connection_add, tell(send, ConnectionsEvent::Add))
            .test("connection-add", "")
    });
    let page = el("div").class("stack wide").test("console-connections", "").with(row(title, add)).with(
        el("p").class("said").attr("role", "status").test("connections-done", "").with(done(words, model)),
    );
    match &model.list {
        List::Waiting => page.with(skeleton(words.loading)),
        List::Failed(why) => {
            let again = button(Weight::Plain, locale.shared.try_again, tell(send, ConnectionsEvent::Open));
            page.with(fault(locale, why, Some(el("div").with(again))))
        }
        List::Ready(listing) => page
            .all((!listing.may_edit).then(|| notice(Tone::Plain, words.connections_read_only, None)))
            .all(
                (listing.may_edit && !listing.keeps_secrets)
                    .then(|| notice(Tone::Warn, words.no_seal_key, None)),
            )
            .all(panel::panel(locale, words, model, listing, send))
            .with(rows(words, listing, send)),
    }
}

/// What was done, in a sentence.
fn done(words: &'static ConsoleWords, model: &ConnectionsPage) -> String {
    match &model.done {
        None => String::new(),
        Some(Done::Saved) => words.connection_saved.into(),
        Some(Done::Connected) => words.connection_connected.into(),
        Some(Done::Disconnected(None)) => words.connection_disconnected.into(),
        Some(Done::Disconnected(Some(hint))) => (words.connection_not_revoked)(hint),
        Some(Done::Deleted(None)) => words.connection_deleted.into(),
        Some(Done::Deleted(Some(hint))) => (words.connection_deleted_not_revoked)(hint),
    }
}

fn rows(words: &'static ConsoleWords, listing: &Listing, send: &Send<ConnectionsEvent>) -> Node {
    if listing.connections.is_empty() {
        return empty(words.no_connections, words.connections_what);
    }
    let heads = [words.connection, words.connection_state, words.used_by, words.connection_acts];
    let rows = listing.connections.iter().map(|one| {
        let acts = (listing.may_edit && !one.in_file).then(|| acts(words, one, send));
        (one.id.clone(), line(words, one, acts))
    });
    table(words.connections, "connections", heads, rows)
}

fn line(words: &'static ConsoleWords, one: &Row, acts: Option<Node>) -> Node {
    let small = |text: String| el("div").class("small subtle").with(text);
    let (kind, _) = (words.kind)(&one.kind);
    let environment = (one.environment == "sandbox")
        .then(|| pill(Tone::Plain, (words.option)("sandbox"), "connection-environment", "sandbox".into()));
    // What the settings file sets has no name of its own.
    let (name, what) = match (one.in_file && !kind.is_empty(), one.detail.is_empty()) {
        (true, _) => (kind.to_owned(), one.detail.clone()),
        (false, true) => (one.name.clone(), kind.to_owned()),
        (false, false) => (one.name.clone(), [kind, " · ", &one.detail].concat()),
    };
    let name = el("div").with(el("b").with(name)).with(" ").all(environment);
    let state = match (&one.state, one.in_file) {
        (Some(state), _) => {
            pill(tone(state), (words.connection_states)(state), "connection-state", state.clone())
        }
        (None, _) => pill(Tone::Plain, words.set_in_file, "connection-state", "in_file".into()),
    };
    let problem = one.problem.as_ref().map(|problem| {
        let told = el("div").test("connection-problem", problem.code.clone());
        let message = servers(&problem.message);
        match (words.connection_problem)(&problem.code) {
            Some(text) => told.with(coded("div", text).class("small")).with(message.class("small subtle")),
            None => told.with(message.class("small")).with(servers(&problem.hint).class("small")),
        }
    });
    let checked = one.checked_at.as_ref().map(|at| small((words.checked)(&time(at))));
    let server = if one.in_file { (words.used_by_server)(&one.kind) } else { None };
    let users: Vec<&str> = server.into_iter().chain(one.used_by.iter().map(String::as_str)).collect();
    let users = if users.is_empty() { words.unused.into() } else { users.join(", ") };
    el("tr")
        .test(testid(&one.kind), one.id.clone())
        .with(el("td").with(name).with(small(what)))
        .with(el("td").with(state).all(problem).all(checked))
        .with(el("td").with(users))
        .with(el("td").all(acts))
}

/// What can be done with one; its name is read aloud with each.
fn acts(words: &'static ConsoleWords, one: &Row, send: &Send<ConnectionsEvent>) -> Node {
    use ConnectionsEvent as E;
    let is_over = one.state.as_deref() == Some("disconnected");
    let has_consent = one.settings.of("flow").as_deref() == Some("web");
    let act = |text: &'static str, testid: &'static str, event: E| {
        let label = [text, ": ", &one.name].concat();
        button(Weight::Link, text, tell(send, event)).attr("aria-label", label).test(testid, one.id.clone())
    };
    let test = (!is_over).then(|| act(words.connection_test, "connection-test", E::Test(one.clone())));
    let again = (has_consent && (is_over || one.state.as_deref() == Some("needs_attention")))
        .then(|| act(words.connect_again, "connection-reconnect", E::Reconnect(one.clone())));
    // Without a vendor's consent it is connected again by what is typed.
    let changes = if is_over && !has_consent { words.connect_again } else { words.connection_change };
    let change = act(changes, "connection-change", E::Edit(one.clone()));
    let end = (!is_over)
        .then(|| act(words.disconnect, "connection-disconnect", E::Ask(Question::Disconnect, one.clone())));
    let delete = act(words.delete, "connection-delete", E::Ask(Question::Delete, one.clone()));
    el("div").class("acts").all(again).all(test).with(change).all(end).with(delete)
}

fn testid(kind: &str) -> &'static str {
    match kind {
        "zendesk" => "connection-zendesk",
        "salesforce" => "connection-salesforce",
        "mysql" => "connection-mysql",
        "postgres" => "connection-postgres",
        "report" => "connection-report",
        "twilio" => "connection-twilio",
        "objects" => "connection-objects",
        "notify" => "connection-notify",
        _ => "connection-other",
    }
}

fn tone(state: &str) -> Tone {
    match state {
        "connected" => Tone::Ok,
        "needs_attention" => Tone::Warn,
        _ => Tone::Plain,
    }
}

/// `2026-11-22 12:00 UTC` of RFC 3339 UTC.
fn time(at: &str) -> String {
    [&minute(at), " UTC"].concat()
}
