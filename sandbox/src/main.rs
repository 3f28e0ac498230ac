//! The sandbox as a program: five ports, and the credentials that open them. **Invariant:** it chooses, it does not do.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use deskside_sandbox::{AppUnderTest, Limits, Options, Plan, Sandbox, credentials};
use tracing_subscriber::EnvFilter;

/// Stand-ins for Zendesk, Twilio, Salesforce, Slack and Zapier, on this machine only.
#[derive(Debug, Parser)]
#[command(version)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line are booleans")]
struct Arguments {
    /// Port of Zendesk's API and the agent workspace; 0 takes a free one.
    #[arg(long, default_value_t = 9101)]
    zendesk_port: u16,
    /// Port of the attachments' content host.
    #[arg(long, default_value_t = 9102)]
    content_port: u16,
    /// Port of Twilio's APIs and the Flex page.
    #[arg(long, default_value_t = 9103)]
    twilio_port: u16,
    /// Port of Slack's and Zapier's hooks and PagerDuty's events.
    #[arg(long, default_value_t = 9104)]
    notify_port: u16,
    /// Port of Salesforce: the organization at 127.0.0.1, the login host at localhost.
    #[arg(long, default_value_t = 9105)]
    salesforce_port: u16,
    /// A further address to which Salesforce's app may send people back.
    #[arg(long)]
    salesforce_redirect: Vec<String>,
    /// Where the app under test is served.
    #[arg(long, default_value = "http://localhost:8080")]
    app_url: String,
    /// The app's id in Zendesk.
    #[arg(long, default_value_t = 375)]
    app_id: u64,
    /// The ZAF SDK's bundle, served to the framed app.
    #[arg(long)]
    zaf_sdk: Option<PathBuf>,
    /// Milliseconds that every call takes at least.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Start without customers and tickets.
    #[arg(long)]
    empty: bool,
    /// No rate limits.
    #[arg(long)]
    relaxed: bool,
    /// Zendesk's plan, which decides how many calls a minute are allowed.
    #[arg(long, default_value = "enterprise", value_parser = plan)]
    plan: Plan,
    /// Milliseconds that a bulk job takes; not said: each look at it moves it on.
    #[arg(long)]
    job_ms: Option<u64>,
    /// Allow `users/create_many`, which Zendesk allows on request only.
    #[arg(long)]
    bulk_user_import: bool,
    /// Serve attachments to readers who are not signed in.
    #[arg(long)]
    public_attachments: bool,
    /// Zendesk's plan has no webhooks and triggers of the account's own.
    #[arg(long)]
    no_business_rules: bool,
    /// Agents have no Talk Partner Edition.
    #[arg(long)]
    no_talk_partner: bool,
    /// Where Twilio's Event Streams sends every event.
    #[arg(long)]
    events_sink: Option<String>,
    /// Where Twilio's TaskRouter workspace calls with every event.
    #[arg(long)]
    events_callback: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let running = match Sandbox::start(options(&arguments)).await {
        Ok(running) => running,
        Err(error) => {
            eprintln!("The sandbox did not start: {error}.");
            return ExitCode::FAILURE;
        }
    };
    println!("Zendesk        {}   workspace {}/agent", running.zendesk_url, running.zendesk_url);
    println!("  OAuth client {} / {}", credentials::CLIENT_ID, credentials::CLIENT_SECRET);
    println!("  API token    {}/token:{}", credentials::ADMIN_EMAIL, credentials::API_TOKEN);
    println!("  app          {} at {}", arguments.app_id, arguments.app_url);
    println!("Content host   {}", running.content_url);
    println!("Twilio         {}   Flex {}/flex", running.twilio_url, running.twilio_url);
    println!("  account      {} / {}", credentials::TWILIO_ACCOUNT, credentials::TWILIO_AUTH_TOKEN);
    println!("  API key      {} / {}", credentials::TWILIO_KEY, credentials::TWILIO_KEY_SECRET);
    println!("  workspace    {}", credentials::TWILIO_WORKSPACE);
    println!("Salesforce     {}   login {}", running.salesforce_url, running.salesforce_login_url);
    println!(
        "  client       {} / {}",
        credentials::SALESFORCE_CLIENT_ID,
        credentials::SALESFORCE_CLIENT_SECRET
    );
    println!("  users        {}, {}", credentials::SALESFORCE_USERNAME, credentials::SALESFORCE_ADMIN);
    println!("Slack          {}{}", running.notify_url, credentials::SLACK_HOOK);
    println!("Zapier         {}/hooks/catch/1/abc", running.notify_url);
    println!("PagerDuty      {}/v2/enqueue", running.pagerduty_url);
    println!("  key          {}, {}", credentials::PAGERDUTY_KEY, credentials::PAGERDUTY_OTHER_KEY);
    println!("  alerts       {}/_sandbox/view/alerts", running.pagerduty_url);
    println!("Mails          {}/_sandbox/view/mails", running.zendesk_url);
    println!("  what arrived {}/_sandbox/notices", running.notify_url);
    match tokio::signal::ctrl_c().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The sandbox cannot wait for Ctrl-C: {error}.");
            ExitCode::FAILURE
        }
    }
}

fn plan(name: &str) -> Result<Plan, String> {
    match name {
        "team" => Ok(Plan::Team),
        "growth" => Ok(Plan::Growth),
        "professional" => Ok(Plan::Professional),
        "enterprise" => Ok(Plan::Enterprise),
        "enterprise-plus" => Ok(Plan::EnterprisePlus),
        _ => Err("the plans are team, growth, professional, enterprise and enterprise-plus".to_owned()),
    }
}

fn options(arguments: &Arguments) -> Options {
    let defaults = Options::default();
    let sdk = arguments.zaf_sdk.clone().or_else(|| std::env::var_os("SANDBOX_ZAF_SDK").map(PathBuf::from));
    Options {
        zendesk_port: arguments.zendesk_port,
        content_port: arguments.content_port,
        twilio_port: arguments.twilio_port,
        notify_port: arguments.notify_port,
        salesforce_port: arguments.salesforce_port,
        salesforce_redirects: arguments.salesforce_redirect.clone(),
        seed: !arguments.empty,
        latency: Duration::from_millis(arguments.latency_ms),
        app: AppUnderTest {
            app_id: arguments.app_id,
            url: arguments.app_url.trim_end_matches('/').to_owned(),
            ..AppUnderTest::default()
        },
        limits: if arguments.relaxed { Limits::relaxed() } else { Limits::of(arguments.plan) },
        job_time: arguments.job_ms.map(Duration::from_millis),
        bulk_user_import: arguments.bulk_user_import,
        private_attachments: !arguments.public_attachments,
        business_rules: !arguments.no_business_rules,
        talk_partner: !arguments.no_talk_partner,
        zaf_sdk: sdk,
        events_sink: arguments.events_sink.clone(),
        events_callback: arguments.events_callback.clone(),
        ..defaults
    }
}
