//! Kind `salesforce`: a Salesforce org. Settings `{host, flow, client_id, username}`, secret `{client_secret}` or, with the flow
//! `jwt`, `{private_key}`; with the flow `web` also the tokens of an admin's consent. Each org has an External Client App of its own.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Candidate, Fields, KeptKind, OauthKind, Tested, VendorTrouble, read, read_secret, text};
use crate::{
    connectors::{
        ClientCredentials, JwtBearer, Refreshing, Token, TokenSource,
        salesforce::{self, SALESFORCE, SalesforceClient, consent_page, revoke, token_endpoint},
    },
    features::connections::{
        ConnectionError, Connections, Source, Step,
        consent::{ConsentVendor, given},
        oauth_secret::OauthSecret,
        tokens::KeptTokens,
    },
    store::connections::Identity,
};

const SETTINGS: &str =
    r#"like {"host": "acme.my.salesforce.com", "client_id": "3MVG9…", "flow": "client_credentials"}"#;
const SECRET: &str = r#"like {"client_secret": "…"}"#;
const KEY: &str = r#"like {"private_key": "-----BEGIN PRIVATE KEY-----…"}"#;
/// What Deskside asks for.
const SCOPE: &str = "api refresh_token";
/// Where everybody signs in, production and sandboxes.
const SIGN_IN: [(&str, &str); 2] =
    [("production", "login.salesforce.com"), ("sandbox", "test.salesforce.com")];

/// How My Domains end: everywhere, for the United States' defense, and in China.
const MY_DOMAINS: [&str; 3] = [".my.salesforce.com", ".my.salesforce.mil", ".my.sfcrmproducts.cn"];

/// What is known of an org, beside the secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A My Domain; empty: where everybody signs in.
    #[serde(default)]
    host: String,
    #[serde(default)]
    flow: Flow,
    client_id: String,
    /// Whom a JWT is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    username: String,
}

/// How tokens are got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flow {
    /// By an admin's consent in the browser.
    #[default]
    Web,
    /// By the client alone, as its Run As user.
    ClientCredentials,
    /// By a signed statement, as a user who was authorized before.
    Jwt,
}

#[derive(Deserialize)]
struct ClientSecret {
    client_secret: String,
}

#[derive(Deserialize)]
struct PrivateKey {
    private_key: String,
}

impl Settings {
    fn of(settings: &str) -> Result<Self, ConnectionError> {
        read(settings, SETTINGS)
    }

    /// Where the org is signed in to; the operator may lead all of them elsewhere.
    fn login_url(&self, connections: &Connections) -> Url {
        let own = || format!("https://{}", self.host).parse().expect("letters, digits, `-` and dots");
        connections.salesforce_url.clone().unwrap_or_else(own)
    }
}

/// What stands before the end of a My Domain's host.
fn my_domain(host: &str) -> Option<&str> {
    MY_DOMAINS.into_iter().find_map(|end| host.strip_suffix(end))
}

/// One of Salesforce's own hosts: tokens and secrets are sent to no other.
fn host(typed: &str, environment: &str) -> Result<String, ConnectionError> {
    let typed = typed.trim().to_ascii_lowercase();
    let typed = typed.trim_start_matches("https://").split('/').next().unwrap_or_default();
    if typed.is_empty() {
        let usual = SIGN_IN.into_iter().find(|(known, _)| *known == environment).unwrap_or(SIGN_IN[0]);
        return Ok(usual.1.to_owned());
    }
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    let is_my_domain = my_domain(typed).is_some_and(|name| name.split('.').all(is_label));
    if is_my_domain || SIGN_IN.into_iter().any(|(_, host)| host == typed) {
        return Ok(typed.to_owned());
    }
    let why = match typed
        .split_once(".lightning.force.com")
        .or_else(|| typed.split_once(".my.salesforce-setup.com"))
    {
        Some((name, "")) if is_label(name) => format!("must be the My Domain: {name}.my.salesforce.com"),
        _ => "must be your My Domain, like acme.my.salesforce.com or acme--dev.sandbox.my.salesforce.com"
            .to_owned(),
    };
    Err(ConnectionError::invalid("host", why))
}

/// A Salesforce org.
pub(in crate::features::connections) struct SalesforceKind;

#[async_trait]
impl KeptKind for SalesforceKind {
    fn reads(&self) -> &'static str {
        "`soql`"
    }

    fn settings(&self, typed: &str, environment: &str, _: &Connections) -> Result<String, ConnectionError> {
        let settings = Settings::of(typed)?;
        let host = host(&settings.host, environment)?;
        let is_my_domain = my_domain(&host).is_some();
        if settings.flow == Flow::ClientCredentials && !is_my_domain {
            let why = "must be your My Domain, like acme.my.salesforce.com: the client credentials flow works there only";
            return Err(ConnectionError::invalid("host", why));
        }
        let username = match settings.flow {
            Flow::Jwt => text("username", &settings.username, "integration@acme.example")?,
            Flow::Web | Flow::ClientCredentials => String::new(),
        };
        let client_id = text("client_id", &settings.client_id, "3MVG9…")?;
        let settings = Settings { host, flow: settings.flow, client_id, username };
        Ok(serde_json::to_string(&settings).expect("texts are JSON"))
    }

    fn check_secret(&self, settings: &str, secret: &[u8]) -> Result<(), ConnectionError> {
        match Settings::of(settings)?.flow {
            Flow::Web => read_secret::<OauthSecret>(secret, SECRET).map(drop),
            Flow::ClientCredentials => read_secret::<ClientSecret>(secret, SECRET).map(drop),
            Flow::Jwt => read_secret::<PrivateKey>(secret, KEY).map(drop),
        }
    }

    /// Gets a token, asks whose it is, and which objects it sees.
    async fn test(&self, candidate: &Candidate<'_>) -> Result<Tested, ConnectionError> {
        let salesforce = client(candidate)?;
        let mut tested = Tested::default();
        match salesforce.identity().await {
            Ok(known) => {
                let identity = identity_of(known);
                let Identity { organization, user, .. } = &identity;
                tested.steps.push(Step::ok("user", format!("connected to {organization} as {user}")));
                tested.identity = Some(identity);
            }
            Err(error) => {
                tested.call_failed(candidate, "user", &error).await?;
                return Ok(tested);
            }
        }
        match salesforce.describe_global().await {
            Ok(objects) => {
                let count = objects.into_readable().len();
                tested.steps.push(Step::ok("read", format!("sees {count} objects")));
            }
            Err(error) => tested.call_failed(candidate, "read", &error).await?,
        }
        Ok(tested)
    }

    fn source(&self, candidate: &Candidate<'_>) -> Result<Source, ConnectionError> {
        Ok(Source::Salesforce(client(candidate)?))
    }

    fn address(&self, settings: &Fields) -> String {
        settings.text("host").to_owned()
    }

    fn is_met(&self, identity: &Identity) -> bool {
        !identity.organization_id.is_empty()
    }

    fn place(&self, settings: &Fields, identity: &Identity) -> String {
        // Every org is signed in to at the same host.
        format!("{}/{}", settings.host().unwrap_or_default(), identity.organization_id)
    }

    fn oauth(&self) -> Option<&dyn OauthKind> {
        Some(self)
    }
}

#[async_trait]
impl OauthKind for SalesforceKind {
    fn host_setting(&self) -> &'static str {
        "host"
    }

    fn vendor(&self, settings: &str, connections: &Connections) -> Result<ConsentVendor, ConnectionError> {
        let settings = Settings::of(settings)?;
        let url = settings.login_url(connections);
        Ok(ConsentVendor {
            page: consent_page(&url),
            endpoint: token_endpoint(connections.exchange(SALESFORCE.id), &url),
            client_id: settings.client_id,
            scope: SCOPE,
        })
    }

    async fn identity(
        &self,
        settings: &str,
        connections: &Connections,
        token: Token,
    ) -> Result<Identity, VendorTrouble> {
        let settings = Settings::of(settings)?;
        let instance = token.instance_url.clone();
        let salesforce = client_with(connections, &settings, instance, given(token).into());
        Ok(identity_of(salesforce.identity().await?))
    }

    /// Ends the refresh token and, with it, its access tokens; a grant without a refresh token has an access token alone.
    async fn end(
        &self,
        settings: &str,
        connections: &Connections,
        tokens: &OauthSecret,
    ) -> Result<(), VendorTrouble> {
        let url = Settings::of(settings)?.login_url(connections);
        let access = || tokens.access_token.clone().unwrap_or_default();
        let token =
            Some(tokens.refresh_token.clone()).filter(|token| !token.is_empty()).unwrap_or_else(access);
        Ok(revoke(&connections.exchange(SALESFORCE.id), &url, &token.into()).await?)
    }

    fn ends_by_hand(&self) -> &'static str {
        "revoke the access in Salesforce Setup, at Connected Apps OAuth Usage"
    }
}

/// A client of the org. With consent's tokens it is one of the kept connection.
pub(super) fn client(candidate: &Candidate<'_>) -> Result<SalesforceClient, ConnectionError> {
    let Candidate { connections, id, settings: kept, secret, again } = *candidate;
    let settings = Settings::of(kept)?;
    let tokens = match settings.flow {
        Flow::Web => {
            let kept: Arc<dyn Refreshing> =
                Arc::new(KeptTokens::new(connections, id, (&settings.client_id, kept), again));
            TokenSource::from(kept)
        }
        Flow::ClientCredentials => {
            let ClientSecret { client_secret } = read_secret(secret, SECRET)?;
            let (client_id, scope) = (settings.client_id.clone(), String::new());
            ClientCredentials { client_id, client_secret: client_secret.into(), scope }.into()
        }
        Flow::Jwt => {
            let PrivateKey { private_key } = read_secret(secret, KEY)?;
            let (client_id, username) = (settings.client_id.clone(), settings.username.clone());
            let audience = settings.login_url(connections).origin().ascii_serialization();
            JwtBearer { client_id, username, audience, private_key: private_key.into() }.into()
        }
    };
    let budget = connections.budgets.salesforce(&connections.account, (id, &settings.host));
    Ok(client_with(connections, &settings, None, tokens).within(&budget))
}

fn client_with(
    connections: &Connections,
    settings: &Settings,
    instance_url: Option<Url>,
    tokens: TokenSource,
) -> SalesforceClient {
    let (http, net, clock) = (connections.http.clone(), connections.net.clone(), connections.clock().clone());
    SalesforceClient::new(http, settings.login_url(connections), instance_url, tokens, clock, net)
}

fn identity_of(known: salesforce::Identity) -> Identity {
    let user = known.username.unwrap_or(known.user_id);
    Identity { organization_id: known.organization_id, organization: known.host, user }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_to_hosts_of_salesforce_alone() {
        let check = |typed: &str, environment: &str, expected: Result<&str, &str>| match (
            host(typed, environment),
            expected,
        ) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{typed}"),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{typed}: {error}"),
            (found, _) => panic!("{typed}: {found:?}"),
        };
        check("", "production", Ok("login.salesforce.com"));
        check("", "sandbox", Ok("test.salesforce.com"));
        check(" https://Acme.my.salesforce.com/lightning ", "production", Ok("acme.my.salesforce.com"));
        check("acme--dev.sandbox.my.salesforce.com", "sandbox", Ok("acme--dev.sandbox.my.salesforce.com"));
        check("acme.my.salesforce.mil", "production", Ok("acme.my.salesforce.mil"));
        check("acme.my.sfcrmproducts.cn", "production", Ok("acme.my.sfcrmproducts.cn"));
        check("acme.lightning.force.com", "production", Err("acme.my.salesforce.com"));
        for typed in [
            "evil.example",
            "my.salesforce.com",
            ".my.salesforce.mil",
            "acme.salesforce.mil",
            ".my.salesforce.com",
            "x@acme.my.salesforce.com",
            "acme.my.salesforce.com.evil.example",
            "acme.my.salesforce.com:444",
        ] {
            check(typed, "production", Err("My Domain"));
        }
    }
}
