//! `server.seal_keys`: keys that encrypt what the database keeps secret. **Invariant:** a refused key is not quoted.

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;

const KEY: &str = "server.seal_keys";

/// One key of the operator's.
#[derive(Debug, Clone)]
pub struct SealKey {
    /// Its name, which stands beside what it encrypted.
    pub id: String,
    /// 32 bytes in base64.
    text: SecretString,
}

impl SealKey {
    /// The key itself.
    pub fn bytes(&self) -> [u8; 32] {
        decoded(self.text.expose_secret()).expect("it was decoded when it was read")
    }
}

pub(super) fn read(read: &mut Reader<'_>) -> Vec<SealKey> {
    let mut keys: Vec<SealKey> = Vec::new();
    for text in read.list(KEY) {
        let Some((id, key)) = text.split_once(':').filter(|(id, key)| is_id(id) && decoded(key).is_some())
        else {
            read.refuse(
                KEY,
                "must be a list of `id:key`, where the id has letters and digits, and the key is 32 bytes in base64, \
                 as `openssl rand -base64 32` makes one",
            );
            return Vec::new();
        };
        if keys.iter().any(|known| known.id == id) {
            read.refuse(KEY, "has two keys with one id; give each its own");
            return Vec::new();
        }
        keys.push(SealKey { id: id.to_owned(), text: key.to_owned().into() });
    }
    keys
}

fn is_id(id: &str) -> bool {
    (1..=32).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn decoded(key: &str) -> Option<[u8; 32]> {
    BASE64_STANDARD.decode(key).ok()?.try_into().ok()
}
