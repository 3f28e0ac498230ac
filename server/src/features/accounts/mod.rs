//! Whose a request or a job is. One value for each account holds what its people may use; it is built when it is first
//! needed, and kept while it is used. **Invariant:** an account is found by a bearer, by a page that Zendesk signed, by the
//! key in an address, or by a job's row; never by a name that a browser chose.

mod account; // one account
mod jobs; // what its jobs are given

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

pub use account::{Account, Jobs, PageSettings};

use crate::{
    clock::Clock,
    connectors::objects::ObjectsError,
    features::connections,
    store::{
        Db, StoreError,
        accounts::{self, Origin},
    },
};

/// How long an account that nobody uses stays built: longer than anything that it keeps is good. Building it again takes two
/// milliseconds and no network.
const KEPT_WHILE_IDLE: TimeDelta = TimeDelta::minutes(10);

/// The accounts that this server serves. Clones are the same.
#[derive(Clone)]
pub struct Accounts(Arc<Inner>);

struct Inner {
    declared: Vec<Declared>,
    build: Build,
    db: Db,
    /// The settings file's: it owns the addresses without a key, and is never let go.
    own: RwLock<Arc<Account>>,
    own_name: Arc<str>,
    /// The others.
    built: RwLock<HashMap<Arc<str>, Built>>,
    clock: Clock,
    /// By the keys in addresses.
    keys: HashMap<String, Arc<str>>,
    /// How often each account's connections had changed when it was built.
    connections: Mutex<HashMap<String, u64>>,
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
}

impl Accounts {
    /// Those that are declared; the first owns the addresses without a key, and is built at once.
    pub async fn open(
        db: &Db,
        clock: Clock,
        mut declared: Vec<Declared>,
        build: Build,
    ) -> Result<Self, OpenError> {
        let mut keys = HashMap::new();
        for (one, position) in declared.iter_mut().zip(0..) {
            let key = accounts::declare(db, &one.name, Origin::File, &fresh_key(), clock.now()).await?;
            keys.insert(key.clone(), Arc::clone(&one.name));
            one.key = (position > 0).then_some(key);
        }
        let connections = accounts::connections_versions(db).await?.into_iter().collect();
        let own = Arc::new(build(declared.first().ok_or(OpenError::None)?)?);
        Ok(Self(Arc::new(Inner {
            declared,
            build,
            db: db.clone(),
            own_name: Arc::clone(&own.name),
            own: RwLock::new(own),
            built: RwLock::default(),
            clock,
            keys,
            connections: Mutex::new(connections),
        })))
    }

    /// The settings file's account, for addresses without a key and for the command line.
    pub fn own(&self) -> Arc<Account> {
        Arc::clone(&self.0.own.read().expect("no holder panics"))
    }

    /// An account by its name, as a bearer or a job's row has it.
    pub fn of(&self, name: &str) -> Result<Arc<Account>, AccountError> {
        let Inner { declared, build, own_name, built, clock, .. } = &*self.0;
        if name == &**own_name {
            return Ok(self.own());
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

    /// Builds those anew whose connections changed since they were built, here or on another replica. A request or a job that
    /// has the former one keeps it until it ends.
    pub async fn follow_connections(&self) -> Result<(), StoreError> {
        let versions = accounts::connections_versions(&self.0.db).await?;
        let changed: Vec<String> = {
            let mut known = self.0.connections.lock().expect("no holder panics");
            let is_new =
                |(name, version): &(String, u64)| known.insert(name.clone(), *version) != Some(*version);
            versions.into_iter().filter(is_new).map(|(name, _)| name).collect()
        };
        for name in changed {
            self.renew(&name);
        }
        Ok(())
    }

    fn renew(&self, name: &str) {
        let Inner { declared, build, own, own_name, built, .. } = &*self.0;
        if name != &**own_name {
            built.write().expect("no holder panics").remove(name);
            return;
        }
        match build(&declared[0]) {
            Ok(fresh) => *own.write().expect("no holder panics") = Arc::new(fresh),
            Err(error) => {
                let error = crate::causes::with_causes(&error);
                tracing::error!(account = name, %error, "the account could not be rebuilt after its connections changed");
            }
        }
    }

    /// The account whose key is in an address. It asks nobody.
    pub fn of_key(&self, key: &str) -> Result<Arc<Account>, AccountError> {
        self.of(self.0.keys.get(key).ok_or(AccountError::UnknownKey)?)
    }

    /// The subdomains of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.declared.iter().map(|one| &*one.name)
    }

    /// Whether a host is the Zendesk of another account than the settings file's, served here or not.
    pub fn is_foreign(&self, host: &str) -> bool {
        let subdomain = host.strip_suffix(".zendesk.com").filter(|name| *name != &*self.0.own_name);
        let is_a_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        subdomain.is_some_and(|name| (1..=63).contains(&name.len()) && is_a_name(name))
    }

    /// The account that asked for a consent with this `state`, where nobody has used it.
    pub async fn of_state(&self, state: &str) -> Result<Option<Arc<Account>>, StoreError> {
        let account = connections::account_of(&self.0.db, state, self.0.clock.now()).await?;
        Ok(account.and_then(|account| self.of(&account).ok()))
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
