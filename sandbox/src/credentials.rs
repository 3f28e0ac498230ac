//! The credentials that every sandbox is born with. They open nothing but a sandbox, so they are no secrets.

/// The account's subdomain.
pub const SUBDOMAIN: &str = "acme";
/// The account's number.
pub const ACCOUNT_ID: u64 = 18_525_119;
/// Unique id of the seeded OAuth client.
pub const CLIENT_ID: &str = "deskside";
/// Secret of the seeded OAuth client.
pub const CLIENT_SECRET: &str = "sandbox-client-secret";
/// API token for Basic `email/token:…`.
pub const API_TOKEN: &str = "sandbox-api-token";
/// E-mail of the account's owner, an admin.
pub const ADMIN_EMAIL: &str = "mika.owner@example.com";
/// The account's owner.
pub const ADMIN_ID: u64 = 9001;
/// An agent whose e-mail is the Flex worker's.
pub const AGENT_ID: u64 = 9002;
/// An agent who sees only tickets assigned to them and may not redact.
pub const RESTRICTED_AGENT_ID: u64 = 9003;
/// The custom role of light agents.
pub const LIGHT_AGENT_ROLE: u64 = 6_130_869_137_562;
/// The custom role of contributors.
pub const CONTRIBUTOR_ROLE: u64 = 6_130_869_137_690;
/// A custom role of the account's own, without the right to edit tickets.
pub const ADVISOR_ROLE: u64 = 6_130_869_137_818;
/// The account's group of agents.
pub const GROUP_ID: u64 = 9101;
/// The ticket of the demonstration.
pub const DEMO_TICKET: u64 = 42;

/// Twilio: account.
pub const TWILIO_ACCOUNT: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// Twilio: the account's primary token.
pub const TWILIO_AUTH_TOKEN: &str = "sandbox-auth-token";
/// Twilio: API key.
pub const TWILIO_KEY: &str = "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// Twilio: the API key's secret.
pub const TWILIO_KEY_SECRET: &str = "sandbox-key-secret";
/// Twilio: TaskRouter workspace.
pub const TWILIO_WORKSPACE: &str = "WSaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// Twilio: the seeded worker.
pub const TWILIO_WORKER: &str = "WKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
/// Twilio: another one, whose e-mail is [`ADMIN_EMAIL`]; calls are passed on to her.
pub const TWILIO_OTHER_WORKER: &str = "WKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
/// Twilio: the worker of [`RESTRICTED_AGENT_ID`].
pub const TWILIO_RESTRICTED_WORKER: &str = "WKcccccccccccccccccccccccccccccccc";
/// The worker's e-mail, and of [`AGENT_ID`].
pub const WORKER_EMAIL: &str = "agent@example.com";
/// The e-mail of [`RESTRICTED_AGENT_ID`], and of their worker.
pub const RESTRICTED_EMAIL: &str = "ren.restricted@example.com";
/// The path of Slack's incoming webhook; whoever knows it can write there.
pub const SLACK_HOOK: &str = "/services/T0SANDBOX/B0SANDBOX/sandbox-slack-secret";

/// PagerDuty: the integration key of a service; whoever knows it can page.
pub const PAGERDUTY_KEY: &str = "sandbox0pagerduty0integration0k1";
/// PagerDuty: the integration key of another service.
pub const PAGERDUTY_OTHER_KEY: &str = "sandbox0pagerduty0integration0k2";

/// Salesforce: the external client app's consumer key.
pub const SALESFORCE_CLIENT_ID: &str =
    "3MVG9sandboxdesksideclient0000000000000000000000000000000000000000000000000000000000";
/// Salesforce: its consumer secret.
pub const SALESFORCE_CLIENT_SECRET: &str = "SANDBOX0SALESFORCE0SECRET";
/// Salesforce: the address to which Salesforce's own command line has people sent back; the app allows it too.
pub const SALESFORCE_REDIRECT: &str = "http://localhost:1717/OauthRedirect";
/// Salesforce: the user for whom client credentials and JWT bearer act.
pub const SALESFORCE_USERNAME: &str = "integration@acme.example.com";
/// Salesforce: a user who has not approved the app for JWT bearer.
pub const SALESFORCE_ADMIN: &str = "sana.admin@acme.example.com";
/// Salesforce: the private half of the key that the app's certificate is about; signs assertions.
pub const SALESFORCE_JWT_KEY: &str = include_str!("keys/salesforce.pem");
