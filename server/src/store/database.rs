//! Section `store`: where we remember.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use crate::setting;

/// Where we remember.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// `sqlite://…` or `postgres://…`; may hold a password.
    #[serde(deserialize_with = "address")]
    pub database_url: SecretString,
    /// Connections of one process.
    #[serde(deserialize_with = "setting::whole::<2, 1000, _, _>")]
    pub(crate) max_connections: u32,
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    setting::text(from, "must begin with sqlite:// or postgres://", |text| {
        let is_known =
            ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        is_known.then(|| text.into())
    })
}
