//! Recordings of calls, heard through us: a note's link opens one, so that nobody needs a login of Twilio. **Invariants:**
//! only a recording of the note's own call is linked, by what Twilio says of it (ADR 15); that it was opened is in the ledger before the first byte leaves; only recordings of our own Twilio account, only from
//! its own host; memory does not grow with the recording.

mod link; // the key in a note

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use url::Url;
use wire::{LedgerAction, TicketId, UserId};

use link::Link;
pub use link::{LinkError, RecordingKey};

use crate::{
    clock::Clock,
    connectors::{
        FailureKind, VendorError,
        twilio::{Heard, RecordingSid, RecordingSource, Sound, TwilioClient, TwilioError, recording_of},
    },
    features::limits::{Limits, RECORDINGS, TooMany},
    store::{
        Db, StoreError,
        ledger::{self, LedgerEntry},
    },
};

/// The recordings of one account.
#[derive(Clone)]
pub struct Recordings(Arc<Setup>);

/// What [`Recordings`] are made of.
pub struct Setup {
    /// The Zendesk account's subdomain.
    pub account: String,
    /// `server.public_url`.
    pub public_url: Url,
    /// How long a link opens its recording.
    pub link_lives: TimeDelta,
    /// What time it is.
    pub clock: Clock,
    /// Who heard what.
    pub db: Db,
    /// Has the recordings; absent where there is no Twilio account.
    pub twilio: Option<TwilioClient>,
    /// `AC…`; whose recordings these must be.
    pub twilio_account: String,
    /// Signs links; shared by all replicas.
    pub key: RecordingKey,
    /// How often one is opened.
    pub limits: Limits,
}

/// A call that is over.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// `WT…`: the conference of the call bears it as its name.
    pub task_sid: &'a str,
    /// Where Flex, or an agent, has written which recording it is.
    pub attributes: &'a Value,
    /// `CA…`: the caller's leg, where no agent could write it.
    pub call_sid: Option<&'a str>,
}

/// What a note says of a call's recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// Nothing: the task names none of ours.
    Nothing,
    /// Where it can be heard.
    Link(String),
    /// What the task names is not a recording of this call.
    NotThisCalls,
}

/// Why nothing is heard.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// See the link's error.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// Agent: wait; a loop in a player.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// Operator: set the `twilio` section again.
    #[error("Twilio is no longer set up on this server")]
    NotConfigured,
    /// Agent: wait a few minutes after a call; otherwise somebody has deleted it.
    #[error("Twilio does not have this recording: it is not ready yet, or was deleted")]
    NotThere,
    /// Client: ask for bytes that are there.
    #[error("the requested range is outside the recording")]
    NoSuchPart(Option<u64>),
    /// See the connector's error.
    #[error("Twilio did not deliver the recording")]
    Twilio(#[source] TwilioError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Recordings {
    /// See [`Setup`].
    pub fn new(setup: Setup) -> Self {
        Self(Arc::new(setup))
    }

    /// The link for a note in `ticket` about this agent's call, where the task names a recording of ours that Twilio says is the
    /// call's.
    pub async fn link(
        &self,
        call: Call<'_>,
        ticket: TicketId,
        agent: Option<UserId>,
    ) -> Result<Recorded, TwilioError> {
        let setup = &self.0;
        let Some(twilio) = &setup.twilio else { return Ok(Recorded::Nothing) };
        let Some(sid) = named(call.attributes, &setup.twilio_account) else { return Ok(Recorded::Nothing) };
        if !is_of(&twilio.background(), &sid, call).await? {
            metrics::counter!("deskside_recordings_not_linked_total").increment(1);
            tracing::warn!(
                task = call.task_sid,
                "the recording that this task names is not linked: it is not of this call"
            );
            return Ok(Recorded::NotThisCalls);
        }
        let until = (setup.clock.now() + setup.link_lives).timestamp();
        let path = setup.key.write(&setup.account, &Link { sid, ticket, until, agent });
        Ok(Recorded::Link(format!("{}{path}", setup.public_url.as_str().trim_end_matches('/'))))
    }

    /// Opens a recording for whoever holds its link; `query` as it was written.
    pub async fn open(&self, sid: &str, query: &str, range: Option<&str>) -> Result<Heard, RecordingError> {
        let setup = &self.0;
        let link = setup.key.read(&setup.account, sid, query, setup.clock.now())?;
        let _counted = setup.limits.take(&RECORDINGS, link.sid.to_string())?;
        let twilio = setup.twilio.as_ref().ok_or(RecordingError::NotConfigured)?;
        let heard = match twilio.recording(&link.sid, range).await {
            Ok(Sound::Heard(heard)) => heard,
            Ok(Sound::NoSuchPart(size)) => return Err(RecordingError::NoSuchPart(size)),
            Err(error) if error.is(FailureKind::NotFound) => return Err(RecordingError::NotThere),
            Err(error) => return Err(RecordingError::Twilio(error)),
        };
        self.write_down(&link, heard.content_range.as_deref()).await?;
        Ok(heard)
    }

    async fn write_down(&self, link: &Link, range: Option<&str>) -> Result<(), StoreError> {
        let entry = LedgerEntry {
            at: self.0.clock.now(),
            // For whom the link was made. Whoever may see the ticket's internal notes may have used it, so `by` says how.
            actor: link.agent.map_or_else(|| "link".to_owned(), |agent| format!("agent:{agent}")),
            action: LedgerAction::RecordingOpened.as_str().to_owned(),
            ticket_id: Some(link.ticket.0),
            attachment_id: None,
            sha256: None,
            object_key: None,
            detail: json!({ "recording": link.sid.to_string(), "range": range, "by": "link" }),
        };
        let mut tx = self.0.db.begin().await?;
        ledger::append(&mut tx, &self.0.account, &entry).await?;
        tx.commit().await
    }
}

/// Whether Twilio says that the recording is of this call: of the conference that bears the task's name, or of the caller's leg.
async fn is_of(twilio: &TwilioClient, sid: &RecordingSid, call: Call<'_>) -> Result<bool, TwilioError> {
    let named = async {
        let RecordingSource { call_sid, conference_sid } = twilio.recording_source(sid).await?;
        Ok::<_, TwilioError>(match conference_sid {
            Some(conference) => twilio.conference_name(&conference).await? == call.task_sid,
            None => call_sid.is_some() && call_sid.as_deref() == call.call_sid,
        })
    };
    match named.await {
        Err(error) if error.is(FailureKind::NotFound) => Ok(false), // deleted
        known => known,
    }
}

/// Where Flex has put the recording: `conversations.media`, or, in older flows, `conversations.segment_link`.
/// Source: Twilio, Flex Insights, "Custom media attached to conversations".
fn named(attributes: &Value, account_sid: &str) -> Option<RecordingSid> {
    let conversations = attributes.get("conversations")?;
    let media = conversations.get("media").and_then(Value::as_array).into_iter().flatten();
    let voice = media.filter(|one| one["type"] == "VoiceRecording").filter_map(|one| one["url"].as_str());
    let older = conversations.get("segment_link").and_then(Value::as_str);
    voice.chain(older).find_map(|address| recording_of(address, account_sid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_names_the_first_recording_of_ours() {
        let address = |account: &str, digit: char| {
            let sid = format!("RE{}", digit.to_string().repeat(32));
            format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{sid}")
        };
        let check = |conversations: Value, expected: Option<char>| {
            let attributes = json!({ "conversations": conversations });
            let found = named(&attributes, "AC1").and_then(|sid| sid.to_string().chars().last());
            assert_eq!(found, expected, "{attributes}");
        };
        let voice = |url: String| json!({"type": "VoiceRecording", "url": url});
        check(json!({"media": [voice(address("AC1", 'a')), voice(address("AC1", 'b'))]}), Some('a'));
        check(json!({"media": [voice(address("AC2", 'a')), voice(address("AC1", 'b'))]}), Some('b'));
        check(json!({"media": [{"type": "Transcript", "url": address("AC1", 'a')}]}), None);
        check(json!({"segment_link": address("AC1", 'c')}), Some('c'));
        check(json!({"media": [], "segment_link": address("AC1", 'c')}), Some('c'));
        check(json!({"media": "x", "segment_link": 7}), None);
        check(json!({"media": [voice("https://evil.example.com/RE1".into())]}), None);
        check(json!(null), None);
        assert_eq!(named(&json!("text"), "AC1"), None);
    }
}
