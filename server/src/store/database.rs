//! Section `store`: where we remember.

use std::path::PathBuf;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use sqlx::sqlite::SqliteConnectOptions;

use crate::setting::{self, Problems, Sources};

/// Where we remember.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// `sqlite://…` or `postgres://…`; may hold a password.
    #[serde(deserialize_with = "address")]
    pub database_url: SecretString,
    /// Connections of one process.
    #[serde(deserialize_with = "setting::whole::<2, 1000, _, _>")]
    pub(crate) max_connections: u32,
}

impl Settings {
    /// Makes a relative path of SQLite's file a whole one.
    pub(crate) fn locate(&mut self, sources: &Sources, problems: &mut Problems) {
        let Some(path) = self.file().filter(|path| path.is_relative()) else { return };
        let whole = sources.whole_path("store.database_url", &path, problems);
        let url = self.database_url.expose_secret();
        let parameters = url.find('?').map_or("", |start| &url[start..]);
        // An address spells these two in another way.
        if let Some(whole) = whole.to_str().map(|text| text.replace('%', "%25").replace('?', "%3F")) {
            self.database_url = format!("sqlite://{whole}{parameters}").into();
        }
    }

    /// SQLite's file; `None` where it is PostgreSQL, or no file.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        let url = self.database_url.expose_secret();
        let is_file = url.starts_with("sqlite:") && !url.contains(":memory:");
        let options = SqliteConnectOptions::from_str(url).ok().filter(|_| is_file)?;
        Some(options.get_filename().to_path_buf()).filter(|path| !path.as_os_str().is_empty())
    }
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SecretString, D::Error> {
    setting::text(from, "must begin with sqlite:// or postgres://", |text| {
        let is_known =
            ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        is_known.then(|| text.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_of_a_database_becomes_a_whole_one() {
        let here = std::env::current_dir().expect("a folder");
        let here = here.to_str().expect("a plain name");
        for (url, expected) in [
            ("sqlite://deskside.db", format!("sqlite://{here}/deskside.db")),
            ("sqlite:deskside.db", format!("sqlite://{here}/deskside.db")),
            ("sqlite:a/50%25%3F.db?mode=ro", format!("sqlite://{here}/a/50%25%3F.db?mode=ro")),
            ("sqlite:///var/lib/d.db", "sqlite:///var/lib/d.db".to_owned()),
            ("sqlite:/var/lib/d.db", "sqlite:/var/lib/d.db".to_owned()),
            ("sqlite::memory:", "sqlite::memory:".to_owned()),
            ("postgres://db/x", "postgres://db/x".to_owned()),
        ] {
            let mut settings = Settings { database_url: url.into(), max_connections: 2 };
            settings.locate(&Sources::default(), &mut Problems::default());
            assert_eq!(settings.database_url.expose_secret(), expected, "{url}");
        }
        let odd = Settings { database_url: "sqlite:///srv/50%25%3F/d.db".into(), max_connections: 2 };
        assert_eq!(odd.file(), Some(PathBuf::from("/srv/50%?/d.db")));
    }
}
