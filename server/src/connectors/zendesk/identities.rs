//! The ways to reach a user. Docs: <https://developer.zendesk.com/api-reference/ticketing/users/user_identities/>.

use serde::Deserialize;

use super::{UserId, ZendeskClient, ZendeskError};

#[derive(Deserialize)]
struct Identity {
    /// `email`, `phone_number`, `twitter`, ….
    #[serde(rename = "type")]
    kind: String,
    value: String,
    #[serde(default)]
    primary: bool,
}

impl ZendeskClient {
    /// Every e-mail address of a user, the primary one first.
    pub async fn email_addresses(&self, user: UserId) -> Result<Vec<String>, ZendeskError> {
        const CALL: &str = "GET /api/v2/users/{id}/identities";
        let url = self.url(&format!("/api/v2/users/{user}/identities"));
        let identities = self.all::<Identity>(CALL, url, "identities").await?;
        let mut addresses: Vec<_> =
            identities.into_readable().into_iter().filter(|identity| identity.kind == "email").collect();
        addresses.sort_by_key(|identity| !identity.primary);
        Ok(addresses.into_iter().map(|identity| identity.value).collect())
    }
}
