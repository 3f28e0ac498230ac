//! A session as an agent's frame gets it: a page that Zendesk signed, and the bearer inside. **Invariant:** the sandbox
//! signs, nobody here holds a key.

use serde_json::{Value, json};

use crate::demo::Ports;
use crate::http::{self, Answer};
use crate::problem::{Outcome, Problem};

/// Sees every ticket.
const AGENT: u64 = 9002;
/// Sees the tickets of its groups only.
const RESTRICTED: u64 = 9003;
/// Decides for the account.
const ADMIN: u64 = 9001;

/// Whose session.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    Agent,
    Restricted,
    Admin,
}

/// The bearer of one of them.
pub(crate) fn of(ports: &Ports, role: Role) -> Outcome<String> {
    match role {
        Role::Agent => bearer(ports),
        Role::Restricted => bearer_in("ticket_sidebar", &signed(ports, "ticket_sidebar", RESTRICTED)?),
        Role::Admin => admin(ports),
    }
}

/// The bearer of an agent who opens a ticket.
pub(crate) fn bearer(ports: &Ports) -> Outcome<String> {
    bearer_in("ticket_sidebar", &page(ports, "ticket_sidebar")?)
}

/// The bearer of an admin who opens the console.
pub(crate) fn admin(ports: &Ports) -> Outcome<String> {
    bearer_in("nav_bar", &signed(ports, "nav_bar", ADMIN)?)
}

/// The page that an agent's Zendesk frames there.
pub(crate) fn page(ports: &Ports, location: &str) -> Outcome<Answer> {
    signed(ports, location, AGENT)
}

fn signed(ports: &Ports, location: &str, agent: u64) -> Outcome<Answer> {
    let wish = json!({"location": location, "agent_id": agent}).to_string();
    let signed = json_of(&http::post(ports.zendesk, "/_sandbox/workspace/sign", &wish)?, "the signed token")?;
    let form = format!("token={}", signed["token"].as_str().unwrap_or_default());
    http::post(ports.server, &format!("/zendesk/{location}?origin=x&app_guid=y"), &form)
}

fn bearer_in(location: &str, page: &Answer) -> Outcome<String> {
    token_in(&page.body).ok_or_else(|| unexpected(&format!("the page {location}"), page))
}

/// A token of the sandbox's own, to read what only agents may.
pub(crate) fn zendesk_token(ports: &Ports) -> Outcome<String> {
    let wish = json!({"agent_id": AGENT}).to_string();
    let login = json_of(&http::post(ports.zendesk, "/_sandbox/workspace/login", &wish)?, "the login")?;
    Ok(login["token"].as_str().unwrap_or_default().to_owned())
}

/// An answer that must be JSON and a success.
pub(crate) fn json_of(answer: &Answer, what: &str) -> Outcome<Value> {
    let read = (200..300).contains(&answer.status).then(|| serde_json::from_str(&answer.body).ok());
    read.flatten().ok_or_else(|| unexpected(what, answer))
}

/// An answer that nothing can be done with.
pub(crate) fn unexpected(what: &str, answer: &Answer) -> Problem {
    let start: String = answer.body.chars().take(300).collect();
    Problem::new(format!("{what} answered {}: {start}", answer.status))
}

fn token_in(page: &str) -> Option<String> {
    let (_, after) = page.split_once(r#"id="deskside-session">"#)?;
    let (session, _) = after.split_once("</script>")?;
    let session: Value = serde_json::from_str(session).ok()?;
    session["token"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::token_in;

    #[test]
    fn the_bearer_is_found_in_the_page() {
        let page = r#"<script type="application/json" id="deskside-session">{"token":"a.b"}</script><p>"#;
        assert_eq!(token_in(page).as_deref(), Some("a.b"));
        assert_eq!(token_in("<p>no"), None);
    }
}
