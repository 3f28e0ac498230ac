//! What an admin sees: what became of each notice, in words, and the triggers below.

use std::rc::Rc;

use super::triggers::triggers;
use super::{FORM, KIND, NoticesEvent, NoticesPage, OUTCOME, Reason, Row};
use crate::console::RequestState;
use crate::console::frame::heading;
use crate::console::table::table;
use crate::i18n::Locale;
use crate::i18n::pages::PageWords;
use crate::pages::failed;
use crate::screens::{Send, tell};
use crate::ui::{Node, Tone, Weight, button, el, empty, pill, row, skeleton};

/// The kinds that can be looked for.
const KINDS: [&str; 5] = ["new_customer", "renewal_near", "page", "page_over", "renewal"];
/// The outcomes that can be looked for.
const OUTCOMES: [&str; 6] = ["told", "fallback", "not_told", "waiting", "sending", "unsure"];

/// The page.
#[must_use]
pub fn view(
    locale: Locale,
    words: &'static PageWords,
    page: &NoticesPage,
    send: &Send<NoticesEvent>,
) -> Node {
    let again =
        button(Weight::Plain, words.refresh, tell(send, NoticesEvent::Again)).test("notices-again", "");
    let root = el("div")
        .class("stack wide")
        .test("page-notices", "")
        .with(row(heading(words.notices, words.notices_what), page.list.is_some().then_some(again)));
    let Some(list) = &page.list else {
        return match &page.state {
            RequestState::Failed(why) => root.with(failed(locale, why, NoticesEvent::Again, send)),
            _ => root.with(skeleton(words.loading)),
        };
    };
    let is_filtered = !page.filter.kind.is_empty() || !page.filter.outcome.is_empty();
    let is_new = page.rows.is_empty() && !is_filtered;
    root.all((!is_new).then(|| filters(words, page, send)))
        .with(el("p").class("sr").attr("role", "status").with(spoken(words, page)))
        .with(notices(locale, words, page, is_filtered))
        .all(below(locale, words, page, send))
        // Keyed: what comes and goes above it takes no focus away in it.
        .with(triggers(locale, words, page, list, send).key("triggers".into()))
}

/// What is read aloud when a filter is answered.
fn spoken(words: &'static PageWords, page: &NoticesPage) -> String {
    match (&page.state, page.rows.len()) {
        (RequestState::Idle, 0) => words.none_found.into(),
        (RequestState::Idle, count) => (words.latest)(count),
        _ => String::new(),
    }
}

fn filters(words: &'static PageWords, page: &NoticesPage, send: &Send<NoticesEvent>) -> Node {
    let field = |name: &'static str,
                 label: &'static str,
                 any: &'static str,
                 chosen: &str,
                 known: Vec<(&'static str, &'static str)>| {
        let option = |(value, text): (&'static str, &'static str)| {
            let option = el("option").attr("value", value).with(text);
            if value == chosen { option.attr("selected", "") } else { option }
        };
        let all = std::iter::once(("", any)).chain(known).map(option);
        el("div")
            .class("field")
            .with(el("label").attr("for", name).with(label))
            .with(el("select").attr("id", name).attr("name", name).test(name, "").all(all))
    };
    let kinds = KINDS.map(|kind| (kind, (words.notice_kind)(kind))).to_vec();
    let outcomes = OUTCOMES.map(|outcome| (outcome, (words.outcome)(outcome))).to_vec();
    el("form")
        .class("search")
        .attr("id", FORM)
        .attr("role", "search")
        .attr("aria-label", words.filter)
        .input(Rc::new(tell(send, NoticesEvent::Changed)))
        .submit(Rc::new(tell(send, NoticesEvent::Changed)))
        .with(field(KIND, words.kind, words.any_kind, &page.filter.kind, kinds))
        .with(field(OUTCOME, words.became, words.any_outcome, &page.filter.outcome, outcomes))
}

fn notices(locale: Locale, words: &'static PageWords, page: &NoticesPage, is_filtered: bool) -> Node {
    if page.rows.is_empty() {
        return match (&page.state, is_filtered) {
            (RequestState::Idle, true) => {
                empty(words.none_found, words.none_found_why).test("notices-none", "")
            }
            (RequestState::Idle, false) => {
                empty(words.no_notices, words.no_notices_why).test("notices-empty", "")
            }
            _ => el("div").attr("hidden", ""),
        };
    }
    let heads = [words.when, words.about, words.in_charge, words.became];
    let rows = page.rows.iter().map(|notice| (notice.id.clone(), line(locale, words, notice)));
    table(words.notices, "notices", heads, rows)
}

fn below(
    locale: Locale,
    words: &'static PageWords,
    page: &NoticesPage,
    send: &Send<NoticesEvent>,
) -> Option<Node> {
    let more = |text| {
        let older = button(Weight::Plain, text, tell(send, NoticesEvent::More));
        page.next.as_ref().map(|_| el("div").with(older.test("notices-older", "")))
    };
    match &page.state {
        RequestState::Pending if page.rows.is_empty() => Some(skeleton(words.loading)),
        RequestState::Pending => more(words.loading),
        RequestState::Failed(why) => Some(failed(locale, why, NoticesEvent::Again, send)),
        RequestState::Idle => more(words.older),
    }
}

fn line(locale: Locale, words: &'static PageWords, notice: &Row) -> Node {
    let small = |text: String| el("div").class("small subtle").with(text);
    let kind = Some((words.notice_kind)(&notice.kind)).filter(|text| !text.is_empty()).unwrap_or_default();
    let number = notice.ticket_id.map(|id| ["#", &id.to_string()].concat()).unwrap_or_default();
    let ticket = notice.ticket_url.as_ref().map(|url| {
        el("a")
            .attr("href", url.clone())
            .attr("target", "_blank")
            .attr("rel", "noopener")
            .attr("aria-label", (words.open_ticket)(&number))
            .test("notice-ticket", number.clone())
            .with(number.clone())
    });
    let of = match (&notice.company, ticket.is_some()) {
        (Some(company), true) => [" · ", company].concat(),
        (Some(company), false) => company.clone(),
        (None, true) => String::new(),
        (None, false) => words.no_ticket.into(),
    };
    let role = notice.role.as_deref().map(words.role).filter(|role| !role.is_empty());
    let state = pill(
        tone(&notice.outcome),
        (words.outcome)(&notice.outcome),
        "notice-outcome",
        notice.outcome.clone(),
    );
    let reason = notice.reason.as_ref().map(|reason| why(words, reason));
    let resolved = notice.resolved_at.as_ref().map(|at| small((words.resolved)(&locale.date_time(at))));
    el("tr")
        .test("notice", notice.kind.clone())
        .with(el("td").class("num").with(locale.date_time(&notice.at)))
        .with(el("td").with(el("b").with(kind)).with(el("div").class("small").all(ticket).with(of)))
        .with(el("td").all(who(words, notice)).all(role.map(|role| small(role.into()))))
        .with(el("td").with(state).all(reason).all(resolved))
}

/// Who is in charge, and how they, or others, were told. A channel that names nobody is said once; one by which nobody was told is not said.
fn who(words: &'static PageWords, notice: &Row) -> Option<Node> {
    let channel = notice.channel.as_deref().unwrap_or_default();
    let how = if notice.outcome == "not_told" { "" } else { (words.channel)(channel) };
    let name = notice.told_to.as_deref().filter(|name| *name != channel);
    match name {
        Some(name) => {
            let how = (!how.is_empty()).then(|| el("span").class("small subtle").with(how));
            Some(el("div").test("notice-told", name.to_owned()).with(name.to_owned()).with(" ").all(how))
        }
        None if how.is_empty() => None,
        None => Some(el("div").test("notice-told", channel.to_owned()).with(how)),
    }
}

/// Why, as the outcome goes on. The server says it in English.
fn why(words: &'static PageWords, reason: &Reason) -> Node {
    let told = el("div").class("small subtle").test("notice-reason", reason.code.clone());
    let text = (words.reason)(&reason.code);
    told.with((words.because)(text.unwrap_or(&reason.message)))
}

fn tone(outcome: &str) -> Tone {
    match outcome {
        "told" => Tone::Ok,
        "fallback" | "unsure" => Tone::Warn,
        "waiting" | "sending" => Tone::Info,
        _ => Tone::Plain,
    }
}
