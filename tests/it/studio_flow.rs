//! The Studio flow that `docs/flex/studio-flow.json` offers: it is one that Studio takes, and whatever a caller types, an agent gets
//! the call, and Deskside reads its ticket as typed.

use std::collections::{BTreeMap, BTreeSet};

use deskside_sandbox::credentials;
use serde_json::{Value, json};

use crate::support::testbed::bed;

const AGENT: u64 = credentials::AGENT_ID;

/// What Studio knows of a kind of widget, as far as the flow has it.
struct Widget {
    kind: &'static str,
    must: &'static [&'static str],
    may: &'static [&'static str],
    events: &'static [&'static str],
}

/// The kinds that the flow has. Source: <https://www.twilio.com/docs/studio/rest-api/v2/schemas>.
const WIDGETS: &[Widget] = &[
    Widget {
        kind: "trigger",
        must: &[],
        may: &[],
        events: &[
            "incomingMessage",
            "incomingCall",
            "incomingConversationMessage",
            "incomingRequest",
            "incomingParent",
        ],
    },
    Widget { kind: "set-variables", must: &["variables"], may: &[], events: &["next"] },
    Widget {
        kind: "gather-input-on-call",
        must: &[],
        may: &["say", "voice", "language", "loop", "finish_on_key", "stop_gather", "timeout"],
        events: &["keypress", "speech", "timeout"],
    },
    Widget { kind: "split-based-on", must: &["input"], may: &[], events: &["match", "noMatch"] },
    Widget {
        kind: "say-play",
        must: &[],
        may: &["say", "voice", "language", "loop"],
        events: &["audioComplete"],
    },
    Widget {
        kind: "send-and-wait-for-reply",
        must: &["from"],
        may: &["body", "timeout", "service", "channel"],
        events: &["incomingMessage", "timeout", "deliveryFailure"],
    },
    Widget {
        kind: "send-to-flex",
        must: &["workflow", "channel", "attributes"],
        may: &[],
        events: &["callComplete", "failedToEnqueue", "callFailure"],
    },
];

/// The conditions that the flow has; both read one argument.
const IS_NUMBER: (&str, &str) = ("regex", "^[0-9]{1,18}$");
const IS_EMPTY: (&str, &str) = ("is_blank", "Is Blank");

/// A flow, as Studio walks it.
struct Flow(Value);

impl Flow {
    fn of_the_docs() -> Self {
        let text = include_str!("../../docs/flex/studio-flow.json");
        Self(serde_json::from_str(text).expect("JSON"))
    }

    fn states(&self) -> &[Value] {
        self.0["states"].as_array().expect("states")
    }

    fn state(&self, name: &str) -> &Value {
        let found = self.states().iter().find(|state| state["name"] == name);
        found.unwrap_or_else(|| panic!("there is no state {name}"))
    }

    /// Walks from an event of the trigger until an agent gets it; each gather or question takes the next of `typed`, `None`
    /// being silence. The attributes of the task.
    fn attributes(&self, event: &str, from: &str, typed: &[Option<&str>]) -> Value {
        let mut known = BTreeMap::from([("trigger.call.From".to_owned(), from.to_owned())]);
        let mut typed = typed.iter();
        let mut at = next(self.state("Trigger"), event).expect("the flow begins");
        for _ in 0..self.states().len() {
            let state = self.state(at);
            let (name, properties) = (text(&state["name"]), &state["properties"]);
            let event = match text(&state["type"]) {
                "gather-input-on-call" => match typed.next().expect("the caller was asked again") {
                    Some(digits) => {
                        known.insert(format!("widgets.{name}.Digits"), (*digits).to_owned());
                        "keypress"
                    }
                    None => "timeout",
                },
                "send-and-wait-for-reply" => match typed.next().expect("the customer was asked again") {
                    Some(body) => {
                        known.insert(format!("widgets.{name}.inbound.Body"), (*body).to_owned());
                        "incomingMessage"
                    }
                    None => "timeout",
                },
                "set-variables" => {
                    for variable in properties["variables"].as_array().expect("variables") {
                        let value = filled(text(&variable["value"]), &known);
                        known.insert(format!("flow.variables.{}", text(&variable["key"])), value);
                    }
                    "next"
                }
                "split-based-on" => {
                    let transitions = state["transitions"].as_array().expect("transitions");
                    let hit = transitions.iter().find(|one| one["event"] == "match" && holds(one, &known));
                    match hit {
                        Some(hit) => {
                            at = text(&hit["next"]);
                            continue;
                        }
                        None => "noMatch",
                    }
                }
                "say-play" => "audioComplete",
                "send-to-flex" => {
                    let attributes = filled(text(&properties["attributes"]), &known);
                    return serde_json::from_str(&attributes)
                        .unwrap_or_else(|error| panic!("{error}: {attributes}"));
                }
                other => panic!("{other}"),
            };
            at = next(state, event).unwrap_or_else(|| panic!("{name} ends the call at {event}"));
        }
        panic!("the flow goes round in circles")
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn next<'a>(state: &'a Value, event: &str) -> Option<&'a str> {
    let transitions = state["transitions"].as_array().expect("transitions");
    transitions.iter().find(|one| one["event"] == event)?["next"].as_str()
}

/// Liquid, as far as the flow goes: `{{name}}`, and nothing where nothing is known.
fn filled(template: &str, known: &BTreeMap<String, String>) -> String {
    let mut parts = template.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("a closed variable");
        out += known.get(name).map_or("", String::as_str);
        out += rest;
    }
    out
}

fn holds(transition: &Value, known: &BTreeMap<String, String>) -> bool {
    transition["conditions"].as_array().expect("conditions").iter().all(|condition| {
        let [argument] = condition["arguments"].as_array().expect("arguments").as_slice() else {
            panic!("{condition}")
        };
        let value = filled(text(argument), known);
        match (text(&condition["type"]), text(&condition["value"])) {
            IS_NUMBER => (1..=18).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit()),
            IS_EMPTY => value.trim().is_empty(),
            other => panic!("{other:?}"),
        }
    })
}

#[test]
fn studio_would_take_it() {
    let flow = Flow::of_the_docs();
    let keys: Vec<_> = flow.0.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["description", "flags", "initial_state", "states"]);
    let names: BTreeSet<_> = flow.states().iter().map(|state| text(&state["name"])).collect();
    assert_eq!(names.len(), flow.states().len(), "each name is there once");
    let mut reached = BTreeSet::from([text(&flow.0["initial_state"])]);
    for state in flow.states() {
        let name = text(&state["name"]);
        let known = WIDGETS.iter().find(|widget| state["type"] == widget.kind);
        let Widget { must, may, events, .. } =
            known.unwrap_or_else(|| panic!("Studio has no {}", state["type"]));
        let properties = state["properties"].as_object().expect("properties");
        for property in *must {
            assert!(properties.contains_key(*property), "{name} has no {property}");
        }
        for property in properties.keys().map(String::as_str).filter(|property| *property != "offset") {
            assert!(must.contains(&property) || may.contains(&property), "{name} has a {property}");
        }
        for transition in state["transitions"].as_array().expect("transitions") {
            assert!(events.contains(&text(&transition["event"])), "{name}: {transition}");
            assert_eq!(
                transition["event"] == "match",
                transition.get("conditions").is_some(),
                "{name}: {transition}"
            );
            if let Some(next) = transition.get("next").map(text) {
                assert!(names.contains(next), "{name} leads to {next}, which is not there");
                reached.insert(next);
            }
        }
    }
    assert_eq!(reached, names, "everything is reached");
}

#[tokio::test]
async fn whatever_is_typed_an_agent_gets_it_with_the_ticket_that_was_meant() {
    let flow = Flow::of_the_docs();
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let check = async |event: &str, typed: &[Option<&str>], ticket: &str| {
                let attributes = flow.attributes(event, "client:nobody", typed);
                assert_eq!(attributes["zd_ticket_id"], ticket, "{typed:?}");
                let task = bed.vendors().place_task(&attributes, "voice"); // each is another call
                let popped = agent.pops(&task, "accept", &attributes).await.json();
                let expected = match ticket {
                    "" => (&json!("nothing"), &json!("ticket_number_missing")),
                    _ => (&json!("ticket"), &Value::Null),
                };
                assert_eq!((&popped["outcome"], &popped["problem"]["code"]), expected, "{typed:?}: {popped}");
                bed.run_jobs().await;
            };
            let call = "incomingCall";
            check(call, &[Some("42")], "42").await;
            check(call, &[Some("0042")], "0042").await;
            check(call, &[None], "").await;
            check(call, &[Some("")], "").await; // the pound key alone
            check(call, &[Some("4*2"), Some("42")], "42").await;
            check(call, &[Some("4*2"), None], "").await;
            check(call, &[Some("*"), Some("")], "").await;
            check(call, &[Some("4*2"), Some("**")], "").await; // too many tries
            check(call, &[Some("1234567890123456789"), Some("*")], "").await;
            for event in ["incomingMessage", "incomingConversationMessage"] {
                check(event, &[Some("42")], "42").await;
                check(event, &[None], "").await;
                check(event, &[Some("no")], "").await;
                check(event, &[Some("\"}, \"zd_ticket_id\": \"42")], "").await;
                check(event, &[Some("４２")], "").await;
            }
        })
        .await;
}

#[test]
fn a_task_has_attributes_whoever_calls() {
    let check = |from: &str, expected: Value| {
        assert_eq!(Flow::of_the_docs().attributes("incomingCall", from, &[Some("42")]), expected);
    };
    let attributes = |from: &str| json!({"type": "inbound", "name": from, "zd_ticket_id": "42", "zdCustomTags": "[phone]"});
    for from in ["+815012340042", "anonymous", "sip:ann@pbx.example.com", ""] {
        check(from, attributes(from));
    }
}
