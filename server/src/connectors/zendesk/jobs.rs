//! Zendesk's background jobs, and what became of each row. Read liberally, as in `types`.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::types::{LENIENT, or_default};

/// Where a background job of Zendesk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Working,
    /// Over; single rows may still have failed.
    Completed,
    /// Over, nothing or not everything done.
    Failed,
    /// Stopped by Zendesk or an admin.
    Killed,
    /// A state that Zendesk added later.
    #[default]
    #[serde(other)]
    Unknown,
}

/// A background job of Zendesk, kept there for one day.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct JobStatus {
    /// Like `V3-…`.
    #[serde(default, deserialize_with = "or_default")]
    pub id: String,
    /// Where it stands.
    #[serde(default, deserialize_with = "or_default")]
    pub status: JobState,
    /// Rows in all.
    #[serde(default)]
    pub total: Option<u64>,
    #[serde(default)]
    pub progress: Option<u64>,
    /// What became of each row; empty until it is over.
    #[serde(default, deserialize_with = "rows")]
    pub results: Vec<JobRow>,
}

/// What became of one row of a job. **A completed job may hold failed rows: read every one.**
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct JobRow {
    #[serde(default)]
    pub id: Option<u64>,
    /// The row's place in what we sent.
    #[serde(default)]
    pub index: Option<u64>,
    /// Absent in answers that list only successes.
    #[serde(default)]
    pub success: Option<bool>,
    /// Zendesk's error code of a failed row.
    #[serde(default, deserialize_with = "as_text")]
    pub error: Option<String>,
    /// Zendesk's explanation of a failed row: may hold personal data, never log it.
    #[serde(default, deserialize_with = "as_text")]
    pub details: Option<String>,
}

impl JobRow {
    /// The row was written.
    pub fn succeeded(&self) -> bool {
        self.success.unwrap_or(self.error.is_none())
    }
}

/// A string, or whatever else it is, as JSON.
fn as_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    })
}

/// `results` is a list, one object for the whole job, or null. A row that cannot be read counts as failed.
fn rows<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<JobRow>, D::Error> {
    let row = |value: Value| {
        let unread =
            || JobRow { success: Some(false), error: Some("Unreadable".to_owned()), ..JobRow::default() };
        LENIENT.object("results", value).unwrap_or_else(|_| unread())
    };
    Ok(match Value::deserialize(from)? {
        Value::Null => Vec::new(),
        Value::Array(rows) => rows.into_iter().map(row).collect(),
        whole => vec![row(whole)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// check(results as Zendesk writes them, whether each row was written)
    #[track_caller]
    fn check(results: &str, expected: &[bool]) {
        let text = format!(r#"{{"id":"V3-1","status":"completed","results":{results}}}"#);
        let job: JobStatus = serde_json::from_str(&text).expect("a job");
        assert_eq!(job.results.iter().map(JobRow::succeeded).collect::<Vec<_>>(), expected, "{results}");
    }

    #[test]
    fn a_completed_job_may_hold_failed_rows() {
        check("null", &[]);
        check("[]", &[]);
        check(r#"{"success":true}"#, &[true]);
        check(r#"[{"id":1,"action":"update","status":"Updated","success":true}]"#, &[true]);
        check(r#"[{"id":1,"status":"Created"},{"index":1,"id":4018,"account_id":1}]"#, &[true, true]);
        check(
            r#"[{"id":1,"success":true},{"id":2,"success":false,"error":"UserUpdateError"}]"#,
            &[true, false],
        );
        check(r#"[{"index":0,"error":"UserNotFound","details":{"id":["gone"]}}]"#, &[false]);
        check(r#"[{"id":1,"success":true},7,{"id":-1,"success":"maybe"}]"#, &[true, false, false]);
    }
}
