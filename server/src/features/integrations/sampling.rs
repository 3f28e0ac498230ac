//! What connections hold, for people who write integrations: objects, fields, and the first rows of what a source would read.
//! **Invariant:** nothing is staged, nothing is written, and little is read.

use engine::{Column, Value};
use futures::StreamExt;
use wire::{ConnectionObject, ObjectField, Read};

use super::{
    Vendors,
    destination::{Defined, Destination},
    export::{self, ACTIVE, Exporter},
    sources::exported,
    tickets::{TICKETS, ZendeskTickets},
    vendors::file_of,
    zendesk::ZendeskRecords,
};
use crate::{
    connectors::{
        VendorError,
        files::ReadFile,
        rows::{ReadError, Rows},
        salesforce, zendesk,
    },
    features::connections::{ConnectionError, Source},
    queue::{Advice, JobError},
};

/// What is held of a source: rows can have 8 MB each.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The first rows of a source.
pub(super) struct Sampled {
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Value<'static>>>,
    /// There are no others.
    pub is_whole: bool,
}

/// Why there are no rows to look at.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Zendesk(#[from] zendesk::ZendeskError),
    /// Zendesk's records, by the way that runs read them.
    #[error("{0}")]
    Records(JobError),
    #[error("the connection `{0}` cannot be read in this way; see `read.kind`")]
    Kind(String),
    #[error("the connection has no object `{0}`")]
    NoObject(String),
}

impl From<crate::connectors::CallFailure> for SampleError {
    fn from(failure: crate::connectors::CallFailure) -> Self {
        Self::Read(failure.into())
    }
}

impl SampleError {
    /// Whether it passes by itself.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Read(error) => error.is_outage(),
            Self::Zendesk(error) => error.is_outage(),
            Self::Records(error) => !matches!(error.advice(), Advice::GiveUp),
            _ => false,
        }
    }
}

impl Vendors {
    /// The first `most` rows of a source.
    pub(super) async fn sample(
        &self,
        connection: &str,
        read: &Read,
        most: usize,
    ) -> Result<Sampled, SampleError> {
        let source = self.source_of(connection).await?;
        if let Some(object) = exported(read) {
            let Source::Zendesk(client) = source else {
                return Err(SampleError::Kind(connection.to_owned()));
            };
            return match object {
                TICKETS => records(&ZendeskTickets { client, kept: None }, object, most).await,
                _ => records(&ZendeskRecords::new(client, object), object, most).await,
            };
        }
        match (source, read) {
            (Source::Database(database), Read::Sql { sql, .. }) => {
                first(database.sample(sql, most).await?, most).await
            }
            (Source::Salesforce(org), Read::Soql { soql, .. }) => {
                first(org.sample(soql, most).await?, most).await
            }
            (Source::Files(files), Read::File { .. }) => first(files.read(&file_of(read)).await?, most).await,
            _ => Err(SampleError::Kind(connection.to_owned())),
        }
    }

    /// What can be read from a connection, and written to it.
    pub(super) async fn objects(&self, connection: &str) -> Result<Vec<ConnectionObject>, SampleError> {
        let object = |name: &str, label: &str, can: &[&str]| ConnectionObject {
            name: name.to_owned(),
            label: label.to_owned(),
            can: can.iter().map(|verb| (*verb).to_owned()).collect(),
        };
        Ok(match self.source_of(connection).await? {
            Source::Zendesk(_) => vec![
                object("users", "Users", &["read", "update"]),
                object("organizations", "Organizations", &["read", "update", "create"]),
                object(TICKETS, "Tickets", &["read"]),
            ],
            Source::Salesforce(org) => {
                let all = org.describe_global().await?.into_readable();
                let read = all.iter().filter(|one| one.queryable);
                read.map(|one| object(&one.name, &one.label, &["read"])).collect()
            }
            Source::Database(database) => {
                let all = database.objects().await?;
                let label = |one: &crate::connectors::sql::Object| {
                    if one.is_view { format!("{} (view)", one.name) } else { one.name.clone() }
                };
                all.iter().map(|one| object(&one.name, &label(one), &["read"])).collect()
            }
            Source::Files(files) => {
                files.files().await?.iter().map(|name| object(name, name, &["read"])).collect()
            }
        })
    }

    /// The fields of one of them.
    pub(super) async fn fields(
        &self,
        connection: &str,
        object: &str,
    ) -> Result<Vec<ObjectField>, SampleError> {
        let unknown = || SampleError::NoObject(object.to_owned());
        let found = match self.source_of(connection).await? {
            Source::Zendesk(client) if ["users", "organizations"].contains(&object) => {
                let (keys, absent) = own_columns(object);
                let own =
                    export::columns(object).into_iter().filter(|column| !absent.contains(&&*column.name));
                let own = own.map(|column| plain(&column, keys)).collect::<Vec<_>>();
                let custom =
                    ZendeskRecords::new(client, object).fields().await.map_err(SampleError::Records)?;
                let open = custom.into_iter().filter(|defined| defined.closed.is_none());
                own.into_iter().chain(open.map(custom_field)).collect()
            }
            Source::Zendesk(_) if object == TICKETS => {
                let own = export::columns(object).into_iter().filter(|column| column.name != ACTIVE);
                own.map(|column| plain(&column, &["id"])).collect()
            }
            Source::Zendesk(_) => return Err(unknown()),
            Source::Salesforce(org) => {
                org.describe(object).await?.fields.into_readable().into_iter().map(salesforce_field).collect()
            }
            Source::Database(database) => {
                let fields = database.fields(object).await?.into_iter();
                fields
                    .map(|field| ObjectField {
                        label: field.name.clone(),
                        name: field.name,
                        kind: field.kind,
                        key: field.is_key,
                        required: !field.is_nullable,
                        writable: false,
                        values: None,
                    })
                    .collect::<Vec<_>>()
            }
            Source::Files(files) => {
                let file = ReadFile { path: object.to_owned(), ..ReadFile::default() };
                files.read(&file).await?.columns.iter().map(|column| plain(column, &[])).collect()
            }
        };
        if found.is_empty() { Err(unknown()) } else { Ok(found) }
    }

    async fn source_of(&self, connection: &str) -> Result<Source, ConnectionError> {
        match self.connections().source(connection).await {
            Err(ConnectionError::InFile(id)) if id == "zendesk" => {
                Ok(Source::Zendesk(self.zendesk().clone()))
            }
            other => other,
        }
    }
}

/// Of the columns that Zendesk's records share in an export: those by which a key can be found (see `key.field` of an integration), and
/// those that this object has not.
fn own_columns(object: &str) -> (&'static [&'static str], &'static [&'static str]) {
    if object == "users" {
        (&["id", "email", "external_id"], &["active", "addresses_told"])
    } else {
        let not_theirs =
            &["active", "email", "role", "suspended", "organization_id", "addresses", "addresses_told"];
        (&["id", "external_id", "name"], not_theirs)
    }
}

fn plain(column: &Column, keys: &[&str]) -> ObjectField {
    ObjectField {
        name: column.name.clone(),
        label: column.name.clone(),
        kind: super::preview::kind(column.kind).to_owned(),
        key: keys.contains(&column.name.as_str()),
        required: false,
        writable: false,
        values: None,
    }
}

fn custom_field(Defined { field, title, .. }: Defined) -> ObjectField {
    let kind = serde_json::json!(field.kind).as_str().unwrap_or_default().to_owned();
    let values = (!field.options.is_empty()).then_some(field.options);
    let label = if title.is_empty() { field.name.clone() } else { title };
    ObjectField { label, name: field.name, kind, key: false, required: false, writable: true, values }
}

fn salesforce_field(field: salesforce::Field) -> ObjectField {
    let active = field.picklist_values.iter().filter(|value| value.active);
    let values: Vec<String> = active.map(|value| value.value.clone()).collect();
    ObjectField {
        kind: format!("{:?}", field.kind).to_lowercase(),
        key: field.id_lookup || field.external_id,
        required: !field.nillable && field.createable,
        writable: false,
        values: (!values.is_empty()).then_some(values),
        name: field.name,
        label: field.label,
    }
}

/// Zendesk's first records.
async fn records(from: &dyn Exporter, object: &str, most: usize) -> Result<Sampled, SampleError> {
    let page = from.page(None).await.map_err(SampleError::Records)?;
    let columns = export::columns(object);
    let active = columns.iter().position(|column| column.name == ACTIVE).unwrap_or_default();
    let mut rows = page.rows;
    rows.retain(|row| row[active] == Value::Boolean(true));
    let is_whole = page.is_last && rows.len() <= most;
    rows.truncate(most);
    Ok(Sampled { rows, columns, is_whole })
}

async fn first(Rows { columns, mut batches, .. }: Rows, most: usize) -> Result<Sampled, SampleError> {
    let mut rows = Vec::new();
    let mut is_whole = true;
    let mut bytes = 0;
    'read: while let Some(batch) = batches.next().await {
        for row in batch? {
            bytes += row.iter().map(size).sum::<usize>();
            rows.push(row);
            if rows.len() >= most || bytes >= MOST_BYTES {
                is_whole = false;
                break 'read;
            }
        }
    }
    Ok(Sampled { columns, rows, is_whole })
}

/// About what a cell takes in memory.
fn size(cell: &Value<'_>) -> usize {
    std::mem::size_of::<Value<'_>>()
        + match cell {
            Value::Text(text) | Value::Json(text) => text.len(),
            _ => 0,
        }
}
