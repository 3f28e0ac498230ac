//! Webhooks and triggers: what is asked, what is sent, what is understood.

use secrecy::ExposeSecret;
use serde_json::json;

use super::{OAUTH, bed, calls};
use crate::connectors::stub::told;
use crate::connectors::zendesk::{Action, Condition, Conditions, TriggerSpec, WebhookSpec};
use crate::connectors::{FailureKind, VendorError};

fn webhook() -> WebhookSpec {
    WebhookSpec {
        name: "Archive".into(),
        status: "active".into(),
        endpoint: "https://desk.example.com/hooks".into(),
        http_method: "POST".into(),
        request_format: "json".into(),
        subscriptions: vec!["conditional_ticket_events".into()],
    }
}

fn trigger() -> TriggerSpec {
    let condition =
        Condition { field: "current_tags".into(), operator: "includes".into(), value: json!("a b") };
    TriggerSpec {
        description: None,
        title: "Archive".into(),
        active: true,
        conditions: Conditions { all: vec![condition], any: Vec::new() },
        actions: vec![Action { field: "notification_webhook".into(), value: json!(["01H", "{}"]) }],
    }
}

#[tokio::test]
async fn what_zendesk_keeps_is_read_liberally_and_to_the_last_page() {
    let bed = bed().await;
    let page = |row: &str, more: bool| {
        told(200, &format!(r#"{{"webhooks":[{row}],"meta":{{"has_more":{more},"after_cursor":"x"}}}}"#))
    };
    let line = "GET /api/v2/webhooks";
    bed.zendesk
        .tell(
            line,
            page(r#"{"id":"01A","name":null,"subscriptions":null,"authentication":{"type":"new"}}"#, true),
        )
        .tell(line, page(r#"{"id":"01B","endpoint":"https://x.example.com/","status":"active"}"#, false))
        .tell(
            "GET /api/v2/triggers",
            told(
                200,
                r#"{"triggers":[{"id":7,"conditions":{"all":[{"field":"brand_id","value":7}],"any":null},
                "actions":[{"field":"notification_user","value":["a",1]}]}],"meta":{"has_more":false}}"#,
            ),
        );
    let webhooks = bed.client.webhooks().await.expect("webhooks");
    assert_eq!(webhooks.iter().map(|webhook| webhook.id.as_str()).collect::<Vec<_>>(), ["01A", "01B"]);
    let triggers = bed.client.triggers().await.expect("triggers");
    assert_eq!((triggers[0].id, triggers[0].is.active), (7, false));
    assert_eq!(
        calls(&bed.zendesk),
        [
            format!("{line}?page%5Bsize%5D=100 by token-1"),
            format!("{line}?page%5Bsize%5D=100&page%5Bafter%5D=x by token-1"),
            "GET /api/v2/triggers?page%5Bsize%5D=100 by token-1".to_owned(),
        ]
    );
}

#[tokio::test]
async fn what_is_made_and_mended_says_what_it_must_and_no_more() {
    let bed = bed().await;
    bed.zendesk
        .tell("POST /api/v2/webhooks", told(201, r#"{"webhook":{"id":"01H"}}"#))
        .tell("PATCH /api/v2/webhooks/01%2FH", told(204, ""))
        .tell("POST /api/v2/triggers", told(201, r#"{"trigger":{"id":7}}"#))
        .tell("PUT /api/v2/triggers/7", told(200, "{}"));
    assert_eq!(bed.client.create_webhook(&webhook()).await.expect("made").id, "01H");
    bed.client.update_webhook("01/H", &webhook()).await.expect("mended");
    assert_eq!(bed.client.create_trigger(&trigger()).await.expect("made").id, 7);
    bed.client.update_trigger(7, &trigger()).await.expect("mended");
    let bodies: Vec<_> = bed.zendesk.asked(OAUTH).into_iter().map(|asked| asked.body).collect();
    let webhook = r#"{"webhook":{"endpoint":"https://desk.example.com/hooks","http_method":"POST","name":"Archive","request_format":"json","status":"active","subscriptions":["conditional_ticket_events"]}}"#;
    let trigger = r#"{"trigger":{"actions":[{"field":"notification_webhook","value":["01H","{}"]}],"active":true,"conditions":{"all":[{"field":"current_tags","operator":"includes","value":"a b"}],"any":[]},"title":"Archive"}}"#;
    assert_eq!(bodies, [webhook, webhook, trigger, trigger]);
}

#[tokio::test]
async fn a_signing_secret_is_read_and_never_shown() {
    let bed = bed().await;
    let line = "GET /api/v2/webhooks/01H/signing_secret";
    bed.zendesk
        .tell(line, told(200, r#"{"signing_secret":{"secret":"c2VjcmV0","algorithm":"SHA256"}}"#))
        .tell(line, told(403, r#"{"error":{"title":"Forbidden","message":"no"}}"#));
    let secret = bed.client.signing_secret("01H").await.expect("a secret");
    assert_eq!(secret.expose_secret(), "c2VjcmV0");
    assert!(!format!("{secret:?}").contains("c2VjcmV0"));
    let refused = bed.client.signing_secret("01H").await.expect_err("an admin's secret");
    assert!(
        refused.is(FailureKind::Forbidden)
            && refused.to_string().contains("GET /api/v2/webhooks/{id}/signing_secret")
    );
}
