//! The contract of a customer for whoever decides about them without an agent who looks: by the same rules as the card, with the ids
//! and the owners that a card does not show. **Invariant:** nothing of it is cached, for somebody is told because of it.

use wire::{BadgeName, Contract, ContractState};

use super::{CardError, Contracts, requester::Requester, translation};
use crate::{
    connectors::zendesk::{Ticket, User},
    store::companies::{self, Company, Found, Ids, Owner},
};

/// What is known of a customer's contract.
#[derive(Debug, Clone)]
pub struct ContractFacts {
    pub contract: Contract,
    pub badges: Vec<BadgeName>,
    /// The company, where the contract is of the contract copy and there is one company.
    pub company: Option<Company>,
}

impl ContractFacts {
    /// Nothing could be read.
    pub fn unknown() -> Self {
        let contract = serde_json::json!({ "state": ContractState::None });
        let contract = serde_json::from_value(contract).expect("a contract needs no more than its state");
        Self { contract, badges: Vec::new(), company: None }
    }

    /// Who looks after the company on our side; empty where the contract is of Zendesk's own fields, which hold no addresses.
    pub fn owners(&self) -> &[Owner] {
        self.company.as_ref().map_or(&[], |company| company.owners.as_slice())
    }
}

impl Contracts {
    /// The contract of a ticket's requester.
    pub async fn facts_of(&self, user: &User, ticket: Option<&Ticket>) -> Result<ContractFacts, CardError> {
        let requester = Requester::new(user, ticket, &self.0.settings.fields, self.0.clock.now());
        let found = self.companies_of(&requester).await?;
        let (requester, found) = self.with_all_addresses(requester, found).await?;
        Ok(self.facts(&requester, found))
    }

    /// The contract of a company of the copy; `None`: the copy does not have it.
    pub async fn facts_of_company(&self, id: &str) -> Result<Option<ContractFacts>, CardError> {
        let inner = &self.0;
        let unread = |error| CardError::from(std::sync::Arc::new(error));
        let company = companies::company(&inner.db, &inner.account, id).await.map_err(unread)?;
        let Some(company) = company else { return Ok(None) };
        let copy = companies::mark(&inner.db, &inner.account).await.map_err(unread)?;
        let requester = Requester {
            ids: Ids::default(),
            tags: Vec::new(),
            fields: std::collections::BTreeMap::new(),
            read_at: inner.clock.now(),
        };
        let found = Found { copy, companies: vec![company], ..Found::default() };
        Ok(Some(self.facts(&requester, found)))
    }

    fn facts(&self, requester: &Requester, mut found: Found) -> ContractFacts {
        let (contract, badges) = translation::contract(requester, &found, self.rules());
        let is_one = found.companies.len() == 1 && contract.state != ContractState::Ambiguous;
        // Where the copy is too old, the customer's own fields prevail; owners are of the copy nevertheless.
        let company = if is_one { found.companies.pop() } else { None };
        ContractFacts { contract, badges, company }
    }
}
