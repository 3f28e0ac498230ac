//! Kind `zendesk`: a Zendesk account. Settings `{base_url, client_id, flow}`, secret `{client_secret}` of the account's own
//! OAuth client; with the flow `web` also the tokens of an admin's consent.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Candidate, Fields, KeptKind, OauthKind, Tested, VendorTrouble, read, read_secret, text};
use crate::{
    connectors::{
        ClientCredentials, FailureKind, Refreshing, Token, TokenSource, VendorError,
        zendesk::{Role, User, ZENDESK, ZendeskClient, consent_page, token_endpoint},
    },
    features::connections::{
        ConnectionError, Connections, Source, Step,
        consent::{ConsentVendor, given},
        oauth_secret::OauthSecret,
        tokens::KeptTokens,
    },
    store::connections::Identity,
};

const SETTINGS: &str = r#"like {"base_url": "https://acme.zendesk.com", "client_id": "deskside"}"#;
const SECRET: &str = r#"like {"client_secret": "…", "refresh_token": "…"}"#;
/// What Deskside asks for.
const SCOPE: &str = "read write";

/// What is known of a Zendesk account, beside the secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// `https://acme.zendesk.com`, or `acme`.
    base_url: String,
    /// The OAuth client.
    client_id: String,
    #[serde(default)]
    flow: Flow,
}

/// How tokens are got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flow {
    /// By an admin's consent in the browser.
    #[default]
    Web,
    /// By the client alone, as the user it belongs to.
    ClientCredentials,
}

#[derive(Deserialize)]
struct ClientSecret {
    client_secret: String,
}

impl Settings {
    /// From a row.
    fn of(settings: &str) -> Result<Self, ConnectionError> {
        read(settings, SETTINGS)
    }

    /// Where the account is.
    fn url(&self) -> Result<Url, ConnectionError> {
        let typed = self.base_url.trim().trim_end_matches('/');
        let whole = match typed {
            name if !name.contains(['.', ':', '/']) => format!("https://{name}.zendesk.com"),
            host if !host.contains("://") => format!("https://{host}"),
            url => url.to_owned(),
        };
        let url = whole.parse::<Url>().ok().filter(|url| !typed.is_empty() && url.has_host());
        url.ok_or_else(|| {
            ConnectionError::invalid(
                "base_url",
                "must be an account's address, like https://acme.zendesk.com",
            )
        })
    }
}

/// A Zendesk account.
pub(in crate::features::connections) struct ZendeskKind;

#[async_trait]
impl KeptKind for ZendeskKind {
    fn reads(&self) -> &'static str {
        "`users`, `organizations` or `tickets`"
    }

    fn settings(&self, typed: &str, _: &str, of: &Connections) -> Result<String, ConnectionError> {
        let settings = Settings::of(typed)?;
        let url = settings.url()?;
        of.net
            .check(&url)
            .map_err(|refusal| ConnectionError::invalid("base_url", format!("cannot be used: {refusal}")))?;
        let settings = Settings {
            base_url: url.as_str().trim_end_matches('/').to_owned(),
            client_id: text("client_id", &settings.client_id, "deskside")?,
            flow: settings.flow,
        };
        Ok(serde_json::to_string(&settings).expect("texts are JSON"))
    }

    fn check_secret(&self, settings: &str, secret: &[u8]) -> Result<(), ConnectionError> {
        match Settings::of(settings)?.flow {
            Flow::Web => read_secret::<OauthSecret>(secret, SECRET).map(drop),
            Flow::ClientCredentials => read_secret::<ClientSecret>(secret, SECRET).map(drop),
        }
    }

    /// Gets a token, and asks whose it is.
    async fn test(&self, candidate: &Candidate<'_>) -> Result<Tested, ConnectionError> {
        let zendesk = client(candidate)?;
        let mut tested = Tested::default();
        match zendesk.current_token().await {
            Ok(token) => {
                tested.steps.push(Step::ok("token", format!("Zendesk grants {}", token.scopes.join(" "))));
            }
            Err(error) => tested.call_failed(candidate, "token", &error).await?,
        }
        if tested.ok() {
            let address = Settings::of(candidate.settings)?.url()?;
            match zendesk.me().await {
                Ok(me) => {
                    tested.steps.push(match me.role {
                        Role::Admin => Step::ok("user", format!("connected to {address} as an admin")),
                        _ => Step::failed(
                            "user",
                            format!(
                                "connected to {address} as a user who is not an admin; Zendesk lets only admins export users and \
                                 organizations, so no integration could run"
                            ),
                            "make that user an admin in Zendesk, or let an admin connect",
                        ),
                    });
                    let host = address.host_str().unwrap_or_default().to_owned();
                    tested.identity = Some(identity_of(host, me));
                }
                Err(error) => tested.call_failed(candidate, "user", &error).await?,
            }
        }
        Ok(tested)
    }

    fn source(&self, candidate: &Candidate<'_>) -> Result<Source, ConnectionError> {
        Ok(Source::Zendesk(client(candidate)?))
    }

    fn address(&self, settings: &Fields) -> String {
        settings.text("base_url").trim_start_matches("https://").trim_end_matches('/').to_owned()
    }

    fn place(&self, settings: &Fields, _: &Identity) -> String {
        settings.host().unwrap_or_default()
    }

    fn oauth(&self) -> Option<&dyn OauthKind> {
        Some(self)
    }
}

#[async_trait]
impl OauthKind for ZendeskKind {
    fn host_setting(&self) -> &'static str {
        "base_url"
    }

    fn vendor(&self, settings: &str, connections: &Connections) -> Result<ConsentVendor, ConnectionError> {
        let settings = Settings::of(settings)?;
        let url = settings.url()?;
        Ok(ConsentVendor {
            page: consent_page(&url),
            endpoint: token_endpoint(connections.exchange(ZENDESK.id), &url),
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
        let zendesk = client_with(connections, &settings, given(token).into())?;
        let host = settings.url()?.host_str().unwrap_or_default().to_owned();
        Ok(identity_of(host, zendesk.me().await?))
    }

    /// Ends tokens. Where the access token is over, the refresh token may not be: a renewed one ends both.
    async fn end(
        &self,
        settings: &str,
        connections: &Connections,
        tokens: &OauthSecret,
    ) -> Result<(), VendorTrouble> {
        let settings = Settings::of(settings)?;
        if let Some(token) = tokens.token() {
            let zendesk = client_with(connections, &settings, given(token).into())?;
            match zendesk.revoke_current_token().await {
                Err(error) if matches!(error.kind(), FailureKind::Token | FailureKind::NotFound) => {}
                ended => return Ok(ended?),
            }
        }
        let endpoint = token_endpoint(connections.exchange(ZENDESK.id), &settings.url()?);
        match endpoint.renewed(&tokens.grant(&settings.client_id)).await {
            Err(error) if error.is(FailureKind::Grant) => Ok(()),
            Err(error) => Err(error.into()),
            Ok(granted) => {
                let zendesk = client_with(connections, &settings, given(granted.token).into())?;
                Ok(zendesk.revoke_current_token().await?)
            }
        }
    }

    fn ends_by_hand(&self) -> &'static str {
        "delete the token in Zendesk's Admin Center, at Apps and integrations, APIs, OAuth clients"
    }
}

/// A client of the account. With consent's tokens it is one of the kept connection.
fn client(candidate: &Candidate<'_>) -> Result<ZendeskClient, ConnectionError> {
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
            let client_id = settings.client_id.clone();
            let scope = SCOPE.to_owned();
            ClientCredentials { client_id, client_secret: client_secret.into(), scope }.into()
        }
    };
    client_with(connections, &settings, tokens)
}

fn client_with(
    connections: &Connections,
    settings: &Settings,
    tokens: TokenSource,
) -> Result<ZendeskClient, ConnectionError> {
    let (http, net, clock) = (connections.http.clone(), connections.net.clone(), connections.clock().clone());
    let zendesk = ZendeskClient::new(http, settings.url()?, tokens, clock, Vec::new(), net);
    let budget = connections.budgets.zendesk(&connections.account, &zendesk.place());
    Ok(zendesk.within(&budget))
}

fn identity_of(host: String, me: User) -> Identity {
    Identity { organization_id: host.clone(), organization: host, user: me.email.unwrap_or(me.name) }
}
