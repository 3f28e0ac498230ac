//! Files: what is followed, what is refused, what ends early.

use std::error::Error as _;
use std::time::Duration;

use axum::body::Body;
use futures::{StreamExt, TryStreamExt, stream};

use super::{TICKET, bed, bed_with, calls, chain};
use crate::connectors::Advice::{GiveUp, Retry};
use crate::connectors::stub::{self, Stub, Told, told};
use crate::connectors::zendesk::{Download, TicketId, ZendeskError};
use crate::connectors::{FailureKind, Net, Refusal, VendorError};

async fn bytes(download: Download) -> Result<Vec<u8>, ZendeskError> {
    download
        .stream
        .try_fold(Vec::new(), async |mut all, chunk| {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
}

fn to(location: impl AsRef<str>) -> Told {
    told(302, "").with("location", location.as_ref())
}

#[tokio::test]
async fn a_file_comes_from_another_host_and_our_token_does_not_go_there() {
    let (bed, files) = (bed().await, Stub::start().await);
    bed.zendesk
        .tell("GET /attachments/token/x/", to("/hop"))
        .tell("GET /hop", to(files.url.join("/f?token=y").expect("a URL")));
    files.tell(
        "GET /f",
        Told { status: 200, headers: vec![("content-type", "image/png".into())], body: "bytes".into() },
    );
    let url = bed.zendesk.url.join("/attachments/token/x/?name=a.png").expect("a URL");
    let download = bed.client.download(url.as_str()).await.expect("a file");
    assert_eq!((download.content_length, download.content_type.as_deref()), (Some(5), Some("image/png")));
    assert_eq!(bytes(download).await.expect("bytes"), b"bytes");
    assert_eq!(
        calls(&bed.zendesk),
        ["GET /attachments/token/x/?name=a.png by token-1", "GET /hop by token-1"]
    );
    assert_eq!(calls(&files), ["GET /f?token=y by nobody"]);
}

#[tokio::test]
async fn a_redirect_to_anywhere_else_is_not_followed() {
    let refused = async |location: &str| {
        let bed = bed().await;
        bed.zendesk.tell("GET /a", to(location));
        let error =
            bed.client.download(bed.zendesk.url.join("/a").expect("a URL").as_str()).await.expect_err("no");
        assert_eq!(error.advice(), GiveUp);
        let why = error.source().and_then(|why| why.downcast_ref::<Refusal>());
        why.unwrap_or_else(|| panic!("{error:?}")).clone()
    };
    let host = |host: &str| Refusal::Host(host.into());
    assert_eq!(refused("https://evil.example.com/f").await, host("evil.example.com"));
    assert_eq!(
        refused("https://zdusercontent.com.example.com/f").await,
        host("zdusercontent.com.example.com")
    );
    assert_eq!(
        refused("https://169.254.169.254/latest").await,
        Refusal::NotPublic("169.254.169.254".parse().expect("an address"))
    );
    assert_eq!(
        refused("https://user:pw@p1.zdusercontent.com/f").await,
        Refusal::Userinfo("p1.zdusercontent.com".into())
    );
    assert_eq!(refused("http://8.8.8.8/f").await, Refusal::Plain("8.8.8.8".into()));
    assert_eq!(refused("file:///etc/passwd").await, Refusal::NotAUrl);
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let bed = bed().await;
    for _ in 0..9 {
        bed.zendesk.tell("GET /a", to("/a"));
    }
    let error =
        bed.client.download(bed.zendesk.url.join("/a").expect("a URL").as_str()).await.expect_err("a circle");
    assert_eq!(
        chain(&error),
        "Zendesk: the address of `GET {content_url}` is blocked; see `net.allow_private`, and `zendesk.attachment_hosts` for attachments: more than 5 redirects"
    );
    assert_eq!(calls(&bed.zendesk).len(), 6);
}

#[tokio::test]
async fn a_file_too_large_cut_short_or_refused_is_an_error() {
    let (bed, client) = {
        let bed = bed().await;
        let client = bed.client.clone().with_file_limit(8);
        (bed, client)
    };
    let url = |path: &str| bed.zendesk.url.join(path).expect("a URL").to_string();
    bed.zendesk.tell("GET /announced", told(200, "123456789"));
    let too_large = "Zendesk: `GET {content_url}` is too large: the file has more than the allowed 8 bytes";
    assert_eq!(client.download(&url("/announced")).await.expect_err("too large").to_string(), too_large);

    let endless = stream::iter(["12345", "6789"]).map(Ok::<_, std::io::Error>);
    bed.zendesk.tell("GET /endless", Told { status: 200, headers: vec![], body: Body::from_stream(endless) });
    let download = client.download(&url("/endless")).await.expect("a beginning");
    assert_eq!(bytes(download).await.expect_err("too large").to_string(), too_large);

    let broken = stream::iter([Ok("123"), Err(std::io::Error::other("gone"))]);
    bed.zendesk.tell("GET /broken", Told { status: 200, headers: vec![], body: Body::from_stream(broken) });
    let error = match client.download(&url("/broken")).await {
        Ok(download) => bytes(download).await.expect_err("cut short"),
        Err(error) => error,
    };
    assert!(error.is(FailureKind::Unavailable) && error.advice() == Retry, "{error:?}");

    bed.zendesk.tell("GET /malware", told(403, "")).tell("GET /gone", told(404, ""));
    assert!(
        matches!(client.download(&url("/malware")).await, Err(error) if error.is(FailureKind::Forbidden))
    );
    assert!(matches!(client.download(&url("/gone")).await, Err(error) if error.is(FailureKind::NotFound)));
}

#[tokio::test]
async fn no_error_shows_an_id_a_token_or_the_address_it_is_about() {
    let bed = bed().await;
    bed.zendesk.tell("GET /api/v2/tickets/42", told(200, TICKET));
    bed.client.ticket(TicketId(42)).await.expect("a token is there now");
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url =
        format!("http://{}/attachments/token/hush/?name=hush.png", gone.local_addr().expect("an address"));
    drop(gone);
    let error = bed.client.download(&url).await.expect_err("nobody listens there");
    assert_eq!(error.advice(), Retry);
    assert!(!format!("{} {error:?}", chain(&error)).contains("hush"), "{error:?}");
    assert!(!format!("{:?}", bed.client).contains("hush"));
}

#[tokio::test]
async fn a_host_that_falls_silent_is_left() {
    let zendesk = Stub::start().await;
    let base_url = zendesk.url.clone();
    let net = Net { total_timeout: Duration::from_secs(1), ..stub::loopback() };
    let bed = bed_with(zendesk, base_url, net);
    let silent = stream::iter([Ok::<_, std::io::Error>("123")]).chain(stream::pending());
    bed.zendesk.tell("GET /silent", Told { status: 200, headers: vec![], body: Body::from_stream(silent) });
    let url = bed.zendesk.url.join("/silent").expect("a URL");
    let download = bed.client.download(url.as_str()).await.expect("a beginning");
    let error = bytes(download).await.expect_err("silence");
    assert_eq!(error.to_string(), "Zendesk stopped answering during `GET {content_url}`");
    assert_eq!(error.advice(), Retry);
}
