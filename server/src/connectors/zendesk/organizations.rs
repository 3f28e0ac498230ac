//! Organizations that are made, many at once, and how one is found by what it was made with. Docs: "Create Many Organizations".
//! Traps: a name and an external id are each taken once in an account, whatever their case; a row that was made is told by its id only,
//! without its place; `create_or_update` does not find by name and takes one record a call.

use std::collections::BTreeMap;

use reqwest::Method;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::calls::{BUILDS, PAGE, member_of, rows_by};
use super::records::SYNCED;
use super::{JobStatus, OrganizationRow, Records, RowOutcome, StartedJob, ZendeskClient, ZendeskError};
use crate::connectors::{Repeat, Rows};

const CREATE: &str = "POST /api/v2/organizations/create_many";
const SHOW: &str = "GET /api/v2/organizations/show_many";
const SEARCH: &str = "GET /api/v2/organizations/search";

/// An organization to be made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NewOrganization {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    #[serde(rename = "organization_fields")]
    pub fields: BTreeMap<String, Value>,
}

/// What a job that was to make records says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Of those that were made, in no order.
    pub ids: Vec<u64>,
    /// Of those that were not, by their place in what was sent.
    pub refused: BTreeMap<usize, RowOutcome>,
}

impl ZendeskClient {
    /// Starts a job that makes up to 100. Not repeatable: where the answer is lost, look for them.
    pub async fn create_organizations(&self, new: &[NewOrganization]) -> Result<StartedJob, ZendeskError> {
        let url = self.url("/api/v2/organizations/create_many");
        let body = BTreeMap::from([(Records::Organizations.plural(), new)]);
        let request = self.request(Method::POST, url).json(&body);
        let answer = self.authorized(CREATE, Repeat::Never, request.build().expect(BUILDS)).await?;
        Ok(StartedJob {
            job: member_of(CREATE, &answer, "job_status")?,
            ignored: super::bulk::ignored(&answer.headers),
        })
    }

    /// Those with one of these external ids, whatever their case.
    pub async fn organizations_by_external_id(
        &self,
        external_ids: &[String],
    ) -> Result<Rows<OrganizationRow>, ZendeskError> {
        // A comma stands between two ids.
        let (plain, odd): (Vec<_>, Vec<_>) = external_ids.iter().partition(|id| !id.contains(','));
        let mut found = Rows::default();
        for chunk in plain.chunks(PAGE) {
            let ids = chunk.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(",");
            let url = self.url_with("/api/v2/organizations/show_many", &[("external_ids", &ids)]);
            found.extend(self.found_organizations(SHOW, url).await?);
        }
        for id in odd {
            let url = self.url_with("/api/v2/organizations/search", &[("external_id", id)]);
            found.extend(self.found_organizations(SEARCH, url).await?);
        }
        Ok(found)
    }

    /// The one with this name, whatever its case.
    pub async fn organizations_by_name(&self, name: &str) -> Result<Rows<OrganizationRow>, ZendeskError> {
        let url = self.url_with("/api/v2/organizations/search", &[("name", name)]);
        self.found_organizations(SEARCH, url).await
    }

    async fn found_organizations(
        &self,
        call: &'static str,
        url: Url,
    ) -> Result<Rows<OrganizationRow>, ZendeskError> {
        rows_by(&SYNCED, call, &mut self.body(call, url).await?, Records::Organizations.plural())
    }
}

impl JobStatus {
    /// What became of records that were to be made.
    pub fn made(&self) -> Made {
        let (done, failed): (Vec<_>, Vec<_>) = self.results.iter().partition(|row| row.succeeded());
        let place = |index: u64| usize::try_from(index).ok();
        Made {
            ids: done.into_iter().filter_map(|row| row.id).collect(),
            refused: failed.into_iter().filter_map(|row| Some((place(row.index?)?, row.outcome()))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_is_told_by_id_and_what_was_not_by_place() {
        let job = serde_json::json!({"id": "V3-1", "status": "completed", "results": [
            {"status": "Created", "id": 7},
            {"index": 1, "status": "Failed", "error": "DuplicateValue", "details": "Name: has already been taken"},
        ]});
        let made = serde_json::from_value::<JobStatus>(job).expect("a job").made();
        assert_eq!(made.ids, [7]);
        assert_eq!(made.refused.keys().collect::<Vec<_>>(), [&1]);
    }
}
