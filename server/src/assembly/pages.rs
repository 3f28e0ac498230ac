//! What the pages and the list of plugins are told of the settings.

use crate::{config::Config, features::accounts::PageSettings};

pub(super) fn pages(config: &Config) -> PageSettings {
    PageSettings {
        zendesk_origin: config.zendesk.base_url().origin().ascii_serialization(),
        sdk_url: config.zendesk.sdk_url.clone(),
        flex_origins: config.flex_origins(),
        dials: config.twilio.is_some(),
        public_url: config.server.public_url.as_str().trim_end_matches('/').to_owned(),
    }
}
