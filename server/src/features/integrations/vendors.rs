//! The account's connections, as integrations use them: those in the database, and Zendesk of the settings file.

use std::collections::BTreeMap;

use async_trait::async_trait;
use wire::{Destination as Wish, FileFormat, OverviewBudget, Read};

use super::{
    Outside,
    destination::Destination,
    export::Exporter,
    outside::SourceError,
    tickets::{TICKETS, ZendeskTickets},
    zendesk::{KeptAt, ZendeskRecords},
};
use crate::{
    connectors::{
        files::{Format, ReadFile},
        rows::{ReadError, Rows},
        zendesk::ZendeskClient,
    },
    features::connections::{ConnectionError, Connections, Source},
    queue::JobError,
};

/// Whom the account's connections lead to.
pub struct Vendors {
    /// Of the settings file.
    zendesk: ZendeskClient,
    connections: Connections,
    /// Runs make no more than this part of a vendor's limit, in per cent.
    share: u8,
}

impl Vendors {
    /// `zendesk` is the client of the settings file; a run takes this share of a vendor's limit, in per cent. One run of an account
    /// works at a time, so it is the share of all of them.
    pub fn new(zendesk: ZendeskClient, connections: Connections, share: u8) -> Self {
        Self { zendesk, connections, share }
    }

    /// How much of a destination's rate limit is used, as far as this server knows: it asks nobody.
    pub(super) async fn budget(&self, connection: &str) -> Option<OverviewBudget> {
        let client = match self.connections.source(connection).await {
            Err(ConnectionError::InFile(id)) if id == "zendesk" => self.zendesk.clone(),
            Ok(Source::Zendesk(client)) => client,
            _ => return None,
        };
        let (limit, used) = client.used()?;
        Some(OverviewBudget { limit, used, share: self.share.into() })
    }

    pub(super) fn zendesk(&self) -> &ZendeskClient {
        &self.zendesk
    }

    pub(super) fn connections(&self) -> &Connections {
        &self.connections
    }

    async fn records(&self, connection: &str, object: &str) -> Result<ZendeskRecords, JobError> {
        let (client, kept) = self.zendesk_of(connection).await?;
        Ok(ZendeskRecords::new(client, object).by(kept))
    }

    /// The client of a connection with Zendesk, with the share of a run, and where it is kept how it works.
    async fn zendesk_of(&self, connection: &str) -> Result<(ZendeskClient, KeptAt), JobError> {
        match self.connections.source(connection).await {
            Err(ConnectionError::InFile(id)) if id == "zendesk" => {
                Ok((self.zendesk.with_share(self.share), None))
            }
            Ok(Source::Zendesk(client)) => {
                let kept = (self.connections.clone(), connection.to_owned());
                Ok((client.with_share(self.share), Some(kept)))
            }
            Ok(_) => Err(JobError::give_up(format!("the connection `{connection}` is not one with Zendesk"))),
            Err(error) => Err(refused(error)),
        }
    }
}

#[async_trait]
impl Outside for Vendors {
    async fn places(&self) -> Result<BTreeMap<String, String>, JobError> {
        Ok(self.connections.places(self.connections.db()).await?)
    }

    async fn meet(&self, connections: &[&str]) -> Result<(), JobError> {
        self.connections.meet(connections).await.map_err(refused)
    }

    async fn rows(&self, connection: &str, read: &Read) -> Result<Rows, SourceError> {
        let source = self
            .connections
            .source(connection)
            .await
            .map_err(|error| SourceError::Connection(refused(error)))?;
        match (source, read) {
            (Source::Database(database), Read::Sql { sql, .. }) => Ok(database.read(sql).await?),
            (Source::Salesforce(org), Read::Soql { soql, .. }) => {
                Ok(org.background().with_share(self.share.into()).query(soql).await?)
            }
            (Source::Files(files), Read::File { .. }) => Ok(files.read(&file_of(read)).await?),
            _ => {
                let why =
                    format!("the connection `{connection}` cannot be read in this way; see `read.kind`");
                Err(SourceError::Connection(JobError::give_up(why)))
            }
        }
    }

    async fn exporter(&self, connection: &str, object: &str) -> Result<Box<dyn Exporter>, JobError> {
        if object == TICKETS {
            let (client, kept) = self.zendesk_of(connection).await?;
            return Ok(Box::new(ZendeskTickets { client, kept }));
        }
        Ok(Box::new(self.records(connection, object).await?))
    }

    async fn was_refused(&self, of: (&str, &str), error: &ReadError) -> Result<(), JobError> {
        self.connections.was_refused(of, error).await.map_err(refused)
    }

    async fn has_worked(&self, of: (&str, &str)) -> Result<(), JobError> {
        self.connections.has_worked(of).await.map_err(refused)
    }

    async fn destination(&self, wish: &Wish) -> Result<Box<dyn Destination>, JobError> {
        Ok(Box::new(self.records(&wish.connection, &wish.object).await?))
    }
}

/// How a source's file is read; what does not name one is read as a file without a name, which is refused.
pub(super) fn file_of(read: &Read) -> ReadFile {
    let Read::File { path, types, format, encoding, delimiter, emails: _ } = read else {
        return ReadFile::default();
    };
    ReadFile {
        path: path.clone(),
        types: types.clone(),
        format: format.map(|format| match format {
            FileFormat::Csv => Format::Csv,
            FileFormat::JsonLines => Format::JsonLines,
        }),
        encoding: encoding.clone(),
        delimiter: *delimiter,
    }
}

/// A database that is busy is waited for; a connection that somebody must mend is not.
fn refused(error: ConnectionError) -> JobError {
    match error {
        ConnectionError::Store(_) => JobError::retry(error),
        _ => JobError::give_up(error),
    }
}
