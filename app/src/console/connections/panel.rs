//! The open panel: the kinds, a form, a consent, a test's steps, or a question.

use std::rc::Rc;

use wire::{ConnectionTest, ErrorCode, TestStep};

use super::forms::{ConnectionForm, FORM, KINDS, Part};
use super::model::{ConnectionsEvent, ConnectionsPage, NUMBER, NUMBER_FORM};
use super::reading::{Listing, Row};
use super::state::{Consent, Panel, Question, Standing};
use crate::console::RequestState;
use crate::console::form::view::{Label, field};
use crate::console::form::{Field, Kind};
use crate::console::frame::{explained, in_english, servers, sheet};
use crate::i18n::console::ConsoleWords;
use crate::i18n::{Locale, sentence};
use crate::screens::{Send, tell};
use crate::ui::{Node, Weight, button, el, problem, skeleton};

/// Everything that a panel is drawn from.
#[derive(Clone, Copy)]
struct Scene<'a> {
    locale: Locale,
    words: &'static ConsoleWords,
    model: &'a ConnectionsPage,
    listing: &'a Listing,
    send: &'a Send<ConnectionsEvent>,
}

/// The panel, where one is open.
pub(super) fn panel(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &ConnectionsPage,
    listing: &Listing,
    send: &Send<ConnectionsEvent>,
) -> Option<Node> {
    let scene = Scene { locale, words, model, listing, send };
    let (key, title, content) = match &model.panel {
        Panel::Closed => return None,
        Panel::Kinds => ("kinds", words.connection_add.to_owned(), scene.kinds()),
        Panel::Form(form, of) => {
            let title =
                of.as_ref().map_or_else(|| (words.kind)(form.kind).0.to_owned(), |row| row.name.clone());
            ("form", title, scene.form(form, of.as_ref()))
        }
        Panel::Consent(consent) => {
            ("consent", (words.kind)(&consent.kind).0.to_owned(), scene.consent(consent))
        }
        Panel::Test(row, test) => ("test", (words.test_of)(&row.name), scene.test(test.as_ref())),
        Panel::Question(question, row) => {
            let title = match question {
                Question::Disconnect => (words.disconnect_title)(&row.name),
                Question::Delete => (words.delete_title)(&row.name),
            };
            ("question", title, scene.question(*question, row))
        }
    };
    let close = Rc::new(tell(send, ConnectionsEvent::Cancel));
    Some(sheet(title, close, content).test("connection-panel", key).key(key.into()))
}

impl Scene<'_> {
    fn cancel(&self, text: &'static str) -> Node {
        button(Weight::Plain, text, tell(self.send, ConnectionsEvent::Cancel)).test("panel-cancel", "")
    }

    /// What went wrong. A translated sentence is followed by the server's own words where these say more.
    fn failed(&self) -> Option<Node> {
        let RequestState::Failed(why) = &self.model.working else { return None };
        Some(explained(self.locale, why))
    }

    fn kinds(&self) -> Node {
        let kind = |kind: &'static str| {
            let (name, what) = (self.words.kind)(kind);
            let content = el("span")
                .class("stacked")
                .with(el("b").with(name))
                .with(el("span").class("small subtle").with(what));
            let choose = button(Weight::Plain, content, tell(self.send, ConnectionsEvent::Choose(kind)));
            el("li").with(choose.test("connection-kind", kind))
        };
        let kinds = el("ul")
            .class("choices")
            .attr("aria-label", self.words.choose_kind)
            .all(KINDS.into_iter().map(kind));
        el("div").class("stack").with(kinds).with(el("div").with(self.cancel(self.words.cancel)))
    }

    fn form(&self, form: &'static ConnectionForm, of: Option<&Row>) -> Node {
        let Self { words, model, .. } = *self;
        let fields = form.fields.iter().map(|item| {
            let (label, mut help) = (words.setting)(item.label);
            if item.part == Part::Secret && of.is_some_and(|row| !row.needs_secret()) {
                help = words.secret_stays;
            }
            let value = match (item.field.name, of) {
                ("flow", _) => form.flow.map(str::to_owned),
                ("name", Some(row)) => Some(row.name.clone()),
                ("environment", Some(row)) => Some(row.environment.clone()),
                (name, Some(row)) => row.settings.of(name),
                ("name", None) => Some((words.kind)(form.kind).0.to_owned()),
                (_, None) => Some(String::new()),
            };
            let wrong = model.wrong.iter().find(|(name, _)| *name == item.field.name).map(|(_, wrong)| wrong);
            field(self.locale, words, item.field, Label { label, help }, value, wrong).key(item.label.into())
        });
        let consents = form.asks_consent() && of.is_none_or(Row::needs_secret);
        let is_pending = model.working == RequestState::Pending;
        let text = match (consents, is_pending) {
            (_, true) => words.trying,
            (true, false) => words.continue_,
            (false, false) => words.save_settings,
        };
        let submit =
            el("button").attr("type", "submit").class("btn primary").test("connection-save", "").with(text);
        let recipe = recipe(words, form).map(|text| el("p").class("small subtle").with(text));
        let callback = form.asks_consent().then(|| {
            el("div").class("field").with(el("span").with(words.callback_url)).with(
                el("code").class("copied").test("callback-url", "").with(self.listing.callback_url.clone()),
            )
        });
        el("form")
            .class("settings")
            .attr("id", FORM)
            .attr("novalidate", "")
            .attr("autocomplete", "off")
            .input(Rc::new(tell(self.send, ConnectionsEvent::Changed)))
            .submit(Rc::new(tell(self.send, ConnectionsEvent::Submit)))
            .all(recipe.map(|node| node.key("recipe".into())))
            .all(callback.map(|node| node.key("callback".into())))
            .all(fields)
            .with(el("div").class("said").all(self.failed()).key("said".into()))
            .with(el("div").class("acts").with(submit).with(self.cancel(words.cancel)).key("acts".into()))
    }

    fn consent(&self, consent: &Consent) -> Node {
        let Self { words, send, .. } = *self;
        let (vendor, _) = (words.kind)(&consent.kind);
        match &consent.standing {
            Standing::Waiting => {
                let open = el("a")
                    .class("btn primary")
                    .attr("href", consent.start.url.clone())
                    .attr("target", "_blank")
                    .attr("rel", "noopener")
                    .test("consent-open", "")
                    .with((words.consent_open)(vendor));
                el("div")
                    .class("stack")
                    .with(el("p").with((words.consent_how)(vendor)))
                    .with(el("p").class("small subtle").with((words.consent_trouble)(&consent.kind)))
                    .with(el("div").class("acts").with(open).with(self.cancel(words.cancel)))
                    .with(
                        el("p")
                            .class("subtle")
                            .attr("role", "status")
                            .test("consent-state", "waiting")
                            .with(words.consent_waiting),
                    )
                    .with(el("div").class("said").all(self.failed()))
            }
            Standing::Granted(organization, user) => {
                let wrong = self.model.wrong.iter().find(|(name, _)| *name == NUMBER).map(|(_, wrong)| wrong);
                let (label, help) = (words.setting)(NUMBER);
                let number = Field { name: NUMBER, kind: Kind::Digits };
                let is_pending = self.model.working == RequestState::Pending;
                let text = if is_pending { words.trying } else { words.connect };
                let submit = el("button")
                    .attr("type", "submit")
                    .class("btn primary")
                    .test("consent-confirm", "")
                    .with(text);
                el("form")
                    .class("settings")
                    .attr("id", NUMBER_FORM)
                    .attr("novalidate", "")
                    .attr("autocomplete", "off")
                    .submit(Rc::new(tell(send, ConnectionsEvent::Confirm)))
                    .with(
                        el("p").test("consent-state", "granted").with((words.consent_as)(organization, user)),
                    )
                    .with(
                        field(self.locale, words, number, Label { label, help }, Some(String::new()), wrong)
                            .key(NUMBER.into()),
                    )
                    .with(el("div").class("said").all(self.failed()).key("said".into()))
                    .with(
                        el("div")
                            .class("acts")
                            .with(submit)
                            .with(self.cancel(words.cancel))
                            .key("acts".into()),
                    )
            }
            Standing::Failed(why) => {
                let servers = [sentence(&why.message), " ".into(), sentence(&why.hint)].concat();
                let code = ErrorCode::ALL.iter().find(|code| code.as_str() == why.code);
                // A translated sentence is followed by the server's own, which says more.
                let (said, more) = match code.and_then(|code| (self.locale.shared.error)(*code)) {
                    Some(translated) => (translated.to_owned(), Some(in_english(&servers))),
                    None => (servers, None),
                };
                el("div")
                    .class("stack")
                    .test("consent-state", "failed")
                    .with(problem(said, "authorization_failed", None))
                    .all(more)
                    .with(el("div").with(self.cancel(words.close)))
            }
        }
    }

    fn test(&self, test: Option<&ConnectionTest>) -> Node {
        let Self { words, .. } = *self;
        let Some(test) = test else {
            return match self.failed() {
                Some(failed) => {
                    el("div").class("stack").with(failed).with(el("div").with(self.cancel(words.close)))
                }
                None => skeleton(words.trying),
            };
        };
        let step = |step: &TestStep| {
            let (mark, class) = if step.ok { ("✓", "mark ok") } else { ("✕", "mark bad") };
            let name = (words.test_step)(&step.name);
            let name = if name.is_empty() { step.name.clone() } else { name.to_owned() };
            let spoken = if step.ok { words.step_ok } else { words.step_failed };
            let hint = step.hint.as_ref().map(|hint| servers(hint).class("small"));
            let said = el("div").with(el("b").with(name)).with(servers(&step.message)).all(hint);
            let mark = el("span").class(class).attr("role", "img").attr("aria-label", spoken).with(mark);
            let state = if step.ok { "ok" } else { "failed" };
            el("li").test("connection-step", state).with(mark).with(said)
        };
        let state = if test.ok { "ok" } else { "failed" };
        let summary = if test.ok { words.test_ok } else { words.test_failed };
        el("div")
            .class("stack")
            .test("connection-tested", state)
            .with(el("p").attr("role", "status").with(summary))
            .with(el("ol").class("checks").all(test.steps.iter().map(step)))
            .with(el("div").with(self.cancel(words.close)))
    }

    fn question(&self, question: Question, row: &Row) -> Node {
        let Self { words, send, model, .. } = *self;
        let (why, text) = match question {
            Question::Disconnect => (words.disconnect_why, words.disconnect),
            Question::Delete => (words.delete_why, words.delete),
        };
        let users =
            (!row.used_by.is_empty()).then(|| el("p").with((words.used_by_these)(&row.used_by.join(", "))));
        let text = if model.working == RequestState::Pending { words.trying } else { text };
        let yes = button(Weight::Primary, text, tell(send, ConnectionsEvent::Yes)).test("question-yes", "");
        el("div")
            .class("stack")
            .with(el("p").with(why))
            .all(users)
            .with(el("div").class("said").all(self.failed()))
            .with(el("div").class("acts").with(yes).with(self.cancel(words.cancel)))
    }
}

/// How the vendor is prepared.
fn recipe(words: &'static ConsoleWords, form: &ConnectionForm) -> Option<&'static str> {
    let key = match (form.kind, form.flow) {
        ("zendesk", _) => "zendesk",
        ("salesforce", Some("web")) => "salesforce",
        ("salesforce", Some("client_credentials")) => "client_credentials",
        ("salesforce", _) => "jwt",
        ("mysql" | "postgres", _) => "database",
        _ => return None,
    };
    Some((words.recipe)(key))
}
