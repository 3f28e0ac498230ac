//! How the schema came to be: numbered files, two folders, listed by hand; a test finds one that is forgotten.
//! **Never edit a file that was released;** add the next number.

use std::sync::LazyLock;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::db::{Db, Kind};
use super::error::StoreError;
use super::query::query;

/// (version, name, SQLite, PostgreSQL).
const FILES: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "store",
        include_str!("../../migrations/sqlite/0001_store.sql"),
        include_str!("../../migrations/postgres/0001_store.sql"),
    ),
    (
        2,
        "queue",
        include_str!("../../migrations/sqlite/0002_queue.sql"),
        include_str!("../../migrations/postgres/0002_queue.sql"),
    ),
    (
        3,
        "hooks",
        include_str!("../../migrations/sqlite/0003_hooks.sql"),
        include_str!("../../migrations/postgres/0003_hooks.sql"),
    ),
    (
        4,
        "ledger_console",
        include_str!("../../migrations/sqlite/0004_ledger_console.sql"),
        include_str!("../../migrations/postgres/0004_ledger_console.sql"),
    ),
    (
        5,
        "ends_of_runs",
        include_str!("../../migrations/sqlite/0005_ends_of_runs.sql"),
        include_str!("../../migrations/postgres/0005_ends_of_runs.sql"),
    ),
    (
        6,
        "updates_of_tickets",
        include_str!("../../migrations/sqlite/0006_updates_of_tickets.sql"),
        include_str!("../../migrations/postgres/0006_updates_of_tickets.sql"),
    ),
    (
        7,
        "engagements",
        include_str!("../../migrations/sqlite/0007_engagements.sql"),
        include_str!("../../migrations/postgres/0007_engagements.sql"),
    ),
    (
        8,
        "dials",
        include_str!("../../migrations/sqlite/0008_dials.sql"),
        include_str!("../../migrations/postgres/0008_dials.sql"),
    ),
    (
        10,
        "panel",
        include_str!("../../migrations/sqlite/0010_panel.sql"),
        include_str!("../../migrations/postgres/0010_panel.sql"),
    ),
    (
        11,
        "askers_of_runs",
        include_str!("../../migrations/sqlite/0011_askers_of_runs.sql"),
        include_str!("../../migrations/postgres/0011_askers_of_runs.sql"),
    ),
    (
        12,
        "undo_windows",
        include_str!("../../migrations/sqlite/0012_undo_windows.sql"),
        include_str!("../../migrations/postgres/0012_undo_windows.sql"),
    ),
    (
        13,
        "engagement_agents",
        include_str!("../../migrations/sqlite/0013_engagement_agents.sql"),
        include_str!("../../migrations/postgres/0013_engagement_agents.sql"),
    ),
    (
        14,
        "health",
        include_str!("../../migrations/sqlite/0014_health.sql"),
        include_str!("../../migrations/postgres/0014_health.sql"),
    ),
    (
        15,
        "account_numbers",
        include_str!("../../migrations/sqlite/0015_account_numbers.sql"),
        include_str!("../../migrations/postgres/0015_account_numbers.sql"),
    ),
    (
        16,
        "schedules",
        include_str!("../../migrations/sqlite/0016_schedules.sql"),
        include_str!("../../migrations/postgres/0016_schedules.sql"),
    ),
    (
        17,
        "concurrency_limits",
        include_str!("../../migrations/sqlite/0017_concurrency_limits.sql"),
        include_str!("../../migrations/postgres/0017_concurrency_limits.sql"),
    ),
    (
        18,
        "connections",
        include_str!("../../migrations/sqlite/0018_connections.sql"),
        include_str!("../../migrations/postgres/0018_connections.sql"),
    ),
    (
        19,
        "accounts",
        include_str!("../../migrations/sqlite/0019_accounts.sql"),
        include_str!("../../migrations/postgres/0019_accounts.sql"),
    ),
    (
        20,
        "authorizations",
        include_str!("../../migrations/sqlite/0020_authorizations.sql"),
        include_str!("../../migrations/postgres/0020_authorizations.sql"),
    ),
    (
        21,
        "contract_copies",
        include_str!("../../migrations/sqlite/0021_contract_copies.sql"),
        include_str!("../../migrations/postgres/0021_contract_copies.sql"),
    ),
    (
        22,
        "connection_secrets",
        include_str!("../../migrations/sqlite/0022_connection_secrets.sql"),
        include_str!("../../migrations/postgres/0022_connection_secrets.sql"),
    ),
    (
        23,
        "integrations",
        include_str!("../../migrations/sqlite/0023_integrations.sql"),
        include_str!("../../migrations/postgres/0023_integrations.sql"),
    ),
    (
        24,
        "no_contracts",
        include_str!("../../migrations/sqlite/0024_no_contracts.sql"),
        include_str!("../../migrations/postgres/0024_no_contracts.sql"),
    ),
    (
        25,
        "run_alerts",
        include_str!("../../migrations/sqlite/0025_run_alerts.sql"),
        include_str!("../../migrations/postgres/0025_run_alerts.sql"),
    ),
    (
        26,
        "row_witnesses",
        include_str!("../../migrations/sqlite/0026_row_witnesses.sql"),
        include_str!("../../migrations/postgres/0026_row_witnesses.sql"),
    ),
    (
        27,
        "places",
        include_str!("../../migrations/sqlite/0027_places.sql"),
        include_str!("../../migrations/postgres/0027_places.sql"),
    ),
    (
        28,
        "removed_states",
        include_str!("../../migrations/sqlite/0028_removed_states.sql"),
        include_str!("../../migrations/postgres/0028_removed_states.sql"),
    ),
    (
        29,
        "drifted_rows",
        include_str!("../../migrations/sqlite/0029_drifted_rows.sql"),
        include_str!("../../migrations/postgres/0029_drifted_rows.sql"),
    ),
    (
        30,
        "held_batches",
        include_str!("../../migrations/sqlite/0030_held_batches.sql"),
        include_str!("../../migrations/postgres/0030_held_batches.sql"),
    ),
    (
        31,
        "run_details",
        include_str!("../../migrations/sqlite/0031_run_details.sql"),
        include_str!("../../migrations/postgres/0031_run_details.sql"),
    ),
    (
        32,
        "staging_folder",
        include_str!("../../migrations/sqlite/0032_staging_folder.sql"),
        include_str!("../../migrations/postgres/0032_staging_folder.sql"),
    ),
    (
        33,
        "machine_keys",
        include_str!("../../migrations/sqlite/0033_machine_keys.sql"),
        include_str!("../../migrations/postgres/0033_machine_keys.sql"),
    ),
    (
        34,
        "notices",
        include_str!("../../migrations/sqlite/0034_notices.sql"),
        include_str!("../../migrations/postgres/0034_notices.sql"),
    ),
    (
        35,
        "clearing_runs",
        include_str!("../../migrations/sqlite/0035_clearing_runs.sql"),
        include_str!("../../migrations/postgres/0035_clearing_runs.sql"),
    ),
];

static SQLITE: LazyLock<Migrator> =
    LazyLock::new(|| migrator(|(version, name, sql, _)| (version, name, sql)));
static POSTGRES: LazyLock<Migrator> =
    LazyLock::new(|| migrator(|(version, name, _, sql)| (version, name, sql)));

type File = (i64, &'static str, &'static str, &'static str);

fn migrator(of: impl Fn(File) -> (i64, &'static str, &'static str)) -> Migrator {
    let migration = |file: &File| {
        let (version, name, sql) = of(*file);
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(FILES.iter().map(migration).collect())
}

/// The newest version.
pub(super) fn known() -> i64 {
    FILES.iter().map(|file| file.0).max().unwrap_or_default()
}

/// Whether the schema is this binary's; otherwise [`StoreError::Newer`] or [`StoreError::Older`]. Changes nothing.
pub(super) async fn is_current(db: &Db) -> Result<(), StoreError> {
    let known = known();
    let found = match query("SELECT MAX(version) AS version FROM _sqlx_migrations").one(db).await {
        Ok(row) => row.get::<Option<i64>>("version")?,
        Err(StoreError::Schema(_)) => None, // there is no such table
        Err(error) => return Err(error),
    };
    match found {
        Some(found) if found > known => Err(StoreError::Newer { found, known }),
        Some(found) if found == known => Ok(()),
        found => Err(StoreError::Older { found, known }),
    }
}

pub(super) async fn run(db: &Db) -> Result<(), StoreError> {
    let known = known();
    match &db.0 {
        Kind::Sqlite { write, .. } => {
            // sqlx locks PostgreSQL while it migrates, but not SQLite: two processes would do the same step.
            let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
            let run = SQLITE.run(&mut *tx).await;
            run.map_err(|error| StoreError::of_migration(error, known))?;
            Ok(tx.commit().await?)
        }
        Kind::Postgres(pool) => {
            POSTGRES.run(pool).await.map_err(|error| StoreError::of_migration(error, known))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_the_two_folders_is_a_step() {
        for engine in ["sqlite", "postgres"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
            let mut files: Vec<String> = std::fs::read_dir(&folder)
                .expect("a folder")
                .map(|entry| entry.expect("a file").file_name().into_string().expect("a plain name"))
                .collect();
            files.sort();
            let steps: Vec<String> =
                FILES.iter().map(|(version, name, ..)| format!("{version:04}_{name}.sql")).collect();
            assert_eq!(files, steps, "{engine}");
        }
    }
}
