//! The account's connections, as integrations use them.

use async_trait::async_trait;
use wire::{Destination as Wish, Read};

use super::{Outside, destination::Destination, export::Exporter};
use crate::{
    connectors::{
        rows::{ReadError, Rows},
        zendesk::ZendeskClient,
    },
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
    async fn rows(&self, _: &str, _: &Read) -> Result<Rows, ReadError> {
        todo!()
    }

    async fn exporter(&self, _: &str, _: &str) -> Result<Box<dyn Exporter>, JobError> {
        todo!("{:?}", self.zendesk)
    }

    async fn destination(&self, _: &Wish) -> Result<Box<dyn Destination>, JobError> {
        todo!()
    }
}
