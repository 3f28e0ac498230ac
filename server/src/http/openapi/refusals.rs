//! What each route refuses: statuses and error codes, as `/openapi.json` describes them. The integration tests compare every
//! answer that they see with this table.

use serde_json::{Map, Value, json};
#[allow(clippy::enum_glob_use, reason = "the table is made of codes; Clippy minds only outside tests")]
use wire::ErrorCode::{self, *};

/// A status, and the codes that are sent with it.
type Refusals = &'static [(u16, &'static [ErrorCode])];

/// Any route: a defect, or a handler that took too long.
const ANY: Refusals = &[(500, &[Internal]), (503, &[RequestTimeout])];
/// Routes that count what they are asked.
const COUNTED: Refusals = &[(429, &[TooManyRequests])];
/// Routes that need a session.
const SESSION: Refusals =
    &[(401, &[SessionMissing, SessionInvalid, SessionExpired]), (429, &[TooManyRequests])];
/// Routes that need an agent.
const AGENT: Refusals = &[(403, &[AgentUnproved])];
/// Routes for admins.
const ADMIN: Refusals = &[(403, &[AgentUnproved, AdminOnly])];
/// Ids in the path.
const PATH: Refusals = &[(400, &[PathInvalid])];
/// Parameters.
const QUERY: Refusals = &[(400, &[QueryInvalid])];
/// JSON bodies.
const BODY: Refusals =
    &[(400, &[BodyInvalid]), (408, &[RequestTimeout]), (413, &[BodyTooLarge]), (422, &[BodyInvalid])];
/// The database.
const STORE: Refusals =
    &[(500, &[Internal]), (503, &[StoreBusy, StoreReadOnly, StoreFull, StoreUnavailable, StoreCorrupt])];
/// Zendesk's faults.
const ZENDESK: Refusals = &[
    (409, &[ZendeskReconnect, ZendeskForbidden, ZendeskScope, ZendeskClientKind]),
    (502, &[ZendeskUnavailable, ZendeskRejected]),
    (503, &[ZendeskRateLimited]),
];
/// Who an agent is.
const DIRECTORY: Refusals = &[(403, &[AgentNotAllowed])];
/// A ticket that must be seen.
const TICKET: Refusals = &[(404, &[TicketNotFound])];
/// A customer that must exist.
const CUSTOMER: Refusals = &[(404, &[CustomerNotFound])];
/// Customers without a ticket before them.
const SEARCH: Refusals = &[(403, &[CustomersHidden])];
/// A call or chat that must be the agent's.
const ENGAGEMENT: Refusals =
    &[(403, &[EngagementNotYours, AgentNotAllowed]), (404, &[EngagementNotFound, TwilioNotConfigured])];
/// Flex tokens.
const FLEX_TOKEN: Refusals = &[
    (401, &[FlexTokenInvalid]),
    (403, &[FlexAgentUnknown]),
    (404, &[TwilioNotConfigured]),
    (409, &[TwilioReconnect]),
    (502, &[TwilioUnavailable]),
    (503, &[TwilioUnavailable]),
];
/// Signed deliveries of vendors.
const DELIVERY: Refusals = &[
    (401, &[WebhookUnsigned, WebhookSignatureInvalid, WebhookExpired, WebhookReplayed]),
    (403, &[WebhookWrongAccount]),
    (404, &[WebhookNotConnected]),
];
/// Archived files.
const FILE: Refusals = &[
    (403, &[ArchiveFileQuarantined, ArchiveOpenForbidden]),
    (404, &[ArchiveFileNotFound]),
    (409, &[ArchiveFilePending]),
    (429, &[TooManyRequests]),
];

/// Method and path of every route that `/openapi.json` describes, with all that it refuses.
pub(super) const ROUTES: &[(&str, &[Refusals])] = &[
    ("post /api/session/flex", &[ANY, COUNTED, BODY, FLEX_TOKEN, DIRECTORY, ZENDESK]),
    ("post /api/session/renew", &[ANY, SESSION, DIRECTORY, ZENDESK]),
    ("post /api/session/reopen", &[ANY, SESSION]),
    ("post /api/session/proof", &[ANY, SESSION, BODY, DIRECTORY, ZENDESK, STORE]),
    (
        "post /api/session/proof/confirm",
        &[ANY, SESSION, BODY, DIRECTORY, &[(403, &[ProofInvalid])], ZENDESK, STORE],
    ),
    ("get /api/tickets/{id}/card", &[ANY, SESSION, AGENT, PATH, QUERY, TICKET, ZENDESK, STORE]),
    ("get /api/tickets/{id}/comment", &[ANY, SESSION, AGENT, PATH, TICKET, ZENDESK, STORE]),
    (
        "get /api/customers/{user_id}/card",
        &[ANY, SESSION, AGENT, PATH, QUERY, CUSTOMER, TICKET, SEARCH, ZENDESK, STORE],
    ),
    ("get /api/customers", &[ANY, SESSION, AGENT, QUERY, SEARCH, ZENDESK, STORE]),
    ("get /api/tickets/{id}/archive", &[ANY, SESSION, AGENT, PATH, QUERY, TICKET, ZENDESK, STORE]),
    (
        "post /api/tickets/{id}/archive",
        &[
            ANY,
            SESSION,
            AGENT,
            PATH,
            BODY,
            TICKET,
            ZENDESK,
            STORE,
            &[
                (
                    403,
                    &[ArchiveAdminsOnly, ArchiveReadOnlyRole, ArchiveAskerInactive, ArchiveTagSetterUnknown],
                ),
                (404, &[AttachmentNotFound]),
                (409, &[ArchiveNothing]),
            ],
        ],
    ),
    (
        "post /api/archive/runs/{id}/cancel",
        &[
            ANY,
            SESSION,
            AGENT,
            PATH,
            BODY,
            TICKET,
            ZENDESK,
            STORE,
            &[(404, &[ArchiveRunNotFound, AttachmentNotFound]), (409, &[ArchiveUndoOver])],
        ],
    ),
    (
        "get /api/archive/runs/{id}/events",
        &[ANY, SESSION, AGENT, PATH, TICKET, ZENDESK, STORE, &[(404, &[ArchiveRunNotFound])]],
    ),
    ("post /api/archive/items/{id}/link", &[ANY, SESSION, AGENT, PATH, FILE, TICKET, ZENDESK, STORE]),
    (
        "get /api/archive/items/{id}/file",
        &[
            ANY,
            SESSION,
            AGENT,
            PATH,
            QUERY,
            FILE,
            TICKET,
            ZENDESK,
            STORE,
            &[
                (403, &[ArchiveLinkExpired, ArchiveLinkInvalid]),
                (416, &[RangeInvalid]),
                (
                    502,
                    &[
                        ArchiveFileMissing,
                        ArchiveMismatch,
                        ArchiveUnavailable,
                        ArchiveDenied,
                        ArchiveElsewhere,
                        ArchiveCredentials,
                        ArchiveKey,
                        ArchiveBucket,
                        ArchiveClock,
                        ArchiveFull,
                    ],
                ),
            ],
        ],
    ),
    (
        "post /api/dial",
        &[
            ANY,
            SESSION,
            AGENT,
            BODY,
            TICKET,
            ZENDESK,
            STORE,
            &[(404, &[TwilioNotConfigured]), (409, &[DialBusy, FlexDisabled]), (422, &[DialNumberInvalid])],
        ],
    ),
    ("get /api/dial/{id}", &[ANY, SESSION, AGENT, PATH, STORE, &[(404, &[DialGone])]]),
    ("post /api/dial/{id}/take", &[ANY, SESSION, AGENT, PATH, STORE, &[(404, &[DialGone])]]),
    ("post /api/dial/{id}/outcome", &[ANY, SESSION, AGENT, PATH, BODY, STORE, &[(404, &[DialGone])]]),
    ("get /api/dial/events", &[ANY, SESSION, AGENT]),
    (
        "get /api/engagements/{task_sid}",
        &[ANY, SESSION, AGENT, ENGAGEMENT, PATH, TICKET, ZENDESK, STORE, &[(404, &[EngagementNotFound])]],
    ),
    (
        "put /api/engagements/{task_sid}/notes",
        &[
            ANY,
            SESSION,
            AGENT,
            ENGAGEMENT,
            PATH,
            BODY,
            TICKET,
            ZENDESK,
            STORE,
            &[(409, &[NotesWritten]), (422, &[NotesTooLong])],
        ],
    ),
    (
        "post /api/engagements/{task_sid}/pop",
        &[ANY, SESSION, AGENT, ENGAGEMENT, PATH, BODY, TICKET, CUSTOMER, ZENDESK, STORE],
    ),
    (
        "post /api/engagements/{task_sid}/show",
        &[ANY, SESSION, AGENT, ENGAGEMENT, PATH, BODY, TICKET, ZENDESK, STORE],
    ),
    ("post /api/engagements/{task_sid}/log", &[ANY, SESSION, AGENT, ENGAGEMENT, PATH, BODY, ZENDESK, STORE]),
    ("post /hooks/zendesk/archive", &[ANY, BODY, DELIVERY, ZENDESK, STORE, &[(503, &[ZendeskUnavailable])]]),
    ("post /hooks/twilio/events", &[ANY, BODY, DELIVERY, STORE]),
    ("get /api/ledger", &[ANY, SESSION, ADMIN, QUERY, STORE]),
    ("get /api/ledger/volume", &[ANY, SESSION, ADMIN, QUERY, STORE]),
    ("get /api/ledger/export", &[ANY, SESSION, ADMIN, QUERY, STORE]),
    ("get /api/settings/flex", &[ANY, SESSION, ADMIN, STORE]),
    (
        "put /api/settings/flex",
        &[
            ANY,
            SESSION,
            ADMIN,
            BODY,
            STORE,
            &[(409, &[SettingsChanged]), (422, &[SettingInvalid, SettingUnknown])],
        ],
    ),
];

/// The responses of one route, by status.
pub(super) fn responses(groups: &[Refusals]) -> Map<String, Value> {
    let mut codes: Vec<(u16, Vec<&str>)> = Vec::new();
    for (status, more) in groups.iter().copied().flatten() {
        let more = more.iter().map(|code| code.as_str());
        match codes.iter_mut().find(|(known, _)| known == status) {
            Some((_, known)) => known.extend(more),
            None => codes.push((*status, more.collect())),
        }
    }
    let response = |(status, mut codes): (u16, Vec<&str>)| {
        codes.sort_unstable();
        codes.dedup();
        (status.to_string(), response(status, &codes))
    };
    codes.into_iter().map(response).collect()
}

fn response(status: u16, codes: &[&str]) -> Value {
    let words: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
    let code = json!({"type": "object", "properties": {"code": {"type": "string", "enum": codes}}});
    let mut response = json!({
        "description": words.join(", "),
        "content": {"application/json": {"schema": {"allOf": [
            {"$ref": "#/components/schemas/ErrorEnvelope"},
            {"type": "object", "properties": {"error": code}},
        ]}}},
    });
    if matches!(status, 429 | 503) {
        let seconds = json!({"description": "Seconds until it is worth asking again", "schema": {"type": "integer", "minimum": 1}});
        response["headers"] = json!({"Retry-After": seconds});
    }
    response
}
