//! Where a request comes from: the other end of its connection or, behind proxies of ours, the address that they wrote down.
//! **Invariant:** a header counts only where a trusted proxy wrote it, so no client chooses its own address.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, HeaderName},
};
use ipnet::IpNet;
use serde::Deserialize;

use crate::setting;

/// How client addresses are found.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ClientAddresses {
    /// In which proxies write the client's address; absent: the other end of the connection is the client.
    #[serde(rename = "client_address_header", deserialize_with = "setting::header")]
    pub(crate) header: Option<HeaderName>,
    #[serde(rename = "trusted_proxies", deserialize_with = "setting::ranges")]
    pub(crate) proxies: Vec<IpNet>,
}

impl ClientAddresses {
    /// The client of a request, as it is counted: see [`counted`]. `None` where there is no connection.
    pub fn of(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(counted(self.client(peer.ip(), headers)))
    }

    /// From the right, because each proxy adds the address that it saw at the end.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let Some(header) = &self.header else { return client };
        let lines: Vec<_> =
            headers.get_all(header).iter().map(|line| line.to_str().unwrap_or_default()).collect();
        for word in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !is_within(&self.proxies, client) {
                break;
            }
            let Some(address) = address(word) else { break };
            client = address;
        }
        client
    }
}

/// Whether an address is in one of the ranges.
pub fn is_within(ranges: &[IpNet], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(&address.to_canonical()))
}

/// An IPv6 client has a whole /64 to choose from, so all of it counts as one.
pub fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(word: &str) -> Option<IpAddr> {
    let word = word.trim();
    let plain = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')).unwrap_or(word);
    let address = plain.parse().ok().or_else(|| word.parse().ok().map(|address: SocketAddr| address.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_client_cannot_choose_the_address_it_is_counted_by() {
        let proxies = vec!["127.0.0.0/8".parse().expect("a range"), "10.0.0.0/8".parse().expect("a range")];
        let header = HeaderName::from_static("x-forwarded-for");
        let behind = ClientAddresses { header: Some(header.clone()), proxies };
        let direct = ClientAddresses { header: None, ..behind.clone() };
        let check = |addresses: &ClientAddresses, peer: &str, lines: &[&'static str], expected: &str| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(&header, HeaderValue::from_static(line));
            }
            let client = addresses.client(peer.parse().expect("an address"), &headers);
            assert_eq!(counted(client).to_string(), expected, "{peer} {lines:?}");
        };
        check(&behind, "127.0.0.1", &["203.0.113.7"], "203.0.113.7");
        check(&behind, "127.0.0.1", &["198.51.100.9, 203.0.113.7"], "203.0.113.7"); // the client wrote the first itself
        check(&behind, "127.0.0.1", &["198.51.100.9", "203.0.113.7"], "203.0.113.7");
        check(&behind, "127.0.0.1", &["203.0.113.7, 10.1.2.3"], "203.0.113.7"); // two proxies
        check(&behind, "127.0.0.1", &["203.0.113.7:4711"], "203.0.113.7");
        check(&behind, "::ffff:127.0.0.1", &["[2001:db8:1:2:3:4:5:6]:4711"], "2001:db8:1:2::");
        check(&behind, "127.0.0.1", &["2001:db8:1:2::9"], "2001:db8:1:2::");
        check(&behind, "127.0.0.1", &["203.0.113.7, unknown"], "127.0.0.1");
        check(&behind, "127.0.0.1", &[], "127.0.0.1");
        check(&behind, "203.0.113.7", &["198.51.100.9"], "203.0.113.7"); // no proxy of ours
        check(&direct, "127.0.0.1", &["203.0.113.7"], "127.0.0.1");
    }
}
