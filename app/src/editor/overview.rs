//! How an integration went: who has a contract, whom nobody found, what changed each day, and how much of the vendor's budget it took.

mod view;

use std::rc::Rc;

use crate::console::frame::TITLE;
use crate::console::{Effect, RequestState, read};
use crate::json::objects;
use crate::model::Model;
use crate::model::fault::Fault;

pub use view::view;

/// The page.
#[derive(Debug, Default, PartialEq)]
pub struct OverviewPage {
    /// The integration's id.
    pub id: String,
    /// How the last question stands.
    pub state: RequestState,
    /// What the server said last.
    pub overview: Option<Rc<Overview>>,
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum OverviewEvent {
    /// The page is opened for this integration.
    Open(String),
    /// Ask again.
    Again,
    Answered(String, Result<Rc<Overview>, Fault>),
}

/// What the server says of an integration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    pub name: String,
    pub object: String,
    /// How many have a contract on cards that it brought.
    pub with_contract: Option<u64>,
    pub last: Option<Last>,
    pub days: Vec<Day>,
    pub budget: Option<Budget>,
}

/// The last run that was complete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Last {
    pub at: String,
    pub counts: Counts,
}

/// Of its counts, those that are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub read: u64,
    pub matched: u64,
    pub unmatched: u64,
    pub ambiguous: u64,
    pub rejected: u64,
    pub waiting: u64,
    pub drifted: u64,
}

/// What the runs of a day did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    pub day: String,
    pub runs: u64,
    pub changed: u64,
    pub rejected: u64,
    pub waiting: u64,
    pub calls: u64,
}

/// How much of the destination's rate limit is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Budget {
    pub limit: u64,
    pub used: u64,
    pub share: u64,
}

objects! {
    Overview { name, object, with_contract, last, days, budget }
    Last { at, counts }
    Counts {; read, matched, unmatched, ambiguous, rejected, waiting, drifted }
    Day { day; runs, changed, rejected, waiting, calls }
    Budget { limit, used, share }
}

impl Model for OverviewPage {
    type Event = OverviewEvent;
    type Effect = Effect<OverviewEvent>;

    fn update(mut self, event: OverviewEvent) -> (Self, Vec<Effect<OverviewEvent>>) {
        use OverviewEvent as E;
        let effects = match event {
            E::Open(id) => {
                if self.id != id {
                    self = Self { id, ..Self::default() };
                }
                vec![Effect::Focus(TITLE.into()), self.ask()]
            }
            E::Again => vec![self.ask()],
            E::Answered(id, answer) if id == self.id => {
                match answer {
                    Ok(overview) => (self.overview, self.state) = (Some(overview), RequestState::Idle),
                    Err(fault) => self.state = RequestState::Failed(fault),
                }
                vec![]
            }
            E::Answered(..) => vec![], // of another integration
        };
        (self, effects)
    }
}

impl OverviewPage {
    fn ask(&mut self) -> Effect<OverviewEvent> {
        self.state = RequestState::Pending;
        let id = self.id.clone();
        let then = move |answer| OverviewEvent::Answered(id, read(answer).map(Rc::new));
        Effect::Get(["/api/integrations/", &self.id, "/overview"].concat(), Box::new(then))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::asked;
    use crate::i18n::Locale;
    use crate::i18n::editor::words;
    use crate::json::tests::parsed;
    use crate::model::fault::refused;
    use crate::screens::check::{nobody, text};

    const ANSWER: &str = r#"{"id":"contracts","name":"Contracts","object":"users","with_contract":35,
        "last":{"id":"r","at":"2026-11-22T09:00:00.000Z","counts":{"read":40,"matched":37,"unmatched":2,"ambiguous":1,
                "rejected":3,"waiting":1,"drifted":4}},
        "days":[{"day":"2026-11-21","runs":0,"changed":0,"rejected":0,"waiting":0,"calls":0},
                {"day":"2026-11-22","runs":1,"changed":12,"rejected":3,"waiting":1,"calls":2}],
        "budget":{"limit":700,"used":28,"share":30}}"#;

    fn answered(json: &str) -> OverviewEvent {
        OverviewEvent::Answered("contracts".into(), Ok(Rc::new(parsed(json).read().expect("an overview"))))
    }

    fn page(events: Vec<OverviewEvent>) -> (OverviewPage, Vec<String>) {
        let mut all = vec![];
        let page = events.into_iter().fold(OverviewPage::default(), |page, event| {
            let (page, effects) = page.update(event);
            all.extend(asked(&effects));
            page
        });
        (page, all)
    }

    #[test]
    fn what_is_shown_is_of_the_integration_that_was_opened_last() {
        let open = |id: &str| OverviewEvent::Open(id.into());
        let (page, asked) = page(vec![open("contracts"), open("other"), answered(ANSWER)]);
        assert_eq!((page.id.as_str(), &page.overview, &page.state), ("other", &None, &RequestState::Pending));
        assert_eq!(asked[1], "GET /api/integrations/contracts/overview");
    }

    #[test]
    fn an_admin_reads_how_it_went() {
        let open = OverviewEvent::Open("contracts".into());
        for (tag, expected) in [
            (
                "en",
                ["Users with a contract", "35", "Rows with a record", "37", "Not found", "28 of 700", "12"],
            ),
            ("ja", ["契約のあるユーザー", "35", "レコードが見つかった行", "37", "見つからない", "700", "12"]),
            ("ko", ["계약이 있는 사용자", "35", "레코드를 찾은 행", "37", "찾지 못함", "700", "12"]),
        ] {
            let (page, _) = page(vec![open.clone(), answered(ANSWER)]);
            let shown = text(view(Locale::new(tag), words(tag), &page, &nobody()));
            for word in expected {
                assert!(shown.contains(word), "{tag} {word}: {shown}");
            }
        }
        let failed = OverviewEvent::Answered("contracts".into(), Err(refused(wire::ErrorCode::StoreBusy)));
        let (page, _) = page(vec![open, failed]);
        assert!(text(view(Locale::new("en"), words("en"), &page, &nobody())).contains("Try again"));
    }
}
