//! Salesforce: objects described, records read by SOQL. Docs: <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/>
//! and <https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/>.
//! Auth: OAuth bearer at the org's own address (`instance_url`), by a refresh token, client credentials or a signed statement.
//! Limits: calls of one org in 24 hours, in `Sforce-Limit-Info`; 403 `REQUEST_LIMIT_EXCEEDED` without `Retry-After`.
//! Paging: `nextRecordsUrl` until `done`; above 2 000 rows a Bulk 2.0 query, whose results end at the locator `null`.
//! Traps: large numbers are written `3.5E8`; times as `…+0000`; a field that our user may not see is absent from the
//! description; an empty cell of a Bulk result is null; errors are arrays, and HTML while Salesforce is restarted.

mod bulk; // queries that run in the background
mod calls; // how every call is made
mod cells; // what a value means
mod client; // which calls there are
mod columns; // what a query selects, with types
mod csv; // results of background queries
mod daily; // how many calls are left
mod describe; // objects and fields
mod error; // what Salesforce can do to us
mod host; // which addresses are Salesforce's
mod oauth; // consent and tokens
mod pages; // answers of queries, page by page
mod settings; // where everybody signs in
mod soql; // what stands in a SELECT
#[cfg(test)]
mod tests;

pub use client::{Identity, SalesforceBudget, SalesforceClient};
pub use daily::Usage;
pub use describe::{Field, FieldKind, Object, ObjectSummary, PicklistValue};
pub use error::SALESFORCE;
pub use host::is_salesforce_host;
pub use oauth::{consent_page, revoke, token_endpoint};
pub use settings::Settings;
