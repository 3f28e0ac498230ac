//! What comes back from a vendor's consent page: a code becomes tokens, and these are kept until the admin confirms. **Invariant:** tokens
//! that are not kept are ended.

use secrecy::ExposeSecret;
use wire::ErrorCode;

use super::{
    ConsentVendor, Detail, Hidden, Refusal, Returned, Shown, json, read_detail,
    refusal::{failed, missing, not_redeemed, refused},
    state_hash,
};
use crate::{
    causes::with_causes,
    connectors::{Code, Granted, Token, Vendor, Verifier},
    features::{
        connections::{ConnectionError, Connections, Kind, kinds, oauth_secret::OauthSecret},
        to_the_end,
    },
    store::{
        StoreError,
        authorizations::{self, AuthorizationRow, AuthorizationStatus as Status},
        connections::{self, Identity},
    },
};

impl Connections {
    /// A browser came back from a vendor: fetches the tokens, and keeps them until the admin confirms. An error in the error:
    /// the consent came to nothing, and this is why.
    pub async fn answered(&self, returned: Returned) -> Result<Result<Shown, Refusal>, ConnectionError> {
        let this = self.clone();
        to_the_end(async move { this.answer(returned).await }).await
    }

    async fn answer(&self, returned: Returned) -> Result<Result<Shown, Refusal>, ConnectionError> {
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        let taken = authorizations::take(&mut tx, &self.account, &state_hash(&returned.state), now).await?;
        let mut row = taken.ok_or(ConnectionError::NoConsent)?;
        tx.commit().await?;
        let mut detail = read_detail(&row)?;
        let mut hidden = self.read_hidden(&row)?;
        let kind = Kind::read(&row.kind).ok_or(StoreError::corrupt("a consent of an unknown kind"))?;
        let vendor = kinds::consent(kind, &detail.settings, self)?;
        let answer = match self.check_again(&detail).await? {
            Some(refusal) => Err(refusal),
            None => self.redeem(kind, &vendor, &detail, &hidden, returned).await,
        };
        let shown = match answer {
            Ok((identity, tokens)) => {
                row.status = Status::Granted;
                hidden.number = format!("{:06}", rand::random_range(0..1_000_000));
                hidden.tokens = Some(tokens);
                detail.identity = identity.clone();
                Ok(Shown { vendor: vendor.endpoint.vendor.name, identity, number: hidden.number.clone() })
            }
            Err(refusal) => {
                tracing::warn!(account = %self.account, kind = kind.as_str(), code = refusal.code.as_str(), "a consent came to nothing: {}", refusal.message);
                row.status = Status::Failed;
                detail.refusal = Some(refusal.clone());
                Err(refusal)
            }
        };
        row.detail = json(&detail);
        let settled = self.settle(&mut row, &hidden).await;
        // Given up meanwhile, or not kept: nobody has the tokens but us.
        if let (Err(_), Some(tokens)) = (&settled, &hidden.tokens) {
            self.end_tokens(kind, &detail.settings, tokens).await;
        }
        settled.map(|()| shown)
    }

    /// Why a connection cannot be connected again any more, if so.
    async fn check_again(&self, detail: &Detail) -> Result<Option<Refusal>, ConnectionError> {
        let Some(again) = &detail.again else { return Ok(None) };
        let row = connections::read(self.db(), &self.account, again).await?;
        let is_changed = !row.is_some_and(|row| detail.is_of(&row));
        Ok(is_changed.then(|| {
            failed(
                "the connection was changed or deleted meanwhile".to_owned(),
                "connect again from the console",
            )
        }))
    }

    async fn settle(&self, row: &mut AuthorizationRow, hidden: &Hidden) -> Result<(), ConnectionError> {
        match &hidden.tokens {
            Some(_) => row.seal(json(hidden).as_bytes(), &self.seals)?,
            None => row.forget_secret(),
        }
        let mut tx = self.db().begin().await?;
        if !authorizations::settle(&mut tx, row, Status::Answered).await? {
            return Err(ConnectionError::NoConsent);
        }
        Ok(tx.commit().await?)
    }

    async fn redeem(
        &self,
        kind: Kind,
        vendor: &ConsentVendor,
        detail: &Detail,
        hidden: &Hidden,
        returned: Returned,
    ) -> Result<(Identity, OauthSecret), Refusal> {
        let Vendor { name, .. } = vendor.endpoint.vendor;
        let code = match returned {
            Returned { error: Some(error), description, .. } => {
                return Err(refused(name, &error, description.as_deref().unwrap_or_default()));
            }
            Returned { code: Some(code), .. } => code,
            Returned { .. } => {
                let message = format!("{name} sent neither a code nor an error");
                return Err(failed(message, "connect again from the console"));
            }
        };
        let verifier = Verifier::kept(hidden.verifier.clone());
        let redeemed = vendor.endpoint.redeemed(Code {
            client_id: &vendor.client_id,
            client_secret: hidden.client_secret.as_deref(),
            redirect_uri: &self.callback_url,
            code: &code,
            verifier: &verifier,
        });
        let (Granted { token, refresh_token }, scope) =
            redeemed.await.map_err(|error| not_redeemed(name, &error))?;
        let tokens = OauthSecret {
            client_secret: hidden.client_secret.clone(),
            refresh_token: refresh_token
                .as_ref()
                .map(|token| token.expose_secret().to_owned())
                .unwrap_or_default(),
            access_token: Some(token.secret.expose_secret().to_owned()),
            renew_at_us: token.renew_at.timestamp_micros(),
            instance_url: token.instance_url.clone(),
        };
        match self.granted(kind, vendor, detail, (token, &tokens, scope.as_deref())).await {
            Ok(identity) => Ok((identity, tokens)),
            Err(refusal) => {
                self.end_tokens(kind, &detail.settings, &tokens).await;
                Err(refusal)
            }
        }
    }

    /// Whose access it is, where the vendor granted what was asked for.
    async fn granted(
        &self,
        kind: Kind,
        vendor: &ConsentVendor,
        detail: &Detail,
        (token, tokens, scope): (Token, &OauthSecret, Option<&str>),
    ) -> Result<Identity, Refusal> {
        let name = vendor.endpoint.vendor.name;
        let missing = missing(vendor.scope, scope);
        if !missing.is_empty() {
            return Err(Refusal {
                code: ErrorCode::AuthorizationScope,
                message: format!("{name} did not grant {missing}"),
                hint: "add these scopes to the OAuth client, and connect again".to_owned(),
            });
        }
        if tokens.refresh_token.is_empty() {
            let message = format!("{name} gave no refresh token, so access would end within hours");
            return Err(failed(message, "let the OAuth client have refresh tokens, and connect again"));
        }
        let vendor = kind.oauth().ok_or_else(|| failed(format!("{name} has no consent"), "connect again"))?;
        let identity = vendor.identity(&detail.settings, self, token).await.map_err(|error| {
            failed(format!("{name} did not say whose access it is: {}", with_causes(&error)), "connect again")
        })?;
        let before = &detail.identity.organization_id;
        if !before.is_empty() && *before != identity.organization_id {
            let message = format!("this is another organization ({}) than before", identity.organization);
            return Err(failed(message, "sign in to the former one, or add a new connection"));
        }
        Ok(identity)
    }
}
