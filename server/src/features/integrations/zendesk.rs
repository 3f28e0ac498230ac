//! Zendesk's users and organizations: as a source that is kept, and as a destination.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use chrono::DateTime;

use super::{
    destination::{Delivery, Destination, DestinationError, Sent, Settled, Write},
    export::{Exported, Exporter, Page},
    values::{Field, Values, held, sent},
};
use crate::{
    connectors::{
        FailureKind, VendorError,
        zendesk::{
            CustomField, ExportFrom, FieldKind, OrganizationRow, RecordUpdate, Records, Role, RowOutcome,
            UserId, UserRow, ZendeskClient,
        },
    },
    queue::JobError,
};

/// Zendesk's records of one kind.
pub(super) struct ZendeskRecords {
    client: ZendeskClient,
    records: Records,
}

impl ZendeskRecords {
    /// `client` is the one for jobs.
    pub fn new(client: ZendeskClient, object: &str) -> Self {
        let records = if object == "organizations" { Records::Organizations } else { Records::Users };
        Self { client, records }
    }
}

#[async_trait]
impl Exporter for ZendeskRecords {
    async fn page(&self, cursor: Option<&str>) -> Result<Page, JobError> {
        let from = cursor.map_or_else(
            || ExportFrom::Time(DateTime::UNIX_EPOCH),
            |cursor| ExportFrom::Cursor(cursor.to_owned()),
        );
        let (records, cursor, is_last, lost) = match self.records {
            Records::Users => {
                let page = self.client.exported_users(&from).await?;
                let lost = page.rows.lost().len();
                (page.rows.into_readable().into_iter().map(of_user).collect(), page.cursor, page.is_end, lost)
            }
            Records::Organizations => {
                let page = self.client.exported_organizations(&from).await?;
                let lost = page.rows.lost().len();
                (
                    page.rows.into_readable().into_iter().map(of_organization).collect(),
                    page.cursor,
                    page.is_end,
                    lost,
                )
            }
        };
        Ok(Page { records, cursor, is_last, lost })
    }
}

fn of_user(row: UserRow) -> Exported {
    Exported {
        id: row.id.0,
        active: row.active,
        name: Some(row.name),
        email: row.email,
        external_id: row.external_id,
        organization_id: row.organization_id,
        role: role(row.role).map(str::to_owned),
        suspended: row.suspended,
        updated_at: row.updated_at,
        fields: serde_json::json!(row.user_fields).to_string(),
    }
}

fn role(role: Role) -> Option<&'static str> {
    match role {
        Role::EndUser => Some("end-user"),
        Role::Agent => Some("agent"),
        Role::Admin => Some("admin"),
        Role::Unknown => None,
    }
}

fn of_organization(row: OrganizationRow) -> Exported {
    Exported {
        id: row.id,
        active: row.deleted_at.is_none(),
        name: Some(row.name),
        email: None,
        external_id: row.external_id,
        organization_id: None,
        role: None,
        suspended: false,
        updated_at: row.updated_at,
        fields: serde_json::json!(row.organization_fields).to_string(),
    }
}

/// One job takes 100 rows, and an account 30 jobs: some are left for others.
const ROWS: usize = 100;
const JOBS: usize = 25;
/// Where Zendesk says that there are too many jobs, and no time.
const FULL: Duration = Duration::from_secs(10);

#[async_trait]
impl Destination for ZendeskRecords {
    async fn fields(&self) -> Result<Vec<Field>, DestinationError> {
        let all = self.client.custom_fields(self.records).await?;
        let field = |field: CustomField| Field {
            name: field.key,
            kind: field.kind,
            options: field.options.into_iter().map(|option| option.value).collect(),
        };
        // An inactive field takes values and shows them to nobody.
        let can_be_written =
            |field: &CustomField| field.active && !field.system && field.kind != FieldKind::Unknown;
        Ok(all.into_readable().into_iter().filter(can_be_written).map(field).collect())
    }

    fn at_most(&self) -> (usize, usize) {
        (ROWS, JOBS)
    }

    async fn send(&self, rows: &[Write], fields: &[Field]) -> Result<Sent, DestinationError> {
        let kind = |name: &str| {
            fields.iter().find(|field| field.name == name).map_or(FieldKind::Text, |field| field.kind)
        };
        let updates: Vec<RecordUpdate> = rows
            .iter()
            .filter_map(|row| {
                let values = row.values.iter();
                let fields = values.map(|(name, value)| (name.clone(), sent(kind(name), value.as_deref())));
                Some(RecordUpdate { id: row.id.parse().ok()?, fields: fields.collect() })
            })
            .collect();
        match self.client.update_many(self.records, &updates).await {
            Ok(started) if !started.ignored.is_empty() => {
                let names = started.ignored.join(", ");
                Err(JobError::give_up(format!(
                    "Zendesk ignored what it was sent: {names}; its API has changed"
                )))
            }
            Ok(started) => Ok(Sent::Job(started.job.id)),
            Err(error) if error.is(FailureKind::RateLimited) => {
                Ok(Sent::Full(error.remedy().2.unwrap_or(FULL)))
            }
            Err(error) if matches!(error.kind(), FailureKind::Rejected | FailureKind::TooLarge) => {
                Ok(Sent::Refused(error.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn look(&self, jobs: &[(String, Vec<String>)]) -> Result<Vec<Delivery>, DestinationError> {
        let names: Vec<String> = jobs.iter().map(|(name, _)| name.clone()).collect();
        let found = self.client.job_statuses(&names).await?;
        let standing = jobs.iter().map(|(name, ids)| {
            let Some(job) = found.iter().find(|job| job.id == *name) else {
                return Delivery::Unknown("Zendesk does not know the job any more".to_owned());
            };
            if !job.is_over() {
                return Delivery::Working;
            }
            let sent: Vec<u64> = ids.iter().filter_map(|id| id.parse().ok()).collect();
            let outcomes = job.outcomes(&sent);
            if outcomes.contains(&RowOutcome::Unknown) {
                return Delivery::Unknown("Zendesk's job does not say what became of each record".to_owned());
            }
            Delivery::Done(
                sent.iter().map(ToString::to_string).zip(outcomes.into_iter().map(settled)).collect(),
            )
        });
        Ok(standing.collect())
    }

    async fn read(
        &self,
        ids: &[String],
        fields: &[Field],
    ) -> Result<BTreeMap<String, Values>, DestinationError> {
        let ids: Vec<u64> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        let values = |held_by: &BTreeMap<String, serde_json::Value>| -> Values {
            let null = serde_json::Value::Null;
            fields
                .iter()
                .map(|field| (field.name.clone(), held(field, held_by.get(&field.name).unwrap_or(&null))))
                .collect()
        };
        Ok(match self.records {
            Records::Users => {
                let ids: Vec<UserId> = ids.into_iter().map(UserId).collect();
                let found = complete(self.client.user_rows(&ids).await?)?;
                found
                    .iter()
                    .filter(|row| row.active)
                    .map(|row| (row.id.to_string(), values(&row.user_fields)))
                    .collect()
            }
            Records::Organizations => {
                let found = complete(self.client.organization_rows(&ids).await?)?;
                let there = found.iter().filter(|row| row.deleted_at.is_none());
                there.map(|row| (row.id.to_string(), values(&row.organization_fields))).collect()
            }
        })
    }
}

/// A record that cannot be read is not one that is gone.
fn complete<T>(rows: crate::connectors::Rows<T>) -> Result<Vec<T>, JobError> {
    rows.proves_absence().map_err(JobError::retry)?;
    Ok(rows.into_readable())
}

fn settled(outcome: RowOutcome) -> Settled {
    match outcome {
        RowOutcome::Written => Settled::Done,
        RowOutcome::Busy(_) => Settled::Later("the record takes no more changes for now".to_owned()),
        RowOutcome::Gone => Settled::Refused("Zendesk does not have this record any more".to_owned()),
        RowOutcome::Refused { code, details } => {
            Settled::Refused(format!("{code}: {}", details.unwrap_or_default()))
        }
        RowOutcome::Unknown => Settled::Later("Zendesk did not say what became of it".to_owned()),
    }
}
