//! A vendor for tests: answers what it was told to, in order, and remembers what it was asked. Knows no vendor.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use url::Url;

use super::{Net, http_client};
use crate::clock::Clock;

/// What the stub was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// `PUT /path?query`.
    pub(super) line: String,
    pub(super) authorization: Option<String>,
    pub(super) body: String,
}

/// One answer.
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
}

/// A JSON answer.
pub(super) fn told(status: u16, body: &str) -> Told {
    Told {
        status,
        headers: vec![("content-type", "application/json".into())],
        body: Body::from(body.to_owned()),
    }
}

impl Told {
    pub(super) fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.to_owned()));
        self
    }
}

/// Listens on a free port of its own.
#[derive(Clone)]
pub(super) struct Stub {
    pub(super) url: Url,
    state: Arc<Mutex<Remembered>>,
}

#[derive(Default)]
struct Remembered {
    answers: HashMap<String, VecDeque<Told>>,
    asked: Vec<Asked>,
}

impl Stub {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::<Mutex<Remembered>>::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: Url::parse(&format!("http://{address}")).expect("a URL"), state }
    }

    /// The next answer to `line`, like `GET /path`; the query does not count.
    pub(super) fn tell(&self, line: &str, told: Told) -> &Self {
        self.state.lock().expect("no panic").answers.entry(line.to_owned()).or_default().push_back(told);
        self
    }

    /// Forgets what it was told.
    pub(super) fn drop_answers(&self) -> &Self {
        self.state.lock().expect("no panic").answers.clear();
        self
    }

    /// What it was asked, without the lines that begin with `but`.
    pub(super) fn asked(&self, but: &str) -> Vec<Asked> {
        let state = self.state.lock().expect("no panic");
        state.asked.iter().filter(|asked| but.is_empty() || !asked.line.starts_with(but)).cloned().collect()
    }
}

async fn answer(
    State(state): State<Arc<Mutex<Remembered>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut state = state.lock().expect("no panic");
    let authorization = headers.get("authorization").map(|value| value.to_str().expect("text").to_owned());
    let body = String::from_utf8_lossy(&body).into_owned();
    state.asked.push(Asked { line: format!("{method} {uri}"), authorization, body });
    let line = format!("{method} {}", uri.path());
    let told = state.answers.get_mut(&line).and_then(VecDeque::pop_front);
    let told = told.unwrap_or_else(|| told_nothing(&line));
    let response = Response::builder().status(told.status);
    let response =
        told.headers.into_iter().fold(response, |response, (name, value)| response.header(name, value));
    response.body(told.body).expect("a response")
}

fn told_nothing(line: &str) -> Told {
    told(501, &format!("the stub was told nothing about {line}"))
}

/// Loopback only, and quick to give up.
pub(super) fn loopback() -> Net {
    Net { allow_private: vec!["127.0.0.0/8".parse().expect("a range")], ..Net::default() }
}

/// The client that production has, for loopback.
pub(super) fn http() -> reqwest::Client {
    http_client(&loopback())
}

/// A Sunday noon.
pub(super) fn clock() -> Clock {
    Clock::stopped_at("2026-11-22T12:00:00Z".parse().expect("a time"))
}
