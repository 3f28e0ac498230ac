//! Section `zendesk`: the account, and how we get in.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::ClientCredentials;
use crate::setting;

/// The Zendesk account.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    #[serde(deserialize_with = "subdomain")]
    pub(crate) subdomain: String,
    #[serde(deserialize_with = "setting::optional_url")]
    base_url: Option<Url>,
    pub(crate) credentials: ClientCredentials,
    #[serde(deserialize_with = "setting::whole::<1, { i64::MAX }, _, _>")]
    pub(crate) app_id: u64,
    pub(crate) webhook_secret: Option<SecretString>,
    #[serde(deserialize_with = "setting::url")]
    pub(crate) sdk_url: Url,
    #[serde(deserialize_with = "hosts")]
    pub(crate) attachment_hosts: Vec<String>,
}

impl Settings {
    /// Where the account's API is: `zendesk.base_url`, or Zendesk's own address for it.
    pub fn base_url(&self) -> Url {
        let own = || format!("https://{}.zendesk.com", self.subdomain).parse();
        self.base_url.clone().unwrap_or_else(|| own().expect("a subdomain is letters, digits and `-`"))
    }
}

fn subdomain<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    setting::text(from, "must be the account's name only: acme for https://acme.zendesk.com", |text| {
        let is_name = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        is_name.then(|| text.to_owned())
    })
}

fn hosts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    setting::list(from, "must be host names, like [\"files.example.com\", \"*.example.com\"]", |host| {
        let is_host = !host.contains(['/', ':', '@']) && !host.trim_start_matches("*.").contains('*');
        is_host.then(|| host.to_owned())
    })
}
