//! Zendesk's OAuth: where consent is given, where tokens are, and how they end.
//! Docs: <https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/>.

use reqwest::Method;
use url::Url;

use super::calls::BUILDS;
use super::{ZENDESK, ZendeskClient, ZendeskError};
use crate::connectors::request::at;
use crate::connectors::{Exchange, Repeat, TokenEncoding, TokenEndpoint};

/// Seconds: an hour, and the longest for refresh tokens. Clients made before there were refresh tokens get one only where both are
/// named (support.zendesk.com 9182123625370).
const TOKENS_LIVE: [(&str, i64); 2] = [("expires_in", 3_600), ("refresh_token_expires_in", 7_776_000)];

/// Where an admin gives consent.
pub fn consent_page(base_url: &Url) -> Url {
    at(base_url, "/oauth/authorizations/new")
}

/// Where tokens are.
pub fn token_endpoint(exchange: Exchange, base_url: &Url) -> TokenEndpoint {
    TokenEndpoint {
        exchange,
        vendor: &ZENDESK,
        call: "POST /oauth/tokens",
        url: at(base_url, "/oauth/tokens"),
        encoding: TokenEncoding::Json,
        explain: |_, _| None,
        lifetimes: &TOKENS_LIVE,
    }
}

impl ZendeskClient {
    /// Ends our token, and the refresh token that belongs to it.
    pub async fn revoke_current_token(&self) -> Result<(), ZendeskError> {
        const CALL: &str = "DELETE /api/v2/oauth/tokens/current";
        let request = self.request(Method::DELETE, self.url("/api/v2/oauth/tokens/current"));
        self.authorized(CALL, Repeat::Safe, request.build().expect(BUILDS)).await.map(drop)
    }
}
