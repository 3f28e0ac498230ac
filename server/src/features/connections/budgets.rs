//! What is known of the limits of vendor accounts, by Deskside's account and by what a connection leads to. A client is made for each use
//! of a connection; what was used of a limit is kept here, over all of them and over every change of the connection.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::connectors::{salesforce::SalesforceBudget, zendesk::ZendeskBudget};

/// Those of this process. Replicas do not share them: each learns of the others from what the vendors answer. A process that starts
/// knows nothing yet.
#[derive(Debug, Clone, Default)]
pub struct Budgets(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    zendesk: Mutex<HashMap<(String, String), ZendeskBudget>>,
    salesforce: Mutex<HashMap<(String, String), SalesforceBudget>>,
}

impl Budgets {
    /// Of a Zendesk account, by its [place](crate::connectors::zendesk::ZendeskClient::place): the settings file's and a connection to
    /// the same account share one.
    pub fn zendesk(&self, account: &str, place: &str) -> ZendeskBudget {
        of(&self.0.zendesk, account, place)
    }

    /// Of the org of a connection that signs in at `host`; every org does so at the same host, so the connection tells them apart.
    pub fn salesforce(&self, account: &str, (connection, host): (&str, &str)) -> SalesforceBudget {
        of(&self.0.salesforce, account, &format!("{connection} {host}"))
    }
}

fn of<B: Clone + Default>(known: &Mutex<HashMap<(String, String), B>>, account: &str, place: &str) -> B {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known.entry((account.to_owned(), place.to_owned())).or_default().clone()
}
