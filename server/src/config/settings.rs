//! What the operator decides, as typed values. Every key, its default and its meaning: `config.default.toml`.
//! **Invariant:** a secret is a `SecretString`, so that no `Debug` prints it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::HeaderName;
use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use super::SealKey;
use super::{Audience, PartAudiences};

/// Everything `deskside serve` needs.
#[derive(Debug, Clone)]
pub struct Config {
    /// The files that the settings and secrets were read from.
    pub files: Vec<PathBuf>,
    /// How we are reached.
    pub server: Server,
    /// Where we remember.
    pub store: Store,
    /// Where archived files go.
    pub archive: Archive,
    /// The Zendesk account.
    pub zendesk: Zendesk,
    /// Where contracts come from, and how old they may be.
    pub contracts: Contracts,
    /// When a card wears which badge.
    pub badges: Badges,
    /// The Twilio account; `None` switches Flex off.
    pub twilio: Option<Twilio>,
    /// Where people are told.
    pub notify: Notify,
    /// How we reach the outside.
    pub net: Net,
}

/// How we are reached.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where `/metrics` is; absent: nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// The header in which proxies write the client's address; absent: the other end of the connection is the client.
    pub client_address_header: Option<HeaderName>,
    /// Proxies of ours.
    pub trusted_proxies: Vec<IpNet>,
    /// Connections at a time.
    pub max_connections: usize,
    /// Connections of one address at a time, proxies excepted; 0: any number.
    pub max_connections_per_address: usize,
    /// As browsers and vendors reach us; without a trailing slash in spirit: use [`Url::join`].
    pub public_url: Url,
    /// Signs bearers, seals secrets; shared by all replicas.
    pub secret_key: Option<SecretString>,
    /// Encrypt what the database keeps secret: the first seals, all open.
    pub seal_keys: Vec<SealKey>,
    /// Jobs at the same time.
    pub workers: usize,
    /// `tracing`'s filter.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Where we remember.
#[derive(Debug, Clone)]
pub struct Store {
    /// `sqlite://…` or `postgres://…`; may hold a password.
    pub database_url: SecretString,
    /// Connections of one process.
    pub max_connections: u32,
}

/// Where archived files go.
#[derive(Debug, Clone)]
pub struct Archive {
    /// A folder, `s3://…`, `gs://…` or `az://…`.
    pub store: String,
    /// S3 only.
    pub s3: S3,
    /// For one whole call of it.
    pub store_timeout: Duration,
    /// Larger files are skipped.
    pub max_file_bytes: u64,
    /// Smaller ones too.
    pub min_file_bytes: u64,
    /// And those whose comment is younger.
    pub min_age_days: u32,
    /// Only these media types; empty: all.
    pub include_types: Vec<String>,
    /// Never these.
    pub exclude_types: Vec<String>,
    /// Whether images inside a comment's text are taken.
    pub inline: bool,
    /// Whether files are taken that somebody of the company sent to the customer.
    pub sent_by_us: bool,
    /// What becomes of infected files that an admin of Zendesk has given free.
    pub infected: Infected,
    /// Tickets with one of these tags are not touched.
    pub hold_tags: Vec<String>,
    /// The tag that starts a run.
    pub trigger_tag: String,
    /// Whether agents who are not admins may start a run.
    pub agents_may_start: bool,
    /// Who may open archived files.
    pub may_open: Audience,
    /// How long a run that an agent started can be undone.
    pub undo_button: Duration,
    /// The same for one that a tag started.
    pub undo_tag: Duration,
    /// The tag of a ticket whose run ended well and that has an archived file; absent: none.
    pub done_tag: Option<String>,
    /// The tag of one whose run failed; absent: none.
    pub failed_tag: Option<String>,
    /// The tag of one whose files are held; absent: none.
    pub held_tag: Option<String>,
    /// The tag of one without an archived file, because they are infected; absent: none.
    pub infected_tag: Option<String>,
    /// The tag of one without an archived file for any other good reason; absent: none.
    pub nothing_tag: Option<String>,
    /// A file of so many bytes or more travels in parts; a smaller one is written at once.
    pub in_parts_from_bytes: usize,
    /// How large a part is.
    pub part_bytes: usize,
}

/// What becomes of an infected file that can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Infected {
    /// It stays.
    Skip,
    /// It is archived, apart from the others.
    Quarantine,
}

/// How to reach an S3 or compatible store.
#[derive(Debug, Clone)]
pub struct S3 {
    /// For compatible stores.
    pub endpoint: Option<Url>,
    /// The bucket's region.
    pub region: Option<String>,
    /// Absent: from the machine's role.
    pub access_key_id: Option<SecretString>,
    /// Its secret.
    pub secret_access_key: Option<SecretString>,
    /// An endpoint without TLS is meant.
    pub allow_http: bool,
    /// Encrypts objects; absent: the bucket's own default does.
    pub kms_key_id: Option<String>,
    /// With it: one data key for many objects.
    pub bucket_key: bool,
}

/// The Zendesk account.
#[derive(Debug, Clone)]
pub struct Zendesk {
    /// The account's name.
    pub subdomain: String,
    /// Where its API is.
    pub base_url: Url,
    /// OAuth client, client credentials.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// Our app's id in this account.
    pub app_id: u64,
    /// Signs Zendesk's webhooks; absent: read from Zendesk.
    pub webhook_secret: Option<SecretString>,
    /// What our token may do.
    pub scope: String,
    /// Where the browser loads ZAF's SDK.
    pub sdk_url: Url,
    /// Hosts that attachments may come from; a leading `*.` stands for any subdomain.
    pub attachment_hosts: Vec<String>,
}

/// Where contracts come from, and how old they may be.
#[derive(Debug, Clone)]
pub struct Contracts {
    /// ISO 4217.
    pub currency: String,
    /// Keys of the user fields that hold the contract.
    pub fields: ContractFields,
    /// Who sees which part of a contract.
    pub visible_to: PartAudiences,
    /// How many customers an agent may look at in an hour.
    pub customers_per_hour: u32,
}

/// Keys of the user fields that hold the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFields {
    /// Company name.
    pub company: String,
    /// Account type.
    pub account_type: String,
    /// Subscription status.
    pub subscription_status: String,
    /// Monthly recurring revenue.
    pub mrr: String,
    /// Contract start.
    pub start: String,
    /// Renewal date.
    pub renewal: String,
    /// Owner.
    pub owner: String,
}

/// When a card wears which badge.
#[derive(Debug, Clone, PartialEq)]
pub struct Badges {
    /// Contracts younger than this are new.
    pub new_customer_months: u32,
    /// Renewals within this are near.
    pub renewal_near_days: u32,
    /// From this on an MRR is high.
    pub high_mrr: f64,
    /// Account types that make a VIP.
    pub vip_account_types: Vec<String>,
    /// User tags that make a VIP.
    pub vip_tags: Vec<String>,
}

/// The Twilio account.
#[derive(Debug, Clone)]
pub struct Twilio {
    /// `AC…`.
    pub account_sid: String,
    /// Checks Twilio's webhooks, and signs in where there is no API key.
    pub auth_token: Option<SecretString>,
    /// Signs in; preferred.
    pub api_key: Option<ApiKey>,
    /// The `TaskRouter` workspace of Flex.
    pub workspace_sid: Option<String>,
    /// Whether `email` in a worker's attributes says which agent they are.
    pub trust_worker_email: bool,
    /// Recordings.
    pub api_url: Url,
    /// Flex tokens.
    pub iam_url: Url,
    /// Workers and tasks.
    pub taskrouter_url: Url,
    /// Transcripts.
    pub conversations_url: Url,
    /// Event Streams.
    pub events_url: Url,
    /// How long a note's link opens its recording.
    pub recording_link_days: u32,
    /// Origins that may frame the panel.
    pub flex_origins: Vec<String>,
}

/// A Twilio API key.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// `SK…`.
    pub sid: String,
    /// Its secret.
    pub secret: SecretString,
}

/// Where people are told.
#[derive(Debug, Clone)]
pub struct Notify {
    /// The URL itself is a secret.
    pub webhook_url: Option<SecretString>,
    /// Signs what is sent there.
    pub secret: Option<SecretString>,
    /// Only the sentence is understood there.
    pub for_slack: bool,
    /// Only what begins to fail, and what works again, is told.
    pub only_changes: bool,
}

/// How we reach the outside.
#[derive(Debug, Clone)]
pub struct Net {
    /// Ranges that may be reached although private, and without TLS.
    pub allow_private: Vec<IpNet>,
    /// For DNS, TCP and TLS together.
    pub connect_timeout: Duration,
    /// For a whole call.
    pub total_timeout: Duration,
}
