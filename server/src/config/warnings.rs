//! Settings that work and are a risk. **Invariants:** no I/O; no value of a secret is shown.

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::Config;

/// Bits that a key has at least, as far as its text tells: half of what `openssl rand -base64 32` makes.
const BITS_OF_KEY: f64 = 100.0;
/// Of a secret that only signs what vendors and we tell each other.
const BITS_OF_HOOK: f64 = 60.0;

impl Config {
    /// Whether browsers and vendors reach us without TLS, from another machine.
    pub fn is_public_without_tls(&self) -> bool {
        self.server.public_url.scheme() != "https" && !is_loopback(&self.server.public_url)
    }

    /// That every Salesforce connection signs in at one other address, unless it is a stand-in on this machine.
    pub fn salesforce_elsewhere(&self) -> Option<String> {
        let url = self.salesforce.login_url.as_ref().filter(|url| !is_loopback(url))?;
        Some(format!(
            "`salesforce.login_url` sends the sign-in of every Salesforce connection to {url}; remove it: each connection has its \
             own host"
        ))
    }

    /// Keys that could be guessed, a sentence for each.
    pub fn weak_keys(&self) -> Vec<String> {
        let server = &self.server;
        let texts = [
            ("server.secret_key", server.keys.secret_key.as_ref(), BITS_OF_KEY),
            ("zendesk.webhook_secret", self.zendesk.webhook_secret.as_ref(), BITS_OF_HOOK),
            ("notify.secret", self.notify.webhook.secret.as_ref(), BITS_OF_HOOK),
        ];
        let is_weak = |secret: &SecretString, least| bits(secret.expose_secret().as_bytes()) < least;
        let weak =
            texts.into_iter().filter(|(_, text, least)| text.is_some_and(|text| is_weak(text, *least)));
        let mut keys: Vec<_> = weak.map(|(key, ..)| key).collect();
        if server.keys.seal_keys.iter().any(|key| bits(&key.bytes()) < BITS_OF_KEY) {
            keys.push("server.seal_keys");
        }
        keys.into_iter()
            .map(|key| {
                format!("`{key}` could be guessed: it is short, or repeats itself; make one with `openssl rand -base64 32`")
            })
            .collect()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// How much chance is in some bytes, as their counts tell; of one that repeats itself, in what is repeated. It finds what is too
/// short or simple, and does not know words.
fn bits(bytes: &[u8]) -> f64 {
    let period = (1..=bytes.len()).find(|period| bytes.iter().zip(&bytes[*period..]).all(|(a, b)| a == b));
    let once = &bytes[..period.unwrap_or_default()];
    let mut counts = [0_u32; 256];
    for byte in once {
        counts[usize::from(*byte)] += 1;
    }
    let total = f64::from(u32::try_from(once.len()).unwrap_or(u32::MAX));
    counts
        .into_iter()
        .filter(|count| *count > 0)
        .map(|count| f64::from(count) * (total / f64::from(count)).log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_short_or_repeats_itself_is_weak() {
        for (text, is_weak) in [
            ("3q2+7wAAq83vEjRWeJq83hI0VniavN4SNFZ4mrw5c1Q=", false),
            ("one secret key of thirty-two bytes and more", false),
            ("8f14e45fceea167a5a36dedd4bea2543b2d5f3c1e7a90846", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true),
            ("changeme-changeme-changeme-changeme-changeme", true),
            ("00000000000000000000000000000000000000000001", true),
            ("", true),
        ] {
            let bits = bits(text.as_bytes());
            assert_eq!(bits < BITS_OF_KEY, is_weak, "{text}: {bits}");
        }
    }

    #[test]
    fn an_address_of_this_machine_needs_no_tls() {
        for (url, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("http://localhost", true),
            ("http://desk.localhost", true),
            ("http://10.0.0.4", false),
            ("http://localhost.example.com", false),
            ("http://127.example.com", false),
        ] {
            assert_eq!(is_loopback(&url.parse().expect("an address")), expected, "{url}");
        }
    }
}
