//! People are told once when an integration fails, stops or misses its runs, and once when it works again: in the log, by the company's
//! webhook, and by a ticket to a group where the integration names one. **Invariants:** whoever is told is told of a change that is in
//! the database; no row and no secret is told.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::views;
use crate::{
    connectors::{
        notify::NotifyClient,
        zendesk::{NewTicket, Owner, Requester, ZendeskClient},
    },
    features::escape,
    queue::{Job, JobError, Lease, Queue},
    store::{StoreError, Tx, integrations as kept},
};

/// How alerts leave.
#[derive(Clone)]
pub struct Alerts {
    pub queue: Queue,
    /// Whether there is a webhook that is told.
    pub tells: bool,
}

/// What is wrong with an integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// `failed`, `stopped`, `overdue`.
    pub change: String,
    /// The problem's.
    pub code: String,
    pub sentence: String,
}

/// Tells how an integration stands now.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IntegrationNotice {
    pub account: String,
    /// Its id.
    pub integration: String,
    pub name: String,
    /// Absent: it works again.
    pub trouble: Option<Trouble>,
    /// The Zendesk group that gets a ticket; absent: the company's webhook is told.
    pub group: Option<u64>,
    /// Names the trouble: when it began, microseconds since 1970.
    pub since_us: i64,
}

/// Who is told.
#[derive(Clone)]
pub struct AlertDeps {
    /// The company's webhook; absent: there is none.
    pub notify: Option<NotifyClient>,
    pub zendesk: ZendeskClient,
}

/// Writes down that an integration works (`None`) or what is wrong, and tells where that is news.
pub(super) async fn settle(
    alerts: &Alerts,
    tx: &mut Tx,
    (account, id): (&str, &str),
    trouble: Option<Trouble>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(integration) = kept::integration(&mut *tx, account, id).await? else { return Ok(()) };
    let code = trouble.as_ref().map(|trouble| trouble.code.as_str());
    if !kept::set_trouble(tx, account, id, code, now).await? {
        return Ok(());
    }
    if let Some(Trouble { change, code, sentence }) = &trouble {
        tracing::warn!(
            account,
            integration = id,
            change,
            code,
            "the integration `{id}` needs attention: {sentence}"
        );
    } else {
        tracing::info!(account, integration = id, "the integration `{id}` works again");
    }
    let group = views::definition(&integration)?.alert.map(|alert| alert.zendesk_group);
    // A notice for each way: where Zendesk is the trouble, the webhook is told all the same.
    let ways = [alerts.tells.then_some(None), group.map(Some)];
    for group in ways.into_iter().flatten() {
        let notice = IntegrationNotice {
            account: account.to_owned(),
            integration: id.to_owned(),
            name: integration.name.clone(),
            trouble: trouble.clone(),
            group,
            since_us: integration.trouble_at.unwrap_or(now).timestamp_micros(),
        };
        alerts.queue.enqueue(&mut *tx, &notice).await?;
    }
    Ok(())
}

impl IntegrationNotice {
    fn sentence(&self) -> String {
        let Self { account, name, trouble, .. } = self;
        match trouble {
            None => format!("Deskside, {account}: the integration \"{name}\" works again."),
            Some(Trouble { change, sentence, .. }) => {
                let what = match change.as_str() {
                    "stopped" => "has stopped, and waits for a person",
                    "overdue" => "is overdue",
                    _ => "has failed",
                };
                let sentence = sentence.trim_end_matches('.');
                format!("Deskside, {account}: the integration \"{name}\" {what}: {sentence}.")
            }
        }
    }

    /// By which the ticket of one trouble is found again.
    fn ticket_name(&self) -> String {
        format!("deskside-integration-{}-{}", self.integration, self.since_us)
    }

    /// A ticket when trouble begins, a note in it when it is over.
    async fn file(&self, zendesk: &ZendeskClient, group: u64) -> Result<(), JobError> {
        let name = self.ticket_name();
        let known = zendesk.ticket_by_external_id(&name).await?;
        match (&self.trouble, known) {
            (Some(_), None) => {
                let ticket = NewTicket {
                    subject: format!("Deskside: the integration \"{}\" needs attention", self.name),
                    description: self.sentence(),
                    requester: Requester::Known(zendesk.me().await?.id),
                    external_id: name.clone(),
                    tags: vec!["deskside_alert".to_owned()],
                    owner: Owner::Group(group),
                };
                zendesk.create_ticket(&ticket, &name).await?;
                Ok(())
            }
            (None, Some(ticket)) => {
                Ok(zendesk.add_internal_note(ticket.id, &escape(&self.sentence())).await?)
            }
            // It was made already, or somebody deleted it.
            (Some(_), Some(_)) | (None, None) => Ok(()),
        }
    }
}

impl Job for IntegrationNotice {
    const NAME: &'static str = "integration_notice";
    const MAX_ATTEMPTS: u32 = 8;
    const LEASE: Duration = Duration::from_mins(1);
    type Deps = AlertDeps;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        let change = self.trouble.as_ref().map_or("recovered", |trouble| &trouble.change);
        let way = if self.group.is_some() { " ticket" } else { "" };
        format!("{} {} {change}{way}", self.integration, self.since_us)
    }

    async fn run(&self, AlertDeps { notify, zendesk }: &AlertDeps, _: &Lease) -> Result<(), JobError> {
        if let Some(group) = self.group {
            return self.file(zendesk, group).await;
        }
        let Some(notify) = notify else { return Ok(()) };
        let Self { account, integration, name, trouble, .. } = self;
        let more = json!({
            "event": "integration_changed", "account": account, "integration": integration, "name": name,
            "change": trouble.as_ref().map_or("recovered", |trouble| &trouble.change),
            "code": trouble.as_ref().map(|trouble| &trouble.code),
        });
        Ok(notify.tell(&self.key(), &self.sentence(), more).await?)
    }

    /// A group that gets no tickets is a setting that somebody must mend.
    async fn on_dead(
        &self,
        AlertDeps { notify, .. }: &AlertDeps,
        _: &Lease,
        why: &str,
    ) -> Result<(), JobError> {
        let (Some(group), Some(notify)) = (self.group, notify) else { return Ok(()) };
        let Self { account, integration, name, .. } = self;
        let text = format!(
            "Deskside, {account}: the integration \"{name}\" could not tell the Zendesk group {group} how it stands: {why}. Correct \
             `alert.zendesk_group` of the integration, or the connection with Zendesk."
        );
        let more = json!({
            "event": "integration_changed", "account": account, "integration": integration, "name": name,
            "change": "alert_failed", "code": "alert_failed",
        });
        Ok(notify.tell(&self.key(), &text, more).await?)
    }
}
