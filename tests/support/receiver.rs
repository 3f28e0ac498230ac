//! Somebody who is told: takes what is posted and remembers it, and answers as it was asked to. **Invariant:** checks
//! signatures with code of its own.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;

/// What was posted.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Delivery {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Whether it was signed with this key: `t=SECONDS,v1=HEX` over `SECONDS.BODY`.
    pub fn is_signed_with(&self, key: &str) -> bool {
        let Some(header) = self.headers.get("x-deskside-signature") else { return false };
        let (at, signature) = header.to_str().expect("text").split_once(",v1=").expect("two parts");
        let at = at.strip_prefix("t=").expect("a time");
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
        mac.update(at.as_bytes());
        mac.update(b".");
        mac.update(&self.body);
        hex::encode(mac.finalize().into_bytes()) == signature
    }
}

/// Listens on a port of its own for as long as the test.
#[derive(Clone, Default)]
pub struct Receiver {
    heard: Arc<Mutex<Vec<Delivery>>>,
    answers: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    /// Starts listening: where, and who listens.
    pub async fn listen() -> (String, Self) {
        let receiver = Self::default();
        let router = Router::new().route("/hush", post(take)).with_state(receiver.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hush", listener.local_addr().expect("it is bound"));
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        (url, receiver)
    }

    /// The next deliveries are answered with these, and what comes after them is taken.
    pub fn answers(&self, statuses: &[u16]) {
        *self.answers.lock().expect("no panic") = statuses.iter().rev().copied().collect();
    }

    /// What was posted since it was asked last.
    pub fn heard(&self) -> Vec<Delivery> {
        std::mem::take(&mut *self.heard.lock().expect("no panic"))
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    receiver.heard.lock().expect("no panic").push(Delivery { headers, body });
    let answer = receiver.answers.lock().expect("no panic").pop().unwrap_or(200);
    StatusCode::from_u16(answer).expect("a status")
}
