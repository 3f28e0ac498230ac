//! Tokens that nobody keeps are ended at their vendor, and nobody is told so before the vendor has said it.

use std::time::Duration;

use deskside::store::query;
use deskside_sandbox::{Fault, FaultId, FaultRule, Matching, credentials};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::connection_consent::{Consent, comes_back, live_tokens, number, sealed, wanted};
use crate::connections_console::{deletes, one, puts};
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::Testbed;

const ADMIN: u64 = credentials::ADMIN_ID;
const REVOKES: &str = "/api/v2/oauth/tokens/current";

/// A connection by consent, and its id.
pub async fn by_consent(bed: &Testbed, admin: &Visitor) -> String {
    let consent = Consent::begin(admin, &wanted(bed)).await;
    let (page, _) = comes_back(bed, &consent.agree(ADMIN).await).await;
    let kept = consent.confirm(admin, &number(&page)).await;
    assert_eq!(kept.verdict(), "200", "{}", kept.text);
    kept.json()["connection"]["id"].as_str().expect("an id").to_owned()
}

fn trouble(bed: &Testbed, path: &str, times: u32, fault: Fault) -> FaultId {
    let on = Matching { path_prefix: Some(path.to_owned()), ..Matching::default() };
    bed.vendors().fault(FaultRule { on, times, skip: 0, fault })
}

/// The vendor's token endpoint is asked, and does not answer before it is mended.
fn held(bed: &Testbed) -> FaultId {
    trouble(bed, "/oauth/tokens", 1, Fault::Held { held: true })
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..4_000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never: {what}");
}

/// A browser comes back from the vendor, in a task that can be ended.
fn browser(bed: &Testbed, path: &str) -> JoinHandle<Answer> {
    let request = bed.stranger().request(reqwest::Method::GET, path);
    tokio::spawn(Answer::to(request))
}

/// A consent whose browser came back, and whose vendor is asked for the tokens and does not answer yet.
async fn answered(bed: &Testbed, admin: &Visitor) -> (Consent, FaultId, JoinHandle<Answer>) {
    let consent = Consent::begin(admin, &wanted(bed)).await;
    let back = consent.agree(ADMIN).await;
    let held = held(bed);
    let tab = browser(bed, &back);
    until("the vendor is asked", async || bed.vendors().met(held) > 0).await;
    (consent, held, tab)
}

async fn ends(admin: &Visitor, id: &str) -> Value {
    let ended = admin.posts(&format!("/api/connections/{id}/disconnect"), &json!({})).await;
    assert_eq!(ended.verdict(), "200", "{}", ended.text);
    assert_eq!(ended.json()["connection"]["state"], "disconnected", "{}", ended.text);
    ended.json()
}

#[tokio::test]
async fn a_connection_that_was_changed_meanwhile_gets_no_tokens() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = by_consent(bed, &admin).await;
            let again = Consent::begin(&admin, &json!({"id": id})).await;
            let (page, code) = comes_back(bed, &again.agree(ADMIN).await).await;
            assert_eq!(code, "200 granted", "{}", page.text);
            let late = Consent::begin(&admin, &json!({"id": id})).await;
            assert_eq!(live_tokens(bed).await, 2);
            // Another admin leads it elsewhere.
            let elsewhere = json!({
                "version": one(&admin, &id).await["version"],
                "settings": {
                    "base_url": bed.sandbox.zendesk_url, "client_id": credentials::CLIENT_ID,
                    "flow": "client_credentials",
                },
                "secrets": {"client_secret": credentials::CLIENT_SECRET},
            });
            let changed = puts(&admin, &format!("/api/connections/{id}"), &elsewhere).await;
            assert_eq!(changed.verdict(), "200", "{}", changed.text);
            let refused = again.confirm(&admin, &number(&page)).await;
            assert_eq!(refused.verdict(), "409 connection_changed", "{}", refused.text);
            assert_eq!(live_tokens(bed).await, 1, "what was granted is revoked");
            let (page, code) = comes_back(bed, &late.agree(ADMIN).await).await;
            assert_eq!(code, "502 authorization_failed", "{}", page.text);
            assert!(page.text.contains("changed or deleted meanwhile"), "{}", page.text);
            assert_eq!(live_tokens(bed).await, 1, "its code was not used");
        })
        .await;
}

#[tokio::test]
async fn a_consent_goes_on_where_its_tab_is_closed_meanwhile() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let (consent, held, tab) = answered(bed, &admin).await;
            tab.abort();
            assert!(tab.await.is_err(), "it is closed");
            bed.vendors().mend(held);
            until("it is granted", async || consent.stands(&admin).await["state"] == "granted").await;
            let path = format!("/api/authorizations/{}", consent.id);
            assert_eq!(deletes(&admin, &path).await.verdict(), "204");
            assert_eq!(live_tokens(bed).await, 0);
        })
        .await;
}

#[tokio::test]
async fn a_consent_given_up_while_it_is_answered_leaves_no_tokens() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let (consent, held, tab) = answered(bed, &admin).await;
            let path = format!("/api/authorizations/{}", consent.id);
            assert_eq!(deletes(&admin, &path).await.verdict(), "204");
            bed.vendors().mend(held);
            let page = tab.await.expect("it ends");
            assert!(page.text.contains("data-code=\"authorization_invalid\""), "{}", page.text);
            assert_eq!(live_tokens(bed).await, 0);
        })
        .await;
}

#[tokio::test]
async fn who_disconnects_is_told_whether_access_was_revoked() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            // Whatever is wrong with it: the tokens are ended all the same.
            for code in ["client_refused", "scope_refused", "renewal_refused"] {
                let id = by_consent(bed, &admin).await;
                let wrong = json!({"code": code, "sentence": "it is wrong", "what_to_do": "mend it"});
                let noted = query(
                    "UPDATE connections SET state = 'needs_attention', state_detail = $1 WHERE id = $2",
                );
                noted.bind(wrong.to_string()).bind(&id).execute(&bed.db).await.expect("a row");
                assert_eq!(
                    (&ends(&admin, &id).await["revoked"], live_tokens(bed).await),
                    (&json!(true), 0),
                    "{code}"
                );
            }
            // The access token is over: the refresh token is ended by a new one.
            let id = by_consent(bed, &admin).await;
            bed.pass(3_700);
            let admin = bed.agent(ADMIN).await;
            assert_eq!((&ends(&admin, &id).await["revoked"], live_tokens(bed).await), (&json!(true), 0));
            // The secret does not open: nobody can show the tokens.
            let id = by_consent(bed, &admin).await;
            let locked = query("UPDATE connections SET key_id = 'lost' WHERE id = $1").bind(&id);
            locked.execute(&bed.db).await.expect("a row");
            let ended = ends(&admin, &id).await;
            assert_eq!((&ended["revoked"], live_tokens(bed).await), (&json!(false), 1));
            assert!(ended["hint"].as_str().expect("a hint").contains("Admin Center"), "{ended}");
            // The vendor is away.
            let id = by_consent(bed, &admin).await;
            let away = trouble(bed, REVOKES, 2, Fault::Status { status: 503, retry_after: None });
            let ended = ends(&admin, &id).await;
            assert_eq!((&ended["revoked"], bed.vendors().met(away)), (&json!(false), 2), "{ended}");
        })
        .await;
}

#[tokio::test]
async fn who_deletes_is_told_whether_access_was_revoked() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = by_consent(bed, &admin).await;
            let gone = deletes(&admin, &format!("/api/connections/{id}")).await;
            assert_eq!(
                (gone.verdict(), &gone.json()["revoked"]),
                ("200".into(), &json!(true)),
                "{}",
                gone.text
            );
            assert_eq!((one(&admin, &id).await, live_tokens(bed).await), (Value::Null, 0));
            let id = by_consent(bed, &admin).await;
            trouble(bed, REVOKES, 2, Fault::Status { status: 503, retry_after: None });
            let gone = deletes(&admin, &format!("/api/connections/{id}")).await.json();
            assert_eq!(gone["revoked"], false, "{gone}");
            assert!(gone["hint"].as_str().expect("a hint").contains("Admin Center"), "{gone}");
            assert_eq!(one(&admin, &id).await, Value::Null);
        })
        .await;
}

#[tokio::test]
async fn tokens_renewed_while_an_admin_disconnects_are_ended_too() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = by_consent(bed, &admin).await;
            bed.pass(3_700);
            let admin = bed.agent(ADMIN).await;
            let held = held(bed);
            let renewing = {
                let (admin, path) = (admin.clone(), format!("/api/connections/{id}/test"));
                tokio::spawn(async move { admin.posts(&path, &json!({})).await })
            };
            until("the vendor is asked", async || bed.vendors().met(held) > 0).await;
            let (ended, ()) = tokio::join!(ends(&admin, &id), async { bed.vendors().mend(held) });
            renewing.await.expect("it ends");
            assert_eq!((&ended["revoked"], live_tokens(bed).await), (&json!(true), 0));
        })
        .await;
}

#[tokio::test]
async fn who_connects_again_leaves_no_tokens_of_before() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = by_consent(bed, &admin).await;
            let again = async || {
                let consent = Consent::begin(&admin, &json!({"id": id})).await;
                let (page, _) = comes_back(bed, &consent.agree(ADMIN).await).await;
                let kept = consent.confirm(&admin, &number(&page)).await;
                assert_eq!(kept.verdict(), "200", "{}", kept.text);
                let tried = admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await.json();
                assert_eq!(tried["ok"], true, "{tried}");
            };
            assert_eq!(live_tokens(bed).await, 1);
            again().await;
            assert_eq!(live_tokens(bed).await, 1, "those of before are revoked");
            let away = trouble(bed, REVOKES, 2, Fault::Status { status: 503, retry_after: None });
            again().await;
            assert_eq!(
                (bed.vendors().met(away), live_tokens(bed).await),
                (2, 2),
                "and nobody is kept from it"
            );
        })
        .await;
}

#[tokio::test]
async fn one_that_keeps_no_secret_is_connected_again_by_consent() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let id = by_consent(bed, &admin).await;
            let authorize =
                async |body: Value| admin.posts("/api/connections/zendesk/authorize", &body).await;
            let again = async |more: Value| {
                let mut body = json!({"id": id});
                body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
                let consent = Consent::begin(&admin, &body).await;
                let (page, _) = comes_back(bed, &consent.agree(ADMIN).await).await;
                let kept = consent.confirm(&admin, &number(&page)).await;
                assert_eq!(kept.verdict(), "200", "{}", kept.text);
                let tried = admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await.json();
                assert_eq!(
                    (&tried["ok"], &one(&admin, &id).await["state"]),
                    (&json!(true), &json!("connected"))
                );
            };
            let needs_secret = async |body: Value| {
                let refused = authorize(body).await;
                assert_eq!(refused.verdict(), "422 connection_invalid", "{}", refused.text);
                assert_eq!(refused.json()["error"]["field"], "client_secret", "{}", refused.text);
            };
            let secret = json!({"client": {"secret": credentials::CLIENT_SECRET}});
            // Disconnected.
            ends(&admin, &id).await;
            needs_secret(json!({"id": id})).await;
            again(secret.clone()).await;
            // Its secret does not open.
            let locked = query("UPDATE connections SET key_id = 'lost'");
            locked.execute(&bed.db).await.expect("a row");
            needs_secret(json!({"id": id})).await;
            again(secret).await;
            // The kept one is sent to no other address, and to no other client.
            needs_secret(json!({"id": id, "host": "https://evil.example"})).await;
            needs_secret(json!({"id": id, "client": {"id": "another"}})).await;
            // Nothing is new: the kept one does.
            again(json!({"name": "Acme again"})).await;
            assert_eq!(one(&admin, &id).await["name"], "Acme again");
        })
        .await;
}
