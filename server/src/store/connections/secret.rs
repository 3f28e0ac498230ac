//! The secret of a connection: what is encrypted with it, and by which key. See ADR 18.

use serde_json::json;

use super::super::sealed::{Locked, Stored};
use super::super::{Db, SealKeys, StoreError, Tx, query};
use super::{ConnectionRow, of_all_accounts, read_locked};

/// A secret as it is kept.
#[derive(Clone)]
pub(super) struct Sealed {
    pub(super) stored: Stored,
    /// Names the secret, whichever key sealed it. Absent: it is of the form of before, which knew only account, id and kind.
    pub(super) generation: Option<String>,
    /// The settings that it was sealed beside.
    pub(super) settings: String,
    /// It has not been kept yet.
    pub(super) is_new: bool,
}

impl ConnectionRow {
    /// Seals a new secret into the row, which is not kept yet.
    pub fn seal(&mut self, secret: &[u8], seals: &SealKeys) -> Result<(), StoreError> {
        let generation = hex::encode(rand::random::<[u8; 16]>());
        self.secret = Some(self.sealed(secret, generation, true, seals)?);
        Ok(())
    }

    /// The secret, if there is one.
    pub fn open(&self, seals: &SealKeys) -> Result<Option<Vec<u8>>, Locked> {
        let Some(Sealed { stored, generation, settings, .. }) = &self.secret else { return Ok(None) };
        if stored.sealed_by.is_none() {
            return Err(Locked::InClear);
        }
        let associated = self.associated(generation.as_deref(), settings);
        seals.open(&associated, stored).map(Some)
    }

    /// Whether two readings of the row have the same secret, whichever key sealed it.
    pub fn is_of_generation_of(&self, other: &Self) -> bool {
        let generation = |row: &Self| row.secret.as_ref().and_then(|sealed| sealed.generation.clone());
        generation(self).is_some_and(|mine| Some(mine) == generation(other))
    }

    fn sealed(
        &self,
        secret: &[u8],
        generation: String,
        is_new: bool,
        seals: &SealKeys,
    ) -> Result<Sealed, StoreError> {
        if seals.is_empty() {
            return Err(StoreError::NoSealKey);
        }
        let stored = seals.seal(&self.associated(Some(&generation), &self.settings), secret);
        Ok(Sealed { stored, generation: Some(generation), settings: self.settings.clone(), is_new })
    }

    /// The same secret, beside the settings of now and by the first key. An error where it does not open.
    pub(super) fn seal_anew(&mut self, seals: &SealKeys) -> Result<(), StoreError> {
        let Some(before) = self.secret.clone() else { return Ok(()) };
        let secret = self.open(seals).ok().flatten();
        let secret = secret.ok_or(StoreError::corrupt("a connection's secret, which does not open"))?;
        let generation = before.generation.unwrap_or_else(|| hex::encode(rand::random::<[u8; 16]>()));
        self.secret = Some(self.sealed(&secret, generation, before.is_new, seals)?);
        Ok(())
    }

    /// Whether its secret should be sealed anew: by the first key, or in today's form.
    fn seals_anew(&self, seals: &SealKeys) -> bool {
        self.secret
            .as_ref()
            .is_some_and(|sealed| sealed.generation.is_none() || seals.seals_anew(&sealed.stored))
    }

    /// What the secret belongs to, in a form that no other row and no other place can have.
    fn associated(&self, generation: Option<&str>, settings: &str) -> String {
        let Self { account, id, kind, .. } = self;
        match generation {
            None => format!("deskside connection v1: {}", json!([account, id, kind])),
            Some(generation) => {
                format!("deskside connection v2: {}", json!([account, id, kind, generation, settings]))
            }
        }
    }

    pub(super) fn value(&self) -> Option<&[u8]> {
        self.secret.as_ref().map(|sealed| sealed.stored.value.as_slice())
    }

    pub(super) fn key_id(&self) -> Option<&String> {
        self.secret.as_ref().and_then(|sealed| sealed.stored.sealed_by.as_ref())
    }

    pub(super) fn generation(&self) -> Option<&String> {
        self.secret.as_ref().and_then(|sealed| sealed.generation.as_ref())
    }
}

pub(super) async fn keep_secret(tx: &mut Tx, row: &ConnectionRow) -> Result<(), StoreError> {
    let kept = query(
        "UPDATE connections SET secret = $3, key_id = $4, secret_generation = $5 WHERE account = $1 AND id = $2",
    );
    let kept = kept.bind(&row.account).bind(&row.id).bind(row.value()).bind(row.key_id());
    kept.bind(row.generation()).execute(tx).await.map(drop)
}

/// What sealing anew came to.
#[derive(Debug, Default)]
pub struct Resealed {
    /// How many secrets were sealed by the first key.
    pub changed: usize,
    /// Those that no key opens, whichever id they name.
    pub locked: Vec<ConnectionRow>,
}

/// Opens every secret of every account, and seals anew what another key than the first sealed, or what is of the form of before.
pub async fn reseal(db: &Db, seals: &SealKeys) -> Result<Resealed, StoreError> {
    let mut done = Resealed::default();
    for ConnectionRow { account, id, .. } in of_all_accounts(db).await? {
        // Nobody keeps another secret in between.
        let mut tx = db.begin().await?;
        let Some(mut row) = read_locked(&mut tx, &account, &id).await? else { continue };
        if row.open(seals).is_err() {
            done.locked.push(row);
        } else if row.seals_anew(seals) {
            row.seal_anew(seals)?;
            keep_secret(&mut tx, &row).await?;
            tx.commit().await?;
            done.changed += 1;
        }
    }
    Ok(done)
}
