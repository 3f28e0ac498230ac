//! An object that is written in parts. **Invariant:** whatever becomes of it, nothing is left that nobody sees and everybody
//! pays for, as far as a living process can see to that.

use bytes::Bytes;
use object_store::{MultipartUpload, PutPayload};
use tokio::task::JoinSet;

use super::ObjectsError;

/// So many parts of one object are on their way while the next is made: a store checks and writes one while another
/// travels.
pub const PARTS_AT_A_TIME: usize = 3;

/// An object that is being written. Dropped before it is finished, it gives its parts back.
#[derive(Debug)]
pub struct Upload {
    /// Absent once they are an object, or given back.
    parts: Option<Box<dyn MultipartUpload>>,
    /// Each is a task of its own: it hashes and travels while the caller goes on. Dropped with the upload.
    going: JoinSet<object_store::Result<()>>,
}

impl Upload {
    /// Begun, without any part.
    pub(super) fn new(parts: Box<dyn MultipartUpload>) -> Self {
        Self { parts: Some(parts), going: JoinSet::new() }
    }

    /// Sends the next part on its way, as soon as there is room for it; all but the last must be of one size and at least
    /// 5 MiB. Says also what went wrong with an earlier one.
    pub async fn part(&mut self, body: Vec<Bytes>) -> Result<(), ObjectsError> {
        self.until_less_than(PARTS_AT_A_TIME).await?;
        if let Some(parts) = &mut self.parts {
            self.going.spawn(parts.put_part(PutPayload::from_iter(body)));
        }
        Ok(())
    }

    async fn until_less_than(&mut self, parts: usize) -> Result<(), ObjectsError> {
        while self.going.len() >= parts {
            match self.going.join_next().await {
                None => return Ok(()),
                Some(Ok(written)) => written.map_err(|error| lost("write part", error))?,
                Some(Err(stopped)) => std::panic::resume_unwind(stopped.into_panic()),
            }
        }
        Ok(())
    }

    /// Makes the object visible, durably.
    pub async fn finish(mut self) -> Result<(), ObjectsError> {
        self.until_less_than(1).await?;
        let Some(parts) = &mut self.parts else { return Ok(()) };
        parts.complete().await.map_err(|error| lost("finish upload", error))?;
        self.parts = None;
        Ok(())
    }

    /// Gives the parts back.
    pub async fn abort(mut self) {
        self.going.shutdown().await;
        if let Some(parts) = self.parts.take() {
            give_back(parts).await;
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let (Some(parts), Ok(runtime)) = (self.parts.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(give_back(parts));
        }
    }
}

/// A failure is not worth more than a line: stores expire unfinished uploads.
async fn give_back(mut parts: Box<dyn MultipartUpload>) {
    match parts.abort().await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
        Err(error) => {
            tracing::warn!(%error, "an unfinished upload could not be aborted; the store will expire it");
        }
    }
}

/// An upload that the store no longer knows: it was finished and the answer got lost, or it expired. Another one helps.
fn lost(call: &'static str, error: object_store::Error) -> ObjectsError {
    match ObjectsError::of(call, error) {
        ObjectsError::NotFound { call, source } => ObjectsError::Unavailable { call, source },
        error => error,
    }
}
