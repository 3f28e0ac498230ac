//! Bodies of requests, as JSON text. They are few and small; each is checked against its type in `wire`.

use wire::{AttachmentId, ProofNotice, Stage, TicketId, UserId};

use crate::json::quote;
use crate::model::call::Spans;
use crate::model::dial::Wish;
use crate::model::pop::{Engagement, PopAsk};

/// `wire::PopRequest`. With `ticket`, the agent's word stands in place of what the caller entered: `attributes` is JSON
/// text of an object, and of two members of one name the later counts.
#[must_use]
pub fn pop(asked: &PopAsk) -> String {
    let PopAsk { engagement, ticket, user, new_ticket, top_bar, .. } = asked;
    let Engagement { attributes, stage, reservation_sid, .. } = engagement;
    let stage = match stage {
        Stage::Accept => "accept",
        Stage::Select => "select",
    };
    let named = ticket.map(|id| ["\"zd_ticket_id\":", &id.to_string(), "}"].concat());
    let attributes = match (attributes.strip_suffix('}'), named) {
        (Some("{") | None, Some(named)) => ["{", &named].concat(),
        (Some(open), Some(named)) => [open, ",", &named].concat(),
        (_, None) => attributes.clone(),
    };
    let user = user.map(|id| [",\"user_id\":", &id.to_string()].concat()).unwrap_or_default();
    let reservation = reservation_sid.as_deref();
    let reservation =
        reservation.map(|sid| [",\"reservation_sid\":", &quote(sid)].concat()).unwrap_or_default();
    let new = if *new_ticket { ",\"new_ticket\":true" } else { "" };
    let top_bar = if *top_bar { ",\"top_bar\":true" } else { "" };
    let start = ["{\"attributes\":", &attributes, ",\"stage\":\"", stage, "\""];
    [&start.concat(), &user, new, &reservation, top_bar, "}"].concat()
}

/// `wire::LogRequest` of an engagement that is over, with how long the customer waited and was talked to.
#[must_use]
pub fn ended(attributes: &str, queue: Option<&str>, spans: Spans) -> String {
    let queue = queue.map(|queue| ["\"queue\":", &quote(queue)].concat());
    let span =
        |name: &str, seconds: Option<u64>| seconds.map(|s| ["\"", name, "\":", &s.to_string()].concat());
    let facts = [queue, span("wait_s", spans.waited_s), span("talk_s", spans.talked_s)];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    ["{\"stage\":\"complete\",\"attributes\":", attributes, ",\"facts\":{", &facts.join(","), "}}"].concat()
}

/// `wire::WrapUp`.
#[must_use]
pub fn notes(text: &str, outcome: &str) -> String {
    ["{\"text\":", &quote(text), ",\"outcome\":", &quote(outcome), "}"].concat()
}

/// `wire::ShowRequest`.
#[must_use]
pub fn show(ticket: TicketId) -> String {
    ["{\"ticket_id\":", &ticket.to_string(), "}"].concat()
}

/// `wire::DialRequest`.
#[must_use]
pub fn dial(wish: &Wish, ticket: Option<TicketId>) -> String {
    let ticket = ticket.map(|id| [",\"ticket_id\":", &id.to_string()].concat()).unwrap_or_default();
    let user = wish.user.map(|id| [",\"user_id\":", &id.to_string()].concat()).unwrap_or_default();
    ["{\"to\":", &quote(&wish.to), &ticket, &user, "}"].concat()
}

/// `wire::DialReport`, as the plugin said it.
#[must_use]
pub fn dialed(outcome: &str) -> String {
    ["{\"outcome\":", &quote(outcome), "}"].concat()
}

/// `wire::StartArchive`.
#[must_use]
pub fn start(ids: Option<&[AttachmentId]>) -> String {
    let Some(ids) = ids else { return "{}".into() };
    let ids: Vec<String> = ids.iter().map(AttachmentId::to_string).collect();
    ["{\"attachment_ids\":[", &ids.join(","), "]}"].concat()
}

/// `wire::ProofRequest`.
#[must_use]
pub fn proof(agent: UserId) -> String {
    ["{\"agent_id\":", &agent.to_string(), "}"].concat()
}

/// `wire::ProofReply`.
#[must_use]
pub fn reply(notice: &ProofNotice) -> String {
    ["{\"challenge\":", &quote(&notice.challenge), ",\"code\":", &quote(&notice.code), "}"].concat()
}

/// `wire::FlexLogin`.
#[must_use]
pub fn token(token: &str) -> String {
    ["{\"token\":", &quote(token), "}"].concat()
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::json;
    use wire::{
        CallFacts, DialOutcome, DialReport, DialRequest, FlexLogin, LogFacts, LogRequest, LogStage,
        PopRequest, ProofReply, ProofRequest, ShowRequest, StartArchive, WrapUp,
    };

    use super::*;

    #[track_caller]
    fn check<T: DeserializeOwned + PartialEq + std::fmt::Debug>(body: &str, expected: &T) {
        assert_eq!(&serde_json::from_str::<T>(body).expect("the server can read it"), expected, "{body}");
    }

    fn of_agent(attributes: &str, stage: Stage, ticket: Option<u64>, user: Option<u64>) -> PopAsk {
        let engagement = Engagement {
            task_sid: "WT1".into(),
            attributes: attributes.to_owned(),
            stage,
            reservation_sid: Some("WR1".to_owned()),
            call: CallFacts::default(),
        };
        PopAsk {
            ask: 1,
            engagement,
            ticket: ticket.map(TicketId),
            user: user.map(UserId),
            new_ticket: false,
            top_bar: false,
        }
    }

    fn chosen(user_id: Option<UserId>) -> PopRequest {
        let reservation_sid = Some("WR1".to_owned());
        PopRequest {
            attributes: json!({}),
            stage: Stage::Select,
            user_id,
            new_ticket: false,
            reservation_sid,
            top_bar: false,
        }
    }

    #[test]
    fn where_flex_is_in_the_top_bar_the_server_is_told() {
        let asked = PopAsk { top_bar: true, ..of_agent("{}", Stage::Select, None, None) };
        check(&pop(&asked), &PopRequest { top_bar: true, ..chosen(None) });
    }

    #[test]
    fn a_pop_carries_the_attributes_as_they_are() {
        let attributes =
            json!({ "zd_ticket_id": " 42# ", "from": "+81 50-1234-5678", "deep": { "a": [1, null] } });
        let body = pop(&of_agent(&attributes.to_string(), Stage::Accept, None, None));
        let reservation_sid = Some("WR1".to_owned());
        check(
            &body,
            &PopRequest {
                attributes: attributes.clone(),
                stage: Stage::Accept,
                user_id: None,
                new_ticket: false,
                reservation_sid,
                top_bar: false,
            },
        );
        let over = LogRequest {
            stage: LogStage::Complete,
            attributes: attributes.clone(),
            reservation_sid: None,
            facts: LogFacts {
                queue: Some("Billing \"A\"".into()),
                wait_s: Some(12),
                talk_s: Some(75),
                ..LogFacts::default()
            },
        };
        let spans = Spans { waited_s: Some(12), talked_s: Some(75) };
        check(&ended(&attributes.to_string(), Some("Billing \"A\""), spans), &over);
        let unknown = LogRequest { facts: LogFacts::default(), ..over };
        check(&ended(&attributes.to_string(), None, Spans::default()), &unknown);
    }

    #[test]
    fn the_ticket_that_the_agent_named_stands_in_place_of_the_callers() {
        let named = json!({ "zd_ticket_id": 7 });
        for attributes in ["{}", "null", r#"{"zd_ticket_id":"x"}"#] {
            check(
                &pop(&of_agent(attributes, Stage::Select, Some(7), None)),
                &PopRequest { attributes: named.clone(), ..chosen(None) },
            );
        }
        check(&pop(&of_agent("{}", Stage::Select, None, Some(9))), &chosen(Some(UserId(9))));
        let new = PopAsk { new_ticket: true, ..of_agent("{}", Stage::Select, None, Some(9)) };
        check(&pop(&new), &PopRequest { new_ticket: true, ..chosen(Some(UserId(9))) });
    }

    #[test]
    fn the_others_are_what_the_server_reads() {
        check(&start(None), &StartArchive { attachment_ids: None });
        let ids = vec![AttachmentId(1), AttachmentId(9_007_199_254_740_991)];
        check(&start(Some(&ids)), &StartArchive { attachment_ids: Some(ids) });
        let (to, user) = (String::from("+81 \"50\""), Some(UserId(77)));
        let request = DialRequest { to: to.clone(), ticket_id: Some(TicketId(42)), user_id: user };
        check(&dial(&Wish { to: to.clone(), user }, Some(TicketId(42))), &request);
        let alone = DialRequest { ticket_id: None, user_id: None, ..request };
        check(&dial(&Wish { to, user: None }, None), &alone);
        check(&dialed("on_call"), &DialReport { outcome: DialOutcome::OnCall });
        check(&proof(UserId(7)), &ProofRequest { agent_id: UserId(7) });
        let (challenge, code) = (String::from("c\""), String::from("1"));
        let notice = ProofNotice { challenge: challenge.clone(), code: code.clone() };
        check(&reply(&notice), &ProofReply { challenge, code });
        let (text, outcome) = (String::from("a\"b\n漢"), String::from("Solved"));
        check(&notes(&text, &outcome), &WrapUp { text, outcome });
        check(&show(TicketId(38)), &ShowRequest { ticket_id: TicketId(38) });
        check(&token("a.b"), &FlexLogin { token: "a.b".into() });
    }
}
