//! What the triggers call, and what tells Deskside of users who are made. Zendesk keeps the two apart: a webhook is for triggers, or
//! for events. **Invariant:** an admin's name for one stays.

use url::Url;
use wire::{TriggerReport, TriggerState, WebhookView};

use super::{TriggersError, compare};
use crate::{
    causes::with_causes,
    connectors::{
        Rows,
        zendesk::{Trigger, Webhook, WebhookSpec, ZendeskError},
    },
    features::notices::Notices,
};

const FOR_TRIGGERS: &str = "conditional_ticket_events";
const USER_CREATED: &str = "zen:event-type:user.created";

fn spec(name: &str, endpoint: &Url, subscription: &str) -> WebhookSpec {
    WebhookSpec {
        name: name.to_owned(),
        status: "active".to_owned(),
        endpoint: endpoint.to_string(),
        http_method: "POST".to_owned(),
        request_format: "json".to_owned(),
        subscriptions: vec![subscription.to_owned()],
    }
}

/// Whether a webhook calls this address for these events.
fn is_ours(is: &WebhookSpec, wanted: &WebhookSpec) -> bool {
    let address = |text: &str| {
        let url = Url::parse(text).ok()?;
        Some((url.origin(), url.path().trim_end_matches('/').to_owned()))
    };
    address(&is.endpoint).is_some_and(|there| Some(there) == address(&wanted.endpoint))
        && (is.subscriptions == wanted.subscriptions || is.subscriptions.is_empty())
}

impl Notices {
    /// The webhook that the triggers call; `None` where a dry run would have made it.
    pub(super) async fn notice_webhook(
        &self,
        all: &Rows<Webhook>,
        dry: bool,
        report: &mut TriggerReport,
    ) -> Result<Option<String>, TriggersError> {
        let wanted = spec("Deskside: notices", &self.0.endpoints.notice, FOR_TRIGGERS);
        Ok(self.webhook(all, &wanted, dry, report).await?)
    }

    /// The webhook of new users. Where it cannot be made, the card of their first ticket does its work.
    pub(super) async fn events_webhook(&self, all: &Rows<Webhook>, dry: bool, report: &mut TriggerReport) {
        let wanted = spec("Deskside: new users", &self.0.endpoints.events, USER_CREATED);
        if let Err(error) = self.webhook(all, &wanted, dry, report).await {
            report.warnings.push(format!(
                "Zendesk will not report new users, so those who write for the first time are looked up when an agent opens their \
                 ticket: {}",
                with_causes(&error)
            ));
        }
    }

    /// Where a trigger calls, if that is not this server.
    pub(super) fn calls_another(&self, trigger: &Trigger, all: &[Webhook]) -> Option<String> {
        let wanted = spec("", &self.0.endpoints.notice, FOR_TRIGGERS);
        let called = compare::called(&trigger.is)?;
        let there = all.iter().find(|one| one.id == called && !is_ours(&one.is, &wanted))?;
        Some(there.is.endpoint.clone())
    }

    async fn webhook(
        &self,
        all: &Rows<Webhook>,
        wanted: &WebhookSpec,
        dry: bool,
        report: &mut TriggerReport,
    ) -> Result<Option<String>, ZendeskError> {
        let zendesk = &self.0.zendesk;
        let (id, state) = match all.iter().find(|one| is_ours(&one.is, wanted)) {
            None => {
                all.proves_absence().map_err(|why| ZendeskError::unreadable("GET /api/v2/webhooks", why))?;
                let made = if dry { None } else { Some(zendesk.create_webhook(wanted).await?.id) };
                (made, TriggerState::Created)
            }
            Some(there) => {
                let mended = WebhookSpec {
                    name: there.is.name.clone(),
                    endpoint: there.is.endpoint.clone(),
                    ..wanted.clone()
                };
                let state = if there.is == mended { TriggerState::Found } else { TriggerState::Updated };
                if state == TriggerState::Updated && !dry {
                    zendesk.update_webhook(&there.id, &mended).await?;
                }
                (Some(there.id.clone()), state)
            }
        };
        report.webhooks.push(WebhookView {
            id: id.clone(),
            name: wanted.name.clone(),
            endpoint: wanted.endpoint.clone(),
            state,
        });
        Ok(id)
    }
}
