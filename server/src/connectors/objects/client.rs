//! One method per call we make of the archive's store.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures::TryStreamExt;
use object_store::{
    Attributes, ClientOptions, CopyMode, CopyOptions, ObjectStore, ObjectStoreExt, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, RetryConfig,
    aws::{AmazonS3Builder, Checksum},
    azure::MicrosoftAzureBuilder,
    gcp::GoogleCloudStorageBuilder,
    local::LocalFileSystem,
    path::Path,
    prefix::PrefixStore,
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::{About, ObjectsError, Settings, Upload, address::Address, staying::Staying};

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// Written, durably.
    Written,
    /// There was an object of that name already; it is untouched.
    Existed,
}

/// The archive's store.
#[derive(Debug, Clone)]
pub struct Objects {
    pub(super) store: Arc<dyn ObjectStore>,
    address: String,
    /// Where it is one.
    folder: Option<PathBuf>,
}

impl Objects {
    /// Opens the store; a local folder is made if it is missing. No network.
    pub fn open(settings: &Settings) -> Result<Self, ObjectsError> {
        let address = settings.address.trim().to_owned();
        let bad = |why: String| ObjectsError::Address { address: settings.address.clone(), why };
        let mut in_folder = None;
        let store: Arc<dyn ObjectStore> = match Address::read(&address).map_err(bad)? {
            Address::Folder(path) => {
                let store = Arc::new(folder(&path).map_err(bad)?);
                in_folder = Some(path);
                store
            }
            Address::Bucket { scheme, bucket, prefix } => {
                let store = cloud(scheme, bucket, settings).map_err(|error| bad(error.to_string()))?;
                if prefix.is_empty() { store } else { Arc::new(PrefixStore::new(store, prefix)) }
            }
        };
        Ok(Self { store, address, folder: in_folder })
    }

    /// The store's address, for the operator.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The store's name for everybody: a folder's path is the operator's business.
    pub fn name(&self) -> &str {
        if self.folder.is_some() { "the archive folder of this server" } else { &self.address }
    }

    /// Writes a whole object, unless one of that name exists.
    pub async fn put_new(&self, key: &str, body: PutPayload) -> Result<Put, ObjectsError> {
        self.put(key, body, Attributes::new(), PutMode::Create).await
    }

    /// The same, with what the store keeps beside it. A folder's [`Objects::write_sidecar`] comes afterwards.
    pub async fn put_labelled(
        &self,
        key: &str,
        body: PutPayload,
        about: &About,
    ) -> Result<Put, ObjectsError> {
        self.put(key, body, self.attributes(about), PutMode::Create).await
    }

    /// The same over a wrong object of that name: a copy that was damaged.
    pub async fn replace_labelled(
        &self,
        key: &str,
        body: PutPayload,
        about: &About,
    ) -> Result<(), ObjectsError> {
        self.put(key, body, self.attributes(about), PutMode::Overwrite).await.map(drop)
    }

    /// In a folder, writes what is to be known of an object into a file beside it, unless there is one. Elsewhere it is
    /// with the object already.
    pub async fn write_sidecar(&self, key: &str, about: &About) -> Result<(), ObjectsError> {
        if self.folder.is_none() {
            return Ok(());
        }
        self.put_new(&sidecar(key), about.sidecar().into()).await.map(drop)
    }

    /// A folder refuses to write an object that has any.
    fn attributes(&self, about: &About) -> Attributes {
        if self.folder.is_some() { Attributes::new() } else { about.attributes() }
    }

    async fn put(
        &self,
        key: &str,
        body: PutPayload,
        attributes: Attributes,
        mode: PutMode,
    ) -> Result<Put, ObjectsError> {
        self.sweep(key).await;
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        match self.store.put_opts(&path(key), body, options).await {
            Ok(_) => Ok(Put::Written),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                Ok(Put::Existed)
            }
            Err(error) => Err(ObjectsError::of("put", error)),
        }
    }

    /// Starts an object that is written in parts. Nothing is visible under `key` before [`Upload::finish`].
    pub async fn upload(&self, key: &str, about: &About) -> Result<Upload, ObjectsError> {
        self.sweep(key).await;
        let attributes = self.attributes(about);
        let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
        let parts = self.store.put_multipart_opts(&path(key), options).await;
        let parts = parts.map_err(|error| ObjectsError::of("start upload", error))?;
        Ok(Upload::new(parts))
    }

    /// A process that was killed leaves `key#1` in a folder, whatever it had of it, and nobody else would take it away.
    async fn sweep(&self, key: &str) {
        let Some(folder) = self.folder.clone() else { return };
        let name = path(key).to_string();
        let staged = move || {
            let mut numbers = 1..;
            while numbers
                .next()
                .is_some_and(|n: u32| std::fs::remove_file(folder.join(format!("{name}#{n}"))).is_ok())
            {
            }
        };
        let _ = tokio::task::spawn_blocking(staged).await; // a folder that cannot be written says so in a moment
    }

    /// Gives an object its final name, unless an object of that name holds the same bytes already (their number, and their
    /// SHA-256 in hex); what is kept beside it goes along.
    pub async fn rename_new(&self, from: &str, to: &str, bytes: (u64, &str)) -> Result<Put, ObjectsError> {
        let holds_them = self.exists(&path(to)).await? && self.holds(to, bytes).await?;
        let (from, to) = (path(from), path(to));
        if holds_them {
            self.forget(&from).await?;
            return Ok(Put::Existed);
        }
        let copied =
            self.store.copy_opts(&from, &to, CopyOptions::new().with_mode(CopyMode::Overwrite)).await;
        copied.map_err(|error| ObjectsError::of("copy", error))?;
        self.forget(&from).await?;
        Ok(Put::Written)
    }

    /// Deletes a first name, if the store lets us: an archive may well forbid deletion, and the copy is whole without.
    async fn forget(&self, from: &Path) -> Result<(), ObjectsError> {
        match self.delete(from).await {
            Err(error) if error.is_refusal() => {
                tracing::warn!(object = %from, %error, "the store keeps what a large file was written to first; let it expire");
                Ok(())
            }
            outcome => outcome,
        }
    }

    async fn exists(&self, path: &Path) -> Result<bool, ObjectsError> {
        match self.store.head(path).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(ObjectsError::of("head", error)),
        }
    }

    async fn delete(&self, path: &Path) -> Result<(), ObjectsError> {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ObjectsError::of("delete", error)),
        }
    }

    /// Deletes an object and what is kept beside it; one that is not there is deleted already.
    pub async fn delete_copy(&self, key: &str) -> Result<(), ObjectsError> {
        self.delete(&path(key)).await?;
        if self.folder.is_some() {
            self.delete(&path(&sidecar(key))).await?;
        }
        Ok(())
    }

    /// Reads an object back: its size in bytes and the SHA-256 of what was read, in hex.
    pub async fn read_back(&self, key: &str) -> Result<(u64, String), ObjectsError> {
        let object = self.store.get(&path(key)).await.map_err(|error| ObjectsError::of("get", error))?;
        let mut stream = object.into_stream();
        let (mut size, mut hash) = (0, Sha256::new());
        while let Some(chunk) = stream.try_next().await.map_err(|error| ObjectsError::of("get", error))? {
            size += chunk.len() as u64;
            hash.update(&chunk);
        }
        Ok((size, hex::encode(hash.finalize())))
    }

    /// Whether an object holds these bytes, by their number and their SHA-256 in hex.
    pub async fn holds(&self, key: &str, (size, sha256): (u64, &str)) -> Result<bool, ObjectsError> {
        match self.read_back(key).await {
            Ok((read, hash)) => Ok(read == size && hash == sha256),
            Err(ObjectsError::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes, reads back and deletes a small object: what `deskside check` does. An archive may well refuse to delete it;
    /// that is in the answer.
    pub async fn probe(&self, name: &str) -> Result<Result<(), ObjectsError>, ObjectsError> {
        self.put_new(name, PutPayload::from_static(b"deskside check")).await?;
        self.read_back(name).await?;
        match self.delete(&path(name)).await {
            Err(error) if error.is_refusal() => Ok(Err(error)),
            outcome => outcome.map(Ok),
        }
    }
}

/// Our keys are made of letters, digits, `-`, `_`, `.` and `/` only.
fn path(key: &str) -> Path {
    Path::from(key)
}

/// Where a folder keeps what is to be known of an object.
fn sidecar(key: &str) -> String {
    format!("{key}.meta.json")
}

fn folder(folder: &std::path::Path) -> Result<LocalFileSystem, String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("the folder cannot be made: {error}"))?;
    let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| error.to_string())?;
    Ok(store.with_fsync(true))
}

fn cloud(
    scheme: &str,
    bucket: &str,
    settings: &Settings,
) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
    // The queue retries for hours; in one attempt a store gets a few seconds.
    let retry =
        RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
    let client = ClientOptions::new().with_timeout(settings.timeout).with_allow_http(settings.s3_allow_http);
    let staying = Staying { timeout: settings.timeout, allow_http: settings.s3_allow_http };
    Ok(match scheme {
        "s3" => {
            let mut builder = AmazonS3Builder::from_env()
                .with_bucket_name(bucket)
                .with_checksum_algorithm(Checksum::SHA256)
                .with_client_options(client)
                .with_http_connector(staying)
                .with_retry(retry);
            if let Some(endpoint) = &settings.s3_endpoint {
                builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
            }
            if let Some(region) = &settings.s3_region {
                builder = builder.with_region(region);
            }
            if let (Some(id), Some(secret)) = (&settings.s3_access_key_id, &settings.s3_secret_access_key) {
                builder = builder
                    .with_access_key_id(id.expose_secret())
                    .with_secret_access_key(secret.expose_secret());
            }
            if let Some(key) = &settings.s3_kms_key_id {
                builder = builder.with_sse_kms_encryption(key).with_bucket_key(settings.s3_bucket_key);
            }
            Arc::new(builder.build()?)
        }
        "gs" => Arc::new(
            GoogleCloudStorageBuilder::from_env()
                .with_bucket_name(bucket)
                .with_client_options(client)
                .with_http_connector(staying)
                .with_retry(retry)
                .build()?,
        ),
        _ => Arc::new(
            MicrosoftAzureBuilder::from_env()
                .with_container_name(bucket)
                .with_client_options(client)
                .with_http_connector(staying)
                .with_retry(retry)
                .build()?,
        ),
    })
}

#[cfg(test)]
mod tests;
