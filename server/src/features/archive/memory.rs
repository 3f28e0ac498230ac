//! How much of all files on their way is in memory at once, however many runs there are and however large a file is.
//! Who finds no room waits for it, in the order of coming. **Invariant:** whoever has room waits for nobody who wants some.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::settings::Parts;
use crate::connectors::objects::PARTS_AT_A_TIME;

/// So many of one file: they travel while the next is filled.
const OF_ONE_FILE: usize = PARTS_AT_A_TIME + 1;
/// So many parts of files there is room for: a large one's, and small files beside it.
const PARTS: usize = OF_ONE_FILE + 1;
/// What room is counted in, bytes.
const UNIT: usize = 1024;

/// Room for parts of files. Clones share it.
#[derive(Debug, Clone)]
pub struct Memory {
    room: Arc<Semaphore>,
    part_bytes: usize,
    in_parts_from: usize,
}

impl Memory {
    /// Room for a few parts of this size.
    pub fn for_parts_of(parts: Parts) -> Self {
        let room = Arc::new(Semaphore::new(PARTS * units(parts.bytes)));
        Self { room, part_bytes: parts.bytes, in_parts_from: parts.from_bytes }
    }

    /// How large a part is.
    pub const fn part_bytes(&self) -> usize {
        self.part_bytes
    }

    /// A file of so many bytes travels in parts; a smaller one is in memory as a whole, and written at once.
    pub const fn in_parts_from(&self) -> usize {
        self.in_parts_from
    }

    /// Room for as much of a file as is in memory at once, until the permit is dropped.
    pub async fn room_for(&self, size: u64) -> SemaphorePermit<'_> {
        let at_once = usize::try_from(size).ok().filter(|size| *size < self.in_parts_from);
        let wanted = at_once.map_or(OF_ONE_FILE * units(self.part_bytes), units);
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        self.room.acquire_many(wanted).await.expect("it is never closed")
    }
}

/// Even an empty file takes some.
const fn units(bytes: usize) -> usize {
    bytes / UNIT + 1
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn there_is_room_for_one_large_file_and_some_small_ones() {
        let memory = Memory::for_parts_of(Parts { bytes: 5 << 20, from_bytes: 10 << 20 });
        let large = memory.room_for(1 << 40).now_or_never();
        assert!(large.is_some(), "however large");
        assert!(memory.room_for(1 << 40).now_or_never().is_none(), "a second one waits");
        let small: Vec<_> = (0..4).map(|_| memory.room_for(1 << 20).now_or_never()).collect();
        assert!(small.iter().all(Option::is_some));
        drop(large);
        assert!(memory.room_for(20 << 20).now_or_never().is_some());
    }
}
