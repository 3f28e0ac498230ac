//! Who is in charge of a contract, and whether they can be told. **Invariant:** in doubt it is nobody, and the fallback says why.

use super::{Notices, Setup, kind, kind::Kind, rules::Reason, settings::Way};
use crate::{
    connectors::zendesk::{Role, UserId, ZendeskError},
    features::contracts::ContractFacts,
    store::companies::Owner,
};

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InCharge {
    /// For people.
    pub name: String,
    /// Their user in Zendesk, where they are told there.
    pub agent: Option<UserId>,
}

/// The owner of a role; of several the first with an address.
fn owner_of(kind: Kind, owners: &[Owner]) -> Result<&Owner, Reason> {
    let role = kind::role(kind);
    let of_role: Vec<_> = owners.iter().filter(|owner| owner.role == role).collect();
    let key = |text: &Option<String>| text.as_deref().map(engine::key).filter(|text| !text.is_empty());
    for owner in &of_role {
        let (name, address) = (key(&owner.name), key(&owner.email));
        let is_another =
            |other: &&&Owner| name.is_some() && key(&other.name) == name && key(&other.email) != address;
        if of_role.iter().any(|other| is_another(&other)) {
            return Err(Reason::OwnerAmbiguous);
        }
    }
    let with_address = of_role.iter().find(|owner| key(&owner.email).is_some());
    with_address.or(of_role.first()).copied().ok_or(Reason::NoOwner)
}

impl Notices {
    /// Whoever is in charge, as the way needs them; a reason: they cannot be told so.
    pub(super) async fn in_charge(
        &self,
        kind: Kind,
        way: Way,
        facts: &ContractFacts,
    ) -> Result<Result<InCharge, Reason>, ZendeskError> {
        let owner = match owner_of(kind, facts.owners()) {
            Ok(owner) => owner,
            // Whoever is on call is paged, whoever looks after the customer.
            Err(_) if way == Way::PagerDuty => {
                return Ok(Ok(InCharge { name: "PagerDuty".to_owned(), agent: None }));
            }
            Err(reason) => return Ok(Err(reason)),
        };
        let name = owner.name.clone().or_else(|| owner.email.clone()).unwrap_or_default();
        if way != Way::Zendesk {
            return Ok(Ok(InCharge { name, agent: None }));
        }
        let Some(address) = owner.email.as_deref().filter(|address| !address.trim().is_empty()) else {
            return Ok(Err(Reason::OwnerWithoutAddress));
        };
        let Setup { zendesk, .. } = &*self.0;
        let found = zendesk.user_by_email(address).await?;
        Ok(match found {
            None => Err(Reason::OwnerUnknown),
            Some(user) if !user.active => Err(Reason::OwnerUnknown),
            Some(user) if user.suspended => Err(Reason::OwnerSuspended),
            Some(user) if !matches!(user.role, Role::Agent | Role::Admin) => Err(Reason::OwnerNotAgent),
            Some(user) if user.id == zendesk.me().await?.id => Err(Reason::OwnerIsWriter),
            Some(user) => Ok(InCharge { name, agent: Some(user.id) }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::companies::OwnerRole;

    #[test]
    fn in_doubt_nobody_is_in_charge() {
        let owner = |role, name: &str, email: &str| Owner {
            role,
            name: (!name.is_empty()).then(|| name.to_owned()),
            email: (!email.is_empty()).then(|| email.to_owned()),
        };
        let check = |owners: &[Owner], expected: Result<&str, Reason>| {
            let found = owner_of(Kind::NewCustomer, owners);
            let found =
                found.map(|owner| owner.email.as_deref().or(owner.name.as_deref()).unwrap_or_default());
            assert_eq!(found, expected, "{owners:?}");
        };
        let kim = owner(OwnerRole::Sales, "Kim", "kim@acme.example");
        check(&[], Err(Reason::NoOwner));
        check(&[owner(OwnerRole::Success, "Dana", "dana@acme.example")], Err(Reason::NoOwner));
        check(std::slice::from_ref(&kim), Ok("kim@acme.example"));
        check(&[kim.clone(), kim.clone()], Ok("kim@acme.example"));
        check(&[kim.clone(), owner(OwnerRole::Sales, "Kim", "KIM@acme.example")], Ok("kim@acme.example"));
        check(
            &[kim.clone(), owner(OwnerRole::Sales, "Kim", "kim2@acme.example")],
            Err(Reason::OwnerAmbiguous),
        );
        check(&[owner(OwnerRole::Sales, "Lee", ""), kim], Ok("kim@acme.example"));
        check(&[owner(OwnerRole::Sales, "Lee", "")], Ok("Lee"));
    }
}
