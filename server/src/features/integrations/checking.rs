//! What is wrong with an integration before it is kept: its parts, its connections, and its SQL over the columns that are known.
//! **Invariants:** no vendor is called; what nobody knows yet is no fault, and the first run says it.

use std::collections::BTreeMap;

use engine::{Model, ModelError, Table, Writer};
use wire::{Definition, Read};

use super::{
    Fault, Integrations, IntegrationsError, addresses, copy,
    definition::{self, is_id},
    export,
    keeping::Wish,
    people::Inner,
    question,
    sources::{emails, exported},
    staged_before::last_staged,
    staging::Trial,
};
use crate::{connectors::zendesk::ZENDESK, features::connections::Kind};

impl Integrations {
    /// All that is wrong with it; other integrations are not looked at.
    pub(super) async fn faults(&self, wish: &Wish<'_>) -> Result<Vec<Fault>, IntegrationsError> {
        if !is_id(wish.id) {
            return Err(IntegrationsError::Id(wish.id.to_owned()));
        }
        let Inner { db, connections, .. } = &*self.0;
        let mut faults = definition::faults(wish.definition);
        if wish.name.trim().is_empty() || wish.name.len() > 200 {
            faults.push(Fault { at: "name".into(), message: "must be from 1 to 200 bytes".into() });
        }
        faults.extend(of_connections(wish.definition, &connections.kinds(db).await?));
        if faults.is_empty() {
            faults.extend(self.of_models(wish.id, wish.definition).await?);
        }
        Ok(faults)
    }

    /// What is wrong with the SQL. Where the columns of all sources are known it is planned over them, otherwise it is only read.
    async fn of_models(&self, id: &str, definition: &Definition) -> Result<Vec<Fault>, IntegrationsError> {
        let Inner { account, clock, engine, staging, .. } = &*self.0;
        let trial = match staging.make_trial(clock.now()) {
            Ok(trial) => trial,
            Err(error) => {
                tracing::warn!(account, integration = id, %error, "the SQL of the integration `{id}` was not looked at before it was kept: the staging folder cannot be written (`staging.store`)");
                return Ok(Vec::new());
            }
        };
        let tables = self.known_tables(id, definition, &trial).await?;
        let is_known = tables.iter().all(|table| !table.files.is_empty());
        let look = async |model: Model| {
            if is_known {
                engine.plan(&model).await.map(Some)
            } else {
                engine.read(&model).await.map(|()| None)
            }
        };
        let mut faults = Vec::new();
        match look(question::model(definition, tables.clone())).await {
            Ok(Some(columns)) => faults.extend(question::missing_columns(definition, &columns)),
            Ok(None) => {}
            Err(error) => faults.extend(fault("model.sql", &error)),
        }
        if let Some(contract) = &definition.contract
            && (contract.sql.is_some() || faults.is_empty())
        {
            let rows = question::contract(definition, contract, tables);
            match look(Model { order_by: Vec::new(), ..rows }).await {
                Ok(Some(columns)) => faults.extend(copy::missing_columns(contract, &columns)),
                Ok(None) => {}
                Err(error) => faults.extend(fault("contract.sql", &error)),
            }
        }
        Ok(faults)
    }

    /// The tables of a model; one whose columns nobody knows has no file. Those of Zendesk are always known, those that a query names since a
    /// run has read it. A file, or a `SELECT *`, may have others tomorrow.
    async fn known_tables(
        &self,
        id: &str,
        definition: &Definition,
        trial: &Trial,
    ) -> Result<Vec<Table>, IntegrationsError> {
        let Inner { account, db, connections, .. } = &*self.0;
        let places = connections.places(db).await?;
        let known = last_staged(db, account, id).await?;
        let mut tables = Vec::new();
        for source in &definition.sources {
            let file = if let Some(object) = exported(&source.read) {
                let file = trial.table(&source.table);
                let written = Writer::create(&file, &export::columns(object), &emails(&source.read));
                written.and_then(Writer::finish).is_ok().then_some(file)
            } else {
                let staged = known.as_ref().and_then(|known| known.of(source, &places));
                let file = staged.map(|staged| staged.file.clone());
                file.filter(|file| names_columns(&source.read) && file.is_file())
            };
            tables.push(Table { name: source.table.clone(), files: file.into_iter().collect() });
            if matches!(source.read, Read::Users {}) {
                let name = addresses::table(&source.table);
                let file = trial.table(&name);
                let is_there = addresses::empty(&file).is_ok();
                tables.push(Table { name, files: is_there.then_some(file).into_iter().collect() });
            }
        }
        Ok(tables)
    }
}

fn names_columns(read: &Read) -> bool {
    match read {
        Read::Soql { soql, .. } => !soql.to_uppercase().contains("FIELDS("),
        Read::Sql { sql, .. } => !sql.contains('*'),
        Read::File { .. } => false,
        Read::Users {} | Read::Organizations {} | Read::Tickets {} => true,
    }
}

/// What only the operator can mend, and rows that are gone by now, are no faults of the integration.
fn fault(at: &str, error: &ModelError) -> Option<Fault> {
    match error {
        ModelError::Start(_)
        | ModelError::Disk(_)
        | ModelError::Cluster { .. }
        | ModelError::NotBuilt
        | ModelError::Table { .. } => {
            tracing::warn!(%error, "a model was not looked at before it was kept");
            None
        }
        error => Some(Fault { at: at.to_owned(), message: format!("cannot run: {error}") }),
    }
}

/// Connections that there are not, or that are of another kind; `kinds` has the word of each.
fn of_connections(definition: &Definition, kinds: &BTreeMap<String, String>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let absent = |at: String, id: &str| {
        let message =
            format!("must be the id of a connection, and there is no `{id}`: make it first, or name another");
        Fault { at, message }
    };
    for (index, source) in definition.sources.iter().enumerate() {
        let at = |field: &str| format!("sources[{index}].{field}");
        let id = &source.connection;
        let Some(word) = kinds.get(id) else {
            faults.push(absent(at("connection"), id));
            continue;
        };
        let Some(readable) = Kind::read(word).and_then(Kind::reads) else {
            let message =
                format!("must be a connection that can be read, and `{id}` is of the kind `{word}`");
            faults.push(Fault { at: at("connection"), message });
            continue;
        };
        if !readable.contains(read_word(&source.read)) {
            let message =
                format!("must be {readable}, because the connection `{id}` is of the kind `{word}`");
            faults.push(Fault { at: at("read.kind"), message });
        }
    }
    let to = &definition.destination.connection;
    match kinds.get(to) {
        None => faults.push(absent("destination.connection".to_owned(), to)),
        Some(word) if word != ZENDESK.id => {
            let message = format!("must be a connection with Zendesk, and `{to}` is of the kind `{word}`");
            faults.push(Fault { at: "destination.connection".to_owned(), message });
        }
        Some(_) => {}
    }
    faults
}

/// As definitions write it, between backticks so that it is found in a list of them.
const fn read_word(read: &Read) -> &'static str {
    match read {
        Read::Users {} => "`users`",
        Read::Organizations {} => "`organizations`",
        Read::Tickets {} => "`tickets`",
        Read::Soql { .. } => "`soql`",
        Read::Sql { .. } => "`sql`",
        Read::File { .. } => "`file`",
    }
}
