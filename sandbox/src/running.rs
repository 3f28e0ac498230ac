//! Starting and stopping: five listeners on the loopback interface, gone when the handle is dropped.

use std::net::Ipv4Addr;

use axum::{Router, serve::ListenerExt as _};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    content,
    handle::Handle,
    notify,
    options::Options,
    salesforce, twilio,
    world::{Urls, World},
    zendesk,
};

/// The stand-ins, not yet running.
#[derive(Debug)]
pub struct Sandbox;

/// The stand-ins, running. Dropping it stops them.
#[derive(Debug)]
pub struct Running {
    /// Zendesk's API and the agent workspace.
    pub zendesk_url: String,
    /// Where attachments' content is; another origin than Zendesk's.
    pub content_url: String,
    /// Twilio's APIs and the Flex page.
    pub twilio_url: String,
    /// Slack's and Zapier's hooks.
    pub notify_url: String,
    /// PagerDuty's Events API: the same listener.
    pub pagerduty_url: String,
    /// Salesforce's organization, on its own domain.
    pub salesforce_url: String,
    /// Salesforce's login host.
    pub salesforce_login_url: String,
    handle: Handle,
    _stop: watch::Sender<()>,
}

/// The sandbox did not start.
#[derive(Debug)]
pub struct StartError {
    port: u16,
    source: std::io::Error,
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "port {} on 127.0.0.1 cannot be opened; choose another one or 0 for any free one",
            self.port
        )
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl Sandbox {
    /// Opens the ports, fills the account, and serves until the answer is dropped.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let zendesk = open(options.zendesk_port).await?;
        let content = open(options.content_port).await?;
        let twilio = open(options.twilio_port).await?;
        let notify = open(options.notify_port).await?;
        let salesforce = open(options.salesforce_port).await?;
        let urls = Urls {
            zendesk: format!("http://127.0.0.1:{}", zendesk.1),
            content: format!("http://localhost:{}", content.1),
            twilio: format!("http://127.0.0.1:{}", twilio.1),
            salesforce: format!("http://127.0.0.1:{}", salesforce.1),
            salesforce_login: format!("http://localhost:{}", salesforce.1),
        };
        let world = World::new(options, urls.clone());
        let (stop, stopped) = watch::channel(());
        serve(zendesk.0, zendesk::router(world.clone()), stopped.clone());
        serve(content.0, content::router(world.clone()), stopped.clone());
        serve(twilio.0, twilio::router(world.clone()), stopped.clone());
        serve(notify.0, notify::router(world.clone()), stopped.clone());
        serve(salesforce.0, salesforce::router(world.clone()), stopped);
        Ok(Running {
            zendesk_url: urls.zendesk,
            content_url: urls.content,
            twilio_url: urls.twilio,
            notify_url: format!("http://127.0.0.1:{}", notify.1),
            pagerduty_url: format!("http://127.0.0.1:{}", notify.1),
            salesforce_url: urls.salesforce,
            salesforce_login_url: urls.salesforce_login,
            handle: Handle::new(world),
            _stop: stop,
        })
    }
}

impl Running {
    /// Looks into the stand-ins and changes them, without HTTP.
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }
}

async fn open(port: u16) -> Result<(TcpListener, u16), StartError> {
    let failed = |source| StartError { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}

/// Serves until the sender of `stopped` is gone; then idle connections close too.
fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<()>) {
    let until = async move { while stopped.changed().await.is_ok() {} };
    // As any host does that people wait for; otherwise the end of an answer may stand 40 ms in the sender's line.
    let listener = listener.tap_io(|stream| {
        let _as_it_was = stream.set_nodelay(true);
    });
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(until).await {
            tracing::error!(error = &error as &dyn std::error::Error, "a stand-in stopped serving");
        }
    });
}
