//! What the one who starts a sandbox may choose. **Invariant:** only data; nothing here acts.

use std::time::Duration;

use chrono_tz::Tz;

use crate::{clock::Clock, credentials};

/// How a sandbox is started.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is one choice that the starter of a sandbox has")]
pub struct Options {
    /// Port of the Zendesk stand-in; 0 takes a free one.
    pub zendesk_port: u16,
    /// Port of the attachments' content host; 0 takes a free one.
    pub content_port: u16,
    /// Port of the Twilio stand-in; 0 takes a free one.
    pub twilio_port: u16,
    /// Port of Slack's and Zapier's hooks and PagerDuty's events; 0 takes a free one.
    pub notify_port: u16,
    /// Port of the Salesforce stand-in; 0 takes a free one.
    pub salesforce_port: u16,
    /// Further addresses to which Salesforce's app may send people back.
    pub salesforce_redirects: Vec<String>,
    /// The Zendesk account's subdomain.
    pub subdomain: String,
    /// Fill the account with the believable support desk; otherwise only agents and credentials exist.
    pub seed: bool,
    /// The time of everything here.
    pub clock: Clock,
    /// The account's time zone, in which triggers read days.
    pub time_zone: Tz,
    /// Every API call takes at least this long.
    pub latency: Duration,
    /// The app that the workspace frames.
    pub app: AppUnderTest,
    /// How much is too much.
    pub limits: Limits,
    /// How long a new user or ticket stays unknown to search (Zendesk: minutes).
    pub search_lag: Duration,
    /// Attachments need a signed-in reader on their first hop, as with Zendesk's private attachments.
    pub private_attachments: bool,
    /// `users/create_many` and `users/create_or_update_many` are allowed (Zendesk: only on request).
    pub bulk_user_import: bool,
    /// How long a bulk job takes; not said: each look at it moves it on, and five seconds end it.
    pub job_time: Option<Duration>,
    /// The account is in Agent Workspace, so `comment_redactions` works.
    pub agent_workspace: bool,
    /// The account's plan has webhooks and triggers of its own.
    pub business_rules: bool,
    /// Agents have Talk Partner Edition, so `channels/voice/agents/…/display` works.
    pub talk_partner: bool,
    /// A file with the ZAF SDK's bundle, served to the framed app.
    pub zaf_sdk: Option<std::path::PathBuf>,
    /// Where Twilio's Event Streams sends every event of TaskRouter from the start.
    pub events_sink: Option<String>,
    /// The TaskRouter workspace's `EventCallbackUrl` from the start.
    pub events_callback: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            zendesk_port: 0,
            content_port: 0,
            twilio_port: 0,
            notify_port: 0,
            salesforce_port: 0,
            salesforce_redirects: Vec::new(),
            subdomain: credentials::SUBDOMAIN.to_owned(),
            seed: true,
            clock: Clock::system(),
            time_zone: Tz::Asia__Tokyo,
            latency: Duration::ZERO,
            app: AppUnderTest::default(),
            limits: Limits::default(),
            search_lag: Duration::ZERO,
            private_attachments: true,
            bulk_user_import: false,
            job_time: None,
            agent_workspace: true,
            business_rules: true,
            talk_partner: true,
            zaf_sdk: None,
            events_sink: None,
            events_callback: None,
        }
    }
}

/// Where the app under test is served, and as which app it is installed.
#[derive(Debug, Clone)]
pub struct AppUnderTest {
    /// The app's id in Zendesk.
    pub app_id: u64,
    /// The id of its installation in the account.
    pub installation_id: u64,
    /// Where its pages are, without a trailing slash.
    pub url: String,
}

impl Default for AppUnderTest {
    fn default() -> Self {
        Self { app_id: 375, installation_id: 456, url: "http://localhost:8080".into() }
    }
}

/// The vendors' documented limits; Zendesk's where nothing else is said.
#[derive(Debug, Clone)]
pub struct Limits {
    /// All API calls of the account, per minute (Enterprise: 700).
    pub per_minute: u32,
    /// `GET /tickets`, per minute.
    pub tickets_index_per_minute: u32,
    /// `PUT /tickets/{id}` of the account, per minute.
    pub ticket_updates_per_minute: u32,
    /// Updates by one user of one ticket, per 10 minutes; redactions count.
    pub per_ticket_updates: u32,
    /// Single updates of one user, per minute.
    pub per_user_updates: u32,
    /// Single user updates of the account, per second.
    pub user_updates_per_second: u32,
    /// Incremental exports of the account, per minute.
    pub incremental_per_minute: u32,
    /// `apps/notify` of the account, per minute.
    pub notify_per_minute: u32,
    /// Downloads of attachments, per minute.
    pub attachments_per_minute: u32,
    /// Posts to Slack's hook, per second.
    pub slack_per_second: u32,
    /// Events of one PagerDuty service, per minute. PagerDuty sets its own as it sees fit.
    pub pagerduty_per_minute: u32,
    /// Jobs queued or running.
    pub jobs: usize,
    /// Active triggers.
    pub active_triggers: usize,
    /// All API calls of the Salesforce organization, per day.
    pub salesforce_per_day: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_minute: 700,
            tickets_index_per_minute: 100,
            ticket_updates_per_minute: 100,
            per_ticket_updates: 30,
            per_user_updates: 5,
            user_updates_per_second: 1,
            incremental_per_minute: 10,
            notify_per_minute: 100,
            attachments_per_minute: 2_500,
            slack_per_second: 1,
            pagerduty_per_minute: 120,
            jobs: 30,
            active_triggers: 7_000,
            salesforce_per_day: 15_000,
        }
    }
}

/// What a customer of Zendesk pays for, as far as limits go. Docs: "Rate limits".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Suite Team, Support Team.
    Team,
    /// Suite Growth.
    Growth,
    /// Suite Professional, Support Professional.
    Professional,
    /// Suite Enterprise, Support Enterprise.
    Enterprise,
    /// Suite Enterprise Plus, or the High Volume API add-on, which has more exports too.
    EnterprisePlus,
}

impl Limits {
    /// The limits that hold with this plan.
    pub fn of(plan: Plan) -> Self {
        let (per_minute, incremental_per_minute) = match plan {
            Plan::Team => (200, 10),
            Plan::Growth | Plan::Professional => (400, 10),
            Plan::Enterprise => (700, 10),
            Plan::EnterprisePlus => (2_500, 30),
        };
        Self { per_minute, incremental_per_minute, ..Self::default() }
    }

    /// So high that no test trips over them by accident.
    pub fn relaxed() -> Self {
        Self {
            per_minute: 1_000_000,
            tickets_index_per_minute: 1_000_000,
            ticket_updates_per_minute: 1_000_000,
            per_ticket_updates: 1_000_000,
            per_user_updates: 1_000_000,
            user_updates_per_second: 1_000_000,
            incremental_per_minute: 1_000_000,
            notify_per_minute: 1_000_000,
            attachments_per_minute: 1_000_000,
            slack_per_second: 1_000_000,
            pagerduty_per_minute: 1_000_000,
            jobs: 1_000_000,
            active_triggers: 7_000,
            salesforce_per_day: 100_000_000,
        }
    }
}
