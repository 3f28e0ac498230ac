//! Of which call a recording is. Docs: <https://www.twilio.com/docs/voice/api/recording>,
//! <https://www.twilio.com/docs/voice/api/conference-resource>. Traps: `…/Conferences/{CF}/Participants` has only those who
//! are still there, so it says nothing of a call that is over.

use reqwest::Method;
use serde::Deserialize;

use super::client::at;
use super::{RecordingSid, TwilioClient, TwilioError};

/// Of what a recording is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RecordingSource {
    /// `CA…`: of one leg.
    #[serde(default)]
    pub call_sid: Option<String>,
    /// `CF…`: of all who spoke in a conference.
    #[serde(default)]
    pub conference_sid: Option<String>,
}

impl TwilioClient {
    /// Of what a recording is.
    pub async fn recording_source(&self, sid: &RecordingSid) -> Result<RecordingSource, TwilioError> {
        const CALL: &str = "GET /2010-04-01/Accounts/{AC}/Recordings/{RE}.json";
        let name = format!("{sid}.json");
        let place = ["2010-04-01", "Accounts", &self.account_sid, "Recordings", &name];
        self.call(CALL, self.request(Method::GET, at(&self.urls.api, &place))).await
    }

    /// The name of a conference; Flex gives it the sid of the task.
    pub async fn conference_name(&self, sid: &str) -> Result<String, TwilioError> {
        #[derive(Deserialize)]
        struct Answered {
            friendly_name: String,
        }
        const CALL: &str = "GET /2010-04-01/Accounts/{AC}/Conferences/{CF}.json";
        let name = format!("{sid}.json");
        let place = ["2010-04-01", "Accounts", &self.account_sid, "Conferences", &name];
        let answered: Answered =
            self.call(CALL, self.request(Method::GET, at(&self.urls.api, &place))).await?;
        Ok(answered.friendly_name)
    }
}
