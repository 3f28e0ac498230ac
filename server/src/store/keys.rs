//! Keys that all replicas share, and all accounts: the first replica that needs one makes it, the others read it.

use super::sealed::{Locked, Stored};
use super::{Db, Row, SealKeys, StoreError, query};

/// The secret of that name; `fresh` becomes it if there was none. Where there are seal keys it is kept encrypted by the first,
/// also one that was kept by another key before. One that is in clear is not believed then, because whoever can write the
/// database can have written it: `fresh` takes its place.
pub async fn secret(db: &Db, name: &str, fresh: &[u8], seals: &SealKeys) -> Result<Vec<u8>, StoreError> {
    let kept = match stored(db, name).await? {
        Some(kept) if is_disbelieved(&kept, seals) => {
            if replace(db, name, &kept, fresh, seals).await? {
                tracing::warn!(
                    "`{name}` was in the database in clear, so a new one was made: agents reload, and older links stop working"
                );
            }
            inserted(db, name).await?
        }
        Some(kept) => kept,
        None => {
            insert(db, name, &seals.seal(&associated(name), fresh)).await?;
            inserted(db, name).await?
        }
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
    /// Names of keys that were in clear: they were deleted, and the next start makes new ones.
    pub deleted: Vec<String>,
    /// Names of keys that do not open, and why: [`StoreError::SealKeyMissing`] or [`StoreError::SealKeyWrong`].
    pub locked: Vec<(String, StoreError)>,
}

/// Opens every key, and seals anew what another seal key than the first sealed.
pub async fn reseal(db: &Db, seals: &SealKeys) -> Result<Resealed, StoreError> {
    let mut done = Resealed::default();
    for row in query("SELECT name, value, sealed_by FROM shared_keys ORDER BY name").all(db).await? {
        let (name, kept) = (row.get::<String>("name")?, read(&row)?);
        if is_disbelieved(&kept, seals) {
            delete(db, &name).await?;
            done.deleted.push(name);
            continue;
        }
        match open(&name, &kept, seals) {
            Ok(secret) => {
                done.changed += usize::from(seal_anew(db, &name, &kept, &secret, seals).await?);
            }
            Err(why) => done.locked.push((name, why)),
        }
    }
    Ok(done)
}

/// Deletes the key of that name; the next one who needs it makes a new one.
pub async fn delete(db: &Db, name: &str) -> Result<(), StoreError> {
    query("DELETE FROM shared_keys WHERE name = $1").bind(name).execute(db).await.map(drop)
}

/// Whether it is in clear although there are keys that encrypt.
fn is_disbelieved(kept: &Stored, seals: &SealKeys) -> bool {
    kept.sealed_by.is_none() && !seals.is_empty()
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
    replace(db, name, kept, secret, seals).await
}

/// Keeps another value, sealed; false where another replica has done it meanwhile.
async fn replace(
    db: &Db,
    name: &str,
    kept: &Stored,
    secret: &[u8],
    seals: &SealKeys,
) -> Result<bool, StoreError> {
    let anew = seals.seal(&associated(name), secret);
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
    if stored.sealed_by.is_none() {
        return Ok(Kept::InClear);
    }
    open(name, &stored, seals)?;
    Ok(Kept::Sealed)
}

fn open(name: &str, kept: &Stored, seals: &SealKeys) -> Result<Vec<u8>, StoreError> {
    let name = name.to_owned();
    seals.open(&associated(&name), kept).map_err(|locked| match locked {
        Locked::KeyMissing(id) => StoreError::SealKeyMissing { name, id },
        Locked::KeyWrong(id) => StoreError::SealKeyWrong { name, id },
        Locked::InClear => StoreError::corrupt("a key in clear that was to be replaced"),
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
