//! What the operator decides: the built-in `config.default.toml`, then a file, then the environment. Reads those and
//! nothing else. **Invariant:** no secret and no value appears in an error, and no `Debug` prints a secret.

mod archive; // the settings of the archive
mod audience; // who is meant
mod error; // what is wrong, all at once
mod layers; // defaults, file, environment
mod reader; // typed values
mod seal_keys; // keys that encrypt what the database keeps secret
mod settings; // what is decided
mod visible_to; // which parts of a contract are for whom
mod warnings; // what works and is a risk

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use axum::http::HeaderName;
use ipnet::IpNet;
use secrecy::ExposeSecret;

pub use audience::{Audience, Standing, is_among, is_id};
pub use error::{ConfigError, InvalidKey, MissingKey, UnknownKey};
use layers::variable;
use reader::Reader;
pub use seal_keys::SealKey;
pub use settings::{
    ApiKey, Archive, Badges, Config, ContractFields, Contracts, Infected, LogFormat, Net, Notify, S3, Server,
    Store, Twilio, Zendesk,
};
pub use visible_to::{Part, PartAudiences};

/// What may also come from a file named by `…_FILE`.
const SECRETS: &[&str] = &[
    "server.secret_key",
    "server.seal_keys",
    "store.database_url",
    "archive.s3_access_key_id",
    "archive.s3_secret_access_key",
    "zendesk.client_secret",
    "zendesk.webhook_secret",
    "twilio.auth_token",
    "twilio.api_key_secret",
    "notify.secret",
    "notify.webhook_url",
];

impl Config {
    /// Reads everything that serving needs. `env` is the whole environment; what is not ours is passed over.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (layers, files) = layers::read(file, env, SECRETS)?;
        let mut read = Reader::new(&layers);
        let config = Self {
            files,
            server: server(&mut read),
            store: store(&mut read),
            archive: archive::read(&mut read),
            zendesk: zendesk(&mut read),
            contracts: contracts(&mut read),
            badges: badges(&mut read),
            twilio: twilio(&mut read),
            notify: notify(&mut read),
            net: net(&mut read),
        };
        read.finish(config)
    }

    /// Reads only where we remember: enough for `migrate`, which needs no vendor.
    pub fn load_store(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Store, ConfigError> {
        let (layers, _) = layers::read(file, env, SECRETS)?;
        let mut read = Reader::new(&layers);
        let store = store(&mut read);
        read.finish(store)
    }

    /// Where the account's Flex may be.
    pub fn flex_origins(&self) -> Vec<String> {
        self.twilio.as_ref().map(|twilio| twilio.flex_origins.clone()).unwrap_or_default()
    }
}

fn server(read: &mut Reader<'_>) -> Server {
    let secret_key = read.secret("server.secret_key");
    if secret_key.as_ref().is_some_and(|key| key.expose_secret().len() < 32) {
        read.refuse("server.secret_key", "must have at least 32 bytes; `openssl rand -base64 32` makes one");
    }
    let log_format = match read.text("server.log_format").as_str() {
        "text" => LogFormat::Text,
        "json" => LogFormat::Json,
        _ => {
            read.refuse("server.log_format", "must be \"text\" or \"json\"");
            LogFormat::Text
        }
    };
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let metrics_listen = read.optional("server.metrics_listen").map(|_| {
        read.parsed("server.metrics_listen", "an address and a port, like 127.0.0.1:9464", anywhere)
    });
    let client_address_header = read.optional("server.client_address_header").and_then(|name| {
        let name = HeaderName::try_from(name).ok().filter(|name| name != "forwarded");
        if name.is_none() {
            read.refuse(
                "server.client_address_header",
                "must be a header that holds addresses only, like X-Forwarded-For; `Forwarded` is not read",
            );
        }
        name
    });
    Server {
        listen: read.parsed("server.listen", "an address and a port, like 127.0.0.1:8080", anywhere),
        metrics_listen,
        client_address_header,
        trusted_proxies: ranges(read, "server.trusted_proxies"),
        max_connections: read.number("server.max_connections", 16, 1_000_000),
        max_connections_per_address: read.number("server.max_connections_per_address", 0, 1_000_000),
        public_url: read.required_url(
            "server.public_url",
            "the address by which browsers and vendors reach this server, like https://deskside.example.com",
        ),
        secret_key,
        seal_keys: seal_keys::read(read),
        workers: read.number("server.workers", 1, 256),
        log: read.filled("server.log"),
        log_format,
    }
}

fn store(read: &mut Reader<'_>) -> Store {
    let database_url = read.filled("store.database_url");
    let known =
        ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| database_url.starts_with(scheme));
    if !known && !database_url.is_empty() {
        read.refuse("store.database_url", "must begin with sqlite:// or postgres://");
    }
    Store {
        database_url: database_url.into(),
        max_connections: read.number("store.max_connections", 2, 1000),
    }
}

fn zendesk(read: &mut Reader<'_>) -> Zendesk {
    let subdomain =
        read.required("zendesk.subdomain", "the Zendesk account's name: acme for https://acme.zendesk.com");
    if !subdomain.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
        read.refuse(
            "zendesk.subdomain",
            "must be the account's name only: acme for https://acme.zendesk.com",
        );
    }
    if read.is_zero("zendesk.app_id") {
        read.missing("zendesk.app_id", "the number of the installed app, whose key signs its pages");
    }
    Zendesk {
        base_url: read.url_or("zendesk.base_url", &format!("https://{subdomain}.zendesk.com")),
        subdomain,
        client_id: read
            .required("zendesk.client_id", "the OAuth client with which Deskside signs in to Zendesk"),
        client_secret: read.required_secret("zendesk.client_secret", "that OAuth client's secret"),
        app_id: read.number("zendesk.app_id", 0, i64::MAX),
        webhook_secret: read.secret("zendesk.webhook_secret"),
        scope: read.filled("zendesk.scope"),
        sdk_url: read.url_or("zendesk.sdk_url", "https://static.zdassets.com"),
        attachment_hosts: hosts(read, "zendesk.attachment_hosts"),
    }
}

fn contracts(read: &mut Reader<'_>) -> Contracts {
    let currency = read.text("contracts.currency");
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        read.refuse("contracts.currency", "must be three capital letters, like USD");
    }
    Contracts {
        currency,
        fields: ContractFields {
            company: read.filled("contracts.field_company"),
            account_type: read.filled("contracts.field_account_type"),
            subscription_status: read.filled("contracts.field_subscription_status"),
            mrr: read.filled("contracts.field_mrr"),
            start: read.filled("contracts.field_start"),
            renewal: read.filled("contracts.field_renewal"),
            owner: read.filled("contracts.field_owner"),
        },
        visible_to: visible_to::read(read),
        customers_per_hour: read.number("contracts.customers_per_hour", 1, 100_000),
    }
}

fn badges(read: &mut Reader<'_>) -> Badges {
    Badges {
        new_customer_months: read.number("badges.new_customer_months", 0, 1200),
        renewal_near_days: read.number("badges.renewal_near_days", 0, 36_500),
        high_mrr: read.amount("badges.high_mrr"),
        vip_account_types: read.list("badges.vip_account_types"),
        vip_tags: read.tags("badges.vip_tags"),
    }
}

fn twilio(read: &mut Reader<'_>) -> Option<Twilio> {
    let account_sid = read.optional("twilio.account_sid")?;
    let auth_token = read.secret("twilio.auth_token");
    let api_key = match (read.optional("twilio.api_key_sid"), read.secret("twilio.api_key_secret")) {
        (Some(sid), Some(secret)) => Some(ApiKey { sid, secret }),
        (Some(_), None) => {
            read.missing("twilio.api_key_secret", "the secret of `twilio.api_key_sid`");
            None
        }
        (None, Some(_)) => {
            read.missing("twilio.api_key_sid", "the key that `twilio.api_key_secret` belongs to");
            None
        }
        (None, None) => {
            if auth_token.is_none() {
                read.missing("twilio.auth_token", "signs in to Twilio, unless there is an API key");
            }
            None
        }
    };
    let flex_origins = read.list("twilio.flex_origins");
    if !flex_origins.iter().all(|text| is_origin(text)) {
        read.refuse("twilio.flex_origins", "must be origins without a path, like https://flex.twilio.com");
    }
    Some(Twilio {
        account_sid,
        auth_token,
        api_key,
        workspace_sid: read.optional("twilio.workspace_sid"),
        trust_worker_email: read.flag("twilio.trust_worker_email"),
        api_url: read.url_or("twilio.api_url", "https://api.twilio.com"),
        iam_url: read.url_or("twilio.iam_url", "https://iam.twilio.com"),
        taskrouter_url: read.url_or("twilio.taskrouter_url", "https://taskrouter.twilio.com"),
        conversations_url: read.url_or("twilio.conversations_url", "https://conversations.twilio.com"),
        events_url: read.url_or("twilio.events_url", "https://events.twilio.com"),
        recording_link_days: read.number("twilio.recording_link_days", 1, 3_650),
        flex_origins,
    })
}

fn net(read: &mut Reader<'_>) -> Net {
    let allow_private = ranges(read, "net.allow_private");
    let connect: u64 = read.number("net.connect_timeout_s", 1, 60);
    let total: u64 = read.number("net.total_timeout_s", 1, 600);
    Net {
        allow_private,
        connect_timeout: Duration::from_secs(connect),
        total_timeout: Duration::from_secs(total),
    }
}

/// Address ranges; an address alone is a range of one.
fn ranges(read: &mut Reader<'_>, key: &str) -> Vec<IpNet> {
    let texts = read.list(key);
    let range = |text: &String| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok();
    texts.iter().map(range).collect::<Option<_>>().unwrap_or_else(|| {
        read.refuse(key, "must be address ranges, like [\"127.0.0.0/8\", \"::1/128\"]");
        Vec::new()
    })
}

fn notify(read: &mut Reader<'_>) -> Notify {
    Notify {
        webhook_url: webhook(read, "notify.webhook_url"),
        secret: read.secret("notify.secret"),
        for_slack: one_of(read, "notify.format", ["json", "slack"]),
        only_changes: one_of(read, "notify.when", ["every", "changes"]),
    }
}

/// Whether it is the second of two words.
fn one_of(read: &mut Reader<'_>, key: &str, words: [&str; 2]) -> bool {
    let word = read.text(key);
    if !words.contains(&word.as_str()) {
        read.refuse(key, format_args!("must be {} or {}", words[0], words[1]));
    }
    word == words[1]
}

/// An address whose path is the secret.
fn webhook(read: &mut Reader<'_>, key: &str) -> Option<secrecy::SecretString> {
    let text = read.optional(key)?;
    if !url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host()) {
        read.refuse(key, "must be an address like https://hooks.example.com/path");
    }
    Some(text.into())
}

fn hosts(read: &mut Reader<'_>, key: &str) -> Vec<String> {
    let hosts = read.list(key);
    let is_host =
        |host: &String| !host.contains(['/', ':', '@']) && !host.trim_start_matches("*.").contains('*');
    if !hosts.iter().all(is_host) {
        read.refuse(key, "must be host names, like [\"files.example.com\", \"*.example.com\"]");
    }
    hosts
}

fn is_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == text)
}

#[cfg(test)]
mod tests;
