//! The vendors alone, with our clients of them: for what a client makes of a vendor, without the rest of Deskside.

use deskside::clock::Clock;
use deskside::connectors::salesforce::SalesforceClient;
use deskside::connectors::zendesk::ZendeskClient;
use deskside::connectors::{ClientCredentials, JwtBearer, Net, TokenSource, http_client};
use deskside_sandbox::{
    Fault, FaultRule, Limits, Matching, Odd, OddRule, Options, Running, Sandbox, credentials,
};

use super::testbed::BEGIN;

/// Loopback only; a vendor that is slower than so many seconds is not there.
fn net(seconds: u8) -> Net {
    let text = format!(
        "allow_private = ['127.0.0.0/8', '::1/128']\nconnect_timeout_s = {seconds}\ntotal_timeout_s = {seconds}"
    );
    toml::from_str(&text).expect("settings")
}

/// Vendors whose time stands still, as ours does.
pub(crate) struct Vendors {
    pub(crate) sandbox: Running,
    pub(crate) clock: Clock,
    net: Net,
}

/// Troubles that end only because we wait no longer.
pub(crate) const SLOW: [&str; 2] = ["silent", "slow"];

/// What goes wrong with one call.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    Fault(Fault),
    /// This answer instead.
    Says(u16, &'static str),
}

/// Everything that a call can meet.
pub(crate) fn troubles() -> Vec<(&'static str, Trouble)> {
    vec![
        ("503", Trouble::Fault(Fault::Status { status: 503, retry_after: None })),
        ("503, Retry-After", Trouble::Fault(Fault::Status { status: 503, retry_after: Some(2) })),
        ("429, Retry-After", Trouble::Fault(Fault::Status { status: 429, retry_after: Some(2) })),
        ("lost answer", Trouble::Fault(Fault::LostAnswer { lost_answer: 502 })),
        ("reset", Trouble::Fault(Fault::Reset { reset: true })),
        ("truncated", Trouble::Fault(Fault::Truncate { truncate: 40 })),
        ("ends early", Trouble::Fault(Fault::EndsEarly { ends_after: 40 })),
        ("silent", Trouble::Fault(Fault::Silent { silent_after: 40 })),
        ("slow", Trouble::Fault(Fault::Late { late_ms: 1_300 })),
        (
            "401",
            Trouble::Says(
                401,
                r#"[{"errorCode":"INVALID_SESSION_ID","message":"Session expired or invalid"}]"#,
            ),
        ),
        ("HTML", Trouble::Says(200, "<html>Setting things up</html>")),
    ]
}

impl Vendors {
    pub(crate) async fn start() -> Self {
        Self::start_with(Limits::default()).await
    }

    pub(crate) async fn start_with(limits: Limits) -> Self {
        let begin = BEGIN.parse().expect("a time");
        let options =
            Options { clock: deskside_sandbox::Clock::stopped_at(begin), limits, ..Options::default() };
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        Self { sandbox, clock: Clock::stopped_at(begin), net: net(30) }
    }

    /// From now on clients wait a second only for answers that are slow on purpose, and half a minute for all others.
    pub(crate) fn hurry(&mut self, trouble: &str) {
        self.net = net(if SLOW.contains(&trouble) { 1 } else { 30 });
    }

    /// Salesforce by client credentials, at the organization's own address.
    pub(crate) fn salesforce(&self) -> SalesforceClient {
        let credentials = ClientCredentials {
            client_id: credentials::SALESFORCE_CLIENT_ID.into(),
            client_secret: credentials::SALESFORCE_CLIENT_SECRET.into(),
            scope: String::new(),
        };
        self.salesforce_at(&self.sandbox.salesforce_url, credentials)
    }

    /// Salesforce by a signed statement, where users sign in.
    pub(crate) fn salesforce_by_statement(&self) -> SalesforceClient {
        let bearer = JwtBearer {
            client_id: credentials::SALESFORCE_CLIENT_ID.into(),
            username: credentials::SALESFORCE_USERNAME.into(),
            audience: self.sandbox.salesforce_login_url.clone(),
            private_key: credentials::SALESFORCE_JWT_KEY.into(),
        };
        self.salesforce_at(&self.sandbox.salesforce_login_url, bearer)
    }

    pub(crate) fn salesforce_at(&self, login: &str, tokens: impl Into<TokenSource>) -> SalesforceClient {
        let (http, login) = (http_client(&self.net), login.parse().expect("a URL"));
        let known = self.sandbox.salesforce_url.parse().expect("a URL");
        SalesforceClient::new(http, login, Some(known), tokens, self.clock.clone(), self.net.clone())
            .background()
    }

    /// Zendesk as the account's own OAuth client, for jobs.
    pub(crate) fn zendesk(&self) -> ZendeskClient {
        let credentials = ClientCredentials {
            client_id: credentials::CLIENT_ID.into(),
            client_secret: credentials::CLIENT_SECRET.into(),
            scope: "read write".into(),
        };
        let (http, url) = (http_client(&self.net), self.sandbox.zendesk_url.parse().expect("a URL"));
        ZendeskClient::new(http, url, credentials, self.clock.clone(), Vec::new(), self.net.clone())
            .background()
    }

    /// Time passes, for everybody.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(chrono::TimeDelta::seconds(seconds));
        self.sandbox.handle().advance(chrono::TimeDelta::seconds(seconds));
    }

    /// The next calls to a vendor whose path ends so meet this trouble.
    pub(crate) fn trouble(&self, host: &str, path_suffix: &str, trouble: &Trouble, times: u32) {
        let on = Matching {
            host: Some(host.to_owned()),
            path_suffix: Some(path_suffix.to_owned()),
            ..Matching::default()
        };
        match trouble {
            Trouble::Fault(fault) => {
                self.sandbox.handle().fault(FaultRule { on, times, skip: 0, fault: *fault });
            }
            Trouble::Says(status, body) => {
                let odd = Odd::Says { says: *status, body: (*body).to_owned() };
                self.sandbox.handle().answers_oddly(OddRule { on, times, skip: 0, odd });
            }
        }
    }

    /// All is well again.
    pub(crate) fn mend(&self) {
        self.sandbox.handle().clear_faults();
    }
}
