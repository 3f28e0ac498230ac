//! Cards, and what the operator decides about them.

use super::Ground;
use crate::{
    config::Config,
    features::contracts::{BadgeRules, Contracts, FieldNames, Settings, VisibleTo},
};

/// What stands beside a ticket, a customer, a call.
pub(super) fn contracts(ground: &Ground<'_>) -> Contracts {
    Contracts::new(
        ground.account.clone(),
        settings(ground.config),
        ground.clock.clone(),
        ground.db.clone(),
        ground.vendors.zendesk.clone(),
    )
}

fn settings(config: &Config) -> Settings {
    let fields = config.contracts.fields.clone();
    let badges = config.badges.clone();
    Settings {
        currency: config.contracts.currency.clone(),
        fields: FieldNames {
            company: fields.company,
            account_type: fields.account_type,
            subscription_status: fields.subscription_status,
            mrr: fields.mrr,
            start: fields.start,
            renewal: fields.renewal,
            owner: fields.owner,
        },
        badges: BadgeRules {
            new_customer_months: badges.new_customer_months,
            renewal_near_days: badges.renewal_near_days,
            high_mrr: badges.high_mrr,
            vip_account_types: badges.vip_account_types,
            vip_tags: badges.vip_tags,
        },
        visible_to: VisibleTo::new(config.contracts.visible_to.clone()),
        customers_per_hour: config.contracts.customers_per_hour,
    }
}
