//! Salesforce's OAuth: where consent is given, where tokens are, and how they end.
//! Docs: <https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm>.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::SALESFORCE;
use super::error::explain;
use crate::connectors::request::at;
use crate::connectors::{CallFailure, Exchange, Repeat, TokenEncoding, TokenEndpoint};

/// Where an admin gives consent.
pub fn consent_page(login_url: &Url) -> Url {
    at(login_url, "/services/oauth2/authorize")
}

/// Where tokens are.
pub fn token_endpoint(exchange: Exchange, login_url: &Url) -> TokenEndpoint {
    TokenEndpoint {
        exchange,
        vendor: &SALESFORCE,
        call: "POST /services/oauth2/token",
        url: at(login_url, "/services/oauth2/token"),
        encoding: TokenEncoding::Form,
        explain,
        lifetimes: &[],
    }
}

/// Ends a refresh token and the access tokens that it gave. One that Salesforce does not know is ended already.
pub async fn revoke(exchange: &Exchange, login_url: &Url, token: &SecretString) -> Result<(), CallFailure> {
    const CALL: &str = "POST /services/oauth2/revoke";
    let request = exchange.http().post(at(login_url, "/services/oauth2/revoke"));
    let request = request.form(&[("token", token.expose_secret())]).build().expect("a text is a form");
    let answer = exchange.send(CALL, Repeat::Safe, request).await;
    let answer = answer.map_err(|error| CallFailure::of_call(&SALESFORCE, CALL, error))?;
    match answer.status.as_u16() {
        200..300 => Ok(()),
        400 if is_unknown_token(&answer.body) => Ok(()),
        _ => Err(CallFailure::of_answer(&SALESFORCE, CALL, &answer, exchange.clock().now())),
    }
}

/// Salesforce does not know the token any more, in JSON or as a form.
fn is_unknown_token(body: &[u8]) -> bool {
    let json =
        || serde_json::from_slice::<serde_json::Value>(body).ok()?["error"].as_str().map(str::to_owned);
    let form = || {
        let mut pairs = url::form_urlencoded::parse(body);
        pairs.find(|(name, _)| name == "error").map(|(_, word)| word.into_owned())
    };
    json().or_else(form).is_some_and(|word| matches!(word.as_str(), "invalid_token" | "invalid_grant"))
}
