//! A customer's secondary addresses: another call to Zendesk, made only where the contract copy knows neither the customer's id nor
//! their primary address. **Invariant:** no card waits for it; what comes later is on the card when it is asked for again.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;

use super::{CardError, Contracts, cache::Subject, requester::Requester};
use crate::{
    connectors::zendesk::{self, ZendeskError},
    store::companies::{Found, PersonKind},
};

/// How long they are not asked for again. They change rarely, and the next run of the integration finds those that are verified, too.
const FRESH_FOR: Duration = Duration::from_mins(10);

/// All addresses of each user, the primary one first.
pub(super) type Addresses = Cache<u64, Arc<[String]>>;

pub(super) fn addresses() -> Addresses {
    Cache::builder().max_capacity(10_000).time_to_live(FRESH_FOR).build()
}

/// Whether another address could find more.
const fn is_wanted(found: &Found) -> bool {
    found.copy.is_some() && !matches!(found.by, Some(PersonKind::User | PersonKind::Email))
}

impl Contracts {
    /// Asks Zendesk for them, where they are wanted and not known, and does not wait.
    pub(super) fn ask_for_addresses(&self, requester: &Requester, found: &Found, subject: Subject) {
        let Some(user) = requester.ids.user_id.filter(|_| is_wanted(found)) else { return };
        if self.0.addresses.contains_key(&user) {
            return;
        }
        let contracts = self.clone();
        tokio::spawn(async move {
            let ask = contracts.addresses_of(user);
            match contracts.0.addresses.try_get_with(user, ask).await {
                Ok(addresses) => contracts.add_to_card(subject, addresses).await,
                Err(error) => tracing::warn!(%error, "a customer's secondary addresses could not be read"),
            }
        });
    }

    async fn addresses_of(&self, user: u64) -> Result<Arc<[String]>, ZendeskError> {
        let identities = self.0.zendesk.background().identities(&[zendesk::UserId(user)]).await?;
        let mut addresses = identities.into_readable();
        addresses.retain(|identity| identity.kind == "email");
        addresses.sort_by_key(|identity| !identity.primary);
        Ok(addresses.into_iter().map(|identity| identity.value).collect())
    }

    /// What the contract copy knows by all addresses, where those are known already.
    pub(super) async fn with_known_addresses(
        &self,
        requester: Requester,
        found: Found,
    ) -> Result<(Requester, Found), CardError> {
        let Some(user) = requester.ids.user_id.filter(|_| is_wanted(&found)) else {
            return Ok((requester, found));
        };
        match self.0.addresses.get(&user).await.and_then(|all| requester.with(&all)) {
            Some(requester) => {
                let found = self.companies_of(&requester).await?;
                Ok((requester, found))
            }
            None => Ok((requester, found)),
        }
    }

    /// What the contract copy knows by all addresses; asks Zendesk for them where they are wanted, and waits.
    pub(super) async fn with_all_addresses(
        &self,
        requester: Requester,
        found: Found,
    ) -> Result<(Requester, Found), CardError> {
        let Some(user) = requester.ids.user_id.filter(|_| is_wanted(&found)) else {
            return Ok((requester, found));
        };
        let asked = self.0.addresses.try_get_with(user, self.addresses_of(user)).await;
        if let Err(error) = asked {
            let unread = super::Unread::Customer(wire::UserId(user));
            return Err(CardError::Zendesk(unread, error));
        }
        self.with_known_addresses(requester, found).await
    }

    /// The addresses came after the card.
    async fn add_to_card(&self, subject: Subject, addresses: Arc<[String]>) {
        let Some(card) = self.0.cards.get(&subject).await else { return };
        if let Some(requester) = card.requester.as_ref().and_then(|requester| requester.with(&addresses)) {
            self.look_up_again(subject, card, Arc::new(requester)).await;
        }
    }
}
