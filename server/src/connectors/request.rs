//! Parts of a request that several vendors' calls have in common: the address, and our token.

use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// A path below a base, which may have a path of its own, behind a proxy.
pub(super) fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Signs a request with our token, and keeps the token out of every `Debug`.
pub(super) fn bearing(mut request: Request, token: &SecretString) -> Request {
    if let Ok(mut value) = HeaderValue::try_from(format!("Bearer {}", token.expose_secret())) {
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    } // a token that no header can carry is refused by the vendor, like any other wrong one
    request
}
