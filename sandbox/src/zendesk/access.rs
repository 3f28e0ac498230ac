//! Who calls, and what the credential lets through. **Invariant:** `users/me` answers 200 to nobody at all, as Zendesk does.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::TimeDelta;

use super::{
    events, jobs,
    limits::Budget,
    record::{Role, Ticket, User},
    refusal::Refusal,
};
use crate::{credentials::API_TOKEN, state::Account, world::World};

/// Who makes a call.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user_id: Option<u64>,
    pub(crate) token_id: Option<u64>,
    role: Role,
    sees_only_own: bool,
    may_redact: bool,
    /// `None`: no scopes apply (Basic, or the workspace's own session).
    scopes: Option<String>,
    /// The agent's own browser: not the API, so not its limits.
    pub(crate) workspace: bool,
}

impl Caller {
    /// This user, in whatever way they came.
    pub(crate) fn of(user: &User) -> Self {
        Self {
            user_id: Some(user.id),
            token_id: None,
            role: user.role,
            sees_only_own: user.ticket_restriction == Some("assigned"),
            may_redact: user.role == Role::Admin || user.may_redact,
            scopes: None,
            workspace: false,
        }
    }

    /// Zendesk itself, for somebody who has no user yet.
    pub(crate) const fn of_nobody() -> Self {
        Self {
            user_id: None,
            token_id: None,
            role: Role::EndUser,
            sees_only_own: true,
            may_redact: false,
            scopes: None,
            workspace: false,
        }
    }

    /// The caller's id; only `users/me` is ever reached without one.
    pub(crate) fn id(&self) -> u64 {
        self.user_id.unwrap_or_default()
    }

    pub(crate) fn staff(&self) -> Result<(), Refusal> {
        if self.role == Role::EndUser { Err(Refusal::forbidden()) } else { Ok(()) }
    }

    pub(crate) fn admin(&self) -> Result<(), Refusal> {
        if self.role == Role::Admin { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    pub(crate) fn redactor(&self) -> Result<(), Refusal> {
        if self.may_redact { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    /// Whether this ticket may be seen.
    pub(crate) fn sees(&self, ticket: &Ticket) -> bool {
        self.role != Role::EndUser && (!self.sees_only_own || ticket.assignee_id == self.user_id)
    }

    /// Whether this ticket may be written to: customers write to their own.
    pub(crate) fn writes_to(&self, ticket: &Ticket) -> bool {
        let is_customer = self.role == Role::EndUser;
        self.sees(ticket) || (is_customer && self.user_id == Some(ticket.requester_id))
    }

    fn covers(&self, method: &Method, path: &str) -> bool {
        let Some(scopes) = &self.scopes else { return true };
        let asked: Vec<_> = scopes.split_whitespace().collect();
        if asked.iter().any(|scope| !known_scope(scope)) {
            return false; // mistyped: a token that opens nothing
        }
        let verb = if matches!(*method, Method::GET | Method::HEAD) { "read" } else { "write" };
        let resources = resources(path);
        resources.is_empty()
            || asked.iter().any(|scope| {
                *scope == verb
                    || scope
                        .split_once(':')
                        .is_some_and(|(resource, may)| may == verb && resources.contains(&resource))
            })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Refusal::unauthenticated)
    }
}

/// Names a scope may have before its colon.
const RESOURCES: &[&str] = &[
    "apps",
    "auditlogs",
    "automations",
    "dynamic_content",
    "hc",
    "macros",
    "organizations",
    "requests",
    "satisfaction_ratings",
    "targets",
    "tickets",
    "triggers",
    "users",
    "webhooks",
];

fn known_scope(scope: &str) -> bool {
    match scope.split_once(':') {
        None => matches!(scope, "read" | "write" | "impersonate"),
        Some((resource, verb)) => RESOURCES.contains(&resource) && matches!(verb, "read" | "write"),
    }
}

/// The resources that a narrow scope must name; none: any valid token will do.
fn resources(path: &str) -> &'static [&'static str] {
    let mut parts = path.trim_start_matches('/').split('/');
    match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
        ("users" | "user_fields" | "custom_roles" | "groups" | "group_memberships" | "deleted_users", _)
        | ("incremental", "users") => &["users"],
        ("organizations" | "organization_fields" | "organization_memberships", _)
        | ("incremental", "organizations") => &["organizations"],
        ("apps", _) => &["apps"],
        ("webhooks", _) => &["webhooks"],
        ("triggers" | "trigger_categories", _) => &["triggers"],
        ("search", _) => &["tickets", "users"],
        ("oauth" | "job_statuses", _) => &[],
        // Histories want the whole scope `read`: no narrow one covers them.
        ("ticket_audits", _) => &["read"],
        ("tickets", _) if is_history(path) => &["read"],
        _ => &["tickets"],
    }
}

fn is_history(path: &str) -> bool {
    path.split('/').nth(3) == Some("audits")
}

/// Around the API, whose paths come here without `/api/v2`: who is it, may this credential do it, is there budget left; and
/// then, what happened is told.
pub(crate) async fn authorize(State(world): State<World>, request: Request, next: Next) -> Response {
    let response = admit(&world, request, next).await;
    events::tell(&world);
    response
}

async fn admit(world: &World, mut request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let now = world.now();
    jobs::settle(world, &mut world.account());
    let caller = match identify(&world.account(), request.headers(), now) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.into_response(),
    };
    if caller.user_id.is_none() && path != "/users/me" {
        return Refusal::unauthenticated().into_response();
    }
    let of_rules = ["/webhooks", "/triggers", "/trigger_categories"];
    if !world.options().business_rules && of_rules.iter().any(|part| path.starts_with(part)) {
        return Refusal::invalid_endpoint().into_response();
    }
    if caller.workspace {
        request.extensions_mut().insert(caller);
        return next.run(request).await;
    }
    let total = world.options().limits.per_minute;
    let budget = world.account().windows.take("account", total, TimeDelta::minutes(1), now);
    let mut response = if budget.spent {
        Refusal::slow_down(budget.resets).into_response()
    } else if caller.covers(request.method(), &path) {
        request.extensions_mut().insert(caller);
        next.run(request).await
    } else {
        Refusal::forbidden().into_response()
    };
    announce(budget, &mut response);
    response
}

/// The account's limit, in both spellings that were recorded.
fn announce(budget: Budget, response: &mut Response) {
    let values = [
        ("x-rate-limit", budget.total.into()),
        ("x-rate-limit-remaining", budget.remaining.into()),
        ("ratelimit-limit", budget.total.into()),
        ("ratelimit-remaining", budget.remaining.into()),
        ("ratelimit-reset", budget.resets),
    ];
    for (name, value) in values {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
    let headers = response.headers_mut();
    headers.insert("x-zendesk-api-version", HeaderValue::from_static("v2"));
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }
}

/// Who the headers say it is. A wrong Basic password is nobody, a bad bearer is refused.
pub(crate) fn identify(
    account: &Account,
    headers: &HeaderMap,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Caller, Refusal> {
    let session =
        |word: &str| account.sessions.get(word).and_then(|id| account.users.get(id)).map(Caller::of);
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let word = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("_zendesk_session="));
        let caller = word.and_then(session).map(|caller| Caller { workspace: true, ..caller });
        return Ok(caller.unwrap_or_else(Caller::of_nobody));
    };
    let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        if let Some(caller) = session(credential) {
            return Ok(Caller { workspace: true, ..caller });
        }
        let token = account.tokens.iter().find(|token| token.access == credential && token.usable(now));
        let token = token.ok_or_else(Refusal::invalid_token)?;
        let user = account.users.get(&token.user_id).ok_or_else(Refusal::invalid_token)?;
        return Ok(Caller {
            token_id: Some(token.id),
            scopes: Some(token.scope.clone()),
            ..Caller::of(user)
        });
    }
    let decoded = BASE64_STANDARD.decode(credential).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let user = decoded.as_deref().and_then(|pair| pair.split_once(':')).and_then(|(name, password)| {
        let email = name.strip_suffix("/token").filter(|_| password == API_TOKEN)?;
        account.user_by_email(email)
    });
    Ok(user.map_or_else(Caller::of_nobody, Caller::of))
}
