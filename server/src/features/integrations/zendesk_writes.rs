//! Zendesk's users and organizations as a destination. **Invariant:** no organization is made twice: Zendesk takes a name and an external id
//! once, and one that was perhaps made is looked for by them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use async_trait::async_trait;
use serde_json::Value as Json;
use wire::{FieldToCreate, RowReason as Why};

use super::{
    compare::only,
    destination::{
        Defined, Delivery, Destination, DestinationError, Found, NewRecord, Record, Sent, Settled, Write,
    },
    reasons::reason,
    values::{Field, Values, fingerprint, held, sent},
    zendesk::ZendeskRecords,
};
use crate::{
    connectors::{
        FailureKind, Rows, VendorError,
        zendesk::{
            CustomField, FieldKind, JobStatus, NewField, NewOrganization, OrganizationRow, RecordUpdate,
            Records, RowOutcome, StartedJob, UserId, ZendeskError,
        },
    },
    queue::JobError,
};

/// One job takes 100 rows, and an account 30 jobs: some are left for others.
const ROWS: usize = 100;
const JOBS: usize = 25;
/// Where Zendesk says that there are too many jobs, and no time.
const FULL: Duration = Duration::from_secs(10);
/// Pages of a thousand open tickets that are read before a delivery. A search by export is the least that tells: one call for a
/// thousand tickets, where the ticket export would begin with every ticket of the account. Who has more open tickets than these
/// has the newest of them first.
const URGENT_CALLS: usize = 10;

#[async_trait]
impl Destination for ZendeskRecords {
    fn place(&self) -> String {
        self.client.place()
    }

    async fn fields(&self) -> Result<Vec<Defined>, DestinationError> {
        let all = self.noted("read", self.client.custom_fields(self.records).await).await?;
        let defined = |field: CustomField| Defined {
            closed: match &field {
                // An inactive field takes values and shows them to nobody.
                field if !field.active => Some("is switched off in Zendesk; an admin switches it on there"),
                field if field.system => Some("is Zendesk's own; map another field"),
                field if field.kind == FieldKind::Unknown => {
                    Some("has a type that Deskside does not know; map another field")
                }
                _ => None,
            },
            title: field.title,
            field: Field {
                made_at: field.created_at.unwrap_or_default(),
                ..Field::new(
                    &field.key,
                    field.kind,
                    field.options.into_iter().map(|option| option.value).collect(),
                )
            },
        };
        Ok(all.into_readable().into_iter().map(defined).collect())
    }

    async fn make_field(&self, field: &Field, wish: &FieldToCreate) -> Result<(), DestinationError> {
        let options = wish.options.iter().map(|option| (option.name.clone(), option.value.clone()));
        let new = NewField {
            key: field.name.clone(),
            title: wish.title.clone(),
            kind: field.kind,
            options: options.collect(),
        };
        Ok(self
            .noted("make fields of", self.client.create_field(self.records, &new).await)
            .await
            .map(drop)?)
    }

    async fn add_option(&self, field: &str, option: (&str, &str)) -> Result<(), DestinationError> {
        let set = self.client.set_option(self.records, field, option).await;
        Ok(self.noted("make fields of", set).await?)
    }

    fn at_most(&self) -> (usize, usize) {
        (ROWS, JOBS)
    }

    fn calls_a_minute(&self) -> Option<u64> {
        self.client.calls_a_minute()
    }

    async fn send(&self, rows: &[Write], fields: &[Field]) -> Result<Sent, DestinationError> {
        let mut updates = Vec::new();
        let mut new = Vec::new();
        for row in rows {
            let fields = json_of(&row.values, fields);
            match &row.record {
                Record::Known(id) => {
                    updates.extend(id.parse().ok().map(|id| RecordUpdate { id, fields }));
                }
                Record::New(NewRecord { name, external_id }) => {
                    new.push(NewOrganization {
                        name: name.clone(),
                        external_id: external_id.clone(),
                        fields,
                    });
                }
            }
        }
        if new.is_empty() {
            started(self.noted("write", self.client.update_many(self.records, &updates).await).await)
        } else {
            started(self.noted("write", self.client.create_organizations(&new).await).await)
        }
    }

    async fn look(
        &self,
        jobs: &[(String, Vec<Write>)],
        fields: &[Field],
    ) -> Result<Vec<Delivery>, DestinationError> {
        let names: Vec<String> = jobs.iter().map(|(name, _)| name.clone()).collect();
        let found = self.noted("read", self.client.job_statuses(&names).await).await?;
        let mut standing = Vec::new();
        for (name, rows) in jobs {
            standing.push(match found.iter().find(|job| job.id == *name) {
                None => Delivery::Unknown("Zendesk does not know the job any more".to_owned()),
                Some(job) if !job.is_over() => Delivery::Working,
                Some(job) if rows.iter().any(|row| matches!(row.record, Record::New(_))) => {
                    Delivery::Done(self.made(job, rows, fields).await?)
                }
                Some(job) => updated(job, rows),
            });
        }
        Ok(standing)
    }

    async fn read(&self, rows: &[Write], fields: &[Field]) -> Result<Vec<Option<Found>>, DestinationError> {
        let known = |row: &Write| match &row.record {
            Record::Known(id) => id.parse::<u64>().ok(),
            Record::New(_) => None,
        };
        let ids: Vec<u64> = rows.iter().filter_map(known).collect();
        let mut held_by: BTreeMap<u64, Values> = BTreeMap::new();
        if !ids.is_empty() && self.records == Records::Users {
            let ids: Vec<UserId> = ids.iter().copied().map(UserId).collect();
            let found = complete(self.client.user_rows(&ids).await?)?;
            let there = found.into_iter().filter(|row| row.active);
            held_by.extend(there.map(|row| (row.id.0, values_of(&row.user_fields, fields))));
        } else if !ids.is_empty() {
            let found = complete(self.client.organization_rows(&ids).await?)?;
            let there = found.into_iter().filter(|row| row.deleted_at.is_none());
            held_by.extend(there.map(|row| (row.id, values_of(&row.organization_fields, fields))));
        }
        let made = self.find(&rows.iter().collect::<Vec<_>>()).await?;
        let found = rows.iter().map(|row| match (&row.record, known(row)) {
            (Record::New(new), _) => {
                made.iter().find(|made| is_of(made, new)).map(|made| found_of(made, fields))
            }
            (_, id) => {
                let id = id?;
                held_by.get(&id).map(|values| Found { id: id.to_string(), values: values.clone() })
            }
        });
        Ok(found.collect())
    }

    async fn urgent(&self) -> Result<BTreeSet<String>, DestinationError> {
        let owners = self.client.open_ticket_owners(URGENT_CALLS).await?;
        let ids = owners.into_iter().filter_map(|owner| match self.records {
            Records::Users => Some(owner.requester_id.0),
            Records::Organizations => owner.organization_id,
        });
        Ok(ids.map(|id| id.to_string()).collect())
    }
}

impl ZendeskRecords {
    /// What became of organizations that were to be made. Those that the job names by id are read, so that each is known by what it
    /// was made with; one that is refused because it is there already is looked for: an earlier delivery may have made it.
    async fn made(
        &self,
        job: &JobStatus,
        rows: &[Write],
        fields: &[Field],
    ) -> Result<Vec<Settled>, DestinationError> {
        let told = job.made();
        let mut there = complete(self.client.organization_rows(&told.ids).await?)?;
        let is_there = |row: &Write, there: &[OrganizationRow]| match &row.record {
            Record::New(new) => there.iter().any(|made| is_of(made, new)),
            Record::Known(_) => true,
        };
        let missing: Vec<&Write> = rows.iter().filter(|row| !is_there(row, &there)).collect();
        there.extend(self.find(&missing).await?);
        let settled = rows.iter().enumerate().map(|(place, row)| {
            let Record::New(new) = &row.record else { return Settled::Open };
            match (there.iter().find(|made| is_of(made, new)), told.refused.get(&place)) {
                (Some(made), None) if told.ids.contains(&made.id) => Settled::Made(made.id.to_string()),
                (Some(made), refused) => match (holds(made, row, fields), refused) {
                    (true, _) => Settled::Made(made.id.to_string()),
                    (false, Some(_)) => Settled::Refused(reason(Why::ThereByNow, &[&made.id.to_string()])),
                    (false, None) => Settled::Open,
                },
                (None, Some(outcome)) => not_made(outcome, new),
                (None, None) => Settled::Open,
            }
        });
        Ok(settled.collect())
    }

    /// Organizations that are there by now, by what new ones are made with.
    async fn find(&self, rows: &[&Write]) -> Result<Vec<OrganizationRow>, DestinationError> {
        let (mut external_ids, mut found) = (Vec::new(), Vec::new());
        for row in rows {
            let Record::New(new) = &row.record else { continue };
            match &new.external_id {
                Some(id) => external_ids.push(id.clone()),
                None => found.extend(complete(self.client.organizations_by_name(&new.name).await?)?),
            }
        }
        if !external_ids.is_empty() {
            found.extend(complete(self.client.organizations_by_external_id(&external_ids).await?)?);
        }
        found.retain(|row| row.deleted_at.is_none());
        Ok(found)
    }
}

/// Whether this is the organization that a row makes.
fn is_of(row: &OrganizationRow, new: &NewRecord) -> bool {
    let same = |one: &str, other: &str| one.trim().to_lowercase() == other.trim().to_lowercase();
    match &new.external_id {
        Some(id) => row.external_id.as_deref().is_some_and(|its| same(its, id)),
        None => same(&row.name, &new.name),
    }
}

fn holds(made: &OrganizationRow, row: &Write, fields: &[Field]) -> bool {
    let values = values_of(&made.organization_fields, fields);
    fingerprint(&only(&values, &row.values)) == fingerprint(&row.values)
}

fn found_of(made: &OrganizationRow, fields: &[Field]) -> Found {
    Found { id: made.id.to_string(), values: values_of(&made.organization_fields, fields) }
}

/// Why an organization was not made, where no other stands in its place.
fn not_made(outcome: &RowOutcome, new: &NewRecord) -> Settled {
    match (settled(outcome.clone()), &new.external_id) {
        (Settled::Refused(why), Some(id)) if why.contains("Name: has already been taken") => {
            Settled::Refused(reason(Why::NameTaken, &[id]))
        }
        (settled, _) => settled,
    }
}

fn updated(job: &JobStatus, rows: &[Write]) -> Delivery {
    let ids: Vec<u64> = rows
        .iter()
        .filter_map(|row| match &row.record {
            Record::Known(id) => id.parse().ok(),
            Record::New(_) => None,
        })
        .collect();
    let outcomes = job.outcomes(&ids);
    if outcomes.len() != rows.len() || outcomes.contains(&RowOutcome::Unknown) {
        return Delivery::Unknown("Zendesk's job does not say what became of each record".to_owned());
    }
    Delivery::Done(outcomes.into_iter().map(settled).collect())
}

fn started(answer: Result<StartedJob, ZendeskError>) -> Result<Sent, DestinationError> {
    match answer {
        Ok(started) if !started.ignored.is_empty() => {
            let names = started.ignored.join(", ");
            Err(JobError::give_up(format!("Zendesk ignored what it was sent: {names}; its API has changed")))
        }
        Ok(started) => Ok(Sent::Job(started.job.id)),
        Err(error) if error.is(FailureKind::RateLimited) => Ok(Sent::Full(error.remedy().2.unwrap_or(FULL))),
        Err(error) if matches!(error.kind(), FailureKind::Rejected | FailureKind::TooLarge) => {
            Ok(Sent::Refused(reason(Why::CallRefused, &[&error.to_string()])))
        }
        Err(error) => Err(error.into()),
    }
}

fn json_of(values: &Values, fields: &[Field]) -> BTreeMap<String, Json> {
    let kind = |name: &str| {
        fields.iter().find(|field| field.name == name).map_or(FieldKind::Text, |field| field.kind)
    };
    values.iter().map(|(name, value)| (name.clone(), sent(kind(name), value.as_deref()))).collect()
}

fn values_of(held_by: &BTreeMap<String, Json>, fields: &[Field]) -> Values {
    let value = |field: &Field| held(field, held_by.get(&field.name).unwrap_or(&Json::Null));
    fields.iter().map(|field| (field.name.clone(), value(field))).collect()
}

/// A record that cannot be read is not one that is gone.
fn complete<T>(rows: Rows<T>) -> Result<Vec<T>, JobError> {
    rows.proves_absence().map_err(JobError::retry)?;
    Ok(rows.into_readable())
}

fn settled(outcome: RowOutcome) -> Settled {
    match outcome {
        RowOutcome::Written => Settled::Done,
        RowOutcome::Busy(wait) => Settled::Busy(wait),
        RowOutcome::Gone => Settled::Refused(reason(Why::RecordGone, &[])),
        RowOutcome::Refused { code, details } => {
            Settled::Refused(reason(Why::RefusedByZendesk, &[&code, &details.unwrap_or_default()]))
        }
        RowOutcome::Unknown => Settled::Later(reason(Why::OutcomeUnknown, &[])),
    }
}
