//! The account's connections, as integrations use them.

use async_trait::async_trait;
use wire::{Destination as Wish, Read};

use super::{
    Outside, destination::Destination, export::Exporter, outside::SourceError, zendesk::ZendeskRecords,
};
use crate::{
    connectors::{rows::Rows, zendesk::ZendeskClient},
    queue::JobError,
};

/// Whom the account's connections lead to.
pub struct Vendors {
    zendesk: ZendeskClient,
}

impl Vendors {
    /// `zendesk` is the client for jobs.
    pub fn new(zendesk: ZendeskClient) -> Self {
        Self { zendesk }
    }
}

#[async_trait]
impl Outside for Vendors {
    async fn rows(&self, connection: &str, _: &Read) -> Result<Rows, SourceError> {
        Err(SourceError::Connection(connection.to_owned()))
    }

    async fn exporter(&self, connection: &str, object: &str) -> Result<Box<dyn Exporter>, JobError> {
        Ok(Box::new(self.records(connection, object)?))
    }

    async fn destination(&self, wish: &Wish) -> Result<Box<dyn Destination>, JobError> {
        Ok(Box::new(self.records(&wish.connection, &wish.object)?))
    }
}

impl Vendors {
    fn records(&self, connection: &str, object: &str) -> Result<ZendeskRecords, JobError> {
        if connection == "zendesk" {
            return Ok(ZendeskRecords::new(self.zendesk.clone(), object));
        }
        Err(JobError::give_up(format!("there is no connection `{connection}`")))
    }
}
