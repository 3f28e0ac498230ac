//! The manual, `config.default.toml`, and the settings that the rooms read are the same; and a setting that the manual warns of.

use super::*;

const MANUAL: &str = include_str!("../../../../config.default.toml");

/// Installations rely on these names.
const PROMISED: [&str; 22] = [
    "server.listen",
    "server.public_url",
    "store.database_url",
    "archive.store",
    "zendesk.subdomain",
    "zendesk.base_url",
    "zendesk.client_id",
    "zendesk.client_secret",
    "zendesk.app_id",
    "zendesk.webhook_secret",
    "zendesk.attachment_hosts",
    "twilio.account_sid",
    "twilio.auth_token",
    "twilio.api_key_sid",
    "twilio.api_key_secret",
    "twilio.workspace_sid",
    "twilio.api_url",
    "twilio.iam_url",
    "twilio.taskrouter_url",
    "twilio.conversations_url",
    "notify.webhook_url",
    "net.allow_private",
];

/// Every setting of the manual.
fn keys() -> Vec<String> {
    let sections: toml::Table = MANUAL.parse().expect("TOML");
    let keys = |(section, keys): (&String, &toml::Value)| -> Vec<String> {
        keys.as_table().expect("a section").keys().map(|key| format!("{section}.{key}")).collect()
    };
    sections.iter().flat_map(keys).collect()
}

fn variable(key: &str) -> String {
    format!("DESKSIDE_{}", key.to_uppercase().replacen('.', "__", 1))
}

#[test]
fn what_the_manual_calls_a_secret_is_never_shown() {
    let hush = |key: &String| match key.as_str() {
        "server.secret_key" => "hush".repeat(8),
        "server.seal_keys" => "hush:aHVzaC1odXNoLWh1c2gtaHVzaC1odXNoLWh1c2gtaHU=".to_owned(),
        "store.database_url" => "postgres://deskside:hush@db/deskside".to_owned(),
        "notify.webhook_url" => "https://hooks.example.com/hush".to_owned(),
        _ => "hush".to_owned(),
    };
    let secrets: Vec<_> =
        keys().into_iter().filter(|key| MANUAL.contains(&(variable(key) + "_FILE"))).collect();
    let mut environment: Vec<_> = secrets.iter().map(|key| (variable(key), hush(key))).collect();
    environment
        .extend(["ACCOUNT_SID", "API_KEY_SID"].map(|name| (format!("DESKSIDE_TWILIO__{name}"), "1".into())));
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("deskside.toml");
    std::fs::write(&file, NEEDED.replace("client_secret = \"hush-hush\"\n", "")).expect("a file");
    let config = Config::load(Some(&file), environment).expect("usable settings");
    let shown = format!("{config:?}").replace("id: \"hush\"", "");
    assert!(!shown.contains("hush") && !shown.contains("aHVza"), "{shown}");
    assert_eq!(shown.matches("REDACTED").count(), secrets.len(), "a secret's `_FILE` is in the manual");
}

#[test]
fn the_manual_names_the_variable_of_every_setting() {
    for key in keys() {
        let is_named = |line: &str| line.split([' ', '(', ')']).any(|word| word == variable(&key));
        assert!(MANUAL.lines().any(is_named), "{key}");
    }
}

#[test]
fn every_setting_of_the_manual_is_read() {
    for key in keys() {
        let (section, name) = key.split_once('.').expect("a section");
        let needed = NEEDED.lines().filter(|line| !line.starts_with(&format!("{name} =")));
        let needed = needed.flat_map(|line| [line, "\n"]).collect::<String>();
        // No type takes a moment; where it is taken all the same, nobody reads the setting.
        let (header, moment) = (format!("[{section}]\n"), format!("{name} = 2026-11-29T12:00:00Z\n"));
        let file = match needed.split_once(&header) {
            Some((before, after)) => format!("{before}{header}{moment}{after}"),
            None => format!("{needed}{header}{moment}"),
        };
        let on = [("DESKSIDE_TWILIO__ACCOUNT_SID", "AC1"), ("DESKSIDE_TWILIO__AUTH_TOKEN", "x")];
        let on = on.into_iter().filter(|(variable, _)| *variable != self::variable(&key));
        let refused = load(&file, &on.collect::<Vec<_>>()).expect_err(&key);
        assert!(refused.contains(&format!("`{key}` in deskside.toml:")), "{refused}");
    }
}

#[test]
fn the_settings_that_installations_rely_on_are_there() {
    let keys = keys();
    let gone: Vec<_> = PROMISED.iter().filter(|key| !keys.contains(&(**key).to_owned())).collect();
    assert!(gone.is_empty(), "{gone:?}");
}

#[test]
fn a_salesforce_sign_in_on_another_machine_is_warned_of() {
    for (url, is_warned) in [
        ("https://login.salesforce.com", true),
        ("https://test.salesforce.com", true),
        ("http://127.0.0.1:8080", false),
        ("", false),
    ] {
        let config = works(NEEDED, &[("DESKSIDE_SALESFORCE__LOGIN_URL", url)]);
        let warning = config.salesforce_elsewhere();
        assert_eq!(warning.is_some_and(|words| words.contains("`salesforce.login_url`")), is_warned, "{url}");
    }
}
