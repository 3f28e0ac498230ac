//! Where a Ballista cluster is. **Invariant:** text only; who connects is in `inside`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Whether this build can run models on a cluster: the cargo feature `ballista`.
pub const HAS_BALLISTA: bool = cfg!(feature = "ballista");

const SCHEME: &str = "ballista://";

/// The scheduler of a cluster, written `ballista://host:port`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterAddress {
    host: String,
    port: u16,
}

impl FromStr for ClusterAddress {
    type Err = ();

    /// A name or an address in digits (IPv6 in brackets), and a port; nothing else.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (host, port) = text.strip_prefix(SCHEME).and_then(|rest| rest.rsplit_once(':')).ok_or(())?;
        let is_ipv6 = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .is_some_and(|digits| digits.parse::<std::net::Ipv6Addr>().is_ok());
        let is_name = !host.is_empty()
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        let port = port.parse().map_err(|_| ())?;
        if port == 0 || !(is_ipv6 || is_name) {
            return Err(());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for ClusterAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}:{}", self.host, self.port)
    }
}

#[cfg(feature = "ballista")]
impl ClusterAddress {
    /// As sockets and HTTP write it.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::ClusterAddress;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for text in ["ballista://scheduler.internal:50050", "ballista://10.0.0.7:1", "ballista://[::1]:50050"]
        {
            assert_eq!(
                text.parse::<ClusterAddress>().map(|address| address.to_string()).as_deref(),
                Ok(text)
            );
        }
        for text in [
            "",
            "local",
            "ballista://",
            "ballista://host",
            "ballista://host:0",
            "ballista://host:port",
            "ballista://:50050",
            "ballista://user@host:50050",
            "ballista://host:50050/path",
            "ballista://::1:50050",
            "http://host:50050",
        ] {
            assert_eq!(text.parse::<ClusterAddress>(), Err(()), "{text}");
        }
    }
}
