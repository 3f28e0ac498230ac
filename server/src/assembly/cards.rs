//! Cards: what stands beside a ticket, a customer, a call.

use super::Ground;
use crate::features::contracts::Contracts;

pub(super) fn contracts(ground: &Ground<'_>) -> Contracts {
    let config = ground.config;
    Contracts::new(
        ground.account.clone(),
        (config.contracts.clone(), config.badges.clone()),
        ground.clock.clone(),
        ground.db.clone(),
        ground.vendors.zendesk.clone(),
    )
}
