//! An admin connects a vendor account by consent: who may finish it, and what comes of everything that can go wrong.

use deskside::store::query;
use deskside_sandbox::{Fault, FaultRule, Matching, credentials};
use reqwest::{Url, header::ACCEPT_LANGUAGE, redirect::Policy};
use serde_json::{Value, json};

use crate::connections_console::{SEAL, deletes, one};
use crate::support::actors::{Answer, Visitor};
use crate::support::testbed::{Plan, Testbed, bed};

const ADMIN: u64 = credentials::ADMIN_ID;

pub fn sealed() -> Plan {
    bed().setting("server.seal_keys", SEAL)
}

/// A consent under way.
pub struct Consent {
    pub id: String,
    url: Url,
}

impl Consent {
    pub async fn begin(admin: &Visitor, body: &Value) -> Self {
        Self::begin_with(admin, "zendesk", body).await
    }

    pub async fn begin_with(admin: &Visitor, kind: &str, body: &Value) -> Self {
        let begun = admin.posts(&format!("/api/connections/{kind}/authorize"), body).await;
        assert_eq!(begun.verdict(), "201", "{}", begun.text);
        let text = |name: &str| begun.json()[name].as_str().expect("a text").to_owned();
        Self { id: text("id"), url: text("url").parse().expect("an address") }
    }

    pub fn of(&self, name: &str) -> String {
        self.url.query_pairs().find(|(key, _)| key == name).expect("a parameter").1.into_owned()
    }

    /// The vendor's page, where somebody agrees: path and query of the address to which it sends the browser.
    pub async fn agree(&self, user: u64) -> String {
        self.agree_at(&self.url, user).await
    }

    async fn agree_at(&self, url: &Url, user: u64) -> String {
        sent_back(url, &[("sandbox_user", &user.to_string())]).await
    }

    /// The same of Salesforce's pages.
    pub async fn decide(&self, user: &str, decision: &str) -> String {
        sent_back(&self.url, &[("sandbox_user", user), ("sandbox_decision", decision)]).await
    }

    pub async fn stands(&self, admin: &Visitor) -> Value {
        admin.gets(&format!("/api/authorizations/{}", self.id)).await.json()
    }

    pub async fn confirm(&self, admin: &Visitor, number: &str) -> Answer {
        admin.posts(&format!("/api/authorizations/{}/confirm", self.id), &json!({"number": number})).await
    }
}

/// Path and query of the address to which a vendor's page sends a browser that answers so.
async fn sent_back(page: &Url, answers: &[(&str, &str)]) -> String {
    let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
    let mut url = page.clone();
    url.query_pairs_mut().extend_pairs(answers);
    let agreed = http.get(url).send().await.expect("it answers");
    let back: Url = agreed.headers()["location"].to_str().expect("text").parse().expect("an address");
    format!("{}?{}", back.path(), back.query().unwrap_or_default())
}

pub fn wanted(bed: &Testbed) -> Value {
    json!({
        "name": "Acme by consent", "host": bed.sandbox.zendesk_url,
        "client": {"id": credentials::CLIENT_ID, "secret": credentials::CLIENT_SECRET},
    })
}

/// The page that a browser sees which comes back: its status and code.
pub async fn comes_back(bed: &Testbed, path: &str) -> (Answer, String) {
    let page = bed.stranger().gets(path).await;
    let code =
        page.text.split("data-code=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let code = format!("{} {code}", page.status);
    (page, code)
}

pub fn number(page: &Answer) -> String {
    let after = page.text.split("data-testid=\"consent-number\">").nth(1).expect("a number");
    after.split('<').next().expect("its end").to_owned()
}

#[tokio::test]
async fn an_admin_connects_by_consent_and_confirms_with_the_number() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let consent = Consent::begin(&admin, &wanted(bed)).await;
            assert_eq!(consent.of("code_challenge_method"), "S256");
            assert_eq!(consent.of("redirect_uri"), format!("{}/oauth/callback", bed.url()));
            assert_eq!(consent.stands(&admin).await["state"], "waiting");
            let (page, code) = comes_back(bed, &consent.agree(ADMIN).await).await;
            assert_eq!(code, "200 granted", "{}", page.text);
            assert!(page.text.contains(credentials::ADMIN_EMAIL), "{}", page.text);
            let stands = consent.stands(&admin).await;
            assert_eq!(
                (&stands["state"], &stands["user"]),
                (&json!("granted"), &json!(credentials::ADMIN_EMAIL))
            );
            assert_eq!(count(bed, "connections").await, 0, "nothing is connected yet");
            assert_eq!(consent.confirm(&admin, "12").await.verdict(), "422 authorization_number_wrong");
            let kept = consent.confirm(&admin, &number(&page)).await;
            assert_eq!(kept.verdict(), "200", "{}", kept.text);
            let id = kept.json()["connection"]["id"].as_str().expect("an id").to_owned();
            assert_eq!(one(&admin, &id).await["state"], "connected");
            let tried = admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await.json();
            assert_eq!(tried["ok"], true, "{tried}");
            assert_eq!(consent.confirm(&admin, &number(&page)).await.verdict(), "404 authorization_invalid");
            // Disconnected: the vendor does not take the tokens any more.
            let ended = admin.posts(&format!("/api/connections/{id}/disconnect"), &json!({})).await.json();
            assert_eq!((&ended["revoked"], live_tokens(bed).await), (&json!(true), 0));
        })
        .await;
}

#[tokio::test]
async fn a_connection_of_somebody_who_is_no_admin_does_not_work() {
    sealed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let consent = Consent::begin(&admin, &wanted(bed)).await;
            let (page, code) = comes_back(bed, &consent.agree(credentials::AGENT_ID).await).await;
            assert_eq!(code, "200 granted", "{}", page.text);
            let kept = consent.confirm(&admin, &number(&page)).await;
            assert_eq!(kept.verdict(), "200", "{}", kept.text);
            let id = kept.json()["connection"]["id"].as_str().expect("an id").to_owned();
            let tried = admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await.json();
            assert_eq!(tried["ok"], false, "{tried}");
            let steps = tried["steps"].as_array().expect("steps");
            let step = steps.iter().find(|step| step["name"] == "user").expect("a step");
            let said = step["message"].as_str().expect("a sentence");
            assert!(said.contains("lets only admins export users"), "{step}");
            assert!(
                step["hint"].as_str().is_some_and(|hint| hint.contains("let an admin connect")),
                "{step}"
            );
        })
        .await;
}

async fn count(bed: &Testbed, table: &'static str) -> u64 {
    let sql = if table == "connections" {
        "SELECT count(*) AS n FROM connections"
    } else {
        "SELECT count(*) AS n FROM authorizations"
    };
    query(sql).one(&bed.db).await.expect("a row").get("n").expect("a number")
}

/// Tokens with a refresh token that Zendesk would still take.
pub async fn live_tokens(bed: &Testbed) -> usize {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let all = http.get(format!("{}/api/v2/oauth/tokens.json", bed.sandbox.zendesk_url));
    let all = all.basic_auth(format!("{}/token", credentials::ADMIN_EMAIL), Some(credentials::API_TOKEN));
    let all: Value = all.send().await.expect("it answers").json().await.expect("JSON");
    let tokens = all["tokens"].as_array().expect("a list");
    tokens.iter().filter(|token| !token["refresh_token"].is_null()).count()
}

#[tokio::test]
async fn a_consent_is_the_admins_who_began_it_in_that_session() {
    sealed()
        .with_second_account()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let consent = Consent::begin(&admin, &wanted(bed)).await;
            let (page, _) = comes_back(bed, &consent.agree(ADMIN).await).await;
            let number = number(&page);
            let others = [
                ("the same admin in another session", bed.agent(ADMIN).await, "404 authorization_invalid"),
                (
                    "an admin of another account",
                    bed.agent_of_second(ADMIN).await,
                    "404 authorization_invalid",
                ),
                ("an agent", bed.agent(credentials::AGENT_ID).await, "403 admin_only"),
            ];
            for (who, other, expected) in &others {
                let path = format!("/api/authorizations/{}", consent.id);
                assert_eq!(other.gets(&path).await.verdict(), *expected, "{who}");
                assert_eq!(consent.confirm(other, &number).await.verdict(), *expected, "{who}");
                assert_eq!(deletes(other, &path).await.verdict(), *expected, "{who}");
            }
            assert_eq!(consent.confirm(&admin, &number).await.verdict(), "200");
        })
        .await;
}

#[tokio::test]
async fn a_state_is_good_for_one_answer_within_ten_minutes() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let consent = Consent::begin(&admin, &wanted(bed)).await;
            let back = consent.agree(ADMIN).await;
            assert_eq!(comes_back(bed, &back).await.1, "200 granted");
            assert_eq!(comes_back(bed, &back).await.1, "400 authorization_invalid", "replayed");
            for odd in [
                "/oauth/callback",
                "/oauth/callback?state=x&code=y",
                "/oauth/callback?state=%00",
                "/oauth/callback?state=a&state=b",
            ] {
                assert_eq!(comes_back(bed, odd).await.1, "400 authorization_invalid", "{odd}");
            }
            let late = Consent::begin(&admin, &wanted(bed)).await;
            let back = late.agree(ADMIN).await;
            bed.pass(601);
            assert_eq!(comes_back(bed, &back).await.1, "400 authorization_invalid", "too late");
            let replaced = Consent::begin(&admin, &wanted(bed)).await;
            let newer = Consent::begin(&admin, &wanted(bed)).await;
            assert_eq!(comes_back(bed, &replaced.agree(ADMIN).await).await.1, "400 authorization_invalid");
            assert_eq!(comes_back(bed, &newer.agree(ADMIN).await).await.1, "200 granted");
            assert_eq!(count(bed, "connections").await, 0);
        })
        .await;
}

#[tokio::test]
async fn what_the_vendor_refuses_is_said_on_the_page_and_in_the_console() {
    sealed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let check = async |answer: &dyn Fn(&str) -> String, expected: &str, words: &str| {
                let consent = Consent::begin(&admin, &wanted(bed)).await;
                let (page, code) = comes_back(bed, &answer(&consent.of("state"))).await;
                assert_eq!(code, expected, "{}", page.text);
                assert!(page.text.contains(words), "{}", page.text);
                let stands = consent.stands(&admin).await;
                let told = stands["problem"]["code"].as_str().unwrap_or_default();
                assert_eq!(
                    (stands["state"].as_str(), expected.ends_with(told)),
                    (Some("failed"), true),
                    "{stands}"
                );
                assert_eq!(consent.confirm(&admin, "000000").await.verdict(), "404 authorization_invalid");
            };
            let with =
                |more: &'static str| move |state: &str| format!("/oauth/callback?state={state}&{more}");
            check(
                &with("error=access_denied"),
                "403 authorization_denied",
                "Access was not allowed in Zendesk",
            )
            .await;
            check(
                &with("error=access-denied&error_description=end-user+denied+authorization"),
                "403 authorization_denied",
                "not allowed",
            )
            .await;
            check(
                &with("error=invalid_client&error_description=app+must+be+installed+into+org"),
                "403 app_not_installed",
                "External Client App",
            )
            .await;
            check(&with("error=OAUTH_APPROVAL_ERROR_GENERIC"), "403 app_not_installed", "not installed")
                .await;
            check(&with("error=server_error"), "502 authorization_failed", "(server_error)").await;
            check(
                &with("error=%3Cscript%3Ealert(1)%3C/script%3E"),
                "502 authorization_failed",
                "did not give consent",
            )
            .await;
            check(&with("code=made-up"), "502 authorization_failed", "does not accept the code").await;
            check(&with("x=1"), "502 authorization_failed", "neither a code nor an error").await;
            assert_eq!(count(bed, "connections").await, 0);
        })
        .await;
}

#[tokio::test]
async fn a_consent_with_another_verifier_or_fewer_scopes_connects_nothing() {
    sealed()
        .run(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let changed = |consent: &Consent, name: &str, value: &str| {
                let mut url = consent.url.clone();
                let pairs: Vec<(String, String)> = consent.url.query_pairs().into_owned().collect();
                let pairs = pairs
                    .into_iter()
                    .map(|(key, old)| if key == name { (key, value.to_owned()) } else { (key, old) });
                url.query_pairs_mut().clear().extend_pairs(pairs.collect::<Vec<_>>());
                url
            };
            let consent = Consent::begin(&admin, &wanted(bed)).await;
            let url = changed(&consent, "code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
            let (page, code) = comes_back(bed, &consent.agree_at(&url, ADMIN).await).await;
            assert_eq!(code, "502 authorization_failed", "{}", page.text);
            let consent = Consent::begin(&admin, &wanted(bed)).await;
            let url = changed(&consent, "scope", "read");
            let (page, code) = comes_back(bed, &consent.agree_at(&url, ADMIN).await).await;
            assert_eq!(code, "403 authorization_scope", "{}", page.text);
            assert!(page.text.contains("did not grant write"), "{}", page.text);
            assert_eq!(live_tokens(bed).await, 0, "what was granted is revoked");
        })
        .await;
}

#[tokio::test]
async fn five_wrong_numbers_end_a_consent_and_giving_up_revokes_it() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let consent = Consent::begin(&admin, &wanted(bed)).await;
            let (page, _) = comes_back(bed, &consent.agree(ADMIN).await).await;
            for _ in 0..5 {
                assert_eq!(consent.confirm(&admin, "1").await.verdict(), "422 authorization_number_wrong");
            }
            assert_eq!(consent.confirm(&admin, &number(&page)).await.verdict(), "404 authorization_invalid");
            assert_eq!(live_tokens(bed).await, 1);
            let path = format!("/api/authorizations/{}", consent.id);
            assert_eq!(deletes(&admin, &path).await.verdict(), "204");
            assert_eq!((live_tokens(bed).await, count(bed, "authorizations").await), (0, 0));
        })
        .await;
}

#[tokio::test]
async fn tokens_are_renewed_every_week_and_forgotten_consents_revoked() {
    sealed()
        .run_on_each(async |bed| {
            let admin = bed.agent(ADMIN).await;
            let consent = Consent::begin(&admin, &wanted(bed)).await;
            let (page, _) = comes_back(bed, &consent.agree(ADMIN).await).await;
            let kept = consent.confirm(&admin, &number(&page)).await;
            let id = kept.json()["connection"]["id"].as_str().expect("an id").to_owned();
            let forgotten = Consent::begin(&admin, &wanted(bed)).await;
            comes_back(bed, &forgotten.agree(ADMIN).await).await;
            assert_eq!(live_tokens(bed).await, 2);
            let renewals =
                || bed.vendors().calls().iter().filter(|call| call.path == "/oauth/tokens").count();
            for week in 1..=3 {
                let before = renewals();
                // What only its last test says ends no token.
                let failed =
                    json!({"code": "test_failed", "sentence": "no admin", "what_to_do": "see"}).to_string();
                let noted =
                    query("UPDATE connections SET state = 'needs_attention', state_detail = $1").bind(failed);
                noted.execute(&bed.db).await.expect("a row");
                bed.pass(7 * 24 * 3600);
                bed.tick_schedules().await;
                bed.run_jobs_to_the_end().await;
                assert!(renewals() > before, "week {week}");
                assert_eq!(live_tokens(bed).await, 1, "week {week}");
            }
            let admin = bed.agent(ADMIN).await;
            let tried = admin.posts(&format!("/api/connections/{id}/test"), &json!({})).await.json();
            assert_eq!((&tried["ok"], &one(&admin, &id).await["state"]), (&json!(true), &json!("connected")));
            // The vendor is away: tried again. The vendor refuses: said once, never a loop.
            let on = Matching { path_prefix: Some("/oauth/tokens".to_owned()), ..Matching::default() };
            bed.vendors().fault(FaultRule {
                on,
                times: 1,
                skip: 0,
                fault: Fault::Status { status: 503, retry_after: None },
            });
            bed.pass(7 * 24 * 3600);
            bed.tick_schedules().await;
            bed.run_jobs_to_the_end().await;
            let admin = bed.agent(ADMIN).await;
            assert_eq!(one(&admin, &id).await["state"], "connected");
        })
        .await;
}

#[tokio::test]
async fn the_page_speaks_the_languages_of_browsers() {
    sealed()
        .run(async |bed| {
            for (language, words, why) in [
                ("ja,en;q=0.8", "接続されませんでした", "<p>この認可は無効か、期限切れです。"),
                ("ko-KR", "연결되지 않았습니다", "<p>승인이 유효하지 않거나 만료되었습니다."),
                ("fr", "Nothing was connected", "<p lang=\"en\">This consent is unknown, expired"),
            ] {
                let request = bed.stranger().request(reqwest::Method::GET, "/oauth/callback?state=x");
                let page = Answer::to(request.header(ACCEPT_LANGUAGE, language)).await;
                assert!(page.text.contains(words) && page.text.contains(why), "{}", page.text);
                assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
            }
        })
        .await;
}
