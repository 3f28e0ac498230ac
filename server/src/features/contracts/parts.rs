//! Which parts of a contract an agent sees: `contracts.visible_to`. **Invariant:** no I/O; a badge that tells a hidden part is
//! hidden with it.

use wire::{BadgeName, Card, Contract};

use super::visible_to::{Part, PartAudiences};
use crate::{features::sessions::Agent, setting::Audience};

/// Who sees which part; a part without an entry is seen by every agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VisibleTo(pub(super) PartAudiences);

impl VisibleTo {
    /// Everybody who is named.
    pub fn audiences(&self) -> impl Iterator<Item = &Audience> {
        self.0.values().flatten()
    }

    /// The parts that are for somebody.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        self.0.keys().copied()
    }

    /// Whether an agent sees a part.
    pub fn shows(&self, part: Part, agent: Option<&Agent>) -> bool {
        let Some(audience) = self.0.get(&part) else { return true };
        agent.is_some_and(|agent| audience.iter().any(|one| agent.is_in(one)))
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
    contract.differences.retain(|difference| difference.part != part.on_wire());
    match part {
        Part::Company => contract.company = None,
        Part::AccountType => contract.account_type = None,
        Part::SubscriptionStatus => contract.subscription_status = None,
        Part::Mrr => (contract.mrr, contract.mrr_exact, contract.currency) = (None, None, None),
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
    use wire::{Role, UserId};

    use super::*;
    use crate::features::sessions::Reach;

    #[test]
    fn a_part_is_seen_by_whom_the_setting_names() {
        let agent = Agent::new(UserId(1), Role::Agent, Reach::All);
        let admin = Agent::new(UserId(2), Role::Admin, Reach::All);
        let sales = Agent { audiences: vec!["groups:360".into(), "roles:7".into()], ..agent.clone() };
        for (who, expected) in [
            (None, [true, true, true]),
            (Some(&["agents"][..]), [true, true, true]),
            (Some(&["admins"][..]), [false, true, false]),
            (Some(&["admins", "groups:360"]), [false, true, true]),
            (Some(&["roles:7"]), [false, false, true]),
            (Some(&["roles:8"]), [false, false, false]),
            (Some(&[]), [false, false, false]),
        ] {
            let parts =
                who.map(|who| (Part::Mrr, who.iter().map(|one| one.parse().expect("an audience")).collect()));
            let visible = VisibleTo(parts.into_iter().collect());
            let seen = [&agent, &admin, &sales].map(|one| visible.shows(Part::Mrr, Some(one)));
            assert_eq!(seen, expected, "{who:?}");
            assert_eq!(visible.shows(Part::Mrr, None), who.is_none());
            assert!(visible.shows(Part::Owner, Some(&agent)), "a part that is not named");
        }
    }
}
