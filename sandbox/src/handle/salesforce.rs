//! What happens in the Salesforce organization without its API.

use serde_json::Value;

use super::Handle;
use crate::salesforce::control::{self, AppChange};

impl Handle {
    /// So many further records of an object; the first one's id.
    pub fn make_salesforce_rows(&self, object: &str, count: u64) -> Option<String> {
        control::make(&mut self.0.salesforce(), object, count, self.now())
    }

    /// Somebody changes a record; whether there is one.
    pub fn change_salesforce(&self, object: &str, id: &str, values: &Value) -> bool {
        let values = values.as_object().cloned().unwrap_or_default();
        control::write(&mut self.0.salesforce(), object, id, &values, self.now())
    }

    /// Somebody deletes a record; whether there was one.
    pub fn delete_salesforce(&self, object: &str, id: &str) -> bool {
        let now = self.now();
        self.0.salesforce().table_mut(object).is_some_and(|table| table.delete(id, now))
    }

    /// The id of the first living record whose field has this value.
    pub fn find_salesforce(&self, object: &str, field: &str, value: &str) -> Option<String> {
        let org = self.0.salesforce();
        let table = org.table(object)?;
        let mut living = table.records.iter().filter(|(_, record)| !record.deleted);
        living.find(|(_, record)| table.value(record, field) == value).map(|(id, _)| id.clone())
    }

    /// A field is hidden from the app's user, or shown again.
    pub fn hide_salesforce_field(&self, object: &str, field: &str, hidden: bool) {
        self.0.salesforce().hide(object, field, hidden);
    }

    /// Changes the app.
    pub fn change_salesforce_app(&self, change: AppChange) {
        control::change_app(&mut self.0.salesforce(), change);
    }

    /// Every session of Salesforce has run out; refresh tokens still work.
    pub fn expire_salesforce_sessions(&self) {
        let now = self.now();
        control::expire_sessions(&mut self.0.salesforce(), now);
    }

    /// The organization's admin revokes everything that the app was given.
    pub fn revoke_salesforce(&self) {
        control::revoke_all(&mut self.0.salesforce());
    }

    /// As if so many calls had been made today.
    pub fn use_salesforce_calls(&self, used: u32) {
        let now = self.now();
        self.0.salesforce().set_calls(now, used);
    }

    /// The next query job fails with this message.
    pub fn fail_next_salesforce_job(&self, message: &str) {
        self.0.salesforce().next_job_fails = Some(message.to_owned());
    }
}
