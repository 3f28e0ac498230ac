//! Twilio calls: the workspace's callback, and the sinks of Event Streams; signed, and what a sink does not take is sent
//! again. **Invariant:** nothing is sent while the account's lock is held, and a repeated event is the same event.

use std::{sync::atomic::Ordering, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::{Twilio, event::Event};
use crate::{credentials::TWILIO_AUTH_TOKEN, world::World};

/// How long Twilio waits. Source: TaskRouter's event reference; Event Streams' webhook quickstart.
const CALLBACK_WAITS: Duration = Duration::from_secs(15);
const SINK_WAITS: Duration = Duration::from_secs(5);
/// Twilio goes on for hours; a minute is enough for a restart.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
const ATTEMPTS: u32 = 10;

/// One send.
#[derive(Debug, Clone)]
pub(crate) enum Delivery {
    /// The workspace's callback: a form, once.
    Callback { url: String, form: Vec<(String, String)> },
    /// A sink: an array, until it is taken.
    Sink { destination: String, body: String },
}

/// Changes the account; what follows from that is sent once its lock is free.
pub(crate) fn changing<T>(world: &World, change: impl FnOnce(&mut Twilio, DateTime<Utc>) -> T) -> T {
    let now = world.now();
    let (changed, deliveries) = {
        let mut twilio = world.twilio();
        let changed = change(&mut twilio, now);
        let fresh = std::mem::take(&mut twilio.outbox);
        // Each by itself, as they happen.
        let deliveries: Vec<_> = if twilio.holds {
            vec![]
        } else {
            fresh.iter().flat_map(|event| to_send(&twilio, &[event])).collect()
        };
        twilio.happened.extend(fresh);
        (changed, deliveries)
    };
    for delivery in deliveries {
        let world = world.clone();
        world.delivering().fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            deliver(&world, &delivery).await;
            world.delivering().fetch_sub(1, Ordering::SeqCst);
        });
    }
    changed
}

/// Sends events now, in this order, whether or not they were sent before; a sink gets them as one batch. What each
/// receiver answered; 0: nothing in time.
pub(crate) async fn send_again(world: &World, ids: &[&str]) -> Vec<u16> {
    let deliveries = {
        let twilio = world.twilio();
        let find = |id: &&str| twilio.happened.iter().find(|event| event.id == *id);
        let events: Vec<_> = ids.iter().filter_map(find).collect();
        to_send(&twilio, &events)
    };
    let mut answers = Vec::new();
    for delivery in deliveries {
        answers.push(attempt(world, &delivery).await.unwrap_or(0));
    }
    answers
}

fn to_send(twilio: &Twilio, events: &[&Event]) -> Vec<Delivery> {
    let callback = twilio.callback.iter().flat_map(|url| {
        events.iter().map(|event| Delivery::Callback { url: url.clone(), form: event.form() })
    });
    let sinks = twilio.destinations().into_iter().filter_map(|(destination, types)| {
        let wanted = events.iter().filter(|event| types.contains(&event.type_name()));
        let clouds: Vec<Value> = wanted.map(|event| event.cloud()).collect();
        let body = Value::Array(clouds);
        (body != Value::Array(vec![])).then(|| Delivery::Sink { destination, body: body.to_string() })
    });
    callback.chain(sinks).collect()
}

async fn deliver(world: &World, delivery: &Delivery) {
    let mut pause = FIRST_PAUSE;
    for _ in 0..ATTEMPTS {
        let taken = matches!(attempt(world, delivery).await, Some(200..=299));
        if taken || matches!(delivery, Delivery::Callback { .. }) {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Sends once: the status, or nothing if there was no answer in time.
async fn attempt(world: &World, delivery: &Delivery) -> Option<u16> {
    let (url, signed, kind, body, patience) = match delivery {
        Delivery::Callback { url, form } => {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            let kind = "application/x-www-form-urlencoded; charset=utf-8";
            (url.clone(), sign(TWILIO_AUTH_TOKEN, url, form), kind, body, CALLBACK_WAITS)
        }
        Delivery::Sink { destination, body } => {
            let url = hashed(destination, body);
            let signed = sign(TWILIO_AUTH_TOKEN, &url, &[]);
            (url, signed, "application/json", body.clone(), SINK_WAITS)
        }
    };
    let request = world.http().post(url).timeout(patience).body(body);
    let request = request.header("content-type", kind).header("user-agent", "TwilioProxy/1.1");
    let response = request.header("x-twilio-signature", signed).send().await.ok()?;
    Some(response.status().as_u16())
}

/// The URL that speaks for a body that is no form.
fn hashed(destination: &str, body: &str) -> String {
    let sign = if destination.contains('?') { '&' } else { '?' };
    format!("{destination}{sign}bodySHA256={}", hex::encode(Sha256::digest(body)))
}

/// Base64 of the HMAC-SHA1 over the URL and the fields, sorted by name, without separators.
fn sign(token: &str, url: &str, form: &[(String, String)]) -> String {
    let mut fields = form.to_vec();
    fields.sort();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_signature_is_the_one_that_openssl_computes() {
        let form = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675310"),
            ("Digits", "1234"),
            ("From", "+14158675310"),
            ("To", "+18005551212"),
        ];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(super::sign("12345", url, &form), "GvWf1cFY/Q7PnoempGyD5oXAezc=");
    }
}
