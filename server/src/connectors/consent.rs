//! OAuth's authorization code with PKCE (RFC 6749, 4.1; RFC 7636): the address of a vendor's consent page, and the tokens for the
//! code that comes back. Knows no vendor.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::random;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use super::{CallFailure, FailureKind, Granted, Repeat, TokenEndpoint};

/// A secret of one consent: whoever redeems the code proves with it that they asked for the consent.
#[derive(Debug, Clone)]
pub struct Verifier(SecretString);

impl Verifier {
    /// 256 random bits.
    pub fn fresh() -> Self {
        Self(word().into())
    }

    /// One that was kept.
    pub fn kept(text: String) -> Self {
        Self(text.into())
    }

    /// To be kept until the code comes back.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What the vendor is told of it.
    fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(self.expose()))
    }
}

/// 256 random bits, as a text for addresses.
pub fn word() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random::<[u8; 32]>())
}

/// What a consent page is told.
#[derive(Debug, Clone, Copy)]
pub struct ConsentRequest<'a> {
    /// The vendor's page.
    pub page: &'a Url,
    pub client_id: &'a str,
    /// Where the vendor sends the browser back.
    pub redirect_uri: &'a str,
    pub scope: &'a str,
    /// Comes back with the code.
    pub state: &'a str,
    pub verifier: &'a Verifier,
}

impl ConsentRequest<'_> {
    /// The address of the vendor's page.
    pub fn url(&self) -> Url {
        let mut url = self.page.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", self.scope)
            .append_pair("state", self.state)
            .append_pair("code_challenge", &self.verifier.challenge())
            .append_pair("code_challenge_method", "S256");
        url
    }
}

/// A code that came back, and what proves that it is ours.
#[derive(Debug, Clone, Copy)]
pub struct Code<'a> {
    pub client_id: &'a str,
    /// A public client has none.
    pub client_secret: Option<&'a str>,
    pub redirect_uri: &'a str,
    pub code: &'a str,
    pub verifier: &'a Verifier,
}

impl TokenEndpoint {
    /// Tokens for a code, and the scopes where the vendor says them. Asked once: a code is good for one answer.
    pub async fn redeemed(&self, code: Code<'_>) -> Result<(Granted, Option<String>), CallFailure> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.code),
            ("client_id", code.client_id),
            ("redirect_uri", code.redirect_uri),
            ("code_verifier", code.verifier.expose()),
        ];
        if let Some(secret) = code.client_secret {
            form.push(("client_secret", secret));
        }
        self.ask(Repeat::Never, &form, self.lifetimes, FailureKind::Grant).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_the_one_of_the_specification() {
        // RFC 7636, appendix B.
        let verifier = Verifier::kept("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(verifier.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn the_consent_page_is_told_everything_once() {
        let verifier = Verifier::kept("verifier".to_owned());
        let page: Url = "https://acme.zendesk.com/oauth/authorizations/new?x=1".parse().expect("an address");
        let request = ConsentRequest {
            page: &page,
            client_id: "deskside & more",
            redirect_uri: "https://deskside.example.com/oauth/callback",
            scope: "read write",
            state: "st",
            verifier: &verifier,
        };
        let url = request.url();
        let of = |name: &str| {
            url.query_pairs().filter(|(key, _)| key == name).map(|(_, v)| v.into_owned()).collect::<Vec<_>>()
        };
        assert_eq!((of("client_id"), of("x")), (vec!["deskside & more".to_owned()], vec!["1".to_owned()]));
        assert_eq!(of("code_challenge_method"), ["S256"]);
        assert!(!url.as_str().contains("verifier"), "{url}");
    }
}
