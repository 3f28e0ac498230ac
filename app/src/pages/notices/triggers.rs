//! The triggers in Zendesk: what is wrong with them, what would be changed, and the question before it is.

use std::rc::Rc;

use super::reading::{Difference, Kept, Listing, Report, Trigger, Webhook};
use super::{NoticesEvent, NoticesPage, Question, TRIGGERS};
use crate::console::RequestState;
use crate::console::frame::{coded, explained, servers, sheet};
use crate::i18n::pages::PageWords;
use crate::i18n::{Locale, sentence};
use crate::pages::failed;
use crate::screens::{Send, tell};
use crate::ui::{Node, Tone, Weight, button, el, notice, pill, row, skeleton};

/// The part of the page.
pub(super) fn triggers(
    locale: Locale,
    words: &'static PageWords,
    page: &NoticesPage,
    list: &Listing,
    send: &Send<NoticesEvent>,
) -> Node {
    let title = el("div")
        .class("stack tight")
        .with(el("h2").attr("id", TRIGGERS).attr("tabindex", "-1").with(words.triggers))
        .with(el("p").class("subtle").with(words.triggers_what));
    let again = button(Weight::Plain, words.compare_again, tell(send, NoticesEvent::Compare))
        .test("triggers-again", "");
    let is_busy = page.comparing == RequestState::Pending;
    let again = if is_busy { again.attr("disabled", "") } else { again };
    let part = el("section")
        .class("stack part")
        .test("triggers", "")
        .with(row(title, list.may_edit.then_some(again)))
        .with(el("p").class("said").attr("role", "status").test("triggers-done", "").with(done(words, page)))
        .all(list.triggers.iter().filter_map(|kept| problem(locale, words, kept)));
    if !list.may_edit {
        return part.with(kept(locale, words, list));
    }
    let question = page.question.zip(page.report.as_ref());
    let question = question.map(|(question, report)| asked(locale, words, page, (question, report), send));
    let part = part.all(question);
    match (&page.comparing, &page.report) {
        (RequestState::Failed(why), _) if page.question.is_none() => {
            part.with(failed(locale, why, NoticesEvent::Compare, send))
        }
        (_, None) => part.with(skeleton(words.loading)),
        (_, Some(report)) => {
            let acts = page.question.is_none().then(|| acts(words, report, send));
            let part = if is_busy { part.attr("aria-busy", "true") } else { part };
            let triggers = report.triggers.iter().map(|one| trigger(words, one));
            let webhooks = report.webhooks.iter().map(|one| webhook(words, one));
            part.all(report.warnings.iter().map(|text| warning(text)))
                .all(acts)
                .with(el("ul").class("triggers").all(triggers.chain(webhooks)))
        }
    }
}

fn done(words: &'static PageWords, page: &NoticesPage) -> String {
    page.made.map_or(String::new(), |(created, updated)| (words.triggers_made)(created, updated))
}

/// What is wrong with a trigger, as it was when it was last looked at.
fn problem(locale: Locale, words: &'static PageWords, kept: &Kept) -> Option<Node> {
    let problem = kept.problem.as_ref()?;
    let title = (words.trigger_problem)((words.notice_kind)(&kept.kind));
    let checked = (words.checked)(&locale.date_time(&kept.checked_at));
    let more = el("div")
        .class("stack tight")
        .with(servers(problem))
        .with(el("div").class("small subtle").with(checked));
    Some(notice(Tone::Warn, el("b").with(title), Some(more)).test("trigger-problem", kept.kind.clone()))
}

/// For those who may not change triggers: which there are.
fn kept(locale: Locale, words: &'static PageWords, list: &Listing) -> Node {
    let one = |kept: &Kept| {
        let checked = (words.checked)(&locale.date_time(&kept.checked_at));
        el("li")
            .test("trigger-kept", kept.kind.clone())
            .with(el("b").with((words.notice_kind)(&kept.kind)))
            .with(el("div").class("small subtle").with(checked))
    };
    let none = list.triggers.is_empty().then(|| el("p").with(words.no_triggers));
    el("div")
        .class("stack")
        .all(none)
        .with(el("ul").class("triggers").all(list.triggers.iter().map(one)))
        .with(el("p").class("small subtle").test("triggers-read-only", "").with(words.triggers_of_editors))
}

/// What is not right although every trigger may be; the server says it in English.
fn warning(text: &str) -> Node {
    let text = coded("span", &sentence(text)).attr("lang", "en");
    notice(Tone::Warn, text, None).test("triggers-warning", "")
}

fn acts(words: &'static PageWords, report: &Report, send: &Send<NoticesEvent>) -> Node {
    let (created, updated) = (report.count("created"), report.count("updated"));
    let by_hand = report.count("changed_by_hand") > 0;
    let ask = |question| tell(send, NoticesEvent::Ask(question));
    let make = (created + updated > 0).then(|| {
        let text = if created > 0 { words.create_triggers } else { words.update_triggers };
        button(Weight::Primary, text, ask(Question::Make)).test("triggers-make", "")
    });
    let overwrite = by_hand.then(|| {
        button(Weight::Plain, words.overwrite_triggers, ask(Question::Overwrite))
            .test("triggers-overwrite", "")
    });
    let fine = (make.is_none() && !by_hand)
        .then(|| el("p").test("triggers-fine", "").with(words.triggers_up_to_date));
    el("div").class("acts").all(fine).all(make).all(overwrite)
}

/// What would be done, and whether it is to be.
fn asked(
    locale: Locale,
    words: &'static PageWords,
    page: &NoticesPage,
    (question, report): (Question, &Rc<Report>),
    send: &Send<NoticesEvent>,
) -> Node {
    let (created, updated) = (report.count("created"), report.count("updated"));
    let overwrites = question == Question::Overwrite;
    let (title, text) = match (overwrites, created > 0) {
        (true, _) => (words.overwrite_title, words.overwrite),
        (false, true) => (words.create_triggers, words.create_triggers),
        (false, false) => (words.update_triggers, words.update_triggers),
    };
    let by_hand = || report.triggers.iter().filter(|one| one.state == "changed_by_hand");
    let lost = overwrites.then(|| {
        let one =
            |one: &Trigger| el("li").with(el("b").with(one.title.clone())).with(differences(words, one));
        let lost = el("ul").class("triggers").all(by_hand().map(one));
        el("div").class("stack").with(el("p").with(words.overwrite_why)).with(lost)
    });
    let makes =
        (!overwrites || created + updated > 0).then(|| el("p").with((words.make_why)(created, updated)));
    let stays = (!overwrites && by_hand().next().is_some()).then(|| el("p").with(words.stays_by_hand));
    let problem = match &page.working {
        RequestState::Failed(why) => Some(explained(locale, why)),
        _ => None,
    };
    let is_pending = page.working == RequestState::Pending;
    let yes =
        button(Weight::Primary, if is_pending { words.working } else { text }, tell(send, NoticesEvent::Yes));
    let no = button(Weight::Plain, words.cancel, tell(send, NoticesEvent::Cancel)).test("question-no", "");
    let content = el("div")
        .class("stack")
        .all(lost)
        .all(makes)
        .all(stays)
        .with(el("div").class("said").all(problem))
        .with(el("div").class("acts").with(yes.test("question-yes", "")).with(no));
    let close = Rc::new(tell(send, NoticesEvent::Cancel));
    sheet(title.into(), close, content).test("triggers-question", "").key("question".into())
}

fn trigger(words: &'static PageWords, one: &Trigger) -> Node {
    let condition = |text: &String| el("li").with(coded("span", text));
    let details = el("details")
        .with(
            el("summary").attr("aria-label", [words.details, ": ", &one.title].concat()).with(words.details),
        )
        .with(el("div").class("small subtle").with(words.acts_when))
        .with(el("ul").class("listed").attr("lang", "en").all(one.conditions.iter().map(condition)))
        .with(el("div").class("small subtle").with(words.does))
        .with(coded("p", &sentence(&one.actions)).attr("lang", "en"));
    el("li")
        .test("trigger", one.kind.clone())
        .with(row(
            el("b").attr("lang", "en").with(one.title.clone()),
            [state(words, &one.state, "trigger-state")],
        ))
        .with(el("div").class("small subtle").with((words.notice_kind)(&one.kind)))
        .all((!one.differences.is_empty()).then(|| differences(words, one)))
        .with(details)
        .key(one.kind.clone())
}

/// Both sides, part by part.
fn differences(words: &'static PageWords, one: &Trigger) -> Node {
    let side = |name: &'static str, text: &String| {
        let text = coded("div", text).attr("lang", "en");
        el("div").with(el("div").class("small subtle").with(name)).with(text)
    };
    let part = |Difference { part, there, wanted }: &Difference| {
        let name = Some((words.part)(part)).filter(|text| !text.is_empty());
        let name = name.map_or_else(|| part.clone(), str::to_owned);
        el("div")
            .class("differs")
            .test("trigger-difference", part.clone())
            .with(el("div").class("small").with(el("b").with(name)))
            .with(side(words.in_zendesk, there))
            .with(side(words.by_settings, wanted))
    };
    el("div").class("stack tight").all(one.differences.iter().map(part))
}

fn webhook(words: &'static PageWords, one: &Webhook) -> Node {
    let calls = el("div")
        .class("small subtle")
        .with([words.calls, " "].concat())
        .with(el("code").with(one.endpoint.clone()));
    el("li")
        .test("webhook", one.name.clone())
        .with(row(
            el("b").attr("lang", "en").with(one.name.clone()),
            [state(words, &one.state, "webhook-state")],
        ))
        .with(calls)
        .key(one.name.clone())
}

fn state(words: &'static PageWords, state: &str, testid: &'static str) -> Node {
    let tone = match state {
        "found" => Tone::Ok,
        "changed_by_hand" => Tone::Warn,
        _ => Tone::Info,
    };
    pill(tone, (words.trigger_state)(state), testid, state.to_owned())
}
