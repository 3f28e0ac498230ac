//! Who is asking, and for how much longer the server believes it.

use wire::{ErrorCode, ProofChallenge, ProofNotice, SessionDocument, UserId};

use super::Model;
use super::fault::Fault;

/// Refused tokens in a row, after which we stop asking for another one.
const ENOUGH: u32 = 3;
/// Codes kept for a challenge whose answer is still on its way.
const CODES: usize = 8;

/// The panel's session.
#[derive(Debug, Default, PartialEq)]
pub struct SessionModel {
    /// Names the proof that is under way.
    round: u32,
    refusals: u32,
    /// The agent has pressed *Reload* since there was a session.
    reloaded: bool,
    codes: Vec<ProofNotice>,
    /// Where we stand.
    pub standing: Standing,
}

/// Where the panel stands with the server.
#[derive(Debug, Default, PartialEq)]
pub enum Standing {
    /// No session yet; the workspace will send a token.
    #[default]
    Absent,
    /// A session that reads nothing until the agent is proved.
    Unproved(Proof),
    /// The agent's own session.
    Proved,
    /// Over.
    Lost(Fault),
}

/// How far the proof of the agent is.
#[derive(Debug, PartialEq)]
pub enum Proof {
    /// The workspace is asked who the agent is, then the server for a code.
    Asked,
    /// The code will come through the workspace.
    Awaiting(String),
    /// The code is on its way back.
    Confirming,
    /// It did not work.
    Failed(Fault),
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionEvent {
    /// From the page, or from the server.
    Document(SessionDocument),
    /// The workspace sent a token.
    Token(String),
    /// The server refused the token, or could not check it.
    LoginFailed { token: String, fault: Fault },
    /// The token that could not be checked is tried once more.
    LoginAgain(String),
    /// The workspace said who the agent is.
    Agent(Result<UserId, Fault>),
    /// The server has sent a code.
    Challenge(Result<ProofChallenge, Fault>),
    /// A code arrived.
    Code(ProofNotice),
    /// The server refused the code.
    ProofFailed(Fault),
    /// Nothing came in time.
    Deadline(u32),
    /// The agent tries again.
    ProveAgain,
    /// It is time to renew.
    RenewalDue,
    /// Renewal failed, or another call was refused for want of a session.
    Refused(Fault),
    /// The agent wants a session again.
    Reload,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionEffect {
    /// Use this bearer from now on, and say `RenewalDue` before it expires.
    Use(SessionDocument),
    /// Exchange the workspace's token for a session.
    Login(String),
    /// Say `LoginAgain` in a while.
    LoginLater(String),
    /// Ask the workspace for a fresh token.
    TokenRefused,
    /// Ask the workspace who the agent is.
    AskAgent,
    /// Ask the server for a code.
    Challenge(UserId),
    /// Return the code.
    Confirm(ProofNotice),
    /// Say `Deadline` when the proof takes too long.
    Deadline(u32),
    /// Renew the bearer.
    Renew,
    /// Say `RenewalDue` in a while.
    RenewLater,
    /// Begin anew: the page where it brings a session, otherwise a session that is to be proved.
    Reload,
}

impl Model for SessionModel {
    type Event = SessionEvent;
    type Effect = SessionEffect;

    fn update(mut self, event: SessionEvent) -> (Self, Vec<SessionEffect>) {
        use SessionEvent as E;
        let effects = match event {
            E::Document(document) => self.accept(document),
            E::Token(token) => vec![SessionEffect::Login(token)],
            E::LoginFailed { token, fault } if fault.passes() => {
                self.standing = Standing::Lost(fault);
                vec![SessionEffect::LoginLater(token)]
            }
            E::LoginAgain(token) if matches!(self.standing, Standing::Lost(_)) => {
                vec![SessionEffect::Login(token)]
            }
            // The bearer is still good for a while, and the server may be back by then.
            E::Refused(fault) if fault.passes() && self.is_open() => vec![SessionEffect::RenewLater],
            E::LoginFailed { fault, .. } | E::Refused(fault) => self.lose(fault),
            E::Agent(Ok(agent)) if self.proving(&Proof::Asked) => vec![SessionEffect::Challenge(agent)],
            E::Challenge(Ok(ProofChallenge { challenge })) if self.proving(&Proof::Asked) => {
                self.standing = Standing::Unproved(Proof::Awaiting(challenge));
                self.confirm()
            }
            E::Agent(Err(fault)) | E::Challenge(Err(fault)) | E::ProofFailed(fault) => self.unproved(fault),
            E::Code(notice) => {
                if self.codes.len() == CODES {
                    self.codes.remove(0);
                }
                self.codes.push(notice);
                self.confirm()
            }
            E::Deadline(round) if round == self.round => {
                let silent = Fault::plain(super::fault::FaultKind::Silent);
                self.unproved(silent)
            }
            E::ProveAgain if matches!(self.standing, Standing::Unproved(Proof::Failed(_))) => self.prove(),
            E::Reload if matches!(self.standing, Standing::Lost(_)) => {
                self.reloaded = true;
                vec![SessionEffect::Reload]
            }
            E::RenewalDue if matches!(self.standing, Standing::Proved | Standing::Unproved(_)) => {
                vec![SessionEffect::Renew]
            }
            E::Agent(_)
            | E::Challenge(_)
            | E::Deadline(_)
            | E::ProveAgain
            | E::RenewalDue
            | E::Reload
            | E::LoginAgain(_) => {
                vec![] // late
            }
        };
        (self, effects)
    }
}

impl SessionModel {
    /// Whether there is a session at all.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.standing, Standing::Proved | Standing::Unproved(_))
    }

    /// Whether the workspace is still asked for another token.
    #[must_use]
    pub fn asks_for_token(&self) -> bool {
        self.refusals < ENOUGH
    }

    /// Whether *Reload* may help. It did not where the server has refused it.
    #[must_use]
    pub fn may_reload(&self) -> bool {
        matches!(&self.standing, Standing::Lost(fault) if !(self.reloaded && fault.ends_session()))
    }

    fn proving(&self, step: &Proof) -> bool {
        matches!(&self.standing, Standing::Unproved(proof) if proof == step)
    }

    fn accept(&mut self, document: SessionDocument) -> Vec<SessionEffect> {
        (self.refusals, self.reloaded) = (0, false);
        let proved = document.proved;
        let mut effects = vec![SessionEffect::Use(document)];
        match (&self.standing, proved) {
            (_, true) => self.standing = Standing::Proved,
            (Standing::Unproved(_), false) => {} // renewed while the proof is under way
            (_, false) => effects.extend(self.prove()),
        }
        effects
    }

    fn prove(&mut self) -> Vec<SessionEffect> {
        self.round += 1;
        self.standing = Standing::Unproved(Proof::Asked);
        vec![SessionEffect::AskAgent, SessionEffect::Deadline(self.round)]
    }

    /// The code may arrive before the answer that names its challenge.
    fn confirm(&mut self) -> Vec<SessionEffect> {
        let Standing::Unproved(Proof::Awaiting(challenge)) = &self.standing else { return vec![] };
        let Some(index) = self.codes.iter().position(|notice| notice.challenge == *challenge) else {
            return vec![];
        };
        self.standing = Standing::Unproved(Proof::Confirming);
        vec![SessionEffect::Confirm(self.codes.remove(index))]
    }

    fn unproved(&mut self, fault: Fault) -> Vec<SessionEffect> {
        match &self.standing {
            Standing::Unproved(Proof::Failed(_)) => {}
            Standing::Unproved(_) => self.standing = Standing::Unproved(Proof::Failed(fault)),
            _ => {}
        }
        vec![]
    }

    fn lose(&mut self, fault: Fault) -> Vec<SessionEffect> {
        let wants_token = fault.ends_session() || fault.code() == Some(ErrorCode::FlexTokenInvalid);
        if wants_token {
            self.refusals += 1;
        }
        let ask = wants_token && self.asks_for_token();
        self.standing = Standing::Lost(fault);
        if ask { vec![SessionEffect::TokenRefused] } else { vec![] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fault::refused;

    fn document(proved: bool) -> SessionEvent {
        SessionEvent::Document(SessionDocument {
            token: "t".into(),
            expires_at: "2026-11-22T09:15:00Z".into(),
            locale: "en".into(),
            proved,
            role: None,
        })
    }

    fn challenge(name: &str) -> SessionEvent {
        SessionEvent::Challenge(Ok(ProofChallenge { challenge: name.into() }))
    }

    fn code(challenge: &str) -> SessionEvent {
        SessionEvent::Code(ProofNotice { challenge: challenge.into(), code: "123456".into() })
    }

    fn confirm(challenge: &str) -> SessionEffect {
        SessionEffect::Confirm(ProofNotice { challenge: challenge.into(), code: "123456".into() })
    }

    #[track_caller]
    fn check(events: impl IntoIterator<Item = SessionEvent>, standing: &Standing, last: &[SessionEffect]) {
        let mut effects = vec![];
        let model = events.into_iter().fold(SessionModel::default(), |model, event| {
            let (model, next) = model.update(event);
            effects = next;
            model
        });
        assert_eq!((&model.standing, effects.as_slice()), (standing, last));
    }

    fn agent() -> SessionEvent {
        SessionEvent::Agent(Ok(UserId(7)))
    }

    #[test]
    fn an_unproved_agent_returns_the_code_that_answers_his_challenge() {
        let asked = || [document(false), agent(), challenge("c")].into_iter();
        check(
            [document(false), agent()],
            &Standing::Unproved(Proof::Asked),
            &[SessionEffect::Challenge(UserId(7))],
        );
        check(asked(), &Standing::Unproved(Proof::Awaiting("c".into())), &[]);
        check(asked().chain([code("other")]), &Standing::Unproved(Proof::Awaiting("c".into())), &[]);
        check(
            asked().chain([code("other"), code("c")]),
            &Standing::Unproved(Proof::Confirming),
            &[confirm("c")],
        );
    }

    #[test]
    fn a_code_that_overtakes_its_challenge_is_kept() {
        let events = [document(false), agent(), code("c"), challenge("c")];
        check(events, &Standing::Unproved(Proof::Confirming), &[confirm("c")]);
    }

    #[test]
    fn a_proof_that_takes_too_long_can_be_tried_again() {
        let silent = Fault::plain(crate::model::fault::FaultKind::Silent);
        let late = || [document(false), agent(), challenge("c"), SessionEvent::Deadline(1)].into_iter();
        check(late(), &Standing::Unproved(Proof::Failed(silent)), &[]);
        check(
            late().chain([SessionEvent::ProveAgain]),
            &Standing::Unproved(Proof::Asked),
            &[SessionEffect::AskAgent, SessionEffect::Deadline(2)],
        );
        check(
            late().chain([SessionEvent::ProveAgain, SessionEvent::Deadline(1)]),
            &Standing::Unproved(Proof::Asked),
            &[],
        );
    }

    #[test]
    fn a_deadline_after_the_proof_changes_nothing() {
        check([document(false), agent(), document(true), SessionEvent::Deadline(1)], &Standing::Proved, &[]);
    }

    #[test]
    fn a_refused_session_asks_the_workspace_for_a_token_but_not_for_ever() {
        let fault = || refused(ErrorCode::SessionExpired);
        let no = || SessionEvent::Refused(fault());
        check([document(true), no()], &Standing::Lost(fault()), &[SessionEffect::TokenRefused]);
        check([no(), no(), no()], &Standing::Lost(fault()), &[]);
        check(
            [no(), no(), SessionEvent::Token("f".into())],
            &Standing::Lost(fault()),
            &[SessionEffect::Login("f".into())],
        );
        check([document(true), no(), SessionEvent::RenewalDue], &Standing::Lost(fault()), &[]);
    }

    #[test]
    fn a_session_that_is_over_begins_anew_and_is_proved_again() {
        use SessionEvent::Reload;
        let no = |code| SessionEvent::Refused(refused(code));
        let over = || [document(true), no(ErrorCode::SessionExpired)].into_iter();
        let lost = || Standing::Lost(refused(ErrorCode::SessionExpired));
        check(over().chain([Reload]), &lost(), &[SessionEffect::Reload]);
        let SessionEvent::Document(unproved) = document(false) else { return };
        let proves = [SessionEffect::Use(unproved), SessionEffect::AskAgent, SessionEffect::Deadline(1)];
        check(over().chain([Reload, document(false)]), &Standing::Unproved(Proof::Asked), &proves);
        check([document(true), Reload], &Standing::Proved, &[]);
        let may = |events: Vec<SessionEvent>, expected: bool| {
            let model =
                over().chain(events).fold(SessionModel::default(), |model, event| model.update(event).0);
            assert_eq!(model.may_reload(), expected);
        };
        may(vec![], true);
        may(vec![Reload, no(ErrorCode::ZendeskUnavailable)], true);
        may(vec![Reload, no(ErrorCode::SessionExpired)], false);
        may(vec![Reload, document(true), no(ErrorCode::SessionExpired)], true);
        may(vec![document(true)], false);
    }

    #[test]
    fn a_renewal_that_finds_nobody_is_tried_again_and_the_session_goes_on() {
        let offline = || SessionEvent::Refused(Fault::plain(crate::model::fault::FaultKind::Offline));
        let tried = || [document(true), SessionEvent::RenewalDue, offline()].into_iter();
        check(tried(), &Standing::Proved, &[SessionEffect::RenewLater]);
        check(tried().chain([SessionEvent::RenewalDue]), &Standing::Proved, &[SessionEffect::Renew]);
    }

    #[test]
    fn an_unchecked_token_is_tried_again_unless_a_newer_one_was_good() {
        let down = || refused(ErrorCode::TwilioUnavailable);
        let failed = || SessionEvent::LoginFailed { token: "f".into(), fault: down() };
        let again = || SessionEvent::LoginAgain("f".into());
        check([failed()], &Standing::Lost(down()), &[SessionEffect::LoginLater("f".into())]);
        check([failed(), again()], &Standing::Lost(down()), &[SessionEffect::Login("f".into())]);
        check([failed(), document(true), again()], &Standing::Proved, &[]);
    }
}
