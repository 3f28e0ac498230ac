//! How the page of connections stands. One panel is open at a time: what an admin is about to do. **Invariant:** an answer to a
//! question of a panel that was closed meanwhile changes nothing.

use std::rc::Rc;

use wire::{AuthorizationStart, ConnectionTest};

use super::forms::{ConnectionForm, FORM};
use super::reading::{Authorization, Ended, Listing, Row, Saved};
use super::state::{Consent, Done, List, Panel, Question, Standing};
use crate::console::form::Wrong;
use crate::console::frame::PANEL;
use crate::console::{Effect, RequestState, read};
use crate::json::{Json, quote};
use crate::model::Model;
use crate::model::fault::Fault;

/// The id of the form for the number of a consent, and the name of its field.
pub const NUMBER_FORM: &str = "number-form";
pub const NUMBER: &str = "number";
/// How often the page asks whether consent was given, milliseconds.
const LOOK: i32 = 2_000;

/// The page.
#[derive(Debug, Default, PartialEq)]
pub struct ConnectionsPage {
    /// Names the latest question of a panel; older answers are dropped.
    ask: u32,
    pub list: List,
    pub panel: Panel,
    /// How the last question of the panel stands.
    pub working: RequestState,
    /// The fields that cannot be sent as they are.
    pub wrong: Vec<(&'static str, Wrong)>,
    /// Something was typed into the form.
    pub typed: bool,
    /// What was done last.
    pub done: Option<Done>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionsEvent {
    Open,
    /// The admin came back to the browser's tab.
    Refresh,
    Listed(Result<Rc<Listing>, Fault>),
    /// The admin wants a new connection.
    Add,
    /// Of this kind, by this flow.
    Choose(&'static str),
    Edit(Row),
    /// Connect it again, with the client that it has; with the secret of its client, where none is kept.
    Reconnect(Row),
    Test(Row),
    Ask(Question, Row),
    /// The panel is closed.
    Cancel,
    /// A field changed.
    Changed,
    /// This is the flow that is chosen now.
    Flow(Vec<Option<String>>),
    Submit,
    /// This is what the fields hold.
    Submitted(Vec<Option<String>>),
    Saved(u32, Result<Rc<Saved>, Fault>),
    Started(u32, Result<AuthorizationStart, Fault>),
    /// It is time to ask how the consent stands.
    Look(u32),
    Looked(u32, Result<Authorization, Fault>),
    /// The number was typed.
    Confirm,
    Number(Vec<Option<String>>),
    Confirmed(u32, Result<(), Fault>),
    Tested(u32, Result<ConnectionTest, Fault>),
    /// The question is answered with yes.
    Yes,
    Answered(u32, Result<Done, Fault>),
}

type Asked = Effect<ConnectionsEvent>;

impl Model for ConnectionsPage {
    type Event = ConnectionsEvent;
    type Effect = Asked;

    fn update(mut self, event: ConnectionsEvent) -> (Self, Vec<Asked>) {
        use ConnectionsEvent as E;
        let effects = match event {
            E::Open | E::Refresh => vec![list()],
            E::Listed(answer) => {
                match answer {
                    Ok(listing) => self.list = List::Ready(listing),
                    // What is shown stays: nobody asked for it again.
                    Err(_) if matches!(self.list, List::Ready(_)) => {}
                    Err(fault) => self.list = List::Failed(fault),
                }
                vec![]
            }
            E::Add => self.show(Panel::Kinds),
            E::Choose(kind) => ConnectionForm::of(kind, None)
                .map(|form| self.show(Panel::Form(form, None)))
                .unwrap_or_default(),
            E::Edit(row) => ConnectionForm::of(&row.kind, row.settings.of("flow").as_deref())
                .map(|form| self.show(Panel::Form(form, Some(row))))
                .unwrap_or_default(),
            E::Reconnect(row) if row.needs_secret() => ConnectionForm::of(&row.kind, Some("web"))
                .map(|form| self.show(Panel::Form(form, Some(row))))
                .unwrap_or_default(),
            E::Reconnect(row) => {
                let body = ["{\"id\":", &quote(&row.id), "}"].concat();
                let kind = row.kind.clone();
                self.show(Panel::Test(row, None));
                vec![self.authorize(&kind, body)]
            }
            E::Test(row) => {
                let path = ["/api/connections/", &row.id, "/test"].concat();
                let mut effects = self.show(Panel::Test(row, None));
                let ask = self.asks();
                effects.push(Effect::Post(
                    path,
                    "{}".into(),
                    Box::new(move |answer| E::Tested(ask, read(answer))),
                ));
                effects
            }
            E::Ask(question, row) => self.show(Panel::Question(question, row)),
            E::Cancel => self.cancel(),
            E::Changed => {
                self.typed = true;
                self.wrong.clear();
                match &self.panel {
                    Panel::Form(ConnectionForm { flow: Some(_), .. }, _) => {
                        vec![Effect::Read(FORM, vec!["flow"], Box::new(E::Flow))]
                    }
                    _ => vec![],
                }
            }
            E::Flow(values) => {
                if let Panel::Form(form, _) = &mut self.panel
                    && let Some(other) =
                        ConnectionForm::of(form.kind, values.first().and_then(Option::as_deref))
                {
                    *form = other;
                }
                vec![]
            }
            E::Submit => match &self.panel {
                Panel::Form(form, _) if self.working != RequestState::Pending => {
                    vec![Effect::Read(FORM, form.names(), Box::new(E::Submitted))]
                }
                _ => vec![],
            },
            E::Submitted(typed) => self.submit(&typed),
            E::Saved(ask, answer) if ask == self.ask => self.saved(answer),
            E::Started(ask, answer) if ask == self.ask => self.started(answer),
            E::Look(ask) if ask == self.ask => self.look(),
            E::Looked(ask, answer) if ask == self.ask => self.looked(answer),
            E::Confirm if self.working != RequestState::Pending => {
                vec![Effect::Read(NUMBER_FORM, vec![NUMBER], Box::new(E::Number))]
            }
            E::Number(values) => self.confirm(values.into_iter().flatten().next().unwrap_or_default().trim()),
            E::Confirmed(ask, answer) if ask == self.ask => match answer {
                Ok(()) => self.finish(Done::Connected),
                Err(fault) if fault.code() == Some(wire::ErrorCode::AuthorizationNumberWrong) => {
                    self.working = RequestState::Idle;
                    self.wrong = vec![(NUMBER, Wrong::Refused(fault))];
                    vec![Effect::Focus(NUMBER.into())]
                }
                Err(fault) => self.failed(fault),
            },
            E::Tested(ask, answer) if ask == self.ask => self.tested(answer),
            E::Yes => self.yes(),
            E::Answered(ask, answer) if ask == self.ask => match answer {
                Ok(done) => self.finish(done),
                Err(fault) => self.failed(fault),
            },
            _ => vec![],
        };
        (self, effects)
    }
}

impl ConnectionsPage {
    fn tested(&mut self, answer: Result<wire::ConnectionTest, Fault>) -> Vec<Asked> {
        self.working = RequestState::Idle;
        match answer {
            Ok(test) => {
                if let Panel::Test(_, found) = &mut self.panel {
                    *found = Some(test);
                }
                vec![list()]
            }
            Err(fault) => self.failed(fault),
        }
    }

    /// Opens a panel; questions of the one before are not heard any more.
    fn show(&mut self, panel: Panel) -> Vec<Asked> {
        self.ask += 1;
        self.panel = panel;
        (self.working, self.typed, self.done) = (RequestState::Idle, false, None);
        self.wrong.clear();
        vec![Effect::Focus(PANEL.into())]
    }

    fn asks(&mut self) -> u32 {
        self.ask += 1;
        self.working = RequestState::Pending;
        self.ask
    }

    fn finish(&mut self, done: Done) -> Vec<Asked> {
        self.show(Panel::Closed);
        self.done = Some(done);
        vec![list(), Effect::Focus(crate::console::frame::TITLE.into())]
    }

    fn failed(&mut self, fault: Fault) -> Vec<Asked> {
        self.working = RequestState::Failed(fault);
        vec![]
    }

    /// A consent that is given up is ended at the server, which revokes what it was granted.
    fn cancel(&mut self) -> Vec<Asked> {
        let mut effects = vec![Effect::Focus(crate::console::frame::TITLE.into())];
        if let Panel::Consent(Consent { start, .. }) = &self.panel {
            let path = ["/api/authorizations/", &start.id].concat();
            effects.push(Effect::Delete(path, Box::new(|_| ConnectionsEvent::Refresh)));
        }
        self.show(Panel::Closed);
        effects
    }

    fn submit(&mut self, typed: &[Option<String>]) -> Vec<Asked> {
        let Panel::Form(form, of) = &self.panel else { return vec![] };
        let (form, of) = (*form, of.clone());
        self.wrong = form.wrong(typed);
        if let Some((first, _)) = self.wrong.first() {
            return vec![Effect::Focus((*first).into())];
        }
        let ask = self.asks();
        match of {
            None if form.asks_consent() => {
                let body = form.authorize(typed, None);
                vec![self.authorize(form.kind, body)]
            }
            Some(row) if form.leads_to_consent(typed, &row) => {
                let body = form.authorize(typed, Some(&row));
                vec![self.authorize(form.kind, body)]
            }
            of => {
                let body = form.body(typed, of.as_ref());
                let then = Box::new(move |answer| ConnectionsEvent::Saved(ask, read(answer).map(Rc::new)));
                vec![match of {
                    Some(row) => Effect::Put(["/api/connections/", &row.id].concat(), body, then),
                    None => Effect::Post("/api/connections".into(), body, then),
                }]
            }
        }
    }

    fn saved(&mut self, answer: Result<Rc<Saved>, Fault>) -> Vec<Asked> {
        match answer {
            // What was tried is shown; nobody would look for it.
            Ok(saved) if saved.test.is_some() => {
                let mut effects = self.show(Panel::Test(saved.connection.clone(), saved.test.clone()));
                self.done = Some(Done::Saved);
                effects.push(list());
                effects
            }
            Ok(_) => self.finish(Done::Saved),
            Err(fault) => self.refused(fault),
        }
    }

    /// The server names the field that it does not take.
    fn refused(&mut self, fault: Fault) -> Vec<Asked> {
        let Panel::Form(form, _) = &self.panel else { return self.failed(fault) };
        let name = fault.field().and_then(|name| form.names().into_iter().find(|known| *known == name));
        let Some(name) = name else { return self.failed(fault) };
        self.working = RequestState::Idle;
        self.wrong = vec![(name, Wrong::Refused(fault))];
        vec![Effect::Focus(name.into())]
    }

    fn authorize(&mut self, kind: &str, body: String) -> Asked {
        let ask = self.asks();
        let path = ["/api/connections/", kind, "/authorize"].concat();
        Effect::Post(path, body, Box::new(move |answer| ConnectionsEvent::Started(ask, read(answer))))
    }

    fn started(&mut self, answer: Result<AuthorizationStart, Fault>) -> Vec<Asked> {
        let start = match answer {
            Ok(start) => start,
            Err(fault) => return self.refused(fault),
        };
        let kind = match &self.panel {
            Panel::Form(form, _) => form.kind.to_owned(),
            Panel::Test(row, _) => row.kind.clone(),
            _ => return vec![],
        };
        let mut effects = self.show(Panel::Consent(Consent { kind, start, standing: Standing::Waiting }));
        effects.push(look_again(self.ask));
        effects
    }

    fn look(&mut self) -> Vec<Asked> {
        let Panel::Consent(Consent { start, standing: Standing::Waiting, .. }) = &self.panel else {
            return vec![];
        };
        let (ask, path) = (self.ask, ["/api/authorizations/", &start.id].concat());
        vec![Effect::Get(path, Box::new(move |answer| ConnectionsEvent::Looked(ask, read(answer))))]
    }

    fn looked(&mut self, answer: Result<Authorization, Fault>) -> Vec<Asked> {
        let again = look_again(self.ask);
        let found = match answer {
            Ok(found) => found,
            Err(fault) if fault.passes() => {
                self.working = RequestState::Failed(fault);
                return vec![again];
            }
            Err(fault) => return self.failed(fault),
        };
        let Panel::Consent(consent) = &mut self.panel else { return vec![] };
        self.working = RequestState::Idle;
        match (found.state.as_str(), found.problem) {
            ("granted", _) => {
                consent.standing = Standing::Granted(found.organization, found.user);
                vec![Effect::Focus(NUMBER.into())]
            }
            ("failed", Some(problem)) => {
                consent.standing = Standing::Failed(problem);
                vec![Effect::Focus(PANEL.into())]
            }
            _ => vec![again],
        }
    }

    fn confirm(&mut self, number: &str) -> Vec<Asked> {
        let Panel::Consent(Consent { start, .. }) = &self.panel else { return vec![] };
        let path = ["/api/authorizations/", &start.id, "/confirm"].concat();
        let body = ["{\"number\":", &quote(number), "}"].concat();
        let ask = self.asks();
        self.wrong.clear();
        let then = move |answer: Result<Json, Fault>| ConnectionsEvent::Confirmed(ask, answer.map(drop));
        vec![Effect::Post(path, body, Box::new(then))]
    }

    fn yes(&mut self) -> Vec<Asked> {
        let Panel::Question(question, row) = &self.panel else { return vec![] };
        if self.working == RequestState::Pending {
            return vec![];
        }
        let (question, path) = (*question, ["/api/connections/", &row.id].concat());
        let ask = self.asks();
        vec![match question {
            Question::Disconnect => {
                let done = |answer| read::<Ended>(answer).map(|ended| Done::Disconnected(ended.hint));
                let then = move |answer| ConnectionsEvent::Answered(ask, done(answer));
                Effect::Post([&path, "/disconnect"].concat(), "{}".into(), Box::new(then))
            }
            Question::Delete => {
                let done = |answer| read::<Ended>(answer).map(|ended| Done::Deleted(ended.hint));
                let then = move |answer| ConnectionsEvent::Answered(ask, done(answer));
                Effect::Delete(path, Box::new(then))
            }
        }]
    }
}

/// A second look at what was asked for.
fn look_again(ask: u32) -> Asked {
    Effect::Wait(LOOK, Box::new(move |()| ConnectionsEvent::Look(ask)))
}

fn list() -> Asked {
    let then = |answer| ConnectionsEvent::Listed(read(answer).map(Rc::new));
    Effect::Get("/api/connections".into(), Box::new(then))
}

#[cfg(test)]
mod tests;
