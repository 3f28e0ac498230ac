//! What routes refuse, in groups: statuses and error codes, as `/openapi.json` describes them. The integration tests compare
//! every answer that they see with what its route names in [`routes`](super::super::routes).

use std::collections::{BTreeMap, BTreeSet};

use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, PathItem, Ref, RefOr, Response, ResponseBuilder,
    path::Operation,
    schema::{AllOfBuilder, ObjectBuilder, Type},
};
use utoipa_axum::router::UtoipaMethodRouter;
#[allow(clippy::enum_glob_use, reason = "the table is made of codes; Clippy minds only outside tests")]
use wire::ErrorCode::{self, *};

/// A status, and the codes that are sent with it.
pub(in crate::http) type Refusals = &'static [(u16, &'static [ErrorCode])];

/// Any route: a defect, or a handler that took too long.
pub(in crate::http) const ANY: Refusals = &[(500, &[Internal]), (503, &[RequestTimeout])];
/// Routes that count what they are asked.
pub(in crate::http) const COUNTED: Refusals = &[(429, &[TooManyRequests])];
/// Routes that need a session.
pub(in crate::http) const SESSION: Refusals =
    &[(401, &[SessionMissing, SessionInvalid, SessionExpired]), (429, &[TooManyRequests])];
/// Routes that need an agent.
pub(in crate::http) const AGENT: Refusals = &[(403, &[AgentUnproved])];
/// Routes for admins.
pub(in crate::http) const ADMIN: Refusals = &[(403, &[AgentUnproved, AdminOnly])];
/// Keys of accounts in the path.
pub(in crate::http) const KEY: Refusals = &[(404, &[RouteNotFound])];
/// Ids in the path.
pub(in crate::http) const PATH: Refusals = &[(400, &[PathInvalid])];
/// Parameters.
pub(in crate::http) const QUERY: Refusals = &[(400, &[QueryInvalid])];
/// JSON bodies.
pub(in crate::http) const BODY: Refusals =
    &[(400, &[BodyInvalid]), (408, &[RequestTimeout]), (413, &[BodyTooLarge]), (422, &[BodyInvalid])];
/// The database.
pub(in crate::http) const STORE: Refusals =
    &[(500, &[Internal]), (503, &[StoreBusy, StoreReadOnly, StoreFull, StoreUnavailable, StoreCorrupt])];
/// Zendesk's faults.
pub(in crate::http) const ZENDESK: Refusals = &[
    (409, &[ZendeskReconnect, ZendeskForbidden, ZendeskScope, ZendeskClientKind]),
    (502, &[ZendeskUnavailable, ZendeskRejected]),
    (503, &[ZendeskRateLimited]),
];
/// Who an agent is.
pub(in crate::http) const DIRECTORY: Refusals = &[(403, &[AgentNotAllowed])];
/// A ticket that must be seen.
pub(in crate::http) const TICKET: Refusals = &[(404, &[TicketNotFound])];
/// A customer that must exist.
pub(in crate::http) const CUSTOMER: Refusals = &[(404, &[CustomerNotFound])];
/// Customers without a ticket before them.
pub(in crate::http) const SEARCH: Refusals = &[(403, &[CustomersHidden])];
/// A call or chat that must be the agent's.
pub(in crate::http) const ENGAGEMENT: Refusals =
    &[(403, &[EngagementNotYours, AgentNotAllowed]), (404, &[EngagementNotFound, TwilioNotConfigured])];
/// Flex tokens.
pub(in crate::http) const FLEX_TOKEN: Refusals = &[
    (401, &[FlexTokenInvalid]),
    (403, &[FlexAgentUnknown]),
    (404, &[TwilioNotConfigured]),
    (409, &[TwilioReconnect]),
    (502, &[TwilioUnavailable]),
    (503, &[TwilioUnavailable]),
];
/// Signed deliveries of vendors.
pub(in crate::http) const DELIVERY: Refusals = &[
    (401, &[WebhookUnsigned, WebhookSignatureInvalid, WebhookExpired, WebhookReplayed]),
    (403, &[WebhookWrongAccount]),
    (404, &[WebhookNotConnected]),
];
/// Routes that need the key of a machine.
pub(in crate::http) const MACHINE: Refusals =
    &[(401, &[MachineKeyMissing, MachineKeyInvalid]), (429, &[TooManyRequests])];
/// Connections with vendors, for those who may change them.
pub(in crate::http) const CONNECTION: Refusals = &[
    (403, &[ConnectionEditorsOnly]),
    (404, &[ConnectionNotFound]),
    (409, &[ConnectionInFile, ConnectionChanged, ConnectionInUse, SealKeyMissing]),
    (422, &[ConnectionInvalid, ConnectionTestFailed]),
];
/// Consents under way.
pub(in crate::http) const CONSENT: Refusals = &[(404, &[AuthorizationInvalid])];
/// Archived files.
pub(in crate::http) const FILE: Refusals = &[
    (403, &[ArchiveFileQuarantined, ArchiveOpenForbidden]),
    (404, &[ArchiveFileNotFound]),
    (409, &[ArchiveFilePending]),
    (429, &[TooManyRequests]),
];

/// A route, with all that it refuses in its description.
pub(in crate::http) fn refusing<S>(
    (schemas, mut paths, router): UtoipaMethodRouter<S>,
    refused: &[Refusals],
) -> UtoipaMethodRouter<S> {
    let refused = responses(refused);
    for operation in paths.paths.values_mut().flat_map(operations) {
        operation.responses.responses.remove("default"); // which only brought the envelope's schema along
        operation.responses.responses.extend(refused.clone());
    }
    (schemas, paths, router)
}

/// The operations of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, post, put, delete, patch, .. } = item;
    [get, post, put, delete, patch].into_iter().flatten()
}

/// The responses of one route, by status.
fn responses(groups: &[Refusals]) -> BTreeMap<String, RefOr<Response>> {
    let mut codes: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for (status, more) in groups.iter().copied().flatten() {
        codes.entry(*status).or_default().extend(more.iter().map(|code| code.as_str()));
    }
    codes.into_iter().map(|(status, codes)| (status.to_string(), response(status, &codes).into())).collect()
}

fn response(status: u16, codes: &BTreeSet<&str>) -> Response {
    let words: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
    let code = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes.iter().copied()));
    let error = ObjectBuilder::new().property("code", code);
    let body = AllOfBuilder::new()
        .item(Ref::from_schema_name("ErrorEnvelope"))
        .item(ObjectBuilder::new().property("error", error));
    let content = ContentBuilder::new().schema(Some(body)).build();
    let response = ResponseBuilder::new().description(words.join(", ")).content("application/json", content);
    if !matches!(status, 429 | 503) {
        return response.build();
    }
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
    let why = Some("Seconds until it is worth asking again");
    response
        .header("Retry-After", HeaderBuilder::new().schema(Some(seconds)).description(why).build())
        .build()
}
