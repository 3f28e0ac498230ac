//! Whose certificate a customer's database may have, and what a server that is not one may not ask for. The servers here speak only so
//! much of their protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use deskside::connectors::VendorError;
use deskside::connectors::sql::{Dialect, Settings, SqlSource, TlsMode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::customers::net;

/// A server whose certificate is for this name, or one without TLS; answers its address and the certificate.
async fn server(dialect: Dialect, name: &str, offers_tls: bool) -> (SocketAddr, String) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("its key");
    let certificate = CertificateDer::from(made.cert.der().to_vec());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate and its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _hung_up = as_far_as_tls(dialect, offers_tls, stream, &acceptor).await;
        }
    });
    (address, made.cert.pem())
}

async fn as_far_as_tls(
    dialect: Dialect,
    offers_tls: bool,
    mut stream: TcpStream,
    tls: &TlsAcceptor,
) -> std::io::Result<()> {
    match dialect {
        Dialect::Postgres => {
            stream.read_exact(&mut [0; 8]).await?;
            stream.write_all(if offers_tls { b"S" } else { b"N" }).await?;
        }
        Dialect::MySql => {
            stream.write_all(&packet(0, &mysql_greeting(offers_tls))).await?;
            // The request for TLS has 32 bytes behind its header.
            stream.read_exact(&mut [0; 36]).await?;
        }
    }
    let mut stream = tls.accept(stream).await?;
    // Only who takes the certificate goes on; nothing else answers.
    let _first = stream.read(&mut [0; 64]).await?;
    Ok(())
}

/// <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html>
fn mysql_greeting(offers_tls: bool) -> Vec<u8> {
    const TLS: u16 = 0x0800; // among the capabilities
    let mut greeting = b"\x0a8.4.0\0\x01\0\0\0saltsalt\0".to_vec();
    greeting.extend(if offers_tls { u16::MAX } else { !TLS }.to_le_bytes());
    greeting.push(45);
    greeting.extend(2_u16.to_le_bytes());
    greeting.extend(0x00ff_u16.to_le_bytes());
    greeting.push(21);
    greeting.extend([0; 10]);
    greeting.extend(b"saltsaltsalt\0caching_sha2_password\0");
    greeting
}

fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a small packet").to_le_bytes();
    [&length[..3], &[number], body].concat()
}

const DIALECTS: [Dialect; 2] = [Dialect::MySql, Dialect::Postgres];

fn source(dialect: Dialect, address: SocketAddr, host: &str, tls: TlsMode, ca: Option<String>) -> SqlSource {
    let settings = Settings {
        host: host.to_owned(),
        port: Some(address.port()),
        database: "shop".to_owned(),
        user: "reader".to_owned(),
        tls,
        ca,
    };
    SqlSource::new(dialect, settings, "hush".to_owned().into(), net(), Duration::from_mins(1))
}

#[tokio::test]
async fn a_server_without_tls_is_not_sent_a_password() {
    for dialect in DIALECTS {
        let (address, _) = server(dialect, "localhost", false).await;
        for tls in [TlsMode::VerifyFull, TlsMode::Require] {
            let error = source(dialect, address, "localhost", tls, None).read("SELECT 1 AS a").await;
            let error = error.expect_err("it is not encrypted").to_string();
            assert!(error.contains("the server does not offer TLS"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_certificate_must_be_valid_for_the_host_that_is_set() {
    const PASSED: &str = "";
    for dialect in DIALECTS {
        let check = async |name: &str, host: &str, tls: TlsMode, has_ca: bool, expected: &str| {
            let (address, pem) = server(dialect, name, true).await;
            let source = source(dialect, address, host, tls, has_ca.then_some(pem));
            let error = source.read("SELECT 1 AS a").await.map(drop).expect_err("nobody answers");
            let sentence = error.to_string();
            if expected == PASSED {
                // The server took what comes after TLS, and hung up.
                assert!(error.is_outage(), "{name} {host} {tls:?}: {sentence}");
            } else {
                assert!(sentence.contains(expected), "{name} {host} {tls:?}: {sentence}");
            }
        };
        let (full, any) = (TlsMode::VerifyFull, TlsMode::Require);
        check("localhost", "localhost", full, true, PASSED).await;
        check("127.0.0.1", "127.0.0.1", full, true, PASSED).await;
        check("localhost", "localhost", full, false, "paste the authority's certificate into `ca`").await;
        check("db.example.com", "localhost", full, true, "is for another name than `host`").await;
        check("localhost", "127.0.0.1", full, true, "is for another name than `host`").await;
        check("db.example.com", "localhost", any, false, PASSED).await;
    }
}

/// A server that answers every query by asking for a file of the client; all that it was sent after that, one for each packet. See
/// <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_local_infile_request.html>.
async fn asks_for_a_file(listener: TcpListener) -> std::io::Result<Vec<Vec<u8>>> {
    const OK: &[u8] = &[0, 0, 0, 2, 0, 0, 0];
    const QUERY: u8 = 3;
    let (mut stream, _) = listener.accept().await?;
    stream.write_all(&packet(0, &mysql_greeting(false))).await?;
    next_packet(&mut stream).await?; // who it is
    stream.write_all(&packet(2, OK)).await?;
    let mut sent = Vec::new();
    let mut has_asked = false;
    while let Ok((number, body)) = next_packet(&mut stream).await {
        if has_asked {
            sent.push(body.clone());
        }
        if body.first() == Some(&QUERY) {
            has_asked = true;
            stream.write_all(&packet(number + 1, b"\xfb/etc/passwd")).await?;
        } else {
            stream.write_all(&packet(number + 1, OK)).await?;
        }
    }
    assert!(has_asked, "no query came");
    Ok(sent)
}

async fn next_packet(stream: &mut TcpStream) -> std::io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).await?;
    let [a, b, c, number] = header;
    let mut body = vec![0; usize::try_from(u32::from_le_bytes([a, b, c, 0])).expect("a length")];
    stream.read_exact(&mut body).await?;
    Ok((number, body))
}

#[tokio::test]
async fn a_server_that_asks_for_a_file_of_ours_gets_no_byte_of_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let server = tokio::spawn(asks_for_a_file(listener));
    let source = source(Dialect::MySql, address, "localhost", TlsMode::Disable, None);
    let error = source.read("SELECT 1 AS a").await.map(drop).expect_err("it is no database");
    let sentence = error.to_string();
    assert!(sentence.contains("it asked for a file of this machine, which is never sent"), "{sentence}");
    assert!(!error.is_outage(), "{sentence}");
    let sent = server.await.expect("it ends").expect("it is talked to");
    let is_goodbye = |body: &Vec<u8>| body.is_empty() || *body == [1];
    assert!(sent.iter().all(is_goodbye), "{sent:?}");
}
