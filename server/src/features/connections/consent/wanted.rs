//! What an admin wants to connect by consent: a new connection, or one again. **Invariant:** a client secret that is kept goes to the
//! client and the address that it was given for.

use serde_json::{Map, Value};

use super::{Detail, Wanted};
use crate::{
    features::connections::{ConnectionError, Connections, Kind, Wish, change::named, kind_of, kinds},
    store::connections::{ConnectionRow, Identity},
};

impl Connections {
    pub(super) async fn wanted(
        &self,
        kind: Kind,
        wanted: Wanted,
    ) -> Result<(Detail, Option<String>), ConnectionError> {
        match wanted {
            Wanted::New { name, environment, settings, client_secret } => {
                let mut settings = of_kind(kind, settings);
                settings.insert("flow".to_owned(), "web".into());
                let environment = environment.unwrap_or_else(|| "production".to_owned());
                let mut row = ConnectionRow::new(&self.account, "", kind.as_str());
                let wish = Wish {
                    name: Some(name),
                    environment: Some(environment),
                    settings: Some(Value::Object(settings).to_string()),
                    secret: None,
                };
                self.apply(&mut row, kind, wish)?;
                let detail = Detail {
                    name: named(&row.name)?,
                    environment: row.environment,
                    settings: row.settings,
                    ..Detail::default()
                };
                Ok((detail, client_secret.filter(|secret| !secret.is_empty())))
            }
            Wanted::Again { id, name, environment, settings, client_secret } => {
                self.again(kind, id, (name, environment, settings), client_secret).await
            }
        }
    }

    /// A client secret that is kept goes to the client and the address that it was given for.
    async fn again(
        &self,
        kind: Kind,
        id: String,
        (name, environment, changed): (Option<String>, Option<String>, Map<String, Value>),
        typed: Option<String>,
    ) -> Result<(Detail, Option<String>), ConnectionError> {
        let row = self.row(&id).await?;
        if kind_of(&row)? != kind {
            return Err(ConnectionError::invalid("kind", "is not the connection's"));
        }
        let before: Map<String, Value> = serde_json::from_str(&row.settings).unwrap_or_default();
        let mut settings = before.clone();
        settings.extend(of_kind(kind, changed));
        settings.insert("flow".to_owned(), "web".into());
        let mut after = row.clone();
        let settings = Some(Value::Object(settings).to_string());
        let mut wish = Wish { name, environment, settings, secret: None };
        self.lay_over(&mut after, kind, &mut wish)?;
        let now: Map<String, Value> = serde_json::from_str(&after.settings).unwrap_or_default();
        let moves = kinds::place_of(&after.settings) != kinds::place_of(&row.settings);
        let kept = || {
            let secret = row.open(&self.seals).ok()??;
            let secret: Map<String, Value> = serde_json::from_slice(&secret).ok()?;
            secret.get("client_secret").and_then(Value::as_str).map(str::to_owned)
        };
        let is_same_client = !moves && before.get("client_id") == now.get("client_id");
        let typed = typed.filter(|secret| !secret.is_empty());
        let client_secret = typed.or_else(|| kept().filter(|_| is_same_client));
        // A connection that has a secret may be of a client without one.
        let is_public = || is_same_client && matches!(row.open(&self.seals), Ok(Some(_)));
        if client_secret.is_none() && !is_public() {
            let why = "is needed: none is kept that may be sent there";
            return Err(ConnectionError::invalid("client_secret", why));
        }
        let detail = Detail {
            name: after.name,
            environment: after.environment,
            settings: after.settings,
            again: Some(id),
            version: Some(row.version),
            changes: wish.parts(true).into_iter().map(str::to_owned).collect(),
            // Somewhere else there is another organization.
            identity: if moves { Identity::default() } else { row.identity },
            refusal: None,
        };
        Ok((detail, client_secret))
    }
}

/// The vendor's address has another name in the settings of each kind.
fn of_kind(kind: Kind, mut settings: Map<String, Value>) -> Map<String, Value> {
    if let (Some(host), Some(vendor)) = (settings.remove("host"), kind.oauth()) {
        settings.insert(vendor.host_setting().to_owned(), host);
    }
    settings
}
