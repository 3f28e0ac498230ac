//! The bytes of attachments: kept as sent, or made on the way out, so that a gigabyte costs no memory.
//! **Invariant:** the same file has the same bytes, always.

mod made;

use bytes::Bytes;
use futures::{Stream, stream};

pub(crate) use made::Kind;

const CHUNK: u64 = 64 * 1024;

/// A file's content.
#[derive(Debug, Clone)]
pub(crate) enum File {
    /// As somebody uploaded it.
    Sent(Bytes),
    /// A believable beginning, then filler that follows from the seed.
    Made { head: Bytes, size: u64, seed: u64 },
}

impl File {
    /// Nothing.
    pub(crate) const fn empty() -> Self {
        Self::Sent(Bytes::new())
    }

    /// A file of a kind. `size` is what is wanted; a kind that needs more takes more.
    pub(crate) fn make(kind: Kind, size: u64, seed: u64) -> Self {
        if size == 0 {
            return Self::empty();
        }
        let head = kind.head(seed, size);
        let size = size.max(head.len() as u64);
        Self::Made { head, size, seed }
    }

    /// How many bytes.
    pub(crate) const fn size(&self) -> u64 {
        match self {
            Self::Sent(bytes) => bytes.len() as u64,
            Self::Made { size, .. } => *size,
        }
    }

    /// Width and height, of the images that say so at their beginning.
    pub(crate) fn dimensions(&self) -> Option<(u32, u32)> {
        let head = match self {
            Self::Sent(bytes) => bytes,
            Self::Made { head, .. } => head,
        };
        made::dimensions(head)
    }

    /// The bytes from `start` up to `end`.
    pub(crate) fn stream(self, start: u64, end: u64) -> impl Stream<Item = Bytes> + Send + 'static {
        stream::unfold(start, move |at| {
            let upto = (at / CHUNK + 1) * CHUNK;
            let next = (at < end).then(|| (self.part(at, upto.min(end)), upto.min(end)));
            async move { next }
        })
    }

    /// All of it. Only for small files.
    pub(crate) fn bytes(&self) -> Bytes {
        match self {
            Self::Sent(bytes) => bytes.clone(),
            Self::Made { .. } => {
                let mut all = Vec::new();
                let mut at = 0;
                while at < self.size() {
                    let upto = (at + CHUNK).min(self.size());
                    all.extend_from_slice(&self.part(at, upto));
                    at = upto;
                }
                all.into()
            }
        }
    }

    /// Bytes `start..end`, which lie in one chunk.
    fn part(&self, start: u64, end: u64) -> Bytes {
        match self {
            Self::Sent(bytes) => bytes.slice(index(start)..index(end)),
            Self::Made { head, seed, .. } => {
                let block = filler(seed ^ (start / CHUNK));
                let from = index(start % CHUNK);
                let mut part = block[from..from + index(end - start)].to_vec();
                let known = (head.len() as u64).saturating_sub(start).min(end - start);
                if known > 0 {
                    let at = index(start);
                    part[..index(known)].copy_from_slice(&head[at..at + index(known)]);
                }
                part.into()
            }
        }
    }
}

fn index(position: u64) -> usize {
    usize::try_from(position).expect("a file held in memory is indexed by usize")
}

/// One chunk of xorshift noise.
fn filler(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut block = Vec::with_capacity(index(CHUNK));
    while block.len() < index(CHUNK) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        block.extend_from_slice(&state.to_le_bytes());
    }
    block
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;

    #[tokio::test]
    async fn a_file_is_the_same_however_it_is_read() {
        for (kind, size) in
            [(Kind::Pdf, 200_000), (Kind::Jpeg, 3_783), (Kind::Csv, 70_000), (Kind::Mp4, 65_536)]
        {
            let file = File::make(kind, size, 7);
            let whole = file.bytes();
            assert_eq!(whole.len() as u64, file.size(), "{kind:?}");
            let streamed: Vec<u8> = file.clone().stream(0, file.size()).collect::<Vec<_>>().await.concat();
            assert_eq!(whole, streamed, "{kind:?}");
            let tail: Vec<u8> = file.clone().stream(1_001, file.size()).collect::<Vec<_>>().await.concat();
            assert_eq!(whole[1_001..], tail, "{kind:?}");
        }
    }

    #[test]
    fn kinds_begin_as_their_formats_do() {
        let check = |kind: Kind, magic: &[u8]| {
            let bytes = File::make(kind, 50_000, 3).bytes();
            assert!(bytes.starts_with(magic), "{kind:?}");
        };
        check(Kind::Pdf, b"%PDF-1.4");
        check(Kind::Jpeg, &[0xFF, 0xD8, 0xFF]);
        check(Kind::Png, b"\x89PNG\r\n\x1a\n");
        check(Kind::Docx, b"PK\x03\x04");
        check(Kind::Tiff, b"II*\0");
        check(Kind::Mp4, b"\0\0\0\x18ftypmp42");
        check(Kind::Gif, b"GIF89a");
    }
}
