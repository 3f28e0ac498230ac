//! A call or a chat comes in: whose is it, which ticket does it belong to, and what follows from that?

use deskside_sandbox::{Call, Fault, FaultRule, FlexStep, Matching, credentials};
use reqwest::Method;
use serde_json::{Value, json};

use super::flex_settings::set;
use crate::support::testbed::{Testbed, bed};

const AGENT: u64 = credentials::AGENT_ID;
/// Requester of ticket 42.
pub const KNOWN: &str = "+815012340042";
/// Nobody's.
const STRANGER: &str = "+819099998888";

/// Somebody calls, and the agent accepts.
pub async fn called(bed: &Testbed, attributes: &Value) -> (String, Value) {
    let task = bed.vendors().place_task(attributes, "voice");
    bed.vendors().flex(&task, FlexStep::Accept).expect("it is accepted");
    let answer = bed.agent(AGENT).await.pops(&task, "accept", attributes).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    (task, answer.json())
}

fn from(number: &str) -> Value {
    json!({"from": number, "direction": "inbound", "channelType": "voice"})
}

/// The customer's open tickets, by Deskside's own card.
async fn open_tickets(bed: &Testbed, user: u64) -> Vec<u64> {
    let card = bed.agent(AGENT).await.gets(&format!("/api/customers/{user}/card?refresh=true")).await.json();
    card["open_tickets"]
        .as_array()
        .expect("tickets")
        .iter()
        .filter_map(|ticket| ticket["id"].as_u64())
        .collect()
}

pub fn requester_of_42(bed: &Testbed) -> u64 {
    bed.vendors().ticket(42).expect("ticket 42")["requester_id"].as_u64().expect("an id")
}

/// Leaves the customer only so many open tickets.
async fn leave_open(bed: &Testbed, user: u64, count: usize) -> Vec<u64> {
    let mut open = open_tickets(bed, user).await;
    while open.len() > count {
        bed.vendors().set_status(open.pop().expect("a ticket"), "closed");
    }
    while open.len() < count {
        let ticket =
            json!({"ticket": {"subject": "Another", "comment": {"body": "x"}, "requester_id": user}});
        bed.zendesk(Method::POST, "/api/v2/tickets.json", &ticket).await;
        open = open_tickets(bed, user).await;
    }
    open_tickets(bed, user).await
}

#[tokio::test]
async fn a_caller_is_found_by_phone_and_the_settings_say_which_ticket() {
    let check = async |policy: &str, open: usize, expected: &str| {
        bed()
            .run(async |bed| {
                assert_eq!(set(bed, json!({"without_number": policy})).await.status, 200);
                let user = requester_of_42(bed);
                let open = leave_open(bed, user, open).await;
                let before = bed.vendors().tickets_of(user).len();
                let (_, popped) = called(bed, &from(KNOWN)).await;
                let what = format!("{policy}, {open:?}: {popped}");
                let choices: Vec<_> = popped["choices"]
                    .as_array()
                    .expect("choices")
                    .iter()
                    .map(|c| c["ticket"]["id"].as_u64())
                    .collect();
                let made = bed.vendors().tickets_of(user).len() - before;
                match expected {
                    "the open one" | "the latest" => {
                        assert_eq!(
                            (&popped["outcome"], &popped["ticket"]["id"]),
                            (&json!("ticket"), &json!(open[0])),
                            "{what}"
                        );
                        assert_eq!((made, &popped["created"]), (0, &json!(false)), "{what}");
                        let others = popped["open_tickets"].as_array().expect("tickets");
                        assert!(others.iter().all(|other| other["id"] != open[0]), "{what}");
                    }
                    "a choice" => {
                        assert_eq!((&popped["outcome"], made), (&json!("choose"), 0), "{what}");
                        assert_eq!(choices, open.iter().copied().map(Some).collect::<Vec<_>>(), "{what}");
                    }
                    _ => {
                        assert_eq!(
                            (&popped["outcome"], &popped["created"], made),
                            (&json!("ticket"), &json!(true), 1),
                            "{what}"
                        );
                    }
                }
                assert_eq!(
                    popped["contract"]["company"], "青葉商事株式会社",
                    "{what}: the contract is there in any case"
                );
                bed.run_jobs().await;
            })
            .await;
    };
    check("ask", 0, "a new one").await;
    check("ask", 1, "the open one").await;
    check("ask", 2, "a choice").await;
    check("latest_open", 2, "the latest").await;
    check("latest_open", 0, "a new one").await;
    check("always_new", 2, "a new one").await;
}

#[tokio::test]
async fn the_agents_choice_counts_from_then_on() {
    bed()
        .run_on_each(async |bed| {
            let user = requester_of_42(bed);
            let open = leave_open(bed, user, 2).await;
            let (task, popped) = called(bed, &from(KNOWN)).await;
            assert_eq!(popped["outcome"], "choose");
            let agent = bed.agent(AGENT).await;
            let mut named = from(KNOWN);
            named["zd_ticket_id"] = json!(open[1]);
            assert_eq!(agent.pops(&task, "select", &named).await.json()["ticket"]["id"], json!(open[1]));
            // Flex still has the attributes of before.
            let again = agent.pops(&task, "select", &from(KNOWN)).await.json();
            assert_eq!((&again["outcome"], &again["ticket"]["id"]), (&json!("ticket"), &json!(open[1])));
            bed.run_jobs().await;
            let told = bed.vendors().task_attributes(&task).expect("the task");
            assert_eq!(told["zd_ticket_id"], json!(open[1].to_string()));
        })
        .await;
}

#[tokio::test]
async fn a_stranger_becomes_one_user_with_one_ticket_whoever_asks_at_once() {
    bed()
        .run_on_each(async |bed| {
            let other = bed.another_server(&[]).await;
            let attributes = from(STRANGER);
            let task = bed.vendors().place_task(&attributes, "voice");
            let (here, there) = (bed.agent(AGENT).await, bed.agent(AGENT).await.moves_to(&other));
            let asks = (0..12).map(|number| {
                let agent = if number % 2 == 0 { &here } else { &there };
                agent.pops(&task, "accept", &attributes)
            });
            let answers = futures::future::join_all(asks).await;
            let tickets: Vec<_> =
                answers.iter().map(|answer| answer.json()["ticket"]["id"].clone()).collect();
            assert!(tickets.iter().all(|ticket| *ticket == tickets[0] && ticket.is_u64()), "{tickets:?}");
            let users = bed.vendors().users_with_phone(STRANGER);
            assert_eq!(users.len(), 1, "one user");
            assert_eq!(bed.vendors().tickets_of(users[0]).len(), 1, "one ticket");
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn a_ticket_that_is_being_made_is_new_for_everybody_who_looks() {
    bed()
        .run_on_each(async |bed| {
            let (agent, attributes) = (bed.agent(AGENT).await, from(STRANGER));
            let task = bed.vendors().place_task(&attributes, "voice");
            let path = Some("/api/v2/tickets".into());
            let on = Matching { method: Some("POST".into()), path_prefix: path, ..Matching::default() };
            let late = Fault::Late { late_ms: 1_000 };
            bed.vendors().fault(FaultRule { on, times: 1, skip: 0, fault: late });
            let made = async || {
                loop {
                    let users = bed.vendors().users_with_phone(STRANGER);
                    if users.iter().any(|user| !bed.vendors().tickets_of(*user).is_empty()) {
                        return agent.pops(&task, "select", &attributes).await;
                    }
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
            };
            let (first, second) = tokio::join!(agent.pops(&task, "accept", &attributes), made());
            for popped in [first.json(), second.json(), agent.pops(&task, "select", &attributes).await.json()]
            {
                assert_eq!(
                    (&popped["outcome"], &popped["created"]),
                    (&json!("ticket"), &json!(true)),
                    "{popped}"
                );
                assert_eq!(popped["open_tickets"], json!([]), "it is no other ticket: {popped}");
            }
            bed.run_jobs_to_the_end().await;
        })
        .await;
}

#[tokio::test]
async fn two_calls_of_one_stranger_at_once_make_one_user() {
    bed()
        .run(async |bed| {
            let agent = bed.agent(AGENT).await;
            let tasks = [(); 2].map(|()| bed.vendors().place_task(&from(STRANGER), "voice"));
            let attributes = from(STRANGER);
            let asks = tasks.iter().map(|task| agent.pops(task, "accept", &attributes));
            let answers = futures::future::join_all(asks).await;
            assert!(answers.iter().all(|answer| answer.json()["outcome"] == "ticket"));
            let users = bed.vendors().users_with_phone(STRANGER);
            assert_eq!(users.len(), 1);
            // The later one may find the earlier one's ticket open; it is not lost in any case.
            assert!((1..=2).contains(&bed.vendors().tickets_of(users[0]).len()));
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn a_new_ticket_is_made_of_the_admins_templates_and_nobody_is_mailed() {
    bed()
        .run(async |bed| {
            let templates = json!({"subject": "{{ channel }} from {{ caller }} about {{ topic }}",
                "description": "Plan: {{ customers.plan }}", "automatic_tag": "from_flex"});
            assert_eq!(set(bed, templates).await.status, 200);
            let mut attributes = from(STRANGER);
            attributes["topic"] = json!("billing");
            attributes["customers"] = json!({"plan": "Gold"});
            attributes["zdCustomTags"] = json!("[vip,Billing ]");
            let (_, popped) = called(bed, &attributes).await;
            bed.run_jobs().await;
            let ticket = bed
                .vendors()
                .ticket(popped["ticket"]["id"].as_u64().expect("a ticket"))
                .expect("it is there");
            assert_eq!(ticket["subject"], format!("voice from {STRANGER} about billing"));
            let mut tags: Vec<_> =
                ticket["tags"].as_array().expect("tags").iter().filter_map(Value::as_str).collect();
            tags.sort_unstable();
            assert_eq!(tags, ["billing", "from_flex", "vip"]);
            let tagged = |call: &Call| call.method == "PUT" && call.path.ends_with("/tags");
            let tagged = bed.vendors().calls().into_iter().filter(tagged).count();
            assert_eq!(tagged, 0, "it came with its tags, and is not given them again");
            let first = &bed.vendors().comments(ticket["id"].as_u64().expect("an id"))[0];
            assert_eq!((&first["public"], &first["plain_body"]), (&json!(false), &json!("Plan: Gold")));
        })
        .await;
}

#[tokio::test]
async fn whoever_accepts_gets_the_ticket_where_the_settings_say_so() {
    let check = async |assign: bool| {
        bed()
            .run(async |bed| {
                assert_eq!(set(bed, json!({"assign": assign})).await.status, 200);
                let before = bed.vendors().ticket(42).expect("ticket 42")["assignee_id"].clone();
                called(bed, &json!({"zd_ticket_id": 42})).await;
                bed.run_jobs().await;
                let after = bed.vendors().ticket(42).expect("ticket 42")["assignee_id"].clone();
                assert_eq!(after, if assign { json!(AGENT) } else { before });
            })
            .await;
    };
    check(true).await;
    check(false).await;
}

#[tokio::test]
async fn a_wrong_number_from_a_known_caller_is_his_ticket_with_a_word_about_it() {
    bed()
        .run(async |bed| {
            let open = leave_open(bed, requester_of_42(bed), 1).await;
            let check = async |number: Value, code: &str| {
                let mut attributes = from(KNOWN);
                attributes["zd_ticket_id"] = number;
                let (_, popped) = called(bed, &attributes).await;
                assert_eq!(
                    (&popped["ticket"]["id"], &popped["problem"]["code"]),
                    (&json!(open[0]), &json!(code)),
                    "{popped}"
                );
            };
            check(json!("42#"), "ticket_number_invalid").await;
            check(json!(999_999), "ticket_not_found").await;
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn callers_who_withhold_their_number_share_one_user() {
    bed()
        .run(async |bed| {
            let (_, first) = called(bed, &from("anonymous")).await;
            let (_, second) = called(bed, &from("+266696687")).await;
            assert_eq!((&first["outcome"], &second["outcome"]), (&json!("ticket"), &json!("ticket")));
            assert_eq!(first["customer"]["id"], second["customer"]["id"]);
            assert_eq!(first["customer"]["name"], "Anonymous caller");
            assert_ne!(first["ticket"]["id"], second["ticket"]["id"]);
            for odd in ["12345", "client:desk", "03-1234-5678", "sip:desk@example.com"] {
                let (_, popped) = called(bed, &from(odd)).await;
                let said = (&popped["outcome"], &popped["problem"]["code"]);
                assert_eq!(said, (&json!("nothing"), &json!("ticket_number_missing")), "{odd}");
            }
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn nothing_is_made_where_the_settings_forbid_it() {
    bed()
        .run(async |bed| {
            assert_eq!(set(bed, json!({"create_user": false})).await.status, 200);
            let (_, popped) = called(bed, &from(STRANGER)).await;
            assert_eq!(
                (&popped["outcome"], &popped["problem"]["code"]),
                (&json!("nothing"), &json!("caller_unknown"))
            );
            assert_eq!(set(bed, json!({"create_ticket": false})).await.status, 200);
            leave_open(bed, requester_of_42(bed), 0).await;
            let (_, popped) = called(bed, &from(KNOWN)).await;
            assert_eq!(
                (&popped["outcome"], &popped["customer"]["id"]),
                (&json!("user"), &json!(requester_of_42(bed)))
            );
            assert_eq!(set(bed, json!({"enabled": false})).await.status, 200);
            let (_, popped) = called(bed, &json!({"zd_ticket_id": 42})).await;
            assert_eq!(
                (&popped["outcome"], &popped["problem"]["code"]),
                (&json!("nothing"), &json!("flex_disabled"))
            );
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn the_contract_stays_out_of_flex_where_the_settings_say_so() {
    bed()
        .run(async |bed| {
            assert_eq!(set(bed, json!({"contract_panel": false})).await.status, 200);
            let (_, popped) = called(bed, &json!({"zd_ticket_id": 42})).await;
            assert_eq!(
                (&popped["outcome"], &popped["contract"], &popped["badges"]),
                (&json!("ticket"), &json!(null), &json!([]))
            );
            bed.run_jobs().await;
        })
        .await;
}

#[tokio::test]
async fn zendesk_shows_what_the_settings_say_for_each_kind_of_number() {
    let check = async |settings: Value, attributes: Value, expected: &str| {
        bed()
            .run(async |bed| {
                leave_open(bed, requester_of_42(bed), 1).await;
                assert_eq!(set(bed, settings.clone()).await.status, 200);
                called(bed, &attributes).await;
                bed.run_jobs().await;
                let shown: Vec<_> = bed
                    .vendors()
                    .notified()
                    .iter()
                    .filter(|notice| notice["event"] == "deskside_pop")
                    .map(|notice| {
                        serde_json::from_str::<Value>(notice["body"].as_str().expect("text")).expect("JSON")
                    })
                    .map(|body| if body["ticket_id"].is_u64() { "ticket" } else { "user" })
                    .collect();
                assert_eq!(shown.join(" "), expected, "{settings} {attributes}");
            })
            .await;
    };
    let numbered = |number: &str| json!({"from": KNOWN, "zd_ticket_id": number});
    check(json!({"navigate_valid": "user"}), numbered("42"), "user").await;
    check(json!({"navigate_valid": "nothing"}), numbered("42"), "").await;
    check(json!({"navigate_invalid": "user"}), numbered("4 2"), "user").await;
    check(json!({"navigate_invalid": "user"}), numbered("42"), "ticket").await;
    check(json!({"navigate_none": "nothing"}), from(KNOWN), "").await;
    check(json!({}), from(KNOWN), "ticket").await;
}
