//! An archived file is served only with its SHA-256 checked. A file that is not large is read once before its first byte is sent;
//! every whole file is hashed again on its way, and where the hash differs its last bytes are never sent. **Invariant:** memory does
//! not grow with the file.

use bytes::Bytes;
use futures::{StreamExt, stream, stream::BoxStream};
use sha2::{Digest, Sha256};

use crate::connectors::objects::ObjectsError;

/// Larger files are checked on their way only: reading them first would make people wait, and networks pay twice.
pub(super) const READ_FIRST: u64 = 64 * 1024 * 1024;

/// Why a file's bytes end early.
#[derive(Debug, thiserror::Error)]
pub enum BytesError {
    /// Operator: the store is damaged, or somebody wrote to it.
    #[error("the archived copy has changed since it was archived")]
    Mismatch,
    /// See the connector's error.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
}

/// A file's bytes.
pub type FileBytes = BoxStream<'static, Result<Bytes, BytesError>>;

/// A part of a file, as it is.
pub(super) fn unchecked(bytes: BoxStream<'static, Result<Bytes, ObjectsError>>) -> FileBytes {
    bytes.map(|chunk| chunk.map_err(BytesError::from)).boxed()
}

/// A whole file: its last chunk is sent when all of it had this hash, otherwise it ends with an error, and `on_mismatch` is told.
pub(super) fn checked(
    bytes: BoxStream<'static, Result<Bytes, ObjectsError>>,
    sha256: String,
    on_mismatch: impl Future<Output = ()> + Send + 'static,
) -> FileBytes {
    let state = Some((bytes, Sha256::new(), None::<Bytes>, sha256, on_mismatch));
    stream::unfold(state, async |state| {
        let (mut bytes, mut hash, mut held, sha256, on_mismatch) = state?;
        loop {
            match bytes.next().await {
                Some(Ok(chunk)) if chunk.is_empty() => {}
                Some(Ok(chunk)) => {
                    hash.update(&chunk);
                    if let Some(ready) = held.replace(chunk) {
                        return Some((Ok(ready), Some((bytes, hash, held, sha256, on_mismatch))));
                    }
                }
                Some(Err(error)) => return Some((Err(error.into()), None)),
                None if hex::encode(hash.finalize()) == sha256 => return held.map(|last| (Ok(last), None)),
                None => {
                    on_mismatch.await;
                    return Some((Err(BytesError::Mismatch), None));
                }
            }
        }
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(chunks: &[&'static [u8]], of: &[u8], expected: Result<&[u8], &[u8]>) {
        let bytes = stream::iter(chunks.to_vec()).map(|chunk| Ok(Bytes::from_static(chunk))).boxed();
        let sent: Vec<_> = checked(bytes, hex::encode(Sha256::digest(of)), async {}).collect().await;
        let whole = sent.iter().all(Result::is_ok);
        let sent: Vec<u8> = sent.into_iter().flatten().flatten().collect();
        assert_eq!(if whole { Ok(&*sent) } else { Err(&*sent) }, expected, "{chunks:?}");
    }

    #[tokio::test]
    async fn the_last_bytes_of_a_file_with_another_hash_are_not_sent() {
        check(&[b"ab", b"", b"cd"], b"abcd", Ok(b"abcd")).await;
        check(&[], b"", Ok(b"")).await;
        check(&[b"ab", b"cX"], b"abcd", Err(b"ab")).await;
        check(&[b"abcX"], b"abcd", Err(b"")).await;
        check(&[b"ab"], b"abcd", Err(b"")).await;
        check(&[], b"abcd", Err(b"")).await;
    }
}
