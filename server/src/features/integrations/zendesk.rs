//! Zendesk's users and organizations as a source that is kept.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::{
    export::{Answered, Exporter, Page},
    people_rows::{Exported, cells},
};
use crate::{
    causes::with_causes,
    connectors::{
        Rows,
        zendesk::{
            ExportFrom, Identity, OrganizationRow, Records, Role, UserRow, ZendeskClient, ZendeskError,
        },
    },
    features::connections::Connections,
    queue::JobError,
};

/// Zendesk's records of one kind.
pub(super) struct ZendeskRecords {
    pub(super) client: ZendeskClient,
    pub(super) records: Records,
    /// The connection that leads there.
    kept: KeptAt,
}

/// The connection of a client, which keeps how it works; absent: the settings file's.
pub(super) type KeptAt = Option<(Connections, String)>;

/// What a call came to, which is written down at its connection where a person must mend something there, and where they have. `during`
/// is what the call is for: Zendesk can refuse one and allow another.
pub(super) async fn noted<T>(
    kept: &KeptAt,
    during: &str,
    came: Result<T, ZendeskError>,
) -> Result<T, ZendeskError> {
    let Some((connections, id)) = kept else { return came };
    let of = (id.as_str(), during);
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

impl ZendeskRecords {
    /// `client` is the one for jobs.
    pub fn new(client: ZendeskClient, object: &str) -> Self {
        let records = if object == "organizations" { Records::Organizations } else { Records::Users };
        Self { client, records, kept: None }
    }

    /// The same by a connection, which keeps how it works.
    pub fn by(self, kept: KeptAt) -> Self {
        Self { kept, ..self }
    }

    /// See [`noted`].
    pub(super) async fn noted<T>(
        &self,
        work: &str,
        came: Result<T, ZendeskError>,
    ) -> Result<T, ZendeskError> {
        noted(&self.kept, &format!("{work} {}", self.records.plural()), came).await
    }
}

#[async_trait]
impl Exporter for ZendeskRecords {
    fn place(&self) -> String {
        self.client.place()
    }

    async fn page(&self, cursor: Option<&str>) -> Result<Page, JobError> {
        let from = ExportFrom::or_all(cursor);
        let (records, cursor, is_last, lost) = match self.records {
            Records::Users => {
                let page = self.noted("export", self.client.exported_users(&from).await).await?;
                let lost = page.rows.lost().len();
                let mut addresses = secondary(&page.rows, page.identities).told;
                let users = page.rows.into_readable().into_iter();
                let users =
                    users.map(|user| Exported { addresses: addresses.remove(&user.id.0), ..of_user(user) });
                (users.collect::<Vec<_>>(), page.cursor, page.is_end, lost)
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
        Ok(Page { rows: records.into_iter().map(cells).collect(), cursor, is_last, lost })
    }

    async fn addresses(&self, users: &[u64]) -> Result<Option<Answered>, JobError> {
        let told = self.noted("export", self.client.users_with_identities(users).await).await?;
        Ok(told.map(|(users, told)| secondary(&users, Some(told))))
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
        addresses: None,
    }
}

/// The verified secondary addresses of users, as far as Zendesk told all addresses of a user: their primary one must be among them. Where
/// something could not be read, nothing is known.
fn secondary(users: &[UserRow], told: Option<Rows<Identity>>) -> Answered {
    let Some(told) = told else { return Answered::default() };
    let lost: Option<BTreeSet<u64>> = told.lost().iter().map(|lost| lost.row["user_id"].as_u64()).collect();
    let Some(lost) = lost else { return Answered::default() }; // it may be anybody's
    let mut all: BTreeMap<u64, Vec<Identity>> = BTreeMap::new();
    for identity in told.into_readable().into_iter().filter(|identity| identity.kind == "email") {
        all.entry(identity.user_id.0).or_default().push(identity);
    }
    let mut answered = Answered::default();
    for user in users.iter().filter(|user| !lost.contains(&user.id.0)) {
        let of_user = all.remove(&user.id.0).unwrap_or_default();
        let is_primary = |identity: &Identity| {
            user.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(&identity.value))
        };
        let is_told = of_user.iter().all(|one| one.verified.is_some() || one.primary || is_primary(one));
        let is_whole = is_told && (user.email.is_none() || of_user.iter().any(is_primary));
        let is_other = |one: &Identity| one.verified == Some(true) && !one.primary && !is_primary(one);
        let others = of_user.into_iter().filter(is_other);
        if is_whole {
            answered.told.insert(user.id.0, others.map(|one| one.value).collect());
        } else {
            answered.silent.insert(user.id.0);
        }
    }
    answered
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
        addresses: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connectors::Lenient;

    fn user(email: Option<&str>) -> UserRow {
        let user = json!({"id": 1, "email": email, "updated_at": "2026-11-01T09:00:00Z"});
        serde_json::from_value(user).expect("a user")
    }

    /// check(the primary address, identities as type, value, primary, verified; what is known)
    #[track_caller]
    fn check(email: Option<&str>, told: &[(&str, &str, bool, bool)], expected: Option<&[&str]>) {
        let identity = |(kind, value, primary, verified): &(&str, &str, bool, bool)| json!({"user_id": 1, "type": kind, "value": value, "primary": primary, "verified": verified});
        let rows = json!(told.iter().map(identity).collect::<Vec<_>>());
        let rows = Lenient { vendor: "zendesk", careful: &[] }.rows("identities", rows).expect("a list");
        let Answered { mut told, silent } = secondary(&[user(email)], Some(rows));
        let known = told.remove(&1);
        assert_eq!(silent.contains(&1), known.is_none());
        let expected = expected.map(|all| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert_eq!(known, expected, "{email:?} {told:?}");
    }

    #[test]
    fn a_verified_secondary_address_is_known_where_all_were_told() {
        let own = ("email", "a@example.com", true, true);
        check(Some("a@example.com"), &[own], Some(&[]));
        check(
            Some("A@Example.com"),
            &[own, ("email", "b@example.com", false, true)],
            Some(&["b@example.com"]),
        );
        check(Some("a@example.com"), &[own, ("email", "b@example.com", false, false)], Some(&[]));
        check(Some("a@example.com"), &[own, ("phone_number", "+4930123456", false, true)], Some(&[]));
        check(Some("a@example.com"), &[("email", "b@example.com", false, true)], None);
        check(Some("a@example.com"), &[], None);
        check(None, &[], Some(&[]));
        // Whether it is verified is not said, so whether it is the user's is not known.
        for verified in [json!({}), json!({"verified": null})] {
            let mut other = json!({"user_id": 1, "type": "email", "value": "b@example.com"});
            other
                .as_object_mut()
                .expect("an object")
                .extend(verified.as_object().expect("an object").clone());
            let own = json!({"user_id": 1, "type": "email", "value": "a@example.com", "primary": true, "verified": true});
            let rows = Lenient { vendor: "zendesk", careful: &[] }.rows("identities", json!([own, other]));
            let answered = secondary(&[user(Some("a@example.com"))], Some(rows.expect("a list")));
            assert_eq!((answered.told.len(), answered.silent.len()), (0, 1), "{verified}");
        }
        assert_eq!(secondary(&[user(None)], None), Answered::default());
        let unreadable =
            json!([{"user_id": "somebody", "type": "email", "value": "b@example.com", "verified": true}]);
        let rows =
            Lenient { vendor: "zendesk", careful: &[] }.rows("identities", unreadable).expect("a list");
        assert_eq!(secondary(&[user(Some("a@example.com"))], Some(rows)), Answered::default(), "asked again");
    }
}
