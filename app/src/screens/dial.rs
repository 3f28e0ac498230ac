//! A phone number to press, and what came of pressing it.

use wire::Customer;

use super::{Send, fault, tell};
use crate::i18n::Locale;
use crate::model::dial::{DialEvent, DialModel, Phase, Wish};
use crate::ui::{Node, Tone, el, notice};

/// Whether Flex calls from here, and whom it is asked to call just now.
#[derive(Clone, Copy)]
pub struct Dialling<'a> {
    /// What was pressed last.
    pub model: &'a DialModel,
    /// Who is told of a press; nobody where there is no Flex, and the number is the telephone's.
    pub press: Option<&'a Send<DialEvent>>,
}

/// The customer's number, to be called.
#[must_use]
pub fn number(locale: Locale, dialling: Dialling<'_>, customer: &Customer) -> Option<Node> {
    let phone = customer.phone.clone()?;
    let label = (locale.words().call)(&[&customer.name, " ", &phone].concat());
    let node = match dialling.press {
        Some(send) => {
            let wish = Wish { to: phone.clone(), user: Some(customer.id) };
            let node = el("button").attr("type", "button").class("btn link num");
            let node = node.press(std::rc::Rc::new(tell(send, DialEvent::Press(wish))));
            if dialling.model.is_asking() { node.attr("aria-disabled", "true") } else { node }
        }
        None => el("a").class("num").attr("href", ["tel:", &phone.replace(' ', "")].concat()),
    };
    Some(node.attr("aria-label", label).test("dial", phone.clone()).with(phone))
}

/// What came of it.
#[must_use]
pub fn outcome(locale: Locale, model: &DialModel) -> Option<Node> {
    let (state, text) = match &model.phase {
        Phase::Idle => return None,
        Phase::Asking(to) => ("asking", (locale.words().dialling)(to)),
        Phase::Calling(to) => ("calling", (locale.words().calling)(to)),
        Phase::Failed(why) => return Some(fault(locale, why, None)),
    };
    Some(notice(Tone::Plain, text, None).test("dial-state", state))
}

#[cfg(test)]
mod tests {
    use wire::{CustomerState, ErrorCode, UserId};

    use super::*;
    use crate::json::Json;
    use crate::json::tests::parsed;
    use crate::model::Model;
    use crate::model::fault::refused;
    use crate::screens::check::{nobody, text};

    fn customer(phone: Option<&str>) -> Customer {
        let phone = phone.map(str::to_owned);
        Customer { id: UserId(77), name: "Ada".into(), email: None, phone, state: CustomerState::Active }
    }

    fn pressed(result: Option<Result<Json, crate::model::Fault>>) -> DialModel {
        let wish = Wish { to: "+81 50".into(), user: None };
        let (model, _) = DialModel::default().update(DialEvent::Press(wish));
        match result {
            Some(result) => model.update(DialEvent::Answer { ask: 1, result }).0,
            None => model,
        }
    }

    #[test]
    fn a_number_is_pressed_where_flex_calls_and_the_telephones_elsewhere() {
        let html = |model: &DialModel, press| {
            let node = number(Locale::new("en"), Dialling { model, press }, &customer(Some("+81 50")));
            node.expect("a number").to_html()
        };
        let send = nobody();
        let idle = DialModel::default();
        assert!(
            html(&idle, Some(&send)).starts_with("<button type=\"button\" class=\"btn link num\" aria-label")
        );
        assert!(html(&pressed(None), Some(&send)).contains("aria-disabled=\"true\""));
        assert!(
            html(&idle, None)
                .starts_with("<a class=\"num\" href=\"tel:+8150\" aria-label=\"Call Ada +81 50\"")
        );
        let none = Dialling { model: &idle, press: None };
        assert!(number(Locale::new("en"), none, &customer(None)).is_none());
    }

    #[test]
    fn what_came_of_it_is_said_in_the_agents_language() {
        let said = |tag, model: &DialModel| outcome(Locale::new(tag), model).map(text).unwrap_or_default();
        assert_eq!(said("en", &DialModel::default()), "");
        assert_eq!(said("en", &pressed(None)), "Starting the call to +81 50…");
        let started = parsed(r#"{"id":"d","state":"started","to":"+8150"}"#);
        assert_eq!(said("en", &pressed(Some(Ok(started)))), "Flex is calling +8150.");
        for code in [
            ErrorCode::DialNumberInvalid,
            ErrorCode::DialBusy,
            ErrorCode::DialFlexAbsent,
            ErrorCode::DialOffline,
            ErrorCode::DialOnCall,
            ErrorCode::DialNotEnabled,
            ErrorCode::DialFailed,
        ] {
            let model = pressed(Some(Err(refused(code))));
            assert_eq!(said("en", &model), format!("Message of {}.", code.as_str()));
            for tag in ["ja", "ko"] {
                assert!(!said(tag, &model).contains("Message"), "{tag}: {}", code.as_str());
            }
        }
    }
}
