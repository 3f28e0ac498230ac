//! `deskside machine-keys`: keys by which an account's own machines start runs. **Invariant:** a key is printed once, alone on the standard
//! output, so that a script can keep it.

use std::fmt::Write;

use secrecy::ExposeSecret;

use crate::features::machine_keys::{MachineKeyError, MachineKeys};

/// What was asked.
#[derive(Debug, clap::Subcommand)]
pub enum Ask {
    /// List the keys, and when each was used last.
    List,
    /// Make a key and print it. It is not shown again.
    Create {
        /// As runs and the ledger name the machine, such as `airflow`.
        #[arg(value_parser = clap::builder::NonEmptyStringValueParser::new())]
        name: String,
    },
    /// Revoke a key. Runs that it has started go on.
    Revoke {
        /// The key's id, or the name of a key that can be used.
        key: String,
    },
}

/// What a command found or did.
#[derive(Debug)]
pub struct Report {
    pub text: String,
    /// For the person at the terminal, beside what a script reads.
    pub note: Option<String>,
}

/// How the ledger names whoever uses the command line.
const OPERATOR: &str = "operator";

/// Does what was asked.
pub async fn run(keys: &MachineKeys, ask: Ask) -> Result<Report, MachineKeyError> {
    match ask {
        Ask::List => Ok(Report { text: list(keys).await?, note: None }),
        Ask::Create { name } => {
            let (key, token) = keys.make(OPERATOR, &name).await?;
            let note = format!(
                "this key is not shown again. `{}` starts and watches runs with it at {} (docs/integrations.md); \
                 `deskside machine-keys revoke {}` revokes it",
                key.name,
                keys.address(),
                key.id
            );
            Ok(Report { text: token.expose_secret().to_owned(), note: Some(note) })
        }
        Ask::Revoke { key } => {
            let all = keys.list().await?;
            let named = all.iter().find(|one| one.name == key && one.revoked_at.is_none());
            let revoked = keys.revoke(OPERATOR, named.map_or(&key, |one| &one.id)).await?;
            Ok(Report {
                text: format!("the key `{}` of {} is revoked", revoked.id, revoked.name),
                note: None,
            })
        }
    }
}

async fn list(keys: &MachineKeys) -> Result<String, MachineKeyError> {
    let mut text = String::new();
    for key in keys.list().await? {
        let used = key.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
        let state = key.revoked_at.map_or(used, |at| format!("revoked {at}"));
        let _infallible = writeln!(
            text,
            "{:<18} {:<24} {state}, made {} by {}",
            key.id, key.name, key.made_at, key.made_by
        );
    }
    if text.is_empty() {
        text.push_str("no key for machines yet; `deskside machine-keys create NAME` makes one\n");
    }
    Ok(text)
}
