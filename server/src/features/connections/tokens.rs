//! Access tokens of a connection that has a refresh token, one renewal at a time over all replicas. See ADR 18.
//! **Invariants:** the new refresh token is committed before the new access token is used; no transaction is open while the
//! vendor is asked; a refresh token that the vendor refused is not shown again, unless a person asks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::{BoxFuture, FutureExt};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use super::{
    Connections, Kind,
    attention::{self, LOCKED, TEST_FAILED, stops_renewals},
    kinds::place_of,
    notice,
    oauth_secret::{OauthSecret, secret_of},
};
use crate::{
    connectors::{CallFailure, FailureKind, Granted, Refreshing, Token, TokenEndpoint},
    store::{
        StoreError, Tx,
        connections::{self, Attention, ConnectionRow, ConnectionState},
    },
};

/// For so long nobody else asks the vendor after somebody began to.
pub(super) const RENEWAL: Duration = Duration::from_secs(30);
/// The vendor has so long to answer. It is asked only while so much of the lease is left, so that who began is done before anybody
/// else begins.
const ANSWER: Duration = Duration::from_secs(20);
/// How often one who waits for another replica's renewal looks whether it is done.
pub(super) const LOOK: Duration = Duration::from_millis(100);
/// No vendor is heeded longer where it asks to wait.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// How often new tokens are tried to be kept, and how far apart: nobody else has them.
const KEEP: (u32, Duration) = (10, Duration::from_secs(1));

/// The tokens of one connection.
#[derive(Clone)]
pub(super) struct KeptTokens {
    pub(super) connections: Connections,
    id: Arc<str>,
    client_id: Arc<str>,
    /// Where tokens are sent; those of another place are not.
    place: Option<Arc<str>>,
    /// What was refused before is tried again, because a person asks.
    again: bool,
}

impl fmt::Debug for KeptTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptTokens({})", self.id)
    }
}

/// What became of a look at the row.
enum Look {
    /// A token that is good.
    Good(Token),
    /// Another replica is asking the vendor.
    Wait,
    /// We ask.
    Ours(Box<Renewal>),
}

/// A renewal that is ours, and nobody else's until its lease ends.
pub(super) struct Renewal {
    /// As it was before, but with our lease.
    pub(super) row: ConnectionRow,
    /// What the vendor is asked with.
    pub(super) secret: OauthSecret,
    /// When it began, where the refresh token that is kept is shown: from then on nobody knows whether the vendor renewed.
    unsure_since: Option<DateTime<Utc>>,
    taken: Instant,
}

impl Refreshing for KeptTokens {
    fn token<'a>(
        &'a self,
        endpoint: &'a TokenEndpoint,
        refused: Option<&'a SecretString>,
    ) -> BoxFuture<'a, Result<Token, CallFailure>> {
        self.find(endpoint, refused).boxed()
    }
}

impl KeptTokens {
    pub(super) fn new(
        connections: &Connections,
        id: &str,
        (client_id, settings): (&str, &str),
        again: bool,
    ) -> Self {
        let place = place_of(settings).map(Arc::from);
        Self { connections: connections.clone(), id: id.into(), client_id: client_id.into(), place, again }
    }

    async fn find(
        &self,
        endpoint: &TokenEndpoint,
        refused: Option<&SecretString>,
    ) -> Result<Token, CallFailure> {
        let until = Instant::now() + RENEWAL + LOOK;
        loop {
            match self.look(endpoint, refused).await? {
                Look::Good(token) => return Ok(token),
                Look::Wait if Instant::now() < until => tokio::time::sleep(LOOK).await,
                Look::Wait => {
                    return Err(self.failure(
                        endpoint,
                        FailureKind::Unavailable,
                        "another replica is renewing the tokens",
                    ));
                }
                Look::Ours(renewal) => {
                    // In a task of its own: who asked may go away, and the vendor's answer would be lost with them.
                    let (kept, at) = (self.clone(), endpoint.clone());
                    let renewal = tokio::spawn(async move { kept.renew(&at, &renewal).await });
                    let ended =
                        |_| Err(self.failure(endpoint, FailureKind::Unavailable, "the renewal was ended"));
                    if let Some(token) = renewal.await.unwrap_or_else(ended)? {
                        return Ok(token);
                    }
                }
            }
        }
    }

    /// Looks at the row under its lock, and takes the renewal where there is none.
    async fn look(
        &self,
        endpoint: &TokenEndpoint,
        refused: Option<&SecretString>,
    ) -> Result<Look, CallFailure> {
        let store = |error| self.unread(endpoint, error);
        let without = |said: &str| Err(self.failure(endpoint, FailureKind::Grant, said));
        let mut tx = self.connections.db().begin().await.map_err(store)?;
        let Some(row) = self.read(&mut tx).await.map_err(store)? else {
            return without("the connection was deleted");
        };
        if place_of(&row.settings).as_deref() != self.place.as_deref() {
            return without("the connection now points to another account");
        }
        // Not before: who waits for the row's lock would go by a time that is over.
        let now = self.connections.clock().now();
        let secret = match row.open(&self.connections.seals) {
            Ok(Some(secret)) => secret,
            Ok(None) => return without("the connection has no secret"),
            Err(locked) => {
                let attention = attention::of_locked(&locked);
                return self.ends(tx, &row, endpoint, FailureKind::Credentials, attention).await;
            }
        };
        let Ok(secret) = secret_of(&secret) else {
            return without("the connection's secret is not one of OAuth");
        };
        let stops = |attention: &&Attention| !self.again && stops_renewals(attention);
        match (row.state, row.attention.as_ref().filter(stops)) {
            (ConnectionState::Disconnected, _) => return without("the connection was ended"),
            (ConnectionState::NeedsAttention, Some(attention)) => return without(&attention.sentence),
            _ => {}
        }
        if let Some(token) = good(&secret, refused, now) {
            if row.attention.as_ref().is_some_and(|attention| attention.code == LOCKED) {
                notice::settle(&self.connections, tx, &row, None).await.map_err(store)?;
            }
            return Ok(Look::Good(token));
        }
        // A wait that is longer than any was begun by a clock that was ahead.
        if let Some(at) = row.not_before.filter(|at| now < *at && *at <= now + LONGEST_WAIT) {
            let wait = (at - now).to_std().unwrap_or_default();
            let mut failure = CallFailure::new(endpoint.vendor, endpoint.call, FailureKind::RateLimited);
            failure.retry_after = Some(wait);
            return Err(failure);
        }
        let renewal = self.begin(tx, row, secret).await.map_err(store)?;
        Ok(renewal.map_or(Look::Wait, |renewal| Look::Ours(Box::new(renewal))))
    }

    /// Takes the lease of a row that was read under its lock; `None`: another replica has it.
    pub(super) async fn begin(
        &self,
        mut tx: Tx,
        mut row: ConnectionRow,
        secret: OauthSecret,
    ) -> Result<Option<Renewal>, StoreError> {
        let (began, taken) = (self.connections.clock().now(), Instant::now());
        if is_leased(&row, began) {
            return Ok(None);
        }
        let lease = TimeDelta::from_std(RENEWAL).unwrap_or_default();
        // As the database keeps it: it is compared.
        let until = DateTime::from_timestamp_micros((began + lease).timestamp_micros());
        let until = until.unwrap_or(began + lease);
        let is_kept = |kept: OauthSecret| kept.refresh_token == secret.refresh_token;
        let unsure_since = self.secret_in(&row).is_some_and(is_kept).then_some(began);
        connections::begin_renewal(&mut tx, &row, until, row.unsure_since.or(unsure_since)).await?;
        tx.commit().await?;
        row.renewing_until = Some(until);
        Ok(Some(Renewal { row, secret, unsure_since, taken }))
    }

    /// Asks the vendor, and keeps what it says. `None`: look again.
    async fn renew(&self, endpoint: &TokenEndpoint, renewal: &Renewal) -> Result<Option<Token>, CallFailure> {
        match self.ask(endpoint, renewal).await {
            Some(Ok(granted)) => {
                let kept = self.keep(renewal, &granted).await;
                let is_kept = kept.map_err(|error| self.unread(endpoint, error))?;
                if !is_kept {
                    self.end_grant(&renewal.row.settings, renewal, &granted).await;
                }
                let place = renewal.secret.instance_url.clone();
                let instance_url = granted.token.instance_url.clone().or(place);
                Ok(is_kept.then_some(Token { instance_url, ..granted.token }))
            }
            Some(Err(failure)) => self.was_not_renewed(endpoint, renewal, failure).await,
            None => self.gives_up(renewal).await.map_err(|error| self.unread(endpoint, error)),
        }
    }

    /// Ends a lease under which the vendor was not asked.
    pub(super) async fn gives_up<T>(&self, renewal: &Renewal) -> Result<Option<T>, StoreError> {
        if let Some((tx, _)) = self.end(renewal, None).await? {
            tx.commit().await?;
        }
        Ok(None)
    }

    /// Asks the vendor, where enough of the lease is left.
    pub(super) async fn ask(
        &self,
        endpoint: &TokenEndpoint,
        renewal: &Renewal,
    ) -> Option<Result<Granted, CallFailure>> {
        if renewal.taken.elapsed() + ANSWER > RENEWAL {
            return None;
        }
        let grant = renewal.secret.grant(&self.client_id);
        let asked = tokio::time::timeout(ANSWER, endpoint.renewed(&grant)).await;
        let silent = |_| Err(self.failure(endpoint, FailureKind::Unavailable, "no answer in time"));
        Some(asked.unwrap_or_else(silent))
    }

    /// Commits tokens that nobody else has.
    async fn keep(&self, renewal: &Renewal, granted: &Granted) -> Result<bool, StoreError> {
        let mut tries = 0;
        loop {
            let kept = self.keep_once(renewal, granted).await;
            if !is_tried_again(&kept, &mut tries).await {
                return kept;
            }
        }
    }

    /// False: the connection was given another refresh token meanwhile, which is used instead.
    async fn keep_once(&self, renewal: &Renewal, granted: &Granted) -> Result<bool, StoreError> {
        let mut tx = self.connections.db().begin().await?;
        let Some(mut row) = self.read(&mut tx).await? else { return Ok(false) };
        if !self.has_same_token(&row, renewal) {
            return Ok(false);
        }
        // Somebody may have changed all else of it meanwhile, or sealed it by a key that we do not have.
        let secret = self.secret_in(&row).unwrap_or_else(|| renewal.secret.clone());
        row.seal(&secret.renewed(granted).to_bytes(), &self.connections.seals)?;
        connections::rotate(&mut tx, &row).await?;
        // New tokens do not mend what the vendor refuses to everybody who has them.
        let still = row.attention.as_ref().filter(|attention| attention.code == TEST_FAILED);
        notice::settle(&self.connections, tx, &row, still).await?;
        Ok(true)
    }

    /// Ends tokens that came too late: the connection has others by now, or none. Those of a vendor that does not rotate are not new.
    pub(super) async fn end_grant(&self, settings: &str, renewal: &Renewal, granted: &Granted) {
        if let (Some(kind), Some(_)) = (Kind::read(&renewal.row.kind), &granted.refresh_token) {
            let tokens = renewal.secret.clone().renewed(granted);
            self.connections.end_tokens(kind, settings, &tokens).await;
        }
    }

    /// What to do where there is no new token.
    async fn was_not_renewed(
        &self,
        endpoint: &TokenEndpoint,
        renewal: &Renewal,
        failure: CallFailure,
    ) -> Result<Option<Token>, CallFailure> {
        let ended = self.end(renewal, Some(&failure)).await;
        let Some((tx, row)) = ended.map_err(|error| self.unread(endpoint, error))? else { return Ok(None) };
        let Some(attention) = attention::of_renewal(&failure, renewal.row.unsure_since.is_some()) else {
            tx.commit().await.map_err(|error| self.unread(endpoint, error))?;
            return Err(failure);
        };
        let kind = match failure.kind {
            FailureKind::Credentials | FailureKind::OauthClient => FailureKind::Credentials,
            _ => FailureKind::Grant,
        };
        self.ends(tx, &row, endpoint, kind, attention).await
    }

    /// Ends our lease, and writes down what is known of it; the transaction is still open. `None`: somebody else has renewed, is
    /// renewing, or has changed the connection.
    pub(super) async fn end(
        &self,
        renewal: &Renewal,
        failure: Option<&CallFailure>,
    ) -> Result<Option<(Tx, ConnectionRow)>, StoreError> {
        let mut tx = self.connections.db().begin().await?;
        let Some(row) = self.read(&mut tx).await? else { return Ok(None) };
        if row.renewing_until != renewal.row.renewing_until || !self.has_same_token(&row, renewal) {
            return Ok(None);
        }
        let may_have_been_done = failure.is_some_and(CallFailure::may_have_been_done);
        let unsure_since = renewal.unsure_since.filter(|_| may_have_been_done);
        let unsure_since = renewal.row.unsure_since.or(unsure_since);
        let wait = failure.and_then(|failure| TimeDelta::from_std(failure.retry_after?).ok());
        let not_before = wait.map(|wait| self.connections.clock().now() + wait.min(LONGEST_WAIT));
        connections::end_renewal(&mut tx, &row.account, &row.id, unsure_since, not_before).await?;
        Ok(Some((tx, row)))
    }

    /// Writes down what is wrong, and says it once.
    async fn ends<T>(
        &self,
        tx: Tx,
        row: &ConnectionRow,
        endpoint: &TokenEndpoint,
        kind: FailureKind,
        attention: Attention,
    ) -> Result<T, CallFailure> {
        let settled = notice::settle(&self.connections, tx, row, Some(&attention)).await;
        settled.map_err(|error| self.unread(endpoint, error))?;
        Err(self.failure(endpoint, kind, &attention.sentence))
    }

    pub(super) async fn read(&self, tx: &mut Tx) -> Result<Option<ConnectionRow>, StoreError> {
        connections::read_locked(tx, &self.connections.account, &self.id).await
    }

    /// Whether the row still has the refresh token that the vendor is asked with.
    fn has_same_token(&self, row: &ConnectionRow, renewal: &Renewal) -> bool {
        let is_token = |secret: OauthSecret| secret.refresh_token == renewal.secret.refresh_token;
        row.is_of_generation_of(&renewal.row) || self.secret_in(row).is_some_and(is_token)
    }

    /// The row's secret, where it opens.
    pub(super) fn secret_in(&self, row: &ConnectionRow) -> Option<OauthSecret> {
        secret_of(&row.open(&self.connections.seals).ok()??).ok()
    }

    pub(super) fn unread(&self, endpoint: &TokenEndpoint, error: StoreError) -> CallFailure {
        let said = "the database does not give or take its tokens";
        self.failure(endpoint, FailureKind::Unavailable, said).caused(Arc::new(error))
    }

    pub(super) fn failure(&self, endpoint: &TokenEndpoint, kind: FailureKind, said: &str) -> CallFailure {
        let sentence = format!("connection `{}`: {said}", self.id);
        CallFailure::saying(endpoint.vendor, endpoint.call, kind, sentence)
    }
}

/// Whether somebody asks the vendor for new tokens. A lease that ends later than any does was taken by a clock that was ahead.
pub(super) fn is_leased(row: &ConnectionRow, now: DateTime<Utc>) -> bool {
    let lease = TimeDelta::from_std(RENEWAL).unwrap_or_default();
    row.renewing_until.is_some_and(|until| now < until && until <= now + lease)
}

/// Whether tokens that were not kept are tried to be kept again, after a while.
pub(super) async fn is_tried_again<T>(kept: &Result<T, StoreError>, tries: &mut u32) -> bool {
    let is_again = kept.as_ref().is_err_and(StoreError::is_transient) && *tries < KEEP.0;
    if is_again {
        *tries += 1;
        tokio::time::sleep(KEEP.1).await;
    }
    is_again
}

/// The kept access token, where it is neither old nor refused.
fn good(secret: &OauthSecret, refused: Option<&SecretString>, now: DateTime<Utc>) -> Option<Token> {
    let token = secret.access_token.as_ref()?;
    let renew_at = DateTime::from_timestamp_micros(secret.renew_at_us)?;
    let is_refused = refused.is_some_and(|refused| refused.expose_secret() == token);
    (now < renew_at && !is_refused).then(|| Token {
        secret: token.clone().into(),
        renew_at,
        instance_url: secret.instance_url.clone(),
    })
}
