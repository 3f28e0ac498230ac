//! Zendesk's users and organizations as a source that is kept.

use async_trait::async_trait;
use chrono::DateTime;

use super::export::{Exported, Exporter, Page};
use crate::{
    connectors::zendesk::{ExportFrom, OrganizationRow, Records, Role, UserRow, ZendeskClient},
    queue::JobError,
};

/// Zendesk's records of one kind.
pub(super) struct ZendeskRecords {
    pub(super) client: ZendeskClient,
    pub(super) records: Records,
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
    fn place(&self) -> String {
        self.client.place()
    }

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
