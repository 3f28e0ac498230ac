//! The pages on which an admin makes and changes an integration, and sees how it went: a bundle of their own, which the console loads
//! when one of them is opened (ADR 5). **Invariant:** no browser and no server here; a page asks for them by an
//! [`Effect`](crate::console::Effect).

pub mod check;
pub mod draft;
pub mod model;
pub mod overview;
pub mod reading;
pub mod rows;
pub mod view;

pub use model::{EditorEvent, EditorPage};
