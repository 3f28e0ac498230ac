//! Which dials wait to be taken, looked up once for all the panels that this replica serves: an agent's request may have been
//! written by any replica. **Invariant:** nobody looks while nobody listens.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    clock::Clock,
    store::{Db, StoreError, dials},
};

/// How often the rows are looked at while a panel listens: an agent who pressed a number should hear it ring at once.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// The same while the database does not answer.
const TROUBLE: Duration = Duration::from_secs(3);

/// Agents, each with the dial that waits for their Flex.
type Dials = Vec<(u64, String)>;
/// What waits, and whenever that changes.
pub type Waiting = watch::Receiver<Dials>;

#[derive(Clone)]
pub(super) struct Lookout(Arc<Inner>);

struct Inner {
    account: String,
    clock: Clock,
    db: Db,
    waiting: watch::Sender<Dials>,
    looks: Mutex<bool>,
}

impl Lookout {
    pub(super) fn new(account: String, clock: Clock, db: Db) -> Self {
        let (waiting, _) = watch::channel(Dials::new());
        Self(Arc::new(Inner { account, clock, db, waiting, looks: Mutex::new(false) }))
    }

    pub(super) fn listen(&self) -> Waiting {
        let waiting = self.0.waiting.subscribe();
        let mut looks = self.0.looks.lock().expect("nobody panics while holding it");
        if !*looks {
            *looks = true;
            tokio::spawn(self.clone().look());
        }
        waiting
    }

    /// Until nobody listens any more.
    async fn look(self) {
        while self.is_wanted() {
            match self.rows().await {
                Ok(rows) => {
                    self.0.waiting.send_if_modified(|known| {
                        let news = *known != rows;
                        *known = rows;
                        news
                    });
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "who is to be called cannot be read; panels wait");
                    tokio::time::sleep(TROUBLE).await;
                }
            }
        }
    }

    /// Under the lock, so that whoever comes just now starts another look.
    fn is_wanted(&self) -> bool {
        let mut looks = self.0.looks.lock().expect("nobody panics while holding it");
        *looks = self.0.waiting.receiver_count() > 0;
        if !*looks {
            self.0.waiting.send_replace(Dials::new());
        }
        *looks
    }

    async fn rows(&self) -> Result<Dials, StoreError> {
        dials::waiting(&self.0.db, &self.0.account, self.0.clock.now()).await
    }
}
