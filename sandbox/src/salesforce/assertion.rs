//! JWT bearer: a signed assertion instead of a person at a page. Docs: "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration".
//! **Invariant:** RS256 only; the audience is the login host or the organization's own.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use rsa::{
    RsaPrivateKey,
    pkcs1v15::{Signature, VerifyingKey},
    pkcs8::DecodePrivateKey as _,
    sha2::Sha256,
    signature::Verifier as _,
};
use serde_json::Value;

use super::{org::Org, refusal::Refusal};
use crate::{credentials, world::World};

/// The flow's name in the form.
pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// The user for whom a good assertion speaks.
pub(crate) fn user(org: &Org, world: &World, assertion: &str, now: DateTime<Utc>) -> Result<String, Refusal> {
    let invalid = || Refusal::oauth("invalid_grant", "invalid assertion");
    let mut parts = assertion.split('.');
    let (Some(head), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(invalid());
    };
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    let json = |part: &str| serde_json::from_slice::<Value>(&decode(part)?).ok();
    let (said, claim) = (json(head).ok_or_else(invalid)?, json(claims).ok_or_else(invalid)?);
    let text = |name: &str| claim[name].as_str().unwrap_or_default();
    if text("iss") != credentials::SALESFORCE_CLIENT_ID {
        return Err(Refusal::oauth("invalid_client_id", "client identifier invalid"));
    }
    let signed = format!("{head}.{claims}");
    let signature = decode(signature).and_then(|bytes| Signature::try_from(bytes.as_slice()).ok());
    let key = RsaPrivateKey::from_pkcs8_pem(credentials::SALESFORCE_JWT_KEY)
        .expect("the sandbox's own key was made by openssl");
    let verifier = VerifyingKey::<Sha256>::new(key.to_public_key());
    if said["alg"] != "RS256"
        || signature.is_none_or(|signature| verifier.verify(signed.as_bytes(), &signature).is_err())
    {
        return Err(invalid());
    }
    let urls = world.urls();
    let here = [urls.salesforce.as_str(), &urls.salesforce_login];
    let vendor = ["https://login.salesforce.com", "https://test.salesforce.com"];
    if !here.iter().chain(&vendor).any(|known| *known == text("aud").trim_end_matches('/')) {
        return Err(Refusal::oauth("invalid_grant", "audience is invalid"));
    }
    let ends = claim["exp"].as_i64().or_else(|| claim["exp"].as_str()?.parse().ok()).unwrap_or_default();
    if ends <= now.timestamp() {
        return Err(invalid());
    }
    let user = org.user_named(text("sub")).filter(|_| org.app.approved.contains(text("sub")));
    user.ok_or_else(|| Refusal::oauth("invalid_grant", "user hasn't approved this consumer"))
}
