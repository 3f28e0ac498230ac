//! Whose files go: the customer's. What somebody of the company sent in a public comment stays, whatever they are today.

use deskside_sandbox::credentials::{ADMIN_ID, AGENT_ID, LIGHT_AGENT_ROLE, RESTRICTED_AGENT_ID};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::archive::{files, items};
use crate::support::testbed::{Testbed, bed};

const TICKET: u64 = 42;
const UNKNOWN: &str = "skipped archive_sender_unknown";
const OURS: &str = "skipped archive_sent_by_us";

async fn becomes(bed: &Testbed, user: u64, change: Value) {
    bed.zendesk(Method::PUT, &format!("/api/v2/users/{user}"), &json!({ "user": change })).await;
}

async fn ticket_becomes(bed: &Testbed, change: Value) {
    bed.zendesk(Method::PUT, &format!("/api/v2/tickets/{TICKET}"), &json!({ "ticket": change })).await;
}

/// A customer of the seeded desk who has nothing to do with the ticket.
fn stranger(bed: &Testbed) -> u64 {
    let of =
        |ticket| bed.vendors().ticket(ticket).expect("a ticket")["requester_id"].as_u64().expect("an id");
    (43..60).map(of).find(|id| *id != of(TICKET)).expect("another customer")
}

/// Somebody sends `our-offer.pdf` in a public comment; `arrange` says who, and what becomes of them.
async fn check(channel: &'static str, arrange: impl AsyncFn(&Testbed) -> u64, expected: &str) {
    bed()
        .run(async |bed| {
            let author = arrange(bed).await;
            let file = bed.vendors().comment_with_file(TICKET, author, channel, "our-offer.pdf");
            let file = file.expect("the ticket");
            bed.operator_archives(TICKET).await;
            bed.run_jobs_to_the_end().await;
            let view = bed.agent(ADMIN_ID).await.attachments(TICKET).await.json();
            assert_eq!(items(&view)[&file], expected, "{channel}");
            assert_eq!(files(bed, TICKET).contains_key(&file), expected != "redacted");
        })
        .await;
}

#[tokio::test]
async fn a_file_of_a_former_agent_stays() {
    for channel in ["web", "email", "api"] {
        let former = async |bed: &Testbed| {
            becomes(bed, RESTRICTED_AGENT_ID, json!({"role": "end-user"})).await;
            RESTRICTED_AGENT_ID
        };
        check(channel, former, UNKNOWN).await;
    }
    // Copied on the ticket, and its history shows that they worked on it.
    let copied = async |bed: &Testbed| {
        ticket_becomes(bed, json!({"assignee_id": RESTRICTED_AGENT_ID})).await;
        ticket_becomes(bed, json!({"assignee_id": AGENT_ID, "collaborator_ids": [RESTRICTED_AGENT_ID]}))
            .await;
        becomes(bed, RESTRICTED_AGENT_ID, json!({"role": "end-user"})).await;
        RESTRICTED_AGENT_ID
    };
    check("email", copied, UNKNOWN).await;
}

#[tokio::test]
async fn a_file_of_whoever_cannot_be_told_from_the_company_stays() {
    check("web", async |bed| stranger(bed), UNKNOWN).await;
    check("api", async |_| 4_711, UNKNOWN).await; // Zendesk describes no such user
    let deleted = async |bed: &Testbed| {
        becomes(bed, RESTRICTED_AGENT_ID, json!({"role": "end-user"})).await;
        ticket_becomes(bed, json!({"collaborator_ids": [RESTRICTED_AGENT_ID]})).await;
        bed.zendesk(Method::DELETE, &format!("/api/v2/users/{RESTRICTED_AGENT_ID}"), &Value::Null).await;
        RESTRICTED_AGENT_ID
    };
    check("web", deleted, UNKNOWN).await;
}

#[tokio::test]
async fn a_file_of_an_agent_stays_whatever_their_place_in_the_ticket() {
    check("web", async |_| AGENT_ID, OURS).await;
    let light = async |bed: &Testbed| {
        becomes(bed, RESTRICTED_AGENT_ID, json!({"custom_role_id": LIGHT_AGENT_ROLE})).await;
        RESTRICTED_AGENT_ID
    };
    check("email", light, OURS).await;
    let requester = async |bed: &Testbed| {
        ticket_becomes(bed, json!({"requester_id": AGENT_ID})).await;
        AGENT_ID
    };
    check("web", requester, OURS).await;
    let copied = async |bed: &Testbed| {
        ticket_becomes(bed, json!({"collaborator_ids": [AGENT_ID]})).await;
        AGENT_ID
    };
    check("email", copied, OURS).await;
}

#[tokio::test]
async fn a_file_of_the_requester_or_of_a_customer_on_copy_goes() {
    let requester = |bed: &Testbed| {
        let ticket = bed.vendors().ticket(TICKET).expect("a ticket");
        ticket["requester_id"].as_u64().expect("an id")
    };
    for channel in ["web", "email", "api"] {
        check(channel, async |bed| requester(bed), "redacted").await;
    }
    let suspended = async |bed: &Testbed| {
        becomes(bed, requester(bed), json!({"suspended": true})).await;
        requester(bed)
    };
    check("email", suspended, "redacted").await;
    let copied = async |bed: &Testbed| {
        ticket_becomes(bed, json!({"collaborator_ids": [stranger(bed)]})).await;
        stranger(bed)
    };
    check("email", copied, "redacted").await;
}
