//! What customers and agents do without the API, and what they are told.

use serde_json::Value;

use super::Handle;
use crate::zendesk::arrivals::{self, Arrival};

impl Handle {
    /// Somebody writes in; an unknown sender becomes a user. The ticket's number, or why there is none.
    pub fn write_in(&self, arrival: &Arrival) -> Result<u64, String> {
        arrivals::write_in(&self.0, arrival)
    }

    /// An agent opens a ticket for a customer: the submitter is the agent. The ticket's number, or why there is none.
    pub fn open_for(&self, agent: u64, arrival: &Arrival) -> Result<u64, String> {
        arrivals::open_for(&self.0, agent, arrival)
    }

    /// A ticket's requester writes again.
    pub fn reply(&self, ticket: u64, body: &str) -> Result<(), String> {
        arrivals::reply(&self.0, ticket, body)
    }

    /// The mails that triggers sent to agents, oldest first.
    pub fn mails_to_agents(&self) -> Vec<Value> {
        self.mails_to("agent")
    }

    /// The mails that triggers sent to customers, oldest first.
    pub fn mails_to_customers(&self) -> Vec<Value> {
        self.mails_to("customer")
    }

    fn mails_to(&self, audience: &str) -> Vec<Value> {
        let account = self.0.account();
        account.mails.iter().filter(|mail| mail["audience"] == audience).cloned().collect()
    }

    /// The definitions of triggers do not have fields with this key yet, or have them again.
    pub fn lag_definitions(&self, key: &str, lags: bool) {
        let undefined = &mut self.0.account().undefined_fields;
        if lags {
            undefined.insert(key.to_lowercase())
        } else {
            undefined.remove(&key.to_lowercase())
        };
    }

    /// An admin has made so many triggers, which act on nothing.
    pub fn make_triggers(&self, count: usize) {
        crate::zendesk::triggers::make(&self.0, count);
    }

    /// The triggers in the order in which they run.
    pub fn triggers(&self) -> Vec<Value> {
        let all = crate::zendesk::triggers::in_order(&self.0.account());
        all.into_iter().map(Value::Object).collect()
    }
}
