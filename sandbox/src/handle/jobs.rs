//! How writes to many users or organizations end.

use chrono::TimeDelta;

use super::Handle;
use crate::zendesk::jobs::Stop;

impl Handle {
    /// The next job of users or organizations ends like this: `killed` or `failed`, after so many rows.
    pub fn stop_next_job(&self, status: &str, after_rows: usize) {
        self.0.account().stops.push_back(Stop { status: status.to_owned(), after_rows });
    }

    /// A user takes no more changes by jobs for so many seconds, as if others had made all that Zendesk allows.
    pub fn exhaust_user(&self, id: u64, seconds: i64) {
        let until = self.now() + TimeDelta::seconds(seconds);
        self.0.account().exhausted_users.insert(id, until);
    }
}
