//! Where a company is told things: an incoming webhook of Slack, a catch hook of Zapier, and PagerDuty's events. Docs:
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>, <https://zapier.com/help> ("Trigger Zaps from
//! webhooks"). What arrives is kept, and shown at `/_sandbox/notices`.

pub(crate) mod pagerduty;
mod slack;
mod zapier;

use axum::{Router, middleware, routing::post};
use serde_json::{Value, json};

use crate::{
    control,
    gate::{self, Gate},
    world::World,
};

/// More are forgotten, the oldest first.
const KEPT: usize = 1_000;

pub(crate) fn router(world: World) -> Router {
    let gate = Gate { world: world.clone(), host: "notify" };
    Router::new()
        .route("/services/{team}/{service}/{secret}", post(slack::incoming))
        .route("/hooks/catch/{account}/{hook}", post(zapier::catch).put(zapier::catch).get(zapier::catch))
        .route("/v2/enqueue", post(pagerduty::enqueue))
        .route_layer(middleware::from_fn(gate::name_route))
        .merge(control::router())
        .with_state(world)
        .layer(middleware::from_fn_with_state(gate, gate::watch))
}

/// Remembers what arrived.
fn keep(world: &World, vendor: &str, to: &str, body: &Value) {
    let at = world.now();
    let mut account = world.account();
    if account.notices.len() >= KEPT {
        account.notices.remove(0);
    }
    account.notices.push(json!({"at": at, "vendor": vendor, "to": to, "body": body}));
}
