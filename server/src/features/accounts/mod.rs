//! Whose a request or a job is. One value for each account holds what its people may use; it is built when it is first
//! needed, and kept while it is used. **Invariant:** an account is found by a bearer, by a page that Zendesk signed, by the
//! key in an address, or by a job's row; never by a name that a browser chose.

mod account; // one account
mod jobs; // what its jobs are given

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use url::Url;

pub use account::{Account, Jobs, PageSettings};

use crate::{
    clock::Clock,
    connectors::objects::ObjectsError,
    store::{
        Db, StoreError,
        accounts::{self, Origin},
    },
};

/// How long an account that nobody uses stays built: longer than anything that it keeps is good. Building it again takes two
/// milliseconds and no network.
const KEPT_WHILE_IDLE: TimeDelta = TimeDelta::minutes(10);
/// How long it is remembered which account a key names; keys do not change.
const KEY_KNOWN_FOR: Duration = Duration::from_mins(10);

/// The accounts that this server serves. Clones are the same.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    db: Db,
    declared: Vec<Declared>,
    build: Build,
    /// The settings file's: it owns the addresses without a key, and is never let go.
    own: Arc<Account>,
    /// The others.
    built: RwLock<HashMap<Arc<str>, Built>>,
    clock: Clock,
    keys: Cache<String, Arc<str>>,
}

struct Built {
    account: Arc<Account>,
    /// In milliseconds since 1970.
    used: AtomicI64,
}

impl Built {
    fn used(&self, now: DateTime<Utc>) -> Arc<Account> {
        self.used.store(now.timestamp_millis(), Ordering::Relaxed);
        Arc::clone(&self.account)
    }
}

/// Builds one account. **No network.**
pub type Build = Box<dyn Fn(&Declared) -> Result<Account, ObjectsError> + Send + Sync>;

/// An account, by the settings that declare it.
#[derive(Debug, Clone)]
pub struct Declared {
    /// The Zendesk subdomain.
    pub name: Arc<str>,
    /// `zendesk.base_url`.
    pub zendesk: Url,
    /// What stands in the addresses that its vendors call; absent where these have no key.
    pub key: Option<String>,
}

/// Why there is no account.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccountError {
    /// Operator: `zendesk.subdomain` was changed, or another server's request came here.
    #[error("this server does not serve the account `{0}`")]
    Unknown(String),
    /// Vendor: the address is mistyped, or of another server.
    #[error("no account of this server has this address")]
    UnknownKey,
    /// See the connector's error.
    #[error("the account's archive cannot be opened")]
    Archive(#[source] Arc<ObjectsError>),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
}

impl Accounts {
    /// Those that are declared; the first owns the addresses without a key, and is built at once.
    pub async fn open(
        db: Db,
        clock: Clock,
        mut declared: Vec<Declared>,
        build: Build,
    ) -> Result<Self, OpenError> {
        for (one, position) in declared.iter_mut().zip(0..) {
            let key = accounts::declare(&db, &one.name, Origin::File, &fresh_key(), clock.now()).await?;
            one.key = (position > 0).then_some(key);
        }
        let own = Arc::new(build(declared.first().ok_or(OpenError::None)?)?);
        let keys = Cache::builder().max_capacity(10_000).time_to_live(KEY_KNOWN_FOR).build();
        Ok(Self(Arc::new(Inner { db, declared, build, own, built: RwLock::default(), clock, keys })))
    }

    /// The settings file's account, for addresses without a key and for the command line.
    pub fn own(&self) -> Arc<Account> {
        Arc::clone(&self.0.own)
    }

    /// An account by its name, as a bearer or a job's row has it.
    pub fn of(&self, name: &str) -> Result<Arc<Account>, AccountError> {
        let Inner { declared, build, own, built, clock, .. } = &*self.0;
        if name == &*own.name {
            return Ok(Arc::clone(own));
        }
        let now = clock.now();
        if let Some(built) = built.read().expect("no holder panics").get(name) {
            return Ok(built.used(now));
        }
        let one = declared.iter().find(|one| &*one.name == name);
        let one = one.ok_or_else(|| AccountError::Unknown(name.to_owned()))?;
        // Outside the lock: whoever else needs it now may build it, too, and the first one counts.
        let fresh = Arc::new(build(one).map_err(|error| AccountError::Archive(Arc::new(error)))?);
        let mut built = built.write().expect("no holder panics");
        let entry = built.entry(Arc::clone(&one.name));
        Ok(entry.or_insert_with(|| Built { account: fresh, used: AtomicI64::default() }).used(now))
    }

    /// Lets those go that nobody has used for a while. A request or a job that has one keeps it until it ends.
    pub fn let_idle_go(&self) {
        let since = (self.0.clock.now() - KEPT_WHILE_IDLE).timestamp_millis();
        let mut built = self.0.built.write().expect("no holder panics");
        built.retain(|_, one| one.used.load(Ordering::Relaxed) > since);
    }

    /// The account whose key is in an address; a key that is none costs one question to the database.
    pub async fn of_key(&self, key: &str) -> Result<Arc<Account>, AccountError> {
        let Inner { db, keys, .. } = &*self.0;
        if !is_a_key(key) {
            return Err(AccountError::UnknownKey);
        }
        if let Some(name) = keys.get(key) {
            return self.of(&name);
        }
        let name = accounts::by_key(db, key).await.map_err(Arc::new)?.ok_or(AccountError::UnknownKey)?;
        // A row of an account that the settings no longer declare.
        let account = self.of(&name).map_err(|error| match error {
            AccountError::Unknown(_) => AccountError::UnknownKey,
            error => error,
        })?;
        keys.insert(key.to_owned(), Arc::clone(&account.name));
        Ok(account)
    }

    /// The account at a Zendesk host, as a page's token names it. The caller has the token checked by that account.
    pub fn of_host(&self, host: &str) -> Option<Arc<Account>> {
        let subdomain = host.strip_suffix(".zendesk.com");
        let named = |one: &&Declared| subdomain == Some(&*one.name) || one.zendesk.host_str() == Some(host);
        self.of(&self.0.declared.iter().find(named)?.name).ok()
    }
}

/// Why there are no accounts.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The settings declare none.
    #[error("no account is declared")]
    None,
    /// See the connector's error.
    #[error(transparent)]
    Archive(#[from] ObjectsError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// 160 random bits.
fn fresh_key() -> String {
    hex::encode(rand::random::<[u8; 20]>())
}

fn is_a_key(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
