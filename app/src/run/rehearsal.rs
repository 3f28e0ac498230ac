//! The way of the first card to the screen, gone once with a made-up card while the real one is under way. A browser
//! compiles what runs, and `Intl` loads its data when it is first asked: on a slow machine that is a tenth of a second,
//! which nobody then waits for. **Invariant:** nothing of it is ever on the page.

use std::rc::Rc;

use leptos::prelude::Render;
use wire::{Card, UserId};

use crate::host::page::parse;
use crate::i18n::Locale;
use crate::model::Model;
use crate::model::card::{CardEvent, CardModel, Subject};
use crate::model::dial::DialModel;
use crate::screens::dial::Dialling;
use crate::screens::{Send, card};
use crate::ui::el;

/// A card with everything in it that cards usually have.
const CARD: &str = r#"{
    "customer": {"id": 1, "name": "-", "email": "-", "phone": "-", "state": "active"},
    "contract": {"state": "known", "company": "-", "account_type": "-", "subscription_status": "-", "mrr": 1, "currency": "USD",
        "start": "2026-01-01", "renewal": "2027-01-01", "owner": "-", "as_of": "2026-01-01T00:00:00Z", "source": "-"},
    "badges": ["vip"],
    "open_tickets": [{"id": 1, "subject": "-", "status": "open", "requester_id": 1}]
}"#;

/// Reads the card, has it drawn, and lets it go.
pub(super) fn rehearse(locale: Locale) {
    let Some(Ok(made_up)) = parse(CARD).map(|json| json.read::<Card>().map(Box::new)) else { return };
    let (asked, _) = CardModel::default().update(CardEvent::Look(Some(Subject::Customer(UserId(1)))));
    let (model, _) = asked.update(CardEvent::Answer { ask: 1, result: Ok(made_up) });
    let (nobody, nowhere): (Send<_>, Send<_>) = (Rc::new(|_| ()), Rc::new(|_| ()));
    let drawn = el("div")
        .with(card::card(locale, &model, Dialling { model: &DialModel::IDLE, press: None }, &nobody))
        .all(card::others(locale, &model, &nowhere));
    drop(drawn.build());
}
