//! What the agent sees, from the models' states. **Invariant:** a screen reads values and calls back; it fetches nothing.

pub mod archive;
pub mod card;
pub mod contract;
pub mod files;
pub mod pop;
pub mod tickets;
