//! Cards: what stands beside a ticket, a customer, a call.

use super::Context;
use crate::features::contracts::Contracts;

pub(super) fn contracts(context: &Context<'_>) -> Contracts {
    let config = context.config;
    Contracts::new(
        context.account.clone(),
        (config.contracts.clone(), config.badges.clone()),
        context.shared.clock.clone(),
        context.shared.db.clone(),
        context.vendors.zendesk.clone(),
    )
}
