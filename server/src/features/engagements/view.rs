//! What has become of an engagement so far: its ticket, its notes, what the agent noted. **Invariant:** no vendor is asked.

use serde_json::json;
use wire::{EngagementView, ErrorCode, FlexSettings, LogLine, LogStage, LogState, TicketId, UserId, WrapUp};

use super::{Engagements, WrapUpError, log::is_wanted, note};
use crate::{
    features::{
        contracts::{CardError, Contracts},
        sessions::Viewer,
    },
    store::{
        StoreError,
        engagements::{self, Progress},
        wrapups,
    },
};

/// Why it is not shown.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// See the engagement's error.
    #[error(transparent)]
    WrapUp(#[from] WrapUpError),
    /// See the card's error.
    #[error(transparent)]
    Card(#[from] CardError),
    /// See the store's error.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Engagements {
    /// What this agent may know of it.
    pub async fn view(
        &self,
        contracts: &Contracts,
        viewer: &Viewer,
        agent: UserId,
        task_sid: &str,
    ) -> Result<EngagementView, ViewError> {
        let inner = &self.0;
        let ticket = self.admitted(contracts, viewer, task_sid).await?;
        let settings = self.settings().await?;
        let progress = engagements::progress(&inner.db, &inner.account, task_sid).await?;
        let noted = wrapups::of_task(&inner.db, &inner.account, task_sid).await?;
        let noted = noted.into_iter().find(|noted| noted.agent_id == agent.0).unwrap_or_default();
        Ok(EngagementView {
            ticket_id: ticket,
            log: log(&settings, &progress),
            notes: WrapUp { text: noted.body, outcome: noted.outcome },
            outcomes: settings.outcomes,
        })
    }

    /// Its ticket, if this agent may see that.
    pub async fn admitted(
        &self,
        contracts: &Contracts,
        viewer: &Viewer,
        task_sid: &str,
    ) -> Result<Option<TicketId>, ViewError> {
        let ticket = self.must_know(task_sid).await?;
        if let Some(ticket) = ticket {
            contracts.may_see(viewer, ticket).await?;
        }
        Ok(ticket)
    }
}

/// One line a stage. Nobody looks at a call that was missed, unless a note says so.
fn log(settings: &FlexSettings, progress: &[Progress]) -> Vec<LogLine> {
    note::STAGES
        .into_iter()
        .filter_map(|stage| {
            let of_stage: Vec<_> = progress.iter().filter(|one| one.stage == note::name(stage)).collect();
            // A stage that several agents went through is what is still to come of it.
            let telling = ["waiting", "left_out", "written"]
                .into_iter()
                .find_map(|state| of_stage.iter().rev().find(|one| one.state == state));
            let line = |state| LogLine { stage, state, ticket_id: None, reason: None };
            match telling {
                Some(one) => Some(LogLine {
                    ticket_id: one.ticket_id.map(TicketId),
                    reason: one.reason.as_deref().map(code),
                    ..line(state(&one.state))
                }),
                None if stage == LogStage::Missed => None,
                None if is_wanted(settings, stage) => Some(line(LogState::Ahead)),
                None => Some(line(LogState::Off)),
            }
        })
        .collect()
}

fn state(kept: &str) -> LogState {
    match kept {
        "waiting" => LogState::Waiting,
        "written" => LogState::Written,
        _ => LogState::GivenUp,
    }
}

/// A code that this version does not know any more is still a reason.
fn code(kept: &str) -> ErrorCode {
    serde_json::from_value(json!(kept)).unwrap_or(ErrorCode::NoteGivenUp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(stage: &str, kept: &str, ticket_id: Option<u64>, reason: Option<&str>) -> Progress {
        Progress { stage: stage.into(), state: kept.into(), ticket_id, reason: reason.map(str::to_owned) }
    }

    #[track_caller]
    fn check(progress: &[Progress], expected: &str) {
        let said = |line: &LogLine| {
            let ticket = line.ticket_id.map(|id| format!(" #{id}")).unwrap_or_default();
            let reason = line.reason.map(|code| format!(" {}", code.as_str())).unwrap_or_default();
            format!("{:?} {:?}{ticket}{reason}", line.stage, line.state)
        };
        let said: Vec<_> = log(&FlexSettings::default(), progress).iter().map(said).collect();
        assert_eq!(said.join(", "), expected);
    }

    #[test]
    fn each_stage_says_how_far_its_note_is() {
        check(&[], "Start Ahead, Switch Off, Complete Ahead");
        check(
            &[row("start", "written", Some(42), None), row("complete", "waiting", None, None)],
            "Start Written #42, Switch Off, Complete Waiting",
        );
        check(
            &[row("start", "left_out", None, Some("ticket_closed")), row("missed", "written", Some(7), None)],
            "Start GivenUp ticket_closed, Switch Off, Complete Ahead, Missed Written #7",
        );
    }

    #[test]
    fn of_a_stage_that_several_went_through_the_trouble_is_told() {
        check(
            &[row("start", "written", Some(42), None), row("start", "waiting", None, None)],
            "Start Waiting, Switch Off, Complete Ahead",
        );
        check(
            &[row("start", "left_out", None, Some("note_given_up")), row("start", "written", Some(42), None)],
            "Start GivenUp note_given_up, Switch Off, Complete Ahead",
        );
    }
}
