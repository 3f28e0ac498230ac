//! Flex tasks: their tickets, and what is written into these. **Invariants:** a task's ticket is made by one at a time; a
//! stage is written down once, whoever reports it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Conn, Row, StoreError, Tx, query};

/// Longer than making a ticket takes; after it somebody else may try.
const HELD_FOR: TimeDelta = TimeDelta::seconds(30);

/// What a task belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engagement {
    pub ticket_id: Option<u64>,
    pub user_id: Option<u64>,
    /// Whether the ticket was made for it.
    pub created: bool,
}

/// What is known of a task.
pub async fn of_task(on: impl Conn, account: &str, task_sid: &str) -> Result<Option<Engagement>, StoreError> {
    query("SELECT ticket_id, user_id, created FROM engagements WHERE account = $1 AND task_sid = $2")
        .bind(account)
        .bind(task_sid)
        .optional_as(on, |row| {
            Ok(Engagement {
                ticket_id: row.get("ticket_id")?,
                user_id: row.get("user_id")?,
                created: row.get::<i64>("created")? != 0,
            })
        })
        .await
}

/// Holds the right to make the task's ticket; false while another holds it, or where there is one.
pub async fn hold(
    on: impl Conn,
    account: &str,
    task_sid: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let held = query(
        "INSERT INTO engagements (account, task_sid, created, held_until_us, at_us) VALUES ($1, $2, 0, $4, $3)
         ON CONFLICT (account, task_sid) DO UPDATE SET held_until_us = excluded.held_until_us
          WHERE engagements.ticket_id IS NULL AND engagements.held_until_us <= $3",
    );
    let held = held.bind(account).bind(task_sid).bind(now).bind(now + HELD_FOR).execute(on).await?;
    Ok(held == 1)
}

/// Whether somebody is making the task's ticket at this moment.
pub async fn is_held(
    on: impl Conn,
    account: &str,
    task_sid: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let held = query(
        "SELECT task_sid FROM engagements
          WHERE account = $1 AND task_sid = $2 AND ticket_id IS NULL AND held_until_us > $3",
    );
    Ok(held.bind(account).bind(task_sid).bind(now).optional(on).await?.is_some())
}

/// Gives the right back: what was tried did not work.
pub async fn let_go(on: impl Conn, account: &str, task_sid: &str) -> Result<(), StoreError> {
    query(
        "UPDATE engagements SET held_until_us = 0 WHERE account = $1 AND task_sid = $2 AND ticket_id IS NULL",
    )
    .bind(account)
    .bind(task_sid)
    .execute(on)
    .await
    .map(drop)
}

/// The task belongs to this. The last word counts: an agent may choose another ticket. That it was made for the task is
/// known to whoever made it, and stays known.
pub async fn settle(
    on: impl Conn,
    account: &str,
    task_sid: &str,
    engagement: Engagement,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO engagements (account, task_sid, ticket_id, user_id, created, held_until_us, at_us)
         VALUES ($1, $2, $3, $4, $5, 0, $6)
         ON CONFLICT (account, task_sid) DO UPDATE SET
           created = CASE WHEN engagements.ticket_id = excluded.ticket_id AND engagements.created = 1
                          THEN 1 ELSE excluded.created END,
           ticket_id = excluded.ticket_id, user_id = excluded.user_id, held_until_us = 0",
    )
    .bind(account)
    .bind(task_sid)
    .bind(engagement.ticket_id)
    .bind(engagement.user_id)
    .bind(i64::from(engagement.created))
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

/// There is such a task, whether or not a ticket is known.
pub async fn introduce(
    on: impl Conn,
    account: &str,
    task_sid: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO engagements (account, task_sid, created, held_until_us, at_us) VALUES ($1, $2, 0, 0, $3)
         ON CONFLICT (account, task_sid) DO NOTHING",
    )
    .bind(account)
    .bind(task_sid)
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

/// An agent took the task at `at`. News that is older than what is known changes nothing.
pub async fn accept(
    on: impl Conn,
    account: &str,
    task_sid: &str,
    agent_id: u64,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO engagements (account, task_sid, created, held_until_us, at_us, agent_id, accepted_at_us)
         VALUES ($1, $2, 0, 0, $4, $3, $4)
         ON CONFLICT (account, task_sid) DO UPDATE SET
           agent_id = excluded.agent_id, accepted_at_us = excluded.accepted_at_us
          WHERE engagements.accepted_at_us IS NULL OR engagements.accepted_at_us <= excluded.accepted_at_us",
    )
    .bind(account)
    .bind(task_sid)
    .bind(agent_id)
    .bind(at)
    .execute(on)
    .await
    .map(drop)
}

/// Who took the task last.
pub async fn agent_of(on: impl Conn, account: &str, task_sid: &str) -> Result<Option<u64>, StoreError> {
    let row = query("SELECT agent_id FROM engagements WHERE account = $1 AND task_sid = $2")
        .bind(account)
        .bind(task_sid)
        .optional(on)
        .await?;
    row.map_or(Ok(None), |row| row.get("agent_id"))
}

/// Twilio said that the task is this agent's.
pub async fn confirm(
    on: impl Conn,
    account: &str,
    task_sid: &str,
    agent_id: u64,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    query(
        "INSERT INTO engagement_agents (account, task_sid, agent_id, at_us) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, task_sid, agent_id) DO NOTHING",
    )
    .bind(account)
    .bind(task_sid)
    .bind(agent_id)
    .bind(now)
    .execute(on)
    .await
    .map(drop)
}

/// Whether Twilio said so.
pub async fn is_confirmed(
    on: impl Conn,
    account: &str,
    task_sid: &str,
    agent_id: u64,
) -> Result<bool, StoreError> {
    let row = query(
        "SELECT agent_id FROM engagement_agents WHERE account = $1 AND task_sid = $2 AND agent_id = $3",
    );
    Ok(row.bind(account).bind(task_sid).bind(agent_id).optional(on).await?.is_some())
}

/// One note, written or to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What is known, as JSON.
    pub facts: String,
    /// `waiting`, `written`, or `left_out` with nothing to write it into.
    pub state: String,
    /// Since when it is requested.
    pub since: DateTime<Utc>,
}

/// How far a note is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub stage: String,
    /// `waiting`, `written`, `left_out`.
    pub state: String,
    /// Into which ticket.
    pub ticket_id: Option<u64>,
    /// Why it was left out.
    pub reason: Option<String>,
}

/// How far each of a task's notes is.
pub async fn progress(on: impl Conn, account: &str, task_sid: &str) -> Result<Vec<Progress>, StoreError> {
    let rows = query(
        "SELECT stage, state, ticket_id, reason FROM engagement_notes
          WHERE account = $1 AND task_sid = $2 ORDER BY at_us, leg",
    );
    let rows = rows.bind(account).bind(task_sid).all(on).await?;
    let progress = |row: Row| {
        Ok(Progress {
            stage: row.get("stage")?,
            state: row.get("state")?,
            ticket_id: row.get("ticket_id")?,
            reason: row.get("reason")?,
        })
    };
    rows.into_iter().map(progress).collect()
}

/// What is still to be written about a task: stage, leg, and since when.
pub async fn waiting(
    on: impl Conn,
    account: &str,
    task_sid: &str,
) -> Result<Vec<(String, String, DateTime<Utc>)>, StoreError> {
    let rows = query(
        "SELECT stage, leg, at_us FROM engagement_notes
          WHERE account = $1 AND task_sid = $2 AND state = 'waiting' ORDER BY at_us, leg",
    );
    let rows = rows.bind(account).bind(task_sid).all(on).await?;
    rows.iter().map(|row| Ok((row.get("stage")?, row.get("leg")?, row.get("at_us")?))).collect()
}

/// Which note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteKey<'a> {
    pub account: &'a str,
    /// `WT…`.
    pub task_sid: &'a str,
    /// `start`, `switch`, `complete`, `missed`.
    pub stage: &'a str,
    /// `WR…`; empty where the stage is the whole task's.
    pub leg: &'a str,
}

/// What is known of a note.
pub async fn note(on: impl Conn, key: NoteKey<'_>) -> Result<Option<Note>, StoreError> {
    query(
        "SELECT facts, state, at_us FROM engagement_notes
          WHERE account = $1 AND task_sid = $2 AND stage = $3 AND leg = $4",
    )
    .bind(key.account)
    .bind(key.task_sid)
    .bind(key.stage)
    .bind(key.leg)
    .optional_as(on, |row| {
        Ok(Note { facts: row.get("facts")?, state: row.get("state")?, since: row.get("at_us")? })
    })
    .await
}

/// Requests a note, or adds to what is known of one that is not written yet. False where it was written before.
pub async fn request_note(
    tx: &mut Tx,
    key: NoteKey<'_>,
    facts: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let requested = query(
        "INSERT INTO engagement_notes (account, task_sid, stage, leg, facts, state, at_us)
         VALUES ($1, $2, $3, $4, $5, 'waiting', $6)
         ON CONFLICT (account, task_sid, stage, leg) DO UPDATE SET facts = excluded.facts
          WHERE engagement_notes.state = 'waiting'",
    );
    let requested =
        requested.bind(key.account).bind(key.task_sid).bind(key.stage).bind(key.leg).bind(facts).bind(now);
    Ok(requested.execute(tx).await? == 1)
}

/// What became of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// It is in this ticket.
    Written(u64),
    /// It is in none; an error code says why.
    LeftOut(&'a str),
}

/// The note is written, or left out.
pub async fn close(tx: &mut Tx, key: NoteKey<'_>, outcome: Outcome<'_>) -> Result<(), StoreError> {
    let (state, ticket, reason) = match outcome {
        Outcome::Written(ticket) => ("written", Some(ticket), None),
        Outcome::LeftOut(reason) => ("left_out", None, Some(reason)),
    };
    query(
        "UPDATE engagement_notes SET state = $5, ticket_id = $6, reason = $7
          WHERE account = $1 AND task_sid = $2 AND stage = $3 AND leg = $4",
    )
    .bind(key.account)
    .bind(key.task_sid)
    .bind(key.stage)
    .bind(key.leg)
    .bind(state)
    .bind(ticket)
    .bind(reason)
    .execute(tx)
    .await
    .map(drop)
}

/// A note that was left out for this reason waits again.
pub async fn reopen(tx: &mut Tx, key: NoteKey<'_>, reason: &str) -> Result<(), StoreError> {
    query(
        "UPDATE engagement_notes SET state = 'waiting', reason = NULL
          WHERE account = $1 AND task_sid = $2 AND stage = $3 AND leg = $4 AND state = 'left_out' AND reason = $5",
    )
    .bind(key.account)
    .bind(key.task_sid)
    .bind(key.stage)
    .bind(key.leg)
    .bind(reason)
    .execute(tx)
    .await
    .map(drop)
}
