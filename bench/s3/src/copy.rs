//! The plain copy: one download into one object, as fast as a streaming tool does it. A few parts of it travel at a time;
//! it hashes nothing, signs no payload and reads nothing back.

use std::time::Instant;

use clap::Args;
use futures::StreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStoreExt, WriteMultipart};

use super::{KEY, Outcome, SECRET};

#[derive(Args)]
pub(crate) struct Options {
    /// The download
    #[arg(long)]
    from: String,
    /// The store's address
    #[arg(long)]
    endpoint: String,
    #[arg(long)]
    bucket: String,
    #[arg(long)]
    key: String,
    /// How large a part is, in mebibytes
    #[arg(long, default_value_t = 8)]
    part_mb: usize,
    /// How many parts travel at a time
    #[arg(long, default_value_t = 4)]
    parts: usize,
}

/// Seconds from asking for the bytes until the store says that it has the object.
pub(crate) async fn run(options: Options) -> Outcome<f64> {
    let store = AmazonS3Builder::new()
        .with_endpoint(&options.endpoint)
        .with_bucket_name(&options.bucket)
        .with_region("us-east-1")
        .with_access_key_id(KEY)
        .with_secret_access_key(SECRET)
        .with_unsigned_payload(true)
        .with_client_options(ClientOptions::new().with_allow_http(true))
        .build()?;
    let key = Path::from(options.key);
    #[expect(clippy::disallowed_methods, reason = "a tool that somebody watches needs no time-outs")]
    let http = reqwest::Client::new();
    let since = Instant::now();
    let answer = http.get(&options.from).send().await?.error_for_status()?;
    let announced = answer.content_length();
    let upload = store.put_multipart(&key).await?;
    let mut upload = WriteMultipart::new_with_chunk_size(upload, options.part_mb << 20);
    let mut stream = answer.bytes_stream();
    while let Some(chunk) = stream.next().await {
        upload.wait_for_capacity(options.parts).await?;
        upload.put(chunk?);
    }
    upload.finish().await?;
    let seconds = since.elapsed().as_secs_f64();
    let stored = store.head(&key).await?.size;
    if announced.is_some_and(|announced| announced != stored) {
        return Err(format!("the store has {stored} bytes in place of {announced:?}").into());
    }
    Ok(seconds)
}
