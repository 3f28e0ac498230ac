//! Which parts of a contract an agent sees: `contracts.visible_to`. **Invariant:** no I/O; a badge that tells a hidden part is
//! hidden with it.

use std::{collections::BTreeMap, str::FromStr};

use wire::{BadgeName, Card, Contract, Role};

use crate::features::sessions::Agent;

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

/// Every part, with its name in the settings.
const PARTS: [(Part, &str); 7] = [
    (Part::Company, "company"),
    (Part::AccountType, "account_type"),
    (Part::SubscriptionStatus, "subscription_status"),
    (Part::Mrr, "mrr"),
    (Part::Start, "start"),
    (Part::Renewal, "renewal"),
    (Part::Owner, "owner"),
];

/// Some of an account's agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Every agent and admin.
    Agents,
    /// Admins.
    Admins,
    /// The agents with this custom role.
    CustomRole(u64),
    /// The agents of this group.
    Group(u64),
}

impl FromStr for Audience {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let id = |text: &str| text.parse().ok().filter(|id| *id > 0).ok_or(());
        match text.split_once(':') {
            None if text == "agent" => Ok(Self::Agents),
            None if text == "admin" => Ok(Self::Admins),
            Some(("role", text)) => id(text).map(Self::CustomRole),
            Some(("group", text)) => id(text).map(Self::Group),
            _ => Err(()),
        }
    }
}

impl Audience {
    fn has(self, agent: &Agent) -> bool {
        match self {
            Self::Agents => true,
            Self::Admins => agent.role == Role::Admin,
            Self::CustomRole(id) => agent.custom_role == Some(id),
            Self::Group(id) => agent.groups.contains(&id),
        }
    }
}

/// Who sees which part; a part without an entry is seen by every agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisibleTo(BTreeMap<Part, Vec<Audience>>);

/// Why `contracts.visible_to` is refused. Operator: correct it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartsError {
    /// There is no such part.
    #[error(
        "`contracts.visible_to` names no part of a contract: there are contract (all of it), company, account_type, \
         subscription_status, mrr, start, renewal and owner"
    )]
    Part(String),
    /// This names nobody.
    #[error("`contracts.visible_to` must name agent, admin, role:ID or group:ID")]
    Audience(String),
}

impl VisibleTo {
    /// From the settings: a part's name, or `contract` for every part that is not named, and who sees it.
    pub fn read(named: &BTreeMap<String, Vec<String>>) -> Result<Self, PartsError> {
        let read = |words: &Vec<String>| -> Result<Vec<Audience>, PartsError> {
            words.iter().map(|word| word.parse().map_err(|()| PartsError::Audience(word.clone()))).collect()
        };
        let mut parts = BTreeMap::new();
        if let Some(words) = named.get("contract") {
            let audience = read(words)?;
            parts.extend(PARTS.iter().map(|(part, _)| (*part, audience.clone())));
        }
        for (name, words) in named.iter().filter(|(name, _)| *name != "contract") {
            let known = PARTS.iter().find(|(_, known)| known == name);
            let (part, _) = known.ok_or_else(|| PartsError::Part(name.chars().take(40).collect()))?;
            parts.insert(*part, read(words)?);
        }
        Ok(Self(parts))
    }

    /// The groups that are named.
    pub fn groups(&self) -> Vec<u64> {
        let group = |audience: &Audience| match audience {
            Audience::Group(id) => Some(*id),
            _ => None,
        };
        self.0.values().flatten().filter_map(group).collect()
    }

    fn shows(&self, part: Part, agent: Option<&Agent>) -> bool {
        let Some(audience) = self.0.get(&part) else { return true };
        agent.is_some_and(|agent| audience.iter().any(|one| one.has(agent)))
    }

    /// Whether an agent sees every part.
    pub fn shows_all(&self, agent: Option<&Agent>) -> bool {
        self.0.keys().all(|part| self.shows(*part, agent))
    }

    /// Takes out of a card what the agent may not see.
    pub fn hide(&self, card: &mut Card, agent: Option<&Agent>) {
        for part in self.0.keys().copied().filter(|part| !self.shows(*part, agent)) {
            take(part, &mut card.contract);
            card.contract.choices.iter_mut().for_each(|choice| take(part, choice));
            card.badges.retain(|badge| !tells(*badge, part));
        }
    }
}

fn take(part: Part, contract: &mut Contract) {
    match part {
        Part::Company => contract.company = None,
        Part::AccountType => contract.account_type = None,
        Part::SubscriptionStatus => contract.subscription_status = None,
        Part::Mrr => (contract.mrr, contract.currency) = (None, None),
        Part::Start => contract.start = None,
        Part::Renewal => contract.renewal = None,
        Part::Owner => contract.owner = None,
    }
}

fn tells(badge: BadgeName, part: Part) -> bool {
    matches!(
        (badge, part),
        (BadgeName::Vip, Part::AccountType)
            | (BadgeName::HighMrr, Part::Mrr)
            | (BadgeName::NewCustomer, Part::Start)
            | (BadgeName::RenewalNear, Part::Renewal)
    )
}

#[cfg(test)]
mod tests {
    use wire::UserId;

    use super::*;
    use crate::features::sessions::Reach;

    fn visible_to(named: &[(&str, &[&str])]) -> Result<VisibleTo, PartsError> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        VisibleTo::read(&named.iter().map(|(part, who)| ((*part).to_owned(), words(who))).collect())
    }

    #[test]
    fn a_part_is_seen_by_whom_the_setting_names() {
        let agent = Agent::new(UserId(1), Role::Agent, Reach::All);
        let admin = Agent::new(UserId(2), Role::Admin, Reach::All);
        let sales = Agent { groups: vec![360], custom_role: Some(7), ..agent.clone() };
        for (named, part, expected) in [
            (&[][..], Part::Mrr, [true, true, true]),
            (&[("mrr", &["admin"][..])][..], Part::Mrr, [false, true, false]),
            (&[("mrr", &["admin"])], Part::Owner, [true, true, true]),
            (&[("mrr", &["admin", "group:360"])], Part::Mrr, [false, true, true]),
            (&[("mrr", &["role:7"])], Part::Mrr, [false, false, true]),
            (&[("mrr", &[])], Part::Mrr, [false, false, false]),
            (&[("contract", &["admin"]), ("company", &["agent"])], Part::Owner, [false, true, false]),
            (&[("contract", &["admin"]), ("company", &["agent"])], Part::Company, [true, true, true]),
        ] {
            let visible = visible_to(named).expect("a setting");
            let seen = [&agent, &admin, &sales].map(|one| visible.shows(part, Some(one)));
            assert_eq!(seen, expected, "{named:?} {part:?}");
            assert_eq!(visible.shows(part, None), named.is_empty() || !visible.0.contains_key(&part));
        }
    }

    #[test]
    fn a_setting_that_names_nothing_is_refused() {
        assert_eq!(visible_to(&[("price", &["admin"])]), Err(PartsError::Part("price".into())));
        for word in ["admins", "group:", "group:0", "group:x", "role", "360"] {
            assert_eq!(visible_to(&[("mrr", &[word])]), Err(PartsError::Audience(word.into())));
        }
    }
}
