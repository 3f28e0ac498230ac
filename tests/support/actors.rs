//! Whoever talks to the server, and what they get. **Invariants, checked on every answer:** no cookie is set, and every
//! refusal wears the one envelope under its request id.

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, SET_COOKIE};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use wire::SessionDocument;

use super::described;

/// Somebody with, or without, a session.
#[derive(Clone)]
pub struct Visitor {
    http: reqwest::Client,
    url: String,
    bearer: Option<String>,
}

impl Visitor {
    /// A stranger to the server at `url`.
    pub fn at(url: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        // Nobody here speaks TLS, and reading the machine's certificates takes longer than most visits.
        let http = http.tls_certs_only([]).build().expect("nothing of the machine is needed");
        Self { http, url: url.to_owned(), bearer: None }
    }

    /// The same person with this bearer.
    pub fn with_bearer(&self, bearer: &str) -> Self {
        Self { bearer: Some(bearer.to_owned()), ..self.clone() }
    }

    /// The same person at another server.
    pub fn moves_to(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// The bearer in hand.
    pub fn bearer(&self) -> &str {
        self.bearer.as_deref().expect("this visitor has a session")
    }

    /// A request that is not sent yet.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.bearer {
            Some(bearer) => request.header(AUTHORIZATION, format!("Bearer {bearer}")),
            None => request,
        }
    }

    /// `GET`.
    pub async fn gets(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    /// `POST` with a JSON body.
    pub async fn posts(&self, path: &str, body: &Value) -> Answer {
        Answer::to(self.request(Method::POST, path).json(body)).await
    }

    /// Zendesk's frame opens the app's page with a signed token, as browsers do.
    pub async fn opens_page(&self, location: &str, token: &str) -> Answer {
        let request = self.request(Method::POST, &format!("/zendesk/{location}"));
        Answer::to(request.header(ACCEPT, "text/html").form(&[("token", token)])).await
    }

    /// The sidebar asks for a ticket's card, without what was read a moment ago.
    pub async fn card(&self, ticket: u64) -> Answer {
        self.gets(&format!("/api/tickets/{ticket}/card?refresh=true")).await
    }

    /// The sidebar asks for a ticket's attachments.
    pub async fn attachments(&self, ticket: u64) -> Answer {
        self.gets(&format!("/api/tickets/{ticket}/archive")).await
    }

    /// The button for all attachments; the run's id.
    pub async fn archives(&self, ticket: u64) -> String {
        self.archives_only(ticket, &json!({})).await
    }

    /// The button for some attachments; the run's id.
    pub async fn archives_only(&self, ticket: u64, wish: &Value) -> String {
        let started = self.posts(&format!("/api/tickets/{ticket}/archive"), wish).await;
        assert_eq!(started.verdict(), "202");
        started.json()["run"]["id"].as_str().expect("the run has an id").to_owned()
    }

    /// Flex says what the agent did with a task.
    pub async fn pops(&self, task: &str, stage: &str, attributes: &Value) -> Answer {
        let body = json!({"attributes": attributes, "stage": stage});
        self.posts(&format!("/api/engagements/{task}/pop"), &body).await
    }
}

/// What somebody got.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// All of the body.
    pub text: String,
}

impl Answer {
    /// Sends a request.
    pub async fn to(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let (method, path) = (request.method().to_string(), request.url().path().to_owned());
        let answer = client.execute(request).await.expect("the server answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("the whole answer arrives");
        let answer = Self { status, headers, text };
        answer.is_well_formed();
        if !answer.is_page() {
            let code =
                (status >= 400).then(|| answer.json()["error"]["code"].as_str().map(str::to_owned)).flatten();
            described::check(&method, &path, status, code.as_deref());
        }
        answer
    }

    fn is_well_formed(&self) {
        assert!(!self.headers.contains_key(SET_COOKIE), "a cookie was set: {self:?}");
        let id = self.header("x-request-id");
        assert!(!id.is_empty(), "an answer without a request id: {self:?}");
        if self.status >= 400 && !self.is_page() {
            let error = &self.json()["error"];
            assert_eq!(error["request_id"], id, "{self:?}");
            assert!(error["message"].as_str().is_some_and(|words| words.contains(' ')), "{self:?}");
        }
    }

    fn is_page(&self) -> bool {
        self.header(CONTENT_TYPE.as_str()).starts_with("text/html")
    }

    /// A header, empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("this is not JSON: {self:?}"))
    }

    /// The status, and the code where it is a refusal: `404 ticket_not_found`.
    pub fn verdict(&self) -> String {
        if self.status < 400 {
            return self.status.to_string();
        }
        let code = if self.is_page() {
            let code = self.text.split_once("data-code=\"").and_then(|(_, rest)| rest.split_once('"'));
            code.map(|(code, _)| code.to_owned())
        } else {
            self.json()["error"]["code"].as_str().map(ToOwned::to_owned)
        };
        format!("{} {}", self.status, code.unwrap_or_else(|| format!("without a code: {}", self.text)))
    }

    /// The session inside a page, or of a renewal.
    pub fn session(&self) -> SessionDocument {
        let is_built = !self.text.contains("built without the app");
        assert!(is_built, "the app is not built; run `cargo xtask app` once");
        assert_eq!(self.verdict(), "200", "no session");
        let document = if self.is_page() {
            let marked = "<script type=\"application/json\" id=\"deskside-session\">";
            let document = self.text.split_once(marked).and_then(|(_, rest)| rest.split_once("</script>"));
            document.expect("the page holds its session").0
        } else {
            &self.text
        };
        serde_json::from_str(document).expect("a session document")
    }
}
