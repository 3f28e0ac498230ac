//! Which addresses outgoing requests may reach, and the one HTTP client that obeys. A name is checked after DNS, by the
//! resolver, on every connection; an address in digits never reaches a resolver, so URLs are checked as well.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::Deserialize;
use url::{Host, Url};

use crate::setting;

/// How we reach the outside: the settings of section `net`.
#[derive(Debug, Clone, Deserialize)]
pub struct Net {
    /// Ranges that may be reached although they are private, and without TLS.
    #[serde(deserialize_with = "setting::ranges")]
    pub(crate) allow_private: Vec<IpNet>,
    /// For DNS, TCP and TLS together.
    #[serde(rename = "connect_timeout_s", deserialize_with = "setting::seconds::<1, 60, _>")]
    pub(crate) connect_timeout: Duration,
    /// For a whole call; streams set their own.
    #[serde(rename = "total_timeout_s", deserialize_with = "setting::seconds::<1, 600, _>")]
    pub(crate) total_timeout: Duration,
}

#[cfg(test)]
impl Default for Net {
    fn default() -> Self {
        setting::defaults("net")
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
    /// A connection without TLS to a place outside `net.allow_private`.
    #[error(
        "the connection to {0} is not encrypted; encrypt it, or add its address range to `net.allow_private`"
    )]
    Unencrypted(String),
    /// A private, loopback, link-local or reserved address.
    #[error("{0} is not a public address; to allow it, add its range to `net.allow_private`")]
    NotPublic(IpAddr),
    /// A host outside an allow-list.
    #[error("{0} is not one of the allowed hosts")]
    Host(String),
    /// More redirects than anybody needs.
    #[error("more than {0} redirects")]
    Redirects(usize),
    /// The name cannot be looked up.
    #[error("the host name {0} cannot be resolved")]
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

    /// What can be said of a URL without asking DNS. Before a call: [`Net::check_resolved`], because the resolver does not know
    /// whether the call is encrypted.
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

    /// Where a connection that is no HTTP may go: the addresses of a name, without those that may not be reached. Connect to these
    /// and never look the name up again, because another answer may come. Without encryption only `net.allow_private` is left.
    pub async fn resolve(
        &self,
        host: &str,
        port: u16,
        is_encrypted: bool,
    ) -> Result<Vec<SocketAddr>, Refusal> {
        let unresolved = || Refusal::Unresolved(host.to_owned());
        let found = tokio::time::timeout(self.connect_timeout, tokio::net::lookup_host((host, port))).await;
        let found: Vec<SocketAddr> = found.map_err(|_| unresolved())?.map_err(|_| unresolved())?.collect();
        let public: Vec<_> = found.iter().copied().filter(|address| self.allows(address.ip())).collect();
        let Some(first) = found.first() else { return Err(unresolved()) };
        if public.is_empty() {
            return Err(Refusal::NotPublic(first.ip()));
        }
        let reachable: Vec<_> =
            public.into_iter().filter(|address| is_encrypted || self.allows_private(address.ip())).collect();
        if reachable.is_empty() { Err(Refusal::Unencrypted(host.to_owned())) } else { Ok(reachable) }
    }

    /// The same as [`Net::check`], and for plain `http` to a name also asks DNS: whatever the resolver would let through must be in
    /// `net.allow_private`.
    pub async fn check_resolved(&self, url: &Url) -> Result<(), Refusal> {
        self.check(url)?;
        let (Some(Host::Domain(name)), "http") = (url.host(), url.scheme()) else { return Ok(()) };
        let unresolved = || Refusal::Unresolved(name.to_owned());
        let looked_up = tokio::net::lookup_host((name, url.port_or_known_default().unwrap_or(80)));
        let addresses = tokio::time::timeout(self.connect_timeout, looked_up).await;
        let addresses = addresses.map_err(|_| unresolved())?.map_err(|_| unresolved())?;
        let mut reachable = addresses.map(|address| address.ip()).filter(|ip| self.allows(*ip)).peekable();
        if reachable.peek().is_some() && reachable.all(|ip| self.allows_private(ip)) {
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
/// A machine without CA certificates gets a client that trusts nobody, and a line in the log: the server still starts,
/// and each call says that the vendor cannot be reached.
pub fn http_client(net: &Net) -> reqwest::Client {
    builder(net).build().unwrap_or_else(|error| {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "this machine's CA certificates cannot be used, so every https call will fail; install the package \
             ca-certificates or set SSL_CERT_FILE, then start again"
        );
        let trusts_nobody = builder(net).tls_certs_only([]);
        trusts_nobody.build().expect("nothing of the machine is needed, and the settings are constant")
    })
}

fn builder(net: &Net) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("Deskside/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(net.connect_timeout)
        .timeout(net.total_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(PublicOnly::new(net.clone())))
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
    let (segments, octets) = (ip.segments(), ip.octets());
    match (segments[0], segments[1]) {
        // NAT64 carries an IPv4 address in its tail.
        (0x64, 0xff9b) => {
            segments[2..6] == [0; 4]
                && is_public_v4(Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15]))
        }
        (0x2001, 0..0x200 | 0xdb8) | (0x2002, _) | (0x3fff, 0..0x1000) => false, // Teredo, tests, 6to4
        (first, _) => (first & 0xe000) == 0x2000, // global unicast; all else is local, multicast or unassigned
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(ranges: &[&str]) -> Net {
        let allow_private = ranges.iter().map(|range| range.parse().expect("a range")).collect();
        Net { allow_private, ..Net::default() }
    }

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        let check = |address: &str, expected| {
            assert_eq!(is_public(address.parse().expect("an address")), expected, "{address}");
        };
        for public in ["8.8.8.8", "104.16.51.111", "100.63.0.1", "100.128.0.1", "172.32.0.1", "2606:4700::1"]
        {
            check(public, true);
        }
        for private in ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1"]
        {
            check(private, false);
        }
        for reserved in ["0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.0.8", "198.18.0.1"] {
            check(reserved, false);
        }
        for v6 in [
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
        ] {
            check(v6, false);
        }
        for v4_inside in
            ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"]
        {
            check(v4_inside, false);
        }
        check("::ffff:8.8.8.8", true);
        check("64:ff9b::808:808", true);
    }

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "reads better where it is called")]
    fn check(text: &str, ranges: &[&str], expected: Result<(), Refusal>) {
        let url = Url::parse(text).map_err(|_| Refusal::NotAUrl);
        assert_eq!(url.and_then(|url| net(ranges).check(&url)), expected, "{text}");
    }

    #[test]
    fn an_address_in_digits_is_refused_however_it_is_written() {
        let loopback: IpAddr = "127.0.0.1".parse().expect("an address");
        for spelling in ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "127.0.0.1."] {
            check(&format!("https://{spelling}/x"), &[], Err(Refusal::NotPublic(loopback)));
        }
        let v6 = "::1".parse().expect("an address");
        check("https://[::1]:8443/", &[], Err(Refusal::NotPublic(v6)));
        let mapped = "::ffff:127.0.0.1".parse().expect("an address");
        check("https://[::ffff:127.0.0.1]/", &[], Err(Refusal::NotPublic(mapped)));
    }

    #[test]
    fn what_is_no_plain_https_address_is_refused() {
        check("example.com", &[], Err(Refusal::NotAUrl));
        check("file:///etc/passwd", &[], Err(Refusal::NotAUrl));
        check("ftp://example.com/", &[], Err(Refusal::Scheme("ftp".into())));
        check("https://user@example.com/", &[], Err(Refusal::Userinfo("example.com".into())));
        check("https://:pw@example.com/", &[], Err(Refusal::Userinfo("example.com".into())));
        check("http://example.com/", &[], Err(Refusal::Plain("example.com".into())));
        check("http://8.8.8.8/", &["127.0.0.0/8"], Err(Refusal::Plain("8.8.8.8".into())));
        check("https://example.com/", &[], Ok(()));
    }

    #[test]
    fn an_allowed_range_opens_itself_and_nothing_else() {
        let other: IpAddr = "10.0.0.1".parse().expect("an address");
        check("http://127.0.0.1:4001/", &["127.0.0.0/8"], Ok(()));
        check("https://127.0.0.1/", &["127.0.0.0/8"], Ok(()));
        check("https://[::ffff:127.0.0.1]/", &["127.0.0.0/8"], Ok(()));
        check("https://10.0.0.1/", &["127.0.0.0/8"], Err(Refusal::NotPublic(other)));
    }

    #[tokio::test]
    async fn plain_http_to_a_name_reaches_allowed_ranges_only() {
        let both = net(&["127.0.0.0/8", "::1/128"]);
        assert!(Target::parse(" http://localhost:4001/x ", &both).await.is_ok());
        // `localhost` may also be `::1`, which is not reachable then.
        assert!(Target::parse("http://localhost:4001/x", &net(&["127.0.0.0/8"])).await.is_ok());
        let other = net(&["10.0.0.0/8"]);
        let refused = Target::parse("http://localhost:4001/x", &other).await;
        assert_eq!(refused, Err(Refusal::Plain("localhost".into())));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_refused_by_the_resolver() {
        let resolve = async |ranges: &[&str]| {
            let name = "localhost".parse().expect("a name");
            let found = PublicOnly::new(net(ranges)).resolve(name).await;
            found.map(Iterator::count).map_err(|error| error.downcast_ref::<Refusal>().cloned())
        };
        assert!(matches!(resolve(&[]).await, Err(Some(Refusal::NotPublic(_)))));
        assert!(resolve(&["127.0.0.0/8", "::1/128"]).await.is_ok_and(|found| found > 0));
    }

    #[test]
    fn a_target_does_not_show_its_secret_path() {
        let target = Target(Url::parse("https://hooks.example.com/services/secret?key=hush").expect("a URL"));
        assert_eq!(format!("{target:?}"), "Target(https://hooks.example.com/…)");
    }
}
