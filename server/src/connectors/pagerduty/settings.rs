//! Section `pagerduty`: with which key, and where it is.

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::setting;

/// Who is paged.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Absent: nobody is.
    pub(crate) routing_key: Option<SecretString>,
    #[serde(deserialize_with = "setting::url")]
    pub(crate) base_url: Url,
}
