//! Bearers whose signature was checked a while ago: that is done once for each, not with every request. **Invariant:** a
//! bearer's text is not kept, only a keyed hash of it; only a good one is kept; its time is checked whenever it is shown.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use moka::sync::Cache;
use sha2::Sha256;

use super::{
    LIFETIME,
    bearer::{Bearer, BearerError, BearerKey},
};

/// How many bearers are kept; some more than agents at work. The others are checked again.
const AT_MOST: u64 = 20_000;

/// Reads the bearers of all accounts.
pub(super) struct Verified {
    key: BearerKey,
    /// Its key is this process's own and is told nobody.
    hash: Hmac<Sha256>,
    kept: Cache<[u8; 32], Arc<Bearer>>,
}

impl Verified {
    pub(super) fn new(key: BearerKey) -> Self {
        let hash_key: [u8; 32] = rand::random();
        let kept = Cache::builder().max_capacity(AT_MOST);
        Self {
            key,
            hash: Hmac::new_from_slice(&hash_key).expect("HMAC takes keys of any length"),
            kept: kept.time_to_live(LIFETIME.to_std().expect("a lifetime is positive")).build(),
        }
    }

    /// A bearer that is good now.
    pub(super) fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Bearer>, BearerError> {
        let name = self.hash.clone().chain_update(token).finalize().into_bytes().into();
        if let Some(bearer) = self.kept.get(&name) {
            return bearer.in_time(now).map(|()| bearer);
        }
        let bearer = Arc::new(self.key.read(token)?);
        bearer.in_time(now)?;
        self.kept.insert(name, Arc::clone(&bearer));
        Ok(bearer)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use wire::{HostName, Role, UserId};

    use super::*;
    use crate::features::sessions::{
        Reach,
        bearer::{AgentClaim, Claims},
    };

    #[test]
    fn a_bearer_that_was_read_before_is_judged_as_if_it_had_not_been() {
        let issued = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let key = BearerKey::new(b"a key of this server, thirty-two bytes");
        let claims = |id| {
            let agent = AgentClaim {
                id: UserId(id),
                role: Role::Agent,
                reach: Reach::All,
                views_users: true,
                audiences: Vec::new(),
            };
            Claims {
                host: HostName::Zendesk,
                agent: Some(agent),
                worker_sid: None,
                never_admin: false,
                since: issued.timestamp(),
                chain: 1,
            }
        };
        let token = |id| key.write(&claims(id), "acme", issued + TimeDelta::minutes(15));
        let verified = Verified::new(key.clone());
        let (mine, other) = (token(9001), token(9002));
        let (head_and_claims, _) = mine.rsplit_once('.').expect("a JWT");
        let (_, other_signature) = other.rsplit_once('.').expect("a JWT");
        let changed = mine.replacen('.', ".A", 1);
        let resigned = format!("{head_and_claims}.{other_signature}");
        for (what, token, minutes, expected) in [
            ("first", &mine, 0, Ok(claims(9001))),
            ("again", &mine, 14, Ok(claims(9001))),
            ("another's", &other, 14, Ok(claims(9002))),
            ("changed", &changed, 14, Err(BearerError::Invalid)),
            ("with another's signature", &resigned, 14, Err(BearerError::Invalid)),
            ("on its last second", &mine, 15, Err(BearerError::Expired)),
            ("and later", &mine, 16, Err(BearerError::Expired)),
        ] {
            let read = verified.read(token, issued + TimeDelta::minutes(minutes));
            assert_eq!(read.map(|bearer| bearer.claims.clone()), expected, "{what}");
        }
    }
}
