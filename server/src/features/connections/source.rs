//! What a connection leads to, for features that read and write there.

use super::{ConnectionError, Connections, kind_of, kinds::Candidate};
use crate::{
    connectors::{files::FileSource, salesforce::SalesforceClient, sql::SqlSource, zendesk::ZendeskClient},
    store::connections::ConnectionState,
};

/// A vendor, as somebody who may use the connection.
#[derive(Debug)]
pub enum Source {
    Zendesk(ZendeskClient),
    Salesforce(SalesforceClient),
    Database(SqlSource),
    Files(FileSource),
}

impl Connections {
    /// What a connection in the database leads to. No network.
    pub async fn source(&self, id: &str) -> Result<Source, ConnectionError> {
        let row = self.row(id).await?;
        let kind = kind_of(&row)?;
        if row.state == ConnectionState::Disconnected {
            return Err(ConnectionError::Disconnected(id.to_owned()));
        }
        let secret = row.open(&self.seals).map_err(|_| ConnectionError::Locked(id.to_owned()))?;
        let secret = secret.unwrap_or_else(|| b"{}".to_vec());
        let candidate =
            Candidate { connections: self, id, settings: &row.settings, secret: &secret, again: false };
        kind.kept()?.source(&candidate)
    }
}
