//! Which addresses are Salesforce's. A token goes to these hosts only, whatever an answer says. **Invariant:** no I/O.

use url::{Host, Url};

use crate::connectors::Refusal;

/// Below these, Salesforce alone gives names: `login.`, `test.` and every My Domain; government cloud; China.
const OWN: [&str; 3] = [".salesforce.com", ".salesforce.mil", ".sfcrmproducts.cn"];

/// Whether a host is one of Salesforce's own, like `acme.my.salesforce.com`.
pub fn is_salesforce_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    OWN.iter().any(|own| host.strip_suffix(own).is_some_and(|name| !name.is_empty()))
}

/// The origin of an org's API, where it may be called: at Salesforce, where we sign in, or on this machine where we sign in
/// there.
pub(super) fn checked_instance(instance: &Url, login: &Url) -> Result<Url, Refusal> {
    let is_own = instance.scheme() == "https"
        && instance.port().is_none()
        && matches!(instance.host(), Some(Host::Domain(host)) if is_salesforce_host(host));
    let is_here = is_loopback(instance) && is_loopback(login);
    if is_own || is_here || instance.origin() == login.origin() {
        let mut origin = instance.clone();
        origin.set_path("");
        origin.set_query(None);
        origin.set_fragment(None);
        return Ok(origin);
    }
    Err(Refusal::Host(instance.host_str().unwrap_or_default().to_owned()))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(instance: &str, login: &str, expected: Option<&str>) {
        let (instance, login) = (instance.parse().expect("a URL"), login.parse().expect("a URL"));
        let found = checked_instance(&instance, &login).ok();
        assert_eq!(found.as_ref().map(Url::as_str), expected, "{instance}");
    }

    #[test]
    fn a_token_goes_to_salesforce_or_where_we_signed_in() {
        const LOGIN: &str = "https://login.salesforce.com";
        check("https://acme.my.salesforce.com", LOGIN, Some("https://acme.my.salesforce.com/"));
        check(
            "https://Acme--dev.sandbox.my.salesforce.com/x?y",
            LOGIN,
            Some("https://acme--dev.sandbox.my.salesforce.com/"),
        );
        check("https://na1.salesforce.com", LOGIN, Some("https://na1.salesforce.com/"));
        check("http://127.0.0.1:4003", "http://127.0.0.1:4003/x", Some("http://127.0.0.1:4003/"));
        check("http://127.0.0.1:4003", "http://localhost:4003", Some("http://127.0.0.1:4003/"));
        check("http://10.0.0.1:4003", "http://localhost:4003", None);
        for other in [
            "http://acme.my.salesforce.com",
            "https://acme.my.salesforce.com:8443",
            "https://salesforce.com",
            "https://acme.my.salesforce.com.example.com",
            "https://evilsalesforce.com",
            "https://127.0.0.1",
        ] {
            check(other, LOGIN, None);
        }
    }
}
