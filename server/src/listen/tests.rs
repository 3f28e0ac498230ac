//! Slow, silent and numerous clients. Times here are real and short; a test waits for what must happen, never for nothing.

use std::{future::pending, time::Instant};

use axum::routing::{get, post};
use bytes::Bytes;
use futures::stream;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::*;

const SHORT: Duration = Duration::from_millis(300);

fn allowance() -> Allowance {
    let settings = Settings {
        max_connections: 64,
        max_connections_per_address: 0,
        ..crate::setting::defaults("server")
    };
    let allowance = Allowance::new(&settings, &ClientAddresses::default());
    Allowance { headers: SHORT, stalled: SHORT, ..allowance }
}

async fn served(
    router: Router,
    allowance: Allowance,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    (address, tokio::spawn(async move { serve(listener, router, &allowance, stopped).await }))
}

/// `/hello` answers at once, `/slow` after more than clients may take for their headers, `/echo` what it is sent.
fn router() -> Router {
    let slow = async || {
        sleep(SHORT * 3).await;
        "slow"
    };
    Router::new()
        .route("/hello", get(async || "hello"))
        .route("/slow", get(slow))
        .route("/echo", post(async |body: Bytes| body))
}

async fn connected(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("a connection")
}

/// Everything until the server closes the connection, which must be soon.
async fn rest(mut client: TcpStream) -> String {
    let mut read = Vec::new();
    let closed = timeout(Duration::from_secs(10), client.read_to_end(&mut read)).await;
    let _reset_or_ended = closed.expect("the server closes the connection");
    String::from_utf8_lossy(&read).into_owned()
}

/// One answer, up to these last bytes of it.
async fn answer(client: &mut TcpStream, last: &str) -> String {
    let mut read = Vec::new();
    let whole = async {
        while !read.ends_with(last.as_bytes()) {
            assert_ne!(client.read_buf(&mut read).await.expect("bytes"), 0, "the connection ended early");
        }
    };
    timeout(Duration::from_secs(10), whole).await.expect("an answer");
    String::from_utf8_lossy(&read).into_owned()
}

const HELLO: &[u8] = b"GET /hello HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn a_client_that_never_finishes_its_headers_is_cut_off() {
    let (address, _) = served(router(), allowance(), pending()).await;
    for first in ["", "GET /hello HTTP/1.1\r\nhost: x\r\n"] {
        let began = Instant::now();
        let (mut reading, mut writing) = connected(address).await.into_split();
        let trickle = async {
            let _ = writing.write_all(first.as_bytes()).await;
            while writing.write_all(if first.is_empty() { b"" } else { b"a: b\r\n" }).await.is_ok() {
                sleep(SHORT / 10).await;
            }
        };
        let mut read = Vec::new();
        tokio::select! {
            () = trickle => {}
            closed = timeout(Duration::from_secs(10), reading.read_to_end(&mut read)) => {
                let _reset_or_ended = closed.expect("it is cut off");
            }
        }
        assert!(began.elapsed() >= SHORT, "not before its time: {first}");
    }
}

#[tokio::test]
async fn the_second_request_of_a_connection_has_the_same_time_for_its_headers() {
    let (address, _) = served(router(), allowance(), pending()).await;
    let mut client = connected(address).await;
    client.write_all(HELLO).await.expect("sent");
    answer(&mut client, "hello").await;
    client.write_all(&HELLO[..10]).await.expect("sent");
    assert_eq!(rest(client).await, "");
}

#[tokio::test]
async fn neither_an_idle_connection_nor_a_slow_answer_is_cut_off() {
    let (address, _) = served(router(), allowance(), pending()).await;
    let mut client = connected(address).await;
    for (request, last) in
        [(HELLO, "hello"), (b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n", "slow"), (HELLO, "hello")]
    {
        client.write_all(request).await.expect("sent");
        assert!(answer(&mut client, last).await.starts_with("HTTP/1.1 200"));
        sleep(SHORT * 2).await; // idle for longer than headers may take
    }
    let request = "POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n";
    client.write_all(request.as_bytes()).await.expect("sent");
    for letter in ["a", "b", "c"] {
        sleep(SHORT).await; // a body has a time-out of its own
        client.write_all(letter.as_bytes()).await.expect("sent");
    }
    answer(&mut client, "abc").await;
}

#[tokio::test]
async fn how_long_an_idle_connection_is_kept_is_a_setting() {
    let settings = Settings { idle_timeout: SHORT, ..crate::setting::defaults("server") };
    let allowance = Allowance::new(&settings, &ClientAddresses::default());
    let (address, _) = served(router(), allowance, pending()).await;
    let mut client = connected(address).await;
    client.write_all(HELLO).await.expect("sent");
    answer(&mut client, "hello").await;
    assert_eq!(rest(client).await, "");
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_cut_off() {
    static PIECE: &[u8] = &[b'x'; 65_536];
    let (ended, mut ends) = mpsc::unbounded_channel();
    let endless = move || {
        let guard = OnDrop(ended.clone());
        let pieces = stream::repeat_with(move || {
            let _held = &guard;
            Ok::<_, Infallible>(Bytes::from_static(PIECE))
        });
        std::future::ready(Body::from_stream(pieces))
    };
    let (address, _) = served(Router::new().route("/endless", get(endless)), allowance(), pending()).await;
    let mut client = connected(address).await;
    client.write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    timeout(Duration::from_secs(10), ends.recv()).await.expect("the answer is given up");
    drop(client);
}

/// Tells when it is dropped.
struct OnDrop(mpsc::UnboundedSender<()>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn headers_that_are_too_large_are_refused() {
    let (address, _) = served(router(), allowance(), pending()).await;
    let mut client = connected(address).await;
    let large = format!("GET /hello HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n", "b".repeat(MAX_HEAD));
    let _ = client.write_all(large.as_bytes()).await;
    assert!(rest(client).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn one_address_has_only_so_many_connections_and_a_proxy_any_number() {
    let proxies = vec!["127.0.0.0/8".parse().expect("a range")];
    for (proxies, is_limited) in [(Vec::new(), true), (proxies, false)] {
        let limited = Allowance { per_address: 2, proxies, headers: Duration::from_mins(1), ..allowance() };
        let (address, _) = served(router(), limited, pending()).await;
        let (mut one, mut two, mut third) =
            (connected(address).await, connected(address).await, connected(address).await);
        for client in [&mut one, &mut two] {
            client.write_all(HELLO).await.expect("sent");
            answer(client, "hello").await;
        }
        if is_limited {
            assert_eq!(rest(third).await, "");
            drop(one);
            let again = async {
                loop {
                    let mut client = connected(address).await;
                    let _ = client.write_all(HELLO).await;
                    if client.read_u8().await.is_ok() {
                        break;
                    }
                }
            };
            timeout(Duration::from_secs(10), again).await.expect("a closed connection makes room");
        } else {
            third.write_all(HELLO).await.expect("sent");
            answer(&mut third, "hello").await;
        }
    }
}

#[tokio::test]
async fn beyond_the_limit_for_all_a_connection_waits_for_another_to_end() {
    let limited = Allowance { connections: 1, ..allowance() };
    let (address, _) = served(router(), limited, pending()).await;
    let mut first = connected(address).await;
    first.write_all(HELLO).await.expect("sent");
    answer(&mut first, "hello").await;
    let mut second = connected(address).await;
    second.write_all(HELLO).await.expect("sent");
    drop(first);
    answer(&mut second, "hello").await;
}

#[tokio::test]
async fn a_stop_lets_open_requests_end_and_takes_no_more() {
    let (stop, stopped) = oneshot::channel();
    let (address, serving) = served(router(), allowance(), stopped.map(drop)).await;
    let (mut idle, mut client) = (connected(address).await, connected(address).await);
    idle.write_all(HELLO).await.expect("sent");
    answer(&mut idle, "hello").await;
    client.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
    sleep(SHORT / 3).await;
    stop.send(()).expect("it serves");
    answer(&mut client, "slow").await;
    timeout(Duration::from_secs(10), serving).await.expect("it ends").expect("no panic");
    assert!(TcpStream::connect(address).await.is_err());
}
