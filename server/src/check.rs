//! `deskside check`: tries every connection, and says what is wrong and how to mend it.

mod named; // what settings name in Zendesk

use std::{
    collections::BTreeSet,
    error::Error,
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};

use crate::{
    assembly::{self, Vendors},
    at_rest,
    causes::{causes, innermost},
    clock::Clock,
    config::Config,
    connect::flex,
    connections,
    connectors::{
        FailureKind, VendorError,
        objects::{self, ObjectsError},
        twilio::{TwilioClient, TwilioError},
        zendesk::{Role, ZendeskClient, ZendeskError},
    },
    finding::{Finding, Verdict, bad, good, warn},
    keys,
    queue::Queue,
    serve::CLOCKS_DIFFER,
    store::{Db, StoreError},
};

/// Every finding, in the order in which they should be mended.
pub async fn check(config: &Config, clock: &Clock) -> Vec<Finding> {
    let Vendors { zendesk, twilio } = assembly::vendors(config, clock);
    let mut findings = vec![server(config)];
    findings.extend(client_addresses(config));
    findings.extend(config.weak_keys().into_iter().map(|words| warn("keys", words)));
    findings.extend(config.read_from.retired.iter().map(|words| warn("settings", words)));
    findings.extend(config.salesforce_elsewhere().map(|words| warn("salesforce", words)));
    findings.extend(at_rest::readable_by_others(config).into_iter().map(|words| warn("at rest", words)));
    findings.extend(database(config, clock).await);
    findings.extend(kept_connections(config, clock).await);
    findings.push(archive(config, clock).await);
    findings.extend(check_zendesk(config, &zendesk).await);
    let found = check_twilio(config, twilio.as_ref()).await;
    let answers = found.verdict != Verdict::Bad;
    findings.push(found);
    if let Some(twilio) = twilio.filter(|_| answers) {
        findings.push(check_flex_events(config, &twilio).await);
    }
    findings
}

async fn archive(config: &Config, clock: &Clock) -> Finding {
    let name = format!("deskside-check-{}", clock.now().timestamp_micros());
    // Opening a folder makes it, and that is the server's work.
    let folder = objects::local_folder(&config.archive.objects.address);
    let made = folder.as_deref().map(missing_folders).unwrap_or_default();
    let found = try_archive(config, &name).await;
    for folder in &made {
        let _ = std::fs::remove_dir(folder); // only where it is empty
    }
    found
}

/// What is not there yet of a folder's path, the deepest first.
fn missing_folders(folder: &Path) -> Vec<PathBuf> {
    folder.ancestors().take_while(|folder| !folder.exists()).map(ToOwned::to_owned).collect()
}

async fn try_archive(config: &Config, name: &str) -> Finding {
    const WHAT: &str = "archive";
    let objects = match assembly::objects(config) {
        Ok(objects) => objects,
        Err(error) => return bad(WHAT, error.to_string()),
    };
    let address = objects.address();
    match objects.probe(name).await {
        Ok(Ok(())) => good(WHAT, format!("{address} can be written, read and deleted")),
        Ok(Err(ObjectsError::Denied { code, .. })) => warn(
            WHAT,
            format!(
                "{address} can be written and read, and refuses `delete`{}, which is good for an archive. What follows: each \
                 file of more than `archive.part_mb` leaves a second object whose name ends with `.incoming`, and this check \
                 has left {name}; let a lifecycle rule of the bucket expire them",
                code.map_or(String::new(), |code| format!(" ({code})"))
            ),
        ),
        Ok(Err(error)) | Err(error) => {
            let words = match &error {
                ObjectsError::Unavailable { .. } => with_reason(&error),
                _ => error.to_string(),
            };
            bad(WHAT, format!("{address}: {words} ({})", archive_setting(&error)))
        }
    }
}

/// Connections that admins and operators keep in the database. That it does not open has been said.
async fn kept_connections(config: &Config, clock: &Clock) -> Vec<Finding> {
    let tried = Db::during(config.store.database_url.expose_secret(), 2, async |db| {
        let connections = assembly::connections(config, clock, db, config.account()).await?;
        connections::findings(&connections).await
    });
    tried.await.unwrap_or_default()
}

fn archive_setting(error: &ObjectsError) -> &'static str {
    match error {
        ObjectsError::Credentials { .. } => "`archive.s3_access_key_id`, `archive.s3_secret_access_key`",
        ObjectsError::Key { .. } => "`archive.s3_kms_key_id`",
        ObjectsError::Elsewhere { .. } => "`archive.s3_region`, `archive.s3_endpoint`",
        ObjectsError::Clock { .. } => "this server's clock",
        ObjectsError::Unavailable { .. } => "`archive.store`, `archive.s3_endpoint`",
        _ => "`archive.store`",
    }
}

fn server(config: &Config) -> Finding {
    let url = &config.server.public_url;
    if config.is_public_without_tls() {
        return bad(
            "server",
            format!("`server.public_url` = {url}: Zendesk and Flex frame https pages only"),
        );
    }
    if config.server.keys.secret_key.is_none() && config.server.keys.seal_keys.is_empty() {
        let words = "`server.secret_key` and `server.seal_keys` are not set: sessions are signed with a key kept in the \
                     database. Set one of them where others can read the database";
        return warn("server", words);
    }
    good("server", format!("public at {url}"))
}

/// Behind a proxy every client has the proxy's address, unless a header says otherwise.
fn client_addresses(config: &Config) -> Option<Finding> {
    let server = &config.server;
    let has_proxy = server.clients.proxies.iter().any(|range| !range.network().is_loopback());
    (has_proxy && server.clients.header.is_none()).then(|| {
        warn(
            "client addresses",
            "`server.trusted_proxies` names proxies and `server.client_address_header` is not set: all clients share the \
             proxy's address, and so one count of failed sign-ins. Name the header in which the proxy writes the address",
        )
    })
}

async fn database(config: &Config, clock: &Clock) -> Vec<Finding> {
    const WHAT: &str = "database";
    let opened = Db::during(config.store.database_url.expose_secret(), 1, async |db| {
        db.probe_write().await?;
        let queue = Queue::new(db.clone(), clock.clone());
        let ahead = queue.follow_database().await?;
        let is_another = assembly::staging_folder(config, &queue).is_another().await;
        Ok::<_, StoreError>((db.is_postgres(), (ahead, is_another), keys::findings_of(config, &db).await?))
    });
    let (is_postgres, (ahead, is_another), of_keys) = match opened.await {
        Ok(found) => found,
        Err(error) => return vec![bad(WHAT, with_setting(error.to_string(), "`store.database_url`"))],
    };
    let place = config.store.file().filter(|_| !is_postgres).map_or_else(
        || "PostgreSQL".to_owned(),
        |file| format!("SQLite at {} (one replica only)", file.display()),
    );
    let words = format!("{place}, schema version {}, up to date", Db::schema_version());
    let mut findings = vec![good(WHAT, words)];
    if let Some(ahead) = ahead.filter(|ahead| ahead.abs() > CLOCKS_DIFFER) {
        let words = format!(
            "this machine's clock is {} s ahead of the database's clock, which times leases and waits; synchronize both by NTP",
            ahead.num_seconds()
        );
        findings.push(warn("clock", words));
    }
    if is_another == Some(true) {
        let words = format!(
            "{} (`staging.store`) is not the folder that a living worker uses: a worker here would leave integrations to the others; let \
             all workers use one folder, on a disk that they share",
            config.staging.folder.display()
        );
        findings.push(warn("staging", words));
    }
    findings.extend(of_keys);
    findings
}

/// Names the setting, unless the sentence does.
fn with_setting(words: String, setting: &str) -> String {
    if words.contains(setting) { words } else { format!("{words} ({setting})") }
}

async fn check_zendesk(config: &Config, zendesk: &ZendeskClient) -> Vec<Finding> {
    let me = match zendesk.me().await {
        Ok(me) => me,
        Err(error) => return vec![bad("zendesk", zendesk_words(config, &error))],
    };
    let mut findings = vec![match me.role {
        Role::Admin => {
            good("zendesk", format!("{} answers; connected as an admin", config.zendesk.base_url()))
        }
        _ => warn(
            "zendesk",
            "connected, but not as an admin, which redaction and user fields need. Assign the OAuth client to an admin",
        ),
    }];
    findings.push(match zendesk.current_token().await {
        Ok(token) => {
            let asked: BTreeSet<&str> = config.zendesk.credentials.scope.split_whitespace().collect();
            let granted: BTreeSet<&str> = token.scopes.iter().map(String::as_str).collect();
            let missing: Vec<_> = asked.difference(&granted).copied().collect();
            if missing.is_empty() {
                good("zendesk scope", config.zendesk.credentials.scope.clone())
            } else {
                bad(
                    "zendesk scope",
                    format!("`zendesk.scope` asks for {}, which Zendesk did not grant", missing.join(", ")),
                )
            }
        }
        Err(error) => bad("zendesk scope", zendesk_words(config, &error)),
    });
    findings.push(match zendesk.app_public_key(config.zendesk.app_id).await {
        Ok(_) => good("zendesk app", format!("app {} has a signing key", config.zendesk.app_id)),
        Err(error) if error.is(FailureKind::NotFound) => bad(
            "zendesk app",
            format!("Zendesk has no app {}: correct `zendesk.app_id`", config.zendesk.app_id),
        ),
        Err(error) => bad("zendesk app", zendesk_words(config, &error)),
    });
    findings.extend(user_fields(config, zendesk).await);
    findings.extend(named::audiences(config, zendesk).await);
    findings
}

async fn user_fields(config: &Config, zendesk: &ZendeskClient) -> Vec<Finding> {
    let fields = &config.contracts.fields;
    let wanted = [
        ("contracts.field_company", &fields.company),
        ("contracts.field_account_type", &fields.account_type),
        ("contracts.field_subscription_status", &fields.subscription_status),
        ("contracts.field_mrr", &fields.mrr),
        ("contracts.field_start", &fields.start),
        ("contracts.field_renewal", &fields.renewal),
        ("contracts.field_owner", &fields.owner),
    ];
    match zendesk.user_fields().await {
        Ok(known) => {
            let parts = named::parts(config, &known);
            let known: BTreeSet<_> = known.iter().map(|field| field.key.as_str()).collect();
            let missing: Vec<_> = wanted
                .iter()
                .filter(|(_, key)| !known.contains(key.as_str()))
                .map(|(setting, key)| format!("{key} (`{setting}`)"))
                .collect();
            let found = if missing.is_empty() {
                good("user fields", "all seven exist")
            } else {
                warn(
                    "user fields",
                    format!("Zendesk has no user field {}: cards show less", missing.join(", ")),
                )
            };
            [found].into_iter().chain(parts).collect()
        }
        Err(error) => vec![bad("user fields", zendesk_words(config, &error))],
    }
}

/// The error and its innermost cause, such as "Connection refused": the libraries between them say nothing that helps.
fn with_reason(error: &dyn Error) -> String {
    match innermost(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// A vendor's fault, and the settings that mend it.
fn vendor_words(error: &impl VendorError) -> String {
    let settings = &error.remedy().0.settings;
    let setting = match error.kind() {
        FailureKind::Credentials | FailureKind::Token | FailureKind::Grant | FailureKind::OauthClient => {
            settings.credentials
        }
        FailureKind::Scope | FailureKind::Forbidden => settings.permission,
        // The cause says what to do.
        FailureKind::Blocked if error.source().is_some() => {
            return with_setting(causes(error), settings.address);
        }
        FailureKind::Blocked => settings.allowed_hosts,
        FailureKind::Unavailable => return format!("{} ({})", with_reason(error), settings.address),
        _ => settings.address,
    };
    format!("{error} ({setting})")
}

fn zendesk_words(config: &Config, error: &ZendeskError) -> String {
    format!("{}: {}", config.zendesk.base_url(), vendor_words(error))
}

/// Twilio has no call that only says who we are; it answers a token that nobody has with "not valid" if, and only if,
/// it knows us.
async fn check_twilio(config: &Config, twilio: Option<&TwilioClient>) -> Finding {
    let Some(twilio) = twilio else {
        return warn(
            "twilio",
            "not connected: `twilio.account_sid` and a token or key are not set; Flex is off",
        );
    };
    match twilio.validate_flex_token(&SecretString::from("deskside-check")).await {
        Ok(_) | Err(TwilioError::InvalidToken) => {
            match config.twilio.as_ref().and_then(|t| t.workspace_sid.as_ref()) {
                Some(_) => good("twilio", "credentials are accepted"),
                None => warn(
                    "twilio",
                    "credentials are accepted; `twilio.workspace_sid` is not set: calls are shown but not logged, and agents \
                     are matched by their login's e-mail",
                ),
            }
        }
        Err(error) => bad("twilio", vendor_words(&error)),
    }
}

/// What Twilio tells is refused where it cannot be checked, and then a browser that is closed at the wrong moment loses a note.
async fn check_flex_events(config: &Config, twilio: &TwilioClient) -> Finding {
    const WHAT: &str = "flex events";
    let endpoint = flex::endpoint(&config.server.public_url);
    let can_be_checked = config.twilio.as_ref().is_some_and(|twilio| twilio.auth_token.is_some());
    let told = match twilio.sinks().await {
        Ok(sinks) => sinks.iter().any(|sink| flex::leads_to(sink, &endpoint)),
        Err(error) => {
            let words = format!("{error} (`twilio.events_url`, or a key that may not see Event Streams)");
            return warn(WHAT, words);
        }
    };
    match (told, can_be_checked) {
        (true, true) => good(WHAT, format!("Twilio sends events to {endpoint}")),
        (true, false) => bad(
            WHAT,
            format!(
                "Twilio sends events to {endpoint}, but each delivery is refused: set `twilio.auth_token` to the account's \
                 primary auth token, which signs them"
            ),
        ),
        (false, true) => warn(
            WHAT,
            "Twilio sends no events: a call is not logged when the agent's browser is closed. Run `deskside connect flex`, unless \
             the workspace's event callback is this server",
        ),
        (false, false) => warn(
            WHAT,
            "`twilio.auth_token` is not set, so Twilio's events could not be verified: a call is not logged when the agent's browser \
             is closed. Set it, then run `deskside connect flex`",
        ),
    }
}
