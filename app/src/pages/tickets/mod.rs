//! How many tickets customers wrote each week, by their plan or their MRR.

mod groups;
mod view;

use std::rc::Rc;

use crate::console::frame::TITLE;
use crate::console::{Effect, RequestState, read};
use crate::json::objects;
use crate::model::Model;
use crate::model::fault::Fault;

pub use groups::{By, Group, Groups};
pub use view::view;

/// How many weeks can be chosen, the usual first.
pub const SPANS: [u64; 3] = [12, 26, 52];

/// The page.
#[derive(Debug, PartialEq)]
pub struct TicketsPage {
    /// Names the latest question; older answers are dropped.
    ask: u32,
    pub weeks: u64,
    pub by: By,
    pub state: RequestState,
    /// What the server said last, and for how many weeks.
    pub report: Option<(u64, Rc<Report>)>,
    /// How saving a file stands.
    pub saving: RequestState,
}

impl Default for TicketsPage {
    fn default() -> Self {
        Self {
            ask: 0,
            weeks: SPANS[0],
            by: By::Plan,
            state: RequestState::Pending,
            report: None,
            saving: RequestState::Idle,
        }
    }
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum TicketsEvent {
    Open,
    /// Ask again.
    Again,
    /// So many weeks are wanted.
    Weeks(u64),
    Group(By),
    Answered(u32, Result<Rc<Report>, Fault>),
    /// The table becomes a file.
    Save,
    Saved(Result<(), Fault>),
}

/// What the server counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub groups: Vec<Count>,
    pub since: String,
    pub known_at: String,
}

/// Tickets of one week, plan and band.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    pub week: String,
    pub plan: String,
    pub mrr_band: String,
    pub tickets: u64,
}

objects! {
    Report { groups, since, known_at }
    Count { week, plan, mrr_band, tickets }
}

impl Model for TicketsPage {
    type Event = TicketsEvent;
    type Effect = Effect<TicketsEvent>;

    fn update(mut self, event: TicketsEvent) -> (Self, Vec<Effect<TicketsEvent>>) {
        use TicketsEvent as E;
        let effects = match event {
            E::Open => vec![Effect::Focus(TITLE.into()), self.ask()],
            E::Again => vec![self.ask()],
            E::Weeks(weeks) => {
                self.weeks = weeks;
                vec![self.ask()]
            }
            E::Group(by) => {
                self.by = by;
                vec![]
            }
            E::Answered(ask, answer) if ask == self.ask => {
                match answer {
                    Ok(report) => {
                        (self.report, self.state) = (Some((self.weeks, report)), RequestState::Idle)
                    }
                    Err(fault) => self.state = RequestState::Failed(fault),
                }
                vec![]
            }
            E::Answered(..) => vec![], // of another span
            E::Save if self.saving == RequestState::Pending => vec![],
            E::Save => {
                self.saving = RequestState::Pending;
                let path = [&self.path(), "&format=csv"].concat();
                vec![Effect::Download(path, "deskside-tickets.csv", Box::new(E::Saved))]
            }
            E::Saved(done) => {
                self.saving = done.map_or_else(RequestState::Failed, |()| RequestState::Idle);
                vec![]
            }
        };
        (self, effects)
    }
}

impl TicketsPage {
    fn path(&self) -> String {
        ["/api/reports/tickets?weeks=", &self.weeks.to_string()].concat()
    }

    fn ask(&mut self) -> Effect<TicketsEvent> {
        self.ask += 1;
        self.state = RequestState::Pending;
        let ask = self.ask;
        let then = move |answer| TicketsEvent::Answered(ask, read(answer).map(Rc::new));
        Effect::Get(self.path(), Box::new(then))
    }
}

#[cfg(test)]
mod tests;
