//! What workspaces send, read. Pure, so tested without one.

use wire::{CallFacts, PopNotice, Stage, UserId};

use super::HostEvent;
use crate::json::{Json, quote};
use crate::model::pop::Engagement;

/// Fired when the requester of the ticket on the screen changes, before it is saved.
pub const REQUESTER: &str = "ticket.requester.id.changed";
/// Fired when the ticket on the screen was saved, by this agent or by somebody else.
pub const UPDATED: &str = "ticket.updated";
/// Fired when this agent has saved it.
pub const SUBMITTED: &str = "ticket.submit.done";
/// Fired when the agent comes back to the ticket.
pub const ACTIVATED: &str = "app.activated";
/// Fired when the workspace turns dark or light.
pub const SCHEME: &str = "colorScheme.changed";
/// Fired when the agent presses a phone number (Talk Partner Edition).
pub const DIALOUT: &str = "voice.dialout";
/// Sent by the server: show a ticket.
pub const POP: &str = "api_notification.deskside_pop";
/// Sent by the server: a one-time code.
pub const PROOF: &str = "api_notification.deskside_proof";

/// Zendesk's event `name`. `parse` is the browser's `JSON.parse`: notifications carry their body as text.
pub fn from_zendesk(name: &str, mut payload: Json, parse: fn(&str) -> Option<Json>) -> Option<HostEvent> {
    match name {
        REQUESTER => Some(HostEvent::Requester(payload.id().map(UserId))),
        SCHEME => Some(HostEvent::Dark(payload.text()? == "dark")),
        UPDATED | SUBMITTED | ACTIVATED => Some(HostEvent::Updated),
        POP => notice(payload.take("body"), parse)?.read().ok().map(HostEvent::Pop),
        DIALOUT => payload.take("number").text().map(HostEvent::Dialout),
        PROOF => notice(payload.take("body"), parse)?.read().ok().map(HostEvent::Proof),
        _ => None,
    }
}

fn notice(body: Json, parse: fn(&str) -> Option<Json>) -> Option<Json> {
    match body {
        Json::Text(text) => parse(&text),
        object @ Json::Object(_) => Some(object),
        _ => None,
    }
}

/// A message of the plugin (`wire::ToApp`). `attributes` is the engagement's attributes as JSON text: only the server
/// reads them.
pub fn from_plugin(mut message: Json, attributes: String) -> Option<HostEvent> {
    match message.take("type").text()?.as_str() {
        "token" => Some(HostEvent::Token {
            token: message.take("token").text()?,
            locale: message.take("locale").text(),
        }),
        "engagement" => {
            let stage = match message.take("stage").text()?.as_str() {
                "accept" => Stage::Accept,
                "select" => Stage::Select,
                _ => return None,
            };
            let mut engagement = message.take("engagement");
            let task_sid = engagement.take("task_sid").text()?;
            let reservation_sid = engagement.take("reservation_sid").text();
            let (call, channel) = (facts(&mut engagement), engagement.take("channel").text());
            let engagement = Engagement { task_sid, attributes, stage, reservation_sid, call };
            Some(HostEvent::Engagement { engagement, channel })
        }
        "ended" => {
            let mut engagement = message.take("engagement");
            let task_sid = engagement.take("task_sid").text()?;
            Some(HostEvent::Ended { task_sid, attributes, call: facts(&mut engagement) })
        }
        "call" => {
            let call = facts(&mut message);
            Some(HostEvent::Call { task_sid: message.take("task_sid").text()?, call })
        }
        "choose_first" => Some(HostEvent::ChooseFirst(message.take("task_sid").text()?)),
        "idle" => Some(HostEvent::Idle),
        "dialed" => Some(HostEvent::Dialed {
            id: message.take("id").text()?,
            outcome: message.take("outcome").text()?,
        }),
        "top_bar" => Some(HostEvent::TopBar),
        "shown" => message.take("notice").text().map(HostEvent::Shown),
        "theme" => is_dark(&mut message).map(HostEvent::Dark),
        _ => None,
    }
}

/// How an engagement stands; of what an older plugin does not say nothing is known.
fn facts(of: &mut Json) -> CallFacts {
    of.take("call").read().unwrap_or_default()
}

/// To the plugin (`wire::FromApp`): have the top bar show this.
#[must_use]
pub fn show(notice: &PopNotice) -> String {
    let id = |id: Option<u64>| id.map_or_else(|| "null".into(), |id| id.to_string());
    let PopNotice { task_sid, notice, ticket_id, user_id } = notice;
    [
        r#"{"type":"show","notice":{"task_sid":"#,
        &quote(task_sid),
        ",\"notice\":",
        &quote(notice),
        ",\"ticket_id\":",
        &id(ticket_id.map(|id| id.0)),
        ",\"user_id\":",
        &id(user_id.map(|id| id.0)),
        "}}",
    ]
    .concat()
}

/// A token comes with the theme.
pub fn is_dark(message: &mut Json) -> Option<bool> {
    if let Json::Bool(dark) = message.take("dark") { Some(dark) } else { None }
}

#[cfg(test)]
mod tests {
    use wire::{DialOutcome, EngagementFacts, FromApp, TicketId, ToApp};

    use super::*;
    use crate::json::tests::parsed;

    #[track_caller]
    fn check_plugin(message: &ToApp, expected: Option<&HostEvent>) {
        let text = serde_json::to_string(message).expect("a message");
        assert_eq!(from_plugin(parsed(&text), r#"{"a":1}"#.into()).as_ref(), expected, "{text}");
    }

    #[test]
    fn the_plugins_messages_are_understood() {
        check_plugin(
            &ToApp::Token { token: "t".into(), locale: Some("ja".into()), dark: true },
            Some(&HostEvent::Token { token: "t".into(), locale: Some("ja".into()) }),
        );
        let call = CallFacts {
            status: Some("accepted".into()),
            created_ms: Some(1_795_348_800_000),
            ..CallFacts::default()
        };
        let facts = EngagementFacts {
            task_sid: "WT1".into(),
            attributes: serde_json::json!({ "a": 1 }),
            channel: Some("voice".into()),
            reservation_sid: Some("WR1".into()),
            call: call.clone(),
        };
        check_plugin(
            &ToApp::Ended { engagement: facts.clone() },
            Some(&HostEvent::Ended {
                task_sid: "WT1".into(),
                attributes: r#"{"a":1}"#.into(),
                call: call.clone(),
            }),
        );
        check_plugin(
            &ToApp::Engagement { engagement: facts, stage: Stage::Accept },
            Some(&HostEvent::Engagement {
                engagement: Engagement {
                    task_sid: "WT1".into(),
                    attributes: r#"{"a":1}"#.into(),
                    stage: Stage::Accept,
                    reservation_sid: Some("WR1".into()),
                    call: call.clone(),
                },
                channel: Some("voice".into()),
            }),
        );
        check_plugin(
            &ToApp::Call { task_sid: "WT1".into(), call: call.clone() },
            Some(&HostEvent::Call { task_sid: "WT1".into(), call }),
        );
        check_plugin(
            &ToApp::ChooseFirst { task_sid: "WT1".into() },
            Some(&HostEvent::ChooseFirst("WT1".into())),
        );
        check_plugin(&ToApp::Idle, Some(&HostEvent::Idle));
        check_plugin(
            &ToApp::Dialed { id: "d".into(), outcome: DialOutcome::OnCall },
            Some(&HostEvent::Dialed { id: "d".into(), outcome: "on_call".into() }),
        );
        check_plugin(&ToApp::TopBar, Some(&HostEvent::TopBar));
        check_plugin(&ToApp::Shown { notice: "n".into() }, Some(&HostEvent::Shown("n".into())));
        check_plugin(&ToApp::Theme { dark: true }, Some(&HostEvent::Dark(true)));
    }

    #[test]
    fn an_older_plugin_says_less() {
        let text =
            r#"{"type":"engagement","stage":"select","engagement":{"task_sid":"WT1","attributes":{}}}"#;
        let Some(HostEvent::Engagement { engagement, .. }) = from_plugin(parsed(text), "{}".into()) else {
            panic!("it is an engagement");
        };
        assert_eq!(engagement.call, CallFacts::default());
    }

    #[test]
    fn the_plugin_is_told_what_to_show() {
        for (ticket_id, user_id) in [(Some(TicketId(42)), None), (None, Some(UserId(77)))] {
            let notice =
                PopNotice { task_sid: "WT\"1".into(), notice: "9:WT1:42".into(), ticket_id, user_id };
            let read: FromApp = serde_json::from_str(&show(&notice)).expect("the plugin can read it");
            assert_eq!(read, FromApp::Show { notice });
        }
    }

    #[test]
    fn strangers_messages_are_ignored() {
        for text in [
            "null",
            "3",
            "{}",
            r#"{"type":"webpackOk"}"#,
            r#"{"type":"token"}"#,
            r#"{"type":"engagement","stage":"x"}"#,
            r#"{"type":"ended"}"#,
            r#"{"type":"dialed","id":"d"}"#,
            r#"{"type":"shown","notice":7}"#,
        ] {
            assert_eq!(from_plugin(parsed(text), String::new()), None, "{text}");
        }
    }

    #[track_caller]
    fn check_zendesk(name: &str, payload: &str, expected: Option<&HostEvent>) {
        assert_eq!(
            from_zendesk(name, parsed(payload), |text| Some(parsed(text))).as_ref(),
            expected,
            "{name} {payload}"
        );
    }

    #[test]
    fn zendesks_events_are_understood() {
        check_zendesk(REQUESTER, "77", Some(&HostEvent::Requester(Some(UserId(77)))));
        check_zendesk(REQUESTER, r#""77""#, Some(&HostEvent::Requester(Some(UserId(77)))));
        check_zendesk(REQUESTER, "null", Some(&HostEvent::Requester(None)));
        check_zendesk(SCHEME, r#""dark""#, Some(&HostEvent::Dark(true)));
        let notice = PopNotice {
            task_sid: "WT1".into(),
            notice: "n".into(),
            ticket_id: Some(TicketId(42)),
            user_id: None,
        };
        let body = serde_json::to_string(&notice).expect("a notice");
        let text = serde_json::json!({ "body": body, "sender": "x" }).to_string();
        check_zendesk(POP, &text, Some(&HostEvent::Pop(notice)));
        check_zendesk(POP, r#"{"body":"{}"}"#, None);
        check_zendesk(DIALOUT, r#"{"number":"+8150"}"#, Some(&HostEvent::Dialout("+8150".into())));
        check_zendesk(DIALOUT, "{}", None);
        for name in ["ticket.updated", "ticket.submit.done", "app.activated"] {
            check_zendesk(name, "null", Some(&HostEvent::Updated));
        }
        check_zendesk("app.deactivated", "{}", None);
    }
}
