//! What an S3 server is sent: an endpoint in this process that writes every request down and says yes.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use object_store::PutPayload;

use super::{About, Objects, Settings};
use crate::connectors::Advice;

type Heard = Arc<Mutex<Vec<(String, HeaderMap)>>>;

async fn says_yes(State(heard): State<Heard>, request: Request) -> Response {
    let what = format!("{} {}", request.method(), request.uri());
    let starts = request.method() == Method::POST
        && request.uri().query().is_some_and(|query| query.starts_with("uploads"));
    heard.lock().expect("no panic").push((what, request.headers().clone()));
    let started = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>";
    let ended = "<CompleteMultipartUploadResult><ETag>\"1\"</ETag></CompleteMultipartUploadResult>";
    ([(header::ETAG, "\"1\"")], if starts { started } else { ended }).into_response()
}

async fn server(kms_key_id: Option<&str>, bucket_key: bool) -> (Objects, Heard) {
    let heard = Heard::default();
    let router = Router::new().fallback(says_yes).with_state(Arc::clone(&heard));
    (at(&listens(router).await, kms_key_id, bucket_key), heard)
}

/// The address of a server that answers so.
async fn listens(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    endpoint
}

fn at(endpoint: &str, kms_key_id: Option<&str>, bucket_key: bool) -> Objects {
    let settings = Settings {
        address: "s3://files".to_owned(),
        s3_endpoint: Some(endpoint.parse().expect("an address")),
        s3_region: Some("eu-west-1".to_owned()),
        s3_access_key_id: Some("AKIDESKSIDE".into()),
        s3_secret_access_key: Some("between the store and us".to_owned().into()),
        s3_allow_http: true,
        s3_kms_key_id: kms_key_id.map(ToOwned::to_owned),
        s3_bucket_key: bucket_key,
        ..Settings::default()
    };
    Objects::open(&settings).expect("no network")
}

/// The headers of a put and of the start of an upload in parts.
async fn sent(objects: &Objects, heard: &Heard, about: &About) -> [HeaderMap; 2] {
    objects.put_labelled("v1/a", PutPayload::from_static(b"abc"), about).await.expect("it says yes");
    let mut upload = objects.upload("v1/b", about).await.expect("it says yes");
    upload.part(vec![Bytes::from_static(b"abc")]).await.expect("it says yes");
    upload.finish().await.expect("it says yes");
    let heard = heard.lock().expect("no panic");
    ["PUT /files/v1/a", "POST /files/v1/b?uploads"].map(|wanted| {
        let found = heard.iter().find(|(what, _)| what.starts_with(wanted));
        found.unwrap_or_else(|| panic!("{wanted} is not in {heard:?}")).1.clone()
    })
}

#[tokio::test]
async fn objects_are_encrypted_with_the_key_of_the_settings_whole_and_in_parts() {
    const SSE: &str = "x-amz-server-side-encryption";
    const KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";
    const BUCKET_KEY: &str = "x-amz-server-side-encryption-bucket-key-enabled";
    for (key, bucket_key) in [(Some("alias/deskside"), true), (Some("alias/deskside"), false), (None, false)]
    {
        let (objects, heard) = server(key, bucket_key).await;
        for headers in sent(&objects, &heard, &About::default()).await {
            let found = [SSE, KEY, BUCKET_KEY]
                .map(|name| headers.get(name).map(|value| value.to_str().expect("text").to_owned()));
            let expected = key.map(|key| ["aws:kms".to_owned(), key.to_owned(), bucket_key.to_string()]);
            assert_eq!(found, expected.map_or([const { None }; 3], |all| all.map(Some)));
        }
    }
}

#[tokio::test]
async fn what_stands_beside_an_object_is_sent_in_headers_of_plain_letters() {
    let (objects, heard) = server(None, false).await;
    let about = About {
        content_type: "image/png".to_owned(),
        disposition: "attachment; filename=\"a  b見.png\"".to_owned(),
        more: vec![("name", "UTF-8''a.png".to_owned()), ("ticket", "42".to_owned())],
    };
    for headers in sent(&objects, &heard, &about).await {
        let text = |name: &str| headers[name].to_str().expect("plain letters").to_owned();
        assert_eq!(text("content-type"), "image/png");
        assert_eq!(text("content-disposition"), "attachment; filename=\"a b_.png\"");
        assert_eq!(
            (text("x-amz-meta-name"), text("x-amz-meta-ticket")),
            ("UTF-8''a.png".into(), "42".into())
        );
    }
}

#[tokio::test]
async fn a_store_that_redirects_gets_nothing_and_the_error_says_what_to_set() {
    for (status, leads) in [(301, true), (301, false), (302, true), (307, true), (308, true)] {
        let heard = Heard::default();
        let elsewhere = listens(Router::new().fallback(says_yes).with_state(Arc::clone(&heard))).await;
        let sends_on = move |request: Request| async move {
            let mut answer = StatusCode::from_u16(status).expect("a status").into_response();
            if leads {
                let there = format!("{elsewhere}{}", request.uri());
                answer.headers_mut().insert(header::LOCATION, there.parse().expect("an address"));
            }
            answer
        };
        let objects = at(&listens(Router::new().fallback(sends_on)).await, None, false);
        let about = About::default();
        let upload = async {
            let mut upload = objects.upload("v1/b", &about).await?;
            upload.part(vec![Bytes::from_static(b"abc")]).await?;
            upload.finish().await
        };
        let began = std::time::Instant::now();
        for (call, outcome) in [
            ("put", objects.put_new("v1/a", PutPayload::from_static(b"abc")).await.map(drop)),
            ("start upload", upload.await),
            ("head", objects.rename_new("v1/b", "v1/a", (1, "")).await.map(drop)),
            ("get", objects.read_back("v1/a").await.map(drop)),
        ] {
            let error = outcome.expect_err("it is not followed");
            assert_eq!(
                error.to_string(),
                format!(
                    "the archive sends `{call}` elsewhere, which is not followed; set archive.s3_region, or \
                     archive.s3_endpoint, to where the bucket is"
                ),
                "{status}"
            );
            assert_eq!(error.advice(), Advice::GiveUp);
        }
        assert!(began.elapsed().as_secs() < 5, "and nothing is tried again");
        assert!(heard.lock().expect("no panic").is_empty(), "{status}: {heard:?}");
    }
}

/// A store that says yes to everything but some calls, each with its answer: `delete` is `POST /files?delete`.
async fn refuses(call: fn(&Request) -> bool, status: u16, body: &'static str) -> Objects {
    let answers = move |request: Request| async move {
        if call(&request) {
            return (StatusCode::from_u16(status).expect("a status"), body).into_response();
        }
        says_yes(State(Heard::default()), request).await
    };
    at(&listens(Router::new().fallback(answers)).await, None, false)
}

fn is_delete(request: &Request) -> bool {
    request.method() == Method::DELETE
        || request.uri().query().is_some_and(|query| query.starts_with("delete"))
}

#[tokio::test]
async fn a_store_that_refuses_to_delete_says_so_whatever_form_its_no_has() {
    const DENIED: &str = "<DeleteResult><Error><Key>v1/a</Key><Code>AccessDenied</Code><Message>Access Denied</Message>\
                          </Error></DeleteResult>";
    for (status, body, code) in [
        (200, DENIED, "AccessDenied"),
        (
            200,
            "<DeleteResult><Error><Key>another</Key><Code>AccessDenied</Code></Error></DeleteResult>",
            "AccessDenied",
        ),
        (200, "<DeleteResult><Error><Code>AccessDenied</Code></Error></DeleteResult>", "AccessDenied"),
        (
            200,
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>",
            "AccessDenied",
        ),
        (403, "<Error><Code>AccessDenied</Code></Error>", "AccessDenied"),
        (501, "<Error><Code>NotImplemented</Code></Error>", "NotImplemented"),
        (405, "<Error><Code>MethodNotAllowed</Code></Error>", "MethodNotAllowed"),
        (400, "<Error><Code>InvalidRequest</Code></Error>", "InvalidRequest"),
    ] {
        let objects = refuses(is_delete, status, body).await;
        let deleted = objects.probe("v1/a").await.expect("it is written and read");
        let error = deleted.expect_err("it is not deleted");
        assert_eq!(error.to_string(), format!("the archive denies `delete` ({code})"), "{status}");
        assert_eq!(error.advice(), Advice::GiveUp);
    }
    // An outage is none, and what is gone already is deleted.
    for (status, body) in [
        (503, "<Error><Code>SlowDown</Code></Error>"),
        (200, "<DeleteResult><Error><Key>v1/a</Key><Code>InternalError</Code></Error></DeleteResult>"),
    ] {
        let objects = refuses(is_delete, status, body).await;
        assert_eq!(objects.probe("v1/a").await.expect_err("it is down").advice(), Advice::Retry, "{body}");
    }
    let objects =
        refuses(is_delete, 200, "<DeleteResult><Error><Code>NoSuchKey</Code></Error></DeleteResult>").await;
    assert!(objects.probe("v1/a").await.expect("it is written and read").is_ok());
}

#[tokio::test]
async fn a_redirect_that_names_the_region_is_passed_on_to_the_operator() {
    let sends_on =
        |_: Request| async { (StatusCode::MOVED_PERMANENTLY, [("x-amz-bucket-region", "us-east-1")]) };
    let objects = at(&listens(Router::new().fallback(sends_on)).await, None, false);
    let error = objects.read_back("v1/a").await.expect_err("it is elsewhere");
    assert_eq!(
        error.to_string(),
        "the archive's bucket is in the region `us-east-1`, so it refuses `get`; set archive.s3_region to `us-east-1`"
    );
}
