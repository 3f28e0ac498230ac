//! What the operator reads when settings are right, wrong or missing.

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

mod cluster; // who runs models
mod manual; // the manual and the settings are the same

/// The least that serves.
const NEEDED: &str = r#"
[server]
public_url = "https://deskside.example.com"
[zendesk]
subdomain = "acme"
client_id = "deskside"
client_secret = "hush-hush"
app_id = 7
"#;

fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = (String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
}

fn load(file: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("deskside.toml");
    std::fs::write(&path, file).expect("a file");
    Config::load(Some(&path), env(variables)).map_err(|error| {
        let text = error.to_string().replace(&path.display().to_string(), "deskside.toml");
        format!("{}: {text}", error.code().as_str())
    })
}

fn works(file: &str, variables: &[(&str, &str)]) -> Config {
    load(file, variables).expect("usable settings")
}

#[track_caller]
fn check(file: &str, variables: &[(&str, &str)], expected: &str) {
    assert_eq!(load(file, variables).expect_err("settings that cannot be used"), expected);
}

#[test]
fn the_least_that_serves_is_five_settings() {
    let config = works(NEEDED, &[]);
    assert_eq!(config.zendesk.base_url().as_str(), "https://acme.zendesk.com/");
    assert_eq!(config.zendesk.credentials.client_secret.expose_secret(), "hush-hush");
    assert_eq!(config.zendesk.attachment_hosts, ["*.zdusercontent.com"]);
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    let (database, archive) = (config.store.file().expect("a file"), &config.archive.objects.address);
    assert!(database.is_absolute() && database.ends_with("deskside.db"), "{}", database.display());
    assert_eq!(Some(database.with_file_name("archive").as_path()), Some(std::path::Path::new(archive)));
    assert_eq!(config.archive.runs.policy.max_bytes, 2 * 1024 * 1024 * 1024);
    assert_eq!(config.archive.runs.parts.bytes, 5 * 1024 * 1024);
    assert!(
        config.twilio.is_none()
            && config.server.keys.secret_key.is_none()
            && config.net.allow_private.is_empty()
    );
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let config = works(
        &format!("{NEEDED}\n[badges]\nhigh_mrr = 12.5\nvip_tags = []\n"),
        &[
            ("DESKSIDE_ZENDESK__APP_ID", "99"),
            ("DESKSIDE_ZENDESK__BASE_URL", "http://127.0.0.1:4001"),
            ("DESKSIDE_BADGES__VIP_ACCOUNT_TYPES", "Enterprise, Key Account,"),
            ("DESKSIDE_NET__ALLOW_PRIVATE", "127.0.0.0/8,::1"),
            ("DESKSIDE_ARCHIVE__S3_ALLOW_HTTP", "true"),
            ("PATH", "/usr/bin"),
        ],
    );
    assert_eq!(config.zendesk.app_id, 99);
    assert_eq!(config.zendesk.base_url().as_str(), "http://127.0.0.1:4001/");
    assert!((config.contracts.thresholds.high_mrr - 12.5).abs() < f64::EPSILON, "by its former name");
    assert_eq!(config.badges.vip_account_types, ["Enterprise", "Key Account"]);
    assert_eq!(config.badges.vip_tags, Vec::<String>::new());
    assert_eq!(
        config.net.allow_private.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["127.0.0.0/8", "::1/128"]
    );
    assert!(config.archive.objects.s3_allow_http);
}

#[test]
fn all_that_is_missing_is_listed_at_once_with_what_it_is_for() {
    check(
        "",
        &[],
        "config_missing: required settings are missing:
  `server.public_url`: The address by which browsers and vendors reach this server, https in production, like https://deskside.example.com (environment: DESKSIDE_SERVER__PUBLIC_URL)
  `zendesk.subdomain`: The Zendesk account's name: acme for https://acme.zendesk.com (environment: DESKSIDE_ZENDESK__SUBDOMAIN)
  `zendesk.client_id`: The identifier of a confidential OAuth client (Admin Center, Apps and integrations, APIs, OAuth clients) (environment: DESKSIDE_ZENDESK__CLIENT_ID)
  `zendesk.client_secret`: That OAuth client's secret; Zendesk shows it once (environment: DESKSIDE_ZENDESK__CLIENT_SECRET)
  `zendesk.app_id`: The number of the installed Deskside app; its pages are signed with this app's key (environment: DESKSIDE_ZENDESK__APP_ID)",
    );
}

#[test]
fn problems_of_every_kind_and_layer_are_listed_at_once() {
    check(
        "[server]\nlisten = \"everywhere\"\npubic_url = \"https://deskside.example.com\"\n[zendesk]\nsubdomain = \"acme\"\napp_id = 7\n",
        &[("DESKSIDE_ZENDSK__CLIENT_ID", "deskside"), ("DESKSIDE_ZENDESK__CLIENT_SECRET_FILE", "/nowhere/secret")],
        "config_unknown_key: unknown settings:
  `server.pubic_url` in deskside.toml:3; did you mean `server.public_url`?
  `DESKSIDE_ZENDSK__CLIENT_ID` in the environment; did you mean `DESKSIDE_ZENDESK__CLIENT_ID`?
invalid settings:
  `zendesk.client_secret` in DESKSIDE_ZENDESK__CLIENT_SECRET_FILE names /nowhere/secret, which cannot be read (No such file or directory (os error 2)); check the path and that this user may read it
  `server.listen` in deskside.toml:2 must be an address and a port, like 127.0.0.1:8080
required settings are missing:
  `server.public_url`: The address by which browsers and vendors reach this server, https in production, like https://deskside.example.com (environment: DESKSIDE_SERVER__PUBLIC_URL)
  `zendesk.client_id`: The identifier of a confidential OAuth client (Admin Center, Apps and integrations, APIs, OAuth clients) (environment: DESKSIDE_ZENDESK__CLIENT_ID)",
    );
}

#[test]
fn half_of_a_pair_asks_for_the_other_half() {
    check(
        NEEDED,
        &[("DESKSIDE_TWILIO__ACCOUNT_SID", "AC1"), ("DESKSIDE_TWILIO__API_KEY_SID", "SK1")],
        "config_missing: required settings are missing:
  `twilio.api_key_secret`: the secret of `twilio.api_key_sid` (environment: DESKSIDE_TWILIO__API_KEY_SECRET)",
    );
    check(
        NEEDED,
        &[("DESKSIDE_TWILIO__ACCOUNT_SID", "AC1"), ("DESKSIDE_ARCHIVE__S3_SECRET_ACCESS_KEY", "hush")],
        "config_missing: required settings are missing:
  `archive.s3_access_key_id`: the key that `archive.s3_secret_access_key` belongs to (environment: DESKSIDE_ARCHIVE__S3_ACCESS_KEY_ID)
  `twilio.auth_token`: signs in to Twilio, unless there is an API key (environment: DESKSIDE_TWILIO__AUTH_TOKEN)",
    );
}

#[test]
fn a_retired_setting_does_not_stop_the_server() {
    let file = format!("{NEEDED}[braze]\nbase_url = \"https://rest.example.com\"\n");
    let config = works(&file, &[("DESKSIDE_CONTRACTS__LIVE_MAX_AGE_MINUTES", "15")]);
    let retired = config.read_from.retired.join("\n");
    assert!(retired.contains("`braze.base_url` in ") && retired.contains("deskside.toml:10 does nothing"));
    let variable =
        "`contracts.live_max_age_minutes` in DESKSIDE_CONTRACTS__LIVE_MAX_AGE_MINUTES does nothing any more";
    assert!(retired.contains(variable), "{retired}");
}

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    check(
        &format!("{NEEDED}subdomian = \"acme\"\n[archvie]\nstore = \"x\"\n"),
        &[],
        "config_unknown_key: unknown settings:
  `archvie.store` in deskside.toml:11; did you mean `archive.store`?
  `zendesk.subdomian` in deskside.toml:9; did you mean `zendesk.subdomain`?",
    );
    check(
        &format!("listen = \"0.0.0.0:80\"\n{NEEDED}"),
        &[],
        "config_unknown_key: unknown settings:\n  `listen` in deskside.toml:1",
    );
    check(
        NEEDED,
        &[
            ("DESKSIDE_SERVER_LISTEN", "0.0.0.0:80"),
            ("DESKSIDE_ARCHVE__STORE", "x"),
            ("DESKSIDE_SERVER__PORT", "80"),
            ("DESKSIDE_ZENDESK__CLIENT_ID_FILE", "/run/id"),
        ],
        "config_unknown_key: unknown settings:
  `DESKSIDE_SERVER_LISTEN` in the environment; did you mean `DESKSIDE_SERVER__LISTEN`?
  `DESKSIDE_ARCHVE__STORE` in the environment; did you mean `DESKSIDE_ARCHIVE__STORE`?
  `DESKSIDE_SERVER__PORT` in the environment; did you mean `DESKSIDE_SERVER__LOG`?
  `DESKSIDE_ZENDESK__CLIENT_ID_FILE` in the environment; did you mean `DESKSIDE_ZENDESK__CLIENT_ID`?",
    );
}

#[test]
fn variables_that_only_share_our_name_are_passed_over() {
    works(
        NEEDED,
        &[
            ("DESKSIDE_PORT_8080_TCP", "tcp://10.0.0.1"),
            ("DESKSIDE_SERVER_SERVICE_HOST", "10.0.0.1"),
            ("DESKSIDE_SERVER_SERVICE_PORT_HTTP", "80"),
            ("DESKSIDE_STORE_PORT_5432_TCP_ADDR", "10.0.0.1"),
            ("DESKSIDE_SERVICE_HOST", "x"),
            ("DESKSIDE_SHARED", "/x"),
        ],
    );
}

#[test]
fn all_that_cannot_be_used_is_listed_at_once_and_no_value_is_shown() {
    check(
        NEEDED,
        &[
            ("DESKSIDE_SERVER__LISTEN", "everywhere"),
            ("DESKSIDE_SERVER__SECRET_KEY", "short-secret"),
            ("DESKSIDE_SERVER__WORKERS", "0"),
            ("DESKSIDE_SERVER__LOG_FORMAT", "xml"),
            ("DESKSIDE_STORE__DATABASE_URL", "mysql://user:hush@db/x"),
            ("DESKSIDE_ARCHIVE__STORE", "ftp://files"),
            ("DESKSIDE_ZENDESK__APP_ID", "seven"),
            ("DESKSIDE_ZENDESK__BASE_URL", "acme.zendesk.com"),
            ("DESKSIDE_ZENDESK__SDK_URL", "https://user:hush@cdn.example.com/sdk.js"),
            ("DESKSIDE_ZENDESK__ATTACHMENT_HOSTS", "https://files.example.com"),
            ("DESKSIDE_ZENDESK__SCOPE", ""),
            ("DESKSIDE_CONTRACTS__CURRENCY", "dollars"),
            ("DESKSIDE_BADGES__HIGH_MRR", "NaN"),
            ("DESKSIDE_NOTIFY__WEBHOOK_URL", "hush"),
            ("DESKSIDE_NET__ALLOW_PRIVATE", "localhost"),
            ("DESKSIDE_NET__TOTAL_TIMEOUT_S", "99999999999999999999"),
        ],
        "config_invalid: invalid settings:
  `server.listen` in DESKSIDE_SERVER__LISTEN must be an address and a port, like 127.0.0.1:8080
  `server.workers` in DESKSIDE_SERVER__WORKERS must be a whole number from 1 to 256
  `server.secret_key` in DESKSIDE_SERVER__SECRET_KEY must have at least 32 bytes; `openssl rand -base64 32` makes one
  `server.log_format` in DESKSIDE_SERVER__LOG_FORMAT must be \"text\" or \"json\"
  `store.database_url` in DESKSIDE_STORE__DATABASE_URL must begin with sqlite:// or postgres://
  `archive.store` in DESKSIDE_ARCHIVE__STORE must be a folder, or begin with s3://, gs://, az:// or file:///
  `zendesk.base_url` in DESKSIDE_ZENDESK__BASE_URL must be an address like https://example.com
  `zendesk.scope` in DESKSIDE_ZENDESK__SCOPE must not be empty
  `zendesk.app_id` in DESKSIDE_ZENDESK__APP_ID must be a whole number from 1 to 9223372036854775807
  `zendesk.sdk_url` in DESKSIDE_ZENDESK__SDK_URL must be an address without user name, password, `?` and `#`
  `zendesk.attachment_hosts` in DESKSIDE_ZENDESK__ATTACHMENT_HOSTS must be host names, like [\"files.example.com\", \"*.example.com\"]
  `contracts.currency` in DESKSIDE_CONTRACTS__CURRENCY must be three capital letters, like USD
  `contracts.high_mrr` in DESKSIDE_BADGES__HIGH_MRR must be a number, zero or above
  `notify.webhook_url` in DESKSIDE_NOTIFY__WEBHOOK_URL must be an address like https://hooks.example.com/path
  `net.allow_private` in DESKSIDE_NET__ALLOW_PRIVATE must be address ranges, like [\"127.0.0.0/8\", \"::1/128\"]
  `net.total_timeout_s` in DESKSIDE_NET__TOTAL_TIMEOUT_S must be a whole number from 1 to 600",
    );
}

#[test]
fn a_file_that_is_not_toml_is_refused_by_line_without_quoting_it() {
    let error = load("[zendesk]\nclient_secret = hush-hush\n", &[]).expect_err("no TOML");
    assert!(error.starts_with("config_invalid: invalid settings:\n  `line 2` in deskside.toml is not TOML"));
    assert!(!error.contains("hush"), "{error}");
}

#[test]
fn a_wrong_type_in_the_file_is_named() {
    check(
        &format!(
            "{NEEDED}scope = 5\nattachment_hosts = \"*.example.com\"\n[store]\nmax_connections = \"eight\"\n"
        ),
        &[],
        "config_invalid: invalid settings:
  `store.max_connections` in deskside.toml:12 must be a whole number from 2 to 1000
  `zendesk.scope` in deskside.toml:9 must be text in quotes
  `zendesk.attachment_hosts` in deskside.toml:10 must be a list of texts, like [\"one\", \"two\"]",
    );
}

#[test]
fn a_file_too_large_for_its_final_name_in_s3_is_refused_at_once() {
    let with = |megabytes: &str, store: &str, expected: &str| {
        let variables = [("DESKSIDE_ARCHIVE__MAX_FILE_MB", megabytes), ("DESKSIDE_ARCHIVE__STORE", store)];
        match load(NEEDED, &variables) {
            Ok(config) => assert_eq!(config.archive.runs.policy.max_bytes.to_string(), expected, "{store}"),
            Err(error) => assert_eq!(error, expected, "{store}"),
        }
    };
    with("5120", "s3://files", "5368709120");
    with("8192", "gs://files", "8589934592");
    with("8192", "/var/lib/deskside", "8589934592");
    with(
        "5121",
        "s3://files",
        "config_invalid: invalid settings:
  `archive.max_file_mb` in DESKSIDE_ARCHIVE__MAX_FILE_MB must be at most 5120 with an archive.store in S3: a large file gets its final name by a copy, and S3 copies no larger object",
    );
}

#[test]
fn a_run_is_not_started_by_a_tag_that_says_how_one_ended() {
    check(
        NEEDED,
        &[("DESKSIDE_ARCHIVE__TRIGGER_TAG", "Archived")],
        "config_invalid: invalid settings:
  `archive.trigger_tag` in DESKSIDE_ARCHIVE__TRIGGER_TAG must be another tag than `archive.done_tag`: that tag says how a run ended, so a ticket that asks by it would not be heard",
    );
    check(
        NEEDED,
        &[("DESKSIDE_ARCHIVE__NOTHING_TAG", "archive_attachments")],
        "config_invalid: invalid settings:
  `archive.trigger_tag` in the defaults must be another tag than `archive.nothing_tag`: that tag says how a run ended, so a ticket that asks by it would not be heard",
    );
    let apart = [("DESKSIDE_ARCHIVE__TRIGGER_TAG", "archived"), ("DESKSIDE_ARCHIVE__DONE_TAG", "put_away")];
    assert_eq!(works(NEEDED, &apart).archive.runs.trigger_tag, "archived");
}

#[test]
fn an_endpoint_without_encryption_is_refused_unless_it_is_allowed() {
    let with = |endpoint: &str, allow: &str, expected: Result<(), &str>| {
        let variables =
            [("DESKSIDE_ARCHIVE__S3_ENDPOINT", endpoint), ("DESKSIDE_ARCHIVE__S3_ALLOW_HTTP", allow)];
        let loaded = load(NEEDED, &variables).map(drop);
        assert_eq!(loaded, expected.map_err(ToOwned::to_owned), "{endpoint} {allow}");
    };
    with("https://minio.example.com", "false", Ok(()));
    with("http://minio.example.com:9000", "true", Ok(()));
    with(
        "http://minio.example.com:9000",
        "false",
        Err("config_invalid: invalid settings:
  `archive.s3_endpoint` in DESKSIDE_ARCHIVE__S3_ENDPOINT must begin with https://, unless archive.s3_allow_http is true"),
    );
}

#[test]
fn a_secret_may_come_from_a_file_and_loses_one_newline() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("secret");
    std::fs::write(&path, "from the file\n").expect("a file");
    let path = path.display().to_string();
    let config = works(NEEDED, &[("DESKSIDE_ZENDESK__CLIENT_SECRET_FILE", &path)]);
    assert_eq!(config.zendesk.credentials.client_secret.expose_secret(), "from the file");
    check(
        NEEDED,
        &[("DESKSIDE_ZENDESK__CLIENT_SECRET", "x"), ("DESKSIDE_ZENDESK__CLIENT_SECRET_FILE", &path)],
        "config_invalid: invalid settings:
  `zendesk.client_secret` in DESKSIDE_ZENDESK__CLIENT_SECRET_FILE is set twice, also by DESKSIDE_ZENDESK__CLIENT_SECRET; keep one",
    );
    check(
        NEEDED,
        &[("DESKSIDE_TWILIO__AUTH_TOKEN_FILE", "/nowhere/token")],
        "config_invalid: invalid settings:
  `twilio.auth_token` in DESKSIDE_TWILIO__AUTH_TOKEN_FILE names /nowhere/token, which cannot be read (No such file or directory (os error 2)); check the path and that this user may read it",
    );
}

#[test]
fn migrating_needs_no_vendor() {
    let store = Config::load_store(None, env(&[("DESKSIDE_STORE__DATABASE_URL", "postgres://db/x")]));
    assert_eq!(store.expect("a store").database_url.expose_secret(), "postgres://db/x");
}

#[test]
fn tags_are_read_as_zendesk_stores_them_and_what_is_none_is_refused() {
    let config = works(
        &format!(
            "{NEEDED}[archive]\nhold_tags = [\"Legal_Hold\", \"x:y\"]\ndone_tag = \"Archived\"\n\
             failed_tag = \"\"\n[badges]\nvip_tags = [\"VIP\"]\n"
        ),
        &[],
    );
    assert_eq!(config.archive.runs.policy.hold_tags, ["legal_hold", "x:y"]);
    assert_eq!(
        (config.archive.runs.tags.done.as_deref(), config.archive.runs.tags.failed),
        (Some("archived"), None)
    );
    assert_eq!(config.badges.vip_tags, ["vip"]);
    let refused = "is not a valid Zendesk tag; use one word of letters, digits, `-`, `_`, `:` and `/`";
    for (section, key, value) in [
        ("archive", "hold_tags", "[\"legal hold\"]"),
        ("archive", "hold_tags", "[\"legal_hold\", \"a,b\"]"),
        ("archive", "done_tag", "\"all done\""),
        ("archive", "failed_tag", "\"{{failed}}\""),
        ("badges", "vip_tags", "[\"v.i.p\"]"),
    ] {
        let expected =
            format!("config_invalid: invalid settings:\n  `{section}.{key}` in deskside.toml:10 {refused}");
        check(&format!("{NEEDED}[{section}]\n{key} = {value}\n"), &[], &expected);
    }
}

#[test]
fn a_seal_key_has_an_id_and_32_bytes_and_is_not_shown() {
    let good = "one:3q2+7wAAq83vEjRWeJq83hI0VniavN4SNFZ4mrw5c1Q=";
    let config = works(NEEDED, &[("DESKSIDE_SERVER__SEAL_KEYS", good)]);
    assert_eq!(
        (config.server.keys.seal_keys[0].id.as_str(), config.server.keys.seal_keys[0].bytes()[0]),
        ("one", 0xde)
    );
    assert!(!format!("{config:?}").contains("3q2+7"));
    for bad in [
        "3q2+7wAAq83vEjRWeJq83hI0VniavN4SNFZ4mrw5c1Q=",
        "one:c2hvcnQ=",
        "one:???",
        ":",
        &format!("{good},{good}"),
    ] {
        let said = load(NEEDED, &[("DESKSIDE_SERVER__SEAL_KEYS", bad)]).expect_err("it is refused");
        assert!(
            said.contains("`server.seal_keys` in DESKSIDE_SERVER__SEAL_KEYS") && !said.contains("3q2+7"),
            "{said}"
        );
    }
}
