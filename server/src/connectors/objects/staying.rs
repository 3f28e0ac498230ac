//! How a store in the network is reached: where the settings say, and nowhere else. What is sent there is a customer's file
//! under our signature, so nobody may send us on. **Invariant:** no redirect is followed.

use std::time::Duration;

use async_trait::async_trait;
use object_store::{
    ClientConfigKey, ClientOptions,
    client::{HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService},
};
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};

use super::refusal::Refusal;

/// For the store; and for the machine's own service that knows its role, where that is asked.
const CONNECT: Duration = Duration::from_secs(5);
const CONNECT_NEARBY: Duration = Duration::from_secs(1);

/// The store sends us elsewhere.
#[derive(Debug, thiserror::Error)]
#[error("answered {status}, a redirect, which is not followed")]
pub(super) struct Elsewhere {
    status: u16,
    /// Where the bucket is, if the store says it.
    pub(super) region: Option<String>,
}

/// The machine's own service does not answer, or knows no role.
#[derive(Debug, thiserror::Error)]
#[error("this machine has no role for the store, and no other credentials are set")]
pub(super) struct NoRole;

/// How the paths of that service begin: AWS's, Google's and Azure's.
const OF_THE_MACHINE: [&str; 4] =
    ["/latest/api/token", "/latest/meta-data/", "/computeMetadata/", "/metadata/identity/"];

/// Makes clients that stay.
#[derive(Debug)]
pub(super) struct Staying {
    /// For one whole call.
    pub timeout: Duration,
    /// Of the store itself; the machine's own service is always asked without TLS.
    pub allow_http: bool,
}

impl HttpConnector for Staying {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let plain = options.get_config_value(&ClientConfigKey::AllowHttp).is_some_and(|flag| flag == "true");
        let client = reqwest::Client::builder()
            .user_agent(concat!("Deskside/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(if plain && !self.allow_http { CONNECT_NEARBY } else { CONNECT })
            .timeout(self.timeout)
            .https_only(!plain)
            .http1_only() // a connection for each part
            .redirect(Policy::none())
            // An object's length is the one that is stored.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .build();
        let client = client
            .map_err(|error| object_store::Error::Generic { store: "HTTP", source: Box::new(error) })?;
        Ok(HttpClient::new(Stays(client)))
    }
}

#[derive(Debug)]
struct Stays(reqwest::Client);

#[async_trait]
impl HttpService for Stays {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let deletes = request.method() == Method::POST && request.uri().query() == Some("delete");
        let of_the_machine = OF_THE_MACHINE.iter().any(|start| request.uri().path().starts_with(start));
        let answer = match HttpService::call(&self.0, request).await {
            Err(_) if of_the_machine => return Err(HttpError::new(HttpErrorKind::Unknown, NoRole)),
            answer => answer?,
        };
        match answer.status().as_u16() {
            400..500 if of_the_machine => Err(HttpError::new(HttpErrorKind::Unknown, NoRole)),
            // Of a kind that is not tried again.
            status @ (300..=303 | 305..=308) => {
                let region = answer.headers().get("x-amz-bucket-region");
                let region = region.and_then(|region| region.to_str().ok()).map(str::to_owned);
                Err(HttpError::new(HttpErrorKind::Unknown, Elsewhere { status, region }))
            }
            200 if deletes => honest(answer).await,
            _ => Ok(answer),
        }
    }
}

/// A deletion is answered by 200 also where it is refused; then this is the status that one object's deletion would have.
/// The library reads such an answer only where it names a key that was asked for.
async fn honest(answer: HttpResponse) -> Result<HttpResponse, HttpError> {
    let (mut parts, body) = answer.into_parts();
    let body = body.bytes().await?;
    let text = String::from_utf8_lossy(&body);
    if text.contains("<Error") {
        parts.status = match Refusal::read(&text) {
            Some(Refusal::Passes) => StatusCode::SERVICE_UNAVAILABLE,
            None if text.contains("<Code>NoSuchKey</Code>") => StatusCode::NOT_FOUND,
            _ => StatusCode::FORBIDDEN,
        };
    }
    Ok(HttpResponse::from_parts(parts, body.into()))
}
