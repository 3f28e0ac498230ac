//! How much one agent may ask for. A loop in one agent's panel must not spend the account's Zendesk budget. A card or a list
//! that is read again within [`KEPT_FOR`] costs nothing, because it asks no vendor; everything else counts, refusals too.
//! Sessions that do not yet know their agent are counted through all their renewals; requests without a valid session are
//! counted by client address. The numbers are in `docs/limits.md`.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, Request},
    http::{Method, StatusCode, Uri, request::Parts},
    response::{IntoResponse, Response},
    routing::Route,
};
use futures::{
    FutureExt,
    future::{Either, ready},
};
use moka::sync::Cache;
use wire::ErrorCode;

use super::{AppState, around::answer_of, client_address::ClientAddresses, error::ApiError, whose};
use crate::features::{
    accounts::Accounts,
    limits::{Limit, Limits, TooMany, Use},
    sessions::{Bearers, Caller},
};

/// What one agent may ask for; a panel needs a handful.
pub const REQUESTS: Limit = Limit { name: "requests", times: 300, seconds: 10 };
/// Customers that one agent may look up by number or id, without a ticket in between.
pub const CUSTOMERS: Limit = Limit { name: "customers", times: 60, seconds: 60 };
/// Renewals: each asks Zendesk who the agent is. A panel needs one in 15 minutes.
pub const RENEWALS: Limit = Limit { name: "renewals", times: 30, seconds: 60 };
/// Requests without a valid session from one client address.
const STRANGERS: Limit = Limit { name: "strangers", times: 600, seconds: 10 };
/// Sign-ins from Flex that Twilio or Zendesk refused, from one client address. Those that succeed do not count: a shift
/// that begins signs in hundreds behind one address.
const REFUSED_SIGN_INS: Limit = Limit { name: "refused sign-ins", times: 100, seconds: 60 };
/// Sign-ins without anything that could be a token. They ask nobody, and are counted apart, so that they keep no agent out.
const EMPTY_SIGN_INS: Limit = Limit { name: "empty sign-ins", times: 100, seconds: 60 };

/// Keys of machines that are refused, from one client address. Counted apart, so that they keep no agent out.
const REFUSED_KEYS: Limit = Limit { name: "refused keys of machines", times: 100, seconds: 60 };

/// How long a card or a list that was read is free for the same agent; the features keep them as long.
const KEPT_FOR: Duration = Duration::from_secs(10);

/// What a group of routes answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// `GET` without `refresh` is answered from what was read at most [`KEPT_FOR`] ago.
    Kept,
    /// Each answer is made anew.
    Fresh,
}

/// What the layers and extractors here need.
#[derive(Clone)]
pub struct Counting {
    bearers: Bearers,
    accounts: Accounts,
    limits: Limits,
    addresses: Arc<ClientAddresses>,
    /// Who has just read what.
    read: Cache<Reading, ()>,
}

/// An agent of an account, and a path.
type Reading = (Arc<str>, Caller, String);

impl Counting {
    /// Nothing is read yet.
    pub fn new(bearers: Bearers, accounts: Accounts, limits: Limits, addresses: ClientAddresses) -> Self {
        let read = Cache::builder().max_capacity(50_000).time_to_live(KEPT_FOR).build();
        Self { bearers, accounts, limits, addresses: Arc::new(addresses), read }
    }

    /// A layer's function for routes that need a session: refuses every request without one before anything else is looked
    /// at, counts the others, and gives up what takes too long.
    pub fn of_session(
        &self,
        (limit, answers): (&'static Limit, Answers),
        mut request: Request,
        route: &mut Route,
    ) -> impl Future<Output = Response> + Send + use<> {
        let admitted = self.admit(limit, answers, &mut request);
        let kept = match admitted {
            Ok(kept) => kept,
            Err(refused) => return Either::Left(ready(refused.into_response())),
        };
        let read = self.read.clone();
        Either::Right(super::in_time(answer_of(route, request)).map(move |answer| {
            if let Some(kept) = kept.filter(|_| answer.status().is_success()) {
                read.insert(kept, ());
            }
            answer
        }))
    }

    /// Counts a request; answers what will have been read where the answer is kept.
    fn admit(
        &self,
        limit: &Limit,
        answers: Answers,
        request: &mut Request,
    ) -> Result<Option<Reading>, ApiError> {
        let (viewer, account) = match whose::shown(&self.bearers, &self.accounts, request.headers()) {
            Ok(shown) => shown,
            Err(refused) => {
                let counted =
                    self.limits.take(&STRANGERS, self.addresses.of(request.extensions(), request.headers()));
                return Err(counted.map_or_else(ApiError::from, |_| refused));
            }
        };
        let (name, caller) = (Arc::clone(&viewer.account), viewer.caller());
        request.extensions_mut().insert(viewer);
        request.extensions_mut().insert(account);
        let kept = answers == Answers::Kept && is_plain_reading(request.method(), request.uri());
        let kept = kept.then(|| (Arc::clone(&name), caller, request.uri().path().to_owned()));
        if kept.as_ref().is_none_or(|kept| !self.read.contains_key(kept)) {
            let _counted = self.limits.of(&name).take(limit, caller)?;
        }
        Ok(kept)
    }
}

/// Whether a request asks for no more than what was read before. The query is read as the handler reads it: `%72efresh` is
/// `refresh`, too.
fn is_plain_reading(method: &Method, uri: &Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    *method == Method::GET && pairs.all(|(name, value)| name == "refresh" && value == "false")
}

impl From<TooMany> for ApiError {
    fn from(error: TooMany) -> Self {
        Self::caused(StatusCode::TOO_MANY_REQUESTS, ErrorCode::TooManyRequests, error)
            .hint("The app waits by itself; nothing has to be done.")
            .retry_after(Some(error.retry_after))
    }
}

/// Somebody who signs in with a Flex token.
pub struct SignIn {
    limits: Limits,
    address: Option<IpAddr>,
}

impl SignIn {
    /// Counted among those of one account: the refusals of another one's people behind the same address are not theirs.
    pub fn of(self, account: &Arc<str>) -> Self {
        Self { limits: self.limits.of(account), ..self }
    }

    /// A token, if it can be one: Flex's are encrypted JWTs, which have five parts. Where the account has no Flex, whatever is
    /// sent hears of that.
    pub fn token(&self, text: &str, has_flex: bool) -> Result<secrecy::SecretString, ApiError> {
        let is_one = text.len() <= 8192
            && text.split('.').count() == 5
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_=".contains(&byte));
        if is_one || !has_flex {
            return Ok(text.to_owned().into());
        }
        let refused = ApiError::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::FlexTokenInvalid,
            "the request has no Flex token",
        );
        Err(self.without_token(refused.hint("Sign in to Flex again.")))
    }

    /// Counts a request that has no token; its refusal.
    pub fn without_token(&self, refused: ApiError) -> ApiError {
        self.limits.take(&EMPTY_SIGN_INS, self.address).map_or_else(ApiError::from, |_| refused)
    }

    /// Runs a sign-in; it counts where it is refused. It counts while it runs, too: many at once are no way around.
    pub async fn counted<T, E: Into<ApiError>>(
        &self,
        sign_in: impl Future<Output = Result<T, E>>,
    ) -> Result<T, ApiError> {
        self.counted_as(&REFUSED_SIGN_INS, sign_in).await
    }

    /// The same for a machine that shows its key.
    pub async fn counted_key<T, E: Into<ApiError>>(
        &self,
        look: impl Future<Output = Result<T, E>>,
    ) -> Result<T, ApiError> {
        self.counted_as(&REFUSED_KEYS, look).await
    }

    async fn counted_as<T, E: Into<ApiError>>(
        &self,
        limit: &Limit,
        sign_in: impl Future<Output = Result<T, E>>,
    ) -> Result<T, ApiError> {
        let counted: Use = self.limits.take(limit, self.address)?;
        let outcome = sign_in.await.map_err(Into::into);
        if outcome.as_ref().map_or_else(|error| error.status.is_server_error(), |_| true) {
            self.limits.give_back(counted);
        }
        outcome
    }
}

impl FromRequestParts<Arc<AppState>> for SignIn {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<AppState>) -> Result<Self, Self::Rejection> {
        let Counting { limits, addresses, .. } = &state.counting;
        let address = addresses.of(&parts.extensions, &parts.headers);
        Ok(Self { limits: limits.clone(), address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_asks_for_a_fresh_answer_counts_however_it_is_written() {
        let check = |method: Method, uri: &'static str, expected: bool| {
            assert_eq!(is_plain_reading(&method, &Uri::from_static(uri)), expected, "{method} {uri}");
        };
        check(Method::GET, "/card", true);
        check(Method::GET, "/card?", true);
        check(Method::GET, "/card?refresh=false", true);
        check(Method::POST, "/card", false);
        check(Method::HEAD, "/card", false);
        for query in [
            "/card?refresh=true",
            "/card?%72efresh=true",
            "/card?%72%65%66%72%65%73%68=%74rue",
            "/card?refresh=false&refresh=true",
            "/card?refresh=+true",
            "/card?a=b&refresh=true",
            "/card?phone=%2B815012340042",
        ] {
            check(Method::GET, query, false);
        }
    }

    #[test]
    fn only_what_has_the_shape_of_flexs_tokens_is_one() {
        let sign_in = SignIn { limits: Limits::new(crate::clock::Clock::system()), address: None };
        let check =
            |text: &str, expected: bool| assert_eq!(sign_in.token(text, true).is_ok(), expected, "{text}");
        check("eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn", true);
        check("", false);
        check("made.up", false);
        check("a.b.c.d", false);
        check("a.b.c.d.e.f", false);
        check("a.b.c.d.e\u{0}", false);
        check(&format!("a.b.c.d.{}", "e".repeat(8192)), false);
    }
}
