//! Reading an object for somebody else: any part of it, as a stream. **Invariant:** never more than a few kilobytes of it
//! are in memory, and no single call to the store lasts as long as a slow reader does.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, path::Path};

use super::{Objects, ObjectsError};

/// What one call to the store asks for: a whole large object would outlast the call's time limit.
const WINDOW: u64 = 8 * 1024 * 1024;

impl Objects {
    /// How many bytes an object has.
    pub async fn size(&self, key: &str) -> Result<u64, ObjectsError> {
        let head = self.store.head(&Path::from(key)).await;
        head.map(|head| head.size).map_err(|error| ObjectsError::of("head", error))
    }

    /// A part of an object, in order. What is wrong at the beginning is said before there is a stream.
    pub async fn read(
        &self,
        key: &str,
        part: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, ObjectsError>>, ObjectsError> {
        let mut reader = Reader { store: Arc::clone(&self.store), path: Path::from(key), left: part };
        let Some(first) = reader.window().await? else { return Ok(stream::empty().boxed()) };
        let rest = stream::try_unfold((first, reader), async |(mut window, mut reader)| {
            loop {
                let next: Option<Bytes> = window.try_next().await?;
                if let Some(bytes) = next {
                    return Ok(Some((bytes, (window, reader))));
                }
                match reader.window().await? {
                    Some(next) => window = next,
                    None => return Ok(None),
                }
            }
        });
        Ok(rest.boxed())
    }
}

struct Reader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    left: Range<u64>,
}

type Window = BoxStream<'static, Result<Bytes, ObjectsError>>;

impl Reader {
    /// The next few megabytes; `None` at the end.
    async fn window(&mut self) -> Result<Option<Window>, ObjectsError> {
        if self.left.is_empty() {
            return Ok(None);
        }
        let window = self.left.start..self.left.end.min(self.left.start.saturating_add(WINDOW));
        self.left.start = window.end;
        let options = GetOptions { range: Some(GetRange::Bounded(window)), ..GetOptions::default() };
        let got = self.store.get_opts(&self.path, options).await;
        let got = got.map_err(|error| ObjectsError::of("get", error))?;
        Ok(Some(got.into_stream().map_err(|error| ObjectsError::of("get", error)).boxed()))
    }
}

#[cfg(test)]
mod tests {
    use object_store::PutPayload;

    use super::*;
    use crate::connectors::objects::Settings;

    #[tokio::test]
    async fn any_part_of_an_object_is_read_also_across_windows() {
        let dir = tempfile::tempdir().expect("a folder");
        let settings = Settings {
            address: dir.path().to_str().expect("a path in UTF-8").to_owned(),
            ..Settings::default()
        };
        let objects = Objects::open(&settings).expect("a folder opens");
        let all: Vec<u8> = (0..2 * WINDOW + 7).map(|number| (number % 251) as u8).collect();
        objects.put_new("v1/a", PutPayload::from(all.clone())).await.expect("writes");
        let size = objects.size("v1/a").await.expect("is there");
        assert_eq!(size, all.len() as u64);
        for part in [0..size, 0..1, size - 1..size, WINDOW - 1..WINDOW + 1, WINDOW..2 * WINDOW, 5..5] {
            let read = objects.read("v1/a", part.clone()).await.expect("opens");
            let read: Vec<Bytes> = read.try_collect().await.expect("reads");
            let (from, to) = (usize::try_from(part.start), usize::try_from(part.end));
            assert!(read.concat() == all[from.expect("small")..to.expect("small")], "{part:?}");
        }
        for gone in [objects.size("v1/b").await.map(drop), objects.read("v1/b", 0..1).await.map(drop)] {
            assert!(matches!(gone, Err(ObjectsError::NotFound { .. })), "{gone:?}");
        }
    }
}
