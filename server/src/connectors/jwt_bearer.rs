//! A signed statement instead of a secret: the client says for whom it acts, and signs it with its private key (RFC 7523).
//! Knows no vendor; Salesforce's page: help.salesforce.com, "OAuth 2.0 JWT Bearer Flow".

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

/// The statement is good for so long; Salesforce takes three minutes at most.
const LIFE: TimeDelta = TimeDelta::minutes(2);

/// An OAuth client with a private key, acting for a user who approved it.
#[derive(Debug, Clone)]
pub struct JwtBearer {
    /// The client's unique identifier.
    pub client_id: String,
    /// The user, like `integration@acme.example`.
    pub username: String,
    /// Whom the statement is for: the address where its users sign in.
    pub audience: String,
    /// An RSA key as PEM.
    pub private_key: SecretString,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
}

impl JwtBearer {
    pub(super) const GRANT: &'static str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    /// The signed statement; an error where the key is none.
    pub(super) fn assertion(&self, now: DateTime<Utc>) -> Result<String, jsonwebtoken::errors::Error> {
        let key = EncodingKey::from_rsa_pem(self.private_key.expose_secret().trim().as_bytes())?;
        let Self { client_id, username, audience, .. } = self;
        let claims = Claims { iss: client_id, sub: username, aud: audience, exp: (now + LIFE).timestamp() };
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key)
    }
}
