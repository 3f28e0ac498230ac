//! `deskside connect …`: sets up the other side. Here `zendesk-archive`: makes Zendesk call us when a ticket gets the tag; finds
//! what is there, mends what is not as it must be, and says what it did. **Invariant:** a second run changes nothing.

pub mod contract_triggers; // who is told of a customer's contract
pub mod flex; // calls and chats

use clap::{Args, Subcommand};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    assembly,
    clock::Clock,
    config::Config,
    connectors::{
        FailureKind, VendorError,
        zendesk::{Conditions, TriggerSpec, Webhook, ZendeskClient, ZendeskError},
    },
    features::hooks::rules,
};

/// What can be connected.
#[derive(Debug, Clone, Subcommand)]
pub enum Connect {
    /// Let a tag on a ticket archive its attachments: creates or repairs the webhook and the trigger in Zendesk.
    ZendeskArchive(ZendeskArchive),
    /// Let tickets of new customers, before renewals and in emergencies reach whoever is in charge: creates the triggers in Zendesk.
    ZendeskContractTriggers(contract_triggers::ContractTriggers),
    /// Let Twilio send the events of calls and chats: creates the sink and the subscription of Event Streams.
    Flex(flex::Flex),
}

/// How the archive is connected.
#[derive(Debug, Clone, Args)]
pub struct ZendeskArchive {
    /// Deprecated: set `archive.trigger_tag`.
    #[arg(long, hide = true)]
    pub tag: Option<String>,
    /// Change nothing; print what would change.
    #[arg(long)]
    pub dry_run: bool,
}

/// Why Zendesk could not be told.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Operator: change the setting, or leave the option out. The server protects the tag of the setting alone.
    #[error(
        "`--tag {tag}` is not the tag of `archive.trigger_tag`, which is `{set}`; change the setting, or leave `--tag` out"
    )]
    OtherTag { tag: String, set: String },
    /// Admin: give the client the permission.
    #[error(
        "Zendesk does not allow it: Deskside's OAuth client must belong to an admin, and `zendesk.scope` must cover \
         webhooks and triggers, as \"read write\" does"
    )]
    Forbidden(#[source] ZendeskError),
    /// Nobody; the button still works.
    #[error(
        "this Zendesk account's plan has no webhooks or no triggers; the button in the ticket works without them"
    )]
    NotOnPlan(#[source] ZendeskError),
    /// Operator: see the connector's error; `deskside check` says which setting mends it.
    #[error("Zendesk could not be connected; `deskside check` names the setting to correct")]
    Zendesk(#[source] ZendeskError),
}

impl From<ZendeskError> for ConnectError {
    fn from(error: ZendeskError) -> Self {
        match error.kind() {
            FailureKind::Forbidden => Self::Forbidden(error),
            FailureKind::Plan => Self::NotOnPlan(error),
            _ => Self::Zendesk(error),
        }
    }
}

/// Connects; `say` is told each line as soon as it is true.
pub async fn zendesk_archive(
    config: &Config,
    clock: &Clock,
    options: &ZendeskArchive,
    say: &mut (dyn FnMut(String) + Send),
) -> Result<(), ConnectError> {
    let (tag, answers) = (&config.archive.runs.trigger_tag, config.archive.runs.tags.names());
    if let Some(other) = options.tag.as_ref().filter(|other| *other != tag) {
        return Err(ConnectError::OtherTag { tag: other.clone(), set: tag.clone() });
    }
    let zendesk = assembly::vendors(config, clock).zendesk;
    let endpoint = rules::endpoint(&config.server.public_url, None);
    let mut work = Work { zendesk, telling: Telling { dry: options.dry_run, changes: 0, say } };
    let webhook = work.webhook(&endpoint).await?;
    let want = webhook.as_deref().unwrap_or_default();
    let want = rules::trigger(want, &config.zendesk.subdomain, tag, &answers);
    work.trigger(webhook.as_deref(), want).await?;
    if answers.len() < 5 {
        work.telling.warn(
            "one of the archive's answer tags (`archive.done_tag` to `archive.nothing_tag`) is empty: tickets that end so are \
             archived again with every update, as long as they have the tag",
        );
    }
    if let Some(webhook) = &webhook {
        work.secret(webhook, config.zendesk.webhook_secret.as_ref()).await;
    }
    work.telling.ends(&format!("connected: tag a ticket with `{tag}`, and its attachments are archived"));
    Ok(())
}

/// Tells the operator what was done, and counts it.
struct Telling<'a> {
    dry: bool,
    changes: usize,
    say: &'a mut (dyn FnMut(String) + Send),
}

impl Telling<'_> {
    fn found(&mut self, what: &str) {
        (self.say)(format!("found     {what}, up to date"));
    }

    fn changed(&mut self, did: &str, would: &str, what: &str) {
        self.changes += 1;
        (self.say)(format!("{:<9} {what}", if self.dry { would } else { did }));
    }

    fn warn(&mut self, words: &str) {
        (self.say)(format!("warn      {words}"));
    }

    fn ends(&mut self, connected: &str) {
        let end = match (self.changes, self.dry) {
            (0, _) => "nothing had to be changed",
            (_, true) => "a dry run: nothing was changed",
            (_, false) => connected,
        };
        (self.say)(end.to_owned());
    }
}

struct Work<'a> {
    zendesk: ZendeskClient,
    telling: Telling<'a>,
}

impl Work<'_> {
    /// The webhook's id; `None` where a dry run would have made it.
    async fn webhook(&mut self, endpoint: &Url) -> Result<Option<String>, ConnectError> {
        let want = rules::webhook(endpoint);
        let all = self.zendesk.webhooks().await?;
        for Webhook { id, is } in rules::elsewhere(&all, endpoint) {
            let words = format!(
                "the webhook {} ({id}) calls {}: delete it and its trigger, unless another Deskside uses it",
                quoted(&is.name),
                is.endpoint
            );
            self.telling.warn(&words);
        }
        let Some(Webhook { id, is }) = rules::our_webhook(&all, endpoint) else {
            all.proves_absence().map_err(|why| ZendeskError::unreadable("GET /api/v2/webhooks", why))?;
            let made =
                if self.telling.dry { None } else { Some(self.zendesk.create_webhook(&want).await?.id) };
            self.telling.changed(
                "created",
                "would create",
                &format!("the webhook {}, which calls {endpoint}", quoted(&want.name)),
            );
            return Ok(made);
        };
        let what = format!("the webhook {}, which calls {}", quoted(&is.name), is.endpoint);
        match rules::mended_webhook(is, &want) {
            None => self.telling.found(&what),
            Some((mended, why)) => {
                if !self.telling.dry {
                    self.zendesk.update_webhook(id, &mended).await?;
                }
                self.telling.changed("updated", "would update", &format!("{what}: {}", why.join(", ")));
            }
        }
        Ok(Some(id.clone()))
    }

    async fn trigger(&mut self, webhook: Option<&str>, want: TriggerSpec) -> Result<(), ConnectError> {
        let all = self.zendesk.triggers().await?;
        let conditions = match webhook.and_then(|id| Some((id, rules::our_trigger(&all, id)?))) {
            None => {
                all.proves_absence().map_err(|why| ZendeskError::unreadable("GET /api/v2/triggers", why))?;
                if !self.telling.dry {
                    self.zendesk.create_trigger(&want).await?;
                }
                self.telling.changed(
                    "created",
                    "would create",
                    &format!("the trigger {}", quoted(&want.title)),
                );
                want.conditions
            }
            Some((id, trigger)) => {
                let what = format!("the trigger {}", quoted(&trigger.is.title));
                match rules::mended_trigger(&trigger.is, &want, id) {
                    None => {
                        self.telling.found(&what);
                        trigger.is.conditions.clone()
                    }
                    Some((mended, why)) => self.mend_trigger(trigger.id, mended, &what, &why).await?,
                }
            }
        };
        self.explain(&conditions);
        Ok(())
    }

    async fn mend_trigger(
        &mut self,
        id: u64,
        mended: TriggerSpec,
        what: &str,
        why: &[&str],
    ) -> Result<Conditions, ConnectError> {
        if !self.telling.dry {
            self.zendesk.update_trigger(id, &mended).await?;
        }
        self.telling.changed("updated", "would update", &format!("{what}: {}", why.join(", ")));
        Ok(mended.conditions)
    }

    fn explain(&mut self, conditions: &Conditions) {
        for (at, line) in rules::in_words(conditions).iter().enumerate() {
            (self.telling.say)(format!(
                "          {} {line}",
                if at == 0 { "runs when" } else { "      and" }
            ));
        }
    }

    /// The server must know the secret; better to hear now that it cannot.
    async fn secret(&mut self, webhook: &str, set: Option<&SecretString>) {
        match (self.zendesk.signing_secret(webhook).await, set) {
            (Ok(secret), Some(set)) if secret.expose_secret() != set.expose_secret() => {
                self.telling.warn(
                    "`zendesk.webhook_secret` is not this webhook's signing secret: unset it, or correct it",
                );
            }
            (Err(error), None) => {
                let words = format!(
                    "{error}: reveal the webhook's signing secret in Admin Center, and set \
                                     `zendesk.webhook_secret`"
                );
                self.telling.warn(&words);
            }
            _ => {}
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
