//! What is special about a test's world, and the settings that follow from it.

use std::path::Path;

use deskside_sandbox::{Limits, Running, credentials};

/// What is special about a test's world.
#[derive(Clone)]
pub struct Plan {
    pub(super) settings: Vec<(&'static str, String)>,
    pub(super) limits: Limits,
    pub(super) agent_workspace: bool,
    pub(super) talk_partner: bool,
    pub(super) business_rules: bool,
    pub(super) told_at: Option<&'static str>,
    pub(super) part_bytes: Option<usize>,
    pub(super) second: bool,
}

/// A world like any other.
pub fn bed() -> Plan {
    let (settings, limits) = (Vec::new(), Limits::relaxed());
    Plan {
        settings,
        limits,
        agent_workspace: true,
        talk_partner: true,
        business_rules: true,
        told_at: None,
        part_bytes: None,
        second: false,
    }
}

impl Plan {
    /// With this setting: `zendesk.scope`.
    pub fn setting(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((key, value.into()));
        self
    }

    /// With Zendesk's own limits instead of none.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Whose Zendesk account is not in Agent Workspace.
    pub fn without_agent_workspace(self) -> Self {
        Self { agent_workspace: false, ..self }
    }

    /// Whose agents have no Talk Partner Edition.
    pub fn without_talk_partner(self) -> Self {
        Self { talk_partner: false, ..self }
    }

    /// Whose Zendesk plan has no webhooks and triggers of the account's own.
    pub fn without_business_rules(self) -> Self {
        Self { business_rules: false, ..self }
    }

    /// With the hook of Slack's or Zapier's stand-in at this path as `notify.webhook_url`.
    pub fn tells(self, hook: &'static str) -> Self {
        Self { told_at: Some(hook), ..self }
    }

    /// With parts smaller than the settings allow, so that small files travel in parts.
    pub fn parts_of(self, bytes: usize) -> Self {
        Self { part_bytes: Some(bytes), ..self }
    }

    /// With a second account on the same server, database and archive folder: its vendors are others, and their tickets,
    /// people, files and calls have the same ids.
    pub fn with_second_account(self) -> Self {
        Self { second: true, ..self }
    }
}

/// Sets one setting.
pub(super) fn set(environment: &mut Vec<(String, String)>, key: &str, value: &str) {
    let name = variable(key);
    environment.retain(|(known, _)| *known != name);
    environment.push((name, value.to_owned()));
}

/// The environment of a server whose vendors are this sandbox's.
pub(super) fn environment(
    plan: &Plan,
    url: &str,
    sandbox: &Running,
    archive: &Path,
    database: &str,
) -> Vec<(String, String)> {
    let Running { zendesk_url, twilio_url, salesforce_url, pagerduty_url, .. } = sandbox;
    let archive = archive.to_str().expect("a path in UTF-8");
    let staging = format!("{archive}.staging");
    let mut settings: Vec<(&str, &str)> = vec![
        ("server.public_url", url),
        ("store.database_url", database),
        ("archive.store", archive),
        ("staging.store", &staging),
        ("archive.undo_button_s", "0"),
        ("zendesk.subdomain", credentials::SUBDOMAIN),
        ("zendesk.base_url", zendesk_url),
        ("zendesk.client_id", credentials::CLIENT_ID),
        ("zendesk.client_secret", credentials::CLIENT_SECRET),
        ("zendesk.app_id", "375"),
        ("zendesk.attachment_hosts", "localhost"),
        ("net.allow_private", "127.0.0.0/8,::1/128"),
        ("salesforce.login_url", salesforce_url),
        ("pagerduty.base_url", pagerduty_url),
        ("twilio.account_sid", credentials::TWILIO_ACCOUNT),
        ("twilio.auth_token", credentials::TWILIO_AUTH_TOKEN),
        ("twilio.api_key_sid", credentials::TWILIO_KEY),
        ("twilio.api_key_secret", credentials::TWILIO_KEY_SECRET),
        ("twilio.workspace_sid", credentials::TWILIO_WORKSPACE),
        ("twilio.iam_url", twilio_url),
        ("twilio.taskrouter_url", twilio_url),
        ("twilio.conversations_url", twilio_url),
        ("twilio.api_url", twilio_url),
        ("twilio.events_url", twilio_url),
        ("twilio.flex_origins", twilio_url),
    ];
    let hook = plan.told_at.map(|hook| format!("{}{hook}", sandbox.notify_url));
    settings.extend(hook.as_deref().map(|hook| ("notify.webhook_url", hook)));
    for (key, value) in &plan.settings {
        settings.retain(|(known, _)| known != key);
        settings.push((key, value));
    }
    settings.into_iter().map(|(key, value)| (variable(key), value.to_owned())).collect()
}

/// The environment variable of a setting.
pub fn variable(key: &str) -> String {
    format!("DESKSIDE_{}", key.to_uppercase().replacen('.', "__", 1))
}
