//! One file from Zendesk into the archive, streaming: at most a few parts are in memory, whatever its size. The SHA-256
//! is taken on the way; a file that is not as long as Zendesk announced is not stored.

use bytes::Bytes;
use futures::StreamExt;
use object_store::PutPayload;
use sha2::{Digest, Sha256};

use super::{kinds, memory::Memory};
use crate::{
    connectors::{
        objects::{Objects, ObjectsError, Put},
        zendesk::{Attachment, Download, ZendeskError},
    },
    features::stored_names::{Place, extension, label},
};

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Under which key.
    pub object_key: String,
    /// Of the bytes that came from Zendesk, in hex.
    pub sha256: String,
    /// How many they were.
    pub size: u64,
    /// What they are the beginning of, where they tell.
    pub sniffed: Option<String>,
}

/// Why a file was not stored.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The download broke off or brought too much; another try may bring it whole.
    #[error("Zendesk sent {got} bytes of a file that has {announced}")]
    Incomplete {
        /// Bytes that came.
        got: u64,
        /// Bytes that Zendesk's list says.
        announced: u64,
    },
    /// See the connector's error.
    #[error(transparent)]
    Zendesk(#[from] ZendeskError),
    /// See the connector's error.
    #[error(transparent)]
    Objects(#[from] ObjectsError),
}

/// Who hears how far a file is.
pub trait Progress: Send {
    /// So many bytes are on their way into the archive, or there.
    fn reached(&mut self, bytes: u64) -> impl Future<Output = ()> + Send;
}

/// How much of a file's start tells what it is.
const SNIFFED: usize = 8 * 1024;

/// Stores a download at its place. `progress` hears, part by part, how many bytes are in.
pub async fn store(
    download: Download,
    attachment: &Attachment,
    place: &Place<'_>,
    objects: &Objects,
    memory: &Memory,
    progress: &mut impl Progress,
) -> Result<Stored, TransferError> {
    let announced = attachment.size;
    let part_bytes = memory.part_bytes();
    let in_parts = announced >= memory.in_parts_from() as u64;
    let mut stream = download.stream;
    let mut hash = Sha256::new();
    let mut head = Vec::new();
    let mut size = 0;
    let mut part = Part::default();
    let mut upload = None;
    while let Some(chunk) = stream.next().await {
        let mut chunk = chunk?;
        size += chunk.len() as u64;
        if size > announced {
            break; // more than announced: no need to read the rest
        }
        hash.update(&chunk);
        head.extend(chunk.iter().take(SNIFFED.saturating_sub(head.len())));
        // Parts are cut to one size, whatever the chunks are; some stores insist.
        while in_parts && part.bytes + chunk.len() >= part_bytes {
            part.push(chunk.split_to(part_bytes - part.bytes));
            let upload = match &mut upload {
                Some(upload) => upload,
                none => {
                    let about = label(place, attachment, kinds::sniff(&head), None);
                    none.insert(objects.upload(&place.incoming(), &about).await?)
                }
            };
            upload.part(part.take()).await?;
            progress.reached(size - chunk.len() as u64).await;
        }
        part.push(chunk);
    }
    if size != announced {
        if let Some(upload) = upload {
            upload.abort().await;
        }
        return Err(TransferError::Incomplete { got: size, announced });
    }
    let sha256 = hex::encode(hash.finalize());
    let sniffed = kinds::sniff(&head);
    let object_key = place.key(&sha256, extension(&attachment.file_name, &head).as_deref());
    let about = label(place, attachment, sniffed, Some(&sha256));
    match upload {
        // Small enough for one write, under its final name at once.
        None => {
            let body = PutPayload::from_iter(part.take());
            let put = objects.put_labelled(&object_key, body.clone(), &about).await?;
            // A name says which bytes belong there. Others are a copy that was damaged.
            if put == Put::Existed && !objects.holds(&object_key, (size, &sha256)).await? {
                objects.replace_labelled(&object_key, body, &about).await?;
            }
        }
        Some(mut upload) => {
            if part.bytes > 0 {
                upload.part(part.take()).await?;
            }
            upload.finish().await?;
            objects.rename_new(&place.incoming(), &object_key, (size, &sha256)).await?;
        }
    }
    objects.write_sidecar(&object_key, &about).await?;
    progress.reached(size).await;
    Ok(Stored { object_key, sha256, size, sniffed: sniffed.map(ToOwned::to_owned) })
}

/// The bytes of the next part, uncopied.
#[derive(Default)]
struct Part {
    chunks: Vec<Bytes>,
    bytes: usize,
}

impl Part {
    fn push(&mut self, chunk: Bytes) {
        self.bytes += chunk.len();
        if !chunk.is_empty() {
            self.chunks.push(chunk);
        }
    }

    fn take(&mut self) -> Vec<Bytes> {
        self.bytes = 0;
        std::mem::take(&mut self.chunks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{connectors::objects::Settings, features::archive::Parts};

    fn download(chunks: &[&'static [u8]]) -> Download {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk))).collect();
        Download { content_length: None, content_type: None, stream: futures::stream::iter(chunks).boxed() }
    }

    #[derive(Default)]
    struct Steps(Vec<u64>);

    impl Progress for Steps {
        async fn reached(&mut self, bytes: u64) {
            self.0.push(bytes);
        }
    }

    async fn check(chunks: &[&'static [u8]], announced: u64, expected: Result<&str, &str>) {
        let dir = tempfile::tempdir().expect("a folder");
        let settings =
            Settings { address: dir.path().to_str().expect("UTF-8").to_owned(), ..Settings::default() };
        let objects = Objects::open(&settings).expect("opens");
        let place = Place {
            account: "acme",
            ticket_id: 42,
            comment_id: 420,
            attachment_id: 9,
            author_id: None,
            quarantine: false,
            deleted_copies: 0,
            written: "2026-03-07T00:00:00Z".parse().expect("a time"),
        };
        let mut steps = Steps::default();
        let attachment = serde_json::json!({"id": 9, "file_name": "note.txt", "size": announced});
        let attachment = serde_json::from_value(attachment).expect("an attachment");
        let memory = Memory::for_parts_of(Parts { bytes: 4, from_bytes: 4 });
        let stored = store(download(chunks), &attachment, &place, &objects, &memory, &mut steps).await;
        let Steps(steps) = steps;
        let whole = chunks.concat();
        match (stored, expected) {
            (Ok(stored), Ok(key)) => {
                assert_eq!(stored.object_key, key);
                assert_eq!(stored.sha256, hex::encode(Sha256::digest(&whole)));
                assert_eq!(objects.read_back(key).await.expect("reads"), (stored.size, stored.sha256));
                assert!(steps.is_sorted() && steps.last() == Some(&announced), "{steps:?}");
            }
            (Err(error), Err(message)) => {
                assert_eq!(error.to_string(), message);
                assert_eq!(files_under(dir.path()), 0, "nothing half-written is left");
            }
            (stored, _) => panic!("{stored:?}, expected {expected:?}"),
        }
    }

    fn files_under(dir: &std::path::Path) -> usize {
        let entries = std::fs::read_dir(dir).expect("a folder").flatten();
        entries.map(|entry| if entry.path().is_dir() { files_under(&entry.path()) } else { 1 }).sum()
    }

    #[tokio::test]
    async fn a_file_of_any_size_arrives_whole_under_a_name_made_of_its_bytes() {
        let key = "v1/acme/2026/03/42/420/9-";
        check(&[], 0, Ok(&format!("{key}e3b0c44298fc.txt"))).await;
        check(&[b"abc"], 3, Ok(&format!("{key}ba7816bf8f01.txt"))).await;
        check(&[b"a", b"", b"bc"], 3, Ok(&format!("{key}ba7816bf8f01.txt"))).await;
        check(&[b"abcd"], 4, Ok(&format!("{key}88d4266fd4e6.txt"))).await;
        check(&[b"abcdefgh", b"ij"], 10, Ok(&format!("{key}72399361da6a.txt"))).await;
    }

    #[tokio::test]
    async fn a_file_that_is_not_as_long_as_announced_is_not_stored() {
        check(&[b"abc"], 4, Err("Zendesk sent 3 bytes of a file that has 4")).await;
        check(&[b"abcdefghij"], 4, Err("Zendesk sent 10 bytes of a file that has 4")).await;
        check(&[b"abcdefgh"], 9, Err("Zendesk sent 8 bytes of a file that has 9")).await;
    }
}
