//! Who writes for the first time: Zendesk makes their user by the ticket itself, with empty fields, so that no trigger can match. They are
//! looked up by address in the contract copy, their fields are written in one call, and their tickets of the last hour get a tag once,
//! which makes triggers look again. **Invariants:** only fields that the integration maps, and only where the copy knows one company; no
//! user is made and nobody is mailed; the customer's own systems are not asked, so that it works while they are down.

use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use wire::{Definition, LedgerAction};

use super::{Notices, Setup, kind, triggers::fields::ContractFields};
use crate::{
    connectors::{
        FailureKind, VendorError,
        zendesk::{Role, TicketStatus, User, UserId},
    },
    features::{contracts::Part, integrations::values_for},
    queue::{Advice, Job, JobError, Lease},
    store::{
        StoreError, Tx,
        companies::Company,
        integrations,
        ledger::{self, LedgerEntry},
        notices::{self as kept, Newcomer},
    },
};

/// Tickets that are older were seen by triggers before, or by people.
const TAGGED_WITHIN: TimeDelta = TimeDelta::hours(1);
/// The ticket comes a moment after its user: it is looked for so often, and so far apart.
const LOOKS: u8 = 4;
const LOOK_EVERY: TimeDelta = TimeDelta::seconds(15);

/// Writes the fields of a customer who wrote for the first time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WriteNewcomer {
    pub account: String,
    /// Zendesk's id of the user.
    pub user: u64,
    /// How often their tickets were looked for.
    #[serde(default)]
    pub looks: u8,
}

impl Job for WriteNewcomer {
    const NAME: &'static str = "write_newcomer";
    const MAX_ATTEMPTS: u32 = 8;
    const LEASE: Duration = Duration::from_mins(1);
    const PRIORITY: i32 = -5; // an import of users keeps no page waiting
    type Deps = Notices;

    fn account(&self) -> &str {
        &self.account
    }

    fn key(&self) -> String {
        format!("{} {}", self.user, self.looks)
    }

    async fn run(&self, notices: &Notices, lease: &Lease) -> Result<(), JobError> {
        // What Zendesk refuses may be for a moment, and nobody asks again before an agent opens the ticket.
        self.attempt(notices, lease).await.map_err(|error| match error.advice() {
            Advice::GiveUp => JobError::retry(error.chain()),
            _ => error,
        })
    }
}

impl WriteNewcomer {
    async fn attempt(&self, notices: &Notices, lease: &Lease) -> Result<(), JobError> {
        let id = UserId(self.user);
        let user = match notices.0.zendesk.user(id).await {
            Err(error) if error.is(FailureKind::NotFound) => return notices.end(self, lease, "gone").await,
            user => user?,
        };
        if user.role != Role::EndUser || !user.active || user.suspended {
            return notices.end(self, lease, "no_customer").await;
        }
        let mut is_first_ticket_awaited = true;
        if self.looks == 0 {
            match notices.write(&user).await? {
                Written::Yes(fields) => notices.note_written(self.user, fields, lease).await?,
                // Triggers see what a later ticket's requester has: nobody waits for the tickets of an import's users.
                Written::Already => is_first_ticket_awaited = false,
                Written::No(why) => return notices.end(self, lease, why).await,
            }
        }
        let tagged = notices.tag_tickets(id).await?;
        if tagged || !is_first_ticket_awaited || self.looks + 1 >= LOOKS {
            return notices.end(self, lease, "written").await;
        }
        let Setup { db, queue, clock, .. } = &*notices.0;
        let mut tx = db.begin().await?;
        lease.guard(&mut tx).await?;
        let again = Self { looks: self.looks + 1, ..self.clone() };
        queue.enqueue_at(&mut tx, &again, clock.now() + LOOK_EVERY).await?;
        Ok(tx.commit().await?)
    }
}

/// Whether fields were written.
enum Written {
    /// So many.
    Yes(usize),
    /// They hold what they must.
    Already,
    /// By a word.
    No(&'static str),
}

impl Notices {
    /// Zendesk made a user: takes them, if nobody has. False: somebody has.
    pub async fn newcomer(&self, tx: &mut Tx, user: u64) -> Result<bool, StoreError> {
        let Setup { account, queue, clock, .. } = &*self.0;
        if kept::take_newcomer(tx, account, user, clock.now()).await? == Newcomer::Known {
            return Ok(false);
        }
        queue.enqueue(tx, &WriteNewcomer { account: account.clone(), user, looks: 0 }).await?;
        Ok(true)
    }

    /// An agent opens the ticket of a customer whose fields are empty and whom the copy knows: the same, where triggers are connected.
    pub async fn newcomer_seen(&self, user: u64) -> Result<(), StoreError> {
        let Setup { account, db, .. } = &*self.0;
        if kept::triggers(db, account).await?.is_empty() {
            return Ok(());
        }
        let mut tx = db.begin().await?;
        self.newcomer(&mut tx, user).await?;
        tx.commit().await
    }

    /// Writes what the copy knows of them.
    async fn write(&self, user: &User) -> Result<Written, JobError> {
        let Setup { account, db, zendesk, contracts, contract_settings, .. } = &*self.0;
        let all = integrations::list(db, account).await?;
        let carrying = all.iter().filter(|one| one.enabled).find_map(|one| {
            let definition: Definition = serde_json::from_str(&one.definition).ok()?;
            Some((ContractFields::of(&definition, &contract_settings.fields)?, definition))
        });
        let Some((of_contract, definition)) = carrying else { return Ok(Written::No("no_integration")) };
        if of_contract.of != "requester" {
            return Ok(Written::No("no_user_fields"));
        }
        let Some(company) = contracts.facts_of(user, None).await?.company else {
            return Ok(Written::No("unknown"));
        };
        let mut wanted = values(&definition, &of_contract, &company);
        // What somebody, or the integration, wrote meanwhile is theirs.
        wanted.retain(|(mapping, _)| {
            user.user_fields.get(&mapping.field).is_none_or(|there| there.is_null() || there == "")
        });
        if wanted.is_empty() {
            return Ok(Written::Already);
        }
        let values = values_for(&wanted, &zendesk.user_fields().await?.into_readable());
        if values.is_empty() {
            return Ok(Written::Already);
        }
        zendesk.set_user_fields(user.id, &values).await?;
        Ok(Written::Yes(values.len()))
    }

    /// Tags their tickets of the last hour. False: there are none yet.
    async fn tag_tickets(&self, user: UserId) -> Result<bool, JobError> {
        let Setup { zendesk, clock, .. } = &*self.0;
        let since = clock.now() - TAGGED_WITHIN;
        let mut tickets = zendesk.latest_tickets_of(user).await?;
        tickets.retain(|ticket| {
            ticket.status != TicketStatus::Closed && ticket.created_at.is_some_and(|at| at >= since)
        });
        for ticket in &tickets {
            if !ticket.tags.iter().any(|tag| tag == kind::NEWCOMER_TAG) {
                zendesk.add_tags(ticket.id, &[kind::NEWCOMER_TAG]).await?;
            }
        }
        Ok(!tickets.is_empty())
    }

    async fn note_written(&self, user: u64, fields: usize, lease: &Lease) -> Result<(), JobError> {
        let Setup { account, db, clock, .. } = &*self.0;
        let detail = serde_json::json!({ "user": user, "fields": fields });
        let entry = LedgerEntry::of_account(
            clock.now(),
            ("deskside", LedgerAction::NewcomerWritten.as_str()),
            detail,
        );
        let mut tx = db.begin().await?;
        lease.guard(&mut tx).await?;
        ledger::append(&mut tx, account, &entry).await?;
        Ok(tx.commit().await?)
    }

    async fn end(&self, job: &WriteNewcomer, lease: &Lease, outcome: &str) -> Result<(), JobError> {
        let Setup { account, db, clock, .. } = &*self.0;
        let mut tx = db.begin().await?;
        lease.guard(&mut tx).await?;
        kept::settle_newcomer(&mut tx, account, (job.user, outcome), clock.now()).await?;
        tx.commit().await?;
        tracing::info!(
            account,
            user = job.user,
            outcome,
            "a customer who wrote for the first time was looked up"
        );
        Ok(())
    }
}

/// What each mapped field gets, as the model would give it to the mapping.
fn values(
    definition: &Definition,
    of_contract: &ContractFields,
    company: &Company,
) -> Vec<(wire::Mapping, String)> {
    let by_field: BTreeMap<&str, Part> = of_contract.parts().map(|(part, key)| (key, part)).collect();
    let extra = |column: &str| {
        let contract = definition.contract.as_ref()?;
        let (name, _) = contract.extra.iter().find(|(_, from)| *from == column)?;
        company.extra.get(name).cloned()
    };
    let value = |mapping: &wire::Mapping| {
        if let Some(constant) = &mapping.constant {
            return Some(constant.clone());
        }
        let column = mapping.column.as_deref()?;
        match by_field.get(mapping.field.as_str()) {
            Some(part) => of_part(*part, company),
            None => extra(column),
        }
    };
    definition.mapping.iter().filter_map(|mapping| Some((mapping.clone(), value(mapping)?))).collect()
}

fn of_part(part: Part, company: &Company) -> Option<String> {
    match part {
        Part::Company => company.company.clone(),
        Part::AccountType => company.account_type.clone(),
        Part::SubscriptionStatus => company.subscription_status.clone(),
        Part::Mrr => company.mrr.clone(),
        Part::Start => company.start.map(|day| day.to_string()),
        Part::Renewal => company.renewal.map(|day| day.to_string()),
        Part::Owner => company.owner(),
    }
}
