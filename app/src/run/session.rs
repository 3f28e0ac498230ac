//! A page's session at work: how what its model asks for is done, in the panels and in the console alike.

use std::rc::Rc;

use wire::SessionDocument;

use super::machine::Machine;
use crate::api::{Api, proof, read, reply, token};
use crate::host::Host;
use crate::host::clock::seconds_until;
use crate::host::page::{reload, sleep, spawn};
use crate::model::session::{SessionEffect, SessionEvent, SessionModel};

/// Renewed this many seconds before the bearer expires.
const MARGIN: i32 = 120;
/// Milliseconds until a session is asked for once more where nobody answered.
const AGAIN: i32 = 15_000;
/// Milliseconds for the whole proof of the agent.
const PROOF: i32 = 20_000;

/// Who is told that the server knows us, and as whom.
pub(super) type SignedIn = Rc<dyn Fn(&SessionDocument)>;

/// Carries out what the session asks for, and tells it what the server says of it. `over` hears that a call was refused
/// for want of a session.
pub(super) fn keep(
    machine: Machine<SessionModel>,
    host: Rc<dyn Host>,
    api: &Rc<Api>,
    signed_in: SignedIn,
    over: impl Fn() + 'static,
) {
    api.on_session(Rc::new(move |changed| match changed {
        Ok(document) => machine.send(SessionEvent::Document(document)),
        Err(fault) => {
            machine.send(SessionEvent::Refused(fault));
            over();
        }
    }));
    let session = Session { machine, host, api: Rc::clone(api), signed_in };
    machine.perform(move |effect| session.perform(effect));
}

struct Session {
    machine: Machine<SessionModel>,
    host: Rc<dyn Host>,
    api: Rc<Api>,
    signed_in: SignedIn,
}

impl Session {
    fn perform(&self, effect: SessionEffect) {
        let (api, session) = (Rc::clone(&self.api), self.machine);
        match effect {
            SessionEffect::Use(document) => self.go_by(&document),
            SessionEffect::TokenRefused => self.host.token_refused(),
            SessionEffect::Login(text) => spawn(Box::pin(async move {
                match api.post("/api/session/flex".into(), token(&text)).await.and_then(read) {
                    Ok(document) => session.send(SessionEvent::Document(document)),
                    Err(fault) => session.send(SessionEvent::LoginFailed { token: text, fault }),
                }
            })),
            SessionEffect::LoginLater(text) => spawn(Box::pin(async move {
                sleep(AGAIN).await;
                session.send(SessionEvent::LoginAgain(text));
            })),
            SessionEffect::Reload if cfg!(feature = "flex") => reload(), // the plugin brings the next token
            SessionEffect::Reload => spawn(Box::pin(async move {
                match api.reopen().await.and_then(read) {
                    Ok(document) => session.send(SessionEvent::Document(document)),
                    Err(fault) => session.send(SessionEvent::Refused(fault)),
                }
            })),
            SessionEffect::RenewLater => spawn(Box::pin(async move {
                sleep(AGAIN).await;
                session.send(SessionEvent::RenewalDue);
            })),
            SessionEffect::AskAgent => {
                let agent = self.host.agent();
                spawn(Box::pin(async move { session.send(SessionEvent::Agent(agent.await)) }));
            }
            SessionEffect::Challenge(agent) => spawn(Box::pin(async move {
                session.send(SessionEvent::Challenge(
                    api.post("/api/session/proof".into(), proof(agent)).await.and_then(read),
                ));
            })),
            SessionEffect::Confirm(notice) => spawn(Box::pin(async move {
                match api.post("/api/session/proof/confirm".into(), reply(&notice)).await.and_then(read) {
                    Ok(document) => session.send(SessionEvent::Document(document)),
                    Err(fault) => session.send(SessionEvent::ProofFailed(fault)),
                }
            })),
            SessionEffect::Deadline(round) => spawn(Box::pin(async move {
                sleep(PROOF).await;
                session.send(SessionEvent::Deadline(round));
            })),
            SessionEffect::Renew => spawn(Box::pin(async move {
                match api.renew().await.and_then(read) {
                    Ok(document) => session.send(SessionEvent::Document(document)),
                    Err(fault) => session.send(SessionEvent::Refused(fault)),
                }
            })),
        }
    }

    fn go_by(&self, document: &SessionDocument) {
        let session = self.machine;
        if let Some(seconds) = seconds_until(&document.expires_at) {
            let wait = (seconds - MARGIN).max(seconds / 2).clamp(1, 86_400) * 1000;
            spawn(Box::pin(async move {
                sleep(wait).await;
                session.send(SessionEvent::RenewalDue);
            }));
        }
        self.api.set_token(document.token.clone());
        (self.signed_in)(document);
    }
}
