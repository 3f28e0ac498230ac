//! What the screens know, as values. **Invariant:** no host, no browser, no clock: an event goes in, the next state and a
//! list of effects come out.

pub mod archive;
pub mod call;
pub mod card;
pub mod dates;
pub mod dial;
pub mod fault;
pub mod notes;
pub mod pop;
pub mod said;
pub mod seen;
pub mod session;
pub mod trace;

pub use fault::Fault;

/// A state machine on the screen.
pub trait Model: Default + 'static {
    /// What can happen to it.
    type Event: 'static;
    /// What it asks of the outside world.
    type Effect: 'static;

    /// The next state, and what is to be done.
    #[must_use]
    fn update(self, event: Self::Event) -> (Self, Vec<Self::Effect>);
}
