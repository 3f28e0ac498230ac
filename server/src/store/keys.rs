//! Keys that all replicas share, and all accounts: the first replica that needs one makes it, the others read it.

use super::sealed::{Locked, Stored};
use super::{Db, Row, SealKeys, StoreError, query};

/// The secret of that name; `fresh` becomes it if there was none. Where there are seal keys it is kept encrypted by the first,
/// also one that was kept in clear or by another key before.
pub async fn secret(db: &Db, name: &str, fresh: &[u8], seals: &SealKeys) -> Result<Vec<u8>, StoreError> {
    let kept = if let Some(kept) = stored(db, name).await? {
        kept
    } else {
        insert(db, name, &seals.seal(&associated(name), fresh)).await?;
        inserted(db, name).await?
    };
    let secret = open(name, &kept, seals)?;
    seal_anew(db, name, &kept, &secret, seals).await?;
    Ok(secret)
}

/// What sealing anew came to.
#[derive(Debug, Default)]
pub struct Resealed {
    /// How many keys were sealed by the first seal key.
    pub changed: usize,
    /// Why some do not open: [`StoreError::SealKeyMissing`] or [`StoreError::SealKeyWrong`].
    pub locked: Vec<StoreError>,
}

/// Opens every key, and seals anew what is in clear or by another seal key than the first.
pub async fn reseal(db: &Db, seals: &SealKeys) -> Result<Resealed, StoreError> {
    let mut done = Resealed::default();
    for row in query("SELECT name, value, sealed_by FROM shared_keys ORDER BY name").all(db).await? {
        let (name, kept) = (row.get::<String>("name")?, read(&row)?);
        match open(&name, &kept, seals) {
            Ok(secret) => {
                done.changed += usize::from(seal_anew(db, &name, &kept, &secret, seals).await?);
            }
            Err(locked) => done.locked.push(locked),
        }
    }
    Ok(done)
}

async fn seal_anew(
    db: &Db,
    name: &str,
    kept: &Stored,
    secret: &[u8],
    seals: &SealKeys,
) -> Result<bool, StoreError> {
    if !seals.seals_anew(kept) {
        return Ok(false);
    }
    let anew = seals.seal(&associated(name), secret);
    // Another replica may have done it meanwhile.
    let changed = query("UPDATE shared_keys SET value = $2, sealed_by = $3 WHERE name = $1 AND value = $4")
        .bind(name)
        .bind(anew.value.as_slice())
        .bind(anew.sealed_by.as_ref())
        .bind(kept.value.as_slice())
        .execute(db)
        .await?;
    Ok(changed == 1)
}

/// How a secret is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// There is none.
    Nowhere,
    /// Whoever reads the database has it.
    InClear,
    /// By a key that is in `server.seal_keys`.
    Sealed,
}

/// How the secret of that name is kept, and whether it opens. Changes nothing.
pub async fn kept(db: &Db, name: &str, seals: &SealKeys) -> Result<Kept, StoreError> {
    let Some(stored) = stored(db, name).await? else { return Ok(Kept::Nowhere) };
    open(name, &stored, seals)?;
    Ok(if stored.sealed_by.is_some() { Kept::Sealed } else { Kept::InClear })
}

fn open(name: &str, kept: &Stored, seals: &SealKeys) -> Result<Vec<u8>, StoreError> {
    let name = name.to_owned();
    seals.open(&associated(&name), kept).map_err(|locked| match locked {
        Locked::KeyMissing(id) => StoreError::SealKeyMissing { name, id },
        Locked::KeyWrong(id) => StoreError::SealKeyWrong { name, id },
    })
}

fn associated(name: &str) -> String {
    format!("deskside shared key v1: {name}")
}

async fn stored(db: &Db, name: &str) -> Result<Option<Stored>, StoreError> {
    query("SELECT value, sealed_by FROM shared_keys WHERE name = $1").bind(name).optional_as(db, read).await
}

async fn inserted(db: &Db, name: &str) -> Result<Stored, StoreError> {
    stored(db, name).await?.ok_or(StoreError::corrupt("a shared key that was just made"))
}

async fn insert(db: &Db, name: &str, fresh: &Stored) -> Result<(), StoreError> {
    query("INSERT INTO shared_keys (name, value, sealed_by) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(name)
        .bind(fresh.value.as_slice())
        .bind(fresh.sealed_by.as_ref())
        .execute(db)
        .await
        .map(drop)
}

fn read(row: &Row) -> Result<Stored, StoreError> {
    Ok(Stored { value: row.get("value")?, sealed_by: row.get("sealed_by")? })
}
