//! `contracts.visible_to`: which parts of a contract are for whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error};
use wire::ContractPart;

use super::{FieldNames, VisibleTo};
use crate::setting::Audience;

/// A part of a contract that can be hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The company's name.
    Company,
    /// The account's type.
    AccountType,
    /// The subscription's status.
    SubscriptionStatus,
    /// The monthly recurring revenue.
    Mrr,
    /// The first day.
    Start,
    /// The day it renews.
    Renewal,
    /// Who owns it on our side.
    Owner,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 7] = [
        Self::Company,
        Self::AccountType,
        Self::SubscriptionStatus,
        Self::Mrr,
        Self::Start,
        Self::Renewal,
        Self::Owner,
    ];

    /// Its name in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::AccountType => "account_type",
            Self::SubscriptionStatus => "subscription_status",
            Self::Mrr => "mrr",
            Self::Start => "start",
            Self::Renewal => "renewal",
            Self::Owner => "owner",
        }
    }

    /// Its name on a card.
    pub const fn on_wire(self) -> ContractPart {
        match self {
            Self::Company => ContractPart::Company,
            Self::AccountType => ContractPart::AccountType,
            Self::SubscriptionStatus => ContractPart::SubscriptionStatus,
            Self::Mrr => ContractPart::Mrr,
            Self::Start => ContractPart::Start,
            Self::Renewal => ContractPart::Renewal,
            Self::Owner => ContractPart::Owner,
        }
    }

    /// The key of the user field that holds it.
    pub fn field(self, fields: &FieldNames) -> &str {
        match self {
            Self::Company => &fields.company,
            Self::AccountType => &fields.account_type,
            Self::SubscriptionStatus => &fields.subscription_status,
            Self::Mrr => &fields.mrr,
            Self::Start => &fields.start,
            Self::Renewal => &fields.renewal,
            Self::Owner => &fields.owner,
        }
    }
}

/// Who sees which part; a part without an entry is seen by every agent.
pub type PartAudiences = BTreeMap<Part, Vec<Audience>>;

impl<'de> Deserialize<'de> for VisibleTo {
    /// A part's name, or `contract` for every part that is not named, and who sees it.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let named = BTreeMap::<String, Vec<String>>::deserialize(from)?;
        let audiences = |words: &[String]| -> Result<Vec<Audience>, D::Error> {
            let must = || {
                format!(
                    "must name for each part lists of {}; `admin` is now `admins`, `role:1` is `roles:1`, `group:1` is `groups:1`",
                    Audience::SPELLING
                )
            };
            words
                .iter()
                .map(|word| word.parse())
                .collect::<Result<_, ()>>()
                .map_err(|()| D::Error::custom(must()))
        };
        let mut parts = PartAudiences::new();
        if let Some(words) = named.get("contract") {
            let all = audiences(words)?;
            parts.extend(Part::ALL.map(|part| (part, all.clone())));
        }
        for (name, words) in named.iter().filter(|(name, _)| *name != "contract") {
            let part = Part::ALL.into_iter().find(|part| part.name() == name).ok_or_else(|| {
                let all = Part::ALL.map(Part::name).join(", ");
                D::Error::custom(format_args!(
                    "names no part of a contract: there are contract (all of it), {all}"
                ))
            })?;
            parts.insert(part, audiences(words)?);
        }
        Ok(Self(parts))
    }
}
