//! Secrets in the database, encrypted with keys that are not in it: AES-256-GCM, a random nonce in front, and what names the
//! row as associated data, so that a value moved to another row does not open. See ADR 12 and 18.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};

/// The operator's keys: the first seals, all open. None: nothing is sealed.
#[derive(Default)]
pub struct SealKeys(Vec<(String, RandomizedNonceKey)>);

/// Why a secret does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Locked {
    /// Operator: add the key again.
    #[error("it is encrypted with the seal key `{0}`, which `server.seal_keys` does not have")]
    KeyMissing(String),
    /// Operator: put the right key, or restore the database. It was changed, or moved here from another row.
    #[error("it does not open with the seal key `{0}`: that is another key, or the row was changed or moved")]
    KeyWrong(String),
    /// Operator: give a new secret. Whoever can write the database can write a secret in clear.
    #[error("it is not encrypted, so somebody else may have written it")]
    InClear,
}

/// A value as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    /// In clear, or nonce and ciphertext.
    pub(super) value: Vec<u8>,
    /// The id of the key that sealed it; absent: it is in clear.
    pub(super) sealed_by: Option<String>,
}

impl SealKeys {
    /// From ids and keys of 32 bytes.
    pub fn new(keys: impl IntoIterator<Item = (String, [u8; 32])>) -> Self {
        let key = |bytes: [u8; 32]| {
            RandomizedNonceKey::new(&AES_256_GCM, &bytes).expect("AES-256 takes any key of 32 bytes")
        };
        Self(keys.into_iter().map(|(id, bytes)| (id, key(bytes))).collect())
    }

    /// Encrypts, where there is a key. `row` names what is kept.
    pub(super) fn seal(&self, row: &str, clear: &[u8]) -> Stored {
        let Some((id, key)) = self.0.first() else {
            return Stored { value: clear.to_vec(), sealed_by: None };
        };
        let mut sealed = clear.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::from(row), &mut sealed)
            .expect("a secret is far shorter than what the cipher takes");
        Stored { value: [nonce.as_ref().as_slice(), &sealed].concat(), sealed_by: Some(id.clone()) }
    }

    /// Decrypts what was kept under the same name. Where there is a key, what is in clear is not believed.
    pub(super) fn open(&self, row: &str, stored: &Stored) -> Result<Vec<u8>, Locked> {
        let Some(id) = &stored.sealed_by else {
            return if self.is_empty() { Ok(stored.value.clone()) } else { Err(Locked::InClear) };
        };
        let key = self.0.iter().find(|(known, _)| known == id);
        let (_, key) = key.ok_or_else(|| Locked::KeyMissing(id.clone()))?;
        let wrong = || Locked::KeyWrong(id.clone());
        let (nonce, sealed) = stored.value.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut sealed = sealed.to_vec();
        let clear = key.open_in_place(nonce, Aad::from(row), &mut sealed).map_err(|_| wrong())?;
        Ok(clear.to_vec())
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it should be sealed anew: another key than the first sealed it.
    pub(super) fn seals_anew(&self, stored: &Stored) -> bool {
        self.0.first().is_some_and(|(first, _)| stored.sealed_by.as_ref() != Some(first))
    }
}

impl fmt::Debug for SealKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(id, _)| id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[(&str, u8)]) -> SealKeys {
        SealKeys::new(keys.iter().map(|(id, byte)| ((*id).to_owned(), [*byte; 32])))
    }

    #[test]
    fn what_one_key_seals_opens_by_it_alone_and_under_its_name_alone() {
        let sealed = keys(&[("new", 2), ("old", 1)]).seal("bearer", b"the key");
        assert_eq!(sealed.sealed_by.as_deref(), Some("new"));
        assert!(!sealed.value.windows(7).any(|window| window == b"the key"));
        let check = |with: &SealKeys, row: &str, stored: &Stored, expected: Result<&str, Locked>| {
            assert_eq!(with.open(row, stored), expected.map(|clear| clear.as_bytes().to_vec()));
        };
        let (missing, wrong) = (Locked::KeyMissing("new".into()), Locked::KeyWrong("new".into()));
        check(&keys(&[("other", 9), ("new", 2)]), "bearer", &sealed, Ok("the key"));
        check(&keys(&[("old", 1)]), "bearer", &sealed, Err(missing.clone()));
        check(&SealKeys::default(), "bearer", &sealed, Err(missing));
        check(&keys(&[("new", 3)]), "bearer", &sealed, Err(wrong.clone()));
        let mut changed = sealed.clone();
        changed.value[20] ^= 1;
        check(&keys(&[("new", 2)]), "bearer", &changed, Err(wrong.clone()));
        let short = Stored { value: vec![1; 5], ..sealed.clone() };
        check(&keys(&[("new", 2)]), "bearer", &short, Err(wrong.clone()));
        check(&keys(&[("new", 2)]), "another", &sealed, Err(wrong));
        let clear = Stored { value: b"the key".to_vec(), sealed_by: None };
        check(&SealKeys::default(), "bearer", &clear, Ok("the key"));
        check(&keys(&[("new", 2)]), "bearer", &clear, Err(Locked::InClear));
    }
}
