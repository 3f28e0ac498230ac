//! Where a connection goes, without a database. With real ones: `tests/it/sources_sql.rs`.

use tokio::net::TcpListener;

use super::*;
use crate::connectors::VendorError;

fn source(dialect: Dialect, host: &str, tls: TlsMode, ranges: &[&str]) -> SqlSource {
    let settings = Settings {
        host: host.to_owned(),
        port: None,
        database: "shop".to_owned(),
        user: "reader".to_owned(),
        tls,
        ca: None,
    };
    let allow_private = ranges.iter().map(|range| range.parse().expect("a range")).collect();
    let net = Net { allow_private, connect_timeout: Duration::from_secs(5), ..Net::default() };
    SqlSource::new(dialect, settings, "hush".to_owned().into(), net, Duration::from_mins(1))
}

#[tokio::test]
async fn a_private_address_is_reached_only_where_the_settings_allow_it() {
    let check = async |host: &str, tls, ranges: &[&str], expected: Result<usize, &str>| {
        for dialect in [Dialect::MySql, Dialect::Postgres] {
            let found = source(dialect, host, tls, ranges).addresses().await;
            let found = found.map(|found| found.len()).map_err(|failure| failure.to_string());
            match (found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{host}"),
                (Err(found), Err(expected)) => assert!(found.contains(expected), "{host}: {found}"),
                (found, expected) => panic!("{host}: {found:?} instead of {expected:?}"),
            }
        }
    };
    let (full, off) = (TlsMode::VerifyFull, TlsMode::Disable);
    check("127.0.0.1", full, &[], Err("see `net.allow_private`, or change `host`")).await;
    check("169.254.169.254", full, &[], Err("is blocked")).await;
    check("localhost", full, &[], Err("is blocked")).await;
    check("10.0.0.1", full, &["127.0.0.0/8"], Err("is blocked")).await;
    check("127.0.0.1", full, &["127.0.0.0/8"], Ok(1)).await;
    check("127.0.0.1", off, &["127.0.0.0/8"], Ok(1)).await;
    check("8.8.8.8", full, &[], Ok(1)).await;
    check("8.8.8.8", off, &["127.0.0.0/8"], Err("is blocked")).await;
    check("nowhere.invalid", full, &[], Err("cannot be resolved; correct `host`")).await;
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_never_by_the_driver() {
    for dialect in [Dialect::MySql, Dialect::Postgres] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addresses = [listener.local_addr().expect("its address")];
        // Nobody can look this name up, so whoever connects uses the address.
        let source = source(dialect, "nowhere.invalid", TlsMode::Disable, &["127.0.0.0/8"]);
        let (accepted, session) = tokio::join!(
            async { listener.accept().await.map(|(stream, _)| drop(stream)) },
            source.session_at(&addresses, SHORT)
        );
        accepted.expect("the driver connects to the address that was checked");
        let failure = session.err().expect("nobody answers there");
        assert!(failure.is_outage(), "{failure}");
    }
}
