//! A short-lived key to one file, for a tab that has no session. It is bound to account, agent, attachment and time, and
//! any replica can read it without asking anyone. **Invariant:** no I/O; `now` is an argument.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wire::{AttachmentId, UserId};

/// Signs and reads links.
#[derive(Clone)]
pub struct LinkKey([u8; 32]);

/// Why a link is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Agent: ask for a new one.
    #[error("this link has expired; it was valid for one minute")]
    Expired,
    /// Support: it was changed, or is of another file, account or server.
    #[error("this link is not valid for this file")]
    Invalid,
}

impl LinkKey {
    /// From a key that is for nothing else.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key that opens `item` for `agent` until `expires`.
    pub fn write(&self, account: &str, agent: UserId, item: AttachmentId, expires: DateTime<Utc>) -> String {
        let expires = expires.timestamp();
        let signature = self.signed(account, agent.0, item, expires).finalize().into_bytes();
        format!("{account}.{agent}.{expires}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The account that a key names; that account says whether the key is good.
    pub fn account_of(key: &str) -> &str {
        key.split('.').next().unwrap_or_default()
    }

    /// For whom a key opens `item`.
    pub fn read(
        &self,
        key: &str,
        account: &str,
        item: AttachmentId,
        now: DateTime<Utc>,
    ) -> Result<UserId, LinkError> {
        let mut fields = key.splitn(4, '.');
        let mut field = || fields.next().ok_or(LinkError::Invalid);
        let (named, agent, expires, signature) = (field()?, field()?, field()?, field()?);
        if named != account {
            return Err(LinkError::Invalid);
        }
        let agent = agent.parse().map_err(|_| LinkError::Invalid)?;
        let expires = expires.parse().map_err(|_| LinkError::Invalid)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| LinkError::Invalid)?;
        let signed = self.signed(account, agent, item, expires);
        signed.verify_slice(&signature).map_err(|_| LinkError::Invalid)?;
        if expires <= now.timestamp() { Err(LinkError::Expired) } else { Ok(UserId(agent)) }
    }

    /// Every field but the account is a number: no two sets of them spell the same bytes.
    fn signed(&self, account: &str, agent: u64, item: AttachmentId, expires: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{agent}.{item}.{expires}.{account}").as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_link_opens_one_file_of_one_account_for_a_minute() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let (key, other) = (LinkKey::new([1; 32]), LinkKey::new([2; 32]));
        let (agent, item) = (UserId(9001), AttachmentId(7));
        let link = key.write("acme", agent, item, now + TimeDelta::seconds(60));
        let (_, signature) = link.rsplit_once('.').expect("four parts");
        let later = (now + TimeDelta::hours(1)).timestamp();
        for (what, key, link, account, item, seconds, expected) in [
            ("as given", &key, link.clone(), "acme", item, 59, Ok(agent)),
            ("a minute later", &key, link.clone(), "acme", item, 60, Err(LinkError::Expired)),
            ("another file", &key, link.clone(), "acme", AttachmentId(8), 0, Err(LinkError::Invalid)),
            ("another account", &key, link.clone(), "globex", item, 0, Err(LinkError::Invalid)),
            (
                "another name",
                &key,
                link.replace("acme", "globex"),
                "globex",
                item,
                0,
                Err(LinkError::Invalid),
            ),
            ("another server", &other, link.clone(), "acme", item, 0, Err(LinkError::Invalid)),
            ("another agent", &key, link.replace("9001", "9002"), "acme", item, 0, Err(LinkError::Invalid)),
            (
                "prolonged",
                &key,
                format!("acme.9001.{later}.{signature}"),
                "acme",
                item,
                0,
                Err(LinkError::Invalid),
            ),
            ("unsigned", &key, format!("acme.9001.{later}."), "acme", item, 0, Err(LinkError::Invalid)),
            ("cut short", &key, link[..link.len() - 4].to_owned(), "acme", item, 0, Err(LinkError::Invalid)),
            ("nothing", &key, String::new(), "acme", item, 0, Err(LinkError::Invalid)),
        ] {
            let read = key.read(&link, account, item, now + TimeDelta::seconds(seconds));
            assert_eq!(read, expected, "{what}");
        }
    }
}
