//! The app's signing key and the tokens Zendesk posts to a signed app page. **Invariant:** no I/O; `now` is an argument.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use rsa::{
    RsaPrivateKey,
    pkcs1v15::SigningKey,
    pkcs8::{DecodePrivateKey as _, EncodePublicKey as _, LineEnding},
    sha2::Sha256,
    signature::{SignatureEncoding as _, Signer as _},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::options::Options;

/// Keys of the sandbox alone; they protect nothing.
const FIRST: &str = include_str!("keys/first.pem");
const ROTATED: &str = include_str!("keys/rotated.pem");
const STRANGER: &str = include_str!("keys/stranger.pem");

/// How a token shall differ from an honest one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignOptions {
    /// Leave `sub` out.
    pub omit_sub: bool,
    /// Another `sub`.
    pub sub: Option<String>,
    /// Another `aud`.
    pub aud: Option<String>,
    /// Another `iss`.
    pub iss: Option<String>,
    /// Seconds until it expires; negative: expired.
    pub exp_in: Option<i64>,
    /// Seconds that `iat` and `nbf` lie in the future.
    pub issued_in: i64,
    /// Another `jti`, to repeat a token.
    pub jti: Option<String>,
    /// Sign with a key that is not the app's.
    pub stranger: bool,
    /// Claim another algorithm in the header.
    pub alg: Option<String>,
    /// More claims, laid over the others.
    pub claims: Option<serde_json::Map<String, Value>>,
}

/// The app's key pair; it can be rotated once.
#[derive(Debug)]
pub(crate) struct AppKeys {
    current: SigningKey<Sha256>,
    next: SigningKey<Sha256>,
    stranger: SigningKey<Sha256>,
    rotated: bool,
}

impl AppKeys {
    pub(crate) fn new() -> Self {
        Self { current: parse(FIRST), next: parse(ROTATED), stranger: parse(STRANGER), rotated: false }
    }

    pub(crate) fn rotate(&mut self) {
        std::mem::swap(&mut self.current, &mut self.next);
        self.rotated = !self.rotated;
    }

    /// The public half, as PEM.
    pub(crate) fn public_pem(&self) -> String {
        let key: &RsaPrivateKey = self.current.as_ref();
        key.to_public_key().to_public_key_pem(LineEnding::LF).expect("an RSA key has a PEM form")
    }

    /// The token that Zendesk posts when `agent` opens the app at `location`.
    pub(crate) fn sign(
        &self,
        of: &Options,
        location: &str,
        agent: u64,
        options: &SignOptions,
        now: DateTime<Utc>,
    ) -> String {
        let header = json!({"alg": options.alg.as_deref().unwrap_or("RS256"), "typ": "JWT"});
        let issued = now.timestamp() + options.issued_in;
        let host = format!("{}.zendesk.com", of.subdomain);
        let mut claims = json!({
            "iss": options.iss.clone().unwrap_or_else(|| host.clone()),
            "aud": options.aud.clone().unwrap_or_else(|| {
                format!("https://{host}/api/v2/apps/installations/{}.json", of.app.installation_id)
            }),
            "iat": issued,
            "nbf": issued,
            "exp": now.timestamp() + options.exp_in.unwrap_or(60),
            "jti": options.jti.clone().unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string()),
            "qsh": "0".repeat(64),
            "context": {"product": "support", "location": location},
        });
        if !options.omit_sub {
            let sub = options.sub.clone();
            claims["sub"] = json!(sub.unwrap_or_else(|| format!("https://{host}/api/v2/users/{agent}.json")));
        }
        for (name, value) in options.claims.iter().flatten() {
            claims[name] = value.clone();
        }
        let signed = format!("{}.{}", part(&header), part(&claims));
        let key = if options.stranger { &self.stranger } else { &self.current };
        let signature = key.sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn parse(pem: &str) -> SigningKey<Sha256> {
    SigningKey::new(RsaPrivateKey::from_pkcs8_pem(pem).expect("the embedded keys are well formed"))
}
