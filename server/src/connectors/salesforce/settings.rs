//! Section `salesforce`: where every org signs in, for sandboxes of ours.

use serde::Deserialize;
use url::Url;

use crate::setting;

/// Where Salesforce is.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// In place of `login.salesforce.com` and of every My Domain.
    #[serde(deserialize_with = "setting::optional_url")]
    pub(crate) login_url: Option<Url>,
}
