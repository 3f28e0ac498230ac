//! One call: bearer, time-out, envelope, and one renewal where the session ran out under way.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use gloo_net::http::Request;
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, Response};
use wire::{ErrorCode, ErrorEnvelope, SessionDocument};

use crate::host::clock::server_time;
use crate::host::page::{BOOT, Boot, member, parse, sleep, spawn};
use crate::host::{Answer, Subscription};
use crate::json::{Json, Read};
use crate::model::fault::{Fault, FaultKind};

const RENEW: &str = "/api/session/renew";

/// Milliseconds. The server gives up on vendors sooner.
const REQUEST_TIMEOUT_MS: i32 = 20_000;

/// Told of a new bearer, or that there is none any more.
type OnSession = Rc<dyn Fn(Result<SessionDocument, Fault>)>;

/// The server, as this page's agent.
pub struct Api {
    token: RefCell<String>,
    on_session: RefCell<Option<OnSession>>,
    /// What the loader has begun to fetch, by path; each is used once.
    early: JsValue,
}

impl Api {
    /// With what the loader has begun.
    pub fn started() -> Self {
        Self { token: RefCell::default(), on_session: RefCell::default(), early: BOOT.with(Boot::early) }
    }

    /// Sends this bearer from now on.
    pub fn set_token(&self, token: String) {
        #[cfg(feature = "console")]
        crate::host::within::set_bearer(&token);
        self.token.replace(token);
    }

    /// The bearer: a bundle inside the console uses the console's.
    fn token(&self) -> String {
        #[cfg(feature = "editor")]
        return crate::host::within::bearer();
        #[cfg(not(feature = "editor"))]
        self.token.borrow().clone()
    }

    /// Whom to tell when a call shows that the session has changed.
    pub fn on_session(&self, tell: OnSession) {
        self.on_session.replace(Some(tell));
    }

    /// `GET`.
    pub fn get(self: &Rc<Self>, path: String) -> Answer<Json> {
        let api = Rc::clone(self);
        Box::pin(async move { api.early_or_call(&path).await })
    }

    /// `POST` of JSON text.
    pub fn post(self: &Rc<Self>, path: String, body: String) -> Answer<Json> {
        let api = Rc::clone(self);
        Box::pin(async move { api.call("POST", &path, Some(body)).await })
    }

    /// `PUT` of JSON text.
    pub fn put(self: &Rc<Self>, path: String, body: String) -> Answer<Json> {
        let api = Rc::clone(self);
        Box::pin(async move { api.call("PUT", &path, Some(body)).await })
    }

    /// `DELETE`.
    pub fn delete(self: &Rc<Self>, path: String) -> Answer<Json> {
        let api = Rc::clone(self);
        Box::pin(async move { api.call("DELETE", &path, None).await })
    }

    /// A file, however long it takes.
    pub async fn file(&self, path: &str) -> Result<Blob, Fault> {
        let abort = Abort::on_drop(); // until the last byte is here
        let response = self.open("GET", path, None, &abort).await?;
        if !response.ok() {
            self.read(response).await?;
            return Err(Fault::plain(FaultKind::Unreadable));
        }
        let offline = |_: JsValue| Fault::plain(FaultKind::Offline);
        Ok(JsFuture::from(response.blob().map_err(offline)?).await.map_err(offline)?.unchecked_into())
    }

    /// A text, however long it is.
    pub async fn text(&self, path: &str) -> Result<String, Fault> {
        let text = JsFuture::from(self.file(path).await?.text()).await;
        text.ok().and_then(|text| text.as_string()).ok_or_else(|| Fault::plain(FaultKind::Unreadable))
    }

    /// A new bearer for the one that is about to expire.
    pub fn renew(self: &Rc<Self>) -> Answer<Json> {
        let api = Rc::clone(self);
        Box::pin(async move { api.exchange("POST", RENEW, Some("{}")).await })
    }

    /// A session for the bearer that has expired: the agent is to be proved again.
    pub fn reopen(self: &Rc<Self>) -> Answer<Json> {
        let api = Rc::clone(self);
        Box::pin(async move { api.exchange("POST", "/api/session/reopen", Some("{}")).await })
    }

    async fn early_or_call(&self, path: &str) -> Result<Json, Fault> {
        if let Some(answer) = self.take_early(path)
            && let Ok(response) = JsFuture::from(answer).await
        {
            match self.read(heard(response)).await {
                Err(fault) if fault.code() == Some(ErrorCode::SessionExpired) => {} // the call below renews
                answer => return answer,
            }
        }
        self.call("GET", path, None).await
    }

    fn take_early(&self, path: &str) -> Option<Promise> {
        let answer = member(&self.early, path).dyn_into().ok()?;
        let _ = Reflect::delete_property::<JsValue>(self.early.unchecked_ref(), &path.into());
        Some(answer)
    }

    async fn call(&self, method: &str, path: &str, body: Option<String>) -> Result<Json, Fault> {
        let answer = self.exchange(method, path, body.as_deref()).await;
        match answer {
            Err(fault) if fault.code() == Some(ErrorCode::SessionExpired) => {
                let renewed = self.exchange("POST", RENEW, Some("{}")).await;
                let renewed = renewed.and_then(read::<SessionDocument>);
                if let Ok(document) = &renewed {
                    self.set_token(document.token.clone());
                }
                let failed = renewed.is_err();
                self.tell(renewed.map_err(|_| fault.clone()));
                if failed { Err(fault) } else { self.exchange(method, path, body.as_deref()).await }
            }
            Err(fault) if fault.ends_session() && fault.code() != Some(ErrorCode::FlexTokenInvalid) => {
                self.tell(Err(fault.clone()));
                Err(fault)
            }
            answer => answer,
        }
    }

    fn tell(&self, session: Result<SessionDocument, Fault>) {
        let tell = self.on_session.borrow().clone();
        if let Some(tell) = tell {
            tell(session);
        }
    }

    /// Boxed: it is called from several places, and is the larger part of each.
    fn exchange<'a>(
        &'a self,
        method: &'a str,
        path: &'a str,
        body: Option<&'a str>,
    ) -> Pin<Box<dyn Future<Output = Result<Json, Fault>> + 'a>> {
        Box::pin(async move {
            let abort = Abort::after(REQUEST_TIMEOUT_MS);
            let response = self.open(method, path, body, &abort).await?;
            self.read(response).await.map_err(|fault| abort.or(fault))
        })
    }

    /// The response's head; its body is still to come.
    pub(super) async fn open(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        abort: &Abort,
    ) -> Result<Response, Fault> {
        let offline = |_: gloo_net::Error| abort.or(Fault::plain(FaultKind::Offline));
        let signal = abort.controller.signal();
        let builder = match method {
            "POST" => Request::post(path),
            "PUT" => Request::put(path),
            "DELETE" => Request::delete(path),
            _ => Request::get(path),
        };
        let mut builder = builder.abort_signal(Some(&signal));
        let token = self.token();
        if !token.is_empty() {
            builder = builder.header("authorization", &["Bearer ", &token].concat());
        }
        let request = match body {
            Some(body) => builder.header("content-type", "application/json").body(body),
            None => builder.build(),
        };
        let response = request.map_err(offline)?.send().await.map_err(offline)?;
        Ok(heard(Response::from(response).into()))
    }

    /// The body, or what it says is wrong.
    pub(super) async fn read(&self, response: Response) -> Result<Json, Fault> {
        let offline = |_: JsValue| Fault::plain(FaultKind::Offline);
        let text = JsFuture::from(response.text().map_err(offline)?).await.map_err(offline)?;
        let json = text.as_string().as_deref().and_then(parse);
        let unreadable = || Fault::plain(FaultKind::Unreadable);
        if response.ok() {
            return if response.status() == 204 { Ok(Json::Null) } else { json.ok_or_else(unreadable) };
        }
        let retry_after =
            response.headers().get("retry-after").ok().flatten().and_then(|text| text.parse().ok());
        let refused = json.and_then(|json| json.read::<ErrorEnvelope>().ok());
        let kind =
            refused.map_or(FaultKind::Unreadable, |refused| FaultKind::Refused(Box::new(refused.error)));
        Err(Fault { kind, retry_after })
    }
}

/// A response, which also says what time it is for the server.
fn heard(response: JsValue) -> Response {
    let response: Response = response.unchecked_into();
    if let Ok(Some(date)) = response.headers().get("date") {
        server_time(&date);
    }
    response
}

/// One of `wire`'s types from an answer.
pub fn read<T: Read>(json: Json) -> Result<T, Fault> {
    json.read().map_err(|_| Fault::plain(FaultKind::Unreadable))
}

/// Ends a fetch when it takes too long, or is dropped.
pub(super) struct Abort {
    controller: AbortController,
    late: Rc<RefCell<bool>>,
    _guard: Subscription,
}

impl Abort {
    pub(super) fn after(milliseconds: i32) -> Self {
        let abort = Self::on_drop();
        let (controller, late) = (abort.controller.clone(), Rc::downgrade(&abort.late));
        spawn(Box::pin(async move {
            sleep(milliseconds).await;
            if let Some(late) = late.upgrade() {
                late.replace(true);
                controller.abort();
            }
        }));
        abort
    }

    pub(super) fn on_drop() -> Self {
        let controller = AbortController::new().expect("every browser of today has one");
        let aborted = controller.clone();
        Self { controller, late: Rc::default(), _guard: Subscription::new(move || aborted.abort()) }
    }

    fn or(&self, fault: Fault) -> Fault {
        if *self.late.borrow() { Fault::plain(FaultKind::Silent) } else { fault }
    }
}
