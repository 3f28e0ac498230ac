//! Zendesk's users and organizations as a source that is kept.

use async_trait::async_trait;
use chrono::DateTime;

use super::export::{Exported, Exporter, Page};
use crate::{
    causes::with_causes,
    connectors::zendesk::{ExportFrom, OrganizationRow, Records, Role, UserRow, ZendeskClient, ZendeskError},
    features::connections::Connections,
    queue::JobError,
};

/// Zendesk's records of one kind.
pub(super) struct ZendeskRecords {
    pub(super) client: ZendeskClient,
    pub(super) records: Records,
    /// The connection that leads there; absent: the settings file's.
    kept: Option<(Connections, String)>,
}

impl ZendeskRecords {
    /// `client` is the one for jobs.
    pub fn new(client: ZendeskClient, object: &str) -> Self {
        let records = if object == "organizations" { Records::Organizations } else { Records::Users };
        Self { client, records, kept: None }
    }

    /// The same by a connection, which keeps how it works.
    pub fn by(self, connections: &Connections, id: &str) -> Self {
        Self { kept: Some((connections.clone(), id.to_owned())), ..self }
    }

    /// What a call came to, which is written down at its connection where a person must mend something there, and where they have. `work`
    /// is what the call is for: Zendesk can refuse one and allow another.
    pub(super) async fn noted<T>(
        &self,
        work: &str,
        came: Result<T, ZendeskError>,
    ) -> Result<T, ZendeskError> {
        let Some((connections, id)) = &self.kept else { return came };
        let during = format!("{work} {}", self.records.plural());
        let of = (id.as_str(), during.as_str());
        let noted = match &came {
            Ok(_) => connections.has_worked(of).await,
            Err(error) => connections.was_refused(of, error).await,
        };
        if let Err(error) = noted {
            let error = with_causes(&error);
            tracing::warn!(connection = id, %error, "how the connection `{id}` works was not written down");
        }
        came
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
                let page = self.noted("export", self.client.exported_users(&from).await).await?;
                let lost = page.rows.lost().len();
                (page.rows.into_readable().into_iter().map(of_user).collect(), page.cursor, page.is_end, lost)
            }
            Records::Organizations => {
                let page = self.noted("export", self.client.exported_organizations(&from).await).await?;
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
