//! What the connections of each kind must hold, and how each is tried: a file for each kind.

pub(super) mod database; // MySQL, MariaDB and PostgreSQL
pub(super) mod report; // files
pub(super) mod salesforce;
pub(super) mod zendesk;

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use super::{
    ConnectionError, Connections, Kind, Source, Step, consent::ConsentVendor, oauth_secret::OauthSecret,
    tokens::KeptTokens,
};
use crate::{
    connectors::{CallFailure, Refreshing, Token, VendorError, zendesk::ZendeskError},
    store::connections::{ConnectionRow, Identity},
};

/// What of a secret Deskside writes itself: the tokens of a consent. Nobody types them into the console.
const TOKENS: [&str; 3] = ["refresh_token", "access_token", "renew_at_us"];

/// A request ends after 20 s.
const TEST_TIMEOUT: Duration = Duration::from_secs(15);

/// A connection that is to be tried: one that is kept, or what it shall become.
pub(super) struct Candidate<'a> {
    pub(super) connections: &'a Connections,
    pub(super) id: &'a str,
    pub(super) settings: &'a str,
    /// JSON.
    pub(super) secret: &'a [u8],
    /// Ask the vendor also with what it refused before.
    pub(super) again: bool,
}

/// What a test found.
#[derive(Debug, Default)]
pub(super) struct Tested {
    pub(super) steps: Vec<Step>,
    /// The step that failed may pass by itself: the vendor is away.
    pub(super) is_outage: bool,
    /// Whom the connection acts as, where the test learnt it.
    pub(super) identity: Option<Identity>,
}

impl Tested {
    /// A call failed: says so, and what to do.
    pub(super) async fn call_failed(
        &mut self,
        candidate: &Candidate<'_>,
        step: &'static str,
        error: &(impl VendorError + 'static),
    ) -> Result<(), ConnectionError> {
        self.is_outage = error.is_outage();
        self.steps.push(candidate.failed(step, error).await?);
        Ok(())
    }

    /// Whether every step is well.
    pub(super) fn ok(&self) -> bool {
        self.steps.iter().all(|step| step.ok)
    }
}

/// What is known of a kind whose connections are kept in the database.
#[async_trait]
pub(super) trait KeptKind: Sync {
    /// Settings as they are kept: checked, and spelled in one way.
    fn settings(&self, typed: &str, environment: &str, of: &Connections) -> Result<String, ConnectionError>;

    /// Whether its connections have a secret.
    fn has_secret(&self) -> bool {
        true
    }

    /// Checks a secret of a connection with these settings.
    fn check_secret(&self, settings: &str, secret: &[u8]) -> Result<(), ConnectionError>;

    /// Tries a connection, step by step.
    async fn test(&self, candidate: &Candidate<'_>) -> Result<Tested, ConnectionError>;

    /// What a connection leads to. No network.
    fn source(&self, candidate: &Candidate<'_>) -> Result<Source, ConnectionError>;

    /// Where a connection leads, for people.
    fn address(&self, settings: &Fields) -> String;

    /// Whether what is known of the vendor's account says where a connection leads: its first test asks for it.
    fn is_met(&self, _: &Identity) -> bool {
        true
    }

    /// Where a connection leads, for programs; see [`place`].
    fn place(&self, settings: &Fields, identity: &Identity) -> String;

    /// What an integration reads of its connections, as definitions write it: `` `users`, `organizations` or `tickets` ``.
    fn reads(&self) -> &'static str;

    /// Absent: the vendor does not ask for consent.
    fn oauth(&self) -> Option<&dyn OauthKind> {
        None
    }
}

/// What is known of a vendor that asks for consent.
#[async_trait]
pub(super) trait OauthKind: Sync {
    /// The setting that holds the vendor's address.
    fn host_setting(&self) -> &'static str;

    /// Where an admin gives consent, and where the tokens are.
    fn vendor(&self, settings: &str, connections: &Connections) -> Result<ConsentVendor, ConnectionError>;

    /// Whose access a token is.
    async fn identity(
        &self,
        settings: &str,
        connections: &Connections,
        token: Token,
    ) -> Result<Identity, VendorTrouble>;

    /// Ends tokens at their vendor. Those that it does not accept any more are ended.
    async fn end(
        &self,
        settings: &str,
        connections: &Connections,
        tokens: &OauthSecret,
    ) -> Result<(), VendorTrouble>;

    /// How an admin ends them in the vendor's own pages.
    fn ends_by_hand(&self) -> &'static str;
}

/// The fields of settings, without a kind's rules.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    fn of(settings: &str) -> Self {
        Self(serde_json::from_str(settings).unwrap_or_default())
    }

    /// Empty where it is absent.
    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Where a secret is sent.
    fn host(&self) -> Option<String> {
        if let Some(url) = self.0.get("base_url").and_then(Value::as_str) {
            return Some(url.parse::<Url>().ok()?.origin().ascii_serialization());
        }
        let host = self.0.get("host").and_then(Value::as_str)?;
        let port = self.0.get("port").map(Value::to_string).unwrap_or_default();
        Some(format!("{}:{port}", host.to_ascii_lowercase()))
    }
}

/// Tries a connection, step by step, as long as somebody waits for it.
pub(super) async fn test(kind: Kind, candidate: &Candidate<'_>) -> Result<Tested, ConnectionError> {
    let tested = tokio::time::timeout(TEST_TIMEOUT, kind.kept()?.test(candidate)).await;
    tested.unwrap_or_else(|_| {
        let message = format!("no answer within {} s", TEST_TIMEOUT.as_secs());
        let step =
            Step::failed("connection", message, "see that the address is right, and try again in a minute");
        Ok(Tested { steps: vec![step], is_outage: true, identity: None })
    })
}

/// Where an admin gives consent.
pub(super) fn consent(
    kind: Kind,
    settings: &str,
    connections: &Connections,
) -> Result<ConsentVendor, ConnectionError> {
    let none = || ConnectionError::invalid("kind", "has no consent: use POST /api/connections");
    kind.oauth().ok_or_else(none)?.vendor(settings, connections)
}

/// What came between Deskside and a vendor's answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum VendorTrouble {
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Call(#[from] CallFailure),
    #[error(transparent)]
    Zendesk(#[from] ZendeskError),
}

/// Renews the tokens of a consent, whether or not they are about to end.
pub(super) async fn renew(kind: Kind, candidate: &Candidate<'_>) -> Result<(), CallFailure> {
    let Candidate { connections, id, settings, secret, again } = *candidate;
    let Ok(vendor) = consent(kind, settings, connections) else { return Ok(()) };
    let Ok(kept) = serde_json::from_slice::<OauthSecret>(secret) else { return Ok(()) }; // a client of its own
    let tokens = KeptTokens::new(connections, id, (&vendor.client_id, settings), again);
    let before = kept.access_token.map(SecretString::from);
    tokens.token(&vendor.endpoint, before.as_ref()).await.map(drop)
}

/// Where a connection leads, for people.
pub(super) fn address(kind: Kind, settings: &str) -> String {
    kind.kept().map(|kept| kept.address(&Fields::of(settings))).unwrap_or_default()
}

/// What a connection leads to: two that have the same text reach the same records.
pub(super) fn place(row: &ConnectionRow) -> String {
    match Kind::read(&row.kind).map(Kind::kept) {
        Some(Ok(kept)) => kept.place(&Fields::of(&row.settings), &row.identity),
        Some(Err(_)) | None => row.settings.clone(),
    }
}

/// Whether a connection with these settings has the tokens of a consent.
pub(super) fn is_of_consent(kind: Kind, settings: &str) -> bool {
    kind.oauth().is_some() && ["", "web"].contains(&Fields::of(settings).text("flow"))
}

/// What a person typed of a secret.
pub(super) fn object(secret: &[u8]) -> Result<Map<String, Value>, ConnectionError> {
    read_secret(secret, "with the fields of the kind")
}

/// Where a connection with these settings sends its secret. A secret that is kept is never sent to another place.
pub(super) fn place_of(settings: &str) -> Option<String> {
    Fields::of(settings).host()
}

/// What an admin typed of a secret, laid over what is kept. Empty texts are left out. A new secret is not used with the
/// tokens of the old one.
pub(super) fn merged(
    before: Option<&[u8]>,
    typed: Map<String, Value>,
) -> Result<Option<Vec<u8>>, ConnectionError> {
    let typed: Map<_, _> = typed.into_iter().filter(|(_, value)| value.as_str() != Some("")).collect();
    if let Some((name, _)) = typed.iter().find(|(name, _)| TOKENS.contains(&name.as_str())) {
        let why = "is not typed: it comes from the vendor when an admin gives consent";
        return Err(ConnectionError::invalid(name, why));
    }
    if typed.is_empty() {
        return Ok(None);
    }
    let mut secret: Map<String, Value> =
        before.and_then(|before| serde_json::from_slice(before).ok()).unwrap_or_default();
    secret.retain(|name, _| !["access_token", "renew_at_us"].contains(&name.as_str()));
    secret.extend(typed);
    Ok(Some(serde_json::to_vec(&secret).expect("JSON")))
}

/// Reads the settings of a row, or what shall become of them.
fn read<T: DeserializeOwned>(settings: &str, like: &'static str) -> Result<T, ConnectionError> {
    serde_json::from_str(settings).map_err(|error| misread("the settings", error, like))
}

/// Reads a secret. The reader's error can quote what it read, so only its place is told.
fn read_secret<T: DeserializeOwned>(secret: &[u8], like: &'static str) -> Result<T, ConnectionError> {
    serde_json::from_slice(secret).map_err(|error| {
        let hidden = || serde_json::Error::custom_place(&error);
        match named(&error) {
            Some(_) => misread("the secret", error, like),
            None => ConnectionError::NotJson { what: "the secret", like, source: hidden() },
        }
    })
}

const MISSING: &str = "is missing";

fn misread(what: &'static str, source: serde_json::Error, like: &'static str) -> ConnectionError {
    match named(&source) {
        Some((field, _)) if field == "refresh_token" => {
            ConnectionError::invalid(&field, "is missing: it comes with an admin's consent in the console")
        }
        Some((field, MISSING)) => {
            ConnectionError::invalid(&field, format!("{MISSING} in {what}; docs/connections.md lists them"))
        }
        Some((field, why)) => ConnectionError::Invalid { field, why: why.to_owned() },
        None => ConnectionError::NotJson { what, like, source },
    }
}

/// The field that a reader's error names: one that is missing, or one that nobody knows.
fn named(error: &serde_json::Error) -> Option<(String, &'static str)> {
    let text = error.to_string();
    let field = |after: &str| Some(text.strip_prefix(after)?.split('`').next()?.to_owned());
    field("missing field `")
        .map(|field| (field, MISSING))
        .or_else(|| field("unknown field `").map(|field| (field, "is not a field of this connection kind")))
}

/// Where an error is, without what was read there.
trait Place {
    fn custom_place(error: &serde_json::Error) -> serde_json::Error;
}

impl Place for serde_json::Error {
    fn custom_place(error: &serde_json::Error) -> serde_json::Error {
        serde::de::Error::custom(format!("line {}, column {}", error.line(), error.column()))
    }
}

/// A text that must not be empty or too long.
fn text(field: &str, text: &str, like: &str) -> Result<String, ConnectionError> {
    let text = text.trim();
    if text.is_empty() || text.len() > 500 || text.chars().any(char::is_control) {
        return Err(ConnectionError::invalid(field, format!("must be one line, like {like}")));
    }
    Ok(text.to_owned())
}
