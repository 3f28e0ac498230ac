//! Cards and the contract copy: who belongs to which company, and cards that were read before the copy changed. **Invariants:** a
//! card that is in memory waits for no database; a copy that cannot be read is not an empty one.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;

use super::{
    CardError, Contracts,
    cache::{CachedCard, Subject},
    requester::Requester,
    translation,
};
use crate::store::companies::{self, CopyMark, Found};

/// How often the database is asked whether there is a new copy, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a card in memory waits for the answer.
const MARK_TIMEOUT: Duration = Duration::from_millis(250);

/// The copy of the account, as it was a moment ago; inside `None`: it could not be read.
pub(super) type Marks = Cache<(), Option<Arc<Option<CopyMark>>>>;

pub(super) fn marks() -> Marks {
    Cache::builder().max_capacity(1).time_to_live(LOOK_EVERY).build()
}

impl Contracts {
    /// The companies of a customer.
    pub(super) async fn companies_of(&self, requester: &Requester) -> Result<Found, CardError> {
        let found = companies::of_person(&self.0.db, &self.0.account, &requester.ids).await;
        Ok(found.map_err(Arc::new)?)
    }

    /// A card from memory, with the contract that the newest copy has.
    pub(super) async fn with_newest_copy(&self, subject: Subject, card: Arc<CachedCard>) -> Arc<CachedCard> {
        let Some(requester) = &card.requester else { return card };
        match self.mark().await {
            Some(mark) if *mark != card.copy => {}
            _ => return card,
        }
        let requester = Arc::clone(requester);
        self.look_up_again(subject, card, requester).await
    }

    /// The same card with the companies that are found now.
    pub(super) async fn look_up_again(
        &self,
        subject: Subject,
        card: Arc<CachedCard>,
        requester: Arc<Requester>,
    ) -> Arc<CachedCard> {
        match self.companies_of(&requester).await {
            Ok(found) => {
                let card = Arc::new(translation::again(&card, requester, &found, self.rules()));
                self.0.cards.insert(subject, Arc::clone(&card)).await;
                card
            }
            Err(error) => {
                tracing::warn!(%error, "the contract copy cannot be read; the card from before it changed is shown");
                card
            }
        }
    }

    async fn mark(&self) -> Option<Arc<Option<CopyMark>>> {
        let ask = async {
            let asked = companies::mark(&self.0.db, &self.0.account);
            match tokio::time::timeout(MARK_TIMEOUT, asked).await {
                Ok(Ok(mark)) => Some(Arc::new(mark)),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "it cannot be read whether there is a new contract copy");
                    None
                }
                Err(_) => {
                    tracing::warn!(
                        "it cannot be read whether there is a new contract copy: the database is slow"
                    );
                    None
                }
            }
        };
        self.0.marks.get_with((), ask).await
    }
}
