//! The pages where a person signs in and agrees. Docs: "OAuth 2.0 Web Server Flow"; texts of refusals as people report them.
//! **Invariant:** nobody is sent to an address that is not the app's own, to the letter.

use std::{collections::HashMap, fmt::Write as _};

use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use url::Url;

use super::oauth::{Code, Installed};
use crate::{credentials, state::random_word, world::World};

/// `GET /services/oauth2/authorize`: whoever is asked signs in, and then allows or denies. `sandbox_user` (an id or a user name) and
/// `sandbox_decision` (`allow`, `deny`) are what the pages send; a test may send them at once.
pub(crate) async fn page(
    State(world): State<World>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let text = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let mut org = world.salesforce();
    if text("client_id") != credentials::SALESFORCE_CLIENT_ID {
        return refused("invalid_client_id", "client identifier invalid");
    }
    let known = org.app.redirect_uris.iter().any(|known| known == text("redirect_uri"));
    let target = Url::parse(text("redirect_uri")).ok().filter(|_| known);
    let Some(mut target) = target else {
        return refused("redirect_uri_mismatch", "redirect_uri must match configuration");
    };
    let back = |mut target: Url, error: &str, why: &str| {
        target.query_pairs_mut().append_pair("error", error).append_pair("error_description", why);
        if let Some(state) = query.get("state") {
            target.query_pairs_mut().append_pair("state", state);
        }
        found(&target)
    };
    if text("response_type") != "code" {
        return back(target, "unsupported_response_type", "response type not supported");
    }
    match org.app.installed {
        Installed::Yes => {}
        Installed::No => return back(target, "invalid_client", "app must be installed into org"),
        Installed::Blocked => {
            return refused(
                "OAUTH_APPROVAL_ERROR_GENERIC",
                "An unexpected error has occurred during authentication. Please try again.",
            );
        }
    }
    if org.app.needs_pkce && !query.contains_key("code_challenge") {
        return back(target, "invalid_request", "missing required code challenge");
    }
    let Some(users) = org.table("User") else { return found(&target) };
    let active: Vec<(String, String, String)> = users
        .records
        .values()
        .filter(|user| !user.deleted && users.value(user, "IsActive") == true)
        .map(|user| {
            let text = |name: &str| users.value(user, name).as_str().unwrap_or_default().to_owned();
            (text("Id"), text("Username"), text("Name"))
        })
        .collect();
    let who =
        query.get("sandbox_user").and_then(|who| active.iter().find(|user| user.0 == *who || user.1 == *who));
    let Some((user, username, name)) = who else { return login(&query, &active) };
    match text("sandbox_decision") {
        "allow" => {}
        "deny" => return back(target, "access_denied", "end-user denied authorization"),
        _ => return consent(&query, username, name),
    }
    let code = format!("aPrx{}", random_word(60));
    let scope = query.get("scope").filter(|scope| !scope.is_empty()).cloned();
    let granted = Code {
        user: user.clone(),
        redirect_uri: text("redirect_uri").to_owned(),
        scope: scope.unwrap_or_else(|| "refresh_token api id".to_owned()),
        challenge: query.get("code_challenge").cloned(),
        at: world.now(),
    };
    org.codes.insert(code.clone(), granted);
    target.query_pairs_mut().append_pair("code", &code);
    if let Some(state) = query.get("state") {
        target.query_pairs_mut().append_pair("state", state);
    }
    found(&target)
}

fn found(target: &Url) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, target.to_string())]).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

fn html(status: StatusCode, title: &str, inner: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><body \
         style=\"font:16px system-ui;max-width:30em;margin:4em auto\"><h1>{title}</h1>{inner}</body></html>"
    );
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// The page on which people stay when the app is at fault.
fn refused(error: &str, why: &str) -> Response {
    let inner = format!(
        "<p data-testid=\"salesforce-error\">error={}&amp;error_description={}</p>",
        escape(error),
        escape(why)
    );
    html(StatusCode::BAD_REQUEST, "OAuth Error", &inner)
}

/// A form that comes back here with all that was asked, and the buttons.
fn form(query: &HashMap<String, String>, buttons: &str) -> String {
    let mut form = String::new();
    let mut fields: Vec<_> = query.iter().filter(|(name, _)| *name != "sandbox_decision").collect();
    fields.sort();
    for (name, value) in fields {
        let _ = write!(form, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value));
    }
    format!("<form action=\"/services/oauth2/authorize\">{form}{buttons}</form>")
}

fn login(query: &HashMap<String, String>, users: &[(String, String, String)]) -> Response {
    let mut buttons = String::new();
    for (id, username, name) in users {
        let button = format!("<button name=\"sandbox_user\" value=\"{id}\" data-testid=\"salesforce-login\"");
        let _ = write!(
            buttons,
            "<p>{button} data-username=\"{}\">Log in as {}</button></p>",
            escape(username),
            escape(name)
        );
    }
    html(StatusCode::OK, "Log in to Salesforce", &form(query, &buttons))
}

fn consent(query: &HashMap<String, String>, username: &str, name: &str) -> Response {
    let buttons = "<button name=\"sandbox_decision\" value=\"allow\" data-testid=\"salesforce-allow\">Allow</button> <button \
                   name=\"sandbox_decision\" value=\"deny\" data-testid=\"salesforce-deny\">Deny</button>";
    let who = format!("<p data-testid=\"salesforce-user\">{} ({})</p>", escape(name), escape(username));
    html(StatusCode::OK, "Allow access to your data?", &(who + &form(query, buttons)))
}
