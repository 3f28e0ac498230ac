//! Where the archive is and how to get in: the settings of section `archive` that are about its store.

use std::{path::Path, time::Duration};

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::address::local_folder;
use crate::setting::{self, Problems, Sources};

/// The largest object that S3 copies, bytes. Source: Amazon S3, `CopyObject`.
pub const S3_COPIES: u64 = 5 * 1024 * 1024 * 1024;

/// Where the archive is, and how to get in.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    #[serde(rename = "store", deserialize_with = "address")]
    pub(crate) address: String,
    #[serde(deserialize_with = "setting::optional_url")]
    pub(crate) s3_endpoint: Option<Url>,
    pub(crate) s3_region: Option<String>,
    /// Absent: the environment's credentials (instance role, web identity, `AWS_*`).
    pub(crate) s3_access_key_id: Option<SecretString>,
    pub(crate) s3_secret_access_key: Option<SecretString>,
    pub(crate) s3_allow_http: bool,
    pub(crate) s3_kms_key_id: Option<String>,
    pub(crate) s3_bucket_key: bool,
    #[serde(rename = "store_timeout_s", deserialize_with = "setting::seconds::<1, 3_600, _>")]
    pub(crate) timeout: Duration,
}

impl Settings {
    /// Whether it is a bucket of S3, or of what is compatible.
    pub fn is_s3(&self) -> bool {
        self.address.starts_with("s3://")
    }

    /// Makes a relative path of a folder a whole one.
    pub fn locate(&mut self, sources: &Sources, problems: &mut Problems) {
        let is_url = self.address.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("file:"));
        let path = local_folder(&self.address).filter(|path| !is_url && path.is_relative());
        let whole = path.map(|path| sources.whole_path("archive.store", &path, problems));
        if let Some(whole) = whole.as_deref().and_then(Path::to_str) {
            whole.clone_into(&mut self.address);
        }
    }

    /// What is needed together, and what travels unencrypted.
    pub fn validate(&self, problems: &mut Problems) {
        let has_secret = self.s3_secret_access_key.is_some();
        if self.s3_access_key_id.is_some() && !has_secret {
            problems.missing("archive.s3_secret_access_key", "the secret of `archive.s3_access_key_id`");
        }
        if self.s3_access_key_id.is_none() && has_secret {
            let purpose = "the key that `archive.s3_secret_access_key` belongs to";
            problems.missing("archive.s3_access_key_id", purpose);
        }
        if self.s3_bucket_key && self.s3_kms_key_id.is_none() {
            problems.missing("archive.s3_kms_key_id", "the key that `archive.s3_bucket_key` is about");
        }
        let is_plain = self.s3_endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http");
        if is_plain && !self.s3_allow_http {
            let must = "must begin with https://, unless archive.s3_allow_http is true";
            problems.refuse("archive.s3_endpoint", must);
        }
    }
}

/// A folder, or `s3://bucket/prefix`, `gs://…`, `az://…`.
fn address<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    setting::text(from, "must be a folder, or begin with s3://, gs://, az:// or file:///", |text| {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let is_known = scheme.is_none_or(|scheme| ["s3", "gs", "az", "file"].contains(&scheme.as_str()));
        is_known.then(|| text.to_owned())
    })
}

#[cfg(test)]
impl Default for Settings {
    fn default() -> Self {
        setting::defaults("archive")
    }
}
