//! A folder as a store, as s3s-fs keeps it, but read in pieces that a disk is read in: s3s-fs reads four kilobytes at a
//! time and changes threads for each, which no store does and which both sides' figures would show.

use std::path::PathBuf;

use async_trait::async_trait;
use s3s::dto::{self, StreamingBlob};
use s3s::{S3, S3Request, S3Response, S3Result};
use s3s_fs::FileSystem;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::Outcome;

/// Bytes that are read at once.
const PIECE: usize = 256 * 1024;

pub(crate) struct Store {
    files: FileSystem,
    folder: PathBuf,
}

impl Store {
    /// Its folders are the buckets.
    pub(crate) fn new(folder: PathBuf) -> Outcome<Self> {
        let files = FileSystem::new(&folder).map_err(|cause| format!("{cause:?}"))?;
        Ok(Self { files, folder })
    }

    /// The whole object, where the whole was asked for; s3s-fs has found it by then, so its key leads nowhere else.
    async fn whole(&self, bucket: &str, key: &str) -> S3Result<StreamingBlob> {
        let path = self.folder.join(bucket).join(key);
        let file = File::open(path).await.map_err(|cause| s3s::s3_error!(cause, NoSuchKey))?;
        Ok(StreamingBlob::wrap(ReaderStream::with_capacity(file, PIECE)))
    }
}

macro_rules! store {
    ($($as_the_folder:ident: $input:ident => $output:ident),* $(,)?) => {
        #[async_trait]
        impl S3 for Store {
            $(async fn $as_the_folder(&self, request: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                self.files.$as_the_folder(request).await
            })*

            async fn get_object(
                &self,
                request: S3Request<dto::GetObjectInput>,
            ) -> S3Result<S3Response<dto::GetObjectOutput>> {
                let dto::GetObjectInput { bucket, key, range, .. } = &request.input;
                let whole = range.is_none().then(|| (bucket.clone(), key.clone()));
                let mut answer = self.files.get_object(request).await?;
                if let Some((bucket, key)) = whole {
                    answer.output.body = Some(self.whole(&bucket, &key).await?);
                }
                Ok(answer)
            }
        }
    };
}

store! {
    abort_multipart_upload: AbortMultipartUploadInput => AbortMultipartUploadOutput,
    complete_multipart_upload: CompleteMultipartUploadInput => CompleteMultipartUploadOutput,
    copy_object: CopyObjectInput => CopyObjectOutput,
    create_multipart_upload: CreateMultipartUploadInput => CreateMultipartUploadOutput,
    delete_object: DeleteObjectInput => DeleteObjectOutput,
    delete_objects: DeleteObjectsInput => DeleteObjectsOutput,
    head_object: HeadObjectInput => HeadObjectOutput,
    list_objects_v2: ListObjectsV2Input => ListObjectsV2Output,
    put_object: PutObjectInput => PutObjectOutput,
    upload_part: UploadPartInput => UploadPartOutput,
}
