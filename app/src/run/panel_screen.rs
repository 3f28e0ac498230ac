//! The whole of Flex's panel, from the states of its models. Parts keep their places, so that a field that somebody types
//! into is not made anew when something above it changes.

use super::panel::Panel;
use super::roots::heading;
use crate::host::page::form_values;
use crate::i18n::panel::words;
use crate::model::notes::{Draft, Noted, NotesEvent, NotesModel};
use crate::model::pop::{Phase, PopModel};
use crate::model::trace::TraceModel;
use crate::screens::dial::{Dialling, outcome};
use crate::screens::panel::{call, log, notes, said};
use crate::screens::{lost, pop};
use crate::ui::{Node, Tone, el, notice};

/// The screen, for as long as the page lives.
pub(super) fn screen(panel: &Panel) -> impl Fn() -> Node + use<> {
    let (locale, channel, session) = (panel.locale, panel.channel, panel.session);
    let (pops, calls, noted, traced, comment) = (panel.pop, panel.call, panel.notes, panel.trace, panel.said);
    let (send, send_said, open) = (pops.callback(), comment.callback(), panel.open());
    let (dial, press) = (panel.dial, panel.dial.callback());
    let send_session = session.callback();
    move || {
        let locale = locale.get();
        let words = words(locale.tag);
        let over = session.state.with(|model| lost(locale, model, true, &send_session));
        let gone = traced.state.with(|trace| trace.lost) && over.is_none();
        let gone = gone.then(|| notice(Tone::Warn, words.lost, None).test("connection", "lost"));
        let owed = noted.state.with(NotesModel::owes);
        let owed = owed.then(|| notice(Tone::Warn, words.owed, None).test("owed", ""));
        let (task, chooses) = pops.state.with(|pop| {
            let task = pop.task().map(str::to_owned);
            (task, pop.choice().is_some_and(|(_, open)| open))
        });
        // A field that holds unsaved words stays, also while the server does not know the engagement.
        let unsaved = noted.state.with(|model| model.draft().is_some_and(Draft::is_unsaved));
        let takes_notes = unsaved || traced.state.with(TraceModel::takes_notes);
        let form = task.filter(|_| takes_notes).map(|task| {
            let outcomes = traced
                .state
                .with(|trace| trace.view.as_ref().map(|view| view.outcomes.clone()).unwrap_or_default());
            let typed = move || {
                let mut values = form_values(notes::FORM, notes::FIELDS.into_iter()).into_iter();
                let mut next = || values.next().flatten().unwrap_or_default();
                let (text, outcome) = (next(), next());
                noted.send(NotesEvent::Typed(Noted { text, outcome }));
            };
            noted.state.with(|model| notes::notes(locale, &task, model, &outcomes, typed))
        });
        let heard = pops.state.with(|model| pop::spoken(locale, model));
        let logged = traced.state.with(|model| log::spoken(locale, model));
        let shown = comment.state.with(|model| said::said(locale, model, &send_said));
        let failed = pops.state.with(|model: &PopModel| matches!(model.phase, Phase::Failed(_)));
        let main = dial.state.with(|model| {
            let dialling = Dialling { model, press: Some(&press) };
            pops.state.with(|model| pop::pop(locale, model, dialling, shown.filter(|_| !failed), &send))
        });
        let dialled = dial.state.with(|model| outcome(locale, model));
        let others = pops.state.with(|model| pop::others(locale, model, &open));
        let log = traced.state.with(|model| log::log(locale, model, chooses, &open));
        let strip =
            channel.with(|channel| calls.state.with(|model| call::call(locale, model, channel.as_deref())));
        let part = |node: Option<Node>| el("div").class("slot").all(node);
        el("div")
            .class("panel flex")
            .with(heading())
            .with(el("p").class("sr").attr("role", "status").with(heard))
            .with(el("p").class("sr").attr("role", "status").with(logged))
            .with(el("div").attr("role", "status").class("slot wide").all(over).all(gone).all(owed))
            .with(el("div").attr("role", "status").class("slot wide").all(dialled))
            .with(el("div").class("slot wide").all(strip))
            .with(el("div").class("slot main").all(main))
            .with(el("div").class("slot side").with(part(form)).with(part(others)).with(part(log)))
    }
}
