//! Which addresses outgoing requests may reach, and the one HTTP client that obeys. A name is checked after DNS, by the
//! resolver, on every connection; an address in digits never reaches a resolver, so URLs are checked as well.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// How we reach the outside: the settings of section `net`.
#[derive(Debug, Clone)]
pub struct Net {
    /// Ranges that may be reached although they are private, and without TLS.
    pub allow_private: Vec<IpNet>,
    /// For DNS, TCP and TLS together.
    pub connect_timeout: Duration,
    /// For a whole call; streams set their own.
    pub total_timeout: Duration,
}

impl Default for Net {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(30),
        }
    }
}

/// Why we do not go there. Trying again cannot help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not an absolute URL.
    #[error("this is not a web address; write it like https://example.com/path")]
    NotAUrl,
    /// Neither `https` nor `http`.
    #[error("`{0}:` addresses are not fetched; use https")]
    Scheme(String),
    /// A user name or password inside the URL.
    #[error("the address of {0} holds a user name or password; enter those in their own fields")]
    Userinfo(String),
    /// Plain `http` to a place outside `net.allow_private`.
    #[error(
        "{0} is asked for without encryption; use https, or add its address range to `net.allow_private`"
    )]
    Plain(String),
    /// A private, loopback, link-local or reserved address.
    #[error("{0} is not a public address; if it is meant, add its range to `net.allow_private`")]
    NotPublic(IpAddr),
    /// A host outside an allow-list.
    #[error("{0} is not one of the allowed hosts")]
    Host(String),
    /// More redirects than anybody needs.
    #[error("more than {0} redirects")]
    Redirects(usize),
    /// The name cannot be looked up.
    #[error("the name {0} cannot be looked up")]
    Unresolved(String),
}

impl Net {
    /// The address is public, or expressly allowed.
    pub fn allows(&self, ip: IpAddr) -> bool {
        is_public(ip) || self.allows_private(ip)
    }

    fn allows_private(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.allow_private.iter().any(|range| range.contains(&ip))
    }

    /// What can be said of a URL without asking DNS; the resolver says the rest.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        let host = url.host().ok_or(Refusal::NotAUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(Refusal::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Userinfo(host.to_string()));
        }
        let ip = match host {
            Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
            Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
            Host::Domain(_) => None,
        };
        match ip {
            Some(ip) if !self.allows(ip) => Err(Refusal::NotPublic(ip)),
            Some(ip) if url.scheme() == "http" && !self.allows_private(ip) => {
                Err(Refusal::Plain(ip.to_string()))
            }
            None if url.scheme() == "http" && self.allow_private.is_empty() => {
                Err(Refusal::Plain(host.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// The same, and for plain `http` to a name also asks DNS: every address must be in `net.allow_private`.
    pub async fn check_resolved(&self, url: &Url) -> Result<(), Refusal> {
        self.check(url)?;
        let (Some(Host::Domain(name)), "http") = (url.host(), url.scheme()) else { return Ok(()) };
        let mut addresses = tokio::net::lookup_host((name, url.port_or_known_default().unwrap_or(80)))
            .await
            .map_err(|_| Refusal::Unresolved(name.to_owned()))?;
        if addresses.all(|address| self.allows_private(address.ip())) {
            Ok(())
        } else {
            Err(Refusal::Plain(name.to_owned()))
        }
    }
}

/// A URL that a person typed and that passed the guard.
#[derive(Clone, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// Checks a typed URL. The resolver checks its name again on every connection.
    pub async fn parse(text: &str, net: &Net) -> Result<Self, Refusal> {
        let url = Url::parse(text.trim()).map_err(|_| Refusal::NotAUrl)?;
        net.check_resolved(&url).await?;
        Ok(Self(url))
    }

    /// Where it leads.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

/// Only the origin: paths and queries of hooks are secrets.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({}/…)", self.0.origin().ascii_serialization())
    }
}

/// A resolver that leaves out every address we may not reach.
#[derive(Debug, Clone)]
pub struct PublicOnly(Net);

impl PublicOnly {
    /// Allows public addresses and the ranges of `net.allow_private`.
    pub fn new(net: Net) -> Self {
        Self(net)
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let net = self.0.clone();
        Box::pin(async move {
            let all: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let refused = all.iter().map(SocketAddr::ip).find(|ip| !net.allows(*ip));
            let allowed: Vec<_> = all.into_iter().filter(|address| net.allows(address.ip())).collect();
            match refused {
                Some(ip) if allowed.is_empty() => Err(Refusal::NotPublic(ip).into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}

/// The one HTTP client: time-outs, no proxy, no redirects, guarded names. Make one, hand it in everywhere.
///
/// # Panics
/// Where the machine has no usable TLS at all.
pub fn http_client(net: &Net) -> reqwest::Client {
    reqwest::Client::builder()
        .user_agent(concat!("Deskside/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(net.connect_timeout)
        .timeout(net.total_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(std::sync::Arc::new(PublicOnly::new(net.clone())))
        .build()
        .expect("the settings above are constant and valid")
}

/// Reachable from anywhere on the internet: neither private, loopback, link-local, shared, documented nor reserved.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let reserved = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_broadcast()
        || ip.is_documentation()
        || a == 0 // this network
        || (a == 100 && (64..128).contains(&b)) // carrier-grade NAT
        || (a == 192 && b == 0 && c == 0) // IETF protocols
        || (a == 192 && b == 88 && c == 99) // 6to4 relays
        || (a == 198 && (b == 18 || b == 19)) // benchmarks
        || a >= 224; // multicast, reserved
    !reserved
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let [g1, g2] = g.to_be_bytes();
    let [h1, h2] = h.to_be_bytes();
    match (a, b) {
        // NAT64 carries an IPv4 address in its tail.
        (0x64, 0xff9b) => [c, d, e, f] == [0; 4] && is_public_v4(Ipv4Addr::new(g1, g2, h1, h2)),
        (0x2001, 0..0x200) | (0x2001, 0xdb8) | (0x2002, _) | (0x3fff, 0..0x1000) => false, // Teredo, tests, 6to4
        _ => (a & 0xe000) == 0x2000, // global unicast; all else is loopback, local, multicast or unassigned
    }
}
