//! The settings of the demonstration. The credentials are the sandbox's own; they open nothing else.

use std::path::Path;

use crate::http;
use crate::problem::{Outcome, Problem};

/// Who listens where. Names differ on purpose (`localhost`, `127.0.0.1`): frames must be of other sites, as in production.
pub(crate) struct Ports {
    pub(crate) server: u16,
    pub(crate) zendesk: u16,
    pub(crate) content: u16,
    pub(crate) twilio: u16,
    pub(crate) notify: u16,
    pub(crate) salesforce: u16,
    /// The agent workspace that frames the app, and the way to Zendesk's API; the sandbox's own, or one before it.
    pub(crate) workspace: u16,
}

impl Ports {
    /// Six in a row.
    pub(crate) fn from(base: u16) -> Outcome<Self> {
        let beyond =
            || Problem::new(format!("--port-base {base} leaves no room for six ports: choose a smaller one"));
        let nth = |n: u16| base.checked_add(n).filter(|_| base > 0).ok_or_else(beyond);
        let (server, zendesk, content, twilio) = (nth(0)?, nth(1)?, nth(2)?, nth(3)?);
        let (notify, salesforce) = (nth(4)?, nth(5)?);
        Ok(Self { server, zendesk, content, twilio, notify, salesforce, workspace: zendesk })
    }

    /// Whatever is free; the workspace stands at `workspace`.
    pub(crate) fn free(workspace: u16) -> Outcome<Self> {
        let free = http::free_port;
        let (server, zendesk, content, twilio) = (free()?, free()?, free()?, free()?);
        let (notify, salesforce) = (free()?, free()?);
        Ok(Self { server, zendesk, content, twilio, notify, salesforce, workspace })
    }

    pub(crate) fn all(&self) -> [u16; 6] {
        [self.server, self.zendesk, self.content, self.twilio, self.notify, self.salesforce]
    }

    pub(crate) fn server_url(&self) -> String {
        format!("http://localhost:{}", self.server)
    }
}

/// `deskside.toml` of the demonstration; a run can be taken back for `undo_s` seconds.
pub(crate) fn text(ports: &Ports, data: &Path, undo_s: u32) -> String {
    let quoted = |path: &Path| serde_json::Value::from(path.to_string_lossy()).to_string(); // TOML's strings are JSON's
    let Ports { server, zendesk, twilio, notify, salesforce, workspace, .. } = ports;
    format!(
        r#"# Written by `cargo xtask demo`; the credentials are the sandbox's own.
[server]
listen = "127.0.0.1:{server}"
public_url = "{public_url}"
seal_keys = ["demo:YSBrZXkgb2YgdGhlIGRlbW9uc3RyYXRpb24gb25seSE="]

[store]
database_url = {database}

[archive]
store = {archive}
undo_button_s = {undo_s}

[zendesk]
subdomain = "acme"
base_url = "http://127.0.0.1:{workspace}"
client_id = "deskside"
client_secret = "sandbox-client-secret"
app_id = 375
sdk_url = "http://127.0.0.1:{zendesk}/zaf_sdk/2.0/zaf_sdk.js"
attachment_hosts = ["localhost", "127.0.0.1"]

[twilio]
account_sid = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
auth_token = "sandbox-auth-token"
api_key_sid = "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
api_key_secret = "sandbox-key-secret"
workspace_sid = "WSaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
api_url = "http://127.0.0.1:{twilio}"
iam_url = "http://127.0.0.1:{twilio}"
taskrouter_url = "http://127.0.0.1:{twilio}"
conversations_url = "http://127.0.0.1:{twilio}"
events_url = "http://127.0.0.1:{twilio}"
flex_origins = ["http://127.0.0.1:{twilio}"]

[notify]
webhook_url = "http://127.0.0.1:{notify}/services/T0SANDBOX/B0SANDBOX/sandbox-slack-secret"
format = "slack"

[pagerduty]
routing_key = "sandbox0pagerduty0integration0k1"
base_url = "http://127.0.0.1:{notify}"

[salesforce]
login_url = "http://127.0.0.1:{salesforce}"

[staging]
store = {staging}

[sources]
folders = [{reports}]

[net]
allow_private = ["127.0.0.0/8", "::1/128"]
"#,
        public_url = ports.server_url(),
        database = quoted(Path::new(&format!("sqlite://{}", data.join("deskside.db").display()))),
        archive = quoted(&data.join("archive")),
        staging = quoted(&data.join("staging")),
        reports = quoted(&data.join("reports")),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Ports, text};

    #[test]
    fn the_settings_are_toml_whatever_the_folder_is_called() {
        let ports = Ports::from(9100).expect("room for six");
        let settings: toml::Table = text(&ports, Path::new("a \"b\"/é"), 0).parse().expect("TOML");
        assert_eq!(settings["archive"]["store"].as_str(), Some("a \"b\"/é/archive"));
        assert_eq!(settings["server"]["listen"].as_str(), Some("127.0.0.1:9100"));
    }

    #[test]
    fn ports_that_do_not_exist_are_refused() {
        assert!(Ports::from(65531).is_err());
        assert!(Ports::from(0).is_err());
        assert!(Ports::from(65530).is_ok());
    }
}
