//! What an admin is asked before it is done, because it cannot be taken back, or shows on cards.

use std::rc::Rc;

use super::act::Act;
use super::model::{IntegrationsEvent as E, IntegrationsPage};
use crate::console::RequestState;
use crate::console::frame::{explained, sheet};
use crate::i18n::Locale;
use crate::i18n::console::ConsoleWords;
use crate::screens::{Send, tell};
use crate::ui::{Node, Weight, button, el};

/// The question, where there is one.
pub(super) fn question(
    locale: Locale,
    words: &'static ConsoleWords,
    model: &IntegrationsPage,
    send: &Send<E>,
) -> Option<Node> {
    let act = model.question.as_ref()?;
    let (title, why, yes) = match act {
        Act::Delete(_) => (words.delete_title, words.integration_delete_why, words.delete),
        Act::Switch(..) => (words.pause_title, words.pause_why, words.pause),
        Act::Start { kind: "clear", .. } => {
            (words.clear_fields_title, words.clear_fields_why, words.clear_fields)
        }
        _ => (words.resend_title, words.resend_why, words.resend),
    };
    let id = act.integration().unwrap_or_default();
    let name = model.named(id).map_or(id, |one| &one.name);
    let failed = match &model.acted {
        RequestState::Failed(why) => Some(explained(locale, why)),
        _ => None,
    };
    let yes = button(Weight::Primary, yes, tell(send, E::Do(act.clone()))).test("question-yes", "");
    let no = button(Weight::Plain, words.cancel, tell(send, E::Cancel)).test("question-no", "");
    let content = el("div")
        .class("stack")
        .with(el("p").with(why))
        .with(el("div").class("said").all(failed))
        .with(el("div").class("acts").with(yes).with(no));
    Some(
        sheet(title(name), Rc::new(tell(send, E::Cancel)), content)
            .test("integration-question", id.to_owned()),
    )
}
