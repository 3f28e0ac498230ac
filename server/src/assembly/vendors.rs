//! Whom we talk to: a client for every vendor that the settings name, and the archive's store. **Invariant:** no network.

use crate::{
    clock::Clock,
    config::{self, Config},
    connectors::{
        self,
        objects::{Objects, ObjectsError, ObjectsSettings},
        twilio::{self, TwilioClient},
        zendesk::{ClientCredentials, ZendeskClient},
    },
};

/// The vendors of one account.
pub struct Vendors {
    /// The Zendesk account.
    pub zendesk: ZendeskClient,
    /// The Twilio account, where there is one.
    pub twilio: Option<TwilioClient>,
}

/// Clients for every vendor that the settings name. No network.
pub fn vendors(config: &Config, clock: &Clock) -> Vendors {
    vendors_over(&connectors::http_client(&net(config)), config, clock)
}

/// The same, over a pool of connections that accounts share.
pub(super) fn vendors_over(client: &reqwest::Client, config: &Config, clock: &Clock) -> Vendors {
    let net = net(config);
    let credentials = ClientCredentials {
        client_id: config.zendesk.client_id.clone(),
        client_secret: config.zendesk.client_secret.clone(),
        scope: config.zendesk.scope.clone(),
    };
    let zendesk = ZendeskClient::new(
        client.clone(),
        config.zendesk.base_url.clone(),
        credentials,
        clock.clone(),
        config.zendesk.attachment_hosts.clone(),
        net.clone(),
    )
    .with_file_limit(config.archive.max_file_bytes);
    let twilio = config.twilio.as_ref().and_then(|settings| {
        let urls = twilio::Urls {
            iam: settings.iam_url.clone(),
            taskrouter: settings.taskrouter_url.clone(),
            conversations: settings.conversations_url.clone(),
            api: settings.api_url.clone(),
            events: settings.events_url.clone(),
        };
        let auth = match (&settings.api_key, &settings.auth_token) {
            (Some(key), _) => twilio::Auth::ApiKey { sid: key.sid.clone(), secret: key.secret.clone() },
            (None, Some(token)) => twilio::Auth::Token(token.clone()),
            (None, None) => return None,
        };
        let account = settings.account_sid.clone();
        Some(TwilioClient::new(client.clone(), urls, account, auth, clock.clone(), net.clone()))
    });
    Vendors { zendesk, twilio }
}

/// The archive's store. No network; a folder is made if it is missing.
pub fn objects(archive: &config::Archive) -> Result<Objects, ObjectsError> {
    use secrecy::ExposeSecret;
    Objects::open(&ObjectsSettings {
        address: archive.store.clone(),
        s3_endpoint: archive.s3.endpoint.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
        s3_region: archive.s3.region.clone(),
        s3_access_key_id: archive.s3.access_key_id.as_ref().map(|id| id.expose_secret().to_owned()),
        s3_secret_access_key: archive.s3.secret_access_key.clone(),
        s3_allow_http: archive.s3.allow_http,
        s3_kms_key_id: archive.s3.kms_key_id.clone(),
        s3_bucket_key: archive.s3.bucket_key,
        timeout: archive.store_timeout,
    })
}

/// How the outside is reached.
pub(super) fn net(config: &Config) -> connectors::Net {
    connectors::Net {
        allow_private: config.net.allow_private.clone(),
        connect_timeout: config.net.connect_timeout,
        total_timeout: config.net.total_timeout,
    }
}
