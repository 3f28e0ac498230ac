//! The server's API. **Invariant:** every call has a time-out, every refusal becomes a `Fault`; the bearer never leaves
//! this file and goes to no other origin.

mod body;
pub mod sse;

#[cfg(target_arch = "wasm32")]
mod calls;
#[cfg(target_arch = "wasm32")]
mod follow;
#[cfg(target_arch = "wasm32")]
mod listen;
#[cfg(target_arch = "wasm32")]
mod orders;

pub use body::{dial, dialed, ended, notes, pop, proof, reply, show, start, token};
#[cfg(target_arch = "wasm32")]
pub use calls::{Api, read};
#[cfg(target_arch = "wasm32")]
pub use follow::follow;
#[cfg(target_arch = "wasm32")]
pub use orders::orders;
