//! Access tokens of OAuth vendors, and how they are asked for. Knows no vendor.
//! **Invariant:** a refresh token is good for one renewal, so whoever keeps it decides who renews, and keeps the new one first.

mod cache; // in this process

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;
use url::Url;

pub(super) use cache::Tokens;

use super::{Answer, CallFailure, Exchange, FailureKind, JwtBearer, Repeat, Vendor};

/// Where a vendor does not say how long a token lives.
const DEFAULT_LIFE: i64 = 30 * 60;
/// The longest life, two days. Zendesk's page on client credentials speaks of milliseconds where its table says seconds;
/// whatever is above this can only be milliseconds.
const LONGEST_LIFE: i64 = 172_800;

/// An OAuth client of the account, acting as the user it belongs to.
#[derive(Debug, Clone, Deserialize)]
pub struct ClientCredentials {
    /// The client's unique identifier.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What to ask for, like `read write`; empty where the client's own settings say it.
    pub scope: String,
}

/// A refresh token, and the client that it was given to.
#[derive(Debug, Clone)]
pub struct RefreshGrant {
    /// The client's unique identifier.
    pub client_id: String,
    /// Its secret; a public client has none.
    pub client_secret: Option<SecretString>,
    /// Good for one renewal.
    pub refresh_token: SecretString,
}

/// Where a vendor's access tokens come from.
#[derive(Debug, Clone)]
pub enum TokenSource {
    /// The client itself, as often as it likes.
    ClientCredentials(ClientCredentials),
    /// A signed statement that the client acts for a user, as often as it likes.
    JwtBearer(JwtBearer),
    /// A refresh token that changes with every renewal, kept where all replicas see it.
    Refreshing(Arc<dyn Refreshing>),
}

impl From<ClientCredentials> for TokenSource {
    fn from(credentials: ClientCredentials) -> Self {
        Self::ClientCredentials(credentials)
    }
}

impl From<JwtBearer> for TokenSource {
    fn from(bearer: JwtBearer) -> Self {
        Self::JwtBearer(bearer)
    }
}

impl From<Arc<dyn Refreshing>> for TokenSource {
    fn from(kept: Arc<dyn Refreshing>) -> Self {
        Self::Refreshing(kept)
    }
}

/// Keeps a refresh token for all replicas.
pub trait Refreshing: fmt::Debug + Send + Sync {
    /// An access token other than the one that the vendor refused: one that is kept, or a new one, whose refresh token was
    /// kept before. At most one replica asks `endpoint` at a time.
    fn token<'a>(
        &'a self,
        endpoint: &'a TokenEndpoint,
        refused: Option<&'a SecretString>,
    ) -> BoxFuture<'a, Result<Token, CallFailure>>;
}

/// A token, and when to get another.
#[derive(Debug, Clone)]
pub struct Token {
    /// The access token.
    pub secret: SecretString,
    /// A little before its end.
    pub renew_at: DateTime<Utc>,
    /// Where the token is good, if the vendor says so (Salesforce).
    pub instance_url: Option<Url>,
}

/// What a vendor granted.
#[derive(Debug)]
pub struct Granted {
    /// The access token.
    pub token: Token,
    /// The next refresh token, where there is one.
    pub refresh_token: Option<SecretString>,
}

/// How a token endpoint is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenEncoding {
    /// As Zendesk takes it.
    Json,
    /// As RFC 6749 has it.
    Form,
}

/// Where a vendor gives tokens (RFC 6749, 5).
#[derive(Debug, Clone)]
pub struct TokenEndpoint {
    /// How it is asked.
    pub exchange: Exchange,
    /// Whose it is.
    pub vendor: &'static Vendor,
    /// The call's template.
    pub call: &'static str,
    /// Where it is.
    pub url: Url,
    /// How the request is written.
    pub encoding: TokenEncoding,
    /// What this vendor means by a code and a description: what can be done, and a sentence. `None`: as OAuth has it.
    pub explain: fn(&str, &str) -> Option<(FailureKind, &'static str)>,
    /// What else to say in JSON when tokens are renewed: how long they shall live, in seconds.
    pub lifetimes: &'static [(&'static str, i64)],
}

/// Its tokens are needed, so they must be texts. All else only makes things better: where it is odd, it is not there, because a
/// refresh token whose answer is not read is lost.
#[derive(Deserialize)]
struct Body {
    access_token: SecretString,
    #[serde(default)]
    refresh_token: Option<SecretString>,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    scope: Value,
    #[serde(default, deserialize_with = "readable_url")]
    instance_url: Option<Url>,
}

impl Body {
    /// Seconds; some vendors write them as a text.
    fn expires_in(&self) -> Option<i64> {
        let number = |text: &str| text.trim().parse().ok();
        let text = self.expires_in.as_str().and_then(number);
        #[expect(clippy::cast_possible_truncation, reason = "a life of years is as good as any other")]
        let whole = |seconds: f64| seconds as i64;
        text.or_else(|| self.expires_in.as_i64()).or_else(|| self.expires_in.as_f64().map(whole))
    }

    fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        let body = serde_json::from_slice::<Self>(body)?;
        if body.access_token.expose_secret().is_empty() {
            return Err(serde_json::Error::custom("an empty access token"));
        }
        Ok(body)
    }
}

/// An address, or nothing where it cannot be read.
fn readable_url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Url>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_str().and_then(|text| text.parse().ok()))
}

impl TokenEndpoint {
    /// A token for the client itself. Twice is once: the first answer's token is simply not used.
    pub async fn of_client(&self, credentials: &ClientCredentials) -> Result<Granted, CallFailure> {
        let ClientCredentials { client_id, client_secret, scope } = credentials;
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", client_secret.expose_secret()),
        ];
        if !scope.is_empty() {
            form.push(("scope", scope));
        }
        let (granted, its_scope) = self.ask(Repeat::Safe, &form, &[], FailureKind::OauthClient).await?;
        self.compare(scope, its_scope.as_deref());
        Ok(granted)
    }

    /// A token for a user whom the client acts for (RFC 7523). Twice is once.
    pub async fn of_jwt(&self, bearer: &JwtBearer) -> Result<Granted, CallFailure> {
        let assertion = bearer.assertion(self.exchange.clock().now()).map_err(|why| {
            let sentence =
                "the connection's private key cannot be read; give it as PEM, an RSA key".to_owned();
            CallFailure::saying(self.vendor, self.call, FailureKind::Credentials, sentence)
                .caused(Arc::new(why))
        })?;
        let form = [("grant_type", JwtBearer::GRANT), ("assertion", &assertion)];
        Ok(self.ask(Repeat::Safe, &form, &[], FailureKind::OauthClient).await?.0)
    }

    /// Renews. Asked once: where the answer is lost, the refresh token may be used up.
    pub async fn renewed(&self, grant: &RefreshGrant) -> Result<Granted, CallFailure> {
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("client_id", &grant.client_id),
            ("refresh_token", grant.refresh_token.expose_secret()),
        ];
        if let Some(secret) = &grant.client_secret {
            form.push(("client_secret", secret.expose_secret()));
        }
        Ok(self.ask(Repeat::Never, &form, self.lifetimes, FailureKind::Grant).await?.0)
    }

    pub(super) async fn ask(
        &self,
        repeat: Repeat,
        form: &[(&str, &str)],
        lifetimes: &[(&str, i64)],
        invalid_grant: FailureKind,
    ) -> Result<(Granted, Option<String>), CallFailure> {
        let Self { exchange, vendor, call, url, .. } = self;
        let request = exchange.http().post(url.clone());
        let request = match self.encoding {
            TokenEncoding::Form => request.form(form),
            TokenEncoding::Json => {
                let mut body: serde_json::Map<String, Value> =
                    form.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
                body.extend(lifetimes.iter().map(|(name, seconds)| ((*name).to_owned(), (*seconds).into())));
                request.json(&body)
            }
        };
        let request = request.build().expect("strings are JSON and forms, the URL is parsed");
        let asked_at = exchange.clock().now();
        let answer = exchange.send(call, repeat, request).await;
        let answer = answer.map_err(|error| CallFailure::of_call(vendor, call, error))?;
        if !answer.status.is_success() {
            return Err(self.refused(&answer, asked_at, invalid_grant));
        }
        let body = Body::read(&answer.body).map_err(|error| CallFailure::undecodable(vendor, call, error))?;
        let (renew_at, scope) =
            (asked_at + usable_for(body.expires_in()), body.scope.as_str().map(str::to_owned));
        let token = Token { secret: body.access_token, renew_at, instance_url: body.instance_url };
        let refresh_token = body.refresh_token.filter(|token| !token.expose_secret().is_empty());
        Ok((Granted { token, refresh_token }, scope))
    }

    /// The answer says no, in OAuth's words (RFC 6749, 5.2).
    fn refused(&self, answer: &Answer, now: DateTime<Utc>, invalid_grant: FailureKind) -> CallFailure {
        let status = answer.status.as_u16();
        let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        let is_word =
            |word: &&str| word.len() <= 64 && word.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
        let word = body["error"].as_str().filter(is_word);
        let new = |kind| CallFailure::new(self.vendor, self.call, kind);
        let word = word.filter(|_| matches!(status, 400..=403 | 422));
        let description = body["error_description"].as_str().unwrap_or_default();
        if let Some((kind, sentence)) = word.and_then(|word| (self.explain)(word, description)) {
            return CallFailure::saying(self.vendor, self.call, kind, sentence.to_owned());
        }
        match word {
            Some("invalid_scope") => new(FailureKind::Scope),
            Some("invalid_grant") => new(invalid_grant),
            Some("unauthorized_client" | "unsupported_grant_type") => new(FailureKind::OauthClient),
            Some("invalid_client" | "invalid_client_id") => new(FailureKind::Credentials),
            word => {
                let word = word.map(str::to_owned);
                let failure = CallFailure::of_answer(self.vendor, self.call, answer, now);
                if failure.kind == FailureKind::Rejected { failure.because(word.as_slice()) } else { failure }
            }
        }
    }

    /// A mistyped scope yields a token that is refused everywhere; so say early what is missing.
    fn compare(&self, asked: &str, granted: Option<&str>) {
        let Some(granted) = granted else { return };
        let granted: BTreeSet<_> = granted.split_whitespace().collect();
        let missing: Vec<_> = asked.split_whitespace().filter(|scope| !granted.contains(scope)).collect();
        if !missing.is_empty() {
            let (missing, Vendor { id, name, settings, .. }) = (missing.join(" "), self.vendor);
            tracing::warn!(
                vendor = id,
                missing,
                "{name} granted a token without the scope `{missing}`; compare {} with the OAuth client",
                settings.permission
            );
        }
    }
}

/// Renewed a minute before the end, or after nine tenths of a short life.
fn usable_for(expires_in: Option<i64>) -> TimeDelta {
    let life = match expires_in.unwrap_or(DEFAULT_LIFE).max(0) {
        milliseconds if milliseconds > LONGEST_LIFE => (milliseconds / 1000).min(LONGEST_LIFE),
        seconds => seconds,
    };
    TimeDelta::seconds(life - (life / 10).min(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_ends_whatever_unit_zendesk_meant() {
        let check = |expires_in, expected| assert_eq!(usable_for(expires_in).num_seconds(), expected);
        check(Some(300), 270);
        check(Some(1800), 1740);
        check(Some(172_800), 172_740);
        check(Some(1_800_000), 1740);
        check(None, 1740);
        check(Some(0), 0);
        check(Some(-1), 0);
        check(Some(i64::MAX), 172_740);
    }

    #[test]
    fn an_odd_field_does_not_cost_the_tokens() {
        let check = |odd: &str, expires_in: Option<i64>| {
            let body = format!(r#"{{"access_token": "one", "refresh_token": "two", {odd}}}"#);
            let body = Body::read(body.as_bytes()).unwrap_or_else(|error| panic!("{odd}: {error}"));
            let refresh_token = body.refresh_token.as_ref().map(ExposeSecret::expose_secret);
            assert_eq!((body.access_token.expose_secret(), refresh_token), ("one", Some("two")), "{odd}");
            assert_eq!(body.expires_in(), expires_in, "{odd}");
        };
        check(r#""expires_in": "3600""#, Some(3600));
        check(r#""expires_in": 3600.0"#, Some(3600));
        check(r#""expires_in": 9223372036854775807"#, Some(i64::MAX));
        check(r#""expires_in": 1e300"#, Some(i64::MAX));
        check(r#""expires_in": {"seconds": 3600}"#, None);
        check(r#""expires_in": null, "scope": ["read"]"#, None);
        check(r#""scope": 7, "token_type": 1, "instance_url": false"#, None);
    }

    #[test]
    fn tokens_that_are_no_texts_are_refused() {
        for body in
            [r#"{"access_token": ""}"#, r#"{"access_token": 7}"#, r#"{"refresh_token": "two"}"#, r#""hush""#]
        {
            assert!(Body::read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
