//! Whose certificate is trusted, and what is said where one is not. Both databases trust the same: the public certificate
//! authorities, and those that the connection names.

use std::error::Error;
use std::iter::successors;
use std::sync::Arc;

use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};

use super::settings::{Settings, TlsMode};

/// What PostgreSQL's connections are made with.
pub(super) fn config(settings: &Settings) -> Result<ClientConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| format!("TLS cannot be set up: {error}"))?;
    if settings.tls == TlsMode::Require {
        let any = Arc::new(AnyCertificate(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(any).with_no_client_auth());
    }
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in own_authorities(settings)? {
        roots.add(certificate).map_err(|_| NO_AUTHORITY.to_owned())?;
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

const NO_AUTHORITY: &str =
    "`ca` of the connection is not a certificate; paste the authority's certificate in PEM form";

/// Those of `ca`.
pub(super) fn own_authorities(settings: &Settings) -> Result<Vec<CertificateDer<'static>>, String> {
    let Some(pem) = &settings.ca else { return Ok(Vec::new()) };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(NO_AUTHORITY.to_owned()),
    }
}

/// What is wrong with the certificate, where that is why a connection failed.
pub(super) fn refusal(error: &(dyn Error + 'static)) -> Option<&'static str> {
    use CertificateError as Cause;
    let found = successors(Some(error), |error| (*error).source()).find_map(of_tls)?;
    Some(match found {
        TlsError::InvalidCertificate(Cause::NotValidForName | Cause::NotValidForNameContext { .. }) => {
            "the server's certificate is for another name than `host`; correct `host`, or set `tls` to `require` to take any \
             certificate"
        }
        TlsError::InvalidCertificate(Cause::UnknownIssuer) => {
            "the server's certificate comes from an authority that is not known here; paste the authority's certificate into \
             `ca`, or set `tls` to `require` to take any certificate"
        }
        TlsError::InvalidCertificate(Cause::Expired | Cause::ExpiredContext { .. }) => {
            "the server's certificate has expired; its administrator must renew it"
        }
        TlsError::InvalidCertificate(_) => {
            "the server's certificate is not valid; its administrator must replace it, or set `tls` to `require` to take any \
             certificate"
        }
        _ => {
            "the server and Deskside found no common way to encrypt; its administrator must allow TLS 1.2 or 1.3"
        }
    })
}

/// An I/O error holds its cause, and does not name it as its source.
fn of_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a TlsError> {
    if let Some(found) = error.downcast_ref::<TlsError>() {
        return Some(found);
    }
    let inner = error.downcast_ref::<std::io::Error>()?.get_ref()?;
    inner.downcast_ref::<TlsError>()
}

/// Takes any certificate whose key the server holds.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
