//! `deskside connect flex`: makes Twilio itself tell us what becomes of calls and chats, so that a browser that is closed
//! loses nothing. A sink of Event Streams with our address, and a subscription to the events that we read. **Invariant:** a
//! second run changes nothing.

use clap::Args;
use url::Url;

use super::{Telling, quoted};
use crate::{
    assembly,
    clock::Clock,
    config::Config,
    connectors::{
        FailureKind, VendorError,
        twilio::{Sink, TwilioClient, TwilioError},
    },
};

/// What we read of all that Twilio could tell.
const TYPES: &[&str] = &[
    "com.twilio.taskrouter.reservation.accepted",
    "com.twilio.taskrouter.task.canceled",
    "com.twilio.taskrouter.task.completed",
];
/// How sink and subscription are called over there.
const NAME: &str = "Deskside: calls and chats";
/// Where it is told.
const PATH: &str = "/hooks/twilio/events";

/// How Flex is connected.
#[derive(Debug, Clone, Copy, Args)]
pub struct Flex {
    /// Change nothing; print what would change.
    #[arg(long)]
    pub dry_run: bool,
}

/// Why Twilio could not be told.
#[derive(Debug, thiserror::Error)]
pub enum FlexError {
    /// Operator: set it.
    #[error("Twilio is not configured: set `twilio.account_sid`, and `twilio.auth_token` or an API key")]
    NotConfigured,
    /// Operator: another key.
    #[error("Twilio does not allow this: `twilio.api_key_sid` must be a key that can change Event Streams")]
    Forbidden(#[source] TwilioError),
    /// Operator: see the connector's error.
    #[error("Twilio could not be connected; `deskside check` names the setting to correct")]
    Twilio(#[source] TwilioError),
}

impl From<TwilioError> for FlexError {
    fn from(error: TwilioError) -> Self {
        match error.kind() {
            FailureKind::Forbidden => Self::Forbidden(error),
            _ => Self::Twilio(error),
        }
    }
}

/// Where Twilio's events arrive.
pub fn endpoint(public_url: &Url) -> Url {
    let mut url = public_url.clone();
    url.set_path(&format!("{}{PATH}", public_url.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Whether this sink is ours. What Twilio keeps may be spelt as it was entered.
pub fn leads_to(sink: &Sink, endpoint: &Url) -> bool {
    sink.destination.as_deref().and_then(|text| text.parse::<Url>().ok()).as_ref() == Some(endpoint)
}

/// Makes what is missing; `say` gets a line for each thing.
pub async fn flex(
    config: &Config,
    clock: &Clock,
    options: Flex,
    say: &mut (dyn FnMut(String) + Send),
) -> Result<(), FlexError> {
    let twilio = assembly::vendors(config, clock).twilio.ok_or(FlexError::NotConfigured)?;
    let endpoint = endpoint(&config.server.public_url);
    let mut telling = Telling { dry: options.dry_run, changes: 0, say };
    let sink = sink(&twilio, &endpoint, &mut telling).await?;
    subscription(&twilio, sink.as_ref(), &mut telling).await?;
    if config.twilio.as_ref().is_none_or(|twilio| twilio.auth_token.is_none()) {
        telling.warn(
            "`twilio.auth_token` is not set: Twilio's events cannot be verified, so the server refuses them; set the \
             account's primary auth token",
        );
    }
    if endpoint.scheme() != "https" {
        telling.warn("`server.public_url` does not begin with https: Twilio calls public addresses only");
    }
    telling.ends("connected: Twilio sends an event when a call or chat is accepted, completed or missed");
    Ok(())
}

/// `None` where a dry run would have made it.
async fn sink(
    twilio: &TwilioClient,
    endpoint: &Url,
    telling: &mut Telling<'_>,
) -> Result<Option<Sink>, FlexError> {
    let all = twilio.sinks().await?;
    let none_is_lost = all.proves_absence().map_err(|why| TwilioError::unreadable("GET /v1/Sinks", why));
    let (ours, others): (Vec<_>, Vec<_>) =
        all.into_readable().into_iter().partition(|sink| leads_to(sink, endpoint));
    let elsewhere = |sink: &&Sink| sink.destination.as_deref().is_some_and(|to| to.ends_with(PATH));
    for Sink { sid, description, destination } in others.iter().filter(elsewhere) {
        telling.warn(&format!(
            "the sink {} ({sid}) calls {}: delete it and its subscription, unless another Deskside uses it",
            quoted(description),
            destination.as_deref().unwrap_or_default()
        ));
    }
    let what = |name: &str| format!("the sink {}, which calls {endpoint}", quoted(name));
    if let Some(sink) = ours.into_iter().next() {
        telling.found(&what(&sink.description));
        return Ok(Some(sink));
    }
    none_is_lost?;
    let made = if telling.dry { None } else { Some(twilio.create_sink(NAME, endpoint).await?) };
    telling.changed("created", "would create", &what(NAME));
    Ok(made)
}

async fn subscription(
    twilio: &TwilioClient,
    sink: Option<&Sink>,
    telling: &mut Telling<'_>,
) -> Result<(), FlexError> {
    let subscriptions = match sink {
        Some(sink) => {
            let found = twilio.subscriptions(&sink.sid).await?.only(|_| true);
            found.map_err(|why| TwilioError::unreadable("GET /v1/Subscriptions", why))?
        }
        None => vec![],
    };
    let mut known = Vec::new();
    for subscription in &subscriptions {
        known.extend(twilio.subscribed(&subscription.sid).await?);
    }
    let missing: Vec<&str> =
        TYPES.iter().copied().filter(|name| !known.iter().any(|known| known == name)).collect();
    let short = |names: &[&str]| names.join(", ").replace("com.twilio.taskrouter.", "");
    let what = format!("the subscription to {}", short(TYPES));
    match (subscriptions.first(), sink) {
        (Some(_), _) if missing.is_empty() => telling.found(&what),
        (Some(subscription), _) => {
            if !telling.dry {
                for name in &missing {
                    twilio.subscribe(&subscription.sid, name).await?;
                }
            }
            telling.changed("updated", "would update", &format!("{what}: {} missing", short(&missing)));
        }
        (None, sink) => {
            if let Some(sink) = sink.filter(|_| !telling.dry) {
                twilio.create_subscription(NAME, &sink.sid, TYPES).await?;
            }
            telling.changed("created", "would create", &what);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::features::engagements::events::{Ours, of_json};

    #[test]
    fn every_event_that_is_subscribed_to_is_read() {
        let ours = Ours { account_sid: "AC1".into(), workspace_sid: None };
        for name in TYPES {
            let cloud = json!([{"id": "EV1", "type": name, "data": {"payload": {"task_sid": "WT1"}}}]);
            let events = of_json(cloud.to_string().as_bytes(), &ours).expect("an array");
            assert_eq!(events.len(), 1, "{name}");
        }
    }
}
