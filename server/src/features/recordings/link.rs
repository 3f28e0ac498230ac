//! The key to one recording, for a note in a ticket: bound to account, ticket, recording and time, and any replica can read
//! it without asking anyone. **Invariant:** no I/O; `now` is an argument.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wire::{TicketId, UserId};

use crate::connectors::twilio::RecordingSid;

/// Signs and reads links.
#[derive(Clone)]
pub struct RecordingKey([u8; 32]);

/// Why a link is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Agent: ask whoever may see recordings in Twilio.
    #[error("this recording link has expired")]
    Expired,
    /// Support: it was changed, or is of another recording, ticket, account or server.
    #[error("this recording link is not valid")]
    Invalid,
}

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What can be heard.
    pub sid: RecordingSid,
    /// In which ticket it stands.
    pub ticket: TicketId,
    /// Until when, in seconds since 1970.
    pub until: i64,
    /// For whom it was made: whose call it was, where that is known.
    pub agent: Option<UserId>,
}

impl RecordingKey {
    /// From a key that is for nothing else.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The path and query that open a recording.
    pub fn write(&self, account: &str, link: &Link) -> String {
        let Link { sid, ticket, until, agent } = link;
        let agent = agent.map(|agent| format!("&agent={agent}")).unwrap_or_default();
        let signature = URL_SAFE_NO_PAD.encode(self.signed(account, link).finalize().into_bytes());
        format!("/recordings/{sid}?account={account}&until={until}&ticket={ticket}{agent}&sig={signature}")
    }

    /// The account that a link names; that account says whether the link is good. Links of older servers name none.
    pub fn account_of(query: &str) -> Result<Option<String>, LinkError> {
        parameter(query, "account")
    }

    /// Reads what a browser brings: the sid of the path, and the query.
    pub fn read(&self, account: &str, sid: &str, query: &str, now: DateTime<Utc>) -> Result<Link, LinkError> {
        let perhaps = |name: &str| parameter(query, name);
        let field = |name: &str| perhaps(name)?.ok_or(LinkError::Invalid);
        let number = |text: String| text.parse().map_err(|_| LinkError::Invalid);
        let link = Link {
            sid: sid.parse().map_err(|_| LinkError::Invalid)?,
            until: number(field("until")?)?,
            ticket: TicketId(field("ticket")?.parse().map_err(|_| LinkError::Invalid)?),
            agent: match perhaps("agent")? {
                Some(agent) => Some(UserId(agent.parse().map_err(|_| LinkError::Invalid)?)),
                None => None,
            },
        };
        let signature = URL_SAFE_NO_PAD.decode(field("sig")?).map_err(|_| LinkError::Invalid)?;
        self.signed(account, &link).verify_slice(&signature).map_err(|_| LinkError::Invalid)?;
        if link.until <= now.timestamp() { Err(LinkError::Expired) } else { Ok(link) }
    }

    /// Every field but the account has an alphabet without dots and slashes: no two sets of them spell the same bytes.
    fn signed(&self, account: &str, link: &Link) -> Hmac<Sha256> {
        let Link { sid, ticket, until, agent } = link;
        let agent = agent.map(|agent| format!("/{agent}")).unwrap_or_default();
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(format!("{sid}.{ticket}.{until}{agent}.{account}").as_bytes());
        mac
    }
}

fn parameter(query: &str, name: &str) -> Result<Option<String>, LinkError> {
    let mut found = url::form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
    let value = found.next().map(|(_, value)| value.into_owned());
    // Of two, whoever reads next might take the other.
    if found.next().is_some() { Err(LinkError::Invalid) } else { Ok(value) }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_link_opens_one_recording_of_one_account_until_its_time() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let (key, other) = (RecordingKey::new([1; 32]), RecordingKey::new([2; 32]));
        let sid = format!("RE{}", "a".repeat(32));
        let until = (now + TimeDelta::days(30)).timestamp();
        let link =
            Link { sid: sid.parse().expect("a sid"), ticket: TicketId(42), until, agent: Some(UserId(77)) };
        let written = key.write("acme", &link);
        let query = written.split_once('?').expect("a query").1.to_owned();
        assert!(written.starts_with(&format!("/recordings/{sid}?account=acme&until=")), "{written}");
        let second = format!("RE{}", "b".repeat(32));
        let invalid = Err(LinkError::Invalid);
        for (what, key, account, sid, query, days, expected) in [
            ("as written", &key, "acme", &sid, query.clone(), 29, Ok(link.clone())),
            ("too late", &key, "acme", &sid, query.clone(), 30, Err(LinkError::Expired)),
            ("another recording", &key, "acme", &second, query.clone(), 0, invalid.clone()),
            ("another account", &key, "globex", &sid, query.clone(), 0, invalid.clone()),
            ("another server", &other, "acme", &sid, query.clone(), 0, invalid.clone()),
            ("another ticket", &key, "acme", &sid, query.replace("=42", "=43"), 0, invalid.clone()),
            ("another agent", &key, "acme", &sid, query.replace("=77", "=78"), 0, invalid.clone()),
            ("nobody's", &key, "acme", &sid, query.replace("&agent=77", ""), 0, invalid.clone()),
            ("prolonged", &key, "acme", &sid, query.replace("until=1", "until=2"), 0, invalid.clone()),
            ("said twice", &key, "acme", &sid, format!("{query}&ticket=43"), 0, invalid.clone()),
            ("cut short", &key, "acme", &sid, query[..query.len() - 4].to_owned(), 0, invalid.clone()),
            (
                "unsigned",
                &key,
                "acme",
                &sid,
                "until=9999999999&ticket=42&sig=".to_owned(),
                0,
                invalid.clone(),
            ),
            ("no sid", &key, "acme", &"RE1".to_owned(), query.clone(), 0, invalid.clone()),
            ("nothing", &key, "acme", &sid, String::new(), 0, invalid),
        ] {
            let read = key.read(account, sid, &query, now + TimeDelta::days(days));
            assert_eq!(read, expected, "{what}");
        }
        let nobodys = Link { agent: None, ..link };
        let written = key.write("acme", &nobodys);
        let query = written.split_once('?').expect("a query").1;
        assert_eq!(key.read("acme", &sid, query, now), Ok(nobodys));
    }
}
